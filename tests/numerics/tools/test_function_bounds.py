"""Bounds that hold for every pair of networks and every input, and outputs of fifty digits."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.tools.checkpoint import Checkpoint
from numerics.tools.function_bounds import difference_bound, exact_outputs, largest_exact_difference, size_bound
from numerics.tools.named_activation import activation_called
from quadrics.activation import relu
from quadrics.errors import UnknownActivationError
from quadrics.smooth_activation import SmoothActivation, Z

from ..moved_networks import KINDS, draw, output

names = st.sampled_from(sorted(KINDS))
seeds = st.integers(0, 2**32)


@settings(max_examples=100, deadline=None)
@given(name=names, bias=st.booleans(), size=st.sampled_from([1e-6, 0.1, 1.0]), radius=st.floats(0.1, 5), seed=seeds)
def test_the_bounds_hold(name: str, bias: bool, size: float, radius: float, seed: int) -> None:
    source = torch.Generator().manual_seed(seed)
    A = draw(source, 3, 4, 2, bias)
    B = {key: t + size * torch.randn(t.shape, generator=source, dtype=torch.float64) for key, t in A.items()}
    one, other = (Checkpoint.from_state(state).layers for state in (A, B))
    x = torch.nn.functional.normalize(torch.randn(200, 3, generator=source, dtype=torch.float64)) * radius
    f, g = (output(state, x, name) for state in (A, B))
    sigma = activation_called(name)
    bound, large = difference_bound(one, other, sigma, radius), size_bound(one, sigma, radius)
    assert float((f - g).norm(dim=1).max()) <= bound * (1 + 1e-9) + 1e-12
    assert float(f.norm(dim=1).max()) <= large * (1 + 1e-9)
    assert difference_bound(one, one, sigma, radius) == 0


def test_a_bound_can_be_reached_and_its_half_is_none() -> None:
    A = Checkpoint.from_state({"0.weight": torch.tensor([[2.0]]), "2.weight": torch.tensor([[3.0]])}).layers
    B = Checkpoint.from_state({"0.weight": torch.tensor([[3.0]]), "2.weight": torch.tensor([[4.0]])}).layers
    x = torch.tensor([[5.0]]).double()
    seen = float(output({"0.weight": B.W1, "2.weight": B.W2}, x, "relu")) - 30
    assert difference_bound(A, B, relu, 5.0) == seen
    assert seen > difference_bound(A, B, relu, 2.5)


@settings(max_examples=40, deadline=None)
@given(name=names, bias=st.booleans(), seed=seeds)
def test_fifty_digits_begin_with_torchs_fifteen(name: str, bias: bool, seed: int) -> None:
    source = torch.Generator().manual_seed(seed)
    A = draw(source, 3, 4, 2, bias)
    x = torch.randn(3, 3, generator=source, dtype=torch.float64)
    found = exact_outputs(Checkpoint.from_state(A).layers, x, activation_called(name))
    torch.testing.assert_close(torch.tensor([[float(v) for v in row] for row in found]).double(), output(A, x, name))


def test_relu_networks_against_fractions() -> None:
    source = torch.Generator().manual_seed(1)
    A = draw(source, 3, 4, 1)
    x = torch.randn(5, 3, generator=source, dtype=torch.float64)
    found = exact_outputs(Checkpoint.from_state(A).layers, x, relu)
    W, b, (a,), (c,) = (A[key].tolist() for key in ("0.weight", "0.bias", "2.weight", "2.bias"))
    for row, (value,) in zip(x.tolist(), found, strict=True):
        total = Fraction(c)
        for w, bias, out in zip(W, b, a, strict=True):
            z = Fraction(bias) + sum(Fraction(u) * Fraction(v) for u, v in zip(w, row, strict=True))
            total += Fraction(out) * max(z, Fraction(0))
        with mpmath.workdps(60):
            exact = mpmath.mpf(total.numerator) / total.denominator
            assert abs(value - exact) <= abs(exact) * mpmath.mpf(10) ** -45


def test_differences_far_below_a_double() -> None:
    A = Checkpoint.from_state({"0.weight": torch.tensor([[1.0]]), "2.weight": torch.tensor([[1.0]])}).layers
    B = A._replace(W1=torch.tensor([[1.0], [2.0**-80]]), W2=torch.tensor([[1.0, 1.0]]))
    assert largest_exact_difference(A, B, torch.ones(1, 1), relu) == 2.0**-80
    assert largest_exact_difference(A, A, torch.ones(1, 1), relu) == 0


def test_an_activation_without_bounds() -> None:
    A = Checkpoint.from_state({"0.weight": torch.ones(2, 1), "2.weight": torch.ones(1, 2)}).layers
    with pytest.raises(UnknownActivationError, match="expected one of"):
        size_bound(A, SmoothActivation("cubic", Z**3), 1.0)
