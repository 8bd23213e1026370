"""Measurements for section 5.2: losses on segments and curves between rescaled minima, also permuted ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import sympy
import torch
import xarray as xr
from torch import Tensor
from torch.nn import functional

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.connectivity.barriers import ALPHA, DEGREE, FACTOR, barrier, loss_between, peak, peak_factor

from ...bridge import torch_function
from ...experiments.zhao import figure_2, figure_4
from ...experiments.zhao.rescaled_copies import rescaled, straight
from ..sampling import EPS, generator
from .homogeneous_pairs import ACTIVATIONS, Pairs, formula_rounding, largest, on_tensors, pairs

FACTORS = (0.1, 0.7, 3.0, 30.0)
BOUND = 1e6
NETWORKS = {"quick": 20, "full": 1000}


# -- eq. (3) ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Homogeneity:
    """σ(cz) = c^k σ(z) for these functions with their degrees, and factors of these signs."""

    functions: dict[str, tuple[Callable[[Tensor], Tensor], float]]
    signs: tuple[int, ...] = (1,)


def _homogeneous(said: Homogeneity, context: Context) -> Outcome:
    """At 10^4 points and factors: a product and a power on either side, (2k + 8) eps relative."""
    source = generator(context, "eq3")
    worst = 0.0
    for function, degree in said.functions.values():
        for sign in said.signs:
            z = torch.randn(10_000, generator=source, dtype=torch.float64)
            c = sign * torch.exp(torch.randn(10_000, generator=source, dtype=torch.float64))
            left, right = function(c * z), sign**degree * c.abs() ** degree * function(z)
            tolerance = (2 * degree + 8) * EPS * torch.maximum(left.abs(), right.abs())
            worst = max(worst, largest((left - right).abs() / tolerance.clamp(min=1e-300)))
    return decided(worst <= 1, worst_in_tolerances=worst)


def _activations() -> Homogeneity:
    return Homogeneity({str(a): (on_tensors(a), float(a.degree)) for a in ACTIVATIONS})


# -- Proposition 5.3 --------------------------------------------------------------------------------------------------
def _loss_is(expression: Any, context: Context) -> Outcome:
    """The square root of the loss at 21 points of each segment, against ‖Y‖ times that of the formula.

    Tolerance: what rounding does to the output there, and φ times what it does at the minimum.
    """
    formula = torch_function(expression, (ALPHA, FACTOR, DEGREE))
    source, worst = generator(context, "prop5.3"), 0.0
    for chosen in pairs(source, NETWORKS[context.mode], device=context.device):
        Y, k = chosen.output(), float(chosen.degree)
        norm = torch.linalg.matrix_norm(Y)
        for m in FACTORS:
            copy = rescaled(chosen.weights, m, chosen.degree)
            for a in torch.linspace(0, 1, 21, dtype=torch.float64).tolist():
                found = torch.linalg.matrix_norm(Y - chosen.output(straight(chosen.weights, copy, a)))
                claimed = norm * formula(a, m, k).sqrt().to(norm)
                tolerance = _tolerance(chosen, copy, a, m) + 16 * EPS * claimed
                worst = max(worst, largest((found - claimed).abs() / tolerance))
            if worst > 1:
                return decided(False, m=m, degree=k, worst_in_tolerances=worst)
    return decided(worst <= 1, worst_in_tolerances=worst)


def _tolerance(chosen: Pairs, copy: list[Tensor], alpha: float, m: float) -> Tensor:
    """(n,): what rounding does to the output on the segment, φ times what it does at the minimum, and to φ itself."""
    k = float(chosen.degree)
    phi = (1 - alpha + alpha * m**-k) * (1 - alpha + alpha * m) ** k
    here = chosen.rounding(straight(chosen.weights, copy, alpha), (chosen.weights, copy))
    norm = torch.linalg.matrix_norm(chosen.output())
    total: Tensor = here + (1 + phi) * chosen.rounding() + norm * (formula_rounding(alpha, m, k) + 16 * EPS)
    return total


Curve = Callable[[Pairs, Tensor, float], list[Tensor]]


def _on_the_curve(chosen: Pairs, t: Tensor, m: float) -> list[Tensor]:
    return rescaled(chosen.weights, m**t, chosen.degree)


def _on_the_segment(chosen: Pairs, t: Tensor, m: float) -> list[Tensor]:
    """A mutant: the curve that the proof prints."""
    return straight(chosen.weights, rescaled(chosen.weights, m, chosen.degree), t)


def _stays_at_zero(curve: Curve, context: Context) -> Outcome:
    """At 1,001 points of the curve from m = 1 to 30 the output is that of the minimum, to the rounding of both."""
    source, worst, times = generator(context, "prop5.3 curve"), 0.0, 1001
    n = context.pick(quick=2, full=50)
    for one in pairs(source, n, device=context.device):
        chosen = one.repeated(times)
        t = torch.linspace(0, 1, times, dtype=torch.float64, device=context.device).repeat(n)
        weights = curve(chosen, t, 30.0)
        gap = torch.linalg.matrix_norm(chosen.output() - chosen.output(weights))
        worst = max(worst, largest(gap / (chosen.rounding() + chosen.rounding(weights))))
    return decided(worst <= 1, worst_in_tolerances=worst)


@dataclass(frozen=True)
class Highest:
    """Where on the segment the loss is largest, and the output factor there, in m and k."""

    at: Any
    factor: Any


def _highest(said: Highest, context: Context) -> Outcome:
    """No point of 41 on the segment is above ‖Y‖(φ* - 1), and α* reaches it; tolerances as for the formula."""
    source, worst = generator(context, "barrier height"), 0.0
    where, height = (torch_function(e, (FACTOR, DEGREE)) for e in (said.at, said.factor))
    for chosen in pairs(source, NETWORKS[context.mode], device=context.device):
        Y, k = chosen.output(), float(chosen.degree)
        norm = torch.linalg.matrix_norm(Y)
        for m in (3.0, 30.0):  # the closed form is written for m > 1
            copy, top = rescaled(chosen.weights, m, chosen.degree), float(height(m, k))
            best = float(where(m, k))
            for a in [*torch.linspace(0, 1, 41, dtype=torch.float64).tolist(), best]:
                found = torch.linalg.matrix_norm(Y - chosen.output(straight(chosen.weights, copy, a)))
                gap, tolerance = found - norm * (top - 1), _tolerance(chosen, copy, a, m) + 32 * EPS * norm * top
                worst = max(worst, largest((gap.abs() if a == best else gap) / tolerance))
    return decided(worst <= 1, worst_in_tolerances=worst)


def _closed_form() -> Highest:
    return Highest(peak(FACTOR, DEGREE), peak_factor(FACTOR, DEGREE))


# -- Proposition 5.4 --------------------------------------------------------------------------------------------------
def _no_permutation_helps(factor: Callable[[float], float], context: Context) -> Outcome:
    """Two to four neurons, all permutations: doubling m up to 2^60 brings the smallest loss at the middle above 10^6.

    Gaussian outgoing weights leave V P σ(Z) = 0 to networks without an active neuron, which have Y = 0. Nothing is lost
    in rounding that matters: a loss above 10^6 from outputs whose rounding is far below 1.
    """
    source, needed = generator(context, "prop5.4"), 0
    for width in (2, 3, 4):
        for chosen in pairs(source, context.pick(quick=5, full=100), width, context.device):
            Y = chosen.output()
            pending = Y.abs().amax((1, 2)) > 0
            for exponent in range(61):
                below, last = rescaled(chosen.weights, factor(2.0**exponent), chosen.degree)
                smallest = torch.full((len(Y),), torch.inf, dtype=Y.dtype, device=Y.device)
                for p in permutations(range(width)):
                    middle = straight(chosen.weights, [below[:, p], last[:, :, p]], 0.5)
                    loss = torch.linalg.matrix_norm(Y - chosen.output(middle)).square()
                    smallest = torch.minimum(smallest, loss)
                pending &= ~(smallest > BOUND)  # a NaN stays pending
                if not bool(pending.any()):
                    break
                needed = max(needed, exponent + 1)
            if bool(pending.any()):
                return decided(False, neurons=width, degree=str(chosen.degree), left=int(pending.sum()))
    return decided(True, largest_m=f"2^{needed}")


# -- figures ----------------------------------------------------------------------------------------------------------
Height = Callable[[Any, float], Any]


@dataclass(frozen=True)
class Picture:
    """The height of the barrier, as a function of ‖Y‖ and m, and which of the recorded losses stay at 0."""

    height: Height
    stays: str = "curve"


def _figure_2(said: Picture, context: Context) -> Outcome:
    """Largest loss on each segment against the formula; at most 8 roundings of numbers up to the height + 1."""
    data = context.once("zhao figure 2", lambda: figure_2.run(context.mode == "quick", context.seed, context.device))
    return _fits(data.expand_dims("network").assign(norm=("network", [1.0])), said, 0.0, 8 * EPS)


def _figure_4(said: Picture, context: Context) -> Outcome:
    """Networks that reached loss 0: f = Y - r with the ‖r‖ that training left, which the segment multiplies by φ."""
    data = context.once("zhao figure 4", lambda: figure_4.run(context.mode == "quick", context.seed, context.device))
    minima = figure_4.reached(data)
    if not minima.sizes["network"]:
        return decided(None, trained=data.trained.values.tolist())
    outcome = _fits(minima, said, minima.trained, 2 * minima.rounding)
    return replace(outcome, details={**outcome.details, "reached": f"{minima.sizes['network']} of {len(data.network)}"})


def _fits(data: xr.Dataset, said: Picture, left: Any, rounding: Any) -> Outcome:
    claimed = xr.concat([said.height(data.norm, float(m)) for m in data.factor], "factor")
    factor = xr.DataArray([float(peak_factor(float(m))) for m in data.factor], dims="factor")
    tolerance = factor * (left + rounding) + 8 * EPS * factor * data.norm
    highest = abs(data.loss.max("alpha") - claimed) / tolerance
    middle = abs(data.loss.sel(alpha=0.5) - claimed) / tolerance
    zero = data[said.stays].max("alpha") / (left + 2 * rounding)
    ratios = {"largest": highest, "middle": middle, "curve": zero}
    worst = {name: largest(torch.from_numpy(v.values)) for name, v in ratios.items()}
    return decided(max(worst.values()) <= 1, worst_in_tolerances=worst)


def _picture() -> Picture:
    return Picture(lambda norm, m: norm * float(barrier(m, squared=False)))


PICTURE_CONTROLS: list[Control[Picture]] = [
    Control("(m - 1)²/(2m)", lambda s: replace(s, height=lambda norm, m: 2 * s.height(norm, m))),
    Control("10^-6 more", lambda s: replace(s, height=lambda norm, m: s.height(norm, m) * (1 + 1e-6))),
    Control("a squared height", lambda s: replace(s, height=lambda norm, m: s.height(norm, m) ** 2)),
    Control("the segment as a curve of minima", lambda s: replace(s, stays="loss")),
]

CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "zhao.eq3": (
        measurement(
            "four activations of degree 1/2, 1, 2, 3 at 10^4 points and positive factors",
            _activations,
            _homogeneous,
            [
                Control("negative factors as well", lambda s: replace(s, signs=(1, -1), functions=_integer(s))),
                Control("GELU", lambda s: Homogeneity({"gelu": (functional.gelu, 1.0)})),
            ],
        ),
    ),
    "zhao.prop5.3": (
        measurement(
            "losses of random networks on segments to copies with m from 1/10 to 30, degrees 1/2 to 3",
            lambda: loss_between(ALPHA, FACTOR, DEGREE),
            _loss_is,
            [
                Control("degree 1", lambda e: e.subs(DEGREE, 1)),
                Control("1/m for m", lambda e: e.subs(FACTOR, 1 / FACTOR)),
                Control("a factor 1 + 10^-6", lambda e: e * sympy.Rational(1000001, 1000000)),
            ],
        ),
        measurement(
            "outputs at 1,001 points of the curve of minima",
            lambda: _on_the_curve,
            _stays_at_zero,
            [Control("the straight segment", lambda curve: _on_the_segment)],
        ),
    ),
    "beyond.zhao.barrier-height": (
        measurement(
            "the largest loss on segments of random networks, and where it is",
            _closed_form,
            _highest,
            [
                Control("at the middle", lambda s: replace(s, at=sympy.Rational(1, 2) + 0 * FACTOR)),
                Control("the value at the middle", lambda s: replace(s, factor=_middle_factor())),
            ],
        ),
    ),
    "zhao.prop5.4": (
        measurement(
            "random networks with 2, 3 and 4 neurons in the last hidden layer, all permutations",
            lambda: lambda m: m,
            _no_permutation_helps,
            [
                Control("without rescaling", lambda factor: lambda m: 1.0),
                Control("factors of at most 2", lambda factor: lambda m: min(m, 2.0)),
            ],
        ),
    ),
    "zhao.fig2": (
        measurement("segments from (1, 1) to (m, 1/m), m = 2, 5, 10, 100", _picture, _figure_2, PICTURE_CONTROLS),
    ),
    "zhao.fig4": (
        measurement("trained networks with five layers, m from 2 to 1000", _picture, _figure_4, PICTURE_CONTROLS),
    ),
}


def _integer(said: Homogeneity) -> dict[str, tuple[Callable[[Tensor], Tensor], float]]:
    """The functions of integer degree, for which negative factors have a meaning at all."""
    return {name: (f, k) for name, (f, k) in said.functions.items() if k == int(k)}


def _middle_factor() -> Any:
    return sympy.sqrt(loss_between(sympy.Rational(1, 2), FACTOR, DEGREE)) + 1
