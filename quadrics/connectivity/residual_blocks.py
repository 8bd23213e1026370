r"""Residual blocks of linear layers, x ↦ W_j ... W_1 x + ε x, and where they are invertible: components and paths.

In a residual network on invertible data (:mod:`.residual_networks`) every block M = W_j ... W_1 + ε I must be
invertible. The widths n = h_0, h_1, ..., h_{j-1} of a block form a cycle, and the block may be read from any of them:

.. math:: \det(\varepsilon I_n + A B) = \varepsilon^{n-k} \det(\varepsilon I_k + B A)

(Sylvester). Read it from a narrowest layer, of width k, where the product P = W_j ... W_1 is k by k. For either sign s
of det(I + P/ε) let P_s = ε (diag(s, 1, ..., 1) - I). A path of M in GL_k to ε diag(s, 1, ..., 1) lifts to the weights,
W_1 P^{-1} P(t) in place of W_1, and ends in the factorizations of P_s. For k >= 2 the rank of P_s, 0 or 1, is below
all widths, and its factorizations are connected (:mod:`.factorizations`). For k = 1, P_1 = 0 is that again, while
P_{-1} = -2ε has a component for each vector of signs at the other layers of width 1. So

.. math:: |\pi_0| = \begin{cases} 2 & k \ge 2 \\ 1 + 2^{m-1} & k = 1,\ m \text{ layers of the cycle of width } 1
   \end{cases} \qquad (\varepsilon \ne 0),

and without the skip, ε = 0, the factorizations of diag(s, 1, ..., 1): 2^{1+b}, b of the hidden widths being n.

>>> [ResidualBlock(n, (n,), skip).number_of_components() for n in (1, 2) for skip in (0, 1)]
[4, 3, 4, 2]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import sympy

from ..errors import DimensionError, DisconnectedError, OffManifoldError, ShapeError
from ..validation import Expr, Matrix, as_dimension
from .factorizations import Factorizations, number_of_factorizations
from .gl_paths import LARGEST, as_rational_matrix, canonical_matrix, determinant, determinant_sign, gl_path
from .linear_networks import Signs, Weights, chain_product
from .residual_paths import BlockPath, Descent, block_matrix, turned, with_invertible_product


def number_of_invertible_blocks(width: object, hidden: Sequence[object], skip: bool = True) -> int:
    """Return the number of components of {W : det(W_j ... W_1 + ε I) != 0} by its closed form, ε != 0 or ε = 0.

    Parameters
    ----------
    width : n, the width at both ends of the block
    hidden : h_1, ..., h_{j-1}, the widths between its j layers
    skip : whether ε is other than 0

    Raises ``DimensionError`` for a width below 1.

    >>> number_of_invertible_blocks(1, [1, 1]), number_of_invertible_blocks(2, [2, 2]), 1 + 2**2
    (5, 2, 5)
    >>> number_of_invertible_blocks(5, [1, 1]), number_of_invertible_blocks(5, [1], skip=False)  # the last: none
    (3, 0)
    """
    n = as_dimension(width, "width")
    widths = [n, *(as_dimension(h, "hidden width") for h in hidden)]
    if not skip:
        return 2 ** widths.count(n) if min(widths) == n else 0
    return 1 + 2 ** (widths.count(1) - 1) if min(widths) == 1 else 2


@dataclass(frozen=True)
class ResidualBlock:
    """A block W_j ... W_1 + ε I of linear layers with a skip connection, and the weights at which it is invertible.

    Parameters
    ----------
    width : n, at both ends, 1 to 12
    hidden : the widths between its layers; one less than there are layers
    skip : the rational number ε (a float is taken exactly); 0 is a block without skip connection

    Raises
    ------
    DimensionError
        for widths outside 1 to 12.
    NonFiniteError
        for a skip that is no number.

    Examples
    --------
    >>> block = ResidualBlock(1, (1,), 1)
    >>> list(block.components())
    [(1,), (-1, -1), (-1, 1)]
    >>> ResidualBlock(0, (1,), 1)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: width: got 0; expected an integer of at least 1 and at most 12
    """

    width: int
    hidden: tuple[int, ...]
    skip: Expr

    def __post_init__(self) -> None:
        object.__setattr__(self, "width", as_dimension(self.width, "width", 1, LARGEST))
        if isinstance(self.hidden, str | bytes) or not isinstance(self.hidden, Sequence):
            raise DimensionError(f"hidden: got {self.hidden!r}; expected a sequence of widths")
        object.__setattr__(self, "hidden", tuple(as_dimension(h, "hidden width", 1, LARGEST) for h in self.hidden))
        object.__setattr__(self, "skip", as_rational_matrix([[self.skip]], "skip")[0])

    @property
    def depth(self) -> int:
        """The number j of layers."""
        return len(self.hidden) + 1

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """The shapes of W_1, ..., W_j."""
        return tuple((after, before) for before, after in pairwise((self.width, *self.hidden, self.width)))

    @property
    def start(self) -> int:
        """The layer of the cycle that the block is read from: the first narrowest one; 0 without a skip."""
        cycle = (self.width, *self.hidden)
        return cycle.index(min(cycle)) if self.skip else 0

    @property
    def narrowest(self) -> int:
        """The width k there."""
        return (self.width, *self.hidden)[self.start]

    @property
    def others(self) -> tuple[int, ...]:
        """The widths of the other layers of the cycle, in order from there."""
        cycle = (self.width, *self.hidden)
        return (*cycle[self.start + 1 :], *cycle[: self.start])

    def weights(self, weights: Sequence[object]) -> Weights:
        """Return ``weights`` as rational matrices of the right shapes; raises ``ShapeError`` or ``NonFiniteError``."""
        if isinstance(weights, str | bytes) or len(weights) != self.depth:
            raise ShapeError(f"weights: got {len(weights)} matrices; expected {self.depth}, one for each layer")
        matrices = tuple(as_rational_matrix(W, f"W_{i}") for i, W in enumerate(weights, start=1))
        if tuple(W.shape for W in matrices) != self.shapes:
            raise ShapeError(f"weights: got shapes {[W.shape for W in matrices]}; expected {list(self.shapes)}")
        return matrices

    def matrix(self, weights: Sequence[object]) -> Matrix:
        """Return M at some weights, exactly."""
        return block_matrix(self.weights(weights), self.skip)

    def contains(self, weights: Sequence[object]) -> bool:
        """Whether M is invertible there.

        >>> ResidualBlock(1, (1,), 1).contains([[[2]], [[-0.5]]])
        False
        """
        return bool(determinant(self.matrix(weights)) != 0)

    def target(self, sign: int) -> Matrix:
        """Return P_s: the product, read from the narrowest layer, that all blocks of a sign can be moved to.

        >>> ResidualBlock(3, (2,), 5).target(-1)
        Matrix([
        [-10, 0],
        [  0, 0]])
        """
        k = self.narrowest
        return self._goal(sign) - self.skip * sympy.eye(k)

    def bottlenecks(self, sign: int) -> tuple[int, ...]:
        """The layers i at which the sign of det(W_i ... W_1), read from the narrowest layer, tells components apart."""
        k = self.narrowest
        if self.target(sign).rank() < k:
            return ()
        return tuple(i for i, h in enumerate(self.others, start=1) if h == k)

    def number_of_components(self) -> int:
        """Return the number of components of the weights with M invertible: the factorizations of P_1 and of P_{-1}.

        It is 0 for ε = 0 and a hidden layer narrower than n: no product through it is invertible.

        >>> ResidualBlock(2, (3,), 0).number_of_components(), ResidualBlock(2, (3,), 1).number_of_components()
        (2, 2)
        >>> block = ResidualBlock(3, (1, 4, 1), -2)
        >>> block.number_of_components() == len(list(block.components())) == number_of_invertible_blocks(3, (1, 4, 1))
        True
        """
        if not self._is_possible():
            return 0
        return sum(number_of_factorizations(self.target(sign).rank(), self.others) for sign in (1, -1))

    def components(self) -> Iterator[Signs]:
        """Generate the components: the sign of det(M/ε) (of det M if ε = 0), then the signs at the bottlenecks."""
        if self._is_possible():
            for sign in (1, -1):
                yield from ((sign, *signs) for signs in product((-1, 1), repeat=len(self.bottlenecks(sign))))

    def component_of(self, weights: Sequence[object]) -> Signs:
        """Return the component that some weights lie in: the sign of det(M/ε) (of det M if ε = 0), and the others.

        Raises ``OffManifoldError`` if M is singular there.

        >>> block = ResidualBlock(1, (1,), 1)
        >>> block.component_of([[[3]], [[-2]]]), block.component_of([[[3]], [[2]]]), block.component_of([[[0]], [[2]]])
        ((-1, 1), (1,), (1,))
        >>> block.component_of([[[1]], [[-1]]])
        Traceback (most recent call last):
        ...
        quadrics.errors.OffManifoldError: weights: got a block of determinant 0; expected an invertible one
        """
        matrices = self.weights(weights)
        sign = determinant_sign(block_matrix(matrices, self.skip))
        if sign == 0:
            raise OffManifoldError("weights: got a block of determinant 0; expected an invertible one")
        if self.skip < 0 and self.width % 2:
            sign = -sign
        turned = self._turned(matrices)
        return (sign, *(determinant_sign(chain_product(turned[:i])) for i in self.bottlenecks(sign)))

    def representative(self, component: Signs) -> Weights:
        """Return weights in a component: a factorization of P_s, with diag(±1, 1, ..., 1) at the bottlenecks.

        >>> block = ResidualBlock(2, (1, 1), -3)
        >>> all(block.component_of(block.representative(c)) == c for c in block.components())
        True
        """
        sign, *signs = component
        at = dict(zip(self.bottlenecks(sign), signs, strict=True))
        fibre = self._fibre(sign)
        frames = []
        for i, h in enumerate(self.others, start=1):
            J = sympy.Matrix(h, fibre.rank, lambda a, b: int(a == b))
            turn = canonical_matrix(at.get(i, 1), fibre.rank) if fibre.rank else sympy.eye(0)
            frames.append((J * turn, turn * J.T))
        return turned(fibre.thin(frames), self.depth - self.start)

    def path(self, start: Sequence[object], end: Sequence[object]) -> BlockPath:
        """Return a path of weights with M invertible between two of one component.

        Raises ``OffManifoldError`` if M is singular at one of them, ``DisconnectedError`` for different components.

        >>> block = ResidualBlock(1, (1,), 1)
        >>> path = block.path([[[3]], [[2]]], [[[-1]], [[0]]])
        >>> path(0), path(1), path.is_invertible()
        ((Matrix([[3]]), Matrix([[2]])), (Matrix([[-1]]), Matrix([[0]])), True)
        >>> block.path([[[3]], [[-2]]], [[[-3]], [[2]]])
        Traceback (most recent call last):
        ...
        quadrics.errors.DisconnectedError: path: got weights of the components (-1, 1) and (-1, -1); expected one \
component
        """
        first, second = self.component_of(start), self.component_of(end)
        if first != second:
            raise DisconnectedError(f"path: got weights of the components {first} and {second}; expected one component")
        there = self._descent(self._turned(self.weights(start)), first[0])
        back = self._descent(self._turned(self.weights(end)), first[0])
        return BlockPath(self.depth - self.start, there, self._fibre(first[0]).path(there(1), back(1)), back)

    def _is_possible(self) -> bool:
        return min(self.others, default=self.narrowest) >= self.narrowest

    def _fibre(self, sign: int) -> Factorizations:
        return Factorizations(self.target(sign), self.others)

    def _goal(self, sign: int) -> Matrix:
        """ε diag(s, 1, ..., 1), or diag(s, 1, ..., 1) for ε = 0: the block at P_s."""
        return (self.skip or sympy.Integer(1)) * canonical_matrix(sign, self.narrowest)

    def _turned(self, weights: Sequence[Matrix]) -> Weights:
        return turned(weights, self.start)

    def _descent(self, weights: Weights, sign: int) -> Descent:
        moved = with_invertible_product(weights, self.skip)
        polygon = gl_path(block_matrix(moved, self.skip), self._goal(sign))
        return Descent(self.skip, weights, moved, tuple(polygon))
