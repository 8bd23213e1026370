r"""How G and T grow, with error terms: near the diagonal, for fixed r, and at the peak (Lemma 4.6 and eq. 5).

Near the diagonal everything is exact (:mod:`~quadrics.expansion.near_diagonal`), so the expansions in 1/m below are
those of polynomials and rational functions, to any order.

>>> m = sympy.Symbol("m", positive=True)
>>> near_diagonal_expansion(2, m, order=3), near_diagonal_expansion(2, m, order=3, zero_types=True)
(1 - 11/(3*m) + 10/(3*m**2), 1 + 1/(3*m) + 10/(3*m**2))
"""

from __future__ import annotations

from math import comb
from typing import Any

import sympy
from sympy import Integer, Rational, Symbol, log

from ..errors import DimensionError
from ..validation import Expr, as_dimension, as_real
from .counts import G, T
from .near_diagonal import G_polynomial, T_polynomial, leading_term
from .sizes import as_sizes


def near_diagonal_expansion(k: object, m: Expr, order: object = 2, zero_types: bool = False) -> Expr:
    r"""Return G(m-k, m), or T(m-k, m), over :math:`m^k m!/(2^k k!)`, up to but without :math:`m^{-order}`.

    The quotient is a polynomial in 1/m of degree k, so ``order = k + 1`` is exact. Lemma 4.6 is the first term.

    >>> m = Symbol("m")
    >>> near_diagonal_expansion(1, m), near_diagonal_expansion(1, m, zero_types=True)
    (1 - 1/m, 1 + 1/m)
    """
    order = as_dimension(order, "order", 1)
    polynomial = (T_polynomial if zero_types else G_polynomial)(k, m)
    quotient = sympy.expand(polynomial / leading_term(k, m))
    return sympy.Add(*(quotient.coeff(m, -i) * m**-i for i in range(order)))


def level_ratio(k: object, r_star: object, m: object) -> Rational:
    r"""Return :math:`R_k(r^*, m) = G(r^*-k, m)/T(r^*, m)` exactly (eq. 5).

    Raises ``DimensionError`` unless 0 ≤ k ≤ r* ≤ m.

    >>> level_ratio(1, 30, 30), level_ratio(1, 30, 36) > 1 > level_ratio(1, 30, 37)
    (29/2, True)
    """
    r_star, m = as_sizes(r_star, m)
    k = as_dimension(k, "k", 0, r_star)
    if r_star > m:
        raise DimensionError(f"sizes: got r* = {r_star} and m = {m}; expected r* <= m")
    return Rational(G(r_star - k, m), T(r_star, m))


def level_ratio_function(k: object, h: object, r: Expr) -> Expr:
    """Return R_k(r, r + h) as a rational function of r, for fixed k and h: the factorials cancel.

    >>> level_ratio_function(1, 0, Symbol("r"))
    r/2 - 1/2
    >>> level_ratio_function(1, 1, Symbol("r")).subs(Symbol("r"), 7) == level_ratio(1, 7, 8)
    True
    """
    k, h = as_dimension(k, "k", 0), as_dimension(h, "h", 0)
    return sympy.cancel(G_polynomial(k + h, r + h) / T_polynomial(h, r + h))


def level_ratio_leading(k: object, h: object, r: Expr) -> Expr:
    r"""Return :math:`r^k / (2^k (h+1) \cdots (h+k))`, the leading term of R_k(r, r + h) for large r (eq. 5).

    >>> level_ratio_leading(2, 1, Symbol("r"))
    r**2/24
    """
    k, h = as_dimension(k, "k", 0), as_dimension(h, "h", 0)
    return r**k / (Integer(2) ** k * sympy.prod([h + i for i in range(1, k + 1)]))


def level_ratio_error(k: object, h: object) -> Rational:
    """Return e with R_k(r, r + h) / (leading term) = 1 + e/r + O(1/r²): what eq. (5) neglects first.

    >>> level_ratio_error(1, 0), level_ratio_error(2, 2), level_ratio_error(3, 5)
    (-1, -31/3, -28)
    """
    k, h = as_dimension(k, "k", 0), as_dimension(h, "h", 0)
    r = Symbol("r", positive=True)
    above, below = G_polynomial(k + h, r + h), T_polynomial(h, r + h)
    # (A r^p + A' r^(p-1) + ...) / (B r^q + B' r^(q-1) + ...): the relative correction is A'/A - B'/B.
    first = above.coeff(r, k + h - 1) / above.coeff(r, k + h) if k + h else Integer(0)
    second = below.coeff(r, h - 1) / below.coeff(r, h) if h else Integer(0)
    return first - second


def fixed_r_bounds(r: object, m: object) -> tuple[int, int]:
    r"""Return bounds of G(r, m): :math:`r^m - r(r-1)^m \le G(r, m) \le r^m` (Bonferroni).

    Hence :math:`1 - r(1 - 1/r)^m \le G(r,m)/r^m \le 1`: for fixed r ≥ 1, G(r, m) ~ r^m, at a geometric rate.

    >>> low, high = fixed_r_bounds(3, 20)
    >>> low <= G(3, 20) <= high
    True
    >>> fixed_r_bounds(0, 5)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: r: got 0; expected an integer of at least 1
    """
    r, m = as_dimension(r, "r", 1), as_dimension(m, "m", 0)
    return r**m - r * (r - 1) ** m, r**m


def bonferroni(r: object, m: object, terms: object) -> int:
    r"""Return the sum of the first ``terms`` terms of G(r, m) = Σ_i (-1)^i C(r, i) (r-i)^m.

    The sums are in turn too large and too small.

    >>> [bonferroni(4, 6, n) for n in range(1, 6)], G(4, 6)
    ([4096, 1180, 1564, 1560, 1560], 1560)
    """
    r, m = as_sizes(r, m)
    terms = as_dimension(terms, "terms", 0, r + 1)
    return sum((-1) ** i * comb(r, i) * (r - i) ** m for i in range(terms))


PEAK = 1 / (2 * log(2))
"""Where G(r, m) is largest in r, as a fraction of m, for large m (figure A3): 0.7213...

With u marking labels the generating function is 1/(1 - u(e^x - 1)), whose nearest singularity ρ(u) has e^ρ = 1 + 1/u:
the mean of r/m is -ρ'(1)/ρ(1).
"""


def peak(m: object, zero_types: bool = False) -> int:
    """Return the least r at which G(r, m), or T(r, m), is largest.

    >>> [peak(m) for m in (10, 20, 30)], [peak(m, zero_types=True) for m in (10, 20, 30)]
    ([8, 15, 22], [7, 14, 21])
    """
    m = as_dimension(m, "m", 1)
    count: Any = T if zero_types else G
    values = [count(r, m) for r in range(m + 1)]
    return values.index(max(values))


def mean_labels(m: object, zero_types: bool = False) -> Expr:
    """Return the mean of r with weights G(r, m), or T(r, m), for r = 0, ..., m: a rational number.

    ``Σ_r G(r, m) x^r`` has real roots only, so that the largest G(r, m) is less than 1 away from the mean (Darroch,
    Ann. Math. Statist. 35 (1964), theorem 4). ``Σ_r T(r, m) x^r`` has others too.

    >>> mean_labels(2), abs(peak(30) - mean_labels(30)) < 1
    (5/3, True)
    """
    m = as_dimension(m, "m", 1)
    count: Any = T if zero_types else G
    values = [count(r, m) for r in range(m + 1)]
    return sympy.Rational(sum(r * value for r, value in enumerate(values)), sum(values))


def mean_labels_limit(m: Expr, zero_types: bool = False) -> Expr:
    """Return what :func:`mean_labels` approaches as m grows, exponentially fast: ``(m + 1)/(2 ln 2) - 1/2``, or - 3/2.

    With ``y = e^x - 1``, ``f = 1/(1 - y)`` and ``g = e^y/(1 - y)`` the weighted sums have the generating functions
    ``y/(1 - y)^2 = (f' - f)/2`` and ``y e^y/(1 - y)^2 = (g' - 3g + e^y)/2``, and the coefficients of f and g grow by
    ``(m + 1)/ln 2`` from m to m + 1, the simple pole at ln 2 being nearer than the others.

    >>> mean_labels_limit(0), abs(mean_labels_limit(20) - mean_labels(20)).evalf() < 1e-14
    (-1/2 + 1/(2*log(2)), True)
    """
    return (as_real(m, "m") + 1) * PEAK - (sympy.Rational(3, 2) if zero_types else sympy.Rational(1, 2))
