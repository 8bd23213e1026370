"""The optimizer that boosts modules in training loops as users write them, and the layers that it finds."""

from __future__ import annotations

import copy
import io

import pytest
import torch
from torch import nn

from numerics.batch import Batch
from numerics.boost_optimizer import BoostSGD, homogeneous_pairs
from numerics.flow import lie_euler
from numerics.objective import Objective
from quadrics.activation import relu
from quadrics.errors import OptimizerError

from .boosted_modules import boosting, data, loss_of, network


def test_accumulated_minibatches_are_the_full_batch():
    ends = []
    x, y = data(3, 2)
    for parts in (1, 4):
        net = network(3, 5, 2)
        optimizer = boosting(net, lr=0.3)
        for part in torch.arange(16).chunk(parts):
            (loss_of(net, x[part], y[part]) / parts).backward()
        optimizer.step()
        ends.append(list(net.parameters()))
    for one, other in zip(*ends, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-13)


class Wrapped(nn.Module):
    """A pair whose forward works in place, between other layers, on inputs (batch, time, features)."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(5)
        self.embed, self.fc1, self.fc2, self.head = (nn.Linear(a, b) for a, b in ((2, 3), (3, 6), (6, 2), (2, 1)))
        self.double()

    def forward(self, x):
        return self.head(torch.tanh(self.fc2(torch.relu_(self.fc1(self.embed(x))))))


def test_layers_anywhere_in_a_module_and_plain_sgd_for_the_others():
    x, y = (t.view(4, 7, -1) for t in data(2, 1, 28))
    ends = []
    for boost in (True, False):
        net = Wrapped()
        pairs = [(net.fc1, relu, net.fc2)] if boost else []
        optimizer = BoostSGD(net.parameters(), pairs, lr=0.1)
        (net(x) - y).square().mean().backward()
        gradients = [p.grad.clone() for p in net.parameters()]
        before = net.fc1.weight.square().sum(1) + net.fc1.bias**2 - net.fc2.weight.square().sum(0)
        optimizer.step()
        after = net.fc1.weight.square().sum(1) + net.fc1.bias**2 - net.fc2.weight.square().sum(0)
        drift = float((after - before).detach().abs().max())
        ends.append((gradients, {k: v.clone() for k, v in net.state_dict().items()}, drift))
    for one, other in zip(ends[0][0], ends[1][0], strict=True):
        assert torch.equal(one, other)  # the hooks change no gradient
    for key in ("embed.weight", "head.weight", "head.bias", "fc2.bias"):
        assert torch.equal(ends[0][1][key], ends[1][1][key])
    assert ends[0][2] < 1e-14 < 1e-9 < ends[1][2]


def test_a_pair_that_is_called_twice_in_a_loss():
    x, _ = data(3, 1)
    net = network()
    optimizer = boosting(net, lr=0.2)
    expected = copy.deepcopy(net)
    reference = boosting(expected, lr=0.2)
    (net(x[:8]).square().mean() + net(x[8:]).square().mean()).backward()
    (2 * expected(x).square().mean()).backward()
    optimizer.step()
    reference.step()
    for one, other in zip(net.parameters(), expected.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("clear", ["optimizer", "optimizer, zeros", "module"])
def test_gradients_may_be_cleared_by_the_optimizer_or_by_the_module(clear):
    x, y = data()
    net = network()
    optimizer = boosting(net, lr=0.1)
    loss_of(net, x, -y).backward()
    if clear == "module":
        net.zero_grad()
    else:
        optimizer.zero_grad(set_to_none="zeros" not in clear)
    loss_of(net, x, y).backward()
    optimizer.step()
    fresh = network()
    expected = lie_euler.step(Batch.from_modules([fresh]), Objective(x, y), 0.1)
    torch.testing.assert_close(net[0].weight.detach(), expected.W1[0], rtol=1e-12, atol=1e-13)


def test_evaluation_between_steps_leaves_no_trace():
    x, y = data()
    ends = []
    for evaluate in (False, True):
        net = network()
        optimizer = boosting(net, lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            loss = loss_of(net, x, y)
            if evaluate:
                with torch.no_grad():
                    net(x[:2])
                net(x[:3])  # never used
                torch.autograd.grad(loss_of(net, x[:5], y[:5]), list(net.parameters()))
            loss.backward()
            optimizer.step()
        ends.append(net[0].weight.detach())
    assert torch.equal(*ends)


def test_closures_schedulers_and_state_dicts():
    x, y = data()
    net = network()
    optimizer = boosting(net, lr=0.1)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch)

    def closure():
        optimizer.zero_grad()
        loss = loss_of(net, x, y)
        loss.backward()
        return loss

    first = optimizer.step(closure)
    scheduler.step()
    assert first.item() == pytest.approx(loss_of(network(), x, y).item())
    assert optimizer.param_groups[0]["lr"] == 0.05

    # What a checkpoint holds is enough to go on as if nothing had happened.
    stored = io.BytesIO()
    torch.save(
        {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}, stored
    )
    stored.seek(0)
    loaded = torch.load(stored, weights_only=True)
    other = network(seed=9)
    second = boosting(other, lr=7.0)
    again = torch.optim.lr_scheduler.LambdaLR(second, lambda epoch: 0.5**epoch)
    other.load_state_dict(loaded["net"])
    second.load_state_dict(loaded["optimizer"])
    again.load_state_dict(loaded["scheduler"])
    for made, by, schedule in ((net, optimizer, scheduler), (other, second, again)):
        for _ in range(3):
            by.zero_grad()
            loss_of(made, x, y).backward()
            by.step()
            schedule.step()
    for one, twin in zip(net.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, twin)


def test_copies_of_a_module_are_independent_of_it():
    x, y = data()
    net = network()
    optimizer = boosting(net, lr=0.1)
    twin = copy.deepcopy(net)
    loss_of(twin, x, y).backward()
    with pytest.raises(OptimizerError, match="no gradients"):
        optimizer.step()
    loss_of(net, x, y).backward()
    optimizer.step()
    expected = lie_euler.step(Batch.from_modules([network()]), Objective(x, y), 0.1)
    torch.testing.assert_close(net[0].weight.detach(), expected.W1[0], rtol=1e-12, atol=1e-13)


def test_hooks_can_be_removed():
    net = network()
    optimizer = boosting(net)
    assert net[0]._forward_hooks
    optimizer.remove_hooks()
    assert not net[0]._forward_hooks
    assert not net[2]._forward_hooks
    loss_of(net, *data()).backward()
    with pytest.raises(OptimizerError, match="none through the two layers"):
        optimizer.step()


def test_pairs_are_found_in_nested_modules():
    inner = nn.Sequential(nn.Linear(2, 3), nn.LeakyReLU())
    net = nn.ModuleDict({"a": nn.Sequential(inner, nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1)), "b": network()})
    found = homogeneous_pairs(net)
    assert [(p.hidden.in_features, p.output.out_features) for p in found] == [(2, 4), (3, 1)]
    assert homogeneous_pairs(nn.Sequential(nn.Linear(1, 1), nn.Dropout(), nn.Linear(1, 1))) == []
    nested = nn.Sequential(nn.Linear(2, 2), nn.ModuleList([network()]))
    assert len(homogeneous_pairs(nested)) == 1


def test_a_loss_that_is_not_finite_passes_through_as_with_sgd():
    net = network()
    optimizer = boosting(net, lr=0.1)
    x, y = data()
    x[0, 0] = float("inf")
    loss_of(net, x, y).backward()
    optimizer.step()
    assert not bool(torch.isfinite(net[0].weight).all())
