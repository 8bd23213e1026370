r"""How many affine subspaces an expansion has: G(r, m) critical ones, T(r, m) of global minima, as exact integers.

Şimşek et al. (2021): an irreducible point of r neurons, expanded to m of them, gives T(r, m) affine subspaces of equal
loss (Theorem 3.1), and, if it is critical, G(r, m) affine subspaces of critical points (Proposition 4.3). In terms of
:mod:`~quadrics.expansion.configurations`: all configurations, and those without zero-type groups.

>>> from quadrics.expansion.enumeration import affine_subspaces, critical_subspaces
>>> T(2, 3) == len(list(affine_subspaces(2, 3)))
True
>>> G(2, 3) == len(list(critical_subspaces(2, 3)))
True
>>> T(2, 3), G(2, 3), T(3, 4), G(3, 4)
(12, 6, 60, 36)

Every size in the thousands comes back at once:

>>> T(30, 5000).bit_length(), G(30, 5000).bit_length()
(41956, 24535)
"""

from __future__ import annotations

from math import lgamma, log

from sympy.external.gmpy import MPZ

from .near_diagonal import near_diagonal_counts
from .sizes import as_countable

CLOSE = 400
"""Up to this m - r the formulas near the diagonal are the fast ones."""


def G(r: object, m: object) -> int:
    r"""Return G(r, m), the number of maps of [m] onto r labels: by inclusion and exclusion (eq. 3, Proposition 4.5).

    .. math:: G(r, m) = \sum_{i=0}^{r} (-1)^{r-i} \binom{r}{i} i^m = r!\,S(m, r) = \Delta^r[x^m](0)

    Parameters
    ----------
    r, m : integers of at least 0; G(r, m) = 0 for r > m, G(0, 0) = 1 and G(0, m) = 0 for m > 0.

    Raises
    ------
    DimensionError
        for anything else, and for m > 20,000.

    Examples
    --------
    >>> [G(r, 4) for r in range(6)]
    [0, 1, 14, 36, 24, 0]
    >>> G(2, -1)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: m: got -1; expected an integer of at least 0

    References: OEIS A019538 (triangle), A000918 (r = 2), A001117 (r = 3), A001286 (r = m - 1).
    """
    r, m = as_countable(r, m)
    if r == 0 or r > m:
        return int(r == m)
    row = [MPZ(1)]
    for i in range(r):
        row.append(row[-1] * (r - i) // (i + 1))
    total = MPZ(0)
    for odd in range(1, r + 1, 2):
        # (2^s n)^m is n^m shifted by s m bits: only odd numbers are raised to a power.
        power, i, shift = MPZ(odd) ** m, odd, 0
        while i <= r:
            term = (power * row[i]) << shift
            total = total - term if (r - i) % 2 else total + term
            i, shift = 2 * i, shift + m
    return int(total)


def T(r: object, m: object) -> int:
    r"""Return T(r, m), the number of partitions of [m] with r of the blocks labelled by 1, ..., r.

    .. math:: T(r, m) = \sum_{k=r}^{m} S(m, k)\,(k)_r = \sum_{u=0}^{m-r} \binom{m}{u} G(r, m-u)\, B(u)
              = \frac{1}{e} \sum_{n \ge 0} \frac{n^m}{n!} \sum_{i=0}^{r} (-1)^{r-i} \binom{r}{i} (n)_i

    The last form (Dobinski's for r = 0) is what is computed: the sum is cut off where less than 1/10 is left, and
    rounded. See :mod:`~quadrics.expansion.formulas` for the others.

    Parameters
    ----------
    r, m : integers of at least 0; T(r, m) = 0 for r > m, and T(0, m) is the Bell number B(m).

    Raises
    ------
    DimensionError
        for anything else, and for m > 20,000.

    Examples
    --------
    >>> [T(r, 4) for r in range(6)]
    [15, 37, 62, 60, 24, 0]
    >>> T(1, 2.5)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: m: got 2.5; expected an integer of at least 0

    References: Theorem 3.1 and eq. (4); OEIS A059098 (triangle), A000110 (r = 0), A005493 (r = 1), A001710 (the
    values (m + 1)!/2 for r = m - 1).
    """
    r, m = as_countable(r, m)
    if r > m:
        return 0
    if m - r <= min(CLOSE, r):
        return near_diagonal_counts(r, m - r)[1]
    return dobinski(r, m)


def dobinski(r: int, m: int) -> int:
    r"""Return T(r, m) from the infinite sum, cut off and rounded.

    With :math:`c(n) = \sum_i (-1)^{r-i} \binom{r}{i} (n)_i`, a Charlier polynomial in r and in n alike, hence with a
    three-term recurrence in n, and :math:`|c(n)| \le (n+1)^r`: for :math:`N + 2 \ge m + r` the terms beyond N fall by
    half at least, so that :math:`N! \ge 16 (N+2)^{m+r}` leaves a tail, and an error of :math:`\sum_{n \le N} 1/n!` for
    e, that together move T by less than 1/10.

    >>> [dobinski(1, m) for m in range(7)]
    [0, 1, 3, 10, 37, 151, 674]
    """
    total, e = MPZ(0), MPZ(0)  # N! times the sum so far, and N! times the sum of 1/n!
    before, charlier = MPZ(0), MPZ((-1) ** r)
    for n in range(_terms(m + r) + 1):
        total = total * n + charlier * MPZ(n) ** m
        e = e * n + 1
        before, charlier = charlier, (n + 1 - r) * charlier - n * before
    return int((2 * total + e) // (2 * e))


def _terms(s: int) -> int:
    """The least N ≥ max(s - 2, 5) with N! ≥ 16 (N + 2)^s, up to rounding on the safe side."""

    def enough(n: int) -> bool:
        return lgamma(n + 1) >= s * log(n + 2) + 3  # log 16 = 2.77...

    low = max(s - 2, 5)
    high = low
    while not enough(high):
        high *= 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low
