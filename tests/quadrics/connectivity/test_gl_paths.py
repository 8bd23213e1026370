"""Paths of invertible matrices: ends, exact invertibility, refusals; Sturm against the roots themselves."""

import math

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quadrics.connectivity.gl_paths import (
    as_invertible,
    canonical_matrix,
    determinant,
    determinant_sign,
    gl_path,
    is_invertible_path,
    path_to_canonical,
    polygon_point,
    roots_on_segment,
    segment_determinant,
)
from quadrics.errors import DimensionError, DisconnectedError, NonFiniteError, ShapeError, SymmetryError


@st.composite
def invertible_matrices(draw, size=None):
    n = draw(st.integers(1, 4)) if size is None else size
    matrix = sympy.Matrix(n, n, draw(st.lists(st.integers(-4, 4), min_size=n * n, max_size=n * n)))
    assume(matrix.det() != 0)
    return matrix


@settings(max_examples=60, deadline=None)
@given(invertible_matrices())
def test_leads_to_the_canonical_matrix(matrix):
    path = path_to_canonical(matrix)
    assert path[0] == matrix
    assert path[-1] == canonical_matrix(determinant_sign(matrix), matrix.rows)
    assert is_invertible_path(path)
    # n = 1 to 4 columns with at most two segments each, the diagonal, the turns
    assert len(path) <= 2 * matrix.rows + 6


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_joins_matrices_of_one_sign(data):
    n = data.draw(st.integers(1, 3))
    A, B = data.draw(invertible_matrices(n)), data.draw(invertible_matrices(n))
    if A.det() * B.det() > 0:
        path = gl_path(A, B)
        assert (path[0], path[-1]) == (A, B)
        assert is_invertible_path(path)
    else:
        with pytest.raises(DisconnectedError, match="same sign"):
            gl_path(A, B)


@settings(deadline=None)
@given(st.lists(st.floats(-10, 10), min_size=4, max_size=4))
def test_floats_are_taken_exactly(entries):
    exact = sympy.Matrix(2, 2, [sympy.Rational(e) for e in entries])
    assume(exact.det() != 0)
    path = path_to_canonical([entries[:2], entries[2:]])
    assert path[0] == exact
    assert is_invertible_path(path)


@settings(deadline=None, max_examples=60)
@given(invertible_matrices(2), invertible_matrices(2))
def test_roots_on_a_segment_against_the_quadratic_formula(A, B):
    polynomial = segment_determinant(A, B)
    t = polynomial.gen
    assert polynomial.eval(0) == A.det()
    assert polynomial.eval(1) == B.det()
    inside = [r for r in sympy.roots(polynomial.as_expr(), t) if r.is_real and 0 <= r <= 1]
    assert roots_on_segment(A, B) == len(inside)


def test_signs_at_the_ends_do_not_tell():
    assert roots_on_segment(sympy.eye(2), -sympy.eye(2)) == 1
    assert roots_on_segment(sympy.zeros(2), sympy.zeros(2)) == -1
    assert not is_invertible_path([sympy.zeros(2), sympy.zeros(2)])


def test_points_of_a_polygon():
    path = [sympy.eye(1), 3 * sympy.eye(1), 2 * sympy.eye(1)]
    assert [polygon_point(path, sympy.Rational(k, 4))[0] for k in range(5)] == [
        1,
        2,
        3,
        sympy.Rational(5, 2),
        2,
    ]
    assert polygon_point(path[:1], 0.25) == sympy.eye(1)
    for t in (-1, 2, 1.5):
        with pytest.raises(DimensionError, match="between 0 and 1"):
            polygon_point(path, t)


@pytest.mark.parametrize("n", [2, 5])
def test_determinant_is_the_usual_one(n):
    matrix = sympy.Matrix(n, n, lambda i, j: (i + 2) ** j - i * j)
    assert determinant(matrix) == matrix.det()


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ([[1, 2]], ShapeError),
        ([], ShapeError),
        ("identity", ShapeError),
        ([[1, 2], [3]], ShapeError),
        ([[0]], SymmetryError),
        ([[1, 2], [2, 4]], SymmetryError),
        ([[math.nan]], NonFiniteError),
        ([[math.inf]], NonFiniteError),
        ([[sympy.sqrt(2)]], NonFiniteError),
        ([["1"]], NonFiniteError),
        (sympy.eye(13), DimensionError),
    ],
)
def test_refuses(value, error):
    with pytest.raises(error):
        as_invertible(value)


def test_refuses_other_sizes():
    with pytest.raises(ShapeError, match="2 by 2"):
        gl_path(sympy.eye(2), sympy.eye(3))
