"""The checks of the breast-cancer experiment on made-up results, of which the answers are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp
import xarray as xr

from numerics.checks import breast_cancer_runs as cancer
from numerics.checks.nurisso.section_6 import BREAST_CANCER
from proofs import Check, Context
from proofs.check import run
from proofs.evidence import Status, Truth

WIDTHS = (2, 4, 8)


def made_up(slope_in_number: float = 0.02, slope_in_width: float = 0.01, seeds: int = 60) -> Context:
    """Results in which protocol D falls with l_+ and l at these rates, C at a tenth of them and A, F not at all."""
    rng = np.random.default_rng(0)
    width, number = np.array(WIDTHS)[:, None], np.arange(9)[None, :]
    there = number <= width
    loss = np.full((4, len(WIDTHS), 9, seeds), 0.4) + 0.002 * rng.standard_normal((4, len(WIDTHS), 9, seeds))
    for protocol, share in ((1, 0.1), (2, 1.0)):
        loss[protocol] -= share * (slope_in_number * number + slope_in_width * (width - 2) * (number > 0))[..., None]
    loss[[0, 3]] -= 0.25  # networks of random signs are not bound by the bound
    loss[:, ~there] = np.nan
    positive = np.where(np.isnan(loss), np.nan, 0.0)
    positive[1:3, :, 0] = np.where(np.isnan(loss[1:3, :, 0]), np.nan, 1.0)
    healthy = np.where(np.isnan(loss), np.nan, np.where(number > 0, 1.0, 0.0)[None, ..., None])
    dims = ("protocol", "width", "l_plus", "seed")
    data = xr.Dataset(
        {
            "test_loss": (dims, loss),
            "all_positive": (dims, positive),
            "flips": (dims, np.where(np.isnan(loss), np.nan, 0.0)),
            "healthy_flips": (dims, healthy),
        },
        coords={"protocol": list("ACDF"), "width": list(WIDTHS), "l_plus": np.arange(9)},
        attrs={"share_of_class_0": 0.4, "dtype": "float32"},
    )
    context = Context()
    context.once("nurisso.fig4", lambda: data)
    return context


@pytest.fixture(scope="module")
def context() -> Context:
    return made_up()


@pytest.mark.parametrize(
    "check", [check for checks in BREAST_CANCER.values() for check in checks], ids=lambda check: check.what[:50]
)
def test_every_check_passes_and_rejects_its_controls(check: Check[Any], context: Context) -> None:
    evidence = run(check, context)
    assert evidence.status is Status.PASSED, evidence.details
    assert evidence.controls
    assert all(control.rejected for control in evidence.controls), evidence.controls


def test_without_an_effect_nothing_is_claimed() -> None:
    flat = made_up(slope_in_number=0.0, slope_in_width=0.0)
    assert cancer.falls(-1, flat).truth is Truth.UNDECIDED
    assert cancer.shows_it_most("D", flat).truth is Truth.UNDECIDED
    assert cancer.changes_at_fixed_number(0, flat).truth is Truth.UNDECIDED


def test_an_effect_of_the_other_sign_is_a_violation() -> None:
    rising = made_up(slope_in_number=-0.02, slope_in_width=-0.01)
    assert cancer.falls(-1, rising).truth is Truth.VIOLATED
    assert cancer.changes_at_fixed_number(-1, rising).truth is Truth.VIOLATED
    assert cancer.shows_it_most("D", rising).truth is Truth.VIOLATED


def test_a_loss_that_goes_with_the_fraction_is_told_from_one_that_goes_with_the_number() -> None:
    context = made_up()
    data = context.once("nurisso.fig4", xr.Dataset)
    assert cancer.goes_with("number", context).truth is Truth.HOLDS
    fraction = data.l_plus / data.width
    data["test_loss"] = data.test_loss * 0 + 0.5 - 0.3 * fraction + 0.001 * data.seed / data.sizes["seed"]
    assert cancer.goes_with("number", context).truth is Truth.VIOLATED
    assert cancer.goes_with("fraction", context).truth is Truth.HOLDS


def test_a_positive_network_below_the_bound_is_seen() -> None:
    context = made_up()
    data = context.once("nurisso.fig4", xr.Dataset)
    statement = cancer.Bound(sp.log(2) * sp.Symbol("p"))
    assert cancer.not_below(statement, context).truth is Truth.HOLDS
    data.test_loss[1, 0, 0, 0] = 0.99 * np.log(2) * 0.4
    assert cancer.not_below(statement, context).truth is Truth.VIOLATED
