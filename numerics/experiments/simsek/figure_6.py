"""Figures 6, A3 and A4 of Simsek et al.: critical subspaces against global minima, from exact integers.

The paper's curves end at r* = 35 or so, where its floating-point sums break down; whole numbers have no such limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import xarray as xr

from quadrics.errors import DimensionError
from quadrics.expansion.asymptotics import PEAK, level_ratio, peak
from quadrics.expansion.thresholds import crossover, total_ratio

from ...sweep import Engine, Progress
from .figure_6_view import figure, table

__all__ = ["LEVELS", "Size", "figure", "run", "table"]

LEVELS = (1, 2, 3)
"""The levels k that have a curve of their own."""


@dataclass(frozen=True)
class Size:
    """The teachers' widths r*, the largest student as a multiple of r*, and the largest m of figure A3."""

    r_star: tuple[int, ...] = (30, 20, 10)
    reach: int = 6
    peaks: int = 150


QUICK = Size(reach=3, peaks=60)
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
    """Return the ratios and where they fall below 1, each rounded once, from exact rational numbers.

    Variables: ``ratio`` (r_star, k, m), R_k; ``total`` (r_star, m), the sum over k; ``crossover`` (r_star, k) and
    ``total_crossover`` (r_star), the least m with a ratio below 1; ``peak_G``, ``peak_T`` (m), the r at which G(r, m)
    and T(r, m) are largest. NaN where m < r* or beyond reach. Attribute ``peak``: the limit of r/m, 1/(2 ln 2).

    Args:
        quick: widths up to 3 r* and 60 (``QUICK``), or up to 6 r* and 150 (``FULL``).
        seed, device, folder, engine: as for the other experiments; they change nothing here.
        progress: called after each r*.
        size: instead of ``quick``.

    Raises:
        DimensionError: an r* below 4, a reach below 2, or no peaks.

    >>> data = run(size=Size(r_star=(10,), reach=2, peaks=20))
    >>> int(data.total_crossover[0]), data.crossover.values.tolist()
    (13, [[12, 12, 12]])
    """
    size = size or (QUICK if quick else FULL)
    if not size.r_star or min(size.r_star) < 4 or size.reach < 2 or size.peaks < 1:
        raise DimensionError(f"got {size}; expected r* of 4 or more, a reach of 2 or more, and 1 or more peaks")
    parts = []
    for done, r in enumerate(size.r_star, start=1):
        widths = range(r, size.reach * r + 1)
        parts.append(
            xr.Dataset(
                {
                    "ratio": (("k", "m"), [[float(level_ratio(k, r, m)) for m in widths] for k in LEVELS]),
                    "total": ("m", [float(total_ratio(r, m)) for m in widths]),
                    "crossover": ("k", [crossover(r, k) for k in LEVELS]),
                    "total_crossover": crossover(r),
                },
                {"k": list(LEVELS), "m": list(widths)},
            )
        )
        if progress is not None:
            progress(done, len(size.r_star))
    data = xr.concat(parts, dim="r_star", join="outer").assign_coords(r_star=list(size.r_star))
    students = list(range(1, size.peaks + 1))
    places = {
        name: ("width", [peak(m, zeros) for m in students]) for name, zeros in (("peak_G", False), ("peak_T", True))
    }
    return data.assign(places).assign_coords(width=students).assign_attrs(peak=float(PEAK))
