r"""Barriers that no permutation of the last hidden layer removes (Zhao et al., Proposition 5.4).

Take the last two layers at a minimum, pre-activations Z and outgoing weights V with :math:`V \sigma(Z) = Y`, and
compare with a rescaled copy whose neurons are permuted, :math:`(m P^{-1} Z, m^{-k} V P)`. At the middle of the segment
the output is

.. math:: 2^{-(k+1)}\, V (I + m^{-k} P)\, \sigma((I + m P^{-1}) Z) = 2^{-(k+1)} m^k\, V P^{-1} \sigma(Z) + o(m^k) .

So the loss exceeds every bound for all P at once if no :math:`V P \sigma(Z)` vanishes. Every attainable :math:`Y \ne 0`
has such a minimum: :func:`awaken` lets each idle neuron share the work of a busy one, :func:`spread` rescales the
neurons by different factors.

>>> from quadrics.activation import relu
>>> V, Z = sympy.Matrix([[1, 0]]), sympy.Matrix([[1], [0]])
>>> has_silent_permutation(V, Z, relu)
True
>>> [barrier_at(V, Z, relu, sympy.Rational(1, 2), 4, p) for p in permutations(range(2))]
[81/256, 1/4]
>>> has_silent_permutation(*spread(*awaken(V, Z, relu), 4, relu), relu)
False
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import sympy

from ..activation import Activation
from ..errors import DimensionError, ShapeError
from ..symmetry import permutation_matrix
from ..validation import Expr, Matrix
from .barriers import squared_norm

__all__ = [
    "awaken",
    "barrier_at",
    "has_silent_permutation",
    "leading_coefficient",
    "middle_output",
    "permuted_copy",
    "smallest_barrier",
    "spread",
]

MOST_NEURONS = 8
"""All permutations of more neurons than this are too many."""

Layers = tuple[Matrix, Matrix]


def permuted_copy(V: Any, Z: Any, factor: Any, permutation: Any, degree: Any = 1) -> tuple[Any, Any]:
    """Return (m^{-k} V P, m P^{-1} Z), a copy that computes the same; P as a matrix, or a list of images.

    >>> V, Z = permuted_copy(sympy.Matrix([[1, 2]]), sympy.Matrix([[3], [5]]), 2, [1, 0])
    >>> V, Z
    (Matrix([[1, 1/2]]), Matrix([
    [10],
    [ 6]]))
    """
    P = permutation if hasattr(permutation, "shape") else permutation_matrix(permutation)
    m = sympy.sympify(factor)
    return m ** (-degree) * V * P, m * P.T * Z


def barrier_at(V: Matrix, Z: Matrix, activation: Activation, alpha: Any, factor: Any, permutation: Any) -> Expr:
    """Return the squared loss at α between (V, Z) and the permuted copy, with Y = V σ(Z)."""
    _check(V, Z)
    other, below = permuted_copy(V, Z, factor, permutation, activation.degree)
    middle = ((1 - alpha) * V + alpha * other) * ((1 - alpha) * Z + alpha * below).applyfunc(activation)
    return squared_norm(V * Z.applyfunc(activation) - middle)


def smallest_barrier(V: Matrix, Z: Matrix, activation: Activation, alpha: Any, factor: Any) -> Expr:
    """Return the smallest loss at α over all permutations, by trying all.

    Raises ``DimensionError`` for more than 8 neurons.

    >>> from quadrics.activation import relu
    >>> half, Z = sympy.Rational(1, 2), sympy.Matrix([[1], [1]])
    >>> smallest_barrier(sympy.Matrix([[1, 2]]), Z, relu, half, 4) == barrier_at(
    ...     sympy.Matrix([[1, 2]]), Z, relu, half, 4, [0, 1])
    True
    """
    chosen = _permutations(V, Z)
    return sympy.Min(*(barrier_at(V, Z, activation, alpha, factor, p) for p in chosen))


def middle_output(V: Any, hidden: Any, P: Any, factor: Any, degree: Any) -> Any:
    """Return 2^{-(k+1)} V (I + m^{-k} P) H, the output at the middle with H = σ((I + m P^{-1}) Z).

    (Equation 19 prints 1/4 in place of 2^{-(k+1)}, right for k = 1 only.)
    """
    one = sympy.Identity(P.shape[0]) if not isinstance(P, sympy.MatrixBase) else sympy.eye(P.shape[0])
    two, m = sympy.Integer(2), sympy.sympify(factor)
    return two ** (-(degree + 1)) * V * (one + m ** (-degree) * P) * hidden


def leading_coefficient(V: Matrix, Z: Matrix, activation: Activation, permutation: Any) -> Expr:
    """Return 2^{-2(k+1)} ‖V P^{-1} σ(Z)‖², the limit of L/m^{2k} at the middle as m grows.

    >>> from quadrics.activation import relu
    >>> leading_coefficient(sympy.Matrix([[1, 2]]), sympy.Matrix([[1], [3]]), relu, [1, 0])
    25/16
    """
    P = permutation_matrix(permutation)
    return squared_norm(V * P.T * Z.applyfunc(activation)) / 2 ** (2 * (activation.degree + 1))


def has_silent_permutation(V: Matrix, Z: Matrix, activation: Activation) -> bool:
    """Whether V P σ(Z) = 0 for some permutation P, which Proposition 5.4 forbids.

    Raises ``DimensionError`` for more than 8 neurons.
    """
    return any(leading_coefficient(V, Z, activation, p) == 0 for p in _permutations(V, Z))


def awaken(V: Matrix, Z: Matrix, activation: Activation) -> Layers:
    """Return a minimum with the same output in which every neuron is active and is used.

    A neuron with σ(z_i) = 0 or v_i = 0 adds nothing. It gets the pre-activations of a neuron that does, and all of
    these share that neuron's outgoing weight.

    Raises ``DimensionError`` if no neuron adds anything.

    >>> from quadrics.activation import relu
    >>> awaken(sympy.Matrix([[1, 0]]), sympy.Matrix([[1], [0]]), relu)
    (Matrix([[1/2, 1/2]]), Matrix([
    [1],
    [1]]))
    """
    _check(V, Z)
    hidden = Z.applyfunc(activation)
    busy = [i for i in range(V.cols) if any(V[:, i]) and any(hidden[i, :])]
    if not busy:
        raise DimensionError("neurons: got none that adds to the output; expected one, as for every Y ≠ 0")
    chosen, idle = busy[0], [i for i in range(V.cols) if i not in busy]
    share = V[:, chosen] / (len(idle) + 1)
    new_V, new_Z = V.as_mutable(), Z.as_mutable()
    for i in (chosen, *idle):
        new_V[:, i], new_Z[i, :] = share, Z[chosen, :]
    return new_V.as_immutable(), new_Z.as_immutable()


def spread(V: Matrix, Z: Matrix, base: Any, activation: Activation) -> Layers:
    """Return (V D^{-k}, D Z) with the factors d_i = base^{2^i}: the same output, with neurons of different sizes.

    If every neuron is active and used, each entry of V P σ(Z) becomes a Laurent polynomial in base^k whose exponents
    2^{π(i)} - 2^i are different wherever π(i) ≠ i; so for all but finitely many bases none of these matrices vanishes.

    >>> from quadrics.activation import relu
    >>> spread(sympy.Matrix([[3, 8]]), sympy.Matrix([[1], [1]]), 2, relu)
    (Matrix([[3/2, 2]]), Matrix([
    [2],
    [4]]))
    """
    _check(V, Z)
    D = sympy.diag(*(sympy.sympify(base) ** (2**i) for i in range(V.cols)))
    inverse = sympy.diag(*(sympy.sympify(base) ** (-activation.degree * 2**i) for i in range(V.cols)))
    return (V * inverse).as_immutable(), (D * Z).as_immutable()


def _check(V: Matrix, Z: Matrix) -> None:
    if V.shape[1] != Z.shape[0]:
        raise ShapeError(f"layers: got {V.shape[1]} outgoing weights for {Z.shape[0]} neurons; expected one each")


def _permutations(V: Matrix, Z: Matrix) -> list[Sequence[int]]:
    _check(V, Z)
    if V.shape[1] > MOST_NEURONS:
        raise DimensionError(f"neurons: got {V.shape[1]}; expected at most {MOST_NEURONS} to try all permutations")
    return list(permutations(range(V.shape[1])))
