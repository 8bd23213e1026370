"""Gathered blocks: in memory and in a folder the same, in the order of the labels, and nothing computed twice."""

from __future__ import annotations

from pathlib import Path

import pytest
import xarray as xr

from numerics.sweep import gather
from quadrics.errors import ResultsError

LABELS = ["a", "bb", "ccc"]


def block(label: str) -> xr.Dataset:
    return xr.Dataset({"x": ("k", [float(len(label)), 2.0])}, coords={"k": [0, len(label)]})


class Backwards:
    """An engine that is done with the last block first."""

    def run(self, compute, labels):
        for label in reversed(labels):
            yield label, compute(label)


def test_a_folder_changes_nothing_and_resumes(tmp_path: Path) -> None:
    calls: list[str] = []

    def counted(label: str) -> xr.Dataset:
        calls.append(label)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return block(label)

    with pytest.raises(KeyboardInterrupt):
        gather(LABELS, counted, kind="demo", settings={"seed": 0}, folder=tmp_path)
    kept = gather(LABELS, counted, kind="demo", settings={"seed": 0}, folder=tmp_path)
    assert calls == ["a", "bb", "bb", "ccc"]
    xr.testing.assert_identical(kept, gather(LABELS, block, kind="demo", settings={"seed": 0}))


def test_the_order_of_the_labels_counts_and_not_that_of_the_engine(tmp_path: Path) -> None:
    wanted = gather(LABELS, block, kind="demo", settings={})
    xr.testing.assert_identical(gather(LABELS, block, kind="demo", settings={}, engine=Backwards()), wanted)
    xr.testing.assert_identical(
        gather(LABELS, block, kind="demo", settings={}, engine=Backwards(), folder=tmp_path), wanted
    )
    assert wanted["block"].values.tolist() == LABELS


def test_the_blocks_of_another_run_are_refused_before_anything_is_computed(tmp_path: Path) -> None:
    gather(["ccc"], block, kind="demo", settings={"seed": 0}, folder=tmp_path)

    def never(label: str) -> xr.Dataset:
        raise AssertionError

    with pytest.raises(ResultsError, match="use another folder"):
        gather(LABELS, never, kind="demo", settings={"seed": 1}, folder=tmp_path)
    with pytest.raises(ResultsError, match="expected 'other'"):
        gather(LABELS, never, kind="other", settings={"seed": 0}, folder=tmp_path)


def test_progress_counts_blocks_those_that_are_there_at_once(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))

    gather(LABELS[:2], block, kind="demo", settings={}, progress=progress, folder=tmp_path)
    gather(LABELS, block, kind="demo", settings={}, progress=progress, folder=tmp_path)
    assert seen == [(1, 2), (2, 2), (2, 3), (3, 3)]


@pytest.mark.parametrize("labels", [[], ["a", "a"], ["../a"], [""], ["a/b"], [".hidden"]])
def test_bad_labels(tmp_path: Path, labels: list[str]) -> None:
    with pytest.raises(ResultsError, match="expected"):
        gather(labels, block, kind="demo", settings={}, folder=tmp_path)
