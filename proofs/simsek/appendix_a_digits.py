"""Figure 1 (d, e) and appendix A.1: experiments on three hidden layers and on the norm of the gradient along training.

The measurements on trained networks are in ``numerics.checks.simsek.appendix_a_deep``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Any

import sympy as sp

from quadrics.turning_points import largest_rise, turning_points

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..evidence import Outcome, decided
from .expansion_checks import PAPER

Run = Sequence[sp.Integer]


@dataclass(frozen=True)
class Statistics:
    """How far and how often a run rises again."""

    rise: Callable[[Run], Any]
    turns: Callable[[Run], int]


def _runs(context: Context) -> Iterator[tuple[sp.Integer, ...]]:
    """All runs of 2 to 5 (quick) or 6 (full) values out of 1, 2, 3, 5."""
    values = tuple(map(sp.Integer, (1, 2, 3, 5)))
    for length in range(2, context.pick(quick=6, full=7)):
        yield from product(values, repeat=length)


def _pieces(run: Run) -> int:
    """The least number of consecutive monotone pieces, each beginning where the last one ends, by trying all cuts."""
    least = {0: 0}
    for end in range(1, len(run)):
        options = []
        for start in range(end):
            piece = run[start : end + 1]
            if all(a <= b for a, b in pairwise(piece)) or all(a >= b for a, b in pairwise(piece)):
                options.append(least[start] + 1)
        least[end] = min(options)
    return least[len(run) - 1]


def _against_all_pairs(statistics: Statistics, context: Context) -> Outcome:
    """The rise is the largest quotient over all pairs s < t, the turns are the monotone pieces less one."""
    seen = 0
    for run in _runs(context):
        quotients = [run[t] / run[s] for t in range(len(run)) for s in range(t)]
        if statistics.rise(run) != max(quotients):
            return decided(False, run=run, rise=statistics.rise(run), largest=max(quotients))
        if statistics.turns(run) != _pieces(run) - 1:
            return decided(False, run=run, turns=statistics.turns(run), pieces=_pieces(run))
        seen += 1
    return decided(True, runs=seen)


def _units_and_order(statistics: Statistics, context: Context) -> Outcome:
    """Neither depends on units; the rise is at most 1 exactly for runs that never increase; squares square it."""
    for run in _runs(context):
        scaled, squared = [3 * g for g in run], [g**2 for g in run]
        rise, turns = statistics.rise(run), statistics.turns(run)
        same = statistics.rise(scaled) == rise and statistics.turns(scaled) == statistics.turns(squared) == turns
        if not same or statistics.rise(squared) != rise**2:
            return decided(False, run=run)
        if (rise <= 1) != all(a >= b for a, b in pairwise(run)):
            return decided(False, run=run, rise=rise)
    return decided(True)


def _definition() -> Statistics:
    return Statistics(largest_rise, turning_points)


def _count_pauses(run: Run) -> int:
    """A mutant: every change of direction counts, a pause being a direction too."""
    return sum(a != b for a, b in pairwise([sp.sign(b - a) for a, b in pairwise(run)]))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.fig1e",
        Kind.EXPERIMENT,
        "Three hidden layers: the wider the students, the smaller their loss",
        Source(PAPER, "Figure 1 (d, e)", "1"),
        r"A teacher with tanh units, biases and three hidden layers of width 4 is fitted to "
        r"$\sin 2x_1+x_1+\cos 3x_2-\frac25(x_2-1)^2$ on a grid, which it does not fit exactly. Students of width 5 and "
        r"more contain it, so that a loss of zero is possible. After equally many steps of Adam and of "
        r"Levenberg-Marquardt from Glorot's initialization, students of width 10 have losses smaller by more than a "
        r"factor of 10 than those of width 5 (here by 100 and more in the median), and these smaller ones than "
        r"students of width 3. In a run of this length none gets to zero: it does not tell a local minimum from a slow "
        "descent.",
        uses=("simsek.eq8",),
        missing="how many students of which widths (5-5-5 and 20-20-20 in the authors' code), when a student counts as "
        "at a global minimum, the initialization and training of the teacher, and that the networks have biases, "
        "which the model of section 5 has not",
    ),
    Claim(
        "simsek.grad-norm",
        Kind.DEFINITION,
        "How far and how often a norm rises again",
        Source(PAPER, "Figure 2 of the appendix", "A.1"),
        r"Of the squared norms $g_0,\dots,g_T>0$ of the gradients along training: the largest rise "
        r"$\max_{s<t} g_t/g_s$, in decades $\max_t\log_{10}(g_t/\min_{s<t}g_s)$, and the number of turning points, the "
        r"sign changes among the nonzero increments $g_{t+1}-g_t$. The paper describes both in words (the norm "
        r"decreases and then increases; a zigzag).",
        evidence=(
            enumeration(
                "all runs of up to 5 (quick) or 6 (full) of the values 1, 2, 3, 5, against all pairs and all cuts",
                _definition,
                _against_all_pairs,
                [
                    Control(
                        "the largest over the smallest, whichever comes first",
                        lambda s: replace(s, rise=lambda run: max(run) / min(run)),
                    ),
                    Control(
                        "with time running backwards", lambda s: replace(s, rise=lambda run: largest_rise(run[::-1]))
                    ),
                    Control(
                        "over neighbours only",
                        lambda s: replace(s, rise=lambda run: max(b / a for a, b in pairwise(run))),
                    ),
                    Control("pauses count as turns", lambda s: replace(s, turns=_count_pauses)),
                    Control("monotone pieces", lambda s: replace(s, turns=lambda run: turning_points(run) + 1)),
                ],
            ),
            enumeration(
                "units, squares, and runs that never increase, on the same runs",
                _definition,
                _units_and_order,
                [
                    Control(
                        "differences instead of quotients",
                        lambda s: replace(
                            s, rise=lambda run: max(run[t] - run[s] for t in range(len(run)) for s in range(t))
                        ),
                    ),
                    Control("the last over the first", lambda s: replace(s, rise=lambda run: run[-1] / run[0])),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.appA1.mnist",
        Kind.EXPERIMENT,
        "Narrow networks dip and rise once and slowly, wide ones zigzag",
        Source(PAPER, "Figure 2 of the appendix", "A.1"),
        r"Two-layer softplus networks learn scikit-learn's digits, or a fixed part of them, by Adam from Glorot's "
        r"initialization, the whole sample at each step. In most networks of width 5 and 20 the squared norm of the "
        r"gradient falls, rises once, and falls for good. At width 100 and 250 its largest rise takes less than a "
        r"fifth of the steps, and at width 250 it turns more often. The narrower the network, the later it leaves the "
        r"plateau at a loss of about $\log 10$, and the larger is the largest rise of the norm of its updates. That a "
        r"dip is an approach to a saddle is the paper's reading of it, which none of this proves.",
        uses=("simsek.grad-norm",),
        missing="the widths, the learning rate, the number of steps and of seeds, and whether there are biases (in the "
        "authors' code: widths 10 to 1000, 500 steps, 10 seeds, biases); MNIST comes with no package, so that "
        "scikit-learn's 1,797 digits of 8 x 8 pixels stand in for it",
    ),
)
