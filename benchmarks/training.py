"""Training many small networks: this package against a loop of modules and against ``torch.func.vmap``.

    python -m benchmarks training

Workload A is that of figure 4 of Nurisso et al.: 52 kinds of networks, of 2 to 9 hidden neurons and every number of
positive output weights, 100 of each; full-batch gradient descent with the logistic loss on the breast-cancer data.
The contenders take turns in each round, and the best round of each counts; ratios within the table mean more than its
times. All of them start from the same networks, and the losses that they reach must agree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from numerics.batch import Batch, stack
from numerics.data import breast_cancer
from numerics.objective import Objective
from numerics.optimizers import GradientDescent
from numerics.training import train

from ._common import Row, in_turns, peak, seconds

H = 0.1
WIDTHS = range(2, 10)
TARGETS = {torch.float32: (35, 6, 50), torch.float64: (20, 5, 45)}
"""How many times the loop and vmap, and how much of the peak of matrix products in per cent."""

Runner = Callable[[int], Tensor]


def networks(seeds: int, dtype: torch.dtype) -> Batch:
    """Return ``seeds`` networks for each width and each number of positive output weights."""
    generator = torch.Generator().manual_seed(0)
    parts = []
    for width in WIDTHS:
        n = (width + 1) * seeds
        W1 = torch.randn(n, width, 30, generator=generator, dtype=dtype) / 30**0.5
        W2 = torch.rand(n, 1, width, generator=generator, dtype=dtype) + 0.5
        positive = torch.arange(width + 1).repeat_interleave(seeds)
        W2 = torch.where(torch.arange(width) < positive[:, None, None], W2, -W2)
        parts.append(Batch(W1, W2))
    return stack(parts)


def data(dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Return all 569 samples of the breast-cancer data."""
    parts = breast_cancer(dtype=dtype)
    return torch.cat([part.x for part in parts]), torch.cat([part.y for part in parts])


def batched(batch: Batch, x: Tensor, y: Tensor) -> Runner:
    """This package."""
    objective = Objective(x, y, "bce")
    return lambda steps: train(batch, objective, GradientDescent(H), steps).loss


def looped(batch: Batch, x: Tensor, y: Tensor) -> Runner:
    """A Python loop over ``nn.Module`` networks, each with its own ``torch.optim.SGD``."""
    modules = batch.to_modules()
    optimizers = [torch.optim.SGD(module.parameters(), H) for module in modules]

    def run(steps: int) -> Tensor:
        losses = []
        for module, optimizer in zip(modules, optimizers, strict=True):
            for _ in range(steps):
                optimizer.zero_grad()
                torch.autograd.backward(functional.binary_cross_entropy_with_logits(module(x), y))
                optimizer.step()
            with torch.no_grad():
                losses.append(functional.binary_cross_entropy_with_logits(module(x), y))
        return torch.stack(losses)

    return run


def vmapped(batch: Batch, x: Tensor, y: Tensor) -> Runner:
    """``torch.func.vmap`` of ``torch.func.grad``, the networks of each width at a time."""

    def loss(parameters: dict[str, Tensor], module: nn.Module) -> Tensor:
        return functional.binary_cross_entropy_with_logits(torch.func.functional_call(module, parameters, (x,)), y)

    groups = []
    for width in sorted(set(batch.extents)):
        members = [k for k, extent in enumerate(batch.extents) if extent == width]
        module = batch.select(members[0]).to_modules()[0].to("meta")
        W1, W2 = batch.W1[members, :width], batch.W2[members, :, :width]
        groups.append((members, module, {"0.weight": W1, "2.weight": W2}))

    def run(steps: int) -> Tensor:
        losses = x.new_empty(batch.n)
        for members, module, start in groups:
            parameters = dict(start)
            gradient = torch.func.vmap(torch.func.grad(lambda p, m=module: loss(p, m)))
            for _ in range(steps):
                g = gradient(parameters)
                parameters = {name: p - H * g[name] for name, p in parameters.items()}
            losses[members] = torch.func.vmap(lambda p, m=module: loss(p, m))(parameters)
        return losses

    return run


CONTENDERS: dict[str, tuple[Callable[[Batch, Tensor, Tensor], Runner], int]] = {
    "this package": (batched, 20),
    "vmap(grad)": (vmapped, 3),
    "loop of modules": (looped, 20),
}
"""Each contender and how many steps it takes in a round, and then twice as many."""


def operations(batch: Batch, x: Tensor) -> int:
    """Return the operations of the two matrix products that a step needs, without padding."""
    return 4 * int(batch.widths.sum()) * x.numel()


def disagreement(dtype: torch.dtype, device: torch.device, seeds: int = 1) -> float:
    """Return the largest difference between the losses that the contenders reach in two steps, from the loop's."""
    x, y = (t.to(device) for t in data(dtype))
    batch = networks(seeds, dtype).to(device)
    reached = {name: make(batch, x, y)(2) for name, (make, _) in CONTENDERS.items()}
    return max(float((losses - reached["loop of modules"]).abs().max()) for losses in reached.values())


def measure(dtype: torch.dtype, device: torch.device, seeds: int, rounds: int) -> tuple[list[Row], dict[str, Any]]:
    """Time the contenders in turns; the loop on the first networks of each kind only, as every network costs alike."""
    x, y = (t.to(device) for t in data(dtype))
    batch = networks(seeds, dtype).to(device)
    few = networks(1, dtype).to(device)
    share = batch.n / few.n

    rates: list[float] = []

    def rate() -> float:
        rates.append(peak(dtype, device))
        return 0.0

    def timed(run: Runner, count: int) -> Callable[[], float]:
        return lambda: seconds(lambda: run(count), device)

    work = {"peak": rate}
    for name, (make, steps) in CONTENDERS.items():
        run = make(few if make is looped else batch, x, y)
        work |= {f"{name}, {factor}": timed(run, factor * steps) for factor in (1, 2)}
    least = {name: min(found) for name, found in in_turns(work, rounds).items()}
    # What a run costs beside its steps, such as the final loss, is in both and so taken off.
    times = {name: (least[f"{name}, 2"] - least[f"{name}, 1"]) / steps for name, (_, steps) in CONTENDERS.items()}
    times["loop of modules"] *= share
    ours, kind = times["this package"], str(dtype).removeprefix("torch.")
    reached = operations(batch, x) / ours
    loop, vmap, percent = TARGETS[dtype]
    workload = f"A, {kind}"
    rows = [
        Row(workload, "times as fast as a loop of modules", times["loop of modules"] / ours, loop),
        Row(workload, "times as fast as vmap(grad)", times["vmap(grad)"] / ours, vmap),
        Row(workload, "of the peak of matrix products", 100 * reached / max(rates), percent, unit=" %"),
    ]
    details = {
        "networks": batch.n,
        "hidden units": int(batch.widths.sum()),
        "data": list(x.shape),
        "seconds a step": times,
        "networks x steps a second": batch.n / ours,
        "operations a second": reached,
        "peak operations a second": max(rates),
    }
    return rows, details


def run(device: torch.device, quick: bool = False) -> tuple[list[Row], dict[str, Any]]:
    """Measure in single and double precision."""
    error = disagreement(torch.float64, device)
    if not error < 1e-12:  # two steps of sums over 569 terms of size one
        raise RuntimeError(f"the contenders reach losses that differ by {error:.1e}: one of them is wrong")
    rows, details = [], {"disagreement": error}
    for dtype in TARGETS:
        found, more = measure(dtype, device, 4 if quick else 100, 1 if quick else 4)
        rows += found
        details[str(dtype)] = more
    return rows, details
