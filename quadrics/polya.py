"""Counting patterns up to permutation: multisets, Burnside's lemma and Pólya's cycle index of the symmetric group.

References: G. Pólya, Acta Math. 68 (1937); N. G. de Bruijn, "Pólya's theory of counting" (1964).
"""

from __future__ import annotations

from math import factorial, prod

import sympy
from sympy.utilities.iterables import partitions

from .errors import DimensionError
from .validation import Expr, as_dimension, as_real

MAX_BURNSIDE = 50


def multiset_count(n: object, q: object) -> Expr:
    """Return C(n + q - 1, q - 1), the number of multisets of n elements out of q: patterns up to all permutations.

    Integers or SymPy symbols.

    >>> from sympy.abc import l
    >>> multiset_count(l, 2).expand(func=True)
    l + 1
    >>> multiset_count(3, 2) == burnside_count(3, 2)
    True
    """
    size, colours = as_real(n, "n", DimensionError), as_real(q, "q", DimensionError)
    return sympy.binomial(size + colours - 1, colours - 1)


def cycle_index(n: int) -> Expr:
    """Return the cycle index of S_n, a polynomial in p1, ..., pn (Pólya): the mean of the cycle-type monomials.

    With p_k = q everywhere it counts patterns in q colours; with p_k = x^k + y^k it also says how many of each.

    Raises ``DimensionError`` beyond n = 50.

    >>> cycle_index(3)
    p1**3/6 + p1*p2/2 + p3/3
    >>> from sympy.abc import x, y
    >>> cycle_index(3).subs({f"p{k}": x**k + y**k for k in (1, 2, 3)}).expand()
    x**3 + x**2*y + x*y**2 + y**3
    """
    p = sympy.symbols(f"p1:{_size(n) + 1}")
    terms = (
        sympy.Mul(*(p[size - 1] ** times for size, times in cycle_type.items())) / _centralizer_order(cycle_type)
        for cycle_type in partitions(n)
    )
    return sympy.Add(*terms)


def burnside_count(n: int, q: int) -> int:
    """Return the number of orbits of S_n on n cells in q colours, by Burnside's lemma.

    The mean of q^(number of cycles) over the group, as a sum over cycle types.

    Raises ``DimensionError`` beyond n = 50; :func:`multiset_count` has no limit.

    >>> burnside_count(5, 2), multiset_count(5, 2)
    (6, 6)
    """
    cycle_types = partitions(_size(n))
    fixed = sum(factorial(n) // _centralizer_order(t) * q ** sum(t.values()) for t in cycle_types)
    return int(fixed // factorial(n))


def _size(n: int) -> int:
    n = as_dimension(n, "number of neurons", 0)
    if n > MAX_BURNSIDE:
        raise DimensionError(
            f"number of neurons: got {n}; expected at most {MAX_BURNSIDE} for a sum over partitions "
            "(use multiset_count or number_of_orbits, which are closed forms)"
        )
    return n


def _centralizer_order(cycle_type: dict[int, int]) -> int:
    """z_λ: the number of permutations that commute with one of this cycle type."""
    return prod(size**times * factorial(times) for size, times in cycle_type.items())
