"""The kernel of speeds in tolerances against the same in torch."""

from __future__ import annotations

import pytest
import torch

from numerics.batch import Batch
from numerics.field import Field
from numerics.flow.boosting import combined
from numerics.flow.linear_step import motion
from numerics.native.compiler import why_not
from numerics.native.step_error import step_error
from quadrics.activation import relu_power

pytestmark = pytest.mark.skipif(why_not() is not None, reason="no kernels here")
RATES, RTOL, ATOL = (0.5, 3.0), 1e-2, 1e-3


def problem(bias, dtype, d=3, n=5, width=4, count=5, degree=1):
    generator = torch.Generator().manual_seed(d)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)

    def networks():
        biases = (normal(n, width), normal(n, 1)) if bias else ()
        return Batch(normal(n, width, d), normal(n, 1, width), *biases, activation=relu_power(degree))

    fields = [
        Field(normal(n, width, 1, d), *((normal(n, width, 1), normal(n, 1)) if bias else ())) for _ in range(count)
    ]
    return networks(), networks(), normal(n, count), fields


def by_torch(here, there, weights, fields, rates=RATES):
    rows = motion(combined(weights, fields).gradient(there), rates)
    size = torch.maximum(here.flatten().abs(), there.flatten().abs())
    return (rows / (ATOL + RTOL * size)).norm(dim=1) + 0 * there.flatten().sum(1)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("degree", [1, 2])
@pytest.mark.parametrize("d", [1, 2, 17])
def test_the_kernel_does_what_torch_does(d, degree, bias, dtype):
    """Both sum up k products for each field, d + 1 of them for a, and p squares; the terms' sizes bound the errors."""
    here, there, weights, fields = problem(bias, dtype, d, degree=degree)
    found = step_error(here, there, weights, fields, RATES, degree, RTOL, ATOL)
    expected = by_torch(here, there, weights, fields)
    largest = [Field(*(None if t is None else t.abs() for t in field)) for field in fields]
    sizes = by_torch(*(b.replace(*(None if t is None else t.abs() for t in (b.W1, b.W2, b.b1, b.b2)))
                       for b in (here, there)), weights.abs(), largest)  # fmt: skip
    roundings = 2 * (5 + d + 4 + here.flatten().shape[1]) * torch.finfo(dtype).eps
    assert ((found - expected).abs() <= roundings * sizes).all()
    wrong = by_torch(here, there, weights, fields, (RATES[0], RATES[1] * 1.01))
    assert not ((found - wrong).abs() <= roundings * sizes).all()


@pytest.mark.parametrize("name", ["W1", "W2", "b1", "b2"])
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_parameters_that_are_not_finite_make_nan_of_their_network_alone(name, bad):
    here, there, weights, fields = problem(True, torch.float64)
    fine = step_error(here, there, weights, fields, RATES, 1, RTOL, ATOL)
    lost = there.clone()
    getattr(lost, name)[3].view(-1)[0] = bad
    found = step_error(here, lost, weights, fields, RATES, 1, RTOL, ATOL)
    assert found.isnan().tolist() == [False, False, False, True, False]
    assert torch.equal(found[[0, 1, 2, 4]], fine[[0, 1, 2, 4]])


def test_what_is_left_to_torch():
    here, there, weights, fields = problem(True, torch.float64)
    assert step_error(here, there, weights.float(), fields, RATES, 1, RTOL, ATOL) is None
    assert step_error(here, there, weights[:, :4], fields, RATES, 1, RTOL, ATOL) is None
    assert step_error(here.select([0]), there, weights, fields, RATES, 1, RTOL, ATOL) is None
    assert step_error(here, there, weights, [Field(field.v) for field in fields], RATES, 1, RTOL, ATOL) is None
    plain = [b.replace(b.W1, b.W2) for b in (here, there)]
    assert step_error(*plain, weights, fields, RATES, 1, RTOL, ATOL) is None
    wide = Batch(torch.ones(5, 4, 3).double(), torch.ones(5, 2, 4).double())
    assert step_error(wide, wide, weights, fields, RATES, 1, RTOL, ATOL) is None
