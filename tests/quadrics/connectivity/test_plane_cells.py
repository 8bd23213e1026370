"""Cells of the plane: known curves, general position, changes of coordinates, points, and bad input."""

from itertools import combinations, pairwise

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.connectivity.plane_cells import PlaneCells, isolating_intervals
from quadrics.errors import DimensionError, NonFiniteError, OffManifoldError

x, y = sp.symbols("x y")

KNOWN = {
    sp.Integer(5): 1,
    x: 2,
    y: 2,
    x**2 - 2: 3,
    (x**2 - 2) * (y**2 - 3): 9,
    x**2 + y**2: 1,  # a point
    x**2 + y**2 + 1: 1,
    x**2 + y**2 - 1: 2,
    (x**2 + y**2 - 1) * (x**2 + y**2 - 4): 3,
    x**2 - y**2: 4,
    x * y: 4,
    x * y + 1: 3,
    x * y - sp.Rational(1, 3): 3,
    y**2 - x**3: 2,  # a cusp
    y**2 - x**3 - x**2: 3,  # a node: the loop, and both sides
    y**2 - x**3 + x: 3,  # an oval and a branch
    y**2 - x**2 * (x - 1): 2,  # an isolated point at the origin does not separate
    (y - x**2) * (y + 1): 3,
    (x**2 + y**2) ** 2 - 2 * (x**2 - y**2): 3,  # the lemniscate
    (x**2 + y**2 - 1) ** 3 - x**2 * y**3: 2,  # a heart
    (x**2 + y**2 - 1) ** 2: 2,
    x * (x * y - 1): 4,
    y * (x * y - 1) * (x * y + 1): 6,
}


@pytest.mark.parametrize(("p", "count"), KNOWN.items(), ids=str)
def test_known_curves(p, count):
    cells = PlaneCells(p, x, y)
    assert cells.number_of_components() == len(list(cells.components())) == count


@given(st.lists(st.tuples(*[st.integers(-3, 3)] * 3), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_lines(lines):
    """Euler: 1 + lines + sum over the meeting points of (lines through it - 1)."""
    distinct = {sp.Poly(a * x + b * y + c, x, y).monic() for a, b, c in lines if a or b}
    points: dict = {}
    for one, two in combinations(distinct, 2):
        for point in sp.solve([one.as_expr(), two.as_expr()], [x, y], dict=True):
            if len(point) == 2:
                points.setdefault((point[x], point[y]), set()).update((one, two))
    expected = 1 + len(distinct) + sum(len(through) - 1 for through in points.values())
    p = sp.Mul(*(line.as_expr() for line in distinct))
    assert PlaneCells(p, x, y).number_of_components() == expected


small = st.integers(-2, 2)


@given(st.lists(small, min_size=6, max_size=6), st.tuples(small, small), st.integers(-2, 2))
@settings(max_examples=25, deadline=None)
def test_coordinates_do_not_matter(coefficients, line, shear):
    """A conic and a line, with x and y exchanged, and sheared."""
    conic = sum(c * m for c, m in zip(coefficients, (1, x, y, x**2, x * y, y**2), strict=True))
    p = sp.expand(conic * (y - line[0] * x - line[1]))
    if p == 0:
        return
    count = PlaneCells(p, x, y).number_of_components()
    assert PlaneCells(p, y, x).number_of_components() == count
    assert PlaneCells(sp.expand(p.subs(x, x + shear * y)), x, y).number_of_components() == count


@given(st.integers(-4, 4), st.integers(-4, 4), st.sampled_from([1, -2, sp.Rational(1, 3)]))
@settings(max_examples=40, deadline=None)
def test_component_of_a_point_beside_a_hyperbola(a, b, eps):
    cells = PlaneCells(x * y + eps, x, y)
    value = a * b + eps
    if value == 0:
        with pytest.raises(OffManifoldError):
            cells.component_of((a, b))
        return
    other = (0, 0) if value * eps > 0 else (sp.sign(a) * 10, -eps * sp.sign(a))
    assert cells.component_of((a, b)) == cells.component_of(other)


def test_points_over_critical_lines():
    cells = PlaneCells(x**2 + y**2 - 1, x, y)
    outside = cells.component_of((5, 5))
    assert all(cells.component_of(point) == outside for point in ((1, 1), (-1, 2), (1, -1), (-1, -7)))
    assert cells.component_of((0, 0)) != outside


def test_isolating_intervals_of_near_roots():
    p = sp.Poly((x - 1) * (1000 * x - 1001) * (x**2 - 2), x, domain="QQ")
    found = isolating_intervals(p)
    assert len(found) == 4
    assert all(left[1] < right[0] for left, right in pairwise(found))


def test_bad_input():
    for p in ("x*y", sp.sin(x), x * sp.Symbol("z"), sp.sqrt(2) * x, 1 / x, float("nan"), sp.oo):
        with pytest.raises(NonFiniteError):
            PlaneCells(p, x, y)
    for p in (0, x - x, x**7, x**4 * y**3):
        with pytest.raises(DimensionError):
            PlaneCells(p, x, y)
    with pytest.raises(NonFiniteError):
        PlaneCells(x, x, y).component_of(("1", 2))
