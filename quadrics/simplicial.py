"""Homology of products of spheres from chain complexes, by exact ranks: the witness that knows no Künneth formula.

A sphere is the boundary of the cross-polytope, a finite simplicial complex; a product of spheres is the tensor product
of the cellular chain complexes. Betti numbers are dimensions minus ranks, computed over the rationals or over GF(p).
No binomial coefficient and no polynomial product appears here, so agreement with :mod:`quadrics.topology` is evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product

from sympy import isprime

from .errors import DimensionError
from .validation import as_dimension

MAX_CELLS = 20_000
MAX_SPHERE = 7
"""Beyond these the elimination in pure Python takes minutes."""

Column = dict[int, int]
"""A sparse column of a boundary matrix: row -> entry."""


@dataclass(frozen=True)
class ChainComplex:
    """A finite chain complex of free modules: ``boundaries[k]`` lists the columns of the boundary map of degree ``k``.

    ``sizes[k]`` is the number of cells of dimension ``k``; the columns of degree 0 are empty.

    >>> sphere(1).sizes, sphere(1).is_complex()
    ((4, 4), True)
    """

    sizes: tuple[int, ...]
    boundaries: tuple[tuple[Column, ...], ...]

    def is_complex(self) -> bool:
        """Whether the boundary of a boundary is zero, cell by cell."""
        for lower, upper in zip(self.boundaries, self.boundaries[1:], strict=False):
            for column in upper:
                total: Column = {}
                for row, entry in column.items():
                    for below, coefficient in lower[row].items():
                        total[below] = total.get(below, 0) + entry * coefficient
                if any(total.values()):
                    return False
        return True

    def euler_characteristic(self) -> int:
        """The alternating number of cells."""
        return sum((-1) ** k * size for k, size in enumerate(self.sizes))

    def betti_numbers(self, characteristic: int = 0) -> list[int]:
        """Dimensions of the homology over the rationals (``0``) or over the field with a prime number of elements.

        Raises ``DimensionError`` if ``characteristic`` is neither 0 nor a prime.

        >>> sphere(2).betti_numbers(), sphere(0).betti_numbers(2)
        ([1, 0, 1], [2])
        """
        if characteristic != 0 and not isprime(characteristic):
            raise DimensionError(f"characteristic: got {characteristic!r}; expected 0 (the rationals) or a prime")
        ranks = [rank(columns, characteristic) for columns in self.boundaries] + [0]
        return [size - ranks[k] - ranks[k + 1] for k, size in enumerate(self.sizes)]


def sphere(n: int) -> ChainComplex:
    """The n-sphere as the boundary of the (n+1)-dimensional cross-polytope, ``2^(n+1)`` facets.

    A cell is a non-empty set of axes with a sign on each; its boundary leaves out one axis at a time.

    Raises ``DimensionError`` if n is no integer of at least 0, or so large that enumerating the faces is hopeless.

    >>> [sphere(n).sizes for n in range(3)]
    [(2,), (4, 4), (6, 12, 8)]
    """
    n = as_dimension(n, "n", 0, MAX_SPHERE)
    levels: list[dict[tuple[tuple[int, int], ...], int]] = []
    for k in range(n + 1):
        faces = [
            tuple(zip(axes, signs, strict=True))
            for axes in combinations(range(n + 1), k + 1)
            for signs in product((-1, 1), repeat=k + 1)
        ]
        levels.append({face: position for position, face in enumerate(faces)})
    boundaries: list[tuple[Column, ...]] = [tuple({} for _ in levels[0])]
    for k in range(1, n + 1):
        boundaries.append(
            tuple({levels[k - 1][face[:i] + face[i + 1 :]]: (-1) ** i for i in range(len(face))} for face in levels[k])
        )
    return ChainComplex(tuple(len(level) for level in levels), tuple(boundaries))


def tensor(first: ChainComplex, second: ChainComplex) -> ChainComplex:
    """The tensor product, with boundary ``d(a x b) = da x b + (-1)^|a| a x db``: the cells of the product space.

    >>> torus = tensor(sphere(1), sphere(1))
    >>> torus.is_complex(), torus.betti_numbers()
    (True, [1, 2, 1])
    """
    top = len(first.sizes) + len(second.sizes) - 1
    offset: dict[tuple[int, int], int] = {}
    sizes = [0] * top
    for i, j in product(range(len(first.sizes)), range(len(second.sizes))):
        offset[i, j] = sizes[i + j]
        sizes[i + j] += first.sizes[i] * second.sizes[j]
    if sum(sizes) > MAX_CELLS:
        raise DimensionError(
            f"product: got {sum(sizes)} cells; expected at most {MAX_CELLS} (use quadrics.topology, which counts)"
        )

    def position(i: int, j: int, a: int, b: int) -> int:
        return offset[i, j] + a * second.sizes[j] + b

    boundaries: list[list[Column]] = [[{} for _ in range(size)] for size in sizes]
    for i, j in offset:
        for a, b in product(range(first.sizes[i]), range(second.sizes[j])):
            column = boundaries[i + j][position(i, j, a, b)]
            for row, entry in first.boundaries[i][a].items():
                column[position(i - 1, j, row, b)] = entry
            for row, entry in second.boundaries[j][b].items():
                column[position(i, j - 1, a, row)] = (-1) ** i * entry
    return ChainComplex(tuple(sizes), tuple(tuple(columns) for columns in boundaries))


def product_of_spheres(dimensions: Iterable[int]) -> ChainComplex:
    """The product of spheres of the given dimensions; the empty product is a point.

    >>> product_of_spheres([0, 0, 1]).betti_numbers()
    [4, 4]
    >>> product_of_spheres([]).betti_numbers()
    [1]
    """
    complex_ = ChainComplex((1,), (({},),))
    for n in dimensions:
        complex_ = tensor(complex_, sphere(n))
    return complex_


def rank(columns: Sequence[Column], characteristic: int = 0) -> int:
    """The rank of a sparse integer matrix over the rationals, or modulo a prime, by exact elimination.

    >>> rank([{0: 1, 1: 1}, {0: 1, 1: -1}]), rank([{0: 1, 1: 1}, {0: 1, 1: -1}], 2)
    (2, 1)
    """
    pivots: dict[int, dict[int, Fraction | int]] = {}
    for original in columns:
        column: dict[int, Fraction | int] = {
            row: entry % characteristic if characteristic else entry for row, entry in original.items()
        }
        column = {row: entry for row, entry in column.items() if entry}
        while column:
            lowest = max(column)
            pivot = pivots.get(lowest)
            if pivot is None:
                # Every stored pivot is scaled to have entry 1 in its own row.
                lead = column[lowest]
                inverse = pow(int(lead), -1, characteristic) if characteristic else _reciprocal(lead)
                pivots[lowest] = {row: _reduce(entry * inverse, characteristic) for row, entry in column.items()}
                break
            factor = column[lowest]
            for row, entry in pivot.items():
                value = _reduce(column.get(row, 0) - factor * entry, characteristic)
                if value:
                    column[row] = value
                else:
                    column.pop(row, None)
    return len(pivots)


def _reciprocal(value: Fraction | int) -> Fraction | int:
    return value if value in (1, -1) else 1 / Fraction(value)


def _reduce(value: Fraction | int, characteristic: int) -> Fraction | int:
    return int(value) % characteristic if characteristic else value
