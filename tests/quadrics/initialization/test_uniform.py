"""Uniform schemes: closed forms, the numerical evaluation beyond them, limits and errors."""

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Min, Rational, S, Symbol, asinh, atan, diff, exp, log, pi, simplify, sqrt

from quadrics.errors import DimensionError, SchemeError
from quadrics.initialization import (
    INPUTS,
    WIDTH,
    CubeShorterThan,
    HiddenBias,
    ball_in_cube,
    kaiming_uniform,
    pytorch_default,
    uniform,
    xavier_uniform,
)
from quadrics.initialization.cube import _evaluate, _square


@pytest.mark.parametrize("squared", [Rational(5, 4), Rational(3, 2), Rational(19, 10), S(2), S(7)])
def test_numerical_evaluation_against_the_square(squared):
    closed = CubeShorterThan(2, sqrt(squared))
    assert not closed.has(CubeShorterThan)
    with mpmath.workdps(30):
        assert abs(closed.evalf(30)._to_mpmath(100) - _evaluate(2, sqrt(squared), 25)) < 1e-22


@pytest.mark.parametrize("large", [False, True])
def test_the_square_s_density_is_the_disc_in_the_square(large):
    r = Symbol("r", positive=True)
    t = S.One if large else sqrt(r**2 - 1)
    mean = _square(r).subs(Min(1, sqrt(r**2 - 1)), t) * r
    disc_in_square = 1 if large else sqrt(r**2 - 1) + r**2 * (pi / 4 - atan(sqrt(r**2 - 1)))
    assert simplify(diff(mean, r) - disc_in_square) == 0
    assert simplify((mean / r).subs(r, sqrt(2) if large else 1) - CubeShorterThan(2, sqrt(2) if large else S.One)) == 0


@pytest.mark.parametrize("r", [Rational(3, 2), S(4)])
def test_numerical_evaluation_against_the_segment(r):
    with mpmath.workdps(30):
        assert abs(CubeShorterThan(1, r)._to_mpmath(100) - _evaluate(1, r, 20)) < 1e-18


def test_mean_distance_in_the_unit_square_and_cube():
    # box integrals B_2(1) and B_3(1) (Bailey, Borwein, Crandall 2007)
    square = ((sqrt(2) + asinh(1)) / 3).evalf(30)
    assert abs((1 - CubeShorterThan(2, 3).evalf(30)) * 3 - square) < 1e-25
    cube = (sqrt(3) / 4 - pi / 24 + log(2 + sqrt(3)) / 2).evalf(30)
    assert abs((1 - CubeShorterThan(3, 2).evalf(30)) * 2 - cube) < 1e-25


@pytest.mark.parametrize("n", [3, 4, 6])
def test_continuous_where_the_ball_leaves_the_cube(n):
    step = Rational(1, 10**6)
    assert abs(CubeShorterThan(n, 1 + step).evalf() - CubeShorterThan(n, S.One).evalf()) < 1e-5


@settings(max_examples=3, deadline=None)
@given(n=st.integers(2, 4), first=st.integers(11, 40), gap=st.integers(1, 20))
def test_grows_with_the_radius(n, first, gap):
    assert CubeShorterThan(n, Rational(first, 10)).evalf() < CubeShorterThan(n, Rational(first + gap, 10)).evalf()


def test_pytorch_default():
    d, l = INPUTS, WIDTH
    formula = pytorch_default().pathological_probability(d, l)
    for inputs, width in ((2, 2), (2, 10), (3, 3), (5, 8)):
        assert formula.subs({d: inputs, l: width}) == ball_in_cube(Integer(inputs), sqrt(Rational(inputs, width)))
    assert pytorch_default().pathological_probability(2, 7) == pi / 42
    with_bias = pytorch_default(HiddenBias.DRAWN)
    assert with_bias.pathological_probability(2, 3) == ball_in_cube(S(3), sqrt(Rational(2, 3)))
    assert with_bias.obstruction_probability(1, 3) < 1 == pytorch_default().obstruction_probability(1, 3)


def test_kaiming_uniform_has_the_default_s_ratio():
    for d, l in ((2, 2), (2, 5), (3, 9)):
        default = pytorch_default().obstruction_probability(d, l)
        assert kaiming_uniform().obstruction_probability(d, l) == default


def test_toy_example_of_section_6():
    toy = uniform(sqrt(2), sqrt(2))
    assert toy.pathological_probability(2, 2) == pi / 12
    assert abs(toy.some_pathological_probability(2, 2).evalf() - 0.4551) < 1e-4


def test_limits():
    assert pytorch_default().wide_limit(2) == 1 - exp(-pi / 6)
    assert [pytorch_default().wide_limit(d) for d in (1, 3, 4)] == [1, 0, 0]
    assert pytorch_default(HiddenBias.DRAWN).wide_limit(1) == 1 - exp(-pi / 12)
    assert xavier_uniform().wide_limit(5) == 1
    assert uniform(1, 1).wide_limit(4) == 1
    assert uniform(1, 1).many_inputs_limit(4) == 0
    assert abs((pytorch_default().many_inputs_limit(2) - Rational(1, 3)).evalf()) < 1e-12
    for scheme, l in ((pytorch_default(), 1), (pytorch_default(), 2), (xavier_uniform(), 2)):
        limit = scheme.many_inputs_limit(l).evalf()
        gaps = [abs(scheme.obstruction_probability(d, l).evalf(6) - limit) for d in (2, 3, 5)]
        assert gaps[2] < gaps[1] < gaps[0]


def test_wide_limit_is_approached():
    scheme = pytorch_default()
    gaps = [abs((scheme.obstruction_probability(2, l) - scheme.wide_limit(2)).evalf()) for l in (10, 100, 1000)]
    assert gaps[2] < gaps[1] / 5 < gaps[0] / 25


@pytest.mark.parametrize("bad", [0, -1, "1", None, float("nan"), 1j, Symbol("q", real=True)])
def test_bad_scales(bad):
    with pytest.raises(SchemeError, match="half_width"):
        uniform(bad, 1)


def test_bad_dimensions():
    with pytest.raises(DimensionError):
        pytorch_default().obstruction_probability(2.5, 3)
    with pytest.raises(DimensionError, match="known integer"):
        pytorch_default().wide_limit(INPUTS)
