"""The checks of the toy experiment: each accepts a true and refuses a false statement on the same few runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy as sp

from numerics.checks import toy_runs as toy
from numerics.checks.nurisso.section_6 import TOY
from numerics.experiments.nurisso import figure_3
from proofs import Check, Context
from proofs.check import run
from proofs.evidence import Status, Truth

SIZE = figure_3.Size(seeds=80, rate_seeds=25, shown=1, points=8_000, rates=(0.02, 0.01, 0.005))


@pytest.fixture(scope="module")
def context() -> Context:
    context = Context(seed=1)
    context.once("nurisso.fig3", lambda: figure_3.run(seed=1, size=SIZE))
    return context


@pytest.mark.parametrize(
    ("claim", "check"), [(claim, check) for claim, checks in TOY.items() for check in checks], ids=lambda v: str(v)[:40]
)
def test_every_check_passes_and_rejects_its_controls(claim: str, check: Check[Any], context: Context) -> None:
    evidence = run(check, context)
    small_sample = {"the fraction of free runs", "at h = 0.01 fewer than half"}
    if any(check.what.startswith(start) for start in small_sample):
        # Eighty runs may be too few to decide these; they must not be decided wrongly.
        assert evidence.status is Status.PASSED or evidence.details["said"] == Truth.UNDECIDED
        return
    assert evidence.status is Status.PASSED, (claim, evidence.details)
    assert all(control.rejected for control in evidence.controls), evidence.controls
    assert evidence.controls


def test_the_experiment_is_run_once(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figure_3, "run", lambda **_: pytest.fail("run again"))
    assert toy.mean_square_is(sp.Rational(7, 6), context).truth is Truth.HOLDS


def test_an_interval_that_straddles_the_border_decides_nothing() -> None:
    assert toy.Between(0.5, 1).judge(5, 10).truth is Truth.UNDECIDED
    assert toy.Between(0, 0.5).judge(0, 10).truth is Truth.UNDECIDED
    assert toy.Between(0, 0.5).judge(200, 1000).truth is Truth.HOLDS
    assert toy.Between(0, 0.5).judge(800, 1000).truth is Truth.VIOLATED


def test_a_run_below_the_floor_is_seen(context: Context) -> None:
    data = figure_3.run(seed=1, size=replace(SIZE, seeds=2, rate_seeds=1, points=50, steps=5)).copy(deep=True)
    data.loss[0, 1] = data.attrs["mean_square"] - 1e-9
    spoilt = Context(seed=1)
    spoilt.once("nurisso.fig3", lambda: data)
    assert toy.stays_above(toy.Floor("obstructed"), spoilt).truth is Truth.VIOLATED
    data.flips[0, 1, 0] = 1
    assert toy.no_flips(-1, spoilt).truth is Truth.VIOLATED
