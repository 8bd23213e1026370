r"""Symmetry subspaces (Definition 2.2): where units coincide. One belongs to each set partition of the units.

:math:`H_{i_1 \dots i_k}` has one block of k indices; intersections such as :math:`H_{01} \cap H_{23}` have several
blocks, so that all set partitions are needed for a family that is closed under intersection. Indices start at 0.

>>> H = SymmetrySubspace.of([0, 2], m=3, D=2)
>>> H.dimension, H.contains([[1, 7], [0, 0], [1, 7]]), H.contains([[1, 7], [0, 0], [1, 8]])
(4, True, False)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import networkx
import sympy
from sympy.utilities.iterables import multiset_partitions

from ...errors import ShapeError
from ...validation import Matrix, as_dimension, as_matrix
from .symmetric import MAX_UNITS, UnitLoss, is_identically_zero

Blocks = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class SymmetrySubspace:
    r"""The points of :math:`\mathbb{R}^{Dm}` whose units agree within each block of a set partition of {0, ..., m-1}.

    Parameters
    ----------
    blocks : the blocks in any order; each index exactly once
    D : the dimension of a unit

    Raises
    ------
    ShapeError
        if the blocks are no partition of 0, ..., m - 1.
    DimensionError
        if D is no positive integer.

    Examples
    --------
    >>> both = SymmetrySubspace.of([0, 1], 4, 1).intersection(SymmetrySubspace.of([2, 3], 4, 1))
    >>> both.blocks, both.dimension, both.is_single
    (((0, 1), (2, 3)), 2, False)
    >>> SymmetrySubspace([(0, 1), (1, 2)], 1)
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: blocks: got [(0, 1), (1, 2)]; expected a partition of 0, ..., m - 1
    """

    blocks: Blocks
    D: int

    def __post_init__(self) -> None:
        try:
            found = tuple(sorted(tuple(sorted(as_dimension(i, "index", 0) for i in b)) for b in self.blocks))
        except TypeError:
            found = ()
        indices = sorted(i for b in found for i in b)
        if not indices or () in found or indices != list(range(len(indices))) or len(indices) > MAX_UNITS:
            raise ShapeError(f"blocks: got {self.blocks}; expected a partition of 0, ..., m - 1")
        object.__setattr__(self, "blocks", found)
        object.__setattr__(self, "D", as_dimension(self.D, "D", maximum=MAX_UNITS))

    @classmethod
    def of(cls, indices: Iterable[Any], m: object, D: object) -> SymmetrySubspace:
        """Return H_{i_1 ... i_k}: the units at these indices agree.

        Raises ``ShapeError`` for repeated indices, ``DimensionError`` for those that are not below m.
        """
        n = as_dimension(m, "m", maximum=MAX_UNITS)
        block = [as_dimension(i, "index", 0, n - 1) for i in indices]
        if len(set(block)) < len(block) or not block:
            raise ShapeError(f"indices: got {block}; expected at least one, and each once")
        rest = [(i,) for i in range(n) if i not in block]
        return cls((tuple(block), *rest), as_dimension(D, "D"))

    @classmethod
    def containing(cls, theta: Any) -> SymmetrySubspace:
        """Return the least symmetry subspace through a point: its blocks are the groups of equal units.

        >>> SymmetrySubspace.containing([[5], [7], [5]]).blocks
        ((0, 2), (1,))
        """
        matrix = as_matrix(theta, "theta")
        groups: list[list[int]] = []
        for i in range(matrix.rows):
            home = next((g for g in groups if _agree(matrix, g[0], i)), None)
            if home is None:
                groups.append([i])
            else:
                home.append(i)
        return cls(tuple(map(tuple, groups)), matrix.cols)

    @property
    def m(self) -> int:
        """The number of units."""
        return sum(map(len, self.blocks))

    @property
    def dimension(self) -> int:
        """D for each block: D (m - k + 1) for H_{i_1 ... i_k}."""
        return self.D * len(self.blocks)

    @property
    def is_single(self) -> bool:
        """Whether it is H_{i_1 ... i_k} for some indices: at most one block of several units."""
        return sum(len(block) > 1 for block in self.blocks) <= 1

    def equations(self) -> Matrix:
        """Return the matrix of θ_i = θ_j for neighbours in the blocks, its columns ordered as the rows of θ.

        >>> SymmetrySubspace.of([0, 1], 3, 1).equations()
        Matrix([[1, -1, 0]])
        """
        pairs = [pair for block in self.blocks for pair in pairwise(block)]
        A = sympy.zeros(len(pairs) * self.D, self.m * self.D)
        for row, (i, j) in enumerate(pairs):
            for d in range(self.D):
                A[row * self.D + d, i * self.D + d], A[row * self.D + d, j * self.D + d] = 1, -1
        return sympy.ImmutableDenseMatrix(A)

    def contains(self, theta: Any) -> bool:
        """Whether the units of θ (m, D) agree within the blocks, identically for symbols."""
        matrix = as_matrix(theta, "theta")
        if matrix.shape != (self.m, self.D):
            raise ShapeError(f"theta: got shape {matrix.shape}; expected {(self.m, self.D)}, a unit a row")
        return all(_agree(matrix, block[0], i) for block in self.blocks for i in block[1:])

    def includes(self, other: SymmetrySubspace) -> bool:
        """Whether every point of ``other`` lies here: its partition is coarser."""
        return self.intersection(other) == other

    def intersection(self, other: SymmetrySubspace) -> SymmetrySubspace:
        """Return the common points: the finest partition that is coarser than both."""
        if (self.m, self.D) != (other.m, other.D):
            raise ShapeError(f"subspaces: got (m, D) = {(self.m, self.D)} and {(other.m, other.D)}; expected one space")
        graph = networkx.empty_graph(self.m)
        for block in (*self.blocks, *other.blocks):
            networkx.add_path(graph, block)
        return SymmetrySubspace(tuple(map(tuple, networkx.connected_components(graph))), self.D)

    def general_point(self, theta: Matrix) -> Matrix:
        """Return θ with every unit replaced by the first one of its block."""
        matrix = as_matrix(theta, "theta")
        first = {i: block[0] for block in self.blocks for i in block}
        return matrix.extract([first[i] for i in range(self.m)], list(range(matrix.cols)))

    def is_invariant_under_flow_of(self, loss: UnitLoss) -> bool:
        """Whether the gradient at every point of the subspace lies in the subspace (it is tangent), identically.

        >>> from .symmetric import units
        >>> w, H = units(2, 1), SymmetrySubspace.of([0, 1], 2, 1)
        >>> H.is_invariant_under_flow_of(UnitLoss(w[0] * w[1], w))
        True
        >>> H.is_invariant_under_flow_of(UnitLoss(w[0] ** 2 * w[1], w))
        False
        """
        return self.contains(loss.gradient_at(self.general_point(loss.units)))


def symmetry_subspaces(m: object, D: object) -> Iterator[SymmetrySubspace]:
    """Yield the symmetry subspaces that are not the whole space: Bell(m) - 1, one for each other set partition.

    >>> len(list(symmetry_subspaces(4, 1))) == sympy.bell(4) - 1
    True
    """
    n, d = as_dimension(m, "m", maximum=12), as_dimension(D, "D", maximum=MAX_UNITS)
    for blocks in multiset_partitions(list(range(n))):
        if len(blocks) < n:
            yield SymmetrySubspace(tuple(map(tuple, blocks)), d)


def largest_symmetry_subspaces(m: object, D: object) -> list[SymmetrySubspace]:
    """Return H_ij for all pairs i < j: every other symmetry subspace is an intersection of them.

    >>> len(largest_symmetry_subspaces(4, 2))
    6
    """
    n = as_dimension(m, "m", maximum=MAX_UNITS)
    return [SymmetrySubspace.of(pair, n, D) for pair in combinations(range(n), 2)]


def _agree(matrix: Matrix, i: int, j: int) -> bool:
    pairs: Sequence[tuple[Any, Any]] = list(zip(matrix.row(i), matrix.row(j), strict=True))
    return all(a == b or is_identically_zero(a - b) for a, b in pairs)
