"""Measurements on sampled invariant sets: components by union-find, Betti numbers by persistent homology.

Every net comes with a distance that is derived from its cells (:mod:`numerics.sampling`). Within a component
neighbouring samples are at most ``link`` apart. Two components of H(c) are at least 2√|c_k| = 2 apart, for the neuron
k whose sign differs. So union-find at ``link`` < 2 counts the components; with a coarser net the answer is *undecided*.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import sqrt
from typing import Any

import torch

from proofs import Context, Outcome, decided
from quadrics.quadric import Quadric

from ..homology import count_components, sampled_betti_numbers
from ..sampling import Net, cone_net, product_net, quadric_net
from .sampling import generator

Count = Callable[[int, int, Sequence[int], bool], Any]
"""(d, e, signs of c, bias) -> the number of components that a statement claims."""

PATTERNS: tuple[tuple[int, ...], ...] = ((-1,), (0,), (1,), (-1, -1), (1, -1), (1, 1), (0, -1), (-1, 1, -1))
NOISE = 1e-3
"""Points in special position (on common spheres) make the exact arithmetic of Delaunay complexes slow."""


def factor_net(quadric: Quadric, source: torch.Generator, step: float | None = None) -> Net:
    """A net of one quadric, of some ten to some hundred points."""
    step = step or (0.25 if quadric.input_dimension + quadric.d_out <= 3 else 0.35)
    if quadric.sign == 0:
        return cone_net(quadric, 0.0, 1.0, step, source)
    return quadric_net(quadric, 0.25, step, source)


def components_agree(
    count: Count, context: Context, name: str, *, bias: bool = False, net: Callable[..., Net] = factor_net
) -> Outcome:
    """Union-find on nets of H(c) for d, e <= 2 and c in {-1, 0, 1}^l, l <= 3."""
    cases = points = 0
    for d, e in ((1, 1), (2, 1), (1, 2), (2, 2)) if not bias else ((1, 1), (1, 2)):
        for pattern in PATTERNS:
            # The sign that disconnects is that of the one-dimensional layer: c < 0 for e = 1, c > 0 for d = 1.
            c = tuple(-value for value in pattern) if e > 1 else pattern
            if d + bias + e > 3 and len(c) > 1:
                continue  # every factor is connected there, and the products are large
            key = ("components", name, d, e, c, bias)
            found = context.once(key, partial(_count, d, e, c, bias, net, generator(context, name)))
            if found is None:
                return decided(None, at=(d, e, c), reason="the net is too coarse")
            number, size = found
            cases, points = cases + 1, points + size
            if count(d, e, c, bias) != number:
                return decided(False, d=d, e=e, c=c, counted=number, claimed=count(d, e, c, bias))
    return decided(True, sets=cases, points=points)


def _count(
    d: int, e: int, c: Sequence[int], bias: bool, net: Callable[..., Net], source: torch.Generator
) -> tuple[int, int] | None:
    whole = product_net([net(Quadric(d, e, value, bias), source) for value in c])
    # Where the sign of some weight tells components apart, that weight is at least 1 = √|c_k| in size on both.
    if whole.link >= 2:
        return None
    return count_components(whole), len(whole.points)


Betti = Callable[[int, int, Sequence[int]], list[int]]

QUICK: tuple[tuple[int, int, tuple[int, ...], float, float], ...] = (
    # d, e, c, radius, step
    (1, 1, (-1,), 0.5, 0.1),
    (1, 1, (1,), 0.5, 0.1),
    (2, 1, (1,), 0.2, 0.1),
    (2, 1, (-1,), 0.2, 0.1),
    (1, 2, (1,), 0.2, 0.1),
    (1, 2, (-1,), 0.2, 0.1),
    (2, 2, (1,), 0.1, 0.1),
    (3, 1, (1,), 0.01, 0.13),
    (1, 1, (1, -1), 0.1, 0.1),
)
FULL = (*QUICK, (2, 2, (-1,), 0.1, 0.1), (1, 3, (-1,), 0.05, 0.11), (3, 1, (1,), 0.05, 0.11))


def betti_numbers_agree(betti: Betti, context: Context, name: str) -> Outcome:
    """Persistent homology of nets of Q(c) and of products, |c| = 1 so that the weak feature size is 1."""
    cases = context.pick(quick=QUICK, full=FULL)
    for d, e, c, radius, step in cases:
        key = ("betti", name, d, e, c, step)
        found = context.once(key, partial(_betti, d, e, c, radius, step, generator(context, name)))
        if betti(d, e, c) != found:
            return decided(False, d=d, e=e, c=c, measured=found, claimed=betti(d, e, c))
    return decided(True, sets=len(cases))


def _betti(d: int, e: int, c: Sequence[int], radius: float, step: float, source: torch.Generator) -> list[int]:
    net = product_net([quadric_net(Quadric(d, e, value), radius, step, source) for value in c])
    return sampled_betti_numbers(net.noisy(NOISE, source), weak_feature_size=sqrt(min(abs(value) for value in c)))


# d, e, c, radius, step
BIASED = ((1, 1, 1, 0.2, 0.1), (1, 1, -1, 0.2, 0.1), (1, 2, 1, 0.1, 0.1), (2, 1, 1, 0.01, 0.13), (2, 1, -1, 0.2, 0.1))


def betti_numbers_agree_with_biases(betti: Callable[[int, int, int], list[int]], context: Context) -> Outcome:
    """The same for single quadrics with bias, |c| = 1."""
    for d, e, c, radius, step in BIASED:
        key = ("betti with bias", d, e, c)
        found = context.once(key, partial(_betti_with_bias, Quadric(d, e, c, bias=True), radius, step, context))
        if betti(d, e, c) != found:
            return decided(False, d=d, e=e, c=c, measured=found, claimed=betti(d, e, c))
    return decided(True, sets=len(BIASED))


def _betti_with_bias(quadric: Quadric, radius: float, step: float, context: Context) -> list[int]:
    source = generator(context, "betti with bias")
    return sampled_betti_numbers(quadric_net(quadric, radius, step, source).noisy(NOISE, source), 1.0)
