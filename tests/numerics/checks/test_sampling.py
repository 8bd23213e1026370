"""The measurements' own gradients agree with the batched ones, and notice activations that are not homogeneous."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from numerics.activation import sigma_of
from numerics.checks.sampling import Autograd, autograd, forward, generator, networks, sample, size_of_terms
from numerics.losses import LossName
from numerics.objective import Objective
from proofs import Context
from quadrics.activation import Activation, relu


@pytest.mark.parametrize(("loss", "e"), [("mse", 3), ("bce", 1), ("ce", 3)])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("activation", [relu, Activation(2, -1), Activation(1, -1, 2)])
def test_autograd_agrees_with_the_batched_gradient(loss: LossName, e: int, bias: bool, activation: Activation) -> None:
    source = torch.Generator().manual_seed(1)
    batch = networks(source, 4, 3, 2, e, bias, activation)
    data = sample(source, 7, 2, e, loss)
    objective = Objective(data.x, data.y, loss, classes=e if loss == "ce" else None)
    expected_loss, expected = objective.loss_and_gradient(batch)
    got_loss, got = Autograd(data, sigma_of(activation).__call__).loss_and_gradient(batch)
    assert torch.allclose(got_loss, expected_loss, rtol=1e-12)
    for ours, theirs in zip(got.parameters, expected.parameters, strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-10, atol=1e-12)


def test_residuals_are_the_derivatives_by_the_outputs() -> None:
    source = torch.Generator().manual_seed(2)
    batch, data = networks(source, 3, 4, 2, 2), sample(source, 5, 2, 2, "mse")
    _, residuals = autograd(batch, data, torch.relu)
    f = forward(batch, data.x, torch.relu)
    assert torch.allclose(residuals, 2 * (f - data.y) / 5)


def test_size_of_terms_bounds_both_sides_of_the_balance() -> None:
    source = torch.Generator().manual_seed(3)
    batch, data = networks(source, 5, 4, 3, 2, True), sample(source, 9, 3, 2, "mse")
    g, residuals = autograd(batch, data, torch.relu)
    assert g.b1 is not None
    assert batch.b1 is not None
    sizes = size_of_terms(batch, data.x, residuals, 1.0)
    assert bool(((batch.W1 * g.W1).sum(2) + batch.b1 * g.b1 <= sizes).all())
    assert bool(((batch.W2 * g.W2).sum(1) <= sizes).all())


def test_decay_is_half_the_square() -> None:
    source = torch.Generator().manual_seed(4)
    batch, data = networks(source, 2, 3, 2, 1, True), sample(source, 5, 2, 1, "mse")
    plain, decayed = Autograd(data, functional.gelu), Autograd(data, functional.gelu, decay=0.5)
    assert torch.allclose(decayed.loss(batch) - plain.loss(batch), 0.25 * batch.flatten().square().sum(1))
    assert torch.allclose(decayed.gradient(batch).flatten() - plain.gradient(batch).flatten(), 0.5 * batch.flatten())


def test_seeds_belong_to_their_use() -> None:
    first, again, other = (
        networks(generator(Context(seed=s), name), 1, 2, 2).flatten() for s, name in ((0, "a"), (0, "a"), (0, "b"))
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
