"""The folder of a sweep: a file for each block, there whole or not at all."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from quadrics.errors import ResultsError

from ..results import VERSIONS, load, save, versions

__all__ = ["Store"]

LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.,=+\-]*")


class Store:
    """A folder that holds the blocks of one sweep.

    A file that is cut short or damaged otherwise is refused, not computed again in silence: a run that is killed leaves
    none, so something else went wrong. Delete it, and its block is computed again. Blocks of other versions of Python,
    torch, NumPy or xarray, or of kernels compiled for another processor, are refused as well: they may differ by
    rounding from what is computed here.

    Args:
        folder: where the files are; made with the first of them.
        kind: what the results are of.
        settings: what the sweep is given; blocks of another kind or other settings are refused.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = Store(folder, "demo", {"seed": 0})
    ...     block = store.keep("a", xr.Dataset({"x": 1.5}))
    ...     store.holds("a"), store.holds("b")
    (True, False)
    """

    def __init__(self, folder: str | os.PathLike[str], kind: str, settings: Mapping[str, Any] | None = None) -> None:
        self.folder = Path(folder)
        self.kind = kind
        self.settings = dict(settings or {})

    def path(self, label: str) -> Path:
        """Return the file of a block.

        Raises:
            ResultsError: a label that is no safe file name.
        """
        if not LABEL.fullmatch(label):
            raise ResultsError(f"block: got label {label!r}; expected letters, digits and _ . , = + - only")
        return self.folder / f"{label}.nc"

    def holds(self, label: str) -> bool:
        """Whether there is a file of this block."""
        return self.path(label).is_file()

    def read(self, label: str) -> xr.Dataset:
        """Return a block that is there.

        Raises:
            ResultsError: another sweep wrote it, or other versions of the libraries did, or it is damaged.
        """
        block = load(self.path(label), self.kind, self.settings)
        theirs, ours = block.attrs.get(VERSIONS), json.dumps(versions())
        if theirs != ours:
            raise ResultsError(
                f"{self.path(label)}: got a block that {theirs} computed; expected what is here, {ours}: "
                "rounding may differ (use another folder, or delete these results)"
            )
        return block

    def keep(self, label: str, block: xr.Dataset) -> xr.Dataset:
        """Write a block, and return it as it will be read."""
        save(block, self.path(label), self.kind, self.settings)
        return self.read(label)
