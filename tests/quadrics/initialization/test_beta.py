"""The finite sums against their defining integral and against mpmath's implementation."""

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, S, Symbol, beta, betainc_regularized, diff, gamma, simplify

from quadrics.initialization import fisher_cdf, half_integer_beta, leading_term
from quadrics.initialization.beta import LARGEST_CLOSED_FORM

half_integers = st.integers(1, 25).map(lambda twice: Rational(twice, 2))
odds = st.fractions(min_value="1/50", max_value=50, max_denominator=60).map(
    lambda q: Rational(q.numerator, q.denominator)
)


@settings(max_examples=60, deadline=None)
@given(a=half_integers, b=half_integers, odds=odds)
def test_agrees_with_mpmath(a, b, odds):
    x = odds / (1 + odds)
    expected = mpmath.betainc(float(a), float(b), 0, mpmath.mpf(x.p) / x.q, regularized=True)
    assert abs(half_integer_beta(a, b, odds).evalf(20) - expected) < 1e-13


@settings(max_examples=30, deadline=None)
@given(a=half_integers, b=half_integers, odds=odds)
def test_reflection(a, b, odds):
    assert abs((half_integer_beta(a, b, odds) + half_integer_beta(b, a, 1 / odds) - 1).evalf(30, chop=True)) < 1e-25


@pytest.mark.parametrize("twice_a", range(1, 6))
@pytest.mark.parametrize("twice_b", range(1, 6))
def test_derivative_is_the_beta_density(twice_a, twice_b):
    a, b, t = Rational(twice_a, 2), Rational(twice_b, 2), Symbol("t", positive=True)
    density = t ** (a - 1) / (1 + t) ** (a + b) / beta(a, b).rewrite(gamma)
    value = half_integer_beta(a, b, t)
    assert simplify(diff(value, t) - density) == 0
    assert value.subs(t, 0) == 0


def test_beyond_the_closed_form_the_function_itself_stands():
    a = Rational(LARGEST_CLOSED_FORM + 1, 2)
    assert half_integer_beta(a, S.Half, 1).has(betainc_regularized)
    assert not half_integer_beta(a - 1, S.Half, 1).has(betainc_regularized)
    below, above = half_integer_beta(a - 1, S.Half, 1).evalf(), half_integer_beta(a, S.Half, 1).evalf()
    assert 0 < above < below < 3 * above


def test_fisher_cdf_grows_from_0_to_1():
    for d in (1, 2, 3, 7, 8):
        values = [fisher_cdf(x, d).evalf() for x in (Rational(1, 100), 1, 10, 10**4)]
        assert values == sorted(values)
        assert 0 < values[0] < 0.1
        assert 0.99 < values[-1] < 1


@given(a=half_integers)
@settings(max_examples=20, deadline=None)
def test_leading_term(a):
    tiny = Rational(1, 10**9)
    ratio = half_integer_beta(a, S.Half, tiny / (1 - tiny)) / leading_term(a, S.Half, tiny)
    assert abs(ratio.evalf(20, maxn=1000) - 1) < 1e-8
