"""Batches: construction, padding, selection, and the ways in and out."""

from __future__ import annotations

import pytest
import torch
from sympy import Rational, Symbol
from torch import nn

from numerics.batch import Batch, stack
from numerics.device import pick_device
from quadrics.activation import Activation, absolute_value, leaky_relu, linear, relu, relu_power
from quadrics.errors import CheckpointError, DeviceError, DimensionError, NonFiniteError, ShapeError
from quadrics.network import Parameters, TwoLayer


def random_batch(widths=(1, 3, 2), d=4, e=2, bias=True, activation=relu, seed=0, dtype=torch.float64):
    torch.manual_seed(seed)

    def one(width):
        b1, b2 = (torch.randn(1, width, dtype=dtype), torch.randn(1, e, dtype=dtype)) if bias else (None, None)
        W1, W2 = torch.randn(1, width, d, dtype=dtype), torch.randn(1, e, width, dtype=dtype)
        return Batch(W1, W2, b1, b2, activation=activation)

    return stack(one(width) for width in widths)


def same(left, right):
    assert (left.b1 is None, left.b2 is None) == (right.b1 is None, right.b2 is None)
    pairs = zip(left.parameters, right.parameters, strict=True)
    return all(torch.equal(a, b) for a, b in pairs) and torch.equal(left.mask, right.mask)


def test_sizes_and_padding():
    batch = random_batch()
    assert (batch.n, batch.width, batch.d_in, batch.d_out) == (3, 3, 4, 2)
    assert batch.widths.tolist() == [1, 3, 2]
    assert batch.extents == (1, 3, 2)
    assert not batch.W1[~batch.mask].any()
    assert not batch.W2.transpose(1, 2)[~batch.mask].any()
    assert not batch.imbalance()[~batch.mask].any()


@pytest.mark.parametrize("activation", [relu, leaky_relu(Rational(1, 10)), absolute_value, linear, relu_power(2)])
@pytest.mark.parametrize("bias", [False, True])
def test_output_is_that_of_the_exact_network(activation, bias):
    batch = random_batch(bias=bias, activation=activation)
    x = torch.randn(2, 4, dtype=torch.float64)
    for k, theta in enumerate(batch.to_parameters()):
        network = TwoLayer(4, theta.width, 2, activation, bias=bias)
        exact = network.output([[Rational(v) for v in column] for column in x.t().tolist()], theta)
        expected = torch.tensor([[float(v) for v in exact.row(i)] for i in range(2)], dtype=torch.float64)
        torch.testing.assert_close(batch.output(x)[k], expected.t(), rtol=1e-13, atol=1e-13)


def test_imbalance_is_that_of_the_definition():
    batch = random_batch(activation=relu_power(3))
    for k, theta in enumerate(batch.to_parameters()):
        exact = [neuron.input_square - 3 * neuron.output_square for neuron in theta.neurons()]
        expected = torch.tensor([float(v) for v in exact], dtype=torch.float64)
        torch.testing.assert_close(batch.imbalance()[k, : theta.width], expected, rtol=1e-14, atol=1e-14)


def test_signs():
    batch = Batch(torch.ones(1, 3, 2), torch.tensor([[[-2.0, 0.0, 5.0]]]))
    assert batch.signs().tolist() == [[-1, 0, 1]]
    with pytest.raises(ShapeError, match="a vector has no sign"):
        random_batch(e=2).signs()


@pytest.mark.parametrize(
    "activation", [relu, leaky_relu(Rational(1, 100)), linear, absolute_value, Activation(2, Rational(1, 3))]
)
@pytest.mark.parametrize("bias", [False, True])
def test_modules_there_and_back(activation, bias):
    batch = random_batch(bias=bias, activation=activation)
    modules = batch.to_modules()
    assert [m[0].out_features for m in modules] == [1, 3, 2]
    x = torch.randn(5, 4, dtype=torch.float64)
    for k, module in enumerate(modules):
        torch.testing.assert_close(module(x), batch.output(x)[k], rtol=1e-13, atol=1e-13)
    back = Batch.from_modules(modules)
    assert same(batch, back)
    torch.testing.assert_close(back.output(x), batch.output(x))


def test_state_dict_there_and_back():
    batch = random_batch()
    for k in range(batch.n):
        state = batch.state_dict(k)
        assert set(state) == {"0.weight", "0.bias", "2.weight", "2.bias"}
        batch.to_modules()[k].load_state_dict(state)
        assert torch.equal(Batch.from_state_dict(state).W1[0], batch.W1[k][batch.mask[k]])
    renamed = {"hidden.weight": state["0.weight"], "out.weight": state["2.weight"]}
    assert Batch.from_state_dict(renamed).b1 is None


def test_exact_parameters_there_and_back():
    batch = random_batch()
    assert same(Batch.from_parameters(batch.to_parameters()), batch)
    third = Batch.from_parameters([Parameters([[Rational(1, 3)]], [[1]])], dtype=torch.float32)
    assert third.W1.dtype == torch.float32
    with pytest.raises(NonFiniteError, match="substitute the symbols"):
        Batch.from_parameters([Parameters([[Symbol("w", real=True)]], [[1]])])


def test_stack_select_clone():
    batch = random_batch()
    assert same(stack([batch.select([k]) for k in range(3)]), batch)
    assert same(stack([batch.select(slice(0, 1)), batch.select(slice(1, 3))]), batch)
    copy = batch.clone()
    copy.W1.zero_()
    assert batch.W1.any()
    picked = batch.select(torch.tensor([True, False, True]))
    picked.W2.zero_()
    assert batch.W2[0].any()
    assert picked.widths.tolist() == [1, 2]


def test_flatten_there_and_back():
    batch = random_batch()
    rows = batch.flatten()
    assert rows.shape == (3, 3 * 4 + 2 * 3 + 3 + 2)
    assert same(batch.unflatten(rows), batch)


def test_to_changes_type_and_place():
    single = random_batch().to(dtype=torch.float32)
    assert {t.dtype for t in single.parameters} == {torch.float32}
    with pytest.raises(DeviceError):
        random_batch().to("cuda:99")


ONES = {"W1": torch.ones(2, 3, 4), "W2": torch.ones(2, 1, 3)}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"W1": torch.ones(3, 4)}, ShapeError, "W1: got shape (3, 4); expected (n, l, d)"),
        ({"W2": torch.ones(2, 3, 1)}, ShapeError, "W2: got shape (2, 3, 1); expected (2, e, 3)"),
        ({"W2": torch.ones(2, 0, 3)}, ShapeError, "W2: got shape (2, 0, 3)"),
        ({"b1": torch.ones(2)}, ShapeError, "b1: got shape (2,); expected (2, 3)"),
        ({"b2": torch.ones(2, 3)}, ShapeError, "b2: got shape (2, 3); expected (2, 1)"),
        ({"mask": torch.ones(2, 3)}, ShapeError, "mask: got dtype torch.float32"),
        ({"mask": torch.tensor([[True, True, False]] * 2)}, ShapeError, "padding: got neurons"),
        ({"mask": torch.tensor([[True] * 3, [False] * 3])}, DimensionError, "at least 1 in each"),
        ({"W2": torch.ones(2, 1, 3, dtype=torch.float64)}, ShapeError, "one floating-point type"),
        ({"W1": torch.ones(2, 3, 4).long(), "W2": torch.ones(2, 1, 3).long()}, ShapeError, "floating-point"),
        ({"W1": torch.full((2, 3, 4), float("nan"))}, NonFiniteError, "2 of 2 networks (at [0, 1])"),
        ({"b2": torch.tensor([[0.0], [float("inf")]])}, NonFiniteError, "b2: got NaN or infinity in 1 of 2"),
        ({"W1": torch.ones(0, 3, 4), "W2": torch.ones(0, 1, 3)}, DimensionError, "0 networks"),
        ({"activation": Activation(Symbol("g", real=True), 0)}, NonFiniteError, "alpha: got g"),
        ({"activation": relu_power(Rational(1, 2))}, DimensionError, "degree: got 1/2"),
    ],
)
def test_bad_input_is_refused_by_name(change, error, message):
    with pytest.raises(error) as caught:
        Batch(**{**ONES, **change})
    assert message in str(caught.value)


def test_stack_refuses_what_differs_in_more_than_width():
    with pytest.raises(ShapeError, match="2 kinds"):
        stack([random_batch(d=3), random_batch(d=4)])
    with pytest.raises(ShapeError, match="2 kinds"):
        stack([random_batch(), random_batch(activation=linear)])
    with pytest.raises(DimensionError):
        stack([])


@pytest.mark.parametrize(
    "module",
    [
        nn.Linear(2, 2),
        nn.Sequential(nn.Linear(2, 3), nn.Softsign(), nn.Linear(3, 1)),
        nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(4, 1)),
        nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1)),
    ],
)
def test_foreign_modules_are_refused(module):
    with pytest.raises(ShapeError):
        Batch.from_modules([module])


def test_modules_with_two_activations_are_refused():
    pair = [nn.Sequential(nn.Linear(2, 3), f, nn.Linear(3, 1)) for f in (nn.ReLU(), nn.Identity())]
    with pytest.raises(ShapeError, match="2 different activations"):
        Batch.from_modules(pair)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"a.weight": 3},
        {"a.weight": torch.ones(3, 2), "b.weight": torch.ones(1, 4)},
        {"a.weight": torch.ones(3, 2), "b.weight": torch.ones(1, 3), "a.bias": torch.ones(2)},
        {"a.weight": torch.ones(3, 2), "b.weight": torch.ones(1, 3), "extra": torch.ones(2)},
        {"a.weight": torch.ones(3), "b.weight": torch.ones(1, 3)},
    ],
)
def test_foreign_state_dicts_are_refused(state):
    with pytest.raises(CheckpointError):
        Batch.from_state_dict(state)


def test_devices():
    assert pick_device().type == "cpu"
    assert pick_device("auto").type in ("cpu", "cuda")
    for name in ("gpu", "cuda:99", "mps"):
        with pytest.raises(DeviceError):
            pick_device(name)
