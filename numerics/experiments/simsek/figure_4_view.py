"""How the graphs of figure 4 are shown: drawn side by side, and counted in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "table"]


def figure(data: xr.Dataset) -> Figure:
    """Draw each graph; small ones with the word of each subspace: which neuron each position copies, 0 for none."""
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    sizes = data.r.values.tolist()
    ratios = [1.5 if r == 3 else 1 for r in sizes]
    drawing = Figure(figsize=(4.2 * sum(ratios), 6), layout="constrained")
    axes: Any = drawing.subplots(1, len(sizes), squeeze=False, width_ratios=ratios)[0]
    for axis, r in zip(axes, sizes, strict=True):
        places, words, blue, edges = _parts(data.sel(r=r))
        axis.add_collection(LineCollection(list(places[edges]), colors="0.6", linewidths=0.9, zorder=1))
        area = 90 if len(words) < 20 else 34
        for colour, which in (("tab:blue", blue), ("tab:green", ~blue)):
            axis.scatter(*places[which].T, s=area, color=colour, edgecolors="white", linewidths=0.8, zorder=2)
        if len(words) < 20:
            for (x, y), word in zip(places, words, strict=True):
                away = (1.17 * x, 1.17 * y) if len(words) > 3 else (x, y + 0.14)
                axis.text(*away, word, ha="center", va="center", fontsize=9, family="monospace")
        axis.set(xlim=(-1.25, 1.25), ylim=(-1.25, 1.25), aspect="equal")
        axis.axis("off")
        axis.set_title(rf"${r} \to {r + 1}$: {int(blue.sum())} + {int((~blue).sum())} subspaces", fontsize=12)
    drawing.suptitle("Affine subspaces, joined where they meet. Blue: a zero-type neuron; green: two equal neurons\n")
    return drawing


def table(data: xr.Dataset) -> Table:
    """For each expansion: numbers of subspaces and of meetings, degrees, diameter, components."""
    from rich.table import Table

    made = Table(title="Figure 4: affine subspaces of an expansion by one neuron")
    for column in ("expansion", "blue", "green", "T(r, r+1)", "meetings", "degrees", "diameter", "components"):
        made.add_column(column, justify="right")
    for r in data.r.values.tolist():
        one = data.sel(r=r)
        _, words, blue, edges = _parts(one)
        degrees = np.bincount(edges.ravel(), minlength=len(words))
        shown = [sorted(set(degrees[which].tolist())) for which in (blue, ~blue)]
        made.add_row(
            f"{r} -> {r + 1}",
            str(int(blue.sum())),
            str(int((~blue).sum())),
            str(len(words)),
            str(len(edges)),
            f"{', '.join(map(str, shown[0]))} and {', '.join(map(str, shown[1]))}",
            str(int(one.diameter)),
            str(int(one.components)),
        )
    return made


def _parts(one: xr.Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Places (n, 2), words, which are blue, and edges (pairs of vertices) of one graph."""
    words = np.asarray(one.word)
    there = words != ""
    places = np.stack([np.asarray(one.x), np.asarray(one.y)], 1)[there]
    edges = np.asarray(one.edge).astype(int)
    return places, words[there], np.asarray(one.blue).astype(bool)[there], edges[(edges >= 0).all(1)]
