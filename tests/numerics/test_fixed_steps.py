"""Steps on static memory: the same as plain steps, and counted right where a recording repeats them."""

from __future__ import annotations

import pytest
import torch

from numerics import fixed_steps
from numerics.batch import Batch, stack
from numerics.fixed_steps import WARM_UP, FixedSteps, has_fixed_steps
from numerics.objective import Objective
from numerics.optimizers import Adam, GradientDescent
from numerics.recorder import Recorder


def problem(widths=(2, 4, 3)):
    generator = torch.Generator().manual_seed(1)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    batch = stack(Batch(normal(1, l, 3), normal(1, 1, l), normal(1, l), normal(1, 1)) for l in widths)
    x = normal(20, 3)
    return batch, Objective(x, (x[:, 0] > 0).double(), "bce")


def plain(batch, objective, optimizer, steps):
    state = optimizer.start(batch)
    for _ in range(steps):
        batch, state = optimizer.step(batch, objective.gradient(batch), state)
    return batch


def warm_up(step):
    for _ in range(WARM_UP):
        step()


OPTIMIZERS = [
    GradientDescent(0.3),
    GradientDescent(0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    GradientDescent(torch.tensor([0.1, 0.2, 0.3]), output_h=0.5, l1=0.01),
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_same_as_plain_steps(optimizer):
    batch, objective = problem()
    start = batch.flatten().clone()
    loop = FixedSteps(batch, objective, optimizer)
    for steps in (1, 0, 6):
        loop.advance(steps)
    assert torch.equal(loop.current.flatten(), plain(batch, objective, optimizer, 7).flatten())
    assert torch.equal(loop.kept.flatten(), plain(batch, objective, optimizer, 6).flatten())
    assert torch.equal(batch.flatten(), start)
    assert loop.finite.tolist() == [7] * 3


def test_the_memory_stays_where_it_is():
    batch, objective = problem()
    loop = FixedSteps(batch, objective, GradientDescent(0.1, momentum=0.5))
    loop.advance(2)

    def addresses():
        tensors = (*loop.current.parameters, *loop.kept.parameters, *loop.state.buffers[0], loop.alive, loop.finite)
        return [t.data_ptr() for t in tensors]

    before = addresses()
    loop.advance(5)
    assert addresses() == before


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("parts", [(20,), (1, WARM_UP, 5, 0, 20 - 6 - WARM_UP), (WARM_UP, 20 - WARM_UP)])
def test_recorded_steps_are_neither_lost_nor_taken_twice(parts, optimizer, monkeypatch):
    """A recording that takes no step, repeated by taking one: what a graph does, without the device for it."""
    monkeypatch.setattr(fixed_steps, "_warm_up", warm_up)
    monkeypatch.setattr(fixed_steps, "_record", lambda step: step)
    batch, objective = problem()
    loop = FixedSteps(batch, objective, optimizer)
    loop.capture = True
    for steps in parts:
        loop.advance(steps)
    assert 0 < loop.replays < 20
    assert torch.equal(loop.current.flatten(), plain(batch, objective, optimizer, 20).flatten())


def test_a_recording_that_fails_costs_no_step(monkeypatch):
    def fail(step):
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(fixed_steps, "_warm_up", warm_up)
    monkeypatch.setattr(fixed_steps, "_record", fail)
    batch, objective = problem()
    loop = FixedSteps(batch, objective, OPTIMIZERS[1])
    loop.capture = True
    with pytest.warns(UserWarning, match="one by one"):
        loop.advance(20)
    loop.advance(5)
    assert loop.replays == 0
    assert torch.equal(loop.current.flatten(), plain(batch, objective, OPTIMIZERS[1], 25).flatten())


def test_what_cannot_be_recorded():
    class Counting(Recorder):
        def after_step(self, rows, before, after, gradient):
            self.seen = float(gradient.squared_norm().sum())

    assert not has_fixed_steps(Adam(), None)
    assert not has_fixed_steps(GradientDescent(0.1), Counting())
    assert has_fixed_steps(GradientDescent(0.1), Recorder(keep=["flips", "squared_gradients", "largest_force"]))
