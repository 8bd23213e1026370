"""Polishing many students: this package against a loop of ``scipy.optimize.least_squares``.

    python -m benchmarks polish [--students 32] [--width 5] [--rounds 2] [--threads 1]

The work is that of figure 1 (c) of Simsek et al.: sigmoid students on 1681 points, after 1,000 steps of Adam. Scipy
gets the same residual and the same analytic Jacobian, and its fastest method, MINPACK's. Both stop where no step lowers
the loss any more, or after 400 (which those of the stuck students take that creep along a channel). The contenders take
turns, and the best round of each counts; ratios mean more than times. What is reached must agree: the numbers of losses
below 1e-15 may differ by a few, as a stuck student may be freed by another path.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from scipy.optimize import least_squares

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from numerics.batch import Batch
from numerics.experiments.simsek.students import SUCCESS, Task, initial, task
from numerics.objective import Objective
from numerics.optimizers import Adam
from numerics.residuals import Residuals, polish
from numerics.training import train

STEPS = 400
EPS = float(np.finfo(float).eps)


def batched(students: Batch, data: Task) -> np.ndarray:
    """This package."""
    return polish(students, data.x, data.y, steps=STEPS)[1].loss.numpy()


def looped(students: Batch, data: Task) -> np.ndarray:
    """A loop of scipy's Levenberg-Marquardt (MINPACK)."""
    problem = Residuals(students, data.x, data.y)

    def residual(row: np.ndarray) -> np.ndarray:
        return problem(torch.from_numpy(row)[None])[0].numpy()

    def jacobian(row: np.ndarray) -> np.ndarray:
        return problem.jacobian(torch.from_numpy(row)[None])[0].numpy()

    rows = students.flatten().numpy()
    options = {"method": "lm", "xtol": EPS, "ftol": EPS, "gtol": EPS, "max_nfev": STEPS}
    return np.array([2 * least_squares(residual, row, jacobian, **options).cost for row in rows])


def main() -> None:
    """Run both and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=32)
    parser.add_argument("--width", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    data = task("sigmoid")
    start = initial("sigmoid", args.width, args.students, seed=0)
    students = train(start, Objective(data.x, data.y), Adam(0.01), 1_000).batch
    contenders = {"batched": batched, "scipy, one by one": looped}
    best = dict.fromkeys(contenders, float("inf"))
    losses: dict[str, np.ndarray] = {}
    for _ in range(args.rounds):
        for name, contender in contenders.items():
            began = time.perf_counter()
            losses[name] = contender(students, data)
            best[name] = min(best[name], time.perf_counter() - began)
    table = Table(title=f"{args.students} students of width {args.width}, {args.threads} thread(s)")
    for column in ("", "seconds", "ratio", "loss < 1e-15", "median loss", "largest"):
        table.add_column(column, justify="left" if not column else "right")
    for name in contenders:
        found = losses[name]
        reached = f"{int((found < SUCCESS).sum())}/{args.students}"
        ratio = best[name] / best["batched"]
        table.add_row(
            name, f"{best[name]:.2f}", f"{ratio:.1f}", reached, f"{np.median(found):.1e}", f"{found.max():.1e}"
        )
    Console().print(table)


if __name__ == "__main__":
    main()
