"""Figures 2 and A5 of Şimşek et al.: four symmetric losses of two weights, with flow lines and critical points.

Values and flows come from the SymPy formula, critical points are solved exactly. The paper draws two kinds of points;
here the strict local minimum of the second loss is told apart from the saddles, and flow lines that end there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from numpy.typing import NDArray

from quadrics.errors import DimensionError
from quadrics.expansion.losses.toy import CriticalPoint, CriticalType, ToyLoss, toy_figures

from ...device import pick_device
from ...sweep import Engine, Progress, gather
from ...toy_flow import nearest, toy_flow
from .figure_2_view import figure, table

__all__ = ["KINDS", "Size", "figure", "run", "table", "window"]

KIND = "simsek.fig2"
KINDS = (CriticalType.GLOBAL_MINIMUM, CriticalType.LOCAL_MINIMUM, CriticalType.SADDLE)
"""What the numbers in ``kind`` mean; -1 stands for no point."""
MOST_POINTS = 5
"""No loss of the family has more critical points."""
VERTICES = 80
"""Each flow line is kept as so many points at equal distances along it."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Size:
    """The losses are computed on ``grid`` by ``grid`` points; ``lines`` by ``lines`` flows are followed."""

    grid: int = 400
    lines: int = 12


QUICK = Size(grid=160, lines=5)
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
    """Compute the four losses, follow flows from all over their windows, and return them with the critical points.

    Variables, by loss: ``a``, ``b``; ``w`` (the grid, the same for both weights) and ``loss``; the critical points
    ``place`` with ``kind`` (an index to ``KINDS``, -1 for none) and ``level`` (their loss); the flow lines ``line``
    with ``end`` (the critical point that each ends at, -1 for none) and ``crossings`` (how often w1 - w2 changes sign).

    Args:
        quick: 160 grid points and 5 by 5 flows (``QUICK``), or 400 and 12 by 12 (``FULL``).
        seed: of the starts, one in each cell of a grid.
        device: where the losses are computed.
        progress: called after each loss.
        size: instead of ``quick``.
        folder: where blocks are kept as they are done, so that an interrupted run resumes.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        DeviceError: this machine has no such device.
        DimensionError: fewer than two grid points, or no flows.
        ResultsError: the folder holds blocks of another run.

    >>> data = run(size=Size(grid=8, lines=1))
    >>> data.kind.sel(block="2nd").values.tolist()  # two global minima, a local one, two saddles
    [0, 0, 1, 2, 2]
    """
    size = size or (QUICK if quick else FULL)
    if size.grid < 2 or size.lines < 1:
        raise DimensionError(f"got {size}; expected at least 2 grid points and 1 flow")
    place = pick_device(device)
    settings = {"seed": seed, **asdict(size), "device": place.type}
    labels, block = list(toy_figures()), partial(_block, size, seed, place)
    found = gather(labels, block, kind=KIND, settings=settings, folder=folder, progress=progress, engine=engine)
    return found.assign_attrs(seed=seed, **asdict(size))


def _block(size: Size, seed: int, place: torch.device, label: str) -> xr.Dataset:
    losses = toy_figures()
    source = np.random.default_rng([seed, 2, list(losses).index(label)])
    return _landscape(losses[label], size, source, place)


def window(loss: ToyLoss) -> tuple[float, float]:
    """Return the range of both weights that is drawn: the critical points and a third of their extent around them.

    >>> low, high = window(ToyLoss(3, 2))
    >>> low < 1 < 2 < high
    True
    """
    weights = [float(w) for p in loss.critical_points() for w in (p.w1, p.w2)]
    margin = max(1.0, (max(weights) - min(weights)) / 3)
    return min(weights) - margin, max(weights) + margin


def _landscape(loss: ToyLoss, size: Size, source: np.random.Generator, device: torch.device) -> xr.Dataset:
    points = loss.critical_points()
    low, high = window(loss)
    w = torch.linspace(low, high, size.grid, dtype=torch.float64, device=device)
    flow = toy_flow(loss)
    values = flow.value(w[:, None].expand(-1, size.grid), w.expand(size.grid, -1)).cpu().numpy()
    cells = (np.indices((size.lines, size.lines)).reshape(2, -1).T + source.random((size.lines**2, 2))) / size.lines
    lines, ends, crossings = [], [], []
    for start in low + (high - low) * cells:
        path = flow.line(start, rtol=1e-5, atol=1e-7, stop=1e-4)
        index, distance = nearest(points, path.w[-1])
        lines.append(_even(path.w))
        ends.append(index if path.reached and distance < (high - low) / 50 else -1)
        crossings.append(int((np.diff(np.sign(path.gap)) != 0).sum()))
    return xr.Dataset(
        {
            "a": float(loss.a),
            "b": float(loss.b),
            "w": ("grid", w.cpu().numpy()),
            "loss": (("grid", "grid2"), values),
            "place": (("point", "weight"), _padded(points, lambda p: (float(p.w1), float(p.w2)), 2)),
            "kind": ("point", [KINDS.index(p.kind) for p in points] + [-1] * (MOST_POINTS - len(points))),
            "level": ("point", _padded(points, lambda p: (float(flow.value(float(p.w1), float(p.w2))),), 1)[:, 0]),
            "line": (("flow", "vertex", "weight"), np.stack(lines)),
            "end": ("flow", np.array(ends)),
            "crossings": ("flow", np.array(crossings)),
        }
    )


def _padded(points: tuple[CriticalPoint, ...], of: Callable[[CriticalPoint], tuple[float, ...]], width: int) -> Array:
    filled = np.full((MOST_POINTS, width), np.nan)
    filled[: len(points)] = [of(p) for p in points]
    return filled


def _even(path: Array) -> Array:
    """Points at equal distances along a path."""
    along = np.concatenate([[0.0], np.linalg.norm(np.diff(path, axis=0), axis=1).cumsum()])
    at = np.linspace(0.0, along[-1], VERTICES)
    return np.stack([np.interp(at, along, path[:, i]) for i in range(2)], axis=1)
