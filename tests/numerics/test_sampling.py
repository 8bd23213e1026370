"""Sampled quadrics: on the surface, and nets that keep what they promise."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from numerics.sampling import Net, cone_net, inverse_chart, product_net, quadric_net, random_parameters, random_points
from quadrics.errors import DimensionError
from quadrics.quadric import Quadric

EPS = torch.finfo(torch.float64).eps


def source(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def residual(Q: Quadric, points: Tensor) -> Tensor:
    D = Q.input_dimension
    inward, outward = points[:, :D].square().sum(1), points[:, D:].square().sum(1)
    return (inward - outward - float(Q.c)).abs() / ((4 * points.shape[1] + 20) * EPS * (inward + outward))


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("d", "e"), [(1, 1), (3, 1), (2, 4)])
@pytest.mark.parametrize("c", [-2, 0, 0.3])
def test_random_points_are_on_the_quadric(d: int, e: int, c: float, bias: bool) -> None:
    Q = Quadric(d, e, c, bias)
    points = random_points(Q, 1000, 2.0, source())
    assert points.shape == (1000, d + bias + e)
    assert residual(Q, points).max() <= 1


def test_random_parameters_have_the_imbalances() -> None:
    quadrics = [Quadric(3, 2, c, bias=True) for c in (-1, 0, 2)]
    W1, W2, b1 = random_parameters(quadrics, 50, 1.0, source())
    c = W1.square().sum(2) + b1.square() - W2.square().sum(1)
    assert torch.allclose(c, torch.tensor([-1.0, 0.0, 2.0]).double().expand_as(c), atol=1e-12)


def test_seeds_decide_everything() -> None:
    Q = Quadric(2, 1, -1)
    assert torch.equal(random_points(Q, 5, 1.0, source(1)), random_points(Q, 5, 1.0, source(1)))
    assert not torch.equal(random_points(Q, 5, 1.0, source(1)), random_points(Q, 5, 1.0, source(2)))


CASES = [(1, 1, -1), (1, 1, 1), (2, 1, -1), (2, 1, 1), (1, 2, 1), (2, 2, 1), (3, 1, 1)]


@pytest.mark.parametrize(("d", "e", "c"), CASES)
def test_nets_cover_what_they_say(d: int, e: int, c: int) -> None:
    Q, radius = Quadric(d, e, c), 0.4
    net = quadric_net(Q, radius, 0.25, source())
    assert residual(Q, net.points).max() <= 1
    around = torch.randn(500, Q.sphere_dimension + 1, generator=source(7), dtype=torch.float64)
    along = radius * (2 * torch.rand(500, Q.euclidean_dimension, generator=source(8), dtype=torch.float64) - 1)
    others = inverse_chart(Q, around / around.norm(dim=1, keepdim=True), along)
    assert torch.cdist(others, net.points).amin(1).max() <= net.cover
    nearest = (torch.cdist(net.points, net.points) + 1e9 * torch.eye(len(net.points))).amin(1)
    assert nearest.max() <= net.link


@pytest.mark.parametrize("inner", [0.0, 1.0])
@pytest.mark.parametrize(("d", "e"), [(1, 1), (2, 1), (2, 2)])
def test_cones_are_covered_too(d: int, e: int, inner: float) -> None:
    Q = Quadric(d, e, 0)
    net = cone_net(Q, inner, 1.5, 0.3, source())
    r = inner + (1.5 - inner) * torch.rand(500, 1, generator=source(9), dtype=torch.float64)
    u, s = (torch.randn(500, k, generator=source(k + 10), dtype=torch.float64) for k in (d, e))
    others = torch.cat([r * u / u.norm(dim=1, keepdim=True), r * s / s.norm(dim=1, keepdim=True)], 1)
    assert torch.cdist(others, net.points).amin(1).max() <= net.cover


def test_products_and_noise() -> None:
    one = Net(torch.tensor([[0.0], [1.0]], dtype=torch.float64), 0.5, 1.0)
    two = product_net([one, one])
    assert two.points.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert two.cover == pytest.approx(0.5**0.5)
    assert two.link == 1.0
    noisy = two.noisy(0.1, source())
    assert (noisy.points - two.points).norm(dim=1).max() <= noisy.cover - two.cover
    with pytest.raises(DimensionError, match="points"):
        product_net([Net(torch.zeros(1000, 1), 1.0, 1.0)] * 3)


def test_nets_that_are_refused() -> None:
    with pytest.raises(DimensionError, match="cone_net"):
        quadric_net(Quadric(2, 1, 0), 1.0, 0.5, source())
    with pytest.raises(DimensionError, match="quadric_net"):
        cone_net(Quadric(2, 1, 1), 0.0, 1.0, 0.5, source())
    with pytest.raises(DimensionError, match="at most 2"):
        quadric_net(Quadric(4, 1, 1), 1.0, 0.5, source())
    with pytest.raises(DimensionError, match="cells"):
        quadric_net(Quadric(3, 1, 1), 5.0, 0.01, source())
