r"""One weight matrix of an expanded deep network, between the configurations of the layers below and above it.

It is free up to the sums over the blocks of the layer below. What these must be, and whether neurons of a block have
equal rows, depends on the family (:mod:`~quadrics.expansion.deep.subspaces`).

>>> below, above = Configuration(1, (1, -1)), Configuration(1, (1, -1))
>>> [equations(sympy.ImmutableMatrix([[5]]), below, above, family).dimension for family in Family]
[2, 1, 2]
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any

import sympy

from ...validation import Matrix
from ..affine import AffineSpace
from ..configurations import Configuration
from .reduction import is_zero


class Family(StrEnum):
    """How zero-type neurons and copies of one layer depend on the groups of the layer below."""

    FULL = "full"
    LAST_TO_FIRST = "last to first"
    FIRST_TO_LAST = "first to last"

    def undoing(self, hidden_layers: int) -> list[int] | None:
        """The order in which the layers are reduced one by one, against that of the expansion; ``None`` if in any.

        >>> Family.LAST_TO_FIRST.undoing(3)
        [1, 2, 3]
        """
        layers = list(range(1, hidden_layers + 1))
        return {Family.FULL: None, Family.LAST_TO_FIRST: layers, Family.FIRST_TO_LAST: layers[::-1]}[self]


def _blocks(P: Configuration) -> tuple[tuple[int, ...], ...]:
    return (*P.labelled_blocks, *P.zero_blocks)


def base_matrix(W: Matrix, below: Configuration, above: Configuration) -> Matrix:
    """Return the matrix in which the first neuron of each block below carries its weight, and zero-type rows are 0."""
    V = sympy.zeros(above.m, below.m)
    for t, rows in enumerate(above.labelled_blocks):
        for u, columns in enumerate(below.labelled_blocks):
            for i in rows:
                V[i, columns[0]] = W[t, u]
    return V


def moves(below: Configuration, above: Configuration, family: Family) -> list[dict[tuple[int, int], int]]:
    """Return independent directions {(row, column): weight}: moves inside blocks, and sums of zero-type groups."""
    if family is Family.FIRST_TO_LAST:
        rows_together: tuple[tuple[int, ...], ...] = _blocks(above)
    else:
        rows_together = tuple((i,) for i in range(above.m))
    inside = [
        {(i, j): 1 for i in rows} | {(i, columns[0]): -1 for i in rows}
        for rows in rows_together
        for columns in _blocks(below)
        for j in columns[1:]
    ]
    free = below.labelled_blocks if family is Family.LAST_TO_FIRST else _blocks(below)
    return inside + [{(i, columns[0]): 1 for i in rows} for rows in above.zero_blocks for columns in free]


@lru_cache(maxsize=4096)
def equations(W: Matrix, below: Configuration, above: Configuration, family: Family) -> AffineSpace:
    """Return the matrices that belong to the family, by equations written down from its definition."""
    system: list[list[Any]] = []

    def add(terms: dict[tuple[int, int], int], value: Any = 0) -> None:
        row = [0] * (above.m * below.m)
        for (i, j), v in terms.items():
            row[i * below.m + j] = v
        system.append([*row, value])

    for t, rows in enumerate(above.labelled_blocks):
        for i in rows:
            for u, columns in enumerate(_blocks(below)):
                add({(i, j): 1 for j in columns}, W[t, u] if u < below.r else 0)
    for rows in above.zero_blocks:
        for i in rows:
            for columns in below.zero_blocks if family is Family.LAST_TO_FIRST else ():
                add({(i, j): 1 for j in columns})
            for columns in _blocks(below) if i != rows[0] else ():
                add({(i, j): 1 for j in columns} | {(rows[0], j): -1 for j in columns})
    if family is Family.FIRST_TO_LAST:
        for rows in _blocks(above):
            for i in rows[1:]:
                for j in range(below.m):
                    add({(i, j): 1, (rows[0], j): -1})
    return AffineSpace(sympy.Matrix(len(system), above.m * below.m + 1, [v for row in system for v in row]))


def fulfils(V: Matrix, W: Matrix, below: Configuration, above: Configuration, family: Family) -> bool:
    """Whether a matrix has the sums, and the equal rows, that the family asks for; entries may be expressions."""

    def sums(i: int, blocks: Sequence[Sequence[int]]) -> list[Any]:
        return [sympy.Add(*(V[i, j] for j in block)) for block in blocks]

    nothing = [sympy.Integer(0)] * below.number_of_zero_groups
    for t, rows in enumerate(above.labelled_blocks):
        wanted = [*W.row(t), *nothing]
        if not all(_same(sums(i, _blocks(below)), wanted) for i in rows):
            return False
    for rows in above.zero_blocks:
        common = sums(rows[0], _blocks(below))
        if not all(_same(sums(i, _blocks(below)), common) for i in rows[1:]):
            return False
        if family is Family.LAST_TO_FIRST and not all(_same(sums(i, below.zero_blocks), nothing) for i in rows):
            return False
    if family is Family.FIRST_TO_LAST:
        return all(_same(list(V.row(i)), list(V.row(rows[0]))) for rows in _blocks(above) for i in rows[1:])
    return True


def _same(first: Sequence[Any], second: Sequence[Any]) -> bool:
    return all(is_zero(a - b) for a, b in zip(first, second, strict=True))
