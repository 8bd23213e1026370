"""The drop-in optimizer: what it conserves at any rate, whom it agrees with, and that it behaves as users expect."""

from __future__ import annotations

import copy
import io

import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from numerics.activation import HomogeneousActivation, Sigma
from numerics.batch import Batch
from numerics.boost_optimizer import BoostSGD, Pair, homogeneous_pairs
from numerics.flow import lie_euler
from numerics.objective import Objective
from quadrics.activation import leaky_relu, relu
from quadrics.errors import NonFiniteError, OptimizerError, ShapeError, SymmetryError

EPS = torch.finfo(torch.float64).eps


def network(d=3, width=5, e=1, bias=True, activation=None, seed=0):
    torch.manual_seed(seed)
    middle = nn.ReLU() if activation is None else activation
    return nn.Sequential(nn.Linear(d, width, bias=bias), middle, nn.Linear(width, e, bias=bias)).double()


def data(d=3, e=1, size=16, seed=1):
    source = torch.Generator().manual_seed(seed)
    return torch.randn(size, d, generator=source).double(), torch.randn(size, e, generator=source).double()


def loss_of(net, x, y):
    return (net(x) - y).square().sum(1).mean()


def boosting(net, **options):
    return BoostSGD(net.parameters(), homogeneous_pairs(net), **options)


def form(net, degree=1.0, rates=(1.0, 1.0)):
    """The conserved form, and |w|² + |a|², of each neuron."""
    first, second = net[0], net[2]
    inner = first.weight.detach().square().sum(1)
    inner = inner if first.bias is None else inner + first.bias.detach().square()
    outer = degree * second.weight.detach().square().sum(0)
    return inner / rates[0] - outer / rates[1], inner / rates[0] + outer / rates[1]


def bound(d, e, before, after):
    """Norms carry d + e + 2 roundings; a boost in each of e planes moves c by a few of |w|² + |a|² before and after."""
    return EPS * ((d + e + 4) + 16 * e) * (before + after)


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


def test_a_loss_that_is_not_finite_passes_through_as_with_sgd():
    net = network()
    optimizer = boosting(net, lr=0.1)
    x, y = data()
    x[0, 0] = float("inf")
    loss_of(net, x, y).backward()
    optimizer.step()
    assert not bool(torch.isfinite(net[0].weight).all())
