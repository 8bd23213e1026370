"""The orthogonal scheme: never a pathological neuron for l <= d, at most l - d otherwise."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, S, pi

from quadrics.errors import DimensionError, SchemeError
from quadrics.initialization import INPUTS, WIDTH, HiddenBias, half_integer_beta, orthogonal


@settings(max_examples=60, deadline=None)
@given(d=st.integers(1, 6), l=st.integers(1, 9), seed=st.integers(0, 2**32 - 1))
def test_count_of_pathological_neurons(d, l, seed):
    rng = np.random.default_rng(seed)
    frame = np.linalg.qr(rng.standard_normal((max(d, l), min(d, l))))[0]
    w = frame if l >= d else frame.T
    a = rng.standard_normal(l)
    a /= np.linalg.norm(a)
    imbalance = (w**2).sum(axis=1) - a**2
    assert (imbalance < -1e-12).sum() <= orthogonal().largest_number_of_pathological(d, l)


@pytest.mark.parametrize(("d", "l"), [(1, 2), (1, 5), (2, 3), (2, 7), (3, 4), (3, 5), (4, 9), (5, 14)])
def test_single_neuron_against_the_beta_laws(d, l):
    def shorter(s):  # P[|w_k|^2 < s]
        return mpmath.betainc(mpmath.mpf(d) / 2, mpmath.mpf(l - d) / 2, 0, s, regularized=True)

    def integrand(phi):  # a_k = sin(phi)
        return shorter(mpmath.sin(phi) ** 2) * mpmath.cos(phi) ** (l - 2)

    norm = mpmath.quad(lambda phi: mpmath.cos(phi) ** (l - 2), [0, mpmath.pi / 2])
    expected = mpmath.quad(integrand, [0, mpmath.pi / 2]) / norm
    assert abs(orthogonal().pathological_probability(d, l).evalf() - expected) < 1e-12


def test_closed_cases():
    scheme = orthogonal()
    assert scheme.obstruction_probability(4, 4) == scheme.obstruction_probability(9, 2) == 0
    assert scheme.some_pathological_probability(1, 2) == 1
    assert scheme.obstruction_probability(1, 1) == 1
    assert orthogonal(HiddenBias.ZERO).obstruction_probability(1, 1) == 0
    assert scheme.obstruction_probability(2, 3) == 3 - 3 * pi / 4


def test_limits():
    assert orthogonal().many_inputs_limit(5) == 0
    assert orthogonal().wide_limit(5) == 1
    wide = orthogonal().pathological_probability(3, 24).evalf()
    assert abs(wide - half_integer_beta(Rational(3, 2), S.Half, 1).evalf()) < 0.02


def test_errors():
    with pytest.raises(SchemeError, match="dependent"):
        orthogonal().obstruction_probability(2, 4)
    with pytest.raises(SchemeError, match="dependent"):
        orthogonal().unreachable_probability(2, 3, 1, 1)
    with pytest.raises(SchemeError, match="drawn bias"):
        orthogonal(HiddenBias.DRAWN)
    with pytest.raises(DimensionError):
        orthogonal().pathological_probability(INPUTS, WIDTH)
    with pytest.raises(DimensionError):
        orthogonal().pathological_probability(0, 2)
