"""All forms of G and T against each other."""

from itertools import islice

import pytest
import sympy

from quadrics.expansion import formulas as f
from quadrics.expansion.counts import G, T

SIZES = [(r, m) for m in range(7) for r in range(m + 2)]
x = sympy.Symbol("x")


@pytest.mark.parametrize("form", [f.T_by_definition, f.T_by_stirling, f.T_by_bell, f.T_by_touchard, f.T_by_charlier])
def test_forms_of_T(form):
    assert [form(r, m) for r, m in SIZES] == [T(r, m) for r, m in SIZES]


@pytest.mark.parametrize("form", [f.G_by_definition, f.G_by_stirling])
def test_forms_of_G(form):
    assert [form(r, m) for r, m in SIZES] == [G(r, m) for r, m in SIZES]


@pytest.mark.parametrize("r", range(4))
def test_generating_functions(r):
    assert f.counts_from(f.G_generating_function(r), 6) == [G(r, m) for m in range(7)]
    assert f.counts_from(f.T_generating_function(r), 6) == [T(r, m) for m in range(7)]


def test_the_recurrence_is_the_derivative_of_the_generating_function():
    r, u = sympy.Symbol("r", positive=True), sympy.Symbol("u", positive=True)  # u = e^x - 1, du/dx = 1 + u
    F = lambda k: u**k * sympy.exp(u)  # noqa: E731
    residual = sympy.diff(F(r), u) * (1 + u) - (r * F(r - 1) + (r + 1) * F(r) + F(r + 1))
    assert sympy.simplify(residual) == 0


def test_rows_start_at_zero():
    assert next(iter(f.rows_of_T())) == next(iter(f.rows_of_G())) == [1]
    assert [row[1] for row in islice(f.rows_of_T(), 1, 5)] == [1, 3, 10, 37]


@pytest.mark.parametrize(("j", "n"), [(j, n) for n in range(7) for j in range(n + 2)])
def test_partitions_by_type_are_stirling_numbers(j, n):
    assert f.partitions_by_type(j, n) == sympy.functions.combinatorial.numbers.stirling(n, j)


def test_newton_series():
    p = 3 * x**4 - x + 7
    assert sympy.expand(sympy.expand_func(f.newton_series(p, x)) - p) == 0
    assert [f.forward_difference(x**5, x, r) for r in range(7)] == [G(r, 5) for r in range(7)]
    assert f.forward_difference(x**2, x, 1, at=x) == (x + 1) ** 2 - x**2
