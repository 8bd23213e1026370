"""The expansion manifold and the critical union as sets."""

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import DimensionError, OffManifoldError, ReducibleError, ShapeError
from quadrics.expansion.manifold import CriticalUnion, ExpansionManifold
from quadrics.network import Parameters

CORE = Parameters([[0], [1]], [[1, -1]])
weights = st.integers(-1, 1)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 2), weights), min_size=3, max_size=3))
def test_reduction_decides_what_the_list_of_subspaces_decides(units):
    theta = Parameters([[w] for w, _ in units], [[a for _, a in units]])
    for union in (ExpansionManifold(CORE, 3), CriticalUnion(CORE, 3)):
        inside = [S for S in union.subspaces() if S.contains(theta)]
        assert union.contains(theta) == bool(inside)
    listed = list(ExpansionManifold(CORE, 3).configurations_of(theta))
    if listed:
        coarse = ExpansionManifold(CORE, 3).configuration_of(theta)
        assert coarse in listed
        assert all(P.number_of_zero_groups >= coarse.number_of_zero_groups for P in listed)
    else:
        with pytest.raises(OffManifoldError):
            ExpansionManifold(CORE, 3).configuration_of(theta)


def test_the_critical_subspace_is_the_only_one():
    union = CriticalUnion(Parameters([[1], [2]], [[3, 4], [1, 1]]), 4)
    for S in union.subspaces():
        theta = S.point([sympy.Rational(1, 3)] * 2)
        assert union.subspace_of(theta) == S
    with pytest.raises(OffManifoldError):
        union.subspace_of(Parameters([[1], [2], [5], [5]], [[3, 4, 0, 0], [1, 1, 0, 0]]))


def test_dimensions():
    Theta = ExpansionManifold(Parameters([[1, 0, 0]], [[1], [2]]), 3)
    assert Theta.dimensions == (4, 6)
    assert {S.dimension for S in Theta.subspaces()} == {4, 5, 6}
    assert CriticalUnion(Theta.core, 3).dimension == 2


def test_at_equal_width_there_are_permutations_only():
    Theta = ExpansionManifold(CORE, 2)
    assert (Theta.number_of_subspaces(), Theta.number_of_components(), Theta.is_connected()) == (2, 2, False)
    assert Theta.dimensions == (0, 0)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: ExpansionManifold(CORE, 1), DimensionError),
        (lambda: ExpansionManifold(CORE, 0), DimensionError),
        (lambda: CriticalUnion(CORE, "3"), DimensionError),
        (lambda: ExpansionManifold(Parameters([[0], [0]], [[1, 1]]), 3), ReducibleError),
        (lambda: ExpansionManifold(Parameters([[1]], [[1]], None, [[1]]), 3), ShapeError),
        (lambda: ExpansionManifold(CORE, 3).contains(CORE), ShapeError),
        (lambda: CriticalUnion(CORE, 3).contains(Parameters([[0, 0]] * 3, [[1, 1, 1]])), ShapeError),
        (lambda: list(ExpansionManifold(CORE, 40).subspaces()), DimensionError),
    ],
)
def test_bad_input(call, error):
    with pytest.raises(error):
        call()
