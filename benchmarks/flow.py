"""Gradient flow to T = 10: error against gradient evaluations and time, and what is left of the imbalance.

    python -m benchmarks flow

Workload B is F = -(x1 + x2) on 8,000 points of the unit square; networks of 6 hidden neurons with c = -0.1. All
integrators get the same right-hand side, by prefix sums; for the time of 64 networks also the dense one of
``Objective``, which is what a user of torchdiffeq has at best. Each is run at several tolerances (or steps); what it
needs for an error is read off between them, on logarithmic scales. The error is the mean over the networks of the
largest error of a parameter at T, from torchdiffeq's dopri5 at a tolerance of 3e-7. The right-hand side jumps wherever
a neuron's sign on a sample changes, which bounds what a high order is good for. "One network" are four of them, one at
a time.

The drift is that of c_k from where it started, over |w_k|^2 + a_k^2 at the end.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor

from numerics.batch import Batch
from numerics.data import toy
from numerics.flow import FlowResult, integrate
from numerics.gradient import LossFunction
from numerics.initialize import rescale
from numerics.objective import Objective
from numerics.sorted_gradient import SortedObjective

from ._common import Row, seconds

WIDTH, IMBALANCE, TIME = 6, -0.1, 10.0
LEVELS = (3e-4, 1e-4)
ROUNDS = 3
"""Of what is timed."""
OURS, THEIRS = "adaptive", "torchdiffeq"


def _tolerances(*values: float) -> list[dict[str, float]]:
    return [{"rtol": value, "atol": value / 100} for value in values]


def _steps(*values: float) -> list[dict[str, float]]:
    return [{"h": value} for value in values]


CONTENDERS: Mapping[str, Sequence[Mapping[str, float]]] = {
    OURS: _tolerances(1e-2, 3e-3, 1e-3, 3e-4),
    "commutator_free": _steps(0.2, 0.1, 0.05),
    "runge_kutta": _steps(0.2, 0.1, 0.05),
    THEIRS: _tolerances(1e-3, 1e-4, 1e-5),
    "torchode": _tolerances(1e-3, 1e-4, 1e-5),
}
ONE_BY_ONE = {"RK45": _tolerances(1e-3, 1e-4, 1e-5), "DOP853": _tolerances(1e-3, 1e-4, 1e-5)}


class Point(NamedTuple):
    """What a run reached and what it cost."""

    error: float
    evaluations: float
    seconds: float
    drift: float


def problem(n: int, positive: bool) -> tuple[Batch, SortedObjective]:
    """Return networks on the quadrics of c = -0.1, with random or with positive output weights."""
    generator = torch.Generator().manual_seed(1)
    w = torch.randn(n, WIDTH, 2, generator=generator, dtype=torch.float64) / 2
    a = torch.randn(n, 1, WIDTH, generator=generator, dtype=torch.float64)
    data = toy()
    start = rescale(Batch(w, a.abs() if positive else a), torch.full((n, WIDTH), IMBALANCE, dtype=torch.float64))
    return start, SortedObjective(data.x, data.y)


def reference(start: Batch, objective: SortedObjective) -> Tensor:
    """Return (n, p): the parameters at T."""
    return integrate(start, objective, [0.0, TIME], THEIRS, rtol=3e-7, atol=3e-9).batch.flatten()


def point(method: str, options: Mapping[str, float], batches: Iterable[Batch], objective: LossFunction,
          truth: Tensor, rounds: int = 1) -> Point:  # fmt: skip
    """Run a method on every batch and return the means over all networks, and the largest drift.

    The time is the least of so many rounds.
    """
    ends, counts, time = [], [], 0.0
    for batch in batches:
        found: list[FlowResult] = []

        def once(batch: Batch = batch, found: list[FlowResult] = found) -> None:
            found.append(integrate(batch, objective, [0.0, TIME], method, **options))

        time += min(seconds(once, batch.device) for _ in range(rounds))
        ends.append(found[0].batch)
        counts.append(found[0].evaluations.double())
    error = (torch.cat([end.flatten() for end in ends]) - truth).abs().amax(1).mean()
    return Point(float(error), float(torch.cat(counts).mean()), time, max(_drift(end) for end in ends))


def _drift(end: Batch) -> float:
    size = end.W1.square().sum(2) + end.W2[:, 0].square()
    return float(((end.imbalance() - IMBALANCE).abs() / size).max())


def needed(points: Iterable[Point], error: float, cost: str) -> float:
    """Return the least cost of an error no larger than this, between runs on logarithmic scales; infinite beyond them.

    >>> needed([Point(1e-2, 10, 1, 0), Point(1e-4, 1000, 1, 0)], 1e-3, "evaluations")
    100.0
    >>> needed([Point(1e-2, 10, 1, 0)], 1e-3, "evaluations")
    inf
    """
    known = sorted((p.error, getattr(p, cost)) for p in points if math.isfinite(p.error))
    costs = [value for found, value in known if found <= error]
    for (small, dear), (large, cheap) in pairwise(known):
        if small <= error < large:
            share = math.log(error / small) / math.log(large / small)
            costs.append(math.exp((1 - share) * math.log(dear) + share * math.log(cheap)))
    return round(min(costs, default=math.inf), 6)


def curves(n: int, positive: bool, one_by_one: bool) -> tuple[dict[str, list[Point]], dict[str, list[Point]]]:
    """Return the runs of every method, on a batch or on its networks one by one; and two on a dense right-hand side.

    The dense ones are for the batch only.
    """
    start, objective = problem(n, positive)
    truth = reference(start, objective)
    batches = [start.select(k) for k in range(n)] if one_by_one else [start]

    def runs(methods: Mapping[str, Sequence[Mapping[str, float]]], loss: LossFunction) -> dict[str, list[Point]]:
        return {name: [point(name, options, batches, loss, truth, 1 if one_by_one else ROUNDS) for options in grid]
                for name, grid in methods.items()}  # fmt: skip

    if one_by_one:
        return runs({**CONTENDERS, **ONE_BY_ONE}, objective), {}
    two = {name: CONTENDERS[name] for name in (OURS, THEIRS)}
    return runs(CONTENDERS, objective), runs(two, Objective(objective.x, objective.targets))


def run(device: torch.device, quick: bool = False) -> tuple[list[Row], dict[str, Any]]:
    """Measure 64 networks at once and four one by one, with random and with positive output weights."""
    rows, details, drifts = [], {}, []
    for n, one_by_one in ((64, False), (4, True)):
        for positive in (False, True):
            signs = "all a > 0" if positive else "random signs"
            what = f"{'one network' if one_by_one else f'{n} at once'}, {signs}"
            found, dense = curves(n // 2 if quick else n, positive, one_by_one)
            details[what] = {name: [p._asdict() for p in points] for name, points in found.items()}
            details[f"{what}, dense"] = {name: [p._asdict() for p in points] for name, points in dense.items()}
            drifts += [p.drift for p in found[OURS]]
            others = {name: points for name, points in found.items() if name not in (OURS, "commutator_free")}
            for level in LEVELS:
                ours = needed(found[OURS], level, "evaluations")
                fewest = min((needed(points, level, "evaluations"), name) for name, points in others.items())
                rows.append(Row("B", f"{what}: evaluations over the fewest, error {level:.0e}", ours / fewest[0], 1.1,
                                at_most=True, note=f"{ours:.0f} against {fewest[1]}"))  # fmt: skip
                if one_by_one:
                    continue
                for points, kind in ((found, ""), (dense, " (dense)")):
                    time, theirs = (needed(points[name], level, "seconds") for name in (OURS, THEIRS))
                    rows.append(Row("B", f"{what}: time over {THEIRS}'s{kind}, error {level:.0e}", time / theirs,
                                    0.5, at_most=True, note=f"{time:.2f} s"))  # fmt: skip
    rows.insert(0, Row("B", "drift of c at every tolerance", max(drifts), 1e-13, at_most=True))
    return rows, details
