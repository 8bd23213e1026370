"""``quadrics prune``: what it prints, what it writes, and how it refuses."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
import safetensors
import safetensors.torch
import torch
from torch import Tensor
from typer.testing import CliRunner

import numerics.cli
import numerics.tools.prune
from numerics.cli import app
from numerics.tools.checkpoint import read_checkpoint

runner = CliRunner()
PRUNE = ["prune", "--activation", "sigmoid"]


def weights(dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    """0 and 2 are copies, 1 and 4 cancel, 3 is constant, 5 is alone."""
    W1 = torch.tensor([[1.0, 2.0], [5.0, 6.0], [1.0, 2.0], [0.0, 0.0], [5.0, 6.0], [-1.0, 0.5]])
    return {
        "0.weight": W1.to(dtype),
        "0.bias": torch.tensor([0.5, 1.0, 0.5, 0.0, 1.0, 0.25]).to(dtype),
        "2.weight": torch.tensor([[1.0, 7.0, 2.0, 4.0, -7.0, 1.5]]).to(dtype),
        "2.bias": torch.tensor([0.125]).to(dtype),
    }


def saved(path: Path, state: dict[str, Tensor] | None = None) -> Path:
    state = weights() if state is None else state
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(state, path, metadata={"from": "here"})
    else:
        torch.save(state, path)
    return path


def complaint(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object) -> str:
    monkeypatch.setattr(sys, "argv", ["quadrics", *PRUNE, *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        numerics.cli.main()
    error = capsys.readouterr().err
    assert ended.value.code == 2
    assert "Traceback" not in error
    return error


def test_the_report(tmp_path: Path) -> None:
    result = runner.invoke(app, [*PRUNE, str(saved(tmp_path / "net.pt"))], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    for line in (
        "2 inputs, 6 neurons, 1 output, float32",
        "the bound is for sigmoid",
        "6 neurons reduce to a core of 2",
        "0, 2",
        "zero-type",
        "constant",
        "b2",
        "neurons in the core, of 6",
        "bound of |f(x) - f_pruned(x)| for every |x| ≤ 4.24264",
        "--out OUT",
    ):
        assert line in result.stdout, result.stdout
    assert os.listdir(tmp_path) == ["net.pt"]


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".safetensors"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_what_is_written(tmp_path: Path, suffix: str, dtype: torch.dtype) -> None:
    source, target = saved(tmp_path / f"net{suffix}", weights(dtype)), tmp_path / f"core{suffix}"
    before = source.read_bytes()
    result = runner.invoke(app, [*PRUNE, str(source), "--tolerance", "0", "--out", str(target), "--json", "-"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["width"], document["core_width"], document["bound"]) == (6, 2, 0)
    assert [group["type"] for group in document["groups"]] == ["copies", "kept", "zero-type", "constant"]
    assert [group["into"] for group in document["groups"]] == [0, 1, None, None]
    assert document["out"] == str(target)
    core = read_checkpoint(target)
    assert list(core.state) == list(read_checkpoint(source).state)
    expected = {
        "0.weight": [[1.0, 2.0], [-1.0, 0.5]],
        "0.bias": [0.5, 0.25],
        "2.weight": [[3.0, 1.5]],
        "2.bias": [2.125],  # 4 sigmoid(0) + 1/8
    }
    for key, values in expected.items():
        assert torch.equal(core.state[key], torch.tensor(values).to(dtype))
        assert core.state[key].dtype == dtype
    if suffix == ".safetensors":
        with safetensors.safe_open(target, framework="pt") as stream:
            assert stream.metadata() == {"from": "here"}
    assert source.read_bytes() == before
    again = runner.invoke(app, [*PRUNE, str(target), "--tolerance", "0"], env={"COLUMNS": "200"})
    assert "Nothing to prune" in again.stdout


def test_a_network_that_cancels(tmp_path: Path) -> None:
    state = {"0.weight": torch.ones(2, 2), "2.weight": torch.tensor([[1.0, -1.0]])}
    target = tmp_path / "core.pt"
    arguments = [*PRUNE, str(saved(tmp_path / "net.pt", state)), "--activation", "relu", "--out", str(target)]
    result = runner.invoke(app, arguments, env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert "The core is empty" in result.stdout
    assert "one neuron of zeros" in result.stdout
    assert not read_checkpoint(target).layers.W2.any()


def test_equal_neurons_that_stay_are_named(tmp_path: Path) -> None:
    state = {"0.weight": torch.ones(2, 2), "2.weight": torch.tensor([[1.0, 1e-9]])}
    arguments = [*PRUNE, str(saved(tmp_path / "net.pt", state)), "--tolerance", "1e-15"]
    result = runner.invoke(app, arguments, env={"COLUMNS": "200"})
    assert "1 neuron with the incoming weights of another stayed" in result.stdout
    assert runner.invoke(app, arguments).stdout == runner.invoke(app, arguments).stdout


def test_json_to_a_file_and_the_seed(tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(0)
    W1 = torch.randn(4, 3, generator=generator)
    state = {"0.weight": torch.cat([W1, W1 + 1e-4]), "2.weight": torch.ones(1, 8)}
    source, found = saved(tmp_path / "net.pt", state), []
    for seed in ("0", "0", "1"):
        target = tmp_path / "out.json"
        call = [*PRUNE, str(source), "--tolerance", "1e-2", "--radius", "2", "--seed", seed, "--json", str(target)]
        assert runner.invoke(app, call).exit_code == 0
        found.append(json.loads(target.read_text()))
    assert found[0] == found[1]
    assert found[0]["largest_deviation"] != found[2]["largest_deviation"]
    assert found[0]["core_width"] == 4
    assert found[0]["largest_deviation"] <= found[0]["bound"] <= found[0]["tolerance"]


def test_a_bound_that_fails_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numerics.tools.prune, "largest_difference", lambda *_: (1.0, 0.0))
    source = saved(tmp_path / "net.pt")
    error = complaint(capsys, monkeypatch, source, "--out", tmp_path / "out.pt", "--json", tmp_path / "out.json")
    assert "nothing was written" in error
    assert os.listdir(tmp_path) == ["net.pt"]


def test_what_could_not_be_read_again_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names that say nothing are enough for a hidden layer of another width than the output, and only for that."""
    state = {"u": torch.ones(2, 2), "v": torch.ones(1, 2), "x": torch.ones(2), "y": torch.ones(1)}
    source = saved(tmp_path / "net.pt", state)
    assert runner.invoke(app, [*PRUNE, str(source)]).exit_code == 0
    assert "rename the entries" in complaint(capsys, monkeypatch, source, "--out", tmp_path / "out.pt")
    assert os.listdir(tmp_path) == ["net.pt"]


def test_bad_files(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "trace"),)

    out = ("--out", tmp_path / "out.pt")
    torch.save({"[/red]": Hostile()}, tmp_path / "hostile.pt")
    assert "posix.mkdir" in complaint(capsys, monkeypatch, tmp_path / "hostile.pt", *out)
    assert not (tmp_path / "trace").exists()
    (tmp_path / "text.pt").write_text("no checkpoint")
    assert "damaged" in complaint(capsys, monkeypatch, tmp_path / "text.pt", *out)
    assert "no such file" in complaint(capsys, monkeypatch, tmp_path / "missing.pt", *out)
    saved(tmp_path / "nan.pt", {"0.weight": torch.full((3, 2), torch.nan), "2.weight": torch.ones(1, 3)})
    assert "NaN" in complaint(capsys, monkeypatch, tmp_path / "nan.pt", *out)
    saved(tmp_path / "deep.pt", {f"{k}.weight": torch.ones(3, 3) for k in range(3)})
    assert "one hidden layer" in complaint(capsys, monkeypatch, tmp_path / "deep.pt", *out)
    saved(tmp_path / "wide.pt", {"0.weight": torch.ones(2**14 + 1, 1), "2.weight": torch.ones(1, 2**14 + 1)})
    assert "expected at most 16384" in complaint(capsys, monkeypatch, tmp_path / "wide.pt", *out)
    double = {"0.weight": torch.tensor([[1e200], [2e200]], dtype=torch.float64)}
    saved(tmp_path / "huge.pt", {**double, "2.weight": torch.ones(1, 2, dtype=torch.float64)})
    assert "overflow" in complaint(capsys, monkeypatch, tmp_path / "huge.pt", *out)
    assert not (tmp_path / "out.pt").exists()


@pytest.mark.parametrize(
    ("option", "values", "message"),
    [
        ("--tolerance", ["-1", "nan", "inf"], "tolerance: got"),
        ("--radius", ["0", "-1", "nan", "inf"], "radius: got"),
        ("--tolerance", ["text", "1e-6.0", "__import__('os')"], "Invalid value"),
        ("--radius", ["[red]", ""], "Invalid value"),
        ("--seed", ["-1", "x"], "Invalid value"),
        ("--activation", ["sin", "Tanh", "", "__import__('os').system('true')"], "expected one of erf, gelu, relu"),
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
    source = saved(tmp_path / "net.pt")
    for value in values:
        assert message in complaint(capsys, monkeypatch, source, f"{option}={value}", "--out", tmp_path / "out.pt")
    assert os.listdir(tmp_path) == ["net.pt"]


def test_wrong_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    source = saved(tmp_path / "net.pt")
    complaint(capsys, monkeypatch)
    assert "folder" in complaint(capsys, monkeypatch, source, "--out", tmp_path)
    assert "suffix" in complaint(capsys, monkeypatch, source, "--out", tmp_path / "out.onnx")
    assert "folder" in complaint(capsys, monkeypatch, source, "--out", tmp_path / "no" / "out.pt")
    assert "folder" in complaint(capsys, monkeypatch, source, "--json", tmp_path / "no" / "out.json")
    assert os.listdir(tmp_path) == ["net.pt"]


def test_the_activation_must_be_named(tmp_path: Path) -> None:
    result = runner.invoke(app, ["prune", str(saved(tmp_path / "net.pt"))])
    assert result.exit_code == 2
    assert "--activation" in result.output
