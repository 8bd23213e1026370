"""Figure 1 (d, e) of Simsek et al.: students with three hidden layers learn from a teacher of widths 4-4-4.

The teacher, with tanh units and biases, is fitted to ``sin(2 x1) + x1 + cos(3 x2) - 0.4 (x2 - 1)^2`` on a grid; the
students see its outputs there, and so could reach a loss of zero. They are trained by Adam and then by Levenberg and
Marquardt's method, all for the same number of steps. Losses near zero take hours; what a short run shows is their
order: the wider the students, the smaller.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import sympy
import torch
import xarray as xr
from torch import Tensor

from quadrics.errors import DimensionError
from quadrics.smooth_activation import tanh

from ...bridge import torch_function
from ...deep_batch import DeepBatch, LeastSquares, glorot_uniform
from ...device import pick_device
from ...levenberg_marquardt import levenberg_marquardt
from ...sweep import Engine, Progress, gather
from .figure_1_view import figure, table

__all__ = ["TARGET", "TEACHER", "Size", "figure", "grid", "run", "table", "target"]

KIND = "simsek.fig1e"
X1, X2 = sympy.symbols("x1 x2", real=True)
TARGET = sympy.sin(2 * X1) + X1 + sympy.cos(3 * X2) - sympy.Rational(2, 5) * (X2 - 1) ** 2
"""What the teacher is fitted to."""
TEACHER = 4
"""Width of each of the teacher's three hidden layers."""
TEACHER_SEED = 0
"""Where the teacher's training begins: there is one teacher, and a run's seed is that of its students."""
HALF_SIDE = 5
"""The grid covers [-5, 5] x [-5, 5]."""
TOLERANCE = 1e-15
"""A gradient this small ends a run of Levenberg and Marquardt's method."""


@dataclass(frozen=True)
class Size:
    """How much is run.

    Attributes:
        widths: of all three hidden layers of the students.
        seeds: how many students of each width.
        points: of the grid on each axis; the paper has 41. More parameters than points fit any teacher.
        adam: steps of Adam, at the rate 1e-3.
        steps: steps of Levenberg and Marquardt's method.
        teacher: steps of Adam for the teacher, which is then fitted by as many steps of the other method as students.
    """

    widths: tuple[int, ...] = (3, 4, 5, 10, 20)
    seeds: tuple[int, ...] = (24, 24, 24, 12, 8)
    points: int = 41
    adam: int = 2_000
    steps: int = 400
    teacher: int = 5_000


QUICK = Size(widths=(3, 4, 5, 10), seeds=(8, 12, 24, 10), points=21, adam=500, steps=250, teacher=2_000)
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
    """Fit the teacher, train the students, and return their losses.

    Variables, by width and seed (NaN where a width has fewer students): ``start``, ``adam`` and ``loss``, the mean
    squared error at the beginning, after Adam, and at the end. On the grid: ``target`` and ``teacher``. The teacher's
    parameters: ``teacher_weights``. Attribute ``teacher_loss``: its own error, which is not zero. Coordinate
    ``parameters``: how many a student has.

    Args:
        quick: students of widths up to 10 on 21 x 21 points (``QUICK``), or up to 20 on the paper's 41 x 41 (``FULL``).
        seed: of the students; the teacher is always the same.
        device: where to train.
        progress: called after each width.
        size: instead of ``quick``.
        folder: where blocks are kept as they are done, so that an interrupted run resumes.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        DeviceError: this machine has no such device.
        DimensionError: sizes that are not positive, or not as many numbers of seeds as widths.
        ResultsError: the folder holds blocks of another run.

    >>> data = run(size=Size(widths=(2, 5), seeds=(2, 3), points=7, adam=5, steps=5, teacher=5))
    >>> data.loss.shape, int(data.loss.notnull().sum()), bool((data.loss <= data.start).sum() == 5)
    ((2, 3), 5, True)
    """
    size = size or (QUICK if quick else FULL)
    _check(size)
    place = pick_device(device)
    settings = {"seed": seed, **asdict(size), "device": place.type}
    x = grid(size.points)
    total = 1 + len(size.widths)
    first = None if progress is None else (lambda done, _: progress(done, total))
    later = None if progress is None else (lambda done, _: progress(1 + done, total))
    teacher = partial(_teacher, size, place)
    fitted = gather(["teacher"], teacher, kind=KIND, settings=settings, folder=folder, progress=first, engine=engine)
    like = draw(1, TEACHER, TEACHER_SEED, teacher=True)
    outputs = like.unflatten(torch.from_numpy(fitted.teacher.values)).output(x)[0, :, 0]
    labels, students = [f"width-{width}" for width in size.widths], partial(_students, size, seed, place, outputs)
    data = gather(labels, students, kind=KIND, settings=settings, folder=folder, progress=later, engine=engine)
    square, axis = (size.points, size.points), np.unique(x[:, 0])
    return (
        data.rename(block="width")
        .assign(
            target=(("x1", "x2"), target(x).reshape(square).numpy()),
            teacher=(("x1", "x2"), outputs.reshape(square).numpy()),
            teacher_weights=("parameter", fitted.teacher.values[0]),
        )
        .assign_coords(
            width=list(size.widths),
            x1=axis,
            x2=axis,
            parameters=("width", [draw(1, w, 0).flatten().shape[1] for w in size.widths]),
        )
        .assign_attrs(seed=seed, teacher_loss=float(fitted.teacher_loss[0]), adam_steps=size.adam, steps=size.steps)
    )


def _teacher(size: Size, place: torch.device, _: str) -> xr.Dataset:
    """Fit the teacher to the target."""
    x = grid(size.points)
    start = draw(1, TEACHER, TEACHER_SEED, teacher=True).to(place)
    rows, losses = _fit(start, x, target(x), size.teacher, size.steps)
    return xr.Dataset({"teacher": ("parameter", rows[0].cpu().numpy()), "teacher_loss": losses["loss"][0]})


def _students(size: Size, seed: int, place: torch.device, outputs: Tensor, label: str) -> xr.Dataset:
    """Fit the students of one width to the teacher's outputs."""
    width = int(label.split("-")[1])
    start = draw(size.seeds[size.widths.index(width)], width, seed).to(place)
    _, losses = _fit(start, grid(size.points), outputs, size.adam, size.steps)
    return xr.Dataset({name: ("seed", v) for name, v in losses.items()}, {"seed": np.arange(start.n)})


def grid(points: int) -> Tensor:
    """Return (points^2, 2): a regular grid on [-5, 5] x [-5, 5].

    >>> bool(torch.equal(4 * grid(41)[:, 0].unique(), torch.arange(-20.0, 21.0).double()))
    True
    """
    axis = torch.linspace(-HALF_SIDE, HALF_SIDE, points, dtype=torch.float64)
    return torch.cartesian_prod(axis, axis)


def target(x: Tensor) -> Tensor:
    """Return (N,): the function that the teacher is fitted to, at points (N, 2)."""
    return torch_function(TARGET, (X1, X2))(x[:, 0], x[:, 1])


def draw(n: int, width: int, seed: int, teacher: bool = False) -> DeepBatch:
    """Return n initial networks of this width; those of another width or seed are independent of them."""
    state = np.random.SeedSequence([seed, int(teacher), width]).generate_state(1, np.uint64)[0]
    generator = torch.Generator().manual_seed(int(state >> 1))
    return glorot_uniform(n, (2, width, width, width, 1), tanh, generator)


def _fit(start: DeepBatch, x: Tensor, y: Tensor, adam: int, steps: int) -> tuple[Tensor, dict[str, np.ndarray]]:
    """Train by Adam, then by Levenberg and Marquardt; return the parameters, and the losses on the way."""
    problem = LeastSquares(start, x, y)
    rows = problem.adam(start.flatten(), adam)
    result = levenberg_marquardt(problem.residual, rows, jacobian=problem.jacobian, steps=steps, tolerance=TOLERANCE)
    stages = {"start": start.flatten(), "adam": rows, "loss": result.point}
    return result.point, {name: problem.loss(point).cpu().numpy() for name, point in stages.items()}


def _check(size: Size) -> None:
    numbers = (*size.widths, *size.seeds, size.points, size.adam, size.steps, size.teacher)
    if not size.widths or len(size.widths) != len(size.seeds) or min(numbers) < 1 or size.points < 2:
        raise DimensionError(f"got {size}; expected positive numbers, as many seeds as widths, and 2 points or more")
    if len(set(size.widths)) < len(size.widths):
        raise DimensionError(f"widths: got {size.widths}; expected each once")
