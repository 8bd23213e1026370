r"""Finite topological spaces: continuity, connectedness, components, products, subspaces, quotients, all of them.

A topology on finitely many points is a preorder: each point x has a *least* open set U(x), and y ≤ x when y lies in
U(x). Open sets are the unions of least ones, and two comparable points are never separated, so that the components are
those of the comparability graph. Everything that section 3.1 of Zhao et al. (2024) says of spaces and maps can be
tried on all of them.

>>> sierpinski = FiniteSpace([{0}, {0, 1}])
>>> sorted(map(sorted, sierpinski.open_sets())), sierpinski.is_connected()
([[], [0], [0, 1]], True)
>>> [sum(1 for _ in topologies(n)) for n in range(5)]  # OEIS A000798
[1, 1, 4, 29, 355]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations, product

import networkx as nx

from ..errors import ShapeError
from ..validation import as_dimension

Points = frozenset[int]

MOST_POINTS = 5


@dataclass(frozen=True)
class FiniteSpace:
    """A topology on the points 0, ..., n-1.

    Parameters
    ----------
    least : sets of points
        The least open set around each point; :meth:`from_open_sets` takes the open sets instead.

    Raises
    ------
    ShapeError
        if these are not least open sets of a topology: x must lie in its own, and y in that of x implies U(y) ⊆ U(x).

    Examples
    --------
    >>> discrete, indiscrete = FiniteSpace([{0}, {1}]), FiniteSpace([{0, 1}, {0, 1}])
    >>> discrete.number_of_components(), indiscrete.number_of_components()
    (2, 1)
    >>> FiniteSpace([{0, 1}, {1, 2}, {2}])
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: least open sets: got [[0, 1], [1, 2], [2]], where that of 0 includes the point 1 but \
not 1's own; expected U(y) inside U(x) for each y in U(x)
    """

    least: tuple[Points, ...]

    def __post_init__(self) -> None:
        if isinstance(self.least, str | bytes) or not hasattr(self.least, "__iter__"):
            raise ShapeError(f"least open sets: got {self.least!r}; expected a set of points for each point")
        least = tuple(frozenset(as_dimension(y, "point", 0) for y in around) for around in self.least)
        shown = [sorted(around) for around in least]
        for x, around in enumerate(least):
            if x not in around or max(around) >= len(least):
                raise ShapeError(
                    f"least open sets: got {shown}; expected for each point {x} a set of 0, ..., {len(least) - 1} "
                    "with the point in it"
                )
            for y in sorted(around):
                if not least[y] <= around:
                    raise ShapeError(
                        f"least open sets: got {shown}, where that of {x} includes the point {y} but not {y}'s own; "
                        "expected U(y) inside U(x) for each y in U(x)"
                    )
        object.__setattr__(self, "least", least)

    @classmethod
    def from_open_sets(cls, size: int, open_sets: Iterable[Iterable[int]]) -> FiniteSpace:
        """Return the space with these open sets.

        Raises ``ShapeError`` if they are no topology: the empty set, all points, unions and intersections.

        >>> FiniteSpace.from_open_sets(2, [[], [0], [0, 1]]) == FiniteSpace([{0}, {0, 1}])
        True
        >>> FiniteSpace.from_open_sets(3, [[], [0], [1], [0, 1, 2]])
        Traceback (most recent call last):
        ...
        quadrics.errors.ShapeError: open sets: got [[], [0], [0, 1, 2], [1]]; expected a topology, but [0, 1] is missing
        """
        size = as_dimension(size, "number of points", 0)
        given = {frozenset(one) for one in open_sets}
        everything = frozenset(range(size))
        needed = {frozenset(), everything}
        needed |= {a | b for a in given for b in given} | {a & b for a in given for b in given}
        missing = sorted(sorted(one) for one in needed - given)
        if missing or not all(one <= everything for one in given):
            shown = sorted(sorted(one) for one in given)
            what = f"but {missing[0]} is missing" if missing else f"with points 0 to {size - 1} only"
            raise ShapeError(f"open sets: got {shown}; expected a topology, {what}")
        return cls(tuple(frozenset.intersection(*(one for one in given if x in one)) for x in range(size)))

    @property
    def size(self) -> int:
        """The number of points."""
        return len(self.least)

    @property
    def points(self) -> range:
        """The points 0, ..., n-1."""
        return range(self.size)

    @cached_property
    def _open_sets(self) -> frozenset[Points]:
        found = {frozenset[int]()}
        for around in self.least:
            found |= {one | around for one in found}
        return frozenset(found)

    def open_sets(self) -> frozenset[Points]:
        """Return all open sets: the unions of least ones."""
        return self._open_sets

    def is_open(self, points: Iterable[int]) -> bool:
        """Whether a set of points is open."""
        inside = frozenset(points)
        return all(self.least[x] <= inside for x in inside)

    def is_connected(self, points: Iterable[int] | None = None) -> bool:
        """Whether the space, or a set of its points in the subspace topology, is connected: by the definition.

        No two open sets whose traces are disjoint and not empty cover it. The empty set is connected.

        >>> FiniteSpace([{0}, {0, 1, 2}, {2}]).is_connected([0, 2])
        False
        """
        inside = frozenset(self.points if points is None else points)
        traces = {one & inside for one in self._open_sets}
        return not any(a and inside - a and (inside - a) in traces for a in traces)

    def components(self) -> Iterator[Points]:
        """Generate the components: those of the graph that joins comparable points."""
        graph: nx.Graph[int] = nx.Graph()
        graph.add_nodes_from(self.points)
        graph.add_edges_from((x, y) for x in self.points for y in self.least[x])
        return map(frozenset, nx.connected_components(graph))

    def number_of_components(self) -> int:
        """Return the number of components.

        >>> FiniteSpace([{0}, {1}, {1, 2}]).number_of_components()
        2
        """
        return sum(1 for _ in self.components())

    def component_of(self, point: int) -> Points:
        """Return the component that a point lies in; raises ``DimensionError`` if there is no such point."""
        point = as_dimension(point, "point", 0, self.size - 1)
        return next(one for one in self.components() if point in one)

    def subspace(self, points: Iterable[int]) -> FiniteSpace:
        """Return the subspace of some points, renumbered in increasing order."""
        kept = sorted({as_dimension(x, "point", 0, self.size - 1) for x in points})
        number = {x: k for k, x in enumerate(kept)}
        return FiniteSpace(tuple(frozenset(number[y] for y in self.least[x] if y in number) for x in kept))

    def __mul__(self, other: FiniteSpace) -> FiniteSpace:
        """The product space; the pair (x, y) is the point x·(other's size) + y.

        >>> two, one = FiniteSpace([{0}, {1}]), FiniteSpace([{0}, {0, 1}])
        >>> (two * one * two).number_of_components()
        4
        """
        n = other.size
        return FiniteSpace(
            tuple(
                frozenset(a * n + b for a in around for b in beside) for around in self.least for beside in other.least
            )
        )

    def quotient(self, classes: Sequence[Iterable[int]]) -> FiniteSpace:
        """Return the quotient by a partition: a set of classes is open when their union is.

        Raises ``ShapeError`` if the classes are no partition of the points.

        >>> FiniteSpace([{0}, {1}, {2}]).quotient([[0, 2], [1]]).number_of_components()
        2
        """
        parts = [frozenset(part) for part in classes]
        if sorted(x for part in parts for x in part) != list(self.points):
            raise ShapeError(f"classes: got {[sorted(p) for p in parts]}; expected a partition of 0 to {self.size - 1}")
        opened = [
            chosen
            for chosen in _subsets(range(len(parts)))
            if self.is_open(chain.from_iterable(parts[k] for k in chosen))
        ]
        return FiniteSpace.from_open_sets(len(parts), opened)


def is_continuous(f: Sequence[int], X: FiniteSpace, Y: FiniteSpace) -> bool:
    """Whether x ↦ f[x] is continuous: preimages of open sets are open.

    Raises ``ShapeError`` if ``f`` is no map from the points of X to those of Y.

    >>> sierpinski = FiniteSpace([{0}, {0, 1}])
    >>> is_continuous([0, 1], sierpinski, sierpinski), is_continuous([1, 0], sierpinski, sierpinski)
    (True, False)
    """
    if len(f) != X.size or not all(y in Y.points for y in f):
        raise ShapeError(f"f: got {list(f)}; expected {X.size} values among 0, ..., {Y.size - 1}")
    return all(X.is_open(x for x in X.points if f[x] in one) for one in Y.open_sets())


def continuous_maps(X: FiniteSpace, Y: FiniteSpace) -> Iterator[tuple[int, ...]]:
    """Generate the continuous maps, as tuples of values.

    >>> discrete, line = FiniteSpace([{0}, {1}]), FiniteSpace([{0}, {0, 1}])
    >>> len(list(continuous_maps(discrete, line))), len(list(continuous_maps(line, discrete)))
    (4, 2)
    """
    return (f for f in product(Y.points, repeat=X.size) if is_continuous(f, X, Y))


def homeomorphisms(X: FiniteSpace, Y: FiniteSpace) -> Iterator[tuple[int, ...]]:
    """Generate the bijections that are continuous both ways.

    >>> list(homeomorphisms(FiniteSpace([{0}, {0, 1}]), FiniteSpace([{0, 1}, {1}])))
    [(1, 0)]
    """
    if X.size != Y.size:
        return
    for f in continuous_maps(X, Y):
        if len(set(f)) == X.size and is_continuous(sorted(X.points, key=f.__getitem__), Y, X):
            yield f


def topologies(n: int) -> Iterator[FiniteSpace]:
    """Generate every topology on n labelled points: all preorders.

    Raises
    ------
    DimensionError
        for more than 5 points (6 have 209,527 topologies).

    Examples
    --------
    >>> sum(1 for _ in topologies(3))
    29
    >>> topologies(6)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: number of points: got 6; expected an integer of at least 0 and at most 5
    """
    n = as_dimension(n, "number of points", 0, MOST_POINTS)
    return _preorders(n)


def _preorders(n: int) -> Iterator[FiniteSpace]:
    """Extend the preorders of n - 1 points by a point, in every transitive way."""
    if n == 0:
        yield FiniteSpace(())
        return
    new = n - 1
    for space in _preorders(new):
        for below in _subsets(range(new)):  # what lies in U(new) besides new itself
            for above in _subsets(range(new)):  # whose least open sets take new in
                least = [around | ({new} if x in above else set()) for x, around in enumerate(space.least)]
                least.append(frozenset({new, *below}))
                if all(least[y] <= around for around in least for y in around):
                    yield FiniteSpace(tuple(map(frozenset, least)))


def partitions(points: Sequence[int]) -> Iterator[list[list[int]]]:
    """Generate the partitions of a list of points into non-empty classes.

    >>> sum(1 for _ in partitions(range(4)))
    15
    """
    if not points:
        yield []
        return
    first, *rest = points
    for smaller in partitions(rest):
        yield [[first], *smaller]
        for k, part in enumerate(smaller):
            yield [*smaller[:k], [first, *part], *smaller[k + 1 :]]


def image_space(f: Sequence[int], X: FiniteSpace, Y: FiniteSpace) -> FiniteSpace:
    """Return f(X) as a subspace of Y."""
    return Y.subspace(f[x] for x in X.points)


def _subsets(points: Iterable[int]) -> Iterator[tuple[int, ...]]:
    listed = list(points)
    return chain.from_iterable(combinations(listed, k) for k in range(len(listed) + 1))
