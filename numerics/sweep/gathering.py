"""Gathering a sweep: the blocks of all labels, those that are there already and those that an engine computes now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import xarray as xr

from quadrics.errors import ResultsError

from .engine import Block, Engine
from .local import Local
from .store import Store

__all__ = ["Progress", "gather"]

Progress = Callable[[int, int], None]
"""Called with what is done and what there is to do."""


def gather(
    labels: Iterable[str],
    compute: Block,
    *,
    kind: str,
    settings: Mapping[str, Any],
    folder: str | Path | None = None,
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> xr.Dataset:
    """Return the blocks joined along ``block``, in the order of the labels.

    Args:
        labels: one for each block, of letters, digits and ``_ . , = + -``.
        compute: returns the block of a label, and depends on nothing else (neither on other blocks nor on who calls).
        kind: what the blocks are of.
        settings: what ``compute`` depends on apart from the label, as JSON would hold it.
        folder: where every block is written as soon as it is done; those found there are not computed again.
        progress: called when the blocks of the folder are read, and after each new one.
        engine: who computes; in this process, one after the other, if not given.

    Raises:
        ResultsError: the folder holds blocks of another kind or settings, or a damaged file; labels that are no names,
            or not distinct.
        SweepError: a block could not be computed for want of memory, workers or a scheduler.

    >>> gather(["a", "bb"], lambda label: xr.Dataset({"size": len(label)}), kind="demo", settings={})["size"].values
    array([1, 2])
    """
    wanted = list(labels)
    if len(set(wanted)) < len(wanted) or not wanted:
        raise ResultsError(f"blocks: got {wanted}; expected at least one label, each once")
    store = None if folder is None else Store(folder, kind, settings)
    blocks = {} if store is None else {label: store.read(label) for label in wanted if store.holds(label)}
    missing = [label for label in wanted if label not in blocks]
    if progress is not None and blocks:
        progress(len(blocks), len(wanted))
    with closing((engine or Local()).run(compute, missing)) as done:
        for label, block in done:
            # What goes on from here is what a later run would read.
            blocks[label] = block if store is None else store.keep(label, block)
            if progress is not None:
                progress(len(blocks), len(wanted))
    joined = xr.concat([blocks[label] for label in wanted], dim="block", join="outer", combine_attrs="drop")
    return joined.assign_coords(block=wanted)
