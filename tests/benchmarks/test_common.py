"""The table of figures beside targets: what counts as reached, the exit status, what is written down."""

from __future__ import annotations

import io
import json
import math

import pytest
import torch
from rich.console import Console

from benchmarks import __main__ as command
from benchmarks import _common
from benchmarks._common import Row, best, exit_status, in_turns, machine, save, seconds, table

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (Row("A", "ratio", 36, 35), "reached"),
        (Row("A", "ratio", 35, 35), "reached"),
        (Row("A", "ratio", 34.9, 35), "near"),
        (Row("A", "ratio", 0.7 * 10, 10), "near"),
        (Row("A", "ratio", 6.99, 10), "missed"),
        (Row("B", "drift", 1e-14, 1e-13, at_most=True), "reached"),
        (Row("B", "drift", 1.4e-13, 1e-13, at_most=True), "near"),
        (Row("B", "drift", 1.5e-13, 1e-13, at_most=True), "missed"),
        (Row("flips", "share", 0.0, 0, at_most=True), "reached"),
        (Row("flips", "share", 1e-9, 0, at_most=True), "missed"),
        (Row("A", "ratio", math.nan, 35), "missed"),
        (Row("B", "drift", math.nan, 1e-13, at_most=True), "missed"),
        (Row("A", "seconds", 3.0), ""),
    ],
)
def test_verdicts(row: Row, verdict: str) -> None:
    assert row.verdict == verdict
    assert exit_status([row]) == (verdict == "missed")


def test_one_missed_target_fails_the_run() -> None:
    good, near, missed = Row("A", "x", 2, 1), Row("A", "x", 0.8, 1), Row("A", "x", 0.5, 1)
    assert exit_status([]) == 0
    assert exit_status([good, near]) == 0
    assert exit_status([good, missed, near]) == 1


def test_the_table_shows_target_beside_figure() -> None:
    stream = io.StringIO()
    rows = [Row("A", "times the loop", 41.26, 35), Row("B", "drift", 3e-15, 1e-13, at_most=True, note="all tolerances")]
    Console(file=stream, width=150).print(table(rows))
    lines = [line for line in stream.getvalue().splitlines() if "│" in line]
    assert [cell.strip() for cell in lines[0].split("│")[1:-1]] == [
        "A",
        "times the loop",
        "41.3",
        "≥ 35",
        "reached",
        "",
    ]
    assert [cell.strip() for cell in lines[1].split("│")[3:-1]] == ["3.0e-15", "≤ 1.0e-13", "reached", "all tolerances"]


def test_results_are_written_with_machine_and_versions(tmp_path) -> None:
    rows = [Row("A", "x", 2, 1), Row("A", "y", 0.5, 1, unit=" %")]
    save(tmp_path / "new", "bench", rows, {"seconds": 3}, machine(CPU))
    record = json.loads((tmp_path / "new" / "bench.json").read_text(encoding="utf-8"))
    assert {"torch", "numpy", "python", "processor", "date"} <= set(record["machine"])
    assert [(row["figure"], row["target"], row["verdict"]) for row in record["rows"]] == [
        (2, 1, "reached"),
        (0.5, 1, "missed"),
    ]
    assert record["details"] == {"seconds": 3}
    text = (tmp_path / "new" / "bench.txt").read_text(encoding="utf-8")
    assert "missed" in text
    assert torch.__version__.split("+")[0] in text


def test_contenders_take_turns() -> None:
    seen: list[str] = []

    def contender(name: str) -> float:
        seen.append(name)
        return float(len(seen))

    times = in_turns({"a": lambda: contender("a"), "b": lambda: contender("b")}, 2)
    assert seen == ["a", "b", "a", "b"]
    assert times == {"a": [1.0, 3.0], "b": [2.0, 4.0]}


def test_the_clock_counts_the_work(monkeypatch) -> None:
    now = iter([10.0, 12.5])
    monkeypatch.setattr(_common.time, "process_time", lambda: next(now))
    assert seconds(lambda: None, CPU) == 2.5
    durations = iter([9.0, 3.0, 4.0])
    monkeypatch.setattr(_common, "seconds", lambda work, device: next(durations))
    assert best(lambda: None, CPU, rounds=3) == 3.0


def test_the_command_runs_what_it_is_asked_for(tmp_path, monkeypatch, capsys) -> None:
    asked = []

    class Fake:
        def __init__(self, name: str, figure: float) -> None:
            self.name, self.figure = name, figure

        def run(self, device, quick):
            asked.append((self.name, quick))
            return [Row(self.name, "x", self.figure, 1)], {}

    figures = {"benchmarks.training": 2.0, "benchmarks.scale": 0.5}
    monkeypatch.setattr(command.importlib, "import_module", lambda name: Fake(name, figures[name]))
    out = ["--out", str(tmp_path), "--quick"]
    assert command.main(["training", *out]) == 0
    assert command.main(["training", "scale", *out]) == 1
    assert asked == [("benchmarks.training", True), ("benchmarks.training", True), ("benchmarks.scale", True)]
    assert {path.name for path in tmp_path.iterdir()} == {
        "training.json",
        "training.txt",
        "training-scale.json",
        "training-scale.txt",
    }
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        command.main(["speed"])
    assert stop.value.code == 2
    assert "got speed" in capsys.readouterr().err
