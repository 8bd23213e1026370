"""The optimizer that boosts modules refuses what it could not follow, and says what to do."""

from __future__ import annotations

import pytest
import sympy
import torch
from torch import nn

from numerics.boost_optimizer import BoostSGD, Pair, homogeneous_pairs
from quadrics.activation import leaky_relu, relu
from quadrics.errors import NonFiniteError, OptimizerError, ShapeError, SymmetryError

from .boosted_modules import boosting, data, loss_of, network


def penalty(net, loss):
    return loss + 0.1 * net[0].weight.square().sum()


@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (lambda net, x, y: penalty(net, loss_of(net, x, y)).backward(), "not those of a loss"),
        (
            lambda net, x, y: (loss_of(net, x, y).backward(), nn.utils.clip_grad_norm_(net.parameters(), 1e-3)),
            "use cap",
        ),
        (
            lambda net, x, y: (
                loss_of(net, x, -y).backward(),
                net.zero_grad(set_to_none=False),
                loss_of(net, x, y).backward(),
            ),
            "cleared by zero_grad",
        ),
        (lambda net, x, y: (torch.relu(net[0](x)) @ net[2].weight.t()).square().mean().backward(), "none through"),
        (lambda net, x, y: None, "no gradients"),
    ],
    ids=["penalty", "clipped", "not cleared", "not called", "no backward"],
)
def test_gradients_that_a_boost_cannot_follow_are_refused(spoil, match):
    net = network()
    optimizer = boosting(net)
    before = [p.detach().clone() for p in net.parameters()]
    spoil(net, *data())
    with pytest.raises(OptimizerError, match=match):
        optimizer.step()
    assert torch.equal(net[0].weight, before[0])


class Dropped(nn.Module):
    """The hidden units pass through something else before the output layer."""

    def __init__(self, between):
        super().__init__()
        self.fc1, self.fc2, self.between = nn.Linear(3, 4).double(), nn.Linear(4, 1).double(), between

    def forward(self, x):
        return self.fc2(self.between(torch.relu(self.fc1(x))))


def test_something_between_the_layers_is_noticed():
    x, y = data()
    net = Dropped(torch.sin)
    optimizer = BoostSGD(net.parameters(), [(net.fc1, relu, net.fc2)])
    loss_of(net, x, y).backward()
    with pytest.raises(OptimizerError, match="nothing between"):
        optimizer.step()
    net = Dropped(lambda h: h[:3])
    BoostSGD(net.parameters(), [(net.fc1, relu, net.fc2)])
    with pytest.raises(ShapeError, match="into the output layer"):
        net(x)


def test_the_wrong_activation_is_noticed():
    net = network()
    optimizer = BoostSGD(net.parameters(), [(net[0], leaky_relu(sympy.Rational(1, 2)), net[2])])
    loss_of(net, *data()).backward()
    with pytest.raises(OptimizerError, match="not those"):
        optimizer.step()


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda n: BoostSGD(n.parameters(), [(n[0], nn.Tanh(), n[2])]), SymmetryError, "homogeneous"),
        (lambda n: BoostSGD(n.parameters(), [(n[0], nn.PReLU(), n[2])]), ShapeError, "PReLU"),
        (lambda n: BoostSGD(n.parameters(), [(n[2], nn.ReLU(), n[2])]), ShapeError, "units out of"),
        (lambda n: BoostSGD(n.parameters(), [(n[0], nn.ReLU(), n[1])]), ShapeError, "Linear"),
        (lambda n: BoostSGD(n.parameters(), homogeneous_pairs(n) * 2), ShapeError, "another pair"),
        (lambda n: BoostSGD(n[0].parameters(), homogeneous_pairs(n)), OptimizerError, "among them"),
        (lambda n: BoostSGD([{"params": n.parameters(), "momentum": 0.9}], []), OptimizerError, "momentum"),
        (lambda n: boosting(n, lr=-1.0), NonFiniteError, "lr"),
        (lambda n: boosting(n, lr=float("nan")), NonFiniteError, "lr"),
        (lambda n: boosting(n, cap=0.0), NonFiniteError, "cap"),
        (lambda n: BoostSGD(n.parameters(), [Pair(n[0], nn.ReLU(), nn.Linear(5, 1))]), ShapeError, "two types"),
    ],
)
def test_bad_arguments(make, error, match):
    with pytest.raises(error, match=match):
        make(network())


def test_a_bias_at_another_rate_is_refused():
    net = network()
    groups = [{"params": [net[0].bias], "lr": 0.5}, {"params": [net[0].weight, *net[2].parameters()]}]
    optimizer = BoostSGD(groups, homogeneous_pairs(net))
    loss_of(net, *data()).backward()
    with pytest.raises(OptimizerError, match="bias"):
        optimizer.step()
