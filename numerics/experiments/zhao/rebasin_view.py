"""How the barriers between networks trained on digits are shown: losses along the segments, and barriers by width."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "table"]

SMALLEST = 1e-4
"""Barriers are drawn from here on; smaller ones at the lower edge."""


def figure(data: xr.Dataset) -> Figure:
    """Draw the loss along the segments of the widest networks, as trained and rescaled, and the barriers by width."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(13, 4.2), layout="constrained")
    axes: Any = drawing.subplots(1, 3)
    widest = int(data.width.max())
    for axis, scale in zip(axes[:2], data.scale.values.tolist(), strict=True):
        for k, stage in enumerate(data.stage.values.tolist()):
            curves = np.asarray(data.loss.sel(width=widest, scale=scale, stage=stage))
            axis.plot(data.t, curves.T, color=f"C{k}", alpha=0.25, linewidth=0.8)
            axis.plot(data.t, np.median(curves, axis=0), color=f"C{k}", linewidth=2, label=stage)
        axis.set(yscale="log", xlabel="time on the segment", title=f"width {widest}, second network {scale}")
        axis.grid(alpha=0.25)
        axis.legend(fontsize=8)
    axes[0].set_ylabel("cross-entropy")
    for scale, line in zip(data.scale.values.tolist(), ("o-", "s--"), strict=True):
        for k, stage in enumerate(data.stage.values.tolist()):
            height = data.barrier.sel(scale=scale, stage=stage).median("pair").clip(SMALLEST)
            axes[2].plot(data.width, height, line, color=f"C{k}", markersize=4, label=f"{stage}, {scale}")
    axes[2].set(xscale="log", yscale="log", xlabel="hidden neurons", title="median barrier")
    axes[2].grid(alpha=0.25)
    axes[2].legend(fontsize=7)
    task = f"ReLU networks on {data.attrs['images']:,} digits"
    drawing.suptitle(f"{task}: {data.attrs['pairs']} pairs a width, Adam, {data.attrs['steps']} steps", fontsize=10)
    return drawing


def table(data: xr.Dataset) -> Table:
    """For each width: the loss at the ends, the barriers, and how uneven the scales of matched neurons are."""
    from rich.table import Table

    made = Table(title=f"Barriers of the cross-entropy: median (range) of {data.attrs['pairs']} pairs")
    stages = data.stage.values.tolist()
    for column in ("width", "second network", "loss", *stages, "std of log factors"):
        made.add_column(column, justify="left" if column == "second network" else "right")
    for width in data.width.values.tolist():
        for scale in data.scale.values.tolist():
            one = data.sel(width=width, scale=scale)
            ends = one.loss.sel(stage="as stored").isel(t=[0, -1])
            uneven = f"{float(one.unevenness.median()):.3f}" if scale == "as trained" else ""
            cells = [_summary(np.asarray(one.barrier.sel(stage=stage))) for stage in stages]
            made.add_row(str(width), scale, f"{float(ends.median()):.3g}", *cells, uneven)
    return made


def _summary(values: np.ndarray) -> str:
    return f"{np.median(values):.3g} ({values.min():.2g} … {values.max():.2g})"
