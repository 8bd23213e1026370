"""The theorems in Coq: what counts as a proof, what is refused, and that a changed statement is noticed.

What needs ``coqc`` is skipped where it is missing, unless ``QUADRICS_REQUIRE_COQ=1``. Everything else runs anywhere.
"""

import os
import re
import shutil
import time
from dataclasses import replace

import pytest
import sympy as sp

from proofs import Context, Verdict, all_claims, find
from proofs.claim import Kind
from proofs.evidence import Evidence, Scope, Status, Way
from proofs.inventory import expected_verdict
from proofs.kernel import KernelProof, asked_ahead, table
from proofs.kernel.coqc import Coq, CoqError, Found, understood
from proofs.kernel.proof import AXIOMS, disturbed, refusals, text_problems
from proofs.kernel.sources import Sources, definitions, forbidden, sources
from proofs.kernel.theorems import parse
from proofs.verdict import verdict
from quadrics.errors import ClaimError
from quadrics.expansion.counts import G, T
from quadrics.rescaling import rescaling_factor

REQUIRED = os.environ.get("QUADRICS_REQUIRE_COQ") == "1"
needs_coq = pytest.mark.skipif(
    shutil.which("coqc") is None and not REQUIRED,
    reason="coqc is not installed, so no theorem was checked: apt-get install coq libcoq-mathcomp-algebra "
    "libcoq-mathcomp-fingroup",
)

TINY = """
Require Import Lia.
(* Twice a number. *)
Definition double (n : nat) : nat := n + n.
Theorem grows : forall n, 0 < n -> n < double n.
Proof. unfold double. intros. lia. Qed.
Theorem grows_mutant_false : ~ (forall n, n < double n).
Proof. intros H. specialize (H 0). unfold double in H. lia. Qed.
"""
STATEMENT = "forall n : nat, 0 < n -> n < double n"
DOCUMENT = {
    "theorem": [
        {
            "file": "Tiny",
            "name": "grows",
            "claims": ["mine.grows"],
            "what": "doubling makes a positive number larger",
            "statement": STATEMENT,
            "mutant": "grows_mutant_false",
            "mutation": "zero as well",
            "negation": "~ (forall n : nat, n < double n)",
        }
    ],
    "definitions": {"Tiny": {"double": "Definition double (n : nat) : nat := n + n"}},
}


def tiny(folder, text=TINY, **changes):
    """The evidence of the tiny theorem, with its file or its entry changed."""
    (folder / "Tiny.v").write_text(text)
    rows = parse(DOCUMENT)
    theorem = replace(rows.theorems[0], **changes)
    return KernelProof(theorem, replace(rows, theorems=(theorem,)), Sources(folder))


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory, monkeypatch):
    """One cache for this module, apart from the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "coq-cache"))


# -- without Coq ------------------------------------------------------------------------------------------------------


def test_every_entry_of_the_table_has_its_place():
    known = {claim.id for claim in all_claims()}
    names = [(one.file, one.name) for one in table().theorems]
    assert len(set(names)) == len(names) > 30
    for one in table().theorems:
        text = sources().texts[one.file]
        assert set(one.claims) <= known, one.name
        for name in (one.name, one.mutant):
            assert f"Theorem {name} " in text or f"Theorem {name}:" in text, f"{name} is not in {one.file}.v"


def test_the_files_contain_nothing_forbidden_and_define_what_the_table_says():
    used = {file for one in table().theorems for file in sources().needed(one.file)}
    assert [line for file in sorted(used) for line in text_problems(sources(), table(), file)] == []


def test_every_file_serves_a_theorem_of_the_table():
    used = {file for one in table().theorems for file in sources().needed(one.file)}
    assert set(sources().texts) == used


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


@pytest.mark.parametrize("one", table().theorems, ids=lambda one: one.name)
def test_a_disturbed_statement_is_another_one(one):
    assert disturbed(one.statement) != " ".join(one.statement.split())


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


@pytest.mark.parametrize("missing", ["statement", "mutant", "negation", "claims"])
def test_an_entry_that_lacks_a_field_is_an_error(missing):
    row = {key: value for key, value in DOCUMENT["theorem"][0].items() if key != missing}
    with pytest.raises(ClaimError, match="grows"):
        parse({"theorem": [row]})


def test_a_mutant_must_be_refuted_by_a_negation():
    with pytest.raises(ClaimError, match="negation"):
        parse({"theorem": [DOCUMENT["theorem"][0] | {"negation": "forall n : nat, n < double n"}]})


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


def test_the_inventory_expects_what_the_kernel_proves_or_refutes():
    for claim in all_claims():
        proofs_of = [one for one in claim.evidence if isinstance(one, KernelProof)]
        if any(one.scope is Scope.GENERAL and not one.theorem.refutes for one in proofs_of):
            assert expected_verdict(claim.id) is Verdict.PROVED, claim.id
        if any(one.theorem.refutes for one in proofs_of):
            assert expected_verdict(claim.id) is Verdict.REFUTED, claim.id


def test_claims_carry_their_theorems():
    (one,) = (e for e in find("nurisso.thm2").evidence if isinstance(e, KernelProof))
    assert one.way is Way.KERNEL
    assert one.theorem.name == "theorem_2"
    assert any(text.startswith("Definition rp") for text in one.vocabulary())


# -- with Coq ---------------------------------------------------------------------------------------------------------


@needs_coq
def test_a_theorem_counts_with_its_controls(tmp_path):
    evidence = tiny(tmp_path).run(Context())
    assert evidence.status is Status.PASSED
    assert evidence.sound
    assert evidence.details["axioms"] == []
    assert len(evidence.controls) == 2


@needs_coq
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


@needs_coq
def test_an_axiom_by_the_back_door_is_noticed(tmp_path):
    """A variable outside of any section is an axiom, and no forbidden word says so."""
    text = "Variable cheat : forall n, 0 < n -> n < n + n.\n" + TINY.replace("intros. lia.", "exact cheat.")
    evidence = tiny(tmp_path, text).run(Context())
    assert evidence.status is Status.FAILED
    assert any("axioms" in line for line in evidence.details["problems"])


@needs_coq
def test_a_mutant_whose_negation_is_another_spoils_the_evidence(tmp_path):
    assert not tiny(tmp_path, negation="~ (forall n : nat, n <= double n)").run(Context()).sound
    assert not tiny(tmp_path, mutant="no_such_theorem").run(Context()).sound


@needs_coq
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


@needs_coq
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


def test_the_sign_counts_of_the_library_are_those_of_the_theorems():
    """2^l₋ components and l₋ + 1 classes: the numbers that ``InvariantSet`` gives."""
    from quadrics import InvariantSet

    for signs in ([-1], [-1, 1], [-1, -1, 1], [-1, -1, -1, 0]):
        H = InvariantSet(d_in=2, d_out=1, c=signs)
        pathological = signs.count(-1)
        assert H.number_of_components() == 2**pathological
        assert H.number_of_effective_components() == pathological + 1
    for claim, name in (("nurisso.cor2", "corollary_2"), ("nurisso.cor3", "corollary_3")):
        one = next(e for e in find(claim).evidence if isinstance(e, KernelProof) and e.theorem.name == name)
        assert ("2 ^ #|K c|" in one.theorem.statement) == (name == "corollary_2")
        assert ("#|K c|.+1" in one.theorem.statement) == (name == "corollary_3")


@pytest.mark.parametrize(("name", "count", "first"), [("G_values", G, 1), ("T_values", T, 0)])
def test_the_tables_that_coq_computes_are_the_librarys(name, count, first):
    """The statements, as Coq prints them, list the values for r = first, ..., 7 or 6 and m = r, ..., 9."""
    one = next(one for one in table().theorems if one.name == name)
    values = [int(n) for n in re.findall(r"Npos\s+(\d+)", one.statement.partition("] = ")[2])]
    assert values == [count(r, m) for r in range(first, first + 7) for m in range(r, 10)]


def test_the_axioms_are_four():
    assert len(AXIOMS) == 4


@needs_coq
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


@needs_coq
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


@needs_coq
def test_a_mutant_that_rests_on_an_axiom_is_no_refutation(tmp_path):
    text = TINY.replace("Theorem grows_mutant_false", "Axiom cheat : forall P : Prop, P.\nTheorem grows_mutant_false")
    text = text.replace("Proof. intros H. specialize (H 0). unfold double in H. lia. Qed.", "Proof. apply cheat. Qed.")
    evidence = tiny(tmp_path, text).run(Context())
    assert not evidence.sound
    assert "axioms that are not those of the real numbers: cheat" in str(evidence.controls)
