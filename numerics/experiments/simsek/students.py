"""The students of figures 1 (c) and 5: their data, their initial weights, and their training."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from proofs.simsek import teacher_task
from quadrics.errors import DimensionError, UnknownActivationError
from quadrics.initialization import xavier_uniform

from ...batch import Batch
from ...initialize import sample
from ...levenberg_marquardt import LeastSquaresResult
from ...objective import Objective
from ...optimizers import Adam
from ...recorder import Recorder
from ...residuals import polish
from ...training import train

__all__ = ["SUCCESS", "Schedule", "Task", "Trained", "initial", "task", "train_students"]

SUCCESS = 1e-15
"""A final loss below this counts as a global minimum, as in the paper."""


class Task(NamedTuple):
    """The grid x (1681, 2), the teacher's outputs y (1681, 1), and the teacher."""

    x: Tensor
    y: Tensor
    teacher: Batch


@lru_cache(maxsize=4)
def task(activation: str, device: str = "cpu") -> Task:
    """Return the task with one of the two activations, ``"sigmoid"`` or ``"soft"`` (g_{1,4}).

    Raises:
        UnknownActivationError: it is neither.

    >>> task("sigmoid").x.shape, task("sigmoid").y[840]
    (torch.Size([1681, 2]), tensor([2.], dtype=torch.float64))
    """
    if activation not in teacher_task.ACTIVATIONS:
        expected = ", ".join(teacher_task.ACTIVATIONS)
        raise UnknownActivationError(f"activation: got {activation!r}; expected one of {expected}")
    points = [[float(v) for v in point] for point in teacher_task.inputs()]
    x = torch.tensor(points, dtype=torch.float64, device=device)
    teacher = Batch.from_parameters([teacher_task.teacher()], teacher_task.ACTIVATIONS[activation]).to(device)
    return Task(x, teacher.output(x)[0], teacher)


def initial(activation: str, width: int, n: int, seed: int) -> Batch:
    """Return n students as they start: Glorot's uniform law, from a seed of their own for each activation and width.

    >>> initial("soft", 5, 3, seed=0).W1.shape
    torch.Size([3, 5, 2])
    """
    key = [seed, 1, list(teacher_task.ACTIVATIONS).index(activation), width]
    source = torch.Generator().manual_seed(_seed(key))
    return replace(sample(xavier_uniform(), n, 2, width, source), activation=teacher_task.ACTIVATIONS[activation])


def _seed(key: list[int]) -> int:
    return int(np.random.SeedSequence(key).generate_state(1, np.uint64)[0] >> 1)


class Schedule(NamedTuple):
    """How students are trained: steps of Adam at a rate, then of Levenberg and Marquardt's method.

    These stop early at a loss of ``target``.
    """

    adam: int = 1_000
    rate: float = 0.01
    polish: int = 400
    method: Literal["normal", "qr"] = "normal"
    target: float = 0.0


class Trained(NamedTuple):
    """What training gives: losses after Adam (n,), at some of its steps (s, n), and the polished students."""

    batch: Batch
    adam_loss: Tensor
    curve: Tensor
    result: LeastSquaresResult


def train_students(start: Batch, data: Task, schedule: Schedule, points: int = 40) -> Trained:
    """Train students by Adam on all the data and polish what it reaches.

    Raises:
        DimensionError: fewer steps of Adam than points of the curve.

    >>> found = train_students(initial("sigmoid", 4, 2, seed=0), task("sigmoid"), Schedule(adam=40, polish=2))
    >>> found.curve.shape, bool((found.result.loss < found.adam_loss).all())
    (torch.Size([41, 2]), True)
    """
    if schedule.adam < points:
        raise DimensionError(f"adam: got {schedule.adam} steps; expected at least {points}")
    recorder = Recorder(steps=[round(i * schedule.adam / points) for i in range(points + 1)], keep=["loss"])
    first = train(start, Objective(data.x, data.y), Adam(schedule.rate), schedule.adam, recorder)
    batch, result = polish(
        first.batch, data.x, data.y, steps=schedule.polish, method=schedule.method, target=schedule.target
    )
    return Trained(batch, first.loss, recorder["loss"], result)
