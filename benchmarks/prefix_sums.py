"""The right-hand side of the flow in the plane: prefix sums over sorted samples against the dense matrix products.

    python -m benchmarks prefix_sums

2,000 networks of 8 hidden neurons on 8,000 samples all around the plane, float64, loss and gradient of all of them at
once. The dense one is this package's own, not a naive loop. The two must agree to rounding.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from numerics.batch import Batch
from numerics.objective import Objective
from numerics.sorted_gradient import SortedObjective

from ._common import Row, in_turns, seconds

WIDTH, SAMPLES = 8, 8_000
TARGET = 50


def problem(n: int, width: int, samples: int, device: torch.device) -> tuple[Batch, SortedObjective, Objective]:
    """Return networks with standard normal weights and both objectives on standard normal samples."""
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64).to(device)

    x = normal(samples, 2)
    y = x.sum(1).sin()
    return Batch(normal(n, width, 2), normal(n, 1, width)), SortedObjective(x, y), Objective(x, y)


def disagreement(batch: Batch, fast: SortedObjective, dense: Objective) -> float:
    """Return the largest difference of a gradient's entry, from the largest entry."""
    found, expected = fast.gradient(batch).flatten(), dense.gradient(batch).flatten()
    return float((found - expected).abs().max() / expected.abs().max())


def _seconds_each(objective: SortedObjective | Objective, batch: Batch, repeats: int, device: torch.device) -> float:
    return seconds(lambda: [objective.loss_and_gradient(batch) for _ in range(repeats)], device) / repeats


def run(device: torch.device, quick: bool = False) -> tuple[list[Row], dict[str, Any]]:
    """Measure batches of several sizes; the target is for the largest."""
    rows, details = [], {}
    for n in (1, 64, 2_000)[: 2 if quick else 3]:
        batch, fast, dense = problem(n, WIDTH, SAMPLES, device)
        error = disagreement(batch, fast, dense)
        if not error < 1e-11:  # sums over 8,000 samples, and over 8 neurons
            raise RuntimeError(f"the two right-hand sides differ by {error:.1e}: one of them is wrong")

        repeats = {"sorted": max(20, 2_000 // n), "dense": max(1, 100 // n)}
        work = {
            name: partial(_seconds_each, objective, batch, repeats[name], device)
            for name, objective in (("sorted", fast), ("dense", dense))
        }
        times = in_turns(work, 5)
        best = {name: min(found) for name, found in times.items()}
        ratio = best["dense"] / best["sorted"]
        is_last = n == 2_000
        rows.append(Row("prefix sums", f"times as fast as dense, {n} networks", ratio, TARGET if is_last else None))
        details[f"{n} networks"] = {"seconds": best, "disagreement": error}
    return rows, details
