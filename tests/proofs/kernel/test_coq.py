"""What Coq itself is asked: theorems count with their controls, and a changed statement or file is noticed.

All is skipped where ``coqc`` is missing, unless ``QUADRICS_REQUIRE_COQ=1``.
"""

from __future__ import annotations

import os
import shutil
import time

import pytest
import sympy as sp

from proofs import Context
from proofs.evidence import Status
from proofs.kernel import KernelProof, asked_ahead, table
from proofs.kernel.coqc import Coq, CoqError
from proofs.kernel.sources import Sources, sources
from quadrics.rescaling import rescaling_factor

from .tiny import TINY, tiny

REQUIRED = os.environ.get("QUADRICS_REQUIRE_COQ") == "1"
pytestmark = pytest.mark.skipif(
    shutil.which("coqc") is None and not REQUIRED,
    reason="coqc is not installed, so no theorem was checked: apt-get install coq libcoq-mathcomp-algebra "
    "libcoq-mathcomp-fingroup",
)


def test_a_theorem_counts_with_its_controls(tmp_path):
    evidence = tiny(tmp_path).run(Context())
    assert evidence.status is Status.PASSED
    assert evidence.sound
    assert evidence.details["axioms"] == []
    assert len(evidence.controls) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0 < n -> n < double n", "n < double n"),  # a hypothesis dropped: Coq refuses
        ("0 < n -> n < double n", "0 < n -> n > double n"),  # a sign
        ("0 < n -> n < double n", "0 < n -> n <= double n"),  # weaker, and proved by the same lines
        ("0 < n -> n < double n", "1 < n -> n < double n"),  # a stronger hypothesis, and proved by the same lines
        ("n + n.", "n + n + n."),  # another definition under the same name
        ("intros. lia. Qed.", "Admitted."),
        ("Require Import Lia.", "Require Import Lia. Axiom cheat : False."),
    ],
)
def test_a_changed_file_makes_the_evidence_fail(tmp_path, old, new):
    assert TINY.count(old) == 1
    assert tiny(tmp_path, TINY.replace(old, new)).run(Context()).status is Status.FAILED


def test_an_axiom_by_the_back_door_is_noticed(tmp_path):
    """A variable outside of any section is an axiom, and no forbidden word says so."""
    text = "Variable cheat : forall n, 0 < n -> n < n + n.\n" + TINY.replace("intros. lia.", "exact cheat.")
    evidence = tiny(tmp_path, text).run(Context())
    assert evidence.status is Status.FAILED
    assert any("axioms" in line for line in evidence.details["problems"])


def test_a_mutant_whose_negation_is_another_spoils_the_evidence(tmp_path):
    assert not tiny(tmp_path, negation="~ (forall n : nat, n <= double n)").run(Context()).sound
    assert not tiny(tmp_path, mutant="no_such_theorem").run(Context()).sound


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<-> c < 0) /\\", "<-> c <= 0) /\\"),
        ("(c + sqrt (c ^ 2 + 4 * A * C))", "(c - sqrt (c ^ 2 + 4 * A * C))"),
        ("Theorem rescaling_unique : 0 < A -> 0 < C ->", "Theorem rescaling_unique : 0 < A ->"),
    ],
)
def test_a_changed_proposition_4_makes_its_evidence_fail(tmp_path, old, new):
    for name in ("Quadric", "Rescaling"):
        (tmp_path / f"{name}.v").write_text(sources().texts[name])
    text = sources().texts["Rescaling"]
    assert text.count(old) == 1
    (tmp_path / "Rescaling.v").write_text(text.replace(old, new))
    (one, *_) = table().of_file("Rescaling")
    assert KernelProof(one, sources=Sources(tmp_path)).run(Context()).status is Status.FAILED


def test_the_formal_closed_form_is_sympys(tmp_path):
    """At rational points where formula (23) is rational, Coq proves that it has the value that SymPy computes."""
    points = [
        (sp.Rational(A), sp.Rational(C), c)
        for A, C, root in (("1", "1", "2"), ("9/16", "25/16", "5/3"), ("4", "9", "1/2"), ("2/3", "5/7", "3"))
        for c in [sp.Rational(A) * sp.Rational(root) ** 2 - sp.Rational(C) / sp.Rational(root) ** 2]
    ]
    lines = ["Require Import Reals Lra.", "From Quadrics Require Import Quadric Rescaling.", "Open Scope R_scope."]
    wrong = list(lines)
    for A, C, c in points:
        value = sp.simplify(rescaling_factor(A, C, c))
        assert value.is_Rational
        goal = "Goal alpha_star ({}) ({}) ({}) = {}. Proof. apply alpha_star_unique; lra. Qed."
        lines.append(goal.format(A, C, c, value))
        wrong.append(goal.format(A, C, c, value + sp.Rational(1, 10)))
    coq = Coq.here(sources())
    coq.compile("Rescaling")
    for name, text in (("right", lines), ("wrong", wrong)):
        (tmp_path / f"{name}.v").write_text("\n".join(text) + "\n")
    coq.run([*coq.paths("Rescaling"), str(tmp_path / "right.v")], "the values of SymPy")
    with pytest.raises(CoqError):
        coq.run([*coq.paths("Rescaling"), str(tmp_path / "wrong.v")], "other values")


def test_answers_asked_ahead_are_the_same_and_asked_once(tmp_path, monkeypatch):
    one = tiny(tmp_path)
    alone = one.run(Context())
    asked = []
    ask = Coq.ask
    monkeypatch.setattr(Coq, "ask", lambda self, *what: asked.append(what[0]) or ask(self, *what))
    context = Context()
    with asked_ahead([one, one], context):
        found = one.run(context)
    assert (found.status, found.details, found.controls) == (alone.status, alone.details, alone.controls)
    assert asked == ["Tiny"]


def test_what_is_interrupted_asks_no_more(tmp_path, monkeypatch):
    one = tiny(tmp_path)
    asked = []

    def slow(self, file, *names):
        asked.append(file)
        time.sleep(0.5)

    def work(context):
        with asked_ahead([one], context):
            one.answers(context).ahead(["Other", "Another"])
            raise KeyboardInterrupt

    monkeypatch.setattr(Coq, "ask", slow)
    with pytest.raises(KeyboardInterrupt):
        work(Context())
    assert set(asked) <= {"Tiny"}


def test_a_mutant_that_rests_on_an_axiom_is_no_refutation(tmp_path):
    text = TINY.replace("Theorem grows_mutant_false", "Axiom cheat : forall P : Prop, P.\nTheorem grows_mutant_false")
    text = text.replace("Proof. intros H. specialize (H 0). unfold double in H. lia. Qed.", "Proof. apply cheat. Qed.")
    evidence = tiny(tmp_path, text).run(Context())
    assert not evidence.sound
    assert "axioms that are not those of the real numbers: cheat" in str(evidence.controls)
