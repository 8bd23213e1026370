"""Figure 2: values from the formula, exact critical points, flows that keep their side, and runs that resume."""

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from rich.console import Console

from numerics.experiments.simsek import figure_2
from numerics.experiments.simsek.figure_2 import KINDS, Size, window
from quadrics.errors import DeviceError, DimensionError, ResultsError
from quadrics.expansion.losses.toy import toy_figures

SMALL = Size(grid=20, lines=2)


@pytest.fixture(scope="module")
def data():
    return figure_2.run(size=SMALL, seed=1)


def test_values_are_those_of_the_formula(data):
    for name, loss in toy_figures().items():
        one = data.sel(block=name)
        a, b, w = float(loss.a), float(loss.b), np.asarray(one.w)
        u, v = np.meshgrid(w, w, indexing="ij")
        expected = np.log(((u + v - a) ** 2 + (u * v - b) ** 2) / 2 + 1)  # as the caption has it
        assert np.allclose(one.loss, expected, rtol=1e-12)
        assert (w[0], w[-1]) == window(loss)


def test_points(data):
    assert data.kind.sum("point").values.tolist() == [0, 5, 0, 0]  # -1 where there is none
    second = data.sel(block="2nd")
    assert np.allclose(second.place[2], -9.76939, atol=1e-5)
    assert np.allclose(second.level, [0, 0, 6.9110, 8.5792, 2.5935], atol=1e-4)
    assert KINDS[int(second.kind[2])].value == "local minimum"


def test_flows_end_at_minima_and_keep_their_side(data):
    assert int(data.crossings.sum()) == 0
    for name in data.block.values:
        one = data.sel(block=name)
        kinds = one.kind.values[one.end.values]
        assert (one.end >= 0).all()
        assert set(kinds) <= {0, 1}
        starts, ends = one.line.values[:, 0], one.line.values[:, -1]
        side = np.sign(starts[:, 0] - starts[:, 1])
        assert (np.sign(ends[:, 0] - ends[:, 1])[kinds == 0] == side[kinds == 0]).all()
        assert np.allclose(ends, one.place.values[one.end.values], atol=0.1)


def test_figure_and_table(data):
    drawing = figure_2.figure(data)
    assert isinstance(drawing, Figure)
    assert [axis.get_title()[:3] for axis in drawing.axes] == ["1st", "2nd", "3rd", "4th"]
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(figure_2.table(data))
    text = console.export_text()
    assert text.count("saddle") == 5
    assert text.count("local minimum") == 1
    assert "-9.7694" in text


def test_seeds_and_folders(data, tmp_path):
    size, seen = Size(grid=3, lines=1), []
    first = figure_2.run(size=size, folder=tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (4, 4)
    assert figure_2.run(size=size, folder=tmp_path).identical(first)
    assert not figure_2.run(size=size, seed=1).line.equals(first.line)
    with pytest.raises(ResultsError):
        figure_2.run(size=size, seed=1, folder=tmp_path)


def test_errors():
    for size in (Size(grid=1), Size(lines=0)):
        with pytest.raises(DimensionError):
            figure_2.run(size=size)
    with pytest.raises(DeviceError):
        figure_2.run(size=SMALL, device="warp drive")
