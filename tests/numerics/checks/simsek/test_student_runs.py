"""The checks on trained students: each accepts a true and refuses a false statement on the same few runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from numerics.checks.simsek import appendix_a, neuron_roles, section_4_training, student_runs
from numerics.checks.simsek.experiment_data import figure_5_data
from numerics.experiments.simsek import figure_5
from numerics.experiments.simsek.figure_5 import FAR_BELOW, PATIENT, Group, Size
from proofs import Check, Context
from proofs.check import run
from proofs.evidence import Status, Truth
from proofs.simsek.teacher_task import teacher

SIZE = Size(
    (
        Group("sigmoid", 3, 2),
        Group("sigmoid", 4, 4),
        Group("sigmoid", 5, 16),
        Group("sigmoid", 45, 1, FAR_BELOW),
        Group("soft", 3, 1),
        Group("soft", 10, 4, PATIENT),
    )
)
CHECKS = {**section_4_training.CHECKS, **appendix_a.CHECKS}


@pytest.fixture(scope="module")
def context() -> Context:
    context = Context()
    context.once("simsek.fig5", lambda: figure_5.run(size=SIZE))
    return context


@pytest.mark.parametrize(
    ("claim", "check"),
    [(claim, check) for claim, checks in CHECKS.items() for check in checks],
    ids=lambda v: str(v)[:40],
)
def test_every_check_passes_and_rejects_its_controls(claim: str, check: Check[Any], context: Context) -> None:
    evidence = run(check, context)
    assert evidence.status is Status.PASSED, (claim, evidence.details)
    assert all(control.rejected for control in evidence.controls), (claim, evidence.controls)
    assert evidence.controls


def test_the_experiment_is_run_once(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figure_5, "run", lambda **_: pytest.fail("run again"))
    assert student_runs.some_reach("sigmoid-5", context).truth is Truth.HOLDS


def _spoilt(context: Context, **values: Any) -> Context:
    data = figure_5_data(context).copy(deep=True)
    for name, (block, seed, value) in values.items():
        data[name].loc[{"block": block, "seed": seed}] = value
    other = Context()
    other.once("simsek.fig5", lambda: data)
    return other


def test_one_bad_loss_is_seen(context: Context) -> None:
    bad = _spoilt(context, loss=("soft-10", 1, 1e-10))
    assert student_runs.all_reach(student_runs.AllReach("soft-10", 1e-16), bad).truth is Truth.VIOLATED
    assert student_runs.with_nothing_between(student_runs.Between(), bad).truth is Truth.VIOLATED
    high = _spoilt(context, loss=("sigmoid-45", 0, 1e-7))
    below = student_runs.Below("sigmoid-45", "sigmoid-5")
    assert student_runs.wide_ones_are_below(below, high).truth is Truth.VIOLATED


def test_nothing_stuck_and_nothing_converged_decide_nothing(context: Context) -> None:
    below = student_runs.Below("sigmoid-45", "soft-10")
    assert student_runs.wide_ones_are_below(below, context).truth is Truth.UNDECIDED
    assert student_runs.stuck_runs_are(student_runs.Stuck("soft-10"), context).truth is Truth.UNDECIDED
    classified = neuron_roles.Classified(teacher(), "soft-3")
    assert neuron_roles.are_classified(classified, context).truth is Truth.UNDECIDED
    assert neuron_roles.are_pruned(neuron_roles.Pruned(4, "soft-3"), context).truth is Truth.UNDECIDED
    minima = neuron_roles.Minima(neuron_roles.mirrored, "sigmoid-3")
    assert neuron_roles.sums_satisfy(minima, context).truth is Truth.UNDECIDED


def test_a_neuron_pushed_aside_is_seen(context: Context) -> None:
    """A student that no longer is a minimum, though its recorded loss says so."""
    weights = np.asarray(figure_5_data(context).W1.sel(block="soft-10", seed=0))
    bad = _spoilt(context, W1=("soft-10", 0, weights + 0.4))
    assert neuron_roles.are_classified(neuron_roles.Classified(teacher()), bad).truth is Truth.VIOLATED
    assert (
        neuron_roles.sums_satisfy(neuron_roles.Minima(neuron_roles.classical, "soft-10"), bad).truth is Truth.VIOLATED
    )


def test_the_exact_mirror_image_of_the_teacher_satisfies_the_condition_and_is_outside() -> None:
    """(-w_1, ..., -w_4, 0; -1, ..., -1, 8): sigma(-z) = 1 - sigma(z), and the neuron at 0 gives the constant 4."""
    import torch

    from numerics.batch import Batch
    from numerics.experiments.simsek.students import task
    from numerics.residuals import Residuals

    one = task("sigmoid")
    W1 = torch.cat([-one.teacher.W1, torch.zeros(1, 1, 2).double()], 1)
    W2 = torch.cat([-one.teacher.W2, torch.full((1, 1, 1), 8.0).double()], 2)
    student = Batch(W1, W2, activation=one.teacher.activation)
    loss = float(Residuals(student, one.x, one.y)(student.flatten()).square().sum())
    assert loss < 1e-30
    sums = neuron_roles._sums(student, loss, "sigmoid", mirror=True)
    assert np.linalg.norm(neuron_roles.mirrored(sums)) <= sums.bound
    assert np.linalg.norm(neuron_roles.classical(sums)) > 1
    assert sums.bound < 1e-6


def test_stages_and_kinds_are_asked_for(context: Context) -> None:
    start = student_runs.AllReach("soft-10", 1e-16, "adam_loss")
    assert student_runs.all_reach(start, context).truth is Truth.VIOLATED
    assert student_runs.stuck_runs_are(replace(student_runs.Stuck(), some="nothing"), context).truth is Truth.VIOLATED
