"""Groups acting on weights: axioms, stabilizers by another way, components of orbits; the one orbit routine."""

from itertools import pairwise, product

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy.combinatorics import Permutation, PermutationGroup
from sympy.combinatorics.named_groups import DihedralGroup, SymmetricGroup

from quadrics.connectivity.factorizations import frame_components, number_of_factorizations
from quadrics.connectivity.group_actions import (
    act,
    connecting_element,
    is_action,
    orbit_components,
    permutation_element,
    rescale_layers,
    sign_group,
    stabilizer_dimension,
)
from quadrics.connectivity.linear_networks import chain_product
from quadrics.errors import DimensionError, ShapeError, SymmetryError
from quadrics.orbits import orbits_under


def matrices(rows, columns):
    size = rows * columns
    return st.lists(st.integers(-3, 3), min_size=size, max_size=size).map(lambda e: sympy.Matrix(rows, columns, e))


@st.composite
def chains(draw, elements=1):
    sizes = draw(st.lists(st.integers(1, 3), min_size=3, max_size=4))
    weights = tuple(draw(matrices(b, a)) for a, b in pairwise(sizes))
    drawn = [[draw(matrices(h, h)) for h in sizes[1:-1]] for _ in range(elements)]
    assume(all(g.det() != 0 for one in drawn for g in one))
    return weights, *drawn


@settings(deadline=None, max_examples=40)
@given(chains(2))
def test_an_action_that_keeps_the_product(drawn):
    weights, g, k = drawn
    assert chain_product(act(g, weights)) == chain_product(weights)
    assert act([b * a for a, b in zip(g, k, strict=True)], weights) == act(k, act(g, weights))
    assert act([sympy.eye(one.rows) for one in g], weights) == weights


@settings(deadline=None, max_examples=30)
@given(chains())
def test_stabilizers_are_conjugate_along_an_orbit(drawn):
    weights, g = drawn
    assert stabilizer_dimension(act(g, weights)) == stabilizer_dimension(weights)


@pytest.mark.parametrize(("h", "rank"), [(h, r) for h in (1, 2, 3) for r in range(h + 1)])
def test_stabilizers_of_thin_weights(h, rank):
    # W_2 = W_1 = diag(I_r, 0): g = diag(I_r, k) with k in GL_{h-r} fixes both
    W = sympy.diag(*(int(i < rank) for i in range(h)))
    assert stabilizer_dimension([W, W]) == (h - rank) ** 2


def test_a_single_layer_has_no_group():
    assert stabilizer_dimension([sympy.eye(2)]) == 0
    assert act([], [sympy.eye(2)]) == (sympy.eye(2),)


@pytest.mark.parametrize(
    ("g", "weights", "error"),
    [
        ([], [sympy.eye(1), sympy.eye(1)], ShapeError),
        ([sympy.eye(2)], [sympy.eye(1), sympy.eye(1)], ShapeError),
        ([sympy.zeros(1)], [sympy.eye(1), sympy.eye(1)], SymmetryError),
    ],
)
def test_act_refuses(g, weights, error):
    with pytest.raises(error):
        act(g, weights)


def test_stabilizer_refuses_what_is_no_chain():
    with pytest.raises(ShapeError, match="chain"):
        stabilizer_dimension([sympy.eye(2), sympy.eye(3)])


def test_connecting_element_on_scalars():
    W, V = [[sympy.Matrix([[v]]) for v in values] for values in ((2, 3, 5), (1, 6, 5))]
    assert act(connecting_element(W, V), W) == tuple(V)


def test_permutations_are_elements():
    (P,) = permutation_element([[1, 2, 0]])
    assert sympy.eye(3) == P * P.T
    with pytest.raises(SymmetryError):
        permutation_element([[0, 0]])


def test_rescaling_of_homogeneous_layers():
    m, k = sympy.symbols("m k", positive=True)
    weights = [sympy.Matrix([[w]]) for w in sympy.symbols("u v w", positive=True)]
    moved = rescale_layers(weights, 2, m, k)
    # sigma(z) = z^k on positive numbers is homogeneous of degree k
    network = [one[2][0] * (one[1][0] * one[0][0]) ** k for one in (weights, moved)]
    assert sympy.simplify(network[0] - network[1]) == 0
    for factor in (0, -1):
        with pytest.raises(SymmetryError):
            rescale_layers(weights, 1, factor)
    for layer in (0, 3, "1"):
        with pytest.raises(DimensionError):
            rescale_layers(weights, layer, 2)


@pytest.mark.parametrize("group", [SymmetricGroup(4), DihedralGroup(5), sign_group(3)])
def test_orbits_of_finite_groups(group):
    """For a discrete group the number of components of an orbit is its size."""
    for point in range(group.degree):
        assert orbit_components(group, group.stabilizer(point).generators) == len(group.orbit(point))


def test_orbit_components_refuses_strangers():
    with pytest.raises(SymmetryError):
        orbit_components(sign_group(2), [Permutation([1, 2, 3, 0])])


def test_products_of_general_linear_groups():
    assert [sign_group(n).order() for n in range(5)] == [2**n for n in range(5)]
    assert isinstance(sign_group(0), PermutationGroup)


@pytest.mark.parametrize("h", range(1, 5))
def test_frames(h):
    assert [frame_components(h, r) for r in range(h + 1)] == [1] * h + [2]
    with pytest.raises(DimensionError):
        frame_components(h, h + 1)


@pytest.mark.parametrize("r", [1, 2, 3])
def test_factorizations_multiply(r):
    for widths in product((r, r + 1, r + 5), repeat=3):
        assert number_of_factorizations(r, widths) == 2 ** sum(h == r for h in widths)
    assert number_of_factorizations(r, []) == 1
    with pytest.raises(DimensionError, match="lower rank"):
        number_of_factorizations(r + 1, [r])


def test_is_action_looks_at_the_identity():
    assert not is_action([0], lambda a, b: 0, lambda a, x: 0, [0, 1], 0)


@given(st.lists(st.permutations(range(6)), max_size=3))
def test_orbits_under_against_the_group(images):
    moves = [list(image).__getitem__ for image in images]
    found = set(orbits_under(moves, range(6)))
    group = PermutationGroup([Permutation(list(image)) for image in images] or [Permutation(5)])
    assert found == {frozenset(group.orbit(x)) for x in range(6)}
