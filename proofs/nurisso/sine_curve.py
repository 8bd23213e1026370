"""The topologist's sine curve: connected, not path connected, and every fact about it that is used here is computed.

The space is the graph of sin(1/x) for x > 0 together with the origin. It separates the notions that appendix B
compares, which the quadrics of the paper never do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import networkx as nx
import sympy as sp

N = sp.Symbol("n", integer=True, positive=True)


def origin_is_a_limit() -> bool:
    """The points (1/(nπ), 0) of the graph tend to the origin, so the whole space is the closure of a connected set."""
    x = 1 / (N * sp.pi)
    return bool(sp.sin(1 / x) == 0 and sp.limit(x, N, sp.oo) == 0)


def no_path_reaches_the_origin() -> bool:
    """Between any x > 0 and 0 the height takes the values 1 and -1 infinitely often: no continuous path can end there.

    A path from the graph to the origin has x(t) > 0 before a first time t₀ with x(t₀) = 0; by the intermediate value
    theorem x(t) passes all crests and all troughs before t₀, where the height would have to tend to 0.
    """
    crest, trough = 1 / (2 * sp.pi * N + sp.pi / 2), 1 / (2 * sp.pi * N - sp.pi / 2)
    heights = sp.simplify(sp.sin(1 / crest)), sp.simplify(sp.sin(1 / trough))
    near = sp.limit(crest, N, sp.oo) == 0 and sp.limit(trough, N, sp.oo) == 0
    return bool(heights == (1, -1) and near)


@dataclass(frozen=True)
class Space:
    """Finitely many points that meet every path component: which are joined by paths, which by connectedness."""

    points: tuple[str, ...]
    joined_by_paths: tuple[tuple[str, str], ...]
    in_one_connected_set: tuple[tuple[str, str], ...]

    @property
    def path_components(self) -> int:
        """The number of classes of points joined by paths."""
        return _classes(self.points, self.joined_by_paths)

    @property
    def components(self) -> int:
        """The number of connected components."""
        return _classes(self.points, (*self.joined_by_paths, *self.in_one_connected_set))

    @property
    def is_connected(self) -> bool:
        """One component."""
        return self.components == 1

    @property
    def is_path_connected(self) -> bool:
        """One path component."""
        return self.path_components == 1

    @property
    def betti_0(self) -> int:
        """The rank of singular H_0: points modulo the boundaries q - p of paths from p to q."""
        boundary = sp.zeros(len(self.points), max(len(self.joined_by_paths), 1))
        for column, (p, q) in enumerate(self.joined_by_paths):
            boundary[self.points.index(p), column] -= 1
            boundary[self.points.index(q), column] += 1
        return len(self.points) - int(boundary.rank())


def sine_curve(isolated_points: int = 0) -> Space:
    """The sine curve, with further isolated points if asked."""
    if not (origin_is_a_limit() and no_path_reaches_the_origin()):
        raise ArithmeticError("the sine curve: SymPy did not confirm its limits")
    extra = tuple(f"isolated {i}" for i in range(isolated_points))
    # The graph is the image of an interval: any two of its points are joined by a path.
    return Space(("origin", "(1/π, 0)", "(1/2π, 0)", *extra), (("(1/π, 0)", "(1/2π, 0)"),), (("origin", "(1/π, 0)"),))


def _classes(points: Iterable[str], pairs: Iterable[tuple[str, str]]) -> int:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(points)
    graph.add_edges_from(pairs)
    return int(nx.number_connected_components(graph))
