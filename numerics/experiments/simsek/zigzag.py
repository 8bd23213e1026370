"""Whose zigzag is it? The networks of appendix A.1's experiment on digits, by Adam and by gradient descent.

In wide networks under Adam the norm of the gradient goes up and down every ten steps or so; Simsek et al. take this for
many short visits to saddles. If it came from the landscape, descent from the same initial networks should show it too.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import xarray as xr

from quadrics.errors import DimensionError
from quadrics.turning_points import largest_rise, turning_points

from ...device import pick_device
from ...optimizers import Adam, GradientDescent, Optimizer
from ...sweep import Engine, Grid, Progress
from ...training import train
from .digits import Norms, by_network, initial, objective_of
from .zigzag_view import figure, table

__all__ = ["OPTIMIZERS", "Size", "figure", "run", "table"]

KIND = "beyond.simsek.zigzag"

OPTIMIZERS: dict[str, Optimizer] = {"Adam": Adam(1e-3), "descent": GradientDescent(0.05)}
"""At these rates both bring a wide network's loss below 1 in 300 steps."""


@dataclass(frozen=True)
class Size:
    """How much is run: widths, networks of each, steps of both optimizers, every how manieth image, the precision."""

    widths: tuple[int, ...] = (5, 250)
    seeds: tuple[int, ...] = (24, 12)
    steps: int = 500
    every: int = 1
    double: bool = True


QUICK = Size(steps=300, every=9, double=False)
FULL = Size()


def run(
    quick: bool = True,
    seed: int = 0,
    device: str = "cpu",
    progress: Progress | None = None,
    size: Size | None = None,
    folder: str | Path | None = None,
    engine: Engine | None = None,
) -> xr.Dataset:
    """Train the same networks by both optimizers, and return the squared norms of their gradients.

    Variables by optimizer, width, seed and step: ``loss`` and ``gradient``; by optimizer, width and seed:
    ``gradient_rise`` and ``gradient_turns``, as in :func:`.digits.run`.

    Args:
        quick: every ninth image in single precision (``QUICK``), or all images in double (``FULL``).
        seed: of the initial weights, which are those of :func:`.digits.run`.
        device: where to train.
        progress: called after each optimizer and width.
        size: instead of ``quick``.
        folder: where blocks are kept as they are done, so that an interrupted run resumes.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        DeviceError: this machine has no such device.
        DimensionError: sizes that are not positive, or not as many numbers of networks as widths.
        ResultsError: the folder holds blocks of another run.

    >>> data = run(size=Size(widths=(2, 3), seeds=(2, 1), steps=3, every=100))
    >>> data.gradient.dims, data.gradient.shape
    (('optimizer', 'width', 'seed', 'step'), (2, 2, 2, 4))
    """
    size = size or (QUICK if quick else FULL)
    _check(size)
    place = pick_device(device)
    settings = {"seed": seed, **asdict(size), "device": place.type}
    grid, block = (
        Grid(optimizer=list(OPTIMIZERS), width=size.widths),
        partial(_block, size=size, seed=seed, place=place),
    )
    data = grid.run(block, kind=KIND, settings=settings, folder=folder, progress=progress, engine=engine)
    found = {"gradient_rise": largest_rise, "gradient_turns": turning_points}
    return data.assign({name: by_network(data.gradient, read) for name, read in found.items()}).assign_attrs(
        seed=seed, steps=size.steps, images=objective_of(size.every, size.double).n_samples
    )


def _block(optimizer: str, width: int, *, size: Size, seed: int, place: torch.device) -> xr.Dataset:
    """Train the networks of one width by one optimizer."""
    objective = objective_of(size.every, size.double).to(place)
    start = initial(size.seeds[size.widths.index(width)], width, seed, objective.x.dtype).to(place)
    watched = Norms()
    train(start, objective, OPTIMIZERS[optimizer], size.steps, watched)
    series = {key: (("seed", "step"), watched[key].T.cpu().double().numpy()) for key in ("loss", "gradient")}
    return xr.Dataset(series, {"seed": np.arange(start.n), "step": np.arange(size.steps + 1)})


def _check(size: Size) -> None:
    numbers = (*size.widths, *size.seeds, size.every, size.steps - 1)
    if not size.widths or len(size.widths) != len(size.seeds) or min(numbers) < 1:
        raise DimensionError(f"got {size}; expected positive numbers, 2 steps or more, as many seeds as widths")
    if len(set(size.widths)) < len(size.widths):
        raise DimensionError(f"widths: got {size.widths}; expected each once")
