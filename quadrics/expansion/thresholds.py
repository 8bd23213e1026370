r"""From which width on the global minima outnumber the critical subspaces: eq. (6) and figure 6, exactly.

With :math:`a_k \le \binom{r^*-1}{k-1}` critical points of width r* - k, there are at most

.. math:: \sum_{k=1}^{r^*-1} \binom{r^*-1}{k-1} G(r^*-k, m) = (r^*-1)^m

critical subspaces, since every map of [m] to r* - 1 labels is onto a subset of them. Hence eq. (6) holds for *all*
admissible a exactly when :math:`T(r^*, m) \ge (r^*)^m`. As T(r, m+1) ≥ (r+1) T(r, m), the quotient T(r, m)/r^m grows
with m: there is a sharp threshold m_0(r*), and eq. (6) is false below it.

>>> [threshold(r) for r in range(2, 13)]
[3, 5, 7, 8, 10, 12, 14, 17, 19, 21, 23]
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from math import comb

from sympy import Rational

from ..errors import DimensionError
from ..validation import as_dimension
from .asymptotics import level_ratio
from .counts import G, T


def holds_for_all(r_star: object, m: object) -> bool:
    """Whether eq. (6) holds at width m for all a_k ≤ C(r*-1, k-1): T(r*, m) ≥ (r*)^m.

    >>> holds_for_all(5, 7), holds_for_all(5, 8)
    (False, True)
    """
    r, m = _sizes(r_star, m)
    return bool(T(r, m) >= r**m)


def threshold(r_star: object) -> int:
    r"""Return m_0(r*), the least m ≥ r* from which on eq. (6) holds for all admissible a.

    Raises ``DimensionError`` for r* < 2, where there is no smaller network.

    >>> threshold(30), T(30, 66) >= 30**66, T(30, 65) >= 30**65
    (66, True, False)
    """
    r = as_dimension(r_star, "r_star", 2)
    return next(m for m in count(r) if T(r, m) >= r**m)


def critical_count(a: Sequence[int], m: object) -> int:
    """Return Σ_k a_k G(r* - k, m) for a = (a_1, ..., a_{r*-1}): all critical subspaces of width m.

    >>> critical_count([1, 1], 3)
    7
    """
    m = as_dimension(m, "m", 1)
    numbers = [as_dimension(a_k, "a_k", 0) for a_k in a]
    return sum(a_k * G(len(numbers) - k, m) for k, a_k in enumerate(numbers))


def most_critical_points(r_star: object) -> tuple[int, ...]:
    """Return the largest a that eq. (6) admits, a_k = C(r*-1, k-1): then the critical subspaces are (r*-1)^m.

    >>> most_critical_points(4), critical_count(most_critical_points(4), 6) == 3**6
    ((1, 3, 3), True)
    """
    r = as_dimension(r_star, "r_star", 2)
    return tuple(comb(r - 1, k - 1) for k in range(1, r))


def holds_for(a: Sequence[int], m: object) -> bool:
    """Whether the inequality of eq. (6) holds at width m for these numbers a_1, ..., a_{r*-1} of critical points.

    >>> [m for m in range(5, 12) if not holds_for([1] * 4, m)]
    [5, 6, 7]
    """
    r, m = _sizes(len(a) + 1, m)
    return bool(critical_count(a, m) * r**m <= T(r, m) * (r - 1) ** m)


def total_ratio(r_star: object, m: object) -> Rational:
    """Return Σ_{k=1}^{r*-1} R_k(r*, m), the blue curve of figures 6 and A4 (a_k = 1).

    >>> round(float(total_ratio(30, 30)), 1)
    42990.3
    """
    r, m = _sizes(r_star, m)
    return Rational(critical_count([1] * (r - 1), m), T(r, m))


def crossover(r_star: object, k: int | None = None) -> int:
    """Return the least m with R_k(r*, m) < 1, or with Σ_k R_k(r*, m) < 1 if no level k is given.

    >>> crossover(30), crossover(30, k=1), [crossover(r) for r in (10, 20)]
    (42, 37, [13, 28])
    """
    r = as_dimension(r_star, "r_star", 2)
    return next(m for m in count(r) if (total_ratio(r, m) if k is None else level_ratio(k, r, m)) < 1)


def _sizes(r_star: object, m: object) -> tuple[int, int]:
    r, m = as_dimension(r_star, "r_star", 2), as_dimension(m, "m", 1)
    if m < r:
        raise DimensionError(f"m: got {m}; expected at least r* = {r} (eq. 6 speaks of overparameterized networks)")
    return r, m
