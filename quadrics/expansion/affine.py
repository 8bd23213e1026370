r"""Affine subspaces of coordinate space, exactly: reduced row echelon forms over the field of the coordinates.

Nothing here knows of networks. It is the linear algebra that the combinatorial rules of the other modules are checked
against.

>>> line = AffineSpace.through([1, 0], [[1, 1]])
>>> line.dimension, line.contains([3, 2]), line.contains([3, 3])
(1, True, False)
>>> line.intersection(AffineSpace.through([0, 5], [[1, 0]])).dimension
0
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy.polys.matrices import DomainMatrix

from ..errors import NonFiniteError, ShapeError
from ..validation import Expr, Matrix, as_real

Vector = Sequence[Any]


@dataclass(frozen=True)
class AffineSpace:
    r"""The solutions v of :math:`A v = b`, kept as the reduced row echelon form of :math:`[A \mid b]`.

    Two spaces are equal as sets exactly when they are equal as objects.

    Parameters
    ----------
    equations : matrix with one column more than there are coordinates; its last column is b

    Raises
    ------
    NonFiniteError
        for floats, which have no exact echelon form.
    ShapeError
        if the equations contradict each other (an empty set is no affine space).

    Examples
    --------
    >>> AffineSpace(sympy.Matrix([[2, 2, 4], [1, 1, 2]])).equations
    Matrix([[1, 1, 2]])
    >>> AffineSpace(sympy.Matrix([[1, 1, 2], [1, 1, 3]]))
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: equations: got a system without solutions; expected a consistent one
    """

    equations: Matrix

    def __post_init__(self) -> None:
        form, pivots = _echelon(sympy.Matrix(self.equations))
        if form.cols - 1 in pivots:
            raise ShapeError("equations: got a system without solutions; expected a consistent one")
        object.__setattr__(self, "equations", sympy.ImmutableDenseMatrix(form[: len(pivots), :]))

    @classmethod
    def through(cls, point: Vector, directions: Sequence[Vector]) -> AffineSpace:
        """Return the space of ``point`` plus all linear combinations of the directions (which may be dependent).

        >>> AffineSpace.through([0, 0, 1], [[1, 0, 0], [2, 0, 0]]).dimension
        1
        """
        base = sympy.Matrix([as_real(v, "point") for v in point])
        n = base.rows
        if any(len(d) != n for d in directions):
            raise ShapeError(f"directions: got lengths {sorted({len(d) for d in directions})}; expected {n}")
        spanned = sympy.Matrix(len(directions), n, [v for d in directions for v in d])
        normals = spanned.nullspace() if directions else [sympy.eye(n).col(i) for i in range(n)]
        rows = [[*normal, (normal.T * base)[0]] for normal in normals]
        return cls(sympy.Matrix(len(rows), n + 1, [v for row in rows for v in row]))

    @property
    def ambient_dimension(self) -> int:
        """The number of coordinates."""
        return int(self.equations.cols) - 1

    @property
    def dimension(self) -> int:
        """Coordinates minus independent equations."""
        return self.ambient_dimension - int(self.equations.rows)

    def contains(self, point: Vector) -> bool:
        """Whether a point satisfies every equation."""
        v = sympy.Matrix([*point, -1])
        if v.rows != self.equations.cols:
            raise ShapeError(f"point: got {v.rows - 1} coordinates; expected {self.ambient_dimension}")
        return all(_is_zero(entry) for entry in self.equations * v)

    def intersection(self, other: AffineSpace) -> AffineSpace | None:
        """Return the common points, or ``None`` if there are none.

        >>> x, y = AffineSpace(sympy.Matrix([[1, 0, 1]])), AffineSpace(sympy.Matrix([[1, 0, 2]]))
        >>> x.intersection(y) is None
        True
        """
        if self.ambient_dimension != other.ambient_dimension:
            raise ShapeError(f"spaces: got {self.ambient_dimension} and {other.ambient_dimension} coordinates")
        try:
            return AffineSpace(sympy.Matrix.vstack(sympy.Matrix(self.equations), sympy.Matrix(other.equations)))
        except ShapeError:
            return None

    def includes(self, other: AffineSpace) -> bool:
        """Whether every point of ``other`` lies in this space."""
        return self.intersection(other) == other


def _echelon(matrix: Matrix) -> tuple[Matrix, tuple[int, ...]]:
    if matrix.has(sympy.Float):
        raise NonFiniteError("coordinates: got floats; expected exact numbers (sympy.Rational(1, 10) instead of 0.1)")
    if matrix.rows == 0:
        return matrix, ()
    form, pivots = DomainMatrix.from_Matrix(matrix, extension=True).to_field().rref()
    return form.to_Matrix(), tuple(pivots)


def _is_zero(value: Expr) -> bool:
    return bool(value == 0 or sympy.expand(value) == 0 or value.equals(0))
