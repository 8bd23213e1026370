"""The measurements on the studies of optimizers and of reachable targets pass; their controls are rejected."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from numerics.checks import beyond_nurisso_kinks, beyond_nurisso_optimizers
from numerics.checks.beyond_nurisso_kinks import scaled_loss
from numerics.checks.sampling import networks
from numerics.experiments.nurisso.phase_task import make_task
from proofs import Check, Context
from proofs.check import run
from proofs.evidence import Status

CHECKS = [
    *beyond_nurisso_kinks.CHECKS["beyond.nurisso.kink-bound"],
    *beyond_nurisso_kinks.CHECKS["beyond.nurisso.phase-diagram"],
    *beyond_nurisso_optimizers.CHECKS["beyond.nurisso.optimizers"],
]


@pytest.fixture(scope="module")
def context() -> Context:
    """One memory for all of them, so that each study runs once."""
    torch.set_num_threads(1)
    return Context(seed=1)


@pytest.mark.parametrize("check", CHECKS, ids=[check.what[:50] for check in CHECKS])
def test_measurement_passes_and_its_controls_are_rejected(check: Check[Any], context: Context) -> None:
    evidence = run(check, context)
    assert evidence.status is Status.PASSED, evidence.details
    assert evidence.controls
    assert all(control.rejected for control in evidence.controls), evidence.controls


def test_the_best_scale_is_the_best() -> None:
    task = make_task(100, seed=0)
    batch = networks(torch.Generator().manual_seed(0), 6, 3, 2)
    best = scaled_loss(batch, task)
    for factor in (0.01, 0.3, 0.9, 1.1, 3.0):
        assert bool((task.objective.loss(batch.replace(batch.W1, factor * batch.W2)) >= best - 1e-12).all())
    assert bool((best <= task.mean_square + 1e-12).all())
