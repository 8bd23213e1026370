r"""Symmetric losses (Definition 2.1): functions of m units of :math:`\mathbb{R}^D` that no permutation changes.

A point is a matrix of shape (m, D), a unit a row. Permutations act on units:
:math:`(P_\pi \theta)_i = \theta_{\pi(i)}`, with indices from 0.

>>> w = units(2, 1)
>>> product = UnitLoss((w[0] * w[1] - 2) ** 2, w)
>>> product.is_symmetric(), product.gradient_is_equivariant()
(True, True)

Being a polynomial in both units is not enough:

>>> UnitLoss((w[0] - 2 * w[1]) ** 2, w).is_symmetric()
False
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import sympy

from ...errors import ShapeError
from ...smooth_activation import SmoothActivation
from ...symmetry import as_permutation
from ...validation import Expr, Matrix, as_dimension, as_matrix, as_real

MAX_UNITS = 1000


def units(m: object, D: object, name: str = "theta") -> Matrix:
    """Return m units of R^D as a matrix (m, D) of real symbols.

    >>> units(2, 3, "w")
    Matrix([
    [w_1_1, w_1_2, w_1_3],
    [w_2_1, w_2_2, w_2_3]])
    """
    rows, columns = as_dimension(m, "m", maximum=MAX_UNITS), as_dimension(D, "D", maximum=MAX_UNITS)
    return sympy.ImmutableDenseMatrix(rows, columns, lambda i, d: sympy.Symbol(f"{name}_{i + 1}_{d + 1}", real=True))


def permute_units(theta: Any, perm: Any) -> Matrix:
    r"""Return :math:`P_\pi \theta`, whose unit i is the unit π(i) of θ.

    The paper's maps compose the other way round: P_π P_σ = P_{σ∘π}.

    >>> permute_units([[10], [20], [30]], [1, 2, 0]).T
    Matrix([[20, 30, 10]])

    Raises ``SymmetryError`` when ``perm`` is no permutation of the units.
    """
    matrix = as_matrix(theta, "theta")
    return matrix.extract(list(as_permutation(perm, matrix.rows)), list(range(matrix.cols)))


def generators(m: object) -> list[tuple[int, ...]]:
    """Return a transposition and a cycle that generate S_m (no more than are needed).

    >>> generators(4), generators(2), generators(1)
    ([(1, 0, 2, 3), (1, 2, 3, 0)], [(1, 0)], [])
    """
    n = as_dimension(m, "m", maximum=MAX_UNITS)
    found = [(1, 0, *range(2, n))] if n > 1 else []
    return found + ([(*range(1, n), 0)] if n > 2 else [])


@dataclass(frozen=True)
class UnitLoss:
    r"""A function of m units of :math:`\mathbb{R}^D`, as an expression in the entries of a matrix of symbols.

    Parameters
    ----------
    expression : may have other symbols too (data, constants), and functions left undefined
    units : matrix (m, D) of different symbols, a unit a row

    Raises
    ------
    ShapeError
        if the entries of ``units`` are not different symbols.
    NonFiniteError
        if the expression is no real expression.

    Examples
    --------
    >>> w = units(3, 2)
    >>> spread = UnitLoss(sum((w.row(i) - w.row(j)).norm() ** 2 for i in range(3) for j in range(i)), w)
    >>> spread.m, spread.D, spread.is_symmetric()
    (3, 2, True)
    """

    expression: Expr
    units: Matrix

    def __post_init__(self) -> None:
        matrix = as_matrix(self.units, "units")
        if not all(entry.is_Symbol for entry in matrix) or len(set(matrix)) < len(matrix):
            raise ShapeError(f"units: got {matrix.tolist()}; expected a matrix of different symbols, a unit a row")
        object.__setattr__(self, "units", matrix)
        object.__setattr__(self, "expression", as_real(self.expression, "expression"))

    @property
    def m(self) -> int:
        """The number of units."""
        return int(self.units.rows)

    @property
    def D(self) -> int:
        """The dimension of a unit."""
        return int(self.units.cols)

    def at(self, theta: Any) -> Expr:
        """Return L(θ)."""
        return self.expression.xreplace(self._at(theta))

    def gradient(self) -> Matrix:
        """Return the gradient, a matrix (m, D) as the units are.

        >>> w = units(2, 1)
        >>> UnitLoss(w[0] ** 2 * w[1], w).gradient().T
        Matrix([[2*theta_1_1*theta_2_1, theta_1_1**2]])
        """
        return self.units.applyfunc(lambda symbol: sympy.diff(self.expression, symbol))

    def gradient_at(self, theta: Any) -> Matrix:
        """Return the gradient at a point."""
        return self.gradient().xreplace(self._at(theta))

    def is_invariant_under(self, perm: Any) -> bool:
        """Whether L(P_π θ) = L(θ), identically in θ; ``SymmetryError`` for what is no permutation."""
        return is_identically_zero(self.at(permute_units(self.units, perm)) - self.expression)

    def is_symmetric(self) -> bool:
        """Whether L is invariant under S_m, which two generators decide (``False`` where SymPy cannot show it)."""
        return all(self.is_invariant_under(perm) for perm in generators(self.m))

    def gradient_is_equivariant(self) -> bool:
        r"""Whether :math:`\nabla L(P_\pi \theta) = P_\pi \nabla L(\theta)` for the generators, identically in θ.

        Exactly the symmetric losses have it: the chain rule gives it, and it makes L(P_π θ) - L(θ) a constant, which is
        zero because some power of π is the identity.

        >>> w = units(2, 1)
        >>> UnitLoss(w[0] - w[1], w).gradient_is_equivariant()
        False
        """
        gradient = self.gradient()
        return all(
            is_identically_zero(entry)
            for perm in generators(self.m)
            for entry in self.gradient_at(permute_units(self.units, perm)) - permute_units(gradient, perm)
        )

    def symmetrized(self) -> UnitLoss:
        """Return the mean of L(P_π θ) over S_m, which is symmetric whatever L was.

        >>> w = units(2, 1)
        >>> UnitLoss(w[0], w).symmetrized().expression
        theta_1_1/2 + theta_2_1/2

        Raises ``DimensionError`` for more than 8 units, whose permutations are too many.
        """
        as_dimension(self.m, "units", maximum=8)
        all_of_them = list(permutations(range(self.m)))
        total = sympy.Add(*(self.at(permute_units(self.units, perm)) for perm in all_of_them))
        return UnitLoss(sympy.expand(total / len(all_of_them)), self.units)

    def _at(self, theta: Any) -> dict[Any, Any]:
        point = as_matrix(theta, "theta")
        if point.shape != self.units.shape:
            raise ShapeError(f"theta: got shape {point.shape}; expected {self.units.shape}, a unit a row")
        return dict(zip(self.units, point, strict=True))


def network_loss(
    m: object,
    data: Sequence[tuple[Any, Any]],
    activation: SmoothActivation | None = None,
) -> UnitLoss:
    r"""Return the mean square loss (halved) of a two-layer network with one input and one output, units (w_i, a_i).

    Without an activation σ is left undefined, so that what holds then holds for every smooth σ.

    Parameters
    ----------
    m : the width
    data : pairs (x, y) of numbers or symbols
    activation : a smooth activation, or ``None``

    >>> network_loss(2, [(1, 3)]).is_symmetric()
    True
    """
    theta = units(m, 2)
    if not data:
        raise ShapeError("data: got no pairs; expected at least one (x, y)")
    sigma = activation or sympy.Function("sigma", real=True)
    total = sympy.Integer(0)
    for x, y in data:
        f = sum((theta[i, 1] * sigma(theta[i, 0] * as_real(x, "x")) for i in range(theta.rows)), sympy.Integer(0))
        total += (f - as_real(y, "y")) ** 2
    return UnitLoss(total / (2 * len(data)), theta)


def orbit(theta: Any) -> Iterator[Matrix]:
    """Yield the different points among all P_π θ: m! of them exactly when the units are distinct.

    >>> len(list(orbit([[1], [2], [3]]))), len(list(orbit([[1], [2], [1]])))
    (6, 3)
    """
    matrix = as_matrix(theta, "theta")
    as_dimension(matrix.rows, "units", maximum=9)
    seen = set()
    for perm in permutations(range(matrix.rows)):
        moved = permute_units(matrix, perm)
        if moved not in seen:
            seen.add(moved)
            yield moved


def is_identically_zero(expression: Expr) -> bool:
    """Whether an expression vanishes identically, by exact rewriting; ``False`` where SymPy cannot show it."""
    return bool(expression == 0 or sympy.expand(expression) == 0 or sympy.simplify(expression) == 0)
