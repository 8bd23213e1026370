"""Figure 2 of Zhao et al.: the loss between two minima of a linear network with one weight in each of two layers.

For L = |Y - W_2 W_1 X| with X = Y = 1 the minima form the hyperbola W_2 W_1 = 1. Between (1, 1) and (m, 1/m) the loss
rises to (m - 1)²/(4m); along the hyperbola it is 0.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import xarray as xr

from quadrics.connectivity.barriers import ALPHA, FACTOR, barrier, output_factor
from quadrics.errors import DimensionError

from ...bridge import torch_function
from ...device import pick_device
from ...sweep import Engine, Progress, gather
from .figure_2_view import figure, table
from .rescaled_copies import gaps, rescaled, straight

__all__ = ["Size", "figure", "run", "table"]

KIND = "zhao.fig2"


@dataclass(frozen=True)
class Size:
    """The factors m, and into how many parts each segment is divided (an even number, so that its middle is seen)."""

    factors: tuple[float, ...] = (2, 5, 10, 100)
    parts: int = 10_000


QUICK = Size(parts=1_000)
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
    """Compute the loss along each segment, and along the curve of minima beside it.

    Variables by factor m and time α: ``loss`` (of the network), ``formula`` (φ - 1), ``curve`` (the loss at
    (m^α, m^-α)); by factor: ``height`` ((m - 1)²/(4m)).

    Args:
        quick: 1,001 points on each segment (``QUICK``), or 10,001 (``FULL``).
        seed: kept with the results; nothing is drawn.
        device: where the losses are computed.
        progress: called after each factor.
        size: instead of ``quick``.
        folder: where blocks are kept as they are done.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        DeviceError: this machine has no such device.
        DimensionError: no factors, one that is not positive, or an odd number of parts.

    >>> run(size=Size(factors=(4,), parts=2)).loss.values
    array([[0.    , 0.5625, 0.    ]])
    """
    size = size or (QUICK if quick else FULL)
    if not size.factors or min(size.factors) <= 0 or size.parts < 2 or size.parts % 2:
        raise DimensionError(f"got {size}; expected positive factors and an even number of parts")
    place = pick_device(device)
    labels, block = map(str, size.factors), partial(_block, size, place)
    settings = {"seed": seed, **asdict(size), "device": place.type}
    blocks = gather(labels, block, kind=KIND, settings=settings, folder=folder, progress=progress, engine=engine)
    found = {name: (("factor", "alpha"), np.asarray(blocks[name].values)) for name in blocks.data_vars}
    heights = [float(barrier(m, squared=False)) for m in size.factors]
    return xr.Dataset(
        {**found, "height": ("factor", heights)},
        coords={"factor": [float(m) for m in size.factors], "alpha": _times(size).numpy()},
        attrs={"seed": seed},
    )


def _block(size: Size, place: torch.device, label: str) -> xr.Dataset:
    """Compute the losses for one factor."""
    m, alpha = float(label), _times(size).to(place)
    phi = torch_function(output_factor(ALPHA, FACTOR, 1), (ALPHA, FACTOR))
    ones = torch.ones(len(alpha), 1, 1, dtype=torch.float64, device=place)
    start = [ones, ones]
    losses = {
        "loss": gaps(straight(start, rescaled(start, m), alpha), ones, ones, _identity),
        "formula": phi(alpha, m) - 1,
        "curve": gaps(rescaled(start, m**alpha), ones, ones, _identity),
    }
    return xr.Dataset({name: ("alpha", values.cpu().numpy()) for name, values in losses.items()})


def _times(size: Size) -> torch.Tensor:
    return torch.linspace(0, 1, size.parts + 1, dtype=torch.float64)


def _identity(z: torch.Tensor) -> torch.Tensor:
    return z
