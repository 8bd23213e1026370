"""Quadrics: membership, charts, contractions and paths, exact for numbers and for symbols."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, Symbol, simplify, sqrt

from quadrics.errors import DimensionError, DisconnectedError, ImbalanceError, OffQuadricError, ShapeError
from quadrics.network import Neuron
from quadrics.paths import NeuronPath
from quadrics.quadric import Kind, Quadric

rationals = st.fractions(min_value=-3, max_value=3, max_denominator=4)


def points(d: int, e: int, bias: bool, sign: int) -> st.SearchStrategy[tuple[Quadric, Neuron]]:
    """A rational neuron and the quadric of the wanted sign through it."""

    def build(weights: list[Fraction]) -> tuple[Quadric, Neuron]:
        w, rest = weights[:d], weights[d:]
        a, b = rest[:e], rest[e] if bias else None
        neuron = Neuron(tuple(w), tuple(a), b)
        return Quadric(d, e, neuron.input_square - neuron.output_square, bias), neuron

    drawn = st.lists(rationals, min_size=d + e + bias, max_size=d + e + bias).map(build)
    return drawn.filter(lambda pair: pair[0].sign == sign)


shapes = st.tuples(st.integers(1, 3), st.integers(1, 3), st.booleans(), st.sampled_from([-1, 1]))


@given(shapes.flatmap(lambda s: points(*s)))
@settings(max_examples=40, deadline=None)
def test_charts_are_inverse_to_each_other(pair: tuple[Quadric, Neuron]) -> None:
    Q, neuron = pair
    u, y = Q.chart(neuron)
    assert sum(v**2 for v in u).equals(1)
    assert (len(u), len(y)) == (Q.sphere_dimension + 1, Q.euclidean_dimension)
    assert Q.sphere_dimension + Q.euclidean_dimension == Q.dimension
    back = Q.inverse_chart(u, y)
    assert all((p - q).equals(0) for p, q in zip(back.w + back.a, neuron.w + neuron.a, strict=True))
    assert Q.contains(back)


@given(shapes.flatmap(lambda s: points(*s)), st.data())
@settings(max_examples=40, deadline=None)
def test_paths_stay_and_arrive(pair: tuple[Quadric, Neuron], data: st.DataObject) -> None:
    Q, start = pair
    flipped = data.draw(st.lists(st.sampled_from([-1, 1]), min_size=len(start.w + start.a), max_size=9))
    weights = [s * v for s, v in zip(flipped, start.w + start.a, strict=False)]
    end = Neuron(tuple(weights[: Q.d_in]), tuple(weights[Q.d_in :]), start.b)
    if Q.component_of(start) != Q.component_of(end):
        with pytest.raises(DisconnectedError):
            Q.path(start, end)
        return
    check_path(Q, Q.path(start, end), start, end)


def check_path(Q: Quadric, path: NeuronPath, start: Neuron, end: Neuron) -> None:
    assert path.start == start
    assert path.end == end
    assert path.is_continuous()
    for segment in path.segments:
        assert simplify(Q.residual(segment.neuron)) == 0
        denominators = [sympy.denom(sympy.together(v**2)) for v in segment.neuron.w + segment.neuron.a]
        assert all(d.subs("t", segment.start) != 0 and d.subs("t", segment.end) != 0 for d in denominators)


def test_opposite_points_get_a_corner() -> None:
    Q = Quadric(3, 1, 1)
    start, end = Neuron((1, 0, 0), (0,)), Neuron((-1, 0, 0), (0,))
    path = Q.path(start, end)
    check_path(Q, path, start, end)
    assert path.breakpoints == (0, Rational(1, 2), 1)
    for time in (Rational(1, 7), Rational(1, 2), Rational(6, 7)):
        assert Q.contains(path.at(time))


def test_the_cone_is_connected_through_its_tip() -> None:
    Q = Quadric(2, 1, 0)
    start, end = Neuron((3, 4), (5,)), Neuron((0, 1), (-1,))
    path = Q.path(start, end)
    check_path(Q, path, start, end)
    assert path.at(Rational(1, 2)) == Neuron((0, 0), (0,))
    assert Q.component_of(start) == Q.component_of(end) == 0


def test_a_symbolic_imbalance() -> None:
    c = Symbol("c", positive=True)
    Q = Quadric(2, 1, c)
    start, end = Neuron((sqrt(c + 1), 0), (1,)), Neuron((0, sqrt(c)), (0,))
    assert Q.contains(start)
    assert not Q.contains(Neuron((c, 0), (1,)))
    path = Q.path(start, end)
    assert all(simplify(Q.residual(s.neuron)) == 0 for s in path.segments)
    assert path.start == start
    N = Quadric(2, 1, -c)
    assert N.number_of_components() == 2
    assert N.component_of(Neuron((0, 0), (-sqrt(c),))) == -1
    gamma = N.contraction(Neuron((1, 0), (-sqrt(c + 1),)))
    assert simplify(N.residual(gamma.segments[0].neuron)) == 0
    assert simplify(gamma.end.a[0] + sqrt(c)) == 0


def test_floats_need_a_tolerance() -> None:
    Q = Quadric(2, 1, 0.1)
    point = Neuron((0.4, 0.1), (0.2645751311064591,))
    assert Quadric(2, 1, 0.1).c == Rational(0.1)
    assert not Q.contains(point)
    assert Q.contains(point, tolerance=1e-12)
    with pytest.raises(OffQuadricError, match="tolerance for floats"):
        Q.chart(point)
    assert Q.path(point, point, tolerance=1e-12).at(0.5).w[0] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("d", "e", "c", "bias", "kind", "components"),
    [
        (1, 1, 1, False, Kind.HYPERBOLA, 2),
        (1, 1, 0, False, Kind.LINES, 1),
        (1, 1, -1, False, Kind.HYPERBOLA, 2),
        (1, 1, 1, True, Kind.ONE_SHEET, 1),
        (1, 1, -1, True, Kind.TWO_SHEETS, 2),
        (2, 1, 1, False, Kind.ONE_SHEET, 1),
        (2, 1, -1, False, Kind.TWO_SHEETS, 2),
        (1, 3, 1, False, Kind.TWO_SHEETS, 2),
        (1, 3, -1, False, Kind.ONE_SHEET, 1),
        (3, 1, 0, False, Kind.CONE, 1),
        (2, 2, 1, False, Kind.PSEUDOSPHERE, 1),
        (2, 2, -1, False, Kind.PSEUDOHYPERBOLIC, 1),
    ],
)
def test_kinds(d: int, e: int, c: int, bias: bool, kind: Kind, components: int) -> None:
    Q = Quadric(d, e, c, bias)
    assert Q.kind == kind
    assert Q.number_of_components() == components
    assert Q.is_connected() == (components == 1)


def test_the_corrected_proposition_5() -> None:
    Q = Quadric(3, 2, -1, bias=True)
    assert Q.euclidean_dimension + Q.sphere_dimension == Q.dimension == 5
    assert Q.euclidean_dimension == Q.d_in + 1


def test_equations_and_latex() -> None:
    d, e = sympy.symbols("d e", integer=True, positive=True)
    assert "b**2" in str(Quadric(2, 1, 1, bias=True).equation())
    assert Quadric(d, e, 1).equation().has(sympy.Sum)
    assert r"\mathcal{Q}(-1)" in Quadric(d, e, -1)._repr_latex_()
    assert Quadric(d, e, -1).number_of_components().subs(e, 1) == 2
    with pytest.raises(DimensionError):
        Quadric(d, e, -1).is_connected()
    with pytest.raises(DimensionError):
        _ = Quadric(d, e, -1).kind


@pytest.mark.parametrize("c", ["1/2", b"1", 1j, float("nan"), float("inf"), sympy.nan, sympy.oo, sympy.I, None, True])
def test_imbalances_that_are_none(c: object) -> None:
    with pytest.raises(ImbalanceError, match="expected"):
        Quadric(2, 1, c)


@pytest.mark.parametrize("c", [Symbol("c"), Symbol("c", real=True)])
def test_imbalances_of_unknown_sign(c: object) -> None:
    with pytest.raises(ImbalanceError, match="sign is not known"):
        Quadric(2, 1, c)


@pytest.mark.parametrize("c", [Fraction(1, 2), Decimal("0.5"), np.float64(0.5), 0.5, Rational(1, 2)])
def test_imbalances_of_many_types(c: object) -> None:
    assert Quadric(2, 1, c).c == Rational(1, 2)


def test_points_that_do_not_fit() -> None:
    Q = Quadric(2, 1, -1)
    with pytest.raises(ShapeError, match="expected"):
        Q.contains(Neuron((1,), (1,)))
    with pytest.raises(ShapeError):
        Q.contains(Neuron((0, 0), (1,), 0))
    with pytest.raises(OffQuadricError):
        Q.component_of(Neuron((1, 1), (1,)))
    with pytest.raises(ShapeError):
        Q.inverse_chart([1, 0], [0])
    with pytest.raises(ImbalanceError, match="no manifold"):
        Quadric(2, 1, 0).chart(Neuron((0, 0), (0,)))
    with pytest.raises(DimensionError):
        Quadric(0, 1, 1)
