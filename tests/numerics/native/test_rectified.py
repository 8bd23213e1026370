"""The kernel for rectifier networks against torch doing the same without it, which is tested against autograd."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import forward_ad

from numerics.batch import Batch, stack
from numerics.field import Field
from numerics.native.compiler import why_not
from numerics.objective import Objective
from quadrics.activation import Activation, absolute_value, leaky_relu, relu, relu_power
from quadrics.smooth_activation import sigmoid

pytestmark = pytest.mark.skipif(why_not() is not None, reason="no kernels here")
DTYPES = [torch.float32, torch.float64]


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


def test_networks_with_and_without_biases_on_the_same_data() -> None:
    batch, objective = problem(d=20, n=60)
    plain = batch.replace(batch.W1, batch.W2)
    for networks in (plain, batch, plain):
        expected = by_torch(objective).gradient(networks)
        for found, want in zip(objective.gradient(networks).parameters, expected.parameters, strict=True):
            torch.testing.assert_close(found, want)


def test_threads_do_not_change_a_bit() -> None:
    batch, objective = problem(widths=(3, 5, 2, 9) * 50, n=200, d=12)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        one = objective.gradient(batch)
        torch.set_num_threads(2)
        two = objective.gradient(batch)
    finally:
        torch.set_num_threads(threads)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters, two.parameters, strict=True))


def test_weights_that_are_no_block_of_memory() -> None:
    batch, objective = problem(bias=False)
    turned = batch.replace(batch.W1.transpose(1, 2).contiguous().transpose(1, 2), batch.W2)
    assert not turned.W1.is_contiguous()
    for found, expected in zip(
        objective.gradient(turned).parameters, objective.gradient(batch).parameters, strict=True
    ):
        assert torch.equal(found, expected)


SPOILT = {
    "W2 of another type": lambda b: b.replace(b.W1, b.W2.double(), b.b1, b.b2),
    "W2 of one network": lambda b: b.replace(b.W1, b.W2[:1].clone(), b.b1, b.b2),
    "W2 too narrow": lambda b: b.replace(b.W1, b.W2[:, :, :2].clone(), b.b1, b.b2),
    "whole numbers": lambda b: b.replace(b.W1, b.W2, b.b1.int(), b.b2),
    "biases of one network": lambda b: b.replace(b.W1, b.W2, b.b1[:1], b.b2[:1]),
    "more networks than widths": lambda b: b.replace(*(t.repeat(3, *[1] * (t.ndim - 1)) for t in parts(b))),
    "another device": lambda b: b.replace(b.W1, b.W2.to("meta"), b.b1, b.b2),
    "negative by a flag": lambda b: b.replace(torch._neg_view(b.W1), b.W2, b.b1, b.b2),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_parameters_that_are_left_to_torch(spoil) -> None:
    batch, objective = problem(dtype=torch.float32)
    assert by_kernel(objective, batch)
    assert not by_kernel(objective, spoil(batch))


def test_a_flag_of_negation_is_heeded() -> None:
    batch, objective = problem()
    flagged, negated = (batch.replace(w, *parts(batch)[1:]) for w in (torch._neg_view(batch.W1), -batch.W1))
    torch.testing.assert_close(objective.gradient(flagged).W1, objective.gradient(negated).W1)


def test_dual_numbers_and_wrappers_are_left_to_torch() -> None:
    batch, objective = problem()
    with forward_ad.dual_level():
        assert by_kernel(objective, batch)
        dual = forward_ad.make_dual(batch.W1, torch.ones_like(batch.W1))
        assert not by_kernel(objective, batch.replace(dual, *parts(batch)[1:]))
    seen = []

    def look(W1):
        seen.append(by_kernel(objective, batch.replace(W1, *parts(batch)[1:])))
        return W1

    torch.func.vmap(look)(torch.stack([batch.W1, batch.W1]))
    assert seen == [False]


def test_many_threads_and_many_samples_keep_the_kernel() -> None:
    batch, objective = problem(widths=(100, 90, 100), n=500, d=10)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(32)
        assert by_kernel(objective, batch)
        many = objective.gradient(batch)
        torch.set_num_threads(1)
        one = objective.gradient(batch)
    finally:
        torch.set_num_threads(threads)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters, many.parameters, strict=True))
    batch, objective = problem(widths=(1, 2), n=600_000, d=1, dtype=torch.float32)
    assert by_kernel(objective, batch)
    torch.testing.assert_close(objective.loss(batch), by_torch(objective).loss(batch))


def test_calls_are_short(monkeypatch) -> None:
    """However large the work: between calls Ctrl-C is heard."""
    batch, objective = problem(widths=(3, 5, 2, 9) * 30, n=50)
    expected = objective.gradient(batch)
    monkeypatch.setattr("numerics.native.rectified.CALL", 1.0)
    sizes = []
    kernel = objective._kernel
    call = kernel._call
    kernel._call = lambda *arguments: (sizes.append(arguments[5]), call(*arguments))
    found = objective.gradient(batch)
    assert sum(sizes) == batch.n
    assert max(sizes) < batch.n
    assert all(torch.equal(a, b) for a, b in zip(found.parameters, expected.parameters, strict=True))


@pytest.mark.parametrize(
    ("batch", "objective"),
    [
        (problem()[0], Objective(torch.ones(4, 3).double(), torch.zeros(4).double(), tile_units=5)),
        (problem()[0], Objective(torch.ones(4, 3).double(), torch.zeros(4).double(), memory=1000)),
        problem(activation=absolute_value),
        problem(activation=relu_power(2)),
        problem(activation=sigmoid),
        (Batch(torch.ones(1, 2, 3), torch.ones(1, 2, 2)), Objective(torch.ones(4, 3), torch.zeros(4, 2))),
        (
            Batch(torch.ones(1, 2, 3), torch.ones(1, 2, 2)),
            Objective(torch.ones(4, 3), torch.tensor([0, 1, 1, 0]), "ce"),
        ),
    ],
    ids=["tiles", "memory", "absolute value", "degree 2", "smooth", "two outputs", "classes"],
)
def test_what_is_left_to_torch(batch, objective) -> None:
    assert not by_kernel(objective, batch)
    assert torch.isfinite(objective.loss(batch)).all()


def test_memory_that_suffices() -> None:
    batch, objective = problem(widths=(3, 5, 2, 9) * 20, n=200)
    assert by_kernel(objective, batch)
    plan = objective._kernel._plan(batch.width, batch.d_in + 1)
    assert plan.together > 1
    need = (plan.sums + plan.layer) * 8
    for memory, is_used in ((need, True), (3 * need, True), (need - 1, False)):
        limited = Objective(objective.x, objective.targets, memory=memory)
        assert by_kernel(limited, batch) == is_used
        for found, expected in zip(
            limited.gradient(batch).parameters, objective.gradient(batch).parameters, strict=True
        ):
            torch.testing.assert_close(found, expected)
            assert torch.equal(found, expected) or not is_used
        torch.testing.assert_close(limited.loss(batch), objective.loss(batch))


def test_without_kernels(monkeypatch) -> None:
    batch, objective = problem()
    monkeypatch.setenv("QUADRICS_NATIVE", "0")
    other = Objective(objective.x, objective.targets)
    assert not by_kernel(other, batch)
    torch.testing.assert_close(other.loss(batch), objective.loss(batch))
