"""How figure 4 is shown: the loss along segments of growing length, and at their middle against the formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "reached", "table"]

REACHED = 1e-9
"""A network with a larger loss after training is not at a minimum with loss 0 (it may need more steps, or be stuck)."""


def reached(data: xr.Dataset) -> xr.Dataset:
    """Return the networks that training brought to a loss of at most 10^-9, of which the claim speaks."""
    return data.isel(network=(data.trained <= REACHED).values)


def figure(data: xr.Dataset) -> Figure:
    """Draw the loss of one network along each segment and curve, and all networks' losses at the middle.

    Networks that training did not bring to loss 0 are left out (unless there are no others).
    """
    from matplotlib.figure import Figure

    of, done = data.sizes["network"], reached(data)
    data = done if done.sizes["network"] else data
    drawing = Figure(figsize=(11, 4.4), layout="constrained")
    axes: Any = drawing.subplots(1, 2)
    along, middle = axes
    first = data.isel(network=0)
    shades = np.linspace(0.15, 0.9, data.sizes["factor"])
    for shade, m in zip(shades, data.factor.values.tolist(), strict=True):
        colour = _viridis(float(shade))
        along.plot(data.alpha, first.loss.sel(factor=m), color=colour, label=f"$m = {m:g}$")
        along.plot(data.alpha, first.curve.sel(factor=m), ":", color=colour)
    along.set(xlabel="$\\alpha$", ylabel="loss $\\|Y - f\\|$")
    along.set_yscale("symlog", linthresh=0.1)  # linear near 0, where the curves run
    along.set_title("one network: on the segment (lines), on the curve (dotted)", fontsize=10)
    along.legend(fontsize=8, loc="lower center", ncols=3, bbox_to_anchor=(0.5, 0.06))
    at = data.loss.sel(alpha=0.5)
    m = np.geomspace(data.factor.min(), data.factor.max(), 200)
    middle.plot(m, (m - 1) ** 2 / (4 * m), color="black", label="$(m-1)^2/4m$")
    for k in range(data.sizes["network"]):
        middle.plot(data.factor, at.isel(network=k) / data.norm[k], "o", mfc="none", ms=4 + 2 * k)
    middle.set(xscale="log", yscale="log", xlabel="$m$", ylabel="loss at the middle / $\\|Y\\|$")
    middle.set_title(f"{done.sizes['network']} of {of} networks reached loss 0", fontsize=10)
    middle.legend()
    return drawing


def _viridis(shade: float) -> Any:
    from matplotlib import colormaps

    return colormaps["viridis"](shade)


def table(data: xr.Dataset) -> Table:
    """For each network: ‖Y‖, what training reached, the loss at the middle for each m, and the farthest from 0."""
    from rich.table import Table

    made = Table(title="Figure 4: the loss at the middle, and the largest relative gap from the formula")
    columns = ["‖Y‖", "steps", "trained", *(f"m = {m:g}" for m in data.factor.values.tolist()), "gap", "on the curve"]
    for column in columns:
        made.add_column(column, justify="right")
    for k in range(data.sizes["network"]):
        one = data.isel(network=k)
        at = one.loss.sel(alpha=0.5)
        expected = one.norm * data.height
        made.add_row(
            f"{float(one.norm):.3f}",
            str(int(one.steps)),
            f"{float(one.trained):.1e}",
            *(f"{value:.4g}" for value in at.values.tolist()),
            f"{float(abs(at / expected - 1).max()):.1e}",
            f"{float(one.curve.max()):.1e}",
        )
    return made
