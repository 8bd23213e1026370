"""``quadrics connect``: what it prints, what it writes, and how it refuses."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors
import safetensors.torch
import torch
from torch import Tensor
from typer.testing import CliRunner

import numerics.cli
from numerics.cli import app
from numerics.tools.checkpoint import read_checkpoint

from ..moved_networks import State, copy_of, draw, output

runner = CliRunner()
CONNECT = ["connect", "--activation", "relu"]


def networks(name: str = "relu", d: int = 3, e: int = 2, width: int = 5) -> tuple[State, State]:
    source = torch.Generator().manual_seed(0)
    A = draw(source, d, width, e)
    return A, copy_of(A, source, name)


def saved(path: Path, state: dict[str, Tensor], dtype: torch.dtype = torch.float64) -> str:
    state = {key: tensor.to(dtype).contiguous() for key, tensor in state.items()}
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(state, path, metadata={"from": "here"})
    else:
        torch.save(state, path)
    return str(path)


def pair(folder: Path, name: str = "relu") -> tuple[str, str]:
    A, B = networks(name)
    return saved(folder / "A.pt", A), saved(folder / "B.pt", B)


def complaint(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object) -> str:
    monkeypatch.setattr(sys, "argv", ["quadrics", *CONNECT, *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        numerics.cli.main()
    error = capsys.readouterr().err
    assert ended.value.code == 2
    assert "Traceback" not in error
    return error


def test_the_report(tmp_path: Path) -> None:
    result = runner.invoke(app, [*CONNECT, *pair(tmp_path)], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    for line in (
        "3 inputs, 5 neurons, 2 outputs",
        "relu, which the files do not tell",
        "on 1024 standard normal inputs",
        "they are one network",
        "factors of the incoming weights",
        "weight matching",
        "curve of one function",
        "--out OUT",
    ):
        assert line in result.stdout, result.stdout
    assert sorted(os.listdir(tmp_path)) == ["A.pt", "B.pt"]


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64])
def test_what_is_written(tmp_path: Path, suffix: str, dtype: torch.dtype) -> None:
    A, B = networks()
    one, other = saved(tmp_path / f"A{suffix}", A, dtype), saved(tmp_path / f"B{suffix}", B, dtype)
    target, picture = tmp_path / f"aligned{suffix}", tmp_path / "losses.svg"
    before = Path(other).read_bytes()
    call = [*CONNECT, one, other, "--out", str(target), "--figure", str(picture), "--json", "-"]
    result = runner.invoke(app, call)
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["first"], document["second"], document["out"]) == (one, other, str(target))
    assert document["related"] is True
    assert document["relative_distance"] <= document["tolerance"] == 8 * torch.finfo(dtype).eps
    assert "<svg" in picture.read_text()
    written = read_checkpoint(target)
    assert list(written.state) == list(read_checkpoint(other).state)
    for key, tensor in written.state.items():
        assert tensor.dtype == dtype
        assert float((tensor - A[key]).norm()) <= 4 * torch.finfo(dtype).eps * float(A[key].norm())
    if suffix == ".safetensors":
        with safetensors.safe_open(target, framework="pt") as stream:
            assert stream.metadata() == {"from": "here"}
    assert Path(other).read_bytes() == before
    assert len(os.listdir(tmp_path)) == 4


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "leaky_relu", "linear", "relu_squared", "gelu"])
def test_other_activations(tmp_path: Path, name: str) -> None:
    target = tmp_path / "out.pt"
    call = ["connect", "--activation", name, *pair(tmp_path, name), "--out", str(target)]
    result = runner.invoke(app, call, env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    assert "they are one network" in result.stdout
    A, B = networks(name)
    x = torch.randn(50, 3, dtype=torch.float64)
    aligned = dict(read_checkpoint(target).state)
    torch.testing.assert_close(output(aligned, x, name), output(B, x, name), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(aligned["0.weight"], A["0.weight"], rtol=1e-6, atol=1e-6)


def test_data_and_the_seed(tmp_path: Path) -> None:
    A, B = pair(tmp_path)
    source = torch.Generator().manual_seed(9)
    saved(tmp_path / "B.pt", draw(source, 3, 5, 2))
    x, y = np.random.default_rng(0).normal(size=(30, 3)), np.arange(30) % 2
    np.savez(tmp_path / "data.npz", x=x, y=y)
    target = tmp_path / "out.json"
    documents = []
    for options in (("--seed", "0"), ("--seed", "0"), ("--seed", "1"), ("--data", str(tmp_path / "data.npz"))):
        assert runner.invoke(app, [*CONNECT, A, B, *options, "--json", str(target)]).exit_code == 0
        documents.append(json.loads(target.read_text()))
    assert documents[0] == documents[1]
    assert documents[0]["paths"] != documents[2]["paths"]
    assert documents[3]["loss"] == "cross-entropy"
    state = dict(read_checkpoint(B).state)
    wanted = torch.nn.functional.cross_entropy(output(state, torch.tensor(x), "relu"), torch.tensor(y))
    assert documents[3]["paths"][0]["loss"][-1] == pytest.approx(float(wanted))


def test_what_could_not_be_read_again_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Biases of unknown names can be told by their lengths, until B is padded to as many neurons as outputs."""
    named = {
        "0.weight": torch.ones(2, 3),
        "2.weight": torch.ones(2, 2),
        "0.bias": torch.ones(2),
        "2.bias": torch.ones(2),
    }
    A = saved(tmp_path / "A.safetensors", named)
    unnamed = {"u": torch.ones(1, 3), "v": torch.ones(2, 1), "x": torch.ones(1), "y": torch.ones(2)}
    B = saved(tmp_path / "B.safetensors", unnamed)
    assert runner.invoke(app, [*CONNECT, A, B]).exit_code == 0
    assert "rename the entries" in complaint(capsys, monkeypatch, A, B, "--out", tmp_path / "out.safetensors")
    assert sorted(os.listdir(tmp_path)) == ["A.safetensors", "B.safetensors"]


def test_bad_files(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "trace"),)

    A, _ = pair(tmp_path)
    out = ("--out", tmp_path / "out.pt", "--json", tmp_path / "out.json", "--figure", tmp_path / "out.svg")
    torch.save({"[/red]": Hostile()}, tmp_path / "hostile.pt")
    (tmp_path / "text.pt").write_text("no checkpoint")
    saved(tmp_path / "nan.pt", {"0.weight": torch.full((3, 3), torch.nan), "2.weight": torch.ones(2, 3)})
    saved(tmp_path / "deep.pt", {f"{k}.weight": torch.ones(3, 3) for k in range(3)})
    saved(tmp_path / "inputs.pt", networks(d=4)[0])
    saved(tmp_path / "outputs.pt", networks(e=3)[0])
    saved(tmp_path / "plain.pt", {key: t for key, t in networks()[0].items() if "weight" in key})
    before = sorted(os.listdir(tmp_path))
    for name, message in (
        ("hostile.pt", "posix.mkdir"),
        ("text.pt", "damaged"),
        ("missing.pt", "no such file"),
        ("nan.pt", "NaN"),
        ("deep.pt", "one hidden layer"),
        ("inputs.pt", "4 and 2; expected the same numbers"),
        ("outputs.pt", "3 and 3; expected the same numbers"),
        ("plain.pt", "b1: got it in one network only"),
    ):
        for files in ((A, tmp_path / name), (tmp_path / name, A)):
            error = complaint(capsys, monkeypatch, *files, *out)
            assert message in error or (name in ("inputs.pt", "outputs.pt") and "expected the same numbers" in error)
    assert sorted(os.listdir(tmp_path)) == before


def test_bad_data(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    files = pair(tmp_path)
    objects = np.array([{"a": 1}], dtype=object)
    np.savez(tmp_path / "objects.npz", x=objects, y=objects)
    np.savez(tmp_path / "nan.npz", x=np.full((4, 3), np.nan), y=np.zeros(4))
    np.savez(tmp_path / "shape.npz", x=np.zeros((4, 2)), y=np.zeros(4))
    np.savez(tmp_path / "rows.npz", x=np.zeros((4, 3)), y=np.zeros(5))
    np.savez(tmp_path / "classes.npz", x=np.zeros((4, 3)), y=np.full(4, 7))
    (tmp_path / "text.csv").write_text("1,2,3,0\n1,2,import os,0\n")
    out = ("--out", tmp_path / "out.pt", "--json", tmp_path / "out.json", "--figure", tmp_path / "out.svg")
    before = sorted(os.listdir(tmp_path))
    for name, message in (
        ("objects.npz", "expected numbers"),
        ("nan.npz", "NaN"),
        ("shape.npz", "expected (N, 3)"),
        ("rows.npz", "expected 4 rows"),
        ("classes.npz", "0..1"),
        ("text.csv", "expected a number"),
        ("missing.npz", "no such file"),
        ("data.pkl", "suffix"),
    ):
        assert message in complaint(capsys, monkeypatch, *files, "--data", tmp_path / name, *out)
    assert "expected (N, 3)" in complaint(capsys, monkeypatch, *files, "--data", "digits", *out)
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize(
    ("option", "values", "message"),
    [
        ("--activation", ["sin", "ReLU", "", "__import__('os').system('true')"], "expected one of absolute_value"),
        ("--tolerance", ["-1", "nan", "inf"], "tolerance: got"),
        ("--tolerance", ["text", "[red]", ""], "Invalid value"),
        ("--seed", ["-1", "x"], "Invalid value"),
        ("--loss", ["mse"], "without data"),
        ("--loss", ["hinge", ""], "expected mse, bce or ce"),
        ("--figure", ["out.exe", "out"], "suffix"),
        ("--out", ["no/out.pt", "."], "folder"),
        ("--out", ["out.onnx"], "suffix"),
        ("--json", ["no/out.json"], "folder"),
    ],
)
def test_bad_options(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    option: str,
    values: list[str],
    message: str,
) -> None:
    files = pair(tmp_path)
    monkeypatch.chdir(tmp_path)
    for value in values:
        assert message in complaint(capsys, monkeypatch, *files, f"{option}={value}")
    assert sorted(os.listdir(tmp_path)) == ["A.pt", "B.pt"]


def test_wrong_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    A, _ = pair(tmp_path)
    complaint(capsys, monkeypatch)
    complaint(capsys, monkeypatch, A)
    result = runner.invoke(app, ["connect", A, A])
    assert result.exit_code == 2
    assert "--activation" in result.output
    leaky = ["--activation", "leaky_relu", "--slope", "2"]
    assert "between 0 and 1" in complaint(capsys, monkeypatch, A, A, *leaky)
