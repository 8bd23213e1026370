"""Figure 2 of the appendix of Simsek et al.: the norm of the gradient along training, in narrow and in wide networks.

The paper trains two-layer softplus networks on MNIST's test set by Adam, on all the data at each step. MNIST is not in
any package; here they learn the 1,797 digits of 8 x 8 pixels that come with scikit-learn. At every step the squared
norms of gradient and update are kept, and their falls and rises are counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from quadrics.errors import DimensionError
from quadrics.smooth_activation import softplus
from quadrics.turning_points import largest_rise, rise_at, turning_points

from ...batch import Batch
from ...deep_batch import glorot_uniform
from ...device import pick_device
from ...objective import Gradient, Objective
from ...optimizers import Adam
from ...recorder import Recorder
from ...sweep import Engine, Progress, gather
from ...training import train
from .digits_view import figure, table

__all__ = ["CLASSES", "PLATEAU", "Norms", "Size", "by_network", "figure", "images", "initial", "run", "table"]

KIND = "simsek.appA1.mnist"
CLASSES = 10
RATE = 1e-3
PLATEAU = 0.9
"""A loss below this share of log 10, that of a uniform prediction, has left the plateau."""


@dataclass(frozen=True)
class Size:
    """How much is run.

    Attributes:
        widths: of the hidden layer.
        seeds: how many networks of each width.
        steps: of Adam.
        every: every how manieth image is learned.
        double: whether in double precision.
    """

    widths: tuple[int, ...] = (5, 10, 20, 50, 100, 250, 1000)
    seeds: tuple[int, ...] = (24, 24, 24, 16, 12, 8, 4)
    steps: int = 500
    every: int = 1
    double: bool = True


QUICK = Size(widths=(5, 20, 100, 250), seeds=(30, 16, 6, 6), every=3, double=False)
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
    """Train networks of every width and return the norms of their gradients and updates.

    Variables by width, seed and step (NaN where a width has fewer networks): ``loss``, ``gradient`` (its squared norm)
    and ``update`` (squared norm of the step that follows; NaN at the last). By width and seed, for both norms:
    ``gradient_rise``, the largest quotient of a later by an earlier value, ``gradient_bottom`` and ``gradient_top``,
    the steps where it is attained, and ``gradient_turns``, how often it turns from falling to rising or back;
    ``update_rise``, ... likewise. ``left``: the first step at which the loss is below 0.9 log 10.

    Args:
        quick: widths 5, 20, 100 and 250, every third image, single precision (``QUICK``), or seven widths, all images,
            double precision (``FULL``).
        seed: of the initial weights.
        device: where to train.
        progress: called after each width.
        size: instead of ``quick``.
        folder: where blocks are kept as they are done, so that an interrupted run resumes.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        DeviceError: this machine has no such device.
        DimensionError: sizes that are not positive, or not as many numbers of networks as widths.
        ResultsError: the folder holds blocks of another run.

    >>> data = run(size=Size(widths=(2, 3), seeds=(2, 1), steps=3))
    >>> data.gradient.dims, data.gradient.shape, int(data.gradient_rise.notnull().sum())
    (('width', 'seed', 'step'), (2, 2, 4), 3)
    """
    size = size or (QUICK if quick else FULL)
    _check(size)
    place = pick_device(device)
    settings = {"seed": seed, **asdict(size), "device": place.type}
    labels, block = [f"width-{width}" for width in size.widths], partial(_block, size, seed, place)
    data = gather(labels, block, kind=KIND, settings=settings, folder=folder, progress=progress, engine=engine)
    data = data.rename(block="width").assign_coords(width=list(size.widths))
    falls = {
        f"{name}_{what}": by_network(data[name], how) for name in ("gradient", "update") for what, how in _READ.items()
    }
    left = by_network(data.loss, lambda values: _first_below(values, PLATEAU * np.log(CLASSES)))
    return (
        data.assign(falls)
        .assign(left=left)
        .assign_attrs(seed=seed, h=RATE, steps=size.steps, images=objective_of(size.every, size.double).n_samples)
    )


def objective_of(every: int, double: bool) -> Objective:
    """Return the cross entropy on every so many of the images, in double or single precision."""
    x, y = images(torch.float64 if double else torch.float32)
    return Objective(x[::every], y[::every], "ce", classes=CLASSES)


def _block(size: Size, seed: int, place: torch.device, label: str) -> xr.Dataset:
    """Train the networks of one width."""
    width = int(label.split("-")[1])
    objective = objective_of(size.every, size.double).to(place)
    start = initial(size.seeds[size.widths.index(width)], width, seed, objective.x.dtype).to(place)
    watched = Norms()
    train(start, objective, Adam(RATE), size.steps, watched)
    series = {"loss": watched["loss"].T, "gradient": watched["gradient"].T, "update": watched.update}
    found = {name: value.cpu().double().numpy() for name, value in series.items()}
    return xr.Dataset(
        {name: (("seed", "step"), values) for name, values in found.items()},
        {"seed": np.arange(start.n), "step": np.arange(size.steps + 1)},
    )


class Norms(Recorder):
    """Keeps at every step the loss and ``gradient`` (its squared norm), and in ``update`` (n, steps + 1) the step's."""

    def __init__(self) -> None:
        super().__init__(every=1, keep=("loss",), extra={"gradient": lambda _, gradient: gradient.squared_norm()})

    def start(self, batch: Batch, steps: int) -> None:
        super().start(batch, steps)
        self.update = batch.W1.new_full((batch.n, steps + 1), float("nan"))
        self._done = torch.zeros(batch.n, dtype=torch.int64, device=batch.device)

    def after_step(self, rows: Tensor, before: Batch, after: Batch, gradient: Gradient) -> None:
        super().after_step(rows, before, after, gradient)
        moved = [(b - a).flatten(1).square().sum(1) for a, b in zip(before.parameters, after.parameters, strict=True)]
        self.update[rows, self._done[rows]] = torch.stack(moved).sum(0)
        self._done[rows] += 1


def images(dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """Return the digits bundled with scikit-learn: pixels (1797, 64) in [0, 1], and class numbers (1797,).

    >>> x, y = images()
    >>> x.shape, float(x.max()), y.unique().tolist()
    (torch.Size([1797, 64]), 1.0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])

    Reference: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998.
    """
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    return torch.from_numpy(pixels / 16).to(dtype), torch.from_numpy(labels).to(torch.int64)


def initial(n: int, width: int, seed: int, dtype: torch.dtype = torch.float64) -> Batch:
    """Return n softplus networks with Glorot's uniform weights and zero biases, the same in every type of numbers."""
    state = np.random.SeedSequence([seed, 2, width]).generate_state(1, np.uint64)[0]
    drawn = glorot_uniform(n, (64, width, CLASSES), softplus, torch.Generator().manual_seed(int(state >> 1)))
    (W1, W2), (b1, b2) = drawn.weights, drawn.biases
    return Batch(W1, W2, b1, b2, activation=softplus).to(dtype=dtype)


_READ: dict[str, Callable[[list[float]], float]] = {
    "rise": largest_rise,
    "bottom": lambda values: rise_at(values)[0],
    "top": lambda values: rise_at(values)[1],
    "turns": turning_points,
}


def by_network(series: xr.DataArray, read: Callable[[list[float]], float]) -> xr.DataArray:
    """Apply a function to the finite part of every network's series; NaN where there is no network."""

    def one(values: np.ndarray) -> float:
        there = values[np.isfinite(values)].tolist()
        return float(read(there)) if there else float("nan")

    found: xr.DataArray = xr.apply_ufunc(one, series, input_core_dims=[["step"]], vectorize=True)
    return found


def _first_below(values: list[float], level: float) -> float:
    return next((float(t) for t, value in enumerate(values) if value < level), float("inf"))


def _check(size: Size) -> None:
    numbers = (*size.widths, *size.seeds, size.every, size.steps - 1)
    if not size.widths or len(size.widths) != len(size.seeds) or min(numbers) < 1:
        raise DimensionError(f"got {size}; expected positive numbers, 2 steps or more, as many seeds as widths")
    if len(set(size.widths)) < len(size.widths):
        raise DimensionError(f"widths: got {size.widths}; expected each once")
