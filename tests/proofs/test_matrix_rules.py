"""Rules for matrices of symbolic size accept what is true in all sizes and refuse the rest."""

from typing import Any

import pytest
import sympy as sp

from proofs.evidence import Truth
from proofs.matrix_rules import delta_sum, derivative, given, matrix_equal, own_transpose, velocity
from proofs.rules import Rule

m, n = sp.symbols("m n", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", m, n), sp.MatrixSymbol("B", n, m)
x, D = sp.MatrixSymbol("x", n, 1), sp.MatrixSymbol("D", n, n)
t = sp.Symbol("t", positive=True)


@pytest.mark.parametrize(
    ("rule", "before", "after", "wrong"),
    [
        (matrix_equal, (A * B).T, B.T * A.T, A * B),
        (matrix_equal, t * A + A, (1 + t) * A, t * A),
        (matrix_equal, A * (x + x), 2 * A * x, A * x),
        (own_transpose, x.T * D * x, x.T * D.T * x, 2 * x.T * D * x),
        (derivative(x), x.T * x, 2 * x, x),
        (derivative(x, D), x.T * D * x, 2 * D * x, D * x),
        (velocity(t, 1), A / t, -A, A),
        (given({A * B: sp.Identity(m)}), A * B * A, A, 2 * A),
    ],
)
def test_rules_accept_the_true_and_refuse_the_false(rule: Rule, before: Any, after: Any, wrong: Any) -> None:
    assert rule.decide(before, after).truth is Truth.HOLDS
    assert rule.decide(before, wrong).truth is Truth.VIOLATED


def test_shapes_count() -> None:
    assert matrix_equal.decide(A, A.T).truth is Truth.VIOLATED


def test_only_numbers_are_their_own_transpose() -> None:
    assert own_transpose.decide(D, D).truth is Truth.UNDECIDED


def test_sums_of_deltas() -> None:
    i, j, k = sp.symbols("i j k", integer=True, positive=True)
    total = sp.Sum(sp.KroneckerDelta(i, k) * sp.KroneckerDelta(k, j), (k, 1, n))
    rule = delta_sum(i, j, upper=n)
    assert rule.decide(total, sp.KroneckerDelta(i, j)).truth is Truth.HOLDS
    assert rule.decide(total, sp.KroneckerDelta(i, j) + 1).truth is Truth.VIOLATED
