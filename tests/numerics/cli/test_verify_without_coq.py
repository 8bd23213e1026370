"""What only the proof assistant proves is *checked* where it is not installed, and that is no surprise."""

from __future__ import annotations

import pytest

from numerics.cli.verify import _surprises
from proofs import Ledger, find
from proofs.evidence import Evidence, Scope, Status, Way
from proofs.ledger import Entry

LISTED = Evidence(Way.ENUMERATION, Scope.RANGE, Status.PASSED, "small sizes")


def ledger_with(*evidence: Evidence) -> Ledger:
    ledger = Ledger()
    ledger.add(Entry(find("simsek.prop4.5a"), evidence))
    return ledger


def kernel(status: Status) -> Evidence:
    return Evidence(Way.KERNEL, Scope.GENERAL, status, "a theorem")


def test_a_skipped_theorem_is_no_surprise() -> None:
    assert _surprises(ledger_with(LISTED, kernel(Status.SKIPPED)), partial=False) == {}
    assert _surprises(ledger_with(LISTED, kernel(Status.PASSED)), partial=False) == {}


@pytest.mark.parametrize("evidence", [(LISTED,), (LISTED, kernel(Status.FAILED)), (kernel(Status.SKIPPED),)])
def test_a_missing_or_failing_theorem_is(evidence: tuple[Evidence, ...]) -> None:
    assert "simsek.prop4.5a" in _surprises(ledger_with(*evidence), partial=False)
