"""Measurements for section 2: equal and different neurons of networks, and flows that are not unique."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import scipy.integrate
import sympy
import torch
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement, undecided
from quadrics.expansion.losses.rough import POWER, merging_time, rough_loss

from ...toy_flow import PlaneFlow
from ..sampling import EPS, generator
from .symmetric_networks import Networks, Path, distances, flow_path

WIDTH, RATE = 4, 0.01


# -- networks ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Tied:
    """Units that start ``apart`` from each other (0: equal) stay together, whatever ``lopsided`` adds to the loss."""

    apart: float = 0.0
    lopsided: float = 0.0


def _start(source: torch.Generator, n: int) -> Tensor:
    return torch.randn(n, WIDTH, 3, generator=source, dtype=torch.float64) / 2


def _same_loss(lopsided: float, context: Context) -> Outcome:
    """L(P_π θ) = L(θ) for all permutations, to the rounding of the sums."""
    source = generator(context, "simsek def2.1")
    networks = Networks.drawn(source, lopsided=lopsided)
    theta = _start(source, context.pick(quick=50, full=1000))
    loss = networks.loss(theta)
    reach = theta[..., -1].abs().sum(-1)[:, None] + networks.y.abs()
    tolerance = 4 * (WIDTH + len(networks.y) + 8) * EPS * reach.square().mean(-1)
    worst = max(
        float(((networks.loss(theta[:, list(perm)]) - loss).abs() / tolerance).max())
        for perm in permutations(range(WIDTH))
    )
    return decided(worst <= 1, worst_in_tolerances=worst)


def _stay_equal(statement: Tied, context: Context) -> Outcome:
    """Gradient descent from θ_1 = θ_2: rounding errors, each grown by 1 + ηΛ a step from then on, are all there is."""
    source, rate = generator(context, "simsek lem2.1 tied"), RATE
    networks = Networks.drawn(source, lopsided=statement.lopsided)
    theta = _start(source, context.pick(quick=20, full=200))
    theta[:, 1] = theta[:, 0]
    theta[:, 1, 0] += statement.apart
    allowed, worst = torch.zeros(len(theta), dtype=torch.float64), torch.zeros(len(theta), dtype=torch.float64)
    for _ in range(context.pick(quick=100, full=200)):
        allowed = (1 + rate * networks.lipschitz(theta)) * allowed + 2 * networks.rounding(theta, rate)
        theta = theta - rate * networks.gradient(theta)
        worst = torch.maximum(worst, (theta[:, 0] - theta[:, 1]).norm(dim=-1) / allowed)
    telling = allowed <= 1e-8  # where Λ is large the errors could have grown to anything
    if int(telling.sum()) < len(theta) / 2:
        return undecided(networks=int(telling.sum()))
    return decided(float(worst[telling].max()) <= 1, networks=int(telling.sum()), worst=float(worst[telling].max()))


def _descent_stays_apart(rate_factor: float, context: Context) -> Outcome:
    """Gradient descent: a step changes each distance by a factor between 1 - ηΛ and 1 + ηΛ, to rounding.

    ``rate_factor`` multiplies Λ. Where ηΛ < 1 no distance becomes 0.
    """
    source, rate = generator(context, "simsek lem2.1 apart"), RATE
    networks = Networks.drawn(source)
    theta = _start(source, context.pick(quick=20, full=200))
    worst, least, steepest = 0.0, float("inf"), 0.0
    for _ in range(context.pick(quick=200, full=1000)):
        bound, before = rate * networks.lipschitz(theta)[:, None], distances(theta)
        slack = 2 * networks.rounding(theta, rate)[:, None]
        theta = theta - rate * networks.gradient(theta)
        change = (distances(theta) - before).abs()
        worst = max(worst, float((change / (rate_factor * bound * before + slack)).max()))
        least, steepest = min(least, float(distances(theta).min())), max(steepest, float(bound.max()))
    if steepest >= 1:
        return undecided(largest_step=steepest)
    return decided(worst <= 1, worst_in_bounds=worst, least_distance=least, largest_step=steepest)


def _paths(context: Context) -> tuple[Networks, list[Path]]:
    """Flows of a few networks from random starts, shared by the checks of a run."""

    def compute() -> tuple[Networks, list[Path]]:
        source = generator(context, "simsek flows")
        networks = Networks.drawn(source)
        starts = _start(source, context.pick(quick=4, full=40))
        return networks, [flow_path(networks, start, 3.0) for start in starts]

    return context.once("simsek section 2 flows", compute)


def _flow_stays_apart(rate_factor: float, context: Context) -> Outcome:
    """Along a flow, |log of a distance| changes by at most Λ h in a step of length h, plus the integrator's jump."""
    networks, paths = _paths(context)
    worst, least, steps = 0.0, float("inf"), 0
    for path in paths:
        gap, h = distances(path.theta), path.t.diff()
        now = path.theta[:-1]
        growth = networks.lipschitz(now, networks.loss(now), h) * h
        jump = 2**0.5 * path.error[1:, None] / gap[1:]
        if float(jump.max()) > 0.5:
            return undecided(jump=float(jump.max()))
        allowed = rate_factor * growth[:, None] + 2 * jump  # |log(1 - s)| <= 2 s for s <= 1/2
        worst = max(worst, float((gap.log().diff(dim=0).abs() / allowed).max()))
        least, steps = min(least, float(gap.min())), steps + len(h)
    return decided(worst <= 1, worst_in_bounds=worst, least_distance=least, steps=steps)


def _not_far(factor: float, context: Context) -> Outcome:
    """|ρ(t) - ρ(0)|² <= factor t (L(ρ(0)) - L(ρ(t))) along the flows.

    Jumps e_k between exact pieces of flow lengthen the path by Σ e_k and raise the loss by Σ |∇L| e_k, where
    |∇L|² <= 2 L mean_n (Σ a_i² |x_n|² + m).
    """
    networks, paths = _paths(context)
    worst = 0.0
    for path in paths:
        loss = networks.loss(path.theta)
        length = networks.x.norm(dim=1)
        slopes = path.theta[..., -1].square().sum(-1)[:, None] * length**2 + WIDTH
        steepness = (2 * loss * slopes.mean(-1)).sqrt().max()
        jumps = path.error[1:].cumsum(0)
        moved = (path.theta[1:] - path.theta[0]).flatten(1).norm(dim=1)
        far = (factor * path.t[1:] * (loss[0] - loss[1:] + 2 * steepness * jumps)).sqrt() + jumps
        worst = max(worst, float((moved / far).max()))
    return decided(worst <= 1, worst_in_bounds=worst)


def _order_kept(D: int, context: Context) -> Outcome:
    """The order of the incoming weights under gradient descent, outgoing weights 1 (D = 1) or drawn and learned.

    For D = 1 a step multiplies w_i - w_j by at least 1 - ηΛ > 0, to rounding, so that its sign is kept where it is not
    below the rounding of a step.
    """
    source = generator(context, "simsek remB.1")
    networks = Networks.drawn(source, d=1)
    theta = torch.randn(context.pick(quick=50, full=500), WIDTH, 2, generator=source, dtype=torch.float64)
    if D == 1:
        theta[..., 1] = 1.0
    moving = torch.tensor([1.0, 1.0 if D == 2 else 0.0], dtype=torch.float64)
    for _ in range(context.pick(quick=300, full=1000)):
        if float(networks.lipschitz(theta).max()) * RATE >= 1:
            return undecided(lipschitz=float(networks.lipschitz(theta).max()))
        new = theta - RATE * moving * networks.gradient(theta)
        gaps = [t[:, :, None, 0] - t[:, None, :, 0] for t in (theta, new)]
        certain = gaps[1].abs() > 2 * networks.rounding(theta, RATE)[:, None, None]
        if bool((certain & (gaps[0] * gaps[1] < 0)).any()):
            return decided(False, networks=int((gaps[0] * gaps[1] < 0).any(-1).any(-1).sum()))
        theta = new
    return decided(True)


# -- flows that are not unique ----------------------------------------------------------------------------------------
def _meet(power: sympy.Rational, context: Context) -> Outcome:
    """Under |u|^power, units at distance d meet by time 2√d/3: the integrated distance is then within the budget of 0.

    The flow of u contracts, so that the integrator's local errors √2 (atol + rtol d) add up at most.
    """
    flow = PlaneFlow(rough_loss(1, power))
    rtol, atol, worst = 1e-6, 1e-9, 0.0
    for d in (0.25, 1.0, 4.0):
        time = float(merging_time(sympy.Rational(d)))
        found = scipy.integrate.solve_ivp(
            lambda t, w: -flow.gradient(w), (0, time), (d / 2, -d / 2), rtol=rtol, atol=atol
        )
        budget = 2**0.5 * len(found.t) * (atol + rtol * d)
        worst = max(worst, float(abs(found.y[0, -1] - found.y[1, -1]) / budget))
    return decided(worst <= 1, worst_in_budgets=worst)


def _separate(power: sympy.Rational, context: Context) -> Outcome:
    """Under -|u|^power, units at a distance of 1e-4, 1e-8, 1e-12 are at least (3/2)² apart at time 1.

    In s = √u, where s' = 3/2, a local error e moves s by e/(2s) at most twice; the sum is the budget.
    """
    flow = PlaneFlow(rough_loss(-1, power))
    worst = 0.0
    for start in (1e-4, 1e-8, 1e-12):
        rtol, atol = 1e-6, 1e-6 * start
        found = scipy.integrate.solve_ivp(
            lambda t, w: -flow.gradient(w), (0, 1), (start / 2, -start / 2), rtol=rtol, atol=atol
        )
        gap = found.y[0] - found.y[1]
        budget = float((2**0.5 * (atol + rtol * gap) / gap**0.5).sum())
        worst = max(worst, float((1.5 - gap[-1] ** 0.5) / budget))
    return decided(worst <= 1, worst_in_budgets=worst)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "simsek.def2.1": (
        measurement(
            "losses of tanh networks under all permutations of four neurons",
            lambda: 0.0,
            _same_loss,
            [Control("a weight decay on the first neuron", lambda _: 1e-6)],
        ),
    ),
    "simsek.eq1": (
        measurement(
            "distances along flows of tanh networks by DOP853",
            lambda: 1.0,
            _not_far,
            [Control("half of it", lambda factor: factor / 2)],
        ),
    ),
    "simsek.lem2.1": (
        measurement(
            "gradient descent from two equal neurons of tanh networks",
            Tied,
            _stay_equal,
            [
                Control("a weight decay on the first neuron", lambda s: replace(s, lopsided=1e-3)),
                Control("a start 1e-6 apart", lambda s: replace(s, apart=1e-6)),
            ],
        ),
        measurement(
            "gradient descent from different neurons: all distances, at every step",
            lambda: 1.0,
            _descent_stays_apart,
            [Control("a hundredth of the Lipschitz constant", lambda factor: factor / 100)],
        ),
        measurement(
            "gradient flow from different neurons by DOP853: all distances, at every step",
            lambda: 1.0,
            _flow_stays_apart,
            [Control("a hundredth of the Lipschitz constant", lambda factor: factor / 100)],
        ),
    ),
    "simsek.lem2.1.printed": (
        measurement(
            "units meet in time under |u|^(3/2), integrated",
            lambda: POWER,
            _meet,
            [Control("the smooth |u|²", lambda power: sympy.Integer(2))],
        ),
        measurement(
            "units that all but coincide separate under -|u|^(3/2), integrated",
            lambda: POWER,
            _separate,
            [Control("the smooth |u|²", lambda power: sympy.Integer(2))],
        ),
    ),
    "simsek.remB.1": (
        measurement(
            "the order of the neurons of tanh networks with one input under gradient descent",
            lambda: 1,
            _order_kept,
            [Control("two dimensions: outgoing weights drawn and learned", lambda D: 2)],
        ),
    ),
}
