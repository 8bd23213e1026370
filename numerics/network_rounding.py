r"""How far rounding can move the output, the gradient and the Hessian of a deep network with a smooth activation.

Every intermediate result is off by some last digits of the sizes of the terms that are added up in it. To first order,
that is what happens if every weight is moved by a relative error δ, and every term by as much. Both are read off a
*majorant* network: absolute values of all weights, and in place of the activation at a neuron with pre-activation z

.. math:: |\sigma(z)| + 1 + \sum_{k=1}^{4} \frac{|\sigma^{(k)}(z)| + 1}{k!} (u - u_0)^k ,

with :math:`u_0` the majorant's own pre-activation. Its outputs and their derivatives are the sums of the absolute
values of all terms that the chain rule makes; F + dF(\|V\|) is what a relative error of all terms and weights moves.
The ones stand for the evaluation of σ itself, whose intermediate results may be of order one.

>>> from quadrics.smooth_activation import tanh
>>> W = [torch.tensor([[2.0]]).double(), torch.tensor([[-3.0]]).double()]
>>> m = Majorant(W, torch.tensor([[1.0]]).double(), tanh)
>>> bool(m.output_error() > 3 * torch.finfo(torch.float64).eps)
True
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import factorial

import torch
from torch import Tensor

from quadrics.smooth_activation import SmoothActivation, Z

from .bridge import TorchFunction, torch_function

__all__ = ["Majorant", "flatten", "loss_of", "outputs", "unflatten"]

EPS = torch.finfo(torch.float64).eps
ORDER = 4
"""One order more than a Hessian needs, as its error takes one derivative more."""


@lru_cache(maxsize=32)
def derivatives(activation: SmoothActivation) -> tuple[TorchFunction, ...]:
    """Return σ, σ', ..., as functions of tensors."""
    z = Z
    return tuple(torch_function(activation.derivative(z, order), z) for order in range(ORDER + 1))


def flatten(weights: Sequence[Tensor]) -> Tensor:
    """Return (p,): all weights of one network, matrix by matrix."""
    return torch.cat([W.reshape(-1) for W in weights])


def unflatten(theta: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
    """Return the matrices of one network: the inverse of :func:`flatten`."""
    parts = torch.split(theta, [W.numel() for W in like])
    return [part.reshape(W.shape) for part, W in zip(parts, like, strict=True)]


def outputs(weights: Sequence[Tensor], x: Tensor, activation: SmoothActivation) -> Tensor:
    """Return (N, e): one network, a matrix (out, in) a layer, on inputs x (N, d)."""
    value, sigma = x, derivatives(activation)[0]
    for W in weights[:-1]:
        value = sigma(value @ W.T)
    return value @ weights[-1].T


def loss_of(like: Sequence[Tensor], x: Tensor, y: Tensor, activation: SmoothActivation) -> Callable[[Tensor], Tensor]:
    """Return the loss Σ_n \\|f(x_n) - y_n\\|² / 2 as a function of all weights in one vector (p,)."""

    def loss(theta: Tensor) -> Tensor:
        return (outputs(unflatten(theta, like), x, activation) - y).square().sum() / 2

    return loss


class Majorant:
    """The majorant of one network on inputs x (N, d): bounds of what rounding does, in absolute terms.

    The number of roundings behind any result is bounded by what all layers' sums have, forwards and backwards, 16 for
    each evaluation of the activation, and N for the sum over samples.
    """

    def __init__(self, weights: Sequence[Tensor], x: Tensor, activation: SmoothActivation) -> None:
        self.like, self.x = list(weights), x
        self.absolute = flatten(weights).abs()
        functions = derivatives(activation)
        self.centres: list[Tensor] = []
        self.coefficients: list[list[Tensor]] = []
        value, size = x, x.abs()
        for W in weights[:-1]:
            z, u = value @ W.T, size @ W.abs().T
            value = functions[0](z)
            size = value.abs() + 1
            self.centres.append(u)
            self.coefficients.append([(f(z).abs() + 1) / factorial(k) for k, f in enumerate(functions)])
        widths = [W.shape[1] for W in weights]
        self.roundings = x.shape[0] + sum(2 * (2 * width + 4 + 16) for width in widths)

    def output(self, theta: Tensor) -> Tensor:
        """Return (N, e): the majorant network at non-negative weights near the absolute values."""
        size = self.x.abs()
        matrices = unflatten(theta, self.like)
        for V, centre, coefficients in zip(matrices[:-1], self.centres, self.coefficients, strict=True):
            u = size @ V.T - centre
            size = coefficients[ORDER]
            for c in reversed(coefficients[:ORDER]):
                size = size * u + c
        return size @ matrices[-1].T

    def _loss(self, y: Tensor) -> Callable[[Tensor], Tensor]:
        start = self.output(self.absolute)
        residual = start + y.abs()

        def loss(theta: Tensor) -> Tensor:
            change = self.output(theta) - start
            return (residual * change).sum() + change.square().sum() / 2

        return loss

    def error(self, function: Callable[[Tensor], Tensor]) -> Tensor:
        """Return roundings · eps · (F + dF(|V|)) for a derivative F of the majorant, in the shape of its values."""
        found = torch.func.jvp(function, (self.absolute,), (self.absolute,))
        error: Tensor = self.roundings * EPS * (found[0] + found[1])
        return error

    def output_error(self) -> Tensor:
        """Return (N, e): how far a computed output can be from the exact one.

        The same as ``error(output)``, written out: a layer's terms and what a relative error of all weights moves.
        """
        size, moved = self.x.abs(), torch.zeros_like(self.x)
        matrices = unflatten(self.absolute, self.like)
        for V, coefficients in zip(matrices[:-1], self.coefficients, strict=True):
            moved = coefficients[1] * ((moved + size) @ V.T)
            size = coefficients[0]
        return self.roundings * EPS * ((size + moved + size) @ matrices[-1].T)

    def gradient_error(self, y: Tensor) -> Tensor:
        """Return (p,): how far each computed derivative of the loss can be from the exact one."""
        return self.error(torch.func.grad(self._loss(y)))

    def hessian_error(self, y: Tensor) -> Tensor:
        """Return (p, p): the same for the second derivatives."""
        return self.error(torch.func.hessian(self._loss(y)))
