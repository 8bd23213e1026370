"""Section 5: deep networks, and their expansion layer by layer (equations 7 and 8)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import factorial, prod
from typing import Any

import sympy as sp

from quadrics.expansion.deep.blocks import Family
from quadrics.expansion.deep.manifold import DeepExpansionManifold
from quadrics.expansion.deep.networks import DeepParameters, output, permuted_points
from quadrics.expansion.deep.subspaces import dimension_of

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..rules import equal
from .expansion_checks import PAPER
from .multilayer_checks import (
    LINE,
    Widths,
    core_of,
    expansions,
    small_networks,
    subspaces,
    sums_over_blocks,
)

Number = Callable[[Widths], int]


def _permuted(number: Number, context: Context) -> Outcome:
    """All permutations of irreducible networks: distinct points, one function, d(r) weights."""
    x = sp.Symbol("x", real=True)
    for widths in ((2,), (2, 2), (3, 2), (2, 1, 2), *context.pick(quick=(), full=((3, 3), (2, 2, 2)))):
        core = core_of(widths)
        points = set(permuted_points(core))
        if len(points) != number(widths):
            return decided(False, widths=widths, found=len(points))
        if len({output(point, [x]) for point in points}) != 1:
            return decided(False, widths=widths, reason="another function")
        if len(core.entries()) != sum(a * b for a, b in pairwise(core.sizes)):
            return decided(False, widths=widths, reason="number of weights")
    return decided(True)


Member = Callable[[DeepParameters], bool]


def _by_pairs(family: Family) -> Member:
    """Membership as eq. (8) has it: one pair of matrices after the other is a point of a two-layer expansion."""
    return DeepExpansionManifold(LINE, (2, 2), family).contains


def _union_of_subspaces(member: Member, context: Context) -> Outcome:
    """All networks 1-2-2-1 with small weights: in one of the nine subspaces exactly if a member."""
    inside = 0
    for theta, belongs in small_networks(context):
        if belongs[Family.LAST_TO_FIRST] != member(theta):
            return decided(False, weights=str(theta.entries()))
        inside += belongs[Family.LAST_TO_FIRST]
    return decided(True, inside=inside)


def _sums_and_dimensions() -> list[Step]:
    d, e, m1, m2, r1, r2, z1, z2 = sp.symbols("d_in d_out m_1 m_2 r_1 r_2 z_1 z_2", integer=True, positive=True)
    m, r, z, n, s, y, g = sp.symbols("m r z m_below r_below z_below g", integer=True, positive=True)
    b = sp.IndexedBase("b")
    in_groups = sp.Sum(b[g], (g, 1, z))
    equations = (m - in_groups) * (s + y) + sp.Sum(b[g] * y + (b[g] - 1) * s, (g, 1, z))
    return [
        *sums_over_blocks(),
        argued(
            "so layer by layer, from the inputs on, copies compute what the core's neurons do, and so do the outputs"
        ),
        step(
            equal,
            equations,
            m * (s + y) - z * s,
            "a labelled neuron has s + y prescribed sums; of b neurons in a zero-type group each has y, and all but "
            "one s",
        ),
        argued("every sum has weights of its own: as equations they are independent, and have solutions"),
        step(
            equal,
            m * n - (m * (s + y) - z * s),
            dimension_of([(n, s, y), (m, r, z)], Family.LAST_TO_FIRST),
            "what is left of m m_below weights",
        ),
        step(
            equal,
            dimension_of([(d, d, 0), (m1, r1, z1), (m2, r2, z2), (e, e, 0)], Family.LAST_TO_FIRST),
            d * z1 + m2 * (m1 - r1 - z1) + r1 * z2 + e * (m2 - r2 - z2),
            "added up over the three matrices",
        ),
        argued(
            "expanding a pair of layers with their configuration prescribes these sums, and pairs below keep them: so "
            "pair after pair makes the union over all choices of configurations"
        ),
    ]


DimensionOf = Callable[[Any], Any]


def _ranks(dimension: DimensionOf, context: Context) -> Outcome:
    """The rank of the equations of every subspace."""
    for r, m in expansions(context):
        for S in subspaces(r, m, Family.LAST_TO_FIRST):
            found = sum(factor.dimension for factor in S.factors())
            if found != dimension([(P.m, P.r, P.number_of_zero_groups) for P in S.layers]):
                return decided(False, r=r, m=m, words=[P.word for P in S.configurations], found=found)
    return decided(True)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.eq7",
        Kind.DEFINITION,
        "Deep networks",
        Source(PAPER, "equation (7)", "5"),
        r"$f(x \mid \theta) = W^{(L)} \sigma(W^{(L-1)} \cdots \sigma(W^{(1)} x))$ with $d(r) = \sum_l r_{l-1} r_l$ "
        r"weights, irreducible if every pair $(W^{(l)}, W^{(l+1)})$ is. Permuting the hidden layers of an irreducible "
        r"network gives $r_1! \cdots r_{L-1}!$ distinct points of the same function.",
        uses=("simsek.net", "simsek.def3.1"),
        evidence=(
            enumeration(
                "all permutations of irreducible networks with up to three hidden layers, an unknown activation",
                lambda: lambda widths: prod(map(factorial, widths)),
                _permuted,
                [
                    Control("all neurons permuted together", lambda number: lambda widths: factorial(sum(widths))),
                    Control("the first hidden layer alone", lambda number: lambda widths: factorial(widths[0])),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.eq8",
        Kind.DEFINITION,
        "The expansion manifold of a deep network",
        Source(PAPER, "equation (8)", "5"),
        r"$\Theta_{r \to m}(\theta^r)$: expand the pair $(W^{(L-1)}, W^{(L)})$, then the pair below with its new "
        r"matrix, down to the first. It is a union of affine subspaces, one for each choice of a configuration in "
        r"every hidden layer; with $z_l$ zero-type groups and two hidden layers of dimension "
        r"$d_{in} z_1 + m_2 (m_1 - r_1 - z_1) + r_1 z_2 + d_{out} (m_2 - r_2 - z_2)$. The function is the same at all "
        "its points.",
        uses=("simsek.eq7", "simsek.def3.3"),
        evidence=(
            Derivation(
                "what a neuron of any layer computes, and the dimension, matrix by matrix", _sums_and_dimensions
            ),
            enumeration(
                "networks 1-2-2-1 with small weights: in one of nine subspaces exactly if pair after pair is expanded",
                lambda: _by_pairs(Family.LAST_TO_FIRST),
                _union_of_subspaces,
                [
                    Control("the opposite order", lambda member: _by_pairs(Family.FIRST_TO_LAST)),
                    Control("everything that reduces to the core", lambda member: _by_pairs(Family.FULL)),
                ],
            ),
            enumeration(
                "the rank of the equations of every subspace, up to three hidden layers",
                lambda: lambda sizes: dimension_of(sizes, Family.LAST_TO_FIRST),
                _ranks,
                [
                    Control("zero-type groups seen", lambda dimension: lambda sizes: dimension_of(sizes, Family.FULL)),
                    Control(
                        "copies with equal rows",
                        lambda dimension: lambda sizes: dimension_of(sizes, Family.FIRST_TO_LAST),
                    ),
                ],
            ),
        ),
    ),
)
