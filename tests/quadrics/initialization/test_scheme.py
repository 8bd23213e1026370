"""Being disconnected is not yet being obstructed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational

from quadrics.errors import DimensionError
from quadrics.initialization import WIDTH, HiddenBias, kaiming_normal, pytorch_default, uniform, xavier_normal
from quadrics.initialization.scheme import LARGEST_EXPANDED_WIDTH, evaluate, power


def test_values_of_the_trinomial_sum():
    assert abs(uniform(1, 1).unreachable_probability(2, 2, 0, 1).evalf() - 0.01713) < 1e-5
    assert abs(xavier_normal().unreachable_probability(5, 5, 2, 3).evalf() - 3.5e-3) < 1e-4
    assert abs(xavier_normal().unreachable_probability(10, 10, 5, 5).evalf() / 2.9e-8 - 1) < 0.02


@settings(max_examples=25, deadline=None)
@given(d=st.integers(2, 8), l=st.integers(1, 8), positive=st.integers(0, 4), negative=st.integers(0, 4))
def test_unreachable_is_rarer_than_disconnected(d, l, positive, negative):
    for scheme in (kaiming_normal(), pytorch_default(HiddenBias.ZERO), xavier_normal()):
        if l < d and scheme is not kaiming_normal():
            continue
        unreachable = evaluate(scheme.unreachable_probability(d, l, positive, negative), 10)
        if positive + negative > l:
            assert abs(unreachable - 1) < 1e-9
        else:
            assert unreachable <= evaluate(scheme.obstruction_probability(d, l), 10)


def test_targets_need_hyperplanes():
    with pytest.raises(DimensionError, match="hidden bias"):
        kaiming_normal().unreachable_probability(1, 3, 1, 0)
    assert kaiming_normal(HiddenBias.ZERO).unreachable_probability(1, 3, 1, 0) > 0
    with pytest.raises(DimensionError, match="known integer"):
        kaiming_normal().unreachable_probability(2, WIDTH, 1, 0)
    with pytest.raises(DimensionError):
        kaiming_normal().unreachable_probability(2, 3, -1, 0)


def test_large_powers_stay_small_expressions():
    wide = power(Rational(2, 3), LARGEST_EXPANDED_WIDTH + 1)
    assert wide.is_Pow
    assert (
        abs(evaluate(wide, 20) / evaluate(power(Rational(2, 3), LARGEST_EXPANDED_WIDTH), 20) - Rational(2, 3)) < 1e-15
    )


@pytest.mark.parametrize("width", [10**6, 10**9])
def test_absurd_widths_come_back_at_once(width):
    assert abs(evaluate(kaiming_normal().obstruction_probability(2, width)) - 0.6321205588) < 1e-6
