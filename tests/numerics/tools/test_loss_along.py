"""The loss along a path, its barrier on a grid and from roots, against the closed forms of the paper."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.modules import Layers
from numerics.objective import Objective
from numerics.tools.checkpoint import Checkpoint
from numerics.tools.loss_along import GRID, follow, segment
from numerics.tools.named_activation import activation_called
from quadrics.activation import linear, relu, relu_power
from quadrics.connectivity.barriers import barrier, peak
from quadrics.errors import DimensionError, NonFiniteError

from ..moved_networks import draw, output


def one_neuron(w: float, a: float) -> Layers:
    return Layers(*(torch.tensor([[v]], dtype=torch.float64) for v in (w, a)), None, None)


ONE = Objective(torch.ones(1, 1).double(), torch.ones(1).double())


@pytest.mark.parametrize("m", [2, 5, 30])
@pytest.mark.parametrize("k", [1, 2])
def test_rescaled_minima_have_the_barrier_of_the_paper(m: int, k: int) -> None:
    """Proposition 5.3: ‖Y‖²(φ* - 1)² at α*, here with ‖Y‖ = 1."""
    found = follow("", segment(one_neuron(1, 1), one_neuron(m, m**-k)), ONE, relu_power(k))
    assert found.barrier == pytest.approx(float(barrier(m, k)), rel=1e-9)
    # The maximum is flat: its place is known to the square root of its digits.
    assert found.at == pytest.approx(float(peak(m, k)), abs=1e-5)
    assert not found.exact
    assert len(found.t) == len(found.loss) == GRID


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), d=st.integers(1, 4), h=st.integers(1, 4), e=st.integers(1, 3), bias=st.booleans())
def test_quartics_and_grids_agree(seed: int, d: int, h: int, e: int, bias: bool) -> None:
    source = torch.Generator().manual_seed(seed)
    one, other = (Checkpoint.from_state(draw(source, d, h, e, bias)).layers for _ in range(2))
    x, y = (torch.randn(30, n, generator=source, dtype=torch.float64) for n in (d, e))
    objective = Objective(x, y)
    exact = follow("", segment(one, other), objective, linear, quartic=True)
    grid = follow("", segment(one, other), objective, linear)
    assert exact.exact
    assert exact.barrier == pytest.approx(grid.barrier, rel=1e-9, abs=1e-9 * float(exact.loss.max()))
    times = np.random.default_rng(seed).uniform(size=200)
    for t in times:
        state = {
            key: tensor
            for key, tensor in zip(("0.weight", "2.weight", "0.bias", "2.bias"), segment(one, other)(t), strict=True)
            if tensor is not None
        }
        loss = float((output(state, x, "linear") - y).square().sum(1).mean())
        line = exact.loss[0] + t * (exact.loss[-1] - exact.loss[0])
        assert loss - line <= exact.barrier + 1e-9 * float(exact.loss.max())


def test_losses_are_torchs_and_the_barrier_is_above_the_grid() -> None:
    source = torch.Generator().manual_seed(5)
    A, B = (draw(source, 3, 4, 5) for _ in range(2))
    x, y = torch.randn(40, 3, generator=source, dtype=torch.float64), torch.randint(5, (40,), generator=source)
    path = segment(*(Checkpoint.from_state(state).layers for state in (A, B)))
    found = follow("", path, Objective(x, y, "ce", classes=5), activation_called("tanh"))
    for k in (0, 33, 100):
        middle = {key: torch.lerp(A[key], B[key], found.t[k]) for key in A}
        wanted = torch.nn.functional.cross_entropy(output(middle, x, "tanh"), y)
        assert found.loss[k] == pytest.approx(float(wanted), rel=1e-12)
    excess = found.loss - (found.loss[0] + found.t * (found.loss[-1] - found.loss[0]))
    assert found.barrier >= excess.max()
    assert found.ends == (found.loss[0], found.loss[-1])
    assert found.spread == found.loss.max() - found.loss.min()


def test_a_convex_loss_of_a_straight_line_has_no_barrier() -> None:
    found = follow("", segment(one_neuron(1, 1), one_neuron(1, 7)), ONE, relu)
    assert found.barrier == 0
    flat = follow("", segment(one_neuron(1, 3), one_neuron(1, 3)), ONE, linear, quartic=True)
    assert (flat.barrier, flat.spread) == (0, 0)


def test_an_overflow_is_named() -> None:
    with pytest.raises(NonFiniteError, match="overflow on the path 'far'"):
        follow("far", segment(one_neuron(1, 1), one_neuron(1e150, 1e150)), ONE, relu)


def test_of_several_peaks_the_highest_is_found() -> None:
    """The loss is (sin 5πt)²(1 + t): five peaks, the last but near the end the highest, all between points."""

    def path(t: float) -> Layers:
        return one_neuron(1.0, 1 + math.sin(5 * math.pi * t) * math.sqrt(1 + t))

    found = follow("", path, ONE, relu, grid=23)
    t = np.linspace(0, 1, 10**6)
    wanted = np.sin(5 * math.pi * t) ** 2 * (1 + t)
    assert found.barrier == pytest.approx(wanted.max(), rel=1e-6)
    assert found.at == pytest.approx(t[wanted.argmax()], abs=1e-5)


def test_coarse_grids() -> None:
    fine, coarse = (follow("", segment(one_neuron(1, 1), one_neuron(9, 1 / 9)), ONE, relu, grid=n) for n in (101, 5))
    assert len(coarse.t) == 5
    assert coarse.barrier == pytest.approx(fine.barrier)
    with pytest.raises(DimensionError, match="at least 5"):
        follow("", segment(one_neuron(1, 1), one_neuron(1, 1)), ONE, relu, grid=4)
