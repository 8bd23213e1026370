"""Training: statuses, recording, minibatches, and networks that do not disturb each other."""

from __future__ import annotations

import pytest
import torch

from numerics import training
from numerics.batch import Batch, stack
from numerics.objective import Objective
from numerics.optimizers import Adam, GradientDescent
from numerics.recorder import Recorder
from numerics.status import Status, count_statuses
from numerics.training import train
from quadrics.errors import DimensionError, NonFiniteError, ResultsError, ShapeError


@pytest.fixture(autouse=True, params=["block by block", "fixed steps"])
def way(request, monkeypatch):
    """Every test runs on the CPU's path and on the accelerator's, which is the same code without a graph to replay."""
    if request.param == "fixed steps":
        monkeypatch.setattr(training, "_is_accelerator", lambda device: True)
    return request.param


def problem(widths=(2, 4, 3), n=20, scale=1.0):
    generator = torch.Generator().manual_seed(1)

    def normal(*shape):
        return scale * torch.randn(*shape, generator=generator, dtype=torch.float64)

    batch = stack(Batch(normal(1, l, 3), normal(1, 1, l), normal(1, l), normal(1, 1)) for l in widths)
    x = normal(n, 3)
    return batch, Objective(x, (x[:, 0] > 0).double(), "bce")


def test_full_batch_gradient_descent_is_the_plain_loop():
    batch, objective = problem()
    start = batch.clone()
    result = train(batch, objective, GradientDescent(0.3), 25)
    plain = batch
    for _ in range(25):
        g = objective.gradient(plain)
        plain = plain.unflatten(plain.flatten() - 0.3 * g.flatten())
    torch.testing.assert_close(result.batch.flatten(), plain.flatten(), rtol=1e-13, atol=1e-13)
    torch.testing.assert_close(result.loss, objective.loss(plain))
    assert count_statuses(result.status) == {"STEP_LIMIT": 3}
    assert result.steps.tolist() == [25] * 3
    assert torch.equal(batch.flatten(), start.flatten())


def test_zero_steps():
    batch, objective = problem()
    recorder = Recorder()
    result = train(batch, objective, Adam(), 0, recorder)
    assert torch.equal(result.batch.flatten(), batch.flatten())
    assert recorder.steps == [0]


def test_recorded_values_are_those_of_the_steps():
    batch, objective = problem()
    recorder = Recorder(every=3, keep=["loss", "imbalance", "signs", "parameters"])
    train(batch, objective, GradientDescent(0.3), 8, recorder)
    assert recorder.steps == [0, 3, 6, 8]
    for i, t in enumerate(recorder.steps):
        after = train(batch, objective, GradientDescent(0.3), t).batch
        torch.testing.assert_close(recorder["parameters"][i], after.flatten())
        torch.testing.assert_close(recorder["loss"][i], objective.loss(after))
        torch.testing.assert_close(recorder["imbalance"][i], after.imbalance())
        assert torch.equal(recorder["signs"][i], after.signs())


def test_running_values_against_every_step():
    batch, objective = problem()
    h = 5.0
    recorder = Recorder(
        steps=[0, 7, 40],
        keep=["flips", "squared_gradients", "largest_force", "imbalance"],
        extra={"size": lambda b, g: b.flatten().norm(dim=1)},
    )
    train(batch, objective, GradientDescent(h), 40, recorder)
    flips = torch.zeros(3, dtype=torch.int64)
    squares, largest = torch.zeros(3, dtype=torch.float64), torch.zeros(3, 4, dtype=torch.float64)
    state = batch
    for t in range(41):
        g = objective.gradient(state)
        if t in recorder.steps:
            i = recorder.steps.index(t)
            assert torch.equal(recorder["flips"][i], flips)
            torch.testing.assert_close(recorder["squared_gradients"][i], squares)
            torch.testing.assert_close(recorder["largest_force"][i], largest)
            torch.testing.assert_close(recorder["size"][i], state.flatten().norm(dim=1))
        forward = state.unflatten(state.flatten() - h * g.flatten())
        flips += (forward.signs() != state.signs()).sum(1)
        squares += g.squared_norm()
        force = (g.W1.square().sum(2) + g.b1.square()).sqrt() / state.W2[:, 0].abs()
        largest = torch.maximum(largest, force.nan_to_num())
        state = forward
    assert flips.any(), "the step is so large that signs must flip"


def test_a_network_that_blows_up_harms_no_other():
    batch, objective = problem(widths=(3, 3, 3, 3))
    rates = torch.tensor([0.1, 1e200, 0.1, 1e160], dtype=torch.float64)
    recorder = Recorder(every=5, keep=["loss", "imbalance", "flips"])
    result = train(batch, objective, GradientDescent(rates), 20, recorder)
    expected = [Status.STEP_LIMIT, Status.NON_FINITE, Status.STEP_LIMIT, Status.NON_FINITE]
    assert result.status.tolist() == expected
    healthy = [0, 2]
    alone = train(batch.select(healthy), objective, GradientDescent(0.1), 20)
    torch.testing.assert_close(result.batch.select(healthy).flatten(), alone.batch.flatten(), rtol=1e-12, atol=1e-12)
    assert torch.isfinite(result.batch.flatten()).all()
    assert (result.steps[[1, 3]] < 20).all()
    assert recorder["loss"][-1].isnan().tolist() == [False, True, False, True]
    assert recorder["imbalance"][-1, 1].isnan().all()


def test_a_network_that_is_infinite_from_the_start_keeps_its_state():
    batch, objective = problem(widths=(2, 2))
    huge = batch.replace(batch.W1.clone(), batch.W2.clone(), batch.b1, batch.b2)
    huge.W1[1] *= 1e200
    huge.W2[1] *= 1e200
    result = train(huge, objective, GradientDescent(0.1), 5)
    assert result.status.tolist() == [Status.STEP_LIMIT, Status.NON_FINITE]
    assert result.steps.tolist() == [5, 0]
    assert torch.equal(result.batch.W1[1], huge.W1[1])
    assert not torch.isfinite(result.loss[1])


def test_all_networks_may_blow_up():
    batch, objective = problem()
    result = train(batch, objective, GradientDescent(1e300), 20)
    assert count_statuses(result.status) == {"NON_FINITE": 3}
    assert torch.isfinite(result.batch.flatten()).all()


def test_convergence_is_judged_network_by_network():
    x = torch.tensor([[1.0], [2.0]], dtype=torch.float64)
    objective = Objective(x, 3 * x[:, 0])
    a = torch.tensor([1.0, 0.1], dtype=torch.float64).view(2, 1, 1)
    batch = Batch(a.clone(), a.clone())
    recorder = Recorder(every=1, keep=["loss", "parameters"])
    result = train(batch, objective, GradientDescent(0.02), 100, recorder, tolerance=1e-6)
    assert result.status.tolist() == [Status.CONVERGED] * 2
    assert (result.steps < 100).all()
    assert result.steps[0] < result.steps[1]
    assert (objective.gradient(result.batch).squared_norm() <= 1e-12).all()
    first = int(result.steps[0])
    assert (recorder["parameters"][first:, 0] == result.batch.flatten()[0]).all()
    assert not recorder["loss"].isnan().any()


def test_a_dead_network_converges_at_once():
    batch = Batch(torch.tensor([[[-1.0]]]), torch.ones(1, 1, 1))
    objective = Objective(torch.ones(3, 1), torch.ones(3))
    assert train(batch, objective, GradientDescent(0.1), 10, tolerance=0.0).steps.tolist() == [0]


def test_minibatches_are_those_of_the_generator():
    batch, objective = problem(n=10)
    result = train(batch, objective, GradientDescent(0.2), 7, minibatch=4, generator=torch.Generator().manual_seed(5))
    generator, state = torch.Generator().manual_seed(5), batch
    parts = [part for _ in range(3) for part in torch.randperm(10, generator=generator).split(4)]
    assert [len(part) for part in parts[:3]] == [4, 4, 2]
    for part in parts[:7]:
        g = Objective(objective.x[part], objective.targets[part], "bce").gradient(state)
        state = state.unflatten(state.flatten() - 0.2 * g.flatten())
    torch.testing.assert_close(result.batch.flatten(), state.flatten(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("minibatch", [None, 6])
@pytest.mark.parametrize("rates", [torch.tensor([0.1, 1e200, 0.3], dtype=torch.float64), 0.2])
def test_blocks_of_networks_change_nothing(minibatch, rates, monkeypatch):
    batch, objective = problem()
    keep = ["loss", "imbalance", "signs", "parameters", "flips", "squared_gradients", "largest_force"]

    def run():
        recorder = Recorder(every=4, keep=keep)
        generator = torch.Generator().manual_seed(3)
        optimizer = GradientDescent(rates, momentum=0.5)
        return train(batch, objective, optimizer, 10, recorder, minibatch=minibatch, generator=generator)

    together = run()
    monkeypatch.setattr(training, "BLOCK_BYTES", 1)
    apart = run()
    torch.testing.assert_close(apart.batch.flatten(), together.batch.flatten(), rtol=1e-12, atol=1e-12)
    assert torch.equal(apart.status, together.status)
    assert torch.equal(apart.steps, together.steps)
    for name in keep:
        torch.testing.assert_close(
            apart.recorder[name], together.recorder[name], rtol=1e-11, atol=1e-11, equal_nan=True
        )


def test_minibatch_of_everything_is_full_batch():
    batch, objective = problem()
    generator = torch.Generator().manual_seed(0)
    recorder = Recorder(every=2)
    stochastic = train(batch, objective, GradientDescent(0.2), 5, recorder, minibatch=20, generator=generator)
    full = train(batch, objective, GradientDescent(0.2), 5)
    torch.testing.assert_close(stochastic.batch.flatten(), full.batch.flatten(), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(recorder["loss"][-1], full.loss)


def test_progress_ends_at_the_end():
    batch, objective = problem()
    seen = []
    train(batch, objective, GradientDescent(0.1), 1000, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (3000, 3000)
    assert all(done % batch.n == 0 for done, _ in seen)
    assert len(seen) <= 202
    assert seen == sorted(seen)


def test_several_outputs_train_but_have_no_signs():
    torch.manual_seed(0)
    x = torch.randn(10, 2)
    batch = Batch(torch.randn(3, 4, 2), torch.randn(3, 3, 4))
    objective = Objective(x, torch.arange(10) % 3, "ce")
    recorder = Recorder(keep=["loss", "imbalance"])
    result = train(batch, objective, Adam(0.05), 50, recorder)
    assert (result.loss < recorder["loss"][0]).all()
    for name in ("signs", "flips"):
        with pytest.raises(ShapeError, match="no sign"):
            train(batch, objective, Adam(), 5, Recorder(keep=[name]))


def test_recorder_as_a_dataset():
    batch, objective = problem()
    recorder = Recorder(steps=[0, 2], keep=["loss", "imbalance", "signs", "parameters", "flips"])
    train(batch, objective, GradientDescent(0.1), 2, recorder)
    data = recorder.to_dataset()
    assert data["loss"].dims == ("step", "network")
    assert data["imbalance"].dims == ("step", "network", "neuron")
    assert data["parameters"].dims == ("step", "network", "parameter")
    assert data["step"].values.tolist() == [0, 2]


BATCH, OBJECTIVE = problem()
DESCENT = GradientDescent(0.1)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: train(BATCH, OBJECTIVE, DESCENT, -1), DimensionError),
        (lambda: train(BATCH, OBJECTIVE, DESCENT, 1, minibatch=4), DimensionError),
        (lambda: train(BATCH, OBJECTIVE, DESCENT, 1, minibatch=0, generator=torch.Generator()), DimensionError),
        (lambda: train(BATCH, OBJECTIVE, DESCENT, 1, minibatch=21, generator=torch.Generator()), DimensionError),
        (lambda: train(BATCH, OBJECTIVE, DESCENT, 1, tolerance=float("nan")), NonFiniteError),
        (
            lambda: train(BATCH, OBJECTIVE, DESCENT, 1, minibatch=4, generator=torch.Generator(), tolerance=1e-3),
            NonFiniteError,
        ),
        (lambda: Recorder(every=0), DimensionError),
        (lambda: Recorder(every=1, steps=[1]), DimensionError),
        (lambda: Recorder(steps=[-1]), DimensionError),
        (lambda: Recorder(steps=[]), DimensionError),
        (lambda: Recorder(keep=["weather"]), ResultsError),
        (lambda: Recorder()["loss"], ResultsError),
    ],
)
def test_bad_calls_are_refused(call, error):
    with pytest.raises(error):
        call()
