"""How the toy losses are shown: four landscapes with flow lines, the critical points by type, and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "table"]

NAMES = ("global minimum", "local minimum", "saddle")
COLOURS = ("#d62728", "#ff9f1c", "#7b2cbf")
"""Red and purple as in the paper; orange for what it paints purple too."""
MARKERS = ("o", "s", "D")
LEVELS = 24


def figure(data: xr.Dataset) -> Figure:
    """Draw each loss as a map with its flow lines (coloured by where they end), critical points and the diagonal."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(11, 11.2), layout="constrained")
    axes: Any = drawing.subplots(2, 2).ravel()
    for axis, name in zip(axes, data.block.values.tolist(), strict=True):
        _panel(axis, data.sel(block=name), name)
    handles = [
        axes[1].plot([], [], marker, color=colour, markeredgecolor="white", markersize=9, label=label)[0]
        for marker, colour, label in zip(MARKERS, COLOURS, NAMES, strict=True)
    ]
    handles.append(axes[1].plot([], [], "--", color="black", linewidth=1.2, label="symmetry subspace $w_1 = w_2$")[0])
    drawing.suptitle("Darker: greater loss. Lines: gradient flow, coloured by the minimum that it reaches", fontsize=10)
    drawing.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False)
    return drawing


def _panel(axis: Any, one: xr.Dataset, name: str) -> None:
    w, values = np.asarray(one.w), np.asarray(one.loss)
    levels = np.linspace(0, float(values.max()), LEVELS)
    axis.contourf(w, w, values.T, levels=levels, cmap="Greys", alpha=0.6)
    axis.contour(w, w, values.T, levels=levels, colors="white", linewidths=0.4)
    axis.plot(w[[0, -1]], w[[0, -1]], "--", color="black", linewidth=1.2, zorder=2)
    kinds = np.asarray(one.kind)
    for path, end in zip(np.asarray(one.line), np.asarray(one.end), strict=True):
        _flow_line(axis, path, _line_colour(one, int(end)))
    for point, kind in zip(np.asarray(one.place), kinds, strict=True):
        if kind >= 0:
            axis.plot(*point, MARKERS[kind], color=COLOURS[kind], markeredgecolor="white", markersize=10, zorder=5)
    axis.set(
        title=f"{name}:  $a = {float(one.a):g}$, $b = {float(one.b):g}$",
        xlabel="$w_1$",
        ylabel="$w_2$",
        xlim=(w[0], w[-1]),
        ylim=(w[0], w[-1]),
        aspect="equal",
    )


def _flow_line(axis: Any, path: Any, colour: str) -> None:
    """A line with an arrowhead a third of the way along it."""
    axis.plot(path[:, 0], path[:, 1], color=colour, linewidth=1.1, alpha=0.9, zorder=3)
    k = len(path) // 3
    if np.linalg.norm(path[k + 1] - path[k]) > 0:
        axis.annotate(
            "",
            xy=path[k + 1],
            xytext=path[k],
            arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 1.1, "mutation_scale": 11},
            zorder=3,
        )


def _line_colour(one: xr.Dataset, end: int) -> str:
    """Teal and blue for the two partners, orange for the local minimum, grey for anything else."""
    if end < 0:
        return "0.5"
    kind = int(one.kind[end])
    if kind == 0:
        first, second = np.asarray(one.place)[end]
        return "#00798c" if first < second else "#2456a6"
    return COLOURS[kind]


def table(data: xr.Dataset) -> Table:
    """For each loss and critical point: where it is, its loss, and how many flow lines end there (``flows``)."""
    from rich.table import Table

    flows = data.sizes["flow"]
    made = Table(title=f"Figures 2 and A5: {flows} flow lines each, {int(data.crossings.sum())} crossings of w1 = w2")
    for column in ("loss", "critical point", "w1", "w2", "L", "flows"):
        made.add_column(column, justify="left" if column in ("loss", "critical point") else "right")
    for name in data.block.values.tolist():
        one = data.sel(block=name)
        for index, kind in enumerate(one.kind.values.tolist()):
            if kind < 0:
                continue
            made.add_row(
                f"{name}: a = {float(one.a):g}, b = {float(one.b):g}" if index == 0 else "",
                NAMES[kind],
                *(f"{float(w):.4f}" for w in one.place[index]),
                f"{float(one.level[index]):.4f}",
                str(int((one.end == index).sum())),
            )
    return made
