"""Symmetry subspaces: dimensions by rank, intersections against linear algebra, invariance under gradients."""

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import DimensionError, ShapeError
from quadrics.expansion.affine import AffineSpace
from quadrics.expansion.losses.symmetric import UnitLoss, network_loss, units
from quadrics.expansion.losses.symmetry_subspaces import (
    SymmetrySubspace,
    largest_symmetry_subspaces,
    symmetry_subspaces,
)

SUBSPACES = list(symmetry_subspaces(4, 2))
some = st.sampled_from(SUBSPACES)


def as_affine(H):
    equations = H.equations()
    return AffineSpace(sympy.Matrix(equations).row_join(sympy.zeros(equations.rows, 1)))


@pytest.mark.parametrize(("m", "D"), [(1, 1), (3, 1), (4, 2), (5, 1)])
def test_all_partitions_and_their_dimensions(m, D):
    found = list(symmetry_subspaces(m, D))
    assert len(set(found)) == len(found) == sympy.bell(m) - 1
    for H in found:
        assert H.dimension == m * D - H.equations().rank()


def test_a_single_block():
    for k in range(1, 5):
        H = SymmetrySubspace.of(range(k), 5, 3)
        assert H.dimension == 3 * (5 - k + 1)
        assert H.is_single
    assert len(largest_symmetry_subspaces(5, 1)) == 10


@settings(deadline=None, max_examples=50)
@given(some, some)
def test_intersections_against_linear_algebra(H, K):
    assert as_affine(H.intersection(K)) == as_affine(H).intersection(as_affine(K))
    assert H.includes(K) == as_affine(H).includes(as_affine(K))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=4, max_size=4), some)
def test_membership_is_that_of_the_equations(rows, H):
    theta = sympy.Matrix(rows)
    assert H.contains(theta) == (H.equations() * sympy.Matrix(list(theta))).is_zero_matrix
    assert H.contains(theta) == H.includes(SymmetrySubspace.containing(theta))
    assert H.contains(H.general_point(theta))


def test_gradients_of_networks_stay_in_every_subspace():
    loss = network_loss(3, [(sympy.Symbol("x", real=True), 2)])
    assert all(H.is_invariant_under_flow_of(loss) for H in symmetry_subspaces(3, 2))
    w = units(3, 2)
    lopsided = UnitLoss(loss.expression + w[0, 0], w)
    moved = [H for H in symmetry_subspaces(3, 2) if not H.is_invariant_under_flow_of(lopsided)]
    assert moved == [H for H in symmetry_subspaces(3, 2) if (0,) not in H.blocks]


def test_bad_input():
    for blocks in ([(0, 1), (1, 2)], [(0,), (2,)], [], [()], "ab", [(0, -1)]):
        with pytest.raises((ShapeError, DimensionError)):
            SymmetrySubspace(blocks, 1)
    with pytest.raises(ShapeError, match="each once"):
        SymmetrySubspace.of([1, 1], 3, 1)
    with pytest.raises(DimensionError, match="at most 2"):
        SymmetrySubspace.of([0, 3], 3, 1)
    with pytest.raises(DimensionError):
        SymmetrySubspace.of([0, 1], 3, 0)
    with pytest.raises(DimensionError):
        SymmetrySubspace.of(["0", 1], 3, 1)
    with pytest.raises(ShapeError, match="one space"):
        SymmetrySubspace.of([0, 1], 3, 1).intersection(SymmetrySubspace.of([0, 1], 4, 1))
    with pytest.raises(ShapeError, match="a unit a row"):
        SymmetrySubspace.of([0, 1], 3, 1).contains([[1, 2, 3]])
