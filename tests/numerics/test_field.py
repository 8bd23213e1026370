"""The pull of the data on each neuron: against its definition, a sum over samples, and against autograd."""

from __future__ import annotations

import pytest
import torch
from sympy import Rational
from torch.nn import functional

from numerics.activation import sigma_of
from numerics.batch import Batch, stack
from numerics.field import Field
from numerics.objective import Objective
from quadrics.activation import Activation, absolute_value, leaky_relu, linear, relu, relu_power
from quadrics.errors import ShapeError, SymmetryError
from quadrics.smooth_activation import sigmoid

ACTIVATIONS = [
    relu,
    leaky_relu(Rational(1, 10)),
    Activation(Rational(3, 2), Rational(1, 4)),
    Activation(-1, Rational(1, 10)),
    absolute_value,
    linear,
    relu_power(2),
    Activation(1, Rational(1, 2), 3),
]
TOLERANCE = {torch.float64: 1e-12, torch.float32: 3e-5}


def problem(loss="mse", e=1, bias=True, activation=relu, dtype=torch.float64, widths=(1, 4, 2, 3, 3), n=37, d=3):
    generator = torch.Generator().manual_seed(len(widths) + e)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=dtype)

    def one(width):
        biases = (normal(1, width), normal(1, e)) if bias else (None, None)
        return Batch(normal(1, width, d), normal(1, e, width), *biases, activation=activation)

    x = normal(n, d)
    y = {"ce": torch.arange(n) % e, "bce": torch.rand(n, e, generator=generator, dtype=dtype), "mse": normal(n, e)}
    return stack(one(width) for width in widths), x, y[loss]


def residuals(batch, k, x, y, loss):
    """The derivative (N, e) of the mean loss of network k by its outputs, by autograd."""
    f = batch.select(k).output(x)[0].requires_grad_()
    if loss == "mse":
        value = (f - y.view_as(f)).square().sum(1).mean()
    elif loss == "bce":
        value = functional.binary_cross_entropy_with_logits(f, y.view_as(f)) * f.shape[1]
    else:
        value = functional.cross_entropy(f, y)
    return torch.autograd.grad(value, f)[0]


def naive(batch, k, x, y, loss):
    """The definition, sample by sample: V (l, e, d), its column for the bias (l, e), and b2's (e,)."""
    sigma = sigma_of(batch.activation)
    r = residuals(batch, k, x, y, loss)
    v = torch.zeros(batch.width, batch.d_out, batch.d_in + 1, dtype=x.dtype)
    for neuron in range(batch.width):
        if not batch.mask[k, neuron]:
            continue
        for sample, derivative in zip(x, r, strict=True):
            z = batch.W1[k, neuron] @ sample + (0 if batch.b1 is None else batch.b1[k, neuron])
            lifted = torch.cat([sample, sample.new_ones(1)])
            v[neuron] += torch.outer(derivative, sigma.derivative(z) * lifted)
    return v[..., :-1], v[..., -1], r.sum(0)


def assert_defined(batch, x, y, loss, **options):
    objective = Objective(x, y, loss, **options)
    losses, field = objective.loss_and_field(batch)
    tol = TOLERANCE[batch.dtype]
    torch.testing.assert_close(losses, objective.loss(batch), rtol=tol, atol=tol)
    for one, other in zip(field, objective.field(batch), strict=True):
        assert (one is None and other is None) or torch.equal(one, other)
    for k in range(batch.n):
        v, bias, b2 = naive(batch, k, x, y, loss)
        torch.testing.assert_close(field.v[k], v, rtol=tol, atol=tol)
        if batch.b1 is not None:
            torch.testing.assert_close(field.bias[k], bias, rtol=tol, atol=tol)
            torch.testing.assert_close(field.b2[k], b2, rtol=tol, atol=tol)
    assert not field.v[~batch.mask].any()
    assert field.bias is None or not field.bias[~batch.mask].any()
    for one, other in zip(field.gradient(batch), objective.gradient(batch), strict=True):
        torch.testing.assert_close(one, other, rtol=10 * tol, atol=10 * tol)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("e", [1, 3])
@pytest.mark.parametrize("activation", ACTIVATIONS, ids=str)
def test_every_activation(activation, e, bias):
    assert_defined(*problem(e=e, bias=bias, activation=activation), "mse")


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(("loss", "e"), [("mse", 2), ("bce", 1), ("bce", 2), ("ce", 2), ("ce", 4)])
def test_every_loss(loss, e, dtype):
    assert_defined(*problem(loss, e, dtype=dtype), loss)


@pytest.mark.parametrize("samples", [1, 5, 36, 37])
@pytest.mark.parametrize("units", [1, 4, 7, 100])
def test_every_tile(samples, units):
    assert_defined(*problem("ce", 3), "ce", tile_samples=samples, tile_units=units)


def test_the_norm_has_the_bias_in_it():
    batch, x, y = problem(e=3)
    field = Objective(x, y).field(batch)
    full = torch.cat([field.v, field.bias[..., None]], 3)
    torch.testing.assert_close(field.squared_norm(), torch.linalg.matrix_norm(full).square())


def test_a_network_of_nans_leaves_its_neighbours_alone():
    batch, x, y = problem(e=2)
    objective = Objective(x, y)
    before = objective.field(batch)
    batch.W1[1, 0, 0] = float("nan")
    after = objective.field(batch)
    for one, other in zip(after, before, strict=True):
        assert torch.equal(one[[0, 2, 3, 4]], other[[0, 2, 3, 4]])
    assert after.v[1].isnan().any()


def test_selecting_and_zeros():
    batch, x, y = problem(e=2)
    field = Objective(x, y).field(batch)
    assert [t.shape for t in field.select(torch.tensor([0, 3]))] == [(2, *t.shape[1:]) for t in field]
    assert [t.shape for t in Field.zeros(batch)] == [t.shape for t in field]


def test_smooth_activations_have_no_field():
    batch, x, y = problem(activation=sigmoid)
    with pytest.raises(SymmetryError):
        Objective(x, y).field(batch)
    with pytest.raises(SymmetryError):
        Objective(x, y).loss_and_field(batch)


def test_a_batch_that_does_not_fit_the_data():
    batch, x, y = problem()
    with pytest.raises(ShapeError):
        Objective(x[:, :2], y).field(batch)
