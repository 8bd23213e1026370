"""On which inputs, and by which loss, two networks are compared: a user's file, scikit-learn's digits, or a sample.

A file holds inputs x (N, d) and targets y (N,) or (N, e): the arrays ``x`` and ``y`` of a ``.npz`` or ``.safetensors``
file, or the columns of a ``.csv`` file, the d inputs first (one line of names may come before). Nothing in a file is
ever executed: pickled objects are refused.
"""

from __future__ import annotations

import csv
import math
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import torch
from torch import Tensor

from quadrics.errors import DataError, NonFiniteError, ShapeError

from ..activation import AnyActivation
from ..batch import Batch
from ..losses import LossName
from ..modules import Layers
from ..objective import Objective

__all__ = ["DIGITS", "INPUTS", "MAX_BYTES", "Evaluation", "function_distance", "read_evaluation"]

DIGITS = "digits"
INPUTS = 1024
"""Inputs of a sample."""
MAX_BYTES = 2**31
"""The largest data that are read."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The objective, in double precision, and what to call its data and its loss."""

    objective: Objective
    data: str
    loss: str

    @property
    def radius(self) -> float:
        """The largest length of an input."""
        return float(self.objective.x.norm(dim=1).max())


def function_distance(first: Layers, activation: AnyActivation, generator: torch.Generator) -> Evaluation:
    """Return the mean squared distance from a network's own outputs on ``INPUTS`` standard normal inputs.

    Raises:
        NonFiniteError: its outputs overflow.
    """
    x = torch.randn(INPUTS, first.W1.shape[1], generator=generator, dtype=torch.float64)
    y = Batch.from_layers([first], activation).to(dtype=torch.float64).output(x)[0]
    if not bool(torch.isfinite(y).all()):
        raise NonFiniteError("output: got an overflow on standard normal inputs; expected a network of finite outputs")
    return Evaluation(Objective(x, y), f"{INPUTS} standard normal inputs", "mean squared distance from A's outputs")


def read_evaluation(source: str | Path, layers: Layers, loss: LossName | None = None) -> Evaluation:
    """Return the loss on the data of a file, or on scikit-learn's digits for the name ``digits``.

    Args:
        source: a ``.npz``, ``.safetensors`` or ``.csv`` file, or ``digits`` (pixels in [0, 1], class numbers).
        layers: the networks' shapes.
        loss: ``mse``, ``bce`` or ``ce``; if None, ``ce`` for a column of whole numbers and several outputs, else
            ``mse``.

    Raises:
        DataError: the file cannot be read, is too large, or holds no arrays x and y of numbers.
        ShapeError: arrays that do not fit the networks.
        NonFiniteError: NaN or infinity, or targets outside the range of the loss.
    """
    d_in, d_out = layers.W1.shape[1], layers.W2.shape[0]
    x, y = _digits() if str(source) == DIGITS else _read(Path(source), d_in)
    if x.ndim != 2 or x.shape[1] != d_in or 0 in x.shape:
        raise ShapeError(f"x: got shape {tuple(x.shape)}; expected (N, {d_in}), as the networks have {d_in} inputs")
    if y.ndim not in (1, 2) or len(y) != len(x):
        raise ShapeError(f"y: got shape {tuple(y.shape)}; expected {len(x)} rows, as x has")
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    x, y = x.double(), y.double()
    if not bool(torch.isfinite(x).all()) or not bool(torch.isfinite(y).all()):
        raise NonFiniteError(f"{source}: got NaN or infinity; expected finite numbers: clean the data first")
    whole = y.ndim == 1 and bool((y == y.round()).all()) and bool((y >= 0).all())
    name: LossName = loss or ("ce" if whole and d_out > 1 else "mse")
    if name == "ce":
        if not whole:
            raise ShapeError("y: got no column of class numbers; expected whole numbers from 0 for the loss 'ce'")
        if d_out == 1:
            raise ShapeError("loss: got 'ce' for one output; expected 'bce' or 'mse', or networks of several outputs")
        if float(y.max()) >= d_out:
            raise NonFiniteError(f"y: got class numbers up to {y.max():g}; expected them in 0..{d_out - 1}")
        return Evaluation(Objective(x, y.long(), "ce", classes=d_out), _named(source, len(x)), "cross-entropy")
    if (1 if y.ndim == 1 else y.shape[1]) != d_out:
        raise ShapeError(f"y: got shape {tuple(y.shape)}; expected ({len(x)}, {d_out}), as the networks' outputs")
    shown = {"mse": "mean squared error", "bce": "binary cross-entropy"}[name]
    return Evaluation(Objective(x, y, name), _named(source, len(x)), shown)


def _named(source: str | Path, n: int) -> str:
    return f"{n} samples of {'scikit-learn’s digits' if str(source) == DIGITS else os.path.basename(source)}"


def _digits() -> tuple[Tensor, Tensor]:
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    return torch.from_numpy(pixels / 16), torch.from_numpy(labels)


def _read(path: Path, d_in: int) -> tuple[Tensor, Tensor]:
    readers: dict[str, Callable[[Path], tuple[Tensor, Tensor]]] = {
        ".npz": _read_npz,
        ".safetensors": _read_safetensors,
        ".csv": lambda table: _read_csv(table, d_in),
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(readers)
        raise DataError(f"{str(path)!r}: got the suffix {path.suffix!r}; expected one of {known}, or {DIGITS}")
    try:
        if not path.is_file():
            raise DataError(f"{str(path)!r}: there is no such file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise DataError(f"{str(path)!r}: got {size} bytes; expected at most {MAX_BYTES}")
        return reader(path)
    except (OSError, MemoryError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise DataError(f"{str(path)!r}: cannot be read ({reason})") from None


def _read_npz(path: Path) -> tuple[Tensor, Tensor]:
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = [_member(archive, name, path) for name in ("x.npy", "y.npy")]
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise DataError(f"{str(path)!r}: got a damaged file ({error}); expected what numpy.savez writes") from None
    return arrays[0], arrays[1]


def _member(archive: zipfile.ZipFile, name: str, path: Path) -> Tensor:
    """One array. Its header is believed only if the file is as long as it says: nothing else makes room for it."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        found = ", ".join(archive.namelist()[:6])
        raise DataError(f"{str(path)!r}: got {found or 'nothing'}; expected the arrays x and y") from None
    try:
        with archive.open(info) as stream:
            version = np.lib.format.read_magic(stream)
            header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, kind = header(stream)
        if kind.kind not in "fiub" or kind.itemsize > 8:
            raise DataError(f"{str(path)!r}: got {name} of type {kind}; expected numbers")
        if math.prod(shape) * kind.itemsize > min(info.file_size, MAX_BYTES):
            raise DataError(f"{str(path)!r}: got {name} of shape {shape} in {info.file_size} bytes; expected it whole")
        with archive.open(info) as stream:
            values = np.lib.format.read_array(stream, allow_pickle=False)
    except ValueError as error:
        raise DataError(f"{str(path)!r}: got {name} damaged ({error}); expected what numpy.savez writes") from None
    return torch.from_numpy(values.astype(np.float64))


def _read_safetensors(path: Path) -> tuple[Tensor, Tensor]:
    try:
        with safetensors.safe_open(path, framework="pt") as stream:
            names = list(stream.keys())
            if not {"x", "y"} <= set(names):
                raise DataError(f"{str(path)!r}: got {', '.join(names[:6])}; expected the tensors x and y")
            found = [stream.get_tensor(name) for name in ("x", "y")]
    except safetensors.SafetensorError as error:
        raise DataError(f"{str(path)!r}: got a damaged safetensors file ({error})") from None
    for name, tensor in zip("xy", found, strict=True):
        if tensor.is_complex():
            raise DataError(f"{str(path)!r}: got {name} of type {tensor.dtype}; expected real numbers")
    return found[0].double(), found[1].double()


def _read_csv(path: Path, d_in: int) -> tuple[Tensor, Tensor]:
    rows: list[list[float]] = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            for number, cells in enumerate(csv.reader(stream), start=1):
                if not cells:
                    continue
                values = [_number(cell) for cell in cells]
                if None in values:
                    if number == 1:
                        continue
                    bad = cells[values.index(None)]
                    raise DataError(f"{str(path)!r}: got {bad[:40]!r} in line {number}; expected a number")
                if rows and len(values) != len(rows[0]):
                    raise DataError(
                        f"{str(path)!r}: got {len(values)} numbers in line {number}; expected {len(rows[0])}"
                    )
                rows.append([float(value) for value in values if value is not None])
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{str(path)!r}: got no table of numbers ({error}); expected columns of numbers") from None
    if not rows or len(rows[0]) <= d_in:
        columns: Any = len(rows[0]) if rows else 0
        raise ShapeError(f"{str(path)!r}: got {columns} columns; expected {d_in} inputs, then the targets")
    table = torch.tensor(rows, dtype=torch.float64)
    return table[:, :d_in], table[:, d_in:]


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
