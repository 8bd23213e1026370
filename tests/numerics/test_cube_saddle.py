"""The quadrature against closed forms, against arbitrary precision, and against sampling."""

from __future__ import annotations

import math

import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st

from numerics.cube_saddle import LEAST, log_probability
from quadrics.errors import DimensionError
from quadrics.initialization import CubeShorterThan, ball_in_cube


@given(n=st.integers(LEAST, 400), r=st.fractions(min_value="1/50", max_value=1, max_denominator=100))
def test_where_the_ball_fits_into_the_cube(n: int, r: object) -> None:
    exact = float(sympy.log(ball_in_cube(n, sympy.Rational(r))).evalf(30))
    assert log_probability(n, float(sympy.Rational(r))) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize(("n", "r"), [(6, sympy.sqrt(6)), (6, sympy.Rational(3, 2)), (9, sympy.sqrt(2))])
def test_where_it_does_not(n: int, r: sympy.Expr) -> None:
    assert math.exp(log_probability(n, float(r))) == pytest.approx(float(CubeShorterThan(n, r).evalf(15)), rel=1e-9)


def test_against_sampling() -> None:
    n, r, draws = 12, 3.0, 200_000
    generator = torch.Generator().manual_seed(0)
    u = 2 * torch.rand(draws, n, generator=generator, dtype=torch.float64) - 1
    v = torch.rand(draws, generator=generator, dtype=torch.float64)
    share = float((u.norm(dim=1) < r * v).double().mean())
    p = math.exp(log_probability(n, r))
    assert abs(share - p) < 5 * math.sqrt(p * (1 - p) / draws)


@pytest.mark.parametrize(("n", "r"), [(5, 1.0), (6, 0.0), (6, -1.0), (6, 3.0), (6, math.nan)])
def test_bad_arguments(n: int, r: float) -> None:
    with pytest.raises(DimensionError):
        log_probability(n, r)
