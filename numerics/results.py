"""Results as labelled arrays in netCDF files, written whole or not at all.

The files are netCDF-4, by h5netcdf and h5py. Where h5py is not installed they are netCDF-3, by scipy, which narrows
64-bit integers to 32 bits and refuses those that do not fit; either kind is read wherever its library is.
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Mapping
from glob import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xarray as xr

from quadrics.errors import ResultsError

from .native.compiler import identity

__all__ = ["load", "save", "versions"]

KIND, SETTINGS, VERSIONS = "quadrics_kind", "quadrics_settings", "quadrics_versions"
ENGINE = "h5netcdf" if find_spec("h5py") else "scipy"
PARTIAL = ".partial"
MAGIC = {b"\x89HDF": "h5netcdf", b"CDF\x01": "scipy", b"CDF\x02": "scipy"}


def save(data: xr.Dataset, path: str | os.PathLike[str], kind: str, settings: Mapping[str, Any] | None = None) -> Path:
    """Write a data set to a netCDF file, in one piece: an interrupted run leaves the old file or none.

    Args:
        data: the arrays.
        path: the file; its folder is made if needed.
        kind: what the results are of, for example ``"nurisso.fig4"``; ``load`` asks for the same.
        settings: what the run was given (seed, mode, sizes, ...), as JSON would hold it.

    Raises:
        ResultsError: the file cannot be written there, or the settings are no JSON.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save(xr.Dataset({"loss": ("network", [0.5, 0.25])}), Path(folder, "a.nc"), "demo", {"seed": 0})
    ...     load(path, "demo")["loss"].values
    array([0.5 , 0.25])
    """
    target = Path(path)
    stamped = data.assign_attrs({KIND: kind, SETTINGS: _canonical(settings or {}), VERSIONS: json.dumps(versions())})
    temporary = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for left in target.parent.glob(f"{escape(target.name)}.*{PARTIAL}"):  # by a run that was killed
            left.unlink(missing_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=target.parent, prefix=f"{target.name}.", suffix=PARTIAL, delete=False
        ) as file:
            temporary = Path(file.name)
        _write(stamped, temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except (OSError, ValueError, TypeError) as error:
        raise ResultsError(
            f"{target}: got '{error}' while writing; expected a place to write to, and arrays of numbers or text"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return target


def load(
    path: str | os.PathLike[str], kind: str | None = None, settings: Mapping[str, Any] | None = None
) -> xr.Dataset:
    """Read a data set that ``save`` wrote, into memory.

    Args:
        path: the file.
        kind: what it must be of; None for anything.
        settings: what its run must have been given; None for anything.

    Raises:
        ResultsError: there is no such file, it is no results file of this package, or it belongs to another run.
    """
    source = Path(path)
    if not source.is_file():
        raise ResultsError(f"{source}: got no such file; expected a results file")
    with source.open("rb") as file:
        engine = MAGIC.get(file.read(4))
    if engine is None:
        raise ResultsError(f"{source}: got a file that is no netCDF; expected one of this package")
    try:
        with xr.open_dataset(source, engine=engine) as opened:
            data = opened.load()
    except (ImportError, IndexError, TypeError, OSError, ValueError, KeyError, RuntimeError, AttributeError) as error:
        raise ResultsError(
            f"{source}: got a netCDF file that cannot be read ({error}); expected one of this package, undamaged "
            "(delete it, and it is computed again)"
        ) from error
    if KIND not in data.attrs:
        raise ResultsError(f"{source}: got a netCDF file of somebody else; expected one of this package")
    if kind is not None and data.attrs[KIND] != kind:
        raise ResultsError(f"{source}: got results of {data.attrs[KIND]!r}; expected {kind!r}")
    if settings is not None and data.attrs.get(SETTINGS) != _canonical(settings):
        raise ResultsError(
            f"{source}: got results of a run with {data.attrs.get(SETTINGS)}; expected {_canonical(settings)} "
            "(use another folder, or delete these results)"
        )
    return data


def versions() -> dict[str, str]:
    """Return the versions of what computes: they are written into every file.

    >>> sorted(versions())
    ['kernels', 'numpy', 'python', 'torch', 'xarray']
    """
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "xarray": xr.__version__,
        "kernels": identity(),
    }


def _write(data: xr.Dataset, path: Path) -> None:
    if ENGINE == "h5netcdf":
        data.to_netcdf(path, engine="h5netcdf")
    else:
        data.to_netcdf(path, engine="scipy", format="NETCDF3_64BIT")


def _canonical(settings: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(settings), sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ResultsError(f"settings: got {dict(settings)}; expected what JSON can hold ({error})") from None
