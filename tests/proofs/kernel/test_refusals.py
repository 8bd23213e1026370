"""What counts as a proof without asking Coq: files, answers and axioms that are refused, and Coq that is missing."""

from __future__ import annotations

import pytest

from proofs import Context, Verdict
from proofs.claim import Kind
from proofs.evidence import Evidence, Scope, Status, Way
from proofs.kernel.coqc import CoqError, Found, understood
from proofs.kernel.proof import refusals
from proofs.kernel.sources import Sources, definitions, forbidden
from proofs.verdict import verdict
from quadrics.errors import ClaimError

from .tiny import TINY, tiny


@pytest.mark.parametrize(
    "word",
    ["Admitted", "admit", "Axiom x : False", "Parameter y : nat", "Unset Guard Checking", "Conjecture z : False"],
)
def test_the_gate_refuses(word):
    assert forbidden(f"Lemma a : True. {word}. (* and more *)")
    assert not forbidden(f"Lemma a : True. (* {word}. (* nested *) {word} *) exact I. Qed.")


def test_a_word_inside_another_is_not_forbidden():
    assert not forbidden("Lemma admitted_later Axiomatic : True.")


def test_a_comment_that_does_not_end_is_an_error():
    with pytest.raises(ClaimError, match="not closed"):
        definitions("Lemma a. (* for ever")


def test_a_definition_that_changes_is_noticed(tmp_path):
    changed = tiny(tmp_path, TINY.replace("n + n.", "n + n + n."))
    assert any("definition of double" in line for line in changed.problems_of_text())
    assert tiny(tmp_path).problems_of_text() == []


def test_a_definition_that_the_table_lacks_is_noticed(tmp_path):
    more = tiny(tmp_path, TINY + '\nNotation "x < y" := (y < x) : nat_scope.\n')
    assert any("the table has 'none'" in line for line in more.problems_of_text())


def test_a_found_theorem_is_refused_for_its_statement_or_its_axioms():
    assert refusals(Found("0 < 1", ()), "0\n  < 1") == []
    assert refusals(Found("0 <= 1", ()), "0 < 1")
    assert refusals(None, "0 < 1")
    assert refusals(Found("0 < 1", ("Mine.cheat",)), "0 < 1")
    assert refusals(Found("0 < 1", ("Classical_Prop.classic",)), "0 < 1") == []


@pytest.mark.parametrize(
    "said",
    [
        "@@ a\na\n     : True\n@@ axioms\nTheory: impredicative\n",
        "@@ a\na\n     : True\n@@ axioms\nAxioms:\n",
        "@@ a\nError: no such thing\n@@ axioms\nClosed under the global context\n",
    ],
)
def test_an_answer_that_is_not_understood_is_an_error(said):
    with pytest.raises(CoqError):
        understood(said)


def test_axioms_of_theorems_asked_about_together_count_for_each():
    said = "@@ a\na\n     : True\n@@ b\nb\n     : 0 = 0\n@@ axioms\nAxioms:\nMine.cheat : False\n"
    assert {one.axioms for one in understood(said).values()} == {("Mine.cheat",)}
    with pytest.raises(CoqError, match="axioms of a"):
        understood("@@ a\na\n     : True\n")


def test_files_in_a_circle_or_without_their_needs_are_errors(tmp_path):
    (tmp_path / "A.v").write_text("From Quadrics Require Import B.\n")
    with pytest.raises(ClaimError, match=r"B\.v"):
        Sources(tmp_path)
    (tmp_path / "B.v").write_text("From Quadrics Require Import A.\n")
    with pytest.raises(ClaimError, match="circle"):
        Sources(tmp_path)


def test_without_coq_the_evidence_is_skipped_and_never_counts(tmp_path, monkeypatch):
    monkeypatch.setattr("proofs.kernel.coqc.shutil.which", lambda name: None)
    monkeypatch.delenv("QUADRICS_REQUIRE_COQ", raising=False)
    evidence = tiny(tmp_path).run(Context())
    assert evidence.status is Status.SKIPPED
    assert "apt-get install" in evidence.details["reason"]
    assert verdict(Kind.THEOREM, [evidence]) is Verdict.OPEN


def test_without_coq_where_it_is_required_the_evidence_fails(tmp_path, monkeypatch):
    monkeypatch.setattr("proofs.kernel.coqc.shutil.which", lambda name: None)
    monkeypatch.setenv("QUADRICS_REQUIRE_COQ", "1")
    evidence = tiny(tmp_path).run(Context())
    assert verdict(Kind.THEOREM, [evidence]) is Verdict.FAILED


def test_a_proof_of_the_negation_refutes_also_when_it_is_all_there_is():
    evidence = Evidence(Way.KERNEL, Scope.GENERAL, Status.PASSED, "the negation", refutes=True)
    assert verdict(Kind.THEOREM, [evidence]) is Verdict.REFUTED
    assert Evidence.from_json(evidence.to_json()).refutes
