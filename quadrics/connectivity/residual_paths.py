r"""Paths of the weights of a residual block W_j ... W_1 + ε I along which it stays invertible.

From given weights straight to some with an invertible product P, if it is not yet so; then along a polygon M(t) in
GL_k that starts at M = P + ε I and ends where P(t) = M(t) - ε I has the wanted value P', the weights being

.. math:: (W_1 P^{-1} P(t),\; W_2,\; \dots,\; W_j),

whose product is P(t) also when that is singular; then among the factorizations of P' (:mod:`.factorizations`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

from ..errors import DimensionError
from ..validation import Expr, Matrix
from .factorizations import FactorizationPath, between
from .gl_paths import determinant, is_invertible_path, polygon_point
from .linear_networks import Weights, chain_product

_t = sympy.Symbol("t", real=True)


def block_matrix(weights: Sequence[Any], skip: Any) -> Any:
    """Return M = W_j ... W_1 + ε I; explicit matrices, or matrix symbols of symbolic size.

    >>> block_matrix([sympy.Matrix([[1, 2]]), sympy.Matrix([[3], [4]])], 10)
    Matrix([
    [13,  6],
    [ 4, 18]])
    """
    below = chain_product(weights)
    identity = sympy.eye(below.rows) if isinstance(below, sympy.MatrixBase) else sympy.Identity(below.shape[0])
    return below + skip * identity


@dataclass(frozen=True)
class Descent:
    """A path from weights to a factorization of P_s: straight to an invertible product, then a lifted path of blocks.

    The weights are those of the cycle read from its narrowest layer.
    """

    skip: Expr
    start: Weights
    moved: Weights
    polygon: tuple[Matrix, ...]

    def __call__(self, t: object) -> Weights:
        """Return the weights at time t in [0, 1]."""
        time = 2 * _as_time(t)
        if time <= 1:
            return between(self.start, self.moved, time)
        wanted = polygon_point(self.polygon, time - 1) - self.skip * sympy.eye(self.polygon[0].rows)
        return lifted(self.moved, wanted)

    def is_invertible(self) -> bool:
        """Whether the block is invertible all along, decided exactly: Sturm's theorem on each segment."""
        straight = segment_polynomial(self.start, self.moved, self.skip).count_roots(0, 1) == 0
        return straight and is_invertible_path(self.polygon)


@dataclass(frozen=True)
class BlockPath:
    """A path of weights of a block: down to the factorizations of P_s, among them, and up again.

    Inside, the block is read from its narrowest layer; ``cut`` is where the first layer stands then.
    """

    cut: int
    there: Descent
    fibre: FactorizationPath
    back: Descent

    def __call__(self, t: object) -> Weights:
        """Return the weights at time t in [0, 1], exactly for a rational t; raises ``DimensionError`` outside."""
        time = 3 * _as_time(t)
        if time <= 1:
            found = self.there(time)
        else:
            found = self.fibre(time - 1) if time <= 2 else self.back(3 - time)
        return turned(found, self.cut)

    def is_invertible(self) -> bool:
        """Whether the block is invertible all along: Sturm's theorem on both descents; between them P is P_s.

        That the factorizations in between are some is looked at five times (:meth:`Factorizations.path` says so).
        """
        between_them = all(self.fibre.space.contains(self.fibre(sympy.Rational(k, 4))) for k in range(5))
        return between_them and self.there.is_invertible() and self.back.is_invertible()


def lifted(weights: Sequence[Any], wanted: Any) -> tuple[Any, ...]:
    """Return the weights with W_1 P^{-1} P' in place of W_1, whose product is P' = ``wanted``; P must be invertible.

    >>> chain_product(lifted([sympy.Matrix([[2], [1]]), sympy.Matrix([[1, 1]])], sympy.Matrix([[7]])))
    Matrix([[7]])
    """
    return (weights[0] * chain_product(weights).inv() * wanted, *weights[1:])


def segment_polynomial(start: Sequence[Matrix], end: Sequence[Matrix], skip: Any) -> Any:
    """Return det M along the straight segment of weights, as a polynomial in t of degree at most j n.

    Signs at the ends do not tell: here det M is positive at both, and zero twice between them.

    >>> p = segment_polynomial([sympy.Matrix([[-2]]), sympy.Matrix([[-1]])], [sympy.Matrix([[1]])] * 2, 0)
    >>> p.eval(0), p.eval(1), p.count_roots(0, 1)
    (2, 1, 2)
    """
    along = between(start, end, _t)
    return sympy.Poly(determinant(block_matrix(along, skip).applyfunc(sympy.expand)), _t, domain="QQ")


def with_invertible_product(weights: Weights, skip: Expr) -> Weights:
    """Return the weights, or weights near by with an invertible product, the block invertible on the straight way.

    The first layer starts from the narrowest width. Along W + s V, V_i with ones on the diagonal, det P is a polynomial
    in s with leading coefficient det(V_j ... V_1) = 1, and det M is not zero at s = 0: any small s > 0 will do.

    >>> with_invertible_product((sympy.Matrix([[0]]), sympy.Matrix([[-3]])), 1)
    (Matrix([[1/4]]), Matrix([[-11/4]]))
    """
    if determinant(chain_product(weights)) != 0:
        return weights
    s = sympy.Integer(1)
    while True:
        moved = tuple(W + s * sympy.Matrix(*W.shape, lambda a, b: int(a == b)) for W in weights)
        moved = tuple(W.as_immutable() for W in moved)
        if determinant(chain_product(moved)) != 0 and segment_polynomial(weights, moved, skip).count_roots(0, 1) == 0:
            return moved
        s = s / 2


def turned(weights: Sequence[Matrix], cut: int) -> Weights:
    """Return the weights of a cycle of layers, read from another one: W_{cut+1}, ..., W_j, W_1, ..., W_cut."""
    return (*weights[cut:], *weights[:cut])


def _as_time(t: object) -> Expr:
    time = sympy.Rational(Fraction(t) if isinstance(t, float) else t)
    if not 0 <= time <= 1:
        raise DimensionError(f"t: got {t}; expected a number between 0 and 1")
    return time
