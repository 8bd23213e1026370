"""What is kept of a run: values of every network at chosen steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from quadrics.errors import DimensionError, ResultsError

from .batch import Batch
from .objective import Gradient

__all__ = ["Recorder"]

SNAPSHOTS = ("loss", "imbalance", "signs", "parameters")
RUNNING = ("flips", "squared_gradients", "largest_force")
NEURON = ("imbalance", "signs", "largest_force")

Extra = Callable[[Batch, Gradient], Tensor]


class Recorder:
    """Keeps chosen values of every network at chosen steps of its training.

    Snapshots at step t: ``loss`` (n,), ``imbalance`` (n, l), ``signs`` (n, l) int8, ``parameters`` (n, p).
    Over the steps before t: ``flips`` (n,), how many output weights changed sign, added up; ``squared_gradients``
    (n,), the sum of ``|grad L|^2``; ``largest_force`` (n, l), the largest ``|v_k|`` where
    ``grad w_k = a_k v_k`` (one output, real neurons with ``a_k`` not 0).

    A network that converged keeps its last values to the end; one that became non-finite has NaN (0 for integers)
    from then on.

    Args:
        every: keep steps 0, every, 2 every, ... and the last one.
        steps: keep these steps (instead of ``every``).
        keep: names of the values; by default loss, imbalance and signs.
        extra: more snapshots: name to function of the batch and its gradient, returning a tensor (n, ...).

    Raises:
        DimensionError: steps that are negative or not there.
        ResultsError: an unknown name; reading before the run.

    >>> Recorder(keep=["weather"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    quadrics.errors.ResultsError: keep: got 'weather'; expected names out of loss, imbalance, signs, parameters, ...
    """

    def __init__(
        self,
        every: int | None = None,
        steps: Iterable[int] | None = None,
        keep: Iterable[str] = ("loss", "imbalance", "signs"),
        extra: Mapping[str, Extra] | None = None,
    ) -> None:
        if (every is None) == (steps is None) and every is not None:
            raise DimensionError("recorder: got both every and steps; expected one of them")
        if every is not None and every < 1:
            raise DimensionError(f"every: got {every}; expected at least 1")
        self.every = every if every is not None or steps is not None else 1
        self.at = None if steps is None else sorted(set(steps))
        if self.at is not None and (not self.at or self.at[0] < 0):
            raise DimensionError(f"steps: got {self.at}; expected at least one step, none negative")
        self.keep = tuple(dict.fromkeys(keep))
        for name in self.keep:
            if name not in SNAPSHOTS + RUNNING:
                known = ", ".join(SNAPSHOTS + RUNNING)
                raise ResultsError(f"keep: got {name!r}; expected names out of {known}")
        self.extra = dict(extra or {})
        self._values: dict[str, Tensor] = {}
        self._slots: dict[int, int] = {}

    # -- called by a run -----------------------------------------------------------------------------------------
    def start(self, batch: Batch, steps: int) -> None:
        """Make room for a run of so many steps."""
        if self.at is not None:
            chosen = [t for t in self.at if t <= steps]
        else:
            assert self.every is not None
            chosen = sorted({*range(0, steps + 1, self.every), steps})
        self._slots = {t: i for i, t in enumerate(chosen)}
        self._values = {}
        self._n = batch.n
        self._running: dict[str, Tensor] = {}
        for name in self.keep:
            if name == "flips":
                self._running[name] = torch.zeros(batch.n, dtype=torch.int64, device=batch.device)
            elif name == "squared_gradients":
                self._running[name] = batch.W1.new_zeros(batch.n)
            elif name == "largest_force":
                self._running[name] = batch.W1.new_zeros(batch.n, batch.width)
        if "signs" in self.keep or "flips" in self.keep:
            batch.signs()  # refuses several outputs now rather than in the middle of the run

    def wants(self, t: int) -> bool:
        """Whether step t is one to keep."""
        return t in self._slots

    def record(self, t: int, rows: Tensor, batch: Batch, loss: Tensor, gradient: Gradient) -> None:
        """Keep the values of the networks ``rows`` (k,), which are those of ``batch``, at step t."""
        self._write(slice(self._slots[t], self._slots[t] + 1), rows, batch, loss, gradient)

    def settle(self, t: int, rows: Tensor, batch: Batch, loss: Tensor, gradient: Gradient) -> None:
        """Keep these values for step t and all later ones: the networks are done."""
        later = [slot for step, slot in self._slots.items() if step >= t]
        if later:
            self._write(slice(later[0], None), rows, batch, loss, gradient)

    @property
    def is_capturable(self) -> bool:
        """Whether ``after_step`` is the same operations at each step and needs none of their results on the processor.

        A class with an ``after_step`` of its own that is so says so by overriding this.
        """
        return type(self).after_step is Recorder.after_step

    def after_step(self, rows: Tensor, before: Batch, after: Batch, gradient: Gradient) -> None:
        """Add a step to what runs over all steps."""
        if "flips" in self._running:
            changed = (before.W2.sign() != after.W2.sign()).sum((1, 2))
            self._running["flips"][rows] += changed
        if "squared_gradients" in self._running:
            self._running["squared_gradients"][rows] += gradient.squared_norm()
        if "largest_force" in self._running:
            largest = self._running["largest_force"]
            largest[rows] = torch.maximum(largest[rows], _force(before, gradient))

    def _write(self, slots: slice, rows: Tensor, batch: Batch, loss: Tensor, gradient: Gradient) -> None:
        for name in self.keep:
            if name in self._running:
                self._put(name, slots, rows, self._running[name][rows])
            elif name == "loss":
                self._put(name, slots, rows, loss)
            elif name == "imbalance":
                self._put(name, slots, rows, batch.imbalance())
            elif name == "signs":
                self._put(name, slots, rows, batch.signs())
            else:
                self._put(name, slots, rows, batch.flatten())
        for name, function in self.extra.items():
            self._put(name, slots, rows, function(batch, gradient))

    def _put(self, name: str, slots: slice, rows: Tensor, value: Tensor) -> None:
        store = self._values.get(name)
        if store is None:
            shape = (len(self._slots), self._n, *value.shape[1:])
            filler = float("nan") if value.is_floating_point() else 0
            store = self._values[name] = torch.full(shape, filler, dtype=value.dtype, device=value.device)
        store[slots, rows] = value

    # -- read afterwards -----------------------------------------------------------------------------------------
    @property
    def steps(self) -> list[int]:
        """The steps that were kept."""
        return list(self._slots)

    def __getitem__(self, name: str) -> Tensor:
        """Return the values called ``name``, (steps kept, n, ...)."""
        if name not in self._values:
            known = ", ".join(self._values) or "nothing yet: train with this recorder first"
            raise ResultsError(f"recorder: got {name!r}; it holds {known}")
        return self._values[name]

    def to_dataset(self) -> xr.Dataset:
        """Return everything as a labelled data set with the dimensions step, network, neuron, ..."""
        variables = {}
        for name, value in self._values.items():
            dims = ["step", "network"]
            if name in NEURON:
                dims.append("neuron")
            elif name == "parameters":
                dims.append("parameter")
            dims += [f"{name}_{i}" for i in range(len(dims), value.ndim)]
            variables[name] = (dims, value.cpu().numpy())
        return xr.Dataset(variables, coords={"step": np.array(self.steps, dtype=np.int64)})


def _force(batch: Batch, gradient: Gradient) -> Tensor:
    """Return (n, l): ``|v_k| = |grad w_k| / |a_k|``, bias included; 0 where ``a_k`` is 0."""
    square = gradient.W1.square().sum(2)
    if gradient.b1 is not None:
        square = square + gradient.b1.square()
    size = batch.W2.square().sum(1)
    return torch.where(size > 0, square / size, torch.zeros_like(size)).sqrt()
