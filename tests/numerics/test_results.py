"""Results files: whole or not there, and refused when foreign."""

from __future__ import annotations

import json
from importlib.util import find_spec

import numpy as np
import pytest
import xarray as xr

from numerics import results
from numerics.results import load, save
from quadrics.errors import ResultsError

ENGINES = ["scipy", pytest.param("h5netcdf", marks=pytest.mark.skipif(not find_spec("h5py"), reason="no h5py"))]


@pytest.fixture(params=ENGINES, autouse=True)
def engine(request, monkeypatch):
    monkeypatch.setattr(results, "ENGINE", request.param)
    return request.param


def sample(value=0.5):
    return xr.Dataset(
        {
            "loss": (("step", "network"), np.array([[value, np.nan], [0.25, 0.125]])),
            "signs": (("step", "network"), np.array([[1, -1], [0, 1]], dtype=np.int8)),
            "flipped": ("network", np.array([True, False])),
            "name": ("network", np.array(["a", "bc"])),
        },
        coords={"step": [0, 10]},
    )


def test_there_and_back(tmp_path):
    path = save(sample(), tmp_path / "deep" / "er" / "a.nc", "demo", {"seed": 3, "mode": "quick"})
    data = load(path, "demo", {"mode": "quick", "seed": 3})
    xr.testing.assert_equal(data.drop_vars("name"), sample().drop_vars("name"))
    assert data["name"].values.astype(str).tolist() == ["a", "bc"]
    assert data["signs"].dtype == np.int8
    assert data["flipped"].dtype == bool
    assert data["loss"].dtype == np.float64
    assert set(json.loads(data.attrs[results.VERSIONS])) >= {"python", "torch"}
    assert [p.name for p in path.parent.iterdir()] == ["a.nc"]


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    path = save(sample(1.0), tmp_path / "a.nc", "demo")
    before = path.read_bytes()

    def broken(data, target):
        target.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(results, "_write", broken)
    with pytest.raises(ResultsError, match="disk full"):
        save(sample(2.0), path, "demo")
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.nc"]


def test_an_interrupt_leaves_nothing_half_written(tmp_path, monkeypatch):
    def interrupted(data, target):
        target.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(results, "_write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(sample(), tmp_path / "a.nc", "demo")
    assert list(tmp_path.iterdir()) == []


def test_no_place_to_write(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ResultsError):
        save(sample(), tmp_path / "file" / "a.nc", "demo")


@pytest.mark.parametrize("content", [b"", b"hello", b"CDF\x01 and nonsense", b"\x89HDF\r\n\x1a\n and nonsense"])
def test_foreign_files_are_refused(tmp_path, content):
    path = tmp_path / "a.nc"
    path.write_bytes(content)
    with pytest.raises(ResultsError):
        load(path)


def test_damaged_files_are_refused(tmp_path):
    path = save(sample(), tmp_path / "a.nc", "demo")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ResultsError):
        load(path)


def test_files_of_somebody_else_are_refused(tmp_path):
    results._write(sample(), tmp_path / "a.nc")
    with pytest.raises(ResultsError, match="somebody else"):
        load(tmp_path / "a.nc")
    with pytest.raises(ResultsError, match="no such file"):
        load(tmp_path / "b.nc")


def test_results_of_another_run_are_refused(tmp_path):
    path = save(sample(), tmp_path / "a.nc", "demo", {"seed": 0})
    with pytest.raises(ResultsError, match="got results of 'demo'; expected 'other'"):
        load(path, "other")
    with pytest.raises(ResultsError, match="use another folder"):
        load(path, "demo", {"seed": 1})


@pytest.mark.parametrize("settings", [{"a": object()}, {"a": float("nan")}])
def test_settings_must_be_json(tmp_path, settings):
    with pytest.raises(ResultsError, match="JSON"):
        save(sample(), tmp_path / "a.nc", "demo", settings)
