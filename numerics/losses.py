"""Losses as functions of the networks' outputs: values and derivatives, summed over samples.

Outputs are (m, e, N): m networks, e outputs, N samples; targets are (e, N) and shared by the networks.
Those of one output are :mod:`quadrics.sample_losses`, in the functions that torch has for them.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from quadrics.errors import NonFiniteError, ShapeError

__all__ = [
    "LossName",
    "loss_derivative_",
    "prepare_targets",
    "summed_loss",
    "weight_per_sample",
]

LossName = Literal["mse", "bce", "ce"]


def prepare_targets(y: Tensor, loss: LossName, like: Tensor, classes: int | None = None) -> Tensor:
    """Return the targets as an (N, e) matrix in the type of ``like``, after checking that they suit the loss.

    ``mse`` takes any numbers, (N,) or (N, e); ``bce`` numbers in [0, 1], (N,) or (N, e); ``ce`` class numbers (N,),
    integers from 0 (``classes`` of them, by default one more than the largest), which become one-hot rows.

    Raises:
        ShapeError: the shape or type does not suit the loss.
        NonFiniteError: a target is NaN or infinite, or lies outside the loss's range.

    >>> prepare_targets(torch.tensor([0, 2]), "ce", like=torch.empty(0))
    tensor([[1., 0., 0.],
            [0., 0., 1.]])
    """
    n = like.shape[0] if like.ndim == 2 else y.shape[0]
    if loss == "ce":
        if y.ndim != 1 or y.shape[0] != n or y.is_floating_point() or y.dtype == torch.bool:
            raise ShapeError(
                f"y: got shape {tuple(y.shape)} of {y.dtype}; expected ({n},) integer class numbers for 'ce'"
            )
        low, high = int(y.min()), int(y.max())
        count = high + 1 if classes is None else classes
        if low < 0 or high >= count:
            raise NonFiniteError(f"y: got class numbers from {low} to {high}; expected them in 0..{count - 1}")
        return functional.one_hot(y, count).to(like)
    matrix = y[:, None] if y.ndim == 1 else y
    if matrix.ndim != 2 or matrix.shape[0] != n or matrix.shape[1] == 0:
        raise ShapeError(f"y: got shape {tuple(y.shape)}; expected ({n},) or ({n}, e)")
    matrix = matrix.to(like)
    if not bool(torch.isfinite(matrix).all()):
        raise NonFiniteError("y: got NaN or infinity; expected finite targets")
    if loss == "bce" and bool(((matrix < 0) | (matrix > 1)).any()):
        raise NonFiniteError("y: got targets outside [0, 1]; expected labels or probabilities for 'bce'")
    return matrix


def summed_loss(f: Tensor, y: Tensor, loss: LossName) -> Tensor:
    """Return (m,): the loss of outputs ``f`` (m, e, N) at targets ``y`` (e, N), summed over samples and outputs.

    ``mse``: sum of ``(f - y)^2``; ``bce``: sum of ``log(1 + exp(f)) - y f``; ``ce``: sum of
    ``logsumexp(f) - f_label``.
    """
    if loss == "mse":
        return (f - y).square().sum((1, 2))
    if loss == "bce":
        values = functional.binary_cross_entropy_with_logits(f, y.expand_as(f), reduction="none")
        return values.sum((1, 2))
    return torch.logsumexp(f, 1).sum(1) - (f * y).sum((1, 2))


def loss_derivative_(f: Tensor, y: Tensor, loss: LossName) -> Tensor:
    """Overwrite ``f`` (m, e, N) by the derivative of ``summed_loss``, for ``mse`` without its factor 2; return it."""
    if loss == "mse":
        return f.sub_(y)
    if loss == "bce":
        return f.sigmoid_().sub_(y)
    return torch.softmax(f, 1).sub_(y)


def weight_per_sample(loss: LossName, n: int) -> float:
    """Return what ``loss_derivative_`` must be multiplied by to be that of the mean over ``n`` samples."""
    return (2.0 if loss == "mse" else 1.0) / n
