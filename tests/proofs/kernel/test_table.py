"""The table of theorems: complete, in step with the files, the claims and the library."""

from __future__ import annotations

import re

import pytest

from proofs import Verdict, all_claims, find
from proofs.evidence import Scope, Way
from proofs.inventory import expected_verdict
from proofs.kernel import KernelProof, table
from proofs.kernel.proof import AXIOMS, disturbed, text_problems
from proofs.kernel.sources import sources
from proofs.kernel.theorems import parse
from quadrics.errors import ClaimError
from quadrics.expansion.counts import G, T

from .tiny import DOCUMENT


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


@pytest.mark.parametrize("one", table().theorems, ids=lambda one: one.name)
def test_a_disturbed_statement_is_another_one(one):
    assert disturbed(one.statement) != " ".join(one.statement.split())


@pytest.mark.parametrize("missing", ["statement", "mutant", "negation", "claims"])
def test_an_entry_that_lacks_a_field_is_an_error(missing):
    row = {key: value for key, value in DOCUMENT["theorem"][0].items() if key != missing}
    with pytest.raises(ClaimError, match="grows"):
        parse({"theorem": [row]})


def test_a_mutant_must_be_refuted_by_a_negation():
    with pytest.raises(ClaimError, match="negation"):
        parse({"theorem": [DOCUMENT["theorem"][0] | {"negation": "forall n : nat, n < double n"}]})


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
