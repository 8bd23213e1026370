"""What the neurons of a converged student have become: copies of the teacher's, zero-type groups, and mirror images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from proofs import Context, Outcome, decided, undecided
from quadrics.network import Parameters

from ...activation import sigma_of
from ...batch import Batch
from ...experiments.simsek.figure_5 import losses, networks
from ...experiments.simsek.students import Task, initial, task
from ...modules import Layers
from ...residuals import Residuals, polish
from ...tools.groups import GroupKind, NeuronGrouping, group_neurons
from ..sampling import EPS
from .experiment_data import figure_5_data

__all__ = ["Classified", "Pruned", "Sums", "are_classified", "are_pruned", "some_are_outside", "sums_satisfy"]

RADIUS = 50**0.5
"""Length of the longest input, a corner of the grid."""
SLOPE = {"sigmoid": 0.25, "soft": 2.0}
"""Bounds of the derivatives: 1/4 of the sigmoid, 1 + 4/4 of softplus(z) + sigmoid(4 z)."""
CONVERGED = 1e-20
"""Students above this are still on their way: where groups meet, a minimum is so degenerate that the last ones creep,
and until they are there the gap that tells copies from others has not opened."""
FEW_STEPS = 20
"""Steps after which a pruned network has all its digits."""


def _converged(context: Context, block: str, trained: bool = True) -> Iterator[tuple[Batch, float]]:
    """The students of a block that converged to a global minimum, with their losses; or all of them as they started."""
    data = figure_5_data(context)
    found, batch = losses(data, block), networks(data, block)
    if not trained:
        name, width = block.split("-")
        batch = initial(name, int(width), batch.n, context.seed)
    for k in range(batch.n):
        if found[k] < CONVERGED or not trained:
            yield batch.select(k), float(found[k])


def _tensors(theta: Parameters) -> tuple[Tensor, Tensor]:
    """The incoming weights (r, d) and outgoing ones (r, e) of an exact network."""
    layers = Batch.from_parameters([theta]).layers(0)
    return layers.W1, layers.W2.T


# -- copies and zero-type groups ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Classified:
    """The neurons of each converged student are copies of this teacher's, or in zero-type groups.

    ``tolerance`` None is read off the gap in the distances between the student's neurons.
    """

    teacher: Parameters
    block: str = "soft-10"
    tolerance: float | None = None
    trained: bool = True


def are_classified(statement: Classified, context: Context) -> Outcome:
    """Group the neurons of each student, and match its core with the teacher, each neuron once.

    The core matches within the tolerances by which the student's own neurons are told apart.
    """
    w, a = _tensors(statement.teacher)
    sizes: Counter[str] = Counter()
    students = matched = 0
    farthest = 0.0
    for student, _ in _converged(context, statement.block, statement.trained):
        found = group_neurons(student.layers(0), statement.tolerance)
        students += 1
        distances = _match(found, w, a)
        if distances is not None:
            matched += 1
            farthest = max(farthest, distances)
        for size, neurons in found.neurons_by_size(GroupKind.ZERO_TYPE).items():
            sizes[f"zero-type, group size {size}"] += neurons
        sizes["copies"] += sum(group.size for group in found.copies)
    if not students:
        return undecided(why="no student converged")
    return decided(
        matched == students, students=students, matched=matched, neurons=dict(sorted(sizes.items())), farthest=farthest
    )


def _match(found: NeuronGrouping, w: Tensor, a: Tensor) -> float | None:
    """How far the core is from the teacher at most, or None if it is not the teacher within the tolerances."""
    if found.r != len(w):
        return None
    centres = torch.stack([group.w for group in found.copies])
    sums = torch.stack([group.a for group in found.copies])
    distances = torch.cdist(centres, w)
    nearest = distances.argmin(1)
    apart = distances.amin(1).max()
    off = (sums - a[nearest]).norm(dim=1).max()
    if len(set(nearest.tolist())) < len(w) or apart > found.tolerance or off > found.outgoing_tolerance:
        return None
    return float(torch.maximum(apart, off))


# -- pruning -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pruned:
    """Each converged student is pruned to ``r`` neurons without losing the function.

    ``keep`` selects among the groups of copies those that stay.
    """

    r: int
    block: str = "soft-10"
    keep: Callable[[int], slice] = lambda r: slice(None)
    trained: bool = True


def are_pruned(statement: Pruned, context: Context) -> Outcome:
    """Replace each group of copies by one neuron and leave the others out; then polish.

    Before the polishing the error has grown by no more than the bound of the reduction, slope · radius ·
    sum |a_i| |w_i - w| + largest · sum |dropped a|; after at most 20 steps it is of the size of rounding: 16 roundings
    of terms |a| |sigma|.
    """
    name = statement.block.split("-")[0]
    data = task(name)
    before, after, worst, students = [], [], 0.0, 0
    for student, loss in _converged(context, statement.block, statement.trained):
        students += 1
        layers, found = student.layers(0), group_neurons(student.layers(0))
        copies = found.copies[statement.keep(found.r)]
        if len(copies) != statement.r:
            return decided(False, neurons=len(copies))
        W1, W2 = torch.stack([g.w for g in copies]), torch.stack([g.a for g in copies], 1)
        core = Batch.from_layers([Layers(W1, W2, None, None)], student.activation)
        bound = _reduction_bound(layers, found, name, data)
        pruned = float(Residuals(core, data.x, data.y)(core.flatten()).square().sum())
        _, result = polish(core, data.x, data.y, steps=FEW_STEPS)
        rounding = 16 * EPS * float(W2.abs().sum() * _largest(W1, core))
        before.append(pruned**0.5 <= loss**0.5 + bound + rounding)
        after.append(float(result.loss[0]) <= rounding**2)
        worst = max(worst, float(result.loss[0]))
    if not students:
        return undecided(why="no student converged")
    return decided(all(before) and all(after), students=students, neurons=statement.r, largest_loss=worst)


def _largest(W1: Tensor, batch: Batch) -> Tensor:
    """The largest value of the activation on the grid (it is increasing)."""
    return sigma_of(batch.activation)(W1.norm(dim=1).max() * RADIUS)


def _reduction_bound(layers: Layers, found: NeuronGrouping, name: str, data: Task) -> float:
    moved = dropped = 0.0
    for group in found.groups:
        members = list(group.members)
        apart = (layers.W1[members] - group.w).norm(dim=1)
        moved += float((layers.W2[0, members].abs() * apart).sum())
        if group.kind is GroupKind.ZERO_TYPE:
            dropped += float(group.a.norm())
    return SLOPE[name] * RADIUS * moved + float(_largest(layers.W1, data.teacher)) * dropped


# -- mirror images -----------------------------------------------------------------------------------------------


class Sums(NamedTuple):
    """Outgoing weights less the teacher's, summed over neurons at +W and at -W, for each W (W = 0 apart).

    ``bound`` is what is left of a combination that must vanish: the error of the student's function, and what moving
    its neurons onto their W changes, over the least singular value of the functions that they compute on the grid.
    """

    plus: np.ndarray
    minus: np.ndarray
    at_zero: float
    bound: float


Condition = Callable[[Sums], np.ndarray]
"""From sums to combinations of them that must vanish."""


def _sums(student: Batch, loss: float, name: str, mirror: bool, flipped: bool = False) -> Sums:
    data = task(name)
    w = torch.cat([student.W1[0], data.teacher.W1[0] * (-1 if flipped else 1)])
    if flipped:
        w[student.width :, 0] *= -1
    a = torch.cat([student.W2[0, 0], -data.teacher.W2[0, 0]])
    features = w
    if mirror:  # the same for w and -w
        features = torch.stack([w[:, 0] ** 2, 2**0.5 * w[:, 0] * w[:, 1], w[:, 1] ** 2], 1)
    found = group_neurons(Layers(features, a[None], None, None))
    zero = found.tolerance**0.5 if mirror else found.tolerance
    plus, minus, columns, moved, at_zero = [], [], [], 0.0, 0.0
    for group in found.groups:
        members = torch.tensor(group.members)
        rows, weights = w[members], a[members]
        sign = torch.ones(len(members), dtype=w.dtype)
        if mirror:
            sign = torch.where(rows @ rows[weights.abs().argmax()] < 0, -1.0, 1.0).to(w.dtype)
        aligned = sign[:, None] * rows
        centre = (weights.abs()[:, None] * aligned).sum(0) / weights.abs().sum()
        if float(centre.norm()) <= zero:
            moved += float((weights.abs() * rows.norm(dim=1)).sum())
            at_zero += float(weights.sum())
            continue
        moved += float((weights.abs() * (aligned - centre).norm(dim=1)).sum())
        plus.append(float(weights[sign > 0].sum()))
        minus.append(float(weights[sign < 0].sum()))
        columns.append(data.x @ centre)
    z = torch.stack(columns, 1)
    design = sigma_of(data.teacher.activation)(z)
    if mirror:
        design = torch.cat([design - 0.5, torch.full_like(design[:, :1], 0.5)], 1)
    least = float(torch.linalg.svdvals(design)[-1])
    rounding = 16 * EPS * float(a.abs().sum())
    error = loss**0.5 + SLOPE[name] * RADIUS * moved + rounding
    return Sums(np.array(plus), np.array(minus), at_zero, error * len(data.x) ** 0.5 / least)


@dataclass(frozen=True)
class Minima:
    """All converged students of a block satisfy a condition on the sums of their outgoing weights."""

    condition: Condition
    block: str = "sigmoid-5"
    flipped: bool = False


def sums_satisfy(statement: Minima, context: Context) -> Outcome:
    """The residuals of the condition against their bounds."""
    name = statement.block.split("-")[0]
    students = inside = 0
    worst = 0.0
    for student, loss in _converged(context, statement.block):
        sums = _sums(student, loss, name, name == "sigmoid", statement.flipped)
        residual = float(np.linalg.norm(statement.condition(sums)))
        students += 1
        inside += residual <= sums.bound
        worst = max(worst, residual)
    if not students:
        return undecided(why="no student converged")
    return decided(inside == students, students=students, inside=inside, largest_residual=worst)


def classical(sums: Sums) -> np.ndarray:
    """On the expansion manifold every sum is zero."""
    return np.array([*sums.plus, *sums.minus, sums.at_zero])


def mirrored(sums: Sums) -> np.ndarray:
    """With sigma(-z) = 1 - sigma(z): the sums at W and -W are equal, and all together are zero."""
    return np.array([*(sums.plus - sums.minus), sums.plus.sum() + sums.minus.sum() + sums.at_zero])


def some_are_outside(block: str, context: Context) -> Outcome:
    """Some converged students of the block are not on the expansion manifold, whatever the error of their function."""
    name = block.split("-")[0]
    students = outside = 0
    for student, loss in _converged(context, block):
        sums = _sums(student, loss, name, name == "sigmoid")
        students += 1
        outside += float(np.linalg.norm(classical(sums))) > sums.bound
    return decided(outside > 0, students=students, outside=outside)
