"""Figure 1 (d, e) at a small size: teacher and students against plain modules, the order of widths, the views."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr
from matplotlib.figure import Figure
from rich.console import Console

from numerics.experiments.simsek import figure_1
from numerics.experiments.simsek.figure_1 import Size
from numerics.experiments.simsek.figure_1_view import losses
from quadrics.errors import DeviceError, DimensionError, ResultsError

SMALL = Size(widths=(2, 6), seeds=(6, 4), points=13, adam=200, steps=250, teacher=300)
TINY = Size(widths=(2, 3), seeds=(2, 1), points=5, adam=3, steps=3, teacher=3)


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return figure_1.run(seed=1, size=SMALL)


def test_the_grid_and_the_target_are_those_of_the_paper() -> None:
    x = figure_1.grid(41)
    assert x.shape == (1681, 2)
    whole = (4 * x).round()
    assert torch.allclose(4 * x, whole, rtol=0, atol=1e-13)
    assert sorted({tuple(row) for row in whole.tolist()}) == [(i, j) for i in range(-20, 21) for j in range(-20, 21)]
    plain = torch.sin(2 * x[:, 0]) + x[:, 0] + torch.cos(3 * x[:, 1]) - 0.4 * (x[:, 1] - 1) ** 2
    torch.testing.assert_close(figure_1.target(x), plain, rtol=1e-13, atol=1e-13)


def test_wide_students_end_below_narrow_ones(data: xr.Dataset) -> None:
    assert losses(data, 6)[-1] < losses(data, 2)[0] / 10
    assert bool((data.adam <= data.start).where(data.loss.notnull(), True).all())
    assert bool((data.loss <= data.adam).where(data.loss.notnull(), True).all())
    assert data.parameters.values.tolist() == [21, 109]


def test_the_teacher_is_fitted_and_its_error_is_the_one_reported(data: xr.Dataset) -> None:
    error = float(((data.target - data.teacher) ** 2).mean())
    assert data.attrs["teacher_loss"] == pytest.approx(error, rel=1e-10)
    assert 1e-6 < error < 0.2 * float(data.target.var())


def test_students_start_from_their_own_draws(data: xr.Dataset) -> None:
    students = figure_1.draw(6, 2, 1)
    y = torch.from_numpy(data.teacher.values).flatten()
    plain = (students.output(figure_1.grid(13))[..., 0] - y).square().mean(1)
    np.testing.assert_allclose(data.start.sel(width=2), plain, rtol=1e-11)
    teacher, student = figure_1.draw(1, 4, 1, teacher=True), figure_1.draw(1, 4, 1)
    assert not torch.equal(teacher.flatten(), student.flatten())
    assert not torch.equal(figure_1.draw(1, 4, 2).flatten(), student.flatten())


def test_missing_students_are_missing(data: xr.Dataset) -> None:
    assert data.loss.notnull().sum("seed").values.tolist() == [6, 4]
    assert len(losses(data, 6)) == 4
    assert (np.diff(losses(data, 2)) >= 0).all()


def test_figure_and_table(data: xr.Dataset, tmp_path: Path) -> None:
    drawing = figure_1.figure(data)
    assert isinstance(drawing, Figure)
    drawing.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    students = drawing.axes[2]
    assert students.get_xlabel() == "final mean squared error"
    drawn = [line.get_xdata() for line in students.get_lines()[:2]]
    np.testing.assert_array_equal(drawn[0], losses(data, 2))
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(figure_1.table(data))
    text = console.export_text()
    assert "6-6-6" in text
    assert "too few" in text  # four students have no interval of their median
    assert "inf" not in text
    assert f"{np.median(losses(data, 6)):.2g}" in text
    assert "nan" not in text


def test_results_follow_the_seed_and_not_the_folder(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    plain = figure_1.run(seed=1, size=TINY, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    for _ in range(2):
        xr.testing.assert_identical(plain, figure_1.run(seed=1, size=TINY, folder=tmp_path))
    assert len(list(tmp_path.glob("*.nc"))) == 3
    assert not figure_1.run(seed=2, size=TINY).loss.equals(plain.loss)
    with pytest.raises(ResultsError):
        figure_1.run(seed=2, size=TINY, folder=tmp_path)


def test_bad_sizes_and_devices_are_refused() -> None:
    for wrong in (
        replace(TINY, widths=()),
        replace(TINY, widths=(2, 0)),
        replace(TINY, seeds=(2,)),
        replace(TINY, seeds=(2, 0)),
        replace(TINY, points=1),
        replace(TINY, steps=0),
    ):
        with pytest.raises(DimensionError, match="positive"):
            figure_1.run(size=wrong)
    with pytest.raises(DimensionError, match="once"):
        figure_1.run(size=replace(TINY, widths=(2, 2)))
    with pytest.raises(DeviceError):
        figure_1.run(size=TINY, device="abacus")
