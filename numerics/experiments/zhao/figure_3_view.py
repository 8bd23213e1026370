"""How the results of figure 3's experiment are shown: the paper's panels, one more for larger batches, and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "table"]


def figure(data: xr.Dataset) -> Figure:
    """Draw the output's norm against its change, and for each batch the loss on curves (full) and segments (dashed).

    Lines are means over the curves, bands reach from the least to the largest.
    """
    from matplotlib.figure import Figure

    batches = data.batch.values.tolist()
    drawing = Figure(figsize=(4.3 * (1 + len(batches)), 4), layout="constrained")
    axes: Any = drawing.subplots(1, 1 + len(batches))
    enough = np.asarray(data["rank"] == data.k)
    top = float(max(data.norm.max(), data.change.max())) * 1.05
    axes[0].plot([0, top], [0, top], color="0.6", lw=1)
    for chosen, colour, label in ((~enough, "tab:red", "rank below $k$"), (enough, "tab:blue", "rank $k$")):
        axes[0].scatter(data.change[chosen], data.norm[chosen], s=14, color=colour, label=label)
    axes[0].set(
        xlabel=r"$\|U\sigma(VX) - U'\sigma(V'X)\|$", ylabel=r"$\|U\sigma(VX)\|$", title="(a)", xlim=(-0.02 * top, top)
    )
    axes[0].legend(title=r"$\sigma(gVX)$", loc="lower right")
    for axis, batch in zip(axes[1:], batches, strict=True):
        for position, scale in enumerate(data.scale.values.tolist()):
            one = data.sel(batch=batch, scale=scale)
            for name, style in (("loss", "-"), ("straight", "--")):
                label = f"{'γ' if name == 'loss' else 'segment'}, $s$ = {scale:g}"
                axis.plot(data.t, one[name].mean("curve"), style, color=f"C{position}", label=label)
                axis.fill_between(
                    data.t, one[name].min("curve"), one[name].max("curve"), color=f"C{position}", alpha=0.12, lw=0
                )
        axis.set(xlabel="$t$", ylabel="loss", title=f"$k$ = {batch} inputs, $h$ = 32")
    axes[1].legend(fontsize=8)
    return drawing


def table(data: xr.Dataset) -> Table:
    """For each batch and scale: the trained loss, the largest on curves and on segments, and distances."""
    from rich.table import Table

    enough = (data["rank"] == data.k).values
    zero = (data.change <= data.rounding).values
    above = int((data.change <= data.norm).sum())
    title = (
        f"Figure 3: {data.sizes['network']} networks, {above} above y = x; no change in {int(zero.sum())}, "
        f"of which {int((zero & enough).sum())} with full column rank ({int(enough.sum())} in all)"
    )
    made = Table(title=title)
    for column in ("inputs k", "scale s", "trained", "max on γ", "max on segment", "distance", "|γ(0) - w|"):
        made.add_column(column, justify="right")
    for batch in data.batch.values.tolist():
        for scale in data.scale.values.tolist():
            one = data.sel(batch=batch, scale=scale)
            values = (one.trained, one.loss.max(), one.straight.max(), one.distance.mean(), one["shift"].mean())
            made.add_row(str(batch), f"{scale:g}", *(f"{float(value):.4g}" for value in values))
    return made
