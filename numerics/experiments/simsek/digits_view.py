"""How the results on digits are shown: loss, gradient and update along training for each width, and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "table"]

_ROWS = (("loss", "cross-entropy"), ("gradient", r"$|\nabla L|^2$"), ("update", r"$|\theta_{t+1} - \theta_t|^2$"))


def selected(data: xr.Dataset, width: int) -> int:
    """The network of a width whose largest rise of the gradient is the median one (of two, the lower)."""
    rises = np.asarray(data.gradient_rise.sel(width=width))
    there = np.flatnonzero(~np.isnan(rises))
    return int(there[np.argsort(rises[there], kind="stable")[(len(there) - 1) // 2]])


def figure(data: xr.Dataset) -> Figure:
    """Draw loss, squared gradient and squared update against the step, a column for each width.

    One network of each width is drawn strongly; discs mark where its norm is lowest before its largest rise, and
    where that rise ends.
    """
    from matplotlib.figure import Figure

    widths = data.width.values.tolist()
    drawing = Figure(figsize=(1.2 + 2.9 * len(widths), 7), layout="constrained")
    axes: Any = drawing.subplots(3, len(widths), sharex=True, sharey="row", squeeze=False)
    steps = np.asarray(data.step) + 1
    for column, width in enumerate(widths):
        chosen = selected(data, width)
        for row, (name, label) in enumerate(_ROWS):
            axis, curves = axes[row, column], np.asarray(data[name].sel(width=width))
            curves = curves[~np.isnan(curves[:, 0])]
            axis.plot(steps, curves.T, color="C0", alpha=0.25, linewidth=0.7)
            axis.plot(steps, curves[chosen], color="C3", linewidth=1.6)
            axis.set(xscale="log", yscale="log")
            axis.grid(alpha=0.25)
            if row:
                one = data.sel(width=width, seed=chosen)
                ends = [int(one[f"{name}_{end}"]) for end in ("bottom", "top")]
                axis.plot(steps[ends], curves[chosen][ends], "o", color="black", markersize=4, zorder=3)
            if column == 0:
                axis.set_ylabel(label)
        axes[0, column].axhline(np.log(10), color="black", linestyle=":", linewidth=1)
        axes[0, column].set_title(f"width {width} ({len(curves)} networks)", fontsize=10)
        axes[2, column].set_xlabel("step + 1")
    axes[0, 0].annotate("log 10", (1, np.log(10)), xytext=(3, -11), textcoords="offset points", fontsize=8)
    task = f"Softplus networks on {data.attrs['images']:,} digits"
    drawing.suptitle(f"{task}, Adam with h = {data.attrs['h']}, all of them at each step", fontsize=11)
    return drawing


def table(data: xr.Dataset) -> Table:
    """For each width: medians (and ranges) of rises and turning points, and when the plateau is left."""
    from rich.table import Table

    made = Table(title="Digits: how far, when and how often the squared norms rise again (medians, ranges)")
    columns = (
        "width",
        "networks",
        "gradient: log10 rise",
        "from step",
        "to step",
        "turns",
        "update: log10 rise",
        "turns",
    )
    for column in (*columns, "plateau left at", "final loss"):
        made.add_column(column, justify="right")
    for width in data.width.values.tolist():
        one = data.sel(width=width)
        made.add_row(
            str(width),
            str(int(one.gradient_rise.notnull().sum())),
            _spread(np.log10(one.gradient_rise), ".2f"),
            _spread(one.gradient_bottom, ".0f"),
            _spread(one.gradient_top, ".0f"),
            _spread(one.gradient_turns, ".0f"),
            _spread(np.log10(one.update_rise), ".2f"),
            _spread(one.update_turns, ".0f"),
            _spread(one.left, ".0f"),
            _spread(one.loss.isel(step=-1), ".2g"),
        )
    return made


def _spread(values: xr.DataArray, style: str) -> str:
    there = np.asarray(values)
    there = there[~np.isnan(there)]
    return f"{np.median(there):{style}} ({there.min():{style}} to {there.max():{style}})"
