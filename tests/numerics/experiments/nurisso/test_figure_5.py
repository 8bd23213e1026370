"""Figure 5: the corrected formulas pass on drawn networks, the printed ones fail, and runs resume."""

import io

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from rich.console import Console

from numerics.experiments.nurisso import figure_5
from numerics.experiments.nurisso.figure_5 import Size
from numerics.initialize import sample
from quadrics.errors import DeviceError, DimensionError, ResultsError
from quadrics.initialization import HiddenBias, kaiming_normal, xavier_normal

SMALL = Size(networks=1500, grid=(1, 2, 4, 9))


@pytest.fixture(scope="module")
def data():
    return figure_5.run(size=SMALL, seed=3)


def test_corrected_formulas_pass_and_printed_ones_fail(data):
    assert not figure_5.outside(data).any()
    printed = figure_5.outside(data, "printed")
    assert printed.sel(scheme="xavier").mean() > 0.8
    assert printed.sel(scheme="kaiming", inputs=1).all()
    assert not printed.sel(scheme="kaiming").isel(inputs=slice(1, None)).any()


def test_maps(data):
    assert data["map"].shape == (2, 100, 100)
    for name, scheme in (("xavier", xavier_normal()), ("kaiming", kaiming_normal())):
        for d, l in ((1, 5), (2, 7), (30, 90)):
            exact = float(scheme.obstruction_probability(d, l))
            assert abs(float(data["map"].sel(scheme=name, d=d, l=l)) - exact) < 1e-12
    assert int((data.printed_map.sel(scheme="xavier") > 0.5).sum()) == 9844


def test_figure_and_table(data):
    drawing = figure_5.figure(data)
    assert isinstance(drawing, Figure)
    assert len([axis for axis in drawing.axes if axis.get_title()]) == 3
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(figure_5.table(data))
    text = console.export_text()
    assert "16 of 16" in text
    assert "as printed" in text


def test_a_seed_means_the_same_run(data):
    again = figure_5.run(size=SMALL, seed=3)
    assert again.identical(data)
    assert not figure_5.run(size=SMALL, seed=4).disconnected.equals(data.disconnected)


def test_chunks_do_not_change_what_is_counted(monkeypatch):
    def count():
        return figure_5.count_disconnected(xavier_normal(), 300, 3, 5, torch.Generator().manual_seed(1))

    whole = sample(xavier_normal(), 300, 3, 5, torch.Generator().manual_seed(1))
    assert count() == int((whole.imbalance() < 0).any(1).sum())
    monkeypatch.setattr(figure_5, "MOST_NUMBERS", 7 * 20)
    rate = count() / 300
    exact = float(xavier_normal().obstruction_probability(3, 5))
    assert abs(rate - exact) < 5 * (exact * (1 - exact) / 300) ** 0.5


def test_a_bias_connects_one_input():
    source = torch.Generator().manual_seed(0)
    found = figure_5.count_disconnected(kaiming_normal(HiddenBias.ZERO), 400, 1, 3, source)
    exact = float(kaiming_normal().some_pathological_probability(1, 3))
    assert abs(found / 400 - exact) < 5 * (exact * (1 - exact) / 400) ** 0.5


def test_runs_resume(tmp_path):
    size = Size(networks=50, grid=(1, 2))
    seen = []
    first = figure_5.run(size=size, folder=tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (4, 4)
    assert figure_5.run(size=size, folder=tmp_path).identical(first)
    with pytest.raises(ResultsError):
        figure_5.run(size=size, seed=1, folder=tmp_path)


def test_errors():
    with pytest.raises(DimensionError):
        figure_5.run(size=Size(networks=0, grid=(1,)))
    with pytest.raises(DimensionError):
        figure_5.run(size=Size(networks=5, grid=()))
    with pytest.raises(DeviceError):
        figure_5.run(size=SMALL, device="warp drive")


def test_a_small_grid_keeps_its_shape():
    data = figure_5.run(size=Size(networks=20, grid=(3,)))
    assert data.disconnected.shape == (2, 1, 1)
    assert np.isfinite(data.formula).all()
