"""Figure 4 with bands: they are the intervals of the means, paired where the cells are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr
from rich.console import Console
from scipy import stats

from numerics.experiments.nurisso import figure_4, figure_4_large
from numerics.experiments.nurisso import figure_4_large_view as view
from numerics.experiments.nurisso.figure_4 import Size

SMALL = Size(widths=(2, 3), seeds=6, steps=20, protocols=("C", "D"), ends_only=("C",))


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return figure_4_large.run(seed=2, size=SMALL, dtype=torch.float64)


def test_the_large_size_is_ten_times_the_papers() -> None:
    assert figure_4_large.LARGE.seeds == 10 * figure_4.FULL.seeds
    assert (figure_4_large.LARGE.widths, figure_4_large.LARGE.steps) == (figure_4.FULL.widths, figure_4.FULL.steps)


def test_bands_are_students_intervals(data: xr.Dataset) -> None:
    two, three = view.bands(data, "D")
    assert (two.width, three.width, three.l_plus.tolist()) == (2, 3, [0, 1, 2, 3])
    sample = data.test_loss.sel(protocol="D", width=3, l_plus=2).values
    low, high = stats.t.interval(0.95, 5, loc=sample.mean(), scale=stats.sem(sample))
    assert three.rows[:, 2] == pytest.approx([sample.mean(), low, high], rel=1e-12)


def test_differences_are_paired(data: xr.Dataset) -> None:
    (band,) = [band for band in view.paired_bands(data, "D") if band.width == 2]
    loss = data.test_loss.sel(protocol="D", width=2)
    difference = (loss.sel(l_plus=2) - loss.sel(l_plus=0)).values
    low, high = stats.t.interval(0.95, 5, loc=difference.mean(), scale=stats.sem(difference))
    assert band.rows[:, 2] == pytest.approx([difference.mean(), low, high], rel=1e-9)
    assert band.rows[:, 0].tolist() == [0, 0, 0]


def test_cells_that_were_not_run_are_left_out(data: xr.Dataset) -> None:
    assert [band.l_plus.tolist() for band in view.bands(data, "C")] == [[0, 2], [0, 3]]


def test_figure_and_table(data: xr.Dataset, tmp_path: Path) -> None:
    figure_4_large.figure(data).savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    console = Console(width=200, record=True, file=(tmp_path / "table.txt").open("w"))
    console.print(figure_4_large.table(data))
    text = console.export_text()
    assert f"{float(data.test_loss.sel(protocol='D', width=3, l_plus=3).mean()):.4g}" in text
    assert "nan" not in text


def test_one_initialization_has_no_band() -> None:
    alone = figure_4_large.run(size=Size(widths=(2,), seeds=1, steps=2, protocols=("D",)))
    assert view.bands(alone, "D") == []
    assert np.isfinite(alone.test_loss.values).all()
