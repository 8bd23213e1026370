"""An experiment is computed block by block: in memory, or kept in a folder where an interrupted run resumes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from ..results import Sweep

__all__ = ["Progress", "gather"]

Progress = Callable[[int, int], None]
"""Called with what is done and what there is to do."""


def gather(
    labels: Iterable[str],
    compute: Callable[[str], xr.Dataset],
    *,
    kind: str,
    settings: Mapping[str, Any],
    folder: str | Path | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Return the blocks joined along ``block``; with a ``folder``, those that it holds already are not computed again.

    Raises:
        ResultsError: the folder holds blocks of another experiment or of another run.

    >>> gather(["a", "bb"], lambda label: xr.Dataset({"size": len(label)}), kind="demo", settings={})["size"].values
    array([1, 2])
    """
    if folder is not None:
        return Sweep(folder, kind, settings).run(labels, compute, progress)
    wanted, blocks = list(labels), []
    for done, label in enumerate(wanted, start=1):
        blocks.append(compute(label))
        if progress is not None:
            progress(done, len(wanted))
    return xr.concat(blocks, dim="block", join="outer", combine_attrs="drop").assign_coords(block=wanted)
