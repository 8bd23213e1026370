"""Every optimizer against torch.optim, step by step."""

from __future__ import annotations

import pytest
import torch

from numerics.batch import Batch, stack
from numerics.objective import Objective
from numerics.optimizers import Adam, GradientDescent
from quadrics.errors import DimensionError, NonFiniteError

PAIRS = {
    "gd": (GradientDescent(0.05), lambda p: torch.optim.SGD(p, 0.05)),
    "momentum": (GradientDescent(0.02, momentum=0.9), lambda p: torch.optim.SGD(p, 0.02, momentum=0.9)),
    "nesterov": (
        GradientDescent(0.02, momentum=0.8, nesterov=True),
        lambda p: torch.optim.SGD(p, 0.02, momentum=0.8, nesterov=True),
    ),
    "decay": (GradientDescent(0.05, weight_decay=0.1), lambda p: torch.optim.SGD(p, 0.05, weight_decay=0.1)),
    "momentum and decay": (
        GradientDescent(0.02, momentum=0.9, weight_decay=0.1),
        lambda p: torch.optim.SGD(p, 0.02, momentum=0.9, weight_decay=0.1),
    ),
    "adam": (Adam(0.01), lambda p: torch.optim.Adam(p, 0.01)),
    "adam with decay": (
        Adam(0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
        lambda p: torch.optim.Adam(p, 0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
    ),
    "adamw": (
        Adam(0.01, weight_decay=0.1, decoupled=True),
        lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.1),
    ),
}


def problem(bias=True, dtype=torch.float64):
    torch.manual_seed(1)

    def one(width):
        b1, b2 = (torch.randn(1, width, dtype=dtype), torch.randn(1, 1, dtype=dtype)) if bias else (None, None)
        return Batch(torch.randn(1, width, 3, dtype=dtype), torch.randn(1, 1, width, dtype=dtype), b1, b2)

    x = torch.randn(20, 3, dtype=dtype)
    return stack(one(width) for width in (2, 4, 3)), x, (x[:, 0] > 0).to(dtype)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("bias", [True, False])
def test_against_torch_optim_step_by_step(name, bias):
    ours, make_theirs = PAIRS[name]
    batch, x, y = problem(bias)
    objective = Objective(x, y, "bce")
    modules = batch.to_modules()
    theirs = [make_theirs(module.parameters()) for module in modules]
    state = ours.start(batch)
    for t in range(1, 31):
        batch, state = ours.step(batch, objective.gradient(batch), state)
        assert state.count == t
        for k, (module, optimizer) in enumerate(zip(modules, theirs, strict=True)):
            optimizer.zero_grad()
            torch.nn.functional.binary_cross_entropy_with_logits(module(x)[:, 0], y).backward()
            optimizer.step()
            expected = module.state_dict()
            for key, value in batch.state_dict(k).items():
                torch.testing.assert_close(value, expected[key], rtol=1e-10, atol=1e-10)
        assert not batch.W1[~batch.mask].any(), "padding moved"
        assert not batch.W2[:, 0][~batch.mask].any(), "padding moved"


@pytest.mark.parametrize("options", [{}, {"momentum": 0.9}, {"momentum": 0.8, "nesterov": True, "weight_decay": 0.1}])
def test_l1_is_the_subgradient_of_the_sum_of_sizes(options):
    batch, x, y = problem()
    batch = batch.select([1])
    objective, l1 = Objective(x, y, "bce"), 0.03
    (module,) = batch.to_modules()
    with torch.no_grad():
        module[0].weight[0, 0] = 0  # where the subgradient must be 0, as torch has it
    batch = Batch.from_modules([module])
    ours, theirs = GradientDescent(0.05, l1=l1, **options), torch.optim.SGD(module.parameters(), 0.05, **options)
    state = ours.start(batch)
    for _ in range(30):
        batch, state = ours.step(batch, objective.gradient(batch), state)
        theirs.zero_grad()
        penalty = sum(p.abs().sum() for p in module.parameters())
        (torch.nn.functional.binary_cross_entropy_with_logits(module(x)[:, 0], y) + l1 * penalty).backward()
        theirs.step()
        for key, value in batch.state_dict().items():
            torch.testing.assert_close(value, module.state_dict()[key], rtol=1e-10, atol=1e-10)


def test_l1_leaves_padding_alone():
    batch, x, y = problem()
    optimizer = GradientDescent(0.1, l1=0.5)
    batch, _ = optimizer.step(batch, Objective(x, y, "bce").gradient(batch), optimizer.start(batch))
    assert not batch.W1[~batch.mask].any()
    assert not batch.W2[:, 0][~batch.mask].any()


def test_a_step_leaves_its_input_alone():
    for optimizer, _ in PAIRS.values():
        batch, x, y = problem()
        before = batch.clone()
        gradient = Objective(x, y, "bce").gradient(batch)
        copy = gradient.flatten().clone()
        state = optimizer.start(batch)
        _, state = optimizer.step(batch, gradient, state)
        optimizer.step(batch, gradient, state)
        assert torch.equal(batch.flatten(), before.flatten())
        assert torch.equal(gradient.flatten(), copy)


@pytest.mark.parametrize("make", [GradientDescent, Adam, lambda h: GradientDescent(h, momentum=0.5)])
def test_a_rate_for_each_network(make):
    batch, x, y = problem()
    objective = Objective(x, y, "bce")
    rates = torch.tensor([0.1, 0.01, 0.3])

    def run(batch, optimizer):
        state = optimizer.start(batch)
        for _ in range(3):
            batch, state = optimizer.step(batch, objective.gradient(batch), state)
        return batch

    together = run(batch, make(rates))
    for k in range(3):
        alone = run(batch.select(k), make(float(rates[k])))
        torch.testing.assert_close(together.select(k).flatten(), alone.flatten(), rtol=1e-6, atol=1e-7)


def test_a_rate_for_each_layer():
    batch, x, y = problem()
    gradient = Objective(x, y, "bce").gradient(batch)
    descent = GradientDescent(0.1, output_h=0.7)
    after, _ = descent.step(batch, gradient, descent.start(batch))
    torch.testing.assert_close(after.W1, batch.W1 - 0.1 * gradient.W1)
    torch.testing.assert_close(after.b1, batch.b1 - 0.1 * gradient.b1)
    torch.testing.assert_close(after.W2, batch.W2 - 0.7 * gradient.W2)
    torch.testing.assert_close(after.b2, batch.b2 - 0.7 * gradient.b2)


@pytest.mark.parametrize("name", PAIRS)
def test_selecting_in_the_middle_of_a_run(name):
    optimizer = PAIRS[name][0]
    batch, x, y = problem()
    objective = Objective(x, y, "bce")
    index = torch.tensor([0, 2])
    whole, state = batch, optimizer.start(batch)
    for _ in range(2):
        whole, state = optimizer.step(whole, objective.gradient(whole), state)
    part, part_state = whole.select(index), state.select(index)
    for _ in range(2):
        whole, state = optimizer.step(whole, objective.gradient(whole), state)
        part, part_state = optimizer.step(part, objective.gradient(part), part_state)
    torch.testing.assert_close(part.flatten(), whole.flatten()[index], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda: GradientDescent(-0.1),
        lambda: GradientDescent(float("nan")),
        lambda: GradientDescent(torch.tensor([0.1, float("inf")])),
        lambda: GradientDescent(0.1, output_h=-1.0),
        lambda: GradientDescent(0.1, momentum=1.0),
        lambda: GradientDescent(0.1, weight_decay=-1.0),
        lambda: GradientDescent(0.1, nesterov=True),
        lambda: GradientDescent(0.1, l1=-0.1),
        lambda: GradientDescent(0.1, l1=float("nan")),
        lambda: Adam(betas=(0.9, 1.0)),
        lambda: Adam(eps=-1e-8),
    ],
)
def test_bad_numbers_are_refused(make):
    with pytest.raises(NonFiniteError):
        make()


def test_rates_that_do_not_fit_the_batch():
    batch, _, _ = problem()
    with pytest.raises(DimensionError, match=r"h: got shape \(2,\)"):
        GradientDescent(torch.tensor([0.1, 0.2])).start(batch)
