"""Gradient flow: against closed forms, conservation, statuses."""

from __future__ import annotations

import math

import pytest
import torch

from numerics.batch import Batch, stack
from numerics.flow import gradient_flow
from numerics.objective import Objective
from numerics.status import Status
from quadrics.activation import linear, relu_power
from quadrics.errors import DimensionError, NonFiniteError, ShapeError


def problem(widths=(1, 3, 2), bias=True, activation=linear, e=1):
    generator = torch.Generator().manual_seed(0)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    def one(l):
        biases = (normal(1, l), normal(1, e)) if bias else (None, None)
        return Batch(normal(1, l, 2), normal(1, e, l), *biases, activation=activation)

    x = normal(12, 2)
    return stack(one(l) for l in widths), Objective(x, normal(12, e))


@pytest.mark.parametrize("method", ["DOP853", "RK45", "RK23", "Radau", "BDF", "LSODA"])
def test_a_balanced_neuron_follows_the_logistic_curve(method):
    """With x = 1, target t and a = w the product s = a w obeys ``s' = 4 s (t - s)``."""
    start, target = 0.3, 2.0
    root = math.sqrt(start)
    batch = Batch(*(torch.full((1, 1, 1), root, dtype=torch.float64) for _ in range(2)))
    objective = Objective(torch.ones(1, 1, dtype=torch.float64), torch.tensor([target], dtype=torch.float64))
    times = [0.0, 0.05, 0.1, 0.5]
    flow = gradient_flow(batch, objective, times, method, rtol=1e-9, atol=1e-11)
    for t, state in zip(times, flow.states, strict=True):
        s = target / (1 + (target / start - 1) * math.exp(-4 * target * t))
        assert (state.W1 * state.W2).item() == pytest.approx(s, rel=1e-6)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("e", [1, 2])
def test_the_imbalance_is_conserved(bias, e):
    batch, objective = problem(bias=bias, e=e)
    flow = gradient_flow(batch, objective, [0.0, 0.5, 2.0], rtol=1e-10, atol=1e-12)
    assert (flow.status == Status.FINISHED).all()
    for state in flow.states:
        torch.testing.assert_close(state.imbalance(), batch.imbalance(), rtol=1e-8, atol=1e-8)
    assert (objective.loss(flow.batch) < objective.loss(batch)).all()


def test_the_imbalance_of_degree_two():
    batch, objective = problem(activation=relu_power(2))
    flow = gradient_flow(batch, objective, [0.0, 0.1], rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(flow.batch.imbalance(), batch.imbalance(), rtol=1e-8, atol=1e-8)


def test_layer_wise_rates_conserve_the_weighted_imbalance():
    batch, objective = problem()
    eta = (2.0, 0.5)
    flow = gradient_flow(batch, objective, [0.0, 0.3], rates=eta)

    def weighted(b):
        return (b.W1.square().sum(2) + b.b1.square()) / eta[0] - b.W2.square().sum(1) / eta[1]

    torch.testing.assert_close(weighted(flow.batch), weighted(batch), rtol=1e-6, atol=1e-6)
    assert not torch.allclose(flow.batch.imbalance(), batch.imbalance(), atol=1e-3)


def test_padding_stays_zero_and_does_not_change_the_steps():
    batch, objective = problem()
    flow = gradient_flow(batch, objective, [0.0, 0.5])
    assert not flow.batch.W1[~batch.mask].any()
    alone = gradient_flow(Batch.from_layers([batch.layers(0)], batch.activation), objective, [0.0, 0.5])
    torch.testing.assert_close(flow.batch.W1[0, :1], alone.batch.W1[0], rtol=1e-12, atol=1e-12)
    assert flow.evaluations[0] == alone.evaluations[0]


def test_the_start_is_the_first_state_and_stays_as_it_is():
    batch, objective = problem()
    before = batch.clone()
    flow = gradient_flow(batch, objective, [3.0, 3.5])
    assert torch.equal(flow.states[0].flatten(), before.flatten())
    assert torch.equal(batch.flatten(), before.flatten())
    assert gradient_flow(batch, objective, [0.0]).evaluations.tolist() == [0, 0, 0]


def test_a_flow_that_breaks_off_harms_no_other():
    batch, objective = problem(widths=(2, 2, 2), bias=False)
    wild = batch.clone()
    wild.W1[1] *= 1e160
    wild.W2[1] *= 1e160
    flow = gradient_flow(wild, objective, [0.0, 0.5])
    assert flow.status.tolist() == [Status.FINISHED, Status.NON_FINITE, Status.FINISHED]
    assert flow.batch.W1[1].isnan().all()
    assert torch.equal(flow.states[0].W1[1], wild.W1[1])
    alone = gradient_flow(batch, objective, [0.0, 0.5])
    for k in (0, 2):
        assert torch.equal(flow.batch.W1[k], alone.batch.W1[k])


def test_the_budget_of_evaluations():
    batch, objective = problem()
    flow = gradient_flow(batch, objective, [0.0, 1e-9, 100.0], max_evaluations=40)
    assert (flow.status == Status.FAILED).all()
    assert (flow.evaluations == 40).all()
    assert torch.isfinite(flow.states[1].flatten()).all()
    assert flow.batch.W1[batch.mask].isnan().all()
    assert not flow.batch.W1[~batch.mask].any()


def test_progress_counts_networks():
    batch, objective = problem()
    seen = []
    gradient_flow(batch, objective, [0.0, 0.1], progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


BATCH, OBJECTIVE = problem()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: gradient_flow(BATCH, OBJECTIVE, []), DimensionError),
        (lambda: gradient_flow(BATCH, OBJECTIVE, [0.0, 0.0]), DimensionError),
        (lambda: gradient_flow(BATCH, OBJECTIVE, [1.0, 0.0]), DimensionError),
        (lambda: gradient_flow(BATCH, OBJECTIVE, [0.0, float("nan")]), DimensionError),
        (lambda: gradient_flow(BATCH, OBJECTIVE, [0.0, float("inf")]), NonFiniteError),
        (lambda: gradient_flow(BATCH, OBJECTIVE, [0.0, 1.0], "euler"), DimensionError),
        (lambda: gradient_flow(BATCH, OBJECTIVE, [0.0, 1.0], rtol=0.0), NonFiniteError),
        (lambda: gradient_flow(BATCH, OBJECTIVE, [0.0, 1.0], rates=(1.0, -1.0)), NonFiniteError),
        (lambda: gradient_flow(BATCH, OBJECTIVE, [0.0, 1.0], max_evaluations=0), DimensionError),
        (lambda: gradient_flow(BATCH.to(dtype=torch.float32), OBJECTIVE, [0.0, 1.0]), ShapeError),
    ],
)
def test_bad_calls_are_refused(call, error):
    with pytest.raises(error):
        call()


def test_what_a_broken_flow_leaves():
    """The last step that was taken, at its time; the states after it are missing."""
    batch, objective = problem()
    flow = gradient_flow(batch, objective, [0.0, 1e-9, 100.0], max_evaluations=60)
    assert (flow.status == Status.FAILED).all()
    assert ((flow.reached > 1e-9) & (flow.reached < 100)).all()
    assert torch.isfinite(flow.final.flatten()).all()
    assert (objective.loss(flow.final) < objective.loss(batch)).all()
    done = gradient_flow(batch, objective, [0.0, 0.1])
    assert torch.equal(done.final.flatten(), done.batch.flatten())
    assert done.reached.tolist() == [0.1] * 3
