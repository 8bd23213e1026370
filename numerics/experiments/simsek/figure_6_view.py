"""How the exact ratios are shown: curves with the widths at which they cross 1, the place of the peak, a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "table"]


def figure(data: xr.Dataset) -> Figure:
    """Draw for each r* the ratios against m, with the first width below 1, and the place of the largest G and T."""
    from matplotlib.figure import Figure

    stars = data.r_star.values.tolist()
    drawing = Figure(figsize=(3.7 * (len(stars) + 1), 4.2), layout="constrained")
    axes: Any = drawing.subplots(1, len(stars) + 1)
    for axis, r in zip(axes, stars, strict=False):
        one = data.sel(r_star=r).dropna("m")
        for i, k in enumerate(one.k.values.tolist(), start=1):
            axis.plot(one.m, one.ratio.sel(k=k), color=f"C{i}", linewidth=1.2, label=rf"$R_{k}$")
        axis.plot(one.m, one.total, color="C0", linewidth=2, label=r"$\sum_k R_k$")
        axis.axhline(1, color="black", linewidth=0.8, linestyle=":")
        m = int(one.total_crossover)
        axis.axvline(m, color="C0", linewidth=0.8, linestyle="--")
        axis.annotate(f"below 1 from $m = {m}$", (m, 1), xytext=(6, 8), textcoords="offset points", fontsize=9)
        axis.set(yscale="log", xlabel="width $m$", title=f"$r^* = {r}$")
        axis.set_ylim(bottom=max(float(one.ratio.min()), 1e-16))
        axis.grid(alpha=0.25)
    axes[0].set_ylabel("critical subspaces / subspaces of minima")
    axes[0].legend(fontsize=9)
    last = axes[-1]
    last.plot(data.width, data.peak_G, ".", markersize=4, label="$G(r, m)$ largest")
    last.plot(data.width, data.peak_T, ".", markersize=4, label="$T(r, m)$ largest")
    last.plot(data.width, data.attrs["peak"] * data.width, color="black", linewidth=0.8, label=r"$m / (2 \ln 2)$")
    last.set(xlabel="width $m$", ylabel="$r$", title=r"$\arg\max_r$")
    last.legend(fontsize=9)
    last.grid(alpha=0.25)
    return drawing


def table(data: xr.Dataset) -> Table:
    """For each r*: the ratios at m = r*, and the widths from which each ratio, and their sum, is below 1."""
    from rich.table import Table

    made = Table(title="Figure 6: critical subspaces against subspaces of global minima")
    levels = data.k.values.tolist()
    for column in ("r*", "sum of R_k at m = r*", *(f"R_{k} < 1 from" for k in levels), "sum < 1 from"):
        made.add_column(column, justify="right")
    for r in data.r_star.values.tolist():
        one = data.sel(r_star=r)
        made.add_row(
            str(r),
            f"{float(one.total.sel(m=r)):.6g}",
            *(str(int(m)) for m in np.asarray(one.crossover)),
            str(int(one.total_crossover)),
        )
    return made
