"""Repairs: the same function to the last bit, every c_k > 0, and a verification that can fail."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from numerics.batch import Batch
from numerics.imbalances import imbalances
from numerics.modules import Layers
from numerics.tools.checkpoint import Checkpoint
from numerics.tools.repair import Means, mend, repair, verify_same_function
from quadrics.errors import RescalingError
from quadrics.symmetry import rescale

DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]


def random_layers(seed: int, d: int, width: int, bias: bool, dtype: torch.dtype, spread: float = 1.0) -> Layers:
    """Weights of very different sizes, many of them zero."""
    g = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Tensor:
        sizes = 10 ** (spread * torch.randn(shape, generator=g, dtype=torch.float64))
        values = sizes * torch.randn(shape, generator=g, dtype=torch.float64)
        values = values * (torch.rand(shape, generator=g) > 0.3)
        return values.to(dtype).nan_to_num(0, 0, 0)

    return Layers(draw(width, d), draw(1, width), draw(width) if bias else None, draw(1) if bias else None)


@given(
    seed=st.integers(0, 10**6),
    d=st.integers(1, 4),
    width=st.integers(1, 8),
    bias=st.booleans(),
    dtype=st.sampled_from(DTYPES),
    spread=st.sampled_from([0.3, 1.0, 3.0]),
)
def test_every_neuron_is_scaled_exactly_or_silent_or_left(
    seed: int, d: int, width: int, bias: bool, dtype: torch.dtype, spread: float
) -> None:
    before = random_layers(seed, d, width, bias, dtype, spread)
    after, changes = repair(before, range(width))
    assert [change.index for change in changes] == list(range(width))
    signs = imbalances(Batch.from_layers([after]).to(dtype=torch.float64), dtype).signs.tolist()
    for k, change in enumerate(changes):
        old_w, new_w = before.W1[k].double(), after.W1[k].double()
        old_a, new_a = before.W2[:, k].double(), after.W2[:, k].double()
        silent = not old_w.any() and (before.b1 is None or not before.b1[k])
        scale = 2.0**change.power
        if change.means is Means.RESCALED:
            assert torch.equal(new_w, old_w * scale)
            assert torch.equal(new_a * scale, old_a)
            assert before.b1 is None or after.b1 is None or after.b1[k].double() == before.b1[k].double() * scale
            assert signs[k] == 1
        elif change.means is Means.REPLACED:
            assert silent
            assert new_w.any()
            assert not new_a.any()
            assert after.b1 is None or not after.b1[k]
            assert signs[k] == 1
        else:  # a = 0, or digits would be lost, which takes extreme weights
            assert torch.equal(old_w, new_w)
            assert torch.equal(old_a, new_a)
            assert not silent
            assert not old_a.any() or spread == 3.0
    assert verify_same_function(before, after, torch.Generator().manual_seed(seed)) == 0.0


def test_the_exact_network_is_the_rescaled_one() -> None:
    """In exact arithmetic the repair is T_α with α a power of two (eq. 3)."""
    layers = Layers(torch.tensor([[1.0, 0.5], [0.25, 0.0]]), torch.tensor([[16.0, -3.0]]), None, None)
    after, changes = repair(layers, [0, 1])
    theta, mended = (Batch.from_layers([one]).to_parameters()[0] for one in (layers, after))
    assert rescale(theta, [2**change.power for change in changes]) == mended


def test_the_least_power_of_two() -> None:
    """c is at least |w||a|, and one power less would leave it below."""
    for size in (1.0, 3.0, 100.0, 1e-3):
        layers = Layers(torch.tensor([[1.0]]), torch.tensor([[size]]), None, None)
        after, (change,) = repair(layers, [0])
        for power, enough in ((change.power, True), (change.power - 1, False)):
            c = 4.0**power - size**2 / 4.0**power
            assert (c >= size) == enough
        assert after.W1.item() == 2.0**change.power


def test_verification_refuses_another_function() -> None:
    torch.manual_seed(0)
    layers = Layers(torch.randn(6, 3), torch.randn(1, 6) * 10, torch.randn(6), torch.randn(1))
    after, changes = repair(layers, range(6))
    assert {change.means for change in changes} == {Means.RESCALED}
    assert after.b1 is not None
    shift = torch.zeros(6)
    shift[0] = 1e-4
    generator = torch.Generator().manual_seed(0)
    for broken in (
        after._replace(W2=after.W2 * (1 + 1e-6)),
        after._replace(W2=-after.W2),
        after._replace(b1=after.b1 + shift),
        after._replace(W1=after.W1 * 2),
    ):
        with pytest.raises(RescalingError, match="nothing was written"):
            verify_same_function(layers, broken, generator)


def test_several_outputs_are_left_alone() -> None:
    checkpoint = Checkpoint.from_state({"0.weight": torch.randn(3, 2), "2.weight": 100 * torch.randn(2, 3)})
    mended = mend(checkpoint, torch.Generator().manual_seed(0))
    assert mended.changes == ()
    assert all(torch.equal(mended.checkpoint.state[key], tensor) for key, tensor in checkpoint.state.items())
    assert not mended.after.is_obstructed


@settings(max_examples=40)
@given(seed=st.integers(0, 1000), bias=st.booleans(), dtype=st.sampled_from(DTYPES))
def test_mending_connects_the_invariant_set(seed: int, bias: bool, dtype: torch.dtype) -> None:
    layers = random_layers(seed, 3, 5, bias, dtype, spread=0.3)
    state = {"0.weight": layers.W1, "2.weight": layers.W2}
    state |= {} if layers.b1 is None or layers.b2 is None else {"0.bias": layers.b1, "2.bias": layers.b2}
    mended = mend(Checkpoint.from_state(state), torch.Generator().manual_seed(seed))
    assert not mended.after.is_obstructed
    assert mended.after.pathological == mended.after.undecided == ()
    again = mend(mended.checkpoint, torch.Generator().manual_seed(seed))
    assert again.changes == ()


def test_what_cannot_be_scaled_is_left_and_said() -> None:
    """In half precision 2^-24 is the last number: it cannot be divided."""
    layers = Layers(torch.tensor([[2.0**-24]]).half(), torch.tensor([[2.0**-23]]).half(), None, None)
    after, (change,) = repair(layers, [0])
    assert change.means is Means.RESCALED  # by 2: 2^-23 and 2^-24, both exact
    layers = layers._replace(W2=torch.tensor([[2.0**-24]]).half())
    after, (change,) = repair(layers, [0])
    assert change.means is Means.LEFT
    assert torch.equal(after.W1, layers.W1)
