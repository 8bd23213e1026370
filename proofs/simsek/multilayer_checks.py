"""What the claims on deep networks share: small cores, all small networks, components by exact intersections."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise, product

import sympy as sp

from quadrics.expansion.deep.blocks import Family
from quadrics.expansion.deep.manifold import DeepExpansionManifold
from quadrics.expansion.deep.networks import DeepParameters
from quadrics.expansion.deep.subspaces import DeepSubspace, from_entries

from ..check import Context
from ..derivation import Step, step
from ..rules import equal, substitute

Widths = tuple[int, ...]

LINE = DeepParameters([[[1]], [[1]], [[1]]])
"""One neuron a layer."""


def core_of(widths: Widths, d_in: int = 1, d_out: int = 1) -> DeepParameters:
    """An irreducible network of these widths: weights 1, 2, 3, ... with changing signs, matrix by matrix.

    >>> core_of((2, 1)).weights[0].T
    Matrix([[1, -2]])
    """
    sizes = (d_in, *widths, d_out)
    count = sum(a * b for a, b in pairwise(sizes))
    return from_entries([(-1) ** i * (i + 1) for i in range(count)], sizes)


EXPANSIONS: tuple[tuple[Widths, Widths], ...] = (
    ((1, 1), (2, 2)),
    ((2, 1), (3, 2)),
    ((1, 2), (2, 3)),
    ((1, 1), (3, 2)),
    ((1, 2, 1), (2, 2, 2)),
    ((1, 1, 1), (2, 2, 2)),
)
LARGER: tuple[tuple[Widths, Widths], ...] = (((2, 2), (3, 3)), ((1, 2), (3, 3)), ((1, 1), (3, 3)))


def expansions(context: Context) -> Iterator[tuple[Widths, Widths]]:
    """Widths r and m, up to 27 (quick) or 144 (full) subspaces."""
    yield from EXPANSIONS
    if context.mode == "full":
        yield from LARGER


@lru_cache(maxsize=64)
def manifold(r: Widths, m: Widths, family: Family) -> DeepExpansionManifold:
    """The expansion of the core of widths r to widths m."""
    return DeepExpansionManifold(core_of(r), m, family)


@lru_cache(maxsize=64)
def subspaces(r: Widths, m: Widths, family: Family) -> tuple[DeepSubspace, ...]:
    """Its affine subspaces."""
    return tuple(manifold(r, m, family).subspaces())


@lru_cache(maxsize=256)
def components(r: Widths, m: Widths, family: Family) -> int:
    """The number of components of the union, by exact intersections.

    A subspace is compared with the others only while they are not known to hang together with it.
    """
    spaces = subspaces(r, m, family)
    found: list[list[DeepSubspace]] = []
    for S in spaces:
        near = [group for group in found if any(S.meets(other) for other in group)]
        found = [group for group in found if group not in near]
        found.append([S, *(other for group in near for other in group)])
    return len(found)


def small_networks(context: Context) -> list[tuple[DeepParameters, dict[Family, bool]]]:
    """Networks 1-2-2-1 with small weights, each with the families of expansions of ``LINE`` that it belongs to.

    Membership is decided subspace by subspace, from the definition. W^2 takes all values in {-1, 0, 1}; W^1 and W^3
    all values in {0, 1} and {-1, 0, 1}, 2 (full) or some of them (quick). Once in a run.
    """

    def compute() -> list[tuple[DeepParameters, dict[Family, bool]]]:
        firsts: list[tuple[int, ...]] = [(1, 0), (1, 1)]
        lasts: list[tuple[int, ...]] = [(1, 0), (0, 1), (2, -1), (1, -1)]
        if context.mode == "full":
            firsts = list(product((0, 1), repeat=2))
            lasts = [*product((-1, 0, 1), repeat=2), (2, -1), (-1, 2)]
        spaces = {family: list(DeepExpansionManifold(LINE, (2, 2), family).subspaces()) for family in Family}
        found = []
        for first, second, last in product(firsts, product((-1, 0, 1), repeat=4), lasts):
            theta = from_entries((*first, *second, *last), (1, 2, 2, 1))
            found.append((theta, {f: any(S.contains(theta) for S in spaces[f]) for f in Family}))
        return found

    return context.once("small deep networks", compute)


def sums_over_blocks() -> list[Step]:
    """What a neuron of any layer computes, from the sums of its weights over the blocks of the layer below."""
    j, k, b = sp.symbols("j k b", integer=True, positive=True)
    v, f = sp.IndexedBase("v"), sp.Symbol("f_t")
    copies, zeros = sp.Sum(v[j], (j, 1, k)), sp.Sum(v[j], (j, 1, b))
    w, g, c = sp.Symbol("W_it"), sp.Symbol("g_Z"), sp.Symbol("c_Z")
    return [
        step(
            equal,
            sp.Sum(v[j] * f, (j, 1, k)),
            f * copies,
            "the k copies of neuron t of the layer below all compute f_t (the inputs are their own only copies)",
        ),
        step(substitute({copies: w}), f * copies, f * w, "whose weights add up to the core's: as in the core"),
        step(equal, sp.Sum(v[j] * g, (j, 1, b)), g * zeros, "a zero-type group computes some common g_Z"),
        step(substitute({zeros: sp.Integer(0)}), g * zeros, sp.Integer(0), "which a labelled neuron does not see"),
        step(
            substitute({zeros: c}),
            g * zeros,
            g * c,
            "neurons of a zero-type group may see it, with a common sum: then they too compute a common function",
        ),
    ]
