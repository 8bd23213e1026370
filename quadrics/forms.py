"""The pseudo-Euclidean forms ⟨⟨·,·⟩⟩_k whose squares gradient flow conserves (eq. 10, eq. 28 with biases).

Two generalizations come at no cost and share the formula. For an activation homogeneous of degree k the conserved
form is ``|w|² - k |a|²``; with learning rates η₁ (input layer) and η₂ (output layer) it is ``|w|²/η₁ - |a|²/η₂``.

>>> theta = Parameters(W1=[[3, 4]], W2=[[5]])
>>> imbalance(theta), imbalance(theta, degree=2), imbalance(theta, learning_rates=(1, 5))
([0], [-25], [20])
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import sympy

from .errors import NonFiniteError, ShapeError
from .network import Parameters
from .validation import Expr, Matrix, as_dimension, as_matrix, as_real


def _weights(degree: object, learning_rates: Any) -> tuple[Expr, Expr]:
    """Return the coefficients of |w|² + b² and of |a|²."""
    power = as_real(degree, "degree")
    try:
        eta1, eta2 = learning_rates
    except (TypeError, ValueError):
        raise ShapeError(f"learning_rates: got {learning_rates!r}; expected a pair (eta1, eta2)") from None
    rates = as_real(eta1, "eta1"), as_real(eta2, "eta2")
    for rate in rates:
        if rate.is_nonpositive:
            raise NonFiniteError(f"learning_rates: got {rates}; expected two positive numbers")
    return 1 / rates[0], -power / rates[1]


def form(theta: Parameters, eta: Parameters, k: int, degree: object = 1, learning_rates: object = (1, 1)) -> Expr:
    """Return ⟨⟨θ, η⟩⟩_k = Σ_i W1_ki V1_ki [+ b_k p_k] - Σ_j W2_jk V2_jk (eq. 10; eq. 28 with biases).

    Parameters
    ----------
    theta, eta : parameters of the same architecture
    k : the neuron, 0-based
    degree : degree of homogeneity of the activation; the output part counts ``degree`` times
    learning_rates : (η₁, η₂), dividing the input and the output part

    Raises
    ------
    ShapeError
        if the architectures differ.
    DimensionError
        if there is no neuron ``k``.

    Examples
    --------
    >>> theta = Parameters([[1, 2]], [[3]], b1=[4])
    >>> form(theta, theta, 0)
    12

    The form is indefinite: a nonzero vector may have square 0.

    >>> form(Parameters([[3, 4]], [[5]]), Parameters([[3, 4]], [[5]]), 0)
    0
    """
    shapes = [(p.d_in, p.width, p.d_out, p.has_bias) for p in (theta, eta)]
    if shapes[0] != shapes[1]:
        raise ShapeError(
            f"form: got (d_in, width, d_out, bias) = {shapes[0]} and {shapes[1]}; expected the same architecture"
        )
    k = as_dimension(k, "neuron", 0, theta.width - 1)
    inward, outward = _weights(degree, learning_rates)
    first = sum((u * v for u, v in zip(theta.W1.row(k), eta.W1.row(k), strict=True)), sympy.Integer(0))
    if theta.b1 is not None and eta.b1 is not None:
        first += theta.b1[k] * eta.b1[k]
    second = sum((u * v for u, v in zip(theta.W2.col(k), eta.W2.col(k), strict=True)), sympy.Integer(0))
    return inward * first + outward * second


def imbalance(theta: Parameters, degree: object = 1, learning_rates: object = (1, 1)) -> list[Expr]:
    """Return the list of c_k = ⟨⟨θ, θ⟩⟩_k = |w_k|² [+ b_k²] - |a_k|², one for each neuron (eq. 12).

    Neuron k is *pathological* when c_k < 0. See :func:`form` for ``degree`` and ``learning_rates``.

    >>> imbalance(Parameters([[1, 0], [0, 2]], [[1, 3]]))
    [0, -5]
    """
    return [form(theta, theta, k, degree, learning_rates) for k in range(theta.width)]


def gram_matrix(
    d_in: int, d_out: int, bias: bool = False, degree: object = 1, learning_rates: object = (1, 1)
) -> Matrix:
    """Return the Gram matrix of the form on one neuron (w_1..w_d[, b], a_1..a_e): diag(1, ..., 1, -1, ..., -1).

    Raises ``DimensionError`` for dimensions below 1.

    >>> gram_matrix(2, 1)
    Matrix([
    [1, 0,  0],
    [0, 1,  0],
    [0, 0, -1]])
    """
    d_in, d_out = as_dimension(d_in, "d_in"), as_dimension(d_out, "d_out")
    inward, outward = _weights(degree, learning_rates)
    return sympy.ImmutableDenseMatrix(sympy.diag(*[inward] * (d_in + int(bias)), *[outward] * d_out))


def signature(gram: Matrix) -> tuple[int, int]:
    """Return (number of positive, number of negative) eigenvalues of a symmetric matrix; the rest are zero.

    The count is exact: the characteristic polynomial of a symmetric matrix has only real roots, so Descartes' rule of
    signs counts its positive ones with multiplicity. Symbolic entries need assumptions that settle their signs.

    Raises
    ------
    ShapeError
        if the matrix is not symmetric.
    NonFiniteError
        if the sign of a coefficient cannot be decided.

    Examples
    --------
    >>> signature(gram_matrix(3, 2))
    (3, 2)
    >>> signature(sympy.Matrix([[0, 1], [1, 0]])), signature(sympy.zeros(2, 2))
    ((1, 1), (0, 0))
    """
    matrix = as_matrix(gram, "gram")
    if matrix.rows != matrix.cols or (matrix - matrix.T).applyfunc(sympy.simplify) != sympy.zeros(*matrix.shape):
        raise ShapeError(f"gram: got a matrix of shape {matrix.shape}; expected a symmetric one")
    if matrix.is_diagonal():
        signs = [_sign(entry) for entry in matrix.diagonal()]
        return signs.count(1), signs.count(-1)
    x = sympy.Symbol("x")
    coefficients = [_sign(c) for c in matrix.charpoly(x).all_coeffs()]
    mirrored = [s * (-1) ** i for i, s in enumerate(coefficients)]
    return _sign_changes(coefficients), _sign_changes(mirrored)


def _sign(entry: Expr) -> int:
    value = sympy.sign(sympy.simplify(entry))
    if value not in (-1, 0, 1):
        raise NonFiniteError(f"signature: the sign of {entry} is not known; expected numbers or signed symbols")
    return int(value)


def _sign_changes(signs: list[int]) -> int:
    nonzero = [s for s in signs if s]
    return sum(a != b for a, b in pairwise(nonzero))
