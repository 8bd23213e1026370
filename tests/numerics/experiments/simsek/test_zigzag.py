"""Adam and gradient descent on digits at a small size: against torch, the contrast between them, the views."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr
from rich.console import Console
from torch import nn
from torch.nn import functional

from numerics.experiments.simsek import digits, zigzag
from numerics.experiments.simsek.zigzag import Size
from quadrics.errors import DeviceError, DimensionError

SMALL = Size(widths=(4, 200), seeds=(3, 2), steps=100, every=18)
TINY = Size(widths=(2, 3), seeds=(2, 1), steps=3, every=60)


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return zigzag.run(seed=3, size=SMALL)


def test_descent_is_torchs_from_the_networks_that_adam_starts_from(data: xr.Dataset) -> None:
    x, y = digits.images()
    x, y = x[::18], y[::18]
    assert data.attrs["images"] == len(x) == 100
    start = digits.initial(2, 200, 3).layers(1)
    net = nn.Sequential(nn.Linear(64, 200), nn.Softplus(threshold=40), nn.Linear(200, 10)).double()
    net.load_state_dict({"0.weight": start.W1, "0.bias": start.b1, "2.weight": start.W2, "2.bias": start.b2})
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
    here = data.sel(optimizer="descent", width=200, seed=1)
    for t in range(SMALL.steps):
        optimizer.zero_grad()
        functional.cross_entropy(net(x), y).backward()  # type: ignore[no-untyped-call]
        size = sum(float(p.grad.square().sum()) for p in net.parameters() if p.grad is not None)
        assert float(here.gradient[t]) == pytest.approx(size, rel=1e-8)
        optimizer.step()
    first = data.gradient.isel(step=0)
    np.testing.assert_array_equal(first.sel(optimizer="Adam"), first.sel(optimizer="descent"))


def test_only_adam_zigzags_in_wide_networks(data: xr.Dataset) -> None:
    turns = data.gradient_turns.sel(width=200)
    assert bool((turns.sel(optimizer="Adam")[:2] >= 2).all())
    assert bool((turns.sel(optimizer="descent")[:2] == 0).all())


def test_missing_networks_are_missing(data: xr.Dataset) -> None:
    assert data.gradient_turns.notnull().sum("seed").values.tolist() == [[3, 2], [3, 2]]


def test_figure_and_table(data: xr.Dataset, tmp_path: Path) -> None:
    drawing = zigzag.figure(data)
    drawing.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    assert len(drawing.axes) == 4
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(zigzag.table(data))
    text = console.export_text()
    assert "gradient descent, h = 0.05" in text
    assert "nan" not in text


def test_results_follow_the_seed_and_not_the_folder(tmp_path: Path) -> None:
    plain = zigzag.run(seed=1, size=TINY)
    for _ in range(2):
        xr.testing.assert_identical(plain, zigzag.run(seed=1, size=TINY, folder=tmp_path))
    assert len(list(tmp_path.glob("*.nc"))) == 4
    assert not zigzag.run(seed=2, size=TINY).loss.equals(plain.loss)


def test_bad_sizes_and_devices_are_refused() -> None:
    for wrong in (replace(TINY, widths=()), replace(TINY, seeds=(2,)), replace(TINY, every=0), replace(TINY, steps=1)):
        with pytest.raises(DimensionError, match="positive"):
            zigzag.run(size=wrong)
    with pytest.raises(DimensionError, match="once"):
        zigzag.run(size=replace(TINY, widths=(2, 2)))
    with pytest.raises(DeviceError):
        zigzag.run(size=TINY, device="abacus")
