"""Training a batch of networks by a discrete optimizer, with a status of its own for each network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from quadrics.errors import DimensionError, NonFiniteError

from .batch import Batch
from .boost_descent import BoostDescent
from .field import Field, FieldFunction
from .fixed_steps import FixedSteps, has_fixed_steps
from .flow.lie import with_field
from .gradient import Gradient, LossFunction
from .optimizers import Optimizer, State
from .recorder import Recorder
from .status import Status

__all__ = ["RunResult", "train"]

BLOCK_BYTES = 2**22
"""Input weights of the networks that take all their steps before the next ones do, on a CPU: they stay in its cache."""


@dataclass(frozen=True, eq=False)
class RunResult:
    """What training gives back: final networks, and how each of them ended.

    Attributes:
        batch: the final networks, in the order they came in; every parameter is finite.
        loss: (n,) their loss on all the data.
        status: (n,) int8 of ``Status``.
        steps: (n,) how many steps each took.
        recorder: the recorder that was passed, filled.
    """

    batch: Batch
    loss: Tensor
    status: Tensor
    steps: Tensor
    recorder: Recorder | None


def train(
    batch: Batch,
    objective: LossFunction,
    optimizer: Optimizer | BoostDescent,
    steps: int,
    recorder: Recorder | None = None,
    *,
    minibatch: int | None = None,
    generator: torch.Generator | None = None,
    tolerance: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> RunResult:
    """Train every network of the batch; the batch that comes in is left as it is.

    A network whose gradient (or, at a recorded step and at the end, whose loss) is NaN or infinite stops there and
    keeps the state of the step before (``NON_FINITE``); one whose gradient norm falls to ``tolerance`` stops too
    (``CONVERGED``). The others go on without them as if they had never been there (up to the rounding of matrix
    products of another size). A squared gradient norm beyond the largest float counts as infinite.

    Args:
        objective: the loss, shared by all networks.
        optimizer: ``GradientDescent``, ``Adam``, ``BoostDescent``, or anything with ``start`` and ``step``.
        steps: how many steps to take.
        recorder: keeps values at the steps it wants, step 0 and the last among them.
        minibatch: size of the random parts of the data (each epoch a permutation cut in order, the last part may be
            smaller; the same for all networks); None for all the data at each step.
        generator: where the permutations come from; needed with ``minibatch``.
        tolerance: gradient norm (Euclidean, over all parameters of a network) to stop at; all the data only.
        progress: called now and then with how many networks × steps are done and of how many.

    Raises:
        DimensionError: negative steps, a minibatch that is no part of the data, or one without a generator.
        NonFiniteError: a tolerance that is no finite number, or one with minibatches.
        ShapeError, SymmetryError: boosts, but an objective without a field, or a smooth activation.

    >>> from .objective import Objective
    >>> from .optimizers import GradientDescent
    >>> data = Objective(torch.tensor([[1.0]]), torch.tensor([6.0]))
    >>> start = Batch(torch.full((2, 1, 1), 2.0), torch.tensor([[[2.0]], [[-2.0]]]))
    >>> result = train(start, data, GradientDescent(0.05), steps=200, tolerance=1e-5)
    >>> [Status(code).name for code in result.status.tolist()]
    ['CONVERGED', 'CONVERGED']

    With balanced weights the sign of ``a`` cannot change: the second network is stuck at zero.

    >>> result.loss.round()
    tensor([ 0., 36.])
    """
    if steps < 0:
        raise DimensionError(f"steps: got {steps}; expected at least 0")
    if tolerance is not None and not (tolerance >= 0 and minibatch is None):
        raise NonFiniteError(
            f"tolerance: got {tolerance} with minibatch {minibatch}; expected a number of at least 0, without minibatch"
        )
    parts = _Parts(objective, minibatch, generator)
    if recorder is not None:
        recorder.start(batch, steps)
    run = _Run(batch, objective, parts, steps, recorder, tolerance)
    every = max(1, steps // 200)
    whole = minibatch is None and tolerance is None and _is_accelerator(batch.device)
    if whole and not isinstance(optimizer, BoostDescent) and has_fixed_steps(optimizer, recorder):
        run.replay(optimizer, every, progress)
        return run.result()
    state = optimizer.start(batch)
    everything, size = torch.arange(batch.n, device=batch.device), _block_size(batch)
    blocks = [everything[first : first + size] for first in range(0, batch.n, size)]
    for i, rows in enumerate(blocks):

        def report(done: int, before: int = i * size, at: int = rows.numel()) -> None:
            if progress is not None and done % every == 0:
                progress(before * steps + at * done, batch.n * steps)

        run.block(rows, optimizer, state.select(rows), report)
    if progress is not None:
        progress(batch.n * steps, batch.n * steps)
    return run.result()


class _Run:
    """What all blocks of a run share, and the loop over the steps of one block."""

    def __init__(
        self,
        batch: Batch,
        objective: LossFunction,
        parts: _Parts,
        steps: int,
        recorder: Recorder | None,
        tolerance: float | None,
    ) -> None:
        self.batch, self.objective, self.parts, self.steps = batch, objective, parts, steps
        self.recorder, self.tolerance = recorder, tolerance
        self.final = batch.clone()
        self.status = torch.full((batch.n,), Status.STEP_LIMIT, dtype=torch.int8, device=batch.device)
        self.taken = torch.full((batch.n,), steps, dtype=torch.int64, device=batch.device)

    def block(
        self, rows: Tensor, optimizer: Optimizer | BoostDescent, state: State, report: Callable[[int], None]
    ) -> None:
        """Train the networks ``rows`` from first step to last."""
        parts = self.parts.begin()
        work = previous = self.batch.select(rows)
        for t in range(self.steps + 1):
            last = t == self.steps
            wanted = self.recorder is not None and self.recorder.wants(t)
            part = self.objective if last else next(parts)
            both = last or (wanted and part is self.objective)
            found, gradient, field = _slopes(part, work, both, isinstance(optimizer, BoostDescent))
            if found is not None:
                loss = found
            else:
                loss = self.objective.loss(work) if wanted else gradient.W1.new_zeros(rows.shape)
            size = gradient.squared_norm()
            bad = ~torch.isfinite(loss + size)
            done = torch.zeros_like(bad) if self.tolerance is None else (size <= self.tolerance**2) & ~bad
            if bool((bad | done).any()):
                self._stop(rows[bad], Status.NON_FINITE, max(t - 1, 0), previous, bad)
                self._stop(rows[done], Status.CONVERGED, t, work, done)
                self._settle(t, rows, done, work, gradient)
                on = (~(bad | done)).nonzero()[:, 0]
                rows = rows[on]
                if rows.numel() == 0:
                    return
                work, previous, state = work.select(on), previous.select(on), state.select(on)
                loss, gradient = loss[on], gradient.select(on)
                field = None if field is None else field.select(on)
            if self.recorder is not None and wanted:
                self.recorder.record(t, rows, work, loss, gradient)
            if not last:
                previous = work
                if isinstance(optimizer, BoostDescent):
                    assert field is not None
                    work, state = optimizer.step(work, field, state)
                else:
                    work, state = optimizer.step(work, gradient, state)
                if self.recorder is not None:
                    self.recorder.after_step(rows, previous, work, gradient)
                report(t + 1)
        self._stop(rows, Status.STEP_LIMIT, self.steps, work, torch.ones_like(rows, dtype=torch.bool))

    def replay(self, optimizer: Optimizer, every: int, progress: Callable[[int, int], None] | None) -> None:
        """Train all networks at once by steps that an accelerator repeats on its own."""
        loop = FixedSteps(self.batch, self.objective, optimizer, self.recorder)
        done = 0
        for t in range(self.steps + 1):
            wanted = self.recorder is not None and self.recorder.wants(t)
            if wanted or t == self.steps or (progress is not None and t % every == 0):
                loop.advance(t - done)
                done = t
            if wanted or t == self.steps:
                loss, gradient = loop.examine()
                if self.recorder is not None and wanted:
                    rows = loop.alive.nonzero()[:, 0]
                    self.recorder.record(t, rows, loop.current.select(rows), loss[rows], gradient.select(rows))
            if progress is not None and done == t:
                loop.wait()
                progress(self.batch.n * t, self.batch.n * self.steps)
        self.final = loop.settled()
        self.status.masked_fill_(~loop.alive, int(Status.NON_FINITE))
        self.taken = torch.where(loop.alive, self.steps, (loop.finite - 1).clamp(min=0))

    def result(self) -> RunResult:
        """Return what has become of the networks."""
        return RunResult(self.final, self.objective.loss(self.final), self.status, self.taken, self.recorder)

    def _stop(self, rows: Tensor, status: Status, taken: int, source: Batch, which: Tensor) -> None:
        self.status[rows], self.taken[rows] = int(status), taken
        for kept, now in zip(self.final.parameters, source.parameters, strict=True):
            kept[rows] = now[which]

    def _settle(self, t: int, rows: Tensor, done: Tensor, work: Batch, gradient: Gradient) -> None:
        if self.recorder is not None and bool(done.any()):
            ended = done.nonzero()[:, 0]
            batch = work.select(ended)
            loss = self.objective.loss(batch)
            self.recorder.settle(t, rows[ended], batch, loss, gradient.select(ended))


def _slopes(
    part: LossFunction, batch: Batch, with_loss: bool, by_field: bool
) -> tuple[Tensor | None, Gradient, Field | None]:
    """Return the loss where it is wanted, the gradient, and the field that it was computed from where one is wanted."""
    if by_field:
        pull = with_field(cast(FieldFunction, part))
        loss, field = pull.loss_and_field(batch) if with_loss else (None, pull.field(batch))
        return loss, field.gradient(batch), field
    loss, gradient = part.loss_and_gradient(batch) if with_loss else (None, part.gradient(batch))
    return loss, gradient, None


def _is_accelerator(device: torch.device) -> bool:
    return device.type != "cpu"


def _block_size(batch: Batch) -> int:
    if _is_accelerator(batch.device):
        return batch.n
    return max(1, BLOCK_BYTES // (batch.W1[0].numel() * batch.W1.element_size()))


class _Parts:
    """What each step descends on: all the data, or the next part of a random permutation, the same for each block."""

    def __init__(self, objective: LossFunction, minibatch: int | None, generator: torch.Generator | None) -> None:
        n = objective.n_samples
        if minibatch is not None and not 1 <= minibatch <= n:
            raise DimensionError(f"minibatch: got {minibatch}; expected a size from 1 to {n} samples")
        if minibatch is not None and generator is None:
            raise DimensionError("generator: got none; expected a torch.Generator to draw the minibatches with")
        self.objective, self.minibatch, self.generator = objective, minibatch, generator
        self.start = None if generator is None else generator.get_state()

    def begin(self) -> Iterator[LossFunction]:
        """Return the parts from the first step on."""
        if self.minibatch is None or self.generator is None or self.start is None:
            while True:
                yield self.objective
        self.generator.set_state(self.start)
        n = self.objective.n_samples
        while True:
            order = torch.randperm(n, generator=self.generator, device=self.generator.device)
            for first in range(0, n, self.minibatch):
                yield self.objective.subset(order[first : first + self.minibatch])
