"""An activation of which nothing is known but that it is smooth: its derivatives are symbols.

>>> UNKNOWN(3), UNKNOWN.derivative(3, 2)
(SigmaDerivative(0, 3), SigmaDerivative(2, 3))
"""

from __future__ import annotations

from typing import Any, Protocol

import sympy

from ...validation import Expr, as_dimension, as_real


class Smooth(Protocol):
    """What an activation must offer: values, and derivatives of a given order."""

    def __hash__(self) -> int:
        """Return a hash, as results are remembered by activation."""

    def __call__(self, z: object) -> Expr:
        """Return σ(z)."""

    def derivative(self, z: object, order: object = 1) -> Expr:
        """Return the derivative of σ of the given order at z."""


class SigmaDerivative(sympy.Function):  # type: ignore[misc]  # SymPy ships no types
    """σ^(n)(z) for an activation of which nothing else is known.

    >>> z = sympy.Symbol("z")
    >>> SigmaDerivative(1, 2 * z).diff(z)
    2*SigmaDerivative(2, 2*z)
    """

    nargs = 2

    def fdiff(self, argindex: int = 2) -> Expr:
        """Return the derivative by z."""
        return SigmaDerivative(self.args[0] + 1, self.args[1])

    def _latex(self, printer: Any, exp: Any = None) -> str:
        order, z = self.args
        primes = "'" * int(order) if order.is_Integer and order < 4 else f"^{{({printer.doprint(order)})}}"
        shown = rf"\sigma{primes}\left({printer.doprint(z)}\right)"
        return shown if exp is None else rf"{shown}^{{{exp}}}"


class UnknownActivation:
    """An activation of which nothing is known but that it is smooth: its derivatives are symbols.

    >>> UnknownActivation()(3), UnknownActivation().derivative(3, 2)
    (SigmaDerivative(0, 3), SigmaDerivative(2, 3))
    """

    def __call__(self, z: object) -> Expr:
        """Return σ(z)."""
        return SigmaDerivative(0, as_real(z, "z"))

    def derivative(self, z: object, order: object = 1) -> Expr:
        """Return the derivative of the given order at z."""
        return SigmaDerivative(as_dimension(order, "order", 0), as_real(z, "z"))


UNKNOWN = UnknownActivation()
