"""``quadrics expand R M``: the expansion of r neurons to m of them, exactly: how many subspaces, and which."""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from quadrics.errors import DimensionError

from ..integers import as_json, shown
from .options import JsonFile, check_writable, emit_json

if TYPE_CHECKING:
    from quadrics.expansion.configurations import Configuration

MOST_LISTED = 100_000
"""Subspaces that ``--list`` writes out."""

MOST_IN_GRAPH = 4_000
"""Subspaces whose intersections ``--graph`` looks for: eight million pairs."""


def expand(
    narrow: Annotated[int, typer.Argument(min=1, help="Neurons r of the irreducible network.")],
    wide: Annotated[int, typer.Argument(min=1, help="Neurons m that it is expanded to.")],
    inputs: Annotated[int, typer.Option(min=1, help="Input dimension, for the dimensions of the subspaces.")] = 1,
    outputs: Annotated[int, typer.Option(min=1, help="Output dimension.")] = 1,
    listed: Annotated[bool, typer.Option("--list", help="List the affine subspaces, a word each.")] = False,
    graph: Annotated[bool, typer.Option("--graph", help="Also count which of them intersect.")] = False,
    json: JsonFile = None,
) -> None:
    """Count and list the affine subspaces on which m neurons compute the function of r (Şimşek et al., 2021).

    T of them at a global minimum, G of them consisting of critical points for a critical point; exact integers up to
    m = 20,000. In a listed word, neuron i is a copy of neuron t, or of the zero-type group z1, z2, ...
    """
    from quadrics.expansion import G, T, affine_subspaces
    from quadrics.expansion.intersections import is_connected
    from quadrics.expansion.sizes import as_countable, as_expansion

    check_writable(json)
    r, m = as_countable(*as_expansion(narrow, wide))
    subspaces, critical = T(r, m), G(r, m)
    if listed:
        _refuse("--list", subspaces, MOST_LISTED)
    if graph:
        _refuse("--graph", subspaces, MOST_IN_GRAPH)
    connected = is_connected(r, m)
    document: dict[str, Any] = {
        "schema": 1,
        "r": r,
        "m": m,
        "subspaces": as_json(subspaces),
        "critical_subspaces": as_json(critical),
        "dimensions": [(m - r) * min(inputs, outputs), (m - r) * max(inputs, outputs)],
        "critical_dimension": m - r,
        "connected": connected,
        "components": 1 if connected else as_json(factorial(r)),
    }
    if graph:
        document["graph"] = _graph(r, m)
    words = [_word(P) for P in affine_subspaces(r, m)] if listed else []
    if listed:
        document["words"] = words
    if str(json) != "-":
        _show(document, subspaces, critical, words)
    emit_json(document, json)


def _refuse(option: str, count: int, most: int) -> None:
    if count > most:
        raise DimensionError(f"{option}: got {shown(count)} subspaces; expected at most {most} (leave {option} out)")


def _graph(r: int, m: int) -> dict[str, Any]:
    """Vertices, edges and degrees of the graph of intersections."""
    from quadrics.expansion import intersection_graph

    found = intersection_graph(r, m)
    degrees = sorted(dict(found.degree()).values())
    return {
        "vertices": found.number_of_nodes(),
        "edges": found.number_of_edges(),
        "least_degree": degrees[0],
        "greatest_degree": degrees[-1],
    }


def _word(P: Configuration) -> str:
    return " ".join(str(letter) if letter > 0 else f"z{-letter}" for letter in P.word)


def _show(document: dict[str, Any], subspaces: int, critical: int, words: list[str]) -> None:
    r, m = document["r"], document["m"]
    table = Table(
        show_header=False, box=None, title=f"{r} neurons expanded to {m}", title_justify="left", title_style="bold"
    )
    table.add_column(justify="right", style="bold")
    table.add_column()
    table.add_row(shown(subspaces), f"T({r}, {m}): affine subspaces of networks with the same function")
    low, high = document["dimensions"]
    table.add_row(str(low) if low == high else f"{low} to {high}", "  their dimensions")
    pieces = "connected" if document["connected"] else "isolated points: no extra neuron to move through"
    table.add_row("1" if document["connected"] else shown(factorial(r)), f"  components of their union ({pieces})")
    table.add_row(shown(critical), f"G({r}, {m}): affine subspaces of critical points, for a critical point")
    table.add_row(str(document["critical_dimension"]), "  their dimension")
    if found := document.get("graph"):
        degrees = f"degrees {found['least_degree']} to {found['greatest_degree']}"
        table.add_row(str(found["edges"]), f"pairs of subspaces that intersect ({degrees})")
    console = Console(highlight=False)
    console.print(table, markup=False)
    for word in words:
        console.print(word, markup=False)
