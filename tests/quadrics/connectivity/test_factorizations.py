"""Factorizations through any widths: frames, thin companions, exact paths, components."""

from itertools import pairwise, product

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quadrics.connectivity.factorizations import Factorizations, between, completed, frame_path
from quadrics.connectivity.gl_paths import is_invertible_path
from quadrics.connectivity.group_actions import act
from quadrics.connectivity.linear_networks import chain_product
from quadrics.errors import DimensionError, DisconnectedError, NonFiniteError, OffManifoldError, ShapeError


def matrices(rows, columns):
    size = rows * columns
    return st.lists(st.integers(-2, 2), min_size=size, max_size=size).map(lambda e: sympy.Matrix(rows, columns, e))


@st.composite
def factorizations(draw, moved=False):
    """A random product, the space it lies in, and perhaps a second point: moved, and changed where it does not show."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    weights = [draw(matrices(b, a)) for a, b in pairwise(sizes)]
    space = Factorizations(chain_product(weights), tuple(sizes[1:-1]))
    if not moved:
        return space, weights
    g = [draw(matrices(h, h)) for h in sizes[1:-1]]
    assume(all(one.det() != 0 for one in g))
    other = list(act(g, weights))
    if len(other) > 1 and (unseen := other[1].nullspace()):
        other[0] += unseen[0] * draw(matrices(1, sizes[0]))
    return space, weights, other


@settings(deadline=None, max_examples=60)
@given(factorizations())
def test_frames_and_thin_companions(drawn):
    space, weights = drawn
    frames = space.frames(weights)
    assert all(sympy.eye(space.rank) == F * E for E, F in frames)
    thin = space.thin(frames)
    assert space.contains(thin)
    assert space.frames(thin) == frames
    assert all(W.rank() == space.rank for W in thin[:1] + thin[-1:])
    assert all(space.contains(between(weights, thin, sympy.Rational(k, 3))) for k in range(4))


@settings(deadline=None, max_examples=40)
@given(factorizations(moved=True))
def test_paths(drawn):
    space, start, end = drawn
    if space.component_of(start) != space.component_of(end):
        assert space.number_of_components() > 1
        with pytest.raises(DisconnectedError, match="one component"):
            space.path(start, end)
        return
    path = space.path(start, end)
    assert (list(path(0)), list(path(1))) == (start, end)
    assert all(space.contains(path(sympy.Rational(k, 11))) for k in range(12))
    assert all(map(is_invertible_path, path.polygons))


def test_a_path_is_continuous_where_its_pieces_meet():
    space = Factorizations([[1, 2], [0, 1]], (3,))
    start = [sympy.Matrix([[1, 2], [0, 1], [5, 5]]), sympy.Matrix([[1, 0, 0], [0, 1, 0]])]
    end = [sympy.Matrix([[-1, -2], [0, 1], [0, 0]]), sympy.Matrix([[-1, 0, 7], [0, 1, 0]])]
    path = space.path(start, end)
    for knot in (sympy.Rational(1, 3), sympy.Rational(2, 3)):
        for side in (-1, 1):
            near = path(knot + side * sympy.Rational(1, 10**9))
            gaps = [abs(e) for W, V in zip(near, path(knot), strict=True) for e in W - V]
            assert max(gaps) < sympy.Rational(1, 10**6)


@pytest.mark.parametrize("widths", [*product((1, 2), repeat=2), (2, 2, 3), (3,), (1,), ()])
def test_components_of_rank_one(widths):
    space = Factorizations([[1, 1], [2, 2]], widths)
    assert space.number_of_components() == len(list(space.components())) == 2 ** sum(h == 1 for h in widths)


def test_the_zero_matrix():
    space = Factorizations(sympy.zeros(2, 3), (1, 2))
    assert (space.rank, space.bottlenecks, space.number_of_components()) == (0, (), 1)
    start = [sympy.ones(1, 3), sympy.zeros(2, 1), sympy.ones(2, 2)]
    end = [sympy.zeros(1, 3), sympy.ones(2, 1), sympy.ones(2, 2)]
    path = space.path(start, end)
    assert all(space.contains(path(sympy.Rational(k, 9))) for k in range(10))


def test_frames_of_one_layer():
    J = sympy.Matrix([[1], [0]])
    start, end = (J, J.T), (-J, -J.T)
    polygon = frame_path(start, end)
    assert is_invertible_path(polygon)
    g, k = polygon[0], polygon[-1]
    assert [(m[:, :1], m.inv()[:1, :]) for m in (g, k)] == [start, end]
    assert completed((sympy.eye(2), sympy.eye(2))) == sympy.eye(2)
    with pytest.raises(DisconnectedError):
        frame_path((sympy.eye(1), sympy.eye(1)), (-sympy.eye(1), -sympy.eye(1)))


@pytest.mark.parametrize(
    ("A", "widths", "error"),
    [
        (sympy.eye(2), (1,), DimensionError),
        (sympy.eye(2), (0,), DimensionError),
        (sympy.eye(2), (2.0,), DimensionError),
        (sympy.eye(2), (50,), DimensionError),
        (sympy.eye(20), (20,), DimensionError),
        ([[float("nan")]], (1,), NonFiniteError),
        ("A", (1,), ShapeError),
        (sympy.eye(1), 3, ShapeError),
        (sympy.eye(1), "3", ShapeError),
    ],
)
def test_refuses(A, widths, error):
    with pytest.raises(error):
        Factorizations(A, widths)


def test_refuses_other_points():
    space = Factorizations([[6]], (1,))
    with pytest.raises(OffManifoldError, match="expected W_l"):
        space.frames([[[2]], [[2]]])
    with pytest.raises(ShapeError, match="expected 2"):
        space.contains([[[6]]])
    with pytest.raises(ShapeError, match="shapes"):
        space.contains([[[6]], [[1, 1]]])
    with pytest.raises(ShapeError):
        space.contains("ab")
    with pytest.raises(DimensionError, match="between 0 and 1"):
        space.path([[[6]], [[1]]], [[[2]], [[3]]])(2)
