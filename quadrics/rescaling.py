"""Rescaling a neuron into a given quadric: the quartic (22), its positive root (23), and the degenerate neurons.

With ``A = |w|²`` (plus b², with biases) and ``C = |a|²``, the rescaled neuron T_α(θ) lies in Q(c) exactly when
``A α⁴ - c α² - C = 0`` (Proposition 4). The root is *selected by the code*: of the two roots α² exactly one
is positive.

>>> A, C = symbols("A C", positive=True)
>>> rescaling_factor(A, C, symbols("c", real=True))
sqrt(2)*sqrt(c + sqrt(4*A*C + c**2))/(2*sqrt(A))
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import Any

import sympy
from sympy import symbols

from .errors import ImbalanceError, RescalingError, ShapeError
from .network import Parameters
from .symmetry import rescale
from .validation import Expr, as_real


class RescalingCase(StrEnum):
    """How many rescalings take a neuron to Q(c)."""

    UNIQUE = "unique"
    NONE = "none"
    EVERY = "every"


def quartic(A: Expr, C: Expr, c: Expr, alpha: Expr) -> Expr:
    """Return ``A α⁴ - c α² - C``, which vanishes exactly when T_α takes the neuron to Q(c) (eq. 22).

    >>> quartic(2, 3, -1, 1)
    0
    """
    A, C, c = _squares(A, C, c)
    at = as_real(alpha, "alpha")
    return A * at**4 - c * at**2 - C


@cache
def squared_roots() -> tuple[tuple[Expr, Expr, Expr], Expr, Expr]:
    """Solve eq. (22) for u = α² and return ``((A, C, c), positive root, negative root)``.

    The selection is a proof: the product of the roots is -C/A < 0, so neither root vanishes while A, C > 0, and by
    continuity each keeps over all real c the sign that it has at c = 0.

    >>> (A, C, c), positive, negative = squared_roots()
    >>> positive.subs({A: 1, C: 1, c: 0}), negative.subs({A: 1, C: 1, c: 0})
    (1, -1)
    """
    A, C = symbols("A C", positive=True)
    c = symbols("c", real=True)
    u = symbols("u")
    alpha = sympy.Symbol("alpha", positive=True)
    polynomial = sympy.Poly(quartic(A, C, c, alpha).subs(alpha**2, u).subs(alpha**4, u**2), u)
    roots = {sympy.together(root): count for root, count in sympy.roots(polynomial).items()}
    if sum(roots.values()) != 2 or not sympy.simplify(sympy.prod(roots)).is_negative:
        raise RescalingError(f"eq. (22): got the roots {roots}; expected two of opposite sign")
    positive = [root for root in roots if root.subs(c, 0).is_positive]
    negative = [root for root in roots if root.subs(c, 0).is_negative]
    if len(positive) != 1 or len(negative) != 1:
        raise RescalingError(f"eq. (22): got the roots {roots}; expected to select one positive root")
    return (A, C, c), positive[0], negative[0]


def rescaling_case(A: Expr, C: Expr, c: Expr) -> RescalingCase:
    """Return whether a unique positive α, none, or every one takes a neuron with |w|² = A, |a|² = C to Q(c).

    The table of Proposition 4 with its degenerate rows:

    ============= ============= ===================== ==========================
    neuron        A, C          a rescaling exists    it is
    ============= ============= ===================== ==========================
    w ≠ 0, a ≠ 0  A > 0, C > 0  for every c           unique
    w = 0, a ≠ 0  A = 0, C > 0  exactly for c < 0     unique, α² = C/(-c)
    w ≠ 0, a = 0  A > 0, C = 0  exactly for c > 0     unique, α² = c/A
    w = 0, a = 0  A = 0, C = 0  exactly for c = 0     not unique: every α works
    ============= ============= ===================== ==========================

    Symbols whose sign is not known are taken as positive where A and C are concerned.

    Raises
    ------
    RescalingError
        if A or C is negative, or if the sign of c matters and is not known.
    ImbalanceError
        if c is no real, finite number.

    Examples
    --------
    >>> [str(rescaling_case(*v)) for v in ((1, 1, -5), (0, 1, -1), (0, 1, 1), (0, 0, 0), (0, 0, 1))]
    ['unique', 'unique', 'none', 'every', 'none']
    """
    A, C, c = _squares(A, C, c)
    if not A.is_zero and not C.is_zero:
        return RescalingCase.UNIQUE
    if A.is_zero and C.is_zero:
        return RescalingCase.EVERY if _sign(c) == 0 else RescalingCase.NONE
    wanted = -1 if A.is_zero else 1
    return RescalingCase.UNIQUE if _sign(c) == wanted else RescalingCase.NONE


def rescaling_factor(A: Expr, C: Expr, c: Expr) -> Expr:
    """Return the unique α > 0 with T_α(θ) in Q(c), for a neuron with |w|² = A and |a|² = C (eq. 23).

    The printed form cancels catastrophically in floating point when c < 0; see :func:`stable_rescaling_factor`.

    Parameters
    ----------
    A, C : nonnegative numbers or positive symbols, the squared norms of the input and output weights
    c : real number or symbol

    Raises
    ------
    RescalingError
        when there is no such α, or when there are many (the neuron is zero and so is c).
    ImbalanceError
        if c is no real, finite number.

    Examples
    --------
    >>> from sympy import Rational
    >>> rescaling_factor(Rational(9, 16), Rational(25, 16), 1)
    5/3
    >>> quartic(2, 7, -3, rescaling_factor(2, 7, -3)).simplify()
    0
    >>> rescaling_factor(0, 1, 3)
    Traceback (most recent call last):
    ...
    quadrics.errors.RescalingError: got |w|² = 0, |a|² = 1, c = 3, a neuron that no rescaling takes to Q(c); expected \
w ≠ 0, or c < 0
    """
    A, C, c = _squares(A, C, c)
    _require_unique(A, C, c)
    if A.is_zero:
        return sympy.sqrt(C / (-c))
    if C.is_zero:
        return sympy.sqrt(c / A)
    arguments, positive, _ = squared_roots()
    return sympy.sqrt(_at(positive, arguments, (A, C, c)))


def stable_rescaling_factor(A: Expr, C: Expr, c: Expr) -> Expr:
    """Return the α of eq. (23) in a form without cancellation, as a ``Piecewise`` in c when its sign is not known.

    For c >= 0 it is eq. (23). For c < 0, c + √(c² + 4AC) subtracts nearly equal numbers; Vieta's product of the roots
    gives the same α² as ``2C/(√(c² + 4AC) - c)``, a quotient of sums of positive terms. With symbols for all three
    arguments this is the expression for the torch side.

    Raises as :func:`rescaling_factor`.

    Examples
    --------
    >>> A, C = symbols("A C", positive=True)
    >>> stable_rescaling_factor(A, C, symbols("c", negative=True))
    sqrt(2)*sqrt(C)/sqrt(-c + sqrt(4*A*C + c**2))

    The two forms are one number; in floating point only one of them still has it:

    >>> exact = (1, sympy.Rational(1, 10**20), -1)
    >>> abs(rescaling_factor(*exact) / stable_rescaling_factor(*exact) - 1).n(30) < 1e-25
    True
    >>> rounded = (1.0, 1e-20, -1.0)
    >>> rescaling_factor(*rounded) == 0, stable_rescaling_factor(*rounded) > 9e-11
    (True, True)
    """
    A, C, c = _squares(A, C, c)
    _require_unique(A, C, c)
    (sA, sC, sc), positive, negative = squared_roots()
    numerator, denominator = sympy.fraction(sympy.together(-sC / (sA * negative)))
    sign = sympy.sign(denominator.subs({sA: 1, sC: 1, sc: 0}))
    by_vieta = sympy.expand(sign * numerator) / sympy.expand(sign * denominator)
    for_nonnegative = sympy.sqrt(_at(positive, (sA, sC, sc), (A, C, c)))
    for_negative = sympy.sqrt(_at(by_vieta, (sA, sC, sc), (A, C, c)))
    if c.is_nonnegative:
        return for_nonnegative
    if c.is_negative:
        return for_negative
    return sympy.Piecewise((for_nonnegative, c >= 0), (for_negative, True))


def rescale_to(theta: Parameters, c: Any) -> Parameters:
    """Return the one point of H(c) on the rescaling orbit of θ (Proposition 4).

    A zero neuron with c_k = 0 is on its quadric already and stays.

    Parameters
    ----------
    theta : parameters of width l
    c : l imbalances, or one number for all neurons

    Raises
    ------
    RescalingError
        naming the first neuron that no rescaling takes to its quadric.
    ImbalanceError, ShapeError
        if c holds something else than numbers, or not one for each neuron.

    Examples
    --------
    >>> from quadrics.forms import imbalance
    >>> theta = Parameters(W1=[[3, 4], [1, 0]], W2=[[5, 1]])
    >>> imbalance(rescale_to(theta, [sympy.Rational(75, 2), 0]))
    [75/2, 0]
    >>> rescale_to(Parameters(W1=[[0, 0]], W2=[[5]]), [1])
    Traceback (most recent call last):
    ...
    quadrics.errors.RescalingError: neuron 0: got |w|² = 0, |a|² = 25, c = 1, a neuron that no rescaling takes to \
Q(c); expected w ≠ 0, or c < 0
    """
    if isinstance(c, Sequence | sympy.MatrixBase) and not isinstance(c, str | bytes):
        targets = list(c)
    elif hasattr(c, "tolist") and not isinstance(c, sympy.Basic):
        targets = list(c.tolist()) if isinstance(c.tolist(), list) else [c.tolist()] * theta.width
    else:
        targets = [c] * theta.width
    if len(targets) != theta.width:
        raise ShapeError(f"c: got {len(targets)} imbalances; expected {theta.width}, one for each neuron")
    factors = []
    for k, (neuron, target) in enumerate(zip(theta.neurons(), targets, strict=True)):
        A, C = sympy.expand(neuron.input_square), sympy.expand(neuron.output_square)
        if rescaling_case(A, C, target) is RescalingCase.EVERY:
            factors.append(sympy.Integer(1))
            continue
        try:
            factors.append(rescaling_factor(A, C, target))
        except RescalingError as exc:
            raise RescalingError(f"neuron {k}: {exc}") from None
    return rescale(theta, factors)


def _squares(A: Expr, C: Expr, c: Expr) -> tuple[Expr, Expr, Expr]:
    first, second = as_real(A, "A = |w|²"), as_real(C, "C = |a|²")
    for name, value in (("|w|²", first), ("|a|²", second)):
        if value.is_negative:
            raise RescalingError(f"got {name} = {value}; expected a nonnegative number")
    return first, second, as_real(c, "c", ImbalanceError)


def _sign(c: Expr) -> int:
    for sign, known in ((0, c.is_zero), (1, c.is_positive), (-1, c.is_negative)):
        if known:
            return sign
    raise RescalingError(f"got c = {c} with a degenerate neuron; expected a number or a symbol whose sign is known")


def _require_unique(A: Expr, C: Expr, c: Expr) -> None:
    case = rescaling_case(A, C, c)
    given = f"got |w|² = {A}, |a|² = {C}, c = {c}, "
    if case is RescalingCase.EVERY:
        raise RescalingError(given + "a zero neuron, which every rescaling leaves in Q(0); expected w ≠ 0 or a ≠ 0")
    if case is RescalingCase.NONE:
        wanted = "w ≠ 0, or c < 0" if not C.is_zero else "a ≠ 0, or c > 0" if not A.is_zero else "c = 0"
        raise RescalingError(given + f"a neuron that no rescaling takes to Q(c); expected {wanted}")


def _at(expr: Expr, arguments: tuple[Expr, ...], values: tuple[Expr, ...]) -> Expr:
    return expr.subs(dict(zip(arguments, values, strict=True)), simultaneous=True)
