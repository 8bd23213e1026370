"""Rounding bounds of deep networks: they hold against high precision, and notice real differences."""

import mpmath
import pytest
import torch

from numerics.expansion_sampling import random_core
from numerics.network_rounding import EPS, Majorant, flatten, hessian, loss_of, outputs, unflatten
from quadrics.smooth_activation import sigmoid, softplus, tanh

MP = {
    "tanh": mpmath.tanh,
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
}


def network(seed, sizes=(2, 3, 4, 2)):
    source = torch.Generator().manual_seed(seed)
    weights = [W[0] for W in random_core(sizes, 1, source)]
    x = torch.randn(5, sizes[0], generator=source, dtype=torch.float64)
    y = torch.randn(5, sizes[-1], generator=source, dtype=torch.float64)
    return weights, x, y


def exact(weights, x, name):
    """40 digits."""
    with mpmath.workdps(40):
        value = mpmath.matrix(x.T.tolist())
        for layer, W in enumerate(weights, start=1):
            value = mpmath.matrix(W.tolist()) * value
            if layer < len(weights):
                value = value.apply(MP[name])
        return value.T.tolist()


def exact_gradient(weights, x, y, name):
    """60 digits, by central differences."""
    with mpmath.workdps(60):
        theta = [mpmath.mpf(float(v)) for v in flatten(weights)]
        target, points = y.tolist(), x.tolist()
        shapes = [tuple(W.shape) for W in weights]

        def loss(values):
            total, start, matrices = mpmath.mpf(0), 0, []
            for rows, cols in shapes:
                matrices.append([values[start + i * cols : start + (i + 1) * cols] for i in range(rows)])
                start += rows * cols
            for point, wanted in zip(points, target, strict=True):
                h = point
                for layer, W in enumerate(matrices, start=1):
                    h = [mpmath.fdot(row, h) for row in W]
                    h = [MP[name](v) for v in h] if layer < len(matrices) else h
                total += mpmath.fsum((a - b) ** 2 for a, b in zip(h, wanted, strict=True)) / 2
            return total

        step, found = mpmath.mpf(10) ** -15, []
        for i in range(len(theta)):
            up, down = list(theta), list(theta)
            up[i] += step
            down[i] -= step
            found.append(float((loss(up) - loss(down)) / (2 * step)))  # off by 1e-30 times the third derivative
        return found


@pytest.mark.parametrize("sigma", [tanh, sigmoid, softplus])
@pytest.mark.parametrize("seed", [0, 1])
def test_outputs_are_within_the_bound_of_high_precision(sigma, seed):
    weights, x, _ = network(seed)
    found = outputs(weights, x, sigma)
    rows = [[float(v) for v in row] for row in exact(weights, x, sigma.name)]
    wanted = torch.tensor(rows, dtype=torch.float64)
    error = Majorant(weights, x, sigma).output_error()
    assert bool(((found - wanted).abs() <= error + EPS * found.abs()).all())
    assert float(error.max()) < 1e-9  # and the bound says something


def test_the_derivative_along_the_weights():
    """Written out in the majorant, against torch's forward mode."""
    weights, x, _ = network(3)
    majorant = Majorant(weights, x, softplus)
    for theta in (majorant.absolute, 1.1 * majorant.absolute):
        wanted = torch.func.jvp(majorant.output, (theta,), (majorant.absolute,))[1]
        torch.testing.assert_close(majorant.moved(theta), wanted, rtol=1e-12, atol=0)


@pytest.mark.parametrize("sigma", [tanh, softplus])
def test_gradients_are_within_the_bound_of_high_precision(sigma):
    weights, x, y = network(4, (2, 2, 2, 1))
    g = torch.func.grad(loss_of(weights, x, y, sigma))(flatten(weights))
    wanted = torch.tensor(exact_gradient(weights, x, y, sigma.name), dtype=torch.float64)
    error = Majorant(weights, x, sigma).gradient_error(y)
    assert bool(((g - wanted).abs() <= error).all())
    assert float((error / g.abs().max()).max()) < 1e-6


def test_derivatives_of_the_majorant_bound_those_of_the_network():
    weights, x, y = network(5)
    theta, loss = flatten(weights), loss_of(weights, x, y, tanh)
    majorant = Majorant(weights, x, tanh)
    scale = 2 * majorant.roundings * EPS
    assert bool((torch.func.grad(loss)(theta).abs() <= majorant.gradient_error(y) / scale * 2).all())
    assert bool((hessian(loss)(theta).abs() <= majorant.hessian_error(y) / scale * 2).all())


def test_a_relative_change_of_1e_6_is_noticed():
    weights, x, _ = network(6)
    moved = [*weights[:-1], weights[-1] * (1 + 1e-6)]
    gap = (outputs(weights, x, tanh) - outputs(moved, x, tanh)).abs()
    assert float((gap / Majorant(weights, x, tanh).output_error()).max()) > 1


def test_flatten_and_back():
    weights, _, _ = network(7)
    assert all(torch.equal(a, b) for a, b in zip(unflatten(flatten(weights), weights), weights, strict=True))
