"""Figures 2 and 4: losses against the formulas, training, resuming, bad input."""

import io

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from rich.console import Console

from numerics.experiments.zhao import figure_2, figure_4
from numerics.experiments.zhao.rescaled_copies import gaps, output, rescaled, straight
from quadrics.errors import DeviceError, DimensionError, ResultsError, SymmetryError

SMALL = figure_4.Size(networks=2, steps=150, polish=True, factors=(3, 40), parts=4)


@pytest.fixture(scope="module")
def trained():
    return figure_4.run(size=SMALL, seed=5)


def text_of(table):
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(table)
    return console.export_text()


def test_figure_2_heights():
    data = figure_2.run()
    for m, height in ((2, 0.125), (5, 0.8), (10, 2.025), (100, 24.5025)):
        one = data.sel(factor=m)
        assert float(one.loss.max()) == pytest.approx(height, rel=1e-13)
        assert float(data.alpha[int(np.argmax(one.loss.values))]) == 0.5
        assert abs(one.loss - one.formula).max() < 1e-12
        assert one.curve.max() < 1e-14
    assert isinstance(figure_2.figure(data), Figure)
    assert "24.5025" in text_of(figure_2.table(data))


def test_figure_4_heights(trained):
    assert trained.trained.max() < 1e-11
    middle = trained.loss.sel(alpha=0.5)
    assert abs(middle / (trained.norm * trained.height) - 1).max() < 1e-9
    assert abs(trained.loss - trained.formula).max() < 1e-9
    assert trained.curve.max() < 1e-10
    assert trained.rounding.max() < 1e-9
    assert isinstance(figure_4.figure(trained), Figure)
    assert "m = 40" in text_of(figure_4.table(trained))


def test_networks_that_did_not_arrive_are_left_out(trained):
    stuck = trained.assign(trained=("network", [1.0, float(trained.trained[1])]))
    assert figure_4.reached(stuck).norm.values.tolist() == [float(trained.norm[1])]
    assert "1 of 2" in figure_4.figure(stuck).axes[1].get_title()
    assert "0 of 2" in figure_4.figure(trained.assign(trained=("network", [1.0, 1.0]))).axes[1].get_title()


def test_descent_alone_reaches_the_target():
    size = figure_4.Size(networks=1, steps=20_000, factors=(2,), parts=2)
    found = figure_4.train(size, seed=3)
    assert float(found.loss) <= figure_4.TARGET
    assert 0 < int(found.steps) < 20_000


def test_networks_do_not_see_each_other():
    alone, beside = (figure_4.train(figure_4.Size(networks=n, steps=60), seed=1) for n in (1, 3))
    assert torch.allclose(alone.loss[0], beside.loss[0], rtol=1e-9)


def test_runs_resume(tmp_path, monkeypatch, trained):
    first = figure_4.run(size=SMALL, seed=5, folder=tmp_path)
    assert first.identical(trained)
    monkeypatch.setattr(figure_4, "_trained", None)  # nothing is trained again
    assert figure_4.run(size=SMALL, seed=5, folder=tmp_path).identical(first)
    with pytest.raises(ResultsError):
        figure_4.run(size=SMALL, seed=6, folder=tmp_path)
    size = figure_2.Size(factors=(3,), parts=4)
    assert figure_2.run(size=size, folder=tmp_path / "2").identical(figure_2.run(size=size, folder=tmp_path / "2"))


def test_rescaled_copies_on_tensors():
    source = torch.Generator().manual_seed(0)
    weights = [torch.randn(2, o, i, generator=source, dtype=torch.float64) for o, i in ((3, 2), (4, 3), (1, 4))]
    X = torch.randn(2, 2, 5, generator=source, dtype=torch.float64)
    Y = output(weights, X, torch.relu)
    copy = rescaled(weights, torch.tensor([0.5, 8.0]))
    assert torch.equal(copy[1][1], 8 * weights[1][1])
    assert gaps(copy, X, Y, torch.relu).max() < 1e-13
    assert gaps(straight(weights, copy, 0.5), X, Y, torch.relu).min() > 1e-3
    with pytest.raises(SymmetryError):
        rescaled(weights, -1.0)


@pytest.mark.parametrize(
    "size", [figure_2.Size(factors=()), figure_2.Size(factors=(0,)), figure_2.Size(parts=3), figure_2.Size(parts=0)]
)
def test_bad_sizes_of_figure_2(size):
    with pytest.raises(DimensionError):
        figure_2.run(size=size)


@pytest.mark.parametrize(
    "size",
    [
        figure_4.Size(networks=0),
        figure_4.Size(steps=-1),
        figure_4.Size(factors=()),
        figure_4.Size(factors=(-2,)),
        figure_4.Size(parts=3),
    ],
)
def test_bad_sizes_of_figure_4(size):
    with pytest.raises(DimensionError):
        figure_4.run(size=size)


def test_devices():
    for experiment in (figure_2, figure_4):
        with pytest.raises(DeviceError):
            experiment.run(device="warp drive")
