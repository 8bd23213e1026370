"""Replicant regions: both actions, ties, and paths around symmetry subspaces, exactly."""

from itertools import pairwise, permutations

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quadrics.errors import DisconnectedError, NonFiniteError, ShapeError, SymmetryError
from quadrics.expansion.losses.regions import (
    compose,
    crossings,
    image_of_region,
    in_region,
    path_around,
    region_of,
    regions_of,
    send_units,
)
from quadrics.expansion.losses.symmetric import permute_units
from quadrics.expansion.losses.symmetry_subspaces import SymmetrySubspace
from quadrics.symmetry import inverse_permutation

points = st.integers(1, 3).flatmap(
    lambda D: st.lists(st.lists(st.integers(-2, 2), min_size=D, max_size=D), min_size=1, max_size=4)
)
ALL = list(permutations(range(3)))


@settings(deadline=None, max_examples=60)
@given(points)
def test_regions_are_those_of_the_definition(rows):
    theta = sympy.Matrix(rows)
    by_definition = {pi for pi in permutations(range(theta.rows)) if in_region(theta, pi)}
    assert set(regions_of(theta)) == by_definition
    assert by_definition
    # sorting lists of numbers is Python's own lexicographic order
    assert [rows[i] for i in next(regions_of(theta))] == sorted(rows, reverse=True)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(ALL), st.sampled_from(ALL), st.sampled_from(ALL))
def test_both_actions(pi, sigma, region):
    theta = permute_units([[5], [3], [2]], inverse_permutation(region, 3))
    assert region_of(theta) == region
    assert region_of(permute_units(theta, pi)) == image_of_region(pi, region)
    assert region_of(send_units(theta, pi)) == compose(pi, region)
    assert send_units(send_units(theta, sigma), pi) == send_units(theta, compose(pi, sigma))
    assert permute_units(permute_units(theta, sigma), pi) == permute_units(theta, compose(sigma, pi))


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 3), st.data())
def test_crossings_and_paths(D, data):
    row = st.lists(st.integers(-2, 2), min_size=D, max_size=D)
    start, end = (sympy.Matrix(data.draw(st.lists(row, min_size=3, max_size=3))) for _ in range(2))
    for steps in range(7):  # a point of the segment on H_ij is a crossing
        between = start + sympy.Rational(steps, 6) * (end - start)
        tied = {tuple(b) for b in SymmetrySubspace.containing(between).blocks if len(b) == 2}
        assert tied <= set(crossings(start, end))
    assume(not crossings(start, start) and not crossings(end, end))
    if D == 1 and region_of(start) != region_of(end):
        with pytest.raises(DisconnectedError):
            path_around(start, end)
    else:
        path = path_around(start, end)
        assert (path[0], path[-1]) == (start, end)
        assert not any(crossings(a, b) for a, b in pairwise(path))


def test_the_example_of_figure_a6():
    theta = sympy.Matrix([1, 2, 3])
    assert region_of(theta) == (2, 1, 0)
    assert region_of(permute_units(theta, (1, 0, 2))) == (2, 0, 1)


def test_roots_are_ordered_exactly():
    assert region_of([[sympy.sqrt(2)], [sympy.Rational(3, 2)]]) == (1, 0)
    assert len(list(regions_of([[sympy.sqrt(8)], [2 * sympy.sqrt(2)]]))) == 2


def test_bad_input():
    with pytest.raises(NonFiniteError, match="exact"):
        region_of([[0.5], [1]])
    with pytest.raises(NonFiniteError, match="exact"):
        in_region([[sympy.Symbol("x", real=True)], [1]], (0, 1))
    with pytest.raises(SymmetryError, match="2 regions"):
        region_of([[1], [1]])
    with pytest.raises(SymmetryError):
        in_region([[1], [2]], (0, 2))
    with pytest.raises(SymmetryError, match="distinct units"):
        path_around([[1, 1], [1, 1]], [[0, 0], [1, 1]])
    with pytest.raises(ShapeError, match="one shape"):
        crossings([[1], [2]], [[1, 2]])
