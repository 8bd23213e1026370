"""Small modules that boosts train, their data and what they conserve; for the tests."""

from __future__ import annotations

import torch
from torch import nn

from numerics.boost_optimizer import BoostSGD, homogeneous_pairs

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
