"""What several claims about expansions are decided with: irreducible points, their subspaces, printed sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from math import factorial, prod
from typing import Any

import sympy as sp

from quadrics.expansion.affine import AffineSpace
from quadrics.expansion.configurations import Configuration
from quadrics.expansion.enumeration import affine_subspaces, affine_subspaces_by_definition
from quadrics.expansion.subspaces import ExpansionSubspace
from quadrics.network import Parameters

from ..check import Context
from ..evidence import Outcome, decided

PAPER = "simsek"
CORES = (
    Parameters([[2]], [[-1]]),
    Parameters([[1, 2], [0, -1]], [[3, -3]]),
    Parameters([[1], [4]], [[3, 5], [0, 1]]),
    Parameters([[1], [-1], [0]], [[2, 2, -4]]),
)

Count = Callable[[int, int], Any]
Family = Callable[[Parameters, int], list[AffineSpace]]


def sizes(most: int) -> Iterator[tuple[int, int]]:
    """All (r, m) with 1 ≤ r ≤ m ≤ most."""
    return ((r, m) for m in range(1, most + 1) for r in range(1, m + 1))


def listed_by_definition(r: int, m: int) -> int:
    """The number of different P_π Γ_s, found by taking all permutations of all tuples."""
    return len(affine_subspaces_by_definition(r, m))


def spaces_of(core: Parameters, m: int) -> list[AffineSpace]:
    """The affine subspaces of the expansion manifold, as echelon forms."""
    return [ExpansionSubspace(core, P).affine() for P in affine_subspaces(core.width, m)]


def cores(context: Context) -> Iterator[tuple[Parameters, int]]:
    """Irreducible points with widths to which they are expanded."""
    for core in CORES:
        for m in range(core.width, context.pick(quick=4, full=5) + (core.width == 3)):
            yield core, m


def distinct(count: Count, context: Context) -> Outcome:
    """The number of different echelon forms is the count."""
    for core, m in cores(context):
        found = len(set(spaces_of(core, m)))
        if found != count(core.width, m):
            return decided(False, r=core.width, m=m, found=found)
    return decided(True)


def at_sizes(*where: tuple[int, int]) -> Callable[[Count, Context], Outcome]:
    """A decision: the count is what the definition lists, at these sizes."""

    def decide(count: Count, context: Context) -> Outcome:
        found = {(r, m): listed_by_definition(r, m) for r, m in where}
        said = {size: count(*size) for size in where}
        return decided(found == said, found=str(found), said=str(said))

    return decide


def ordered_sum(normalization: Callable[[tuple[int, ...]], int]) -> Count:
    """The displayed sum of Theorem 3.1 over *ordered* tuples (k, b), divided by ``normalization(b)``."""

    def count(r: int, m: int) -> Any:
        total = sp.Integer(0)
        for j in range(m - r + 1):
            for s in _tuples(m, r + j):
                total += sp.Rational(factorial(m), prod(map(factorial, s)) * normalization(s[r:]))
        return total

    return count


def by_multiplicity(b: tuple[int, ...]) -> int:
    """c_1! c_2! ..., c_i the number of i among b."""
    return prod(map(factorial, Counter(b).values()))


def by_length(b: tuple[int, ...]) -> int:
    """j!."""
    return factorial(len(b))


def as_word(P: Configuration) -> str:
    """A configuration as it is read."""
    return " ".join(str(letter) if letter > 0 else f"z{-letter}" for letter in P.word)


def _tuples(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All tuples of positive integers of this length and sum."""
    if parts == 0:
        if total == 0:
            yield ()
        return
    for first in range(1, total - parts + 2):
        for rest in _tuples(total - first, parts - 1):
            yield (first, *rest)
