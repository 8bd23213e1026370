"""The forms of eq. (10) and (28): bilinearity, signature, weights."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import DimensionError, NonFiniteError, ShapeError
from quadrics.forms import form, gram_matrix, imbalance, signature
from quadrics.network import Parameters, TwoLayer


@pytest.mark.parametrize("bias", [False, True])
def test_form_is_its_gram_matrix(bias: bool) -> None:
    net = TwoLayer(2, 2, 3, bias=bias)
    theta, eta = net.symbols(), net.symbols("'")
    rates = sympy.symbols("eta1 eta2", positive=True)
    for k in range(2):
        vectors = []
        for p in (theta, eta):
            n = p.neuron(k)
            vectors.append(sympy.Matrix([*n.w, *([] if n.b is None else [n.b]), *n.a]))
        G = gram_matrix(2, 3, bias, 2, rates)
        assert sympy.expand((vectors[0].T * G * vectors[1])[0] - form(theta, eta, k, 2, rates)) == 0


def test_form_sees_only_its_neuron() -> None:
    theta = TwoLayer(2, 3, 2, bias=True).symbols()
    assert form(theta, theta, 1) == form(theta.block(1), theta.block(1), 1)
    assert form(theta.block(0), theta.block(0), 1) == 0


@pytest.mark.parametrize(("d", "e", "bias"), [(1, 1, False), (3, 2, False), (3, 2, True)])
def test_signature_is_d_e(d: int, e: int, bias: bool) -> None:
    assert signature(gram_matrix(d, e, bias)) == (d + bias, e)
    weighted = gram_matrix(d, e, bias, 3, sympy.symbols("eta1 eta2", positive=True))
    assert signature(weighted) == (d + bias, e)


@settings(max_examples=40)
@given(st.integers(1, 4), st.integers(0, 10_000))
def test_signature_matches_eigenvalues(n: int, seed: int) -> None:
    half = np.random.default_rng(seed).integers(-3, 4, (n, n))
    matrix = half + half.T
    positive, negative = signature(sympy.Matrix(matrix.tolist()))
    values = np.linalg.eigvalsh(matrix.astype(float))
    assert (positive, negative) == (int((values > 1e-9).sum()), int((values < -1e-9).sum()))


def test_imbalance_of_a_known_network() -> None:
    theta = Parameters([[1, 2], [3, 4]], [[5, 6], [7, 8]], b1=[1, 0])
    assert imbalance(theta) == [1 + 4 + 1 - 25 - 49, 9 + 16 - 36 - 64]
    assert imbalance(theta, degree=2)[0] == 6 - 2 * 74


def test_refusals() -> None:
    theta = Parameters([[1]], [[1]])
    with pytest.raises(ShapeError, match="same architecture"):
        form(theta, Parameters([[1]], [[1]], b1=[1]), 0)
    with pytest.raises(DimensionError):
        form(theta, theta, 1)
    with pytest.raises(DimensionError):
        gram_matrix(0, 1)
    for bad in (1, (1, 2, 3)):
        with pytest.raises(ShapeError, match="pair"):
            imbalance(theta, learning_rates=bad)
    with pytest.raises(NonFiniteError, match="positive"):
        imbalance(theta, learning_rates=(1, 0))
    with pytest.raises(ShapeError, match="symmetric"):
        signature(sympy.Matrix([[0, 1], [2, 0]]))
    with pytest.raises(NonFiniteError, match="sign"):
        signature(sympy.diag(sympy.Symbol("x", real=True), 1))
