"""How the results of figure 1 (d, e) are shown: the teacher, the losses of its students in order, and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from ...intervals import median_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "table"]


def losses(data: xr.Dataset, width: int, stage: str = "loss") -> np.ndarray:
    """The losses of the students of a width, in increasing order."""
    found = np.asarray(data[stage].sel(width=width))
    return np.sort(found[~np.isnan(found)])


def figure(data: xr.Dataset) -> Figure:
    """Draw the function that the teacher was fitted to, the teacher, and the students' final losses in order."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(13, 4.6), layout="constrained")
    axes: Any = drawing.subplots(1, 3, width_ratios=(1, 1, 1.5))
    reach = float(abs(data.target).max())
    titles = (r"target $\sin 2x_1 + x_1 + \cos 3x_2 - 0.4\,(x_2 - 1)^2$", "teacher 4-4-4, fitted to it")
    picture: Any = None
    for axis, name, title in zip(axes, ("target", "teacher"), titles, strict=False):
        picture = axis.pcolormesh(
            data.x1, data.x2, data[name].T, cmap="RdBu_r", vmin=-reach, vmax=reach, shading="nearest", rasterized=True
        )
        axis.set_title(title, fontsize=10)
        axis.set(xlabel="$x_1$", aspect="equal")
    axes[0].set_ylabel("$x_2$")
    drawing.colorbar(picture, ax=axes[:2], shrink=0.85)
    colours = _colours(data.sizes["width"])
    for width, colour in zip(data.width.values.tolist(), colours, strict=True):
        values = losses(data, width)
        share = (np.arange(len(values)) + 0.5) / len(values)
        label = f"{width}-{width}-{width}  ({int(data.parameters.sel(width=width))} parameters)"
        axes[2].plot(values, share, "o-", color=colour, markersize=4, linewidth=1, label=label)
    axes[2].axhline(0.5, color="0.6", linewidth=0.8, linestyle=":")
    axes[2].set(xscale="log", ylim=(0, 1), xlabel="final mean squared error", ylabel="share of students below")
    steps = f"{data.attrs['adam_steps']:,} steps of Adam, {data.attrs['steps']:,} of Levenberg-Marquardt"
    axes[2].set_title(f"students after {steps}", fontsize=10)
    axes[2].legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2)
    return drawing


def table(data: xr.Dataset) -> Table:
    """For each width: the order statistics of the students' losses."""
    from rich.table import Table

    made = Table(title=f"Figure 1 e: students of a 4-4-4 teacher (whose own error is {data.teacher_loss:.3g})")
    for column in ("student", "parameters", "students", "after Adam", "least", "median", "95 %", "largest"):
        made.add_column(column, justify="left" if column == "student" else "right")
    for width in data.width.values.tolist():
        values = losses(data, width)
        middle = median_interval(values, 0.95)
        made.add_row(
            f"{width}-{width}-{width}",
            str(int(data.parameters.sel(width=width))),
            str(len(values)),
            f"{np.median(losses(data, width, 'adam')):.3g}",
            f"{values[0]:.2g}",
            f"{middle.estimate:.2g}",
            f"{middle.low:.2g} to {middle.high:.2g}" if np.isfinite(middle.low) else "too few",
            f"{values[-1]:.2g}",
        )
    return made


def _colours(n: int) -> list[Any]:
    """From dark blue for the narrowest to orange for the widest."""
    from matplotlib import colormaps

    return [colormaps["plasma"](v) for v in np.linspace(0, 0.8, n)]
