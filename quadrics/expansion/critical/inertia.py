r"""The inertia of a symmetric matrix: how many of its eigenvalues are negative, zero and positive, exactly.

Congruent matrices have the same inertia (Sylvester's law), so that a change of variables may be used to find it.

>>> inertia(sympy.Matrix([[0, 1], [1, 0]]))
Inertia(negative=1, zero=0, positive=1)
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import sympy
from sympy.polys.matrices import DomainMatrix

from ...errors import NonFiniteError, ShapeError
from ...forms import signature
from ...validation import Matrix, as_dimension, as_matrix


@dataclass(frozen=True)
class Inertia:
    """Numbers of negative, zero and positive eigenvalues.

    Inertias add as the blocks of a block diagonal matrix, and :meth:`kronecker` is that of a Kronecker product.

    Raises
    ------
    DimensionError
        if a number is no integer of at least 0.

    Examples
    --------
    >>> Inertia(1, 0, 2) + Inertia(0, 3, 0)
    Inertia(negative=1, zero=3, positive=2)
    >>> Inertia(1, 0, 0).kronecker(Inertia(2, 1, 5))
    Inertia(negative=5, zero=1, positive=2)

    It says how many eigenvalues there are of a sign, not how large they are; for that there is no addition.

    >>> Inertia(-1, 0, 0)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: negative: got -1; expected an integer of at least 0
    """

    negative: int
    zero: int
    positive: int

    def __post_init__(self) -> None:
        for name in ("negative", "zero", "positive"):
            object.__setattr__(self, name, as_dimension(getattr(self, name), name, 0))

    @property
    def size(self) -> int:
        """The size of the matrix."""
        return self.negative + self.zero + self.positive

    @property
    def is_semidefinite(self) -> bool:
        """Whether no eigenvalue is negative (positive semidefinite)."""
        return self.negative == 0

    def __add__(self, other: Inertia) -> Inertia:
        if not isinstance(other, Inertia):
            return NotImplemented
        return Inertia(self.negative + other.negative, self.zero + other.zero, self.positive + other.positive)

    def kronecker(self, other: Inertia) -> Inertia:
        """Return the inertia of A ⊗ B, whose eigenvalues are the products of those of A and B."""
        negative = self.negative * other.positive + self.positive * other.negative
        positive = self.positive * other.positive + self.negative * other.negative
        return Inertia(negative, self.size * other.size - negative - positive, positive)


def inertia(matrix: object) -> Inertia:
    """Return the inertia of a symmetric matrix of exact numbers, or of symbols whose assumptions settle the signs.

    The characteristic polynomial of a symmetric matrix has real roots only, so that Descartes' rule of signs counts
    them with their multiplicities. For rational entries it is computed over the rational numbers.

    Raises
    ------
    ShapeError
        if the matrix is not square or not symmetric.
    NonFiniteError
        for floats (whose zeros are not exact), or if a sign cannot be decided.

    Examples
    --------
    >>> inertia(sympy.diag(1, -2, 0, 5))
    Inertia(negative=1, zero=1, positive=2)
    >>> inertia([[0.5]])
    Traceback (most recent call last):
    ...
    quadrics.errors.NonFiniteError: matrix: got floats; expected exact numbers (sympy.Rational(1, 2), not 0.5)
    """
    given: Matrix = as_matrix(matrix, "matrix")
    if given.has(sympy.Float):
        raise NonFiniteError("matrix: got floats; expected exact numbers (sympy.Rational(1, 2), not 0.5)")
    if given.rows != given.cols or (given - given.T).applyfunc(sympy.expand) != sympy.zeros(*given.shape):
        raise ShapeError(f"matrix: got one of shape {given.shape} that is not symmetric; expected a symmetric one")
    if not all(entry.is_Rational for entry in given):
        positive, negative = signature(given)
        return Inertia(negative, given.rows - negative - positive, positive)
    coefficients = DomainMatrix.from_Matrix(sympy.Matrix(given)).convert_to(sympy.QQ).charpoly()
    signs = [(c > 0) - (c < 0) for c in coefficients]
    positive = _changes(signs)
    negative = _changes([s * (-1) ** i for i, s in enumerate(signs)])
    return Inertia(negative, given.rows - negative - positive, positive)


def _changes(signs: list[int]) -> int:
    nonzero = [s for s in signs if s]
    return sum(a != b for a, b in pairwise(nonzero))
