"""The claims on figure 1 (d, e) and appendix A.1: their own evidence, and that a wrong statistic makes it fail."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from proofs.beyond import simsek_digits
from proofs.check import Context
from proofs.claim import Kind
from proofs.ledger import examine
from proofs.simsek import appendix_a_digits as digits
from proofs.verdict import Verdict
from quadrics.turning_points import largest_rise, turning_points

CLAIMS = {claim.id: claim for claim in (*digits.CLAIMS, *simsek_digits.CLAIMS)}


def test_the_definition_is_checked_and_the_experiments_wait_for_measurements() -> None:
    found = {key: examine(claim, Context()).verdict for key, claim in CLAIMS.items()}
    assert found == {
        "simsek.fig1e": Verdict.OPEN,
        "simsek.grad-norm": Verdict.CHECKED,
        "simsek.appA1.mnist": Verdict.OPEN,
        "beyond.simsek.zigzag": Verdict.OPEN,
    }
    assert CLAIMS["simsek.grad-norm"].kind is Kind.DEFINITION
    assert all(claim.missing for claim in digits.CLAIMS if claim.kind is Kind.EXPERIMENT)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("largest_rise", lambda run: max(run) / run[0]),
        ("largest_rise", lambda run: 1 / largest_rise(run)),
        ("turning_points", lambda run: turning_points(run) // 2),
        ("turning_points", lambda run: sum(b < a for a, b in pairwise(run))),
    ],
)
def test_another_statistic_makes_the_definition_fail(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: Callable[[Any], Any]
) -> None:
    monkeypatch.setattr(digits, name, wrong)
    assert examine(CLAIMS["simsek.grad-norm"], Context()).verdict is Verdict.FAILED


@pytest.mark.parametrize(("run", "pieces"), [((1, 2), 1), ((1, 1, 1), 1), ((1, 2, 1), 2), ((2, 1, 1, 3, 3, 1), 3)])
def test_monotone_pieces(run: tuple[int, ...], pieces: int) -> None:
    assert digits._pieces(run) == pieces  # type: ignore[arg-type]
