"""Residual blocks and networks: counts in two ways, membership, exact paths, permutations, and bad input."""

from itertools import product

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.connectivity.factorizations import number_of_factorizations
from quadrics.connectivity.gl_paths import determinant, is_invertible_path
from quadrics.connectivity.linear_networks import LinearNetwork, chain_product
from quadrics.connectivity.permuted_minima import number_of_effective_components
from quadrics.connectivity.plane_cells import PlaneCells
from quadrics.connectivity.residual_blocks import ResidualBlock, number_of_invertible_blocks
from quadrics.connectivity.residual_networks import (
    ResidualNetwork,
    residual_loss,
    skip_coordinate,
    skip_factor,
    three_layers,
)
from quadrics.connectivity.residual_paths import block_matrix, segment_polynomial, with_invertible_product
from quadrics.errors import (
    DimensionError,
    DisconnectedError,
    NonFiniteError,
    OffManifoldError,
    ShapeError,
    SymmetryError,
)

SKIPS = (0, 1, -1, sp.Rational(1, 3), -2)
entries = st.integers(-3, 3)


def every_block(largest=3, layers=3):
    for n in range(1, largest + 1):
        for j in range(layers):
            for hidden in product(range(1, largest + 1), repeat=j):
                for skip in SKIPS:
                    yield ResidualBlock(n, hidden, skip)


@st.composite
def block_and_weights(draw, how_many):
    n = draw(st.integers(1, 3))
    hidden = tuple(draw(st.lists(st.integers(1, 3), max_size=2)))
    block = ResidualBlock(n, hidden, draw(st.sampled_from(SKIPS)))
    found = []
    for _ in range(how_many):
        found.append(
            [sp.Matrix(r, c, draw(st.lists(entries, min_size=r * c, max_size=r * c))) for r, c in block.shapes]
        )
    return block, found


def test_counts_agree_and_every_component_has_a_point():
    for block in every_block():
        components = list(block.components())
        closed = number_of_invertible_blocks(block.width, block.hidden, bool(block.skip))
        assert block.number_of_components() == len(components) == len(set(components)) == closed
        for one in components:
            assert block.component_of(block.representative(one)) == one


def test_without_skip_they_are_factorizations_through_the_output_of_the_block():
    for block in every_block():
        if not block.skip and min((block.width, *block.hidden)) == block.width:
            assert block.number_of_components() == number_of_factorizations(block.width, [*block.hidden, block.width])


@given(block_and_weights(2))
@settings(max_examples=40, deadline=None)
def test_paths_between_any_two_points_of_a_component(case):
    block, (start, end) = case
    if not (block.contains(start) and block.contains(end)):
        with pytest.raises(OffManifoldError):
            block.path(start, end)
        return
    if block.component_of(start) != block.component_of(end):
        with pytest.raises(DisconnectedError):
            block.path(start, end)
        return
    path = block.path(start, end)
    assert list(path(0)) == start
    assert list(path(1)) == end
    assert path.is_invertible()
    first = block.component_of(start)
    assert all(block.component_of(path(sp.Rational(k, 12))) == first for k in range(13))


@given(block_and_weights(1))
@settings(max_examples=40, deadline=None)
def test_sylvester_the_sign_may_be_read_from_any_layer(case):
    block, (weights,) = case
    if block.skip:
        signs = set()
        for cut in range(block.depth):
            turned = (*weights[cut:], *weights[:cut])
            M = block_matrix(turned, block.skip) / block.skip
            signs.add(sp.sign(determinant(M.as_immutable())))
        assert len(signs) == 1


@given(block_and_weights(2))
@settings(max_examples=30, deadline=None)
def test_the_polynomial_of_a_segment(case):
    block, (start, end) = case
    p = segment_polynomial(start, end, block.skip)
    for t in (0, sp.Rational(1, 3), 1):
        between = [(1 - t) * a + t * b for a, b in zip(start, end, strict=True)]
        assert p.eval(t) == block_matrix(between, block.skip).det()


def test_an_invertible_product_is_found_near_by():
    weights = (sp.zeros(2, 2), sp.diag(-9, 9))
    moved = with_invertible_product(weights, sp.Rational(1, 5))
    assert determinant(chain_product(moved)) != 0
    assert segment_polynomial(weights, moved, sp.Rational(1, 5)).count_roots(0, 1) == 0


@pytest.mark.parametrize("skip", SKIPS)
def test_one_dimension_against_cells_of_the_plane(skip):
    x, y = sp.symbols("x y")
    cells = PlaneCells(x * y + skip, x, y)
    block = ResidualBlock(1, (1,), skip)
    assert cells.number_of_components() == block.number_of_components()
    seen = {}
    for a, b in product((-3, sp.Rational(-1, 2), 0, sp.Rational(1, 2), 3), repeat=2):
        if a * b + skip != 0:
            seen.setdefault(block.component_of([[[a]], [[b]]]), set()).add(cells.component_of((a, b)))
    assert len(seen) == block.number_of_components()
    assert all(len(found) == 1 for found in seen.values())


def test_narrow_layers_inside_a_wide_block_separate():
    assert ResidualBlock(3, (1, 1), 1).number_of_components() == 3
    assert ResidualBlock(3, (1, 2, 1), 1).number_of_components() == 3
    assert ResidualBlock(3, (1, 1, 1), 1).number_of_components() == 5
    assert ResidualBlock(3, (1,), 1).number_of_components() == 2


def test_networks_are_graphs_over_their_blocks():
    X, Y = [[1, 1], [0, 2]], [[0, 1], [1, 3]]
    network = ResidualNetwork(X, Y, (ResidualBlock(2, (2,), 1), ResidualBlock(2, (3,), -2)))
    assert network.number_of_components() == len(list(network.components())) == 4
    for one in network.components():
        point = network.representative(one)
        assert network.loss(point) == 0
        assert network.component_of(point) == one
        assert network.parametrize(point[:-1]) == point


@pytest.mark.parametrize("skip", [0, 1, sp.Rational(-1, 2)])
def test_paths_on_the_minimum(skip):
    network = three_layers([[1, 1], [0, 2]], [[0, 1], [1, 3]], skip)
    for component in network.components():
        start = network.representative(component)
        flip = [sp.diag(-1, -1) * W for W in start[:-1]]
        end = network.parametrize(flip)
        assert network.component_of(end) == component
        path = network.path(start, end)
        assert path.stays_on_minimum()
        assert all(network.contains(path(sp.Rational(k, 7))) for k in range(8))
        assert path(0) == start
        assert all(is_invertible_path(block.there.polygon) for block in path.blocks)


def test_without_skip_it_is_the_linear_network():
    X, Y = [[1, 1], [0, 2]], [[0, 1], [1, 3]]
    plain, linear = three_layers(X, Y, 0), LinearNetwork(X, Y, 3)
    assert plain.number_of_components() == linear.number_of_components()
    pairs = {(plain.component_of(linear.representative(c)), c) for c in linear.components()}
    assert len(pairs) == len({a for a, _ in pairs}) == 4


@pytest.mark.parametrize("n", [1, 2, 3])
def test_permutations_merge_without_skip_only(n):
    plain, residual = three_layers(sp.eye(n), sp.eye(n), 0), three_layers(sp.eye(n), sp.eye(n), 1)
    assert plain.number_of_effective_components() == number_of_effective_components(n, [n, n])
    assert residual.number_of_effective_components() == residual.number_of_components()


def test_which_layers_may_be_permuted():
    two, plain = ResidualBlock(2, (3,), 1), ResidualBlock(2, (3,), 0)
    identity = sp.eye(2)
    assert ResidualNetwork(identity, identity, (two, two)).permutable_layers() == (1, 3)
    assert ResidualNetwork(identity, identity, (plain, two)).permutable_layers() == (1, 3)
    assert ResidualNetwork(identity, identity, (two, plain)).permutable_layers() == (1, 3, 4)
    assert ResidualNetwork(identity, identity, (plain, plain)).permutable_layers() == (1, 2, 3, 4)
    network = ResidualNetwork(identity, identity, (plain, plain))
    point = network.parametrize([sp.ones(3, 2) + sp.Matrix(3, 2, range(6)), sp.Matrix([[1, 0, 0], [0, 2, 1]])] * 2)
    for layer, width in ((1, 3), (2, 2), (3, 3), (4, 2)):
        assert network.contains(network.permute(layer, [1, 0, *range(2, width)], point))


def test_the_two_maps_of_equation_12_are_inverse():
    X, base, g = sp.Matrix([[1, 1], [0, 2]]), sp.Matrix([[0, 1], [3, 1]]), sp.Matrix([[2, 5], [1, 1]])
    assert skip_factor(skip_coordinate(g, base, X, 7), base, X, 7) == g
    assert residual_loss([sp.eye(2), sp.eye(2), sp.zeros(2, 2)], X, sp.diag(3, 4), 1) == 5


def test_bad_input():
    for width in (0, -1, 13, 2.0, "2", True, None):
        with pytest.raises(DimensionError):
            ResidualBlock(width, (1,), 1)
    for hidden in (3, "11", (0,), (1.5,), (10**9,)):
        with pytest.raises(DimensionError):
            ResidualBlock(1, hidden, 1)
    for skip in ("1", float("nan"), float("inf"), sp.sqrt(2), None, 1j):
        with pytest.raises(NonFiniteError):
            ResidualBlock(1, (1,), skip)
    block = ResidualBlock(2, (1,), 1)
    for weights in ([], "ab", [[[1, 2]]], [[[1, 2]], [[1], [2], [3]]]):
        with pytest.raises(ShapeError):
            block.component_of(weights)
    with pytest.raises(NonFiniteError):
        block.component_of([[[1, float("nan")]], [[1], [2]]])
    path = block.path([[[1, 2]], [[1], [2]]], [[[1, 2]], [[1], [2]]])
    for t in (-1, 2, 1.5):
        with pytest.raises(DimensionError):
            path(t)
    for blocks in ((), "x", (1,), (ResidualBlock(1, (), 1),), None):
        with pytest.raises(ShapeError):
            ResidualNetwork(sp.eye(2), sp.eye(2), blocks)
    with pytest.raises(SymmetryError):
        three_layers([[0]], [[1]], 1)
    network = three_layers([[1]], [[1]], 1)
    with pytest.raises(ShapeError):
        network.loss([[[1]], [[1]]])
    with pytest.raises(ShapeError):
        network.loss([[[1]], [[1]], [[1, 1]]])
    with pytest.raises(OffManifoldError):
        network.parametrize([[[1]], [[-1]]])
    with pytest.raises(ShapeError):
        three_layers(sp.eye(2), sp.eye(2), 1).permute(1, [0], [sp.eye(2)] * 3)
    with pytest.raises(DisconnectedError):
        network.path(network.representative(((-1, 1),)), network.representative(((1,),)))
