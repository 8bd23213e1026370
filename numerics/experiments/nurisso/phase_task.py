"""The task of the phase diagram, and the loss that a component with too few signs cannot get below.

The target has one kink of positive mass and two of negative mass, at three lines through the origin of the plane:
``F = σ(u0·x) - σ(u1·x) - σ(u2·x)`` with unit vectors at angles of 90°, 210° and 330°. Samples are standard normal.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import sympy
import torch
from torch import Tensor

from quadrics.kink_bound import free_splits, linear_fit_residual
from quadrics.reachability import KinkTarget

from ...bridge import torch_function
from ...sorted_gradient import SortedObjective

__all__ = ["TARGET", "Task", "is_reachable", "least_loss", "make_task"]

TARGET = KinkTarget(positive=1, negative=2)


class Task(NamedTuple):
    """The samples and what is known of the losses on them."""

    objective: SortedObjective
    mean_square: float
    """Of the target: the loss of the network that is zero."""
    without_positive: float
    """The least loss where no output weight is positive, so that f <= 0: the mean of ``max(F, 0)²``."""
    without_negative: float
    """The least loss where none is negative: the mean of ``min(F, 0)²``."""
    residuals: tuple[float, float]
    """Of the linear fits, one over each pair of opposite quadrants: each pair has the kink of one negative neuron."""


def make_task(samples: int, seed: int) -> Task:
    """Draw the samples and compute the bounds.

    >>> task = make_task(1000, seed=0)
    >>> task.without_positive < task.without_negative < task.mean_square
    True
    """
    x = torch.from_numpy(np.random.default_rng([seed, 9]).standard_normal((samples, 2)))
    angles = torch.tensor([math.pi / 2, 7 * math.pi / 6, 11 * math.pi / 6], dtype=torch.float64)
    hinges = torch.relu(x @ torch.stack([angles.cos(), angles.sin()]))
    y = hinges[:, 0] - hinges[:, 1] - hinges[:, 2]
    return Task(
        SortedObjective(x, y),
        float(y.square().mean()),
        float(y.clamp(min=0).square().mean()),
        float(y.clamp(max=0).square().mean()),
        _residuals(x, y),
    )


def least_loss(task: Task, positive: int, negative: int) -> float:
    """A lower bound of the losses of networks with so many positive and negative output weights; 0 if F has no more.

    >>> task = make_task(1000, seed=0)
    >>> least_loss(task, 1, 2), least_loss(task, 0, 2) == task.without_positive
    (0.0, True)
    """
    bounds = [0.0]
    if negative < 2:
        bounds.append(min(task.residuals) if negative else sum(task.residuals))
    if negative == 0:
        bounds.append(task.without_negative)
    if positive == 0:
        bounds.append(task.without_positive)
    return max(bounds)


def bound(task: Task, positive_signs: int, l_minus: int, free: int) -> float:
    """A lower bound of the losses on a component: that of the best signs of its free neurons.

    >>> task = make_task(1000, seed=0)
    >>> bound(task, 3, 3, 1) == min(task.residuals)  # one more negative neuron is needed than there may be
    True
    """
    return min(least_loss(task, up, down) for up, down in free_splits(positive_signs, l_minus, free))


def is_reachable(positive_signs: int, l_minus: int, free: int) -> bool:
    """Whether the component can express the target.

    >>> is_reachable(3, 3, 1), is_reachable(3, 3, 2)
    (False, True)
    """
    return TARGET.missing_signs(positive_signs, l_minus) <= free


@lru_cache(maxsize=1)
def _residual_on_tensors() -> object:
    symbols = sympy.symbols("a b d p q y", real=True)
    return torch_function(linear_fit_residual(symbols[:3], symbols[3:5], symbols[5]), symbols)


def _residuals(x: Tensor, y: Tensor) -> tuple[float, float]:
    """The residuals of the fits, over the quadrants of x1 x2 > 0 and over those of x1 x2 < 0, as means over all."""
    residual = _residual_on_tensors()
    found = []
    for sign in (1, -1):
        total = 0.0
        for side in (1, -1):
            inside = (side * x[:, 0] > 0) & (side * sign * x[:, 1] > 0)
            a, b, c = x[inside, 0], x[inside, 1], y[inside]
            moments = [(u * v).sum() / len(x) for u, v in ((a, a), (a, b), (b, b), (a, c), (b, c), (c, c))]
            total += float(residual(*moments))  # type: ignore[operator]
        found.append(total)
    return found[0], found[1]
