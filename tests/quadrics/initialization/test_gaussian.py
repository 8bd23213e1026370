"""Gaussian schemes against independent integrals, against each other and in their limits."""

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import S, Symbol, erf, exp, oo, simplify, sqrt

from quadrics.errors import DimensionError, SchemeError
from quadrics.initialization import (
    INPUTS,
    WIDTH,
    HiddenBias,
    evaluate,
    fisher_cdf_of_many_inputs,
    gaussian,
    kaiming_normal,
    xavier_normal,
)

SCHEMES = [kaiming_normal(), xavier_normal(), gaussian(1, sqrt(2)), kaiming_normal(HiddenBias.DRAWN)]


def pathological_by_quadrature(n, variance1, variance2):
    """P[|w| < |a|] from the chi density of |w| and the error function for a: no beta function involved."""
    s1, s2 = mpmath.sqrt(variance1), mpmath.sqrt(variance2)

    def chi(u):
        return u ** (n - 1) * mpmath.exp(-(u**2) / 2) * 2 ** (1 - mpmath.mpf(n) / 2) / mpmath.gamma(mpmath.mpf(n) / 2)

    return mpmath.quad(lambda u: chi(u) * mpmath.erfc(s1 * u / s2 / mpmath.sqrt(2)), [0, 1, 4, 10, mpmath.inf])


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: f"{scheme.name}-{scheme.bias}")
@pytest.mark.parametrize(("d", "l"), [(1, 1), (2, 3), (3, 2), (4, 9), (7, 5), (12, 12)])
def test_agrees_with_quadrature(scheme, d, l):
    variances = [scheme.variance1.subs({INPUTS: d, WIDTH: l}), scheme.variance2.subs({INPUTS: d, WIDTH: l})]
    n = d + (scheme.bias is HiddenBias.DRAWN)
    expected = pathological_by_quadrature(n, *(mpmath.mpf(v.p) / v.q for v in map(S, variances)))
    assert abs(scheme.pathological_probability(d, l).evalf(15) - expected) < 1e-12


@settings(max_examples=40, deadline=None)
@given(scheme=st.sampled_from(SCHEMES), d=st.integers(1, 40), l=st.integers(1, 40))
def test_healthy_and_pathological_add_up(scheme, d, l):
    total = scheme.healthy_probability(d, l) + scheme.pathological_probability(d, l)
    assert abs((total - 1).evalf(30, chop=True)) < 1e-25


@pytest.mark.parametrize("scheme", [kaiming_normal(), xavier_normal()], ids=lambda scheme: scheme.name)
@pytest.mark.parametrize("d", [2, 3, 5])
def test_symbolic_width_specialises_to_numbers(scheme, d):
    formula = scheme.obstruction_probability(d, WIDTH)
    for l in (1, 2, 7):
        assert simplify(formula.subs(WIDTH, l) - scheme.obstruction_probability(d, l)) == 0


def test_symbolic_dimensions_specialise_to_numbers():
    formula = xavier_normal().obstruction_probability(INPUTS, WIDTH)
    for d, l in ((2, 3), (5, 5), (20, 50)):
        value = formula.subs({INPUTS: d, WIDTH: l})
        assert abs(value.evalf(20) - xavier_normal().obstruction_probability(d, l).evalf(20)) < 1e-15


def test_one_input_is_always_disconnected_unless_there_is_a_bias():
    assert kaiming_normal().obstruction_probability(1, 4) == 1
    assert kaiming_normal().some_pathological_probability(1, 4) < 1
    assert kaiming_normal(HiddenBias.ZERO).obstruction_probability(
        1, 4
    ) == kaiming_normal().some_pathological_probability(1, 4)
    drawn = kaiming_normal(HiddenBias.DRAWN)
    assert drawn.obstruction_probability(1, 4) == gaussian(sqrt(2), sqrt(S(1) / 2)).some_pathological_probability(2, 4)


def test_only_the_ratio_matters():
    assert gaussian(3, 6).obstruction_probability(4, 5) == gaussian(0.5, 1).obstruction_probability(4, 5)


def test_the_arguments_of_appendix_f():
    assert kaiming_normal().fisher_argument(INPUTS, WIDTH) == WIDTH
    assert simplify(xavier_normal().fisher_argument(INPUTS, WIDTH) - INPUTS * (1 + WIDTH) / (INPUTS + WIDTH)) == 0


@pytest.mark.parametrize("l", [1, 2, 3, 5, 10])
@pytest.mark.parametrize("scheme", [kaiming_normal(), xavier_normal()], ids=lambda scheme: scheme.name)
def test_limit_of_many_inputs_is_approached(scheme, l):
    limit = scheme.many_inputs_limit(l).evalf()
    gaps = [abs(evaluate(scheme.obstruction_probability(d, l)) - limit) for d in (10**3, 10**4, 10**5)]
    assert gaps[0] < 0.02
    assert gaps[1] < gaps[0] / 5
    assert gaps[2] < gaps[1] / 5


def test_limits_of_many_inputs():
    x = Symbol("x", positive=True)
    assert fisher_cdf_of_many_inputs(x) == erf(sqrt(x / 2))
    assert fisher_cdf_of_many_inputs(oo) == 1
    assert gaussian(1, 1).many_inputs_limit(3) == 0


@pytest.mark.parametrize("d", [1, 2, 3, 4])
@pytest.mark.parametrize("scheme", [kaiming_normal(), xavier_normal()], ids=lambda scheme: scheme.name)
def test_limit_of_many_neurons_is_approached(scheme, d):
    limit = scheme.wide_limit(d).evalf()
    gaps = [abs(evaluate(scheme.obstruction_probability(d, l)) - limit) for l in (10**2, 10**4, 10**6)]
    assert gaps[2] <= gaps[1] <= gaps[0]
    assert gaps[2] < 3e-3  # d = 3 falls like l**(-1/2) only


def test_limits_of_many_neurons():
    assert kaiming_normal(HiddenBias.DRAWN).wide_limit(1) == 1 - exp(-S.Half)
    assert gaussian(5, 1).wide_limit(3) == 1
    with pytest.raises(DimensionError, match="known integer"):
        kaiming_normal().wide_limit(INPUTS)


def test_tiny_probabilities_keep_their_digits():
    value = evaluate(kaiming_normal().obstruction_probability(300, 3000), 10)
    single = evaluate(kaiming_normal().pathological_probability(300, 3000), 10)
    assert 0 < value < 1e-150
    assert abs(value / (3000 * single) - 1) < 1e-8


@pytest.mark.parametrize("bad", [0, -1, 2.0, "3", True, None, sqrt(2), Symbol("q", negative=True)])
def test_bad_dimensions(bad):
    with pytest.raises(DimensionError):
        kaiming_normal().obstruction_probability(bad, 3)
    with pytest.raises(DimensionError):
        kaiming_normal().obstruction_probability(3, bad)


@pytest.mark.parametrize("bad", [0, -1, "1", None, float("nan"), float("inf"), 1j, Symbol("q", real=True)])
def test_bad_scales(bad):
    with pytest.raises(SchemeError, match="sigma"):
        gaussian(bad, 1)
    with pytest.raises(SchemeError, match="sigma"):
        gaussian(1, bad)


def test_unknown_bias():
    with pytest.raises(ValueError, match="maybe"):
        kaiming_normal("maybe")
