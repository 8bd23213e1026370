"""Checks of the components of residual networks: cells of the plane, exact paths, and the cases of the abstract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import networkx as nx
import sympy as sp

from quadrics.connectivity.plane_cells import PlaneCells
from quadrics.connectivity.residual_blocks import ResidualBlock
from quadrics.connectivity.residual_networks import (
    ResidualNetwork,
    skip_coordinate,
    three_layers,
)

from ..check import Context
from ..evidence import Outcome, decided

SKIPS = (sp.Integer(0), sp.Integer(1), sp.Integer(-1), sp.Rational(1, 3), sp.Rational(-7, 2))

Number = Callable[[Any], Any]


def cells(number: Number, context: Context) -> Outcome:
    """The plane without W_1 W_2 + ε = 0 for several ε, and the minimum of the network."""
    x, y = sp.symbols("x y")
    for skip in SKIPS:
        found = PlaneCells(x * y + skip, x, y).number_of_components()
        if found != number(skip) or three_layers([[2]], [[-3]], skip).number_of_components() != found:
            return decided(False, skip=str(skip), found=found)
    return decided(True)


def joined(number: Number, context: Context) -> Outcome:
    """As many classes as the number says."""
    found = context.once("zhao.prop4.3: joined", lambda: classes_by_skip(context))
    return decided(all(number(skip) == classes for skip, classes in found.items()), found=str(found))


def classes_by_skip(context: Context) -> dict[Any, int]:
    """Points of the minimum on a grid of W_1, W_2 as a graph, an edge for each exact path inside the minimum."""
    grid = [sp.Rational(k, 2) for k in context.pick(quick=(-5, -1, 0, 3), full=range(-6, 7, 2))]
    found = {}
    for skip in SKIPS[: context.pick(quick=3, full=5)]:
        network = three_layers([[2]], [[-3]], skip)
        points = [network.parametrize([[[a]], [[b]]]) for a, b in product(grid, grid) if a * b + skip != 0]
        found[skip] = joined_classes(network, points)
    return found


def joined_classes(network: ResidualNetwork, points: Sequence[Any]) -> int:
    """Classes of points, each joined by an exact path to the first one that the code puts in its component."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(points)))
    first: dict[Any, int] = {}
    for k, point in enumerate(points):
        start = first.setdefault(network.component_of(point), k)
        if start != k and is_path(network, points[start], point):
            graph.add_edge(start, k)
    return int(nx.number_connected_components(graph))


def is_path(network: ResidualNetwork, start: Any, end: Any) -> bool:
    """Whether the path that the code makes joins two points within the minimum: ends, Sturm's theorem, six losses."""
    path = network.path(start, end)
    inside = all(network.contains(path(sp.Rational(k, 5))) for k in range(6))
    return inside and path(0) == start and path(1) == end and path.stays_on_minimum()


def figure_1(number: Number, context: Context) -> Outcome:
    """X = Y = 1, ε = 0 and 1: cells of the plane; whether (1, 1) and (-1, -1) are in one sheet."""
    x, y = sp.symbols("x y")
    for skip in (0, 1):
        cells = PlaneCells(x * y + skip, x, y)
        joined = cells.component_of((1, 1)) == cells.component_of((-1, -1))
        if cells.number_of_components() != number(skip) or joined != bool(skip):
            return decided(False, skip=skip, found=cells.number_of_components(), joined=joined)
    return decided(True)


def inverts(inverse: Callable[..., Any], context: Context) -> Outcome:
    """f(f⁻¹(g)) = g for X = 3, W_20 W_10 = 2, ε = 1 and 5, g = 7: decided for every ε of the proof."""
    X, base, g = (sp.Matrix([[value]]) for value in (3, 2, 7))
    failing = {}
    for skip in (1, 5):
        found = skip_coordinate(inverse(g, base, X, skip), base, X, skip)[0]
        if found != 7:
            failing[skip] = str(found)
    return decided(not failing, found_instead_of_7=failing)


# -- what the abstract says -------------------------------------------------------------------------------------------
class Case(NamedTuple):
    """A linear network: a block of layers, and an output layer; counted as it is, or up to permutation of neurons."""

    width: int
    hidden: tuple[int, ...]
    up_to_permutation: bool = False

    def components(self, skip: int) -> int:
        """The number of components of its minimum, X and Y the identity."""
        identity = sp.eye(self.width)
        network = ResidualNetwork(identity, identity, (ResidualBlock(self.width, self.hidden, skip),))
        return network.number_of_effective_components() if self.up_to_permutation else network.number_of_components()

    @property
    def is_square(self) -> bool:
        """Whether the skip passes over two layers or more, all of them square."""
        return bool(self.hidden) and set(self.hidden) == {self.width}


def cases() -> Iterator[Case]:
    """Widths up to 3, up to three layers, hidden widths at least n (so that the loss reaches zero without a skip)."""
    for n in (1, 2, 3):
        for layers in (1, 2, 3):
            for hidden in product(range(n, 4), repeat=layers - 1):
                for up_to_permutation in (False, True):
                    yield Case(n, hidden, up_to_permutation)


Hypothesis = Callable[[Case], bool]


def reduces(hypothesis: Hypothesis, context: Context) -> Outcome:
    """Whether a skip reduces the number in every case that meets a hypothesis."""
    failing = [case for case in cases() if hypothesis(case) and not case.components(1) < case.components(0)]
    return decided(not failing, failing=len(failing), example=str(failing[0]) if failing else None)


def reduces_when(case: Case) -> bool:
    """The corrected hypothesis: square layers, two or more under the skip, components counted as they are."""
    return case.is_square and not case.up_to_permutation


Counts = Callable[[int], tuple[int, int]]


def three_square_layers(counts: Counts, context: Context) -> Outcome:
    """Without and with a skip, the network of eq. (2), n up to 4."""
    found = {n: tuple(Case(n, (n,)).components(skip) for skip in (0, 1)) for n in range(1, 5)}
    return decided(all(found[n] == counts(n) for n in found), found=str(found))
