"""The claims on trained students: what is known of them without training, and what they rest on."""

from __future__ import annotations

import pytest

from proofs.check import Context
from proofs.claim import Kind
from proofs.ledger import examine
from proofs.simsek import appendix_a_training, section_4_training
from proofs.simsek.teacher_task import inputs, teacher
from proofs.verdict import Verdict
from quadrics.expansion.reduction import is_irreducible

CLAIMS = (*section_4_training.CLAIMS, *appendix_a_training.CLAIMS)


def test_ids_and_what_is_missing():
    ids = [claim.id for claim in CLAIMS]
    assert len(set(ids)) == len(ids) == 6
    for claim in CLAIMS:
        assert claim.id not in claim.uses
        if claim.kind is Kind.EXPERIMENT:
            assert claim.missing


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_without_measurements_nothing_fails(claim):
    entry = examine(claim, Context())
    assert entry.failures == []
    assert entry.verdict == (Verdict.CHECKED if claim.id == "simsek.rem4.2" else Verdict.OPEN)


def test_the_task():
    assert is_irreducible(teacher())
    points = list(inputs())
    assert len(points) == len(set(points)) == 41**2
    assert {4 * v for point in points for v in point} == set(range(-20, 21))
