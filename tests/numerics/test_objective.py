"""Losses and hand-written gradients against a loop of modules with autograd."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch
from sympy import Rational, cos
from torch import nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from numerics import tiling
from numerics.batch import Batch, stack
from numerics.objective import Objective
from numerics.tiling import network_blocks, order_by_width, tile_samples, tile_units
from quadrics.activation import Activation, absolute_value, leaky_relu, linear, relu, relu_power
from quadrics.errors import DeviceError, DimensionError, NonFiniteError, OutOfMemoryError, ShapeError
from quadrics.smooth_activation import NAMED, SmoothActivation, Z, sigmoid, soft_sigmoid

ACTIVATIONS = [
    *NAMED.values(),
    SmoothActivation("cosine", cos(Z)),
    relu,
    leaky_relu(Rational(1, 10)),
    Activation(Rational(3, 2), Rational(1, 4)),
    Activation(0, 2),
    Activation(-1, Rational(1, 10)),
    absolute_value,
    linear,
    relu_power(2),
    Activation(1, Rational(1, 2), 3),
]
TOLERANCE = {torch.float64: 1e-12, torch.float32: 3e-5}


def problem(loss="mse", e=1, bias=True, activation=relu, dtype=torch.float64, widths=(1, 4, 2, 3, 3), n=37, d=3):
    torch.manual_seed(len(widths) + e)

    def one(width):
        b1, b2 = (torch.randn(1, width, dtype=dtype), torch.randn(1, e, dtype=dtype)) if bias else (None, None)
        W1, W2 = torch.randn(1, width, d, dtype=dtype), torch.randn(1, e, width, dtype=dtype)
        return Batch(W1, W2, b1, b2, activation=activation)

    x = torch.randn(n, d, dtype=dtype)
    if loss == "ce":
        y = torch.arange(n) % e
    elif loss == "bce":
        y = torch.rand(n, e, dtype=dtype)
    else:
        y = torch.randn(n, e, dtype=dtype)
    return stack(one(width) for width in widths), x, y


def naive_loss(module: nn.Module, x, y, loss):
    f = module(x)
    if loss == "mse":
        return (f - y.view_as(f)).square().sum(1).mean()
    if loss == "bce":
        return functional.binary_cross_entropy_with_logits(f, y.view_as(f)) * f.shape[1]
    return functional.cross_entropy(f, y)


def assert_matches_naive(batch, x, y, loss, **options):
    objective = Objective(x, y, loss, **options)
    losses, gradient = objective.loss_and_gradient(batch)
    tol = TOLERANCE[batch.dtype]
    torch.testing.assert_close(objective.loss(batch), losses, rtol=tol, atol=tol)
    for k, module in enumerate(batch.to_modules()):
        expected = naive_loss(module, x, y, loss)
        expected.backward()
        torch.testing.assert_close(losses[k], expected.detach(), rtol=tol, atol=tol)
        keep = batch.mask[k]
        pairs = [(gradient.W1[k][keep], module[0].weight), (gradient.W2[k][:, keep], module[2].weight)]
        if batch.b1 is not None:
            pairs += [(gradient.b1[k][keep], module[0].bias), (gradient.b2[k], module[2].bias)]
        for got, parameter in pairs:
            torch.testing.assert_close(got, parameter.grad, rtol=tol, atol=tol)
        assert not gradient.W1[k][~keep].any()
        assert not gradient.W2[k][:, ~keep].any()


@pytest.fixture(params=["", "0"], ids=["with kernels", "without"])
def kernels(request, monkeypatch):
    """With the compiled kernels, where there are any, and without."""
    monkeypatch.setenv("QUADRICS_NATIVE", request.param)


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("e", [1, 3])
@pytest.mark.parametrize("activation", ACTIVATIONS, ids=str)
def test_every_activation(activation, e, bias):
    batch, x, y = problem(e=e, bias=bias, activation=activation, n=70)
    assert_matches_naive(batch, x, y, "mse")


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize(("loss", "e"), [("mse", 1), ("mse", 2), ("bce", 1), ("bce", 2), ("ce", 2), ("ce", 4)])
@pytest.mark.parametrize("activation", [relu, soft_sigmoid()], ids=["relu", "smooth"])
def test_every_loss(loss, e, dtype, activation):
    batch, x, y = problem(loss, e, dtype=dtype, activation=activation, n=81)
    assert_matches_naive(batch, x, y, loss)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("units", range(1, 14))
@pytest.mark.parametrize("activation", [relu, sigmoid], ids=["relu", "smooth"])
def test_every_remainder_of_the_unit_tiles(units, dtype, activation):
    batch, x, y = problem("bce", dtype=dtype, widths=(3,) * 4 + (1,), activation=activation)
    assert_matches_naive(batch, x, y, "bce", tile_units=units)


@pytest.mark.parametrize("samples", range(1, 39))
@pytest.mark.parametrize(
    ("loss", "e", "bias"), [("mse", 1, False), ("bce", 1, True), ("mse", 2, True), ("ce", 3, False)]
)
@pytest.mark.parametrize("activation", [relu, soft_sigmoid()], ids=["relu", "smooth"])
def test_every_remainder_of_the_sample_tiles(samples, loss, e, bias, activation):
    batch, x, y = problem(loss, e, bias, activation, n=37)
    assert_matches_naive(batch, x, y, loss, tile_samples=samples, tile_units=5)


@pytest.mark.parametrize("samples", [63, 64, 65, 79, 80, 81, 145, 146, 1000])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("activation", [relu, soft_sigmoid()], ids=["relu", "smooth"])
def test_remainders_of_padded_tiles(samples, dtype, activation):
    batch, x, y = problem("bce", 1, dtype=dtype, activation=activation, n=146)
    assert_matches_naive(batch, x, y, "bce", tile_samples=samples, tile_units=5)


@pytest.mark.parametrize("n", range(1, 19))
@pytest.mark.parametrize("units", [1, 6, 7, 8, 100])
def test_every_remainder_of_the_networks(n, units):
    batch, x, y = problem("ce", 2, widths=(3,) * n)
    assert_matches_naive(batch, x, y, "ce", tile_units=units)


@pytest.mark.parametrize("n", [1, 63, 64, 65, 80, 81, 1024, 1025, 2049])
@pytest.mark.parametrize("activation", [relu, sigmoid], ids=["relu", "smooth"])
def test_padding_of_the_data_changes_nothing(n, activation):
    batch, x, y = problem("ce", 3, n=n, d=20, activation=activation)
    assert_matches_naive(batch, x, y, "ce", classes=3)


def test_blocks_cover_the_batch_once():
    for units in range(1, 30):
        extents = (1, 9, 2, 2, 4, 1, 1, 7)
        blocks = network_blocks(extents, units)
        assert [k for start, stop, _ in blocks for k in range(start, stop)] == list(range(8))
        for start, stop, width in blocks:
            assert width == max(extents[start:stop])
            assert stop == start + 1 or (stop - start) * width <= units


@pytest.mark.parametrize("widths", [(9, 1, 1, 9, 1, 9, 2, 1) * 3, (1, 5) * 12, (2, 8, 4) * 7])
@pytest.mark.parametrize(("loss", "e"), [("mse", 1), ("bce", 2), ("ce", 3)])
def test_widths_in_any_order(widths, loss, e):
    batch, x, y = problem(loss, e, widths=widths)
    assert order_by_width(batch.extents, 200, e, batch.device) is not None
    assert_matches_naive(batch, x, y, loss, tile_units=200)
    in_order = stack(batch.select(k) for k in sorted(range(len(widths)), key=widths.__getitem__))
    assert order_by_width(in_order.extents, 200, e, batch.device) is None


class LargestIntermediate(TorchDispatchMode):
    """Measures every tensor that an operation makes."""

    bytes = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, (tuple, list)) else [result]:
            if isinstance(tensor, torch.Tensor):
                self.bytes = max(self.bytes, tensor.untyped_storage().nbytes())
        return result


@pytest.mark.parametrize("memory", [4_000, 10_000, 30_000, 100_000, 1_000_000])
@pytest.mark.parametrize(("loss", "e"), [("mse", 1), ("ce", 7)])
@pytest.mark.parametrize("activation", [relu, sigmoid], ids=["relu", "smooth"])
def test_intermediates_stay_within_the_memory(memory, loss, e, activation):
    """Beside the parameters and their gradients, which are there anyway, and the data, which are cut up once."""
    batch, x, y = problem(loss, e, widths=(2, 40) * 8 + (1,) * 3, n=300, activation=activation)
    objective = Objective(x, y, loss, memory=memory)
    objective.loss(batch)
    given = max(t.numel() * t.element_size() for t in batch.parameters)
    with LargestIntermediate() as seen:
        objective.loss_and_gradient(batch)
    assert seen.bytes <= max(memory, given)
    with LargestIntermediate() as unlimited:
        Objective(x, y, loss, tile_samples=300).loss_and_gradient(batch)
    assert unlimited.bytes > 100_000, "without a limit more is taken, or this test would see nothing"
    assert_matches_naive(batch, x, y, loss, memory=memory)


def test_too_little_memory_for_the_widest_network():
    batch, x, y = problem(widths=(1, 30))
    least = 30 * 4 * 8
    Objective(x, y, memory=least).loss(batch)
    with pytest.raises(DimensionError, match=f"at least {least}"):
        Objective(x, y, memory=least - 1).loss(batch)


def test_subset_and_to_keep_the_options():
    _, x, y = problem()
    objective = Objective(x, y, memory=5000, tile_units=7, tile_samples=9)
    for other in (objective.subset(torch.arange(4)), objective.to(dtype=torch.float32)):
        assert (other.memory, other.tile_units, other.tile_samples) == (5000, 7, 9)


def test_normalisation_as_stated():
    batch = Batch(torch.ones(1, 1, 1), torch.tensor([[[1.0], [2.0]]]))
    x, y = torch.tensor([[1.0], [3.0]]), torch.zeros(2, 2)
    assert Objective(x, y).loss(batch).item() == ((1 + 4) + (9 + 36)) / 2


def test_euler_identity_of_the_gradients():
    """``<w, grad w> + b grad b = degree <a, grad a>``: what conservation rests on (eq. 9)."""
    for e in (1, 2):
        for activation in (relu, absolute_value, relu_power(3)):
            batch, x, y = problem(e=e, activation=activation)
            g = Objective(x, y).gradient(batch)
            left = (batch.W1 * g.W1).sum(2) + batch.b1 * g.b1
            right = (batch.W2 * g.W2).sum(1) * float(activation.degree)
            torch.testing.assert_close(left, right, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("activation", [relu, sigmoid], ids=["relu", "smooth"])
def test_dead_network_does_not_poison_its_neighbours(activation):
    batch, x, y = problem("bce", widths=(3, 3, 3), activation=activation)
    objective = Objective(x, y, "bce")
    loss, gradient = objective.loss_and_gradient(batch)
    broken = batch.clone()
    broken.W1[1] = float("nan")
    with_nan, gradient_with_nan = objective.loss_and_gradient(broken)
    assert with_nan[1].isnan()
    for k in (0, 2):
        assert torch.equal(with_nan[k], loss[k])
        assert torch.equal(gradient_with_nan.W1[k], gradient.W1[k])
        assert torch.equal(gradient_with_nan.W2[k], gradient.W2[k])


def test_wide_network_in_small_tiles():
    batch, x, y = problem(widths=(1200,), n=200)
    assert_matches_naive(batch, x, y, "mse", tile_units=100, tile_samples=30)


def test_tiles_respect_their_budgets():
    like = torch.empty(0, dtype=torch.float64)
    for n in (1, 15, 16, 1000, 1024, 1025, 8000):
        for width in (1, 10, 10_000, 10**6):
            samples = tile_samples(n, width, like)
            assert 1 <= samples <= min(n, 1024)
            assert samples <= 64 or samples * width * 8 <= tiling.CACHE_BYTES
            assert tile_samples(n, width, like, 10**7) * width * 8 <= 10**7 or width > 10**6
            assert tile_units(samples, like) >= 1


@pytest.mark.parametrize("fitting", [1, 100, 5000])
def test_networks_too_wide_for_one_tile(fitting, monkeypatch):
    monkeypatch.setattr(tiling, "CACHE_BYTES", fitting * 8)
    monkeypatch.setattr(tiling, "FEWEST_SAMPLES", 16)
    batch, x, y = problem("bce", widths=(50, 20), n=90)
    assert_matches_naive(batch, x, y, "bce")


def test_subset_is_the_objective_of_those_samples():
    batch, x, y = problem("ce", 4)
    index = torch.tensor([3, 3, 10, 30])
    part = Objective(x, y, "ce").subset(index)
    assert part.n_samples == 4
    torch.testing.assert_close(part.loss(batch), Objective(x[index], y[index], "ce", classes=4).loss(batch))


def test_to_changes_type():
    batch, x, y = problem()
    single = Objective(x, y).to(dtype=torch.float32)
    got = single.loss(batch.to(dtype=torch.float32)).double()
    torch.testing.assert_close(got, Objective(x, y).loss(batch), rtol=1e-5, atol=1e-5)
    with pytest.raises(DeviceError):
        single.to("cuda:99")


def test_squared_norm_and_flatten():
    batch, x, y = problem()
    gradient = Objective(x, y).gradient(batch)
    torch.testing.assert_close(gradient.flatten().square().sum(1), gradient.squared_norm())
    assert gradient.flatten().shape == batch.flatten().shape


X, Y = torch.ones(4, 2), torch.ones(4)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: Objective(X[:, 0], Y), ShapeError),
        (lambda: Objective(X.long(), Y), ShapeError),
        (lambda: Objective(X[:0], Y[:0]), ShapeError),
        (lambda: Objective(X, Y[:3]), ShapeError),
        (lambda: Objective(X, torch.ones(4, 1, 1)), ShapeError),
        (lambda: Objective(X * float("nan"), Y), NonFiniteError),
        (lambda: Objective(X, Y * float("inf")), NonFiniteError),
        (lambda: Objective(X, Y * 2, "bce"), NonFiniteError),
        (lambda: Objective(X, Y, "ce"), ShapeError),
        (lambda: Objective(X, Y.long() * -1, "ce"), NonFiniteError),
        (lambda: Objective(X, Y.long(), "ce", classes=1), NonFiniteError),
        (lambda: Objective(X, Y, "hinge"), ShapeError),
        (lambda: Objective(X, Y, tile_units=0), DimensionError),
        (lambda: Objective(X, Y, memory=0), DimensionError),
        (lambda: Objective(X, Y).loss(Batch(torch.ones(1, 1, 3), torch.ones(1, 1, 1))), ShapeError),
        (lambda: Objective(X, Y).loss(Batch(torch.ones(1, 1, 2), torch.ones(1, 2, 1))), ShapeError),
        (lambda: Objective(X.double(), Y).loss(Batch(torch.ones(1, 1, 2), torch.ones(1, 1, 1))), ShapeError),
    ],
)
def test_bad_input_is_refused(call, error):
    with pytest.raises(error):
        call()


@pytest.mark.parametrize("activation", [relu, leaky_relu(Rational(1, 10)), sigmoid, relu_power(2)], ids=str)
@pytest.mark.parametrize(("loss", "e", "bias"), [("bce", 1, False), ("ce", 3, True)])
@pytest.mark.parametrize("units", [6, 1000])
def test_every_entry_is_written(loss, e, bias, units, activation):
    """Memory that comes uninitialized is filled with NaN, so that what nobody writes is seen."""
    torch.use_deterministic_algorithms(True)
    try:
        assert torch.empty(1).isnan()
        batch, x, y = problem(loss, e, bias, activation, widths=(1, 4, 4, 2, 3, 1))
        assert_matches_naive(batch, x, y, loss, tile_units=units, tile_samples=10)
        for part in Objective(x, y, loss, tile_units=units).gradient(batch).parameters:
            assert not part.isnan().any()
    finally:
        torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize("method", ["gradient", "loss_and_gradient", "field", "loss"])
def test_out_of_memory(method):
    batch, x, y = problem(bias=False)
    wide = batch.replace(batch.W1[:1].expand(2**45, -1, -1), batch.W2[:1].expand(2**45, -1, -1))
    with pytest.raises(OutOfMemoryError, match=r"35184372088832 networks of width 4 on 37 samples: got out of memory"):
        getattr(Objective(x, y), method)(wide)


def test_other_errors_keep_their_names(monkeypatch):
    batch, x, y = problem(e=2)
    monkeypatch.setattr("numerics.blockwise.Blockwise.run", lambda *args: torch.ones(2) @ torch.ones(3))
    with pytest.raises(RuntimeError, match="size"):
        Objective(x, y).gradient(batch)


def test_an_objective_that_was_used_can_be_sent_and_copied():
    batch, x, y = problem()
    objective = Objective(x, y)
    expected = objective.loss(batch)
    for other in (pickle.loads(pickle.dumps(objective)), copy.deepcopy(objective)):
        assert torch.equal(other.loss(batch), expected)
