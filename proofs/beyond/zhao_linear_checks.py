"""How the statements on linear networks of any widths are tried: exact paths, finite groups, orbits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import networkx as nx
import sympy as sp
from sympy.combinatorics import Permutation, PermutationGroup

from quadrics.connectivity.factorizations import Factorizations
from quadrics.connectivity.gl_paths import is_invertible_path
from quadrics.connectivity.group_actions import act
from quadrics.connectivity.linear_networks import Weights, chain_product
from quadrics.connectivity.permuted_minima import (
    effective_components,
    permute_neurons,
)
from quadrics.orbits import NeuronPermutations, orbits_under

from ..check import Context
from ..evidence import Outcome, decided
from ..zhao.finite_groups import GROUPS

Count = Callable[[int, Sequence[int]], Any]


def _cases(context: Context) -> Iterator[tuple[Any, tuple[int, ...]]]:
    """Targets of ranks 0 to 2 and hidden widths."""
    targets = [sp.Matrix([[1, 2], [2, 4]]), sp.Matrix([[1, 2, 0], [0, 1, 1]]), sp.Matrix([[3]]), sp.zeros(1, 2)]
    for A in targets:
        for depth in context.pick(quick=(1, 2), full=(1, 2, 3)):
            for widths in product((max(A.rank(), 1), A.rank() + 1), repeat=depth):
                yield A, widths


def _sample(space: Factorizations) -> list[Weights]:
    """Factorizations of many kinds: thin ones in every component, moved by basis changes, and fattened."""
    r, found = space.rank, []
    shears = {h: sp.eye(h) + sp.Matrix(h, h, lambda i, j: int(j == i + 1)) for h in space.widths}
    for signs in product((-1, 1), repeat=len(space.widths)):
        frames = []
        for h, sign in zip(space.widths, signs, strict=True):
            J = sp.Matrix(h, r, lambda i, j: int(i == j))
            turn = sp.diag(sign, *(1,) * (r - 1)) if r else sp.eye(0)
            frames.append((J * turn, turn.inv() * J.T))
        thin = space.thin(frames)
        found.append(thin)
        found.append(act([shears[h] for h in space.widths], _fattened(space, thin)))
    return found


def _fattened(space: Factorizations, weights: Weights) -> Weights:
    """Something added to the first layer that the second one does not see."""
    unseen = weights[1].nullspace()
    if not unseen:
        return weights
    extra = unseen[0] * sp.ones(1, weights[0].cols)
    return (weights[0] + extra, *weights[1:])


def joined(count: Count, context: Context) -> Outcome:
    """Sampled factorizations as a graph, an edge for each exact path; as many classes as the count says."""
    paths = 0
    for A, widths in _cases(context):
        space = Factorizations(A, widths)
        points = _sample(space)
        graph: nx.Graph[int] = nx.Graph()
        graph.add_nodes_from(range(len(points)))
        first: dict[Any, int] = {}
        for k, point in enumerate(points):
            if chain_product(point) != A:
                return decided(False, off=str(point))
            start = first.setdefault(space.component_of(point), k)
            if start != k:
                path = space.path(points[start], point)
                good = all(chain_product(path(sp.Rational(j, 7))) == A for j in (1, 3, 4, 6))
                if good and all(map(is_invertible_path, path.polygons)):
                    graph.add_edge(start, k)
                    paths += 1
        if nx.number_connected_components(graph) != count(space.rank, widths):
            return decided(False, A=str(A.tolist()), widths=widths, found=nx.number_connected_components(graph))
    return decided(True, paths=paths)


Index = Callable[[PermutationGroup, list[Permutation]], int]


def quotients(index: Index, context: Context) -> Outcome:
    """Components of G/H for each topological group of order up to 4 and subgroup, against the index."""
    tried = 0
    for group in GROUPS:
        for topology in group.topologies():
            parts = sorted(topology.components(), key=min)
            number = {g: k for k, part in enumerate(parts) for g in part}
            moves = [Permutation([number[group.table[g][min(part)]] for part in parts]) for g in topology.points]
            for subgroup in group.subgroups():
                found = topology.quotient(group.cosets(subgroup)).number_of_components()
                tried += 1
                if found != index(PermutationGroup(moves), [moves[h] for h in sorted(subgroup)]):
                    return decided(False, group=group.name, subgroup=sorted(subgroup))
    return decided(True, quotients=tried)


def brute_force(count: Count, context: Context) -> Outcome:
    """Every transposition of every hidden layer applied to a point of each component."""
    for r in (1, 2, 3):
        for widths in product((r, r + 1), repeat=context.pick(quick=2, full=3)):
            space = Factorizations(sp.eye(r), widths)
            frames = {}
            for signs in space.components():
                by_layer = dict(zip(space.bottlenecks, signs, strict=True))
                pairs = []
                for i, h in enumerate(widths, start=1):
                    J = sp.Matrix(h, r, lambda a, b: int(a == b))
                    turn = sp.diag(by_layer.get(i, 1), *(1,) * (r - 1))
                    pairs.append((J * turn, turn.inv() * J.T))
                frames[signs] = space.thin(pairs)
            moves = []
            for layer, h in enumerate(widths):
                if h > 1:
                    chosen = [(1, 0, *range(2, k)) if i == layer else tuple(range(k)) for i, k in enumerate(widths)]
                    moves.append(
                        lambda signs, space=space, frames=frames, chosen=chosen: space.component_of(
                            permute_neurons(frames[signs], chosen)
                        )
                    )
            if len(list(orbits_under(moves, space.components()))) != count(r, widths):
                return decided(False, rank=r, widths=widths)
    return decided(True)


def as_orbits(count: Count, context: Context) -> Outcome:
    """The orbit routine, ranks up to 4 and up to four hidden layers."""
    for r in (1, 2, 3, 4):
        for widths in product((r, r + 1), repeat=4):
            if len(list(effective_components(r, widths))) != count(r, widths):
                return decided(False, rank=r, widths=widths)
    return decided(True)


def scalar_outputs(count: Callable[[int], Any], context: Context) -> Outcome:
    """The same routine on the sign vectors of Nurisso et al.: S_l on {±1}^l."""
    found = [len(list(NeuronPermutations.symmetric(n).orbits())) for n in range(1, 7)]
    return decided(found == [count(n) for n in range(1, 7)], found=found)
