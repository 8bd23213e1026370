r"""The curvature of regular curves, their length and how much they turn; the curves that symmetries induce.

For a curve γ that is twice differentiable with γ' ≠ 0, and T = γ' / \|γ'\|,

.. math:: \kappa = \frac{\|T'\|}{\|\gamma'\|}
          = \frac{\sqrt{\|\gamma'\|^2 \|\gamma''\|^2 - \langle \gamma', \gamma'' \rangle^2}}{\|\gamma'\|^3}

(section 6.2 of Zhao et al., 2024). Where γ' = 0 it is not defined, and a curve may have a corner there.

Along γ(t) = exp(tM)·w one has γ'' = M·γ', so that κ \|γ'\| is at most the operator norm of M, and the total curvature
:math:`\int \kappa\, ds` between w and g·w at most that of log g.

>>> t = sympy.Symbol("t", real=True)
>>> curvature([sympy.cos(t), sympy.sin(t), t], t)  # a helix
1/2
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from ..errors import DimensionError, NonFiniteError, ShapeError
from ..validation import Expr, as_real

TAU = sympy.Symbol("tau", real=True)
DEGREE, INNER, OUTER = sympy.symbols("k A B", positive=True)
"""The degree k of the activation, A = |W_{l-1}|² and B = |W_l|² at τ = 0."""


def components(curve: Any) -> tuple[Expr, ...]:
    """Return the coordinates of a curve, given as a row of expressions, a matrix, or weights (several matrices).

    >>> components([sympy.Matrix([[1, 2]]), sympy.Matrix([[3]])])
    (1, 2, 3)
    """
    if isinstance(curve, sympy.MatrixBase):
        return tuple(curve)
    if isinstance(curve, str | bytes) or not isinstance(curve, Sequence) or not curve:
        raise ShapeError(f"curve: got {type(curve).__name__}; expected its coordinates, expressions in t")
    found: list[Expr] = []
    for part in curve:
        found += list(part) if isinstance(part, sympy.MatrixBase) else [as_real(part, "a coordinate of the curve")]
    return tuple(found)


def inner_products(curve: Any, t: Any) -> tuple[Expr, Expr, Expr]:
    """Return |γ'|², <γ', γ''> and |γ''|²."""
    first = [sympy.diff(x, t) for x in components(curve)]
    second = [sympy.diff(x, t) for x in first]
    pairs = ((first, first), (first, second), (second, second))
    a, b, c = (sympy.Add(*(x * y for x, y in zip(u, v, strict=True))) for u, v in pairs)
    return a, b, c


def curvature_from(speed2: Any, mixed: Any, acceleration2: Any) -> Expr:
    """Return κ from |γ'|², <γ', γ''> and |γ''|².

    >>> curvature_from(4, 0, 9)
    3/4
    """
    speed2, mixed, acceleration2 = map(sympy.sympify, (speed2, mixed, acceleration2))
    return sympy.sqrt(speed2 * acceleration2 - mixed**2) / speed2 ** sympy.Rational(3, 2)


def curvature(curve: Any, t: Any) -> Expr:
    """Return the curvature κ(t) of a regular curve in any number of dimensions.

    Parameters
    ----------
    curve : coordinates, a matrix, or weights, as expressions in t
    t : the symbol of the parameter

    Raises
    ------
    NonFiniteError
        if γ' is identically zero (a point has no curvature).
    ShapeError
        if the curve is no row of expressions.

    Examples
    --------
    >>> t = sympy.Symbol("t", real=True)
    >>> curvature([3 * sympy.cos(t), 3 * sympy.sin(t)], t)
    1/3

    Where γ' = 0 at single points the formula has no value there:

    >>> curvature([t**2, t**3], t).subs(t, 0)
    nan
    """
    speed2, mixed, acceleration2 = (sympy.simplify(one) for one in inner_products(curve, t))
    if speed2 == 0:
        raise NonFiniteError("curve: got a curve that stays at one point; expected one with a nonzero derivative")
    return sympy.simplify(curvature_from(speed2, mixed, acceleration2))


def is_regular(curve: Any, t: Any, start: object, end: object) -> bool:
    """Whether γ' vanishes nowhere between two values of t, for coordinates that are polynomials in t.

    Decided by Sturm's theorem on |γ'|². Raises ``NonFiniteError`` for other curves.

    >>> t = sympy.Symbol("t", real=True)
    >>> is_regular([t, t**2], t, -1, 1), is_regular([t**2, t**3], t, -1, 1)
    (True, False)
    """
    speed2 = sympy.expand(inner_products(curve, t)[0])
    if not speed2.is_polynomial(t) or not speed2.free_symbols <= {t}:
        raise NonFiniteError(f"curve: got |γ'|² = {speed2}; expected a polynomial in {t} with rational coefficients")
    if speed2.is_number:
        return bool(speed2 != 0)
    return bool(sympy.Poly(speed2, t).count_roots(as_real(start, "start"), as_real(end, "end")) == 0)


def length(curve: Any, t: Any, start: object, end: object) -> Expr:
    """Return the length ∫ |γ'| dt, unevaluated where SymPy finds no closed form.

    >>> t = sympy.Symbol("t", real=True)
    >>> length([sympy.cos(t), sympy.sin(t), t], t, 0, 1)
    sqrt(2)
    """
    speed = sympy.sqrt(sympy.simplify(inner_products(curve, t)[0]))
    return sympy.integrate(speed, (t, as_real(start, "start"), as_real(end, "end")))


def turning_rate(curve: Any, t: Any) -> Expr:
    """Return κ|γ'| = |T'|, how fast the direction turns with t.

    >>> t = sympy.Symbol("t", real=True)
    >>> turning_rate([sympy.cos(5 * t), sympy.sin(5 * t)], t)
    5
    """
    return sympy.simplify(curvature(curve, t) * sympy.sqrt(sympy.simplify(inner_products(curve, t)[0])))


def total_curvature(curve: Any, t: Any, start: object, end: object) -> Expr:
    """Return ∫ κ ds, the length of the curve that T draws on the sphere.

    >>> t = sympy.Symbol("t", real=True)
    >>> total_curvature([t, t**2], t, -sympy.oo, sympy.oo)  # a parabola turns by half a circle
    pi
    """
    ends = [end if end in (sympy.oo, -sympy.oo) else as_real(end, "end") for end in (start, end)]
    return sympy.integrate(turning_rate(curve, t), (t, *ends))


def level_curvature(F: Any, x: Any, y: Any) -> Expr:
    """Return the curvature of the level curves of F(x, y), where the gradient is not zero.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> sympy.simplify(level_curvature(x**2 + y**2, x, y) - 1 / sympy.sqrt(x**2 + y**2))
    0
    """
    Fx, Fy = sympy.diff(F, x), sympy.diff(F, y)
    turn = sympy.diff(F, x, 2) * Fy**2 - 2 * sympy.diff(F, x, y) * Fx * Fy + sympy.diff(F, y, 2) * Fx**2
    return sympy.Abs(turn) / (Fx**2 + Fy**2) ** sympy.Rational(3, 2)


def rescaling_curvature(k: Any = DEGREE, A: Any = INNER, B: Any = OUTER, tau: Any = TAU) -> Expr:
    r"""Return the curvature of the rescaling orbit τ ↦ (e^τ W_{l-1}, e^{-kτ} W_l), A = |W_{l-1}|² and B = |W_l|².

    .. math:: \kappa = \frac{k (k+1) \sqrt{AB}\, e^{(1-k)\tau}}{(A e^{2\tau} + k^2 B e^{-2k\tau})^{3/2}}

    It depends on the norms alone, whatever the sizes of the layers. Raises ``DimensionError`` unless k, A and B may be
    positive (a layer that is zero makes the orbit a ray, or a point).

    >>> rescaling_curvature(1, 1, 1, 0)
    sqrt(2)/2
    """
    k, A, B = (_positive(value, name) for value, name in ((k, "k"), (A, "A"), (B, "B")))
    tau = as_real(tau, "tau")
    slope = A * sympy.exp(2 * tau) + k**2 * B * sympy.exp(-2 * k * tau)
    return k * (k + 1) * sympy.sqrt(A * B) * sympy.exp((1 - k) * tau) / slope ** sympy.Rational(3, 2)


def rescaling_peak(k: Any = DEGREE, A: Any = INNER, B: Any = OUTER) -> Expr:
    r"""Return the τ where the rescaling orbit bends most: :math:`A e^{2\tau} = \frac{2k+1}{k+2} k^2 B e^{-2k\tau}`.

    >>> rescaling_peak(1, 4, 1) == -sympy.log(4) / 4
    True
    """
    k, A, B = (_positive(value, name) for value, name in ((k, "k"), (A, "A"), (B, "B")))
    return sympy.log((2 * k + 1) * k**2 * B / ((k + 2) * A)) / (2 * (k + 1))


def largest_rescaling_curvature(k: Any = DEGREE, A: Any = INNER, B: Any = OUTER) -> Expr:
    """Return the largest curvature of the whole rescaling orbit; for k = 1 it is (4AB)^{-1/4}.

    >>> largest_rescaling_curvature(1, 4, 9)
    sqrt(3)/6
    """
    return sympy.simplify(rescaling_curvature(k, A, B, rescaling_peak(k, A, B)))


def _positive(value: Any, name: str) -> Expr:
    found = as_real(value, name)
    if found.is_positive is False:
        raise DimensionError(f"{name}: got {found}; expected a positive number")
    return found
