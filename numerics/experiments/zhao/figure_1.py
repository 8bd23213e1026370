"""Figure 1 of Zhao et al.: the minimum of a three-layer network of single weights, without and with a skip connection.

With X = Y = 1 the minimum of |Y - W_3 (W_2 W_1 X + ε X)| is the surface W_3 = 1 / (W_1 W_2 + ε) over the plane without
the hyperbola W_1 W_2 = -ε: in four pieces for ε = 0, in three for ε = 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sympy
import torch
import xarray as xr
from scipy import ndimage

from quadrics.connectivity.linear_networks import Signs
from quadrics.connectivity.plane_cells import PlaneCells
from quadrics.connectivity.residual_blocks import ResidualBlock
from quadrics.connectivity.residual_paths import block_matrix
from quadrics.errors import DimensionError

from ...bridge import torch_function
from ...sweep import Engine, Progress
from .figure_1_view import figure, table

__all__ = ["REACH", "SKIPS", "Size", "figure", "grid_components", "run", "table"]

SKIPS = (0, 1)
"""ε in the panels (a) and (b)."""

REACH = 4.0
"""The surfaces are drawn where no weight exceeds it."""

W1, W2 = sympy.symbols("w1 w2", real=True)


@dataclass(frozen=True)
class Size:
    """Points of the mesh that draws a component, in either direction, and of the grid on which pieces are counted."""

    mesh: int = 81
    grid: int = 801


QUICK = Size(mesh=61, grid=401)
FULL = Size()


def run(
    quick: bool = True,
    seed: int = 0,
    device: str = "cpu",
    progress: Progress | None = None,
    size: Size | None = None,
    folder: str | Path | None = None,
    engine: Engine | None = None,
) -> xr.Dataset:
    """Return a mesh for each component of the two surfaces, and their number counted in three ways.

    Variables: ``w1``, ``w2``, ``w3`` (panel, component, row, column), NaN where a panel has fewer components; by panel
    ``formula`` (of the residual block), ``cells`` (the exact decomposition of the plane) and ``grid`` (pieces of
    one sign on a grid), ``labels`` (panel, component), the signs that tell the components apart.

    Args:
        quick: a coarser mesh and grid (``QUICK``), or 801 by 801 points as the audit has it (``FULL``).
        seed, device, folder, engine: as for the other experiments; they change nothing here.
        progress: called after each panel.
        size: instead of ``quick``.

    Raises:
        DimensionError: a mesh of less than 3 points, or a grid that is not odd (it must see the axes) or below 11.

    >>> data = run(size=Size(mesh=5, grid=41))
    >>> data.formula.values.tolist(), data.cells.values.tolist(), data.grid.values.tolist()
    ([4, 3], [4, 3], [4, 3])
    """
    size = size or (QUICK if quick else FULL)
    if size.mesh < 3 or size.grid < 11 or size.grid % 2 == 0:
        raise DimensionError(f"got {size}; expected a mesh of at least 3 and an odd grid of at least 11 points")
    most = max(_block(skip).number_of_components() for skip in SKIPS)
    surfaces = np.full((3, len(SKIPS), most, size.mesh, size.mesh), np.nan)
    counts: dict[str, list[int]] = {"formula": [], "cells": [], "grid": []}
    labels = np.full((len(SKIPS), most), "", dtype=object)
    for k, skip in enumerate(SKIPS):
        components = list(_block(skip).components())
        for c, component in enumerate(components):
            surfaces[:, k, c] = _mesh(skip, component, size.mesh)
            labels[k, c] = " ".join("+" if sign > 0 else "-" for sign in component)
        counts["formula"].append(_block(skip).number_of_components())
        counts["cells"].append(PlaneCells(_product(skip), W1, W2).number_of_components())
        counts["grid"].append(grid_components(skip, size.grid))
        if progress is not None:
            progress(k + 1, len(SKIPS))
    place = ("panel", "component", "row", "column")
    return xr.Dataset(
        {
            **{name: (place, surface) for name, surface in zip(("w1", "w2", "w3"), surfaces, strict=True)},
            **{name: ("panel", values) for name, values in counts.items()},
            "labels": (("panel", "component"), labels.astype(str)),
        },
        coords={"panel": list(SKIPS)},
        attrs={"seed": seed, "grid": size.grid, "reach": REACH},
    )


def grid_components(skip: int, points: int) -> int:
    """Return the number of pieces of one sign of W_1 W_2 + ε on a grid over [-4, 4]², neighbours sharing an edge.

    Along a line with one weight fixed the product is linear, so that two neighbours of one sign have no zero between
    them: here, unlike elsewhere, signs at sample points do tell.

    >>> grid_components(0, 11), grid_components(1, 11)
    (4, 3)
    """
    axis = np.linspace(-REACH, REACH, points)
    axis[points // 2] = 0.0
    first, second = (torch.as_tensor(one) for one in np.meshgrid(axis, axis, indexing="ij"))
    values = torch_function(_product(skip), (W1, W2))(first, second).numpy()
    return int(sum(ndimage.label(piece)[1] for piece in (values > 0, values < 0)))


def _block(skip: int) -> ResidualBlock:
    return ResidualBlock(1, (1,), skip)


def _product(skip: int) -> Any:
    """W_1 W_2 + ε, from the formula of the block."""
    return block_matrix([sympy.Matrix([[W1]]), sympy.Matrix([[W2]])], skip)[0]


def _mesh(skip: int, component: Signs, points: int) -> np.ndarray:
    """A component as a mesh (3, points, points): W_1 down the rows, along each W_2 between its bounds.

    The product p = W_1 W_2 + ε has one sign, and 1/|p| = |W_3| is at most 4: for each W_1 that is an interval of W_2.
    Where p can vanish only off W_1 = 0, W_1 has one sign, too.
    """
    sign = component[0] if skip == 0 else component[0] * (1 if skip > 0 else -1)
    edge = sign / REACH - skip  # W_1 W_2 on the boundary |W_3| = 4
    if len(component) > 1:
        first = component[1] * np.geomspace(abs(edge) / REACH, REACH, points)
    else:
        first = REACH * np.sinh(4 * np.linspace(-1, 1, points)) / np.sinh(4)
    with np.errstate(divide="ignore"):
        bound = np.clip(edge / np.where(first == 0, np.nan, first), -REACH, REACH)
    above = sign * first > 0  # there p has its sign for W_2 above the bound
    low = np.where(first == 0, -REACH, np.where(above, bound, -REACH))
    high = np.where(first == 0, REACH, np.where(above, REACH, bound))
    between = (1 - np.cos(np.linspace(0, np.pi, points))) / 2
    second = low[:, None] + (high - low)[:, None] * between
    w1, w2 = torch.as_tensor(np.broadcast_to(first[:, None], second.shape).copy()), torch.as_tensor(second)
    w3 = torch_function(1 / _product(skip), (W1, W2))(w1, w2)
    return np.stack([w1.numpy(), w2.numpy(), w3.numpy()])
