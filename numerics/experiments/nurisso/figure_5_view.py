"""How the results of figure 5's experiment are shown: the paper's two maps, the printed one, and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "table"]


def figure(data: xr.Dataset) -> Figure:
    """Draw the formulas as maps with the drawn networks as discs on them, and the printed Xavier formula beside.

    A disc whose colour stands out from the map is a formula that fails.
    """
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(13, 4.2), layout="constrained")
    axes: Any = drawing.subplots(1, 3, sharey=True)
    panels = (("xavier", "map"), ("kaiming", "map"), ("xavier", "printed_map"))
    titles = ("Xavier normal", "Kaiming normal", "Xavier normal, formula as printed")
    inputs, neurons = np.meshgrid(data.inputs, data.neurons, indexing="ij")
    picture: Any = None
    for axis, (scheme, which), title in zip(axes, panels, titles, strict=True):
        one = data.sel(scheme=scheme)
        values = np.asarray(one[which])
        picture = axis.pcolormesh(data.d, data.l, values.T, vmin=0, vmax=1, cmap="viridis", shading="nearest")
        axis.contour(data.d, data.l, values.T, levels=[0.5], colors="white", linewidths=1)
        measured = np.asarray(one.disconnected) / data.attrs["networks"]
        axis.scatter(
            inputs, neurons, c=measured, vmin=0, vmax=1, cmap="viridis", s=42, edgecolors="white", linewidths=0.8
        )
        axis.set(xscale="log", yscale="log", title=title, xlabel="inputs $d$")
    axes[0].set_ylabel("hidden neurons $l$")
    drawing.colorbar(picture, ax=axes, label="P[$\\mathcal{H}(c)$ disconnected]")
    drawing.suptitle(f"Colours: formula. Discs: {data.attrs['networks']:,} drawn networks each", fontsize=10)
    return drawing


def table(data: xr.Dataset) -> Table:
    """For each scheme: at how many points the formula, and the printed one, are within the sample's interval."""
    from rich.table import Table

    points = data.sizes["inputs"] * data.sizes["neurons"]
    made = Table(title=f"Figure 5: {data.attrs['networks']:,} networks at each of {points} points a scheme")
    for column in ("scheme", "formula", "within", "largest difference", "above 1/2 (of 10,000)"):
        made.add_column(column, justify="left" if column in ("scheme", "formula") else "right")
    for scheme in data.scheme.values.tolist():
        one = data.sel(scheme=scheme)
        for which, area in (("formula", "map"), ("printed", "printed_map")):
            inside = (one[which] >= one.low) & (one[which] <= one.high)
            gap = abs(one[which] - one.disconnected / data.attrs["networks"])
            made.add_row(
                scheme,
                "as printed" if which == "printed" else "corrected",
                f"{int(inside.sum())} of {points}",
                f"{float(gap.max()):.4f}",
                str(int((one[area] > 0.5 + 1e-9).sum())),
            )
    return made
