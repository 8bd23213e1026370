"""Measurements for section 4.2: gradients and Hessians by automatic differentiation at copies of critical points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.expansion.critical.hessian import shares_inertia, transverse_inertia
from quadrics.expansion.critical.inertia import Inertia

from ..sampling import EPS, generator
from .critical_networks import D_IN, Core, copies, counted, critical_cores

WORDS = {1: ((0, 0), (0, 0, 0)), 2: ((1, 0, 1), (0, 1, 1, 0))}
GAP = 100.0
"""A count is believed if no eigenvalue lies between one and a hundred tolerances."""

Shares = dict[int, list[Fraction]]
Share = Callable[[torch.Generator, int], list[Fraction]]


# -- samples ----------------------------------------------------------------------------------------------------------
def eighths(source: torch.Generator, k: int) -> list[Fraction]:
    """Random shares in eighths, exact in floating point, that add up to 1; negative, zero and positive ones."""
    rest = [Fraction(int(v), 8) for v in torch.randint(-8, 13, (k - 1,), generator=source)]
    return [*rest, 1 - sum(rest, Fraction(0))]


def _too_much(source: torch.Generator, k: int) -> list[Fraction]:
    """A mutant: shares that add up to 9/8."""
    first, *rest = eighths(source, k)
    return [first + Fraction(1, 8), *rest]


@dataclass(frozen=True, eq=False)
class Sample:
    """A core, labels, shares, and the wide network that they make."""

    core: Core
    word: tuple[int, ...]
    shares: Shares
    theta: Tensor

    @property
    def extra(self) -> int:
        return len(self.word) - self.core.r

    @property
    def largest_share(self) -> float:
        return max(1.0, *(abs(float(b)) for betas in self.shares.values() for b in betas))


def samples(context: Context, share: Share, name: str) -> Iterator[Sample]:
    """Copies of every core with random shares."""
    source = generator(context, f"simsek: {name}")
    for core in critical_cores(context):
        for word in WORDS[core.r]:
            shares = {t: share(source, word.count(t)) if word.count(t) > 1 else [Fraction(1)] for t in range(core.r)}
            left = {t: list(betas) for t, betas in shares.items()}
            A = core.problem.split(core.theta)[1]
            yield Sample(core, word, shares, copies(core, word, [float(left[t].pop(0)) * A[t] for t in word]))


def loosened(sample: Sample) -> float:
    """How far an eigenvalue of the computed Hessian may be from that of exact copies of an exact critical point.

    Every entry is rounded (the norm of the error is at most the size of the matrix times that), eigvalsh adds a few
    eps of the norm, and where U_t should annihilate a_t it leaves the gradient of the core, divided by |a_t|.
    """
    core, problem = sample.core, sample.core.problem
    size = len(sample.theta)
    g, A = problem.gradient(core.theta), problem.split(core.theta)[1]
    left = float(g.norm()) / float(A.norm(dim=1).min())
    norm = float(problem.hessian(sample.theta).norm())
    return size * problem.rounding(sample.theta) + 10 * size * EPS * norm + sample.largest_share * size * left


# -- gradients --------------------------------------------------------------------------------------------------------
Split = Callable[[Context], Iterator[tuple[Core, Tensor, float]]]


def _parallel_splits(context: Context) -> Iterator[tuple[Core, Tensor, float]]:
    for sample in samples(context, eighths, "gradients"):
        yield sample.core, sample.theta, sample.largest_share


def _larger_sum(context: Context) -> Iterator[tuple[Core, Tensor, float]]:
    for sample in samples(context, _too_much, "gradients"):
        yield sample.core, sample.theta, sample.largest_share


def _any_split(context: Context) -> Iterator[tuple[Core, Tensor, float]]:
    """A mutant: for two outputs, parts of a_t that are not parallel to it."""
    source = generator(context, "simsek: any split")
    for core in critical_cores(context):
        A = core.problem.split(core.theta)[1]
        part = torch.randn(core.problem.d_out, generator=source, dtype=torch.float64)
        rest = [A[t] for t in range(1, core.r)]
        yield core, copies(core, (0, 0, *range(1, core.r)), [part, A[0] - part, *rest]), 1.0


def _zero_neuron(context: Context) -> Iterator[tuple[Core, Tensor, float]]:
    """A mutant: a new neuron with no outgoing weights."""
    source = generator(context, "simsek: zero-type")
    for core in critical_cores(context):
        W, A = core.problem.split(core.theta)
        fresh = torch.randn(1, D_IN, generator=source, dtype=torch.float64)
        outgoing = torch.cat([A, torch.zeros(1, core.problem.d_out, dtype=torch.float64)])
        yield core, torch.cat([torch.cat([W, fresh]).flatten(), outgoing.flatten()]), 1.0


def _still_critical(split: Split, context: Context) -> Outcome:
    """The gradient is β times that of the core, and rounding; the products β a_t are exact to eps, which moves it by
    eps times the Hessian (a norm bound)."""
    worst, count = 0.0, 0
    for core, theta, largest in split(context):
        g = core.problem.gradient(theta).abs().max()
        left = largest * float(core.problem.gradient(core.theta).abs().max())
        moved = EPS * float(core.problem.hessian(theta).norm()) * float(theta.norm())
        worst, count = max(worst, float(g) / (left + core.problem.rounding(theta) + moved)), count + 1
    return decided(
        worst <= 1 and count > 0, worst_in_tolerances=worst, networks=count, cores=len(critical_cores(context))
    )


def _new_neuron(at_zero: bool, context: Context) -> Outcome:
    """The gradient with a neuron (w', 0): zero by the old weights and by w', V(w') by the new outgoing weights."""
    smallest = float("inf")
    for core, theta, _ in _zero_neuron(context):
        g, tolerance = core.problem.gradient(theta), core.problem.rounding(theta)
        inward, outward = core.problem.split(g)
        if float(inward.abs().max()) > 2 * tolerance or float(outward[:-1].abs().max()) > 2 * tolerance:
            return decided(False, reason="the gradient by other weights is not zero")
        smallest = min(smallest, float(outward[-1].abs().max()) / tolerance)
    return decided((smallest <= 2) == at_zero, smallest_in_tolerances=smallest)


# -- zero eigenvalues, saddles ----------------------------------------------------------------------------------------
Least = Callable[[Sample], int]


def _zero_eigenvalues(least: Least, context: Context) -> Outcome:
    """At least so many eigenvalues within the tolerance (see `loosened`), and for some sample no more."""
    slack: list[int] = []
    for sample in samples(context, eighths, "eigenvalues"):
        found, _ = counted(sample.core.problem.hessian(sample.theta), loosened(sample))
        slack.append(found.zero - least(sample))
        if slack[-1] < 0:
            return decided(False, found=str(found), extra=sample.extra)
    return decided(min(slack) == 0, samples=len(slack))


def _saddles_stay(certain: Callable[[Inertia], bool], context: Context) -> Outcome:
    """Copies of cores for which it is certain have an eigenvalue below minus the tolerance."""
    seen = 0
    for sample in samples(context, eighths, "saddles"):
        problem = sample.core.problem
        core, _ = counted(problem.hessian(sample.core.theta), loosened(sample))
        if certain(core):
            seen += 1
            if counted(problem.hessian(sample.theta), loosened(sample))[0].negative == 0:
                return decided(False, core=str(core), shares=str(sample.shares))
    return decided(seen > 0, copies=seen)


# -- the inertia ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Measured:
    """What the formula needs, measured: shares, rank of U, S on its kernel, S."""

    shares: tuple[Fraction, ...]
    rank: int
    restricted: Inertia
    whole: Inertia
    d_out: int


Predict = Callable[[Measured], Inertia]


def formula(block: Measured) -> Inertia:
    """The package's formula."""
    return transverse_inertia(shares_inertia(block.shares), block.rank, block.restricted, block.d_out)


def _measured(sample: Sample, t: int, tolerance: float) -> tuple[Measured, float]:
    """Rank and inertias at the tolerance, and the smallest eigen- or singular value beyond it, in tolerances."""
    U, S = sample.core.problem.neuron(sample.core.theta, t)
    _, sizes, V = torch.linalg.svd(U)
    rank = int((sizes > tolerance).sum())
    kernel = V[rank:]
    restricted, first = counted(kernel @ S @ kernel.T, tolerance) if rank < D_IN else (Inertia(0, 0, 0), float("inf"))
    whole, second = counted(S, tolerance)
    gap = min([first, second, *(float(s) / tolerance for s in sizes[:rank])])
    return Measured(tuple(sample.shares[t]), rank, restricted, whole, sample.core.problem.d_out), gap


def _index(predict: Predict, context: Context) -> Outcome:
    """The inertia by eigvalsh against that of the core and the predicted ones; samples without a clear gap are left out
    and counted (no more than one in five)."""
    seen, unclear, zero_shares, negative_shares, semidefinite = 0, 0, 0, 0, 0
    outputs: set[tuple[int, int]] = set()
    for sample in samples(context, eighths, "inertia"):
        problem, tolerance = sample.core.problem, loosened(sample)
        found, gap = counted(problem.hessian(sample.theta), tolerance)
        total, core_gap = counted(problem.hessian(sample.core.theta), tolerance)
        gap = min(gap, core_gap)
        for t, betas in sample.shares.items():
            if len(betas) > 1:
                block, block_gap = _measured(sample, t, tolerance)
                total, gap = total + predict(block), min(gap, block_gap)
                outputs.add((block.d_out, block.rank))
        if gap < GAP:
            unclear += 1
            continue
        seen += 1
        signs = [b for betas in sample.shares.values() for b in betas]
        zero_shares, negative_shares = zero_shares + (0 in signs), negative_shares + (min(signs) < 0)
        semidefinite += found.negative == 0
        if found != total:
            return decided(False, found=str(found), said=str(total), shares=str(sample.shares))
    enough = unclear * 5 <= seen and zero_shares > 0 and negative_shares > 0 and semidefinite > 0
    return decided(
        enough if seen else None,
        samples=seen,
        unclear=unclear,
        with_zero_share=zero_shares,
        with_negative_share=negative_shares,
        semidefinite=semidefinite,
        d_out_and_rank=sorted(outputs),
    )


def _all_of_S(block: Measured) -> Inertia:
    return transverse_inertia(shares_inertia(block.shares), block.rank, block.whole, block.d_out)


def _all_positive(block: Measured) -> Inertia:
    """A mutant: one positive share too many, and a zero or negative one too few."""
    B = shares_inertia(block.shares)
    moved = Inertia(max(0, B.negative - 1), B.zero, B.positive + (B.negative > 0))
    return transverse_inertia(moved, block.rank, block.restricted, block.d_out)


def _no_rank(block: Measured) -> Inertia:
    return transverse_inertia(shares_inertia(block.shares), 0, block.restricted, block.d_out)


def _kinds(saddle: Callable[[Measured], bool], context: Context) -> Outcome:
    """Copies of local minima of one neuron: a negative eigenvalue where predicted, both kinds for d_out = 1."""
    kinds: set[tuple[int, bool]] = set()
    for sample in samples(context, eighths, "kinds"):
        problem, tolerance = sample.core.problem, loosened(sample)
        core, core_gap = counted(problem.hessian(sample.core.theta), tolerance)
        found, gap = counted(problem.hessian(sample.theta), tolerance)
        block, block_gap = _measured(sample, 0, tolerance)
        if sample.core.r > 1 or core.negative or core.zero or min(gap, core_gap, block_gap) < GAP:
            continue
        if (found.negative > 0) != saddle(block):
            return decided(False, found=str(found), shares=str(sample.shares))
        kinds.add((problem.d_out, found.negative > 0))
    return decided(kinds == {(1, False), (1, True), (2, True)}, kinds=sorted(kinds))


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "simsek.prop4.3": (
        measurement(
            "autograd at copies of critical points of sigmoid students (1 or 2 neurons and outputs; in full also tanh, "
            "softplus + sigmoid), random shares in eighths",
            lambda: _parallel_splits,
            _still_critical,
            [
                Control("shares that add up to 9/8", lambda split: _larger_sum),
                Control("parts that are not parallel", lambda split: _any_split),
                Control("a zero-type neuron", lambda split: _zero_neuron),
            ],
        ),
    ),
    "simsek.zero-type": (
        measurement(
            "autograd with a random new neuron without outgoing weights: zero but for these",
            lambda: False,
            _new_neuron,
            [Control("zero for these as well", lambda at_zero: True)],
        ),
    ),
    "simsek.prop4.4": (
        measurement(
            "Hessians by autograd at copies of the same critical points: zero eigenvalues",
            lambda: lambda sample: sample.extra,
            _zero_eigenvalues,
            [Control("one more", lambda least: lambda sample: least(sample) + 1)],
        ),
        measurement(
            "the same where the core is a saddle: a negative eigenvalue",
            lambda: lambda core: core.negative > 0,
            _saddles_stay,
            [Control("for every core", lambda certain: lambda core: True)],
        ),
    ),
    "beyond.simsek.inertia": (
        measurement(
            "eigenvalues of Hessians by autograd against the formula: one and two outputs, shares of all signs",
            lambda: formula,
            _index,
            [
                Control("S not restricted to the kernel of U", lambda predict: _all_of_S),
                Control("a negative share counted as positive", lambda predict: _all_positive),
                Control("U taken for zero", lambda predict: _no_rank),
            ],
        ),
    ),
    "beyond.simsek.strict-saddles": (
        measurement(
            "copies of local minima of one neuron: strict saddles and others for one output, strict saddles for two",
            lambda: lambda block: formula(block).negative > 0,
            _kinds,
            [
                Control("all are strict saddles", lambda saddle: lambda block: True),
                Control("none is", lambda saddle: lambda block: False),
            ],
        ),
    ),
}
