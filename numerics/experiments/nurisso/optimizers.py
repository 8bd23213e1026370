"""How optimizers break the invariant, and which lift a topological obstruction: ten of them at several rates.

Every network starts obstructed: all its neurons are pathological (c = -|c|) and all its output weights positive, so
that gradient flow can never make its output negative anywhere. Both tasks want negative outputs (``TASKS``), and no
such network gets below a loss known in advance, ``bound``. Whoever does has lifted the obstruction.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from quadrics.errors import DimensionError

from ...batch import Batch
from ...boost_descent import BoostDescent
from ...data import breast_cancer, toy
from ...device import pick_device
from ...initialize import rescale
from ...objective import Gradient, Objective
from ...optimizers import Adam, GradientDescent, Optimizer
from ...sorted_gradient import SortedObjective
from ...status import Status
from ...sweep import Engine, Progress, gather
from ...training import train
from ..following import Excursions
from .figure_4 import initial
from .figure_4_protocols import PROTOCOLS
from .optimizers_view import figure, table

__all__ = ["OPTIMIZERS", "TASKS", "Size", "figure", "run", "table"]

KIND = "beyond.nurisso.optimizers"
WIDTH = 6
IMBALANCE = 0.1
"""``|c_k|`` of every neuron."""
MINIBATCH = 32

TASKS = {
    "toy": "F = -(x1 + x2) on the square, squared loss",
    "cancer": "breast-cancer data, cross-entropy",
}


class Entry(NamedTuple):
    """An optimizer as a function of its rates, and whether it sees minibatches."""

    make: Callable[[Tensor], Optimizer | BoostDescent]
    minibatch: bool = False


OPTIMIZERS = {
    "GD": Entry(GradientDescent),
    "SGD": Entry(GradientDescent, minibatch=True),
    "momentum": Entry(partial(GradientDescent, momentum=0.9)),
    "Nesterov": Entry(partial(GradientDescent, momentum=0.9, nesterov=True)),
    "Adam": Entry(Adam),
    "AdamW": Entry(partial(Adam, weight_decay=0.1, decoupled=True)),
    "L2": Entry(partial(GradientDescent, weight_decay=0.01)),
    "L1": Entry(partial(GradientDescent, l1=0.01)),
    "BoostGD": Entry(BoostDescent),
    "BoostSGD": Entry(BoostDescent, minibatch=True),
}
"""Minibatches of 32, momentum 0.9, decoupled decay 0.1, penalties of weight 0.01."""


@dataclass(frozen=True)
class Size:
    """How much is run: initializations for each optimizer and rate, steps, learning rates, points of the toy task."""

    seeds: int = 200
    steps: int = 1000
    rates: tuple[float, ...] = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
    points: int = 8000
    optimizers: tuple[str, ...] = tuple(OPTIMIZERS)
    tasks: tuple[str, ...] = tuple(TASKS)


QUICK = Size(seeds=24, steps=200, rates=(0.01, 0.1), points=1000)
FULL = Size()


class Watch(Excursions):
    """Also follows whether each c was ever above zero, the sign changes of output weights while it was below, and size.

    The first is ``positive``, the second ``early``, the third, the largest ``|w|^2 + |a|^2``, ``size``; each (n, l).
    """

    def start(self, batch: Batch, steps: int) -> None:
        super().start(batch, steps)
        self.positive = torch.zeros(batch.n, batch.width, dtype=torch.bool, device=batch.device)
        self.early = torch.zeros(batch.n, batch.width, dtype=torch.int64, device=batch.device)
        self.size = _size(batch)

    def after_step(self, rows: Tensor, before: Batch, after: Batch, gradient: Gradient) -> None:
        super().after_step(rows, before, after, gradient)
        flipped = (before.W2 < 0)[:, 0] ^ (after.W2 < 0)[:, 0]
        self.early[rows] += flipped & (before.imbalance() < 0)
        self.positive[rows] |= after.imbalance() > 0
        self.size[rows] = torch.maximum(self.size[rows], _size(after))


def run(
    quick: bool = True,
    seed: int = 0,
    device: str = "cpu",
    progress: Progress | None = None,
    size: Size | None = None,
    folder: str | Path | None = None,
    engine: Engine | None = None,
) -> xr.Dataset:
    """Train the obstructed networks by every optimizer at every rate and return what became of them.

    Variables over (task, optimizer, rate, seed): ``loss`` (at the end, on all the data, without penalties), ``finite``
    (whether it stayed so), ``flips`` (sign changes of output weights) and ``early`` (those at steps where c < 0); and
    over the neurons as well: ``rise`` (c at the end less that at the start), ``excursion`` (the farthest c ever was
    from its start), ``positive`` (whether c was ever above zero), ``force`` (the largest ``h|v|``), ``largest`` (the
    largest ``|w|^2 + |a|^2``). Over (task): ``bound``, the loss that no network with positive output weights gets
    below, and ``inputs``, how many there are.

    Args:
        quick: 24 initializations, two rates, 200 steps (``QUICK``), or 200, seven and 1,000 (``FULL``).
        seed: of the data and of the initial weights.
        device: where to train.
        progress: called after each block, an optimizer on a task.
        size: instead of ``quick``.
        folder: where blocks are kept as they are done, so that an interrupted run resumes.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        DeviceError: this machine has no such device.
        DimensionError: no seeds, rates, optimizers or tasks, or unknown ones.
        ResultsError: the folder holds blocks of another run.

    >>> data = run(size=Size(seeds=3, steps=5, rates=(0.01, 0.1), points=50, optimizers=("GD", "L1")))
    >>> dict(data.rise.sizes)
    {'task': 2, 'optimizer': 2, 'rate': 2, 'seed': 3, 'neuron': 6}
    >>> bool((data.loss >= data.bound).all())
    True
    """
    size = size or (QUICK if quick else FULL)
    known = set(size.optimizers) <= set(OPTIMIZERS) and set(size.tasks) <= set(TASKS)
    if size.seeds < 1 or not size.rates or not size.optimizers or not size.tasks or not known:
        raise DimensionError(
            f"got {size}; expected at least one initialization, rate, optimizer of {', '.join(OPTIMIZERS)} and task of "
            f"{', '.join(TASKS)}"
        )
    pick_device(device)
    labels = [f"{task}-{name}" for task in size.tasks for name in size.optimizers]
    block = partial(compute, size=size, seed=seed, device=device)
    settings = {"seed": seed, **asdict(size)}
    data = gather(labels, block, kind=KIND, settings=settings, folder=folder, progress=progress, engine=engine)
    task, name = zip(*(label.split("-") for label in labels), strict=True)
    data = data.drop_vars("block").assign_coords(task=("block", list(task)), optimizer=("block", list(name)))
    data = data.set_index(block=["task", "optimizer"]).unstack("block")
    # Unstacking sorts the names: back to the order of the tables.
    data = data.sel(task=list(size.tasks), optimizer=list(size.optimizers))
    tasks = [task_of(task, size, seed) for task in size.tasks]
    return (
        data.transpose("task", "optimizer", "rate", "seed", "neuron")
        .assign(bound=("task", [bound for _, _, bound in tasks]))
        .assign(inputs=("task", [start.d_in for start, _, _ in tasks]))
        .assign_attrs(seed=seed, steps=size.steps, imbalance=IMBALANCE)
    )


def compute(label: str, *, size: Size, seed: int, device: str) -> xr.Dataset:
    """Train by one optimizer on one task, all rates and initializations in one batch."""
    task, name = label.split("-")
    start, objective, _ = task_of(task, size, seed)
    rates = torch.tensor(size.rates, dtype=torch.float64).repeat_interleave(size.seeds)
    place = pick_device(device)
    batch = start.select(torch.arange(size.seeds).repeat(len(size.rates))).to(place)
    entry = OPTIMIZERS[name]
    recorder = Watch(steps=[size.steps], keep=["largest_force"])
    source = torch.Generator(device=place).manual_seed(seed) if entry.minibatch else None
    result = train(
        batch,
        objective.to(place),
        entry.make(rates.to(place)),
        size.steps,
        recorder,
        minibatch=MINIBATCH if entry.minibatch else None,
        generator=source,
    )
    by_neuron = {
        "rise": result.batch.imbalance() - recorder.first,
        "excursion": recorder.largest,
        "positive": recorder.positive,
        "force": rates.to(place)[:, None] * recorder["largest_force"][-1],
        "largest": recorder.size,
    }
    by_network = {
        "loss": result.loss,
        "finite": result.status != Status.NON_FINITE,
        "flips": recorder.flips.sum(1),
        "early": recorder.early.sum(1),
    }
    return xr.Dataset(
        {key: (("rate", "seed", "neuron"), shaped(value, size)) for key, value in by_neuron.items()}
        | {key: (("rate", "seed"), shaped(value, size)) for key, value in by_network.items()},
        coords={"rate": list(size.rates)},
    )


def task_of(task: str, size: Size, seed: int) -> tuple[Batch, SortedObjective | Objective, float]:
    """Return the obstructed networks of a task, its objective, and the loss that they can never get below.

    Where every output weight is positive so is the output f. Then ``(f + x1 + x2)²`` is at least ``(x1 + x2)²``, and
    the cross-entropy of a sample of class 0 at least log 2.
    """
    if task == "toy":
        data = toy(size.points, seed)
        drawn = np.random.default_rng([seed, 7]).uniform(-math.sqrt(2), math.sqrt(2), size=(size.seeds, WIDTH, 3))
        w, a = torch.from_numpy(drawn[..., :2].copy()), torch.from_numpy(drawn[..., 2].copy()).abs()
        batch = rescale(Batch(w, a[:, None]), torch.full((size.seeds, WIDTH), -IMBALANCE, dtype=torch.float64))
        return batch, SortedObjective(data.x, data.y), float(data.y.square().mean())
    fit, _ = breast_cancer(seed)
    batch = initial(PROTOCOLS["C"], WIDTH, [0], size.seeds, seed)
    return batch, Objective(fit.x, fit.y, "bce"), math.log(2) * float((fit.y == 0).double().mean())


def shaped(value: Tensor, size: Size) -> np.ndarray:
    """The values of all networks as (rate, seed, ...)."""
    return np.asarray(value.cpu().numpy().reshape(len(size.rates), size.seeds, *value.shape[1:]))


def _size(batch: Batch) -> Tensor:
    return batch.W1.square().sum(2) + batch.W2.square().sum(1)
