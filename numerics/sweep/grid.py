"""Grids: cells that are named by their coordinates, computed one by one and joined along the axes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from quadrics.errors import DimensionError

from .engine import Engine
from .gathering import Progress, gather

__all__ = ["Coordinate", "Grid", "cell_seed"]

Coordinate = str | int | float
_NAME = re.compile(r"[A-Za-z0-9_.+\-]+")


class Grid:
    """All combinations of the values along some axes.

    A cell is known by its coordinates, never by its place: a grid that grows finds the cells that it had.

    Args:
        axes: names and their values: numbers, or words of letters, digits and ``_ . + -``.

    Raises:
        DimensionError: no axes, an axis without values or with one twice, or a value that is no such number or word.

    >>> grid = Grid(rate=[0.1, 0.01], width=[2, 4])
    >>> list(grid.cells)
    ['rate=0.1,width=2', 'rate=0.1,width=4', 'rate=0.01,width=2', 'rate=0.01,width=4']
    >>> def area(rate, width):
    ...     return xr.Dataset({"area": rate * width})
    >>> grid.run(area, kind="demo", settings={})["area"].sel(rate=0.01, width=4).item()
    0.04
    """

    def __init__(self, **axes: Sequence[Coordinate]) -> None:
        self.axes = {name: tuple(values) for name, values in axes.items()}
        if not axes or any(not values or len(set(values)) < len(values) for values in self.axes.values()):
            raise DimensionError(f"axes: got {self.axes}; expected at least one, each with values, each value once")
        for value in (value for values in self.axes.values() for value in values):
            if not isinstance(value, str | int | float) or not _NAME.fullmatch(str(value)):
                raise DimensionError(f"axes: got value {value!r}; expected a number, or letters, digits and _ . + -")
        cells = [dict(zip(self.axes, values, strict=True)) for values in product(*self.axes.values())]
        self.cells = {",".join(f"{name}={value}" for name, value in cell.items()): cell for cell in cells}
        """The coordinates of each cell, by its label."""

    def run(
        self,
        compute: Callable[..., xr.Dataset],
        *,
        kind: str,
        settings: Mapping[str, Any],
        folder: str | Path | None = None,
        progress: Progress | None = None,
        engine: Engine | None = None,
    ) -> xr.Dataset:
        """Return what ``compute`` gives for all cells, with an axis of the grid for each of its dimensions.

        Args:
            compute: takes the coordinates of a cell as arguments by name, and depends on nothing else.
            kind, settings, folder, progress, engine: as in :func:`.gathering.gather`. The values along the axes are no
                settings: every cell has its own.

        Raises:
            ResultsError, SweepError: as ``gather`` does.
        """
        block = partial(_cell, compute, self.cells)
        joined = gather(
            self.cells, block, kind=kind, settings=settings, folder=folder, progress=progress, engine=engine
        )
        data = {name: self._unfold(array.variable) for name, array in joined.data_vars.items()}
        coords = {name: self._unfold(array.variable) for name, array in joined.coords.items() if name != "block"}
        return xr.Dataset(data, coords).assign_coords({name: list(values) for name, values in self.axes.items()})

    def _unfold(self, variable: xr.Variable) -> xr.Variable:
        if "block" not in variable.dims:
            return variable
        first = variable.transpose("block", ...)
        assert first.shape[0] == prod(map(len, self.axes.values()))
        shape = (*map(len, self.axes.values()), *first.shape[1:])
        return xr.Variable((*self.axes, *first.dims[1:]), first.values.reshape(shape), first.attrs)


def cell_seed(seed: int, **cell: Coordinate) -> np.random.SeedSequence:
    """Return where the random numbers of a cell come from: from the seed and the coordinates, and from nothing else.

    Not from the order of the cells, nor of the coordinates, nor from who computes them; different cells, and different
    seeds, have independent numbers.

    >>> first, again = cell_seed(0, rate=0.1, width=2), cell_seed(0, width=2, rate=0.1)
    >>> np.random.default_rng(first).random() == np.random.default_rng(again).random()
    True
    >>> np.random.default_rng(cell_seed(0, rate=0.1, width=4)).random() == np.random.default_rng(first).random()
    False
    """
    # Of fixed length, so that no two lists of coordinates are written alike.
    digest = sha256(json.dumps(cell, sort_keys=True, allow_nan=False).encode()).digest()
    return np.random.SeedSequence(seed, spawn_key=tuple(np.frombuffer(digest, dtype="<u4").tolist()))


def _cell(compute: Callable[..., xr.Dataset], cells: Mapping[str, Mapping[str, Coordinate]], label: str) -> xr.Dataset:
    return compute(**cells[label])
