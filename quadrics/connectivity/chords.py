r"""Straight segments inside an orbit of basis changes of a two-layer linear network.

Between (W_1, W_2) and g·W = (g W_1, W_2 g^{-1}) the product of the layers is off by

.. math:: \alpha (1-\alpha)\; W_2\, (g + g^{-1} - 2I)\, W_1 , \qquad g + g^{-1} - 2I = (g - I)^2 g^{-1} ,

which is largest at α = 1/2. If W_2 has independent columns and W_1 independent rows, the whole segment computes one
function exactly when :math:`(g - I)^2 = 0`: such g may be as far from I as one likes, in a group that is not compact.
For orthogonal g the error is :math:`-\alpha(1-\alpha) W_2 (I-g)^T (I-g) W_1`, at most
:math:`\lVert W_2 \rVert \lVert W_1 \rVert`.

>>> I, N = sympy.eye(2), sympy.Matrix([[0, 1], [0, 0]])
>>> is_straight(I + 100 * N), is_straight(2 * I)
(True, False)
>>> W1, W2 = sympy.Matrix([[1, 2], [3, 4]]), sympy.Matrix([[0, 1], [1, 1]])
>>> chord_error(W2, W1, I + 100 * N, sympy.Rational(1, 2)) == sympy.zeros(2)
True
"""

from __future__ import annotations

from typing import Any

import sympy

from ..errors import ShapeError, SymmetryError
from ..validation import Matrix
from .gl_paths import as_invertible

__all__ = ["chord_defect", "chord_error", "is_straight", "scalar_barrier"]


def chord_defect(g: Any) -> Any:
    """Return g + g^{-1} - 2I; an explicit matrix, or a matrix symbol of symbolic size.

    Raises ``ShapeError`` for a matrix that is not square, ``SymmetryError`` for a singular matrix of numbers.

    >>> chord_defect(sympy.Matrix([[2]]))
    Matrix([[1/2]])
    """
    if g.shape[0] != g.shape[1]:
        raise ShapeError(f"g: got shape {g.shape}; expected a square matrix")
    if isinstance(g, sympy.MatrixBase):
        if g.det().is_zero:
            raise SymmetryError("g: got a singular matrix; expected an invertible one")
        return g + g.inv() - 2 * sympy.eye(g.shape[0])
    return g + g.inv() - 2 * sympy.Identity(g.shape[0])


def chord_error(W2: Any, W1: Any, g: Any, alpha: Any) -> Any:
    """Return α(1-α) W_2 (g + g^{-1} - 2I) W_1: the product at α between W and g·W, minus W_2 W_1.

    >>> one = sympy.Matrix([[1]])
    >>> chord_error(one, one, sympy.Matrix([[4]]), sympy.Rational(1, 2))
    Matrix([[9/16]])
    """
    return alpha * (1 - alpha) * W2 * chord_defect(g) * W1


def is_straight(g: object) -> bool:
    """Whether (g - I)² = 0, so that the segment from W to g·W computes one function for every W.

    Raises what :func:`~quadrics.connectivity.gl_paths.as_invertible` raises.

    >>> is_straight([[1, 5], [0, 1]]), is_straight([[0, 1], [1, 0]])
    (True, False)
    """
    matrix: Matrix = as_invertible(g)
    off = matrix - sympy.eye(matrix.rows)
    return bool(off * off == sympy.zeros(matrix.rows))


def scalar_barrier(factor: Any) -> Any:
    """Return (m - 1)²/(4m), the error at the middle for g = mI, relative to W_2 W_1.

    >>> scalar_barrier(4)
    9/16
    """
    m = sympy.sympify(factor)
    return (m - 1) ** 2 / (4 * m)
