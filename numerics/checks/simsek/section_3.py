"""Measurements for section 3: random points of expansion manifolds, reductions, flows across, paths inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
import torch

from proofs import Check, Context, Control, Outcome, decided, measurement, undecided
from proofs.simsek.expansion_checks import CORES
from quadrics.expansion.manifold import ExpansionManifold
from quadrics.expansion.paths import connect
from quadrics.expansion.reduction import reduce
from quadrics.expansion.subspaces import ExpansionSubspace
from quadrics.network import Neuron, Parameters
from quadrics.smooth_activation import SmoothActivation, sigmoid, tanh

from ...batch import Batch
from ...expansion_sampling import Weights, expansion_points, random_configuration, random_core
from ...flow import gradient_flow
from ...network_rounding import derivatives
from ...status import Status
from ..sampling import Autograd, Sample, generator
from .expanded_networks import (
    ACTIVATIONS,
    Configurations,
    Line,
    Sampler,
    distance_in_tolerances,
    farthest_along,
    full_weights,
    one_function,
    sampler_of,
    seen,
    single,
)


# -- affine subspaces -------------------------------------------------------------------------------------------------
def _on_subspaces(sampler: Sampler, context: Context) -> Outcome:
    """Random cores and configurations, widths up to 60."""
    source = generator(context, "affine subspaces")
    chosen: list[Configurations] = [
        [random_configuration(r, m, source)]
        for r, m in ((1, 3), (2, 5), (4, 8), (10, 20), (20, 60))
        for _ in range(context.pick(quick=20, full=200))
    ]
    return one_function(sampler, chosen, source, d_in=3)


# -- reduction --------------------------------------------------------------------------------------------------------
Reducer = Callable[[Parameters], Parameters | None]


def _core(theta: Parameters) -> Parameters | None:
    found = reduce(theta)
    return found.core if found.r else None


def _without_adding(theta: Parameters) -> Parameters | None:
    """A mutant: of equal neurons the first is kept as it is."""
    kept = [theta.neuron(g.members[0]) for g in reduce(theta).groups if any(theta.neuron(g.members[0]).a)]
    return Parameters.from_neurons(kept) if kept else None


def _without_the_last(theta: Parameters) -> Parameters | None:
    """A mutant: one neuron of the core is left out too."""
    found = _core(theta)
    return Parameters.from_neurons(found.neurons()[:-1]) if found is not None and found.width > 1 else None


def _matrices(theta: Parameters) -> Weights:
    return [torch.tensor(W.tolist(), dtype=torch.float64) for W in (theta.W1.evalf(), theta.W2.evalf())]


def _reduced(reducer: Reducer, context: Context) -> Outcome:
    """Networks of floats: the core that is found, its width and its function.

    Weights are multiples of 1/64, so that block sums are exact and groups of zero type are recognised; a core has then
    only roundings of its outputs, and the tolerance is theirs.
    """
    source, worst = generator(context, "reductions"), 0.0
    for i in range(context.pick(quick=20, full=200)):
        r, m = [(1, 4), (3, 7), (5, 12)][i % 3]
        P = random_configuration(r, m, source)
        core = [(64 * W).round() / 64 + 1 / 64 for W in random_core((2, r, 2), 1, source)]
        W1, W2 = ((64 * W).round() / 64 for W in expansion_points(core, [P], 1, source))
        for t, block in enumerate(P.labelled_blocks):
            W2[:, :, block[0]] += core[1][:, :, t] - W2[:, :, list(block)].sum(2)
        for block in P.zero_blocks:
            W2[:, :, block[0]] -= W2[:, :, list(block)].sum(2)
        theta = Parameters.from_neurons(
            [Neuron(tuple(w), tuple(a)) for w, a in zip(W1[0].tolist(), W2[0].T.tolist(), strict=True)]
        )
        found = reducer(theta)
        if found is None or found.width != r:
            return decided(False, r=r, m=m, found=None if found is None else found.width)
        x = torch.randn(10, 2, generator=source, dtype=torch.float64)
        sigma = ACTIVATIONS[i % len(ACTIVATIONS)]
        worst = max(worst, distance_in_tolerances(_matrices(theta), _matrices(found), x, sigma))
    return decided(worst <= 1, worst_in_tolerances=worst)


# -- the gradient flow ------------------------------------------------------------------------------------------------
Leaves = Callable[[bool], bool]  # of "the core fits the data": does a flow from the manifold leave it?
TIMES = (0.0, 0.05, 0.1, 0.2, 0.4)
RTOL, ATOL, STAGES = 1e-9, 1e-11, 11


def _leaving(leaves: Leaves, context: Context) -> Outcome:
    """Flows from random points of Θ: the loss at later times, against that of Θ and against the time before.

    On Θ the loss is the core's. A flow has left it for good if the loss is below that at all later times and falls
    from time to time; it rests if the loss does not change. An accepted step of DOP853 errs by at most
    √p (atol + rtol |θ|), and takes eleven gradients at least; that moves the loss by the gradient's norm times as much.
    """
    source, seen_fitted, crossings = generator(context, "flows across"), set(), 0
    for i in range(context.pick(quick=6, full=40)):
        fitted, sigma = i % 2 == 0, (tanh, sigmoid)[i // 2 % 2]
        core = random_core((2, 2, 1), 1, source)
        weights = expansion_points(core, [random_configuration(2, 4, source)], 1, source)
        x = torch.randn(8, 2, generator=source, dtype=torch.float64)
        y = single(core)[1] @ derivatives(sigma)[0](single(core)[0] @ x.T)
        noise = torch.randn(1, 8, generator=source, dtype=torch.float64)
        objective = Autograd(Sample(x, (y if fitted else y + noise).T, "mse"), derivatives(sigma)[0])
        start = Batch(weights[0], weights[1])
        flow = gradient_flow(start, objective, TIMES, rtol=RTOL, atol=ATOL)
        if int(flow.status[0]) != Status.FINISHED:
            return undecided(status=int(flow.status[0]))
        losses = torch.stack([objective.loss(state)[0] for state in flow.states])
        slopes = torch.stack([_norm(objective, state) for state in flow.states])
        size = max(float(state.flatten().norm()) for state in flow.states)
        error = float(flow.evaluations[0]) / STAGES * start.flatten().shape[1] ** 0.5 * (ATOL + RTOL * size)
        tolerance = 2 * error * (float(slopes.max()) + error)
        falls = bool((losses[:-1] - losses[1:] > tolerance).all())
        rests = bool((losses - losses[0]).abs().max() <= tolerance)
        if falls == rests:
            return undecided(losses=losses.tolist(), tolerance=tolerance)
        seen_fitted.add(fitted)
        crossings += falls
        if falls != leaves(fitted):
            return decided(False, fitted=fitted, losses=losses.tolist())
    return decided(len(seen_fitted) == 2, left=crossings)


def _norm(objective: Autograd, state: Batch) -> torch.Tensor:
    gradient = objective.gradient(state)
    found: torch.Tensor = (gradient.W1.square().sum() + gradient.W2.square().sum()).sqrt()
    return found


# -- paths ------------------------------------------------------------------------------------------------------------
def _random_point(core: Parameters, m: int, source: torch.Generator) -> Parameters:
    S = ExpansionSubspace(core, random_configuration(core.width, m, source))
    return S.point([sympy.Rational(n, 4) for n in torch.randint(-8, 9, (S.dimension,), generator=source).tolist()])


def _along_paths(line: Line, context: Context) -> Outcome:
    """The core's function along explicit paths between random points of four expansions."""
    source, worst, segments = generator(context, "paths"), 0.0, 0
    for core in CORES:
        for m in (core.width + 1, core.width + 3):
            sigma: SmoothActivation = ACTIVATIONS[m % len(ACTIVATIONS)]
            for _ in range(context.pick(quick=3, full=20)):
                path = connect(
                    ExpansionManifold(core, m), _random_point(core, m, source), _random_point(core, m, source)
                )
                corners = line([_matrices(corner) for corner in path.corners])
                segments += len(corners) - 1
                x = torch.randn(10, core.d_in, generator=source, dtype=torch.float64)
                worst = max(worst, farthest_along(corners, _matrices(core), x, sigma))
    return decided(worst <= 1, worst_in_tolerances=worst, segments=segments)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "simsek.def3.2": (
        measurement(
            "random points of random subspaces, widths up to 60, sigmoid, softplus, tanh and g_{1,4}",
            sampler_of,
            _on_subspaces,
            [
                Control("a block's sum changed by one weight", seen),
                Control("copies that all have the full outgoing weights", full_weights),
            ],
        ),
    ),
    "simsek.reduce": (
        measurement(
            "networks of floats with copies and cancelling groups, widths up to 12: the core's width and function",
            lambda: _core,
            _reduced,
            [
                Control("copies left out without adding their outgoing weights", lambda core: _without_adding),
                Control("one neuron more left out", lambda core: _without_the_last),
            ],
        ),
    ),
    "simsek.cross": (
        measurement(
            "gradient flows from random points of the manifold, with data that the core fits and that it does not",
            lambda: lambda fitted: not fitted,
            _leaving,
            [
                Control("every flow leaves", lambda leaves: lambda fitted: True),
                Control("no flow leaves", lambda leaves: lambda fitted: False),
            ],
        ),
    ),
    "simsek.thm3.1d": (
        measurement(
            "the core's function along explicit paths between random points of four expansions",
            lambda: lambda corners: corners,
            _along_paths,
            [Control("straight from end to end", lambda line: lambda corners: [corners[0], corners[-1]])],
        ),
    ),
}
