"""Reachability of targets: the inequality, its range, explicit realizations, and the trinomial probability."""

from itertools import product
from math import comb

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.activation import absolute_value, leaky_relu, linear, relu
from quadrics.errors import DimensionError, DisconnectedError, ImbalanceError, ShapeError
from quadrics.forms import imbalance
from quadrics.initialization import kaiming_normal, xavier_normal
from quadrics.invariant_set import InvariantSet
from quadrics.network import Parameters, TwoLayer
from quadrics.reachability import KinkTarget, merged_neurons
from quadrics.realization import realize

rho = sympy.Symbol("rho")


def can_be_written(P, N, positive, negative, free):
    """Brute force: give each free neuron a sign and see whether there are enough of both."""
    return any(positive + up >= P and negative + free - up >= N for up in range(free + 1))


@pytest.mark.parametrize(("P", "N"), [(P, N) for P in range(5) for N in range(5) if P + N <= 6])
def test_inequality_against_brute_force(P, N):
    target = KinkTarget(P, N)
    for l_minus, free in product(range(7), range(7)):
        written = {p for p in range(l_minus + 1) if can_be_written(P, N, p, l_minus - p, free)}
        assert {p for p in range(l_minus + 1) if target.missing_signs(p, l_minus) <= free} == written
        assert set(target.reachable_range(l_minus, free)) == written
        assert target.number_of_reachable_components(l_minus, free) == sum(comb(l_minus, p) for p in written)


@pytest.mark.parametrize("c", [c for width in (1, 2, 3, 4) for c in product((-1, 0, 1), repeat=width)])
def test_components_listed_are_those_reachable(c):
    target = KinkTarget(1, 2)
    components = product((1, -1), repeat=c.count(-1))
    assert set(target.reachable_components(c)) == {s for s in components if target.is_reachable(c, s)}


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize(("P", "N"), list(product(range(3), repeat=2)))
def test_probability_is_the_trinomial_sum(width, P, N):
    total = sympy.Integer(0)
    probability = {1: rho / 2, -1: rho / 2, 0: 1 - rho}
    for neurons in product((1, -1, 0), repeat=width):
        counts = [neurons.count(kind) for kind in (1, -1, 0)]
        if not can_be_written(P, N, *counts):
            total += sympy.Mul(*(probability[kind] for kind in neurons))
    assert sympy.expand(KinkTarget(P, N).obstruction_probability(width, rho) - total) == 0


def test_probabilities_of_the_schemes():
    assert KinkTarget(0, 1).obstruction_probability(2, sympy.pi / 12) == sympy.pi**2 / 576
    ten = KinkTarget(5, 5).obstruction_probability(10, xavier_normal().pathological_probability(10, 10))
    assert abs(ten.n() - 2.9e-8) < 5e-10
    five = KinkTarget(2, 3).obstruction_probability(5, xavier_normal().pathological_probability(5, 5))
    assert abs(five.n() - 3.5e-3) < 5e-5


@given(st.integers(1, 12), st.integers(0, 6), st.integers(0, 6), st.fractions(0, 1, max_denominator=50))
@settings(deadline=None)
def test_obstruction_is_rarer_than_disconnection(width, P, N, rate):
    rate = sympy.Rational(rate.numerator, rate.denominator)
    obstructed = KinkTarget(P, N).obstruction_probability(width, rate)
    assert 0 <= obstructed <= 1
    if width >= P + N:
        assert obstructed <= 1 - (1 - rate) ** width
    else:
        assert obstructed == 1


def test_wide_layers_come_back_at_once():
    probability = KinkTarget(200, 200).obstruction_probability(500, kaiming_normal().pathological_probability(3, 500))
    assert 0 <= probability.n() < 1e-30


NETS = [
    (Parameters([[1, 0], [0, 1], [1, 1]], [[2, -2, 3]]), relu),
    (Parameters([[1, 0], [0, 1], [1, 1]], [[2, -2, 3]]), leaky_relu(sympy.Rational(1, 4))),
    (Parameters([[1, 0], [-2, 0], [1, 1]], [[2, 2, 3]]), absolute_value),
    (Parameters([[1], [2]], [[1, -1]], b1=[1, 1], b2=[5]), relu),
]


@pytest.mark.parametrize(("theta", "activation"), NETS)
@pytest.mark.parametrize("c", [(-1, -2, -3), (-1, 0, 2), (-1, -1, 2, 0), (1, 0, 0)])
def test_realizations_are_exact(theta, activation, c):
    H = InvariantSet(theta.d_in, 1, c, bias=theta.has_bias)
    inputs = sympy.Matrix([[1, -2, 3, 0], [-1, 1, 5, -7]][: theta.d_in])
    target = KinkTarget.of(theta, activation)
    reached = set(target.reachable_components(c))
    for component in H.components():
        if component.signs not in reached:
            with pytest.raises(DisconnectedError, match="can be written on"):
                realize(theta, c, component, activation)
            continue
        point = realize(theta, c, component, activation)
        assert [sympy.simplify(q) for q in imbalance(point)] == list(c)
        assert H.component_of(point) == component
        wanted = TwoLayer(theta.d_in, theta.width, 1, activation, theta.has_bias).output(inputs, theta)
        found = TwoLayer(theta.d_in, len(c), 1, activation, theta.has_bias).output(inputs, point)
        assert (wanted - found).applyfunc(sympy.simplify) == sympy.zeros(1, inputs.cols)


def test_kinks_of_a_network():
    theta = Parameters([[1, 2], [2, 4], [0, 0], [3, 1], [0, 1]], [[1, -1, 7, 0, -2]])
    assert merged_neurons(theta) == [((1, 2), -1), ((0, 1), -2)]
    assert KinkTarget.of(theta) == KinkTarget(0, 2)
    assert KinkTarget.of(Parameters([[1, 0], [-1, 0]], [[1, 1]]), absolute_value) == KinkTarget(1, 0)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: KinkTarget(-1, 0), DimensionError, "positive"),
        (lambda: KinkTarget(0, 1.5), DimensionError, "negative"),
        (lambda: KinkTarget(0, 1).is_reachable([-1], (1, 1)), ShapeError, "expected 1 entries"),
        (lambda: KinkTarget(0, 1).is_reachable("-1", (1,)), ImbalanceError, "sequence"),
        (lambda: KinkTarget(0, 1).missing_signs(3, 2), DimensionError, "positive_signs"),
        (lambda: KinkTarget(0, 1).obstruction_probability(0, rho), DimensionError, "width"),
        (lambda: KinkTarget(0, 1).obstruction_probability(2, 1.5), DimensionError, "probability"),
        (lambda: KinkTarget(0, 1).obstruction_probability(2, "0.1"), DimensionError, "text"),
        (lambda: KinkTarget.of(Parameters([[1, 0], [-1, 0]], [[1, 1]])), ShapeError, "opposite sides"),
        (lambda: KinkTarget.of(Parameters([[0, 0]], [[1]], b1=[1])), ShapeError, "constant"),
        (lambda: KinkTarget.of(Parameters([[1]], [[1]])), DimensionError, "more than one input"),
        (lambda: KinkTarget.of(Parameters([[1, 1]], [[1], [1]])), DimensionError, "one output"),
        (lambda: KinkTarget.of(Parameters([[1, 1]], [[1]]), linear), DimensionError, "no kink"),
        (lambda: KinkTarget.of(Parameters([[1, 1]], [[sympy.Symbol("a", real=True)]])), ShapeError, "not known"),
    ],
)
def test_bad_input(call, error, says):
    with pytest.raises(error, match=says):
        call()
