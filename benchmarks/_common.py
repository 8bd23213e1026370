"""What every benchmark needs: clocks, the hardware's peak, figures beside their targets, and results on disk."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from numerics.native.compiler import why_not

TOLERATED = 0.7
"""The share of a target below which a run fails: machines are noisy."""
PACKAGES = ("torch", "numpy", "scipy", "sympy", "torchdiffeq", "torchode", "triton")


@dataclass(frozen=True)
class Row:
    """A figure beside its target; ``at_most`` where less is better; no target where it is told for information."""

    workload: str
    what: str
    figure: float
    target: float | None = None
    at_most: bool = False
    unit: str = ""
    note: str = ""

    @property
    def share(self) -> float | None:
        """How much of the target is reached, 1 or more where all of it is."""
        if self.target is None:
            return None
        if not np.isfinite(self.figure):
            return 0.0
        if self.at_most:
            return 1.0 if self.figure <= self.target else self.target / self.figure
        return self.figure / self.target

    @property
    def verdict(self) -> str:
        """``reached``, ``near`` (at least ``TOLERATED`` of it), ``missed``, or nothing where there is no target."""
        share = self.share
        if share is None:
            return ""
        return "reached" if share >= 1 else "near" if share >= TOLERATED else "missed"


def exit_status(rows: Iterable[Row]) -> int:
    """Return 0 where every target is reached to ``TOLERATED`` at least, 1 otherwise."""
    return int(any(row.verdict == "missed" for row in rows))


def table(rows: Iterable[Row], title: str = "") -> Table:
    """Return the rows as a table, target beside figure."""
    grid = Table(title=title)
    for column in ("workload", "what", "figure", "target", "", "note"):
        grid.add_column(column, justify="right" if column in ("figure", "target") else "left")
    for row in rows:
        target = "" if row.target is None else f"{'≤' if row.at_most else '≥'} {_number(row.target)}{row.unit}"
        grid.add_row(row.workload, row.what, f"{_number(row.figure)}{row.unit}", target, row.verdict, row.note)
    return grid


def _number(value: float) -> str:
    size = abs(value)
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    if size < 1e-3 or size >= 1e7:
        return f"{value:.1e}"
    return f"{value:,.0f}" if size >= 1000 or value == int(value) else f"{value:.3g}"


def machine(device: torch.device | None = None) -> dict[str, Any]:
    """Return what ran this: machine, versions, date."""
    found = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": platform.platform(),
        "processor": _processor(),
        "processors": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "kernels": why_not() or "compiled",
    }
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    if device is not None and device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        found |= {
            "device": properties.name,
            "device_memory": properties.total_memory,
            "device_processors": properties.multi_processor_count,
            "device_cache": getattr(properties, "L2_cache_size", None),
            "cuda": torch.version.cuda,
        }
    return found


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor()


def save(folder: Path, name: str, rows: Iterable[Row], details: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write ``name.json`` and ``name.txt`` into the folder."""
    rows = list(rows)
    folder.mkdir(parents=True, exist_ok=True)
    record = {
        "machine": dict(about),
        "rows": [{**asdict(row), "share": row.share, "verdict": row.verdict} for row in rows],
        "details": dict(details),
    }
    (folder / f"{name}.json").write_text(json.dumps(record, indent=1, default=str) + "\n", encoding="utf-8")
    with (folder / f"{name}.txt").open("w", encoding="utf-8") as file:
        console = Console(file=file, width=150)
        console.print(", ".join(f"{key} {value}" for key, value in about.items()))
        console.print(table(rows))


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


def best(work: Callable[[], object], device: torch.device, rounds: int = 5) -> float:
    """Return the least time of several rounds, after one that does not count."""
    work()
    return min(seconds(work, device) for _ in range(rounds))


def peak(dtype: torch.dtype, device: torch.device, size: int | None = None) -> float:
    """Return the rate of a large square matrix product, in operations a second: what the hardware can do at all.

    On a CPU that of torch's library or of numpy's, whichever is faster.
    """
    size = (1024 if device.type == "cpu" else 8192) if size is None else size
    a = torch.randn(size, size, dtype=dtype, device=device)
    out = torch.empty_like(a)
    fastest = best(lambda: torch.mm(a, a, out=out), device)
    if device.type == "cpu":
        plain, result = a.numpy(), out.numpy()
        fastest = min(fastest, best(lambda: np.matmul(plain, plain, out=result), device))
    return 2 * size**3 / fastest


def in_turns(work: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Let each contender have its turn in each round, and return the times that each of them says it took."""
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, contender in work.items():
            times[name].append(contender())
    return times
