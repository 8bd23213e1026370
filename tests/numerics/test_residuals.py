"""Residuals and Jacobians of networks against the objective and automatic differentiation, and the polishing."""

import pytest
import torch
from scipy.optimize import least_squares
from sympy import Rational

from numerics.batch import Batch, stack
from numerics.objective import Objective
from numerics.residuals import Residuals, polish
from quadrics.activation import leaky_relu, relu_power
from quadrics.errors import ShapeError
from quadrics.smooth_activation import NAMED, sigmoid


def networks(n=3, width=4, d=2, e=1, bias=False, activation=sigmoid, seed=0):
    source = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=source, dtype=torch.float64)

    b1, b2 = (normal(n, width), normal(n, e)) if bias else (None, None)
    return Batch(normal(n, width, d), normal(n, e, width), b1, b2, activation=activation)


def data(d=2, e=1, n=11):
    source = torch.Generator().manual_seed(1)
    return (torch.randn(n, size, generator=source, dtype=torch.float64) for size in (d, e))


@pytest.mark.parametrize("activation", [*NAMED.values(), leaky_relu(Rational(1, 10)), relu_power(2)], ids=str)
@pytest.mark.parametrize("e", [1, 3])
@pytest.mark.parametrize("bias", [False, True])
def test_residuals_and_jacobian(activation, e, bias):
    batch = networks(e=e, bias=bias, activation=activation)
    x, y = data(e=e)
    problem, rows = Residuals(batch, x, y), batch.flatten()
    torch.testing.assert_close(problem(rows).square().sum(1), Objective(x, y).loss(batch))
    jacobian = problem.jacobian(rows)
    assert jacobian.shape == (3, 11 * e, rows.shape[1])
    automatic = torch.func.vmap(torch.func.jacrev(lambda row: problem(row[None])[0]))(rows)
    torch.testing.assert_close(jacobian, automatic, rtol=1e-12, atol=1e-14)
    gradient = 2 * (problem(rows)[:, None] @ jacobian)[:, 0]
    torch.testing.assert_close(gradient, Objective(x, y).gradient(batch).flatten(), rtol=1e-11, atol=1e-13)


def test_any_number_of_rows():
    batch = networks()
    x, y = data()
    problem = Residuals(batch, x, y)
    rows = batch.flatten()
    torch.testing.assert_close(problem(rows[1:2])[0], problem(rows)[1])
    assert problem(rows.repeat(5, 1)).shape == (15, 11)


@pytest.mark.parametrize("method", ["normal", "qr"])
def test_students_reach_what_scipy_reaches(method):
    teacher = networks(1, 2, seed=8)
    x = torch.randn(60, 2, generator=torch.Generator().manual_seed(2), dtype=torch.float64) * 2
    y = teacher.output(x)[0]
    start = networks(4, 3, seed=7)  # one neuron more than needed: every global minimum is degenerate
    end, found = polish(start, x, y, steps=300, method=method)
    torch.testing.assert_close(Objective(x, y).loss(end), found.loss, rtol=1e-6, atol=1e-28)
    problem = Residuals(start, x, y)
    for k, row in enumerate(start.flatten()):
        theirs = least_squares(
            lambda v: problem(torch.tensor(v)[None])[0].numpy(),
            row.numpy(),
            jac=lambda v: problem.jacobian(torch.tensor(v)[None])[0].numpy(),
            method="lm",
            xtol=1e-15,
            ftol=1e-15,
            gtol=1e-15,
        )
        assert 2 * theirs.cost < 1e-20
        assert found.loss[k] < 1e-20


def test_a_global_minimum_is_left_as_it_is():
    teacher = networks(2, 3)
    x, _ = data(n=40)
    y = teacher.output(x)[0]
    end, found = polish(teacher.select(0), x, y, steps=50)
    assert torch.equal(end.flatten(), teacher.flatten()[:1])
    assert found.loss.item() == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda x, y: Residuals(stack([networks(width=2), networks(width=3)]), x, y),
        lambda x, y: Residuals(networks(), x[:, :1], y),
        lambda x, y: Residuals(networks(), x.float(), y),
        lambda x, y: Residuals(networks(), x, y[:5]),
        lambda x, y: Residuals(networks(e=2), x, y),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(ShapeError):
        call(*data())
