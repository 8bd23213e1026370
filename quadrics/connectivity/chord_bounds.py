r"""How far a chord is from the level set of its ends, by curvature: three bounds that hold, and the printed one.

A curve γ from w_1 to w_2 inside a level set, of length Λ and curvature at most K, and the chord
w(t) = (1-t) w_1 + t w_2 of length l. Zhao et al. (2024, Theorem 6.2) print, for a smooth curve without further
hypotheses, :math:`\operatorname{dist} \le d_{\max} = (1 - \sqrt{1 - (K l/2)^2}) / K`. The long way round a circle
violates it. What holds:

(A) always, γ of constant speed: dist(w(t)) ≤ t(1-t) K Λ² / 2 ≤ K Λ² / 8 (:func:`length_bound`);
(B) if K Λ ≤ π: dist ≤ (1 - cos(K Λ/2)) / K (:func:`turning_bound`), and this is at most d_max when l ≤ 2/K;
(C) if the level set has reach at least r > l/2: dist(w(t)) ≤ r - √(r² - t(1-t) l²) (:func:`reach_bound`).

The functions take numbers or symbols, and refuse numbers that violate the hypothesis.

>>> printed_bound(1, sympy.Rational(6, 5)), turning_bound(1, sympy.pi)
(1/5, 1)
>>> turning_bound(1, 2 * sympy.pi)
Traceback (most recent call last):
...
quadrics.errors.HypothesisError: curvature * length: got 2*pi; expected at most pi (otherwise take length_bound)
"""

from __future__ import annotations

from typing import Any

import sympy

from ..errors import HypothesisError, NonFiniteError
from ..validation import Expr, as_real

CURVATURE, CHORD, LENGTH, REACH = sympy.symbols("K l Lambda r", positive=True)
MIDPOINT = sympy.Rational(1, 2)


def printed_bound(curvature: Any = CURVATURE, chord: Any = CHORD) -> Expr:
    """Return d_max of eq. (8) as printed: the height of the circular arc of curvature K over a chord of length l.

    As a bound on the distance to the level set it needs a hypothesis that Theorem 6.2 lacks: K Λ ≤ π.

    Raises ``HypothesisError`` where it is not real, K l > 2, ``NonFiniteError`` for numbers that are not positive.

    >>> printed_bound(1, 2)
    1
    >>> printed_bound(1, 3)
    Traceback (most recent call last):
    ...
    quadrics.errors.HypothesisError: curvature * chord: got 3; expected at most 2 (no arc of that curvature \
spans the chord)
    """
    K, l = _positive(curvature, "curvature"), _positive(chord, "chord")
    _at_most(K * l, 2, "curvature * chord", "no arc of that curvature spans the chord")
    return (1 - sympy.sqrt(1 - (K * l / 2) ** 2)) / K


def length_bound(curvature: Any = CURVATURE, length: Any = LENGTH, t: Any = MIDPOINT) -> Expr:
    """Return t(1-t) K Λ²/2, bound (A): on |γ(t) - w(t)|, for every curve of constant speed.

    >>> length_bound(2, 3), length_bound(2, 3, 0)
    (9/4, 0)
    """
    K, Lam, s = _positive(curvature, "curvature"), _positive(length, "length"), _time(t)
    return s * (1 - s) * K * Lam**2 / 2


def acceleration_bound(acceleration: Any, t: Any = MIDPOINT) -> Expr:
    """Return t(1-t) S/2, bound (A) with S the largest |γ''(t)|; for γ = exp(tM)·w that is |M²·γ|.

    >>> acceleration_bound(8)
    1
    """
    return _time(t) * (1 - _time(t)) * as_real(acceleration, "acceleration") / 2


def turning_bound(curvature: Any = CURVATURE, length: Any = LENGTH) -> Expr:
    """Return (1 - cos(K Λ/2)) / K, bound (B), for a curve that turns by at most half a circle.

    Raises ``HypothesisError`` for K Λ > π. The half circle attains it:

    >>> turning_bound(1, sympy.pi)
    1
    """
    K, Lam = _positive(curvature, "curvature"), _positive(length, "length")
    _at_most(K * Lam, sympy.pi, "curvature * length", "otherwise take length_bound")
    return (1 - sympy.cos(K * Lam / 2)) / K


def shortest_chord(curvature: Any = CURVATURE, length: Any = LENGTH) -> Expr:
    """Return (2/K) sin(K Λ/2), the shortest chord of a curve with K Λ ≤ π (Schur's comparison with a circle).

    >>> shortest_chord(1, sympy.pi)
    2
    """
    K, Lam = _positive(curvature, "curvature"), _positive(length, "length")
    _at_most(K * Lam, sympy.pi, "curvature * length", "a longer curve may close up")
    return 2 * sympy.sin(K * Lam / 2) / K


def reach_bound(reach: Any = REACH, chord: Any = CHORD, t: Any = MIDPOINT) -> Expr:
    """Return r - √(r² - t(1-t) l²), bound (C); at t = 1/2 it is d_max with 1/r for the curvature.

    The reach of a set is the largest r such that every point nearer than r to the set has a single nearest point in
    it. It knows of parts of the level set that come back close to each other, which curvature does not.

    Raises ``HypothesisError`` unless l < 2r.

    >>> reach_bound(1, sympy.Rational(6, 5)) == printed_bound(1, sympy.Rational(6, 5))
    True
    """
    r, l, s = _positive(reach, "reach"), _positive(chord, "chord"), _time(t)
    if (l - 2 * r).is_negative is False:
        raise HypothesisError(f"chord: got {l}; expected less than twice the reach {r}")
    return r - sympy.sqrt(r**2 - s * (1 - s) * l**2)


def printed_bound_series(terms: int = 2, curvature: Any = CURVATURE, chord: Any = CHORD) -> Expr:
    """Return the first terms of d_max for small K l: K l²/8 + K³ l⁴/128 + ...

    >>> K, l = CURVATURE, CHORD
    >>> printed_bound_series(2) == K * l**2 / 8 + K**3 * l**4 / 128
    True
    """
    K, l = as_real(curvature, "curvature"), as_real(chord, "chord")
    x = K * l / 2
    return sum(
        (-sympy.binomial(sympy.Rational(1, 2), n) * (-1) ** n * x ** (2 * n) / K for n in range(1, terms + 1)),
        sympy.S.Zero,
    )


def _positive(value: Any, name: str) -> Expr:
    found = as_real(value, name)
    if found.is_positive is False:
        raise NonFiniteError(f"{name}: got {found}; expected a positive number")
    return found


def _time(value: Any) -> Expr:
    found = as_real(value, "t")
    if found.is_number and not 0 <= found <= 1:
        raise NonFiniteError(f"t: got {found}; expected a number between 0 and 1")
    return found


def _at_most(value: Expr, largest: Any, name: str, why: str) -> None:
    if (value - largest).is_positive:
        raise HypothesisError(f"{name}: got {value}; expected at most {largest} ({why})")
