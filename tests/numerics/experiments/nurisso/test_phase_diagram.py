"""The phase diagram at a small size: its starts, what they cannot reach, a flow step by step, and how it is shown."""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr
from rich.console import Console

from numerics.experiments.nurisso import phase_diagram, phase_task
from numerics.experiments.nurisso import phase_diagram_view as view
from numerics.experiments.nurisso.phase_diagram import RULES, Size
from quadrics.errors import DimensionError, ImbalanceError

SMALL = Size(widths=(2, 3), imbalances=(0.1, 1.0), seeds=4, samples=60, time=2.0)


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return phase_diagram.run(seed=2, size=SMALL)


@pytest.mark.parametrize("rule", RULES)
def test_initial_networks_are_what_the_rule_says(rule: str) -> None:
    batch = phase_diagram.initial(rule, 0.1, 3, range(4), seeds=50, seed=0)
    c = batch.imbalance().reshape(4, 50, 3)
    for l_plus in range(4):
        wanted = torch.tensor([0.1 if k < l_plus else -0.1 for k in range(3)], dtype=torch.float64)
        torch.testing.assert_close(c[l_plus], wanted.expand(50, 3), rtol=0, atol=1e-12)
    signs = batch.signs()
    if rule == "random":
        assert 0.4 < float((signs > 0).double().mean()) < 0.6
    else:
        assert bool((signs == torch.tensor({"positive": [1, 1, 1], "alternating": [1, -1, 1]}[rule])).all())


def test_reachable_is_decided_by_the_signs(data: xr.Dataset) -> None:
    positive = data.reachable.sel(rule="positive", imbalance=0.1)
    assert positive.sel(width=3).isel(seed=0).values.tolist() == [0, 0, 1, 1]
    assert not bool(data.reachable.sel(width=2).any("seed").isel(l_plus=slice(0, 3)).values.any())  # two neurons
    alternating = data.reachable.sel(rule="alternating", imbalance=1.0, width=3)
    assert alternating.isel(seed=0).values.tolist() == [0, 1, 1, 1]  # + - +: one more negative is needed
    there = data.loss.notnull()
    assert bool(((data.bound > 0) == (data.reachable == 0)).where(there, True).all())


def test_bounds_are_the_residuals_of_linear_fits() -> None:
    task = phase_task.make_task(200, seed=3)
    x, y = task.objective.x.numpy(), task.objective.targets[:, 0].numpy()
    for sign, found in zip((1, -1), task.residuals, strict=True):
        total = 0.0
        for side in (1, -1):
            inside = (side * x[:, 0] > 0) & (side * sign * x[:, 1] > 0)
            fit = np.linalg.lstsq(x[inside], y[inside], rcond=None)[0]
            total += float(((x[inside] @ fit - y[inside]) ** 2).sum()) / len(y)
        assert found == pytest.approx(total, rel=1e-9)
    assert task.without_negative == pytest.approx(float((np.minimum(y, 0) ** 2).mean()))
    assert phase_task.least_loss(task, 0, 0) == pytest.approx(max(task.without_negative, task.without_positive))


def test_success_is_below_every_bound() -> None:
    for seed in range(5):
        task = phase_task.make_task(1000, seed)
        assert view.LEARNED * task.mean_square < min(task.residuals)


def test_the_exact_network_reaches_the_target() -> None:
    task = phase_task.make_task(100, seed=0)
    angles = torch.tensor([90.0, 210.0, 330.0], dtype=torch.float64).deg2rad()
    W1 = torch.stack([angles.cos(), angles.sin()], dim=1)[None]
    batch = phase_diagram.Batch(W1, torch.tensor([[[1.0, -1.0, -1.0]]], dtype=torch.float64))
    assert abs(float(task.objective.loss(batch))) < 1e-14


def test_a_flow_is_that_of_small_steps_by_autograd() -> None:
    start = phase_diagram.initial("random", 1.0, 3, [1], SMALL.seeds, seed=2)
    task = phase_task.make_task(SMALL.samples, seed=2)
    size = replace(SMALL, time=0.5)
    ours = phase_diagram.compute("random-c1.0-l3", size=size, seed=2, device="cpu").loss.sel(l_plus=1).values
    x, y = task.objective.x, task.objective.targets[:, 0]
    w, a = (t.clone().requires_grad_() for t in (start.W1, start.W2[:, 0]))
    for _ in range(250):
        f = torch.einsum("nl,nlk->nk", a, torch.relu(w @ x.T))
        loss = (f - y).square().mean(1)
        steps = torch.autograd.grad(loss.sum(), (w, a))
        w, a = ((t - 0.002 * g).detach().requires_grad_() for t, g in zip((w, a), steps, strict=True))
    first = task.objective.loss(start).numpy()
    # Five steps of a method of order 1: a rough picture, but much nearer to the flow than the start is.
    assert bool((abs(ours - loss.detach().numpy()) < 0.3 * abs(first - ours)).all())


def test_components_and_imbalances_are_kept(data: xr.Dataset) -> None:
    assert float(data.flips.sum()) == 0
    assert float(data.drift.max()) < 1e-13
    assert not bool((data.loss < data.bound).any())


def test_figure_and_table(data: xr.Dataset, tmp_path: Path) -> None:
    phase_diagram.figure(data).savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    console = Console(width=120, record=True, file=(tmp_path / "table.txt").open("w"))
    console.print(phase_diagram.table(data))
    text = console.export_text()
    count = int((data.reachable.sel(rule="positive", imbalance=0.1) == 0).sum())
    assert f" {count} " in text
    assert "nan" not in text


def test_learned_is_a_share_of_the_mean_square(data: xr.Dataset) -> None:
    level = view.LEARNED * data.attrs["mean_square"]
    lower = data.assign(loss=xr.where(data.loss.notnull() & (data.l_plus == 2), 0.9 * level, data.loss))
    assert int(view.learned(lower).sum()) == 2 * 3 * 2 * SMALL.seeds
    assert view.share(lower.sel(width=2, l_plus=2)).estimate == 1


def test_results_follow_the_seed_and_not_the_folder(tmp_path: Path) -> None:
    tiny = replace(SMALL, widths=(2,), imbalances=(0.1,), seeds=1)
    plain = phase_diagram.run(seed=1, size=tiny)
    for _ in range(2):
        xr.testing.assert_identical(plain, phase_diagram.run(seed=1, size=tiny, folder=tmp_path))
    assert len(list(tmp_path.glob("*.nc"))) == 3


def test_blocks_can_be_sent_to_another_process() -> None:
    block = partial(phase_diagram.compute, size=SMALL, seed=1, device="cpu")
    sent = pickle.loads(pickle.dumps(block))
    xr.testing.assert_identical(block("random-c0.1-l2"), sent("random-c0.1-l2"))


def test_sizes_are_checked() -> None:
    for wrong in (
        replace(SMALL, seeds=0),
        replace(SMALL, widths=(0,)),
        replace(SMALL, rules=("fair",)),
        replace(SMALL, imbalances=()),
    ):
        with pytest.raises(DimensionError, match="at least one"):
            phase_diagram.run(size=wrong)
    with pytest.raises(ImbalanceError, match="expected positive"):
        phase_diagram.run(size=replace(SMALL, imbalances=(0.0,)))
