"""Workload A on an accelerator: operation by operation, as a CUDA graph, compiled; against its own peak and bandwidth.

    python -m benchmarks device --device cuda --out FOLDER

Networks are those of figure 4 of Nurisso et al. (see the benchmark ``training``). float32 means float32: TF32 is off.
Every contender is tried on its own, so that one that fails costs only itself, and what is known is written down after
each of them. Traffic is counted as the passes that a step makes over its hidden layers (seven) and its outputs (five);
where the hidden layers of a block stay in the cache, it may exceed what the memory could do.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from numerics import tiling
from numerics.batch import Batch
from numerics.fixed_steps import FixedSteps
from numerics.objective import Objective
from numerics.optimizers import GradientDescent
from numerics.training import train

from ._common import Row, best, machine, peak, save, seconds
from .training import H, data, looped, networks, operations, vmapped

MEGABYTES = (4, 8, 16, 32, 64, 256)
"""Sizes of the hidden layer of a block that are tried."""
STEPS = 2000


class Report:
    """Rows and details, kept on disk as they come."""

    def __init__(self, folder: Path | None, device: torch.device, budget: float) -> None:
        self.folder, self.about = folder, machine(device)
        self.rows: list[Row] = []
        self.details: dict[str, Any] = {}
        self.fastest: dict[torch.dtype, float] = {}
        self.end = time.monotonic() + budget

    def attempt(self, name: str, work: Callable[[], Any], needs: float = 0.0) -> Any:
        """Do the work and return what comes of it, or None; what fails is told, what would be late is left out."""
        if time.monotonic() + needs > self.end:
            self.details[name] = "left out: the time is up"
            return None
        began = time.monotonic()
        try:
            found = work()
            self.details[name] = found
        except Exception as error:
            found = None
            self.details[name] = {"failed": f"{type(error).__name__}: {error}", "where": traceback.format_exc()[-1500:]}
            print(f"{name}: failed, {type(error).__name__}: {str(error)[:300]}", flush=True)
        else:
            print(f"{name}: {found} ({time.monotonic() - began:.1f} s)", flush=True)
        self.write()
        return found

    def write(self) -> None:
        """Write down what is known."""
        if self.folder is not None:
            save(self.folder, "device", self.rows, self.details, self.about)


def bandwidth(device: torch.device, size: int) -> float:
    """Return the bytes read and written a second by a copy within the device's memory."""
    source = torch.empty(size // 4, dtype=torch.float32, device=device).normal_()
    target = torch.empty_like(source)
    return 2 * size / best(lambda: target.copy_(source), device)


def traffic(batch: Batch, x: Tensor, memory: int) -> int:
    """Return the bytes of the passes that a step makes over hidden layers and outputs, padding included."""
    objective = Objective(x, x[:, 0] * 0, "bce", memory=memory)
    samples = sum(tile.xt.shape[1] for tile in objective._blockwise.tiles(batch.width))
    units = tiling.tile_units(max(samples, tiling.columns_of(batch.d_in)), x, memory)
    blocks = tiling.network_blocks(batch.extents, units)
    hidden = sum((stop - start) * width for start, stop, width in blocks)
    return x.element_size() * samples * (7 * hidden + 5 * batch.n)


def fixed(batch: Batch, x: Tensor, y: Tensor, capture: bool, memory: int | None) -> tuple[FixedSteps, float]:
    """Return a loop of this package and its time for a step."""
    loop = FixedSteps(batch, Objective(x, y, "bce", memory=memory), GradientDescent(H), capture=capture)
    loop.advance(10)
    count = 300 if capture else 60
    device = batch.device
    return loop, min(seconds(lambda: loop.advance(count), device) for _ in range(3)) / count


def compiled(batch: Batch, x: Tensor, y: Tensor, mode: str) -> float:
    """Return the time of a step of the plain formulas, a width at a time, through ``torch.compile``."""
    n, samples = batch.n, x.shape[0]
    padded = torch.zeros(-(-samples // 16) * 16, 32, dtype=x.dtype, device=x.device)
    padded[:samples, : x.shape[1]] = x
    target = functional.pad(y[:, 0], (0, padded.shape[0] - samples))
    xt = padded.t().contiguous()

    def step(W1: Tensor, W2: Tensor) -> tuple[Tensor, Tensor]:
        m, width, columns = W1.shape
        h = (W1.reshape(-1, columns) @ xt).relu().view(m, width, -1)
        r = (torch.bmm(W2, h).sigmoid() - target) / samples
        g = torch.where(h > 0, r, 0).view(m * width, -1)
        v = (g @ padded).view(m, width, columns)
        return W1 - H * W2.transpose(1, 2) * v, W2 - H * (W1 * v).sum(2)[:, None]

    torch._dynamo.reset()
    fast = torch.compile(step, mode=mode, dynamic=True)
    extents = torch.tensor(batch.extents)
    groups = [(extents == width).nonzero()[:, 0].to(x.device) for width in sorted(set(batch.extents))]
    states = [
        (functional.pad(batch.W1[k][:, :w], (0, 2)).contiguous(), batch.W2[k][:, :, :w].contiguous())
        for k, w in zip(groups, sorted(set(batch.extents)), strict=True)
    ]
    assert sum(len(k) for k in groups) == n

    def steps(count: int) -> None:
        for _ in range(count):
            torch.compiler.cudagraph_mark_step_begin()
            states[:] = [tuple(t.clone() for t in fast(*state)) for state in states]

    with torch.no_grad():
        plain = step(*states[0])
        torch.testing.assert_close(fast(*states[0]), plain, rtol=1e-3, atol=1e-4)
        steps(5)
        return min(seconds(lambda: steps(50), x.device) for _ in range(3)) / 50


def kernels(batch: Batch, x: Tensor, y: Tensor, memory: int | None) -> dict[str, Any]:
    """Return how many kernels a step launches when it runs operation by operation, and the longest of them."""
    from torch.profiler import ProfilerActivity, profile

    loop = FixedSteps(batch, Objective(x, y, "bce", memory=memory), GradientDescent(H), capture=False)
    loop.advance(2)
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as seen:
        loop.advance(10)
        loop.wait()
    events = seen.key_averages()
    busy = [(event.key, event.device_time_total / 10, event.count / 10) for event in events if _is_kernel(event)]
    longest = sorted(busy, key=lambda item: -item[1])[:12]
    return {
        "launches a step": sum(event.count for event in events if "LaunchKernel" in event.key) / 10,
        "busy, microseconds a step": sum(item[1] for item in busy),
        "longest: microseconds and launches a step": {key[:120]: [time, count] for key, time, count in longest},
    }


def _is_kernel(event: Any) -> bool:
    return "CUDA" in str(getattr(event, "device_type", ""))


def disagreement(batch: Batch, loop: FixedSteps, steps: int) -> float:
    """Return how far the losses that a loop reached are from those of float64 on the CPU, at most."""
    x, y = data(torch.float64)
    few = torch.arange(0, batch.n, 50)
    reference = train(batch.select(few.to(batch.device)).to("cpu", torch.float64), Objective(x, y, "bce"),
                      GradientDescent(H), steps).loss  # fmt: skip
    reached = loop.examine()[0].double().cpu()[few]
    return float((reached - reference).abs().max())


def single_type(dtype: torch.dtype, device: torch.device, seeds: int, report: Report) -> None:
    """Measure everything in one floating-point type."""
    kind = str(dtype).removeprefix("torch.")
    x, y = (t.to(device) for t in data(dtype))
    batch = networks(seeds, dtype).to(device)
    _ = batch.extents
    size = 8192 if device.type == "cuda" else 512
    rate = report.attempt(f"{kind}: peak operations a second", lambda: peak(dtype, device, size))
    copied = report.attempt(
        "bytes a second of a copy", lambda: bandwidth(device, 2**32 if device.type == "cuda" else 2**24)
    )
    times: dict[str, tuple[float, int]] = {}

    def measured(name: str, capture: bool, megabytes: int) -> Any:
        memory = megabytes * 2**20
        loop, step = fixed(batch, x, y, capture, memory)
        times[name] = (step, memory)
        moved = traffic(batch, x, memory)
        found = {"seconds a step": step, "networks x steps a second": batch.n / step}
        if rate:
            found["% of the peak"] = 100 * operations(batch, x) / step / rate
        if copied:
            found["% of the bandwidth"] = 100 * moved / step / copied
        return found | {"replays": loop.replays}

    def right() -> float:
        loop = FixedSteps(batch, Objective(x, y, "bce"), GradientDescent(H))
        loop.advance(20)
        return disagreement(batch, loop, 20)

    error = report.attempt(f"{kind}: largest error of a loss after 20 steps", right)
    if error is not None:
        # In float32 rounding may put a sample on the other side of a kink, which moves a loss by about H/N.
        report.rows.append(Row(f"device A, {kind}", "error of the losses after 20 steps", error,
                               1e-11 if dtype == torch.float64 else 1e-3, at_most=True))  # fmt: skip
    for capture, sizes in ((True, MEGABYTES), (False, (16, 256))):
        for megabytes in sizes:
            name = f"{kind}: {'graph' if capture else 'eager'}, blocks of {megabytes} MB"
            report.attempt(name, lambda name=name, c=capture, m=megabytes: measured(name, c, m))
    if not times:
        return
    name, (step, memory) = min(times.items(), key=lambda item: item[1][0])
    workload = f"device A, {kind}"
    report.rows.append(Row(workload, "networks x steps a second", batch.n / step, note=name))
    report.rows.append(Row(workload, f"networks trained a second ({STEPS} steps)", batch.n / step / STEPS))
    if rate:
        report.rows.append(Row(workload, "of the peak of matrix products", 100 * operations(batch, x) / step / rate,
                               unit=" %"))  # fmt: skip
    if copied:
        report.rows.append(Row(workload, "of the bandwidth of a copy", 100 * traffic(batch, x, memory) / step / copied,
                               unit=" %"))  # fmt: skip
    eager = [t for other, (t, _) in times.items() if "eager" in other]
    if eager:
        report.rows.append(Row(workload, "graph against eager", min(eager) / step, unit=" x"))

    def whole() -> dict[str, float]:
        objective = Objective(x, y, "bce")
        took = seconds(lambda: train(batch, objective, GradientDescent(H), STEPS), device)
        return {"seconds": took, "networks a second": batch.n / took}

    report.attempt(f"{kind}: train(), {STEPS} steps", whole)
    report.attempt(f"{kind}: kernels", lambda: kernels(batch, x, y, memory))
    vmap = report.attempt(f"{kind}: vmap(grad), seconds a step", lambda: _steps(vmapped(batch, x, y), 10, device))
    if vmap:
        report.rows.append(Row(workload, "times as fast as vmap(grad)", vmap / step))
    few = networks(1, dtype).to(device)
    loop = report.attempt(
        f"{kind}: loop of modules, seconds a step",
        lambda: _steps(looped(few, x, y), 2, device) * batch.n / few.n,
    )
    if loop:
        report.rows.append(Row(workload, "times as fast as a loop of modules", loop / step))
    report.fastest[dtype] = step
    report.write()


def _steps(runner: Callable[[int], Tensor], steps: int, device: torch.device) -> float:
    runner(1)
    return (seconds(lambda: runner(2 * steps), device) - seconds(lambda: runner(steps), device)) / steps


def scale(device: torch.device, report: Report) -> None:
    """Measure what a step costs, and the memory it takes, from 100 networks to a million."""
    x, y = (t.float().to(device) for t in data(torch.float32))
    objective = Objective(x, y, "bce")

    def step(n: int) -> dict[str, float]:
        generator = torch.Generator(device).manual_seed(0)
        batch = Batch(torch.randn(n, 8, 30, generator=generator, device=device) / 30**0.5,
                      torch.randn(n, 1, 8, generator=generator, device=device))  # fmt: skip
        _ = batch.extents
        objective.gradient(batch)
        torch.cuda.reset_peak_memory_stats(device)
        took = min(seconds(lambda: objective.gradient(batch), device) for _ in range(3))
        return {"seconds": took, "networks a second": n / took, "bytes": torch.cuda.max_memory_allocated(device)}

    for n in (10**2, 10**3, 10**4, 10**5, 10**6):
        report.attempt(f"float32: gradients of {n} networks of width 8", lambda n=n: step(n))


def figure(dtype: torch.dtype, device: torch.device) -> dict[str, Any]:
    """Run figure 4 of Nurisso et al. at full size: time, and the mean test loss of every cell."""
    from numerics.experiments.nurisso import figure_4

    began = time.perf_counter()
    found = figure_4.run(quick=False, device=str(device), dtype=dtype)
    took = time.perf_counter() - began
    count = int(found.test_loss.notnull().sum())
    means = {
        str(name): found.test_loss.sel(protocol=name).mean("seed").values.round(4).tolist()
        for name in found.protocol.values
    }
    return {
        "seconds": took,
        "networks": count,
        "networks a second": count / took,
        "positive bound": found.positive_bound,
        "mean test loss by protocol, width, l_plus": means,
    }


def compilation(dtype: torch.dtype, device: torch.device, seeds: int, mode: str, report: Report) -> None:
    """Compare the plain formulas through ``torch.compile``."""
    kind = str(dtype).removeprefix("torch.")
    x, y = (t.to(device) for t in data(dtype))
    batch = networks(seeds, dtype).to(device)
    name = f"{kind}: torch.compile, {mode}, seconds a step"
    found = report.attempt(name, lambda: compiled(batch, x, y, mode), needs=40)
    if found and dtype in report.fastest:
        figure = found / report.fastest[dtype]
        report.rows.append(Row(f"device A, {kind}", f"graph against torch.compile, {mode}", figure, unit=" x"))


def run(device: torch.device, quick: bool = False, folder: Path | None = None, budget: float = 150.0) -> Report:
    """Measure in both types, best-known things first, within about so many seconds."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.set_float32_matmul_precision("highest")
    report = Report(folder, device, budget)
    seeds = 2 if quick else 100
    for dtype in (torch.float32, torch.float64):
        single_type(dtype, device, seeds, report)
    if device.type == "cuda":
        scale(device, report)
        for dtype in (torch.float32, torch.float64):
            kind = str(dtype).removeprefix("torch.")
            found = report.attempt(f"{kind}: figure 4 at full size", lambda d=dtype: figure(d, device), needs=25)
            if found:
                report.rows.append(Row(f"device figure 4, {kind}", "networks a second", found["networks a second"]))
        for mode in ("default", "reduce-overhead"):
            compilation(torch.float32, device, seeds, mode, report)
    report.write()
    return report
