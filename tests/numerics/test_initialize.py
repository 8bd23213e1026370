"""Drawn networks have the scheme's law; rescaled ones their imbalances and their functions."""

import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.batch import Batch
from numerics.initialize import rescale, sample, torchs_own
from quadrics.activation import relu_power
from quadrics.errors import DimensionError, RescalingError, SchemeError, ShapeError
from quadrics.initialization import (
    HiddenBias,
    gaussian,
    kaiming_normal,
    kaiming_uniform,
    orthogonal,
    pytorch_default,
    uniform,
    xavier_normal,
    xavier_uniform,
)

SCHEMES = [
    kaiming_normal(),
    kaiming_uniform(),
    xavier_normal(),
    xavier_uniform(),
    pytorch_default(),
    pytorch_default(HiddenBias.DRAWN),
    orthogonal(),
]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def quantiles(values):
    return torch.quantile(values.abs().flatten().double(), torch.linspace(0.05, 0.95, 10).double())


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: f"{scheme.name}-{scheme.bias}")
@pytest.mark.parametrize(("d", "l"), [(4, 6), (5, 3)])
def test_same_law_as_torchs_own_initializers(scheme, d, l):
    n = 500
    ours, theirs = sample(scheme, 5 * n, d, l, seeded()), torchs_own(scheme, n, d, l, seeded(1))
    for mine, other in ((ours.W1, theirs.W1), (ours.W2, theirs.W2), (ours.b1, theirs.b1), (ours.b2, theirs.b2)):
        assert (mine is None) == (other is None)
        if mine is None:
            continue
        assert mine.shape[1:] == other.shape[1:]
        # quantiles of at least n values: a spread of 4 sqrt(1/4n) in probability, over a density of at least ~ 1/4
        assert ((quantiles(mine) - quantiles(other)).abs() / quantiles(mine)[-1]).max() < 16 / (4 * n) ** 0.5


def test_biases():
    assert sample(kaiming_normal(), 2, 3, 4, seeded()).b1 is None
    zero = sample(kaiming_normal(HiddenBias.ZERO), 2, 3, 4, seeded())
    assert not zero.b1.any()
    drawn = sample(pytorch_default(HiddenBias.DRAWN), 50, 3, 4, seeded())
    assert 0.5 < drawn.b1.abs().max() * 3**0.5 <= 1
    assert drawn.b2.shape == (50, 1)


def test_scales():
    batch = sample(gaussian(3, 0.5), 4000, 3, 5, seeded())
    assert abs(batch.W1.std() - 3) < 0.05
    assert abs(batch.W2.std() - 0.5) < 0.02
    assert sample(uniform(1, 2), 1000, 2, 2, seeded(), dtype=torch.float32).W2.abs().max() <= 2


@pytest.mark.parametrize(("d", "l"), [(3, 5), (5, 3), (4, 4)])
def test_orthogonal_frames(d, l):
    batch = sample(orthogonal(), 20, d, l, seeded())
    gram = batch.W1 @ batch.W1.transpose(1, 2) if l <= d else batch.W1.transpose(1, 2) @ batch.W1
    assert torch.allclose(gram, torch.eye(min(d, l)).double().expand_as(gram), atol=1e-12)
    assert torch.allclose(batch.W2.square().sum(2), torch.ones(20, 1).double(), atol=1e-12)
    assert ((batch.imbalance() < -1e-12).sum(1) <= max(0, l - d)).all()


def test_a_seed_means_the_same_networks():
    first, second = (sample(xavier_normal(), 3, 2, 2, seeded(5)) for _ in range(2))
    assert torch.equal(first.W1, second.W1)
    assert torch.equal(first.W2, second.W2)
    before = torch.random.get_rng_state()
    torchs_own(pytorch_default(), 2, 2, 2, seeded())
    assert torch.equal(before, torch.random.get_rng_state())


def test_errors_of_sample():
    with pytest.raises(DimensionError):
        sample(kaiming_normal(), 0, 2, 2, seeded())
    with pytest.raises(DimensionError):
        sample(kaiming_normal(), 1, 2, 2.5, seeded())
    with pytest.raises(SchemeError, match="number"):
        sample(gaussian(sympy.Symbol("s", positive=True), 1), 1, 2, 2, seeded())
    with pytest.raises(SchemeError, match="torch"):
        torchs_own(gaussian(1, 1), 1, 2, 2, seeded())
    with pytest.raises(SchemeError, match="torch"):
        torchs_own(kaiming_normal(HiddenBias.ZERO), 1, 2, 2, seeded())


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    c=st.lists(st.floats(-100, 100).filter(lambda v: abs(v) > 1e-3), min_size=3, max_size=3),
    bias=st.booleans(),
)
def test_rescale_keeps_functions_and_lands(seed, c, bias):
    batch = sample(pytorch_default(HiddenBias.DRAWN if bias else HiddenBias.NONE), 4, 2, 3, seeded(seed))
    level = torch.tensor(c, dtype=torch.float64)
    moved = rescale(batch, level)
    size = moved.W1.square().sum(2) + moved.W2.square().sum(1) + level.abs()
    assert ((moved.imbalance() - level).abs() <= 1e-13 * size).all()
    x = torch.randn(10, 2, generator=seeded(seed), dtype=torch.float64)
    assert torch.allclose(moved.output(x), batch.output(x), rtol=1e-10, atol=1e-12)
    assert torch.equal(moved.signs(), batch.signs())


def test_rescale_leaves_padding_and_zero_neurons():
    W1, W2 = torch.tensor([[[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]]).double(), torch.tensor([[[2.0, 0.0, 0.0]]]).double()
    batch = Batch(W1, W2, mask=torch.tensor([[True, True, False]]))
    moved = rescale(batch, torch.tensor([3.0, 0.0, -5.0]))
    assert torch.allclose(moved.imbalance(), torch.tensor([[3.0, 0.0, 0.0]]).double())
    assert torch.equal(moved.mask, batch.mask)


@pytest.mark.parametrize(
    ("w", "a", "c", "works"), [(0, 1, -4, True), (0, 1, 1, False), (1, 0, 2, True), (1, 0, -1, False), (0, 0, 1, False)]
)
def test_degenerate_neurons(w, a, c, works):
    batch = Batch(torch.full((1, 1, 1), float(w)), torch.full((1, 1, 1), float(a)))
    if works:
        assert torch.allclose(rescale(batch, torch.tensor([float(c)])).imbalance(), torch.tensor([[float(c)]]))
    else:
        with pytest.raises(RescalingError, match="neuron 0 of network 0"):
            rescale(batch, torch.tensor([float(c)]))


def test_errors_of_rescale():
    batch = sample(kaiming_normal(), 2, 2, 3, seeded())
    with pytest.raises(ShapeError, match="broadcasts"):
        rescale(batch, torch.ones(2))
    squared = Batch(batch.W1, batch.W2, activation=relu_power(2))
    with pytest.raises(RescalingError, match="degree"):
        rescale(squared, torch.ones(3))
