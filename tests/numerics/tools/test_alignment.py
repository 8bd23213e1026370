"""Alignment: it undoes every move of the symmetry group, keeps the function, and is the best there is."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from numerics.modules import Layers
from numerics.tools.alignment import MAX_NEURONS, Alignment, Group, align, check_comparable
from numerics.tools.checkpoint import Checkpoint
from numerics.tools.named_activation import activation_called
from quadrics.activation import relu
from quadrics.errors import DimensionError, NonFiniteError, ShapeError

from ..moved_networks import KINDS, State, copy_of, draw, output, permuted, reflected, rescaled

names = st.sampled_from(sorted(KINDS))
sizes = st.integers(1, 5)
seeds = st.integers(0, 2**32)


def layers(state: State) -> Layers:
    return Checkpoint.from_state(state).layers


def state_of(found: Layers) -> State:
    named = zip(("0.weight", "2.weight", "0.bias", "2.bias"), found, strict=True)
    return {key: tensor for key, tensor in named if tensor is not None}


def inputs(d: int, source: torch.Generator) -> Tensor:
    return torch.randn(20, d, generator=source, dtype=torch.float64)


def assert_close(one: Tensor, other: Tensor) -> None:
    """A double has 53 bits; factors of e^6 and sums of a few dozen terms cost some of them."""
    torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)


@settings(max_examples=120, deadline=None)
@given(name=names, d=sizes, width=sizes, e=sizes, bias=st.booleans(), seed=seeds)
def test_every_copy_is_brought_back(name: str, d: int, width: int, e: int, bias: bool, seed: int) -> None:
    source = torch.Generator().manual_seed(seed)
    A = draw(source, d, width, e, bias)
    B = copy_of(A, source, name)
    x = inputs(d, source)
    assert_close(output(B, x, name), output(A, x, name))  # the test's own copies are copies
    found = align(layers(A), layers(B), activation_called(name))
    for one, other in zip(found.second, found.first, strict=True):
        if one is not None:
            assert_close(one, other)
    for one, other in zip(found.first, layers(A), strict=True):
        assert one is other or torch.equal(one, other)


@settings(max_examples=120, deadline=None)
@given(name=names, d=sizes, width=sizes, other=sizes, e=sizes, bias=st.booleans(), idle=st.booleans(), seed=seeds)
def test_functions_are_kept_whatever_the_networks(
    name: str, d: int, width: int, other: int, e: int, bias: bool, idle: bool, seed: int
) -> None:
    """Also along the curve, where neurons without effect are replaced, and for different widths."""
    source = torch.Generator().manual_seed(seed)
    A, B = draw(source, d, width, e, bias), draw(source, d, other, e, bias)
    if idle:
        for state in (A, B):
            state["2.weight"][:, torch.rand(state["2.weight"].shape[1], generator=source) < 0.3] = 0
            silent = torch.rand(state["0.weight"].shape[0], generator=source) < 0.3
            for key in ("0.weight", "0.bias"):
                if key in state:
                    state[key][silent] = 0
    x = inputs(d, source)
    for group in Group:
        found = align(layers(A), layers(B), activation_called(name), group)
        assert found.width == max(width, other)
        assert sorted(found.permutation) == list(range(found.width))
        assert_close(output(state_of(found.first), x, name), output(A, x, name))
        for t in (0.0, 0.2, 0.5, 0.7, 1.0):
            assert_close(output(state_of(found.curve(t)), x, name), output(B, x, name))
        for start, end in ((found.curve(0.0), found.second), (found.curve(1.0), found.moved)):
            for one, another in zip(start, end, strict=True):
                assert (one is None) == (another is None)
                if one is not None and another is not None:
                    torch.testing.assert_close(one, another, rtol=1e-12, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(name=names, d=sizes, width=st.integers(1, 4), e=sizes, bias=st.booleans(), seed=seeds)
def test_no_permutation_and_reflection_comes_closer(
    name: str, d: int, width: int, e: int, bias: bool, seed: int
) -> None:
    """Against all of them, at balanced representatives made here."""
    kind, source = KINDS[name], torch.Generator().manual_seed(seed)
    A, B = draw(source, d, width, e, bias), draw(source, d, width, e, bias)
    found = align(layers(A), layers(B), activation_called(name))
    (w, a), (v, b), (u, c) = (balanced(s, kind.degree) for s in (A, B, state_of(found.second)))
    reflects = kind.sign != 0 and (kind.shift == 0 or bias)
    best = np.inf
    for order in permutations(range(width)):
        for signs in product((1.0, -1.0) if reflects else (1.0,), repeat=width):
            s = np.array(signs)[:, None]
            back = np.where(s < 0, kind.sign, 1) if reflects else s
            best = min(best, ((w - s * v[list(order)]) ** 2).sum() + ((a - back * b[list(order)]) ** 2).sum())
    assert ((w - u) ** 2).sum() + ((a - c) ** 2).sum() == pytest.approx(best, rel=1e-9, abs=1e-12)


def balanced(state: State, degree: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Rows of |w|² = k |a|², by halving intervals: nothing of the closed form."""
    W = state["0.weight"] if "0.bias" not in state else torch.cat([state["0.weight"], state["0.bias"][:, None]], 1)
    w, a = W.numpy().copy(), state["2.weight"].T.numpy().copy()
    if degree is None:
        return w, a
    for k in range(len(w)):
        low, high = -60.0, 60.0
        for _ in range(200):
            m = np.exp((low + high) / 2)
            too_long = (m * w[k] @ w[k] * m) > degree * (a[k] @ a[k]) * m ** (-2 * degree)
            low, high = (low, (low + high) / 2) if too_long else ((low + high) / 2, high)
        w[k], a[k] = w[k] * np.exp(low), a[k] * np.exp(-degree * low)
    return w, a


@settings(max_examples=30, deadline=None)
@given(name=st.sampled_from(["relu", "leaky_relu", "relu_squared", "absolute_value"]), seed=seeds, t=st.floats(0, 1))
def test_the_segment_is_that_between_balanced_representatives(name: str, seed: int, t: float) -> None:
    kind, source = KINDS[name], torch.Generator().manual_seed(seed)
    A, B = draw(source, 3, 4, 2), draw(source, 3, 4, 2)
    found = align(layers(A), layers(B), activation_called(name))
    (w, a), (v, b) = (balanced(state_of(one), kind.degree) for one in (found.first, found.second))
    assert found.first.b2 is not None
    assert found.second.b2 is not None
    ends = [state_of(one) for one in (found.first, found.second)]
    middle = {key: torch.lerp(ends[0][key], ends[1][key], t) for key in ends[0]}
    mixed, out = torch.tensor((1 - t) * w + t * v), torch.tensor((1 - t) * a + t * b)
    there = {"0.weight": mixed[:, :3], "0.bias": mixed[:, 3], "2.weight": out.T, "2.bias": middle["2.bias"]}
    x = inputs(3, source)
    assert_close(output(middle, x, name), output(there, x, name))


def test_powers_of_two_are_undone_exactly() -> None:
    source = torch.Generator().manual_seed(0)
    A = draw(source, 3, 6, 2)
    m = 2.0 ** torch.arange(-3, 3).double()
    B = {"0.weight": A["0.weight"] * m[:, None], "0.bias": A["0.bias"] * m, "2.weight": A["2.weight"] / m}
    B = permuted({**B, "2.bias": A["2.bias"]}, source)
    found = align(layers(A), layers(B), relu)
    for one, other in zip(found.second, layers(A), strict=True):
        assert one is not None
        assert other is not None
        assert torch.equal(one, other)


def test_what_an_activation_does_not_allow_is_not_done() -> None:
    source = torch.Generator().manual_seed(3)
    A = draw(source, 3, 5, 2)

    def off(B: State, name: str) -> float:
        found = align(layers(A), layers(B), activation_called(name))
        return float((found.second.W1 - found.first.W1).norm())

    assert off(rescaled(A, source, 1), "relu") < 1e-12
    assert off(rescaled(A, source, 1), "tanh") > 0.1
    assert off(rescaled(A, source, 1), "relu_squared") > 0.1
    assert off(reflected(A, source, KINDS["tanh"]), "tanh") < 1e-12
    assert off(reflected(A, source, KINDS["tanh"]), "relu") > 0.1
    assert off(reflected(A, source, KINDS["sigmoid"]), "sigmoid") < 1e-12
    assert off(reflected(A, source, KINDS["sigmoid"]), "softplus") > 0.1


def test_the_sigmoid_needs_an_output_bias_to_be_reflected() -> None:
    state = {"0.weight": torch.tensor([[1.0], [2.0]]), "2.weight": torch.tensor([[1.0, 1.0]])}
    mirrored = {**state, "0.weight": -state["0.weight"], "2.weight": -state["2.weight"]}
    found = align(layers(state), layers(mirrored), activation_called("sigmoid"))
    assert not found.reflected.any()
    assert align(layers(state), layers(mirrored), activation_called("tanh")).reflected.all()


def test_neurons_without_effect() -> None:
    A = Layers(torch.tensor([[1.0, 0.0], [5.0, 5.0], [0.0, 0.0]]), torch.tensor([[2.0, 0.0, 7.0]]), None, None)
    B = Layers(torch.tensor([[0.0, 0.0], [2.0, 0.0]]), torch.tensor([[3.0, 1.0]]), None, None)
    found = align(A, B, relu)
    assert found.permutation[0] == 1
    assert found.idle.tolist() == [False, True, True]
    assert torch.equal(found.second.W1, A.W1.double())
    assert torch.equal(found.second.W2, A.W2.double())
    assert found.curve(0.5).W1[1:].abs().max() == 0
    wider = align(B, A, relu)
    assert wider.first.W1.shape == (3, 2)
    assert torch.equal(wider.first.W1[:2], B.W1.double())
    assert torch.equal(wider.first.W2, torch.tensor([[3.0, 1.0, 0.0]]).double())
    # A neuron of zeros says σ(0) where that is not 0.
    assert align(A, A, activation_called("sigmoid")).idle.tolist() == [False, True, False]


def test_sizes_do_not_overflow() -> None:
    def double(value: float) -> Tensor:
        return torch.tensor([[value]], dtype=torch.float64)

    tiny = Layers(double(1e-150), double(1e100), None, None)
    large = Layers(double(1e100), double(1e-150), None, None)
    found = align(tiny, large, relu)
    assert found.second.W1.item() == pytest.approx(1e-150)
    assert found.second.W2.item() == pytest.approx(1e100)
    huge = Layers(double(1e160), double(1.0), None, None)
    with pytest.raises(NonFiniteError, match="overflow"):
        align(huge, huge, relu)


def test_bad_pairs() -> None:
    def of(d: int, width: int, e: int, b1: bool = False, b2: bool = False) -> Layers:
        return Layers(
            torch.ones(width, d), torch.ones(e, width), torch.ones(width) if b1 else None, torch.ones(e) if b2 else None
        )

    for other in (of(3, 3, 1), of(2, 3, 2)):
        with pytest.raises(ShapeError, match="inputs and"):
            align(of(2, 3, 1), other)
    for other, name in ((of(2, 3, 1, b1=True), "b1"), (of(2, 3, 1, b2=True), "b2")):
        with pytest.raises(ShapeError, match=name):
            align(of(2, 3, 1), other)
    with pytest.raises(DimensionError, match=str(MAX_NEURONS)):
        check_comparable(of(1, 1, 1), of(1, MAX_NEURONS + 1, 1))
    found: Alignment = align(of(2, 3, 1), of(2, 3, 1))
    for t in (-0.1, 1.1, float("nan")):
        with pytest.raises(DimensionError, match="between 0 and 1"):
            found.curve(t)
