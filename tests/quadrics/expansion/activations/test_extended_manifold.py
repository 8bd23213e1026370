"""Networks that compute a teacher's function: exact conditions against Taylor series and against the function."""

from __future__ import annotations

from itertools import product

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import NonFiniteError, ReducibleError, ShapeError, UnknownActivationError
from quadrics.expansion.activations.extended_manifold import ExtendedManifold, computes_same_function, excess
from quadrics.expansion.activations.parts import taylor_coefficients, vanishes
from quadrics.expansion.manifold import ExpansionManifold
from quadrics.expansion.reduction import output, reduce, same_neurons
from quadrics.network import Parameters
from quadrics.smooth_activation import NAMED, SmoothActivation, Z, gelu, sigmoid, silu, soft_sigmoid, softplus, tanh

ACTIVATIONS = [*NAMED.values(), SmoothActivation("expm1", sympy.exp(Z) - 1), SmoothActivation("square", Z**2 + Z + 1)]


def same_series(theta, teacher, activation, order=13):
    """Whether the Taylor polynomials of the functions agree, monomial by monomial."""
    total = excess(theta, teacher)
    for n, c in enumerate(taylor_coefficients(activation.formula, order)):
        if c == 0:
            continue
        for i in range(n + 1) if theta.d_in == 2 else (n,):
            for output_index in range(theta.d_out):
                value = sum(
                    a[output_index] * w[0] ** i * (w[1] ** (n - i) if theta.d_in == 2 else 1) for w, a in total.items()
                )
                if value != 0:
                    return False
    return True


@st.composite
def pairs(draw, d_in=2):
    d_out = draw(st.integers(1, 2))
    weights = st.integers(-1, 1)

    def network(most):
        m = draw(st.integers(1, most))
        W1 = [[draw(weights) for _ in range(d_in)] for _ in range(m)]
        return Parameters(W1, [[draw(weights) for _ in range(m)] for _ in range(d_out)])

    return network(4), network(2)


@settings(deadline=None, max_examples=60)
@given(pairs(), st.sampled_from(ACTIVATIONS))
def test_against_the_series(networks, activation):
    theta, teacher = networks
    if theta.d_out != teacher.d_out:
        return
    assert bool(computes_same_function(theta, teacher, activation)) == same_series(theta, teacher, activation)


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda s: s.name)
def test_all_small_networks(activation):
    """All pairs of two neurons with weights in {-1, 0, 1} against a teacher, and the function itself where equal."""
    teacher = Parameters([[1]], [[1]])
    found = 0
    for w1, w2, a1, a2 in product((-1, 0, 1), repeat=4):
        theta = Parameters([[w1], [w2]], [[a1, a2]])
        same = bool(computes_same_function(theta, teacher, activation))
        assert same == same_series(theta, teacher, activation)
        if same:
            found += 1
            difference = output(theta, [Z], activation)[0] - output(teacher, [Z], activation)[0]
            assert vanishes(difference)
    assert found >= 6  # (1, w; 1, 0) with w = 0 or ±1, in two orders


@settings(deadline=None, max_examples=30)
@given(pairs())
def test_under_assumption_a_it_is_the_irreducible_core(networks):
    theta, teacher = networks
    if theta.d_out != teacher.d_out:
        return
    first, second = reduce(theta), reduce(teacher)
    if first.r == 0 or second.r == 0:
        expected = first.r == second.r
    else:
        expected = same_neurons(first.core, second.core)
    assert bool(computes_same_function(theta, teacher, soft_sigmoid(1, 4))) == expected


def test_the_expansion_manifold_is_part_of_it_and_all_of_it_under_assumption_a():
    core = Parameters([[1, 0], [0, 1]], [[1, 2]])
    for activation in ACTIVATIONS:
        M = ExtendedManifold(core, 3, activation)
        for S in ExpansionManifold(core, 3).subspaces():
            assert M.contains(S.point(range(1, S.dimension + 1)))
    assert ExtendedManifold(core, 3, soft_sigmoid(1, 4)).is_expansion_manifold
    mirrored = Parameters([[-1, 0], [0, -1], [0, 0]], [[-1, -2, 6]])
    assert ExtendedManifold(core, 3, sigmoid).contains(mirrored)
    assert not ExpansionManifold(core, 3).contains(mirrored)
    assert not ExtendedManifold(core, 3, soft_sigmoid(1, 4)).contains(mirrored)


@pytest.mark.parametrize(
    ("activation", "W1", "W2", "same"),
    [
        (sigmoid, [[1], [5], [-5], [7], [-7]], [[2, 3, 3, -3, -3]], True),
        (sigmoid, [[1], [5], [-5], [7], [-7]], [[2, 3, 3, 3, 3]], False),
        (tanh, [[-1], [0]], [[-2, 9]], True),
        (softplus, [[1], [5], [-5], [7], [-7]], [[2, 7, -7, -5, 5]], True),
        (softplus, [[1], [5], [-5], [7], [-7]], [[2, 7, -7, 5, -5]], False),
        (softplus, [[1], [0]], [[2, 1]], False),
        (gelu, [[1], [0], [5], [-5], [7], [-7]], [[2, 9, 7, -7, -5, 5]], True),
        (silu, [[1], [-1], [3], [-3]], [[5, -3, -1, 1]], True),
        (silu, [[1], [-1], [3], [-3]], [[5, -3, 1, -1]], False),
    ],
)
def test_cases(activation, W1, W2, same):
    """Against the teacher (1; 2), by condition and by exact rewriting of the function."""
    theta, teacher = Parameters(W1, W2), Parameters([[1]], [[2]])
    assert computes_same_function(theta, teacher, activation).same == same
    assert vanishes(output(theta, [Z], activation)[0] - output(teacher, [Z], activation)[0]) == same


def test_outgoing_weights():
    M = ExtendedManifold(Parameters([[1]], [[2]]), 4, softplus)
    incoming = [[1], [-1], [3], [-3]]
    space = M.outgoing_weights(incoming)
    assert space is not None
    assert space.dimension == 1
    for a in ([2, 0, 0, 0], [5, -3, -1, 1]):
        assert space.contains(a)
        assert M.contains(Parameters(incoming, [a]))
    assert not space.contains([5, -3, 1, -1])


def test_bad_input():
    plain, biased = Parameters([[1]], [[2]]), Parameters([[1]], [[2]], [[0]])
    with pytest.raises(ShapeError, match="biases"):
        computes_same_function(biased, plain, sigmoid)
    with pytest.raises(ShapeError, match="biases"):
        ExtendedManifold(biased, 2, sigmoid)
    with pytest.raises(ShapeError, match="expected equal ones"):
        computes_same_function(Parameters([[1, 2]], [[2]]), plain, sigmoid)
    with pytest.raises(NonFiniteError, match="float"):
        computes_same_function(Parameters([[0.5]], [[2]]), plain, sigmoid)
    with pytest.raises(NonFiniteError, match="expression"):
        computes_same_function(Parameters([[sympy.Symbol("w", real=True)]], [[2]]), plain, sigmoid)
    with pytest.raises(UnknownActivationError):
        computes_same_function(plain, plain, abs(Z))
    with pytest.raises(ReducibleError):
        ExtendedManifold(Parameters([[1], [1]], [[1, 1]]), 3, sigmoid)
    M = ExtendedManifold(plain, 2, sigmoid)
    with pytest.raises(ShapeError, match="width"):
        M.contains(plain)
    with pytest.raises(ShapeError, match="vectors"):
        M.outgoing_weights([[1]])
