r"""The affine subspaces of the expansion of a deep network: one for every tuple of configurations, in three families.

Let :math:`P_l` be a configuration of hidden layer l, with r_l labels and z_l zero-type groups; :math:`W^l` is the core.
The sums of a row of :math:`V^l` over the blocks of :math:`P_{l-1}` decide what a neuron of layer l computes. In the
**full** family the sums of a neuron with label t are :math:`W^l_{t,\cdot}` over the labelled blocks and 0 over the
zero-type groups; those of a zero-type group are free, but common to its neurons. These are all the networks that reduce
to the core (:func:`~quadrics.expansion.deep.reduction.reduce`).

Expanding one layer after another, as eq. (8) of the paper does, gives less. From the **last layer to the first**,
zero-type neurons too must have the sum 0 over every zero-type group. From the **first layer to the last**, the neurons
of a block have equal rows. Neither includes the other:

>>> core = DeepParameters([[[1]], [[2]], [[3]]])
>>> copies, zeros = (Configuration(1, (1, 1)),) * 2, (Configuration(1, (1, -1)),) * 2
>>> [[DeepSubspace(core, P, family).dimension for P in (copies, zeros)] for family in Family]
[[3, 3], [3, 2], [2, 3]]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import sympy

from ...errors import DimensionError, ShapeError
from ...validation import Expr
from ..affine import AffineSpace
from ..configurations import Configuration
from .blocks import Family, base_matrix, equations, fulfils, moves
from .networks import DeepParameters, as_irreducible_network

Vector = tuple[Expr, ...]


def dimension_of(sizes: Sequence[tuple[Any, Any, Any]], family: Family = Family.FULL) -> Any:
    r"""Return the dimension of a subspace from (m_l, r_l, z_l) for l = 0, ..., L; integers or SymPy symbols.

    With :math:`n_l = r_l + z_l` blocks in layer l (inputs and outputs: m = r, z = 0) it is, in the full family,

    .. math:: \sum_{l=1}^{L} m_l (m_{l-1} - n_{l-1}) + z_l\, n_{l-1}.

    From the last layer to the first, :math:`r_{l-1}` takes the place of the last :math:`n_{l-1}`: that is
    :math:`\sum_l z_l z_{l+1}` less. From the first to the last, :math:`n_l` takes the place of the first :math:`m_l`.

    >>> m1, z1, m2, z2, d = sympy.symbols("m1 z1 m2 z2 d")
    >>> sizes = [(d, d, 0), (m1, 2, z1), (m2, 2, z2), (1, 1, 0)]
    >>> sympy.expand(dimension_of(sizes) - dimension_of(sizes, Family.LAST_TO_FIRST))
    z1*z2
    """
    total: Any = 0
    for (m_below, r_below, z_below), (m, r, z) in pairwise(sizes):
        rows = r + z if family is Family.FIRST_TO_LAST else m
        sums = r_below if family is Family.LAST_TO_FIRST else r_below + z_below
        total += rows * (m_below - r_below - z_below) + z * sums
    return total


@dataclass(frozen=True)
class DeepSubspace:
    r"""An affine subspace of networks of widths m_1, ..., m_{L-1} that compute what the core computes.

    Parameters
    ----------
    core : an irreducible deep network
    configurations : one a hidden layer, r_l labels on m_l positions
    family : the full one, or one of the two sequential expansions

    Raises
    ------
    ReducibleError
        if the core is reducible.
    ShapeError
        unless there is a configuration with r_l labels for each hidden layer.

    Examples
    --------
    >>> core = DeepParameters([[[1]], [[2]], [[3]]])
    >>> zeros = (Configuration(1, (1, -1)),) * 2
    >>> theta = DeepParameters([[[1], [9]], [[2, 0], [8, 7]], [[3, 0]]])
    >>> [DeepSubspace(core, zeros, family).contains(theta) for family in Family]
    [True, False, True]
    >>> DeepSubspace(core, zeros[:1])
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: configurations: got (1,) labels; expected (1, 1), those of the core's hidden layers
    """

    core: DeepParameters
    configurations: tuple[Configuration, ...]
    family: Family = Family.FULL

    def __post_init__(self) -> None:
        object.__setattr__(self, "configurations", tuple(self.configurations))
        labels = tuple(P.r for P in self.configurations)
        if labels != self.core.widths:
            raise ShapeError(
                f"configurations: got {labels} labels; expected {self.core.widths}, those of the core's hidden layers"
            )
        as_irreducible_network(self.core)

    @property
    def layers(self) -> tuple[Configuration, ...]:
        """The configurations of all layers: inputs and outputs are labelled one by one."""
        ends = [Configuration(d, tuple(range(1, d + 1))) for d in (self.core.d_in, self.core.d_out)]
        return (ends[0], *self.configurations, ends[1])

    @property
    def dimension(self) -> int:
        """The dimension, by :func:`dimension_of`."""
        return int(dimension_of([(P.m, P.r, P.number_of_zero_groups) for P in self.layers], self.family))

    @property
    def base_point(self) -> DeepParameters:
        """The point where one neuron of each block has all outgoing weights, and zero-type neurons have none at all."""
        return DeepParameters(
            tuple(
                base_matrix(W, below, P) for W, (below, P) in zip(self.core.weights, pairwise(self.layers), strict=True)
            )
        )

    def direction_vectors(self) -> list[Vector]:
        """Linearly independent vectors that span the directions, in the order of ``DeepParameters.entries``."""
        found: list[Vector] = []
        sizes = [above.m * below.m for below, above in pairwise(self.layers)]
        for i, (below, above) in enumerate(pairwise(self.layers)):
            for move in moves(below, above, self.family):
                matrix = [sympy.Integer(0)] * sizes[i]
                for (row, column), value in move.items():
                    matrix[row * below.m + column] = sympy.Integer(value)
                zeros = (sympy.Integer(0),)
                found.append((*(zeros * sum(sizes[:i])), *matrix, *(zeros * sum(sizes[i + 1 :]))))
        return found

    def point(self, coefficients: Sequence[Any]) -> DeepParameters:
        """Return the base point plus a combination of the directions.

        Raises ``ShapeError`` unless there is one coefficient a direction.

        >>> core = DeepParameters([[[1]], [[2]]])
        >>> DeepSubspace(core, (Configuration(1, (1, 1)),)).point([7]).weights[1]
        Matrix([[-5, 7]])
        """
        return combine(self.base_point, self.direction_vectors(), coefficients)

    def factors(self) -> tuple[AffineSpace, ...]:
        """Return the equations, matrix by matrix, in echelon form: the subspace is the product of these spaces."""
        return tuple(
            equations(W, below, above, self.family)
            for W, (below, above) in zip(self.core.weights, pairwise(self.layers), strict=True)
        )

    def contains(self, theta: DeepParameters) -> bool:
        """Whether θ has the sums that the definition asks for; networks of other sizes are outside."""
        if theta.sizes != tuple(P.m for P in self.layers):
            return False
        return all(
            fulfils(V, W, below, above, self.family)
            for V, W, (below, above) in zip(theta.weights, self.core.weights, pairwise(self.layers), strict=True)
        )

    def includes(self, other: DeepSubspace) -> bool:
        """Whether every point of ``other`` lies in this subspace."""
        return all(_includes(a, b) for a, b in zip(self.factors(), other.factors(), strict=True))

    def meets(self, other: DeepSubspace) -> bool:
        """Whether the two subspaces have a common point."""
        return all(_meet(a, b) for a, b in zip(self.factors(), other.factors(), strict=True))


def combine(base: DeepParameters, directions: Sequence[Vector], coefficients: Sequence[Any]) -> DeepParameters:
    """Return the base point plus a combination of directions.

    Raises ``ShapeError`` unless there is one coefficient a direction.
    """
    if len(coefficients) != len(directions):
        raise ShapeError(f"coefficients: got {len(coefficients)}; expected {len(directions)}, one a direction")
    total = list(base.entries())
    for c, direction in zip(coefficients, directions, strict=True):
        for i, v in enumerate(direction):
            if v != 0:
                total[i] += sympy.sympify(c) * v
    return from_entries(total, base.sizes)


def from_entries(entries: Sequence[Any], sizes: Sequence[int]) -> DeepParameters:
    """Return the network with these weights: the inverse of ``DeepParameters.entries``.

    Raises ``DimensionError`` if there are too few or too many.

    >>> theta = DeepParameters([[[1, 2]], [[3], [4]]])
    >>> from_entries(theta.entries(), theta.sizes) == theta
    True
    """
    wanted = sum(a * b for a, b in pairwise(sizes))
    if len(entries) != wanted:
        raise DimensionError(f"entries: got {len(entries)}; expected {wanted} for the sizes {tuple(sizes)}")
    weights, start = [], 0
    for columns, rows in pairwise(sizes):
        weights.append(sympy.Matrix(rows, columns, list(entries[start : start + rows * columns])))
        start += rows * columns
    return DeepParameters(tuple(weights))


@lru_cache(maxsize=65536)
def _includes(first: AffineSpace, second: AffineSpace) -> bool:
    return first.includes(second)


@lru_cache(maxsize=65536)
def _meet(first: AffineSpace, second: AffineSpace) -> bool:
    return first.intersection(second) is not None
