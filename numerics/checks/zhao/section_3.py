"""Measurements for section 3: components of GL_n counted on random matrices, and paths between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.connectivity.gl_paths import gl_path

from ..sampling import EPS, generator
from .determinant_roots import classes


def well_conditioned(source: torch.Generator, number: int, factors: int, n: int) -> Tensor:
    """Return (number, factors, n, n): standard normal matrices of condition at most 100.

    >>> g = well_conditioned(torch.Generator().manual_seed(0), 10, 2, 3)
    >>> g.shape, bool((torch.linalg.cond(g) <= 100).all())
    (torch.Size([10, 2, 3, 3]), True)
    """
    drawn = torch.randn(20 * number, factors, n, n, generator=source, dtype=torch.float64)
    return drawn[(torch.linalg.cond(drawn) <= 100).all(1)][:number]


def class_counts(sizes: list[tuple[int, int]], context: Context) -> dict[tuple[int, int], int]:
    """Return the number of classes of random points of GL_h^(l-1), for each (h, l), counted once in a run."""

    def compute() -> dict[tuple[int, int], int]:
        source, found = generator(context, f"classes {sizes}"), {}
        for h, depth in sizes:
            drawn = well_conditioned(source, context.pick(quick=150, full=600), depth - 1, h)
            found[h, depth] = int(classes(drawn).max()) + 1
        return found

    return context.once(("classes of matrices", *sizes), compute)


Number = Callable[[int], int]


def _classes_of_matrices(number: Number, context: Context) -> Outcome:
    """Random matrices, joined by segments that are shown to be free of singular ones."""
    sizes = [(n, 2) for n in (1, 2, 3, 4)]
    found = {n: count for (n, _), count in class_counts(sizes, context).items()}
    return decided(all(number(n) == count for n, count in found.items()), found=found)


Polygon = Callable[[Tensor, Tensor], list[Any]]


def _keeps_away_from_singular(polygon: Polygon, context: Context) -> Outcome:
    """The least singular value at 1,000 points of the path, between random matrices of one sign of determinant.

    The computed singular values are off by at most n eps |g| (backward stability; Weyl), the points by 2 eps |g|: above
    4 n eps |g| the matrix is invertible. Neighbouring points have determinants of one sign.
    """
    source, closest = generator(context, "gl paths"), float("inf")
    for n in (2, 3, 5):
        drawn = well_conditioned(source, context.pick(quick=12, full=80), 1, n)[:, 0]
        drawn[torch.linalg.det(drawn) < 0, 0] *= -1
        for A, B in zip(drawn[::2], drawn[1::2], strict=True):
            vertices = torch.stack([torch.tensor(V.tolist(), dtype=torch.float64) for V in polygon(A, B)])
            points = along(vertices, 1_000)
            values = torch.linalg.svdvals(points)
            gap = (values[:, -1] / (4 * n * EPS * values[:, 0])).min()
            closest = min(closest, float(gap))
            if not torch.equal(vertices[0], A) or not torch.equal(vertices[-1], B):
                return decided(False, ends="other than asked for")
            if gap <= 1 or (torch.linalg.det(points).sign() != 1).any():
                return decided(False, n=n, least_gap_in_tolerances=float(gap))
    return decided(True, least_gap_in_tolerances=closest)


def along(vertices: Tensor, number: int) -> Tensor:
    """Return ``number`` points of a polygon (k, n, n), the same number on each segment up to one, with both ends.

    >>> along(torch.tensor([[[0.0]], [[1.0]], [[3.0]]]), 5).flatten().tolist()
    [0.0, 0.5, 1.0, 2.0, 3.0]
    """
    segments = len(vertices) - 1
    time = torch.linspace(0, segments, number, dtype=vertices.dtype)
    k = time.floor().clamp(max=segments - 1).long()
    rest = (time - k)[:, None, None]
    return (1 - rest) * vertices[k] + rest * vertices[k + 1]


def _straight(polygon: Polygon) -> Polygon:
    return lambda A, B: [polygon(A, B)[0], polygon(A, B)[-1]]


def _exact(A: Tensor, B: Tensor) -> list[Any]:
    return gl_path(A.tolist(), B.tolist())


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "zhao.factGL": (
        measurement(
            "random matrices, n up to 4, joined by segments without singular matrices (eigenvalues, not signs)",
            lambda: lambda n: 2,
            _classes_of_matrices,
            [Control("one class", lambda number: lambda n: 1), Control("n classes", lambda number: lambda n: n)],
        ),
        measurement(
            "paths between random matrices, n = 2, 3, 5: least singular value at 1,000 points above rounding",
            lambda: _exact,
            _keeps_away_from_singular,
            [Control("the straight segments", _straight)],
        ),
    ),
}
