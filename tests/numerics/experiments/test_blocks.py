"""Blocks in memory and in a folder: the same result, and nothing computed twice."""

from __future__ import annotations

from pathlib import Path

import pytest
import xarray as xr

from numerics.experiments.blocks import gather
from quadrics.errors import ResultsError


def block(label: str) -> xr.Dataset:
    return xr.Dataset({"x": ("k", [float(len(label)), 2.0])}, coords={"k": [0, len(label)]})


def test_a_folder_changes_nothing_and_resumes(tmp_path: Path) -> None:
    calls: list[str] = []

    def counted(label: str) -> xr.Dataset:
        calls.append(label)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return block(label)

    labels = ["a", "bb", "ccc"]
    with pytest.raises(KeyboardInterrupt):
        gather(labels, counted, kind="demo", settings={"seed": 0}, folder=tmp_path)
    kept = gather(labels, counted, kind="demo", settings={"seed": 0}, folder=tmp_path)
    assert calls == ["a", "bb", "bb", "ccc"]
    xr.testing.assert_identical(kept, gather(labels, block, kind="demo", settings={"seed": 0}))
    with pytest.raises(ResultsError):
        gather(labels, block, kind="demo", settings={"seed": 1}, folder=tmp_path)


def test_progress_counts_blocks() -> None:
    seen: list[tuple[int, int]] = []
    gather(["a", "bb"], block, kind="demo", settings={}, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
