"""Each measurement of the dynamics says *violated* of a wrong law and *holds* of the right one."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from numerics.checks import beyond_nurisso_dynamics, beyond_nurisso_optimizers
from numerics.checks.discrete import law_on_tensors, squares
from numerics.checks.flows import quantity
from numerics.checks.nurisso import section_3, section_5_rescaling, section_8
from numerics.checks.nurisso.section_3 import rescaled
from numerics.checks.sampling import networks
from numerics.objective import Gradient
from proofs import Check, Context
from proofs.check import run
from proofs.evidence import Status

SLOW = ("flows", "learning rates")  # by a real integrator: `quadrics verify` runs them
CHECKS = [
    (claim_id, check)
    for module in (section_3, section_5_rescaling, section_8, beyond_nurisso_dynamics, beyond_nurisso_optimizers)
    for claim_id, checks in module.CHECKS.items()
    if claim_id != "beyond.nurisso.optimizers"  # a study, run once for all: test_studies
    for check in checks
    if not check.what.startswith(SLOW)
]


@pytest.mark.parametrize(("claim_id", "check"), CHECKS, ids=[f"{name}: {check.what[:40]}" for name, check in CHECKS])
def test_measurement_passes_and_its_controls_are_rejected(claim_id: str, check: Check[Any]) -> None:
    torch.set_num_threads(1)
    evidence = run(check, Context(seed=1))
    assert evidence.status is Status.PASSED, evidence.details
    assert evidence.controls
    assert all(control.rejected for control in evidence.controls), evidence.controls


def test_law_and_form_agree_with_arithmetic() -> None:
    batch = networks(torch.Generator().manual_seed(0), 3, 4, 2, 2, bias=True)
    assert torch.allclose(quantity(batch), batch.imbalance())
    assert batch.b1 is not None
    weighted = 2 * (batch.W1.square().sum(2) + batch.b1.square()) - 4 * batch.W2.square().sum(1)
    assert torch.allclose(quantity(batch, 1, (0.5, 0.25)), weighted)
    gradient = Gradient(batch.W1, batch.W2, batch.b1, batch.b2)
    first, second = squares(gradient)
    c = batch.imbalance()
    h = torch.full_like(c, 0.5)
    assert torch.allclose(law_on_tensors()(c, first, second, h), 1.25 * c)


def test_rescaling_keeps_outputs_and_biases() -> None:
    batch = networks(torch.Generator().manual_seed(0), 2, 3, 2, 1, bias=True)
    alpha = torch.tensor([[0.5, 2.0, 4.0]] * 2, dtype=torch.float64)
    moved = rescaled(batch, alpha)
    x = torch.randn(5, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    assert torch.allclose(moved.output(x), batch.output(x))
    assert moved.b2 is batch.b2
