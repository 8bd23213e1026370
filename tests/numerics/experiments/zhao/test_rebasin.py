"""Barriers on digits at a small size: against torch's own losses, what symmetries must leave alone, and the views."""

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
from sklearn.datasets import load_digits
from torch import nn

from numerics.experiments.zhao import rebasin
from numerics.experiments.zhao.rebasin import SCALES, STAGES, Size, initial
from numerics.tools.alignment import align
from quadrics.activation import relu
from quadrics.errors import DeviceError, DimensionError, ResultsError

SMALL = Size(widths=(6, 20), pairs=3, steps=150, every=6, grid=11)
TINY = Size(widths=(4, 5), pairs=1, steps=5, every=30, grid=5)


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return rebasin.run(seed=3, size=SMALL)


def test_stored_and_aligned_losses_are_torchs(data: xr.Dataset) -> None:
    """Training is repeated by torch; only the first pair, at the ends and in the middle."""
    pixels, labels = load_digits(return_X_y=True)
    x, y = torch.tensor(pixels / 16).float()[::6], torch.tensor(labels)[::6]
    trained = []
    for k in range(2):
        start = initial(6, 20, 3).layers(k)
        net = nn.Sequential(nn.Linear(64, 20), nn.ReLU(), nn.Linear(20, 10))
        net.load_state_dict({"0.weight": start.W1, "0.bias": start.b1, "2.weight": start.W2, "2.bias": start.b2})
        optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
        for _ in range(SMALL.steps):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
        trained.append(net.double())
    layers = [rebasin.Layers(n[0].weight.data, n[2].weight.data, n[0].bias.data, n[2].bias.data) for n in trained]
    aligned = align(*layers, relu).second
    here = data.sel(width=20, pair=0, scale="as trained")
    for stage, other in (("as stored", layers[1]), ("aligned", aligned)):
        for k in (0, 5, 10):
            mixed = [
                torch.lerp(a, b, k / 10)
                for a, b in zip(layers[0], other, strict=True)
                if a is not None and b is not None
            ]
            net = nn.Sequential(nn.Linear(64, 20), nn.ReLU(), nn.Linear(20, 10)).double()
            net.load_state_dict(dict(zip(("0.weight", "2.weight", "0.bias", "2.bias"), mixed, strict=True)))
            loss = nn.functional.cross_entropy(net(x.double()), y)
            # Adam's quotients magnify the rounding of single precision along 150 steps.
            assert float(here.loss.sel(stage=stage)[k]) == pytest.approx(loss.item(), rel=1e-3)


def test_a_rescaled_network_is_aligned_like_the_original(data: xr.Dataset) -> None:
    one, other = (data.sel(scale=scale) for scale in SCALES)
    np.testing.assert_allclose(one.loss.sel(stage="aligned"), other.loss.sel(stage="aligned"), rtol=1e-9)
    # The ends are the same functions whatever was done; between them plain weight matching is lost.
    for stage in STAGES:
        np.testing.assert_allclose(
            one.loss.sel(stage=stage).isel(t=[0, -1]), other.loss.sel(stage=stage).isel(t=[0, -1]), rtol=1e-9
        )
    assert (other.barrier.sel(stage="permuted") > other.barrier.sel(stage="aligned")).all()
    assert (one.barrier.sel(stage="as stored") > one.barrier.sel(stage="aligned")).all()


def test_barriers_are_read_off_the_losses(data: xr.Dataset) -> None:
    line = data.loss.isel(t=0) + data.t * (data.loss.isel(t=-1) - data.loss.isel(t=0))
    highest = (data.loss - line).max("t")
    assert (data.barrier >= highest - 1e-12).all()
    assert (data.barrier <= highest * 1.2 + 1e-12).all()  # refined between points a tenth apart
    assert (data.unevenness > 0.01).all()


def test_figure_and_table(data: xr.Dataset, tmp_path: Path) -> None:
    drawing = rebasin.figure(data)
    assert isinstance(drawing, Figure)
    drawing.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    assert "300 digits" in drawing.get_suptitle()
    assert drawing.axes[0].get_title() == "width 20, second network as trained"
    console = Console(width=220, record=True, file=io.StringIO())
    console.print(rebasin.table(data))
    text = console.export_text()
    assert f"{float(data.barrier.sel(width=6, scale='rescaled', stage='permuted').median()):.3g} (" in text
    assert "nan" not in text


def test_results_follow_the_seed_and_not_the_folder(tmp_path: Path) -> None:
    plain = rebasin.run(seed=1, size=TINY)
    for _ in range(2):
        xr.testing.assert_identical(plain, rebasin.run(seed=1, size=TINY, folder=tmp_path))
    assert len(list(tmp_path.glob("*.nc"))) == 2
    assert not rebasin.run(seed=2, size=TINY).loss.equals(plain.loss)
    with pytest.raises(ResultsError):
        rebasin.run(seed=2, size=TINY, folder=tmp_path)


def test_bad_sizes_and_devices_are_refused() -> None:
    for change in ({"widths": ()}, {"widths": (2, 0)}, {"pairs": 0}, {"steps": 0}, {"every": 0}, {"grid": 4}):
        with pytest.raises(DimensionError, match="positive"):
            rebasin.run(size=replace(TINY, **change))  # type: ignore[arg-type]
    with pytest.raises(DimensionError, match="once"):
        rebasin.run(size=replace(TINY, widths=(2, 2)))
    with pytest.raises(DeviceError):
        rebasin.run(size=TINY, device="abacus")
