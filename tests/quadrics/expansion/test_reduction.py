"""Reduction to the irreducible core: exact, confluent, and within a stated tolerance."""

from random import Random

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import NonFiniteError, ReducibleError, SymmetryError
from quadrics.expansion.reduction import (
    as_irreducible,
    is_irreducible,
    output,
    reduce,
    reduction_steps,
    same_neurons,
    take_step,
)
from quadrics.network import Neuron, Parameters
from quadrics.symmetry import permute

x = sympy.symbols("x1 x2", real=True)


@st.composite
def networks(draw, most=6, d_in=2, d_out=1):
    """Networks with planted copies, cancelling groups and zero outputs: few values for the weights."""
    m = draw(st.integers(1, most))
    W1 = [[draw(st.integers(0, 1)) for _ in range(d_in)] for _ in range(m)]
    W2 = [[draw(st.integers(-1, 1)) for _ in range(m)] for _ in range(d_out)]
    return Parameters(W1, W2)


@settings(deadline=None, max_examples=40)
@given(networks())
def test_the_function_is_kept_for_an_activation_of_which_nothing_is_known(theta):
    found = reduce(theta)
    before = output(theta, x)
    if found.r == 0:
        assert before == sympy.zeros(1, 1)
        with pytest.raises(ReducibleError, match="all of whose neurons cancel"):
            _ = found.core
        return
    assert output(found.core, x) == before
    assert is_irreducible(found.core)
    assert found.displacement == found.dropped == found.error_bound(1, 1, 1) == 0
    assert is_irreducible(theta) == (found.r == theta.width)


@settings(deadline=None, max_examples=25)
@given(networks(), st.integers(0, 10**6))
def test_confluence(theta, seed):
    """Single steps in any order end in the same core, up to permutation."""
    random, at = Random(seed), theta
    while steps := list(reduction_steps(at)):
        if at.width == 1:
            break
        at = take_step(at, random.choice(steps))
    found = reduce(theta)
    if found.r == 0:
        assert at.width == 1
        assert list(reduction_steps(at)) == [(0, None)]
    else:
        assert same_neurons(at, found.core)


@settings(deadline=None, max_examples=25)
@given(networks(), st.data())
def test_permutations_only_relabel(theta, data):
    perm = data.draw(st.permutations(range(theta.width)))
    found, moved = reduce(theta), reduce(permute(theta, perm))
    assert found.r == moved.r
    assert {frozenset(g.members) for g in found.groups} == {frozenset(perm[i] for i in g.members) for g in moved.groups}
    if found.r:
        assert same_neurons(found.core, moved.core)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(-3, 3), st.integers(-9, 9)), min_size=1, max_size=6))
def test_with_a_tolerance_the_function_stays_within_the_bound(units):
    """Near-misses: incoming weights k + e/100, outgoing weights in hundredths; σ = sin has both constants 1."""
    neurons = [Neuron((sympy.Rational(k, 4) + sympy.Rational(e, 100),), (sympy.Rational(a, 100),)) for k, e, a in units]
    theta = Parameters.from_neurons(neurons)
    found = reduce(theta, sympy.Rational(3, 100))
    radius = 2
    bound = found.error_bound(1, radius, 1)
    for value in (-2, sympy.Rational(-1, 3), 1, 2):
        before = output(theta, [value], sympy.sin)[0]
        after = output(found.core, [value], sympy.sin)[0] if found.r else sympy.Integer(0)
        assert float(abs(before - after)) <= float(bound) + 1e-15


def test_tolerance_zero_distinguishes_what_differs():
    theta = Parameters([[sympy.Rational(1, 3)], [sympy.Rational(1, 3) + sympy.Rational(1, 10**30)]], [[1, 1]])
    assert (reduce(theta).r, reduce(theta, sympy.Rational(1, 10**29)).r) == (2, 1)


def test_roots_are_compared_as_numbers_and_symbols_are_generic():
    theta = Parameters([[sympy.sqrt(8)], [2 * sympy.sqrt(2)]], [[1, 1]])
    assert reduce(theta).r == 1
    a, b = sympy.symbols("a b", real=True)
    assert reduce(Parameters([[a], [b]], [[1, 1]])).r == 2
    assert reduce(Parameters([[a], [a]], [[b, -b]])).r == 0


def test_chains_are_linked():
    theta = Parameters([[0], [1], [2]], [[1, 1, 1]])
    assert [g.members for g in reduce(theta, 1).groups] == [(0, 1, 2)]
    assert sympy.ImmutableMatrix([[1]]) == reduce(theta, 1).core.W1


def test_biases_belong_to_the_incoming_weights():
    theta = Parameters([[1], [1], [1]], [[1, 2, 4]], [[0], [1], [0]], [[7]])
    core = reduce(theta).core
    assert (core.W2, core.b1, core.b2) == (sympy.Matrix([[5, 2]]), sympy.Matrix([[0], [1]]), sympy.Matrix([[7]]))
    assert output(theta, [x[0]]) == output(core, [x[0]])


def test_bad_input():
    with pytest.raises(NonFiniteError, match="at least 0"):
        reduce(Parameters([[1]], [[1]]), -1)
    with pytest.raises(NonFiniteError, match="numbers where there is a tolerance"):
        reduce(Parameters([[x[0]], [x[1]]], [[1, 1]]), 1)
    with pytest.raises(SymmetryError, match="expected one of"):
        take_step(Parameters([[1], [2]], [[1, 1]]), (0, 1))
    with pytest.raises(ReducibleError, match="single neuron"):
        take_step(Parameters([[1]], [[0]]), (0, None))
    with pytest.raises(ReducibleError, match="no outgoing weights in neuron 1"):
        as_irreducible(Parameters([[1], [2]], [[1, 0]]))
