"""The polynomials G(m-k, m)/m! and T(m-k, m)/m!."""

from math import factorial

import pytest
import sympy

from quadrics.errors import DimensionError
from quadrics.expansion.counts import G, dobinski
from quadrics.expansion.near_diagonal import (
    G_polynomial,
    T_polynomial,
    associated_stirling,
    bell_numbers,
    leading_term,
)

m = sympy.Symbol("m")


def test_published_factorizations():
    assert sympy.expand(G_polynomial(2, m) - (m - 2) * (3 * m - 5) / 24) == 0
    assert sympy.expand(T_polynomial(2, m) - (3 * m**2 + m + 10) / 24) == 0
    assert sympy.expand(G_polynomial(3, m) - (m - 3) ** 2 * (m - 2) / 48) == 0
    assert sympy.expand(T_polynomial(3, m) - (m**3 - 2 * m**2 + 11 * m - 2) / 48) == 0


@pytest.mark.parametrize("k", range(7))
def test_polynomials_are_the_counts(k):
    above, all_ = sympy.Poly(G_polynomial(k, m), m), sympy.Poly(T_polynomial(k, m), m)
    for n in range(k, 2 * k + 4):
        assert factorial(n) * above.eval(n) == G(n - k, n)
        assert factorial(n) * all_.eval(n) == dobinski(n - k, n)
    assert above.LM() == all_.LM()
    assert above.degree() == k
    assert above.LC() * m**k == all_.LC() * m**k == leading_term(k, m)


def test_associated_stirling_numbers_count_partitions_without_singletons():
    from sympy.utilities.iterables import multiset_partitions

    b = associated_stirling(4)
    for i in range(5):
        for j in range(1, i + 1):
            if i + j <= 7:
                found = sum(all(len(p) > 1 for p in parts) for parts in multiset_partitions(list(range(i + j)), j))
                assert found == b[i][j]


def test_bell_numbers():
    assert bell_numbers(12) == [int(sympy.bell(n)) for n in range(13)]


@pytest.mark.parametrize("call", [G_polynomial, T_polynomial, associated_stirling, bell_numbers])
def test_bad_sizes(call):
    with pytest.raises(DimensionError):
        call(-1)
