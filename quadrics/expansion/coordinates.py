"""Networks as vectors, in the order of the paper: (w_1, ..., w_m, a_1, ..., a_m)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from ..errors import ShapeError
from ..network import Parameters
from ..validation import Expr

Vector = tuple[Expr, ...]


def to_vector(theta: Parameters) -> Vector:
    """Return (w_1, ..., w_m, a_1, ..., a_m), the neurons' weights one after another.

    >>> to_vector(Parameters([[1, 2], [3, 4]], [[5, 6], [7, 8]]))
    (1, 2, 3, 4, 5, 7, 6, 8)
    """
    return (*theta.W1, *theta.W2.T)


def from_vector(vector: Sequence[Any], d_in: int, d_out: int) -> Parameters:
    """Return the network with these coordinates: the inverse of :func:`to_vector`.

    Raises ``ShapeError`` if the length is no multiple of d_in + d_out.

    >>> theta = Parameters([[1, 2], [3, 4]], [[5, 6], [7, 8]])
    >>> from_vector(to_vector(theta), 2, 2) == theta
    True
    """
    m, rest = divmod(len(vector), d_in + d_out)
    if rest or not m:
        raise ShapeError(f"vector: got {len(vector)} coordinates; expected a multiple of d_in + d_out = {d_in + d_out}")
    W1 = sympy.Matrix(m, d_in, list(vector[: m * d_in]))
    return Parameters(W1, sympy.Matrix(m, d_out, list(vector[m * d_in :])).T)
