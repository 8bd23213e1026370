"""Deep batches against networks of ``nn.Module`` one by one, in value, gradient, Jacobian and Adam's steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from numerics.deep_batch import DeepBatch, LeastSquares, glorot_uniform
from quadrics.errors import DeviceError, DimensionError, NonFiniteError, ShapeError
from quadrics.smooth_activation import SmoothActivation, softplus, tanh

# nn.Softplus is x above its threshold, which is right to the last digit from 40 on.
MODULES: dict[SmoothActivation, Callable[[], nn.Module]] = {tanh: nn.Tanh, softplus: partial(nn.Softplus, threshold=40)}


def source(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(n: int, sizes: tuple[int, ...], activation: SmoothActivation, seed: int) -> DeepBatch:
    like = glorot_uniform(n, sizes, activation, source())
    return like.unflatten(torch.randn(like.flatten().shape, generator=source(seed), dtype=torch.float64))


def module(batch: DeepBatch, k: int) -> nn.Sequential:
    """Network k as torch has it."""
    layers: list[nn.Module] = []
    for W, b in zip(batch.weights, batch.biases, strict=True):
        linear = nn.Linear(W.shape[2], W.shape[1]).double()
        linear.load_state_dict({"weight": W[k], "bias": b[k]})
        layers += [MODULES[batch.activation](), linear]
    return nn.Sequential(*layers[1:])


def data(points: int, d: int, seed: int) -> tuple[Tensor, Tensor]:
    drawn = torch.randn(points, d + 1, generator=source(seed), dtype=torch.float64)
    return drawn[:, :d], drawn[:, d]


@given(n=st.integers(1, 3), d=st.integers(1, 3), hidden=st.lists(st.integers(1, 4), min_size=1, max_size=3),
       points=st.integers(1, 5), activation=st.sampled_from([tanh, softplus]), seed=st.integers(0, 10**6))  # fmt: skip
@example(n=2, d=3, hidden=[4, 2, 1], points=4, activation=softplus, seed=25497)  # softplus above 20
@settings(max_examples=25, deadline=None)
def test_everything_agrees_with_modules_one_by_one(
    n: int, d: int, hidden: list[int], points: int, activation: SmoothActivation, seed: int
) -> None:
    batch = normal(n, (d, *hidden, 1), activation, seed)
    x, y = data(points, d, seed)
    problem, rows = LeastSquares(batch, x, y), batch.flatten()
    loss, gradient, jacobian = problem.loss(rows), problem.gradient(rows), problem.jacobian(rows)
    residual = problem.residual(rows)
    for k in range(n):
        net = module(batch, k)
        one = (net(x)[:, 0] - y).square().mean()
        one.backward()  # type: ignore[no-untyped-call]
        flat = torch.cat([p.grad.flatten() for p in net.parameters() if p.grad is not None])
        torch.testing.assert_close(loss[k], one.detach(), rtol=1e-11, atol=1e-12)
        torch.testing.assert_close(gradient[k], flat, rtol=1e-10, atol=1e-11)
        torch.testing.assert_close(batch.output(x)[k], net(x).detach(), rtol=1e-11, atol=1e-12)
    # Two ways to the gradient: by automatic differentiation, and 2 J^T r with the Jacobian of the chain rule.
    torch.testing.assert_close(2 * (jacobian * residual[..., None]).sum(1), gradient, rtol=1e-10, atol=1e-11)


def test_the_jacobian_is_that_of_automatic_differentiation() -> None:
    batch = normal(2, (2, 3, 4, 2, 1), tanh, 5)
    problem = LeastSquares(batch, *data(7, 2, 1))
    full = torch.autograd.functional.jacobian(problem.residual, batch.flatten())
    for k in range(2):
        torch.testing.assert_close(problem.jacobian(batch.flatten())[k], full[k, :, k], rtol=1e-12, atol=1e-13)
        assert not full[k, :, 1 - k].any()  # networks do not see each other


def test_adam_is_that_of_torch_network_by_network() -> None:
    batch = normal(3, (2, 3, 3, 1), tanh, 2)
    x, y = data(6, 2, 3)
    after = LeastSquares(batch, x, y).adam(batch.flatten(), 20, h=0.01)
    for k in range(3):
        net = module(batch, k)
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        for _ in range(20):
            optimizer.zero_grad()
            (net(x)[:, 0] - y).square().mean().backward()
            optimizer.step()
        flat = torch.cat([p.detach().flatten() for p in net.parameters()])
        # Adam divides by the root of the second moment: rounding in small gradients is magnified, by 1e5 at most here.
        torch.testing.assert_close(after[k], flat, rtol=0, atol=1e-10)
    assert not torch.equal(after, batch.flatten())
    assert torch.equal(LeastSquares(batch, x, y).adam(batch.flatten(), 0), batch.flatten())


def test_flattening_and_its_inverse() -> None:
    batch = normal(4, (2, 5, 3, 1), softplus, 1)
    again = batch.unflatten(batch.flatten())
    assert all(torch.equal(a, b) for a, b in zip(batch.parameters, again.parameters, strict=True))
    two = batch.unflatten(batch.flatten()[:2])
    assert two.n == 2
    assert two.sizes == (2, 5, 3, 1)
    moved = batch.to("cpu")
    assert torch.equal(moved.flatten(), batch.flatten())


@pytest.mark.parametrize("sizes", [(2, 30, 20, 1), (64, 40, 10)])
def test_glorot_uniform_has_torchs_law(sizes: tuple[int, ...]) -> None:
    batch = glorot_uniform(50, sizes, tanh, source(3))
    for W, b in zip(batch.weights, batch.biases, strict=True):
        bound = math.sqrt(6 / (W.shape[1] + W.shape[2]))
        witness = nn.init.xavier_uniform_(torch.empty(W.shape[1:]), generator=source(1))
        assert float(witness.abs().max()) <= bound  # torch's own bound is the same one
        assert float(witness.abs().max()) > 0.8 * bound
        assert 0.99 * bound < float(W.abs().max()) <= bound
        # Mean and variance bound^2/3, within six standard errors (of the square: bound^2 sqrt(4/45)).
        assert abs(float(W.mean())) < 6 * bound * (1 / 3 / W.numel()) ** 0.5
        assert abs(float(W.square().mean()) - bound**2 / 3) < 6 * bound**2 * (4 / 45 / W.numel()) ** 0.5
        assert not b.any()
    assert torch.equal(batch.flatten(), glorot_uniform(50, sizes, tanh, source(3)).flatten())


@pytest.mark.parametrize("wrong", [(2, 1), (2,), (), (2, 0, 1), (2, -1, 1), (2, 2.5, 1), (2, "4", 1), (2, True, 1)])
def test_bad_sizes_are_refused(wrong: tuple[int, ...]) -> None:
    with pytest.raises(DimensionError, match="sizes"):
        glorot_uniform(1, wrong, tanh, source())


def test_absurd_sizes_are_refused() -> None:
    with pytest.raises(DimensionError, match="at most"):
        glorot_uniform(1, (10**6, 10**6, 1), tanh, source())
    with pytest.raises(DimensionError, match="n = 0"):
        glorot_uniform(0, (2, 3, 1), tanh, source())


def test_bad_layers_are_refused() -> None:
    W, b = (torch.ones(1, 3, 2), torch.ones(1, 1, 3)), (torch.ones(1, 3), torch.ones(1, 1))
    with pytest.raises(DimensionError, match="layers"):
        DeepBatch(W[:1], b[:1], tanh)
    with pytest.raises(DimensionError, match="zero"):
        DeepBatch((torch.ones(1, 0, 2), torch.ones(1, 1, 0)), (torch.ones(1, 0), torch.ones(1, 1)), tanh)
    with pytest.raises(ShapeError, match="layer 2"):
        DeepBatch((W[0], torch.ones(2, 1, 3)), b, tanh)
    with pytest.raises(ShapeError, match="layer 1"):
        DeepBatch((torch.ones(3, 2), W[1]), b, tanh)
    with pytest.raises(ShapeError, match="one floating-point type"):
        DeepBatch((W[0].double(), W[1]), b, tanh)
    with pytest.raises(NonFiniteError):
        DeepBatch((W[0] * math.nan, W[1]), b, tanh)
    batch = DeepBatch(W, b, tanh)
    with pytest.raises(ShapeError, match="x"):
        batch.output(torch.ones(3, 3))
    with pytest.raises(DeviceError):
        batch.to("abacus")


def test_bad_data_are_refused() -> None:
    batch = normal(1, (2, 3, 1), tanh, 0)
    for x, y in (
        (torch.ones(3, 1), torch.ones(3)),
        (torch.ones(3, 2), torch.ones(3, 1)),
        (torch.ones(0, 2), torch.ones(0)),
    ):
        with pytest.raises(ShapeError, match="data"):
            LeastSquares(batch, x, y)
    with pytest.raises(ShapeError, match="outputs"):
        LeastSquares(normal(1, (2, 3, 2), tanh, 0), torch.ones(3, 2), torch.ones(3))
    with pytest.raises(DimensionError, match="steps"):
        LeastSquares(batch, torch.ones(3, 2), torch.ones(3)).adam(batch.flatten(), -1)
