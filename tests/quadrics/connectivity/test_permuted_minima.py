"""Minima up to permutation: aligning tuples found, counted, refused; effective components by enumeration."""

from itertools import product
from math import factorial

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quadrics.connectivity.gl_paths import is_invertible_path
from quadrics.connectivity.linear_networks import LinearNetwork, chain_product
from quadrics.connectivity.permuted_minima import (
    aligning_permutations,
    all_aligning_permutations,
    effective_components,
    joined_by,
    number_of_aligning_tuples,
    number_of_effective_components,
    permute_neurons,
    printed_permutation,
)
from quadrics.errors import DimensionError, DisconnectedError, OffManifoldError, ShapeError, SymmetryError


@st.composite
def invertible_matrices(draw, n):
    matrix = sympy.Matrix(n, n, draw(st.lists(st.integers(-4, 4), min_size=n * n, max_size=n * n)))
    assume(matrix.det() != 0)
    return matrix


@st.composite
def pairs_of_minima(draw, widths=(2, 3), depths=(2, 3)):
    h, depth = draw(st.sampled_from(widths)), draw(st.sampled_from(depths))
    network = LinearNetwork(draw(invertible_matrices(h)), draw(invertible_matrices(h)), depth)
    return network, *(network.parametrize([draw(invertible_matrices(h)) for _ in range(depth - 1)]) for _ in range(2))


@settings(deadline=None, max_examples=40)
@given(pairs_of_minima(depths=(2, 3, 4)))
def test_aligned_minima_are_joined(drawn):
    network, start, end = drawn
    moved = permute_neurons(start, aligning_permutations(network, start, end))
    path = network.path(moved, end)
    assert (path(0), path(1)) == (moved, end)
    assert all(map(is_invertible_path, path.polygons))


@settings(deadline=None, max_examples=15)
@given(pairs_of_minima())
def test_half_of_the_permutations_of_each_layer_align(drawn):
    network, start, end = drawn
    found = list(all_aligning_permutations(network, start, end))
    assert len(found) == len(set(found)) == number_of_aligning_tuples(network.width, network.depth)
    assert aligning_permutations(network, start, end) in found


@settings(deadline=None, max_examples=25)
@given(pairs_of_minima(depths=(2,)), st.data())
def test_lemma_5_1(drawn, data):
    network, start, end = drawn
    g = data.draw(invertible_matrices(network.width))
    apart = network.component_of(start) != network.component_of(end)
    assert joined_by(network, g, start, end) == ((g.det() < 0) == apart)


def test_the_printed_tuple_keeps_the_other_product():
    weights = [sympy.Matrix([[1, 2], [3, 4]]), sympy.Matrix([[0, 1], [1, 1]]), sympy.Matrix([[2, 1], [1, 1]])]
    chosen = [[1, 0], [1, 0]]
    printed = printed_permutation(weights, chosen)
    assert chain_product(printed) != chain_product(weights)
    assert printed[0] * printed[1] * printed[2] == weights[0] * weights[1] * weights[2]
    assert chain_product(permute_neurons(weights, chosen)) == chain_product(weights)


@pytest.mark.parametrize("r", [1, 2, 3])
@pytest.mark.parametrize("hidden", [0, 1, 2, 3])
def test_effective_components(r, hidden):
    for widths in product((r, r + 1), repeat=hidden):
        found = list(effective_components(r, widths))
        assert len(found) == number_of_effective_components(r, widths)
        b = sum(h == r for h in widths)
        assert sorted(s for orbit in found for s in orbit) == list(product((-1, 1), repeat=b))
        assert len(found) == (2**b if r == 1 else 1)


def test_rank_zero_is_connected():
    assert number_of_effective_components(0, [1, 2]) == len(list(effective_components(0, [1, 2]))) == 1


def test_width_one():
    network = LinearNetwork([[1]], [[1]], 2)
    plus, minus = [[[1]], [[1]]], [[[-1]], [[-1]]]
    assert aligning_permutations(network, plus, plus) == ((0,),)
    assert list(all_aligning_permutations(network, plus, minus)) == []
    with pytest.raises(DisconnectedError, match="nothing to permute"):
        aligning_permutations(network, plus, minus)
    with pytest.raises(DimensionError):
        number_of_aligning_tuples(1, 2)


def test_counts():
    assert [number_of_aligning_tuples(h, 3) for h in (2, 3, 4)] == [(factorial(h) // 2) ** 2 for h in (2, 3, 4)]


def test_refuses():
    network = LinearNetwork(sympy.eye(2), sympy.eye(2), 2)
    good, bad = [sympy.eye(2)] * 2, [sympy.eye(2), 2 * sympy.eye(2)]
    for pair in ((good, bad), (bad, good)):
        with pytest.raises(OffManifoldError):
            aligning_permutations(network, *pair)
        with pytest.raises(OffManifoldError):
            list(all_aligning_permutations(network, *pair))
    with pytest.raises(SymmetryError):
        permute_neurons(good, [[0, 2]])
    with pytest.raises(ShapeError):
        permute_neurons(good, [])
    with pytest.raises(DimensionError, match="to try"):
        list(all_aligning_permutations(LinearNetwork(sympy.eye(9), sympy.eye(9), 2), *[[sympy.eye(9)] * 2] * 2))
    with pytest.raises(DimensionError):
        joined_by(LinearNetwork([[1]], [[1]], 3), sympy.eye(1), [], [])
    with pytest.raises(DimensionError):
        number_of_effective_components(3, [2])
    with pytest.raises(DimensionError):
        list(effective_components(1, [1] * 17))
