"""Measurements for section 4.2: components of the minimum counted on samples, losses along paths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import sympy
import torch
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement
from proofs.evidence import Truth
from quadrics.connectivity.residual_blocks import ResidualBlock, number_of_invertible_blocks
from quadrics.connectivity.residual_networks import three_layers
from quadrics.connectivity.residual_paths import block_matrix

from ...bridge import TorchFunction, torch_function
from ...experiments.zhao import figure_1
from ..sampling import EPS, generator
from .homogeneous_pairs import largest
from .segment_roots import Join, classes, layers, parameters, rootless, same_signs

Number = Callable[[int, tuple[int, ...], bool], Any]

ONE = tuple((1, (1,) * k) for k in (1, 2, 3))
SQUARE = ((2, (2,)), (2, (2, 2)), (3, (3,)))
OTHER = ((1, (2,)), (2, (1,)), (1, (3,)), (2, (3,)), (3, (2,)), (2, (1, 1)), (3, (1, 1)))


@dataclass(frozen=True)
class Counting:
    """A number of components for every block, the blocks to count, and how points are joined."""

    number: Number
    blocks: Callable[[Context], list[ResidualBlock]]
    join: Join = rootless


def three_scalars(context: Context) -> list[ResidualBlock]:
    """The block of Proposition 4.3."""
    return [ResidualBlock(1, (1,), skip) for skip in (0, 1, -1)]


def three_squares(context: Context) -> list[ResidualBlock]:
    """The block of eq. (2) in one to three dimensions."""
    return [ResidualBlock(n, (n,), skip) for n in (1, 2, 3) for skip in (0, 1)]


def all_blocks(context: Context) -> list[ResidualBlock]:
    """Blocks of two to four layers, with and without a skip; without one, hidden layers no narrower than n."""
    shapes = (*ONE, *SQUARE, *OTHER)
    chosen = context.pick(quick=[s for s in shapes if s != (2, (2, 2))], full=list(shapes))
    skips = context.pick(quick=(1, 0), full=(1, -1, 0))
    return [ResidualBlock(n, hidden, skip) for n, hidden in chosen for skip in skips if skip or min(hidden) >= n]


def count(statement: Counting, context: Context) -> Outcome:
    """Whether random points of each block fall into as many classes as the statement says.

    Points joined by a segment without root are certainly in one component: the classes of the sample, further points
    of all sizes helping to join them, are at least as many as its components. An invariant that cannot change along a
    path (exact, at the same points) says that there are no fewer than so many. Where both agree the number is certain.
    """
    found: dict[str, str] = {}
    answers = set()
    for block in statement.blocks(context):
        compute = partial(_bounds, block, statement.join, context)
        at_least, at_most = context.once(("zhao: classes of", block, statement.join), compute)
        said = statement.number(block.width, block.hidden, bool(block.skip))
        if at_least > at_most or not at_least <= said <= at_most:
            answers.add(Truth.VIOLATED)
        elif at_least < at_most:
            answers.add(Truth.UNDECIDED)
        found[f"{block.width} {block.hidden} {block.skip}"] = f"{at_least} to {at_most}, said {said}"
    worst = Truth.VIOLATED if Truth.VIOLATED in answers else Truth.UNDECIDED if answers else Truth.HOLDS
    return decided({Truth.VIOLATED: False, Truth.UNDECIDED: None, Truth.HOLDS: True}[worst], **found)


def _bounds(block: ResidualBlock, join: Join, context: Context) -> tuple[int, int]:
    """Values of the invariant on a sample of weights, and classes of the sample."""
    source = generator(context, f"residual {block}")
    D = parameters(block)
    # In one dimension a vector of signs of the j weights has a share of 2^-j of the sample: 20 points or more for each.
    number = context.pick(quick=20, full=40) * 2**block.depth if block.width == 1 else 60
    sample = 1.5 * torch.randn(number, D, generator=source, dtype=torch.float64)
    labels = {block.component_of([W.tolist() for W in layers(block, point)]) for point in sample}
    points = sample
    at_most = number
    for _ in range(context.pick(quick=4, full=8)):
        sizes = torch.exp2(-4 * torch.rand(120, 1, generator=source, dtype=torch.float64) + 1)
        more = sizes * torch.randn(120, D, generator=source, dtype=torch.float64)
        points = torch.cat([points, more])
        at_most = len(set(classes(block, points, join)[:number].tolist()))
        if at_most <= len(labels):
            break
    return len(labels), at_most


# -- figure 1 ---------------------------------------------------------------------------------------------------------
def on_the_surfaces(number: Number, context: Context) -> Outcome:
    """The experiment of figure 1: pieces of one sign on its grid, and its mesh on the minimum, in the right component.

    W_3 = 1/p is rounded four times: 1 - W_3 p computed again is off by at most 8 eps (1 + |W_3| (|W_1 W_2| + ε)).
    """
    data = context.once("zhao figure 1", lambda: figure_1.run(context.mode == "quick", context.seed, context.device))
    for panel, skip in enumerate(figure_1.SKIPS):
        one, block = data.isel(panel=panel), ResidualBlock(1, (1,), skip)
        if not int(one.grid) == int(one.cells) == number(1, (1,), bool(skip)):
            return decided(False, skip=skip, grid=int(one.grid), cells=int(one.cells))
        for k, component in enumerate(block.components()):
            W1, W2, W3 = (torch.tensor(one[name].values[k]).reshape(-1, 1, 1) for name in ("w1", "w2", "w3"))
            ones = torch.ones_like(W1)
            loss = _norm(_residual(1, sympy.Integer(skip))(W1, W2, W3, ones, ones))
            if not bool((loss <= 8 * EPS * (1 + _norm(W3) * (_norm(W1 * W2) + skip))).all()):
                return decided(False, skip=skip, loss=float(loss.max()))
            for a, b in zip(W1.flatten()[::37].tolist(), W2.flatten()[::37].tolist(), strict=True):
                if block.component_of([[[a]], [[b]]]) != component:
                    return decided(False, skip=skip, at=(a, b))
    return decided(True, grid=data.attrs["grid"])


# -- losses -----------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=8)
def _residual(n: int, skip: Any) -> TorchFunction:
    """Y - W_3 (W_2 W_1 + ε I) X as a function of W_1, W_2, W_3, X, Y."""
    symbols = [sympy.MatrixSymbol(name, n, n) for name in ("W1", "W2", "W3", "X", "Y")]
    W1, W2, W3, X, Y = (one.as_explicit() for one in symbols)
    return torch_function(Y - W3 * block_matrix((W1, W2), skip) * X, symbols)


def _norm(matrix: Tensor) -> Tensor:
    norm: Tensor = torch.linalg.matrix_norm(matrix)
    return norm


def on_the_minimum(skip_in_loss: Any, context: Context) -> Outcome:
    """The loss with W_3 = Y (M X)⁻¹ from torch's solver, n = 1, 2, 3, ε = 1/2, against the rounding of the solver.

    Solving is backward stable: the residual is at most 8 n^3 eps |W_3| |M X|, and computing M X, twice, moves it by
    4 n eps |W_3| times the product of the norms.
    """
    worst = 0.0
    for n in (1, 2, 3):
        source = generator(context, f"eq2 {n}")
        number = context.pick(quick=1_000, full=20_000)
        W1, W2, X, Y = (torch.randn(number, n, n, generator=source, dtype=torch.float64) for _ in range(4))
        block = torch_function(block_matrix(_symbols(n), sympy.Rational(1, 2)), _symbols(n))(W1, W2)
        W3 = torch.linalg.solve(block @ X, Y, left=False)
        loss = _norm(_residual(n, skip_in_loss)(W1, W2, W3, X, Y))
        size = (_norm(W1) * _norm(W2) + 0.5 * n**0.5) * _norm(X)
        tolerance = EPS * (8 * n**3 + 8 * n) * (_norm(W3) * size + _norm(Y))
        worst = max(worst, largest(loss / tolerance))
    return decided(worst <= 1, worst_in_tolerances=worst)


def _symbols(n: int) -> tuple[Any, ...]:
    return tuple(sympy.Matrix(n, n, sympy.symbols(f"w{i}_:{n * n}", real=True)) for i in (1, 2))


def along_paths(straight: bool, context: Context) -> Outcome:
    """The loss on 33 points of paths between random minima of one component; or, straight, of segments.

    Weights are exact and rounded once, each by eps: the residual moves by 4 eps |W_3| |W_2 W_1 + ε I| |X| in norms,
    and its computation adds 4 n such roundings.
    """
    skip, worst, joined = sympy.Rational(-1, 2), 0.0, 0
    times = [sympy.Rational(k, 32) for k in range(33)]
    for n in context.pick(quick=(1, 2, 3), full=(1, 2, 3, 4)):
        source = generator(context, f"residual paths {n}")
        wanted = context.pick(quick=3, full=20)
        network = three_layers(sympy.eye(n) + sympy.ones(n, n), sympy.eye(n), skip)
        X, Y = (_stacked([one])[0] for one in (network.X, network.Y))
        pairs = 0
        while pairs < wanted:
            drawn = torch.randint(-12, 13, (2, 2, n, n), generator=source).double() / 4
            if not all(network.blocks[0].contains(one.tolist()) for one in drawn):
                continue
            start, end = (network.parametrize(one.tolist()) for one in drawn)
            if network.component_of(start) != network.component_of(end):
                continue
            pairs += 1
            path = network.path(start, end)
            points = [
                [a + t * (b - a) for a, b in zip(start, end, strict=True)] if straight else path(t) for t in times
            ]
            W1, W2, W3 = (_stacked([one[i] for one in points]) for i in range(3))
            loss = _norm(_residual(n, skip)(W1, W2, W3, X.expand_as(W1), Y.expand_as(W1)))
            size = _norm(W3) * (_norm(W1) * _norm(W2) + float(abs(skip)) * n**0.5) * _norm(X)
            worst = max(worst, largest(loss / ((4 + 4 * n) * EPS * (size + _norm(Y)))))
        joined += pairs
    return decided(worst <= 1, worst_in_tolerances=worst, paths=joined)


def _stacked(matrices: list[Any]) -> Tensor:
    return torch.tensor([[[float(x) for x in row] for row in one.tolist()] for one in matrices], dtype=torch.float64)


def square_count(n: int, hidden: tuple[int, ...], skip: bool) -> int:
    """The formula for square layers, by the width of the data alone."""
    return (1 + 2 ** len(hidden) if n == 1 else 2) if skip else number_of_invertible_blocks(n, hidden, skip)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "zhao.eq2": (
        measurement(
            "the loss at random W_1, W_2 with W_3 = Y (M X)⁻¹: zero to rounding, n = 1, 2, 3",
            lambda: sympy.Rational(1, 2),
            on_the_minimum,
            [
                Control("without the skip", lambda skip: sympy.Integer(0)),
                Control("the skip subtracted", lambda skip: -skip),
            ],
        ),
    ),
    "zhao.prop4.3": (
        measurement(
            "random points joined by segments without root: 4 classes for ε = 0, 3 for ε = 1 and -1",
            lambda: Counting(lambda n, hidden, skip: 3 if skip else 4, three_scalars),
            count,
            [
                Control("four with a skip", lambda s: replace(s, number=lambda n, hidden, skip: 4)),
                Control("three without one", lambda s: replace(s, number=lambda n, hidden, skip: 3)),
                Control(
                    "joined by signs at sample points (two classes at ε = 0)", lambda s: replace(s, join=same_signs)
                ),
            ],
        ),
    ),
    "zhao.fig1": (
        measurement(
            "pieces of one sign on a grid of 401 (quick) or 801 points a side, and the drawn meshes",
            lambda: lambda n, hidden, skip: 3 if skip else 4,
            on_the_surfaces,
            [
                Control("four with a skip", lambda number: lambda n, hidden, skip: 4),
                Control("three without one", lambda number: lambda n, hidden, skip: 3),
            ],
        ),
    ),
    "zhao.abs.skip": (
        measurement(
            "random points of the network of eq. (2), n = 1, 2, 3, joined by segments without root",
            lambda: Counting(lambda n, hidden, skip: (3 if n == 1 else 2) if skip else 4, three_squares),
            count,
            [
                Control("three for every n", lambda s: replace(s, number=lambda n, hidden, skip: 3 if skip else 4)),
                Control("no fewer with a skip", lambda s: replace(s, number=lambda n, hidden, skip: 4)),
            ],
        ),
    ),
    "beyond.zhao.skip": (
        measurement(
            "random points of blocks of two to four layers, joined by segments without root",
            lambda: Counting(number_of_invertible_blocks, all_blocks),
            count,
            [
                Control("by the width of the data alone", lambda s: replace(s, number=square_count)),
                Control(
                    "2^j",
                    lambda s: replace(s, number=lambda n, hidden, skip: 2 ** (len(hidden) + 1)),
                ),
            ],
        ),
        measurement(
            "losses on paths between random minima, n up to 3 (quick) or 4: zero to rounding",
            lambda: False,
            along_paths,
            [Control("straight segments", lambda straight: True)],
        ),
    ),
}
