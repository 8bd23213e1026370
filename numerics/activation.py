"""Activations on tensors: values and products with the derivative.

``sigma_of`` returns the floating-point form of an activation: a ``Sigma`` for the positively homogeneous ones, a
:class:`numerics.smooth.SmoothSigma` for the smooth ones. The homogeneous activation of degree k is
``sigma(z) = alpha z_+^k - beta z_-^k`` with ``z_+ = max(z, 0)``, ``z_- = max(-z, 0)``
(:class:`quadrics.activation.Activation`). At ``z = 0`` and degree 1 its derivative is taken to be ``beta``, as torch
does for ReLU and leaky ReLU.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from quadrics.activation import Activation
from quadrics.errors import DimensionError, NonFiniteError, SymmetryError
from quadrics.smooth_activation import SmoothActivation

from .smooth import SmoothSigma

__all__ = ["AnyActivation", "HomogeneousActivation", "Sigma", "SmoothModule", "homogeneous_sigma_of", "sigma_of"]

AnyActivation = Activation | SmoothActivation


class Sigma(NamedTuple):
    """An activation in floating point: slopes ``alpha``, ``beta`` and the degree of homogeneity.

    >>> leaky = Sigma(1.0, 0.1, 1)
    >>> leaky(torch.tensor([-2.0, 3.0], dtype=torch.float64))
    tensor([-0.2000,  3.0000], dtype=torch.float64)
    """

    alpha: float
    beta: float
    degree: float

    def __call__(self, z: Tensor) -> Tensor:
        """Return ``sigma(z)`` elementwise, for any shape."""
        return self.alpha * z.clamp(min=0) ** self.degree - self.beta * (-z).clamp(min=0) ** self.degree

    def derivative(self, z: Tensor) -> Tensor:
        """Return ``sigma'(z)`` elementwise, ``beta`` at zero when the degree is 1."""
        if self.degree == 1:
            return torch.where(z > 0, z.new_full((), self.alpha), z.new_full((), self.beta))
        power = self.degree - 1
        positive, negative = z.clamp(min=0) ** power, (-z).clamp(min=0) ** power
        return self.degree * (self.alpha * positive + self.beta * negative)

    def with_derivative(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Return ``sigma(z)`` and ``sigma'(z)``."""
        return self(z), self.derivative(z)

    @property
    def is_homogeneous(self) -> bool:
        """Whether ``sigma(alpha z) = alpha^degree sigma(z)`` for positive alpha."""
        return True

    @property
    def fixes_zero(self) -> bool:
        """Whether ``sigma(0) = 0``, so that a neuron of zeros does nothing at all."""
        return True

    @property
    def is_rectifier(self) -> bool:
        """Whether one in-place pass is enough: degree 1 with ``alpha > 0`` and ``beta >= 0``."""
        return self.degree == 1 and self.alpha > 0 and self.beta >= 0

    def rectify_(self, z: Tensor) -> Tensor:
        """Overwrite ``z`` by ``sigma(z)/alpha``, whose sign is that of ``z`` (rectifiers only)."""
        if self.beta == 0:
            return z.clamp_(min=0)
        return torch.nn.functional.leaky_relu(z, self.beta / self.alpha, inplace=True)

    def rectify_backward(self, upstream: Tensor, h: Tensor, out: Tensor) -> Tensor:
        """Put ``upstream * sigma'(z)/alpha`` in ``out``, in one pass, from ``h = rectify_(z)`` (rectifiers only)."""
        if self.beta == 0:
            return torch.ops.aten.threshold_backward.grad_input(upstream, h, 0, grad_input=out)  # type: ignore[no-any-return]
        slope = self.beta / self.alpha
        return torch.ops.aten.leaky_relu_backward.grad_input(upstream, h, slope, False, grad_input=out)  # type: ignore[no-any-return]


@lru_cache(maxsize=256)
def sigma_of(activation: AnyActivation) -> Sigma | SmoothSigma:
    """Return the floating-point form of a symbolic activation, whose slopes must be numbers.

    Raises:
        NonFiniteError: a slope or the degree is a symbol, infinite or not real; a smooth one is not real at 0.
        DimensionError: the degree is below 1 (the derivative is then infinite at 0).
        BridgeError: a smooth one whose formula has no translation to torch.

    >>> from quadrics.activation import leaky_relu
    >>> from sympy import Rational
    >>> sigma_of(leaky_relu(Rational(1, 4)))
    Sigma(alpha=1.0, beta=0.25, degree=1)
    >>> from quadrics.smooth_activation import sigmoid
    >>> sigma_of(sigmoid).fixes_zero
    False
    """
    if isinstance(activation, SmoothActivation):
        return SmoothSigma(activation)
    alpha = _number("alpha", activation.alpha)
    beta = _number("beta", activation.beta)
    degree = _number("degree", activation.degree)
    if degree < 1:
        raise DimensionError(f"degree: got {activation.degree}; expected at least 1 to train with")
    return Sigma(alpha, beta, int(degree) if degree.is_integer() else degree)


def homogeneous_sigma_of(activation: AnyActivation, what: str) -> Sigma:
    """Return the floating-point form of an activation that must be positively homogeneous for ``what``.

    Raises:
        SymmetryError: the activation is smooth: rescaling is no symmetry of it.

    >>> from quadrics.smooth_activation import sigmoid
    >>> homogeneous_sigma_of(sigmoid, "imbalance")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    quadrics.errors.SymmetryError: imbalance: got the activation sigmoid; expected a positively homogeneous one ...
    """
    sigma = sigma_of(activation)
    if not isinstance(sigma, Sigma):
        raise SymmetryError(
            f"{what}: got the activation {sigma.activation.name}; expected a positively homogeneous one "
            "(of the others rescaling is no symmetry, and nothing is conserved)"
        )
    return sigma


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except TypeError:
        number = math.nan
    if not math.isfinite(number):
        raise NonFiniteError(f"{name}: got {value}; expected a finite real number to compute with")
    return number


class HomogeneousActivation(nn.Module):
    """A ``Sigma`` as a torch module, for the activations that torch has no module for.

    >>> HomogeneousActivation(Sigma(1.0, -1.0, 1))(torch.tensor([-2.0, 3.0]))
    tensor([2., 3.])
    """

    def __init__(self, sigma: Sigma) -> None:
        super().__init__()
        self.sigma = sigma

    def forward(self, z: Tensor) -> Tensor:
        """Return ``sigma(z)``."""
        return self.sigma(z)

    def extra_repr(self) -> str:
        """Show the slopes and the degree."""
        return f"alpha={self.sigma.alpha}, beta={self.sigma.beta}, degree={self.sigma.degree}"


class SmoothModule(nn.Module):
    """A smooth activation as a torch module, for those that torch has no module for.

    >>> from quadrics.smooth_activation import soft_sigmoid
    >>> SmoothModule(soft_sigmoid())(torch.tensor([0.0]))
    tensor([1.1931])
    """

    def __init__(self, activation: SmoothActivation) -> None:
        super().__init__()
        self.activation = activation
        self.sigma = SmoothSigma(activation)

    def forward(self, z: Tensor) -> Tensor:
        """Return ``sigma(z)``."""
        return self.sigma(z)

    def extra_repr(self) -> str:
        """Show the activation's name."""
        return self.activation.name
