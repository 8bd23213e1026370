"""The optimizer that boosts modules: what a step conserves at any rate, and whom it agrees with."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from numerics.activation import HomogeneousActivation, Sigma
from numerics.batch import Batch
from numerics.boost_optimizer import BoostSGD, homogeneous_pairs
from numerics.flow import lie_euler
from numerics.objective import Objective

from .boosted_modules import boosting, bound, data, form, loss_of, network

ACTIVATIONS = {
    "relu": (nn.ReLU, 1),
    "leaky": (lambda: nn.LeakyReLU(0.25), 1),
    "identity": (nn.Identity, 1),
    "degree 2": (lambda: HomogeneousActivation(Sigma(1.0, -0.5, 2)), 2),
}


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 4),
    st.integers(1, 6),
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.floats(1e-6, 3.0),
    st.integers(0, 10**6),
)
def test_every_step_conserves_the_imbalance_to_rounding(d, width, e, bias, name, lr, seed):
    make, degree = ACTIVATIONS[name]
    net = network(d, width, e, bias, make(), seed)
    x, y = data(d, e, 8, seed)
    optimizer = boosting(net, lr=lr, cap=20.0)
    for part in torch.arange(8).split(3):
        optimizer.zero_grad()
        loss_of(net, x[part], y[part]).backward()
        before, size = form(net, degree)
        optimizer.step()
        after, new_size = form(net, degree)
        assert bool(((after - before).abs() <= bound(d + bias, e, size, new_size)).all())


@pytest.mark.parametrize("lr", [0.5, 2.0, 8.0])
def test_signs_never_flip_where_those_of_sgd_do(lr):
    flips = {"boost": 0, "sgd": 0}
    for seed in range(40):
        for name in flips:
            net = network(2, 6, bias=False, seed=seed)
            with torch.no_grad():
                net[2].weight.copy_(net[0].weight.square().sum(1).add(0.1).sqrt())  # c = -0.1, all a > 0
            x, y = data(2, seed=seed)
            optimizer = boosting(net, lr=lr) if name == "boost" else torch.optim.SGD(net.parameters(), lr)
            for _ in range(20):
                optimizer.zero_grad()
                loss_of(net, x, y - 2).backward()
                optimizer.step()
                if not all(torch.isfinite(p).all() for p in net.parameters()):
                    break
                flips[name] += int((net[2].weight < 0).sum())
    assert flips["boost"] == 0
    assert flips["sgd"] > 0


@pytest.mark.parametrize(
    ("e", "bias", "rates"), [(1, True, (1, 1)), (3, True, (1, 1)), (3, False, (2, 0.5)), (1, True, (1, 4))]
)
@pytest.mark.parametrize("h", [1e-3, 0.1, 1.0])
def test_a_step_is_a_lie_euler_step(e, bias, rates, h):
    net = network(3, 5, e, bias, nn.LeakyReLU(0.1))
    x, y = data(3, e)
    batch = Batch.from_modules([net])
    expected = lie_euler.step(batch, Objective(x, y), h, rates=tuple(float(r) for r in rates))
    groups = [
        {"params": list(net[0].parameters()), "lr": h * rates[0]},
        {"params": list(net[2].parameters()), "lr": h * rates[1]},
    ]
    optimizer = BoostSGD(groups, homogeneous_pairs(net))
    loss_of(net, x, y).backward()
    optimizer.step()
    for found, value in zip(Batch.from_modules([net]).parameters, expected.parameters, strict=True):
        torch.testing.assert_close(found, value, rtol=1e-12, atol=1e-12)


def test_unequal_rates_conserve_the_weighted_form():
    net = network(3, 5, 2)
    x, y = data(3, 2)
    rates = (0.5, 0.02)
    groups = [{"params": net[0].parameters(), "lr": rates[0]}, {"params": net[2].parameters(), "lr": rates[1]}]
    optimizer = BoostSGD(groups, homogeneous_pairs(net))
    before, size = form(net, rates=rates)
    plain, _ = form(net)
    loss_of(net, x, y).backward()
    optimizer.step()
    after, new_size = form(net, rates=rates)
    assert bool(((after - before).abs() <= bound(4, 2, size, new_size)).all())
    assert bool(((form(net)[0] - plain).abs() > 1e-3).any())


def test_it_agrees_with_sgd_to_second_order():
    gaps = []
    for lr in (1e-3, 5e-4, 2.5e-4):
        ends = []
        for kind in (boosting, lambda net, lr: torch.optim.SGD(net.parameters(), lr)):
            net = network(3, 5, 2)
            optimizer = kind(net, lr=lr)
            loss_of(net, *data(3, 2)).backward()
            optimizer.step()
            ends.append(torch.cat([p.detach().flatten() for p in net.parameters()]))
        gaps.append((ends[0] - ends[1]).norm())
    orders = torch.tensor([torch.log2(gaps[i] / gaps[i + 1]) for i in range(2)])
    assert bool(((orders - 2).abs() < 0.05).all())


def test_output_weights_that_are_zero_lose_nothing():
    net = network()
    nn.init.zeros_(net[2].weight)
    x, y = data()
    expected = lie_euler.step(Batch.from_modules([net]), Objective(x, y), 0.4)
    optimizer = boosting(net, lr=0.4)
    loss_of(net, x, y).backward()
    assert float(net[0].weight.grad.abs().max()) == 0
    optimizer.step()
    found = Batch.from_modules([net])
    torch.testing.assert_close(found.W1, expected.W1, rtol=1e-12, atol=1e-13)
    assert not torch.equal(expected.W1[0], network()[0].weight)


def test_a_cap_bounds_the_rapidity_and_keeps_the_quadric():
    x, y = data()
    net = network(bias=False)
    before, size = form(net)
    optimizer = boosting(net, lr=1e6, cap=0.5)
    loss_of(net, x, y).backward()
    optimizer.step()
    after, new_size = form(net)
    assert bool(torch.isfinite(new_size).all())
    # A boost of rapidity x stretches |w|² + |a|² by e^(2x) at most.
    assert bool((new_size <= size * torch.tensor(1.0).exp() * (1 + 1e-12)).all())
    assert bool(((after - before).abs() <= bound(3, 1, size, new_size)).all())


def test_float32_and_double_modules():
    net = network().float()
    optimizer = boosting(net, lr=0.1)
    x, y = data()
    loss_of(net, x.float(), y.float()).backward()
    optimizer.step()
    net.double()
    optimizer.zero_grad()
    before, size = form(net)
    loss_of(net, x, y).backward()
    optimizer.step()
    after, new_size = form(net)
    assert bool(((after - before).abs() <= bound(4, 1, size, new_size)).all())


@pytest.mark.parametrize("frozen", [0, 2])
def test_a_frozen_layer_leaves_the_gradient_step(frozen):
    x, y = data()
    net, plain = network(), network()
    for made in (net, plain):
        made[frozen].requires_grad_(False)
    optimizer = boosting(net, lr=0.1)
    reference = torch.optim.SGD(plain.parameters(), 0.1)
    for made, by in ((net, optimizer), (plain, reference)):
        loss_of(made, x, y).backward()
        by.step()
    for one, other in zip(net.parameters(), plain.parameters(), strict=True):
        assert torch.equal(one, other)
