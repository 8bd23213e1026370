"""What may be done to one neuron: each move keeps a σ(w·x), and no activation is given one it does not have."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from quadrics.activation import Activation, absolute_value, leaky_relu, linear, relu, relu_power
from quadrics.errors import DimensionError, NonFiniteError, SymmetryError
from quadrics.network import Neuron
from quadrics.neuron_symmetries import balancing_factor, reflection, rescaled_neuron
from quadrics.smooth_activation import NAMED, SmoothActivation, Z, gelu, silu, soft_sigmoid, softplus

HOMOGENEOUS = [
    relu,
    leaky_relu(Fraction(1, 10)),
    absolute_value,
    linear,
    relu_power(2),
    Activation(2, 2, 3),
    Activation(1, -1, 2),
]
positives = st.fractions(min_value="1/6", max_value=6, max_denominator=6)
points = st.fractions(min_value=-3, max_value=3, max_denominator=4)


@pytest.mark.parametrize("sigma", [*HOMOGENEOUS, *NAMED.values()])
@given(z=points)
def test_reflections_are_identities(sigma: Activation | SmoothActivation, z: Fraction) -> None:
    found = reflection(sigma)
    if found is not None:
        gap = sigma(z) - found.sign * sigma(-z) - found.shift
        assert abs(sympy.N(gap, 40)) < 1e-35


def test_which_activations_allow_one() -> None:
    """Without one, neither sum nor difference of σ(z) and σ(-z) is constant: 0 and 1 and 2 tell."""
    for sigma in (relu, leaky_relu(Fraction(1, 10)), relu_power(2), softplus, gelu, silu, soft_sigmoid()):
        assert reflection(sigma) is None
        for sign in (1, -1):
            values = [sympy.N(sigma(z) - sign * sigma(-z), 30) for z in (0, 1, 2)]
            assert max(abs(v - values[0]) for v in values) > 0.1
    signs = {name: found and (found.sign, found.shift) for name in NAMED for found in [reflection(NAMED[name])]}
    assert {name: found for name, found in signs.items() if found} == {
        "sigmoid": (-1, 1),
        "tanh": (-1, 0),
        "erf": (-1, 0),
    }
    assert reflection(SmoothActivation("cosh", sympy.cosh(Z))) == (1, 0)
    assert reflection(Activation(1, -1, 2)) == (1, 0)
    assert reflection(Activation(2, 2, 3)) == (-1, 0)


@given(positives, positives, st.sampled_from([1, 2, 3, Fraction(1, 2)]))
def test_the_balanced_neuron_is_balanced_and_the_shortest(w: Fraction, a: Fraction, k: Fraction) -> None:
    m = balancing_factor(w, a, k)
    degree = sympy.Rational(k)
    square = (m * w) ** 2
    assert abs(sympy.N(square - degree * (m**-degree * a) ** 2, 40)) < 1e-30
    x = sympy.Symbol("x", positive=True)
    length = (x * sympy.Rational(w)) ** 2 + (x**-degree * sympy.Rational(a)) ** 2
    assert abs(sympy.N(sympy.diff(length, x).subs(x, m), 40)) < 1e-30
    assert sympy.N(sympy.diff(length, x, 2).subs(x, m), 20) > 0


@pytest.mark.parametrize("sigma", HOMOGENEOUS)
@given(w=points, x=points, m=positives, t=st.sampled_from([0, 1, 2, -1]))
def test_the_curve_keeps_what_a_neuron_contributes(
    sigma: Activation, w: Fraction, x: Fraction, m: Fraction, t: int
) -> None:
    there = rescaled_neuron(Neuron((w,), (5,), 1), m, sigma.degree, t)
    assert there.b is not None
    before = 5 * sigma(sympy.Rational(w * x) + 1)
    assert sympy.simplify(there.a[0] * sigma(there.w[0] * sympy.Rational(x) + there.b) - before) == 0


def test_bad_numbers() -> None:
    for bad in ((0, 1), (1, 0), (-1, 1), (1, 1, 0)):
        with pytest.raises(DimensionError, match="expected a positive number"):
            balancing_factor(*bad)
    with pytest.raises(NonFiniteError):
        balancing_factor("1", float("nan"))
    for factor in (0, -2):
        with pytest.raises(SymmetryError):
            rescaled_neuron(Neuron((1,), (1,)), factor, t=1)
