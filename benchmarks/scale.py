"""How the cost of a gradient grows: from 100 networks to a million, 2 neurons to 4,096, 100 samples to a million.

    python -m benchmarks scale

One axis grows while the others stay; float32. The unit of work is a hidden neuron on a sample. The figure is the cost
of a unit at the dearest size of an axis over that at the cheapest; the smallest problems have 200,000 units, as below
that the 0.1 ms shows that an evaluation takes whatever it works on. Memory is that of the parameters, in bytes a
network (a gradient takes the same), and of the largest tensor that an evaluation makes beside them, which does not
grow.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from numerics.batch import Batch
from numerics.objective import Objective

from ._common import Row, seconds

TARGET = 2.0
INPUTS = 8
NETWORKS = (10**2, 10**3, 10**4, 10**5, 10**6)
NEURONS = (2, 8, 32, 128, 512, 2_048, 4_096)
SAMPLES = (10**2, 10**3, 10**4, 10**5, 10**6)


class LargestTensor(TorchDispatchMode):
    """Measures every tensor that an operation makes, except those of the shapes given."""

    def __init__(self, known: Iterable[torch.Size]) -> None:
        super().__init__()
        self.known, self.bytes = set(known), 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, (tuple, list)) else [result]:
            if isinstance(tensor, Tensor) and tensor.shape not in self.known:
                self.bytes = max(self.bytes, tensor.numel() * tensor.element_size())
        return result


def problem(n: int, width: int, samples: int, device: torch.device) -> tuple[Batch, Objective]:
    """Return networks and samples with standard normal numbers."""
    generator = torch.Generator().manual_seed(0)
    W1, W2 = torch.randn(n, width, INPUTS, generator=generator), torch.randn(n, 1, width, generator=generator)
    x = torch.randn(samples, INPUTS, generator=generator)
    return Batch(W1, W2).to(device), Objective(x, x[:, 0].sin()).to(device)


def largest_intermediate(batch: Batch, objective: Objective) -> int:
    """Return the bytes of the largest tensor of an evaluation beside parameters and gradient."""
    objective.gradient(batch)  # cuts the data up, once
    with LargestTensor({t.shape for t in batch.parameters}) as seen:
        objective.gradient(batch)
    return seen.bytes


def _repeat(objective: Objective, batch: Batch, times: int) -> None:
    for _ in range(times):
        objective.gradient(batch)


def axis(sizes: Iterable[tuple[int, int, int]], device: torch.device, rounds: int) -> dict[str, Any]:
    """Return, for every size (networks, neurons, samples), the seconds a unit of work and the bytes."""
    found = {}
    for n, width, samples in sizes:
        batch, objective = problem(n, width, samples, device)
        units = n * width * samples
        repeats = max(1, min(100, 30_000_000 // units))
        largest = largest_intermediate(batch, objective)
        work = partial(_repeat, objective, batch, repeats)
        least = min(seconds(work, device) for _ in range(rounds)) / repeats
        found[f"{n} x {width} on {samples}"] = {
            "seconds": least,
            "nanoseconds a unit": 1e9 * least / units,
            "largest intermediate, bytes": largest,
            "parameters, bytes a network": sum(t[0].numel() for t in batch.parameters) * batch.W1.element_size(),
        }
    return found


def run(device: torch.device, quick: bool = False) -> tuple[list[Row], dict[str, Any]]:
    """Measure the three axes."""
    last = -2 if quick else None
    axes = {
        "networks, 10² to 10⁶": [(n, 8, 256) for n in NETWORKS[:last]],
        "neurons, 2 to 4,096": [(256, width, 512) for width in NEURONS[:last]],
        "samples, 10² to 10⁶": [(256, 8, samples) for samples in SAMPLES[:last]],
    }
    rows, details = [], {}
    for name, sizes in axes.items():
        details[name] = axis(sizes, device, 1 if quick else 2)
        costs = [point["nanoseconds a unit"] for point in details[name].values()]
        largest = max(point["largest intermediate, bytes"] for point in details[name].values())
        spread = max(costs) / min(costs)
        rows.append(Row("scale", f"{name}: dearest over cheapest unit", spread, TARGET, at_most=True))
        rows.append(Row("scale", f"{name}: largest intermediate", largest / 1e6, 2.0, at_most=True, unit=" MB"))
    return rows, details
