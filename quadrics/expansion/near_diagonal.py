r"""The counts close to the diagonal, m - r = k fixed: polynomials in m times m!, exactly.

A partition of [m] into m - k blocks has few blocks of more than one element. With the *associated* Stirling numbers
(partitions without singletons) :math:`b_{i,j} = S_2(i+j, j)`,

.. math:: S(r+i, r) = \sum_{j=0}^{i} \binom{r+i}{i+j}\, b_{i,j}, \qquad
          T(r, m) = \sum_{u=0}^{m-r} \binom{m}{u}\, G(r, m-u)\, B(u),

so for fixed k both :math:`G(m-k,m)/m!` and :math:`T(m-k,m)/m!` are polynomials in m of degree k with leading
coefficient :math:`1/(2^k k!)`. That is Lemma 4.6 of Şimşek et al. (2021), with every further term.

>>> m = sympy.Symbol("m")
>>> G_polynomial(1, m), T_polynomial(1, m)
(m/2 - 1/2, m/2 + 1/2)
"""

from __future__ import annotations

from math import comb, factorial

import sympy
from sympy import Integer, Poly, Rational
from sympy.external.gmpy import MPZ

from ..validation import Expr, as_dimension


def associated_stirling(k: object) -> list[list[int]]:
    """Return the triangle b[i][j] for 0 ≤ j ≤ i ≤ k: partitions of i + j things into j blocks of at least two.

    The recurrence puts the last thing into one of the j blocks, or with one other into a block of two.

    >>> associated_stirling(3)
    [[1], [0, 1], [0, 1, 3], [0, 1, 10, 15]]
    """
    k = as_dimension(k, "k", 0)
    rows = [[MPZ(1)]]
    for i in range(1, k + 1):
        before = [*rows[-1], MPZ(0)]
        rows.append([MPZ(0), *(j * before[j] + (i + j - 1) * before[j - 1] for j in range(1, i + 1))])
    return rows


def bell_numbers(n: object) -> list[int]:
    """Return B(0), ..., B(n), the numbers of partitions of a set, by Aitken's triangle.

    >>> bell_numbers(6)
    [1, 1, 2, 5, 15, 52, 203]

    References: OEIS A000110.
    """
    n = as_dimension(n, "n", 0)
    numbers, row = [MPZ(1)], [MPZ(1)]
    for _ in range(n):
        following = [row[-1]]
        for entry in row:
            following.append(following[-1] + entry)
        row = following
        numbers.append(row[0])
    return [int(b) for b in numbers]


def near_diagonal_counts(r: int, k: int) -> tuple[int, int]:
    """Return (G(r, r + k), T(r, r + k)) as integers, in about k² steps.

    >>> near_diagonal_counts(3, 1), near_diagonal_counts(0, 5)
    ((36, 60), (0, 52))
    """
    b, bell = associated_stirling(k), bell_numbers(k)
    total, chosen = MPZ(0), MPZ(1)  # chosen = C(m, u)
    surjections = MPZ(0)
    for u in range(k + 1):
        i = k - u
        binomial, stirling = MPZ(comb(r + i, i)), MPZ(0)
        for j in range(min(i, r) + 1):
            stirling += binomial * b[i][j]
            binomial = binomial * (r - j) // (i + j + 1)
        if u == 0:
            surjections = stirling
        total += chosen * bell[u] * stirling
        chosen = chosen * (r + k - u) // (u + 1)
    return int(surjections) * factorial(r), int(total) * factorial(r)


def G_polynomial(k: object, m: Expr = None) -> Expr:
    r"""Return :math:`G(m-k, m)/m!` as an expanded polynomial in m, valid for every m ≥ k.

    >>> m = sympy.Symbol("m")
    >>> sympy.factor(G_polynomial(2, m))
    (m - 2)*(3*m - 5)/24
    >>> from quadrics.expansion.counts import G
    >>> all(G(m - 3, m) == sympy.factorial(m) * G_polynomial(3, sympy.Integer(m)) for m in range(3, 9))
    True
    """
    k, x = as_dimension(k, "k", 0), _variable(m)
    return _evaluated(_surjections(k, associated_stirling(k)), x)


def T_polynomial(k: object, m: Expr = None) -> Expr:
    r"""Return :math:`T(m-k, m)/m!` as an expanded polynomial in m, valid for every m ≥ k.

    >>> m = sympy.Symbol("m")
    >>> T_polynomial(2, m)
    m**2/8 + m/24 + 5/12
    >>> from quadrics.expansion.counts import T
    >>> all(T(m - 3, m) == sympy.factorial(m) * T_polynomial(3, sympy.Integer(m)) for m in range(3, 9))
    True
    """
    k, x = as_dimension(k, "k", 0), _variable(m)
    b, bell = associated_stirling(k), bell_numbers(k)
    m_ = sympy.Symbol("m")
    total = Poly(0, m_)
    for u in range(k + 1):
        # C(m, u) G(m-k, m-u) / m! = [G(n-(k-u), n)/n!]/u! at n = m - u
        shifted = _surjections(k - u, b).compose(Poly(m_ - u, m_))
        total += shifted * Rational(int(bell[u]), factorial(u))
    return _evaluated(total, x)


def leading_term(k: object, m: Expr) -> Expr:
    r"""Return the :math:`m^k/(2^k k!)` of Lemma 4.6.

    >>> leading_term(2, sympy.Symbol("m"))
    m**2/8
    """
    k = as_dimension(k, "k", 0)
    return sympy.sympify(m) ** k / (Integer(2) ** k * sympy.factorial(k))


def _surjections(k: int, b: list[list[int]]) -> Poly:
    """G(m-k, m)/m! as a polynomial in m: the sum over j of b[k][j] (m-k)_j / (k+j)!."""
    m = sympy.Symbol("m")
    total, falling = Poly(0, m), Poly(1, m)
    for j in range(k + 1):
        total += falling * Rational(int(b[k][j]), factorial(k + j))
        falling *= Poly(m - k - j, m)
    return total


def _variable(m: Expr) -> Expr:
    return sympy.Symbol("m") if m is None else sympy.sympify(m)


def _evaluated(polynomial: Poly, x: Expr) -> Expr:
    value = polynomial.as_expr().subs(sympy.Symbol("m"), x)
    return sympy.expand(value)
