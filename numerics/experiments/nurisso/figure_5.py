"""Figure 5 of Nurisso et al.: how likely a disconnected invariant set is under Xavier and Kaiming initialization.

The paper draws the formulas. Here networks are drawn as well, at a grid of numbers of inputs and of neurons, and the
topology of each one's invariant set is looked up: the corrected formulas pass, the printed ones fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr

from proofs.nurisso.appendix_f import printed_xavier_argument
from quadrics.errors import DimensionError
from quadrics.initialization import INPUTS, WIDTH, Gaussian, fisher_cdf, kaiming_normal, on_arrays, xavier_normal
from quadrics.initialization.scheme import Scheme
from quadrics.invariant_set import InvariantSet

from ...device import pick_device
from ...initialize import sample
from ...intervals import LEVEL, proportion_interval
from ...sweep import Engine, Grid, Progress
from .figure_5_view import figure, table

__all__ = ["SCHEMES", "Size", "count_disconnected", "figure", "outside", "run", "table"]

KIND = "nurisso.fig5"

SCHEMES: dict[str, Callable[[], Gaussian]] = {"xavier": xavier_normal, "kaiming": kaiming_normal}
"""In the order of the paper's panels."""

PRINTED: dict[str, Callable[[Any, Any], Any]] = {"xavier": printed_xavier_argument, "kaiming": lambda d, l: l}
"""The arguments of F_{1,d} as printed."""

MAP = 100
"""The formulas are drawn for 1 <= d, l <= 100, as in the paper."""

MOST_NUMBERS = 1_000_000
"""So many random numbers are held in memory at once."""


@dataclass(frozen=True)
class Size:
    """How many networks are drawn at each point of the grid, and the grid."""

    networks: int = 10_000
    grid: tuple[int, ...] = (1, 2, 3, 5, 8, 12, 20, 40, 100)


QUICK = Size(networks=3_000, grid=(1, 2, 3, 5, 8, 12, 20, 32))
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
    """Draw networks at every point of the grid and return how many have a disconnected invariant set.

    Variables: ``disconnected`` (how many of ``networks``), ``low`` and ``high`` (its interval at the level of every
    decision), ``formula`` and ``printed`` (the probabilities), all by scheme, number of inputs and of neurons; and the
    formulas ``map`` and ``printed_map`` for 1 <= d, l <= 100.

    Args:
        quick: 3,000 networks at each point (``QUICK``), or 10,000 on a larger grid (``FULL``).
        seed: of the networks.
        device: where they are looked at.
        progress: called after each scheme and number of inputs.
        size: instead of ``quick``.
        folder: where blocks are kept as they are done, so that an interrupted run resumes.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        DeviceError: this machine has no such device.
        DimensionError: no networks, or an empty grid.
        ResultsError: the folder holds blocks of another run.

    >>> data = run(size=Size(networks=200, grid=(1, 3)))
    >>> bool((data.disconnected.sel(inputs=1) == 200).all())
    True
    """
    size = size or (QUICK if quick else FULL)
    if size.networks < 1 or not size.grid:
        raise DimensionError(f"got {size}; expected networks and a grid")
    place = pick_device(device)
    block = partial(_block, size=size, seed=seed, place=place)
    settings = {"seed": seed, **asdict(size), "device": place.type}
    grid = Grid(scheme=list(SCHEMES), inputs=size.grid)
    found = grid.run(block, kind=KIND, settings=settings, folder=folder, progress=progress, engine=engine)
    hits = found.disconnected.values
    intervals = [proportion_interval(int(k), size.networks) for k in hits.flat]
    d, l = np.meshgrid(size.grid, size.grid, indexing="ij")
    far = np.meshgrid(np.arange(1, MAP + 1), np.arange(1, MAP + 1), indexing="ij")
    point, cell = ("scheme", "inputs", "neurons"), ("scheme", "d", "l")
    return xr.Dataset(
        {
            "disconnected": (point, hits),
            "low": (point, np.reshape([one.low for one in intervals], hits.shape)),
            "high": (point, np.reshape([one.high for one in intervals], hits.shape)),
            "formula": (point, np.stack([_formula(name)(d, l) for name in SCHEMES])),
            "printed": (point, np.stack([_printed(name)(d, l) for name in SCHEMES])),
            "map": (cell, np.stack([_formula(name)(*far) for name in SCHEMES])),
            "printed_map": (cell, np.stack([_printed(name)(*far) for name in SCHEMES])),
        },
        coords={
            "scheme": list(SCHEMES),
            "inputs": list(size.grid),
            "neurons": list(size.grid),
            "d": far[0][:, 0],
            "l": far[1][0],
        },
        attrs={"seed": seed, "networks": size.networks, "level": LEVEL},
    )


def _block(scheme: str, inputs: int, *, size: Size, seed: int, place: torch.device) -> xr.Dataset:
    """Draw networks of every width of the grid."""
    hits = []
    for l in size.grid:
        source = torch.Generator().manual_seed(_seed(seed, scheme, inputs, l))
        hits.append(count_disconnected(SCHEMES[scheme](), size.networks, inputs, l, source, place))
    return xr.Dataset({"disconnected": ("neurons", np.array(hits))})


def count_disconnected(
    scheme: Scheme, n: int, d: int, l: int, source: torch.Generator, device: str | torch.device = "cpu"
) -> int:
    """Return how many of ``n`` networks drawn under a scheme have a disconnected invariant set.

    >>> count_disconnected(kaiming_normal(), 10, 1, 2, torch.Generator().manual_seed(0))
    10
    """
    found = 0
    chunk = max(1, MOST_NUMBERS // (l * (d + 1)))
    for start in range(0, n, chunk):
        batch = sample(scheme, min(chunk, n - start), d, l, source, device=device)
        negative = (batch.imbalance() < 0).sum(1)
        sizes = torch.bincount(negative, minlength=l + 1).tolist()
        bias = batch.b1 is not None
        found += sum(count for k, count in enumerate(sizes) if count and not _connected(d, l, k, bias))
    return found


@cache
def _connected(d: int, l: int, negative: int, bias: bool) -> bool:
    """Whether H(c) is connected, with so many negative and otherwise positive c_k."""
    signs = [-1] * negative + [1] * (l - negative)
    return bool(InvariantSet(d, 1, signs, bias=bias).is_connected())


def outside(data: xr.Dataset, which: str = "formula") -> xr.DataArray:
    """Return where the probability ``which`` (``"formula"`` or ``"printed"``) is outside the sample's interval."""
    found: xr.DataArray = (data[which] < data.low) | (data[which] > data.high)
    return found


def _seed(seed: int, name: str, d: int, l: int) -> int:
    return int(np.random.SeedSequence([seed, 5, list(SCHEMES).index(name), d, l]).generate_state(1, np.uint64)[0] >> 1)


@cache
def _formula(name: str) -> Callable[[Any, Any], Any]:
    """The probability that H(c) is disconnected, one input included."""
    several = on_arrays(SCHEMES[name]().obstruction_probability(INPUTS, WIDTH))
    one = float(SCHEMES[name]().obstruction_probability(1, 1))
    return lambda d, l: np.where(d == 1, one, several(d, l))


@cache
def _printed(name: str) -> Callable[[Any, Any], Any]:
    return on_arrays(1 - fisher_cdf(PRINTED[name](INPUTS, WIDTH), INPUTS) ** WIDTH)
