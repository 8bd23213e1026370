"""Steps of its own for each network, and what they are chosen by."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from numerics.batch import Batch, stack
from numerics.field import Field
from numerics.flow import adaptive, gradient_flow
from numerics.flow.boosting import combined
from numerics.objective import Objective
from numerics.status import Status

from .problems import problem, reference


def test_each_network_has_its_own_steps():
    """A network that moves a hundred times as fast takes its own number of steps, and the slow one as many as alone."""
    given = problem("smooth")
    slow = given.batch.select(1)
    fast = given.batch.unflatten(given.batch.flatten() * 10).select(0)
    both = adaptive.integrate(stack([slow, fast]), given.objective, [0.0, 0.2])
    assert (both.status == Status.FINISHED).all()
    assert both.evaluations[1] > 5 * both.evaluations[0]
    alone = adaptive.integrate(slow, given.objective, [0.0, 0.2])
    assert both.evaluations[0] == alone.evaluations[0]


def test_a_tighter_tolerance_gives_a_smaller_error_at_more_gradients():
    errors, evaluations = [], []
    given = problem("outputs")
    for tolerance in (1e-3, 1e-5, 1e-7, 1e-9):
        flow = adaptive.integrate(given.batch, given.objective, [0.0, given.time], rtol=tolerance, atol=tolerance)
        errors.append(float((flow.batch.flatten() - reference("outputs")).abs().max()))
        evaluations.append(int(flow.evaluations.sum()))
    assert errors == sorted(errors, reverse=True)
    assert evaluations == sorted(evaluations)
    assert errors[-1] < 1e-8


def test_a_jump_in_the_middle_of_a_step_is_seen():
    """One sample, which the neuron's line sweeps over: without a step back the error would be h J/3."""
    W1 = torch.tensor([[[1.0, 0.05]]], dtype=torch.float64)
    x = torch.tensor([[-0.1, 1.0], [1.0, 0.0]], dtype=torch.float64)
    objective = Objective(x, torch.tensor([0.0, 3.0], dtype=torch.float64))
    batch = Batch(W1, torch.ones(1, 1, 1, dtype=torch.float64))
    batch.W1[0, 0, 1] = 0.12  # active on the first sample, until w_1 has grown
    fine = gradient_flow(batch, objective, [0.0, 0.5], rtol=1e-12, atol=1e-12)
    tolerance = 1e-6
    flow = adaptive.integrate(batch, objective, [0.0, 0.5], rtol=tolerance, atol=tolerance)
    crossed = (batch.output(x)[0, 0] > 0) & (flow.batch.W1[0, 0] @ x[0] <= 0)
    assert bool(crossed)
    assert (flow.batch.flatten() - fine.batch.flatten()).abs().max() < 30 * tolerance


@pytest.mark.parametrize("first", [1.0, 10.0])
def test_steps_that_cannot_be_taken_are_rejected_not_kept(first, monkeypatch):
    """The first proposal is far too long: it is tried, found to overflow, and shortened until it fits."""
    given, lost = problem("smooth"), []
    batch = given.batch.unflatten(given.batch.flatten() * 5)
    advance = adaptive._Adaptive.advance

    def noted(flow, batch, slope, h):
        trial = advance(flow, batch, slope, h)
        lost.append(~torch.isfinite(trial.batch.flatten()).all(1))
        assert not bool((trial.accepted & lost[-1]).any())
        return trial

    monkeypatch.setattr(adaptive._Adaptive, "advance", noted)
    monkeypatch.setattr(
        adaptive._Adaptive, "first_step", lambda flow, batch, slope: first * torch.ones_like(slope.v[:, 0, 0, 0])
    )
    flow = adaptive.integrate(batch, given.objective, [0.0, 2 * first], rtol=1e-6, atol=1e-6, max_steps=10_000)
    assert lost[0].all()
    assert (flow.status == Status.FINISHED).all()
    drift = (flow.batch.imbalance() - batch.imbalance()).abs().max()
    assert drift < 1e-12 * batch.flatten().square().sum()
    assert (given.objective.loss(flow.batch) < given.objective.loss(batch)).all()


class SteadyBias(Objective):
    """Pulls at the output bias alone, always as much."""

    def field(self, batch):
        zeros = Field.zeros(batch)
        return zeros._replace(b2=torch.full_like(batch.b2, -0.2e308))


def test_an_output_bias_that_overflows_is_not_kept():
    """The estimate of a field that does not change is zero, and small beside infinity is anything."""
    one = torch.ones(1, 1, 1, dtype=torch.float64)
    batch = Batch(one, one.clone(), None, torch.zeros(1, 1, dtype=torch.float64))
    flow = adaptive.integrate(batch, SteadyBias(one[0], one[0, 0]), [0.0, 100.0], max_steps=3_000)
    assert flow.status != Status.FINISHED
    assert torch.isfinite(flow.final.flatten()).all()
    assert flow.final.b2 > 1e308


def test_a_bound_on_the_steps():
    given = problem("dead")
    flow = adaptive.integrate(given.batch, given.objective, [0.0, 0.5], rtol=1e-2, atol=1e-2, longest_step=0.01)
    assert (flow.evaluations >= 4 * 50).all()


def test_time_that_is_too_large_for_its_steps():
    """At t = 1e18 a step below the spacing of times cannot be taken: given up, not followed forever."""
    given = problem("smooth")
    flow = adaptive.integrate(given.batch, given.objective, [1e18, 1e18 + 1e6], max_steps=200)
    assert (flow.status == Status.FAILED).all()
    assert torch.equal(flow.final.flatten(), given.batch.flatten())


def test_many_times_cost_a_step_each_and_no_more():
    """Where a time cuts a step short, the next one is as long as it would have been."""
    given = problem("smooth")
    few, many = (
        adaptive.integrate(given.batch, given.objective, torch.linspace(0, 0.5, k), rtol=1e-5, atol=1e-5)
        for k in (2, 60)
    )
    assert (many.evaluations <= few.evaluations + 4 * 60 + 40).all()
    assert (many.batch.flatten() - reference("smooth")).abs().max() < 1e-4
    few, many = (
        adaptive.integrate(given.batch, given.objective, torch.tensor([0.0, *cuts, 0.5]), rtol=1e-5, atol=1e-5)
        for cuts in ([], [0.2, 0.2001, 0.2002])
    )
    assert (many.evaluations <= few.evaluations + 4 * 6).all()


def test_a_step_after_a_rejected_one_does_not_grow(monkeypatch):
    """What made it fail is still near; later steps grow again."""
    given, tries = problem("kinked"), []
    advance = adaptive._Adaptive.advance

    def noted(flow, batch, slope, h):
        trial = advance(flow, batch, slope, h)
        tries.append((bool(trial.accepted), float(trial.h / h)))
        return trial

    monkeypatch.setattr(adaptive._Adaptive, "advance", noted)
    adaptive.integrate(given.batch.select(0), given.objective, [0.0, 4 * given.time], rtol=1e-5, atol=1e-5)
    after = [growth for (was_accepted, _), (accepted, growth) in pairwise(tries) if accepted and not was_accepted]
    assert after
    assert max(after) <= 1
    assert max(growth for _, growth in tries) > 1


def test_the_mirror_image_of_a_network_takes_the_same_steps():
    """Also where a weight is minus the size at which the two tolerances are equal."""
    given = problem("smooth")
    batch = given.batch.select(0)
    batch.W1[0, 0, 0] = -0.01
    options = {"rtol": 1e-3, "atol": 1e-5 * (1 + 1e-9)}
    flow, mirrored = (
        adaptive.integrate(start, given.objective, [0.0, given.time], **options)
        for start in (batch, batch.unflatten(-batch.flatten()))
    )
    assert torch.equal(flow.batch.flatten(), -mirrored.batch.flatten())
    assert flow.evaluations == mirrored.evaluations


def test_a_first_step_that_is_far_too_long_is_seen():
    """Its second and last stage are where no sample pulls any more, its third where it began."""
    pull = Field(torch.ones(1, 1, 1, 2, dtype=torch.float64))
    none = Field(torch.zeros_like(pull.v))
    one, never = torch.ones(1, dtype=torch.float64), torch.full((1,), torch.inf, dtype=torch.float64)
    before = adaptive._Before(pull, never, one, one < 0)
    jump = combined(adaptive._weights(before.h, one), (before.field, pull, none, pull, none))
    assert (jump.v.abs() >= 1).all()


def test_the_estimate_is_a_divided_difference():
    """Of a cubic with steps h' and h: h^3 times its third derivative over 3!, and without a step before h^2 f''/2!."""
    h, ago = (torch.tensor([x], dtype=torch.float64) for x in (0.5, 0.2))

    def at(t, power):
        return Field(torch.full((1, 1, 1, 1), t**power, dtype=torch.float64))

    cases = ((3, ago, 0.5**3), (2, ago, 0.0), (2, ago + torch.inf, 0.5**2), (1, ago + torch.inf, 0.0))
    for power, since, expected in cases:
        # The two stages in the middle err by as much, unless only the first of them counts.
        error = 0.0 if since.isinf() else 0.1
        middle = [Field(at(0.25, power).v + error), Field(at(0.25, power).v - 0.1)]
        before = adaptive._Before(at(-0.2, power), since, h, h < 0)
        fields = (before.field, at(0.0, power), *middle, at(0.5, power))
        found = combined(adaptive._weights(before.h, h), fields)
        assert abs(found.v.item() - expected) < 1e-15
