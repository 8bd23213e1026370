"""Networks, data and derived bounds for the tests of the kernel for rectifier networks."""

from __future__ import annotations

import torch

from numerics.batch import Batch, stack
from numerics.objective import Objective
from quadrics.activation import relu


def problem(widths=(3, 1, 9, 7, 2), n=37, d=3, bias=True, dtype=torch.float64, activation=relu, loss="mse"):
    generator = torch.Generator().manual_seed(len(widths) + 10 * n + d)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)

    def one(width):
        b1, b2 = (normal(1, width), normal(1, 1)) if bias else (None, None)
        return Batch(normal(1, width, d), normal(1, 1, width), b1, b2, activation=activation)

    x = normal(n, d)
    y = (x.sum(1) > 0).to(dtype) if loss == "bce" else normal(n)
    return stack([one(width) for width in widths]), Objective(x, y, loss)


def by_torch(objective):
    return Objective(objective.x, objective.targets, objective.loss_name, tile_samples=objective.n_samples)


def by_kernel(objective, batch):
    return objective._kernel is not None and objective._kernel.run(batch, batch.W1.new_empty(batch.n), None)


def largest_errors(batch, x, y, loss):
    """For each entry of the field, the gradient and the loss: the largest error of sums of N terms, in roundings.

    A term is r_n x_n, times a_k or z_nk for the gradient. Each of the N additions rounds to a part eps of the sum of
    the terms' sizes at most; r errs by (d + l + 8) roundings of the sizes that f is summed up of; and exp by three.
    """
    W1, W2, b1, b2, x, y = (None if t is None else t.double() for t in (*parts(batch), x, y))
    size = torch.einsum("nld,sd->nls", W1.abs(), x.abs()) + (0 if b1 is None else b1[:, :, None].abs())
    alpha = float(max(abs(batch.activation.alpha), abs(batch.activation.beta)))
    sizes = alpha * torch.einsum("nl,nls->ns", W2[:, 0].abs(), size) + (0 if b2 is None else b2.abs())
    f = torch.stack([module(x)[:, 0].detach() for module in batch.to(dtype=torch.float64).to_modules()])
    r = 2 * (f - y[:, 0]).abs() if loss == "mse" else (f.sigmoid() - y[:, 0]).abs()
    additions, inner = len(x) + 8, batch.d_in + batch.width + 8
    term = (additions * r + inner * 2 * (sizes + 1)) / len(x)  # (n, s): what an error of a mean consists of, over x
    v = alpha * torch.einsum("ns,sd->nd", term, x.abs())[:, None]  # the same for each neuron
    bias = alpha * term.sum(1)[:, None]
    a = W2[:, 0].abs()
    product = alpha * torch.einsum("ns,nls->nl", term, size)
    return {
        "loss": ((additions * (r**2 + f.abs() + 1) + inner * 2 * (r + 1) * (sizes + 1)) / len(x)).sum(1),
        "W1": a[:, :, None] * v, "W2": product[:, None], "b1": a * bias, "b2": term.sum(1)[:, None],
        "v": v[:, :, None], "bias": bias[:, :, None],
    }  # fmt: skip


def parts(batch):
    return batch.W1, batch.W2, batch.b1, batch.b2


def assert_agree(batch, objective):
    """The kernel differs from torch in double precision by no more than its own roundings."""
    assert by_kernel(objective, batch)
    plain = by_torch(objective).to(dtype=torch.float64)
    double = batch.to(dtype=torch.float64)
    assert not by_kernel(plain, double)
    bounds = largest_errors(batch, objective.x, objective.targets, objective.loss_name)
    eps = torch.finfo(batch.dtype).eps
    loss, gradient = objective.loss_and_gradient(batch)
    expected_loss, expected = plain.loss_and_gradient(double)
    field, expected_field = objective.field(batch), plain.field(double)
    pairs = {"loss": (loss, expected_loss), "v": (field.v, expected_field.v), "bias": (field.bias, expected_field.bias)}
    pairs |= {name: (getattr(gradient, name), getattr(expected, name)) for name in ("W1", "W2", "b1", "b2")}
    for name, (found, right) in pairs.items():
        if found is not None:
            assert ((found.double() - right).abs() <= eps * bounds[name]).all(), name
    if field.b2 is not None:
        assert ((field.b2.double() - expected_field.b2).abs() <= eps * bounds["b2"]).all()
    padding = ~batch.mask
    assert not gradient.W1[padding].any()
    assert not gradient.W2[:, 0][padding].any()
    # In a batch as wide, what the other networks are does not change a bit of a network's own.
    alone = objective.gradient(batch.select([2]))
    for found, right in zip(alone.parameters, gradient.parameters, strict=True):
        assert torch.equal(found[0], right[2])
    assert torch.equal(objective.loss(batch), loss)
