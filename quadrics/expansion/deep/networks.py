r"""Deep networks as exact parameters: output, irreducibility, permutations of the hidden layers (section 5).

A network with L layers is :math:`f(x) = W^L \sigma(W^{L-1} \cdots \sigma(W^1 x))` (eq. 7). Any two consecutive matrices
form a two-layer network; the network is *irreducible* if all these pairs are.

>>> theta = DeepParameters([[[1], [2]], [[3, 0], [4, 5]], [[6, 0]]])
>>> output(theta, [sympy.Symbol("x")])
Matrix([[6*sigma(3*sigma(x))]])
>>> is_irreducible_network(theta)
False
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations, product
from math import factorial, prod
from typing import Any

import sympy

from ...errors import DimensionError, ReducibleError, ShapeError, SymmetryError
from ...network import Parameters
from ...printing import Printable
from ...validation import Expr, Matrix, as_dimension, as_matrix
from ..reduction import SIGMA, is_irreducible
from ..sizes import MAX_LISTED, refuse_listing

MAX_LAYERS = 100
"""Deeper networks than this are refused: nested expressions of that size are of no use."""


@dataclass(frozen=True)
class DeepParameters(Printable):
    r"""The matrices :math:`W^1, \dots, W^L` of a network without biases, :math:`W^l` of shape (r_l, r_{l-1}).

    Parameters
    ----------
    weights : at least two matrices that can be multiplied, the first layer's first

    Raises
    ------
    ShapeError
        if there are fewer than two matrices, or they do not fit each other.
    NonFiniteError
        for an entry that is no real, finite number.

    Examples
    --------
    >>> theta = DeepParameters([[[1, 2]], [[3], [4]], [[5, 6]]])
    >>> theta.d_in, theta.widths, theta.d_out, theta.number_of_parameters
    (2, (1, 2), 1, 6)
    >>> DeepParameters([[[1, 2]], [[3, 4]]])
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: W2: got shape (1, 2); expected one column for each of the 1 rows of W1
    """

    weights: Sequence[Matrix]

    def __post_init__(self) -> None:
        given = list(self.weights) if isinstance(self.weights, Sequence) and not isinstance(self.weights, str) else []
        if not 2 <= len(given) <= MAX_LAYERS:
            raise ShapeError(f"weights: got {len(given)} matrices; expected from 2 to {MAX_LAYERS}, one a layer")
        matrices = tuple(as_matrix(W, f"W{i}") for i, W in enumerate(given, start=1))
        for i, (below, above) in enumerate(pairwise(matrices), start=2):
            if above.cols != below.rows:
                raise ShapeError(
                    f"W{i}: got shape {tuple(above.shape)}; expected one column for each of the {below.rows} rows of "
                    f"W{i - 1}"
                )
        object.__setattr__(self, "weights", matrices)

    @property
    def d_in(self) -> int:
        """The number of inputs, r_0."""
        return int(self.weights[0].cols)

    @property
    def d_out(self) -> int:
        """The number of outputs, r_L."""
        return int(self.weights[-1].rows)

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths r_1, ..., r_{L-1} of the hidden layers."""
        return tuple(int(W.rows) for W in self.weights[:-1])

    @property
    def sizes(self) -> tuple[int, ...]:
        """(r_0, r_1, ..., r_L), inputs and outputs included."""
        return (self.d_in, *self.widths, self.d_out)

    @property
    def number_of_layers(self) -> int:
        """L, the number of matrices."""
        return len(self.weights)

    @property
    def number_of_parameters(self) -> int:
        r"""d(r) = Σ r_{l-1} r_l."""
        return sum(a * b for a, b in pairwise(self.sizes))

    def entries(self) -> tuple[Expr, ...]:
        """Return all weights in one tuple: the first matrix row by row, then the second, and so on."""
        return tuple(entry for W in self.weights for entry in W)

    def pair(self, layer: int) -> Parameters:
        """Return the two-layer network (W^l, W^{l+1}) around hidden layer l, counted from 1.

        Raises ``DimensionError`` if there is no such layer.

        >>> DeepParameters([[[1, 2]], [[3], [4]], [[5, 6]]]).pair(2).W2
        Matrix([[5, 6]])
        """
        layer = as_dimension(layer, "layer", 1, len(self.widths))
        return Parameters(self.weights[layer - 1], self.weights[layer])

    def _latex(self, printer: Any) -> str:
        return r"\left( " + r",\ ".join(printer.doprint(W) for W in self.weights) + r"\right)"


def output(theta: DeepParameters, x: object, sigma: Any = SIGMA) -> Matrix:
    """Return f(x; θ) of eq. (7), a (d_out, 1) matrix, for any function σ, by default one of which nothing is known.

    Arguments of σ are expanded, so that equal ones are recognised.

    >>> z = sympy.Symbol("z")
    >>> output(DeepParameters([[[1], [1]], [[2, -2]], [[3]]]), [z])
    Matrix([[3*sigma(0)]])
    """
    value = as_matrix(x, "x", column=True)
    if value.shape != (theta.d_in, 1):
        raise ShapeError(f"x: got shape {tuple(value.shape)}; expected ({theta.d_in}, 1)")
    for W in theta.weights[:-1]:
        value = (W * value).applyfunc(lambda v: sigma(sympy.expand(v)))
    return (theta.weights[-1] * value).applyfunc(sympy.expand)


def is_irreducible_network(theta: DeepParameters) -> bool:
    """Whether every pair of consecutive matrices is irreducible (section 5).

    >>> is_irreducible_network(DeepParameters([[[1], [2]], [[3, 4]], [[5]]]))
    True
    >>> is_irreducible_network(DeepParameters([[[1], [2]], [[3, 0]], [[5]]]))
    False
    """
    return all(is_irreducible(theta.pair(layer)) for layer in range(1, theta.number_of_layers))


def as_irreducible_network(theta: DeepParameters) -> DeepParameters:
    """Return θ, or raise ``ReducibleError`` with the hidden layer whose pair is reducible."""
    for layer in range(1, theta.number_of_layers):
        if not is_irreducible(theta.pair(layer)):
            raise ReducibleError(
                f"theta: got equal incoming or zero outgoing weights in hidden layer {layer}; expected an irreducible "
                "network (reduce(theta).core is one)"
            )
    return theta


def permute(theta: DeepParameters, perms: Sequence[Sequence[int]]) -> DeepParameters:
    """Return the network with neuron ``perms[l][i]`` of hidden layer l + 1 in place i: the same function.

    Raises
    ------
    SymmetryError
        unless there is one permutation of its positions for each hidden layer.

    Examples
    --------
    >>> permute(DeepParameters([[[1], [2]], [[3, 4]]]), [[1, 0]]).weights
    (Matrix([
    [2],
    [1]]), Matrix([[4, 3]]))
    """
    if len(perms) != len(theta.widths) or any(
        sorted(p) != list(range(m)) for p, m in zip(perms, theta.widths, strict=False)
    ):
        raise SymmetryError(
            f"perms: got {[list(p) for p in perms]}; expected a permutation of 0, ..., m - 1 for each of the widths "
            f"{theta.widths}"
        )
    orders = [list(range(theta.d_in)), *(list(p) for p in perms), list(range(theta.d_out))]
    return DeepParameters(
        tuple(W.extract(rows, cols) for W, (cols, rows) in zip(theta.weights, pairwise(orders), strict=True))
    )


def permuted_points(theta: DeepParameters, most: int | None = MAX_LISTED) -> Iterator[DeepParameters]:
    r"""Generate θ under all permutations of its hidden layers: r_1! ... r_{L-1}! distinct points if it is irreducible.

    Raises ``DimensionError`` if there are more than ``most`` permutations.

    >>> theta = DeepParameters([[[1], [2]], [[3, 4], [5, 6]], [[7, 8]]])
    >>> len(set(permuted_points(theta))) == number_of_permuted_points(theta) == 4
    True
    """
    refuse_listing("permuted_points", number_of_permuted_points(theta), most, "count them")
    return (permute(theta, perms) for perms in product(*(permutations(range(r)) for r in theta.widths)))


def number_of_permuted_points(theta: DeepParameters) -> int:
    r"""Return r_1! ... r_{L-1}!."""
    return prod(factorial(r) for r in theta.widths)


def as_widths(core: DeepParameters, m: Sequence[object]) -> tuple[int, ...]:
    """Return the widths m_1, ..., m_{L-1} to which a network is expanded, each at least its own.

    Raises ``ShapeError`` unless there is one a hidden layer, ``DimensionError`` for one that is too small.
    """
    if isinstance(m, str) or len(m) != len(core.widths):
        raise ShapeError(f"m: got {m!r}; expected {len(core.widths)} widths, one a hidden layer")
    wide = tuple(as_dimension(value, f"m_{i}") for i, value in enumerate(m, start=1))
    for i, (small, large) in enumerate(zip(core.widths, wide, strict=True), start=1):
        if large < small:
            raise DimensionError(f"m_{i}: got {large}; expected at least the core's width {small}")
    return wide
