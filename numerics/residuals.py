"""The residuals of two-layer networks on a data set, with their analytic Jacobian: mean squared error as least squares.

Residuals are divided by the root of the number of samples, so that their sum of squares is ``Objective.loss``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from quadrics.errors import ShapeError

from .activation import sigma_of
from .batch import Batch
from .levenberg_marquardt import LeastSquaresResult, levenberg_marquardt
from .losses import prepare_targets

__all__ = ["Residuals", "polish"]


class Residuals:
    """Residuals and Jacobian as functions of rows of parameters, as ``Batch.flatten`` has them.

    Args:
        like: a batch of the same make: sizes, biases and activation are taken from it.
        x: (N, d) inputs.
        y: (N,) or (N, e) targets.

    Raises:
        ShapeError: the data do not fit the batch, or it holds networks of several widths (a padded neuron would get
            weights where sigma(0) is not zero; take each width for itself).

    >>> batch = Batch(torch.ones(5, 3, 2).double(), torch.ones(5, 1, 3).double())
    >>> problem = Residuals(batch, torch.ones(7, 2).double(), torch.zeros(7).double())
    >>> problem(batch.flatten()).shape, problem.jacobian(batch.flatten()).shape
    (torch.Size([5, 7]), torch.Size([5, 7, 9]))
    >>> problem(batch.flatten()).square().sum(1)[0]
    tensor(36.0000, dtype=torch.float64)
    """

    def __init__(self, like: Batch, x: Tensor, y: Tensor) -> None:
        if not bool(like.mask.all()):
            raise ShapeError("batch: got networks of several widths; expected one width (select each for itself)")
        if x.ndim != 2 or x.shape[1] != like.d_in:
            raise ShapeError(f"x: got shape {tuple(x.shape)}; expected (N, {like.d_in})")
        if x.dtype != like.dtype or x.device != like.device:
            raise ShapeError(f"x: got {x.dtype} on {x.device}; expected {like.dtype} on {like.device}")
        targets = prepare_targets(y, "mse", x)
        if targets.shape[1] != like.d_out:
            raise ShapeError(f"y: got {targets.shape[1]} outputs; expected {like.d_out}")
        self.like, self.x, self.targets = like, x, targets
        self.sigma = sigma_of(like.activation)
        self.scale = 1 / math.sqrt(x.shape[0])

    def _hidden(self, rows: Tensor) -> tuple[Batch, Tensor]:
        """Return the networks, and (k, l, N) what goes into their hidden neurons."""
        net = rows_to_batch(self.like, rows)
        z = net.W1 @ self.x.t()
        return net, z if net.b1 is None else z + net.b1[..., None]

    def __call__(self, rows: Tensor) -> Tensor:
        """Return (k, N e): outputs less targets, over the root of N; outputs of a sample next to each other."""
        net, z = self._hidden(rows)
        f = net.W2 @ self.sigma(z)
        if net.b2 is not None:
            f = f + net.b2[..., None]
        return ((f - self.targets.t()) * self.scale).transpose(1, 2).flatten(1)

    def jacobian(self, rows: Tensor) -> Tensor:
        """Return (k, N e, p): the derivative of the residuals, a view of (k, p, N e)."""
        net, z = self._hidden(rows)
        h, slope = (t * self.scale for t in self.sigma.with_derivative(z))
        (k, l, n), e = h.shape, net.d_out
        gate = net.W2.transpose(1, 2)[:, :, None, :] * slope[..., None]  # (k, l, N, e)
        W1 = (gate[:, :, None] * self.x.t()[None, None, :, :, None]).flatten(3).flatten(1, 2)
        W2 = h.new_zeros(k, e, l, n, e)
        for o in range(e):
            W2[:, o, :, :, o] = h
        parts = [W1, W2.flatten(3).flatten(1, 2)]
        if net.b1 is not None:
            parts.append(gate.flatten(2))
        if net.b2 is not None:
            eye = torch.eye(e, dtype=h.dtype, device=h.device) * self.scale
            parts.append(eye[None, :, None].expand(k, e, n, e).flatten(2))
        return torch.cat(parts, 1).transpose(1, 2)


def rows_to_batch(like: Batch, rows: Tensor) -> Batch:
    """Return the networks whose ``flatten()`` is ``rows`` (k, p), for any number k, unchecked."""
    l, d, e = like.width, like.d_in, like.d_out
    sizes = [l * d, e * l] + [l] * (like.b1 is not None) + [e] * (like.b2 is not None)
    W1, W2, *rest = torch.split(rows, sizes, 1)
    b1 = rest.pop(0) if like.b1 is not None else None
    b2 = rest.pop(0) if like.b2 is not None else None
    other = like.replace(W1.reshape(-1, l, d), W2.reshape(-1, e, l), b1, b2)
    other.__dict__.pop("extents", None)
    object.__setattr__(other, "mask", torch.ones(rows.shape[0], l, dtype=torch.bool, device=rows.device))
    return other


def polish(
    batch: Batch,
    x: Tensor,
    y: Tensor,
    *,
    steps: int,
    tolerance: float = 0.0,
    target: float = 0.0,
    method: Literal["normal", "qr"] = "normal",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Batch, LeastSquaresResult]:
    """Take networks that a first-order method has trained to the end of the valley, by Levenberg-Marquardt.

    The arguments are those of :func:`~numerics.levenberg_marquardt.levenberg_marquardt`; ``loss`` in the result is the
    mean over samples of the sum over outputs of the squared error.

    Raises:
        ShapeError: as ``Residuals`` does.

    >>> from quadrics.smooth_activation import sigmoid
    >>> x = torch.linspace(-3, 3, 50, dtype=torch.float64)[:, None]
    >>> start = Batch(torch.ones(1, 1, 1).double(), torch.ones(1, 1, 1).double(), activation=sigmoid)
    >>> end, found = polish(start, x, 3 * torch.sigmoid(2 * x), steps=100)
    >>> end.W1.item(), end.W2.item(), bool(found.loss < 1e-25)
    (2.0, 3.0, True)
    """
    problem = Residuals(batch, x, y)
    found = levenberg_marquardt(
        problem,
        batch.flatten(),
        jacobian=problem.jacobian,
        steps=steps,
        tolerance=tolerance,
        target=target,
        method=method,
        progress=progress,
    )
    return batch.unflatten(found.point), found
