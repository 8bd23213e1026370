"""The sorted objective against the plain one: random batches, ties, kinks, dead half-planes, bad input."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.batch import Batch, stack
from numerics.data import toy
from numerics.objective import LossFunction, Objective
from numerics.sorted_gradient import SortedObjective
from quadrics.activation import Activation, absolute_value, leaky_relu, linear, relu, relu_power
from quadrics.errors import NonFiniteError, ShapeError

pytestmark = pytest.mark.usefixtures("engine")
ACTIVATIONS = [relu, absolute_value, linear, leaky_relu(0.25), Activation(2, -3)]

small = st.integers(-3, 3).map(float)
"""Small integers: every product and sum is exact, so that a sample lies on a kink or does not."""


def batch_of(n: int, width: int, seed: int, activation: Activation = relu) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    W1 = torch.randn(n, width, 2, generator=generator, dtype=torch.float64)
    return Batch(W1, torch.randn(n, 1, width, generator=generator, dtype=torch.float64), activation=activation)


def assert_same(sorted_one: SortedObjective, plain: Objective, batch: Batch) -> None:
    """Agreement to N eps times the summands, where |f - y| <= F, |sigma'(z) x| <= R, |gradient| <= 2 R F |theta|."""
    loss, gradient = sorted_one.loss_and_gradient(batch)
    expected, plain_gradient = plain.loss_and_gradient(batch)
    slope = max(abs(float(batch.activation.alpha)), abs(float(batch.activation.beta)))
    reach = slope * float(plain.x.norm(dim=1).max())
    w, a = batch.W1.flatten(1).norm(dim=1), batch.W2.flatten(1).norm(dim=1)
    residual = reach * w * a + float(plain.targets.abs().max())
    summand = float((residual * (residual + 2 * reach * (w + a))).max())
    tolerance = 8 * plain.n_samples * torch.finfo(torch.float64).eps * summand
    torch.testing.assert_close(loss, expected, rtol=0, atol=tolerance)
    torch.testing.assert_close(gradient.W1, plain_gradient.W1, rtol=0, atol=tolerance)
    torch.testing.assert_close(gradient.W2, plain_gradient.W2, rtol=0, atol=tolerance)
    assert gradient.b1 is None
    assert gradient.b2 is None
    field_loss, field = sorted_one.loss_and_field(batch)
    plain_field = plain.field(batch)
    # A field lacks the factor a_k of grad w_k: its summands are at most R F.
    tolerance = 8 * plain.n_samples * torch.finfo(torch.float64).eps * float((2 * reach * residual).max())
    torch.testing.assert_close(field.v, plain_field.v, rtol=0, atol=tolerance)
    assert torch.equal(field_loss, loss)
    assert torch.equal(sorted_one.field(batch).gradient(batch).W1, gradient.W1)


def scattered(n: int, region: str, seed: int) -> torch.Tensor:
    """Points of a normal distribution, folded into a part of the plane."""
    x = torch.randn(n, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    folded = x.abs()
    return {
        "plane": x,
        "positive quadrant": folded,
        "negative quadrant": -folded,
        "left half": torch.stack([-folded[:, 0], x[:, 1]], 1),
        "lower half": torch.stack([x[:, 0], -folded[:, 1]], 1),
        "a wedge around -pi/2": torch.stack([x[:, 0] / 10, -1 - folded[:, 1]], 1),
        "a wedge around pi": torch.stack([-1 - folded[:, 0], x[:, 1] / 10], 1),
        "a line": x[:, :1] * torch.tensor([[0.6, -0.8]], dtype=torch.float64),
    }[region]


REGIONS = ["plane", "positive quadrant", "negative quadrant", "left half", "lower half", "a wedge around -pi/2"]
REGIONS += ["a wedge around pi"]


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=str)
@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("region", REGIONS)
def test_agrees_with_the_plain_objective(activation: Activation, width: int, region: str) -> None:
    x = scattered(300, region, width)
    y = torch.sin(7 * x[:, :1]) - x[:, 1:]  # targets of no particular form
    assert_same(SortedObjective(x, y), Objective(x, y, "mse"), batch_of(60, width, 0, activation))


def test_samples_on_a_line_through_the_origin() -> None:
    x = scattered(200, "a line", 0)
    assert_same(SortedObjective(x, x[:, 0]), Objective(x, x[:, 0], "mse"), batch_of(60, 4, 1))


@pytest.mark.parametrize("region", REGIONS)
def test_every_pair_of_half_planes_meets_in_one_arc(region: str) -> None:
    """Two neurons that look in every pair of 48 directions: nested, crossing, opposite, the same."""
    angles = torch.arange(48, dtype=torch.float64) * (torch.pi / 24) + 0.01
    directions = torch.stack([angles.cos(), angles.sin()], 1)
    pairs = torch.cartesian_prod(torch.arange(48), torch.arange(48))
    batch = Batch(directions[pairs], torch.tensor([[[1.0, -0.5]]], dtype=torch.float64).expand(len(pairs), 1, 2))
    x = scattered(60, region, 3)
    assert_same(SortedObjective(x, x.sin().sum(1)), Objective(x, x.sin().sum(1), "mse"), batch)


@settings(max_examples=300)
@given(
    x=st.lists(st.tuples(small, small), min_size=1, max_size=12),
    weights=st.lists(st.tuples(small, small, small), min_size=1, max_size=4),
    activation=st.sampled_from(ACTIVATIONS),
)
def test_ties_kinks_axes_and_dead_neurons(
    x: list[tuple[float, float]], weights: list[tuple[float, float, float]], activation: Activation
) -> None:
    points = torch.tensor(x, dtype=torch.float64)
    y = points[:, 0] - 2 * points[:, 1] + 1
    w = torch.tensor([weights], dtype=torch.float64)
    batch = Batch(w[..., :2].contiguous(), w[..., 2][:, None].contiguous(), activation=activation)
    assert_same(SortedObjective(points, y), Objective(points, y, "mse"), batch)


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_a_neuron_with_no_positive_weight_is_dead(w1: float, w2: float) -> None:
    data = toy(50, seed=0)
    batch = Batch(torch.tensor([[[-abs(w1), -abs(w2)]]], dtype=torch.float64), torch.ones(1, 1, 1, dtype=torch.float64))
    loss, gradient = SortedObjective(data.x, data.y).loss_and_gradient(batch)
    assert not bool(gradient.flatten().any())
    torch.testing.assert_close(loss, data.y.square().mean().reshape(1), rtol=1e-14, atol=0)


def test_the_gradient_is_the_derivative_of_the_loss() -> None:
    data = toy(300, seed=5)
    objective = SortedObjective(data.x, data.y)
    batch = batch_of(5, 3, 1)
    gradient = objective.gradient(batch).flatten()
    step = 1e-6
    for i in range(gradient.shape[1]):
        shift = torch.zeros_like(gradient)
        shift[:, i] = step
        above, below = (objective.loss(batch.unflatten(batch.flatten() + s * shift)) for s in (1, -1))
        # Central difference: the third derivative is that of a quartic; a kink that is crossed adds O(step).
        torch.testing.assert_close((above - below) / (2 * step), gradient[:, i], rtol=1e-6, atol=1e-5)


def test_large_batches_are_tiled_and_padding_does_not_move() -> None:
    data = toy(200, seed=0)
    batch = stack([batch_of(11_000, 1, 0), batch_of(1, 3, 1)])
    objective = SortedObjective(data.x, data.y)
    loss, gradient = objective.loss_and_gradient(batch)
    plain, expected = Objective(data.x, data.y, "mse").loss_and_gradient(batch)
    torch.testing.assert_close(loss, plain, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(gradient.W1, expected.W1, rtol=1e-12, atol=1e-12)
    assert not bool(gradient.W1[~batch.mask].any())
    assert not bool(gradient.W2[:, 0][~batch.mask].any())
    assert not bool(objective.field(batch).v[~batch.mask].any())


def test_one_diverged_network_leaves_its_neighbours_alone() -> None:
    data = toy(100, seed=0)
    objective = SortedObjective(data.x, data.y)
    batch = batch_of(3, 2, 0)
    W1 = batch.W1.clone()
    W1[1, 0, 0] = torch.nan
    sick = batch.replace(W1, batch.W2)
    assert bool(objective.loss(sick)[1].isnan())
    torch.testing.assert_close(objective.loss(sick)[[0, 2]], objective.loss(batch)[[0, 2]], rtol=0, atol=0)


def test_single_precision_computes_in_double() -> None:
    data = toy(100, seed=0, dtype=torch.float32)
    batch = batch_of(4, 2, 0).to(dtype=torch.float32)
    objective = SortedObjective(data.x, data.y)
    double = objective.to(dtype=torch.float64)
    loss = objective.loss(batch)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, double.loss(batch.to(dtype=torch.float64)).to(torch.float32), rtol=0, atol=0)


def test_it_is_a_loss_function_with_subsets() -> None:
    data = toy(100, seed=0)
    objective: LossFunction = SortedObjective(data.x, data.y)
    index = torch.tensor([5, 5, 17])
    batch = batch_of(4, 2, 0)
    expected = Objective(data.x[index], data.y[index], "mse").loss(batch)
    torch.testing.assert_close(objective.subset(index).loss(batch), expected, rtol=1e-13, atol=1e-13)
    assert objective.n_samples == 100


def test_bad_data_are_refused() -> None:
    y = torch.zeros(1)
    with pytest.raises(ShapeError, match=r"\(N, 2\)"):
        SortedObjective(torch.zeros(1, 3), y)
    with pytest.raises(ShapeError, match="outputs"):
        SortedObjective(torch.zeros(1, 2), torch.zeros(1, 2))
    with pytest.raises(NonFiniteError):
        SortedObjective(torch.tensor([[torch.inf, 0.0]]), y)


def test_batches_that_do_not_fit_are_refused() -> None:
    objective = SortedObjective(torch.rand(4, 2, dtype=torch.float64), torch.zeros(4))
    good = batch_of(2, 3, 0)
    with pytest.raises(ShapeError, match="biases"):
        objective.loss(Batch(good.W1, good.W2, b1=torch.zeros(2, 3, dtype=torch.float64)))
    with pytest.raises(ShapeError, match="2 to 1"):
        objective.loss(Batch(good.W1, good.W2.repeat(1, 2, 1)))
    with pytest.raises(ShapeError, match="degree"):
        objective.loss(Batch(good.W1, good.W2, activation=relu_power(2)))
    with pytest.raises(ShapeError, match="float32"):
        objective.loss(good.to(dtype=torch.float32))
