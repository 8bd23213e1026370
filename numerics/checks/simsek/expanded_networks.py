"""Random expanded networks with smooth activations, compared with what they expand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from proofs import Outcome, decided
from quadrics.expansion.configurations import Configuration
from quadrics.expansion.deep.blocks import Family
from quadrics.smooth_activation import SmoothActivation, sigmoid, soft_sigmoid, softplus, tanh

from ...expansion_sampling import Weights, expansion_points, random_core
from ...network_rounding import Majorant, outputs

ACTIVATIONS: tuple[SmoothActivation, ...] = (sigmoid, softplus, tanh, soft_sigmoid())

Configurations = Sequence[Configuration]
Sampler = Callable[[Weights, Configurations, torch.Generator], Weights]
"""A core and configurations -> one random network, each matrix (1, out, in)."""


def sampler_of(family: Family = Family.FULL) -> Sampler:
    """Random points of a family's subspaces."""
    return lambda core, P, source: expansion_points(core, P, 1, source, family)


def single(weights: Weights) -> list[Tensor]:
    """The matrices of the first of n networks."""
    return [W[0] for W in weights]


def distance_in_tolerances(
    first: Sequence[Tensor], second: Sequence[Tensor], x: Tensor, sigma: SmoothActivation
) -> float:
    """The largest difference of two networks' outputs, in units of what rounding may do to both."""
    gap = (outputs(first, x, sigma) - outputs(second, x, sigma)).abs()
    return float((gap / (Majorant(first, x, sigma).output_error() + Majorant(second, x, sigma).output_error())).max())


def one_function(
    sampler: Sampler, chosen: Sequence[Configurations], source: torch.Generator, d_in: int = 2, d_out: int = 2
) -> Outcome:
    """f(x; θ) = f(x; core) at ten inputs for random cores, within what rounding does to both (for each network)."""
    worst = 0.0
    for i, P in enumerate(chosen):
        sigma = ACTIVATIONS[i % len(ACTIVATIONS)]
        core = random_core((d_in, *(p.r for p in P), d_out), 1, source)
        x = torch.randn(10, d_in, generator=source, dtype=torch.float64)
        worst = max(worst, distance_in_tolerances(single(sampler(core, P, source)), single(core), x, sigma))
    return decided(worst <= 1, worst_in_tolerances=worst, networks=len(chosen))


def seen(sampler: Sampler) -> Sampler:
    """A mutant: the outputs see the last hidden layer's first neuron 1 % more than its block's sum allows."""

    def mutant(core: Weights, P: Configurations, source: torch.Generator) -> Weights:
        found = sampler(core, P, source)
        last = found[-1].clone()
        last[:, :, 0] *= 1.01
        return [*found[:-1], last]

    return mutant


def full_weights(sampler: Sampler) -> Sampler:
    """A mutant: every copy has all the outgoing weights of its neuron, zero-type neurons have none."""

    def mutant(core: Weights, P: Configurations, source: torch.Generator) -> Weights:
        found = sampler(core, P, source)
        letters = torch.tensor(P[-1].word)
        copied = core[-1][:, :, (letters - 1).clamp(min=0)] * (letters > 0)
        return [*found[:-1], copied]

    return mutant


Line = Callable[[list[Weights]], list[Weights]]
"""The corners of a path -> the corners that are used."""


def farthest_along(corners: list[Weights], core: Weights, x: Tensor, sigma: SmoothActivation) -> float:
    """The largest distance from the core's function at four places of each segment, in tolerances.

    A weight between two corners takes two products and a sum: among the roundings that a tolerance counts. A path
    without segments rests at its only corner.
    """
    return max(
        distance_in_tolerances([(1 - t) * a + t * b for a, b in zip(before, after, strict=True)], core, x, sigma)
        for before, after in pairwise([*corners, corners[-1]])
        for t in (0.0, 0.3, 0.6, 0.9)
    )
