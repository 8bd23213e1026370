"""The bounds that the measurements of Lemma 2.1 rest on."""

import pytest
import torch
from torch import Tensor

from numerics.checks.simsek.symmetric_networks import CURVATURE, SLOPE, Networks, distances, flow_path


def drawn(seed: int, n: int = 200) -> tuple[Networks, Tensor]:
    source = torch.Generator().manual_seed(seed)
    return Networks.drawn(source), torch.randn(n, 4, 3, generator=source, dtype=torch.float64)


def test_the_constants_of_tanh():
    z = torch.linspace(-5, 5, 100_001, dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(torch.tanh(z).sum(), z, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), z)
    assert 0.9999 * SLOPE < float(first.detach().abs().max()) <= SLOPE
    assert 0.9999 * CURVATURE < float(second.detach().abs().max()) <= CURVATURE


def test_loss_and_gradient_against_loops():
    networks, theta = drawn(0, n=1)
    theta = theta[0].requires_grad_(True)
    total = torch.zeros((), dtype=torch.float64)
    for x, y in zip(networks.x, networks.y, strict=True):
        total = total + (sum(unit[2] * torch.tanh(unit[:2] @ x) for unit in theta) - y) ** 2 / (2 * len(networks.y))
    (gradient,) = torch.autograd.grad(total, theta)
    assert torch.allclose(networks.loss(theta[None])[0], total, rtol=1e-13)
    assert torch.allclose(networks.gradient(theta[None])[0], gradient, rtol=1e-12)


def test_the_lipschitz_constant_bounds_gradient_differences():
    networks, theta = drawn(1)
    gradient = networks.gradient(theta)
    ratio = distances(gradient) / distances(theta) / networks.lipschitz(theta)[:, None]
    assert 0.1 < float(ratio.max()) <= 1
    assert (networks.lipschitz(theta, networks.loss(theta)) >= networks.lipschitz(theta) * (1 - 1e-12)).all()


def test_flows_descend():
    networks, theta = drawn(2, n=1)
    path = flow_path(networks, theta[0], 1.0)
    assert (networks.loss(path.theta).diff() < 0).all()
    assert float(path.t[-1]) == pytest.approx(1.0)
    assert path.theta.shape[1:] == (4, 3)


def test_a_lopsided_loss_is_not_symmetric():
    networks, theta = drawn(3)
    lopsided = Networks(networks.x, networks.y, 1e-3)
    assert torch.allclose(networks.loss(theta.flip(1)), networks.loss(theta), rtol=1e-12)
    assert not torch.allclose(lopsided.loss(theta.flip(1)), lopsided.loss(theta), rtol=1e-8)
