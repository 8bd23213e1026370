"""Positively homogeneous activations: ReLU, leaky ReLU, powers of ReLU, the absolute value, and linear units.

Rescaling a hidden neuron is a symmetry of networks with these activations, and with no others; those without a kink are
in :mod:`quadrics.smooth_activation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy

from .errors import DimensionError
from .printing import Printable
from .validation import Expr, as_real

__all__ = ["Activation", "absolute_value", "leaky_relu", "linear", "relu", "relu_power"]


@dataclass(frozen=True)
class Activation(Printable):
    r"""The activation :math:`\sigma(z) = \alpha z_+^k - \beta z_-^k`, positively homogeneous of degree k.

    Here ``z_+ = max(z, 0)`` and ``z_- = max(-z, 0)``.

    For ``degree`` k = 1 these are *all* functions with ``z σ'(z) = σ(z)``: ReLU is (1, 0), leaky ReLU (1, γ),
    the absolute value (1, -1), the identity (1, 1). In general ``z σ'(z) = k σ(z)`` (Euler).

    Parameters
    ----------
    alpha, beta : real numbers or SymPy expressions, the slopes on either side of 0
    degree : positive number or positive expression

    Raises
    ------
    NonFiniteError
        if a coefficient is no real, finite number.
    DimensionError
        if the degree is not positive.

    Examples
    --------
    >>> from sympy import symbols
    >>> z = symbols("z", real=True)
    >>> leaky_relu(sympy.Rational(1, 10))(z)
    Piecewise((z, z > 0), (z/10, True))
    >>> relu(-3), relu_power(2)(3)
    (0, 9)

    A degree of zero is a step, which has no conserved quantity:

    >>> Activation(1, 0, degree=0)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: degree: got 0; expected a positive number
    """

    alpha: Expr
    beta: Expr
    degree: Expr = 1

    def __post_init__(self) -> None:
        for name in ("alpha", "beta", "degree"):
            object.__setattr__(self, name, as_real(getattr(self, name), name))
        if not self.degree.is_positive:
            raise DimensionError(f"degree: got {self.degree}; expected a positive number")

    @property
    def is_linear(self) -> bool:
        """Whether σ is a linear function of z (α = β and degree 1)."""
        return bool(self.degree == 1 and sympy.simplify(self.alpha - self.beta) == 0)

    def __call__(self, z: object) -> Expr:
        """Return σ(z) as a SymPy expression (a ``Piecewise`` where the sign of z is not known)."""
        at = as_real(z, "z")
        if self.is_linear:
            return self.alpha * at
        return _by_sign(at, self._branch(at, 1), self._branch(at, -1))

    def derivative(self, z: object) -> Expr:
        """Return σ'(z); at z = 0 the left derivative, as torch does for ReLU and leaky ReLU.

        Nothing depends on that choice: eq. (9) holds for every selection of the subdifferential.

        >>> relu.derivative(2), relu.derivative(0), absolute_value.derivative(-5)
        (1, 0, -1)
        """
        at = as_real(z, "z")
        if self.is_linear:
            return self.alpha
        k = self.degree
        return _by_sign(at, self.alpha * k * at ** (k - 1), self.beta * k * (-at) ** (k - 1))

    def _branch(self, z: Expr, sign: int) -> Expr:
        if self.degree == 1:
            return (self.alpha if sign > 0 else self.beta) * z
        return self.alpha * z**self.degree if sign > 0 else -self.beta * (-z) ** self.degree

    def _latex(self, printer: Any) -> str:
        z_plus, z_minus = sympy.symbols("z_+ z_-")
        alpha, beta = self.alpha * z_plus**self.degree, self.beta * z_minus**self.degree
        return rf"z \mapsto {printer.doprint(alpha - beta)}"


def _by_sign(z: Expr, positive: Expr, otherwise: Expr) -> Expr:
    if z.is_positive:
        return positive
    if z.is_nonpositive:
        return otherwise
    return sympy.Piecewise((positive, z > 0), (otherwise, True))


def leaky_relu(gamma: object) -> Activation:
    """Return max(z, γz) for 0 <= γ <= 1; the paper prints ``max{z, γ}``, which is not homogeneous.

    >>> leaky_relu(0) == relu
    True
    >>> leaky_relu(2)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: gamma: got 2; expected a number between 0 and 1 (max(z, γz) of the paper)
    """
    slope = as_real(gamma, "gamma")
    if slope.is_negative or (slope - 1).is_positive:
        raise DimensionError(f"gamma: got {slope}; expected a number between 0 and 1 (max(z, γz) of the paper)")
    return Activation(1, slope)


def relu_power(degree: object) -> Activation:
    """Return z ↦ max(z, 0)^k, homogeneous of degree k."""
    return Activation(1, 0, degree)


relu = Activation(1, 0)
absolute_value = Activation(1, -1)
linear = Activation(1, 1)
