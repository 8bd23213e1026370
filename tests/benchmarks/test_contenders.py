"""What is timed is right: the contenders of each benchmark reach the same."""

from __future__ import annotations

import json

import pytest
import torch

from benchmarks import device, prefix_sums, scale, training
from benchmarks._common import Row
from numerics.batch import Batch

CPU = torch.device("cpu")


def test_the_trainers_reach_the_same_losses() -> None:
    assert training.disagreement(torch.float64, CPU) < 1e-12


def test_a_wrong_trainer_is_noticed(monkeypatch) -> None:
    wrong = lambda batch, x, y: training.batched(batch, 1.001 * x, y)  # noqa: E731
    monkeypatch.setitem(training.CONTENDERS, "this package", (wrong, 20))
    assert training.disagreement(torch.float64, CPU) > 1e-6
    with pytest.raises(RuntimeError, match="one of them is wrong"):
        training.run(CPU, quick=True)


def test_workload_a_is_that_of_the_figure() -> None:
    batch = training.networks(100, torch.float32)
    assert batch.n == 5_200
    assert int(batch.widths.sum()) == 32_800
    x, y = training.data(torch.float32)
    assert x.shape == (569, 30)
    assert y.shape == (569, 1)
    assert training.operations(batch, x) == 4 * 569 * 30 * 32_800


def test_the_right_hand_sides_agree_and_a_wrong_one_is_noticed() -> None:
    batch, fast, dense = prefix_sums.problem(5, 8, 300, CPU)
    assert prefix_sums.disagreement(batch, fast, dense) < 1e-13
    moved = prefix_sums.problem(5, 8, 301, CPU)[1]
    assert prefix_sums.disagreement(batch, moved, dense) > 1e-6


def test_memory_does_not_grow_with_the_batch() -> None:
    sizes = [scale.largest_intermediate(*scale.problem(n, 8, 256, CPU)) for n in (500, 1_000, 2_000)]
    assert max(sizes) <= 2_000_000
    assert scale.largest_intermediate(*scale.problem(10, 8, 256, CPU)) < min(sizes)
    few = scale.axis([(2, 2, 100), (4, 2, 100)], CPU, 1)
    assert [point["parameters, bytes a network"] for point in few.values()] == [2 * (scale.INPUTS + 1) * 4] * 2


def test_a_contender_that_fails_costs_only_itself(tmp_path) -> None:
    report = device.Report(tmp_path, CPU, budget=60.0)
    assert report.attempt("works", lambda: 3) == 3
    assert report.attempt("fails", lambda: 1 / 0) is None
    assert report.attempt("late", lambda: 4, needs=1e9) is None
    report.rows.append(Row("device", "x", 1.0))
    assert report.attempt("works still", lambda: 5) == 5
    record = json.loads((tmp_path / "device.json").read_text(encoding="utf-8"))
    assert record["details"]["works still"] == 5
    assert record["details"]["fails"]["failed"] == "ZeroDivisionError: division by zero"
    assert record["details"]["late"].startswith("left out")
    assert record["rows"][0]["what"] == "x"


def test_traffic_counts_seven_passes_over_the_hidden_layer() -> None:
    batch = Batch(torch.zeros(10, 4, 3), torch.zeros(10, 1, 4))
    x = torch.ones(48, 3)
    assert device.traffic(batch, x, 2**20) == 4 * 48 * (7 * 40 + 5 * 10)
