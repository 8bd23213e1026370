"""Measurements for section 5: random deep networks with smooth activations, their expansions and critical points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import sympy
import torch
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement, undecided
from proofs.simsek.multilayer_checks import core_of
from quadrics.expansion.configurations import Configuration
from quadrics.expansion.deep.blocks import Family
from quadrics.expansion.deep.counts import subspaces
from quadrics.expansion.deep.manifold import DeepExpansionManifold
from quadrics.expansion.deep.networks import DeepParameters
from quadrics.expansion.deep.paths import connect
from quadrics.expansion.deep.subspaces import DeepSubspace, dimension_of
from quadrics.smooth_activation import SmoothActivation, sigmoid, tanh

from ...expansion_sampling import (
    Weights,
    as_weights,
    critical_points,
    expansion_points,
    random_configuration,
    random_core,
)
from ...network_rounding import EPS, Majorant, flatten, hessian, loss_of, outputs, unflatten
from ..sampling import generator
from .deep_minima import SHAPES, critical_networks
from .expanded_networks import (
    Configurations,
    Line,
    Sampler,
    farthest_along,
    full_weights,
    one_function,
    sampler_of,
    seen,
    single,
)


# -- one function -----------------------------------------------------------------------------------------------------
def _configurations(context: Context, source: torch.Generator) -> list[Configurations]:
    """All of (1, 2) -> (2, 3), and random ones of larger expansions with up to three hidden layers."""
    chosen: list[Configurations] = list(subspaces((1, 2), (2, 3)))
    for r, m in (((3, 2), (6, 5)), ((2, 3, 2), (4, 6, 4))):
        for _ in range(context.pick(quick=12, full=100)):
            chosen.append([random_configuration(a, b, source) for a, b in zip(r, m, strict=True)])
    return chosen


def _one_function(sampler: Sampler, context: Context, family: Family) -> Outcome:
    source = generator(context, f"deep expansions {family}")
    return one_function(sampler, _configurations(context, source), source)


# -- paths ------------------------------------------------------------------------------------------------------------
def _random_point(core: DeepParameters, m: Sequence[int], source: torch.Generator) -> DeepParameters:
    """An exact point of the expansion from the last layer to the first."""
    P = [random_configuration(r, wide, source) for r, wide in zip(core.widths, m, strict=True)]
    S = DeepSubspace(core, tuple(P), Family.LAST_TO_FIRST)
    numbers = torch.randint(-8, 9, (S.dimension,), generator=source).tolist()
    return S.point([sympy.Rational(number, 8) for number in numbers])


def _along_paths(line: Line, context: Context) -> Outcome:
    """The core's function along explicit paths between random points, at four places a segment."""
    source, worst, segments = generator(context, "deep paths"), 0.0, 0
    for r, m in (((1, 2), (2, 3)), ((2, 2), (4, 3)), ((1, 2, 1), (2, 3, 3))):
        core = DeepParameters(tuple(W / 8 for W in core_of(r, d_in=2, d_out=2).weights))
        narrow = single(as_weights(core))
        Theta = DeepExpansionManifold(core, m, Family.LAST_TO_FIRST)
        for _ in range(context.pick(quick=2, full=10)):
            path = connect(Theta, _random_point(core, m, source), _random_point(core, m, source))
            x = torch.randn(8, 2, generator=source, dtype=torch.float64)
            corners = line([single(as_weights(corner)) for corner in path.corners])
            segments += len(corners) - 1
            worst = max(worst, farthest_along(corners, narrow, x, tanh))
    return decided(worst <= 1, worst_in_tolerances=worst, segments=segments)


# -- the kernel of the derivative -------------------------------------------------------------------------------------
def _nullity(weights: Weights, x: Tensor, sigma: SmoothActivation) -> int:
    """How many singular values of the derivative of all outputs by all weights may be zero.

    Rounding moves each of them by at most the Frobenius norm of the errors of the entries.
    """
    theta = flatten(weights)
    J = torch.func.jacrev(lambda v: outputs(unflatten(v, weights), x, sigma))(theta).flatten(0, 1)
    error = Majorant(weights, x, sigma).jacobian_error().norm()
    values = torch.linalg.svdvals(J)
    return int((values <= error + J.shape[1] * EPS * values[0]).sum())


def _kernel(family: Family, context: Context) -> Outcome:
    """The nullity at random points of the full family where all groups are single neurons, tanh and sigmoid."""
    source = generator(context, "deep kernels")
    cases = [((1, 1), (2, 2)), ((2, 1), (3, 3)), ((1, 1, 1), (2, 2, 2))]
    for r, m in cases + context.pick(quick=[], full=[((1, 1), (3, 3)), ((2, 2), (3, 4)), ((1, 2, 1), (2, 3, 2))]):
        P = [Configuration(a, (*range(1, a + 1), *(-1 - i for i in range(b - a)))) for a, b in zip(r, m, strict=True)]
        sizes = [(2, 2, 0), *((p.m, p.r, p.number_of_zero_groups) for p in P), (1, 1, 0)]
        for sigma in (tanh, sigmoid):
            weights = single(sampler_of(Family.FULL)(random_core((2, *r, 1), 1, source), P, source))
            count = sum(W.numel() for W in weights)
            x = 2 * torch.randn(3 * count, 2, generator=source, dtype=torch.float64)
            found = _nullity(weights, x, sigma)
            if found != dimension_of(sizes, family):
                return decided(False, r=r, m=m, found=found, said=dimension_of(sizes, family))
    return decided(True)


# -- critical points --------------------------------------------------------------------------------------------------
Copies = Callable[[Weights, Configurations, torch.Generator], tuple[Weights, list[Tensor]]]


def _copies(core: Weights, P: Configurations, source: torch.Generator) -> tuple[Weights, list[Tensor]]:
    return critical_points(core, P, 1, source)


def _shared_row_by_row(copies: Copies) -> Copies:
    """A mutant: the same function, but each neuron above has shares of its own."""
    return lambda core, P, source: (expansion_points(core, P, 1, source), copies(core, P, source)[1])


def _one_copy_more(copies: Copies) -> Copies:
    """A mutant: the shares of the last hidden layer add up to 1.01."""

    def mutant(core: Weights, P: Configurations, source: torch.Generator) -> tuple[Weights, list[Tensor]]:
        weights, shares = copies(core, P, source)
        return [*weights[:-1], 1.01 * weights[-1]], shares

    return mutant


def _stays_critical(copies: Copies, context: Context) -> Outcome:
    """The gradient by V_ij is at most |β_i| times the core's, up to what rounding does to both."""
    source, worst, found = generator(context, "deep copies"), 0.0, critical_networks(context)
    if {m for m, _ in found} != {m for _, m in SHAPES}:
        return undecided(found=len(found))
    for m, one in found:
        widths = [W.shape[0] for W in one.weights[:-1]]
        own = Majorant(one.weights, one.x, one.sigma).gradient_error(one.y) + one.gradient.abs()
        narrow = unflatten(own, one.weights)
        for _ in range(context.pick(quick=3, full=10)):
            P = [random_configuration(r, wide, source, zero_types=False) for r, wide in zip(widths, m, strict=True)]
            batch, shares = copies([W[None] for W in one.weights], P, source)
            weights = single(batch)
            g = torch.func.grad(loss_of(weights, one.x, one.y, one.sigma))(flatten(weights))
            error = unflatten(Majorant(weights, one.x, one.sigma).gradient_error(one.y), weights)
            labels = [torch.arange(2), *(torch.tensor(p.word) - 1 for p in P), torch.arange(2)]
            rows = [*(beta[0].abs() for beta in shares), torch.ones(2, dtype=torch.float64)]
            for G, E, N, beta, (lower, upper) in zip(
                unflatten(g, weights), error, narrow, rows, pairwise(labels), strict=True
            ):
                allowed = E + beta[:, None] * N[upper][:, lower]
                worst = max(worst, float((G.abs() / allowed).max()))
    return decided(worst <= 1, worst_in_tolerances=worst, critical_points=len(found))


Zeros = Callable[[int, int, int, int], int]  # of Σ r, Σ m, the core's and the wide network's number of weights


def _zero_eigenvalues(zeros: Zeros, context: Context) -> Outcome:
    """At least so many eigenvalues of the Hessian at copies may be zero, given what rounding does to its entries.

    Along a direction v that moves shares, H v consists of derivatives of the core's loss, which are within their
    rounding errors of 0; so as many singular values of the exact Hessian are below √2 |g| over the least singular
    value of these directions as there are directions.
    """
    source, found, fewest = generator(context, "deep Hessians"), critical_networks(context), 10**6
    if {m for m, _ in found} != {m for _, m in SHAPES}:
        return undecided(found=len(found))
    for m, one in found:
        widths = [W.shape[0] for W in one.weights[:-1]]
        P = [random_configuration(r, wide, source, zero_types=False) for r, wide in zip(widths, m, strict=True)]
        weights = single(critical_points([W[None] for W in one.weights], P, 1, source)[0])
        H = hessian(loss_of(weights, one.x, one.y, one.sigma))(flatten(weights))
        error = Majorant(weights, one.x, one.sigma).hessian_error(one.y).norm()
        own = (Majorant(one.weights, one.x, one.sigma).gradient_error(one.y) + one.gradient.abs()).norm()
        directions = _share_directions(one.weights, P)
        along = 2 * len(directions) ** 0.5 * own / torch.linalg.svdvals(directions).min()
        values = torch.linalg.eigvalsh(H).abs()
        count = int((values <= along + error + len(H) * EPS * values.max()).sum())
        fewest = min(fewest, count - (sum(m) - sum(widths)))
        sizes = [sum(W.numel() for W in net) for net in (one.weights, weights)]
        if count < zeros(sum(widths), sum(m), *sizes):
            return decided(False, m=m, found=count, said=zeros(sum(widths), sum(m), *sizes))
    return decided(True, critical_points=len(found), fewest_beyond_the_bound=fewest)


def _share_directions(core: Weights, P: Configurations) -> Tensor:
    """The derivatives of the weights by the shares that can move: (Σ (m_l - r_l), p)."""
    words = [torch.arange(core[0].shape[1]), *(torch.tensor(p.word) - 1 for p in P), torch.arange(core[-1].shape[0])]
    copied = [W[upper][:, lower] for W, (lower, upper) in zip(core, pairwise(words), strict=True)]
    rows = []
    for layer, p in enumerate(P, start=1):
        for block in p.labelled_blocks:
            for j in block[1:]:
                moved = [torch.zeros_like(W) for W in copied]
                moved[layer][:, j], moved[layer][:, block[0]] = copied[layer][:, j], -copied[layer][:, block[0]]
                rows.append(flatten(moved))
    return torch.stack(rows)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "simsek.eq8": (
        measurement(
            "random deep networks with sigmoid, softplus, tanh and g_{1,4}: all configurations of (1, 2) in (2, 3), "
            "random ones of larger expansions",
            lambda: sampler_of(Family.LAST_TO_FIRST),
            lambda sampler, context: _one_function(sampler, context, Family.LAST_TO_FIRST),
            [
                Control("a block's sum changed by one weight", seen),
                Control("copies that all have the full outgoing weights", full_weights),
            ],
        ),
    ),
    "simsek.ml.connect": (
        measurement(
            "the core's function along explicit paths, tanh",
            lambda: lambda corners: corners,
            _along_paths,
            [Control("straight from end to end", lambda line: lambda corners: [corners[0], corners[-1]])],
        ),
    ),
    "simsek.ml.crit": (
        measurement(
            "minima of networks with up to three hidden layers on data that they do not fit, found by least squares: "
            "the gradient at random copies, tanh and sigmoid",
            lambda: _copies,
            _stays_critical,
            [
                Control("shares of its own for each neuron above", _shared_row_by_row),
                Control("shares that add up to 1.01", _one_copy_more),
            ],
        ),
    ),
    "simsek.ml.crit-count": (
        measurement(
            "at least Σ (m_l - r_l) zero eigenvalues of the Hessian at random copies",
            lambda: lambda narrow, wide, core, expanded: wide - narrow,
            _zero_eigenvalues,
            [
                Control("one more", lambda zeros: lambda *sizes: zeros(*sizes) + 1),
                Control("one for each weight more", lambda zeros: lambda narrow, wide, core, expanded: expanded - core),
            ],
        ),
    ),
    "beyond.simsek.multilayer-family": (
        measurement(
            "random members of the full family with sigmoid, softplus, tanh and g_{1,4}",
            lambda: sampler_of(Family.FULL),
            lambda sampler, context: _one_function(sampler, context, Family.FULL),
            [
                Control("a block's sum changed by one weight", seen),
                Control("copies that all have the full outgoing weights", full_weights),
            ],
        ),
        measurement(
            "the nullity of the derivative of the outputs at random members, tanh and sigmoid",
            lambda: Family.FULL,
            _kernel,
            [Control("the dimension from the last layer to the first", lambda family: Family.LAST_TO_FIRST)],
        ),
    ),
}
