"""Descent by boosts over a batch: the same as the optimizer of modules, and as steps of the integrator."""

from __future__ import annotations

import pytest
import sympy
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from numerics.batch import Batch, stack
from numerics.boost_descent import BoostDescent
from numerics.boost_optimizer import BoostSGD, homogeneous_pairs
from numerics.flow import lie_euler
from numerics.objective import Objective
from numerics.optimizers import GradientDescent
from numerics.recorder import Recorder
from numerics.status import Status
from numerics.training import train
from quadrics.activation import leaky_relu
from quadrics.errors import DimensionError, NonFiniteError, ShapeError, SymmetryError
from quadrics.smooth_activation import tanh

EPS = torch.finfo(torch.float64).eps


def networks(bias=True, e=1, activation=None, seed=1):
    torch.manual_seed(seed)
    kind = {"dtype": torch.float64}
    options = {} if activation is None else {"activation": activation}

    def one(width):
        b1, b2 = (torch.randn(1, width, **kind), torch.randn(1, e, **kind)) if bias else (None, None)
        return Batch(torch.randn(1, width, 3, **kind), torch.randn(1, e, width, **kind), b1, b2, **options)

    return stack(one(width) for width in (2, 4, 3))


def samples():
    source = torch.Generator().manual_seed(2)
    x = torch.randn(20, 3, generator=source, dtype=torch.float64)
    return x, (x[:, 0] > 0).double()


def parts_of(x, minibatch, steps):
    """What each step of training sees."""
    source, parts = torch.Generator().manual_seed(3), []
    while len(parts) < steps:
        parts += (
            [torch.arange(len(x))] if minibatch is None else torch.randperm(len(x), generator=source).split(minibatch)
        )
    return parts[:steps]


@pytest.mark.parametrize("minibatch", [None, 7])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("h", [0.01, 0.5])
def test_training_a_batch_is_what_boost_sgd_does_to_each_module(minibatch, bias, h):
    batch, (x, y) = networks(bias, activation=leaky_relu(sympy.Rational(1, 4))), samples()
    source = None if minibatch is None else torch.Generator().manual_seed(3)
    result = train(batch, Objective(x, y, "bce"), BoostDescent(h), 12, minibatch=minibatch, generator=source)
    for k, module in enumerate(batch.to_modules()):
        optimizer = BoostSGD(module.parameters(), homogeneous_pairs(module), lr=h)
        for part in parts_of(x, minibatch, 12):
            optimizer.zero_grad()
            binary_cross_entropy_with_logits(module(x[part])[:, 0], y[part]).backward()
            optimizer.step()
        expected = module.state_dict()
        for key, value in result.batch.state_dict(k).items():
            torch.testing.assert_close(value, expected[key], rtol=1e-10, atol=1e-10)
    assert not result.batch.W1[~batch.mask].any(), "padding moved"


@pytest.mark.parametrize("e", [1, 2])
def test_training_is_steps_of_the_integrator_by_a_rate_for_each_network(e):
    batch, (x, y) = networks(e=e), samples()
    objective = Objective(x, torch.stack([y, 1 - y], 1)[:, :e])
    rates = torch.tensor([0.01, 0.1, 0.3], dtype=torch.float64)
    after = batch
    for _ in range(6):
        after = lie_euler.step(after, objective, rates)
    result = train(batch, objective, BoostDescent(rates), 6)
    for found, expected in zip(result.batch.parameters, after.parameters, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-11)


def test_it_keeps_c_where_gradient_descent_does_not_and_records_the_same_things():
    batch, (x, y) = networks(), samples()
    drift, kept = {}, {}
    for name, optimizer in (("boosts", BoostDescent(0.2)), ("gradient", GradientDescent(0.2))):
        recorder = Recorder(every=1, keep=["loss", "parameters", "squared_gradients"])
        result = train(batch, Objective(x, y, "bce"), optimizer, 30, recorder)
        drift[name] = (result.batch.imbalance() - batch.imbalance()).abs().amax()
        kept[name] = recorder
    size = kept["boosts"]["parameters"].square().sum(2).max()
    # Each step moves c by K eps (|w|^2 + |a|^2 before and after), K = d + e + 4 for norms and 16 for the boost.
    assert drift["boosts"] <= 30 * EPS * (4 + 1 + 4 + 16) * 2 * size < 1e-10
    assert drift["gradient"] > 1e-3
    assert torch.equal(kept["boosts"]["loss"][0], kept["gradient"]["loss"][0])
    first = Objective(x, y, "bce").gradient(batch).squared_norm()
    torch.testing.assert_close(kept["boosts"]["squared_gradients"][1], first, rtol=1e-12, atol=0)


def test_a_network_that_diverges_stops_alone_and_changes_no_other():
    batch, (x, y) = networks(), samples()
    rates = torch.tensor([0.01, 1e6, 0.01], dtype=torch.float64)
    mixed = train(batch, Objective(x, y), BoostDescent(rates), 10)
    assert [Status(code).name for code in mixed.status.tolist()] == ["STEP_LIMIT", "NON_FINITE", "STEP_LIMIT"]
    assert all(bool(torch.isfinite(p).all()) for p in mixed.batch.parameters)
    healthy = torch.tensor([0, 2])
    alone = train(batch.select(healthy), Objective(x, y), BoostDescent(0.01), 10)
    for found, expected in zip(mixed.batch.select(healthy).parameters, alone.batch.parameters, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


def test_a_cap_takes_the_place_of_clipping():
    batch, (x, y) = networks(bias=False), samples()
    one = train(batch, Objective(x, y), BoostDescent(1e6, cap=0.5), 1)

    def size(of):
        return of.W1.square().sum(2) + of.W2.square().sum(1)

    assert one.status.tolist() == [int(Status.STEP_LIMIT)] * 3
    # A boost of rapidity x stretches |w|^2 + |a|^2 by e^(2x) at most.
    assert bool((size(one.batch) <= size(batch) * torch.tensor(1.0).exp() * (1 + 1e-12)).all())


def test_the_state_counts_and_follows_its_networks():
    batch, (x, y) = networks(), samples()
    descent = BoostDescent(torch.tensor([0.1, 0.2, 0.3]))
    _, state = descent.step(batch, Objective(x, y).field(batch), descent.start(batch))
    one = state.select(torch.tensor([2]))
    assert one.count == 1
    assert one.rates[0].tolist() == [pytest.approx(0.3)]
    torch.testing.assert_close(one.boosts.c, batch.imbalance()[2:])


class Plain:
    """An objective that has gradients only."""

    def __init__(self, objective):
        self.gradient, self.loss, self.n_samples = objective.gradient, objective.loss, objective.n_samples
        self.loss_and_gradient = objective.loss_and_gradient


def test_what_a_boost_cannot_follow_is_refused():
    x, y = samples()
    with pytest.raises(SymmetryError, match="homogeneous"):
        train(networks(activation=tanh), Objective(x, y), BoostDescent(0.1), 1)
    with pytest.raises(ShapeError, match="no field"):
        train(networks(), Plain(Objective(x, y)), BoostDescent(0.1), 1)
    with pytest.raises(DimensionError, match="3"):
        train(networks(), Objective(x, y), BoostDescent(torch.tensor([0.1, 0.2])), 1)
    for wrong in ({"h": -1.0}, {"h": float("nan")}, {"h": 0.1, "cap": 0.0}):
        with pytest.raises(NonFiniteError, match="expected a"):
            BoostDescent(**wrong)
