"""Null functions and function equations: exact rewriting, and ranks of Taylor coefficients over Q."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import DimensionError, NonFiniteError, ShapeError
from quadrics.expansion.activations.function_equations import as_distinct, as_exact, function_equations
from quadrics.expansion.activations.null_functions import NullFunction, null_dimension, null_functions
from quadrics.expansion.activations.parts import taylor_coefficients
from quadrics.smooth_activation import NAMED, SmoothActivation, Z, sigmoid, soft_sigmoid, softplus, tanh

CUBIC = SmoothActivation("cubic", Z**3 + Z**2 + 2)
SHIFTED_EXP = SmoothActivation("expm1", sympy.exp(Z) - 1)
ACTIVATIONS = [*NAMED.values(), CUBIC, SHIFTED_EXP]
ORDER = 16


def series_nullity(activation, scales, constant=False):
    """The nullity of [σ^(n)(0) β_l^n / n!], n = 0 (or 1), ..., ORDER: at least the true one, equal for few scales."""
    rows = []
    for n, c in enumerate(taylor_coefficients(activation.formula, ORDER)):
        if c != 0 and not (constant and n == 0):
            rows.append([sympy.Integer(1) if n == 0 else b**n for b in scales])  # the factor c does not matter
    return len(scales) - (sympy.Matrix(rows).rank() if rows else 0)


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda s: s.name)
@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("p", [1, 2, 3])
def test_dimensions(activation, p, zero, constant):
    scales = [s * b for b in (1, 2, sympy.Rational(5, 2))[:p] for s in (1, -1)] + [0] * zero
    expected = null_dimension(activation, p, zero, constant)
    assert expected == len(null_functions(activation, scales, constant))
    assert expected == series_nullity(activation, scales, constant)


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from(ACTIVATIONS),
    st.sets(st.integers(-4, 4), min_size=1, max_size=6),
    st.booleans(),
)
def test_bases_for_any_scales(activation, scales, constant):
    """As many relations as the series allow, and each one holds exactly."""
    found = null_functions(activation, sorted(scales), constant)
    assert len(found) == series_nullity(activation, sorted(scales), constant)
    for f in found:
        assert f.is_constant() if constant else f.is_null()


def test_the_papers_null_functions():
    assert NullFunction(sigmoid, (1, -1, 3, -3), (5, 5, -5, -5)).is_null()
    assert not NullFunction(sigmoid, (1, -1, 3, -3), (5, 5, 5, 5)).is_null()
    assert NullFunction(softplus, (1, -1, 3, -3), (3, -3, -1, 1)).is_null()
    assert NullFunction(tanh, (2, -2), (1, 1)).is_null()
    assert not NullFunction(tanh, (2, -2), (1, -1)).is_null()
    assert null_functions(soft_sigmoid(2, 3), [1, -1, 2, -2, 0]) == ()
    pair = NullFunction(sigmoid, (1, -1), (1, 1))
    assert pair.is_constant()
    assert not pair.is_null()


@settings(deadline=None, max_examples=20)
@given(
    st.sampled_from(ACTIVATIONS),
    st.sets(st.tuples(st.integers(-1, 1), st.integers(-1, 1)), min_size=2, max_size=6),
)
def test_vectors_against_the_series(activation, vectors):
    """Two inputs: the equations have the rank of all monomials up to degree 9 that the series contains."""
    vectors = sorted(vectors)
    equations = function_equations(activation, vectors)
    rank = sympy.Matrix([list(e.coefficients) for e in equations]).rank() if equations else 0
    rows = [
        [sympy.Integer(u) ** i * sympy.Integer(v) ** (n - i) for u, v in vectors]
        for n, c in enumerate(taylor_coefficients(activation.formula, 9))
        if c != 0
        for i in range(n + 1)
    ]
    assert rank == sympy.Matrix(rows).rank()
    both = sympy.Matrix([*rows, *(list(e.coefficients) for e in equations)])
    assert both.rank() == rank


def test_bad_input():
    with pytest.raises(NonFiniteError, match="float"):
        null_functions(sigmoid, [0.5, 1])
    with pytest.raises(NonFiniteError, match="expression"):
        null_functions(sigmoid, [sympy.Symbol("b", real=True), 1])
    with pytest.raises(NonFiniteError):
        null_functions(sigmoid, [float("nan")])
    with pytest.raises(NonFiniteError):
        null_functions(sigmoid, ["1"])
    with pytest.raises(ShapeError, match="twice"):
        null_functions(sigmoid, [1, sympy.sqrt(4) / 2])
    with pytest.raises(ShapeError, match="none"):
        null_functions(sigmoid, [])
    with pytest.raises(ShapeError, match="lengths"):
        as_distinct([(1,), (1, 2)])
    with pytest.raises(DimensionError):
        null_dimension(sigmoid, 0)
    assert as_exact(1 / (sympy.sqrt(2) - 1), "x") == 1 + sympy.sqrt(2)
