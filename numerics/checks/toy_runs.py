"""Measurements on the trained networks of the toy experiment (figure 3), one experiment for all of them.

A run's final loss is a difference of moments. With at most 100 operations on terms whose sizes add up to
``f^2 + 2|f y| + y^2 <= 4 (f - y)^2 + 6 y^2`` on average, rounding moves it by no more than 100 eps of that.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from scipy.stats import norm

from proofs import Context, Outcome, decided
from proofs.nurisso import toy_task

from ..batch import Batch
from ..data import toy
from ..experiments.nurisso.figure_3 import LEARNED, STEPS
from ..intervals import LEVEL, median_interval, proportion_interval
from ..sorted_gradient import SortedObjective
from .experiment_data import figure_3_data
from .sampling import EPS, generator, networks

DRIFTING = ("obstructed", "free")
"""The paper's two configurations."""


def rounding(loss: Any, mean_square: float) -> Any:
    """What rounding can do to a loss."""
    return 100 * EPS * (4 * loss + 6 * mean_square)


def mean_square_is(claimed: Any, context: Context) -> Outcome:
    """The sample's mean of F² is within its standard error, from the exact variance of F², of the claimed mean."""
    data = figure_3_data(context)
    square = toy_task.target() ** 2
    variance = toy_task.mean(square**2) - toy_task.mean(square) ** 2
    half = float(norm.isf((1 - LEVEL) / 2)) * math.sqrt(float(variance) / data.attrs["points"])
    found = data.attrs["mean_square"]
    return decided(abs(found - float(claimed)) <= half, sample=found, within=half)


@dataclass(frozen=True)
class LeastLoss:
    """No network whose output weights have these signs has a loss below ``factor`` times the sample's mean of F²."""

    signs: tuple[int, int]
    factor: float = 1.0


def no_random_network_is_below(statement: LeastLoss, context: Context) -> Outcome:
    """Random networks with these signs of output weights, on the sample itself."""
    data = toy(seed=context.seed)
    drawn = networks(generator(context, "least loss"), context.pick(quick=5_000, full=200_000), 2, 2)
    W2 = drawn.W2.abs() * drawn.W2.new_tensor(statement.signs)
    loss = SortedObjective(data.x, data.y).loss(Batch(drawn.W1, W2))
    mean_square = float(data.y.square().mean())
    room = loss - statement.factor * mean_square
    return decided(bool((room >= -rounding(loss, mean_square)).all()), least=float(loss.min()), mean_square=mean_square)


def exact_points_have_losses(expected: Callable[[float], tuple[float, float]], context: Context) -> Outcome:
    """The exact minimizers of the two components, on the sample: expected losses from its mean of F²."""
    data = toy(seed=context.seed)
    points = Batch.from_parameters([toy_task.plateau(), toy_task.solved()])
    losses = SortedObjective(data.x, data.y).loss(points).tolist()
    mean_square = float(data.y.square().mean())
    wanted = expected(mean_square)
    close = all(abs(a - b) <= rounding(b, mean_square) for a, b in zip(losses, wanted, strict=True))
    return decided(close, losses=losses, mean_square=mean_square)


@dataclass(frozen=True)
class Floor:
    """No run of this configuration ends below ``factor`` times the sample's mean of F²."""

    configuration: str
    factor: float = 1.0


def stays_above(statement: Floor, context: Context) -> Outcome:
    """All final losses against the floor."""
    data = figure_3_data(context)
    loss = np.asarray(data.loss.sel(configuration=statement.configuration))
    floor = data.attrs["mean_square"]
    holds = bool((loss >= statement.factor * floor - rounding(loss, floor)).all())
    return decided(holds, runs=len(loss), least=float(loss.min()), largest=float(loss.max()), mean_square=floor)


def no_flips(sign_of_c: int, context: Context) -> Outcome:
    """In no configuration does an output weight change sign at any step where c has this sign."""
    data = figure_3_data(context)
    flips = data.flips.where(np.sign(data.imbalance) == sign_of_c, 0)
    neurons = int((np.sign(data.imbalance) == sign_of_c).sum()) * data.sizes["seed"]
    return decided(int(flips.sum()) == 0, flips=int(flips.sum()), neurons=neurons, steps=STEPS)


def stays_gentle(bound: float, context: Context) -> Outcome:
    """At every step of every run, pathological neurons have h|v_k| below the bound, and stay pathological."""
    data = figure_3_data(context)
    pathological = data.imbalance < 0
    force = float(data.force.where(pathological).max())
    drift = float(data.drift.where(pathological).max())
    return decided(force <= bound and drift < 1, largest_force=force, largest_drift=drift)


@dataclass(frozen=True)
class Between:
    """A probability lies strictly between two numbers."""

    low: float
    high: float

    def judge(self, successes: int, trials: int) -> Outcome:
        """Holds when the exact interval is inside, violated when it is outside."""
        interval = proportion_interval(successes, trials)
        if self.low < interval.low and interval.high < self.high:
            answer: bool | None = True
        else:
            answer = False if interval.high <= self.low or interval.low >= self.high else None
        return decided(answer, successes=successes, trials=trials, interval=str(interval))


def learns_with_probability(statement: Between, context: Context) -> Outcome:
    """How often the free configuration ends below the loss that counts as success."""
    loss = figure_3_data(context).loss.sel(configuration="free")
    return statement.judge(int((loss < LEARNED).sum()), loss.size)


def learners_end_with_sign(sign: int, context: Context) -> Outcome:
    """Every free run that learned ends with this sign of a_2, after a number of sign changes to match."""
    free = figure_3_data(context).sel(configuration="free")
    learned = np.asarray(free.loss < LEARNED)
    a2, flips = (np.asarray(free[name].sel(neuron=2))[learned] for name in ("output", "flips"))
    if not learned.any():
        return decided(None, reason="no run learned")
    matching = (np.sign(a2) == sign) & ((-1.0) ** flips == sign)
    return decided(bool(matching.all()), runs=int(learned.sum()))


def never_moves(positive_weights: int, context: Context) -> Outcome:
    """Neuron 2 stays where it is, and the run on or above the plateau, with so many positive entries in w_2."""
    data = figure_3_data(context)
    free = data.sel(configuration="free")
    chosen = np.asarray((data.start.isel(neuron=1) > 0).sum("input") == positive_weights)
    loss, floor = np.asarray(free.loss)[chosen], data.attrs["mean_square"]
    if not chosen.any():
        return decided(None, reason="no such initialization")
    still = bool((np.asarray(free.drift.sel(neuron=2))[chosen] == 0).all())
    above = bool((loss >= floor - rounding(loss, floor)).all())
    return decided(still and above, runs=int(chosen.sum()), learned=int((loss < LEARNED).sum()))


def drift_is_bounded(factor: float, context: Context) -> Outcome:
    """``|c_k(T) - c_k(0)| <= factor * h * sum_t h |grad L|^2`` in every run; sums of 500 steps round by 1e-10 at most.

    A step changes c by its law up to 40 roundings of |w|² + |a|², which stays below 20: 500 * 40 * 20 * eps < 1e-10.
    """
    data = figure_3_data(context)
    allowed = factor * data.attrs["h"] * data.energy
    ratio = (abs(data.rise) / (factor * data.attrs["h"] * data.energy).where(data.energy > 1e-6)).max()
    return decided(bool((abs(data.rise) <= allowed + 1e-10).all()), largest_share=float(ratio))


def drift_is_of_order(order: float, context: Context) -> Outcome:
    """The drift over equal time goes with h to this power.

    From each initialization the exponents between the first and the second, and the second and the third learning rate;
    their medians differ from the limit by terms of order h, estimated by the difference of the two, and by sampling.
    """
    data = figure_3_data(context)
    rates = np.asarray(data.rate)
    worst = np.asarray(data.drift_by_rate.max("neuron")).reshape(len(rates), -1)
    worst = worst[:, (worst > 0).all(0)]
    coarse, fine = (
        median_interval(np.log(worst[i] / worst[i + 1]) / math.log(rates[i] / rates[i + 1])) for i in (0, 1)
    )
    error = abs(fine.estimate - coarse.estimate) + (fine.high - fine.low)
    return decided(abs(fine.estimate - order) <= error, exponents=[str(coarse), str(fine)], within=error)


def drift_below_one_percent(statement: Between, context: Context) -> Outcome:
    """How many runs of the paper's two configurations keep every c_k within one percent all along."""
    worst = figure_3_data(context).drift.sel(configuration=list(DRIFTING)).max("neuron")
    answer = statement.judge(int((worst < 0.01).sum()), worst.size)
    more = {"median": float(worst.median()), "largest": float(worst.max())}
    return Outcome(answer.truth, {**answer.details, **more})


Allowed = Callable[[xr.Dataset], Any]
"""The relative drift that a statement allows each run."""


def every_run_is_within(allowed: Allowed, context: Context) -> Outcome:
    """Drifts of every run of the paper's two configurations, against what is allowed."""
    data = figure_3_data(context).sel(configuration=list(DRIFTING))
    excess = data.drift.max("neuron") - allowed(data)
    return decided(
        bool((excess <= 1e-9).all()), beyond=float((excess > 1e-9).mean()), largest_excess=float(excess.max())
    )


def a_pair_shows_figure_3(pair: tuple[str, str], context: Context) -> Outcome:
    """Some weights learn in the first configuration with a_2 crossing zero, and stay on the plateau in the second."""
    data = figure_3_data(context)
    free, obstructed = (data.sel(configuration=name) for name in pair)
    learns = np.asarray((free.loss < LEARNED) & (free.flips.sel(neuron=2) % 2 == 1))
    floor = data.attrs["mean_square"]
    plateau = np.asarray((abs(obstructed.loss / floor - 1) < 1e-3) & (obstructed.flips.sum("neuron") == 0))
    both = learns & plateau
    return decided(bool(both.any()), pairs=int(both.sum()), of=len(both), first=int(np.argmax(both)))
