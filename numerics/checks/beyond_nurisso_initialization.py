"""Measurements for uniform and orthogonal initialization, and for Xavier against Kaiming."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
import torch

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.initialization import (
    HiddenBias,
    ball_in_cube,
    kaiming_normal,
    kaiming_uniform,
    orthogonal,
    pytorch_default,
    uniform,
    xavier_normal,
    xavier_uniform,
)

from ..initialize import torchs_own
from ..intervals import proportion_interval
from .initial_draws import Cell, draws, fits, probability_of_obstruction, within

PLAIN, BIASED = pytorch_default(), pytorch_default(HiddenBias.DRAWN)
TOY = uniform(sympy.sqrt(2), sympy.sqrt(2))

UNIFORM = (
    Cell(PLAIN, 2, 10),
    Cell(PLAIN, 3, 3),
    Cell(PLAIN, 3, 1),
    Cell(BIASED, 2, 2),
    Cell(BIASED, 1, 4),
    Cell(kaiming_uniform(), 4, 6),
    Cell(xavier_uniform(), 3, 5),
    Cell(TOY, 2, 2),
)
FRAMES = (Cell(orthogonal(), 2, 3), Cell(orthogonal(), 4, 5), Cell(orthogonal(), 6, 6), Cell(orthogonal(), 5, 3))
WIDE_FRAMES = (Cell(orthogonal(), 2, 4), Cell(orthogonal(), 3, 5), Cell(orthogonal(), 3, 8))


def _single(cell: Cell) -> Any:
    return cell.scheme.pathological_probability(cell.d, cell.l)


def _torch_layers(claimed: Callable[[Cell], Any], context: Context) -> Outcome:
    """nn.Linear as it comes, 64 neurons wide, every neuron a draw of its own (they are independent)."""
    seen = {}
    for scheme in (PLAIN, BIASED):
        cell = Cell(scheme, 2, 64)
        source = torch.Generator().manual_seed(context.seed_for(f"nn.Linear, {scheme.bias}"))
        negative = torchs_own(scheme, context.pick(quick=1_000, full=20_000), 2, 64, source).imbalance() < 0
        interval = proportion_interval(int(negative.sum()), negative.numel())
        seen[str(cell)] = str(interval)
        if not within(interval, claimed(cell)):
            return decided(False, at=str(cell), interval=str(interval))
    return decided(True, intervals=seen)


def _most(bound: Callable[[int, int], Any], context: Context) -> Outcome:
    """The largest number of pathological neurons in a network: never above the bound, which l <= d + 1 reaches."""
    seen = {}
    for cell in (*FRAMES, *WIDE_FRAMES):
        found, most = draws(context, cell).largest, int(bound(cell.d, cell.l))
        seen[str(cell)] = found
        if found > most or (cell.l <= cell.d + 1 and found < most):
            return decided(False, at=str(cell), found=found, claimed=most)
    return decided(True, largest=seen)


def _order(sign: Callable[[int, int], int], context: Context) -> Outcome:
    """Cells on both sides of d = l²: which scheme has more disconnected invariant sets, by disjoint intervals."""
    seen = {}
    for d, l in ((3, 4), (5, 10), (8, 5), (40, 2), (60, 3)):
        xavier, kaiming = (
            draws(context, Cell(make(), d, l), quick=40_000).layer for make in (xavier_normal, kaiming_normal)
        )
        apart = 1 if xavier.low > kaiming.high else -1 if xavier.high < kaiming.low else 0
        seen[f"d = {d}, l = {l}"] = f"Xavier {xavier}, Kaiming {kaiming}"
        if apart == 0:
            return decided(None, intervals=seen)
        if apart != sign(d, l):
            return decided(False, intervals=seen)
    return decided(True, intervals=seen)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "beyond.nurisso.uniform-init": (
        measurement(
            "networks with uniform weights, the toy example's among them: at least one pathological neuron",
            lambda: probability_of_obstruction,
            fits(UNIFORM),
            [
                Control("the hidden bias left out", lambda p: lambda c: p(c._replace(scheme=_unbiased(c)))),
                Control("the probability for one neuron more", lambda p: lambda c: p(c._replace(l=c.l + 1))),
            ],
        ),
        measurement(
            "the same networks: one neuron",
            lambda: _single,
            fits(UNIFORM, one_neuron=True),
            [
                Control(
                    "the formula of r <= 1 for r > 1, too",
                    lambda p: lambda c: ball_in_cube(c.scheme.coordinates(c.d), c.scheme.radius(c.d, c.l)),
                )
            ],
        ),
        measurement(
            "torch's own nn.Linear, with and without bias",
            lambda: _single,
            _torch_layers,
            [Control("Kaiming normal's probability", lambda p: lambda c: p(c._replace(scheme=kaiming_normal())))],
        ),
    ),
    "beyond.nurisso.orthogonal-init": (
        measurement(
            "Haar frames, l <= d + 1: at least one pathological neuron",
            lambda: probability_of_obstruction,
            fits(FRAMES),
            [Control("Kaiming normal's probability", lambda p: lambda c: p(c._replace(scheme=kaiming_normal())))],
        ),
        measurement(
            "Haar frames, l > d + 1: one neuron",
            lambda: _single,
            fits(WIDE_FRAMES, one_neuron=True),
            [Control("one input more", lambda p: lambda c: p(c._replace(d=c.d + 1)))],
        ),
        measurement(
            "Haar frames: the largest number of pathological neurons",
            lambda: orthogonal().largest_number_of_pathological,
            _most,
            [
                Control("one less", lambda bound: lambda d, l: bound(d, l) - 1),
                Control("one more", lambda bound: lambda d, l: bound(d, l) + 1),
            ],
        ),
    ),
    "beyond.nurisso.xavier-kaiming-crossover": (
        measurement(
            "networks on both sides of d = l²",
            lambda: lambda d, l: (l**2 > d) - (l**2 < d),
            _order,
            [
                Control("d = l instead", lambda sign: lambda d, l: (l > d) - (l < d)),
                Control("exchanged", lambda sign: lambda d, l: -sign(d, l)),
            ],
        ),
    ),
}


def _unbiased(cell: Cell) -> Any:
    return PLAIN if cell.scheme.bias is HiddenBias.DRAWN else cell.scheme
