"""The measurements of the boost and of the methods: sound, and sensitive to what is broken on purpose."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from numerics.batch import Batch
from numerics.checks import beyond_nurisso_boost, beyond_nurisso_methods
from numerics.checks.beyond_nurisso_boost import OnTheSet, conserves, frozen, solves, stays
from numerics.checks.beyond_nurisso_methods import Certified, ChangesSheet, none_flipped, sheets
from numerics.field import Field
from numerics.flow import lie_euler
from proofs import Check, Context
from proofs.check import run
from proofs.evidence import Status, Truth
from quadrics.cayley import cayley

CHECKS = [
    (claim_id, check)
    for module in (beyond_nurisso_boost, beyond_nurisso_methods)
    for claim_id, checks in module.CHECKS.items()
    for check in checks
]


@pytest.mark.parametrize(("claim_id", "check"), CHECKS, ids=[f"{name}: {check.what[:40]}" for name, check in CHECKS])
def test_measurement_passes_and_its_controls_are_rejected(claim_id: str, check: Check[Any]) -> None:
    torch.set_num_threads(1)
    evidence = run(check, Context(seed=1))
    assert evidence.status is Status.PASSED, evidence.details
    assert evidence.controls
    assert all(control.rejected for control in evidence.controls), evidence.controls


def nudged(batch: Batch, field: Field, h: torch.Tensor) -> Batch:
    """The boost, with one output weight off by some hundred roundings."""
    after = frozen(batch, field, h)
    W2 = after.W2.clone()
    W2[0, 0, 0] *= 1 + 1e-13
    return after.replace(after.W1, W2, after.b1, after.b2)


def test_some_hundred_roundings_are_seen() -> None:
    assert conserves(nudged, Context()).truth is Truth.VIOLATED
    assert solves(nudged, Context()).truth is Truth.VIOLATED


def test_a_single_flip_is_seen() -> None:
    def flipping(batch: Batch, objective: Any, h: torch.Tensor) -> Batch:
        after = lie_euler.step(batch, objective, h)
        W2 = after.W2.clone()
        W2[-1, 0, -1].neg_()
        return after.replace(after.W1, W2, after.b1, after.b2)

    assert stays(OnTheSet({"flipping": flipping}, c=False), Context()).truth is Truth.VIOLATED


def test_the_threshold_of_cayley_is_2() -> None:
    assert sheets(ChangesSheet(cayley, 2.01), Context()).truth is Truth.VIOLATED
    assert sheets(ChangesSheet(cayley, 1.99), Context()).truth is Truth.VIOLATED


def test_the_certificate_is_not_empty_and_needs_its_sum() -> None:
    outcome = none_flipped(Certified(), Context(seed=3))
    assert outcome.truth is Truth.HOLDS
    assert outcome.details["certified"] > 100
