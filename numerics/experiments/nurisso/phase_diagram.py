"""A phase diagram: which networks reach a target by gradient flow, against l, l_+, |c| and the signs of the output.

The target needs one positive and two negative output weights (:mod:`.phase_task`). Where the component of H(c) on which
a network starts has fewer, whatever signs its healthy neurons take, no flow on H(c) reaches the target, and a lower
bound of the loss says how far it stays. The flow is followed by Lie-Euler steps, which keep c and the component exactly
at any step size: so these networks must not reach it in the computer either. The others may, or not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from quadrics.errors import DimensionError, ImbalanceError

from ...batch import Batch
from ...device import pick_device
from ...flow import lie_euler
from ...initialize import rescale
from ...sweep import Engine, Progress, gather
from .phase_diagram_view import figure, table
from .phase_task import Task, bound, is_reachable, make_task

__all__ = ["RULES", "Size", "figure", "run", "table"]

KIND = "beyond.nurisso.phase-diagram"
STEP, TIME = 0.1, 40.0

RULES: dict[str, Callable[[Tensor], Tensor]] = {
    "positive": lambda drawn: torch.ones_like(drawn),
    "alternating": lambda drawn: 1 - 2 * (torch.arange(drawn.shape[1]) % 2).to(drawn).expand_as(drawn),
    "random": lambda drawn: drawn.sign(),
}
"""The signs of the initial output weights (n, l), from what was drawn: all +, or + - + - ..., or as drawn."""


@dataclass(frozen=True)
class Size:
    """How much is run: widths, sizes of every ``|c_k|``, initializations a cell, samples, time of the flow."""

    widths: tuple[int, ...] = tuple(range(2, 9))
    imbalances: tuple[float, ...] = (0.01, 0.1, 1.0)
    seeds: int = 200
    samples: int = 1000
    time: float = TIME
    rules: tuple[str, ...] = tuple(RULES)


QUICK = Size(widths=(3, 6), imbalances=(0.1,), seeds=30)
FULL = Size()


def run(
    quick: bool = True,
    seed: int = 0,
    device: str = "cpu",
    progress: Progress | None = None,
    size: Size | None = None,
    folder: str | Path | None = None,
    engine: Engine | None = None,
) -> xr.Dataset:
    """Follow the flow in every cell and return what it reached, and what the component cannot reach.

    Variables over (rule, imbalance, width, l_plus, seed), NaN where there is no such network: ``loss`` (at the end),
    ``positive_signs`` (pathological neurons that start with a > 0), ``reachable`` (1 where the component of the start
    expresses the target), ``bound`` (a lower bound of the losses of that component), ``drift`` (the largest
    ``|c_k(end) - c_k(0)|/(|w|² + a²)``), ``flips`` (pathological neurons whose output weight ended with another sign).
    Attribute ``mean_square``: the loss of the network that is zero.

    Args:
        quick: two widths and one size of c (``QUICK``), or seven and three (``FULL``).
        seed: of the samples and of the initial weights.
        device: where to follow the flow.
        progress: called after each block: a width with a sign rule and a size of c.
        size: instead of ``quick``.
        folder: where blocks are kept as they are done, so that an interrupted run resumes.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        DeviceError: this machine has no such device.
        DimensionError: no seeds or samples, a width below 1, an unknown rule, an empty list.
        ImbalanceError: a size of c that is not positive.
        ResultsError: the folder holds blocks of another run.

    >>> data = run(size=Size(widths=(2, 3), imbalances=(0.1,), seeds=2, samples=50, time=1.0, rules=("positive",)))
    >>> dict(data.loss.sizes)
    {'rule': 1, 'imbalance': 1, 'width': 2, 'l_plus': 4, 'seed': 2}
    >>> data.reachable.isel(rule=0, imbalance=0, seed=0).sel(width=3).values  # two negative neurons must be free
    array([0., 0., 1., 1.])
    """
    size = size or (QUICK if quick else FULL)
    lists = size.widths and size.imbalances and size.rules
    if size.seeds < 1 or size.samples < 1 or not lists or min(size.widths) < 1 or not set(size.rules) <= set(RULES):
        raise DimensionError(
            f"got {size}; expected at least one initialization, sample, width from 1, size of c and rule of "
            f"{', '.join(RULES)}"
        )
    if not all(0 < c < math.inf for c in size.imbalances):
        raise ImbalanceError(f"imbalances: got {size.imbalances}; expected positive numbers")
    pick_device(device)
    cells = {f"{rule}-c{c}-l{l}": (rule, c, l) for rule in size.rules for c in size.imbalances for l in size.widths}
    block = partial(compute, size=size, seed=seed, device=device)
    settings = {"seed": seed, **asdict(size), "h": STEP}
    data = gather(cells, block, kind=KIND, settings=settings, folder=folder, progress=progress, engine=engine)
    names = zip(("rule", "imbalance", "width"), zip(*cells.values(), strict=True), strict=True)
    data = data.drop_vars("block").assign_coords({name: ("block", list(values)) for name, values in names})
    data = data.set_index(block=["rule", "imbalance", "width"]).unstack("block").sel(rule=list(size.rules))
    return data.transpose("rule", "imbalance", "width", "l_plus", "seed").assign_attrs(
        seed=seed, time=size.time, h=STEP, mean_square=make_task(size.samples, seed).mean_square
    )


def compute(label: str, *, size: Size, seed: int, device: str) -> xr.Dataset:
    """Follow the flow of one width with one sign rule and one size of c, all l_+ in one batch."""
    rule, c, width = label.split("-")
    imbalance, l, place = float(c[1:]), int(width[1:]), pick_device(device)
    task = make_task(size.samples, seed)
    l_plus = list(range(l + 1))
    start = initial(rule, imbalance, l, l_plus, size.seeds, seed)
    flow = lie_euler.integrate(start.to(place), task.objective.to(place), [0.0, size.time], h=STEP)
    end = flow.batch.to("cpu")
    before, after = start.imbalance(), end.imbalance()
    scale = end.W1.square().sum(2) + end.W2.square().sum(1)
    values = {
        "loss": task.objective.loss(end),
        "drift": ((after - before).abs() / scale).amax(1),
        "flips": ((before < 0) & (start.signs() != end.signs())).sum(1),
        **limits(start, task),
    }
    shape = (l + 1, size.seeds)
    return xr.Dataset(
        {
            key: (("l_plus", "seed"), np.asarray(value, dtype=np.float64).reshape(shape))
            for key, value in values.items()
        },
        coords={"l_plus": l_plus},
    )


def limits(start: Batch, task: Task) -> dict[str, list[float]]:
    """What the component of each network allows: whether the target is reachable, and the least loss."""
    pathological = start.imbalance() < 0
    l_minus = pathological.sum(1).tolist()
    positive = (pathological & (start.signs() > 0)).sum(1).tolist()
    counts = [(p, n, start.width - n) for p, n in zip(positive, l_minus, strict=True)]
    return {
        "positive_signs": [float(p) for p in positive],
        "reachable": [float(is_reachable(*one)) for one in counts],
        "bound": [bound(task, *one) for one in counts],
    }


def initial(rule: str, imbalance: float, width: int, l_plus: Sequence[int], seeds: int, seed: int) -> Batch:
    """Return the networks of one width in the order of the cells ``l_plus``, all initializations of a cell together.

    Weights are uniform in (-sqrt 2, sqrt 2), the signs of the output weights as the rule says, rescaled by
    Proposition 4 to c_k = +|c| for the first l_+ neurons and -|c| for the others.
    """
    # A generator for each neuron: neuron k of initialization i is the same whatever the width and their number.
    drawn = [np.random.default_rng([seed, 8, k]).uniform(-math.sqrt(2), math.sqrt(2), (seeds, 3)) for k in range(width)]
    weights = torch.from_numpy(np.stack(drawn, axis=1))
    w, a = weights[..., :2], weights[..., 2].abs() * RULES[rule](weights[..., 2])
    healthy = torch.arange(width)[None] < torch.tensor(l_plus)[:, None]
    c = imbalance * (2 * healthy.double() - 1)
    batch = Batch(w.repeat(len(l_plus), 1, 1), a.repeat(len(l_plus), 1)[:, None])
    return rescale(batch, c.repeat_interleave(seeds, dim=0))
