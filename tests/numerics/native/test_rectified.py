"""The kernel for rectifier networks against torch doing the same without it, which is tested against autograd."""

from __future__ import annotations

import shutil

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.batch import Batch, stack
from numerics.field import Field
from numerics.native.rectified import RectifiedKernel
from numerics.objective import Objective
from quadrics.activation import Activation, absolute_value, leaky_relu, relu, relu_power
from quadrics.smooth_activation import sigmoid

pytestmark = pytest.mark.skipif(shutil.which("c++") is None, reason="no C++ compiler")
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
    return objective._kernel is not None and objective._kernel.suits(batch)


def assert_agree(batch, objective):
    """Both sum up N terms, and before that d + 1 and l of them: each errs by at most so many roundings of their size.

    The size of a term of the gradient is bounded by the product of the largest factors.
    """
    assert by_kernel(objective, batch)
    plain = by_torch(objective)
    assert not by_kernel(plain, batch)
    eps = torch.finfo(batch.dtype).eps
    roundings = (objective.n_samples + batch.d_in + batch.width + 8) * eps
    weights = max(float(t.abs().max()) for t in batch.parameters)
    inputs = max(1.0, float(objective.x.abs().max())) * (batch.d_in + 1)
    output = weights + weights**2 * inputs * batch.width
    residual = 2 * (output + float(objective.targets.abs().max()))
    loss, gradient = objective.loss_and_gradient(batch)
    plain_loss, plain_gradient = plain.loss_and_gradient(batch)
    assert (loss - plain_loss).abs().max() <= roundings * residual**2
    for found, expected in zip(gradient.parameters, plain_gradient.parameters, strict=True):
        assert (found - expected).abs().max() <= roundings * residual * max(weights, 1) * inputs
    for found, expected in zip(objective.field(batch), plain.field(batch), strict=True):
        if found is not None:
            assert (found - expected).abs().max() <= roundings * residual * inputs
    padding = ~batch.mask
    assert not gradient.W1[padding].any()
    assert not gradient.W2[:, 0][padding].any()
    # What the other networks are does not change a bit of a network's own.
    alone = objective.gradient(batch.select([2]))
    for found, expected in zip(alone.parameters, gradient.parameters, strict=True):
        assert torch.equal(found[0], expected[2])
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


def test_a_wrong_gradient_is_seen() -> None:
    batch, objective = problem()
    run = RectifiedKernel.run

    def mutant(self, batch, loss, slopes):
        run(self, batch, loss, slopes)
        if slopes is not None:
            (slopes.v if isinstance(slopes, Field) else slopes.W1).mul_(1 + 1e-6)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RectifiedKernel, "run", mutant)
        with pytest.raises(AssertionError):
            assert_agree(batch, objective)


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
    plan = objective._kernel._plan(batch)
    assert plan.together > 1
    need = (plan.workspace * 8) // torch.get_num_threads()
    per_network = batch.width * plan.row * 8
    need = torch.get_num_threads() * (need - (plan.together - 1) * per_network)
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
