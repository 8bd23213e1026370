"""Poincaré polynomials: Künneth, coefficients, and what is refused."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from quadrics.errors import DimensionError, NonFiniteError
from quadrics.topology import X, betti_numbers, kunneth, poincare_euclidean, poincare_sphere


@given(st.lists(st.integers(0, 4), max_size=5))
def test_kunneth_is_the_product_and_counts_all_cells(dimensions: list[int]) -> None:
    polynomial = kunneth(*(poincare_sphere(n) for n in dimensions))
    assert sum(betti_numbers(polynomial)) == 2 ** len(dimensions)
    assert sympy.expand(polynomial - sympy.prod(1 + X**n for n in dimensions)) == 0


def test_euclidean_space_is_a_point() -> None:
    assert betti_numbers(poincare_euclidean(7)) == betti_numbers(kunneth()) == [1]


@pytest.mark.parametrize("n", [-1, 1.0, "2", None, True, 10**13])
def test_dimensions_that_are_none(n: object) -> None:
    with pytest.raises(DimensionError, match="expected an integer"):
        poincare_sphere(n)


def test_polynomials_that_are_none() -> None:
    with pytest.raises(DimensionError):
        betti_numbers(1 / X)
    with pytest.raises(DimensionError):
        betti_numbers(X / 2)
    with pytest.raises(NonFiniteError):
        kunneth(sympy.oo)
