"""Betti numbers of products of spheres: binomials against expansion, against an exact homology, at size."""

from __future__ import annotations

from math import comb

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics import spheres as module
from quadrics.errors import DimensionError
from quadrics.simplicial import product_of_spheres
from quadrics.spheres import SphereProduct
from quadrics.topology import X, betti_numbers

products = st.dictionaries(st.integers(0, 6), st.integers(0, 5), max_size=4)


@given(products)
@settings(deadline=None)
def test_betti_numbers_agree_with_the_expanded_polynomial(multiplicities: dict[int, int]) -> None:
    space = SphereProduct(multiplicities)
    expected = betti_numbers(sympy.expand(sympy.prod((1 + X**n) ** m for n, m in multiplicities.items())))
    assert space.betti_numbers() == expected
    assert [space.betti_number(i) for i in range(len(expected) + 2)] == [*expected, 0, 0]
    assert dict(space.betti_items()) == {i: b for i, b in enumerate(expected) if b}
    assert space.number_of_components() == expected[0]
    assert space.euler_characteristic() == sum((-1) ** i * b for i, b in enumerate(expected))


@pytest.mark.parametrize("dimensions", [(), (0,), (0, 0), (1, 0), (1, 1), (2, 1), (2, 0, 0), (1, 1, 0), (3, 1)])
@pytest.mark.parametrize("characteristic", [0, 2])
def test_betti_numbers_agree_with_homology(dimensions: tuple[int, ...], characteristic: int) -> None:
    space = SphereProduct(tuple((n, 1) for n in dimensions))
    assert space.betti_numbers() == product_of_spheres(dimensions).betti_numbers(characteristic)


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 4), st.integers(1, 4), st.integers(0, 900))
def test_blocks_of_terms_agree_with_binomials(p: int, q: int, a: int, b: int, i: int) -> None:
    space = SphereProduct(((a, p), (b, q)))
    naive = sum(comb(p, j) * comb(q, (i - a * j) // b) for j in range(p + 1) if i >= a * j and (i - a * j) % b == 0)
    assert space.betti_number(i) == naive


def test_width_one_thousand_and_one_hundred_thousand() -> None:
    wide = SphereProduct({1: 500, 2: 500})
    numbers = wide.betti_numbers()
    assert sum(numbers) == 2**1000
    assert numbers == numbers[::-1]
    assert numbers[700] == wide.betti_number(700)
    wider = SphereProduct({1: 50_000, 2: 50_000})
    assert wider.betti_number(75_000) > wider.betti_number(74_999) > 2**99_980
    assert SphereProduct({784: 99_999, 1: 1}).betti_number(784) == 99_999


def test_symbols() -> None:
    n, m, k = sympy.symbols("n m k", integer=True, nonnegative=True)
    space = SphereProduct({n: m, k: 2})
    total = space.betti_number(4).subs({m: 3, n: 1, k: 2}).doit()
    assert total == SphereProduct({1: 3, 2: 2}).betti_number(4)
    zero = space.betti_number(0).subs({m: 3, n: 0, k: 2}).doit()
    assert zero == SphereProduct({0: 3, 2: 2}).betti_number(0) == 8
    assert SphereProduct({2: m}).betti_number(4) == sympy.binomial(m, 2)
    assert SphereProduct({n: m}).number_of_components().subs(n, 0) == 2**m
    with pytest.raises(DimensionError, match="expected numbers"):
        space.betti_numbers()


def test_sizes_that_would_not_fit_are_refused_before_memory_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DimensionError, match="half a gigabyte"):
        SphereProduct({1: 10**6, 2: 10**6}).betti_numbers()
    with pytest.raises(DimensionError, match="half a gigabyte"):
        SphereProduct({10**11: 10**11}).betti_items()
    monkeypatch.setattr(module, "MAX_BITS", 64)
    with pytest.raises(DimensionError):
        SphereProduct({1: 1}).betti_numbers()


@pytest.mark.parametrize("bad", [{-1: 1}, {1: -1}, {1.5: 1}, {1: "2"}, {10**13: 1}])
def test_multiplicities_that_are_none(bad: dict[object, object]) -> None:
    with pytest.raises(DimensionError):
        SphereProduct(bad)
    with pytest.raises(DimensionError):
        SphereProduct({1: 1}).betti_number(-1)
