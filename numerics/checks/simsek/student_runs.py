"""Measurements on the trained students of figures 1 (c) and 5: losses, and where the stuck ones are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from proofs import Context, Outcome, decided, undecided

from ...experiments.simsek.figure_5 import losses
from ...experiments.simsek.students import SUCCESS
from ...intervals import proportion_interval
from .experiment_data import figure_5_data

__all__ = [
    "AllReach",
    "Below",
    "Between",
    "Stuck",
    "all_reach",
    "some_reach",
    "stuck_runs_are",
    "wide_ones_are_below",
    "with_nothing_between",
]

Stage = Literal["loss", "adam_loss"]


@dataclass(frozen=True)
class AllReach:
    """Every student of a block has a loss below this."""

    block: str
    below: float
    stage: Stage = "loss"


def all_reach(statement: AllReach, context: Context) -> Outcome:
    """All losses of the block."""
    found = losses(figure_5_data(context), statement.block, statement.stage)
    interval = proportion_interval(int((found < statement.below).sum()), len(found), 0.95)
    return decided(
        bool((found < statement.below).all()), students=len(found), largest=float(found.max()), share=str(interval)
    )


def some_reach(block: str, context: Context) -> Outcome:
    """Some students of the block reach a loss below 1e-15, and some do not."""
    found = losses(figure_5_data(context), block)
    hits = int((found < SUCCESS).sum())
    interval = proportion_interval(hits, len(found), 0.95)
    return decided(0 < hits < len(found), students=len(found), reached=hits, share=str(interval))


@dataclass(frozen=True)
class Below:
    """All losses of the wide students are below a thousandth of the least loss that a narrow one is stuck at.

    In full mode, where they are given the time, below 1e-15 too.
    """

    wide: str
    narrow: str
    stage: Stage = "loss"


def wide_ones_are_below(statement: Below, context: Context) -> Outcome:
    """The largest loss of one block against the least stuck one of the other."""
    data = figure_5_data(context)
    wide, narrow = losses(data, statement.wide, statement.stage), losses(data, statement.narrow)
    stuck = narrow[narrow >= SUCCESS]
    if not len(stuck):
        return undecided(why="no narrow student is stuck")
    largest, least = float(wide.max()), float(stuck.min())
    limit = context.pick(quick=least / 1000, full=min(least / 1000, SUCCESS))
    return decided(largest < limit, largest=largest, least_stuck=least, students=len(wide), stuck=len(stuck))


@dataclass(frozen=True)
class Between:
    """No final loss is between ``low`` and ``high``, and some are on either side."""

    low: float = SUCCESS
    high: float = 1e-7
    stage: Stage = "loss"
    widest: int = 10


def with_nothing_between(statement: Between, context: Context) -> Outcome:
    """The losses of all students up to a width."""
    data = figure_5_data(context)
    blocks = [
        str(b) for b, width in zip(data.block.values, data.width.values, strict=True) if width <= statement.widest
    ]
    found = np.concatenate([losses(data, block, statement.stage) for block in blocks])
    low, high = found < statement.low, found > statement.high
    return decided(
        bool((low | high).all() and low.any() and high.any()),
        students=len(found),
        below=int(low.sum()),
        above=int(high.sum()),
        largest_below=float(found[low].max()) if low.any() else None,
        least_above=float(found[high].min()) if high.any() else None,
    )


@dataclass(frozen=True)
class Stuck:
    """Of the stuck students of a block none is of one kind, some are of another, and few are unfinished."""

    block: str = "sigmoid-5"
    none: str = "saddle"
    some: str = "minimum"


def stuck_runs_are(statement: Stuck, context: Context) -> Outcome:
    """The names that the experiment gave to the stuck runs; at most a quarter may be unfinished.

    Unfinished ones creep along a valley: their gradient has not vanished, and the index of their Hessian says nothing
    of a critical point.
    """
    one = figure_5_data(context).sel(block=statement.block)
    stuck = np.asarray(one.kind != "") & ~np.isnan(np.asarray(one["index"]))
    if not stuck.any():
        return undecided(why="no student is stuck")
    kinds = np.asarray(one.kind)[stuck]
    names = {str(kind): int((kinds == kind).sum()) for kind in np.unique(kinds)}
    on = np.asarray(one.distance)[stuck][kinds == "replica"]
    few = names.get("unfinished", 0) <= len(kinds) / 4
    return decided(
        statement.none not in names and statement.some in names and few,
        kinds=names,
        distances_to_critical_subspaces=on.tolist(),
    )
