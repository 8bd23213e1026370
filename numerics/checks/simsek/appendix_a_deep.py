"""Measurements for figure 1 (d, e) and appendix A.1: students with three hidden layers, and networks on digits.

Each experiment is run once in a verification. Its samples are compared by ranks: a statement *holds* if chance alone
would produce such an order once in a million times, and is *violated* if the opposite order is as unlikely.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import xarray as xr

from proofs import Check, Context, Control, measurement
from proofs.evidence import Outcome, decided
from quadrics.turning_points import largest_rise

from ...deep_batch import DeepBatch, LeastSquares
from ...experiments.simsek import digits, figure_1, zigzag
from ...intervals import LEVEL, proportion_interval
from ...rank_test import chance_of_lying_below

Read = Callable[[xr.Dataset], xr.DataArray]
"""A number for each network of an experiment."""

EPS = torch.finfo(torch.float64).eps


def students(context: Context) -> xr.Dataset:
    """The students of figure 1 e, at the size that goes with the mode."""

    def compute() -> xr.Dataset:
        context.tell("training the students of figure 1 e")
        return figure_1.run(quick=context.mode == "quick", seed=context.seed, device=context.device)

    return context.once("simsek.fig1e", compute)


def digit_networks(context: Context) -> xr.Dataset:
    """The networks on digits, at the size that goes with the mode."""

    def compute() -> xr.Dataset:
        context.tell("training the networks on digits of appendix A.1")
        return digits.run(quick=context.mode == "quick", seed=context.seed, device=context.device)

    return context.once("simsek.appA1.mnist", compute)


def both_optimizers(context: Context) -> xr.Dataset:
    """The same networks on digits by Adam and by gradient descent, at the size that goes with the mode."""

    def compute() -> xr.Dataset:
        context.tell("training networks on digits by Adam and by gradient descent")
        return zigzag.run(quick=context.mode == "quick", seed=context.seed, device=context.device)

    return context.once("beyond.simsek.zigzag", compute)


@dataclass(frozen=True)
class Below:
    """What is read off networks of the widths ``low``, times a factor, lies below that off the widths ``high``."""

    read: Read
    low: tuple[int, ...]
    high: tuple[int, ...]
    factor: float = 1.0

    def exchanged(self) -> Below:
        """The opposite order, without a factor."""
        return Below(self.read, self.high, self.low)

    def judge(self, data: xr.Dataset) -> Outcome:
        """Ranks, at one error in a million either way."""
        low, high = (_of(self.read(data), widths) for widths in (self.low, self.high))
        chances = chance_of_lying_below(self.factor * low, high), chance_of_lying_below(high, self.factor * low)
        answer = True if chances[0] <= 1 - LEVEL else False if chances[1] <= 1 - LEVEL else None
        medians = {str(widths): float(np.median(v)) for widths, v in ((self.low, low), (self.high, high))}
        return decided(answer, networks=(len(low), len(high)), medians=medians, chance=min(chances))


def _of(values: xr.DataArray, widths: tuple[int, ...]) -> np.ndarray:
    """The numbers of all networks of these widths, as far as the mode of the run has them."""
    found: np.ndarray = np.asarray(values.sel(width=[w for w in widths if w in values.width])).ravel()
    there: np.ndarray = found[~np.isnan(found)]
    return there


def _students_in_order(statement: Below, context: Context) -> Outcome:
    return statement.judge(students(context))


def _digits_in_order(statement: Below, context: Context) -> Outcome:
    return statement.judge(digit_networks(context))


def _teacher_is_off(of: str, context: Context) -> Outcome:
    """The teacher's mean squared distance from a function on the grid is beyond rounding."""
    data = students(context)
    error = float(((data["teacher"] - data[of]) ** 2).mean())
    # Each value is a sum of a few terms of its own size or less: a hundred roundings of the largest, squared.
    rounding = (100 * EPS * float(abs(data.teacher).max())) ** 2
    return decided(error > rounding, error=error, rounding=rounding)


def _contains_the_teacher(outgoing: float, context: Context) -> Outcome:
    """In each hidden layer of a student the teacher's neurons, and others with random incoming weights.

    Their outgoing weights to the teacher's neurons are ``outgoing``. Twenty such students of width 5 and 10.
    """
    data = students(context)
    source = torch.Generator().manual_seed(context.seed_for("students that contain the teacher"))
    small = figure_1.draw(1, figure_1.TEACHER, 0)
    small = small.unflatten(torch.from_numpy(data.teacher_weights.values)[None])
    x, y = figure_1.grid(data.sizes["x1"]), torch.from_numpy(data.teacher.values).flatten()
    worst = 0.0
    for width in (5, 10):
        like = figure_1.draw(20, width, 0)
        wide = like.unflatten(torch.randn(like.flatten().shape, generator=source, dtype=torch.float64))
        for i, (W, b) in enumerate(zip(small.weights, small.biases, strict=True)):
            rows, columns = W.shape[1:]
            if i:
                wide.weights[i][:, :rows, columns:] = outgoing
            wide.weights[i][:, :rows, :columns] = W
            wide.biases[i][:, :rows] = b
        # The teacher's outputs err by no more than the student's, whose sums have more terms.
        rounding = (2 * _output_error(wide, x)).square().mean(1)
        worst = max(worst, float((LeastSquares(wide, x, y).loss(wide.flatten()) / rounding).max()))
    return decided(worst <= 1, worst_in_roundings=worst)


def _output_error(batch: DeepBatch, x: torch.Tensor) -> torch.Tensor:
    """How far computed outputs (n, N) of tanh networks can be from the exact ones, to first order in eps.

    A sum of k products and a bias errs by (k + 2) eps times the sum of their sizes; tanh is at most 1, errs by a few
    eps and, its slope being at most 1, passes on no more than the error of its argument.
    """
    size, error = x.abs().expand(batch.n, *x.shape), torch.zeros((batch.n, *x.shape), dtype=x.dtype)
    for W, b in zip(batch.weights, batch.biases, strict=True):
        over = W.abs().transpose(1, 2)
        error = error @ over + (W.shape[2] + 2) * EPS * (size @ over + b.abs()[:, None])
        out, error = error, error + 4 * EPS
        size = torch.ones_like(error)
    return out[:, :, 0]


def _fall_first(sign: int, context: Context) -> Outcome:
    """More than half of the narrow networks have a gradient that first moves this way, back, and this way for good."""
    data = digit_networks(context).sel(width=[5, 20])
    first = np.sign(data.gradient.isel(step=1) - data.gradient.isel(step=0))
    last = np.sign(data.gradient.isel(step=-1) - data.gradient.isel(step=-2))
    there = data.gradient_turns.notnull()
    hits = (first == sign) & (last == sign) & (data.gradient_turns == 2) & there
    share = proportion_interval(int(hits.sum()), int(there.sum()))
    answer = True if share.low > 0.5 else False if share.high < 0.5 else None
    return decided(answer, networks=int(there.sum()), share=str(share))


@dataclass(frozen=True)
class Turns:
    """More than half of the networks of a width have a gradient that turns under this optimizer, or that never does."""

    optimizer: str
    width: int
    turns: bool


def _gradient_turns(statement: Turns, context: Context) -> Outcome:
    """How many networks have a gradient that turns, and the interval of their share."""
    one = both_optimizers(context).sel(optimizer=statement.optimizer, width=statement.width)
    turns = np.asarray(one.gradient_turns)
    turns = turns[~np.isnan(turns)]
    hits = (turns > 0) == statement.turns
    share = proportion_interval(int(hits.sum()), len(hits))
    answer = True if share.low > 0.5 else False if share.high < 0.5 else None
    return decided(answer, networks=len(hits), turns=sorted(turns.tolist()), share=str(share))


@dataclass(frozen=True)
class Calmer:
    """At width 250 the gradient turns less often under ``calm`` than under ``restless``; both get below a loss."""

    calm: str = "descent"
    restless: str = "Adam"
    loss: float = 1.0


def _is_calmer(statement: Calmer, context: Context) -> Outcome:
    """Turns of the same initial networks under two optimizers, by ranks; and the losses that they end with."""
    data = both_optimizers(context).sel(width=250)
    calm, restless = (
        _of(data.gradient_turns.expand_dims(width=[250]).sel(optimizer=name), (250,))
        for name in (statement.calm, statement.restless)
    )
    chances = chance_of_lying_below(calm, restless), chance_of_lying_below(restless, calm)
    learned = bool((data.loss.isel(step=-1).max() < statement.loss).item())
    answer = learned if chances[0] <= 1 - LEVEL else False if chances[1] <= 1 - LEVEL else None
    medians = {statement.calm: float(np.median(calm)), statement.restless: float(np.median(restless))}
    return decided(answer, networks=len(calm), medians=medians, chance=min(chances), learned=learned)


def _backwards(name: str) -> Read:
    """The largest rise of a norm with time running backwards."""

    def read(data: xr.Dataset) -> xr.DataArray:
        return digits.by_network(data[name], lambda values: largest_rise(values[::-1]))

    return read


def _length_of_the_rise(data: xr.Dataset) -> xr.DataArray:
    """How many steps the largest rise of the gradient takes."""
    length: xr.DataArray = data.gradient_top - data.gradient_bottom
    return length


_NARROW, _WIDE = (5, 20), (100, 250)
_EXCHANGED: Control[Below] = Control("exchanged", Below.exchanged)

STUDENTS: dict[str, tuple[Check[Any], ...]] = {
    "simsek.fig1e": (
        measurement(
            "ten times the loss of students of width 10 (and 20, in full mode), against that of students of width 5",
            lambda: Below(lambda data: data.loss, (10, 20), (5,), factor=10),
            _students_in_order,
            [
                _EXCHANGED,
                Control("students narrower than the teacher", lambda s: replace(s, low=(3,))),
                Control("before training", lambda s: replace(s, read=lambda data: data.start)),
                Control("a million times", lambda s: replace(s, factor=1e6)),
            ],
        ),
        measurement(
            "losses of students of width 5, against those of width 3, which do not contain the teacher",
            lambda: Below(lambda data: data.loss, (5,), (3,)),
            _students_in_order,
            [_EXCHANGED],
        ),
        measurement(
            "the teacher's distance from the function that it was fitted to",
            lambda: "target",
            _teacher_is_off,
            [Control("from its own outputs", lambda _: "teacher")],
        ),
        measurement(
            "students of width 5 and 10 made of the teacher and of random neurons without outgoing weights to it",
            lambda: 0.0,
            _contains_the_teacher,
            [Control("with outgoing weights of 1/1000", lambda _: 1e-3)],
        ),
    ),
}

DIGITS: dict[str, tuple[Check[Any], ...]] = {
    "simsek.appA1.mnist": (
        measurement(
            "narrow networks (width 5 and 20): the gradient falls, rises and falls for good in more than half",
            lambda: -1,
            _fall_first,
            [Control("rises, falls and rises", lambda sign: -sign)],
        ),
        measurement(
            "the largest rise of the gradient at width 100 and 250: five times its steps, against those at 5 and 20",
            lambda: Below(_length_of_the_rise, _WIDE, _NARROW, factor=5),
            _digits_in_order,
            [
                _EXCHANGED,
                Control("width 5 against width 20", lambda s: replace(s, low=(5,), high=(20,))),
                Control("a hundred times its steps", lambda s: replace(s, factor=100)),
            ],
        ),
        measurement(
            "the gradient turns more often at width 250 than at width 5 and 20",
            lambda: Below(lambda data: data.gradient_turns, _NARROW, (250,)),
            _digits_in_order,
            [_EXCHANGED, Control("ten times as often", lambda s: replace(s, factor=10))],
        ),
        measurement(
            "networks of width 20 leave the plateau before those of width 5",
            lambda: Below(lambda data: data.left, (20,), (5,)),
            _digits_in_order,
            [_EXCHANGED],
        ),
        measurement(
            "wide networks leave the plateau before narrow ones",
            lambda: Below(lambda data: data.left, _WIDE, _NARROW),
            _digits_in_order,
            [_EXCHANGED],
        ),
        measurement(
            "the largest rise of the update is smaller in wide networks",
            lambda: Below(lambda data: data.update_rise, _WIDE, _NARROW),
            _digits_in_order,
            [
                _EXCHANGED,
                Control("with time running backwards", lambda s: replace(s, read=_backwards("update"))),
            ],
        ),
    ),
}

BEYOND: dict[str, tuple[Check[Any], ...]] = {
    "beyond.simsek.zigzag": (
        measurement(
            "at width 250 the gradient turns less often under gradient descent than under Adam, both to a loss below 1",
            Calmer,
            _is_calmer,
            [
                Control("exchanged", lambda _: Calmer("Adam", "descent")),
                Control("to a loss below 1/100", lambda s: replace(s, loss=0.01)),
            ],
        ),
        measurement(
            "networks of width 5 by gradient descent: the gradient turns in more than half",
            lambda: Turns("descent", 5, True),
            _gradient_turns,
            [Control("in fewer than half", lambda s: replace(s, turns=False))],
        ),
    ),
}

CHECKS: dict[str, tuple[Check[Any], ...]] = {**STUDENTS, **DIGITS, **BEYOND}
