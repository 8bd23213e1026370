"""How the comparison of Adam and gradient descent on digits is shown: squared gradients, and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "table"]

_NAMES = {"Adam": "Adam, h = 0.001", "descent": "gradient descent, h = 0.05"}


def figure(data: xr.Dataset) -> Figure:
    """Draw the squared gradient against the step: a column for each width, a row for each optimizer, same networks."""
    from matplotlib.figure import Figure

    names, widths = data.optimizer.values.tolist(), data.width.values.tolist()
    drawing = Figure(figsize=(1 + 4.2 * len(widths), 0.8 + 2.6 * len(names)), layout="constrained")
    axes: Any = drawing.subplots(len(names), len(widths), sharex=True, sharey="col", squeeze=False)
    for row, name in enumerate(names):
        for column, width in enumerate(widths):
            curves = np.asarray(data.gradient.sel(optimizer=name, width=width))
            curves, axis = curves[~np.isnan(curves[:, 0])], axes[row, column]
            axis.plot(np.asarray(data.step) + 1, curves.T, color=f"C{row}", alpha=0.5, linewidth=0.8)
            axis.set(xscale="log", yscale="log")
            axis.set_title(f"{_NAMES[name]}; width {width} ({len(curves)} networks)", fontsize=10)
            axis.grid(alpha=0.25)
        axes[row, 0].set_ylabel(r"$|\nabla L|^2$")
    for axis in axes[-1]:
        axis.set_xlabel("step + 1")
    drawing.suptitle(f"The same initial softplus networks on {data.attrs['images']:,} digits", fontsize=11)
    return drawing


def table(data: xr.Dataset) -> Table:
    """For each optimizer and width: how often the squared gradient turns, how far it rises, and the final loss."""
    from rich.table import Table

    made = Table(title=f"Digits: {data.attrs['steps']} steps by each optimizer (medians, ranges)")
    for column in ("optimizer", "width", "networks", "turns", "log10 of the largest rise", "final loss"):
        made.add_column(column, justify="left" if column == "optimizer" else "right")
    for name in data.optimizer.values.tolist():
        for width in data.width.values.tolist():
            one = data.sel(optimizer=name, width=width)
            made.add_row(
                _NAMES[name],
                str(width),
                str(int(one.gradient_turns.notnull().sum())),
                _spread(one.gradient_turns, ".0f"),
                _spread(np.log10(one.gradient_rise), ".2f"),
                _spread(one.loss.isel(step=-1), ".2g"),
            )
    return made


def _spread(values: xr.DataArray, style: str) -> str:
    there = np.asarray(values)
    there = there[~np.isnan(there)]
    return f"{np.median(there):{style}} ({there.min():{style}} to {there.max():{style}})"
