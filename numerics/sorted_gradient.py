r"""The exact squared loss of networks on the plane in O(log N) a neuron, by sorting the data by angle.

Let the inputs lie in the closed positive quadrant, sorted by their slope ``x_2/x_1``. The line ``<w, x> = 0`` meets the
quadrant in one ray at most, so the samples on which a neuron is active are the first few, the last few, all or none of
them. Every sum over them that the loss and its gradient need (``x x^T``, ``y x``) is a difference of two prefix sums,
which are tabulated once. With ``M_kj`` the mean of ``sigma'(z_k) sigma'(z_j) x x^T``, ``b_k`` that of
``sigma'(z_k) y x`` and ``u_j = a_j w_j``,

    v_k = sum_j M_kj u_j - b_k,   grad w_k = 2 a_k v_k,   grad a_k = 2 <w_k, v_k>,
    loss = sum_k <u_k, v_k - b_k> + mean y^2,

which is :class:`numerics.objective.Objective` with ``"mse"``, at a cost that hardly depends on N.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
import torch
from torch import Tensor

from quadrics.errors import NonFiniteError, ShapeError

from .activation import Sigma, homogeneous_sigma_of
from .batch import Batch
from .device import pick_device
from .losses import prepare_targets
from .objective import Gradient

__all__ = ["SortedObjective"]

_TILE = 4096
"""Networks that are worked on at a time on a CPU, so that the temporaries stay in the cache."""


class _Tables(NamedTuple):
    """The slopes of the samples in ascending order, and the prefix sums of their moments, in float64."""

    slope: Tensor  # (N,)
    second: Tensor  # (N + 1, 3): means of x1 x1, x1 x2, x2 x2 over the first samples, divided by N
    mixed: Tensor  # (N + 1, 2): y x1, y x2
    y_square: float


class SortedObjective:
    r"""The mean squared error over samples in the positive quadrant of the plane, for networks with one output.

    The interface and the normalisation are those of ``Objective(x, y, "mse")``, and so is the derivative at a kink
    (the left one); both are decided exactly here, by comparing slopes. Activations of degree 1 only, no biases. The
    arithmetic is float64 whatever the batch's type. Losses are differences of moments: their rounding error is about
    1e-15 of the mean of ``f^2 + y^2``, so that a loss of zero may come out as plus or minus that.

    Args:
        x: (N, 2) inputs, no coordinate negative.
        y: (N,) or (N, 1) targets.

    Raises:
        ShapeError: inputs not in the plane or outside the quadrant, more than one output; from its methods, a batch
            with biases, with an activation of another degree or of another type.
        NonFiniteError: NaN or infinity in the data.

    >>> from numerics.data import toy
    >>> from numerics.objective import Objective
    >>> data = toy(1000, seed=0)
    >>> batch = Batch(torch.tensor([[[1.0, -2.0], [-3.0, 0.5]]]), torch.tensor([[[1.0, -2.0]]])).to(dtype=torch.float64)
    >>> fast, plain = SortedObjective(data.x, data.y), Objective(data.x, data.y, "mse")
    >>> bool((fast.gradient(batch).W1 - plain.gradient(batch).W1).abs().max() < 1e-14)
    True
    >>> SortedObjective(torch.tensor([[1.0, -1.0]]), torch.tensor([0.0]))
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: x: got a coordinate of -1.0; expected the positive quadrant (x1, x2 >= 0): use Objective
    """

    def __init__(self, x: Tensor, y: Tensor) -> None:
        if x.ndim != 2 or x.shape[1] != 2 or x.shape[0] == 0:
            raise ShapeError(f"x: got shape {tuple(x.shape)}; expected (N, 2): points of the plane")
        targets = prepare_targets(y, "mse", x)
        if targets.shape[1] != 1:
            raise ShapeError(f"y: got {targets.shape[1]} outputs; expected 1")
        if not bool(torch.isfinite(x).all()):
            raise NonFiniteError("x: got NaN or infinity; expected finite inputs")
        if bool((x < 0).any()):
            raise ShapeError(
                f"x: got a coordinate of {float(x.min())}; expected the positive quadrant (x1, x2 >= 0): use Objective"
            )
        self.x = x
        self.targets = targets
        self._tables = _tabulate(x, targets)

    @property
    def n_samples(self) -> int:
        """Number of samples N."""
        return self.x.shape[0]

    def subset(self, index: Tensor) -> Self:
        """Return the objective on the samples at ``index``; the tables are made anew."""
        return type(self)(self.x[index], self.targets[index])

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> Self:
        """Return the objective for batches on another device, of another floating-point type, or both."""
        place = self.x.device if device is None else pick_device(device)
        return type(self)(*(t.to(place, dtype or self.x.dtype) for t in (self.x, self.targets)))

    def loss(self, batch: Batch) -> Tensor:
        """Return (n,): the loss of each network; NaN where a network's parameters are not finite."""
        return self.loss_and_gradient(batch)[0]

    def gradient(self, batch: Batch) -> Gradient:
        """Return the gradient of each network's loss by its own parameters; exactly zero at padding."""
        return self.loss_and_gradient(batch)[1]

    def loss_and_gradient(self, batch: Batch) -> tuple[Tensor, Gradient]:
        """Return the losses (n,) and their gradients."""
        sigma = self._check(batch)
        loss = batch.W1.new_empty(batch.n)
        gradient = Gradient(torch.empty_like(batch.W1), torch.empty_like(batch.W2))
        tile = _TILE if batch.device.type == "cpu" else batch.n
        with torch.no_grad():
            for start in range(0, batch.n, tile):
                nets = slice(start, start + tile)
                w = batch.W1[nets].to(torch.float64).permute(2, 1, 0).contiguous()
                a = batch.W2[nets, 0].to(torch.float64).t().contiguous()
                loss[nets], half_w, half_a = _evaluate(self._tables, sigma, w, a)
                gradient.W1[nets] = half_w.mul_(2).permute(2, 1, 0)
                gradient.W2[nets, 0] = half_a.mul_(2).t()
        return loss, gradient

    def _check(self, batch: Batch) -> Sigma:
        sigma = homogeneous_sigma_of(batch.activation, "sorted objective")
        if (batch.d_in, batch.d_out) != (2, 1) or batch.b1 is not None or batch.b2 is not None:
            raise ShapeError(
                f"batch: got networks from {batch.d_in} to {batch.d_out} dimensions, "
                f"{'no ' if batch.b1 is None and batch.b2 is None else ''}biases; expected 2 to 1 and no biases"
            )
        if sigma.degree != 1:
            raise ShapeError(f"batch: got an activation of degree {sigma.degree}; expected degree 1")
        if batch.dtype != self.x.dtype or batch.device != self.x.device:
            raise ShapeError(
                f"batch: got {batch.dtype} on {batch.device}; expected {self.x.dtype} on {self.x.device}, "
                "as the data have (use .to)"
            )
        return sigma


def _tabulate(x: Tensor, targets: Tensor) -> _Tables:
    """Sort the samples by slope and sum up their moments, in extended precision where the machine has it."""
    points = x.detach().cpu().numpy().astype(np.float64)
    y = targets[:, 0].detach().cpu().numpy().astype(np.float64)
    with np.errstate(divide="ignore", over="ignore"):
        # A sample at the origin is never active and has no moments: any slope will do.
        slope = np.divide(points[:, 1], points[:, 0], out=np.zeros(len(y)), where=points.any(axis=1))
    order = np.argsort(slope, kind="stable")
    x1, x2, y = (column[order].astype(np.longdouble) for column in (*points.T, y))
    moments = np.stack([x1 * x1, x1 * x2, x2 * x2, y * x1, y * x2], axis=1) / len(y)
    sums = np.concatenate([np.zeros((1, 5)), np.cumsum(moments, axis=0)]).astype(np.float64)
    table = torch.from_numpy(sums).to(x.device)
    return _Tables(
        torch.from_numpy(slope[order]).to(x.device),
        table[:, :3].contiguous(),
        table[:, 3:].contiguous(),
        float(np.mean(y * y)),
    )


def _active(slope: Tensor, w1: Tensor, w2: Tensor) -> tuple[Tensor, Tensor]:
    """The half-open intervals [first, last) of sorted samples with ``w1 x1 + w2 x2 > 0``.

    For ``w1 <= 0 < w2`` those of slope above ``-w1/w2``, for ``w2 <= 0 < w1`` those of slope below it. Division is
    correctly rounded, so that equal slopes compare equal: a sample on the kink is found to be on it.
    """
    right, up = w1 > 0, w2 > 0
    kink = (w1 / w2).abs()
    # "Above" is "not below the next number": one search serves both sides.
    cut = torch.searchsorted(slope, torch.where(up, torch.nextafter(kink, kink.new_full((), torch.inf)), kink))
    first = torch.where(up & ~right, cut, 0)
    last = torch.where(right, torch.where(up, len(slope), cut), torch.where(up, len(slope), 0))
    return first, last


def _evaluate(tables: _Tables, sigma: Sigma, w: Tensor, a: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Losses (n,) and half gradients of networks ``w`` (2, l, n), ``a`` (l, n): networks run along the last axis."""
    first, last = _active(tables.slope, w[0], w[1])
    u = a * w
    # sigma'(z) = beta + (alpha - beta) [z > 0]: what is there on all samples, and what active samples add.
    beta, step = sigma.beta, sigma.alpha - sigma.beta
    own = _between(tables.second, first, last)
    b = step * _between(tables.mixed, first, last)
    if beta:
        b += beta * tables.mixed[-1].reshape(2, 1, 1)
    v = -b
    _add_product(v, (step * step) * own, u)
    for k in range(len(a) - 1):
        rest = slice(k + 1, None)
        start = torch.maximum(first[k], first[rest])
        both = _between(tables.second, start, torch.maximum(torch.minimum(last[k], last[rest]), start))
        both *= step * step
        _add_product(v[:, rest], both, u[:, k, None])
        v[:, k] += torch.stack(
            [
                (both[0] * u[0, rest] + both[1] * u[1, rest]).sum(0),
                (both[1] * u[0, rest] + both[2] * u[1, rest]).sum(0),
            ]
        )
    if beta:
        # The linear part of the activation: beta u_j on all samples, and its products with the active ones.
        total = u.sum(1, keepdim=True)
        everywhere = tables.second[-1].reshape(3, 1, 1)
        cross = (own[0] * u[0] + own[1] * u[1], own[1] * u[0] + own[2] * u[1])
        _add_product(v, (beta * step) * own + (beta * beta) * everywhere, total)
        v += (beta * step) * torch.stack([c.sum(0, keepdim=True) for c in cross])
    loss = (u * (v - b)).sum((0, 1)) + tables.y_square
    return loss, a * v, (w * v).sum(0)


def _between(table: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """The moments (m, ...) of the samples in [first, last)."""
    rows = table.index_select(0, last.reshape(-1)) - table.index_select(0, first.reshape(-1))
    return rows.t().contiguous().view(table.shape[1], *first.shape)


def _add_product(v: Tensor, moments: Tensor, u: Tensor) -> None:
    """Add to ``v`` (2, ...) the product of symmetric 2 x 2 matrices, given by three entries, with ``u`` (2, ...)."""
    v[0] += moments[0] * u[0] + moments[1] * u[1]
    v[1] += moments[1] * u[0] + moments[2] * u[1]
