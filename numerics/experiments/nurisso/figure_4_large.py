"""Figure 4 of Nurisso et al. from ten times the paper's initializations, with a band for every mean.

The experiment is that of :mod:`.figure_4`, initialization by initialization: its first hundred are the same. All cells
of a width start from the same initializations, so a difference between two cells is a mean of paired differences, with
an interval of its own.
"""

from __future__ import annotations

from pathlib import Path

import torch
import xarray as xr

from ...sweep import Engine, Progress
from . import figure_4
from .figure_4 import Size
from .figure_4_large_view import figure, table

__all__ = ["LARGE", "QUICK", "figure", "run", "table"]

LARGE = Size(seeds=1000)
QUICK = Size(widths=(2, 3, 4), seeds=40, steps=300, protocols=("C", "D"))


def run(
    quick: bool = True,
    seed: int = 0,
    device: str = "cpu",
    progress: Progress | None = None,
    size: Size | None = None,
    dtype: torch.dtype = torch.float32,
    folder: str | Path | None = None,
    engine: Engine | None = None,
) -> xr.Dataset:
    """Train every cell under every protocol as ``figure_4.run`` does, from 1,000 initializations (``LARGE``).

    Args:
        quick: three widths, two protocols and 60 initializations (``QUICK``) instead.
        seed: of the split and of the initial weights.
        device: where to train.
        progress: called after each block, a width under a protocol.
        size: instead of ``quick``.
        dtype: of the training.
        folder: where blocks are kept as they are done, so that an interrupted run resumes.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        What ``figure_4.run`` raises.

    >>> more = run(size=Size(widths=(2,), seeds=4, steps=5, protocols=("D",))).test_loss
    >>> fewer = figure_4.run(size=Size(widths=(2,), seeds=3, steps=5, protocols=("D",))).test_loss
    >>> bool((abs(more.isel(seed=slice(3)) - fewer) < 1e-6).all())  # the same initializations, and one more
    True
    """
    size = size or (QUICK if quick else LARGE)
    return figure_4.run(quick, seed, device, progress, size, dtype, folder, engine)
