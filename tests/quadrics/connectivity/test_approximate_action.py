"""The map of eq. (6) on exact networks: criteria against the map itself, Proposition 6.1, named errors."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quadrics.connectivity.approximate_action import (
    TwoLayerWeights,
    composes,
    identity_fixes,
    keeps_output,
    leaky_relu,
    move,
    projector,
)
from quadrics.errors import NonFiniteError, ShapeError, SymmetryError

LEAKY = leaky_relu(sympy.Rational(1, 10))
SIGMAS = {"leaky": LEAKY, "identity": lambda z: z, "cubic": lambda z: z + z**3}


def matrix(rows, cols):
    size = rows * cols
    return st.lists(st.integers(-3, 3), min_size=size, max_size=size).map(lambda v: sympy.Matrix(rows, cols, v))


@st.composite
def cases(draw):
    h, k, n = draw(st.integers(1, 3)), draw(st.integers(1, 3)), 2
    w = TwoLayerWeights(draw(matrix(1, h)), draw(matrix(h, n)))
    g = draw(matrix(h, h))
    assume(g.det() != 0)
    return g, w, draw(matrix(n, k)), SIGMAS[draw(st.sampled_from(sorted(SIGMAS)))]


@given(cases())
@settings(max_examples=60, deadline=None)
def test_criteria_by_rank_agree_with_the_map(case):
    g, w, X, sigma = case
    moved = move(g, w, X, sigma)
    assert identity_fixes(w, X, sigma) == (move(sympy.eye(w.width), w, X, sigma) == w)
    assert keeps_output(g, w, X, sigma) == (moved.output(X, sigma) == w.output(X, sigma))
    change = moved.output(X, sigma) - w.output(X, sigma)
    assert sum(e**2 for e in change) <= sum(e**2 for e in w.output(X, sigma))
    S = moved.features(X, sigma)
    P = projector(S)
    assert P.T == P == P * P
    assert S * P == S


@given(cases(), st.integers(0, 1))
@settings(max_examples=30, deadline=None)
def test_it_composes_where_the_second_features_have_full_column_rank(case, transposed):
    g, w, X, sigma = case
    k = g.T if transposed else g
    second = TwoLayerWeights(w.U, k * w.V).features(X, sigma)
    if second.rank() == second.cols:
        assert composes(g, k, w, X, sigma)


def test_the_linear_network_has_a_group_action():
    w, X = TwoLayerWeights([[1, 2]], [[1, 0], [1, 1]]), sympy.Matrix([[1, 2, 0], [0, 1, 1]])
    g = sympy.Matrix([[1, 2], [1, 1]])
    assert move(g, w, X, SIGMAS["identity"]) == TwoLayerWeights(w.U * g.inv(), g * w.V)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: TwoLayerWeights([[1, 2]], [[1]]), ShapeError),
        (lambda: TwoLayerWeights("12", [[1]]), ShapeError),
        (lambda: TwoLayerWeights([[float("nan")]], [[1]]), NonFiniteError),
        (lambda: move([[0]], TwoLayerWeights([[1]], [[1]]), [[1]], LEAKY), SymmetryError),
        (lambda: move(sympy.eye(2), TwoLayerWeights([[1]], [[1]]), [[1]], LEAKY), ShapeError),
        (lambda: move([[1]], TwoLayerWeights([[1]], [[1]]), [[1], [1]], LEAKY), ShapeError),
        (lambda: keeps_output([[1]], TwoLayerWeights([[1]], [[1]]), [[1]], sympy.exp), SymmetryError),
        (lambda: projector([]), ShapeError),
    ],
)
def test_bad_input_gets_a_named_error(call, error):
    with pytest.raises(error):
        call()
