"""Every rule accepts what is true and refuses what is not; side conditions count; prose caps the verdict."""

import pytest
import sympy as sp

from proofs import Context, Derivation, Kind, Verdict, argued, step, verdict
from proofs.evidence import Status, Truth
from proofs.exact import is_zero, same
from proofs.rules import (
    differentiate,
    divide,
    entails,
    equal,
    equal_modulo,
    integrate,
    limit,
    solve_for,
    substitute,
)

x, y = sp.symbols("x y")
p = sp.Symbol("p", positive=True)


@pytest.mark.parametrize(
    ("rule", "before", "after", "wrong"),
    [
        (equal, (x + y) ** 2, x**2 + 2 * x * y + y**2, x**2 + y**2),
        (equal, sp.Matrix([[x * (x + 1)]]), sp.Matrix([[x**2 + x]]), sp.Matrix([[x**2]])),
        (equal, sp.sqrt(8), 2 * sp.sqrt(2), 2 * sp.sqrt(3)),
        (equal_modulo(sp.Eq(x**2 + y**2, 1)), x**4 - y**4, x**2 - y**2, x**2 + y**2),
        (differentiate(x), x**3, 3 * x**2, 3 * x**3),
        (integrate((x, 0, 1)), x**2, sp.Rational(1, 3), sp.Rational(1, 2)),
        (limit(x, sp.oo), (x + 1) / x, sp.Integer(1), sp.Integer(0)),
        (solve_for(x), sp.Eq(x**2, 4), [-2, 2], [2, 3]),
        (solve_for(x), sp.Eq(x**2, 4), [-2, 2], [2]),
        (substitute({x: y, y: x}), x - y, y - x, x - y),
        (entails, sp.And(x > 1, y > 1), x * y > 1, x * y > 2),
        (divide(p), sp.Eq(p * x, p * y), sp.Eq(x, y), sp.Eq(x, y + 1)),
    ],
)
def test_rules_accept_the_true_and_refuse_the_false(rule, before, after, wrong):
    assert rule.decide(before, after).truth is Truth.HOLDS
    assert rule.decide(before, wrong).truth is Truth.VIOLATED


def test_a_false_step_fails_the_derivation():
    derivation = Derivation("wrong", lambda: [step(equal, (x + y) ** 2, x**2 + y**2)])
    evidence = derivation.run(Context())
    assert evidence.status is Status.FAILED
    assert "!! violated" in str(derivation.derive())


def test_every_step_refuses_a_disturbed_result():
    evidence = Derivation("square", lambda: [step(equal, (x + y) ** 2, x**2 + 2 * x * y + y**2)]).run(Context())
    assert evidence.status is Status.PASSED
    assert len(evidence.controls) == 1
    assert evidence.controls[0].rejected


def test_a_mutant_that_the_rule_accepts_is_a_failure():
    soft = Derivation("soft", lambda: [step(equal, x + x, 2 * x, mutants=[x * 2])])
    assert verdict(Kind.THEOREM, [soft.run(Context())]) is Verdict.FAILED


def test_a_side_condition_that_is_not_met_fails_the_step():
    unsafe = Derivation(
        "divides by zero?", lambda: [step(divide(x), sp.Eq(x * y, x), sp.Eq(y, 1), conditions=[sp.Ne(x, 0)])]
    )
    assert unsafe.run(Context()).status is Status.FAILED
    safe = Derivation("divides by p", lambda: [step(divide(p), sp.Eq(p * y, p), sp.Eq(y, 1), conditions=[sp.Ne(p, 0)])])
    assert safe.run(Context()).status is Status.PASSED


def test_prose_caps_the_verdict_at_checked():
    steps = [step(equal, x + x, 2 * x), argued("by continuity")]
    assert verdict(Kind.THEOREM, [Derivation("partly argued", lambda: steps).run(Context())]) is Verdict.CHECKED
    assert verdict(Kind.THEOREM, [Derivation("whole", lambda: steps[:1]).run(Context())]) is Verdict.PROVED


def test_prose_alone_is_no_evidence():
    assert Derivation("only words", lambda: [argued("believe me")]).run(Context()).status is Status.FAILED


def test_an_exception_in_building_is_an_error():
    def build():
        raise ZeroDivisionError("on purpose")

    assert Derivation("falls", build).run(Context()).status is Status.ERROR


def test_zero_is_decided_exactly_or_not_at_all():
    assert is_zero(sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(6)) is True
    assert is_zero(sp.Rational(1, 10**40)) is False
    assert is_zero(sp.Function("f")(x)) is None
    assert same([x, y], [x]) is False


def test_a_derivation_prints_as_latex():
    latex = Derivation("square", lambda: [step(equal, (x + y) ** 2, sp.expand((x + y) ** 2))]).derive()._repr_latex_()
    assert latex.startswith("$$\\begin{aligned}")
    assert "x^{2}" in latex
