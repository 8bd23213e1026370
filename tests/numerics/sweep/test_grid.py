"""Grids: cells by coordinates, in the order given, each with random numbers of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from numerics.sweep import Grid, cell_seed
from quadrics.errors import DimensionError, ResultsError


def draws(scheme: str, width: int, rate: float) -> xr.Dataset:
    source = np.random.default_rng(cell_seed(3, scheme=scheme, width=width, rate=rate))
    coords = {"neuron": np.arange(width), "length": ("neuron", np.arange(width) * 2.0), "cost": width * rate}
    return xr.Dataset({"x": ("neuron", source.random(width)), "name": scheme}, coords)


AXES = {"scheme": ["b", "a"], "width": [3, 1], "rate": [0.5, 0.25, 1e-05]}  # on purpose not sorted


def test_every_cell_is_where_its_coordinates_say() -> None:
    data = Grid(**AXES).run(draws, kind="demo", settings={})
    assert data["x"].dims == ("scheme", "width", "rate", "neuron")
    for name, values in AXES.items():
        assert data[name].values.tolist() == values
    for scheme in AXES["scheme"]:
        for width in AXES["width"]:
            for rate in AXES["rate"]:
                cell = data.sel(scheme=scheme, width=width, rate=rate)
                alone = draws(scheme, width, rate)
                np.testing.assert_array_equal(cell["x"][:width], alone["x"])
                assert bool(cell["x"][width:].isnull().all())
                assert cell["name"].item() == scheme
                assert cell["cost"].item() == width * rate


def test_one_axis() -> None:
    data = Grid(width=[2, 4]).run(lambda width: xr.Dataset({"twice": 2 * width}), kind="demo", settings={})
    assert data["twice"].dims == ("width",)
    assert data["twice"].sel(width=4).item() == 8


def test_a_grid_that_grows_finds_the_cells_that_it_had(tmp_path: Path) -> None:
    calls = []

    def counted(width: int) -> xr.Dataset:
        calls.append(width)
        return xr.Dataset({"width_of": width})

    Grid(width=[2, 4]).run(counted, kind="demo", settings={"seed": 0}, folder=tmp_path)
    grown = Grid(width=[1, 2, 3, 4]).run(counted, kind="demo", settings={"seed": 0}, folder=tmp_path)
    assert calls == [2, 4, 1, 3]
    assert grown["width_of"].values.tolist() == [1, 2, 3, 4]
    with pytest.raises(ResultsError, match="use another folder"):
        Grid(width=[2]).run(counted, kind="demo", settings={"seed": 1}, folder=tmp_path)


@pytest.mark.parametrize(
    "axes",
    [
        {},
        {"a": []},
        {"a": [1, 1]},
        {"a": [1], "b": ["x,y"]},
        {"a": ["x=y"]},
        {"a": ["../x"]},
        {"a": [None]},
        {"a": [""]},
    ],
)
def test_bad_axes(axes) -> None:
    with pytest.raises(DimensionError, match="axes: got"):
        Grid(**axes)


COORDINATES = st.dictionaries(st.sampled_from("abc"), st.integers() | st.floats(allow_nan=False, allow_infinity=False))


@given(COORDINATES, COORDINATES, st.integers(0, 9), st.integers(0, 9))
def test_different_cells_and_seeds_draw_differently(one, other, seed, another) -> None:
    def draw(seed, cell):
        return np.random.default_rng(cell_seed(seed, **cell)).random(2).tolist()

    same = seed == another and sorted(map(repr, one.items())) == sorted(map(repr, other.items()))
    assert (draw(seed, one) == draw(another, other)) == same
