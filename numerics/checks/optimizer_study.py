"""Measurements on the networks of the study of optimizers, one experiment for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import xarray as xr

from proofs import Context, Outcome, decided

from ..experiments.nurisso import optimizers
from ..experiments.nurisso.optimizers_view import lifted, rounding
from ..intervals import proportion_interval

ROUNDING = 1e-12
"""What rounding can do to c, near 0.1, in a few hundred steps that change it by less than it: 1000 eps and some."""


def study(context: Context) -> xr.Dataset:
    """The experiment, at the size that goes with the mode."""

    def compute() -> xr.Dataset:
        def tell(done: int, total: int) -> None:
            context.tell(f"training obstructed networks by several optimizers: block {done} of {total}")

        return optimizers.run(quick=context.mode == "quick", seed=context.seed, device=context.device, progress=tell)

    return context.once(optimizers.KIND, compute)


@dataclass(frozen=True)
class Rows:
    """Statements about these optimizers, at this rate (at all rates, if none is given), on these tasks."""

    names: tuple[str, ...]
    rate: float | None = None
    tasks: tuple[str, ...] = tuple(optimizers.TASKS)

    def of(self, context: Context) -> xr.Dataset:
        """Their part of the experiment."""
        part = study(context).sel(task=list(self.tasks), optimizer=list(self.names))
        return part if self.rate is None else part.sel(rate=self.rate)


def none_is_lifted(statement: Rows, context: Context) -> Outcome:
    """No neuron ever has c > 0, no output weight changes sign, no loss is below the bound; everywhere in the part."""
    data = statement.of(context)
    crossing, flips, below = (int(x.sum()) for x in (data.positive, data.flips, lifted(data)))
    return decided(crossing == flips == below == 0, crossing=crossing, flips=flips, lifted=below, runs=data.loss.size)


def some_neurons_cross(statement: Rows, context: Context) -> Outcome:
    """For each optimizer and task, c > 0 at some step in at least one neuron."""
    counts = statement.of(context).positive.astype(int).sum(("seed", "neuron"))
    return decided(bool((counts > 0).all()), crossing=counts.to_series().unstack().to_dict())


def most_are_lifted(statement: Rows, context: Context) -> Outcome:
    """For each optimizer and task, more than half the runs are, at the level of all decisions."""
    data = statement.of(context)
    counts = lifted(data).sum("seed").values.ravel()
    intervals = [proportion_interval(int(count), data.sizes["seed"]) for count in counts]
    if all(interval.low > 0.5 for interval in intervals):
        answer: bool | None = True
    else:
        answer = False if any(interval.high < 0.5 for interval in intervals) else None
    return decided(answer, lifted=[str(interval) for interval in intervals])


def all_stay(statement: Rows, context: Context) -> Outcome:
    """No c ever gets farther than rounding allows from its start, in runs that stay finite; no run flips or is lifted.

    What rounding allows grows with the steps and the weights, see :func:`rounding`: it is a bound, and far from sharp.
    """
    data = statement.of(context)
    shares = (data.excursion / rounding(data)).where(data.finite == 1)
    flips, up = int(data.flips.sum()), int(lifted(data).sum())
    return decided(
        bool((shares.max() <= 1) & (flips == 0) & (up == 0)),
        largest_share_of_rounding=float(shares.max()),
        largest_drift=float(data.excursion.where(data.finite == 1).max()),
        flips=flips,
        lifted=up,
        runs=data.loss.size,
        finite=int(data.finite.sum()),
    )


def none_falls(statement: Rows, context: Context) -> Outcome:
    """At the end no c is below where it started."""
    rise = statement.of(context).rise
    return decided(bool((rise >= -ROUNDING).all()), least=float(rise.min()), neurons=rise.size)


def most_fall(statement: Rows, context: Context) -> Outcome:
    """At the end more than half of all c are below where they started, in each run on average."""
    falling = (statement.of(context).rise < -ROUNDING).mean("neuron")
    interval: Any = proportion_interval(int((falling > 0.5).sum()), falling.size)
    answer = True if interval.low > 0.5 else False if interval.high < 0.5 else None
    return decided(answer, runs_where_most_fall=str(interval), share=float(falling.mean()))


def no_early_flips(names: tuple[str, ...], context: Context) -> Outcome:
    """No output weight changes sign at a step where c < 0, in runs where h|v| <= 1 throughout."""
    data = study(context).sel(optimizer=list(names))
    gentle = (data.force <= 1).all("neuron")
    flips = int(data.early.where(gentle, 0).sum())
    return decided(flips == 0, flips=flips, runs=int(gentle.sum()))


@dataclass(frozen=True)
class Implication:
    """Of a run: whether it was lifted implies whether some c was above zero at some step, or the converse."""

    converse: bool = False


def lifted_after_crossing(statement: Implication, context: Context) -> Outcome:
    """All runs of all optimizers at all rates."""
    data = study(context)
    up, crossed = lifted(data), data.positive.astype(bool).any("neuron")
    premise, conclusion = (crossed, up) if statement.converse else (up, crossed)
    exceptions = int((premise & ~conclusion).sum())
    return decided(exceptions == 0, lifted=int(up.sum()), crossed=int(crossed.sum()), exceptions=exceptions)
