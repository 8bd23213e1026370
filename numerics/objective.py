"""The loss and its gradient for a whole batch of networks that share their data.

All hidden units of all networks meet the data in one matrix product ``Z = W1 x^T``. With ``r`` the derivative of the
loss by the output, one product back gives ``v_k = sum_n r_n sigma'(z_kn) x_n``, and with it both gradients when there
is one output: ``grad w_k = a_k v_k`` and, by Euler's identity ``z sigma'(z) = degree sigma(z)``,
``grad a_k = <w_k, v_k> / degree``. Biases are weights of a constant input.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, Protocol, Self

import torch
from torch import Tensor

from quadrics.errors import DimensionError, NonFiniteError, ShapeError

from .activation import Sigma, sigma_of
from .batch import Batch
from .device import pick_device
from .losses import LossName, prepare_targets, summed_loss, summed_loss_derivative, weight_per_sample

__all__ = ["Gradient", "LossFunction", "Objective"]

CACHE_BYTES = 1_200_000
"""Size of the hidden layer of one tile on a CPU: it should stay in the cache between its three passes."""
DEVICE_BYTES = 256 * 2**20
"""The same on an accelerator, where only memory limits it."""
MOST_SAMPLES = 1024
"""Samples of one tile on a CPU, at most."""


class Gradient(NamedTuple):
    """The derivative of each network's loss by its own parameters, in the shapes of ``Batch``."""

    W1: Tensor
    W2: Tensor
    b1: Tensor | None = None
    b2: Tensor | None = None

    @property
    def parameters(self) -> tuple[Tensor, ...]:
        """The tensors that are there, in the order W1, W2, b1, b2."""
        return tuple(t for t in self if t is not None)

    def squared_norm(self) -> Tensor:
        """Return (n,): the squared Euclidean norm over all parameters of each network."""
        return torch.stack([t.flatten(1).square().sum(1) for t in self.parameters]).sum(0)

    def select(self, index: Tensor) -> Gradient:
        """Return the gradients of the networks at ``index``."""
        return Gradient(*(None if t is None else t[index] for t in self))  # type: ignore[arg-type]

    def flatten(self) -> Tensor:
        """Return (n, p): one row for each network, in the order of ``Batch.flatten``."""
        return torch.cat([t.flatten(1) for t in self.parameters], 1)


class LossFunction(Protocol):
    """What training and flows need: anything with these methods can stand in for ``Objective``."""

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        ...

    def loss(self, batch: Batch) -> Tensor:
        """Return (n,): the loss of each network."""
        ...

    def loss_and_gradient(self, batch: Batch) -> tuple[Tensor, Gradient]:
        """Return the losses (n,) and their gradients."""
        ...

    def subset(self, index: Tensor) -> Self:
        """Return the same objective on the samples at ``index``."""
        ...


class _Tile(NamedTuple):
    """Some samples: x (rows, columns) with a constant column for the biases, padded by zeros; y (e, rows)."""

    x: Tensor
    y: Tensor
    valid: int


class Objective:
    r"""The mean loss over a data set, and its exact gradient, for every network of a batch at once.

    Normalisation: the mean over samples of the sum over outputs; ``mse`` is ``(1/N) sum_n |f(x_n) - y_n|^2``, without
    a factor 1/2; ``bce`` takes logits and targets in [0, 1]; ``ce`` takes logits and class numbers.

    Args:
        x: (N, d) inputs.
        y: (N,) or (N, e) targets; for ``ce`` (N,) integer class numbers.
        loss: ``"mse"``, ``"bce"`` or ``"ce"``.
        classes: number of classes for ``ce``; by default one more than the largest label.
        tile_units, tile_samples: hidden units and samples that are worked on at a time; by default what keeps the
            hidden layer in the processor's cache (or in the accelerator's memory). They change rounding only.

    Raises:
        ShapeError: shapes or types that do not fit; from its methods, a batch that does not fit the data.
        NonFiniteError: NaN or infinity in the data.

    >>> x = torch.tensor([[1.0], [2.0]])
    >>> batch = Batch(W1=torch.ones(1, 1, 1), W2=torch.full((1, 1, 1), 3.0))
    >>> loss, gradient = Objective(x, torch.zeros(2)).loss_and_gradient(batch)
    >>> loss, gradient.W1, gradient.W2
    (tensor([22.5000]), tensor([[[45.]]]), tensor([[[15.]]]))

    The activation's derivative at zero is the left one, so a dead ReLU neuron gets no gradient:

    >>> Objective(-x, torch.ones(2)).gradient(batch).W1
    tensor([[[0.]]])
    """

    def __init__(
        self,
        x: Tensor,
        y: Tensor,
        loss: LossName = "mse",
        *,
        classes: int | None = None,
        tile_units: int | None = None,
        tile_samples: int | None = None,
    ) -> None:
        if loss not in ("mse", "bce", "ce"):
            raise ShapeError(f"loss: got {loss!r}; expected 'mse', 'bce' or 'ce'")
        if x.ndim != 2 or 0 in x.shape or not x.is_floating_point():
            raise ShapeError(f"x: got shape {tuple(x.shape)} of {x.dtype}; expected (N, d) floating point")
        if not bool(torch.isfinite(x).all()):
            raise NonFiniteError("x: got NaN or infinity; expected finite inputs")
        for name, size in (("tile_units", tile_units), ("tile_samples", tile_samples)):
            if size is not None and size < 1:
                raise DimensionError(f"{name}: got {size}; expected at least 1")
        self.loss_name: LossName = loss
        self.tile_units = tile_units
        self.tile_samples = tile_samples
        self._start(x, prepare_targets(y, loss, x, classes))

    def _start(self, x: Tensor, targets: Tensor) -> None:
        self.x = x
        self.targets = targets
        self._tiles = _tiles(x, targets, self._samples())

    def _like(self, x: Tensor, targets: Tensor) -> Self:
        other = object.__new__(type(self))
        other.loss_name, other.tile_units, other.tile_samples = (
            self.loss_name,
            self.tile_units,
            self.tile_samples,
        )
        other._start(x, targets)
        return other

    # -- the data ------------------------------------------------------------------------------------------------
    @property
    def n_samples(self) -> int:
        """Number of samples N."""
        return self.x.shape[0]

    @property
    def d_in(self) -> int:
        """Input dimension d."""
        return self.x.shape[1]

    @property
    def d_out(self) -> int:
        """Output dimension e."""
        return self.targets.shape[1]

    def subset(self, index: Tensor) -> Self:
        """Return the objective on the samples at ``index`` (their mean, not a share of the whole mean)."""
        index = index.to(self.x.device)
        return self._like(self.x[index], self.targets[index])

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> Self:
        """Return the objective with its data on another device, in another floating-point type, or both."""
        place = self.x.device if device is None else pick_device(device)
        kind = self.x.dtype if dtype is None else dtype
        return self._like(self.x.to(place, kind), self.targets.to(place, kind))

    # -- values ----------------------------------------------------------------------------------------------------
    def loss(self, batch: Batch) -> Tensor:
        """Return (n,): the loss of each network; NaN or infinity where a network's is, its neighbours untouched."""
        self._check(batch)
        return self._run(batch, want_gradient=False)[0]

    def gradient(self, batch: Batch) -> Gradient:
        """Return the gradient of each network's loss by its own parameters; exactly zero at padding."""
        return self.loss_and_gradient(batch)[1]

    def loss_and_gradient(self, batch: Batch) -> tuple[Tensor, Gradient]:
        """Return the losses (n,) and their gradients, from one pass over the data."""
        self._check(batch)
        loss, gradient = self._run(batch, want_gradient=True)
        assert gradient is not None
        return loss, gradient

    # -- inside ----------------------------------------------------------------------------------------------------
    def _check(self, batch: Batch) -> None:
        if (batch.d_in, batch.d_out) != (self.d_in, self.d_out):
            raise ShapeError(
                f"batch: got networks from {batch.d_in} to {batch.d_out} dimensions; "
                f"expected {self.d_in} to {self.d_out}, as the data have"
            )
        if batch.dtype != self.x.dtype or batch.device != self.x.device:
            raise ShapeError(
                f"batch: got {batch.dtype} on {batch.device}; expected {self.x.dtype} on {self.x.device}, "
                "as the data have (use .to)"
            )

    def _samples(self) -> int:
        if self.tile_samples is not None:
            return min(self.tile_samples, self.n_samples)
        if self.x.device.type != "cpu":
            return self.n_samples
        pieces = -(-self.n_samples // MOST_SAMPLES)
        return -(-self.n_samples // pieces)

    def _units(self) -> int:
        if self.tile_units is not None:
            return self.tile_units
        budget = CACHE_BYTES if self.x.device.type == "cpu" else DEVICE_BYTES
        return max(1, budget // (self.x.element_size() * self._tiles[0].x.shape[0]))

    def _run(self, batch: Batch, want_gradient: bool) -> tuple[Tensor, Gradient | None]:
        loss = batch.W1.new_empty(batch.n)
        gradient = None
        if want_gradient:
            gradient = Gradient(
                torch.zeros_like(batch.W1),
                torch.zeros_like(batch.W2),
                None if batch.b1 is None else torch.zeros_like(batch.b1),
                None if batch.b2 is None else torch.empty_like(batch.b2),
            )
        sigma = sigma_of(batch.activation)
        with torch.no_grad():
            for start, stop, width in _blocks(batch.extents, self._units()):
                self._run_block(batch, sigma, slice(start, stop), width, loss, gradient)
        return loss, gradient

    def _run_block(
        self, batch: Batch, sigma: Sigma, nets: slice, width: int, loss: Tensor, gradient: Gradient | None
    ) -> None:
        W2 = batch.W2[nets, :, :width]
        m, e, d = W2.shape[0], W2.shape[1], batch.d_in
        columns = self._tiles[0].x.shape[1]
        weights = batch.W1.new_zeros(m, width, columns)
        weights[..., :d] = batch.W1[nets, :width]
        if batch.b1 is not None:
            weights[..., d] = batch.b1[nets, :width]
        rows = weights.view(m * width, columns)
        # A rectifier runs as sigma/alpha, in place; alpha goes into the output weights and back out at the end.
        alpha = sigma.alpha if sigma.is_rectifier else 1.0
        out_weights = (W2 * alpha).contiguous()
        total = batch.W1.new_zeros(m)
        v = torch.zeros_like(rows) if gradient is not None else None
        grad_W2 = torch.zeros_like(out_weights)
        grad_b2 = batch.W1.new_zeros(m, e)
        for tile in self._tiles:
            z = rows @ tile.x.t()
            h = (sigma.rectify_(z) if sigma.is_rectifier else sigma(z)).view(m, width, -1)
            f = torch.bmm(out_weights, h)
            if batch.b2 is not None:
                f += batch.b2[nets, :, None]
            total += summed_loss(f[..., : tile.valid], tile.y[:, : tile.valid], self.loss_name)
            if v is None:
                continue
            r = summed_loss_derivative(f, tile.y, self.loss_name)
            grad_b2 += r[..., : tile.valid].sum(2)
            if e == 1:
                upstream = r.expand(m, width, r.shape[2])
            else:
                grad_W2 += torch.bmm(r, h.transpose(1, 2))
                upstream = torch.bmm(out_weights.transpose(1, 2), r)
            if sigma.is_rectifier:
                g = sigma.rectify_backward(upstream, h)
            else:
                g = upstream * sigma.derivative(z).view(m, width, -1)
            v.addmm_(g.reshape(m * width, -1), tile.x)
        loss[nets] = total / self.n_samples
        if gradient is None or v is None:
            return
        scale = weight_per_sample(self.loss_name, self.n_samples)
        v = v.view(m, width, columns).mul_(scale)
        if e == 1:
            gradient.W2[nets, 0, :width] = (weights * v).sum(2).mul_(alpha / sigma.degree)
            v *= out_weights.transpose(1, 2)
        else:
            gradient.W2[nets, :, :width] = grad_W2.mul_(alpha * scale)
        gradient.W1[nets, :width] = v[..., :d]
        if gradient.b1 is not None:
            gradient.b1[nets, :width] = v[..., d]
        if gradient.b2 is not None:
            gradient.b2[nets] = grad_b2.mul_(scale)


def _tiles(x: Tensor, targets: Tensor, samples: int) -> list[_Tile]:
    """Cut the data along the samples, and pad with zeros to the multiples that matrix products run best at."""
    n, d = x.shape
    columns = d + 1 if d + 1 < 8 else -(-(d + 1) // 16) * 16
    tiles = []
    for start in range(0, n, samples):
        count = min(samples, n - start)
        rows = count if count < 64 else -(-count // 16) * 16
        tile_x, tile_y = x.new_zeros(rows, columns), x.new_zeros(targets.shape[1], rows)
        tile_x[:count, :d] = x[start : start + count]
        tile_x[:count, d] = 1
        tile_y[:, :count] = targets[start : start + count].t()
        tiles.append(_Tile(tile_x, tile_y, count))
    return tiles


@lru_cache(maxsize=64)
def _blocks(extents: tuple[int, ...], units: int) -> tuple[tuple[int, int, int], ...]:
    """Cut the batch into runs of networks (start, stop, width) of about ``units`` hidden units, padding included."""
    blocks = []
    start, width = 0, 0
    for k, extent in enumerate(extents):
        wider = max(width, extent)
        if k > start and (k + 1 - start) * wider > units:
            blocks.append((start, k, width))
            start, wider = k, extent
        width = wider
    blocks.append((start, len(extents), width))
    return tuple(blocks)
