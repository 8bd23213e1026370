"""Affine subspaces by exact linear algebra."""

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import NonFiniteError, ShapeError
from quadrics.expansion.affine import AffineSpace

entries = st.integers(-3, 3)


@st.composite
def spaces(draw, n=4):
    point = draw(st.lists(entries, min_size=n, max_size=n))
    directions = draw(st.lists(st.lists(entries, min_size=n, max_size=n), max_size=3))
    return point, directions


@settings(deadline=None, max_examples=50)
@given(spaces(), st.lists(entries, min_size=3, max_size=3))
def test_points_of_a_space(space, coefficients):
    point, directions = space
    S = AffineSpace.through(point, directions)
    moved = [p + sum(c * d[i] for c, d in zip(coefficients, directions, strict=False)) for i, p in enumerate(point)]
    assert S.contains(point)
    assert S.contains(moved)
    assert S.dimension == (sympy.Matrix(directions).rank() if directions else 0)
    assert AffineSpace.through(moved, directions) == S


@settings(deadline=None, max_examples=50)
@given(spaces(), spaces())
def test_intersections(first, second):
    S, R = (AffineSpace.through(*space) for space in (first, second))
    common = S.intersection(R)
    assert common == R.intersection(S)
    if common is not None:
        assert S.includes(common)
        assert R.includes(common)
    # an independent decision: the difference of the base points lies in the span of all directions
    columns = [*first[1], *second[1]]
    span = sympy.Matrix(4, len(columns), lambda i, j: columns[j][i])
    difference = sympy.Matrix([a - b for a, b in zip(first[0], second[0], strict=True)])
    assert (common is not None) == (span.row_join(difference).rank() == span.rank())


def test_symbols_and_roots_are_coordinates_too():
    a = sympy.Symbol("a")
    assert AffineSpace.through([a, 1], [[a, a]]).contains([2 * a, 1 + a])
    root = sympy.sqrt(2)
    assert AffineSpace.through([0, 0], [[1, root]]).contains([root, 2])


def test_bad_input():
    with pytest.raises(NonFiniteError, match="Rational"):
        AffineSpace.through([0.5, 1], [])
    with pytest.raises(ShapeError, match="lengths"):
        AffineSpace.through([0, 1], [[1]])
    with pytest.raises(ShapeError, match="coordinates"):
        AffineSpace.through([0, 1], []).contains([1])
    with pytest.raises(ShapeError, match="coordinates"):
        AffineSpace.through([0, 1], []).intersection(AffineSpace.through([1], []))
