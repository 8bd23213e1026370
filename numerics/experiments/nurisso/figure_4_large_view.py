"""How figure 4 is shown with many initializations: means with bands, and paired differences with theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

from ...intervals import Interval, mean_interval
from .figure_4_protocols import PROTOCOLS
from .figure_4_view import complete, spearman_within_width

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["LEVEL", "Band", "bands", "figure", "paired_bands", "table"]

LEVEL = 0.95
"""Of the bands that are drawn."""


class Band(NamedTuple):
    """The intervals of one width under one protocol, against l_+."""

    width: int
    l_plus: np.ndarray
    intervals: list[Interval]

    @property
    def rows(self) -> np.ndarray:
        """(3, cells): estimates, lower and upper ends."""
        return np.array(self.intervals).T


def bands(data: xr.Dataset, protocol: str) -> list[Band]:
    """The 95 % interval of the mean test loss over initializations, for every cell."""
    return _bands(data, protocol, paired=False)


def paired_bands(data: xr.Dataset, protocol: str) -> list[Band]:
    """The 95 % interval of the mean of the test loss less that of the same initialization at l_+ = 0."""
    return _bands(data, protocol, paired=True)


def _bands(data: xr.Dataset, protocol: str, paired: bool) -> list[Band]:
    found = []
    cells = complete(data, protocol)
    for width in data.width.values.tolist():
        losses = {k: values for w, k, values in cells if w == width}
        if 0 not in losses or data.sizes["seed"] < 2:
            continue
        samples = [losses[k] - losses[0] if paired else losses[k] for k in losses]
        found.append(Band(width, np.array(list(losses)), [mean_interval(sample, LEVEL) for sample in samples]))
    return found


def figure(data: xr.Dataset) -> Figure:
    """Draw, a row for each protocol, the mean test losses and the paired differences, a line for each width."""
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    protocols = data.protocol.values.tolist()
    drawing = Figure(figsize=(9, 2.5 * len(protocols) + 0.5), layout="constrained")
    panels: Any = drawing.subplots(len(protocols), 2, squeeze=False, sharex=True)
    widths = data.width.values.tolist()
    for row, protocol in enumerate(protocols):
        for axes, kept in ((panels[row, 0], bands(data, protocol)), (panels[row, 1], paired_bands(data, protocol))):
            for band in kept:
                colour = colormaps["viridis"](widths.index(band.width) / max(1, len(widths) - 1) * 0.9)
                mean, low, high = band.rows
                axes.plot(band.l_plus, mean, color=colour, marker=".", linewidth=1, label=f"$l={band.width}$")
                axes.fill_between(band.l_plus, low, high, color=colour, alpha=0.3, linewidth=0)
        panels[row, 0].set_title(f"{protocol}: {PROTOCOLS[protocol]}", fontsize=9, loc="left")
        panels[row, 0].set_ylabel("mean test BCE")
        panels[row, 1].set_title("less that at $l_+=0$, paired", fontsize=9, loc="left")
        panels[row, 1].axhline(0, color="grey", linewidth=0.6)
    for axes in panels[-1]:
        axes.set_xlabel("$l_+$")
    panels[0, 1].legend(fontsize=7, ncols=2)
    drawing.suptitle(f"{data.sizes['seed']:,} initializations a cell, 95 % bands", fontsize=10)
    return drawing


def table(data: xr.Dataset) -> Table:
    """The gain from l_+ = 0 to l_+ = l with its paired interval, beside the two means and their unpaired ones."""
    from rich.table import Table

    made = Table(title=f"Figure 4 from {data.sizes['seed']:,} initializations: mean test BCE [95 % interval]")
    for column in ("protocol", "l", "l₊ = 0", "l₊ = l", "difference, paired", "Spearman with l₊"):
        made.add_column(column, justify="left" if column == "protocol" else "right")
    for protocol in data.protocol.values.tolist():
        trend = spearman_within_width(data, protocol)
        for plain, paired in zip(bands(data, protocol), paired_bands(data, protocol), strict=True):
            ends = (str(plain.intervals[0]), str(plain.intervals[-1]), str(paired.intervals[-1]))
            rank = f"{trend[plain.width]:+.2f}" if plain.width in trend else ""
            made.add_row(protocol, str(plain.width), *ends, rank)
        made.add_section()
    return made
