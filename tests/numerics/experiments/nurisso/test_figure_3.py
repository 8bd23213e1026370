"""Figure 3's experiment at a small size: its initial networks, its outcome against a plain loop, its views."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr
from rich.console import Console

from numerics.data import toy
from numerics.experiments.nurisso import figure_3
from numerics.experiments.nurisso.figure_3 import CONFIGURATIONS, IMBALANCE, RATE, Size
from numerics.experiments.nurisso.figure_3_view import selected_seed
from numerics.objective import Objective
from quadrics.errors import DeviceError, DimensionError

SMALL = Size(seeds=40, rate_seeds=3, shown=20, points=150, rates=(0.01, 0.005))

TINY = replace(SMALL, seeds=4, shown=1, rate_seeds=1, steps=60, rates=(0.01,))


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return figure_3.run(seed=5, size=SMALL)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_initial_networks_lie_on_their_quadrics_and_compute_what_was_drawn(name: str) -> None:
    w, a = figure_3.draw(30, seed=1)
    imbalances, signs = CONFIGURATIONS[name]
    batch = figure_3.initial(name, w, a)
    wanted = IMBALANCE * torch.tensor(imbalances, dtype=torch.float64).expand(30, 2)
    torch.testing.assert_close(batch.imbalance(), wanted, rtol=0, atol=1e-14)
    assert torch.equal(batch.signs(), torch.tensor(signs, dtype=torch.int8).expand(30, 2))
    x = toy(20, seed=0).x
    drawn = torch.relu(x @ w.transpose(1, 2)) @ (a.abs() * torch.tensor(signs))[..., None]
    torch.testing.assert_close(batch.output(x), drawn, rtol=1e-12, atol=1e-13)


def test_draws_fill_the_box_and_do_not_depend_on_their_number() -> None:
    few, many = figure_3.draw(10, seed=2), figure_3.draw(1000, seed=2)
    for one, all_ in zip(few, many, strict=True):
        assert torch.equal(one, all_[:10])
        assert 1.38 < float(all_.abs().max()) < 2**0.5
        assert abs(float(all_.mean())) < 6 * (2 / 3 / all_.numel()) ** 0.5  # six standard errors, variance 2/3


def test_final_states_are_those_of_plain_gradient_descent() -> None:
    sample = toy(SMALL.points, seed=5)
    data = figure_3.run(seed=5, size=TINY)
    plain = Objective(sample.x, sample.y, "mse")
    w, a = figure_3.draw(4, seed=5)
    batch = figure_3.initial("free", w, a)
    for _ in range(60):
        gradient = plain.gradient(batch)
        batch = batch.replace(batch.W1 - RATE * gradient.W1, batch.W2 - RATE * gradient.W2)
    # Two ways of summing: rounding grows along 60 steps of the flow, by far less than the 1e5 that is allowed here.
    free = data.sel(configuration="free")
    np.testing.assert_allclose(free.loss[:4], plain.loss(batch), rtol=0, atol=1e-11)
    np.testing.assert_allclose(free.output[:4], batch.W2[:, 0], rtol=0, atol=1e-11)


def test_the_outcome_is_that_of_the_paper(data: xr.Dataset) -> None:
    assert bool((data.loss.sel(configuration="obstructed") >= data.mean_square - 1e-12).all())
    assert int(data.flips.where(data.imbalance < 0, 0).sum()) == 0
    assert 0 < figure_3.success(data, "free").estimate < 0.6
    assert figure_3.learned(data, "obstructed").sum() == 0
    assert float(data.law_residual.max()) < 1e-13
    halved = data.drift_by_rate.sel(rate=0.005) / data.drift_by_rate.sel(rate=0.01)
    assert float(halved.median()) == pytest.approx(0.5, abs=0.05)
    at_full_rate = data.drift.sel(configuration="free")[: SMALL.rate_seeds]
    again = data.drift_by_rate.sel(rate=0.01, rate_configuration="free")
    np.testing.assert_allclose(again, at_full_rate, rtol=0, atol=1e-12)


def test_curves_end_where_the_runs_end(data: xr.Dataset) -> None:
    np.testing.assert_allclose(data.curve[:, -1], data.loss[:, : SMALL.shown], rtol=0, atol=1e-12)
    assert data.step.values.tolist() == list(range(0, 501, 10))


def test_results_follow_the_seed_and_do_not_depend_on_the_size(data: xr.Dataset) -> None:
    one, two, other = (figure_3.run(seed=seed, size=TINY) for seed in (5, 5, 6))
    xr.testing.assert_identical(one, two)
    assert bool((one.loss != other.loss).any())
    at_60 = data.curve.sel(step=60)[:, : TINY.seeds]
    np.testing.assert_allclose(one.loss, at_60, rtol=0, atol=1e-12)


def test_a_folder_keeps_the_blocks_and_changes_nothing(tmp_path: Path) -> None:
    kept = figure_3.run(seed=5, size=TINY, folder=tmp_path)
    assert len(list(tmp_path.glob("*.nc"))) == len(CONFIGURATIONS) + len(TINY.rates)
    xr.testing.assert_identical(kept, figure_3.run(seed=5, size=TINY, folder=tmp_path))
    xr.testing.assert_identical(kept, figure_3.run(seed=5, size=TINY))


def test_figure_and_table(data: xr.Dataset, tmp_path: Path) -> None:
    figure_3.figure(data).savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    console = Console(width=200, record=True, file=(tmp_path / "table.txt").open("w"))
    console.print(figure_3.table(data))
    text = console.export_text()
    assert all(name in text for name in CONFIGURATIONS)
    chosen = selected_seed(data)
    assert figure_3.learned(data, "free")[chosen] or not figure_3.learned(data, "free")[: SMALL.shown].any()


def test_bad_sizes_and_devices_are_refused() -> None:
    with pytest.raises(DimensionError, match="shown"):
        figure_3.run(size=replace(SMALL, shown=41))
    with pytest.raises(DimensionError, match="rate_seeds"):
        figure_3.run(size=replace(SMALL, rate_seeds=0))
    with pytest.raises(DeviceError):
        figure_3.run(size=SMALL, device="abacus")
