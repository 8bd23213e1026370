"""The experiment on digits at a small size: its norms against torch's own training, its statistics, its views."""

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
from torch.nn import functional

from numerics.experiments.simsek import digits
from numerics.experiments.simsek.digits import Size
from numerics.experiments.simsek.digits_view import selected
from quadrics.errors import DeviceError, DimensionError, ResultsError

SMALL = Size(widths=(3, 12), seeds=(3, 2), steps=60)
TINY = Size(widths=(2, 3), seeds=(2, 1), steps=3, every=3)


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return digits.run(seed=4, size=SMALL)


def test_every_norm_is_that_of_torchs_own_training(data: xr.Dataset) -> None:
    x, y = digits.images()
    for k in range(2):
        start = digits.initial(2, 12, 4).layers(k)
        net = nn.Sequential(nn.Linear(64, 12), nn.Softplus(threshold=40), nn.Linear(12, 10)).double()
        net.load_state_dict({"0.weight": start.W1, "0.bias": start.b1, "2.weight": start.W2, "2.bias": start.b2})
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
        here = data.sel(width=12, seed=k)
        for t in range(SMALL.steps):
            optimizer.zero_grad()
            loss = functional.cross_entropy(net(x), y)
            loss.backward()
            before = [p.detach().clone() for p in net.parameters()]
            optimizer.step()
            size = sum(float(p.grad.square().sum()) for p in net.parameters() if p.grad is not None)
            moved = sum(float((p.detach() - b).square().sum()) for p, b in zip(net.parameters(), before, strict=True))
            # Adam's quotients magnify rounding; sixty steps stay far below a millionth.
            for name, wanted in (("loss", loss.item()), ("gradient", size), ("update", moved)):
                assert float(here[name][t]) == pytest.approx(wanted, rel=1e-6)


def test_the_images_are_all_of_scikit_learns() -> None:
    x, y = digits.images(torch.float32)
    pixels, labels = load_digits(return_X_y=True)
    assert x.dtype == torch.float32
    np.testing.assert_array_equal(16 * x.numpy(), pixels)
    np.testing.assert_array_equal(y.numpy(), labels)


def test_initial_networks_are_glorots() -> None:
    batch = digits.initial(40, 25, 0)
    assert batch.b1 is not None
    assert batch.b2 is not None
    assert not batch.b1.any()
    assert not batch.b2.any()
    for W, bound in ((batch.W1, (6 / 89) ** 0.5), (batch.W2, (6 / 35) ** 0.5)):
        assert 0.99 * bound < float(W.abs().max()) <= bound
    single = digits.initial(40, 25, 0, torch.float32)
    assert torch.equal(single.W1, batch.W1.float())


def test_statistics_are_read_off_the_series(data: xr.Dataset) -> None:
    for width, seed in ((3, 0), (3, 2), (12, 1)):
        one = data.sel(width=width, seed=seed)
        for name in ("gradient", "update"):
            g = one[name].values
            g = g[np.isfinite(g)]
            assert len(g) == SMALL.steps + (name == "gradient")
            quotients = g[1:] / np.minimum.accumulate(g)[:-1]
            assert float(one[f"{name}_rise"]) == pytest.approx(quotients.max())
            assert int(one[f"{name}_top"]) == 1 + int(quotients.argmax())
            assert g[int(one[f"{name}_bottom"])] == g[: int(one[f"{name}_top"])].min()
            signs = np.sign(np.diff(g))
            assert int(one[f"{name}_turns"]) == int((np.diff(signs[signs != 0]) != 0).sum())
        below = np.flatnonzero(one.loss.values < 0.9 * np.log(10))
        assert float(one.left) == (below[0] if len(below) else np.inf)


def test_missing_networks_are_missing(data: xr.Dataset) -> None:
    for name in ("loss", "gradient_rise", "left"):
        there = data[name].notnull()
        there = there.all("step") if "step" in there.dims else there
        assert there.values.tolist() == [[True, True, True], [True, True, False]]


def test_single_precision_sees_the_same(data: xr.Dataset) -> None:
    single = digits.run(seed=4, size=replace(SMALL, double=False))
    np.testing.assert_allclose(single.gradient, data.gradient, rtol=1e-3)
    np.testing.assert_allclose(single.gradient_rise, data.gradient_rise, rtol=1e-3)


def test_figure_and_table(data: xr.Dataset, tmp_path: Path) -> None:
    drawing = digits.figure(data)
    assert isinstance(drawing, Figure)
    drawing.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    assert "1,797 digits" in drawing.get_suptitle()
    assert [axis.get_title() for axis in drawing.axes[:2]] == ["width 3 (3 networks)", "width 12 (2 networks)"]
    rises = data.gradient_rise.sel(width=3).values
    assert rises[selected(data, 3)] == np.median(rises)
    console = Console(width=220, record=True, file=io.StringIO())
    console.print(digits.table(data))
    text = console.export_text()
    assert f"{np.log10(np.median(rises)):.2f}" in text
    assert "nan" not in text


def test_results_follow_the_seed_and_not_the_folder(tmp_path: Path) -> None:
    plain = digits.run(seed=1, size=TINY)
    for _ in range(2):
        xr.testing.assert_identical(plain, digits.run(seed=1, size=TINY, folder=tmp_path))
    assert len(list(tmp_path.glob("*.nc"))) == 2
    assert not digits.run(seed=2, size=TINY).loss.equals(plain.loss)
    with pytest.raises(ResultsError):
        digits.run(seed=2, size=TINY, folder=tmp_path)


def test_part_of_the_images_is_what_the_picture_says() -> None:
    few = digits.run(seed=1, size=TINY)
    assert few.attrs["images"] == 599
    assert "599 digits" in digits.figure(few).get_suptitle()


def test_bad_sizes_and_devices_are_refused() -> None:
    for wrong in (
        replace(TINY, widths=()),
        replace(TINY, widths=(2, 0)),
        replace(TINY, seeds=(2,)),
        replace(TINY, seeds=(2, 0)),
        replace(TINY, steps=1),
    ):
        with pytest.raises(DimensionError, match="positive"):
            digits.run(size=wrong)
    with pytest.raises(DimensionError, match="once"):
        digits.run(size=replace(TINY, widths=(2, 2)))
    with pytest.raises(DeviceError):
        digits.run(size=TINY, device="abacus")
