"""Steps too large for the flow: how many networks change a sign of an output weight.

    python -m benchmarks large_steps

F = -(x1 + x2) on 8,000 points of the unit square, 200 networks of 8 hidden neurons with c = -0.1 and positive output
weights, 200 steps of each size. On these quadrics the flow keeps the sign of every output weight, and with it the loss
above that of the zero function. Boosts cannot change a sign at any step size. A network counts as flipped when it
changed any sign while its numbers were finite; ``diverged`` when they did not stay so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch

from numerics.batch import Batch
from numerics.data import toy
from numerics.flow import commutator_free, gradient_descent, lie_euler, lie_midpoint, projected, runge_kutta
from numerics.initialize import rescale
from numerics.sorted_gradient import SortedObjective

from ._common import Row

WIDTH, IMBALANCE, STEPS = 8, -0.1, 200
SIZES = (0.1, 0.5, 1.0, 2.0, 5.0)
EXACT = {"lie_euler": lie_euler.step, "lie_midpoint": lie_midpoint.step, "commutator_free": commutator_free.step}
OTHERS = {"gradient_descent": gradient_descent.step, "projected": projected.step, "runge_kutta": runge_kutta.step}


class Outcome(NamedTuple):
    """Shares of the networks in per cent, and the largest drift of c over |w|^2 + a^2 while finite."""

    flipped: float
    diverged: float
    drift: float


def problem(n: int) -> tuple[Batch, SortedObjective]:
    """Return networks with positive output weights, and the task that they cannot solve."""
    generator = torch.Generator().manual_seed(2)
    w = torch.randn(n, WIDTH, 2, generator=generator, dtype=torch.float64) / 2
    a = torch.rand(n, 1, WIDTH, generator=generator, dtype=torch.float64) + 0.5
    data = toy()
    return rescale(Batch(w, a), torch.full((n, WIDTH), IMBALANCE, dtype=torch.float64)), SortedObjective(data.x, data.y)


def follow(step: Callable[..., Batch], start: Batch, objective: SortedObjective, h: float, steps: int) -> Outcome:
    """Take the steps; networks that are no longer finite are left behind."""
    n = start.n
    flipped, alive = torch.zeros(n, dtype=torch.bool), torch.arange(n)
    batch, drift = start, 0.0
    signs = start.signs()
    for _ in range(steps):
        batch = step(batch, objective, h)
        finite = torch.isfinite(batch.flatten()).all(1)
        if not bool(finite.all()):
            alive = alive[finite]
            if alive.numel() == 0:
                break
            batch = batch.select(finite.nonzero()[:, 0])
        flipped[alive] |= (batch.signs() != signs[alive]).any(1)
        size = batch.W1.square().sum(2) + batch.W2[:, 0].square()
        drift = max(drift, float(((batch.imbalance() - IMBALANCE).abs() / size).max()))
    return Outcome(100 * float(flipped.double().mean()), 100 * (1 - alive.numel() / n), drift)


def outcomes(n: int, steps: int) -> dict[str, dict[float, Outcome]]:
    """Return what becomes of the networks under every method at every step size."""
    start, objective = problem(n)
    methods: Mapping[str, Callable[..., Batch]] = {**EXACT, **OTHERS}
    return {name: {h: follow(step, start, objective, h, steps) for h in SIZES} for name, step in methods.items()}


def run(device: torch.device, quick: bool = False) -> tuple[list[Row], dict[str, Any]]:
    """Measure all methods at all step sizes."""
    found = outcomes(50 if quick else 200, 50 if quick else STEPS)
    rows = []
    for name in EXACT:
        most = max(outcome.flipped for outcome in found[name].values())
        rows.append(Row("large steps", f"{name}: networks that flip, at every h", most, 0, at_most=True, unit=" %"))
    for name in OTHERS:
        shares = {h: outcome.flipped for h, outcome in found[name].items()}
        listed = ", ".join(f"{share:.1f} at h = {h:g}" for h, share in shares.items())
        rows.append(Row("large steps", f"{name}: networks that flip, at most", max(shares.values()), 65, unit=" %",
                        note=listed))  # fmt: skip
    details = {name: {str(h): outcome._asdict() for h, outcome in by_h.items()} for name, by_h in found.items()}
    return rows, details
