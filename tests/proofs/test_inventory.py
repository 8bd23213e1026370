"""The inventory and the code agree both ways; every claim has the evidence and the controls it needs."""

import pytest

from proofs import Context, Kind, all_claims, claim_graph, examine
from proofs.evidence import Way
from proofs.inventory import differences, expected_verdict, inventory
from proofs.registry import find, select, twins
from proofs.verdict import Verdict
from quadrics.errors import UnknownClaimError


def test_list_and_code_agree_both_ways():
    assert differences(all_claims()) == []


def test_a_missing_and_an_extra_claim_are_seen():
    claims = all_claims()
    assert any("not in the code" in line for line in differences(claims[1:]))


def test_the_graph_is_acyclic_and_every_use_is_known():
    assert len(claim_graph(all_claims())) == len(inventory())


@pytest.mark.parametrize("claim", all_claims(), ids=lambda c: c.id)
def test_printed_claims_carry_an_erratum_and_are_expected_refuted(claim):
    if claim.corrects:
        assert claim.label is not None
        assert claim.erratum
        assert expected_verdict(claim.id) is Verdict.REFUTED
        assert twins(claim) == (find(claim.corrects),)
    else:
        assert expected_verdict(claim.id) is not Verdict.REFUTED


@pytest.fixture(scope="module")
def context():
    """One memory for all claims, as in a run."""
    return Context()


@pytest.mark.parametrize("claim", all_claims(), ids=lambda c: c.id)
def test_evidence_without_measurement_is_sound_and_controlled(claim, context):
    entry = examine(claim, context)
    assert entry.failures == []
    for evidence in entry.evidence:
        if evidence.way in (Way.ENUMERATION, Way.MEASUREMENT, Way.COUNTEREXAMPLE, Way.CERTIFICATE):
            assert evidence.controls, f"{evidence.what} has no control"


def test_only_what_asserts_nothing_is_merely_stated():
    for claim in all_claims():
        if expected_verdict(claim.id) is Verdict.STATED:
            assert claim.kind in (Kind.DEFINITION, Kind.CITATION, Kind.REMARK)


def test_selection_by_pattern_and_paper():
    assert [c.id for c in select(["nurisso.prop4"])] == ["nurisso.prop4"]
    assert all("nurisso" in c.id for c in select(paper="nurisso"))
    with pytest.raises(UnknownClaimError, match="matches"):
        select(["zzz*"])
    with pytest.raises(UnknownClaimError, match="paper"):
        select(paper="euclid")
