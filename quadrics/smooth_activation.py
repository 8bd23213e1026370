r"""Smooth activations as exact expressions: sigmoid, softplus, tanh, ... and those of Şimşek et al. (2021).

They are not homogeneous, so that no imbalance is conserved; their symmetries are permutations only, and the identities
that a particular one happens to satisfy (:mod:`quadrics.expansion.activations.null_functions`).

>>> sigmoid(0), sigmoid.derivative(0), softplus(0), tanh.derivative(0, 3)
(1/2, 1/4, log(2), -2)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy

from .errors import NonFiniteError, UnknownActivationError
from .printing import Printable
from .validation import Expr, as_dimension, as_real

Z = sympy.Symbol("z", real=True)
"""The argument of every ``formula``."""


@dataclass(frozen=True)
class SmoothActivation(Printable):
    r"""A smooth activation σ: its name, and its formula in the symbol ``Z``.

    Parameters
    ----------
    name : how it is called, as PyTorch calls it where it is there
    formula : a SymPy expression in ``Z`` alone

    Raises
    ------
    NonFiniteError
        if the formula has other symbols than ``Z``.

    Examples
    --------
    >>> SmoothActivation("square", Z**2).derivative(Z)
    2*z
    >>> SmoothActivation("affine", 2 * Z + sympy.Symbol("c"))
    Traceback (most recent call last):
    ...
    quadrics.errors.NonFiniteError: formula: got the symbols c, z; expected z alone
    """

    name: str
    formula: Expr

    def __post_init__(self) -> None:
        object.__setattr__(self, "formula", sympy.sympify(self.formula))
        if not self.formula.free_symbols <= {Z}:
            got = ", ".join(sorted(map(str, self.formula.free_symbols)))
            raise NonFiniteError(f"formula: got the symbols {got}; expected z alone")

    def __call__(self, z: object) -> Expr:
        """Return σ(z) as a SymPy expression."""
        return self.formula.subs(Z, as_real(z, "z"))

    def derivative(self, z: object, order: object = 1) -> Expr:
        """Return the derivative of the given order at z.

        Raises ``DimensionError`` for a negative order.

        >>> softplus.derivative(0, 2), sigmoid.derivative(0, 2)
        (1/4, 0)
        """
        n = as_dimension(order, "order", 0)
        return sympy.diff(self.formula, Z, n).subs(Z, as_real(z, "z"))

    def _latex(self, printer: Any) -> str:
        return rf"z \mapsto {printer.doprint(self.formula)}"


def soft_sigmoid(alpha: object = 1, gamma: object = 4) -> SmoothActivation:
    r"""Return g_{α,γ}(z) = softplus(z) + α sigmoid(γ z), the paper's example for Theorem 4.2 (Remark 4.1).

    The default α = 1, γ = 4 is that of the authors' experiments.

    >>> soft_sigmoid(2, 3)(0)
    log(2) + 1
    """
    a, g = as_real(alpha, "alpha"), as_real(gamma, "gamma")
    return SmoothActivation(f"soft_sigmoid({a}, {g})", softplus.formula + a * sigmoid.formula.subs(Z, g * Z))


def activation_named(name: str) -> SmoothActivation:
    """Return one of the named activations; text is looked up, never evaluated.

    Raises
    ------
    UnknownActivationError
        with the names there are.

    Examples
    --------
    >>> activation_named("tanh") == tanh
    True
    >>> activation_named("sin(z)")
    Traceback (most recent call last):
    ...
    quadrics.errors.UnknownActivationError: activation: got 'sin(z)'; expected one of erf, gelu, sigmoid, silu, \
soft_sigmoid, softplus, tanh
    """
    if name not in NAMED:
        raise UnknownActivationError(f"activation: got {name!r}; expected one of {', '.join(sorted(NAMED))}")
    return NAMED[name]


sigmoid = SmoothActivation("sigmoid", 1 / (1 + sympy.exp(-Z)))
softplus = SmoothActivation("softplus", sympy.log(1 + sympy.exp(Z)))
tanh = SmoothActivation("tanh", sympy.tanh(Z))
erf = SmoothActivation("erf", sympy.erf(Z))
gelu = SmoothActivation("gelu", Z * (1 + sympy.erf(Z / sympy.sqrt(2))) / 2)
silu = SmoothActivation("silu", Z / (1 + sympy.exp(-Z)))

NAMED: dict[str, SmoothActivation] = {
    **{one.name: one for one in (sigmoid, softplus, tanh, erf, gelu, silu)},
    "soft_sigmoid": soft_sigmoid(),
}
"""The activations that can be called by name; ``soft_sigmoid`` is g_{1,4}."""
