"""Data from files: three formats that say the same, defaults for the loss, and everything that is refused."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from numerics.modules import Layers
from numerics.tools.evaluation_data import INPUTS, Evaluation, function_distance, read_evaluation
from quadrics.activation import relu
from quadrics.errors import DataError, NonFiniteError, QuadricsError, ShapeError

X = np.array([[1.0, 2.0], [3.0, 4.5], [-1.0, 0.0]])


def network(d: int = 2, e: int = 3) -> Layers:
    return Layers(torch.ones(4, d), torch.ones(e, 4), None, None)


def npz(path: Path, **arrays: np.ndarray) -> Path:
    np.savez(path, **arrays)
    return path


def test_three_formats_say_the_same(tmp_path: Path) -> None:
    y = np.array([0, 2, 1])
    npz(tmp_path / "one.npz", x=X, y=y)
    np.savez_compressed(tmp_path / "two.npz", x=X.astype(np.float32), y=y.astype(np.uint8))
    safetensors.torch.save_file({"x": torch.tensor(X), "y": torch.tensor(y)}, tmp_path / "three.safetensors")
    lines = "\n".join(",".join(map(str, [*row, label])) for row, label in zip(X.tolist(), y.tolist(), strict=True))
    (tmp_path / "four.csv").write_text("a,b,class\n" + lines + "\n")
    (tmp_path / "five.CSV").write_text(lines)
    for name in ("one.npz", "two.npz", "three.safetensors", "four.csv", "five.CSV"):
        found = read_evaluation(tmp_path / name, network())
        assert found.loss == "cross-entropy"
        assert found.data == f"3 samples of {name}"
        assert torch.equal(found.objective.x, torch.tensor(X))
        assert torch.equal(
            found.objective.targets.argmax(0 if found.objective.targets.shape[0] == 3 else 1), torch.tensor(y)
        )
        assert found.radius == pytest.approx(np.hypot(3, 4.5))


def test_which_loss(tmp_path: Path) -> None:
    def of(y: np.ndarray, e: int, loss: str | None = None) -> str:
        return read_evaluation(npz(tmp_path / "data.npz", x=X, y=y), network(2, e), loss).objective.loss_name  # type: ignore[arg-type]

    assert of(np.array([0, 1, 2]), 3) == "ce"
    assert of(np.array([[0.0], [1.0], [2.0]]), 3) == "ce"
    assert of(np.array([0, 1, 1]), 1) == "mse"
    assert of(np.array([0, 1, 1]), 1, "bce") == "bce"
    assert of(np.zeros((3, 3)), 3) == "mse"
    assert of(np.array([0.5, 1.0, 1.0]), 1) == "mse"


def test_digits_and_the_sample() -> None:
    digits = read_evaluation("digits", network(64, 10))
    assert (digits.objective.n_samples, digits.loss) == (1797, "cross-entropy")
    with pytest.raises(ShapeError, match="expected \\(N, 2\\)"):
        read_evaluation("digits", network())
    first, again, other = (function_distance(network(), relu, torch.Generator().manual_seed(k)) for k in (0, 0, 1))
    assert isinstance(first, Evaluation)
    assert torch.equal(first.objective.x, again.objective.x)
    assert not torch.equal(first.objective.x, other.objective.x)
    assert first.objective.n_samples == INPUTS
    huge = torch.full((1, 1), 1e200, dtype=torch.float64)
    with pytest.raises(NonFiniteError, match="overflow"):
        function_distance(Layers(huge, huge, None, None), relu, torch.Generator())


@pytest.mark.parametrize(
    ("x", "y", "e", "loss", "message"),
    [
        (X[:, :1], np.zeros(3), 3, None, "expected (N, 2)"),
        (X[0], np.zeros(2), 3, None, "expected (N, 2)"),
        (X[:0], np.zeros(0), 3, None, "expected (N, 2)"),
        (X, np.zeros(4), 3, None, "expected 3 rows"),
        (X, np.zeros((3, 1, 1)), 3, None, "expected 3 rows"),
        (X, np.zeros((3, 2)), 3, None, "expected (3, 3)"),
        (X, np.array([0.5, 0, 0]), 3, None, "expected (3, 3)"),
        (X, np.array([0, 1, 3]), 3, None, "expected them in 0..2"),
        (X, np.array([-1, 0, 0]), 3, "ce", "whole numbers"),
        (X, np.array([0, 0, 0]), 1, "ce", "for one output"),
        (X, np.array([0, 1, 2.0]), 1, "bce", "outside [0, 1]"),
        (X * np.nan, np.zeros(3), 3, None, "NaN"),
        (X, np.array([0, np.inf, 0]), 3, None, "NaN"),
    ],
)
def test_data_that_do_not_fit(
    tmp_path: Path, x: np.ndarray, y: np.ndarray, e: int, loss: str | None, message: str
) -> None:
    path = npz(tmp_path / "data.npz", x=x, y=y)
    with pytest.raises((ShapeError, NonFiniteError)) as caught:
        read_evaluation(path, network(2, e), loss)  # type: ignore[arg-type]
    assert message in str(caught.value)


def header(shape: tuple[int, ...], kind: str = "<f8") -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": kind, "fortran_order": False, "shape": shape})
    return stream.getvalue()


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, content in members.items():
            made.writestr(f"{name}.npy", content)
    return path


def test_hostile_and_damaged_files(tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "trace"),)

    objects = np.empty(1, dtype=object)
    objects[0] = Hostile()
    np.savez(tmp_path / "hostile.npz", x=objects, y=objects)
    archive(tmp_path / "long.npz", x=header((2**40, 2)) + bytes(16), y=header((3,)) + bytes(24))
    archive(tmp_path / "wide.npz", x=header((1, 2), "<c16") + bytes(32), y=header((1,)) + bytes(8))
    archive(tmp_path / "code.npz", x=b"\x93NUMPY\x01\x00\x20\x00__import__('os').getcwd()       \n", y=header((1,)))
    archive(tmp_path / "short.npz", x=b"\x93NUM", y=header((1,)))
    np.savez(tmp_path / "text.npz", x=np.array(["a"]), y=np.zeros(1))
    np.savez(tmp_path / "other.npz", a=X)
    (tmp_path / "empty.npz").touch()
    (tmp_path / "noise.npz").write_bytes(os.urandom(100))
    whole = npz(tmp_path / "cut.npz", x=X, y=np.zeros(3)).read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "flipped.npz").write_bytes(whole[:150] + bytes([whole[150] ^ 1]) + whole[151:])
    (tmp_path / "noise.safetensors").write_bytes(os.urandom(100))
    safetensors.torch.save_file({"a": torch.ones(1)}, tmp_path / "other.safetensors")
    (tmp_path / "text.csv").write_text("1,2,3\n1,2,__import__('os')\n")
    (tmp_path / "ragged.csv").write_text("1,2,3\n1,2\n")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "narrow.csv").write_text("1,2\n")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "data.pkl").touch()
    before = sorted(os.listdir(tmp_path))
    for name in (*before, "missing.csv", "x" * 300 + ".npz"):
        with pytest.raises(QuadricsError):
            read_evaluation(tmp_path / name, network())
    assert sorted(os.listdir(tmp_path)) == before
    with pytest.raises(DataError, match="expected numbers"):
        read_evaluation(tmp_path / "hostile.npz", network())
    with pytest.raises(DataError, match="expected it whole"):
        read_evaluation(tmp_path / "long.npz", network())
