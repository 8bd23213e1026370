"""The decisions on students and digit networks, on made-up experiments whose answers are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from numerics.checks.simsek import appendix_a_deep as deep
from numerics.checks.simsek.appendix_a_deep import Below, Calmer, Turns
from numerics.deep_batch import LeastSquares
from numerics.experiments.simsek import figure_1
from proofs import Context, simsek
from proofs.beyond import simsek_digits
from proofs.evidence import Outcome, Truth
from proofs.simsek import appendix_a_digits


def made(**values: dict[int, list[float]]) -> xr.Dataset:
    """Values by width and seed, missing ones NaN."""
    found = {}
    for name, rows in values.items():
        longest = max(map(len, rows.values()))
        table = [row + [np.nan] * (longest - len(row)) for row in rows.values()]
        found[name] = xr.DataArray(table, dims=("width", "seed"), coords={"width": list(rows)})
    return xr.Dataset(found)


def given(key: str, data: xr.Dataset, decide: Callable[[Any, Context], Outcome], statement: object) -> Truth:
    context = Context()
    context.once(key, lambda: data)
    return decide(statement, context).truth


def test_ranks_decide_either_way_or_not_at_all() -> None:
    rng = np.random.default_rng(0)
    data = made(loss={10: rng.uniform(0, 1, 12).tolist(), 5: rng.uniform(20, 30, 14).tolist()})
    below = Below(lambda found: found.loss, (10,), (5,))
    assert below.judge(data).truth is Truth.HOLDS
    assert below.exchanged().judge(data).truth is Truth.VIOLATED
    assert Below(below.read, (10,), (5,), factor=1e6).judge(data).truth is Truth.VIOLATED
    assert Below(below.read, (5,), (5,)).judge(data).truth is Truth.UNDECIDED
    few = data.isel(seed=slice(0, 5))
    assert below.judge(few).truth is Truth.UNDECIDED  # five against five cannot exclude chance


def test_missing_networks_are_left_out() -> None:
    data = made(loss={3: [1.0, 2.0], 5: [3.0]})
    assert deep._of(data.loss, (3, 5)).tolist() == [1, 2, 3]
    assert deep._of(data.loss, (5, 20)).tolist() == [3]


@pytest.mark.parametrize(("shape", "fits"), [((-1, 1, -1), True), ((1, -1, 1), False)])
def test_which_way_the_gradient_moves_first(shape: tuple[int, ...], fits: bool) -> None:
    curve = 10.0 + np.cumsum([0, *shape])
    data = made(gradient_turns={5: [2.0] * 20, 20: [2.0] * 20})
    gradient = xr.DataArray(np.tile(curve, (2, 20, 1)), dims=("width", "seed", "step"))
    data = data.assign(gradient=gradient)
    wanted = Truth.HOLDS if fits else Truth.VIOLATED
    assert given("simsek.appA1.mnist", data, deep._fall_first, -1) is wanted
    data["gradient_turns"][:] = 4.0
    assert given("simsek.appA1.mnist", data, deep._fall_first, -1) is Truth.VIOLATED


def test_the_calmer_optimizer_must_have_learned() -> None:
    def data(turns: tuple[float, float], loss: float) -> xr.Dataset:
        losses = (("width", "seed", "step"), np.full((1, 12, 2), loss))
        parts = [made(gradient_turns={250: [t] * 12}).assign(loss=losses) for t in turns]
        return xr.concat(parts, dim="optimizer").assign_coords(optimizer=["Adam", "descent"])

    key = "beyond.simsek.zigzag"
    assert given(key, data((8, 0), 0.5), deep._is_calmer, Calmer()) is Truth.HOLDS
    assert given(key, data((8, 0), 2.0), deep._is_calmer, Calmer()) is Truth.VIOLATED
    assert given(key, data((0, 8), 0.5), deep._is_calmer, Calmer()) is Truth.VIOLATED
    assert given(key, data((4, 4), 0.5), deep._is_calmer, Calmer()) is Truth.UNDECIDED


@pytest.mark.parametrize(("turning", "truth"), [(24, Truth.HOLDS), (12, Truth.UNDECIDED), (0, Truth.VIOLATED)])
def test_how_many_turn(turning: int, truth: Truth) -> None:
    data = made(gradient_turns={5: [2.0] * turning + [0.0] * (24 - turning)}).expand_dims(optimizer=["descent"])
    assert given("beyond.simsek.zigzag", data, deep._gradient_turns, Turns("descent", 5, True)) is truth


def test_students_that_contain_the_teacher() -> None:
    teacher = figure_1.draw(1, 4, 7)
    x = figure_1.grid(5)
    y = teacher.output(x)[0, :, 0]
    data = xr.Dataset(
        {"teacher": (("x1", "x2"), y.reshape(5, 5).numpy()), "teacher_weights": ("p", teacher.flatten()[0].numpy())}
    )
    assert given("simsek.fig1e", data, deep._contains_the_teacher, 0.0) is Truth.HOLDS
    assert given("simsek.fig1e", data, deep._contains_the_teacher, 1e-3) is Truth.VIOLATED
    shifted = data.assign(target=data.teacher + 1e-3)
    assert given("simsek.fig1e", shifted, deep._teacher_is_off, "target") is Truth.HOLDS
    assert given("simsek.fig1e", shifted, deep._teacher_is_off, "teacher") is Truth.VIOLATED
    assert float(LeastSquares(teacher, x, y).loss(teacher.flatten())) < 1e-28


def test_every_claim_that_is_measured_exists_and_every_experiment_is_measured() -> None:
    claims = {claim.id: claim for claim in (*appendix_a_digits.CLAIMS, *simsek_digits.CLAIMS)}
    assert set(deep.CHECKS) <= set(claims)
    assert {key for key, claim in claims.items() if not claim.evidence} == set(deep.CHECKS)
    assert all(check.controls for checks in deep.CHECKS.values() for check in checks)
    assert "appendix_a_digits" in simsek.MODULES
