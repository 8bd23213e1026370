"""Deep networks as exact parameters, permuted and reduced."""

import itertools
import math

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import DimensionError, NonFiniteError, QuadricsError, ReducibleError, ShapeError, SymmetryError
from quadrics.expansion import reduction
from quadrics.expansion.deep.networks import (
    DeepParameters,
    as_irreducible_network,
    as_widths,
    is_irreducible_network,
    number_of_permuted_points,
    output,
    permute,
    permuted_points,
)
from quadrics.expansion.deep.reduction import configurations_in, matching, reduce, reduce_in_order
from quadrics.network import Parameters

CORE = DeepParameters([[[1, 2], [0, -1]], [[3, -3], [1, 0]], [[2, 1]]])


@st.composite
def networks(draw, sizes=(2, 3, 2, 1)):
    """Networks with few different weights, so that equal rows and cancelling sums are common."""
    weights = [
        sympy.Matrix(rows, cols, draw(st.lists(st.integers(-1, 1), min_size=rows * cols, max_size=rows * cols)))
        for cols, rows in itertools.pairwise(sizes)
    ]
    return DeepParameters(tuple(weights))


def test_sizes():
    assert CORE.sizes == (2, 2, 2, 1)
    assert CORE.number_of_parameters == len(CORE.entries()) == 4 + 4 + 2
    assert CORE.pair(1) == Parameters(CORE.weights[0], CORE.weights[1])


def test_two_layers_are_the_shallow_network():
    x = sympy.symbols("x1 x2")
    shallow = Parameters([[1, 2], [3, 4]], [[5, 6]])
    deep = DeepParameters((shallow.W1, shallow.W2))
    assert output(deep, x) == reduction.output(shallow, x)
    assert is_irreducible_network(deep) == reduction.is_irreducible(shallow)


@settings(deadline=None, max_examples=60)
@given(networks())
def test_reduction_keeps_the_function_and_is_irreducible(theta):
    x = sympy.symbols("x1 x2")
    try:
        found = reduce(theta)
    except ReducibleError:
        # Something is constant: then no derivative by x is left in the output.
        assert output(theta, x).diff(x[0]).is_zero_matrix
        return
    assert is_irreducible_network(found.core)
    assert (output(theta, x) - output(found.core, x)).expand().is_zero_matrix
    assert configurations_in(found.core, theta) == found.configurations
    assert reduce(found.core).core == found.core


@settings(deadline=None, max_examples=40)
@given(networks(), st.permutations(range(3)), st.permutations(range(2)))
def test_permutations_keep_function_and_core(theta, first, second):
    moved = permute(theta, [first, second])
    x = sympy.symbols("x1 x2")
    assert output(moved, x) == output(theta, x)
    try:
        core = reduce(theta).core
    except ReducibleError:
        with pytest.raises(ReducibleError):
            reduce(moved)
        return
    assert matching(core, reduce(moved).core) is not None
    assert configurations_in(core, moved) == tuple(
        P.permuted(perm) for P, perm in zip(reduce(theta).configurations, (first, second), strict=True)
    )


@settings(deadline=None, max_examples=60)
@given(networks(), st.permutations([1, 2]))
def test_repeated_passes_end_in_the_core(theta, order):
    """Reducing pairs one by one, again and again, is the slow way to the same core."""
    try:
        core = reduce(theta).core
    except ReducibleError:
        return
    while not is_irreducible_network(theta):
        theta = reduce_in_order(theta, order).core
    assert matching(core, theta) is not None


def test_all_permuted_points_are_distinct():
    core = DeepParameters([[[1], [2], [3]], [[1, 2, 3], [4, 5, 6]], [[1, 1]]])
    points = set(permuted_points(core))
    assert len(points) == number_of_permuted_points(core) == math.factorial(3) * math.factorial(2)
    assert all(configurations_in(core, point) is not None for point in points)
    reducible = DeepParameters([[[1], [1]], [[1, 1]]])
    assert len(set(permuted_points(reducible))) == 1


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: DeepParameters([[[1]]]), ShapeError),
        (lambda: DeepParameters("W1"), ShapeError),
        (lambda: DeepParameters(5), ShapeError),
        (lambda: DeepParameters([[[1]]] * 101), ShapeError),
        (lambda: DeepParameters([[[1, 2]], [[3, 4]]]), ShapeError),
        (lambda: DeepParameters([[[math.nan]], [[1]]]), NonFiniteError),
        (lambda: DeepParameters([[["1"]], [[1]]]), NonFiniteError),
        (lambda: DeepParameters([[], [[1]]]), ShapeError),
        (lambda: CORE.pair(3), DimensionError),
        (lambda: output(CORE, [1]), ShapeError),
        (lambda: permute(CORE, [[0, 1]]), SymmetryError),
        (lambda: permute(CORE, [[0, 1], [1, 1]]), SymmetryError),
        (lambda: reduce_in_order(CORE, [1]), SymmetryError),
        (lambda: reduce(DeepParameters([[[1], [1]], [[2, -2]], [[3]]])), ReducibleError),
        (lambda: as_irreducible_network(DeepParameters([[[1], [1]], [[2, -2]], [[3]]])), ReducibleError),
        (lambda: as_widths(CORE, (2,)), ShapeError),
        (lambda: as_widths(CORE, "22"), ShapeError),
        (lambda: as_widths(CORE, (2, 1)), DimensionError),
        (lambda: as_widths(CORE, (2, 2.5)), DimensionError),
        (lambda: permuted_points(CORE, most=3), DimensionError),
    ],
)
def test_bad_input(call, error):
    assert issubclass(error, QuadricsError)
    with pytest.raises(error):
        call()
