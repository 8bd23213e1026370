"""Continuity by structure: what is continuous, what is not on the stated domain, and what the rule does not know."""

import pytest
import sympy as sp

from proofs.continuity import continuous
from proofs.evidence import Truth

x, y = sp.symbols("x y")


@pytest.mark.parametrize(
    ("domain", "expression", "truth"),
    [
        ([], x**2 * y + 3, Truth.HOLDS),
        ([x > 0], y / x, Truth.HOLDS),
        ([], y / x, Truth.VIOLATED),
        ([x >= 0], sp.sqrt(x), Truth.HOLDS),
        ([], sp.sqrt(x), Truth.VIOLATED),
        ([x >= 0], 1 / sp.sqrt(x), Truth.VIOLATED),
        ([], sp.sqrt(1 + x**2), Truth.HOLDS),
        ([y > 0], sp.sqrt((1 + x**2) / y), Truth.HOLDS),
        ([y < 0], sp.sqrt((1 + x**2) / y), Truth.VIOLATED),
        ([], sp.sin(x) * sp.Abs(y), Truth.HOLDS),
        ([], sp.sign(x), Truth.UNDECIDED),
        ([], 2**x, Truth.UNDECIDED),
    ],
)
def test_what_the_rule_says(domain, expression, truth):
    assert continuous(*domain).decide([expression], True).truth is truth


def test_the_opposite_answer_is_refused():
    assert continuous().decide([x**2], False).truth is Truth.VIOLATED
    assert continuous().decide([x**2, 1 / x], False).truth is Truth.HOLDS
