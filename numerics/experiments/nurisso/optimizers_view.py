"""How the study of optimizers is read and shown: how far c drifts, who crosses zero, whose obstruction is lifted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ...intervals import Interval, proportion_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "lifted", "rounding", "summary", "table"]

LEVEL = 0.95
ROUNDING = 1e-9
"""A loss is below the bound if it is by more than this share of it: float64, a few thousand terms."""
COLOURS = ("#1b1b1b", "#7f7f7f", "#1b6ca8", "#6fb1de", "#b3261e", "#ef8a7a", "#2e7d32", "#9a6fb0", "#c77700", "#e8b04a")
LEAST = 1e-17
"""What drifts are drawn at that are smaller, zero among them."""


def lifted(data: xr.Dataset) -> xr.DataArray:
    """Which runs ended below the loss that obstructed networks cannot get below."""
    found: xr.DataArray = data.loss < data.bound * (1 - ROUNDING)
    return found


def rounding(data: xr.Dataset) -> xr.DataArray:
    """By how much rounding may have moved c, if nothing else does, over (task, optimizer, rate, seed, neuron).

    A step and the norms before and after it make d + 21 roundings, for one output: d + 5 in the sums of squares, a few
    in each of the operations of a boost. None is of more than eps ``(|w|^2 + |a|^2)``, before the step or after.
    """
    each = (data.inputs + 21) * np.finfo(np.float64).eps * 2 * data.largest
    found: xr.DataArray = data.attrs["steps"] * each
    return found


def summary(data: xr.Dataset) -> xr.Dataset:
    """Over (task, optimizer, rate): what the runs have in common.

    ``drift`` and ``rise`` (median over neurons of the runs that stayed finite, of the excursion and of the change of
    c), ``falling`` and ``crossing`` (shares of neurons whose c fell by more than rounding, and whose c was ever above
    zero), ``flipping``, ``early`` and ``lifted`` (numbers of runs), ``force`` (the largest ``h|v|``), ``finite``
    (number of runs), ``loss``.
    """
    inside = data.where(data.finite == 1)
    both = ("seed", "neuron")
    return xr.Dataset(
        {
            "drift": inside.excursion.median(both),
            "rise": inside.rise.median(both),
            "falling": (inside.rise < -rounding(data)).sum(both) / inside.rise.notnull().sum(both),
            "crossing": data.positive.astype(float).mean(both),
            "flipping": (data.flips > 0).sum("seed"),
            "early": (data.early > 0).sum("seed"),
            "lifted": lifted(data).sum("seed"),
            "force": inside.force.max(both),
            "finite": data.finite.astype(int).sum("seed"),
            "loss": inside.loss.median("seed"),
        }
    )


def share(count: Any, data: xr.Dataset) -> Interval:
    """A share of the runs of a cell with its interval."""
    return proportion_interval(int(count), data.sizes["seed"], LEVEL)


def figure(data: xr.Dataset) -> Figure:
    """Draw, a row for each task and against the rate: drift of c, neurons that cross zero, runs that are lifted."""
    from matplotlib.figure import Figure

    tasks = data.task.values.tolist()
    drawing = Figure(figsize=(11, 3.0 * len(tasks) + 0.3), layout="constrained")
    panels: Any = drawing.subplots(len(tasks), 3, squeeze=False, sharex=True)
    rates = np.asarray(data.rate)
    found = summary(data)
    for row, task in enumerate(tasks):
        for k, name in enumerate(data.optimizer.values.tolist()):
            one = found.sel(task=task, optimizer=name)
            style = {"color": COLOURS[k % len(COLOURS)], "marker": "o", "markersize": 3, "linewidth": 1.2}
            panels[row, 0].plot(rates, np.maximum(one.drift, LEAST), label=name, **style)
            panels[row, 1].plot(rates, 100 * one.crossing, **style)
            shares = [share(count, data) for count in one.lifted.values]
            middle = 100 * np.array([interval.estimate for interval in shares])
            ends = 100 * np.array([[s.estimate - s.low for s in shares], [s.high - s.estimate for s in shares]])
            shift = 1.06 ** (k - len(COLOURS) / 2)
            panels[row, 2].errorbar(rates * shift, middle, yerr=ends, elinewidth=0.7, **style)
        panels[row, 0].set(yscale="log", ylabel=f"{task}: median drift of c")
        panels[row, 0].axhline(data.attrs["imbalance"], color="grey", linewidth=0.6, linestyle=":")
        panels[row, 1].set(ylabel="neurons that cross c = 0, %", ylim=(-4, 104))
        panels[row, 2].set(ylabel="runs that are lifted, %", ylim=(-4, 104))
    for axes in panels[-1]:
        axes.set(xscale="log", xlabel="learning rate")
    panels[0, 0].legend(fontsize=7, ncols=2)
    drawing.suptitle(
        f"From c = -{data.attrs['imbalance']}, all a > 0, {data.sizes['seed']} runs, {data.attrs['steps']:,} steps; "
        "dotted: |c|; bars: 95 %",
        fontsize=10,
    )
    return drawing


def table(data: xr.Dataset) -> Table:
    """Drift (median), neurons whose c fell or crossed zero, runs with sign changes, runs lifted (95 % interval)."""
    from rich import box
    from rich.table import Table

    found = summary(data)
    title = f"{data.sizes['seed']} obstructed networks each, {data.attrs['steps']:,} steps"
    made = Table(title=title, box=box.SIMPLE)
    for column in ("task", "optimizer", "rate", "drift", "fell, %", "crossed, %", "flips, %", "lifted, %"):
        left = column in ("task", "optimizer")
        made.add_column(column, justify="left" if left else "right", no_wrap=left or column in ("drift", "lifted, %"))
    for task in data.task.values.tolist():
        for name in data.optimizer.values.tolist():
            for rate in data.rate.values.tolist():
                one = found.sel(task=task, optimizer=name, rate=rate)
                up, flips = share(one.lifted, data), share(one.flipping, data)
                made.add_row(
                    task,
                    name,
                    f"{rate:g}",
                    f"{float(one.drift):.2g}",
                    f"{100 * float(one.falling):.1f}",
                    f"{100 * float(one.crossing):.1f}",
                    f"{100 * flips.estimate:.1f}",
                    f"{100 * up.estimate:.1f} ({100 * up.low:.0f}-{100 * up.high:.0f})",
                )
        made.add_section()
    return made
