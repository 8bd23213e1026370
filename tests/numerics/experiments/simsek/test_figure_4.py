"""Figure 4: the graphs of the enumeration, with layouts that keep their symmetry."""

from __future__ import annotations

import io
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import xarray as xr
from rich.console import Console

from numerics.experiments.simsek import figure_4
from numerics.experiments.simsek.figure_4 import Size
from quadrics.errors import DimensionError
from quadrics.expansion.intersections import intersection_graph, star_graph_of_permutations


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return figure_4.run()


def drawn(data: xr.Dataset, r: int) -> nx.Graph[str]:
    """The graph as the data set has it, on words."""
    one = data.sel(r=r)
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(word for word in one.word.values.tolist() if word)
    pairs = one.edge.values.astype(int)
    graph.add_edges_from((str(one.word.values[a]), str(one.word.values[b])) for a, b in pairs if a >= 0)
    return graph


@pytest.mark.parametrize(("r", "sizes"), [(1, (2, 1)), (2, (6, 6)), (3, (24, 36))])
def test_the_graphs_are_those_of_the_enumeration(data: xr.Dataset, r: int, sizes: tuple[int, int]) -> None:
    graph, one = drawn(data, r), data.sel(r=r)
    there = one.word.values != ""
    assert (int(one.blue.values[there].sum()), int((~one.blue.values[there].astype(bool)).sum())) == sizes
    assert nx.is_isomorphic(graph, intersection_graph(r, r + 1))
    assert nx.diameter(graph) == int(one.diameter)
    zero = {word for word in graph if "0" in word}
    assert zero == set(one.word.values[one.blue.values.astype(bool)])
    for word in graph:  # a neuron that copies nothing, or one label twice
        assert ("0" in word) != (len(set(word)) < r + 1)


@pytest.mark.parametrize("r", [1, 2, 3])
def test_the_places_are_different_and_green_lies_between_blue(r: int) -> None:
    graph = intersection_graph(r, r + 1)
    places = figure_4.layout(graph)
    points = np.array(list(places.values()))
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2) + np.eye(len(points))
    assert gaps.min() > 0.05
    for P, zeros in graph.nodes(data="zero_groups"):
        if not zeros:
            np.testing.assert_allclose(places[P], np.mean([places[Q] for Q in graph[P]], axis=0), atol=1e-12)


def test_a_twelfth_of_a_turn_is_a_symmetry_of_the_last_picture() -> None:
    graph = intersection_graph(3, 4)
    places = figure_4.layout(graph)
    found = {tuple(np.round(place, 9) + 0.0): P for P, place in places.items()}
    angle = np.pi / 6
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    image = {}
    for P, place in places.items():
        target = turn @ place
        image[P] = min(found.items(), key=lambda item: float(np.linalg.norm(np.array(item[0]) - target)))[1]
        assert np.linalg.norm(np.array(places[image[P]]) - target) < 1e-8
    assert len(set(image.values())) == 60
    assert all(graph.has_edge(image[P], image[Q]) for P, Q in graph.edges)


def test_the_star_graph_of_four_things_is_the_nauru_graph() -> None:
    assert nx.is_isomorphic(star_graph_of_permutations(4), nx.LCF_graph(24, [5, -9, 7, -7, 9, -5], 4))
    assert not nx.is_isomorphic(star_graph_of_permutations(4), nx.truncated_tetrahedron_graph())


def test_figure_and_table(data: xr.Dataset, tmp_path: Path) -> None:
    figure_4.figure(data).savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    console = Console(width=150, record=True, file=io.StringIO())
    console.print(figure_4.table(data))
    rows = [line for line in console.export_text().splitlines() if "->" in line]
    assert [row.split("│")[4].strip() for row in rows] == ["3", "12", "60"]


def test_other_sizes() -> None:
    seen: list[tuple[int, int]] = []
    one = figure_4.run(size=Size(narrow=(2,)), progress=lambda done, total: seen.append((done, total)))
    assert one.word.shape == (1, 12)
    assert seen == [(1, 1)]
    for wrong in ((), (4,), (0,), (2, 2)):
        with pytest.raises(DimensionError, match="narrow"):
            figure_4.run(size=Size(narrow=wrong))
    with pytest.raises(DimensionError, match="layout"):
        figure_4.layout(intersection_graph(4, 5))
