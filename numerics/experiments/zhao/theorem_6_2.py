"""The counterexamples to Theorem 6.2 of Zhao et al. as printed: curves in level sets, and chords far from them.

A major arc of the circle, a turn of a helix and a smooth closed level curve of a polynomial. The theorem says that the
middle of the chord is within d_max of the level set; the exact instances that refute it are those of the claim
``zhao.thm6.2.printed``. Here their level sets are sampled, and the distance is measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import sympy
import torch
import xarray as xr
from torch import Tensor

from proofs.zhao.chord_counterexamples import (
    CUT,
    Chord,
    circle_at,
    helix,
    helix_at,
    level_function,
    long_way_round,
    polynomial_level,
)
from quadrics.connectivity.chord_bounds import printed_bound
from quadrics.errors import DimensionError

from ...bridge import torch_function
from ...sweep import Engine, Progress, gather
from .theorem_6_2_view import figure, table

__all__ = ["Size", "figure", "run", "table"]

KIND = "zhao.thm6.2"

COSINE, SINE = sympy.Rational(12, 13), sympy.Rational(5, 13)
PITCH = sympy.Rational(1, 10)
DELTA = sympy.Rational(1, 100)
END = sympy.Rational(40, 41), sympy.Rational(9, 41)

T, X, Y = sympy.symbols("t x y", real=True)


@dataclass(frozen=True)
class Size:
    """How many points each level set is sampled at."""

    points: int = 20_000


QUICK = Size(points=2_000)
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
    """Sample the three level sets and measure how far the middles of the chords are from them.

    Variables by case: ``level`` (points of the level set, in space), ``ends`` (of the chord); ``distance`` (from the
    middle to the nearest sampled point), ``exact`` (the proved lower bound of the distance), ``printed`` (d_max).

    Args:
        quick: 2,000 points on each level set (``QUICK``), or 20,000 (``FULL``).
        seed: kept with the results; nothing is drawn.
        device: not used: points in the plane and in space.
        progress: called after each case.
        size: instead of ``quick``.
        folder: where blocks are kept as they are done.
        engine: who computes the blocks; this process, one after the other, if not given.

    Raises:
        DimensionError: fewer than 8 points.

    >>> data = run(size=Size(points=400))
    >>> bool((data.distance > data.printed).all())
    True
    """
    size = size or (QUICK if quick else FULL)
    if size.points < 8:
        raise DimensionError(f"points: got {size.points}; expected at least 8")
    block = partial(_block, size.points)
    settings = {"points": size.points, "seed": seed}
    return gather(CASES, block, kind=KIND, settings=settings, folder=folder, progress=progress, engine=engine).rename(
        block="case"
    )


def _block(points: int, label: str) -> xr.Dataset:
    """Measure one case."""
    chord, level, ends = CASES[label](points)
    middle = ends.mean(0)
    distance = float((level - middle).norm(dim=1).min())
    return xr.Dataset(
        {
            "level": (("point", "axis"), level.numpy()),
            "ends": (("end", "axis"), ends.numpy()),
            "distance": distance,
            "exact": float(chord.distance),
            "printed": float(printed_bound(chord.curvature, chord.chord)),
            "curvature": float(chord.curvature),
        }
    )


def _arc(points: int) -> tuple[Chord, Tensor, Tensor]:
    """The major arc of the unit circle over a short chord; the loss is the distance to it."""
    half = float(sympy.asin(SINE))
    return long_way_round(COSINE, SINE), *_curve(circle_at(T), half, 2 * np.pi - half, points)


def _helix(points: int) -> tuple[Chord, Tensor, Tensor]:
    """One turn of a helix, sampled over three: the whole zero set goes on for ever."""
    level, _ = _curve(helix_at(PITCH, T), -2 * np.pi, 4 * np.pi, points)
    _, ends = _curve(helix_at(PITCH, T), 0, 2 * np.pi, 2)
    return helix(PITCH), level, ends


def _level(points: int) -> tuple[Chord, Tensor, Tensor]:
    """A closed level curve of a polynomial, all of it: for each x the real roots of the equation in y."""
    chord = polynomial_level(DELTA, *END)
    squares = sympy.solve(level_function(DELTA, X, Y).subs(Y**2, T).expand().subs(Y**4, T**2), T)
    delta = float(DELTA)
    x = torch.cos(torch.linspace(0, np.pi, points // 4, dtype=torch.float64))
    x = float(CUT) * (1 + x) / 2 - (1 + delta) * (1 - x) / 2  # from the cut to the leftmost point, denser at both
    parts = []
    for square in squares:
        value = torch_function(square, X)(x)
        real = value >= 0
        parts += [_in_space(x[real], sign * value[real].sqrt()) for sign in (1, -1)]
    level = torch.cat(parts)
    padded = torch.cat([level, level[-1:].expand(points - len(level), 3)])
    end = float(END[0] * (1 + CUT) - 1), float(chord.chord) / 2
    ends = torch.tensor([[end[0], end[1], 0], [end[0], -end[1], 0]], dtype=torch.float64)
    return chord, padded, ends


def _curve(formulas: list[Any], start: float, end: float, points: int) -> tuple[Tensor, Tensor]:
    """Points of a curve at equal steps of its parameter, and its ends."""
    t = torch.linspace(start, end, points, dtype=torch.float64)
    curve = _in_space(*(torch_function(formula, T)(t) for formula in formulas))
    return curve, curve[[0, -1]]


def _in_space(*coordinates: Tensor) -> Tensor:
    missing = [torch.zeros_like(coordinates[0])] * (3 - len(coordinates))
    return torch.stack([*coordinates, *missing], 1)


CASES: dict[str, Callable[[int], tuple[Chord, Tensor, Tensor]]] = {
    "major arc": _arc,
    "helix": _helix,
    "level curve": _level,
}
