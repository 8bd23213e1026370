"""Changes of basis of linear networks: recovered, inverted, followed along a curve, or refused."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from numerics.modules import Layers
from numerics.tools.basis_alignment import align_basis, rotation_power
from numerics.tools.checkpoint import Checkpoint
from quadrics.connectivity.symmetry_curves import polar_power
from quadrics.errors import DimensionError, DisconnectedError, ShapeError, SymmetryError

from ..moved_networks import State, draw

seeds = st.integers(0, 2**32)


def layers(state: State) -> Layers:
    return Checkpoint.from_state(state).layers


def changed(state: State, g: torch.Tensor) -> State:
    moved = {**state, "0.weight": g @ state["0.weight"], "2.weight": state["2.weight"] @ torch.linalg.inv(g)}
    return moved if "0.bias" not in state else {**moved, "0.bias": g @ state["0.bias"]}


def affine(found: Layers) -> tuple[torch.Tensor, torch.Tensor]:
    """The matrix and the vector of the function."""
    b1 = torch.zeros(found.W1.shape[0]).double() if found.b1 is None else found.b1
    b2 = torch.zeros(found.W2.shape[0]).double() if found.b2 is None else found.b2
    return found.W2 @ found.W1, found.W2 @ b1 + b2


@settings(max_examples=60, deadline=None)
@given(h=st.integers(1, 5), more=st.integers(0, 3), e=st.integers(1, 4), bias=st.booleans(), seed=seeds)
def test_the_change_is_recovered_and_its_curve_is_one_function(
    h: int, more: int, e: int, bias: bool, seed: int
) -> None:
    source = torch.Generator().manual_seed(seed)
    A = draw(source, h + more, h, e, bias)
    g = torch.randn(h, h, generator=source, dtype=torch.float64)
    assume(max(torch.linalg.cond(one) for one in (g, A["0.weight"])) < 1e3)  # sixteen digits less twice three are left
    B = changed(A, g)
    found = align_basis(layers(A), layers(B))
    np.testing.assert_allclose(found.g, g.numpy(), rtol=1e-7, atol=1e-7)
    assert found.determinant_sign == int(torch.linalg.det(g).sign())
    for one, other in zip(found.second, layers(A), strict=True):
        if one is not None:
            torch.testing.assert_close(one, other, rtol=1e-7, atol=1e-7)
    if found.determinant_sign < 0:
        with pytest.raises(DisconnectedError, match="negative determinant"):
            found.curve(0.5)
        return
    wanted = affine(layers(A))
    ranks = []
    for t in np.linspace(0, 1, 11):
        point = found.curve(float(t))
        for one, other in zip(affine(point), wanted, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-7, atol=1e-7)
        # The rows stay independent, so that the curve stays within one component.
        ranks.append(int(torch.linalg.matrix_rank(point.W1)))
    assert set(ranks) == {h}
    for at, end in ((1e-9, found.second), (1 - 1e-9, layers(B))):
        torch.testing.assert_close(found.curve(at).W1, end.W1, rtol=1e-5, atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(h=st.integers(1, 4), e=st.integers(1, 3), seed=seeds)
def test_square_first_layers_become_equal(h: int, e: int, seed: int) -> None:
    source = torch.Generator().manual_seed(seed)
    A, B = draw(source, h, h, e, bias=False), draw(source, h, h, e, bias=False)
    assume(max(torch.linalg.cond(one["0.weight"]) for one in (A, B)) < 1e3)
    found = align_basis(layers(A), layers(B))
    torch.testing.assert_close(found.second.W1, A["0.weight"], rtol=1e-7, atol=1e-7)
    torch.testing.assert_close(affine(found.second)[0], affine(layers(B))[0], rtol=1e-7, atol=1e-7)


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 6), flips=st.integers(0, 3), seed=seeds, t=st.floats(0, 1))
def test_powers_of_rotations(n: int, flips: int, seed: int, t: float) -> None:
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    signs = np.ones(n)
    signs[: 2 * min(flips, n // 2)] = -1
    O = Q @ np.diag(signs) @ Q.T
    if flips % 2:
        other = np.linalg.qr(rng.normal(size=(n, n)))[0]
        O = (
            other * np.sign(np.linalg.det(other))
            if n % 2
            else other @ np.diag([np.linalg.det(other), *[1.0] * (n - 1)])
        )
    power = rotation_power(O, t)
    np.testing.assert_allclose(power @ power.T, np.eye(n), atol=1e-12)
    assert np.linalg.det(power) == pytest.approx(1)
    np.testing.assert_allclose(rotation_power(O, 0.0), np.eye(n), atol=1e-12)
    np.testing.assert_allclose(rotation_power(O, 1.0), O, atol=1e-12)


def test_the_curve_is_the_exact_polar_one() -> None:
    g = [[1, 2], [-3, 1]]
    A = Layers(torch.eye(2).double(), torch.tensor([[1.0, 2.0]]).double(), None, None)
    B = layers(changed({"0.weight": A.W1, "2.weight": A.W2}, torch.tensor(g).double()))
    found = align_basis(A, B)
    for k in range(5):
        exact = polar_power(g, sympy.Rational(k, 4)).evalf(20)
        np.testing.assert_allclose(found.curve(k / 4).W1.numpy(), np.array(exact.tolist(), float), atol=1e-12)


def test_bad_pairs() -> None:
    square = Layers(torch.eye(2), torch.ones(1, 2), None, None)
    with pytest.raises(SymmetryError, match="independent rows"):
        align_basis(Layers(torch.ones(2, 2), torch.ones(1, 2), None, None), square)
    with pytest.raises(SymmetryError, match="independent rows"):
        align_basis(square, Layers(torch.zeros(2, 2), torch.ones(1, 2), None, None))
    with pytest.raises(SymmetryError, match="hidden neurons"):
        align_basis(square, Layers(torch.ones(1, 2), torch.ones(1, 1), None, None))
    rows = torch.eye(4)
    apart = [Layers(part, torch.ones(1, 2), None, None) for part in (rows[:2], rows[2:])]
    with pytest.raises(SymmetryError, match="different parts of the input"):
        align_basis(*apart)
    with pytest.raises(ShapeError):
        align_basis(square, Layers(torch.eye(3), torch.ones(1, 3), None, None))
    for t in (-1.0, 2.0, float("nan")):
        with pytest.raises(DimensionError):
            align_basis(square, square).curve(t)
