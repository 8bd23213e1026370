"""Pruning: the function never moves by more than the bound, nor the bound beyond the tolerance."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from torch import Tensor

import numerics.tools.prune
from numerics.modules import Layers, exact_parameters
from numerics.tools.checkpoint import Checkpoint
from numerics.tools.deviation import ball, largest_difference, output
from numerics.tools.groups import MAX_NEURONS
from numerics.tools.merging import Merger, nearest, rounded_sum
from numerics.tools.prune import Fate, Pruning, default_radius, prune
from quadrics.errors import DimensionError, NonFiniteError, PruningError, UnknownActivationError
from quadrics.expansion.activations.bounds import NAMES, activation_with_bounds, bounds_of
from quadrics.expansion.reduction import reduce
from quadrics.smooth_activation import Z

DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def planted(seed: int, dtype: torch.dtype, e: int, bias: tuple[bool, bool], misses: float) -> Checkpoint:
    """Copies, zero-type groups, constants and near misses, at random places, in a type that rounds them all."""
    g = np.random.default_rng(seed)
    d = int(g.integers(1, 4))
    rows, out = [], []
    for _ in range(int(g.integers(1, 5))):
        w = g.normal(size=d + 1) * 10.0 ** g.uniform(-2, 1)
        if g.random() < 0.2:
            w[:d] = 0
        size = int(g.integers(1, 5))
        a = g.normal(size=(size, e)) * 10.0 ** g.uniform(-2, 2)
        kind = g.random()
        if kind < 0.3:
            a[0] -= a.sum(0)
        if kind > 0.9:
            a[:] = 0
        for column in a:
            rows.append(w + misses * g.normal(size=d + 1) * (g.random() < 0.5))
            out.append(column)
    order = g.permutation(len(rows))
    W, A = torch.tensor(np.array(rows)[order]).to(dtype), torch.tensor(np.array(out)[order].T).to(dtype)
    state = {"0.weight": W[:, :d], "2.weight": A}
    if bias[1]:
        state = {"2.bias": torch.tensor(g.normal(size=e)).to(dtype)} | state
    if bias[0]:
        state["0.bias"] = W[:, d]
    return Checkpoint.from_state(state, ordered=False)


def exact_output(layers: Layers, x: list[Fraction], activation: str) -> list[mpmath.mpf]:
    """f(x), independently: exact sums, σ to 60 digits."""

    def exact(t: Tensor | None) -> Any:
        return None if t is None else t.double().tolist()

    W1, W2, b1, b2 = map(exact, layers)
    sigma = sympy.lambdify(Z, activation_with_bounds(activation).formula, "mpmath")
    heights = []
    for k, w in enumerate(W1):
        z = sum((Fraction(u) * v for u, v in zip(w, x, strict=True)), Fraction(b1[k] if b1 else 0))
        heights.append(sigma(mpmath.mpf(z.numerator) / z.denominator))
    return [
        mpmath.fsum([b2[i] if b2 else 0, *(mpmath.mpf(a) * h for a, h in zip(row, heights, strict=True))])
        for i, row in enumerate(W2)
    ]


def distance(before: Layers, after: Layers, x: Tensor, activation: str) -> mpmath.mpf:
    """The largest |f - g| over the rows of x, to 60 digits."""
    with mpmath.workdps(60):
        found = []
        for row in x.tolist():
            point = [Fraction(v) for v in row]
            first, second = (exact_output(layers, point, activation) for layers in (before, after))
            found.append(mpmath.norm([u - v for u, v in zip(first, second, strict=True)]))
        return max(found)


@settings(max_examples=150)
@given(
    seed=st.integers(0, 10**6),
    dtype=st.sampled_from(DTYPES),
    e=st.integers(1, 2),
    bias=st.tuples(st.booleans(), st.booleans()),
    misses=st.sampled_from([0.0, 1e-9, 1e-5, 1e-2]),
    activation=st.sampled_from(NAMES),
    tolerance=st.sampled_from([0.0, 1e-12, 1e-6, 1e-3, 1e-1, 10.0]),
    radius=st.sampled_from([0.1, 1.0, 7.0]),
)
def test_the_function_stays_within_the_bound_and_the_bound_within_the_tolerance(
    seed: int, dtype: torch.dtype, e: int, bias: Any, misses: float, activation: str, tolerance: float, radius: float
) -> None:
    checkpoint = planted(seed, dtype, e, bias, misses)
    found = prune(checkpoint, activation, tolerance, radius, seeded(seed))
    assert tolerance == 0 or found.bound <= tolerance
    x = ball(6, checkpoint.layers.W1.shape[1], radius, seeded(seed + 1))
    sixty_digits = 1e-50  # what the independent evaluation loses, weights being below 1e4
    assert distance(checkpoint.layers, found.checkpoint.layers, x, activation) <= found.bound + sixty_digits
    members = [k for group in found.groups for k in group.members]
    assert sorted(members) == list(range(found.width))
    assert sum(group.into is not None for group in found.groups) == found.core_width
    assert list(found.checkpoint.state) == list(checkpoint.state)
    assert all(tensor.dtype == dtype for tensor in found.checkpoint.state.values())
    assert found.checkpoint.layers.W1.shape[0] == max(found.core_width, 1)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6), dtype=st.sampled_from(DTYPES), hidden=st.booleans(), activation=st.sampled_from(NAMES)
)
def test_exact_merges_are_those_of_the_exact_reduction(
    seed: int, dtype: torch.dtype, hidden: bool, activation: str
) -> None:
    """Without an output bias, and up to neurons that are zero because σ(b) = 0."""
    checkpoint = planted(seed, dtype, 1, (hidden, False), 1e-9 if seed % 2 else 0.0)
    found = prune(checkpoint, activation, 0, 1.0, seeded())
    exact = reduce(exact_parameters(checkpoint.layers))
    silent = {k for group in found.groups if group.fate is Fate.CONSTANT for k in group.members}
    wanted = [group.members for group in exact.labelled if not set(group.members) & silent]
    assert [group.members for group in found.groups if group.into is not None] == wanted
    for group in found.groups[: found.core_width]:
        k = group.into
        assert torch.equal(found.checkpoint.layers.W1[k], checkpoint.layers.W1[group.members[0]])
        total = sum(Fraction(checkpoint.layers.W2[0, i].item()) for i in group.members)
        stored = found.checkpoint.layers.W2[0, k]
        for side in (-math.inf, math.inf):  # rounded once: no other number is nearer
            other = torch.nextafter(stored, torch.tensor(side, dtype=dtype))
            assert abs(Fraction(stored.item()) - total) <= abs(Fraction(other.item()) - total)


def test_a_tighter_bound_would_be_wrong() -> None:
    """A hundredth less than the first-order bound is exceeded by two tanh neurons near zero."""
    layers = Layers(torch.tensor([[0.001], [0.003]]).double(), torch.tensor([[1.0, -1.0]]).double(), None, None)
    merged = Merger(layers.W1.numpy(), layers.W2.T.numpy(), torch.float64, "tanh", 1.0, has_bias=False)([0, 1])
    after = Layers(torch.tensor(merged.w[None]), torch.tensor(merged.a[:, None]), None, None)
    seen = distance(layers, after, torch.ones(1, 1).double(), "tanh")
    assert 0.99 * merged.moved < seen <= merged.moved


def test_copies_that_are_nearly_equal_cost_the_square_of_their_distance() -> None:
    """With the mean weighted by outgoing weights the first order cancels; without a second derivative it cannot."""
    rows, out = np.array([[1.0], [1.0 + 1e-4]]), np.array([[1.0], [2.0]])
    smooth, kink = (Merger(rows, out, torch.float64, name, 1.0, has_bias=False)([0, 1]) for name in ("tanh", "relu"))
    assert smooth.moved < 1e-8 < 1e-5 < kink.moved
    signed = Merger(rows, np.array([[-1.0], [3.0]]), torch.float64, "tanh", 1.0, has_bias=False)([0, 1])
    assert signed.moved < 1e-7
    assert signed.w == pytest.approx([1 + 1.5e-4], abs=1e-12)


def test_the_first_order_bound_is_that_of_the_reduction() -> None:
    layers = Layers(torch.tensor([[1.0, 2.0], [1.0, 2.5]]).double(), torch.tensor([[1.0, 3.0]]).double(), None, None)
    bounds, exact = bounds_of("relu"), reduce(exact_parameters(layers), tolerance=1)
    wanted = float(exact.error_bound(bounds.lipschitz, 2, bounds.on(1)))
    merged = Merger(layers.W1.numpy(), layers.W2.T.numpy(), torch.float64, "relu", 2.0, has_bias=False)([0, 1])
    assert merged.moved == pytest.approx(wanted, rel=1e-12)
    assert merged.moved >= wanted


def test_constants_go_into_the_output_bias() -> None:
    W1, b1 = torch.tensor([[1.0], [0.0], [0.0]]), torch.tensor([0.5, 0.0, -3.0])
    state = {"0.weight": W1, "0.bias": b1, "2.weight": torch.tensor([[1.0, 4.0, 5.0]]), "2.bias": torch.tensor([1.0])}
    found = prune(Checkpoint.from_state(state), "relu", 0, 1.0, seeded())
    assert (found.core_width, found.bound) == (1, 0)
    assert torch.equal(found.checkpoint.state["2.bias"], torch.tensor([1.0]))
    assert [(g.members, g.fate) for g in found.groups] == [((0,), Fate.KEPT), ((1, 2), Fate.CONSTANT)]
    found = prune(Checkpoint.from_state(state), "sigmoid", 1e-6, 1.0, seeded())
    expected = 1 + 4 / 2 + 5 / (1 + math.exp(3))
    assert found.checkpoint.state["2.bias"].item() == pytest.approx(expected, abs=1e-6)
    assert 0 < found.bound < 1e-6
    without = {key: tensor for key, tensor in state.items() if key != "2.bias"}
    assert prune(Checkpoint.from_state(without), "sigmoid", 0, 1.0, seeded()).core_width == 3
    assert prune(Checkpoint.from_state(without), "relu", 0, 1.0, seeded()).core_width == 1


def test_huge_constants() -> None:
    for dtype, size in ((torch.float64, 1e300), (torch.float32, 1e30)):
        state = {
            "0.weight": torch.tensor([[0.0], [0.0]], dtype=dtype),
            "0.bias": torch.tensor([size, -size], dtype=dtype) / (1 if dtype == torch.float32 else 1e150),
            "2.weight": torch.tensor([[1.0, -2.0]], dtype=dtype),
            "2.bias": torch.tensor([0.0], dtype=dtype),
        }
        for name in NAMES:
            found = prune(Checkpoint.from_state(state), name, 0, 1.0, seeded())
            assert found.core_width == 0
            assert found.deviation <= max(found.bound, 1e-12 * size)


def test_a_network_that_cancels() -> None:
    """Its core is empty: the function is constant, and one neuron of zeros keeps the file a network."""
    state = {"0.weight": torch.ones(2, 3), "0.bias": torch.ones(2), "2.weight": torch.tensor([[1.0, -1.0]])}
    found = prune(Checkpoint.from_state(state), "gelu", 0, 5.0, seeded())
    assert (found.core_width, found.bound, found.deviation) == (0, 0, 0)
    again = Checkpoint.from_state(dict(found.checkpoint.state))
    assert {key: tuple(t.shape) for key, t in again.state.items()} == {
        "0.weight": (1, 3),
        "0.bias": (1,),
        "2.weight": (1, 1),
    }
    assert not any(tensor.any() for tensor in again.state.values())
    assert prune(again, "gelu", 0, 5.0, seeded()).core_width == 0


def test_merges_that_do_not_fit_the_type_are_not_made() -> None:
    big = Checkpoint.from_state({"0.weight": torch.ones(2, 1).half(), "2.weight": torch.full((1, 2), 6e4).half()})
    assert prune(big, "tanh", 1.0, 1.0, seeded()).core_width == 2  # the sum is no half-precision number
    inexact = Checkpoint.from_state({"0.weight": torch.ones(2, 1), "2.weight": torch.tensor([[1.0, 1e-9]])})
    assert prune(inexact, "tanh", 1e-12, 1.0, seeded()).equal_neurons_left == 1
    found = prune(inexact, "tanh", 0, 1.0, seeded())
    assert (found.core_width, found.equal_neurons_left) == (1, 0)
    assert 0 < found.bound < 1e-8


def test_more_tolerance_prunes_no_less() -> None:
    for seed in range(20):
        checkpoint = planted(seed, torch.float64, 1, (True, True), 1e-5)
        widths = [prune(checkpoint, "tanh", t, 1.0, seeded()).core_width for t in (1e-10, 1e-6, 1e-2, 100.0)]
        assert widths[0] >= widths[-1]


def test_sums_are_rounded_once() -> None:
    # 1 + 2^-11 is between two half-precision numbers; what is added decides, and is lost in double precision.
    assert rounded_sum([1.0, 2.0**-11, 2.0**-60], torch.float16)[0] == 1 + 2.0**-10
    assert rounded_sum([1.0, 2.0**-11, -(2.0**-60)], torch.float16)[0] == 1.0
    assert float(torch.tensor(1.0 + 2.0**-11, dtype=torch.float64).half()) == 1.0
    assert rounded_sum([6e4, 6e4], torch.float16) == (math.inf, math.inf)
    assert nearest(0.1, lambda c: abs(c - 0.1), torch.float32) == float(torch.tensor(0.1))


def test_a_bound_that_fails_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = planted(3, torch.float64, 1, (False, False), 0.0)
    monkeypatch.setattr(numerics.tools.prune, "largest_difference", lambda *_: (1.0, 0.0))
    with pytest.raises(PruningError, match="nothing was written"):
        prune(checkpoint, "tanh", 1e-6, 1.0, seeded())


def test_the_difference_of_other_networks_is_seen() -> None:
    first, second = (planted(seed, torch.float64, 2, (True, True), 0.0).layers for seed in (4, 4))
    assert largest_difference(first, second, "gelu", 2.0, seeded())[0] == 0
    broken = second._replace(W2=second.W2 * (1 + 1e-6))
    seen, rounding = largest_difference(first, broken, "gelu", 2.0, seeded())
    assert seen > 100 * rounding
    x = ball(5, first.W1.shape[1], 2.0, seeded())
    with mpmath.workdps(30):
        for row, f in zip(x.tolist(), output(first, x, "gelu").tolist(), strict=True):
            wanted = exact_output(first, [Fraction(v) for v in row], "gelu")
            assert max(abs(u - v) for u, v in zip(wanted, f, strict=True)) <= rounding


def test_points_fill_the_ball() -> None:
    x = ball(4000, 2, 3.0, seeded())
    lengths = x.norm(dim=1)
    assert lengths.max() <= 3
    assert (lengths > 2.999999).sum() >= 2000
    # Of 2000 points spread evenly a quarter lies within half the radius, to five standard deviations.
    assert abs(int((lengths < 1.5).sum()) - 500) < 5 * math.sqrt(2000 * 3 / 16)


def test_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = planted(1, torch.float32, 2, (True, True), 1e-5)
    found = prune(checkpoint, "silu", 1e-3, None, seeded())
    assert found.radius == default_radius(checkpoint.layers.W1.shape[1])
    Console(width=160).print(found)
    page = capsys.readouterr().out
    for part in ("the bound is for silu", "neurons in the core", "bound of |f(x) - f_pruned(x)|", "|·| ="):
        assert part in page
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["core_width"] == found.core_width


def test_long_tables_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    state = {"0.weight": torch.arange(60.0).reshape(60, 1), "2.weight": torch.ones(1, 60)}
    Console(width=160).print(prune(Checkpoint.from_state(state), "tanh", 0, 1.0, seeded()))
    page = capsys.readouterr().out
    assert "36 more groups" in page
    assert "Nothing to prune" not in page  # tanh(0) = 0


@pytest.mark.parametrize("tolerance", [-1.0, math.nan, math.inf, "1e-6", True, None])
def test_bad_tolerances(tolerance: Any) -> None:
    with pytest.raises(NonFiniteError, match="tolerance: got"):
        prune(planted(0, torch.float32, 1, (False, False), 0.0), "tanh", tolerance, 1.0)


@pytest.mark.parametrize("radius", [0, -1.0, math.nan, math.inf, "3", False, 1e101])
def test_bad_radii(radius: Any) -> None:
    with pytest.raises(NonFiniteError, match="radius: got"):
        prune(planted(0, torch.float32, 1, (False, False), 0.0), "tanh", 1e-6, radius)


def test_bad_names_sizes_and_overflow() -> None:
    small = planted(0, torch.float32, 1, (False, False), 0.0)
    with pytest.raises(UnknownActivationError, match="expected one of erf, gelu, relu"):
        prune(small, "os.system('true')")
    state = {"0.weight": torch.ones(MAX_NEURONS + 1, 1), "2.weight": torch.ones(1, MAX_NEURONS + 1)}
    with pytest.raises(DimensionError, match="16385; expected at most 16384"):
        prune(Checkpoint.from_state(state), "relu")
    weights = torch.full((2, 2), 1e150, dtype=torch.float64) * torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    huge = Checkpoint.from_state({"0.weight": weights, "2.weight": weights[:1]})
    with pytest.raises(NonFiniteError, match="overflow"):
        prune(huge, "relu", 1.0, 1e100)


def test_the_same_seed_gives_the_same_result() -> None:
    checkpoint = planted(2, torch.float32, 1, (True, True), 1e-5)
    runs: list[Pruning] = [prune(checkpoint, "tanh", 1e-3, 1.0) for _ in range(2)]
    assert runs[0].to_json() == runs[1].to_json()
