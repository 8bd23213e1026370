"""How the results of figure 3's experiment are shown: the paper's panels b and c, and a table of all configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ...intervals import proportion_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "selected_seed", "table"]

_COLOURS = ("tab:red", "tab:blue")


def selected_seed(data: xr.Dataset) -> int:
    """Return the first shown initialization that learns F when it is free: the pair of runs that the paper shows.

    The same weights with both ``c_k`` negative end on the plateau, as all do. If no shown initialization learns, 0.
    """
    shown = data.sizes["shown"]
    learns = np.asarray(data.loss.sel(configuration="free") < 0.01)[:shown]
    return int(np.argmax(learns))


def figure(data: xr.Dataset) -> Figure:
    """Draw figure 3 b (each neuron's quadric and trajectory, obstructed above, free below) and c (loss curves).

    Behind the two selected curves of panel c are those of the other initializations, most of which the free
    configuration does not save either.
    """
    from matplotlib.figure import Figure

    chosen = selected_seed(data)
    drawing = Figure(figsize=(11, 5.5), layout="constrained")
    grid = drawing.add_gridspec(2, 3, width_ratios=(1, 1, 1.25))
    for row, name in enumerate(("obstructed", "free")):
        path = np.asarray(data.path.sel(configuration=name))[:, chosen]
        for k in (0, 1):
            axes: Any = drawing.add_subplot(grid[row, k], projection="3d")
            w, a = path[:, 2 * k : 2 * k + 2], path[:, 4 + k]
            c = float(w[0] @ w[0] - a[0] ** 2)
            _draw_quadric(axes, c, 1.1 * float(np.abs(path).max()))
            axes.plot(w[:, 0], w[:, 1], a, color=_COLOURS[row], linewidth=2)
            axes.scatter(*w[0], a[0], color="black", s=18)
            axes.scatter(*w[-1], a[-1], color=_COLOURS[row], s=18)
            axes.set_title(f"{name}, neuron {k + 1}: $c_{k + 1} = {c:+.1f}$", fontsize=9)
            axes.set_xlabel(f"$w_{{{k + 1}1}}$", fontsize=8)
            axes.set_ylabel(f"$w_{{{k + 1}2}}$", fontsize=8)
            axes.set_zlabel(f"$a_{k + 1}$", fontsize=8)
            axes.tick_params(labelsize=6)
    curves: Any = drawing.add_subplot(grid[:, 2])
    steps = np.asarray(data.step)
    for name, colour in zip(("obstructed", "free"), _COLOURS, strict=True):
        curve = np.maximum(np.asarray(data.curve.sel(configuration=name)), 1e-6)
        curves.plot(steps, curve, color=colour, alpha=0.08, linewidth=0.7)
        curves.plot(steps, curve[:, chosen], color=colour, linewidth=2, label=f"{name} (initialization {chosen})")
    curves.axhline(data.attrs["mean_square"], color="black", linestyle=":", label="sample mean of $F^2$")
    curves.set(yscale="log", xlabel="step", ylabel="mean squared error")
    curves.legend(fontsize=8)
    return drawing


def _draw_quadric(axes: Any, c: float, reach: float) -> None:
    """The surface ``w_1^2 + w_2^2 - a^2 = c`` for ``|a|`` up to ``reach``."""
    angle = np.linspace(0, 2 * np.pi, 33)
    lowest = np.sqrt(-c) if c < 0 else 0.0
    heights = np.linspace(lowest, max(reach, lowest * 1.1), 12)
    for sheet in (1, -1):
        radius = np.sqrt(np.maximum(heights**2 + c, 0))
        axes.plot_surface(
            np.outer(radius, np.cos(angle)),
            np.outer(radius, np.sin(angle)),
            np.outer(sheet * heights, np.ones_like(angle)),
            color="0.8",
            alpha=0.35,
            linewidth=0,
        )


def table(data: xr.Dataset) -> Table:
    """The outcome of every configuration: successes with their 95 % interval, losses, sign flips, drift of c."""
    from rich.table import Table

    made = Table(title=f"Figure 3: {data.sizes['seed']} initializations a configuration, h = {data.attrs['h']}")
    for column in ("configuration", "loss < 0.01", "95 %", "on the plateau", "least loss", "median loss"):
        made.add_column(column, justify="left" if column == "configuration" else "right")
    for column in ("flips where c < 0", "drift: median", "largest", "below 1 %"):
        made.add_column(column, justify="right")
    for name in data.configuration.values.tolist():
        one = data.sel(configuration=name)
        hits = one.loss < 0.01
        interval = proportion_interval(int(hits.sum()), hits.size, 0.95)
        worst = one.drift.max("neuron")
        stuck = abs(one.loss / data.attrs["mean_square"] - 1) < 1e-3
        made.add_row(
            name,
            f"{interval.estimate:.3f}",
            f"{interval.low:.3f} to {interval.high:.3f}",
            f"{float(stuck.mean()):.3f}",
            f"{float(one.loss.min()):.3g}",
            f"{float(one.loss.median()):.3g}",
            str(int(one.flips.where(one.imbalance < 0, 0).sum())),
            f"{float(worst.median()):.2%}",
            f"{float(worst.max()):.1%}",
            f"{float((worst < 0.01).mean()):.1%}",
        )
    return made
