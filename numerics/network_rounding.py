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

__all__ = ["Majorant", "derivatives", "flatten", "hessian", "loss_of", "outputs", "unflatten"]

EPS = torch.finfo(torch.float64).eps
Function = Callable[[Tensor], Tensor]
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


def hessian(function: Function) -> Function:
    """Return the second derivatives of a scalar function, backwards twice (forwards costs a long import).

    >>> hessian(lambda v: v.prod())(torch.tensor([2.0, 3.0]))
    tensor([[0., 1.],
            [1., 0.]])
    """
    found: Function = torch.func.jacrev(torch.func.grad(function))
    return found


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
        return self._both(theta)[0]

    def moved(self, theta: Tensor) -> Tensor:
        """Return (N, e): the derivative of :meth:`output` in the direction of the absolute values of the weights."""
        return self._both(theta)[1]

    def output_error(self) -> Tensor:
        """Return (N, e): how far a computed output can be from the exact one."""
        return self._error(self.output, self.moved, lambda f: f)

    def jacobian_error(self) -> Tensor:
        """Return (N, e, p): how far each computed derivative of an output can be from the exact one."""
        return self._error(self.output, self.moved, torch.func.jacrev)

    def gradient_error(self, y: Tensor) -> Tensor:
        """Return (p,): the same for the derivatives of the loss with targets y (N, e)."""
        return self._error(*self._losses(y), torch.func.grad)

    def hessian_error(self, y: Tensor) -> Tensor:
        """Return (p, p): the same for the second derivatives of the loss."""
        return self._error(*self._losses(y), hessian)

    def _both(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        size, moved = self.x.abs(), torch.zeros_like(self.x)
        matrices, absolute = unflatten(theta, self.like), unflatten(self.absolute, self.like)
        for V, A, centre, coefficients in zip(
            matrices[:-1], absolute[:-1], self.centres, self.coefficients, strict=True
        ):
            u, step = size @ V.T - centre, size @ A.T + moved @ V.T
            size, slope = coefficients[ORDER], torch.zeros_like(u)
            for c in reversed(coefficients[:ORDER]):
                size, slope = size * u + c, slope * u + size
            moved = slope * step
        return size @ matrices[-1].T, size @ absolute[-1].T + moved @ matrices[-1].T

    def _losses(self, y: Tensor) -> tuple[Function, Function]:
        """A function with the sizes of the loss's derivatives, and its derivative along the absolute values."""
        start = self.output(self.absolute)
        residual = start + y.abs()

        def loss(theta: Tensor) -> Tensor:
            change = self.output(theta) - start
            return (residual * change).sum() + change.square().sum() / 2

        def moved(theta: Tensor) -> Tensor:
            found, along = self._both(theta)
            return ((residual + found - start) * along).sum()

        return loss, moved

    def _error(self, function: Function, moved: Function, derivative: Callable[[Function], Function]) -> Tensor:
        """Roundings · eps · (F + dF(|V|)) for a derivative F."""
        return self.roundings * EPS * (derivative(function)(self.absolute) + derivative(moved)(self.absolute))
