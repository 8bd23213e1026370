"""What is read off the flows' runs, and that a sign change is seen."""

from __future__ import annotations

import math

import pytest
import torch

from benchmarks import large_steps
from benchmarks.flow import Point, needed, problem
from numerics.flow import gradient_descent, lie_euler


def test_what_an_error_needs_lies_between_runs_on_logarithmic_scales() -> None:
    points = [Point(1e-2, 10, 1.0, 0), Point(1e-4, 1_000, 4.0, 0)]
    assert needed(points, 1e-3, "evaluations") == pytest.approx(100)
    assert needed(points, 1e-3, "seconds") == pytest.approx(2)
    assert needed(points, 1e-2, "evaluations") == pytest.approx(10)
    assert needed(points, 0.1, "evaluations") == pytest.approx(10)
    assert needed(points, 1e-5, "evaluations") == math.inf
    assert needed([*points, Point(math.nan, 1, 1, 0)], 1e-3, "evaluations") == pytest.approx(100)


def test_a_run_that_is_better_and_cheaper_counts() -> None:
    points = [Point(1e-3, 500, 1, 0), Point(1e-4, 50, 1, 0)]
    assert needed(points, 1e-3, "evaluations") == pytest.approx(50)


def test_workload_b_starts_on_its_quadrics() -> None:
    for positive in (False, True):
        start, objective = problem(3, positive)
        assert objective.n_samples == 8_000
        torch.testing.assert_close(start.imbalance(), torch.full((3, 6), -0.1, dtype=torch.float64))
        assert bool((start.W2 > 0).all()) == positive


def test_sign_changes_are_seen_and_boosts_have_none() -> None:
    start, objective = large_steps.problem(5)
    assert large_steps.follow(gradient_descent.step, start, objective, 1e-3, 3).flipped == 0
    assert large_steps.follow(gradient_descent.step, start, objective, 2.0, 5).flipped == 100
    kept = large_steps.follow(lie_euler.step, start, objective, 2.0, 5)
    assert (kept.flipped, kept.diverged) == (0, 0)
    assert kept.drift < 1e-13
    assert large_steps.follow(gradient_descent.step, start, objective, 1e200, 5).diverged == 100
