r"""Residual networks of linear layers on invertible data: their minima, counted, also up to permutation of neurons.

The network of eq. (2) of Zhao et al. (2024) is W_3 (W_2 W_1 X + ε X): one residual block and an output layer. Its loss
is zero exactly when W_3 M X = Y for the block M = W_2 W_1 + ε I. Then M is invertible, and

.. math:: W_3 = Y (M X)^{-1}

is a continuous function of the other weights: the minimum is a graph over the weights with M invertible
(:mod:`.residual_blocks`), and has as many components. With several blocks M_b ... M_1 the numbers multiply.

Up to permutation the skip connection has the opposite effect. The neurons at the end of a block are tied to the data
by the skip: only those inside may be permuted, which does not change M, and no two components of the minimum merge.
Without the skip all hidden neurons may be permuted, and a network of width n >= 2 has a single class of minima.

>>> plain, residual = (three_layers([[1, 0], [0, 1]], [[1, 1], [0, 1]], skip) for skip in (0, 1))
>>> plain.number_of_components(), residual.number_of_components()
(4, 2)
>>> plain.number_of_effective_components(), residual.number_of_effective_components()
(1, 2)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import product
from math import prod
from typing import Any

import sympy

from ..errors import DisconnectedError, OffManifoldError, ShapeError
from ..orbits import orbits_under
from ..symmetry import permutation_matrix
from ..validation import Expr, Matrix, as_dimension
from .gl_paths import as_invertible, as_rational_matrix
from .linear_networks import Signs, Weights
from .residual_blocks import ResidualBlock
from .residual_paths import BlockPath, block_matrix

Component = tuple[Signs, ...]


def residual_loss(weights: Sequence[Matrix], X: Matrix, Y: Matrix, skip: Any) -> Expr:
    """Return eq. (2), the Frobenius norm of Y - W_3 (W_2 W_1 X + ε X), for any number of layers; numbers or symbols.

    >>> w = sympy.symbols("w1 w2 w3", real=True)
    >>> residual_loss([sympy.Matrix([[v]]) for v in w], sympy.Matrix([[1]]), sympy.Matrix([[1]]), 1)
    Abs(w3*(w1*w2 + 1) - 1)
    """
    *inner, last = weights
    residual = Y - last * block_matrix(inner, skip) * X
    return sympy.sqrt(sympy.Add(*(entry**2 for entry in residual)))


def skip_coordinate(g: Any, base: Any, X: Any, skip: Any) -> Any:
    """Return f(g) = g W_20 W_10 X + ε X of eq. (12), ``base`` being W_20 W_10; numbers or matrix symbols.

    >>> skip_coordinate(sympy.Matrix([[5]]), sympy.Matrix([[2]]), sympy.Matrix([[3]]), 7)
    Matrix([[51]])
    """
    return g * base * X + skip * X


def skip_factor(value: Any, base: Any, X: Any, skip: Any) -> Any:
    """Return f^{-1}(g) = (g - ε X)(W_20 W_10 X)^{-1}, the inverse of eq. (12), which is printed with a factor ε.

    >>> skip_factor(sympy.Matrix([[51]]), sympy.Matrix([[2]]), sympy.Matrix([[3]]), 7)
    Matrix([[5]])
    """
    return (value - skip * X) * (base * X).inv()


@dataclass(frozen=True)
class ResidualNetwork:
    """A network W_out M_b ... M_1 X of residual blocks on invertible data, and the set where its loss is zero.

    Weights are listed from the first layer of the first block to W_out.

    Parameters
    ----------
    X, Y : n by n invertible matrices of rationals (floats are taken exactly), n at most 12
    blocks : one block or more, of width n

    Raises
    ------
    ShapeError, DimensionError, NonFiniteError
        if X, Y or the blocks do not have one width, or have entries that are no numbers.
    SymmetryError
        if X or Y is singular.

    Examples
    --------
    >>> block = ResidualBlock(1, (1,), 1)
    >>> ResidualNetwork([[1]], [[2]], (block, block)).number_of_components()
    9
    >>> ResidualNetwork([[1]], [[2]], (ResidualBlock(2, (1,), 1),))
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: blocks: got widths [2]; expected blocks of width 1, the size of X
    """

    X: Matrix
    Y: Matrix
    blocks: tuple[ResidualBlock, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "X", as_invertible(self.X, "X"))
        object.__setattr__(self, "Y", as_invertible(self.Y, "Y", self.X.rows))
        if isinstance(self.blocks, str | bytes) or not isinstance(self.blocks, Sequence) or not self.blocks:
            raise ShapeError(f"blocks: got {self.blocks!r}; expected one ResidualBlock or more")
        if not all(isinstance(block, ResidualBlock) for block in self.blocks):
            raise ShapeError(f"blocks: got {[type(b).__name__ for b in self.blocks]}; expected ResidualBlocks")
        widths = [block.width for block in self.blocks]
        if set(widths) != {self.X.rows}:
            raise ShapeError(f"blocks: got widths {widths}; expected blocks of width {self.X.rows}, the size of X")
        object.__setattr__(self, "blocks", tuple(self.blocks))

    def split(self, weights: Sequence[object]) -> tuple[tuple[Weights, ...], Matrix]:
        """Return the weights of each block, and W_out; raises ``ShapeError`` or ``NonFiniteError``."""
        layers = sum(block.depth for block in self.blocks)
        if isinstance(weights, str | bytes) or len(weights) != layers + 1:
            raise ShapeError(f"weights: got {len(weights)} matrices; expected {layers + 1}, one for each layer")
        last = as_rational_matrix(weights[-1], "W_out")
        if last.shape != self.X.shape:
            raise ShapeError(f"W_out: got shape {last.shape}; expected {self.X.shape}")
        return self._inner(weights[:-1]), last

    def loss(self, weights: Sequence[object]) -> Expr:
        """Return the Frobenius norm of Y - W_out M_b ... M_1 X, exactly.

        >>> three_layers([[1]], [[1]], 1).loss([[[1]], [[2]], [[3]]])
        8
        """
        inner, last = self.split(weights)
        residual = self.Y - last * self._block_product(inner) * self.X
        return sympy.sqrt(sympy.Add(*(entry**2 for entry in residual)))

    def contains(self, weights: Sequence[object]) -> bool:
        """Whether the loss is zero there."""
        return bool(self.loss(weights) == 0)

    def parametrize(self, weights: Sequence[object]) -> Weights:
        """Return the point of the minimum with these weights in the blocks, W_out = Y (M_b ... M_1 X)^{-1} added.

        Raises ``OffManifoldError`` if a block is singular: no output layer makes the loss zero.

        >>> three_layers([[1]], [[1]], 1).parametrize([[[1]], [[3]]])
        (Matrix([[1]]), Matrix([[3]]), Matrix([[1/4]]))
        """
        inner = self._inner(weights)
        for block, own in zip(self.blocks, inner, strict=True):
            block.component_of(own)
        last = self.Y * (self._block_product(inner) * self.X).inv()
        return (*(W for own in inner for W in own), last)

    def number_of_components(self) -> int:
        """Return the number of components of the minimum, the product over the blocks (Proposition 4.3 for n = 1).

        >>> [three_layers([[1]], [[1]], skip).number_of_components() for skip in (0, 1, -1)]
        [4, 3, 3]
        """
        return prod(block.number_of_components() for block in self.blocks)

    def components(self) -> Iterator[Component]:
        """Generate the components, one entry for each block (:meth:`ResidualBlock.components`)."""
        return product(*(block.components() for block in self.blocks))

    def component_of(self, weights: Sequence[object]) -> Component:
        """Return the component of a point of the minimum; raises ``OffManifoldError`` if the loss is not zero there.

        >>> network = three_layers([[1]], [[1]], 1)
        >>> network.component_of(network.parametrize([[[1]], [[-3]]]))
        ((-1, 1),)
        >>> network.component_of([[[1]], [[1]], [[1]]])
        Traceback (most recent call last):
        ...
        quadrics.errors.OffManifoldError: weights: got a loss of 1; expected a point of the minimum, where it is 0
        """
        loss = self.loss(weights)
        if loss != 0:
            raise OffManifoldError(f"weights: got a loss of {loss}; expected a point of the minimum, where it is 0")
        inner, _ = self.split(weights)
        return tuple(block.component_of(own) for block, own in zip(self.blocks, inner, strict=True))

    def representative(self, component: Component) -> Weights:
        """Return a point of a component."""
        chosen = [block.representative(one) for block, one in zip(self.blocks, component, strict=True)]
        return self.parametrize([W for own in chosen for W in own])

    def path(self, start: Sequence[object], end: Sequence[object]) -> ResidualPath:
        """Return a path inside the minimum between two points of one component.

        Raises ``OffManifoldError`` for a point outside the minimum, ``DisconnectedError`` for different components.

        >>> network = three_layers([[1]], [[1]], 1)
        >>> path = network.path([[[1]], [[1]], [[0.5]]], [[[-2]], [[0]], [[1]]])
        >>> [network.loss(path(sympy.Rational(k, 10))) for k in (0, 3, 7, 10)], path.stays_on_minimum()
        ([0, 0, 0, 0], True)
        """
        first, second = self.component_of(start), self.component_of(end)
        if first != second:
            raise DisconnectedError(f"path: got points of the components {first} and {second}; expected one component")
        pairs = zip(self.blocks, self.split(start)[0], self.split(end)[0], strict=True)
        return ResidualPath(self, tuple(block.path(a, b) for block, a, b in pairs))

    def permutable_layers(self) -> tuple[int, ...]:
        """Return the layers (1, 2, ...) of hidden neurons that may be permuted: all but those tied by a skip.

        The neurons after W_i are inside a block, or at the end of a block without skip and not at the beginning of
        one with a skip.

        >>> three_layers([[1]], [[1]], 0).permutable_layers(), three_layers([[1]], [[1]], 1).permutable_layers()
        ((1, 2), (1,))
        """
        found: list[int] = []
        layer = 0
        for block, following in zip(self.blocks, (*self.blocks[1:], None), strict=True):
            found += range(layer + 1, layer + block.depth)
            layer += block.depth
            if not block.skip and (following is None or not following.skip):
                found.append(layer)
        return tuple(found)

    def permute(self, layer: object, permutation: Sequence[int], weights: Sequence[object]) -> Weights:
        """Return the weights with the neurons of one layer permuted: P W_i and W_{i+1} P^{-1}.

        Raises ``ShapeError`` for a layer that may not be permuted, ``SymmetryError`` if it is no permutation.

        >>> three_layers([[1]], [[1]], 1).permute(2, [0], [[[1]], [[1]], [[1]]])
        Traceback (most recent call last):
        ...
        quadrics.errors.ShapeError: layer: got 2; expected one of (1,), the layers that no skip ties to the data
        """
        i = as_dimension(layer, "layer", 1)
        if i not in self.permutable_layers():
            raise ShapeError(
                f"layer: got {i}; expected one of {self.permutable_layers()}, the layers that no skip ties to the data"
            )
        inner, last = self.split(weights)
        flat = [*(W for own in inner for W in own), last]
        P = permutation_matrix(permutation)
        if P.rows != flat[i - 1].rows:
            raise ShapeError(f"permutation: got {P.rows} entries; expected {flat[i - 1].rows}, the width of layer {i}")
        flat[i - 1], flat[i] = P * flat[i - 1], flat[i] * P.T
        return tuple(W.as_immutable() for W in flat)

    def effective_components(self) -> Iterator[frozenset[Component]]:
        """Generate the components modulo permutations of hidden neurons, by permuting a point of each component.

        The exchange of the first two neurons of each permutable layer is enough: it is conjugate to any other.

        >>> network = three_layers([[1, 0], [0, 1]], [[1, 0], [0, 1]], 1)
        >>> [sorted(orbit) for orbit in network.effective_components()]
        [[((1,),)], [((-1,),)]]
        """
        points = {component: self.representative(component) for component in self.components()}
        widths = [shape[0] for block in self.blocks for shape in block.shapes]
        moves = [
            partial(self._moved, points, layer, (1, 0, *range(2, widths[layer - 1])))
            for layer in self.permutable_layers()
            if widths[layer - 1] > 1
        ]
        return orbits_under(moves, points)

    def number_of_effective_components(self) -> int:
        """Return the number of components modulo permutations of hidden neurons, as enumerated."""
        return sum(1 for _ in self.effective_components())

    def _moved(
        self, points: dict[Component, Weights], layer: int, permutation: tuple[int, ...], component: Component
    ) -> Component:
        return self.component_of(self.permute(layer, permutation, points[component]))

    def _inner(self, weights: Sequence[object]) -> tuple[Weights, ...]:
        layers = sum(block.depth for block in self.blocks)
        if isinstance(weights, str | bytes) or len(weights) != layers:
            raise ShapeError(f"weights: got {len(weights)} matrices; expected {layers}, one for each layer of a block")
        parts, done = [], 0
        for block in self.blocks:
            parts.append(block.weights(weights[done : done + block.depth]))
            done += block.depth
        return tuple(parts)

    def _block_product(self, inner: Sequence[Weights]) -> Matrix:
        matrices = [block_matrix(own, block.skip) for block, own in zip(self.blocks, inner, strict=True)]
        return reduce(lambda below, M: M * below, matrices)


@dataclass(frozen=True)
class ResidualPath:
    """A path in the minimum of a residual network, each block on a path of its own."""

    network: ResidualNetwork
    blocks: tuple[BlockPath, ...]

    def __call__(self, t: object) -> Weights:
        """Return the weights at time t in [0, 1], exactly for a rational t."""
        return self.network.parametrize([W for path in self.blocks for W in path(t)])

    def stays_on_minimum(self) -> bool:
        """Whether all blocks are invertible all along (:meth:`BlockPath.is_invertible`): then the loss is zero."""
        return all(path.is_invertible() for path in self.blocks)


def three_layers(X: object, Y: object, skip: object) -> ResidualNetwork:
    """Return the network W_3 (W_2 W_1 X + ε X) of eq. (2), all weights square.

    >>> three_layers([[1]], [[1]], 1).blocks
    (ResidualBlock(width=1, hidden=(1,), skip=1),)
    """
    n = as_invertible(X, "X").rows
    return ResidualNetwork(X, Y, (ResidualBlock(n, (n,), skip),))
