"""How the phase diagram is read and shown: shares of networks that learned the target, beside those that cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ...intervals import Interval, proportion_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["LEARNED", "figure", "learned", "share", "table"]

LEARNED = 0.005
"""A loss below this share of the mean square of the target counts as success: it is below every bound of the task."""
LEVEL = 0.95


def learned(data: xr.Dataset) -> xr.DataArray:
    """Which networks learned the target; False where there is none."""
    found: xr.DataArray = data.loss < LEARNED * data.attrs["mean_square"]
    return found


def share(data: xr.Dataset, level: float = LEVEL) -> Interval:
    """The share of networks, of those that are there, that learned, with its Clopper-Pearson interval."""
    return proportion_interval(int(learned(data).sum()), int(data.loss.notnull().sum()), level)


def figure(data: xr.Dataset) -> Figure:
    """Draw, a row for each sign rule and a column for each |c|, the share that learned over (l, l_+).

    A cross: every network of the cell is obstructed; a dot: some are. Cells with a cross must be dark.
    """
    from matplotlib.figure import Figure

    rules, sizes = data.rule.values.tolist(), data.imbalance.values.tolist()
    drawing = Figure(figsize=(2.6 * len(sizes) + 1.4, 2.4 * len(rules) + 0.5), layout="constrained")
    panels: Any = drawing.subplots(len(rules), len(sizes), squeeze=False, sharex=True, sharey=True)
    picture: Any = None
    for row, rule in enumerate(rules):
        for column, c in enumerate(sizes):
            axes, one = panels[row, column], data.sel(rule=rule, imbalance=c)
            hits = learned(one).mean("seed").where(one.loss.notnull().all("seed"))
            grid = np.asarray(hits.transpose("l_plus", "width"))
            picture = axes.pcolormesh(data.width, data.l_plus, grid, vmin=0, vmax=1, cmap="viridis", shading="nearest")
            reachable = one.reachable.mean("seed").transpose("l_plus", "width").values
            for mark, chosen in (("x", reachable == 0), (".", (reachable > 0) & (reachable < 1))):
                k, w = np.nonzero(chosen)
                axes.scatter(np.asarray(data.width)[w], np.asarray(data.l_plus)[k], c="white", s=14, marker=mark)
            axes.set_title(f"{rule} signs, $|c|={c:g}$", fontsize=9)
    for axes in panels[-1]:
        axes.set_xlabel("$l$")
    for axes in panels[:, 0]:
        axes.set_ylabel("$l_+$")
    drawing.colorbar(picture, ax=panels, label="share that learned")
    drawing.suptitle(f"{data.sizes['seed']} flows a cell; x: all obstructed, dot: some", fontsize=10)
    return drawing


def table(data: xr.Dataset) -> Table:
    """For each rule and |c|: networks that cannot reach the target and others, and those that did (95 % interval)."""
    from rich import box
    from rich.table import Table

    title = f"Flows, and those that learned (loss < {LEARNED:.1%} of the mean square)"
    made = Table(title=title, box=box.SIMPLE)
    for column in ("signs", "|c|", "obstructed", "learned", "loss/bound", "others", "learned, %"):
        made.add_column(
            column, justify="left" if column == "signs" else "right", no_wrap=column in ("signs", "learned, %")
        )
    for rule in data.rule.values.tolist():
        for c in data.imbalance.values.tolist():
            one = data.sel(rule=rule, imbalance=c)
            out, within = one.where(one.reachable == 0), one.where(one.reachable == 1)
            count = int(out.loss.notnull().sum())
            ratio = f"{float((out.loss / out.bound).min()):.3f}" if count else ""
            success = ""
            if int(within.loss.notnull().sum()):
                estimate, low, high = (100 * value for value in share(within))
                success = f"{estimate:.1f} ({low:.0f}-{high:.0f})"
            made.add_row(
                rule,
                f"{c:g}",
                str(count),
                str(int(learned(out).sum())),
                ratio,
                str(int(within.loss.notnull().sum())),
                success,
            )
        made.add_section()
    return made
