"""How figure 1 is shown: the two surfaces in space and their shadows in the plane, a colour for each component."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.table import Table

__all__ = ["figure", "table"]

COLOURS = {"+ -": "#4477aa", "+ +": "#ee6677", "+": "#aa3377", "- -": "#228833", "- +": "#ccbb44"}
"""By the signs of the component: what a skip leaves alone keeps its colour."""


def figure(data: xr.Dataset) -> Figure:
    """Draw the minima W_3 = 1 / (W_1 W_2 + ε), and below them the parts of the (W_1, W_2) plane that they lie over.

    In panel (b) the black line is S_0: W_1 = 0, W_3 = 1, along which two of the sheets of (a) are joined.
    """
    from matplotlib.figure import Figure

    panels = data.panel.values.tolist()
    drawing = Figure(figsize=(10, 8.8))
    reach = data.attrs["reach"]
    for k, skip in enumerate(panels):
        one = data.sel(panel=skip)
        space: Any = drawing.add_axes((0.01 + 0.485 * k, 0.38, 0.48, 0.62), projection="3d")
        _surfaces(space, one, skip, reach)
        title = "without skip" if skip == 0 else rf"with skip, $\varepsilon = {skip}$"
        space.set_title(f"({'ab'[k]}) {title}: {int(one.formula)} components", y=1.0)
        plane: Any = drawing.add_axes((0.13 + 0.48 * k, 0.06, 0.27, 0.3))
        for c, label in enumerate(one.labels.values.tolist()[: int(one.formula)]):
            sheet = one.isel(component=c)
            w1 = np.asarray(sheet.w1)[:, 0]
            low, high = np.asarray(sheet.w2)[:, 0], np.asarray(sheet.w2)[:, -1]
            plane.fill_between(w1, low, high, color=COLOURS[label], alpha=0.75, linewidth=0)
        if skip != 0:
            plane.plot([0, 0], [-reach, reach], color="black", linewidth=1.5)
        plane.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="$W_1$", ylabel="$W_2$", aspect="equal")
    return drawing


def _surfaces(axis: Any, one: xr.Dataset, skip: int, reach: float) -> None:
    """All sheets as one collection, so that near faces cover far ones whatever sheet they belong to."""
    from matplotlib.colors import LightSource, to_rgba
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection  # type: ignore[import-untyped]

    faces, colours = [], []
    for c, label in enumerate(one.labels.values.tolist()[: int(one.formula)]):
        sheet = np.stack([np.asarray(one[name].isel(component=c)) for name in ("w1", "w2", "w3")], axis=-1)
        corners = np.stack([sheet[:-1, :-1], sheet[1:, :-1], sheet[1:, 1:], sheet[:-1, 1:]], axis=2)
        faces.append(corners.reshape(-1, 4, 3))
        colours += [to_rgba(COLOURS[label])] * len(faces[-1])
    collection = Poly3DCollection(
        np.concatenate(faces),
        facecolors=colours,
        edgecolors=colours,
        linewidths=0.2,
        shade=True,
        lightsource=LightSource(-70, 65),
    )
    axis.add_collection3d(collection)
    if skip != 0:
        axis.plot([0, 0], [-reach, reach], [1 / skip, 1 / skip], color="black", linewidth=1.8, zorder=10)
    axis.set(xlim=(-reach, reach), ylim=(-reach, reach), zlim=(-reach, reach))
    axis.set(xlabel="$W_1$", ylabel="$W_2$", zlabel="$W_3$")
    axis.patch.set_visible(False)  # the label of the panel beside shines through
    axis.set_box_aspect((1, 1, 0.9))
    axis.view_init(elev=22, azim=-62)


def table(data: xr.Dataset) -> Table:
    """For each panel the number of components: of the formula, of the exact cells of the plane, on the grid."""
    from rich.table import Table

    made = Table(title="Figure 1: components of the minimum")
    for column in ("ε", "formula", "exact cells", f"grid of {data.attrs['grid']}²", "signs"):
        made.add_column(column, justify="right")
    for skip in data.panel.values.tolist():
        one = data.sel(panel=skip)
        signs = ", ".join(f"({label})" for label in one.labels.values.tolist() if label)
        made.add_row(str(skip), str(int(one.formula)), str(int(one.cells)), str(int(one.grid)), signs)
    return made
