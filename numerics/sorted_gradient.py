r"""The exact squared loss of networks on the plane in O(log N) a neuron, by sorting the data by angle.

A neuron is active on the samples of an open half-plane, which are neighbours when the samples are sorted by angle: an
arc of the circle. The 2l ends of the arcs of a network cut the circle into cells on which the network is linear,
``f(x) = <s, x>``. With ``M`` and ``b`` the means of ``x x^T`` and ``y x`` over a cell (zero outside it), which are
differences of prefix sums that are tabulated once,

    g = M s - b,   v_k = sum of sigma'_k g over the cells,   grad w_k = 2 a_k v_k,   grad a_k = 2 <w_k, v_k>,
    loss = sum of <s, g - b> over the cells + mean y^2,

where ``s`` is a running sum over the cells of the ``a_k w_k`` that come and go, and ``v_k`` a difference of two running
sums of ``g``. This is :class:`numerics.objective.Objective` with ``"mse"`` at a cost of O(l log l + l log N) a network.
On the CPU a kernel does it a network at a time (``numerics/native/prefix_sums.cpp``), elsewhere torch for all at once.
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
from .field import Field
from .gradient import Gradient
from .losses import prepare_targets
from .native.prefix_sums import prefix_sums

__all__ = ["SortedObjective"]

_TILE = 2**15
"""Hidden neurons that are worked on at a time: some 20 MB of temporaries."""


class _Tables(NamedTuple):
    """The slopes of the samples; their moments by angle, first in the right half-plane, then in the left one."""

    slope: Tensor  # (N,) ascending slopes x2/x1 of all samples
    at: Tensor  # (N + 1,) the same, and NaN
    next: Tensor  # (N + 1,) where the next larger slope begins
    ends: Tensor  # (2N + 2,) where the samples of the first so many slopes end in the right half-plane; in the left one
    sums: Tensor  # (N + 1, 5): over the first samples, x1 x1, x1 x2, x2 x2, y x1, y x2, divided by N
    y_square: float


class SortedObjective:
    r"""The mean squared error over samples in the plane, for networks with one output.

    The interface and the normalisation are those of ``Objective(x, y, "mse")``, and so is the derivative at a kink
    (the left one); both are decided here by comparing slopes, in which a sample on the kink is found to be on it.
    Activations of degree 1 only, no biases. The arithmetic is float64 whatever the batch's type. Losses are differences
    of moments: their rounding error is about 1e-15 of the mean of ``f^2 + y^2``, so that a loss of zero may come out as
    plus or minus that.

    Args:
        x: (N, 2) inputs.
        y: (N,) or (N, 1) targets.

    Raises:
        ShapeError: inputs not in the plane, more than one output; from its methods, a batch with biases, with an
            activation of another degree or of another type.
        NonFiniteError: NaN or infinity in the data.

    >>> from numerics.objective import Objective
    >>> x = torch.randn(1000, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    >>> batch = Batch(torch.tensor([[[1.0, -2.0], [-3.0, 0.5]]]), torch.tensor([[[1.0, -2.0]]])).to(dtype=torch.float64)
    >>> fast, plain = SortedObjective(x, x[:, 0].sin()), Objective(x, x[:, 0].sin(), "mse")
    >>> bool((fast.gradient(batch).W1 - plain.gradient(batch).W1).abs().max() < 1e-14)
    True
    >>> SortedObjective(torch.ones(5, 3), torch.zeros(5))
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: x: got shape (5, 3); expected (N, 2): points of the plane
    """

    def __init__(self, x: Tensor, y: Tensor) -> None:
        if x.ndim != 2 or x.shape[1] != 2 or x.shape[0] == 0:
            raise ShapeError(f"x: got shape {tuple(x.shape)}; expected (N, 2): points of the plane")
        targets = prepare_targets(y, "mse", x)
        if targets.shape[1] != 1:
            raise ShapeError(f"y: got {targets.shape[1]} outputs; expected 1")
        if not bool(torch.isfinite(x).all()):
            raise NonFiniteError("x: got NaN or infinity; expected finite inputs")
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
        return self.loss_and_field(batch)[0]

    def gradient(self, batch: Batch) -> Gradient:
        """Return the gradient of each network's loss by its own parameters; exactly zero at padding."""
        return self.loss_and_gradient(batch)[1]

    def loss_and_gradient(self, batch: Batch) -> tuple[Tensor, Gradient]:
        """Return the losses (n,) and their gradients."""
        loss, field = self.loss_and_field(batch)
        return loss, field.gradient(batch)

    def field(self, batch: Batch) -> Field:
        """Return the field of each network: ``2 v_k``, exactly zero at padding."""
        return self.loss_and_field(batch)[1]

    def loss_and_field(self, batch: Batch) -> tuple[Tensor, Field]:
        """Return the losses (n,) and the fields."""
        sigma, tables = self._check(batch), self._tables
        given = (tables.at, tables.next, tables.ends, tables.sums)
        found = prefix_sums(given, tables.y_square, sigma, batch.W1, batch.W2)
        if found is not None:
            loss, v = found
            return loss, Field(v * batch.mask[:, :, None, None] if sigma.beta else v)
        tile = max(1, _TILE // batch.width)
        losses, fields = [], []
        with torch.no_grad():
            for start in range(0, batch.n, tile):
                nets = slice(start, start + tile)
                w = batch.W1[nets].to(torch.float64).permute(2, 1, 0).contiguous()
                a = batch.W2[nets, 0].to(torch.float64).t().contiguous()
                loss, v = _evaluate(tables, sigma, w, a)
                if sigma.beta:  # without it, no sample pulls on zero weights
                    v *= batch.mask[nets].t()
                losses.append(loss.to(batch.dtype))
                fields.append(v.permute(2, 1, 0).to(batch.dtype).contiguous())
        loss, v = (parts[0] if len(parts) == 1 else torch.cat(parts) for parts in (losses, fields))
        return loss, Field(v[:, :, None])

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
    """Sort the samples by angle and sum up their moments, in extended precision where the machine has it."""
    x1, x2 = x.detach().cpu().numpy().astype(np.float64).T
    y = targets[:, 0].detach().cpu().numpy().astype(np.float64)
    # A sample at the origin is never active and has no moments: it may lie anywhere.
    is_left = (x1 < 0) | ((x1 == 0) & (x2 < 0))
    slope = np.where(x2 == 0, 0.0, np.inf)
    with np.errstate(over="ignore"):
        np.divide(x2, x1, out=slope, where=x1 != 0)
    order = np.lexsort((slope, is_left))
    p1, p2, q = (column[order].astype(np.longdouble) for column in (x1, x2, y))
    moments = np.stack([p1 * p1, p1 * p2, p2 * p2, q * p1, q * p2], axis=1) / len(y)
    sums = np.concatenate([np.zeros((1, 5)), np.cumsum(moments, axis=0)]).astype(np.float64)
    rising = np.argsort(slope, kind="stable")
    slopes = slope[rising]
    ends = np.append(np.searchsorted(slopes, slopes, side="right"), len(y))
    right, left = (np.append(0, np.cumsum(half[rising])) for half in (~is_left, is_left))
    columns = {"slope": slopes, "at": np.append(slopes, np.nan), "next": ends, "sums": sums}
    columns["ends"] = np.concatenate([right, right[-1] + left])
    tensors = {name: torch.from_numpy(column).to(x.device) for name, column in columns.items()}
    return _Tables(**tensors, y_square=float(np.mean(y * y)))


def _active(tables: _Tables, w1: Tensor, w2: Tensor) -> tuple[Tensor, Tensor]:
    """The arcs of sorted samples with ``w1 x1 + w2 x2 > 0``: (2l, n) where they begin and end; (l, n) if past the last.

    The line ``<w, x> = 0`` has slope ``-w1/w2``. A neuron that looks up (``w2 > 0``) is active on the right samples
    steeper than it and on the left ones less steep; one that looks down on the left samples steeper than it and, past
    the origin of the sorting at the angle ``-pi/2``, on the right ones less steep. Division is correctly rounded, so
    that equal slopes compare equal: a sample on the kink is found to be on it.
    """
    upright = w2 == 0
    kink = (w1 / -w2).masked_fill_(upright, torch.inf)
    down = (w2 < 0) | (upright & (w1 > 0))
    left_half = len(tables.slope) + 1
    below = torch.searchsorted(tables.slope, kink)
    upto = torch.where(tables.at.take(below) == kink, tables.next.take(below), below)
    first, last = upto.add_(down, alpha=left_half), below.add_(~down, alpha=left_half)
    is_zero = upright & (w1 == 0)
    return tables.ends.take(torch.cat([first, torch.where(is_zero, first, last)])), down


def _evaluate(tables: _Tables, sigma: Sigma, w: Tensor, a: Tensor) -> tuple[Tensor, Tensor]:
    """Losses (n,) and fields (2, l, n) of networks ``w`` (2, l, n), ``a`` (l, n): networks run along the last axis."""
    width, n = a.shape
    ends, around = _active(tables, w[0], w[1])
    # sigma'(z) = beta + (alpha - beta) [z > 0]: what is there on all samples, and what active samples add.
    beta, step = sigma.beta, sigma.alpha - sigma.beta
    u = a * w
    place, order = torch.sort(ends, 0)
    order = order.expand(2, -1, -1)
    # Each cell ends at its place; the first one is also what lies past the last.
    sums = tables.sums.index_select(0, place.view(-1)).view(2 * width, n, 5).permute(2, 0, 1)
    cells = sums - sums.roll(1, 1)
    cells[:, 0] += tables.sums[-1, :, None]
    start = (u * around).sum(1, keepdim=True)
    turns = torch.cat([u, -u], 1).gather(1, order)
    slope = torch.cat([start, turns[:, :-1]], 1).cumsum(1)
    if step != 1:
        slope *= step
    if beta:
        slope += beta * u.sum(1, keepdim=True)
    b = cells[3:]
    g = (cells[:2] * slope[0]).addcmul_(cells[1:3], slope[1]).sub_(b)
    loss = (slope * (g - b)).sum((0, 1)) + tables.y_square
    reached = g.cumsum(1)
    at = torch.empty_like(reached).scatter_(1, order, reached)
    total = reached[:, -1:]
    field = (2 * step) * (at[:, width:] - at[:, :width]).addcmul_(around, total)
    return loss, field.add_(total, alpha=2 * beta) if beta else field
