"""The bounds on rounding that the measurements of section 5 rest on, against higher precision."""

import mpmath
import numpy as np
import pytest
import torch
from mpmath import mpf

from numerics.checks.zhao.homogeneous_pairs import Pairs, formula_rounding, largest, on_tensors, pairs
from numerics.checks.zhao.section_5_distance import Distance, factors
from numerics.experiments.zhao.rescaled_copies import rescaled, straight


def drawn(seed: int = 0, n: int = 3) -> list[Pairs]:
    return list(pairs(torch.Generator().manual_seed(seed), n))


def exact_output(one: Pairs, k: int, alpha: float, m: float) -> mpmath.matrix:
    """The output of network k on the segment, in 50 digits."""
    below, last, x = (mpmath.matrix(t[k].tolist()) for t in (*one.weights, one.features))
    a, degree = mpf(alpha), mpf(str(float(one.degree)))
    z = (1 - a + a * mpf(m)) * (below * x)
    alpha_, beta = (mpf(v.p) / v.q for v in (one.activation.alpha, one.activation.beta))
    hidden = z.apply(lambda v: alpha_ * v**degree if v > 0 else -beta * (-v) ** degree)
    return (1 - a + a * mpf(m) ** -degree) * (last * hidden)


@pytest.mark.parametrize("m", [0.1, 30.0])
@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.999, 1.0])
def test_rounding_bounds_the_error(alpha, m):
    with mpmath.workdps(50):
        for one in drawn():
            copy = rescaled(one.weights, m, one.degree)
            weights = straight(one.weights, copy, alpha)
            found, bound = one.output(weights), one.rounding(weights, (one.weights, copy))
            for k in range(3):
                exact = exact_output(one, k, alpha, m)
                gap = mpmath.mnorm(exact - mpmath.matrix(found[k].tolist()), "f")
                assert gap <= float(bound[k])


@pytest.mark.parametrize("m", [0.1, 0.7, 30.0])
@pytest.mark.parametrize("k", [0.5, 1.0, 3.0])
def test_rounding_of_the_formula(k, m):
    for alpha in (0.0, 0.2, 0.5, 0.97, 1.0):
        with mpmath.workdps(50):
            a, m_, k_ = mpf(alpha), mpf(m), mpf(k)
            exact = (1 - a + a * m_**-k_) * (1 - a + a * m_) ** k_
            for value in ((1 - alpha + alpha * m**-k) * (1 - alpha + alpha * m) ** k,):
                assert abs(exact - mpf(value)) <= formula_rounding(alpha, m, k)


def test_a_nan_is_the_largest():
    assert largest(torch.tensor([torch.nan, 1.0])) == float("inf")


def test_repeated_pairs_keep_their_order():
    one = drawn()[1]
    twice = one.repeated(2)
    assert torch.equal(twice.output()[::2], one.output())
    assert torch.equal(twice.output()[1::2], one.output())


def test_functions_are_those_of_the_activation():
    one = drawn()[2]
    z = torch.tensor([-2.0, 0.0, 3.0], dtype=torch.float64)
    assert on_tensors(one.activation)(z).tolist() == [float(one.activation(int(v))) for v in z]


@pytest.mark.parametrize("balanced", [True, False])
def test_the_gradient_of_the_distance(balanced):
    random = np.random.default_rng(0)
    W1, W2, _, _ = factors(random, 3, balanced)
    distance, point = Distance(W1, W2, 2.5), random.standard_normal(9)
    step = 1e-6
    for k in range(9):
        away = np.zeros(9)
        away[k] = step
        slope = (distance(point + away)[0] - distance(point - away)[0]) / (2 * step)
        assert abs(slope - distance(point)[1][k]) < 1e-4 * (1 + abs(slope))
    assert distance(2.5 * W2.ravel())[0] == pytest.approx(float((((2.5 - 0.4) * W1) ** 2).sum()))
