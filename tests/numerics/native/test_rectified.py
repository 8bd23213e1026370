"""The kernel for rectifier networks against torch doing the same without it, which is tested against autograd."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.batch import Batch
from numerics.field import Field
from numerics.native.compiler import why_not
from numerics.objective import Objective
from quadrics.activation import Activation, leaky_relu, relu

from .rectified_problems import assert_agree, by_kernel, by_torch, problem

pytestmark = pytest.mark.skipif(why_not() is not None, reason="no kernels here")
DTYPES = [torch.float32, torch.float64]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("loss", ["mse", "bce"])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(
    "activation",
    [relu, leaky_relu(0.1), Activation(1.5, 0.25), Activation(1, 1)],
    ids=["relu", "leaky", "two", "linear"],
)
def test_against_torch(activation, bias, loss, dtype) -> None:
    assert_agree(*problem(bias=bias, activation=activation, loss=loss, dtype=dtype))


@pytest.mark.parametrize("n", [*range(1, 35), 63, 64, 65, 127, 128, 129, 191, 255, 256, 257, 300, 513, 1000])
def test_every_remainder_of_the_samples(n) -> None:
    for d in (2, 20):  # with samples in columns, and in rows
        assert_agree(*problem(n=n, d=d, dtype=torch.float32))


@pytest.mark.parametrize("d", [*range(1, 40), 63, 64, 65, 200])
def test_every_remainder_of_the_inputs(d) -> None:
    for dtype in DTYPES:
        assert_agree(*problem(d=d, dtype=dtype, bias=d % 2 == 0))


@pytest.mark.parametrize("width", [*range(1, 20), 64, 65, 500])
def test_every_remainder_of_the_neurons(width) -> None:
    assert_agree(*problem(widths=(1, 2, width), d=9, loss="bce"))


@settings(max_examples=30, deadline=None)
@given(
    widths=st.lists(st.integers(1, 12), min_size=3, max_size=40),
    n=st.integers(1, 300),
    d=st.integers(1, 40),
    bias=st.booleans(),
    loss=st.sampled_from(["mse", "bce"]),
)
def test_any_sizes(widths, n, d, bias, loss) -> None:
    assert_agree(*problem(tuple(widths), n, d, bias, torch.float64, relu, loss))


@pytest.mark.parametrize("what", ["scaled", "forgetful", "zero", "not b2"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("d", [2, 20])
@pytest.mark.parametrize("n", [1, 17, 300, 1000])
def test_a_wrong_gradient_is_seen(what, dtype, d, n, monkeypatch) -> None:
    """Even one that forgets the last of the samples."""
    batch, objective = problem(d=d, n=n, dtype=dtype)
    assert_agree(batch, objective)
    kernel = objective._kernel
    run = kernel.run
    # A sum of N terms may err by so much that in single precision a part of 1e-3 is what is seen for sure.
    factor = 1 + (1e-2 if dtype == torch.float32 else 1e-6)
    if what == "forgetful":
        kernel.columns[:, n - 1] = 0
        for rows in kernel._rows.values():
            rows[n - 1] = 0

    def mutant(batch, loss, slopes):
        done = run(batch, loss, slopes)
        if slopes is not None and what in ("scaled", "zero"):
            (slopes.v if isinstance(slopes, Field) else slopes.W1).mul_(factor if what == "scaled" else 0)
        if slopes is not None and what == "not b2":
            slopes.b2.mul_(factor)
        return done

    monkeypatch.setattr(kernel, "run", mutant)
    with pytest.raises(AssertionError):
        assert_agree(batch, objective)


def test_sums_of_many_samples_are_accurate_in_single_precision() -> None:
    """Blocks are summed up by themselves: N/128 + 128/lanes additions follow each other, and not N."""
    n = 200_000
    batch = Batch(torch.ones(1, 1, 1), torch.zeros(1, 1, 1), torch.ones(1, 1), torch.full((1, 1), 0.15))
    objective = Objective(torch.ones(n, 1), torch.zeros(n))
    gradient = objective.gradient(batch)
    roundings = (n / 128 + 128 + 8) * torch.finfo(torch.float32).eps
    assert abs(float(gradient.b2) - 0.3) <= 0.3 * roundings < 1e-3
    assert abs(float(gradient.W2) - 0.6) <= 0.6 * roundings


def test_the_derivative_at_a_kink_is_the_left_one() -> None:
    batch = Batch(torch.zeros(1, 1, 2), torch.ones(1, 1, 1))
    objective = Objective(torch.ones(5, 2), torch.ones(5))
    assert by_kernel(objective, batch)
    assert not objective.gradient(batch).W1.any()
    leaky = Batch(torch.zeros(1, 1, 2), torch.ones(1, 1, 1), activation=leaky_relu(0.25))
    assert objective.gradient(leaky).W1.tolist() == [[[-0.5, -0.5]]]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("where", ["W1", "W2", "b1", "b2"])
@pytest.mark.parametrize("loss", ["mse", "bce"])
def test_a_network_that_is_lost_harms_no_other(bad, where, loss) -> None:
    batch, objective = problem(loss=loss)
    loss_before, before = objective.loss_and_gradient(batch)
    spoilt = batch.clone()
    getattr(spoilt, where)[2].view(-1)[0] = bad
    loss, after = objective.loss_and_gradient(spoilt)
    plain_loss, plain = by_torch(objective).loss_and_gradient(spoilt)
    others = [0, 1, 3, 4]
    assert torch.equal(loss[others], loss_before[others])
    for was, now in zip(before.parameters, after.parameters, strict=True):
        assert torch.equal(was[others], now[others])
    finite = [bool(torch.isfinite(values).all()) for values in (loss, *after.parameters)]
    plain_finite = [bool(torch.isfinite(values).all()) for values in (plain_loss, *plain.parameters)]
    assert finite[0] == plain_finite[0]
    assert all(finite) == all(plain_finite)
