r"""Deep linear networks with square invertible data: their minimum is a copy of GL_h^{l-1} (Zhao et al., section 4.1).

For X, Y in GL_h the loss :math:`\lVert Y - W_l \cdots W_1 X\rVert^2` (eq. 1) vanishes exactly when
:math:`W_l \cdots W_1 X = Y`; then every factor is invertible, the first l-1 are free and the last one follows:

.. math:: f(g_1, \dots, g_{l-1}) = (g_1 X^{-1},\, g_2,\, \dots,\, g_{l-1},\, Y g_1^{-1} g_2^{-1} \cdots g_{l-1}^{-1}),
   \qquad f^{-1}(W) = (W_1 X,\, W_2,\, \dots,\, W_{l-1})

(Proposition 4.1, eq. 10: the product runs in *increasing* order). Two points of the minimum are connected when the
signs of these determinants agree, so that there are :math:`2^{l-1}` components (Corollary 4.2), whatever h.

>>> network = LinearNetwork([[1, 0], [0, 1]], [[1, 1], [0, 1]], depth=3)
>>> network.number_of_components() == len(list(network.components()))
True
>>> g = [sympy.Matrix([[0, 1], [1, 0]]), sympy.Matrix([[1, 2], [3, 4]])]
>>> network.loss(network.parametrize(g)), network.component_of(network.parametrize(g))
(0, (-1, -1))
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from typing import Any

import sympy

from ..errors import DisconnectedError, OffManifoldError, ShapeError
from ..validation import Expr, Matrix, as_dimension
from .gl_paths import as_invertible, as_rational_matrix, canonical_matrix, determinant_sign, gl_path, polygon_point

Weights = tuple[Matrix, ...]
Signs = tuple[int, ...]

DEEPEST = 64


def require_length(matrices: object, number: int, name: str, each: str) -> None:
    """Raise ``ShapeError`` unless this is a sequence of so many matrices.

    >>> require_length([[[1]]], 2, "weights", "layer")
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: weights: got 1 matrices; expected 2, one for each layer
    """
    if isinstance(matrices, str | bytes) or not (hasattr(matrices, "__len__") and hasattr(matrices, "__iter__")):
        raise ShapeError(f"{name}: got {matrices!r}; expected {number} matrices, one for each {each}")
    if len(matrices) != number:
        raise ShapeError(f"{name}: got {len(matrices)} matrices; expected {number}, one for each {each}")


def chain_product(weights: Sequence[Matrix]) -> Matrix:
    """Return W_l ... W_1 for ``weights`` = (W_1, ..., W_l): what the linear network computes.

    >>> chain_product([sympy.Matrix([[1], [2]]), sympy.Matrix([[3, 4]])])
    Matrix([[11]])
    """
    return reduce(lambda below, W: W * below, weights)


def squared_loss(weights: Sequence[Matrix], X: Matrix, Y: Matrix) -> Expr:
    """Return eq. (1), the squared Frobenius norm of Y - W_l ... W_1 X; numbers or symbols.

    >>> w = sympy.symbols("w1 w2")
    >>> squared_loss([sympy.Matrix([[v]]) for v in w], sympy.Matrix([[1]]), sympy.Matrix([[3]]))
    (-w1*w2 + 3)**2
    """
    return sympy.Add(*(entry**2 for entry in Y - chain_product(weights) * X))


@dataclass(frozen=True)
class LinearNetwork:
    """A linear network of ``depth`` square layers on invertible data (eq. 1), and the set where its loss is zero.

    Parameters
    ----------
    X, Y : h by h invertible matrices of rationals (floats are taken exactly), h at most 12
    depth : the number l of layers, at least 1

    Raises
    ------
    ShapeError, DimensionError, NonFiniteError
        if X, Y are not square of one size, are too large, or have entries that are no numbers; for a bad depth.
    SymmetryError
        if X or Y is singular: the minimum is then another set (see :mod:`.factorizations`).

    Examples
    --------
    >>> LinearNetwork([[1]], [[-1]], depth=4).number_of_components()
    8
    >>> LinearNetwork([[0]], [[1]], depth=2)
    Traceback (most recent call last):
    ...
    quadrics.errors.SymmetryError: X: got a matrix of determinant 0; expected an invertible one
    """

    X: Matrix
    Y: Matrix
    depth: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "X", as_invertible(self.X, "X"))
        object.__setattr__(self, "Y", as_invertible(self.Y, "Y", self.X.rows))
        object.__setattr__(self, "depth", as_dimension(self.depth, "depth", 1, DEEPEST))

    @property
    def width(self) -> int:
        """The width h of every layer."""
        return int(self.X.rows)

    def weights(self, weights: Sequence[object]) -> Weights:
        """Return ``weights`` as l rational h by h matrices; raises ``ShapeError`` or ``NonFiniteError``."""
        require_length(weights, self.depth, "weights", "layer")
        matrices = tuple(as_rational_matrix(W, f"W_{i}") for i, W in enumerate(weights, start=1))
        for i, W in enumerate(matrices, start=1):
            if W.shape != self.X.shape:
                raise ShapeError(f"W_{i}: got shape {W.shape}; expected {self.X.shape}")
        return matrices

    def loss(self, weights: Sequence[object]) -> Expr:
        """Return eq. (1) at some weights, exactly.

        >>> LinearNetwork([[1]], [[1]], depth=2).loss([[[2]], [[2]]])
        9
        """
        return squared_loss(self.weights(weights), self.X, self.Y)

    def contains(self, weights: Sequence[object]) -> bool:
        """Whether the loss is zero there."""
        return bool(self.loss(weights) == 0)

    def parametrize(self, g: Sequence[object]) -> Weights:
        """Return f(g) of eq. (10), a point of the minimum, for l-1 invertible matrices.

        Raises ``ShapeError`` for another number or size of matrices, ``SymmetryError`` for a singular one.

        >>> LinearNetwork([[2]], [[3]], depth=3).parametrize([[[4]], [[5]]])
        (Matrix([[2]]), Matrix([[5]]), Matrix([[3/20]]))
        """
        require_length(g, self.depth - 1, "g", "hidden layer")
        factors = [as_invertible(one, f"g_{i}", self.width) for i, one in enumerate(g, start=1)]
        return parametrization(factors, self.X, self.Y)

    def coordinates(self, weights: Sequence[object]) -> tuple[Matrix, ...]:
        """Return f^{-1}(W) = (W_1 X, W_2, ..., W_{l-1}), a point of GL_h^{l-1}.

        Raises ``OffManifoldError`` if the loss is not zero at W.

        >>> network = LinearNetwork([[2]], [[3]], depth=3)
        >>> network.coordinates(network.parametrize([[[4]], [[5]]]))
        (Matrix([[4]]), Matrix([[5]]))
        """
        return coordinates(self._on_minimum(weights), self.X)

    def components(self) -> Iterator[Signs]:
        """Generate the components of the minimum, as the signs of det W_1 X, det W_2, ..., det W_{l-1}."""
        return product((-1, 1), repeat=self.depth - 1)

    def number_of_components(self) -> int:
        """Return 2^(l-1) (Corollary 4.2): the width does not matter, as long as all widths are the rank of Y."""
        return int(2 ** (self.depth - 1))

    def component_of(self, weights: Sequence[object]) -> Signs:
        """Return the component that a point of the minimum lies in.

        Raises ``OffManifoldError`` if the loss is not zero there.

        >>> network = LinearNetwork([[1]], [[1]], depth=2)
        >>> network.component_of([[[-2]], [[-0.5]]])
        (-1,)
        >>> network.component_of([[[1]], [[2]]])
        Traceback (most recent call last):
        ...
        quadrics.errors.OffManifoldError: weights: got a loss of 1; expected a point of the minimum, where it is 0
        """
        return tuple(determinant_sign(g) for g in self.coordinates(weights))

    def representative(self, component: Signs) -> Weights:
        """Return a point of a component: f at diag(±1, 1, ..., 1) in each place.

        >>> network = LinearNetwork([[1, 0], [0, 1]], [[1, 0], [0, 1]], depth=3)
        >>> all(network.component_of(network.representative(signs)) == signs for signs in network.components())
        True
        """
        return self.parametrize([canonical_matrix(sign, self.width) for sign in component])

    def path(self, start: Sequence[object], end: Sequence[object]) -> MinimumPath:
        """Return a path inside the minimum between two points of one component.

        Raises ``OffManifoldError`` for a point outside the minimum, ``DisconnectedError`` for different components.

        >>> network = LinearNetwork([[1]], [[1]], depth=2)
        >>> path = network.path([[[1]], [[1]]], [[[4]], [[0.25]]])
        >>> [network.loss(path(sympy.Rational(k, 4))) for k in range(5)]
        [0, 0, 0, 0, 0]
        >>> network.path([[[1]], [[1]]], [[[-1]], [[-1]]])
        Traceback (most recent call last):
        ...
        quadrics.errors.DisconnectedError: path: got points of the components (1,) and (-1,); expected one component
        """
        first, second = self.component_of(start), self.component_of(end)
        if first != second:
            raise DisconnectedError(f"path: got points of the components {first} and {second}; expected one component")
        pairs = zip(self.coordinates(start), self.coordinates(end), strict=True)
        return MinimumPath(self, tuple(tuple(gl_path(a, b)) for a, b in pairs))

    def _on_minimum(self, weights: Sequence[object]) -> Weights:
        matrices = self.weights(weights)
        loss = squared_loss(matrices, self.X, self.Y)
        if loss != 0:
            raise OffManifoldError(f"weights: got a loss of {loss}; expected a point of the minimum, where it is 0")
        return matrices


@dataclass(frozen=True)
class MinimumPath:
    """A path t ↦ f(g_1(t), ..., g_{l-1}(t)) in a minimum, each g_i running along a polygon of invertible matrices."""

    network: LinearNetwork
    polygons: tuple[tuple[Matrix, ...], ...]

    def __call__(self, t: object) -> Weights:
        """Return the weights at time t in [0, 1], exactly for a rational t."""
        return self.network.parametrize([polygon_point(polygon, t) for polygon in self.polygons])


def parametrization(g: Sequence[Any], X: Any, Y: Any) -> tuple[Any, ...]:
    """Return f(g) of eq. (10); explicit matrices, or matrix symbols of symbolic size.

    >>> h = sympy.Symbol("h", integer=True, positive=True)
    >>> X, Y, g = (sympy.MatrixSymbol(name, h, h) for name in ("X", "Y", "g"))
    >>> parametrization([g], X, Y)
    (g*X**(-1), Y*g**(-1))
    """
    if not g:
        return (Y * X.inv(),)
    last = reduce(lambda product_, one: product_ * one.inv(), g, Y)
    return (g[0] * X.inv(), *g[1:], last)


def coordinates(weights: Sequence[Any], X: Any) -> tuple[Any, ...]:
    """Return f^{-1}(W) of Proposition 4.1: all layers but the last, the first one times X."""
    return tuple(W * X if i == 0 else W for i, W in enumerate(weights[:-1]))
