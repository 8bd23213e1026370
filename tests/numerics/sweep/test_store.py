"""The folder of a sweep: whole files only, and only its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from numerics import results
from numerics.sweep import Store, gather
from quadrics.errors import ResultsError


def block(label: str) -> xr.Dataset:
    values = np.random.default_rng(len(label)).random((3, 5))
    return xr.Dataset({"loss": (("seed", "k"), values)}, {"name": ("seed", ["a", "bc", "d"])})


@pytest.mark.parametrize(("engine", "step"), [("scipy", 1), ("h5netcdf", 37)])
def test_a_file_cut_short_anywhere_is_refused_and_told_how_to_replace(tmp_path, monkeypatch, engine, step):
    monkeypatch.setattr(results, "ENGINE", engine)
    store = Store(tmp_path, "demo", {"seed": 0})
    store.keep("a", block("a"))
    whole = store.path("a").read_bytes()
    for length in range(0, len(whole) - 3, step):  # netCDF-3 ends with up to three bytes that mean nothing
        store.path("a").write_bytes(whole[:length])
        with pytest.raises(ResultsError, match=r"a\.nc: got a (netCDF )?file that"):
            gather(["a", "b"], block, kind="demo", settings={"seed": 0}, folder=tmp_path)
    store.path("a").unlink()
    gather(["a", "b"], block, kind="demo", settings={"seed": 0}, folder=tmp_path)
    assert store.path("a").read_bytes() == whole


def test_what_a_killed_run_was_writing_never_counts_and_goes_away(tmp_path: Path) -> None:
    store = Store(tmp_path, "demo")
    left = tmp_path / "a.nc.x1y2z3.partial"
    left.write_bytes(b"\x89HDF and then the power failed")
    of_another = tmp_path / "ab.nc.x1y2z3.partial"
    of_another.write_bytes(b"")
    assert not store.holds("a")
    gather(["a"], block, kind="demo", settings={}, folder=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.nc", "ab.nc.x1y2z3.partial"]


def test_what_is_kept_is_what_will_be_read(tmp_path: Path) -> None:
    store = Store(tmp_path, "demo")
    xr.testing.assert_identical(store.keep("a", block("a")), store.read("a"))


def test_blocks_of_other_versions_are_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(results, "versions", lambda: {"torch": "1.0"})
    results.save(block("a"), tmp_path / "a.nc", "demo", {})
    monkeypatch.undo()
    with pytest.raises(ResultsError, match=r"a\.nc: got a block that \{\"torch\": \"1\.0\"\} computed"):
        gather(["a", "b"], block, kind="demo", settings={}, folder=tmp_path)


def test_labels_are_names(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="label"):
        Store(tmp_path, "demo").path("../a")
