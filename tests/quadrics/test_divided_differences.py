"""Divided differences against what defines them: polynomials."""

from __future__ import annotations

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from quadrics.divided_differences import divided_difference
from quadrics.errors import DimensionError


@given(st.lists(st.fractions(min_value=-3, max_value=3, max_denominator=6), min_size=1, max_size=5, unique=True))
def test_monomials(nodes):
    nodes = [sympy.Rational(t.numerator, t.denominator) for t in nodes]
    weights = divided_difference(nodes)
    degree = len(nodes) - 1
    for power in range(degree + 1):
        assert sum(w * t**power for w, t in zip(weights, nodes, strict=True)) == (power == degree)


def test_symbols():
    r = sympy.Symbol("r", positive=True)
    nodes = (-r, 0, sympy.Rational(1, 2), 1)
    assert sympy.simplify(sum(w * t**3 for w, t in zip(divided_difference(nodes), nodes, strict=True))) == 1


@pytest.mark.parametrize("nodes", [(), (1, 1), (0, 1, 0)])
def test_equal_nodes_are_refused(nodes):
    with pytest.raises(DimensionError):
        divided_difference(nodes)
