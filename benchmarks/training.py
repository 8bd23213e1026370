"""Training many small networks: this package against a loop of modules and against ``torch.func.vmap``.

    python benchmarks/training.py [--seeds 10] [--rounds 3] [--threads 1] [--device cpu]

The work is that of figure 4 of Nurisso et al.: networks of 2 to 9 hidden neurons, every number of positive output
weights, full-batch gradient descent with the logistic loss on the breast-cancer data. The contenders take turns in
each round, and the best round of each counts; ratios within the table mean more than its times. All of them start
from the same networks, and the losses that they reach must agree.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from numerics.batch import Batch, stack
from numerics.data import breast_cancer
from numerics.device import pick_device
from numerics.objective import Objective
from numerics.optimizers import GradientDescent
from numerics.progress import ProgressBar
from numerics.training import train

H = 0.1
WIDTHS = range(2, 10)


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


Runner = Callable[[int], Tensor]


def batched(batch: Batch, x: Tensor, y: Tensor) -> Runner:
    """This package."""
    objective = Objective(x, y, "bce")
    return lambda steps: train(batch, objective, GradientDescent(H), steps).loss


def naive(batch: Batch, x: Tensor, y: Tensor) -> Runner:
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
        groups.append((module, {"0.weight": W1, "2.weight": W2}))

    def run(steps: int) -> Tensor:
        losses = []
        for module, start in groups:
            parameters = dict(start)
            gradient = torch.func.vmap(torch.func.grad(lambda p, m=module: loss(p, m)))
            for _ in range(steps):
                g = gradient(parameters)
                parameters = {name: p - H * g[name] for name, p in parameters.items()}
            losses.append(torch.func.vmap(lambda p, m=module: loss(p, m))(parameters))
        return torch.cat(losses)

    return run


def seconds(work: Callable[[], object], device: torch.device) -> float:
    """Return the CPU time of this process, or on an accelerator the time until it is done."""
    if device.type == "cpu":
        start = time.process_time()
        work()
        return time.process_time() - start
    torch.cuda.synchronize(device)
    start = time.perf_counter()
    work()
    torch.cuda.synchronize(device)
    return time.perf_counter() - start


def peak(dtype: torch.dtype, device: torch.device) -> float:
    """Return the rate of a large matrix product, in operations a second: what the hardware can do at all."""
    size = 1024 if device.type == "cpu" else 8192
    a = torch.randn(size, size, dtype=dtype, device=device)
    out = torch.empty_like(a)
    torch.mm(a, a, out=out)
    return 2 * size**3 / min(seconds(lambda: torch.mm(a, a, out=out), device) for _ in range(8))


def compare(dtype: torch.dtype, device: torch.device, seeds: int, rounds: int, bar: ProgressBar) -> Table:
    """Time the three contenders in turns and return the table."""
    data, _ = breast_cancer(dtype=dtype)
    x, y = data.x.to(device), data.y.to(device)
    batch = networks(seeds, dtype).to(device)
    units = int(batch.widths.sum())
    work = 4 * units * x.numel()  # the two matrix products of a step
    contenders = {"batched (this package)": (batched, 40), "vmap(grad)": (vmapped, 8), "loop of modules": (naive, 6)}
    runners = {name: (make(batch, x, y), steps) for name, (make, steps) in contenders.items()}

    reached = {name: run(2) for name, (run, _) in runners.items()}
    reference = reached["loop of modules"]
    for name, losses in reached.items():
        if not torch.allclose(losses, reference, rtol=1e-4, atol=1e-5):
            raise SystemExit(f"{name} and the loop of modules reach different losses: one of them is wrong")

    times: dict[str, list[float]] = {name: [] for name in runners}
    rates: list[float] = []
    for i in range(rounds):
        rates.append(peak(dtype, device))
        for j, (name, (run, steps)) in enumerate(runners.items()):
            times[name].append(seconds(partial(run, steps), device) / steps)
            bar(i * len(runners) + j + 1, rounds * len(runners))

    best = max(rates)
    kind = str(dtype).removeprefix("torch.")
    table = Table(
        title=f"{batch.n:,} networks, {units:,} hidden units, {len(data)} x 30 data, {kind} on {device}, "
        f"{torch.get_num_threads()} thread(s); peak of torch.mm {best / 1e9:,.0f} GFLOP/s"
    )
    table.add_column("contender")
    for column in ("ms a step (best)", "(worst)", "GFLOP/s of matrix products", "% of peak", "times the loop"):
        table.add_column(column, justify="right")
    slowest = min(times["loop of modules"])
    for name, measured in times.items():
        fastest = min(measured)
        table.add_row(
            name,
            f"{1e3 * fastest:.2f}",
            f"{1e3 * max(measured):.2f}",
            f"{work / fastest / 1e9:.1f}",
            f"{100 * work / fastest / best:.1f}",
            f"{slowest / fastest:.1f}",
        )
    return table


def main() -> None:
    """Run the comparison in single and double precision and print both tables."""
    parser = argparse.ArgumentParser(description="Batched training against a loop of modules and vmap(grad).")
    parser.add_argument("--seeds", type=int, default=10, help="networks of each kind (52 kinds)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    device = pick_device(options.device)
    console = Console()
    for dtype in (torch.float32, torch.float64):
        with ProgressBar(f"training in {dtype}") as bar:
            table = compare(dtype, device, options.seeds, options.rounds, bar)
        console.print(table)


if __name__ == "__main__":
    main()
