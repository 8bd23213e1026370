"""Figure 3 of Zhao et al.: the map of eq. (6) on trained networks, and the loss along its curves and along segments.

Panel (a): how far the output moves, against its norm. The points are above the diagonal, and lie on the axis where
σ(gVX) has full column rank. Panels (b) and (c): with 8 inputs and 32 neurons, as in the paper, the output does not
change at all along the curve; with 48 inputs it does, and the comparison with the segment says something.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from sympy import Rational

from quadrics.activation import leaky_relu
from quadrics.errors import DimensionError
from quadrics.smooth_activation import sigmoid

from ...device import pick_device
from ...sweep import Engine, Progress, gather
from .approximate_symmetries import Problem, Weights, descend, drawn, moved_along, projection_rounding, segment
from .figure_3_view import figure, table

__all__ = ["LEAKY", "Size", "curves", "figure", "networks", "run", "table"]

KIND = "zhao.fig3"
LEAKY = leaky_relu(Rational(1, 100))
"""The slope that torch takes unless told otherwise; the paper names none."""


@dataclass(frozen=True)
class Size:
    """Panel (a): networks, sizes 2 to ``largest``, steps. Panels (b,c): batches, scales, curves and steps."""

    networks: int = 100
    largest: int = 100
    steps: int = 1000
    batches: tuple[int, ...] = (8, 48, 128)
    scales: tuple[float, ...] = (0.1, 0.3, 1.0)
    curves: int = 5
    points: int = 41
    curve_steps: int = 6000


QUICK = Size(networks=60, largest=60, steps=150, batches=(8, 48), scales=(0.3, 1.0), points=21, curve_steps=800)
FULL = Size()

M, H, N = 64, 32, 16
"""The sizes of the paper's network: W_2 is 64 by 32 and W_1 32 by 16."""


def run(
    quick: bool = True,
    seed: int = 0,
    device: str = "cpu",
    progress: Progress | None = None,
    size: Size | None = None,
    folder: str | Path | None = None,
    engine: Engine | None = None,
) -> xr.Dataset:
    """Train the networks, move them, and return what became of outputs and losses.

    Variables by ``network``: the sizes ``m``, ``h``, ``n``, ``k``, the ``norm`` of the output, its ``change``, the
    ``rank`` of σ(gVX) and the ``rounding`` that a change of zero may show. By ``batch``, ``scale``, ``curve`` and
    ``t``: ``loss`` along the curve, ``straight`` along the segment between its ends, and the same with the ``rounding``
    of the output. By ``batch``, ``scale``, ``curve``: ``distance`` of the ends, and ``shift`` of the beginning from
    the trained weights. By ``batch``: the loss ``trained``.

    Args:
        quick: 60 networks of at most 60 neurons, batches 8 and 48 (``QUICK``); or the paper's sizes (``FULL``).
        seed: of data, weights and group elements.
        device: where it runs.
        progress: called after each of the blocks.
        size: instead of ``quick``.
        folder: where blocks are kept as they are done, so that an interrupted run resumes.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        DeviceError: this machine has no such device.
        DimensionError: a size that is not positive, or no batches or scales.
        ResultsError: the folder holds blocks of another run.

    >>> tiny = Size(networks=4, largest=5, steps=10, batches=(8,), scales=(0.3,), curves=1, points=3, curve_steps=50)
    >>> data = run(size=tiny)
    >>> bool((data.change <= data.norm).all())
    True
    """
    size = size or (QUICK if quick else FULL)
    counts = (size.networks, size.largest - 1, size.steps, size.curves, size.points - 1, size.curve_steps)
    if min(*counts, *size.batches, 1) < 1 or not size.batches or not size.scales:
        raise DimensionError(f"got {size}; expected positive sizes, batches and scales")
    place = pick_device(device)
    labels, block = ["networks", *(f"batch-{k}" for k in size.batches)], partial(_block, size, seed, place)
    settings = {"seed": seed, **asdict(size), "device": place.type}
    parts = gather(labels, block, kind=KIND, settings=settings, folder=folder, progress=progress, engine=engine)
    first = parts.sel(block="networks", drop=True)
    rest = parts.sel(block=labels[1:]).rename(block="batch").assign_coords(batch=list(size.batches))
    of_networks = [name for name in first.data_vars if "network" in first[name].dims]
    joined = xr.merge([first[of_networks], rest.drop_vars(of_networks).drop_dims("network", errors="ignore")])
    return joined.assign_attrs(seed=seed, activation_slope=float(LEAKY.beta))


def _block(size: Size, seed: int, place: torch.device, label: str) -> xr.Dataset:
    if label == "networks":
        return networks(size, seed, place)
    return curves(size, int(label.removeprefix("batch-")), seed, place)


def networks(size: Size, seed: int, device: str | torch.device = "cpu") -> xr.Dataset:
    """Return panel (a): sizes drawn uniformly, sigmoid, gradient descent, and a standard normal g for each network."""
    rows: dict[str, list[float]] = {name: [] for name in ("m", "h", "n", "k", "norm", "change", "rank", "rounding")}
    source = torch.Generator().manual_seed(_seed(seed, 0))
    for _ in range(size.networks):
        m, h, n, k = torch.randint(2, size.largest + 1, (4,), generator=source).tolist()
        problem, start = drawn(source, m, h, n, k, sigmoid)
        g = torch.randn(h, h, generator=source, dtype=torch.float64).to(device)
        problem, start = _to(problem, start, device)
        trained = descend(problem, start, size.steps, rate=0.2, scale=k * max(1.0, h / 4))
        moved = moved_along(problem, trained, g)
        before, after = problem.output(trained), problem.output(moved.weights)
        found = {
            "norm": torch.linalg.matrix_norm(before),
            "change": torch.linalg.matrix_norm(before - after),
            "rank": torch.linalg.matrix_rank(moved.features),
            "rounding": projection_rounding(moved.features) * torch.linalg.matrix_norm(before),
        }
        for name, value in {"m": m, "h": h, "n": n, "k": k, **{key: one.item() for key, one in found.items()}}.items():
            rows[name].append(float(value))
    return xr.Dataset({f"{name}": ("network", np.array(values)) for name, values in rows.items()})


def curves(size: Size, k: int, seed: int, device: str | torch.device = "cpu") -> xr.Dataset:
    """Return panels (b,c) for a batch of k inputs: curves exp(tM)·w from one minimum, M normal with scale s/√h."""
    source = torch.Generator().manual_seed(_seed(seed, k))
    problem, start = drawn(source, M, H, N, k, LEAKY)
    generators = torch.randn(size.curves, H, H, generator=source, dtype=torch.float64).to(device) / H**0.5
    problem, start = _to(problem, start, device)
    trained = descend(problem, start, size.curve_steps, rate=0.02, scale=k)
    times = torch.linspace(0, 1, size.points, dtype=torch.float64, device=device)
    found: dict[str, list[np.ndarray]] = {
        name: [] for name in ("loss", "straight", "output_rounding", "distance", "shift")
    }
    for scale in size.scales:
        elements = torch.linalg.matrix_exp(times[:, None, None, None] * scale * generators)
        moved = moved_along(problem, trained, elements)
        ends = tuple((W[0], W[-1]) for W in moved.weights)
        first, last = (ends[0][0], ends[1][0]), (ends[0][1], ends[1][1])
        straight = problem.loss(segment(first, last, times))
        size_of_output = torch.linalg.matrix_norm(problem.output(trained))
        found["loss"].append(problem.loss(moved.weights).T.cpu().numpy())
        found["straight"].append(straight.T.cpu().numpy())
        found["output_rounding"].append((projection_rounding(moved.features) * size_of_output).T.cpu().numpy())
        found["distance"].append(_apart(first, last).cpu().numpy())
        found["shift"].append(_apart(trained, first).cpu().numpy())
    along, ends_ = ("scale", "curve", "t"), ("scale", "curve")
    return xr.Dataset(
        {
            **{name: (along, np.stack(found[name])) for name in ("loss", "straight", "output_rounding")},
            **{name: (ends_, np.stack(found[name])) for name in ("distance", "shift")},
            "trained": problem.loss(trained).item(),
            "output_norm": torch.linalg.matrix_norm(problem.output(trained)).item(),
        },
        coords={"scale": list(size.scales), "t": times.cpu().numpy()},
    )


def _apart(first: Weights, last: Weights) -> torch.Tensor:
    squares = [(a - b).square().sum((-2, -1)) for a, b in zip(first, last, strict=True)]
    return (squares[0] + squares[1]).sqrt()


def _to(problem: Problem, weights: Weights, device: str | torch.device) -> tuple[Problem, Weights]:
    U, V = weights
    return Problem(problem.X.to(device), problem.Y.to(device), problem.activation), (U.to(device), V.to(device))


def _seed(seed: int, part: int) -> int:
    return int(np.random.SeedSequence([seed, 3, part]).generate_state(1, np.uint64)[0] >> 1)
