"""Figures 6 and A3: the curves against sums written out, the crossings against the curves."""

from __future__ import annotations

import io
from fractions import Fraction
from math import comb, factorial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from rich.console import Console

from numerics.experiments.simsek import figure_6
from numerics.experiments.simsek.figure_6 import Size
from quadrics.errors import DimensionError


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return figure_6.run(size=Size(r_star=(12, 6), reach=3, peaks=40))


def surjections(r: int, m: int) -> int:
    return sum((-1) ** (r - i) * comb(r, i) * i**m for i in range(r + 1))


def bell(n: int) -> int:
    return sum(surjections(k, n) // factorial(k) for k in range(n + 1))


def minima(r: int, m: int) -> int:
    return sum(comb(m, u) * surjections(r, m - u) * bell(u) for u in range(m - r + 1))


def test_curves_are_the_quotients_of_the_paper(data: xr.Dataset) -> None:
    for r in (12, 6):
        for m in (r, r + 1, 2 * r, 3 * r):
            below = minima(r, m)
            one = data.sel(r_star=r, m=m)
            for k in (1, 2, 3):
                assert float(one.ratio.sel(k=k)) == float(Fraction(surjections(r - k, m), below))
            total = sum(surjections(r - k, m) for k in range(1, r))
            assert float(one.total) == float(Fraction(total, below))


def test_crossings_are_those_of_the_curves(data: xr.Dataset) -> None:
    for r in (12, 6):
        one = data.sel(r_star=r).dropna("m")
        assert int(one.total_crossover) == int(one.m[int((one.total < 1).argmax("m"))])
        for k in (1, 2, 3):
            curve = one.ratio.sel(k=k)
            assert int(one.crossover.sel(k=k)) == int(one.m[int((curve < 1).argmax("m"))])
    assert data.ratio.sel(r_star=6, m=[19, 36]).isnull().all()
    assert data.ratio.sel(r_star=12, m=[6, 11]).isnull().all()


def test_peaks(data: xr.Dataset) -> None:
    for m in (1, 7, 40):
        counts = [surjections(r, m) for r in range(m + 1)]
        assert int(data.peak_G.sel(width=m)) == counts.index(max(counts))
        counts = [minima(r, m) for r in range(m + 1)]
        assert int(data.peak_T.sel(width=m)) == counts.index(max(counts))
    assert data.attrs["peak"] == pytest.approx(0.5 / np.log(2))


def test_figure_and_table(data: xr.Dataset, tmp_path: Path) -> None:
    figure_6.figure(data).savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    console = Console(width=150, record=True, file=io.StringIO())
    console.print(figure_6.table(data))
    text = console.export_text()
    assert str(int(data.total_crossover.sel(r_star=12))) in text
    assert "nan" not in text


def test_the_sizes_of_the_paper() -> None:
    one = figure_6.run(size=Size(r_star=(30,), reach=2, peaks=1))
    assert int(one.total_crossover[0]) == 42
    assert float(one.total.sel(m=30)[0]) == pytest.approx(42990.3, abs=0.05)


def test_bad_sizes_are_refused() -> None:
    for wrong in (Size(r_star=()), Size(r_star=(3,)), Size(reach=1), Size(peaks=0)):
        with pytest.raises(DimensionError, match="r\\*"):
            figure_6.run(size=wrong)
