"""A check must be able to fail, its controls must be rejected, and an exception is never a rejection."""

import pytest

from proofs import Context, Control, Skipped, certificate, counterexample, decided, enumeration, undecided
from proofs.check import run
from proofs.evidence import Evidence, Status, jsonable


def is_even(number: int, context: Context):
    return decided(number % 2 == 0, number=number)


def test_a_true_statement_passes_and_its_mutant_is_rejected():
    evidence = run(enumeration("evenness", lambda: 4, is_even, [Control("one more", lambda n: n + 1)]))
    assert evidence.status is Status.PASSED
    assert [c.rejected for c in evidence.controls] == [True]
    assert evidence.sound


def test_a_false_statement_fails_and_says_so():
    evidence = run(enumeration("evenness", lambda: 5, is_even, []))
    assert evidence.status is Status.FAILED
    assert evidence.details["said"] == "violated"


def test_a_control_that_is_not_rejected_spoils_the_evidence():
    evidence = run(enumeration("evenness", lambda: 4, is_even, [Control("two more", lambda n: n + 2)]))
    assert evidence.status is Status.PASSED
    assert not evidence.sound


def test_undecided_is_neither_a_pass_nor_a_rejection():
    evidence = run(certificate("no idea", lambda: 4, lambda n, c: undecided(), [Control("same", lambda n: n)]))
    assert evidence.status is Status.FAILED
    assert not evidence.controls[0].rejected


@pytest.mark.parametrize("culprit", ["statement", "decide", "control"])
def test_an_exception_is_an_error_wherever_it_happens(culprit):
    def fall(*args):
        raise ZeroDivisionError("on purpose")

    check = enumeration(
        "falls",
        fall if culprit == "statement" else (lambda: 4),
        fall if culprit == "decide" else is_even,
        [Control("falls", fall if culprit == "control" else (lambda n: n + 1))],
    )
    evidence = run(check)
    assert evidence.status is Status.ERROR
    assert "on purpose" in evidence.details["error"]
    assert not evidence.sound


def test_skipping_is_reported_and_counts_for_nothing():
    def absent(statement, context):
        raise Skipped("this engine is not installed")

    evidence = run(enumeration("needs an engine", lambda: 4, absent, [Control("one more", lambda n: n + 1)]))
    assert evidence.status is Status.SKIPPED
    assert evidence.details["reason"] == "this engine is not installed"


def test_a_counterexample_passes_when_the_printed_claim_is_violated_and_the_correction_survives():
    good = counterexample("5 is odd", lambda: 5, is_even, [Control("corrected to 6", lambda n: n + 1)])
    assert run(good).sound
    toothless = counterexample("5 is odd", lambda: 5, is_even, [Control("corrected to 7", lambda n: n + 2)])
    assert not run(toothless).sound
    none = counterexample("4 is even", lambda: 4, is_even, [])
    assert run(none).status is Status.FAILED


def test_a_context_computes_once_and_seeds_by_name():
    context, calls = Context(seed=3), []
    for _ in range(2):
        assert context.once("toy", lambda: calls.append(1) or 7) == 7
    assert calls == [1]
    assert context.seed_for("a") != context.seed_for("b")
    assert context.seed_for("a") == Context(seed=3).seed_for("a")
    assert Context(mode="full").pick(quick=1, full=2) == 2


def test_evidence_survives_json():
    evidence = run(enumeration("evenness", lambda: 4, is_even, [Control("one more", lambda n: n + 1)]))
    assert Evidence.from_json(evidence.to_json()).to_json() == evidence.to_json()


def test_large_integers_travel_as_text():
    assert jsonable([2**53, 2**53 + 1, -(2**60)]) == [2**53, str(2**53 + 1), str(-(2**60))]
