"""Which neurons to merge and which to leave out, so that the bounds of all steps together stay within a tolerance."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from .groups import single_linkage
from .merging import Merged, Merger

__all__ = ["SLACK", "Steps", "choose_steps"]

SLACK = 1e-11
"""The part of the tolerance that is left for the roundings of sums of up to 16,384 bounds."""

Array = np.ndarray[Any, np.dtype[np.float64]]


class Steps(NamedTuple):
    """What is done to the neurons of a network; each is in one place.

    Attributes:
        core: the neurons of the pruned network, in the order of their first members.
        zero_type: groups that are left out.
        constant: neurons with w = 0 that go into the output bias, or are zero.
        b2: the output bias with them in it; None where there is none.
        constant_cost: how much rounding the new bias costs.
    """

    core: list[Merged]
    zero_type: list[Merged]
    constant: tuple[int, ...]
    b2: Array | None
    constant_cost: float


def choose_steps(merger: Merger, tolerance: float, flat: list[int], b2: Array | None) -> Steps:
    """Return the steps, chosen greedily.

    Constants go into the output bias; neurons go whose outgoing weights are negligible, at half the tolerance for all
    of them; then neurons are merged in the order of their distances, and at last groups whose outgoing
    weights cancel are left out.

    Args:
        merger: of the network.
        tolerance: for the sum of all bounds. 0 for what is exact but for the rounding of what is stored.
        flat: the neurons with w = 0.
        b2: (e,) or None.
    """
    budget = _Budget(tolerance)
    neurons = range(len(merger.incoming))
    constant, new, cost = _fold(merger, budget, flat, b2)
    silent, rest = _leave_out_negligible(merger, budget, [k for k in neurons if k not in set(constant)])
    core, cancelled = _leave_out_groups(budget, _merge(merger, budget, rest))
    return Steps(sorted(core, key=_first), sorted([*silent, *cancelled], key=_first), constant, new, cost)


class _Budget:
    """What may still be spent: the tolerance, or, where that is 0, only exact steps, at any price in last digits."""

    def __init__(self, tolerance: float) -> None:
        self.left = tolerance * (1 - SLACK)
        self.exact = tolerance == 0

    def spend(self, cost: float, is_exact: bool) -> bool:
        """Take a step of this cost, if that is allowed."""
        allowed = is_exact and math.isfinite(cost) if self.exact else cost <= self.left
        if allowed:
            self.left -= cost
        return allowed


def _first(one: Merged) -> int:
    return one.members[0]


def _fold(
    merger: Merger, budget: _Budget, flat: list[int], b2: Array | None
) -> tuple[tuple[int, ...], Array | None, float]:
    """Constants go into the output bias; without one, only those with σ(b) = 0 go."""
    if b2 is None:
        return tuple(k for k in flat if merger.is_silent(k)), None, 0.0
    if flat:
        new, cost = merger.constant(flat, b2)
        if budget.spend(cost, is_exact=True):
            return tuple(flat), new, cost
    return (), b2, 0.0


def _leave_out_negligible(merger: Merger, budget: _Budget, neurons: list[int]) -> tuple[list[Merged], list[int]]:
    """Neurons go that cost no more than their share of half of what may be spent.

    Otherwise the merges to come would count them as copies of their neighbours; exact merges never do.
    """
    if budget.exact:
        return [], neurons
    share = budget.left / 2 / max(len(neurons), 1)
    gone, rest = [], []
    for k in neurons:
        one = merger([k])
        if one.silence <= share and budget.spend(one.silence, one.silence == 0):
            gone.append(one)
        else:
            rest.append(k)
    return gone, rest


def _merge(merger: Merger, budget: _Budget, neurons: list[int]) -> list[Merged]:
    """Groups of neurons, from the tree of distances: a branch becomes one neuron if all branches of it may."""
    branches: list[Merged | None] = [*_merge_equal(merger, budget, neurons)]
    inside: set[int] = set()
    rows = merger.incoming[[one.members[0] for one in branches if one is not None]]
    for row in single_linkage(rows).tolist() if neurons else []:
        first, second = int(row[0]), int(row[1])
        left, right, both = branches[first], branches[second], None
        if left is not None and right is not None:
            both = merger(sorted(left.members + right.members))
            added = both.moved + both.rounding - sum(one.moved + one.rounding for one in (left, right))
            if both.is_finite and budget.spend(added, both.is_exact):
                inside |= {first, second}
            else:
                both = None
        branches.append(both)
    return [one for k, one in enumerate(branches) if one is not None and k not in inside]


def _merge_equal(merger: Merger, budget: _Budget, neurons: list[int]) -> list[Merged]:
    """Neurons of equal incoming weights become one where that may be; the others stay apart."""
    equal: dict[tuple[float, ...], list[int]] = {}
    for k in neurons:
        equal.setdefault(tuple(merger.incoming[k].tolist()), []).append(k)
    found = []
    for members in equal.values():
        one = merger(members)
        together = one.is_finite and budget.spend(one.rounding, is_exact=True)
        found += [one] if together else [merger([k]) for k in members]
    return found


def _leave_out_groups(budget: _Budget, merged: list[Merged]) -> tuple[list[Merged], list[Merged]]:
    """Split into neurons of the core and zero-type groups, which cost least."""
    core: list[Merged] = []
    gone: list[Merged] = []
    for one in sorted(merged, key=lambda one: one.silence - one.rounding):
        goes = budget.spend(one.silence - one.rounding, one.is_exact and one.silence == 0)
        (gone if goes else core).append(one)
    return core, gone
