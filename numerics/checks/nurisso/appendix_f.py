"""Measurements for appendix F and figure 5: drawn networks against the formulas, as corrected and as printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy

from proofs import Check, Context, Control, Outcome, decided, measurement
from proofs.nurisso.appendix_f import printed_xavier_argument
from quadrics.initialization import (
    INPUTS,
    WIDTH,
    Gaussian,
    evaluate,
    fisher_cdf,
    gaussian,
    kaiming_normal,
    on_arrays,
    xavier_normal,
)

from ..initial_draws import Cell, draws, figure_5_data, fits, probability_of_obstruction

Limits = dict[str, Callable[[Any], Any]]

GENERAL = (
    Cell(gaussian(1, 1), 2, 3),
    Cell(gaussian(1, 2), 5, 4),
    Cell(gaussian(sympy.Rational(1, 2), 1), 10, 3),
    Cell(gaussian(1, sympy.Rational(3, 2)), 3, 6),
)
SCHEMES: dict[str, Callable[[], Gaussian]] = {"kaiming": kaiming_normal, "xavier": xavier_normal}


# -- the formulas -----------------------------------------------------------------------------------------------------
def _exchanged(cell: Cell) -> Any:
    scheme = cell.scheme
    assert isinstance(scheme, Gaussian)
    return Gaussian(scheme.name, scheme.bias, scheme.variance2, scheme.variance1).obstruction_probability(
        cell.d, cell.l
    )


def _on_the_grid(scheme: str) -> Callable[[Any, Context], Outcome]:
    """At every point of figure 5's grid with d > 1: 1 - F_{1,d}(argument)^l is in the drawn networks' interval."""

    def decide(argument: Any, context: Context) -> Outcome:
        data = figure_5_data(context).sel(scheme=scheme)
        several = data.isel(inputs=data.inputs.values > 1)
        d, l = np.meshgrid(several.inputs, several.neurons, indexing="ij")
        claimed = on_arrays(1 - fisher_cdf(argument, INPUTS) ** WIDTH)(d, l)
        outside = (claimed < several.low.values) | (claimed > several.high.values)
        gap = float(np.abs(claimed - several.disconnected.values / data.attrs["networks"]).max())
        return decided(not outside.any(), outside=int(outside.sum()), points=outside.size, largest_difference=gap)

    return decide


def _one_input(claimed: float, context: Context) -> Outcome:
    """Networks with one input, looked up in the topology of H(c): the fraction that is disconnected."""
    one = figure_5_data(context).sel(inputs=1)
    inside = (one.low.values <= claimed) & (claimed <= one.high.values)
    return decided(bool(inside.all()), fractions=np.unique(one.disconnected.values / one.attrs["networks"]))


# -- the limits -------------------------------------------------------------------------------------------------------
def _many_inputs(limits: Limits, context: Context) -> Outcome:
    """500 inputs, 1 to 5 neurons: the limit is within the interval, widened by what is missing to the limit."""
    return _near_the_limit(limits, [(500, 1), (500, 2), (500, 3), (500, 5)], "width", context)


def _many_neurons(limits: Limits, context: Context) -> Outcome:
    """2 and 3 inputs, 1,000 neurons: the same for the limits of many neurons."""
    return _near_the_limit(limits, [(2, 1000), (3, 1000)], "inputs", context)


def _near_the_limit(limits: Limits, sizes: list[tuple[int, int]], kept: str, context: Context) -> Outcome:
    seen = {}
    for name, make in SCHEMES.items():
        for d, l in sizes:
            cell = Cell(make(), d, l)
            interval = draws(context, cell, quick=3_000, full=50_000).layer
            limit = float(evaluate(limits[name](l if kept == "width" else d)))
            # The exact law at this size says how far the limit still is; networks could not tell.
            true_limit = make().many_inputs_limit(l) if kept == "width" else make().wide_limit(d)
            missing = abs(float(evaluate(probability_of_obstruction(cell))) - float(evaluate(true_limit)))
            seen[str(cell)] = f"{interval}, limit {limit:.4g}, missing {missing:.2g}"
            if not interval.low - missing <= limit <= interval.high + missing:
                return decided(False, at=str(cell), seen=seen[str(cell)])
    return decided(True, seen=seen)


def _limits_of_inputs() -> Limits:
    return {name: make().many_inputs_limit for name, make in SCHEMES.items()}


def _limits_of_neurons() -> Limits:
    return {name: make().wide_limit for name, make in SCHEMES.items()}


def _zero(size: Any) -> Any:
    return sympy.Integer(0)


# -- the region -------------------------------------------------------------------------------------------------------
def _larger(statement: Callable[[int, int], tuple[str, str]], context: Context) -> Outcome:
    """The points of the grid with more than half of the networks disconnected, by intervals; and who has more of them
    where the intervals of the two schemes are apart."""
    data = figure_5_data(context)
    several = data.isel(inputs=data.inputs.values > 1)
    area = {name: int((several.low.sel(scheme=name) > 0.5).sum()) for name in SCHEMES}
    compared = 0
    for d in several.inputs.values.tolist():
        for l in several.neurons.values.tolist():
            more, less = statement(d, l)
            here = several.sel(inputs=d, neurons=l)
            if float(here.high.sel(scheme=more)) < float(here.low.sel(scheme=less)):
                return decided(False, d=d, l=l, larger=less)
            compared += float(here.low.sel(scheme=more)) > float(here.high.sel(scheme=less))
    return decided(area["xavier"] > 2 * area["kaiming"], above_half=area, points_told_apart=compared)


def _by_square(d: int, l: int) -> tuple[str, str]:
    return ("xavier", "kaiming") if d <= l**2 else ("kaiming", "xavier")


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "nurisso.appF.general": (
        measurement(
            "networks with Gaussian weights of several variances",
            lambda: probability_of_obstruction,
            fits(GENERAL),
            [
                Control("σ₁ and σ₂ exchanged", lambda p: _exchanged),
                Control("the probability for one neuron", lambda p: lambda cell: p(cell._replace(l=1))),
            ],
        ),
        measurement(
            "one input: every drawn network has a disconnected invariant set",
            lambda: float(kaiming_normal().obstruction_probability(1, 1)),
            _one_input,
            [Control("the formula for d = l = 1, as printed", lambda p: 0.5)],
        ),
    ),
    "nurisso.appF.kaiming": (
        measurement(
            "networks on the grid of figure 5, Kaiming initialization",
            lambda: kaiming_normal().fisher_argument(INPUTS, WIDTH),
            _on_the_grid("kaiming"),
            [
                Control("twice the argument", lambda x: 2 * x),
                Control("Xavier's argument", lambda x: xavier_normal().fisher_argument(INPUTS, WIDTH)),
            ],
        ),
    ),
    "nurisso.appF.xavier": (
        measurement(
            "networks on the grid of figure 5, Xavier initialization",
            lambda: xavier_normal().fisher_argument(INPUTS, WIDTH),
            _on_the_grid("xavier"),
            [
                Control("the printed argument (d+l)/d", lambda x: printed_xavier_argument(INPUTS, WIDTH)),
                Control("Kaiming's argument", lambda x: kaiming_normal().fisher_argument(INPUTS, WIDTH)),
            ],
        ),
    ),
    "nurisso.fig5.a": (
        measurement(
            "networks with 500 inputs",
            _limits_of_inputs,
            _many_inputs,
            [
                Control("0, as printed", lambda limits: dict.fromkeys(limits, _zero)),
                Control(
                    "the limits of one neuron more",
                    lambda limits: {name: lambda l, f=f: f(l + 1) for name, f in limits.items()},
                ),
            ],
        ),
    ),
    "nurisso.fig5.b": (
        measurement(
            "networks with 1,000 neurons",
            _limits_of_neurons,
            _many_neurons,
            [
                Control("0 for both", lambda limits: dict.fromkeys(limits, _zero)),
                Control("1 for both", lambda limits: dict.fromkeys(limits, lambda d: sympy.Integer(1))),
            ],
        ),
    ),
    "nurisso.fig5.c": (
        measurement(
            "the grid of figure 5: more than half of the networks disconnected, and which scheme has more of them",
            lambda: _by_square,
            _larger,
            [
                Control("Xavier more everywhere", lambda _: lambda d, l: ("xavier", "kaiming")),
                Control("Kaiming more everywhere", lambda _: lambda d, l: ("kaiming", "xavier")),
            ],
        ),
    ),
}
