"""``quadrics diagnose``: what it prints, what it writes, and how it refuses."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor, nn
from typer.testing import CliRunner

import numerics.tools.repair
from numerics.cli import app, main
from numerics.modules import Layers
from numerics.tools.checkpoint import read_checkpoint

runner = CliRunner()


def network() -> nn.Sequential:
    """Neurons 0 and 1 are pathological, both with a positive output weight; 2 is healthy, 3 computes nothing."""
    net = nn.Sequential(nn.Linear(2, 4, bias=False), nn.ReLU(), nn.Linear(4, 1))
    state = {
        "0.weight": torch.tensor([[1.0, 0.5], [0.25, -0.5], [3.0, 4.0], [0.0, 0.0]]),
        "2.weight": torch.tensor([[2.0, 7.0, -1.0, -0.5]]),
        "2.bias": torch.tensor([0.1]),
    }
    net.load_state_dict(state)
    return net


def saved(path: Path, state: dict[str, Tensor] | None = None) -> Path:
    state = dict(network().state_dict()) if state is None else state
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(state, path)
    else:
        torch.save(state, path)
    return path


def complaint(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object) -> str:
    monkeypatch.setattr(sys, "argv", ["quadrics", "diagnose", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    error = capsys.readouterr().err
    assert ended.value.code == 2
    assert "Traceback" not in error
    return error


def test_the_report(tmp_path: Path) -> None:
    result = runner.invoke(app, ["diagnose", str(saved(tmp_path / "net.pt"))], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    for line in (
        "2 inputs, 4 neurons, 1 output, float32",
        "3 of 4 neurons are pathological",
        "8  components",
        "4  effective components",
        "more than 3 hyperplanes of positive kink",
        "more than 2 hyperplanes of negative kink",
        "at PyTorch default init",
        "--repair OUT",
    ):
        assert line in result.stdout, result.stdout
    assert os.listdir(tmp_path) == ["net.pt"]


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".safetensors"])
def test_the_repair(tmp_path: Path, suffix: str) -> None:
    source, target = saved(tmp_path / f"net{suffix}"), tmp_path / f"mended{suffix}"
    before = source.read_bytes()
    result = runner.invoke(app, ["diagnose", str(source), "--repair", str(target), "--json", "-"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["pathological"] == [0, 1, 3]
    assert document["components"] == 8
    assert document["reach"]["most_negative_kinks"] == 2
    assert [change["means"] for change in document["repair"]["changes"]] == ["rescaled", "rescaled", "replaced"]
    assert document["repair"]["connected"] is True
    assert document["repair"]["largest_deviation"] == 0
    net, x = network(), torch.randn(100, 2)
    expected = net(x)
    net.load_state_dict(dict(read_checkpoint(target).state))
    assert torch.equal(net(x), expected)
    assert source.read_bytes() == before
    again = runner.invoke(app, ["diagnose", str(target), "--json", "-"])
    assert json.loads(again.stdout)["connected"] is True


def test_the_account_of_the_repair(tmp_path: Path) -> None:
    source = saved(tmp_path / "net.pt")
    result = runner.invoke(app, ["diagnose", str(source), "--repair", str(source)], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert "3 neurons with c_k ≤ 0: 2 rescaled, 1 replaced" in result.stdout
    assert "neuron 1 rescaled: w × 2^" in result.stdout
    again = runner.invoke(app, ["diagnose", str(source), "--repair", str(source)], env={"COLUMNS": "200"})
    assert "written as it was; no c_k needs it" in again.stdout


def test_several_outputs(tmp_path: Path) -> None:
    state = {"0.weight": torch.ones(3, 2), "2.weight": 5 * torch.ones(2, 3)}
    source = saved(tmp_path / "net.pt", state)
    result = runner.invoke(app, ["diagnose", str(source), "--repair", str(tmp_path / "out.pt")], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert "No topological obstruction: with 2 outputs" in result.stdout
    assert "locks nothing when there are several outputs" in result.stdout
    assert torch.equal(read_checkpoint(tmp_path / "out.pt").layers.W2, state["2.weight"])


def test_json_to_a_file(tmp_path: Path) -> None:
    result = runner.invoke(app, ["diagnose", str(saved(tmp_path / "net.pt")), "--json", str(tmp_path / "out.json")])
    assert result.exit_code == 0
    assert json.loads((tmp_path / "out.json").read_text())["width"] == 4
    assert "pathological" in result.stdout


def test_a_repair_that_fails_its_test_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(layers: Layers, _: object) -> tuple[Layers, list[object]]:
        return layers._replace(W2=2 * layers.W2), []

    monkeypatch.setattr(numerics.tools.repair, "repair", wrong)
    source = saved(tmp_path / "net.pt")
    error = complaint(capsys, monkeypatch, source, "--repair", tmp_path / "out.pt", "--json", tmp_path / "out.json")
    assert "nothing was written" in error
    assert os.listdir(tmp_path) == ["net.pt"]


def test_bad_files(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "trace"),)

    torch.save({"[/red]": Hostile()}, tmp_path / "hostile.pt")
    assert "posix.mkdir" in complaint(capsys, monkeypatch, tmp_path / "hostile.pt")
    assert not (tmp_path / "trace").exists()
    saved(tmp_path / "names.pt", {"[/red]\x1b[2J": torch.ones(3, 2), ":boom:": torch.ones(1, 4)})
    error = complaint(capsys, monkeypatch, tmp_path / "names.pt")
    assert "[/red]\\x1b[2J" in error
    assert ":boom:" in error
    assert "no such file" in complaint(capsys, monkeypatch, tmp_path / "missing.pt")
    (tmp_path / "text.pt").write_text("no checkpoint")
    assert "damaged" in complaint(capsys, monkeypatch, tmp_path / "text.pt")
    saved(tmp_path / "nan.pt", {"0.weight": torch.full((3, 2), torch.nan), "2.weight": torch.ones(1, 3)})
    assert "NaN" in complaint(capsys, monkeypatch, tmp_path / "nan.pt")
    double = torch.float64
    huge = {"0.weight": torch.full((3, 2), 1e200, dtype=double), "2.weight": torch.ones(1, 3, dtype=double)}
    assert "overflow" in complaint(capsys, monkeypatch, saved(tmp_path / "huge.pt", huge))


def test_wrong_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    source = saved(tmp_path / "net.pt")
    complaint(capsys, monkeypatch)
    assert "folder" in complaint(capsys, monkeypatch, source, "--repair", tmp_path)
    assert "suffix" in complaint(capsys, monkeypatch, source, "--repair", tmp_path / "out.onnx")
    assert "folder" in complaint(capsys, monkeypatch, source, "--repair", tmp_path / "no" / "out.pt")
    assert "folder" in complaint(capsys, monkeypatch, source, "--json", tmp_path / "no" / "out.json")
    assert os.listdir(tmp_path) == ["net.pt"]
