r"""The counts G and T in all their forms: definitions, Stirling and Bell numbers, generating functions, recurrences.

:mod:`~quadrics.expansion.counts` computes; this module says why. Each form is a function of its own, so that any two
can be compared, and the generating functions are SymPy expressions in x:

.. math:: \sum_m G(r, m) \frac{x^m}{m!} = (e^x - 1)^r, \qquad
          \sum_m T(r, m) \frac{x^m}{m!} = (e^x - 1)^r e^{e^x - 1}.

>>> forms = [T_by_definition, T_by_stirling, T_by_bell, T_by_touchard, T_by_charlier]
>>> [form(2, 5) for form in forms]
[320, 320, 320, 320, 320]
>>> [G_by_definition(2, 5), G_by_stirling(2, 5)]
[30, 30]
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb, factorial, prod
from typing import Any

import sympy
from sympy import Poly, Symbol, binomial, exp, ff
from sympy.functions.combinatorial.numbers import stirling
from sympy.utilities.iterables import partitions

from ..validation import Expr, as_dimension
from .counts import G
from .enumeration import shapes
from .near_diagonal import bell_numbers
from .sizes import as_sizes

X = Symbol("x")


def G_by_definition(r: object, m: object) -> int:
    r"""Return the sum of multinomials over k_1 + ... + k_r = m, k_i ≥ 1 (Proposition 4.3).

    >>> G_by_definition(3, 4) == G(3, 4)
    True
    """
    r, m = as_sizes(r, m)
    return sum(P.orbit_size() for P in shapes(r, m) if P.is_critical) if r <= m else 0


def T_by_definition(r: object, m: object) -> int:
    r"""Return the sum of Theorem 3.1 over the tuples (k, b) with b_1 ≥ b_2 ≥ ... ≥ 1 (unordered zero-type groups).

    .. math:: T(r, m) = \sum_{j=0}^{m-r} \sum_{k_i \ge 1,\; b_1 \ge \dots \ge b_j \ge 1}
              \binom{m}{k_1, \dots, k_r, b_1, \dots, b_j} \frac{1}{c_1! \cdots c_{m-r}!}

    Read over *ordered* tuples b with the same denominator, the sum is too large from m = r + 3 on.

    >>> T_by_definition(1, 4), T_by_definition(3, 4)
    (37, 60)
    """
    r, m = as_sizes(r, m)
    return sum(P.orbit_size() for P in shapes(r, m)) if r <= m else 0


def G_by_stirling(r: object, m: object) -> int:
    """Return r! S(m, r).

    >>> G_by_stirling(2, 10) == G(2, 10) == 2**10 - 2
    True
    """
    r, m = as_sizes(r, m)
    return factorial(r) * int(stirling(m, r))


def T_by_stirling(r: object, m: object) -> int:
    """Return Σ_k S(m, k) (k)_r: a partition into k blocks, r of which are labelled.

    >>> T_by_stirling(1, 6)
    674
    """
    r, m = as_sizes(r, m)
    return sum(int(stirling(m, k)) * int(ff(k, r)) for k in range(r, m + 1))


def T_by_bell(r: object, m: object) -> int:
    """Return Σ_u C(m, u) G(r, m - u) B(u) (eq. 4): u neurons of zero type, partitioned, and the others labelled.

    The g(u) of Proposition 4.5 is the Bell number B(u).

    >>> T_by_bell(1, 6)
    674
    """
    r, m = as_sizes(r, m)
    bell = bell_numbers(max(m - r, 0))
    return sum(comb(m, u) * G(r, m - u) * bell[u] for u in range(m - r + 1))


def touchard(m: object, y: Expr) -> Expr:
    """Return the Touchard polynomial Σ_k S(m, k) y^k.

    >>> touchard(3, Symbol("y"))
    y**3 + 3*y**2 + y
    """
    m = as_dimension(m, "m", 0)
    return sum((stirling(m, k) * sympy.sympify(y) ** k for k in range(m + 1)), sympy.Integer(0))


def T_by_touchard(r: object, m: object) -> int:
    """Return the r-th derivative of the m-th Touchard polynomial at y = 1.

    >>> T_by_touchard(2, 4)
    62
    """
    r, m = as_sizes(r, m)
    y = Symbol("y")
    return int(sympy.diff(touchard(m, y), y, r).subs(y, 1))


def T_by_charlier(r: object, m: object) -> int:
    r"""Return :math:`\sum_j c_j B(m + j)`, where :math:`\sum_i (-1)^{r-i} \binom{r}{i} (n)_i = \sum_j c_j n^j`.

    The moments of a Poisson variable of mean 1 are the Bell numbers.

    >>> T_by_charlier(2, 4)
    62
    """
    r, m = as_sizes(r, m)
    n = Symbol("n")
    charlier = sum((-1) ** (r - i) * comb(r, i) * sympy.expand_func(ff(n, i)) for i in range(r + 1))
    bell = bell_numbers(m + r)
    return int(sum(int(c) * bell[m + j] for (j,), c in Poly(charlier, n).terms()))


def rows_of_T() -> Iterator[list[int]]:
    """Generate the rows [T(0, m), ..., T(m, m)] for m = 0, 1, ... by T(r,m+1) = r T(r-1,m) + (r+1) T(r,m) + T(r+1,m).

    The last of m + 1 positions is alone under one of r labels, or joins one of r labelled blocks, or is alone without a
    label, or joins an unlabelled block (give that block the label r + 1 to see which).

    >>> from itertools import islice
    >>> list(islice(rows_of_T(), 4))
    [[1], [1, 1], [2, 3, 2], [5, 10, 12, 6]]
    """
    row = [1]
    while True:
        yield row
        padded = [*row, 0, 0]
        row = [r * (padded[r - 1] if r else 0) + (r + 1) * padded[r] + padded[r + 1] for r in range(len(row) + 1)]


def rows_of_G() -> Iterator[list[int]]:
    """Generate the rows [G(0, m), ..., G(m, m)] for m = 0, 1, ... by G(r, m+1) = r (G(r, m) + G(r-1, m)).

    >>> from itertools import islice
    >>> list(islice(rows_of_G(), 4))
    [[1], [0, 1], [0, 1, 2], [0, 1, 6, 6]]
    """
    row = [1]
    while True:
        yield row
        row = [r * ((row[r] if r < len(row) else 0) + (row[r - 1] if r else 0)) for r in range(len(row) + 1)]


def G_generating_function(r: object, x: Expr = X) -> Expr:
    """Return (e^x - 1)^r: r labelled, non-empty blocks.

    >>> G_generating_function(2)
    (exp(x) - 1)**2
    """
    return (exp(x) - 1) ** sympy.sympify(r)


def T_generating_function(r: object, x: Expr = X) -> Expr:
    """Return (e^x - 1)^r e^(e^x - 1): r labelled blocks, and a set of unlabelled ones.

    >>> T_generating_function(1)
    (exp(x) - 1)*exp(exp(x) - 1)
    """
    return G_generating_function(r, x) * exp(exp(x) - 1)


def counts_from(generating_function: Expr, m: object, x: Expr = X) -> list[int]:
    """Return m! times the coefficients of an exponential generating function, up to x^m.

    >>> counts_from(T_generating_function(2), 5)
    [0, 0, 2, 12, 62, 320]
    """
    m = as_dimension(m, "m", 0)
    series = sympy.series(generating_function, x, 0, m + 1).removeO()
    return [int(factorial(i) * series.coeff(x, i)) for i in range(m + 1)]


def forward_difference(p: Expr, x: Expr, k: object, at: Any = 0) -> Expr:
    """Return Δ^k[p](at) = Σ_i (-1)^(k-i) C(k, i) p(at + i) (Definition B.2); G(r, m) is Δ^r[x^m](0).

    >>> forward_difference(X**4, X, 3) == G(3, 4)
    True
    """
    k = as_dimension(k, "k", 0)
    return sum(((-1) ** (k - i) * comb(k, i) * p.subs(x, at + i) for i in range(k + 1)), sympy.Integer(0))


def newton_series(p: Expr, x: Expr) -> Expr:
    """Return Σ_k C(x, k) Δ^k[p](0) for a polynomial p: it is p again (eq. 2 of the appendix).

    >>> sympy.expand(sympy.expand_func(newton_series(X**3 - X, X)))
    x**3 - x
    """
    degree = Poly(p, x).degree()
    return sum((binomial(x, k) * forward_difference(p, x, k) for k in range(int(degree) + 1)), sympy.Integer(0))


def partitions_by_type(j: object, n: object) -> int:
    r"""Return the number of partitions of [n] into j blocks, by how many blocks there are of each size (Lemma B.12).

    .. math:: \frac{G(j, n)}{j!} = \sum_{\substack{c_1 + 2c_2 + \dots = n\\ c_1 + c_2 + \dots = j}}
              \frac{n!}{(1!)^{c_1} (2!)^{c_2} \cdots (n!)^{c_n}}\,\frac{1}{c_1! \cdots c_n!}

    >>> [partitions_by_type(j, 4) for j in range(5)]
    [0, 1, 7, 6, 1]
    """
    j, n = as_sizes(j, n)
    return sum(type_count(c) for c in block_types(j, n))


def block_types(j: int, n: int) -> Iterator[dict[int, int]]:
    """Generate the {size: c_size} with Σ c = j and Σ size c = n.

    >>> list(block_types(2, 4))
    [{3: 1, 1: 1}, {2: 2}]
    """
    if j == 0 or n == 0:
        yield from [{}] if j == n else []
        return
    for partition in partitions(n, m=j):
        if sum(partition.values()) == j:
            yield dict(partition)


def type_count(c: dict[int, int]) -> int:
    """Return n! / (∏ (size!)^c ∏ c!), the number of partitions with c blocks of each size.

    >>> type_count({3: 1, 1: 1}), type_count({2: 2})
    (4, 3)
    """
    n = sum(size * number for size, number in c.items())
    return factorial(n) // prod(int(factorial(size) ** number) * factorial(number) for size, number in c.items())


__all__ = [
    "G_by_definition",
    "G_by_stirling",
    "G_generating_function",
    "T_by_bell",
    "T_by_charlier",
    "T_by_definition",
    "T_by_stirling",
    "T_by_touchard",
    "T_generating_function",
    "block_types",
    "counts_from",
    "forward_difference",
    "newton_series",
    "partitions_by_type",
    "rows_of_G",
    "rows_of_T",
    "touchard",
    "type_count",
]
