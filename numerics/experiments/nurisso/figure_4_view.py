"""How the results of figure 4's experiment are read and shown: trends within and across widths, panels, a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from scipy.stats import spearmanr

from .figure_4_protocols import PROTOCOLS

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = [
    "cells",
    "drops",
    "figure",
    "spearman_at_fixed_fraction",
    "spearman_at_fixed_number",
    "spearman_within_width",
    "table",
]


def cells(data: xr.Dataset, protocol: str) -> tuple[xr.DataArray, xr.DataArray]:
    """The mean test loss of every cell (width, l_plus) of a protocol and its standard error over initializations."""
    loss = data.test_loss.sel(protocol=protocol)
    return loss.mean("seed"), loss.std("seed", ddof=1) / np.sqrt(loss.sizes["seed"])


def complete(data: xr.Dataset, protocol: str) -> list[tuple[int, int, np.ndarray]]:
    """Every cell that a protocol was run in, as (width, l_plus, test losses of the initializations)."""
    rows = [(w, _row(data, protocol, w)) for w in data.width.values.tolist()]
    return [(w, k, row[:, k]) for w, row in rows for k in range(w + 1) if np.isfinite(row[:, k]).all()]


def drops(data: xr.Dataset, protocol: str) -> np.ndarray:
    """For each initialization, the test loss at l_+ = 0 less that at l_+ = l, averaged over the widths."""
    rows = [_row(data, protocol, width) for width in data.width.values.tolist()]
    return np.asarray(np.mean([row[:, 0] - row[:, -1] for row in rows], axis=0))


def spearman_within_width(data: xr.Dataset, protocol: str) -> dict[int, float]:
    """Spearman's rank correlation of the cell means with l_+, for each width whose cells were all run."""
    means = {w: _row(data, protocol, w).mean(axis=0) for w in data.width.values.tolist()}
    return {w: _spearman(np.arange(w + 1), row) for w, row in means.items() if np.isfinite(row).all()}


def spearman_at_fixed_number(data: xr.Dataset, protocol: str) -> dict[int, float]:
    """Spearman's rank correlation of the cell means with l, for each l_+ that three widths or more have."""
    means, _ = cells(data, protocol)
    widths = np.asarray(data.width)
    return {
        k: _spearman(widths[widths >= k], means.sel(l_plus=k).values[widths >= k])
        for k in data.l_plus.values.tolist()
        if (widths >= k).sum() >= 3
    }


def spearman_at_fixed_fraction(data: xr.Dataset, protocol: str) -> dict[str, float]:
    """Spearman's rank correlation of the cell means with l, at the fractions l_+/l = 0, 1/2 and 1."""
    means, _ = cells(data, protocol)
    found = {}
    for name, twice in (("0", 0), ("1/2", 1), ("1", 2)):
        widths = [w for w in data.width.values.tolist() if twice * w % 2 == 0]
        if len(widths) >= 3:
            values = [float(means.sel(width=w, l_plus=twice * w // 2)) for w in widths]
            found[name] = _spearman(np.asarray(widths), np.asarray(values))
    return found


def figure(data: xr.Dataset) -> Figure:
    """Draw both panels, a row for each protocol: mean test loss over (l, l_+) and over (l, l_+/l in percent)."""
    from matplotlib.figure import Figure

    protocols = data.protocol.values.tolist()
    drawing = Figure(figsize=(9, 2.6 * len(protocols)), layout="constrained")
    panels: Any = drawing.subplots(len(protocols), 2, squeeze=False)
    for row, protocol in enumerate(protocols):
        w, k, value = np.array([(w, k, losses.mean()) for w, k, losses in complete(data, protocol)]).T
        for axes, height, label in (
            (panels[row, 0], k, "$l_+$"),
            (panels[row, 1], 100 * k / w, "$l_+/l$ in percent"),
        ):
            marks = axes.scatter(w, height, c=value, s=150, marker="s", cmap="viridis")
            axes.set(xlabel="$l$", ylabel=label)
        panels[row, 0].set_title(f"{protocol}: {PROTOCOLS[protocol]}", fontsize=9, loc="left")
        drawing.colorbar(marks, ax=panels[row].tolist(), label="mean test BCE")
    return drawing


def table(data: xr.Dataset) -> Table:
    """Mean test loss and standard error of every cell, and the rank correlation with l_+ within each width."""
    from rich.table import Table

    made = Table(title=f"Figure 4: mean test BCE over {data.sizes['seed']} initializations (standard error)")
    made.add_column("protocol")
    made.add_column("l", justify="right")
    for k in data.l_plus.values.tolist():
        made.add_column(f"l₊={k}", justify="right")
    made.add_column("Spearman", justify="right")
    for protocol in data.protocol.values.tolist():
        means, errors = cells(data, protocol)
        trend = spearman_within_width(data, protocol)
        for width in data.width.values.tolist():
            here = [(means.sel(width=width, l_plus=k), errors.sel(width=width, l_plus=k)) for k in range(width + 1)]
            entries = ["" if np.isnan(m) else f"{float(m):.4f} ({float(s):.3f})" for m, s in here]
            entries += [""] * (data.sizes["l_plus"] - len(entries))
            made.add_row(protocol, str(width), *entries, f"{trend[width]:+.2f}" if width in trend else "")
        made.add_section()
    return made


def _row(data: xr.Dataset, protocol: str, width: int) -> np.ndarray:
    """The test losses (seed, l_plus) of one width."""
    row = data.test_loss.sel(protocol=protocol, width=width, l_plus=slice(0, width))
    return np.asarray(row.transpose("seed", "l_plus"))


def _spearman(x: np.ndarray, y: np.ndarray) -> float:
    return float("nan") if np.ptp(y) == 0 else float(spearmanr(x, y).statistic)
