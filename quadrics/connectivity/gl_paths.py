r"""Paths of invertible matrices: GL_n(R) has two components, det > 0 and det < 0, with an explicit polygon inside each.

From any invertible matrix, row operations lead along straight segments to diag(±1, 1, ..., 1): adding t times a row
to others keeps the determinant; a diagonal shrinks to its signs; two entries -1 turn to 1 through
:math:`\begin{pmatrix}0&-1\\1&0\end{pmatrix}`, with determinant t² + (1-t)² on both segments. Everything is rational,
so that a path can be checked exactly: det((1-t)A + tB) is a polynomial in t, and Sturm's theorem counts its roots.

>>> A, B = sympy.Matrix([[0, 1], [-1, 0]]), sympy.Matrix([[-1, 0], [0, -1]])
>>> len(gl_path(A, B)) > 2, is_invertible_path(gl_path(A, B))
(True, True)
>>> is_invertible_path([sympy.eye(2), -sympy.eye(2)])  # the straight segment goes through 0
False
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import sympy

from ..errors import DimensionError, DisconnectedError, NonFiniteError, ShapeError, SymmetryError
from ..validation import Expr, Matrix, as_matrix

LARGEST = 12

_t = sympy.Symbol("t", real=True)


def as_invertible(value: object, name: str = "g", size: int | None = None) -> Matrix:
    """Return ``value`` as an invertible rational matrix (a float is taken as the dyadic rational that it is).

    Raises
    ------
    ShapeError
        if it is no square matrix, or has another size than the given one.
    DimensionError
        if it is larger than 12 by 12.
    NonFiniteError
        if an entry is no rational number.
    SymmetryError
        if its determinant is zero.

    Examples
    --------
    >>> as_invertible([[0.5, 0], [0, 1]])
    Matrix([
    [1/2, 0],
    [  0, 1]])
    >>> as_invertible([[1, 2], [2, 4]])
    Traceback (most recent call last):
    ...
    quadrics.errors.SymmetryError: g: got a matrix of determinant 0; expected an invertible one
    """
    matrix = as_rational_matrix(value, name)
    n, m = matrix.shape
    if n != m or (size is not None and n != size):
        wanted = "a square matrix" if size is None else f"a {size} by {size} matrix"
        raise ShapeError(f"{name}: got shape {(n, m)}; expected {wanted}")
    if n > LARGEST:
        raise DimensionError(f"{name}: got a {n} by {n} matrix; expected at most {LARGEST} rows (the work is exact)")
    if determinant(matrix) == 0:
        raise SymmetryError(f"{name}: got a matrix of determinant 0; expected an invertible one")
    return matrix


def as_rational_matrix(value: object, name: str) -> Matrix:
    """Return ``value`` as an immutable matrix of rational numbers, floats taken exactly.

    Raises ``ShapeError`` if it is no matrix, ``NonFiniteError`` if an entry is no rational number.

    >>> as_rational_matrix([[0.1]], "W")[0] == sympy.Rational(0.1)
    True
    """
    matrix = as_matrix(value, name)
    entries = []
    for entry in matrix:
        exact = sympy.Rational(Fraction(float(entry))) if entry.is_Float else entry
        if not exact.is_Rational:
            raise NonFiniteError(f"{name}: got the entry {entry}; expected rational numbers or floats")
        entries.append(exact)
    return sympy.ImmutableDenseMatrix(*matrix.shape, entries)


def determinant(matrix: Matrix) -> Expr:
    """Return the determinant, exactly (a polynomial for entries that are polynomials in t)."""
    over_ring = matrix.to_DM()
    return over_ring.domain.to_sympy(over_ring.det())


def determinant_sign(matrix: Matrix) -> int:
    """Return -1, 0 or 1.

    >>> determinant_sign(sympy.Matrix([[0, 1], [1, 0]]))
    -1
    """
    return int(sympy.sign(determinant(matrix)))


def canonical_matrix(sign: int, size: int) -> Matrix:
    """Return diag(sign, 1, ..., 1), one matrix in each component of GL_n.

    >>> canonical_matrix(-1, 2)
    Matrix([
    [-1, 0],
    [ 0, 1]])
    """
    return sympy.ImmutableDenseMatrix(sympy.diag(sign, *(1,) * (size - 1)))


def path_to_canonical(matrix: object) -> list[Matrix]:
    """Return the vertices of a polygon inside GL_n from a matrix to diag(±1, 1, ..., 1).

    Raises what :func:`as_invertible` raises.

    >>> path_to_canonical([[2]])
    [Matrix([[2]]), Matrix([[1]])]
    >>> path_to_canonical([[0, -3], [1, 0]])[-1] == sympy.eye(2)
    True
    """
    start = as_invertible(matrix)
    n, vertices = start.rows, [start]
    current = start.as_mutable()
    for j in range(n):
        if current[j, j] == 0:
            below = next(i for i in range(j + 1, n) if current[i, j] != 0)
            current[j, :] += current[below, :]
            vertices.append(current.as_immutable())
        pivot = current[j, :] / current[j, j]
        factors = [0 if i == j else current[i, j] for i in range(n)]
        if any(factors):
            for i in range(n):
                current[i, :] -= factors[i] * pivot
            vertices.append(current.as_immutable())
    signs = [int(sympy.sign(current[i, i])) for i in range(n)]
    vertices.append(sympy.diag(*signs).as_immutable())
    vertices += _turned(signs)
    return [vertex for k, vertex in enumerate(vertices) if k == 0 or vertex != vertices[k - 1]]


def _turned(signs: list[int]) -> list[Matrix]:
    """From a diagonal of signs to diag(±1, 1, ..., 1): pairs (-1, -1) to (1, 1), then (1, ..., -1) to (-1, ..., 1)."""
    negative = [i for i, sign in enumerate(signs) if sign < 0]
    n, vertices = len(signs), []
    left_over = negative.pop(0) if len(negative) % 2 else 0
    if negative:
        half = sympy.diag(*(1 if i in negative else sign for i, sign in enumerate(signs)))
        turned = half.copy()
        for a, b in zip(negative[::2], negative[1::2], strict=True):
            half[a, a] = half[b, b] = 0
            half[a, b], half[b, a] = -1, 1
        vertices += [half.as_immutable(), turned.as_immutable()]
    if left_over:
        half = sympy.eye(n)
        half[0, 0] = half[left_over, left_over] = 0
        half[0, left_over] = half[left_over, 0] = 1
        vertices += [half.as_immutable(), canonical_matrix(-1, n)]
    return vertices


def gl_path(start: object, end: object) -> list[Matrix]:
    """Return the vertices of a polygon of invertible matrices between two whose determinants have the same sign.

    Parameters
    ----------
    start, end : n by n invertible matrices of rationals (floats are taken exactly), n at most 12

    Raises
    ------
    DisconnectedError
        if the determinants have different signs: no path of invertible matrices exists, the determinant would vanish.
    ShapeError, DimensionError, NonFiniteError, SymmetryError
        as :func:`as_invertible`.

    Examples
    --------
    >>> path = gl_path([[1, 2], [3, 4]], [[0, 1], [1, 0]])
    >>> path[0].tolist(), path[-1].tolist(), is_invertible_path(path)
    ([[1, 2], [3, 4]], [[0, 1], [1, 0]], True)
    >>> gl_path([[1, 0], [0, 1]], [[0, 1], [1, 0]])
    Traceback (most recent call last):
    ...
    quadrics.errors.DisconnectedError: gl_path: got determinants 1 and -1; expected the same sign (GL_n has two \
components, det > 0 and det < 0)
    """
    A = as_invertible(start, "start")
    B = as_invertible(end, "end", A.rows)
    if determinant_sign(A) != determinant_sign(B):
        raise DisconnectedError(
            f"gl_path: got determinants {determinant(A)} and {determinant(B)}; expected the same sign (GL_n has two "
            "components, det > 0 and det < 0)"
        )
    return [*path_to_canonical(A), *reversed(path_to_canonical(B)[:-1])]


def segment_determinant(A: Matrix, B: Matrix) -> Expr:
    """Return det((1-t)A + tB) as a polynomial in t.

    >>> segment_determinant(sympy.eye(2), -sympy.eye(2)).as_expr()
    4*t**2 - 4*t + 1
    """
    return sympy.Poly(determinant((A + _t * (B - A)).applyfunc(sympy.expand)), _t, domain="QQ")


def roots_on_segment(A: Matrix, B: Matrix) -> int:
    """Return the number of t in [0, 1] with det((1-t)A + tB) = 0, by Sturm's theorem; -1 if all of them are.

    The signs at the two ends do not tell:

    >>> roots_on_segment(sympy.eye(2), -sympy.eye(2)), roots_on_segment(sympy.eye(3), 2 * sympy.eye(3))
    (1, 0)
    """
    polynomial = segment_determinant(A, B)
    return -1 if polynomial.is_zero else int(polynomial.count_roots(0, 1))


def is_invertible_path(vertices: Sequence[Matrix]) -> bool:
    """Whether every matrix on every segment of the polygon is invertible, decided exactly.

    >>> is_invertible_path([sympy.eye(2), sympy.Matrix([[0, -1], [1, 0]]), -sympy.eye(2)])
    True
    """
    return all(roots_on_segment(a, b) == 0 for a, b in pairwise(vertices))


def polygon_point(vertices: Sequence[Matrix], t: object) -> Matrix:
    """Return the point at time t in [0, 1] of a polygon that spends the same time on each segment.

    Raises ``DimensionError`` for t outside [0, 1].

    >>> polygon_point([sympy.zeros(1), sympy.eye(1), sympy.zeros(1)], sympy.Rational(3, 4))
    Matrix([[1/2]])
    """
    time = sympy.Rational(Fraction(t) if isinstance(t, float) else t)
    if not 0 <= time <= 1:
        raise DimensionError(f"t: got {t}; expected a number between 0 and 1")
    segments = len(vertices) - 1
    if segments == 0:
        return vertices[0]
    k = min(int(time * segments), segments - 1)
    rest = time * segments - k
    return vertices[k] + rest * (vertices[k + 1] - vertices[k])
