"""Losses on units: symmetry decided by generators against all permutations, gradients, orbits, bad input."""

from itertools import permutations
from math import factorial, prod

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import DimensionError, NonFiniteError, ShapeError, SymmetryError
from quadrics.expansion.losses.symmetric import (
    UnitLoss,
    generators,
    network_loss,
    orbit,
    permute_units,
    units,
)
from quadrics.smooth_activation import tanh

monomials = st.lists(st.integers(0, 2), min_size=3, max_size=3)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(-2, 2), monomials), min_size=1, max_size=4))
def test_generators_decide_for_the_whole_group(terms):
    w = units(3, 1)
    loss = UnitLoss(sum(c * prod(w[i] ** k for i, k in enumerate(powers)) for c, powers in terms), w)
    everywhere = all(loss.is_invariant_under(perm) for perm in permutations(range(3)))
    assert loss.is_symmetric() == everywhere == loss.gradient_is_equivariant()
    assert loss.symmetrized().is_symmetric()
    if everywhere:
        assert sympy.expand(loss.symmetrized().expression - loss.expression) == 0


@pytest.mark.parametrize("m", range(1, 6))
def test_generators_generate(m):
    reached, todo = {tuple(range(m))}, [tuple(range(m))]
    while todo:
        perm = todo.pop()
        for g in generators(m):
            new = tuple(perm[i] for i in g)
            if new not in reached:
                reached.add(new)
                todo.append(new)
    assert len(reached) == factorial(m)


def test_networks_are_symmetric_for_any_activation():
    x, y = sympy.symbols("x y", real=True)
    for activation in (None, tanh):
        loss = network_loss(3, [(x, y), (2, 1)], activation)
        assert loss.is_symmetric()
        assert loss.gradient_is_equivariant()
    w = units(2, 2)
    assert not UnitLoss(w[0, 1] * sympy.tanh(w[0, 0]) + 2 * w[1, 1] * sympy.tanh(w[1, 0]), w).is_symmetric()


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=5))
def test_orbit_sizes(rows):
    theta = sympy.Matrix(rows)
    sizes = [rows.count(row) for row in set(rows)]
    assert len(list(orbit(theta))) == factorial(len(rows)) // prod(map(factorial, sizes))


@settings(deadline=None, max_examples=30)
@given(st.permutations(range(4)), st.permutations(range(4)))
def test_the_action_reverses_the_order_of_composition(pi, sigma):
    theta = units(4, 2)
    assert permute_units(permute_units(theta, sigma), pi) == permute_units(theta, [sigma[i] for i in pi])


def test_values_and_gradients():
    w = units(2, 1)
    loss = UnitLoss(w[0] ** 2 * w[1], w)
    assert loss.at([[2], [3]]) == 12
    assert loss.gradient_at([[2], [3]]) == sympy.Matrix([12, 4])


def test_bad_input():
    w = units(2, 1)
    with pytest.raises(DimensionError, match="m: got 0"):
        units(0, 1)
    with pytest.raises(DimensionError):
        units(10**9, 1)
    with pytest.raises(ShapeError, match="different symbols"):
        UnitLoss(1, [[w[0]], [w[0]]])
    with pytest.raises(NonFiniteError, match="text"):
        UnitLoss("w**2", w)
    with pytest.raises(NonFiniteError):
        UnitLoss(sympy.oo, w)
    with pytest.raises(ShapeError, match="a unit a row"):
        UnitLoss(w[0], w).at([[1, 2]])
    with pytest.raises(SymmetryError):
        permute_units([[1], [2]], [0, 0])
    with pytest.raises(ShapeError, match="no pairs"):
        network_loss(2, [])
    with pytest.raises(DimensionError, match="at most 8"):
        UnitLoss(0, units(9, 1)).symmetrized()
    with pytest.raises(DimensionError, match="at most 9"):
        list(orbit([[i] for i in range(10)]))
