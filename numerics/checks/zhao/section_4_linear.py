"""Measurements for section 4.1: invariance of the loss, paths inside the minimum, components counted on samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import Any

import sympy
import torch
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.connectivity.factorizations import FactorizationPath, Factorizations
from quadrics.connectivity.gl_paths import gl_path
from quadrics.connectivity.group_actions import act
from quadrics.connectivity.linear_networks import chain_product, parametrization, squared_loss

from ...bridge import torch_function
from ..sampling import EPS, generator
from .homogeneous_pairs import largest
from .section_3 import along, class_counts, well_conditioned

H = 2
WEIGHTS = tuple(sympy.Matrix(H, H, sympy.symbols(f"w{i}_:{H * H}", real=True)) for i in range(3))
ELEMENTS = tuple(sympy.Matrix(H, H, sympy.symbols(f"g{i}_:{H * H}", real=True)) for i in range(2))
X = sympy.Matrix(H, H, sympy.symbols(f"x_:{H * H}", real=True))
Y = sympy.Matrix(H, H, sympy.symbols(f"y_:{H * H}", real=True))

# Each entry of a product of k matrices of size h is a sum of products: rounding moves it by at most k h eps times the
# product of the norms, and an inverse of size 2 (cofactors over a determinant) by 8 eps cond |g⁻¹|. Seven factors.
STEPS = 7 * H + 8


@lru_cache(maxsize=1)
def _loss() -> Any:
    return torch_function(squared_loss(WEIGHTS, X, Y), (*WEIGHTS, X, Y))


def _norm(matrices: Tensor) -> Tensor:
    norm: Tensor = torch.linalg.matrix_norm(matrices)
    return norm


Move = Callable[[Sequence[Any], Sequence[Any]], Any]


def _invariant(move: Move, context: Context) -> Outcome:
    """sqrt L(g·W) = sqrt L(W), l = 3, h = 2: a norm of residuals, each off by STEPS eps times the sizes of factors."""
    source = generator(context, "act4.1")
    number = context.pick(quick=2_000, full=50_000)
    W = [torch.randn(number, H, H, generator=source, dtype=torch.float64) for _ in range(3)]
    data = [torch.randn(number, H, H, generator=source, dtype=torch.float64) for _ in range(2)]
    g = well_conditioned(source, number, 2, H)
    moved = torch_function(squared_loss(move(ELEMENTS, WEIGHTS), X, Y), (*ELEMENTS, *WEIGHTS, X, Y))
    after, before = moved(g[:, 0], g[:, 1], *W, *data), _loss()(*W, *data)
    size = _norm(W[0]) * _norm(W[1]) * _norm(W[2]) * _norm(data[0])
    for k in range(2):
        size = size * torch.linalg.cond(g[:, k], "fro") ** 2
    tolerance = STEPS * EPS * (size + _norm(data[1]))
    worst = largest((after.sqrt() - before.sqrt()).abs() / tolerance)
    return decided(worst <= 1, worst_in_tolerances=worst)


def _zero_along(straight: bool, context: Context) -> Outcome:
    """The loss at 1,000 points of f(g_1(t), g_2(t)), polygons g_i between random matrices of one sign, h = 2, l = 3.

    Or, straight, at 1,000 points of the segment between the same two minima.
    """
    source, worst = generator(context, "cor4.2 paths"), 0.0
    layers = [torch_function(W, (*ELEMENTS, X, Y)) for W in parametrization(ELEMENTS, X, Y)]
    for _ in range(context.pick(quick=10, full=100)):
        g = well_conditioned(source, 4, 1, H)[:, 0]
        g[2:] = torch.where(
            (torch.linalg.det(g[:2]) * torch.linalg.det(g[2:]) < 0)[:, None, None], g[2:].flip(1), g[2:]
        )
        data = well_conditioned(source, 2, 1, H)[:, 0]
        polygons = [gl_path(a.tolist(), b.tolist()) for a, b in zip(g[:2], g[2:], strict=True)]
        moving = [along(torch.tensor([V.tolist() for V in p], dtype=torch.float64), 1_000) for p in polygons]
        W = [layer(*moving, *(one.expand(1_000, H, H) for one in data)) for layer in layers]
        if straight:
            W = [along(torch.stack([one[0], one[-1]]), 1_000) for one in W]
        loss = _loss()(*W, *(one.expand(1_000, H, H) for one in data))
        size = _norm(W[0]) * _norm(W[1]) * _norm(W[2]) * _norm(data[0])
        for one in moving:
            size = size * torch.linalg.cond(one, "fro")
        tolerance = STEPS * EPS * (size * torch.linalg.cond(data[0], "fro") + _norm(data[1]))
        worst = max(worst, largest(loss.sqrt() / tolerance))
    return decided(worst <= 1, worst_in_tolerances=worst)


Number = Callable[[int, int], int]


def _classes_of_minima(number: Number, context: Context) -> Outcome:
    """Random points of the minimum, in coordinates, joined where the segment in each coordinate is safely in GL_h.

    Each such segment is a path in the minimum; points of different signs are never joined, so the classes are exact as
    soon as there is one for each sign vector.
    """
    sizes = [(1, 2), (1, 4), (2, 3), (3, 3), *context.pick(quick=[], full=[(2, 4)])]
    found = class_counts(sizes, context)
    return decided(all(number(*size) == count for size, count in found.items()), found=str(found))


# -- any widths -------------------------------------------------------------------------------------------------------
def _random_matrix(random: Random, rows: int, columns: int) -> Any:
    return sympy.Matrix(rows, columns, lambda *_: random.randint(-3, 3))


def _random_element(random: Random, size: int) -> Any:
    while True:
        g = _random_matrix(random, size, size)
        if g.det() != 0:
            return g


Follow = Callable[[FactorizationPath], Callable[[Any], Any]]


def _stays(follow: Follow, context: Context) -> Outcome:
    """Random integer networks and their images under basis changes, with something unseen added; exact residuals."""
    random, tried, joined = Random(context.seed_for("rectangular")), 0, 0
    while joined < context.pick(quick=12, full=150):
        widths = [random.randint(1, 3) for _ in range(random.randint(1, 3))]
        sizes = [random.randint(1, 3), *widths, random.randint(1, 3)]
        start = [_random_matrix(random, b, a) for a, b in pairwise(sizes)]
        A = chain_product(start)
        end = list(act([_random_element(random, h) for h in widths], start))
        unseen = end[1].nullspace()
        if unseen:
            end[0] = end[0] + unseen[0] * _random_matrix(random, 1, sizes[0])
        space, tried = Factorizations(A, tuple(widths)), tried + 1
        if space.component_of(start) == space.component_of(end):
            joined += 1
            path = follow(space.path(start, end))
            times = [sympy.Rational(k, 13) for k in range(14)]
            if not all(chain_product(path(t)) == A for t in times) or list(path(1)) != end or list(path(0)) != start:
                return decided(False, sizes=sizes)
    return decided(True, pairs=tried, in_one_component=joined)


def _straight_line(path: FactorizationPath) -> Callable[[Any], Any]:
    return lambda t: [W + t * (V - W) for W, V in zip(path.start, path.end, strict=True)]


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "zhao.act4.1": (
        measurement(
            "random weights and basis changes, h = 2, l = 3: the loss before and after, to rounding",
            lambda: act,
            _invariant,
            [Control("the last layer left alone", lambda move: lambda g, W: (*move(g, W)[:-1], W[-1]))],
        ),
    ),
    "zhao.cor4.2": (
        measurement(
            "1,000 points of paths between random minima, h = 2, l = 3: zero loss, to rounding",
            lambda: False,
            _zero_along,
            [Control("the straight segments", lambda straight: True)],
        ),
        measurement(
            "random minima joined by verified segments in the coordinates: as many classes as the formula says",
            lambda: lambda h, depth: int(2 ** (depth - 1)),
            _classes_of_minima,
            [
                Control("2^l", lambda number: lambda h, depth: int(2**depth)),
                Control("h^(l-1)", lambda number: lambda h, depth: int(h ** (depth - 1))),
            ],
        ),
    ),
    "beyond.zhao.rectangular": (
        measurement(
            "random networks of one to three hidden layers, joined to images under basis changes: exact residuals",
            lambda: lambda path: path,
            _stays,
            [Control("the straight segments", lambda follow: _straight_line)],
        ),
    ),
}
