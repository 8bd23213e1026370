"""Groups of equal neurons: as the exact reduction finds them, and what the gap tells from near misses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import least_squares
from scipy.spatial.distance import pdist

from numerics.batch import Batch, stack
from numerics.modules import Layers, exact_parameters
from numerics.tools.groups import CEILING, MAX_NEURONS, GroupKind, find_gap, group_neurons, single_linkage
from quadrics.errors import DimensionError, NonFiniteError, ShapeError
from quadrics.expansion.reduction import reduce


@st.composite
def planted(draw: st.DrawFn, spread: float = 0.0) -> tuple[Layers, list[tuple[int, ...]], list[tuple[int, ...]]]:
    """A network whose weights are eighths, from a core of distinct neurons, copies of them and zero-type groups.

    Also the blocks of copies and of zero type, as planted. ``spread`` moves incoming weights.
    """
    d, e, bias = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.booleans())
    D = d + bias
    vectors = draw(
        st.lists(st.tuples(*[st.integers(-16, 16)] * D), min_size=1, max_size=5, unique=True).map(
            lambda rows: [np.array(row) / 8 for row in rows]
        )
    )
    rows, outgoing, owner, kinds = [], [], [], []
    for k, w in enumerate(vectors):
        size, zero = draw(st.integers(1, 4)), draw(st.booleans())
        a = np.array(draw(st.lists(st.tuples(*[st.integers(-16, 16)] * e), min_size=size, max_size=size))) / 8
        total = a.sum(0)
        if zero:
            a[0] -= total
        elif not total.any():
            a[0] += 1
        kinds.append(zero)
        for column in a:
            noise = np.array(draw(st.tuples(*[st.integers(-4, 4)] * D))) / 4
            rows.append(w + spread * noise)
            outgoing.append(column)
            owner.append(k)
    order = draw(st.permutations(range(len(rows))))
    W, A = torch.tensor(np.array(rows)[order]), torch.tensor(np.array(outgoing)[order]).T.contiguous()
    layers = Layers(W[:, :d].contiguous(), A, W[:, d].contiguous() if bias else None, None)
    blocks = [tuple(i for i, j in enumerate(order) if owner[j] == k) for k in range(len(vectors))]
    copies = sorted(block for block, zero in zip(blocks, kinds, strict=True) if not zero)
    return layers, copies, sorted(block for block, zero in zip(blocks, kinds, strict=True) if zero)


def members(groups: Any) -> list[tuple[int, ...]]:
    return sorted(group.members for group in groups)


@given(planted())
def test_exact_groups_are_those_of_the_exact_reduction(case: Any) -> None:
    layers, copies, zeros = case
    found, exact = group_neurons(layers, tolerance=0), reduce(exact_parameters(layers))
    assert members(found.copies) == copies == members(exact.labelled)
    assert members(found.zero_type) == zeros == members(exact.zero_groups)
    assert found.configuration == exact.configuration
    assert found.r == exact.r
    for ours, theirs in zip(found.copies, exact.labelled, strict=True):
        assert ours.w.tolist() == [float(v) for v in theirs.w]
        assert ours.a.tolist() == [float(v) for v in theirs.a]
        assert ours.spread == 0


@given(planted(spread=2.0**-10), st.sampled_from([2.0**-20 * 1.1, 2.0**-9 * 1.7, 0.3]))
def test_given_tolerances_link_as_the_exact_reduction_does(case: Any, tolerance: float) -> None:
    layers, _, _ = case
    found, exact = group_neurons(layers, tolerance), reduce(exact_parameters(layers), tolerance)
    assert [g.members for g in found.groups] == [g.members for g in exact.groups]
    assert [g.kind is GroupKind.ZERO_TYPE for g in found.groups] == [g.is_zero for g in exact.groups]
    for ours, theirs in zip(found.groups, exact.groups, strict=True):
        assert torch.allclose(ours.w, torch.tensor([float(v) for v in theirs.w], dtype=torch.float64), atol=1e-14)


@given(planted(spread=2.0**-20))
def test_the_gap_finds_near_misses(case: Any) -> None:
    """Near misses are 4e-6 apart at most: one group each, if the groups are further apart than the ceiling."""
    layers, copies, zeros = case
    W = layers.W1 if layers.b1 is None else torch.cat([layers.W1, layers.b1[:, None]], 1)
    scale = float(np.median(np.linalg.norm(W.numpy(), axis=1)))
    assume(scale > 1e-4)  # weights near zero have no length to be near by
    firsts = [block[0] for block in copies + zeros]
    assume(pdist(W.numpy()[firsts]).min(initial=1.0) > CEILING * scale + 1e-4)
    found = group_neurons(layers)
    assert members(found.groups) == sorted(copies + zeros)
    assert members(found.zero_type) == zeros


def test_neurons_without_a_gap_stay_apart() -> None:
    for seed in range(50):
        g = torch.Generator().manual_seed(seed)
        layers = Layers(torch.randn(12, 6, generator=g), torch.randn(1, 12, generator=g), None, None)
        assert all(group.size == 1 for group in group_neurons(layers).groups)


@given(st.integers(2, 30), st.integers(1, 4), st.integers(0, 10**6))
def test_the_tree_spans_all_points_at_least_length(n: int, d: int, seed: int) -> None:
    """Kruskal's greedy edges, made independently, have the tree's lengths."""
    rows = np.random.default_rng(seed).integers(-3, 4, (n, d)) / 2.0
    root = list(range(n))

    def find(k: int) -> int:
        while root[k] != k:
            k = root[k]
        return k

    lengths = []
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    for length, (i, j) in sorted(zip(pdist(rows).tolist(), pairs, strict=True)):
        if find(i) != find(j):
            root[find(i)] = find(j)
            lengths.append(length)
    assert single_linkage(rows)[:, 2].tolist() == lengths


def test_students_of_figure_5_are_sorted_into_copies_and_zero_type_groups() -> None:
    """Trained to zero loss, every student has exactly the teacher's four neurons left (Theorem 4.2)."""
    axis = np.arange(-5, 5.01, 0.5)
    x = np.array([(u, v) for u in axis for v in axis])
    teacher = np.array([[0.6, 0.5], [-0.5, 0.5], [-0.2, -0.6], [0.1, -0.6]])
    width = 10

    def logistic(z: Any) -> Any:
        return (1 + np.tanh(z / 2)) / 2

    def sigma(z: Any) -> Any:
        return np.logaddexp(0, z) + logistic(4 * z)

    def slope(z: Any) -> Any:
        return logistic(z) + 4 * logistic(4 * z) * logistic(-4 * z)

    def residual(p: Any) -> Any:
        return sigma(x @ p[: 2 * width].reshape(width, 2).T) @ p[2 * width :] - y

    def jacobian(p: Any) -> Any:
        z = x @ p[: 2 * width].reshape(width, 2).T
        by_w = (slope(z) * p[2 * width :])[:, :, None] * x[:, None, :]
        return np.concatenate([by_w.reshape(len(x), -1), sigma(z)], 1)

    y = sigma(x @ teacher.T).sum(1)
    reached = 0
    for seed in range(6):
        start = np.random.default_rng(seed).uniform(-1, 1, 3 * width) * 0.7
        end = least_squares(residual, start, jacobian, method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=2000)
        if np.mean(end.fun**2) > 1e-20:
            continue
        reached += 1
        W, a = torch.tensor(end.x[: 2 * width].reshape(width, 2)), torch.tensor(end.x[None, 2 * width :])
        found = group_neurons(Layers(W, a, None, None))
        assert found.r == 4
        cores = sorted(group.w.tolist() for group in found.copies)
        assert np.abs(np.array(cores) - np.array(sorted(teacher.tolist()))).max() < found.tolerance
        assert sum(sum(found.neurons_by_size(kind).values()) for kind in GroupKind) == width
    assert reached >= 4


def test_single_precision_and_batches() -> None:
    W1 = torch.tensor([[1.0, 2.0], [1.0, 2.0], [3.0, 1.0]])
    layers = Layers(W1, torch.tensor([[1.0, -1.0 + 1e-7, 2.0]]), None, None)
    batch = Batch.from_layers([layers])
    for network in (layers, batch):
        assert [g.kind for g in group_neurons(network).groups] == [GroupKind.ZERO_TYPE, GroupKind.COPIES]
    padded = stack([batch, Batch(torch.ones(1, 5, 2), torch.ones(1, 1, 5))])
    assert group_neurons(padded.select(0)).configuration == group_neurons(layers).configuration
    with pytest.raises(ShapeError, match="batch of 2"):
        group_neurons(padded)


def test_degenerate_networks() -> None:
    one = group_neurons(Layers(torch.zeros(1, 2), torch.zeros(1, 1), None, None))
    assert (one.r, one.neurons_by_size(GroupKind.ZERO_TYPE)) == (0, {1: 1})
    silent = group_neurons(Layers(torch.zeros(4, 2), torch.ones(1, 4), None, None))
    assert [group.members for group in silent.groups] == [(0, 1, 2, 3)]
    nearly = Layers(
        torch.tensor([[1.0], [1e-200], [2e-200]], dtype=torch.float64), torch.ones(1, 3).double(), None, None
    )
    assert group_neurons(nearly, 0).r == 3
    zeros = Layers(torch.tensor([[0.0], [-0.0]]), torch.ones(1, 2), None, None)
    assert group_neurons(zeros, 0).r == 1


def test_bad_input() -> None:
    good = Layers(torch.ones(3, 2), torch.ones(1, 3), None, None)
    for tolerance in (-1.0, math.nan, math.inf, "1e-3", True):
        with pytest.raises(NonFiniteError, match="tolerance: got"):
            group_neurons(good, tolerance)  # type: ignore[arg-type]
    with pytest.raises(NonFiniteError):
        group_neurons(good._replace(W1=torch.full((3, 2), math.nan)))
    with pytest.raises(NonFiniteError, match="overflow"):
        group_neurons(good._replace(W1=torch.full((3, 2), 1e200, dtype=torch.float64), W2=good.W2.double()))
    with pytest.raises(ShapeError):
        group_neurons(good._replace(W2=torch.ones(1, 4)))
    with pytest.raises(DimensionError):
        group_neurons(Layers(torch.ones(0, 2), torch.ones(1, 0), None, None))
    with pytest.raises(
        DimensionError, match=r"16385; expected at most 16384: their 134225920 distances would take 1 GB"
    ):
        group_neurons(Layers(torch.ones(MAX_NEURONS + 1, 1), torch.ones(1, MAX_NEURONS + 1), None, None))


def test_no_gap_below_the_ceiling() -> None:
    assert find_gap(np.array([0.2, 5.0]), 1.0, 1e-15, CEILING).below == 1e-15
    assert find_gap(np.array([1e-3, 5e-3, 0.02, 0.08, 0.3]), 1.0, 1e-15, CEILING).above == 1e-3
