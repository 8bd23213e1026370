"""Figures 1 (c) and 5 of Simsek et al.: students of several widths learn from a teacher with four hidden neurons.

All students of a width are trained side by side on the paper's 1681 points, by Adam and then by Levenberg and
Marquardt's method (the paper: SLSQP), which leaves no doubt about who is at a global minimum: losses are below 1e-15
or above 1e-7. Each student that is stuck is named (:mod:`.stuck`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import xarray as xr

from proofs.simsek.teacher_task import ACTIVATIONS
from quadrics.errors import DimensionError

from ...batch import Batch
from ...device import pick_device
from ...intervals import Interval, proportion_interval
from ...sweep import Engine, Progress, gather
from .figure_5_view import figure, table
from .stuck import name_run
from .students import SUCCESS, Schedule, Task, initial, task, train_students

__all__ = ["FULL", "QUICK", "Group", "Size", "figure", "networks", "run", "success", "table"]

KIND = "simsek.fig5"

NAMED_WIDTH = 10
"""Students no wider than this are named when they are stuck; wider ones were never seen to be."""


SHORT = Schedule()
LONG = Schedule(polish=1_500)


@dataclass(frozen=True)
class Group:
    """Students of one activation (``"sigmoid"`` or ``"soft"``, which is g_{1,4}) and width."""

    activation: str
    width: int
    seeds: int
    schedule: Schedule = SHORT


@dataclass(frozen=True)
class Size:
    """What is run."""

    groups: tuple[Group, ...]


WIDE = Schedule(adam=500, polish=2_500, method="qr", target=SUCCESS / 2)
FAR_BELOW = Schedule(adam=400, polish=200, target=1e-12)
"""For wide students in a hurry: far below any plateau, not as far as it goes."""
PATIENT = Schedule(polish=1_500, target=1e-22)
"""For minima so degenerate that a few students creep; the others stop when they are there."""
QUICK = Size(
    (
        Group("sigmoid", 3, 4),
        Group("sigmoid", 4, 16),
        Group("sigmoid", 5, 24),
        Group("sigmoid", 45, 4, FAR_BELOW),
        Group("soft", 3, 4),
        Group("soft", 5, 8),
        Group("soft", 10, 10, PATIENT),
    )
)
FULL = Size(
    (
        *(Group("sigmoid", width, 50, LONG) for width in (3, 4, 5, 6)),
        *(Group("sigmoid", width, 50, PATIENT) for width in (8, 10)),
        Group("sigmoid", 20, 50, WIDE),
        Group("sigmoid", 45, 50, WIDE),
        *(Group("soft", width, 50, LONG) for width in (3, 4, 5, 6)),
        *(Group("soft", width, 50, PATIENT) for width in (8, 10)),
    )
)


def run(
    quick: bool = True,
    seed: int = 0,
    device: str = "cpu",
    progress: Progress | None = None,
    size: Size | None = None,
    folder: str | Path | None = None,
    engine: Engine | None = None,
) -> xr.Dataset:
    """Train all groups of students and return what became of them.

    Variables by block (activation and width, as in ``"sigmoid-5"``) and seed, NaN beyond a block's seeds or neurons:
    ``loss``, ``gradient`` (norm), ``status`` and ``steps`` at the end, ``adam_loss`` before the polishing, ``curve``
    (losses during Adam, ``curve_step`` its steps), ``W1`` and ``W2``. For the stuck ones: ``kind``, ``r`` (groups of
    copies), ``index``, ``smallest`` and ``margin`` (of the Hessian), ``newton``, ``distance``, ``core_loss``,
    ``core_gradient`` and ``opposed``, all as in :class:`.stuck.StuckRun`.

    Args:
        quick: a few seeds (``QUICK``), or 50 for each of more widths (``FULL``).
        seed: of the initial weights.
        device: where to train.
        progress: called after each block.
        size: instead of ``quick``.
        folder: where blocks are kept as they are done, so that an interrupted run resumes.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        DeviceError: this machine has no such device.
        DimensionError: no groups, or one of no students.
        UnknownActivationError: an activation that is neither of the two.
        ResultsError: the folder holds blocks of another run.

    >>> data = run(size=Size((Group("sigmoid", 4, 2, Schedule(adam=100, polish=50)),)))
    >>> dict(data.loss.sizes), float(data.loss.max()) < 1e-3
    ({'block': 1, 'seed': 2}, True)
    """
    size = size or (QUICK if quick else FULL)
    if not size.groups or min(min(g.seeds, g.width) for g in size.groups) < 1:
        raise DimensionError(f"size: got {size}; expected at least one group, each of at least one student and neuron")
    place = pick_device(device)
    for group in size.groups:
        task(group.activation)  # refuses one that is neither
    groups = {f"{g.activation}-{g.width}": g for g in size.groups}
    block = partial(_named_block, groups, str(place), seed)
    settings = {"seed": seed, "groups": [asdict(g) for g in size.groups], "device": place.type}
    data = gather(groups, block, kind=KIND, settings=settings, folder=folder, progress=progress, engine=engine)
    return data.assign_coords(
        activation=("block", [g.activation for g in groups.values()]),
        width=("block", [g.width for g in groups.values()]),
        seeds=("block", [g.seeds for g in groups.values()]),
    ).assign_attrs(seed=seed, success=SUCCESS)


def _named_block(groups: Mapping[str, Group], device: str, seed: int, label: str) -> xr.Dataset:
    group = groups[label]
    return _block(group, task(group.activation, device), seed)


def _block(group: Group, data: Task, seed: int) -> xr.Dataset:
    start = initial(group.activation, group.width, group.seeds, seed).to(data.x.device)
    found = train_students(start, data, group.schedule)
    values = {
        "loss": found.result.loss,
        "gradient": found.result.gradient_norm,
        "status": found.result.status.double(),
        "steps": found.result.steps.double(),
        "adam_loss": found.adam_loss,
    }
    by_seed = {key: (("seed",), value.cpu().numpy()) for key, value in values.items()}
    curve_step = np.linspace(0, group.schedule.adam, found.curve.shape[0])
    arrays = {
        "curve": (("point", "seed"), found.curve.cpu().numpy()),
        "curve_step": (("point",), curve_step),
        "W1": (("seed", "neuron", "input"), found.batch.W1.cpu().numpy()),
        "W2": (("seed", "neuron"), found.batch.W2[:, 0].cpu().numpy()),
    }
    named = _names(found.batch, found.result.loss, data)
    coords = {"seed": np.arange(group.seeds), "neuron": np.arange(group.width)}
    return xr.Dataset({**by_seed, **arrays, **named}, coords=coords)


NUMBERS = ("r", "index", "smallest", "margin", "newton", "distance", "core_loss", "core_gradient", "opposed")


def _names(batch: Batch, loss: object, data: Task) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """The names of the stuck runs as arrays over the seeds; NaN and ``""`` for the others."""
    losses = np.asarray(loss.cpu())  # type: ignore[attr-defined]
    numbers = {name: np.full(batch.n, np.nan) for name in NUMBERS}
    kinds = np.full(batch.n, "", dtype="<U10")
    if batch.width <= NAMED_WIDTH:
        for k in np.nonzero(losses >= SUCCESS)[0].tolist():
            one = name_run(batch.select(k), data)
            kinds[k] = str(one.kind)
            for name in NUMBERS:
                numbers[name][k] = getattr(one, name)
    found = {name: (("seed",), values) for name, values in numbers.items()}
    return {"kind": (("seed",), kinds), **found}


def networks(data: xr.Dataset, block: str) -> Batch:
    """Return the students of a block as they ended.

    >>> data = run(size=Size((Group("soft", 4, 2, Schedule(adam=100, polish=5)),)))
    >>> networks(data, "soft-4").W2.shape
    torch.Size([2, 1, 4])
    """
    import torch

    one = data.sel(block=block)
    n, width = int(one.seeds), int(one.width)
    W1 = torch.from_numpy(np.asarray(one.W1)[:n, :width].copy())
    W2 = torch.from_numpy(np.asarray(one.W2)[:n, None, :width].copy())
    return Batch(W1, W2, activation=ACTIVATIONS[str(one.activation.item())])


def losses(data: xr.Dataset, block: str, stage: str = "loss") -> np.ndarray:
    """Return the final losses of a block's students, or those before the polishing (``"adam_loss"``)."""
    return np.asarray(data[stage].sel(block=block))[: int(data.seeds.sel(block=block))]


def success(data: xr.Dataset, block: str, level: float = 0.95) -> Interval:
    """Return the fraction of a block's students with a loss below 1e-15, with its Clopper-Pearson interval."""
    hits = losses(data, block) < SUCCESS
    return proportion_interval(int(hits.sum()), len(hits), level)
