"""The translation to z3 is faithful where it exists and refuses the rest."""

import pytest
import sympy as sp

from proofs.evidence import Truth
from proofs.smt import valid
from quadrics.errors import ClaimError

a, b = sp.symbols("a b")


@pytest.mark.parametrize(
    ("formula", "truth"),
    [
        (a**2 + b**2 >= 2 * a * b, Truth.HOLDS),
        (a**3 >= 0, Truth.VIOLATED),
        (sp.Implies(sp.And(a > 0, b > 0), sp.Rational(1, 2) * (a + b) > 0), Truth.HOLDS),
        (sp.Equivalent(a > b, b < a), Truth.HOLDS),
        (sp.Max(a, b) + sp.Min(a, b) >= a + b, Truth.HOLDS),
        (sp.Max(a, b) > a, Truth.VIOLATED),
        (sp.Or(a > 0, sp.Not(a > 0)), Truth.HOLDS),
        (sp.true, Truth.HOLDS),
        (sp.false, Truth.VIOLATED),
    ],
)
def test_formulas_are_decided(formula, truth):
    assert valid(formula).truth is truth


def test_signs_and_integrality_come_from_the_symbols():
    n = sp.Symbol("n", integer=True)
    assert valid(sp.Ne(2 * n, 1)).truth is Truth.HOLDS
    assert valid(sp.Ne(2 * a, 1)).truth is Truth.VIOLATED
    p = sp.Symbol("p", positive=True)
    assert valid(p * p + p > a * 0).truth is Truth.HOLDS


@pytest.mark.parametrize("expression", [1 / a > 0, sp.sqrt(a) >= 0, sp.sin(a) <= 1])
def test_what_is_not_polynomial_is_refused(expression):
    with pytest.raises(ClaimError, match="Multiply out"):
        valid(expression)
