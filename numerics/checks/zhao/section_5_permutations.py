"""Measurements for section 5.1: random minima aligned by permutations, followed along paths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import factorial
from random import Random
from typing import Any

import sympy

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.connectivity.gl_paths import is_invertible_path
from quadrics.connectivity.group_actions import act
from quadrics.connectivity.linear_networks import LinearNetwork, Weights
from quadrics.connectivity.permuted_minima import (
    Permutations,
    aligning_permutations,
    number_of_aligning_tuples,
    permute_neurons,
    printed_permutation,
)


def random_element(random: Random, h: int) -> Any:
    """Return a random invertible integer matrix with entries from -9 to 9.

    >>> random_element(Random(0), 2).shape
    (2, 2)
    """
    while True:
        g = sympy.ImmutableDenseMatrix(h, h, lambda *_: random.randint(-9, 9))
        if g.det() != 0:
            return g


def random_minima(random: Random, h: int, depth: int) -> tuple[LinearNetwork, Weights, Weights]:
    """Return a network on random data, and two points of its minimum."""
    network = LinearNetwork(random_element(random, h), random_element(random, h), depth)
    first, second = ([random_element(random, h) for _ in range(depth - 1)] for _ in range(2))
    return network, network.parametrize(first), network.parametrize(second)


@dataclass(frozen=True)
class Alignment:
    """Permutations for two minima, and how weights are permuted by them."""

    align: Callable[[LinearNetwork, Weights, Weights], Permutations]
    permute: Callable[[Any, Any], Any]


def _connects(said: Alignment, context: Context) -> Outcome:
    """Random data and minima, h and l from 2 to 4: aligned, then joined by a path whose determinants have no root."""
    random = Random(context.seed_for("prop5.2"))
    for _ in range(context.pick(quick=12, full=500)):
        h, depth = random.randint(2, 4), random.randint(2, 4)
        network, start, end = random_minima(random, h, depth)
        moved = said.permute(start, said.align(network, start, end))
        if not network.contains(moved) or network.component_of(moved) != network.component_of(end):
            return decided(False, h=h, depth=depth)
        path = network.path(moved, end)
        if not all(map(is_invertible_path, path.polygons)) or not network.contains(path(sympy.Rational(5, 9))):
            return decided(False, path=(h, depth))
    return decided(True)


def _no_permutation(network: LinearNetwork, start: Weights, end: Weights) -> Permutations:
    return (tuple(range(network.width)),) * (network.depth - 1)


def _hits(number: int, context: Context) -> dict[tuple[int, int], int]:
    """How many of ``number`` random tuples of permutations connect two random minima, for some (h, l)."""
    random, found = Random(context.seed_for("prop5.2 tuples")), {}
    for h, depth in ((2, 3), (3, 2), (4, 3)):
        network, start, end = random_minima(random, h, depth)
        tuples = [[random.sample(range(h), h) for _ in range(depth - 1)] for _ in range(number)]
        reached = [network.component_of(permute_neurons(start, chosen)) for chosen in tuples]
        found[h, depth] = reached.count(network.component_of(end))
    return found


def _share_of_tuples(share: Callable[[int, int], Fraction], context: Context) -> Outcome:
    """Of random tuples of permutations the share that connects, within five standard deviations of a binomial count."""
    number, worst = context.pick(quick=100, full=2_000), 0.0
    for (h, depth), hits in context.once("prop5.2 tuples", lambda: _hits(number, context)).items():
        p = float(share(h, depth))
        worst = max(worst, abs(hits - number * p) / (number * p * (1 - p)) ** 0.5)
    return decided(worst <= 5, worst_in_deviations=worst)


def _share(h: int, depth: int) -> Fraction:
    return Fraction(number_of_aligning_tuples(h, depth), factorial(h) ** (depth - 1))


def _crosses(wanted: int, context: Context) -> Outcome:
    """Random minima of two layers in different components, random g with det g of the wanted sign."""
    random, tried = Random(context.seed_for("lem5.1")), 0
    while tried < context.pick(quick=15, full=500):
        network, start, end = random_minima(random, random.randint(1, 4), 2)
        g = random_element(random, network.width)
        if network.component_of(start) != network.component_of(end) and g.det() * wanted > 0:
            tried += 1
            moved = act([g], start)
            if network.component_of(moved) != network.component_of(end):
                return decided(False, g=str(g))
            if not all(map(is_invertible_path, network.path(moved, end).polygons)):
                return decided(False, path=str(g))
    return decided(True, pairs=tried)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "zhao.lem5.1": (
        measurement(
            "random minima in different components, h up to 4, and random g with det g < 0, joined by exact paths",
            lambda: -1,
            _crosses,
            [Control("det g > 0", lambda wanted: 1)],
        ),
    ),
    "zhao.prop5.2": (
        measurement(
            "random data and minima, h and l from 2 to 4: permuted, then joined by an exact path",
            partial(Alignment, aligning_permutations, permute_neurons),
            _connects,
            [
                Control("permuted as printed", lambda said: Alignment(said.align, printed_permutation)),
                Control("not permuted", lambda said: Alignment(_no_permutation, said.permute)),
            ],
        ),
        measurement(
            "the share of random tuples of permutations that connect: 2^(1-l)",
            lambda: _share,
            _share_of_tuples,
            [
                Control("six in ten", lambda share: lambda h, depth: Fraction(6, 10)),
                Control("1/h!", lambda share: lambda h, depth: Fraction(1, factorial(h))),
            ],
        ),
    ),
}
