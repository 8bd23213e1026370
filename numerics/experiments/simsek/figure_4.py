"""Figure 4 of Simsek et al.: which affine subspaces of an expansion from r to r + 1 neurons meet.

Blue vertices are subspaces with a zero-type neuron, green ones with two equal neurons. Every green subspace meets two
blue ones, so it is drawn on the edge between them; the blue ones then form the star graph of the permutations of r + 1
things: an edge, a hexagon, and for r = 3 the Nauru graph, alias the generalized Petersen graph G(12, 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, factorial, pi, sin
from pathlib import Path

import networkx as nx
import numpy as np
import xarray as xr

from quadrics.errors import DimensionError
from quadrics.expansion.configurations import Configuration
from quadrics.expansion.counts import T
from quadrics.expansion.intersections import intersection_graph

from ...sweep import Engine, Progress
from .figure_4_view import figure, table

__all__ = ["Size", "figure", "layout", "run", "table"]

Place = tuple[float, float]


@dataclass(frozen=True)
class Size:
    """Which expansions r to r + 1 are drawn; there is a layout for r = 1, 2 and 3."""

    narrow: tuple[int, ...] = (1, 2, 3)


def run(
    quick: bool = True,
    seed: int = 0,
    device: str = "cpu",
    progress: Progress | None = None,
    size: Size | None = None,
    folder: str | Path | None = None,
    engine: Engine | None = None,
) -> xr.Dataset:
    """Return the graphs of figure 4, laid out.

    Variables, by r: ``word`` of each vertex (a letter for each neuron, 0 the zero type; "" where there is none),
    ``blue`` (whether it has a zero-type neuron), its place ``x``, ``y``; ``edge`` (r, edge, end), numbers of vertices
    (-1 where there is none). Attributes by r: diameter and number of components, as ``diameter`` and ``components``.

    Args:
        quick, seed, device, folder, engine: as for the other experiments; they change nothing here.
        progress: called after each graph.
        size: instead of r = 1, 2 and 3.

    Raises:
        DimensionError: an r without a layout.

    >>> data = run()
    >>> data.blue.sum("vertex").values.tolist(), (data.word != "").sum("vertex").values.tolist()
    ([2, 6, 24], [3, 12, 60])
    """
    size = size or Size()
    if not size.narrow or not all(r in (1, 2, 3) for r in size.narrow) or len(set(size.narrow)) < len(size.narrow):
        raise DimensionError(f"narrow: got {size.narrow}; expected different numbers out of 1, 2 and 3")
    parts = []
    for done, r in enumerate(size.narrow, start=1):
        parts.append(_one(r))
        if progress is not None:
            progress(done, len(size.narrow))
    data = xr.concat(parts, dim="r", join="outer", fill_value={"word": "", "blue": False, "edge": -1})
    return data.assign_coords(r=list(size.narrow))


def layout(graph: nx.Graph[Configuration]) -> dict[Configuration, Place]:
    """Return a place for each subspace of an expansion r to r + 1: symmetric, green ones halfway between blue ones.

    Raises ``DimensionError`` for another r than 1, 2, 3.
    """
    blue = [P for P, zeros in graph.nodes(data="zero_groups") if zeros]
    contracted: nx.Graph[Configuration] = nx.Graph()
    contracted.add_nodes_from(blue)
    green = {P: tuple(graph[P]) for P in graph if P not in contracted}
    contracted.add_edges_from(green.values())
    shape = _shape(blue[0].r)
    pairs = nx.isomorphism.GraphMatcher(contracted, shape).isomorphisms_iter()
    found = {P: shape.nodes[node]["place"] for P, node in next(pairs).items()}
    for P, (a, b) in green.items():
        found[P] = ((found[a][0] + found[b][0]) / 2, (found[a][1] + found[b][1]) / 2)
    return found


def _one(r: int) -> xr.Dataset:
    graph = intersection_graph(r, r + 1)
    if len(graph) != T(r, r + 1):
        raise AssertionError(f"r = {r}: {len(graph)} subspaces, but T = {T(r, r + 1)}")
    places, vertices = layout(graph), list(graph)
    number = {P: i for i, P in enumerate(vertices)}
    words = ["".join(str(max(letter, 0)) for letter in P.word) for P in vertices]
    return xr.Dataset(
        {
            "word": ("vertex", np.array(words, dtype=object)),
            "blue": ("vertex", [P.number_of_zero_groups > 0 for P in vertices]),
            "x": ("vertex", [places[P][0] for P in vertices]),
            "y": ("vertex", [places[P][1] for P in vertices]),
            "edge": (("edges", "end"), np.array([(number[a], number[b]) for a, b in graph.edges])),
            "diameter": nx.diameter(graph),
            "components": nx.number_connected_components(graph),
        },
        {"vertex": np.arange(len(vertices)), "edges": np.arange(graph.number_of_edges())},
    )


def _shape(r: int) -> nx.Graph[int]:
    """The graph of the (r + 1)! blue vertices with a place for each: a segment, a hexagon, G(12, 5)."""
    shape: nx.Graph[int] = nx.Graph()
    if r == 1:
        shape.add_edge(0, 1)
        places = {0: (-1.0, 0.0), 1: (1.0, 0.0)}
    elif r == 2:
        nx.add_cycle(shape, range(6))
        places = {i: _on_circle(i / 6, 1) for i in range(6)}
    elif r == 3:
        for i in range(12):
            shape.add_edges_from([(i, (i + 1) % 12), (i, 12 + i), (12 + i, 12 + (i + 5) % 12)])
        places = {i: _on_circle(i % 12 / 12, 1 if i < 12 else 0.65) for i in range(24)}
    else:
        raise DimensionError(f"r: got {r}; expected 1, 2 or 3, for which there is a layout")
    assert len(shape) == factorial(r + 1)
    nx.set_node_attributes(shape, places, "place")
    return shape


def _on_circle(turn: float, radius: float) -> Place:
    return radius * sin(2 * pi * turn), radius * cos(2 * pi * turn)
