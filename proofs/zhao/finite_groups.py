"""Small groups with every topology that makes them topological groups, and all their actions on finite spaces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product

from quadrics.connectivity.finite_spaces import FiniteSpace, is_continuous, topologies
from quadrics.connectivity.group_actions import is_action
from quadrics.orbits import orbits_under

Action = tuple[tuple[int, ...], ...]  # for each group element the images of the points


@dataclass(frozen=True)
class FiniteGroup:
    """A group on 0, ..., n-1 by its multiplication table, with 0 as the identity."""

    name: str
    table: tuple[tuple[int, ...], ...]

    @property
    def order(self) -> int:
        """The number of elements."""
        return len(self.table)

    def inverse(self, g: int) -> int:
        """The inverse of an element."""
        return self.table[g].index(0)

    def topologies(self) -> Iterator[FiniteSpace]:
        """Generate the topologies for which product and inverse are continuous."""
        n = self.order
        multiply = [self.table[g][h] for g in range(n) for h in range(n)]
        invert = [self.inverse(g) for g in range(n)]
        for space in topologies(n):
            if is_continuous(invert, space, space) and is_continuous(multiply, space * space, space):
                yield space

    def actions(self, points: int) -> Iterator[Action]:
        """Generate all actions on 0, ..., points - 1, continuous or not."""
        images = list(permutations(range(points)))
        every = ((tuple(range(points)), *rest) for rest in product(images, repeat=self.order - 1))
        return (moves for moves in every if self._is_action(moves))

    def _is_action(self, moves: Action) -> bool:
        return is_action(
            range(self.order), lambda g, h: self.table[g][h], lambda g, x: moves[g][x], range(len(moves[0])), 0
        )

    def subgroups(self) -> Iterator[frozenset[int]]:
        """Generate all subgroups."""
        for mask in product((False, True), repeat=self.order - 1):
            chosen = frozenset({0, *(g for g, taken in enumerate(mask, start=1) if taken)})
            if all(self.table[g][h] in chosen for g in chosen for h in chosen):
                yield chosen

    def cosets(self, subgroup: frozenset[int]) -> list[frozenset[int]]:
        """The left cosets g H, as a list without repetition."""
        return sorted({frozenset(self.table[g][h] for h in subgroup) for g in range(self.order)}, key=sorted)


def cyclic(n: int) -> FiniteGroup:
    """Z/n."""
    return FiniteGroup(f"Z/{n}", tuple(tuple((g + h) % n for h in range(n)) for g in range(n)))


KLEIN = FiniteGroup("Z/2 x Z/2", tuple(tuple(g ^ h for h in range(4)) for g in range(4)))
GROUPS = (cyclic(1), cyclic(2), cyclic(3), cyclic(4), KLEIN)


def is_continuous_action(topology: FiniteSpace, X: FiniteSpace, moves: Action) -> bool:
    """Whether (g, x) ↦ g·x is continuous on the product of group and space."""
    return is_continuous([moves[g][x] for g in topology.points for x in X.points], topology * X, X)


def orbits_of(moves: Action, X: FiniteSpace) -> list[frozenset[int]]:
    """The orbits of an action."""
    return list(orbits_under([image.__getitem__ for image in moves], X.points))


@dataclass(frozen=True)
class Instance:
    """A topological group acting on a space, continuously or not."""

    group: FiniteGroup
    topology: FiniteSpace
    space: FiniteSpace
    moves: Action

    @property
    def continuous(self) -> bool:
        """Whether the action is continuous."""
        return is_continuous_action(self.topology, self.space, self.moves)

    @property
    def transitive(self) -> bool:
        """Whether there is one orbit."""
        return len(orbits_of(self.moves, self.space)) == 1

    @property
    def free(self) -> bool:
        """Whether only the identity fixes a point."""
        return all(self.moves[g][x] != x for g in range(1, self.group.order) for x in self.space.points)


def instances(points: int = 3) -> Iterator[Instance]:
    """Every action of the small groups, with each of their topologies, on each space of 1, ..., ``points`` points."""
    for group in GROUPS:
        acts = {n: list(group.actions(n)) for n in range(1, points + 1)}
        for topology in group.topologies():
            for n in range(1, points + 1):
                for X in topologies(n):
                    for moves in acts[n]:
                        yield Instance(group, topology, X, moves)
