"""How the results of figures 1 (c) and 5 are shown: losses in order, what the neurons became, and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ...intervals import proportion_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "table"]

LEAST = 1e-33


def _losses(data: xr.Dataset, block: str, stage: str = "loss") -> np.ndarray:
    found = np.asarray(data[stage].sel(block=block))
    return found[: int(data.seeds.sel(block=block))]


def figure(data: xr.Dataset) -> Figure:
    """Draw, for each activation, the losses during Adam and the final losses of all students in order.

    The dashed line is the loss below which a student counts as a global minimum.
    """
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(data.activation.values.tolist()))
    drawing = Figure(figsize=(11, 3.8 * len(names)), layout="constrained")
    grid: Any = drawing.subplots(len(names), 2, squeeze=False)
    titles = {"sigmoid": "sigmoid", "soft": r"$g_{1,4}$ = softplus(z) + sigmoid(4z)"}
    for (left, right), name in zip(grid, names, strict=True):
        blocks = [str(b) for b in data.block.values[data.activation.values == name]]
        colours = colormaps["viridis"](np.linspace(0, 0.9, len(blocks)))
        for block, colour in zip(blocks, colours, strict=True):
            one = data.sel(block=block)
            n, width = int(one.seeds), int(one.width)
            curves = np.asarray(one.curve.transpose("point", "seed"))[:, :n]
            left.plot(np.asarray(one.curve_step), curves, color=colour, alpha=0.4, linewidth=0.7)
            values = np.maximum(np.sort(_losses(data, block)), LEAST)
            share = (np.arange(n) + 0.5) / n
            right.plot(values, share, "o-", color=colour, markersize=3, linewidth=1, label=f"width {width}")
        left.set(yscale="log", xlabel="step of Adam", ylabel="mean squared error", title=titles[name])
        right.axvline(data.attrs["success"], color="0.5", linestyle="--", linewidth=0.8)
        right.set(xscale="log", ylim=(0, 1), xlabel="after polishing", ylabel="share of students below")
        right.legend(fontsize=8)
    return drawing


def table(data: xr.Dataset) -> Table:
    """For each activation and width: successes with their 95 % interval, losses, and what the others are stuck at."""
    from rich.table import Table

    made = Table(title="Figures 1 c and 5: students of a teacher with four hidden neurons")
    for column in (
        "activation",
        "width",
        "loss < 1e-15",
        "95 %",
        "least",
        "median",
        "largest",
        "stuck",
        "index",
        "core",
    ):
        made.add_column(column, justify="left" if column in ("activation", "stuck") else "right")
    for block in data.block.values.tolist():
        one, values = data.sel(block=block), _losses(data, block)
        hits = values < data.attrs["success"]
        interval = proportion_interval(int(hits.sum()), len(hits), 0.95)
        kinds = np.asarray(one.kind)[: len(values)]
        stuck = [f"{int((kinds == kind).sum())} {kind}" for kind in np.unique(kinds[kinds != ""])]
        made.add_row(
            str(one.activation.item()),
            str(int(one.width)),
            f"{int(hits.sum())}/{len(hits)}",
            f"{interval.low:.2f} to {interval.high:.2f}",
            *(f"{v:.1e}" for v in (values.min(), np.median(values), values.max())),
            ", ".join(stuck),
            _distinct(one["index"]),
            _distinct(one["r"]),
        )
    return made


def _distinct(values: xr.DataArray) -> str:
    found = np.unique(np.asarray(values))
    return ", ".join(str(int(v)) for v in found[~np.isnan(found)])
