"""How the counterexamples to Theorem 6.2 are shown: level sets, chords, and the ball that should meet the level set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "table"]

LEVEL, CHORD, BALL = "#1b6ca8", "#b3261e", "#e8a33d"


def figure(data: xr.Dataset) -> Figure:
    """Draw each level set with its chord, and round the middle the ball of radius d_max, which does not meet it."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Circle

    drawing = Figure(figsize=(12, 4.4), layout="constrained")
    for k, name in enumerate(data.case.values.tolist()):
        one = data.sel(case=name)
        level, ends = np.asarray(one.level), np.asarray(one.ends)
        middle, radius = ends.mean(0), float(one.printed)
        title = f"{name}: $d_{{max}}$ = {radius:.3g}, distance {float(one.distance):.3g}"
        if np.ptp(level[:, 2]) > 0:
            axes: Any = drawing.add_subplot(1, 3, k + 1, projection="3d")
            axes.plot(*level.T, color=LEVEL)
            axes.plot(*ends.T, color=CHORD, linewidth=2)
            u, v = np.mgrid[0 : 2 * np.pi : 24j, 0 : np.pi : 12j]
            ball = [np.cos(u) * np.sin(v), np.sin(u) * np.sin(v), np.cos(v)]
            axes.plot_surface(*(m + radius * b for m, b in zip(middle, ball, strict=True)), color=BALL, alpha=0.8)
            axes.set_box_aspect((1, 1, 1.2))
            axes.view_init(elev=18, azim=-50)
        else:
            axes = drawing.add_subplot(1, 3, k + 1)
            axes.plot(level[:, 0], level[:, 1], ".", markersize=1.5, color=LEVEL)
            axes.plot(ends[:, 0], ends[:, 1], color=CHORD, linewidth=2)
            axes.add_patch(Circle((middle[0], middle[1]), radius, color=BALL, alpha=0.8))
            axes.set_aspect("equal")
        axes.set_title(title, fontsize=10)
    drawing.suptitle("Level set (blue), chord (red), and the points within $d_{max}$ of its middle", fontsize=11)
    return drawing


def table(data: xr.Dataset) -> Table:
    """For each case the curvature, the printed bound, the exact bound from below and the measured distance."""
    from rich.table import Table

    made = Table(title="Theorem 6.2 as printed: distance from the middle of a chord to the level set")
    for column in ("level set", "curvature at most", "d_max", "proved: at least", "measured"):
        made.add_column(column, justify="left" if column == "level set" else "right")
    for name in data.case.values.tolist():
        one = data.sel(case=name)
        figures = (one.curvature, one.printed, one.exact, one.distance)
        made.add_row(name, *(f"{float(value):.4g}" for value in figures))
    return made
