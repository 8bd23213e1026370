"""Figure 4's experiment at a small size: its initial networks, its cells against single networks, its views."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr
from rich.console import Console
from torch.nn.functional import binary_cross_entropy_with_logits

from numerics.data import breast_cancer
from numerics.experiments.nurisso import figure_4
from numerics.experiments.nurisso import figure_4_view as view
from numerics.experiments.nurisso.figure_4 import PROTOCOLS, RATE, Size
from quadrics.errors import DimensionError

SMALL = Size(widths=(2, 3, 4), seeds=3, steps=10, ends_only=("A",))


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return figure_4.run(seed=2, size=SMALL, dtype=torch.float64)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_initial_networks_are_what_the_protocol_says(name: str) -> None:
    protocol = PROTOCOLS[name]
    batch = figure_4.initial(protocol, 3, range(4), seeds=50, seed=0)
    assert batch.n == 200
    c = batch.imbalance().reshape(4, 50, 3)
    for l_plus in range(4):
        wanted = protocol.imbalance * torch.tensor([1.0 if k < l_plus else -1.0 for k in range(3)])
        torch.testing.assert_close(c[l_plus], wanted.double().expand(50, 3), rtol=0, atol=1e-12)
    positive = (batch.W2 > 0).double().mean()
    assert float(positive) == 1 if protocol.positive else 0.3 < float(positive) < 0.7


def test_cells_of_an_initialization_compute_the_same_function() -> None:
    x = breast_cancer(0)[0].x[:20]
    outputs = figure_4.initial(PROTOCOLS["F"], 4, range(5), seeds=6, seed=1).output(x).reshape(5, 6, 20)
    torch.testing.assert_close(outputs, outputs[:1].expand_as(outputs), rtol=1e-11, atol=1e-12)


def test_neurons_are_shared_by_widths_protocols_and_numbers_of_initializations() -> None:
    wide = figure_4.initial(PROTOCOLS["D"], 4, [0], seeds=5, seed=1)
    narrow = figure_4.initial(PROTOCOLS["A"], 2, [0], seeds=3, seed=1)

    def directions(batch: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(batch, dim=2)

    torch.testing.assert_close(directions(narrow.W1), directions(wide.W1[:3, :2]), rtol=0, atol=1e-14)


def test_a_cell_is_that_of_networks_trained_one_by_one(data: xr.Dataset) -> None:
    train, test = breast_cancer(2)
    start = figure_4.initial(PROTOCOLS["C"], 3, [1], seeds=3, seed=2)
    for i, module in enumerate(start.to_modules()):
        optimizer = torch.optim.SGD(module.parameters(), lr=RATE)
        for _ in range(SMALL.steps):
            optimizer.zero_grad()
            binary_cross_entropy_with_logits(module(train.x), train.y).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        here = data.sel(protocol="C", width=3, l_plus=1, seed=i)
        with torch.no_grad():
            loss = binary_cross_entropy_with_logits(module(test.x), test.y)
            hits = ((module(test.x) > 0) == (test.y > 0.5)).double().mean()
        assert float(here.test_loss) == pytest.approx(float(loss), abs=1e-12)
        assert float(here.accuracy) == pytest.approx(float(hits))


def test_missing_cells_are_missing_and_no_others(data: xr.Dataset) -> None:
    for name in PROTOCOLS:
        for width in SMALL.widths:
            there = np.isfinite(data.test_loss.sel(protocol=name, width=width)).all("seed").values
            wanted = [0, width] if name == "A" else range(width + 1)
            assert np.flatnonzero(there).tolist() == list(wanted)


def test_positive_networks_stay_positive_and_above_their_bound(data: xr.Dataset) -> None:
    stuck = data.sel(protocol=["C", "D"], l_plus=0)
    assert bool((stuck.all_positive == 1).all())
    assert bool((stuck.test_loss >= data.positive_bound).all())
    assert data.positive_bound == pytest.approx(np.log(2) * data.share_of_class_0)
    assert float(data.flips.sum()) == 0


def synthetic(loss_of: xr.DataArray) -> xr.Dataset:
    return xr.Dataset({"test_loss": loss_of})


def test_trends_of_a_loss_that_depends_on_the_number_alone() -> None:
    widths, l_plus = np.array([2, 3, 4]), np.arange(5)
    values = np.where(l_plus[None] <= widths[:, None], -1.0 * l_plus[None], np.nan)
    loss = xr.DataArray(
        np.repeat(values[None, :, :, None], 2, axis=3),
        dims=("protocol", "width", "l_plus", "seed"),
        coords={"protocol": ["D"], "width": widths, "l_plus": l_plus},
    )
    made = synthetic(loss)
    assert view.spearman_within_width(made, "D") == pytest.approx({2: -1.0, 3: -1.0, 4: -1.0})
    assert view.drops(made, "D").tolist() == [3.0, 3.0]
    assert view.spearman_at_fixed_fraction(made, "D")["1"] == pytest.approx(-1.0)
    assert np.isnan(view.spearman_at_fixed_number(made, "D")[0])  # no change: no rank correlation
    assert {(w, k) for w, k, _ in view.complete(made, "D")} == {(w, k) for w in (2, 3, 4) for k in range(w + 1)}


def test_figure_and_table(data: xr.Dataset, tmp_path: Path) -> None:
    figure_4.figure(data).savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    console = Console(width=200, record=True, file=(tmp_path / "table.txt").open("w"))
    console.print(figure_4.table(data))
    text = console.export_text()
    assert f"{float(data.test_loss.sel(protocol='D', width=4, l_plus=2).mean()):.4f}" in text
    assert "nan" not in text


def test_results_follow_the_seed_and_not_the_folder(tmp_path: Path) -> None:
    tiny = replace(SMALL, widths=(2, 3), seeds=1, steps=2)
    plain = figure_4.run(seed=1, size=tiny)
    for _ in range(2):
        xr.testing.assert_identical(plain, figure_4.run(seed=1, size=tiny, folder=tmp_path))
    assert len(list(tmp_path.glob("*.nc"))) == 8


def test_sizes_are_checked() -> None:
    tiny = replace(SMALL, widths=(2,), seeds=1, steps=2)
    for wrong in (replace(tiny, seeds=0), replace(tiny, widths=()), replace(tiny, widths=(0,))):
        with pytest.raises(DimensionError, match="at least one"):
            figure_4.run(size=wrong)
