r"""Patterns on the hidden neurons up to permutation: orbits, canonical forms, Burnside's lemma, counts.

A *pattern* gives each of n neurons one of q colours, say the sign of its output weight. Which permutations are allowed
is a Young subgroup :math:`\mathfrak S_{m_1} \times \mathfrak S_{m_2} \times \cdots`: neurons may be exchanged inside
their class only. Two cases matter in section 5 of Nurisso et al. (2024): all of :math:`\mathfrak S_{l_-}` on the sign
vectors :math:`\{\pm 1\}^{l_-}`, and the permutations that map the invariant set H(c) to itself *without* rescaling,
whose classes are the neurons of equal c_k.

>>> S3 = NeuronPermutations.symmetric(3)
>>> sorted(S3.representatives())
[(-1, -1, -1), (-1, -1, 1), (-1, 1, 1), (1, 1, 1)]
>>> S3.number_of_orbits() == len(list(S3.orbits())) == S3.number_of_orbits_by_burnside()
True
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations_with_replacement, product
from math import factorial, prod
from typing import TypeVar

import networkx as nx
from sympy.combinatorics import Permutation, PermutationGroup

from .errors import DimensionError, ImbalanceError, ShapeError, SymmetryError
from .polya import burnside_count, multiset_count
from .validation import Expr, as_dimension, as_real

Pattern = tuple[int, ...]
SIGNS: Pattern = (-1, 1)

MAX_PATTERNS = 2**18

Point = TypeVar("Point", bound=Hashable)


def orbits_under(moves: Sequence[Callable[[Point], Point]], points: Iterable[Point]) -> Iterator[frozenset[Point]]:
    """Generate the orbits of a finite set under the group that some bijections of it generate.

    They are the connected components of the graph that joins each point to its images. Sign vectors of hidden neurons
    go through here, and components of minima: what a symmetry moves is up to the caller.

    Raises
    ------
    SymmetryError
        if a move leads out of the set.

    Examples
    --------
    >>> sorted(map(sorted, orbits_under([lambda x: (x + 4) % 6], range(6))))
    [[0, 2, 4], [1, 3, 5]]
    >>> list(orbits_under([lambda x: x + 1], [1, 2]))
    Traceback (most recent call last):
    ...
    quadrics.errors.SymmetryError: orbits: got a move from 2 to 3, outside the set; expected moves of the set to itself
    """
    graph: nx.Graph[Point] = nx.Graph()
    graph.add_nodes_from(points)
    for point in list(graph):
        for move in moves:
            image = move(point)
            if image not in graph:
                raise SymmetryError(
                    f"orbits: got a move from {point} to {image}, outside the set; expected moves of the set to itself"
                )
            graph.add_edge(point, image)
    return map(frozenset, nx.connected_components(graph))


@dataclass(frozen=True)
class NeuronPermutations:
    """The permutations of n neurons that keep each neuron in its class (a Young subgroup of the symmetric group).

    Parameters
    ----------
    classes : sequences of 0-based indices
        A partition of 0, ..., n-1; :meth:`symmetric` and :meth:`preserving` build the usual ones.

    Raises
    ------
    SymmetryError
        if the classes are no partition of 0, ..., n-1.

    Examples
    --------
    >>> G = NeuronPermutations([[0, 1], [2]])
    >>> G.order, G.number_of_orbits()
    (2, 6)
    >>> G.are_equivalent((1, -1, 1), (-1, 1, 1)), G.are_equivalent((1, -1, 1), (1, 1, -1))
    (True, False)
    >>> NeuronPermutations([[0, 1], [1, 2]])
    Traceback (most recent call last):
    ...
    quadrics.errors.SymmetryError: classes: got ((0, 1), (1, 2)); expected each of the indices 0 to 3 exactly once
    """

    classes: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        classes = tuple(tuple(as_dimension(k, "index", 0) for k in group) for group in self.classes)
        n = sum(map(len, classes))
        if sorted(k for group in classes for k in group) != list(range(n)):
            raise SymmetryError(f"classes: got {classes}; expected each of the indices 0 to {n - 1} exactly once")
        object.__setattr__(self, "classes", tuple(group for group in classes if group))

    @classmethod
    def symmetric(cls, n: int) -> NeuronPermutations:
        """Return all of S_n.

        >>> NeuronPermutations.symmetric(4).order
        24
        """
        n = as_dimension(n, "number of neurons", 0)
        return cls((tuple(range(n)),))

    @classmethod
    def preserving(cls, c: Sequence[object]) -> NeuronPermutations:
        """Return the permutations with c∘π = c: those that map H(c) to itself without rescaling.

        Raises ``ImbalanceError`` if an entry of ``c`` is no real, finite number.

        >>> NeuronPermutations.preserving([-1, 2, -1, 5]).classes
        ((0, 2), (1,), (3,))
        """
        if isinstance(c, str | bytes):
            raise ImbalanceError(f"c: got the text {c!r}; expected a sequence of real numbers")
        values = [as_real(v, f"c[{k}]", ImbalanceError) for k, v in enumerate(c)]
        groups: dict[Expr, list[int]] = {}
        for k, value in enumerate(values):
            # Two expressions of the same number need not be structurally equal: ask for a zero difference.
            key = next((other for other in groups if (other - value).equals(0)), value)
            groups.setdefault(key, []).append(k)
        return cls(tuple(map(tuple, groups.values())))

    @property
    def degree(self) -> int:
        """The number n of neurons."""
        return sum(map(len, self.classes))

    @property
    def order(self) -> int:
        """The number of permutations, m_1! m_2! ...."""
        return prod(factorial(len(group)) for group in self.classes)

    def group(self) -> PermutationGroup:
        """Return the group as a SymPy ``PermutationGroup`` (a transposition and a long cycle in each class).

        >>> NeuronPermutations.symmetric(4).group().order()
        24
        """
        n = max(self.degree, 1)
        generators = [Permutation(size=n)]
        for group in self.classes:
            if len(group) > 1:
                generators += [Permutation([group[:2]], size=n), Permutation([group], size=n)]
        return PermutationGroup(generators)

    def patterns(self, colours: Iterable[int] = SIGNS) -> Iterator[Pattern]:
        """Generate all q^n patterns, in the order of ``itertools.product``."""
        return product(_colours(colours), repeat=self.degree)

    def number_of_patterns(self, colours: Iterable[int] = SIGNS) -> int:
        """Return q^n."""
        return int(len(_colours(colours)) ** self.degree)

    def act(self, permutation: Permutation, pattern: Sequence[int]) -> Pattern:
        """Return the pattern whose entry i is entry π(i) of the given one (the action of eq. 4 on neurons)."""
        before = self._pattern(pattern)
        return tuple(before[permutation(i)] for i in range(self.degree))

    def orbits(self, colours: Iterable[int] = SIGNS) -> Iterator[frozenset[Pattern]]:
        """Generate the orbits by brute force: connected components of the graph that the generators draw.

        Raises
        ------
        DimensionError
            for more than 2^18 patterns: :meth:`representatives` generates one pattern an orbit at any size, and
            :meth:`number_of_orbits` counts.

        Examples
        --------
        >>> sorted(map(len, NeuronPermutations.symmetric(4).orbits()))
        [1, 1, 4, 4, 6]
        """
        colours = _colours(colours)
        if self.number_of_patterns(colours) > MAX_PATTERNS:
            raise DimensionError(
                f"orbits: got {len(colours)}^{self.degree} patterns; expected at most {MAX_PATTERNS} for brute "
                "force (use representatives() for one pattern an orbit, number_of_orbits() to count)"
            )
        moves = [partial(_rearranged, g.array_form[: self.degree]) for g in self.group().generators]
        return orbits_under(moves, self.patterns(colours))

    def representatives(self, colours: Iterable[int] = SIGNS) -> Iterator[Pattern]:
        """Generate one pattern an orbit, the one that :meth:`canonical_form` returns.

        >>> list(NeuronPermutations([[0, 2], [1]]).representatives())[:3]
        [(-1, -1, -1), (-1, 1, -1), (-1, -1, 1)]
        """
        ordered = sorted(_colours(colours))
        for choice in product(*(combinations_with_replacement(ordered, len(g)) for g in self.classes)):
            yield self._place(choice)

    def canonical_form(self, pattern: Sequence[int]) -> Pattern:
        """Return the representative of the pattern's orbit: colours sorted inside each class.

        >>> NeuronPermutations.symmetric(3).canonical_form((1, -1, 1))
        (-1, 1, 1)
        """
        pattern = self._pattern(pattern)
        return self._place([sorted(pattern[k] for k in group) for group in self.classes])

    def are_equivalent(self, first: Sequence[int], second: Sequence[int]) -> bool:
        """Whether some allowed permutation takes one pattern to the other."""
        return self.canonical_form(first) == self.canonical_form(second)

    def orbit_of(self, pattern: Sequence[int]) -> Iterator[Pattern]:
        """Generate the orbit of one pattern, without repetition.

        >>> sorted(NeuronPermutations.symmetric(3).orbit_of((1, 1, -1)))
        [(-1, 1, 1), (1, -1, 1), (1, 1, -1)]
        """
        pattern = self._pattern(pattern)
        groups = [[pattern[k] for k in group] for group in self.classes]
        for choice in product(*(_rearrangements(Counter(colours)) for colours in groups)):
            yield self._place(choice)

    def orbit_size(self, pattern: Sequence[int]) -> int:
        """Return the number of patterns in the orbit: a product of multinomial coefficients.

        >>> NeuronPermutations.symmetric(100).orbit_size([1] * 98 + [-1] * 2)
        4950
        """
        pattern = self._pattern(pattern)
        sizes = (Counter(pattern[k] for k in group) for group in self.classes)
        return self.order // prod(factorial(m) for size in sizes for m in size.values())

    def number_of_orbits(self, colours: Iterable[int] = SIGNS) -> int:
        """Return the number of orbits in closed form: the product of C(m + q - 1, q - 1) over the class sizes m.

        >>> NeuronPermutations.symmetric(10**5).number_of_orbits()
        100001
        """
        q = len(_colours(colours))
        return prod(int(multiset_count(len(group), q)) for group in self.classes)

    def number_of_orbits_by_burnside(self, colours: Iterable[int] = SIGNS) -> int:
        """Return the number of orbits by Burnside's lemma: the mean number of patterns that a permutation fixes.

        The sum over the group is a sum over the partitions of each class size (cycle types).

        Raises ``DimensionError`` for a class of more than 50 neurons (200,000 cycle types): :meth:`number_of_orbits`
        has no such limit.
        """
        q = len(_colours(colours))
        return prod(burnside_count(len(group), q) for group in self.classes)

    def _pattern(self, pattern: Sequence[int]) -> Pattern:
        if len(pattern) != self.degree:
            raise ShapeError(f"pattern: got {len(pattern)} entries; expected {self.degree}, one for each neuron")
        return tuple(pattern)

    def _place(self, choice: Iterable[Iterable[int]]) -> Pattern:
        placed = dict(zip((k for g in self.classes for k in g), (v for part in choice for v in part), strict=True))
        return tuple(placed[k] for k in range(self.degree))


def _rearrangements(counts: Counter[int]) -> Iterator[Pattern]:
    """All distinct sequences with these numbers of each colour."""
    if not counts:
        yield ()
    for colour in counts:
        for rest in _rearrangements(counts - Counter([colour])):
            yield (colour, *rest)


def _rearranged(order: Sequence[int], pattern: Pattern) -> Pattern:
    return tuple(pattern[k] for k in order)


def _colours(colours: Iterable[int]) -> Pattern:
    unique = tuple(dict.fromkeys(colours))
    if not unique:
        raise DimensionError("colours: got none; expected at least one")
    return unique
