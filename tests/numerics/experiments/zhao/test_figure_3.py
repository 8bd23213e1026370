"""Figure 3 of Zhao et al.: gradients, the map against exact networks, the blocks, and what is drawn."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
import torch

from numerics.experiments.zhao.approximate_symmetries import (
    Problem,
    descend,
    drawn,
    linear_curve,
    moved_along,
    projection_rounding,
    segment,
)
from numerics.experiments.zhao.figure_3 import LEAKY, Size, figure, run, table
from quadrics.connectivity.approximate_action import TwoLayerWeights, leaky_relu, move
from quadrics.errors import DimensionError, ResultsError
from quadrics.smooth_activation import sigmoid

TINY = Size(networks=12, largest=6, steps=20, batches=(8, 40), scales=(0.3,), curves=2, points=5, curve_steps=200)


def source(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("activation", [sigmoid, LEAKY])
def test_a_step_of_descent_follows_the_gradient(activation):
    problem, (U, V) = drawn(source(), 3, 5, 4, 6, activation)
    leaves = [U.clone().requires_grad_(True), V.clone().requires_grad_(True)]
    loss = problem.loss(tuple(leaves)) ** 2 / 7
    gradients = torch.autograd.grad(loss, leaves)
    moved = descend(problem, (U, V), 1, rate=0.1, scale=7)
    for before, after, gradient in zip((U, V), moved, gradients, strict=True):
        assert torch.allclose(before - 0.1 * gradient, after, rtol=0, atol=1e-14)


@pytest.mark.parametrize(("h", "k"), [(2, 3), (2, 2), (3, 2)])
def test_the_map_agrees_with_the_exact_one(h, k):
    tenth = leaky_relu(sympy.Rational(1, 10))
    U, V = sympy.Matrix(1, h, range(1, h + 1)), sympy.Matrix([[1, -1], [2, 2], [0, -1]])[:h, :]
    X, g = sympy.Matrix([[1, -2, 3], [2, 1, -1]])[:, :k], sympy.eye(h) + sympy.ones(h) * sympy.Rational(-2, 5)
    exact = move(g, TwoLayerWeights(U, V), X, tenth)
    arrays = [torch.tensor(np.array(m, dtype=float)) for m in (X, U, V, g)]
    problem = Problem(arrays[0], torch.zeros(1, k).double(), tenth)
    found = moved_along(problem, (arrays[1], arrays[2]), arrays[3]).weights
    for mine, wanted in zip(found, (exact.U, exact.V), strict=True):
        assert np.allclose(mine.numpy(), np.array(wanted, dtype=float), rtol=0, atol=1e-12)


def test_curves_and_segments_begin_and_end_where_they_should():
    _, (U, V) = drawn(source(), 3, 4, 2, 5, LEAKY)
    times = torch.tensor([0.0, 0.5, 1.0]).double()
    generator = torch.randn(4, 4, generator=source(1), dtype=torch.float64)
    curve = linear_curve(generator, (U, V), times)
    assert torch.allclose(curve[0] @ curve[1], (U @ V).expand(3, 3, 2), atol=1e-11)
    start, end = ((W[0], X[0]) for W, X in ((curve[0][:1], curve[1][:1]), (curve[0][2:], curve[1][2:])))
    straight = segment(start, end, times)
    assert torch.equal(straight[0][0], start[0])
    assert torch.allclose(straight[1][2], end[1], atol=1e-14)


def test_rounding_grows_with_the_condition_and_leaves_out_zeros():
    S = torch.diag(torch.tensor([1.0, 1e-3, 0.0]).double())
    assert projection_rounding(S) == pytest.approx(30 * torch.finfo(torch.float64).eps * 1e3)


def test_the_experiment():
    data = run(size=TINY)
    assert dict(data.sizes) == {"network": 12, "batch": 2, "scale": 1, "curve": 2, "t": 5}
    assert bool((data.change <= data.norm + data.rounding).all())
    assert ((data.change <= data.rounding).values == (data["rank"] == data.k).values).all()
    constant = (abs(data.loss - data.trained) <= data.output_rounding).all(("scale", "curve", "t"))
    assert constant.values.tolist() == [True, False]
    assert np.allclose(data.loss.isel(t=[0, -1]), data.straight.isel(t=[0, -1]), atol=1e-8)
    assert bool((data["shift"].sel(batch=8) > 1).all())
    assert bool((data["shift"].sel(batch=40) < 1e-8).all())
    assert run(size=TINY).equals(data)
    assert not run(size=TINY, seed=1).equals(data)
    drawing = figure(data)
    assert len(drawing.axes) == 3
    assert table(data).row_count == 2


def test_blocks_are_kept(tmp_path):
    seen = []
    first = run(size=TINY, folder=tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (3, 3)
    assert run(size=TINY, folder=tmp_path).equals(first)
    with pytest.raises(ResultsError):
        run(size=TINY, folder=tmp_path, seed=5)


@pytest.mark.parametrize("change", [{"networks": 0}, {"batches": ()}, {"scales": ()}, {"largest": 1}, {"points": 1}])
def test_bad_sizes_get_a_named_error(change):
    with pytest.raises(DimensionError):
        run(size=Size(**{**TINY.__dict__, **change}))
