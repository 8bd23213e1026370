"""The study of optimizers at a small size: its starts, a run against torch's own, and how it is summed up."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr
from rich.console import Console
from torch.nn.functional import binary_cross_entropy_with_logits

from numerics.batch import Batch
from numerics.boost_optimizer import BoostSGD, homogeneous_pairs
from numerics.data import breast_cancer
from numerics.experiments.nurisso import optimizers
from numerics.experiments.nurisso import optimizers_view as view
from numerics.experiments.nurisso.optimizers import OPTIMIZERS, Size, Watch
from numerics.objective import Gradient
from quadrics.errors import DimensionError

SMALL = Size(
    seeds=3, steps=12, rates=(0.01, 0.1), points=60, optimizers=("GD", "SGD", "momentum", "Adam", "L1", "BoostGD")
)


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return optimizers.run(seed=2, size=SMALL)


@pytest.mark.parametrize("task", optimizers.TASKS)
def test_all_start_obstructed_and_above_the_bound(task: str) -> None:
    batch, objective, bound = optimizers.task_of(task, SMALL, seed=2)
    assert torch.allclose(batch.imbalance(), torch.full_like(batch.imbalance(), -0.1), atol=1e-12)
    assert bool((batch.W2 > 0).all())
    assert bool((objective.loss(batch) > bound).all())
    silent = batch.replace(0 * batch.W1, batch.W2)
    if task == "toy":
        assert objective.loss(silent).tolist() == pytest.approx([bound] * 3, rel=1e-12)  # f = 0 attains it
    else:
        share = float((breast_cancer(2)[0].y == 0).double().mean())
        assert bound == pytest.approx(math.log(2) * share)


def test_a_row_is_that_of_torchs_optimizer(data: xr.Dataset) -> None:
    fit, _ = breast_cancer(2)
    start, _, _ = optimizers.task_of("cancer", SMALL, seed=2)
    makers = {
        "momentum": lambda p, rate: torch.optim.SGD(p, rate, momentum=0.9),
        "Adam": lambda p, rate: torch.optim.Adam(p, rate),
    }
    boosted = {"BoostGD": lambda module, rate: BoostSGD(module.parameters(), homogeneous_pairs(module), rate)}
    made = {name: lambda module, rate, by=by: by(module.parameters(), rate) for name, by in makers.items()} | boosted
    for name, make in made.items():
        for i, module in enumerate(start.to_modules()):
            optimizer = make(module, 0.1)
            before = Batch.from_modules([module]).imbalance()
            for _ in range(SMALL.steps):
                optimizer.zero_grad()
                binary_cross_entropy_with_logits(module(fit.x), fit.y).backward()  # type: ignore[no-untyped-call]
                optimizer.step()
            here = data.sel(task="cancer", optimizer=name, rate=0.1, seed=i)
            rise = (Batch.from_modules([module]).imbalance() - before)[0].detach()
            assert here.rise.values == pytest.approx(rise.numpy(), abs=1e-9)
            loss = binary_cross_entropy_with_logits(module(fit.x), fit.y)
            assert float(here.loss) == pytest.approx(loss.item(), rel=1e-9)


def test_the_watch_counts_what_happens() -> None:
    def net(w: list[float], a: list[float]) -> Batch:
        return Batch(
            torch.tensor(w, dtype=torch.float64).reshape(1, 3, 1), torch.tensor(a, dtype=torch.float64).reshape(1, 1, 3)
        )

    watch, rows = Watch(steps=[0], keep=[]), torch.tensor([0])
    path = [net([1, 1, 3], [2, 2, 2]), net([1, 3, 3], [-2, 2, -2]), net([1, 1, 3], [2, 2, 2])]
    watch.start(path[0], 2)
    for before, after in pairwise(path):
        watch.after_step(rows, before, after, Gradient(before.W1, before.W2))
    assert watch.positive.tolist() == [[False, True, True]]
    assert watch.early.tolist() == [[2, 0, 0]]
    assert watch.flips.tolist() == [[2, 0, 2]]
    assert watch.largest.tolist() == [[0, 8, 0]]
    assert watch.size.tolist() == [[5, 13, 13]]


def test_boosts_drift_by_rounding_and_the_others_by_far_more(data: xr.Dataset) -> None:
    shares = (data.excursion / view.rounding(data)).max(("task", "rate", "seed", "neuron"))
    assert float(shares.sel(optimizer="BoostGD")) < 1
    assert float(shares.drop_sel(optimizer="BoostGD").min()) > 1e6
    # d + 21 roundings of eps (|w|^2 + |a|^2) before and after each of 12 steps, with 2 and 30 inputs.
    one = view.rounding(data).isel(optimizer=0, rate=0, seed=0, neuron=0)
    size = data.largest.isel(optimizer=0, rate=0, seed=0, neuron=0)
    assert (one / size).values == pytest.approx([12 * k * 2 * 2**-52 for k in (23, 51)])


def test_lifted_is_below_the_bound(data: xr.Dataset) -> None:
    assert not bool(view.lifted(data).any())
    lower = data.assign(loss=data.loss.where(data.optimizer != "Adam", 0.5 * data.bound))
    counts = view.summary(lower).lifted.sel(rate=0.1)
    assert counts.sel(optimizer="Adam").values.tolist() == [3, 3]
    assert counts.sel(optimizer="GD").values.tolist() == [0, 0]


def test_summary_leaves_out_what_diverged(data: xr.Dataset) -> None:
    broken = data.copy(deep=True)
    broken.finite[0, 0, 0, 0] = False
    broken.rise[0, 0, 0, 0] = np.inf
    one = view.summary(broken).isel(task=0, optimizer=0, rate=0)
    assert int(one.finite) == 2
    assert float(one.rise) == float(np.median(data.rise.values[0, 0, 0, 1:]))


def test_figure_and_table(data: xr.Dataset, tmp_path: Path) -> None:
    optimizers.figure(data).savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    console = Console(width=250, record=True, file=(tmp_path / "table.txt").open("w"))
    console.print(optimizers.table(data))
    text = console.export_text()
    drift = float(data.excursion.sel(task="toy", optimizer="GD", rate=0.1).median())
    assert f"{drift:.2g}" in text
    assert "nan" not in text


def test_results_follow_the_seed_and_not_the_folder(tmp_path: Path) -> None:
    tiny = replace(SMALL, seeds=1, steps=2, optimizers=("SGD", "L2"))
    plain = optimizers.run(seed=1, size=tiny)
    for _ in range(2):
        xr.testing.assert_identical(plain, optimizers.run(seed=1, size=tiny, folder=tmp_path))
    assert len(list(tmp_path.glob("*.nc"))) == 4


def test_blocks_can_be_sent_to_another_process() -> None:
    tiny = replace(SMALL, seeds=1, steps=2)
    block = partial(optimizers.compute, size=tiny, seed=1, device="cpu")
    sent = pickle.loads(pickle.dumps(block))
    xr.testing.assert_identical(block("toy-SGD"), sent("toy-SGD"))


def test_sizes_are_checked() -> None:
    for wrong in (
        replace(SMALL, seeds=0),
        replace(SMALL, rates=()),
        replace(SMALL, tasks=("weather",)),
        replace(SMALL, optimizers=("Nobody",)),
    ):
        with pytest.raises(DimensionError, match="at least one"):
            optimizers.run(size=wrong)


def test_every_optimizer_is_there() -> None:
    rates = torch.tensor([0.1, 0.2])
    assert all(entry.make(rates).h is rates for entry in OPTIMIZERS.values())  # type: ignore[attr-defined]
