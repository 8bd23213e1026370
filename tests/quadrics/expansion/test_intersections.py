"""The intersection rule against exact linear algebra, and the graph of figure 4."""

from itertools import combinations_with_replacement
from math import factorial
from random import Random

import networkx as nx
import pytest

from quadrics.errors import DimensionError, ShapeError
from quadrics.expansion.configurations import Configuration
from quadrics.expansion.counts import T
from quadrics.expansion.enumeration import affine_subspaces
from quadrics.expansion.intersections import (
    intersect,
    intersection_dimension,
    intersection_graph,
    is_connected,
    number_of_components,
    star_graph_of_permutations,
)
from quadrics.expansion.subspaces import ExpansionSubspace
from quadrics.network import Parameters

CORES = {
    (1, 1, 1): Parameters([[2]], [[3]]),
    (1, 2, 1): Parameters([[2, -1]], [[3]]),
    (2, 1, 2): Parameters([[2], [5]], [[3, 1], [0, -4]]),
    (2, 2, 1): Parameters([[2, 1], [0, 7]], [[3, 5]]),
    # degenerate: outgoing weights that cancel, an incoming vector of zero, one that is the negative of another
    (2, 1, 1): Parameters([[0], [4]], [[3, -3]]),
    (3, 1, 1): Parameters([[1], [-1], [0]], [[2, 2, -4]]),
}


@pytest.mark.parametrize(("key", "m"), [((1, 1, 1), 3), ((1, 2, 1), 3), ((2, 1, 2), 3), ((2, 2, 1), 3), ((2, 1, 1), 4),
                                        ((3, 1, 1), 4)])  # fmt: skip
def test_the_rule_against_linear_algebra(key, m):
    core = CORES[key]
    spaces = {P: ExpansionSubspace(core, P).affine() for P in affine_subspaces(core.width, m)}
    pairs = list(combinations_with_replacement(spaces, 2))
    for P, Q in Random(0).sample(pairs, min(len(pairs), 250)):
        common = spaces[P].intersection(spaces[Q])
        assert intersect(P, Q) == (common is not None)
        dimension = intersection_dimension(P, Q, core.d_in, core.d_out)
        assert dimension == (None if common is None else common.dimension)


@pytest.mark.parametrize(
    ("r", "m", "edges"),
    [(1, 1, 0), (2, 2, 0), (3, 3, 0), (1, 2, 2), (1, 3, 30), (1, 4, 442), (2, 3, 12), (2, 4, 300), (3, 4, 72),
     (2, 5, 6720), (3, 5, 2760), (4, 5, 480)],
)  # fmt: skip
def test_graph(r, m, edges):
    graph = intersection_graph(r, m)
    assert (len(graph), graph.number_of_edges()) == (T(r, m), edges)
    assert nx.number_connected_components(graph) == number_of_components(r, m)
    assert nx.is_connected(graph) == is_connected(r, m) == (m > r or r <= 1)


def test_partitions_without_labels_all_meet():
    graph = intersection_graph(0, 4)
    assert graph.number_of_edges() == 15 * 14 // 2
    assert is_connected(0, 4)


@pytest.mark.parametrize("r", [1, 2, 3])
def test_figure_4_is_the_subdivided_star_graph(r):
    graph = intersection_graph(r, r + 1)
    blue = [P for P, zeros in graph.nodes(data="zero_groups") if zeros == 1]
    green = [P for P, zeros in graph.nodes(data="zero_groups") if zeros == 0]
    assert (len(blue), len(green)) == (factorial(r + 1), r * factorial(r + 1) // 2)
    assert {graph.degree(P) for P in blue} == {r}
    assert {graph.degree(P) for P in green} == {2}
    assert all((P in blue) != (Q in blue) for P, Q in graph.edges)
    subdivided = nx.Graph()
    for u, v in star_graph_of_permutations(r + 1).edges:
        nx.add_path(subdivided, [u, frozenset((u, v)), v])
    assert nx.is_isomorphic(graph, subdivided)
    assert nx.diameter(graph) == 2 * (3 * r // 2)


def test_bad_input():
    with pytest.raises(ShapeError, match="expected the same"):
        intersect(Configuration(1, (1,)), Configuration(1, (1, 1)))
    with pytest.raises(DimensionError, match="to list"):
        intersection_graph(3, 7)
    with pytest.raises(DimensionError, match="r <= m"):
        intersection_graph(3, 2)
    with pytest.raises(DimensionError):
        is_connected(2, 1)
