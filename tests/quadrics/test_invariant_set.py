"""Invariant sets: Theorem 1, components and labels, paths, the pieces with c_k = 0, bad input."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, Symbol, sqrt

from quadrics.errors import (
    DimensionError,
    DisconnectedError,
    ImbalanceError,
    NonFiniteError,
    OffQuadricError,
    ShapeError,
)
from quadrics.invariant_set import InvariantSet
from quadrics.invariant_shape import InvariantShape
from quadrics.network import Parameters
from quadrics.simplicial import product_of_spheres

imbalances = st.lists(st.sampled_from([-2, 0, 1]), min_size=1, max_size=4)
dimensions = st.integers(1, 3)


@given(dimensions, dimensions, imbalances, st.booleans())
@settings(deadline=None)
def test_the_product_of_the_factors_is_theorem_1(d: int, e: int, c: list[int], bias: bool) -> None:
    H = InvariantSet(d, e, c, bias)
    by_factors = sympy.prod(Q.poincare_polynomial() for Q in H.factors())
    assert sympy.expand(H.poincare_polynomial() - by_factors) == 0
    assert H.number_of_components() == len(list(H.components())) == H.betti_numbers()[0]
    assert H.number_of_components() == prod(Q.number_of_components() for Q in H.factors())
    assert H.is_connected() == (H.number_of_components() == 1)
    assert H.dimension == sum(Q.dimension for Q in H.factors()) + (e if bias else 0)
    assert H.number_of_gf_pieces() == len({piece.signs for piece in H.gf_pieces()})
    generic = InvariantShape.generic(bias)
    values = {"d": d, "e": e, "l_plus": H.l_plus, "l_minus": H.l_minus, "l_zero": H.l_zero}
    substituted = generic.poincare_polynomial().subs(
        {s: values[s.name] for s in generic.poincare_polynomial().free_symbols - {Symbol("x")}}
    )
    assert sympy.expand(substituted - by_factors) == 0


# d, e, l_plus, l_minus; every combination of one-dimensional inputs and outputs is among them
CASES = [
    (1, 1, 2, 2),
    (3, 1, 1, 2),
    (2, 3, 1, 1),
    (1, 3, 2, 1),
    (2, 1, 2, 1),
    (2, 2, 2, 1),
    (3, 2, 1, 2),
    (1, 2, 1, 2),
    (4, 2, 1, 1),
]


@pytest.mark.parametrize(("d", "e", "l_plus", "l_minus"), CASES)
def test_homology_without_kunneth(d: int, e: int, l_plus: int, l_minus: int) -> None:
    witness = product_of_spheres([d - 1] * l_plus + [e - 1] * l_minus)
    assert InvariantShape(d, e, l_plus, l_minus, l_zero=1).betti_numbers() == witness.betti_numbers()


rationals = st.fractions(min_value=-2, max_value=2, max_denominator=3)


@given(st.integers(1, 2), st.integers(1, 2), st.booleans(), st.data())
@settings(max_examples=25, deadline=None)
def test_components_and_paths(d: int, e: int, bias: bool, data: st.DataObject) -> None:
    width = 2

    def matrix(rows: int, columns: int) -> list[list[Fraction]]:
        return data.draw(
            st.lists(st.lists(rationals, min_size=columns, max_size=columns), min_size=rows, max_size=rows)
        )

    b1, b2 = (matrix(width, 1), matrix(e, 1)) if bias else (None, None)
    theta = Parameters(matrix(width, d), matrix(e, width), b1, b2)
    H = InvariantSet.through(theta)
    assert H.contains(theta)
    signs = data.draw(st.lists(st.sampled_from([-1, 1]), min_size=2, max_size=2))
    flipped = Parameters(theta.W1 * signs[0], theta.W2 * signs[1], theta.b1, theta.b2)
    if H.component_of(theta) != H.component_of(flipped):
        with pytest.raises(DisconnectedError, match="pass zero"):
            H.path(theta, flipped)
        return
    path = H.path(theta, flipped)
    assert (path.start, path.end) == (theta, flipped)
    assert all(H.contains(path.at(time)) for time in (Rational(1, 5), Rational(1, 2), Rational(5, 6)))


def test_labels_in_every_dimension() -> None:
    c = [-1, 2, 0]
    assert [str(InvariantSet(d, e, c).labels()) for d, e in product((1, 2), repeat=2)] == [
        "(a_1, w_2)",
        "(w_2,)",
        "(a_1,)",
        "()",
    ]
    assert str(InvariantSet(1, 1, c, bias=True).labels()) == "(a_1,)"
    assert str(InvariantSet(1, 1, c).gf_labels()) == "(a_1, w_2, w_3, a_3)"
    assert InvariantSet(2, 1, c).pathological == (0,)


def test_the_component_of_a_point() -> None:
    H = InvariantSet(1, 1, [-1, 1])
    theta = Parameters([[0], [-1]], [[1, 0]])
    assert H.component_of(theta).signs == (1, -1)
    assert H.component_of(theta) in set(H.components())
    assert H.component_of(theta).number_of_positive_signs == 1
    assert r"a_{1} > 0" in H.component_of(theta)._repr_latex_()


def test_pieces_when_an_imbalance_is_zero() -> None:
    H = InvariantSet(2, 1, [0, -1])
    plus = Parameters([[1, 0], [0, 0]], [[1, 1]])
    minus = Parameters([[1, 0], [0, 0]], [[-1, 1]])
    tip = Parameters([[0, 0], [0, 0]], [[0, 1]])
    assert H.component_of(plus) == H.component_of(minus) == H.component_of(tip)
    assert H.gf_piece_of(plus) != H.gf_piece_of(minus)
    assert H.path(plus, minus).at(Rational(1, 2)).W2 == tip.W2
    with pytest.raises(OffQuadricError, match="piece of its own"):
        H.gf_piece_of(tip)
    assert sympy.expand(H.gf_poincare_polynomial()) == 4 * Symbol("x") + 4


def test_effective_components() -> None:
    assert InvariantSet(2, 1, [-1, -1, 3]).number_of_effective_components() == 3
    assert InvariantSet(1, 1, [-1, -1, 3]).number_of_effective_components() == 6
    assert InvariantSet(1, 1, [-1, -1, 3], bias=True).number_of_effective_components() == 3


def test_width_one_hundred_thousand() -> None:
    wide = InvariantSet(2, 3, [1] * 500 + [-1] * 500)
    assert len(wide.betti_numbers()) == 1501
    wider = InvariantShape(2, 3, 50_000, 50_000)
    assert wider.betti_number(1) == 50_000
    assert wider.betti_number(75_000).bit_length() == 99_991
    assert InvariantShape(2, 1, 0, 10**5).number_of_components() == 2**100_000
    assert next(iter(InvariantSet(2, 1, [-1] * 1000).components())).signs == (-1,) * 1000


def test_symbolic_imbalances() -> None:
    c = Symbol("c", positive=True)
    H = InvariantSet(2, 1, [-c, c])
    theta = Parameters([[0, 0], [sqrt(c), 0]], [[sqrt(c), 0]])
    assert H.contains(theta)
    assert H.component_of(theta).signs == (1,)
    assert H.path(theta, theta).at(Rational(1, 3)) == theta
    assert r"\mathcal{H}(c)" in H._repr_latex_()
    assert InvariantSet.generic()._repr_latex_().count("S^") == 2


def test_floats_and_arrays() -> None:
    H = InvariantSet(2, 1, np.array([-0.1, 0.2]))
    assert H.signs == (-1, 1)
    theta = Parameters([[0.3, 0.0], [0.6, 0.0]], [[float(np.sqrt(0.19)), 0.4]])
    assert not H.contains(theta)
    assert H.contains(theta, tolerance=1e-12)


@pytest.mark.parametrize(
    "c", [[], (), "1/2", ["1/2"], [1, float("nan")], [float("inf")], [1j], None, 3, [None], [True], Symbol("c")]
)
def test_imbalances_that_are_none(c: object) -> None:
    with pytest.raises(ImbalanceError, match="expected"):
        InvariantSet(2, 1, c)  # type: ignore[arg-type]


def test_parameters_that_do_not_fit() -> None:
    H = InvariantSet(2, 1, [-1])
    with pytest.raises(ShapeError, match="expected"):
        H.contains(Parameters([[1]], [[1]]))
    with pytest.raises(OffQuadricError, match="neuron 0"):
        H.component_of(Parameters([[1, 0]], [[0]]))
    with pytest.raises(NonFiniteError):
        H.contains(Parameters([[float("nan"), 0]], [[0]]))


@pytest.mark.parametrize(
    "arguments",
    [(0, 1, 1, 1), (-2, 1, 1, 1), (2, 1, -1, 1), (2, 1, 0, 0), (2.0, 1, 1, 1), ("2", 1, 1, 1), (10**13, 1, 1, 1)],
)
def test_shapes_that_are_none(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(DimensionError, match="expected"):
        InvariantShape(*arguments)


def test_absurd_widths_are_refused_where_memory_would_end() -> None:
    absurd = InvariantShape(3, 2, 10**9, 10**9)
    assert absurd.betti_number(2) == 10**9 + sympy.binomial(10**9, 2)
    with pytest.raises(DimensionError, match="half a gigabyte"):
        absurd.betti_numbers()


def test_symbols_where_numbers_are_needed() -> None:
    d = Symbol("d", integer=True, positive=True)
    with pytest.raises(DimensionError):
        InvariantSet(d, 1, [-1]).labels()
    with pytest.raises(DimensionError):
        InvariantSet(d, 2, [1]).is_connected()
    assert InvariantSet(d + 1, 2, [1]).is_connected()
    assert InvariantSet.generic().betti_number(3).has(sympy.KroneckerDelta)
