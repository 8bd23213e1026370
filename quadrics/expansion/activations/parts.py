r"""The even and the odd part of an activation: a polynomial, or infinitely many derivatives at 0 that are not zero.

Whether a network is determined by its function depends on the two parts of
σ(z) = σ_even(z) + σ_odd(z) alone (section 4.1 and appendix B.3 of Şimşek et al., 2021). A part of an analytic function
is a polynomial, or has infinitely many nonzero derivatives at 0; which of the two is decided here, not sampled.

>>> from quadrics.smooth_activation import softplus
>>> even_part(softplus).is_polynomial, odd_part(softplus).coefficients
(False, {1: 1/2})
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sympy

from ...errors import UnknownActivationError
from ...smooth_activation import SmoothActivation, Z
from ...validation import Expr, as_dimension, as_real

ENTIRE = (sympy.exp, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.erf, sympy.erfc)
ANALYTIC_ON_THE_LINE = (*ENTIRE, sympy.tanh, sympy.sech, sympy.atan, sympy.asinh)
HIGHEST_DERIVATIVE = 4
HIGHEST_DEGREE = 12


@dataclass(frozen=True)
class Part:
    """The even or odd part of an activation.

    Parameters
    ----------
    formula : the part, an expression in ``Z``
    coefficients : degree -> nonzero coefficient if it is a polynomial; ``None`` if infinitely many of its derivatives
        at 0 are not zero
    reason : why
    """

    formula: Expr
    coefficients: dict[int, Expr] | None
    reason: str

    @property
    def is_polynomial(self) -> bool:
        """Whether all but finitely many derivatives at 0 are zero."""
        return self.coefficients is not None


def even_part(activation: SmoothActivation | Expr) -> Part:
    """Return (σ(z) + σ(-z))/2 and whether it is a polynomial.

    The activation may be a formula in ``Z`` with parameters; give them the signs that matter (``positive=True``).

    Raises
    ------
    NonFiniteError
        for text, or anything else that is no real formula.
    UnknownActivationError
        if it cannot be decided: the formula is not seen to be analytic on the real line, or none of the certificates
        of :func:`not_a_polynomial` applies.

    Examples
    --------
    >>> from quadrics.smooth_activation import sigmoid
    >>> even_part(sigmoid).coefficients
    {0: 1/2}
    >>> even_part(abs(Z))
    Traceback (most recent call last):
    ...
    quadrics.errors.UnknownActivationError: activation: got Abs(z), which is not seen to be analytic on the real line; \
expected sums, products, powers and compositions of exp, log, erf, tanh, sin, cos, ... that are
    """
    return _part(_formula(activation), 1)


def odd_part(activation: SmoothActivation | Expr) -> Part:
    """Return (σ(z) - σ(-z))/2 and whether it is a polynomial; see :func:`even_part`.

    >>> odd_part(sympy.cos(Z)).coefficients, odd_part(sympy.exp(Z)).is_polynomial
    ({}, False)
    """
    return _part(_formula(activation), -1)


def not_a_polynomial(formula: Expr) -> str | None:
    r"""Return why an analytic function of ``Z`` is no polynomial, or ``None`` if no certificate is found.

    Two certificates: a derivative that tends to a finite limit at infinity without being constant (a polynomial would
    have to be constant), or a derivative that is a nonzero multiple of a lower one (its degree would be lower).

    >>> not_a_polynomial(sympy.tanh(Z))
    'tends to 1 at infinity, and is 0 at 0'
    >>> not_a_polynomial(sympy.cosh(Z))
    'derivative 2 is 1 times derivative 0'
    >>> not_a_polynomial(Z**2) is None
    True
    """
    return _by_limit(formula) or _by_eigenfunction(formula)


def vanishes(formula: Expr, depth: int = 2) -> bool:
    """Whether exact rewriting shows that a function of ``Z`` is identically zero.

    It is zero if it is zero at 0 and its derivative vanishes: that gets rid of logarithms.

    >>> vanishes(sympy.log(1 + sympy.exp(Z)) - sympy.log(1 + sympy.exp(-Z)) - Z), vanishes(sympy.tanh(Z))
    (True, False)
    """
    rewritten = sympy.simplify(sympy.together(formula.rewrite(sympy.exp)))
    if rewritten == 0:
        return True
    if depth == 0 or is_nonzero(formula.subs(Z, 0)):
        return False
    return bool(sympy.simplify(formula.subs(Z, 0)) == 0) and vanishes(sympy.diff(formula, Z), depth - 1)


def is_nonzero(value: Expr) -> bool:
    """Whether a number, or an expression in parameters of known signs, is certainly not zero."""
    simple = sympy.simplify(value)
    return bool(simple.is_zero is False or (simple.is_number and simple.equals(0) is False))


def is_analytic(formula: Expr) -> bool:
    """Whether the shape of a formula shows that it is analytic on the whole real line.

    >>> is_analytic(1 / (1 + sympy.exp(-Z))), is_analytic(sympy.log(Z)), is_analytic(1 / Z)
    (True, False, False)
    """
    if formula.is_Atom:
        return True
    if not all(is_analytic(one) for one in formula.args):
        return False
    if formula.is_Add or formula.is_Mul or isinstance(formula, ANALYTIC_ON_THE_LINE):
        return True
    if isinstance(formula, sympy.log):
        return bool(formula.args[0].is_positive)
    if formula.is_Pow:
        base, exponent = formula.as_base_exp()
        if exponent.is_Integer and exponent >= 0:
            return True
        return bool(base.is_positive or (exponent.is_Integer and base.is_negative))
    return False


@lru_cache(maxsize=256)
def taylor_coefficients(formula: Expr, order: int) -> tuple[Expr, ...]:
    """Return the coefficients of z^0, ..., z^order at 0.

    Raises ``DimensionError`` unless 0 ≤ order ≤ 100.

    >>> taylor_coefficients(1 / (1 + sympy.exp(-Z)), 3)
    (1/2, 1/4, 0, -1/48)
    """
    order = as_dimension(order, "order", 0, 100)
    series = sympy.series(formula, Z, 0, order + 1).removeO()
    terms = sympy.Poly(sympy.expand(series), Z).as_dict()
    values = [terms.get((k,), sympy.Integer(0)) for k in range(order + 1)]
    return tuple(value if value.is_Rational else sympy.simplify(value) for value in values)


def _formula(activation: SmoothActivation | Expr) -> Expr:
    return activation.formula if isinstance(activation, SmoothActivation) else as_real(activation, "activation")


@lru_cache(maxsize=256)
def _part(formula: Expr, sign: int) -> Part:
    if not is_analytic(formula):
        raise UnknownActivationError(
            f"activation: got {formula}, which is not seen to be analytic on the real line; expected sums, products, "
            "powers and compositions of exp, log, erf, tanh, sin, cos, ... that are"
        )
    part = (formula + sign * formula.subs(Z, -Z)) / 2
    reason = None if sympy.expand(part).is_polynomial(Z) else _by_limit(part)
    if reason is None:
        polynomial = _as_polynomial(part)
        if polynomial is not None:
            return Part(sympy.Add(*(c * Z**k for k, c in polynomial.items())), polynomial, "is a polynomial")
        reason = _by_eigenfunction(part)
    if reason is not None:
        return Part(part, None, reason)
    raise UnknownActivationError(
        f"activation: got {formula}, whose {'even' if sign > 0 else 'odd'} part is neither seen to be a polynomial nor "
        "seen not to be one; expected a formula where exact rewriting or a limit at infinity decides"
    )


def _by_limit(formula: Expr) -> str | None:
    for order in range(HIGHEST_DERIVATIVE + 1):
        derivative = sympy.diff(formula, Z, order)
        limit = sympy.limit(derivative, Z, sympy.oo)
        if limit.is_finite:
            value = sympy.simplify(derivative.subs(Z, 0))
            which = f"derivative {order} tends" if order else "tends"
            return f"{which} to {limit} at infinity, and is {value} at 0" if is_nonzero(limit - value) else None
    return None


def _by_eigenfunction(formula: Expr) -> str | None:
    for low in range(HIGHEST_DERIVATIVE):
        lower = sympy.simplify(sympy.diff(formula, Z, low))
        for order in range(1, HIGHEST_DERIVATIVE + 1) if lower != 0 else ():
            ratio = sympy.simplify(sympy.diff(lower, Z, order) / lower)
            if Z not in ratio.free_symbols and is_nonzero(ratio):
                return f"derivative {low + order} is {ratio} times derivative {low}"
    return None


def _as_polynomial(part: Expr) -> dict[int, Expr] | None:
    """The nonzero coefficients by degree if the part is shown to be a polynomial."""
    candidate = sympy.expand(part)
    if not candidate.is_polynomial(Z):
        values = taylor_coefficients(part, HIGHEST_DEGREE)
        if any(is_nonzero(value) for value in values[-4:]):
            return None  # a polynomial with so high a degree is not looked for
        candidate = sympy.Add(*(c * Z**k for k, c in enumerate(values)))
        if not vanishes(part - candidate):
            return None
    terms = sympy.Poly(candidate, Z).as_dict()
    coefficients = {degrees[0]: sympy.simplify(c) for degrees, c in sorted(terms.items())}
    return {k: c for k, c in coefficients.items() if c != 0}
