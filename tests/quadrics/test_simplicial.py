"""The homology witness: it must know spheres, tori, torsion, and when a matrix is no boundary."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from quadrics.errors import DimensionError
from quadrics.simplicial import ChainComplex, product_of_spheres, rank, sphere, tensor


@pytest.mark.parametrize("n", range(5))
def test_spheres(n: int) -> None:
    expected = [2] if n == 0 else [1, *[0] * (n - 1), 1]
    assert sphere(n).betti_numbers() == sphere(n).betti_numbers(2) == expected
    assert sphere(n).is_complex()
    assert sphere(n).euler_characteristic() == 1 + (-1) ** n


def test_products_are_complexes() -> None:
    for dimensions in [(1, 1), (2, 1), (0, 1, 1), (2, 2)]:
        assert product_of_spheres(dimensions).is_complex()
    broken = tensor(sphere(1), sphere(1))
    flipped = tuple(
        tuple({row: abs(entry) for row, entry in column.items()} for column in columns) for columns in broken.boundaries
    )
    assert not ChainComplex(broken.sizes, flipped).is_complex()


def test_torsion_shows_only_where_it_should() -> None:
    projective_plane = ChainComplex((1, 1, 1), (({},), ({},), ({0: 2},)))
    assert projective_plane.betti_numbers() == projective_plane.betti_numbers(3) == [1, 0, 0]
    assert projective_plane.betti_numbers(2) == [1, 1, 1]


@given(st.lists(st.lists(st.integers(-3, 3), min_size=4, max_size=4), min_size=1, max_size=5))
def test_rank_agrees_with_sympy(columns: list[list[int]]) -> None:
    sparse = [{i: v for i, v in enumerate(column) if v} for column in columns]
    assert rank(sparse) == sympy.Matrix(columns).rank()
    assert rank(sparse, 5) <= rank(sparse)


@pytest.mark.parametrize("bad", [-1, 1.0, "1", 8])
def test_spheres_that_are_refused(bad: object) -> None:
    with pytest.raises(DimensionError):
        sphere(bad)  # type: ignore[arg-type]


def test_fields_and_sizes_that_are_refused() -> None:
    with pytest.raises(DimensionError, match="prime"):
        sphere(1).betti_numbers(4)
    with pytest.raises(DimensionError, match="cells"):
        product_of_spheres([3, 3, 3])
