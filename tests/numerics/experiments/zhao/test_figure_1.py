"""Figure 1: counts in three ways, meshes on the surfaces, and bad sizes."""

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from rich.console import Console

from numerics.experiments.zhao import figure_1
from numerics.experiments.zhao.figure_1 import REACH, Size
from quadrics.connectivity.residual_blocks import ResidualBlock
from quadrics.errors import DimensionError


@pytest.fixture(scope="module")
def data():
    return figure_1.run(size=Size(mesh=15, grid=101))


def test_three_counts_agree(data):
    assert data.formula.values.tolist() == data.cells.values.tolist() == data.grid.values.tolist() == [4, 3]


def test_the_meshes_lie_on_the_surfaces(data):
    w1, w2, w3 = (data[name] for name in ("w1", "w2", "w3"))
    drawn = np.isfinite(w3)
    assert drawn.all(("row", "column")).sum("component").values.tolist() == [4, 3]
    assert float(abs(w3 * (w1 * w2 + data.panel) - 1).max()) < 1e-12  # values up to 16, 1/p to rounding
    assert max(float(abs(one).max()) for one in (w1, w2, w3)) <= REACH * (1 + 1e-12)


def test_each_mesh_is_one_component(data):
    for skip in figure_1.SKIPS:
        block, one = ResidualBlock(1, (1,), skip), data.sel(panel=skip)
        for k, component in enumerate(block.components()):
            points = zip(one.w1.values[k].flat, one.w2.values[k].flat, strict=True)
            assert {block.component_of([[[float(a)]], [[float(b)]]]) for a, b in points} == {component}


def test_progress_figure_and_table(data):
    seen = []
    figure_1.run(size=Size(mesh=3, grid=11), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
    drawing = figure_1.figure(data)
    assert isinstance(drawing, Figure)
    assert next(axis.get_title() for axis in drawing.axes if axis.get_title()).endswith("4 components")
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(figure_1.table(data))
    assert "(- +)" in console.export_text()


@pytest.mark.parametrize("size", [Size(mesh=2), Size(grid=10), Size(grid=400), Size(grid=-1)])
def test_bad_sizes(size):
    with pytest.raises(DimensionError):
        figure_1.run(size=size)
