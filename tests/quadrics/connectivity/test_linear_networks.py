"""The minimum of a deep linear network: coordinates, components, paths; agreement with the general factorizations."""

from itertools import product

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quadrics.connectivity.factorizations import Factorizations
from quadrics.connectivity.gl_paths import is_invertible_path
from quadrics.connectivity.group_actions import act, connecting_element, stabilizer_dimension
from quadrics.connectivity.linear_networks import LinearNetwork, chain_product
from quadrics.errors import (
    DimensionError,
    DisconnectedError,
    NonFiniteError,
    OffManifoldError,
    ShapeError,
    SymmetryError,
)


@st.composite
def invertible_matrices(draw, n):
    matrix = sympy.Matrix(n, n, draw(st.lists(st.integers(-4, 4), min_size=n * n, max_size=n * n)))
    assume(matrix.det() != 0)
    return matrix


@st.composite
def networks_with_elements(draw, elements=1):
    h, depth = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    network = LinearNetwork(draw(invertible_matrices(h)), draw(invertible_matrices(h)), depth)
    tuples = [[draw(invertible_matrices(h)) for _ in range(depth - 1)] for _ in range(elements)]
    return network, *tuples


@settings(deadline=None, max_examples=50)
@given(networks_with_elements())
def test_parametrization_and_coordinates_are_inverse(drawn):
    network, g = drawn
    weights = network.parametrize(g)
    assert network.loss(weights) == 0
    assert list(network.coordinates(weights)) == g
    assert network.parametrize(network.coordinates(weights)) == weights
    assert stabilizer_dimension(weights) == 0


@settings(deadline=None, max_examples=40)
@given(networks_with_elements(2))
def test_paths_stay_on_the_minimum(drawn):
    network, g, k = drawn
    start, end = network.parametrize(g), network.parametrize(k)
    assume(network.component_of(start) == network.component_of(end))
    path = network.path(start, end)
    assert (path(0), path(1)) == (start, end)
    assert all(network.contains(path(sympy.Rational(j, 5))) for j in range(6))
    assert all(map(is_invertible_path, path.polygons))


@settings(deadline=None, max_examples=40)
@given(networks_with_elements(2))
def test_basis_changes_reach_every_point(drawn):
    network, g, k = drawn
    start, end = network.parametrize(g), network.parametrize(k)
    assert act(connecting_element(start, end), start) == end


@settings(deadline=None, max_examples=40)
@given(networks_with_elements(2))
def test_agrees_with_factorizations(drawn):
    network, g, k = drawn
    space = Factorizations(network.Y * network.X.inv(), (network.width,) * (network.depth - 1))
    assert space.number_of_components() == network.number_of_components()
    start, end = network.parametrize(g), network.parametrize(k)
    together = network.component_of(start) == network.component_of(end)
    assert (space.component_of(start) == space.component_of(end)) == together


@pytest.mark.parametrize(("h", "depth"), list(product((1, 2, 3), (1, 2, 3, 4))))
def test_representatives(h, depth):
    network = LinearNetwork(sympy.eye(h), sympy.eye(h) + sympy.ones(h, h), depth)
    found = [network.component_of(network.representative(signs)) for signs in network.components()]
    assert found == list(network.components())
    assert len(found) == network.number_of_components() == 2 ** (depth - 1)


def test_loss_is_the_sum_of_squares():
    network = LinearNetwork([[1, 0], [0, 2]], [[1, 1], [0, 1]], 2)
    weights = (sympy.Matrix([[1, 2], [3, 4]]), sympy.Matrix([[0, 1], [1, 0]]))
    residual = network.Y - weights[1] * weights[0] * network.X
    assert network.loss(weights) == sum(e**2 for e in residual) == (residual.T * residual).trace()
    assert chain_product(weights) == weights[1] * weights[0]


def test_refuses_points_off_the_minimum():
    network = LinearNetwork([[1]], [[1]], 2)
    for ask in (network.component_of, network.coordinates, lambda W: network.path(W, W)):
        with pytest.raises(OffManifoldError, match="a loss of 9"):
            ask([[[2]], [[2]]])
    assert not network.contains([[[2]], [[2]]])


def test_refuses_different_components():
    network = LinearNetwork([[1]], [[1]], 3)
    with pytest.raises(DisconnectedError, match=r"\(1, 1\) and \(-1, 1\)"):
        network.path(network.representative((1, 1)), network.representative((-1, 1)))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (([[0]], [[1]], 2), SymmetryError),
        (([[1]], [[1, 2], [3, 4]], 2), ShapeError),
        (([[1]], [[1]], 0), DimensionError),
        (([[1]], [[1]], 10**6), DimensionError),
        (([[1]], [[1]], "2"), DimensionError),
        (([[float("nan")]], [[1]], 2), NonFiniteError),
        (("X", [[1]], 2), ShapeError),
    ],
)
def test_refuses_bad_data(arguments, error):
    with pytest.raises(error):
        LinearNetwork(*arguments)


@pytest.mark.parametrize(
    ("weights", "error"),
    [
        ([[[1]]], ShapeError),
        ("ab", ShapeError),
        (None, ShapeError),
        (7, ShapeError),
        ([[[1]], [[1, 2]]], ShapeError),
        ([[[1]], [[float("inf")]]], NonFiniteError),
    ],
)
def test_refuses_bad_weights(weights, error):
    with pytest.raises(error):
        LinearNetwork([[1]], [[1]], 2).loss(weights)


def test_refuses_bad_elements():
    network = LinearNetwork([[1]], [[1]], 3)
    with pytest.raises(ShapeError, match="expected 2"):
        network.parametrize([[[1]]])
    with pytest.raises(SymmetryError, match="determinant 0"):
        network.parametrize([[[1]], [[0]]])
