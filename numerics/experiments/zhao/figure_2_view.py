"""How figure 2 is shown: the plane of the two weights with the minima and the segments, and the losses along them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "table"]

INSIDE = 10.5
"""The plane is drawn for weights up to here; longer segments leave it."""


def figure(data: xr.Dataset) -> Figure:
    """Draw the loss over the plane with the segments, and the loss along each with the height of the formula."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(11, 4.4), layout="constrained")
    axes: Any = drawing.subplots(1, 2)
    plane, along = axes
    w1, w2 = np.meshgrid(np.linspace(0.02, INSIDE, 400), np.linspace(0.02, 1.6, 300))
    picture = plane.contourf(w1, w2, abs(1 - w1 * w2), levels=np.linspace(0, 4, 17), cmap="Greys", extend="max")
    t = np.geomspace(0.6, INSIDE, 300)
    plane.plot(t, 1 / t, color="black", label="minima $W_2 W_1 = 1$")
    for k, m in enumerate(data.factor.values.tolist()):
        colour = f"C{k}"
        if m <= INSIDE:
            plane.plot([1, m], [1, 1 / m], "o-", color=colour)
        one = data.sel(factor=m)
        along.plot(data.alpha, one.loss, color=colour, label=f"$m = {m:g}$")
        along.plot(0.5, float(one.height), "x", color="black")
        along.plot(data.alpha, one.curve, ":", color=colour)
    plane.set(xlabel="$W_1$", ylabel="$W_2$", xlim=(0, INSIDE), ylim=(0, 1.6), title="segments between minima")
    plane.legend(loc="upper right")
    drawing.colorbar(picture, ax=plane, label="loss")
    along.set(xlabel="$\\alpha$", ylabel="loss")
    along.set_yscale("symlog", linthresh=0.1)  # linear near 0, where the curve of minima runs
    along.set_title("segments (lines), $(m-1)^2/4m$ (crosses), curve (dotted)", fontsize=10)
    along.legend(loc="lower center", ncols=2, bbox_to_anchor=(0.5, 0.06))
    return drawing


def table(data: xr.Dataset) -> Table:
    """For each factor the largest loss on the segment, the formula, and the largest loss on the curve of minima."""
    from rich.table import Table

    made = Table(title=f"Figure 2: {data.sizes['alpha']:,} points on each segment from (1, 1) to (m, 1/m)")
    for column in ("m", "largest loss", "at", "(m-1)²/4m", "on the curve"):
        made.add_column(column, justify="right")
    for m in data.factor.values.tolist():
        one = data.sel(factor=m)
        made.add_row(
            f"{m:g}",
            f"{float(one.loss.max()):.10g}",
            f"{float(data.alpha[int(np.argmax(one.loss.values))]):g}",
            f"{float(one.height):.10g}",
            f"{float(one.curve.max()):.1e}",
        )
    return made
