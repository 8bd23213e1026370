"""The strong form of Theorem 2: the interval, the matching and the exact witness against brute force."""

from itertools import product

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.activation import leaky_relu
from quadrics.errors import DimensionError, DisconnectedError, RescalingError, ShapeError
from quadrics.forms import imbalance
from quadrics.invariant_set import InvariantSet
from quadrics.network import Neuron, Parameters, TwoLayer
from quadrics.neuron_types import I_MINUS, I_PLUS, N_MINUS, N_PLUS, O, types_of
from quadrics.rp_equivalence import (
    equivalence_to,
    number_of_reachable_components,
    reachable_components,
    reachable_positive_range,
    reaches,
)
from quadrics.type_patterns import TypePatterns


@pytest.mark.parametrize("c", [c for width in range(1, 5) for c in product((-1, 0, 1), repeat=width)])
def test_interval_is_what_brute_force_reaches(c):
    H = TypePatterns(c)
    for orbit in H.orbits():
        reached = set(map(H.component_of, orbit))
        pattern = next(iter(orbit))
        found = list(reachable_components(pattern, c))
        assert len(found) == len(set(found)) == number_of_reachable_components(pattern, c)
        assert set(found) == reached


@pytest.mark.parametrize(("d", "e"), [(2, 1), (1, 1), (1, 2), (2, 2)])
@pytest.mark.parametrize("c", [(-1,), (0, 1), (-1, 1), (-1, 0, 1), (-1, -1, 1), (-1, 1, 1)])
def test_matching_in_every_dimension(c, d, e):
    H = TypePatterns(c, d, e)
    value = {0: [0] * d, 1: [3] + [0] * (d - 1), -1: [-3]}
    output = {0: [0] * e, 1: [2] + [0] * (e - 1), -1: [-2]}
    for orbit in H.orbits():
        pattern = next(iter(orbit))
        theta = Parameters.from_neurons([Neuron(tuple(value[t.w]), tuple(output[t.a])) for t in pattern])
        reached = set(map(H.component_of, orbit))
        assert {s for s in H.components() if reaches(theta, c, s)} == reached


rationals = st.fractions(-3, 3, max_denominator=4).map(lambda q: sympy.Rational(q.numerator, q.denominator))


@st.composite
def networks(draw, bias=False):
    width = draw(st.integers(1, 4))
    d = draw(st.integers(1 if bias else 2, 2))
    neurons = []
    for _ in range(width):
        w = tuple(draw(rationals) for _ in range(d))
        neurons.append(Neuron(w, (draw(rationals),), draw(rationals) if bias else None))
    c = [draw(rationals) for _ in range(width)]
    return Parameters.from_neurons(neurons), c


@settings(deadline=None, max_examples=25)
@given(st.booleans().flatmap(networks))
def test_witness_is_exact(case):
    theta, c = case
    H = TypePatterns(c, theta.d_in + theta.has_bias)
    if not H.can_place(types_of(theta)):
        with pytest.raises(RescalingError, match="no more degenerate neurons"):
            reachable_positive_range(theta, c)
        return
    reached = set(reachable_components(theta, c))
    assert reached
    for signs in H.components():
        assert reaches(theta, c, signs) == (signs in reached)
        if signs not in reached:
            with pytest.raises(DisconnectedError, match="expected a component that theta reaches"):
                equivalence_to(theta, c, signs)
            continue
        moved = equivalence_to(theta, c, signs)(theta)
        assert all(sympy.expand(sympy.radsimp(q - target)) == 0 for q, target in zip(imbalance(moved), c, strict=True))
        assert H.component_of(types_of(moved)) == signs


def test_witness_computes_the_same_function():
    theta = Parameters([[1, 2], [-1, 1], [3, 0]], [[1, -2, 2]])
    c = [-2, 1, 0]
    net = TwoLayer(2, 3, activation=leaky_relu(sympy.Rational(1, 10)))
    inputs = sympy.Matrix([[1, -1, 2, -3], [0, 1, -5, -1]])
    for signs in reachable_components(theta, c):
        moved = equivalence_to(theta, c, signs)(theta)
        assert (net.output(inputs, moved) - net.output(inputs, theta)).applyfunc(sympy.simplify) == sympy.zeros(1, 4)


def test_components_of_the_invariant_set_are_understood():
    H = InvariantSet(d_in=1, d_out=1, c=[-1, 2])
    theta = Parameters([[1], [-3]], [[2, -4]])
    reached = [component for component in H.components() if reaches(theta, H.c, component)]
    assert len(reached) == 2
    for component in reached:
        assert H.component_of(equivalence_to(theta, H.c, component)(theta)) == component


def test_theorem_2_follows_from_the_interval():
    """Over θ in C_s, the only p(s') always in the interval is p(s)."""
    H = TypePatterns([-1, -1, 1])
    for s in H.components():
        ranges = [reachable_positive_range(p, H.c) for p in H.patterns() if H.component_of(p) == s]
        assert {p for p in range(3) if all(a <= p <= b for a, b in ranges)} == {s.count(1)}


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: reachable_positive_range([N_PLUS], [-1, -1]), ShapeError, "one for each neuron"),
        (lambda: reachable_positive_range(["N+"], [-1]), ShapeError, "sequence of NeuronType"),
        (lambda: reachable_positive_range([O, N_PLUS], [-1, -1]), RescalingError, "a = 0 needs c > 0"),
        (lambda: reachable_positive_range([I_PLUS, I_MINUS], [-1, 1]), RescalingError, "w = 0 needs c < 0"),
        (lambda: reachable_positive_range(Parameters([[1]], [[1]]), [-1]), DimensionError, "equivalence_to"),
        (lambda: reachable_positive_range(Parameters([[1, 1]], [[1], [1]]), [-1]), DimensionError, "e = 1"),
        (lambda: reaches([N_PLUS, N_MINUS], [-1, 1], (1, 1)), ShapeError, "expected 1 entries"),
        (lambda: reaches([N_PLUS, N_MINUS], [-1, 1], (0,)), ShapeError, "expected 1 entries"),
        (lambda: reaches([N_PLUS, N_MINUS], [-1, 1], (2,)), DimensionError, "signs"),
    ],
)
def test_bad_input(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_wide_layers():
    pattern = [N_PLUS] * 500 + [N_MINUS] * 500
    assert reachable_positive_range(pattern, [-1] * 300 + [1] * 700) == (0, 300)
