"""How the results of figures 1 (c) and 5 are shown: losses in order, what the neurons became, and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import xarray as xr

from ...intervals import proportion_interval
from ...modules import Layers
from ...tools.groups import GroupKind, group_neurons

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "neuron_counts", "table"]

LEAST = 1e-33
CONVERGED = 1e-20
"""Students above this are still on their way, and their copies have not come together."""


def _losses(data: xr.Dataset, block: str, stage: str = "loss") -> np.ndarray:
    found = np.asarray(data[stage].sel(block=block))
    return found[: int(data.seeds.sel(block=block))]


def neuron_counts(data: xr.Dataset, block: str) -> dict[str, int]:
    """Return how many neurons of a block's converged students are copies, or in zero-type groups of each size."""
    one, width = data.sel(block=block), int(data.width.sel(block=block))
    W1, W2 = (torch.from_numpy(np.asarray(v)) for v in (one.W1, one.W2))
    counts = {"copies": 0}
    for k in np.nonzero(_losses(data, block) < CONVERGED)[0].tolist():
        found = group_neurons(Layers(W1[k, :width], W2[k, None, :width], None, None))
        counts["copies"] += sum(group.size for group in found.copies)
        for size, neurons in found.neurons_by_size(GroupKind.ZERO_TYPE).items():
            name = f"zero-type, size {size}"
            counts[name] = counts.get(name, 0) + neurons
    return dict(sorted(counts.items()))


def figure(data: xr.Dataset) -> Figure:
    """Draw, for each activation, the losses during Adam, the final losses of all students in order, and the neurons.

    The dashed line is the loss below which a student counts as a global minimum. The bars are those of figure 5
    (right), for the widest students of at most ten neurons.
    """
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(data.activation.values.tolist()))
    drawing = Figure(figsize=(15, 3.8 * len(names)), layout="constrained")
    grid: Any = drawing.subplots(len(names), 3, squeeze=False, width_ratios=(1, 1.2, 0.8))
    titles = {"sigmoid": "sigmoid", "soft": r"$g_{1,4}$ = softplus(z) + sigmoid(4z)"}
    for (left, right, bars), name in zip(grid, names, strict=True):
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
        right.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1))
        narrow = [b for b in blocks if int(data.width.sel(block=b)) <= 10]
        if narrow:
            widest = max(narrow, key=lambda b: int(data.width.sel(block=b)))
            counts = neuron_counts(data, widest)
            bars.bar_label(bars.barh(list(counts), list(counts.values()), color="0.6"), fontsize=8)
            bars.invert_yaxis()
            bars.set(xlabel="neurons", title=f"converged students, width {int(data.width.sel(block=widest))}")
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
