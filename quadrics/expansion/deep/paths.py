r"""Explicit paths inside the expansion manifold of a deep network.

As for two layers (:mod:`~quadrics.expansion.paths`), layer by layer: first all outgoing weight of each block moves to
one of its neurons, a *token*, in every layer at once; the other neurons become zero-type groups of their own. A token
moves to a free neuron of its layer in two segments: the free neuron takes the token's incoming weights, then its
outgoing ones. Finally everything spreads to the end point. That makes at most
:math:`3 + \sum_l 2 \lfloor 3 r_l / 2 \rfloor` segments; layers without an extra neuron must have their tokens in place.

>>> from .networks import permute
>>> core = DeepParameters([[[1], [2]], [[3, 4], [5, 6]], [[7, 8]]])
>>> Theta = DeepExpansionManifold(core, (3, 3))
>>> subspaces = list(Theta.subspaces())
>>> path = connect(Theta, subspaces[0].base_point, subspaces[-1].base_point)
>>> path.number_of_segments <= most_segments(core.widths) == 15, path.stays_inside()
(True, True)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy

from ...errors import DisconnectedError, NonFiniteError
from ...validation import as_dimension, as_real
from ..configurations import Configuration
from ..paths import choose_tokens, moves_of_tokens, singles
from .manifold import DeepExpansionManifold
from .networks import DeepParameters
from .subspaces import DeepSubspace

Configurations = tuple[Configuration, ...]


@dataclass(frozen=True)
class DeepPath:
    """Line segments between consecutive corners; segment i lies in the subspace of ``configurations[i]``."""

    manifold: DeepExpansionManifold
    corners: tuple[DeepParameters, ...]
    configurations: tuple[Configurations, ...]

    @property
    def number_of_segments(self) -> int:
        """Corners minus one."""
        return len(self.corners) - 1

    def at(self, time: object) -> DeepParameters:
        """Return the point at a time between 0 and 1; the segments take equal times.

        Raises ``NonFiniteError`` for another time.
        """
        t = as_real(time, "time")
        if not (t >= 0) == True or not (t <= 1) == True:  # noqa: E712 - SymPy relations
            raise NonFiniteError(f"time: got {t}; expected a number from 0 to 1")
        n = self.number_of_segments
        if n == 0:
            return self.corners[0]
        k = min(int(sympy.floor(t * n)), n - 1)
        before, after, s = self.corners[k].weights, self.corners[k + 1].weights, t * n - k
        return DeepParameters(tuple(V + s * (W - V) for V, W in zip(before, after, strict=True)))

    def stays_inside(self) -> bool:
        """Whether each segment lies in its affine subspace: exactly if both of its ends do."""
        family, core = self.manifold.family, self.manifold.core
        return all(
            DeepSubspace(core, P, family).contains(before) and DeepSubspace(core, P, family).contains(after)
            for P, (before, after) in zip(self.configurations, pairwise(self.corners), strict=True)
        )


def most_segments(r: Sequence[object]) -> int:
    """Return 3 + Σ 2⌊3r_l/2⌋, the most segments that :func:`connect` needs.

    >>> most_segments([2]), most_segments([2, 3])
    (9, 17)
    """
    return 3 + sum(2 * (3 * as_dimension(width, "r", 1) // 2) for width in r)


def connect(manifold: DeepExpansionManifold, start: DeepParameters, end: DeepParameters) -> DeepPath:
    """Return a path of at most :func:`most_segments` line segments from ``start`` to ``end`` inside the manifold.

    Raises
    ------
    OffManifoldError
        if an end does not lie on the manifold.
    DisconnectedError
        if a layer without an extra neuron has its neurons in another order.

    Examples
    --------
    >>> core = DeepParameters([[[1], [2]], [[3, 4]]])
    >>> connect(DeepExpansionManifold(core, (2,)), core, DeepParameters([[[2], [1]], [[4, 3]]]))
    Traceback (most recent call last):
    ...
    quadrics.errors.DisconnectedError: path: got the neurons of hidden layer 1 in two orders; expected an extra neuron \
there (without one its permutations are not connected)
    """
    core, m = manifold.core, manifold.m
    P, Q = manifold.configurations_of(start), manifold.configurations_of(end)
    for common in (P, Q):
        S = DeepSubspace(core, common, manifold.family)
        if S.contains(start) and S.contains(end):
            return _without_rests(DeepPath(manifold, (start, end), (common,)))
    tokens = [choose_tokens(p, q) for p, q in zip(P, Q, strict=True)]
    places, goals = [list(t[0]) for t in tokens], [list(t[1]) for t in tokens]
    for layer, (here, there) in enumerate(zip(places, goals, strict=True), start=1):
        if m[layer - 1] == len(here) and here != there:
            raise DisconnectedError(
                f"path: got the neurons of hidden layer {layer} in two orders; expected an extra neuron there (without "
                "one its permutations are not connected)"
            )
    corners, configurations = [start], [P]
    corners.append(_tokens_only(core, P, places))
    configurations.append(_singles(places, m))
    for layer in range(len(m)):
        for t, place in list(moves_of_tokens(places[layer], goals[layer], m[layer])):
            doubled = {place: t}
            copied = list(_singles(places, m))
            copied[layer] = singles(places[layer], m[layer], doubled)
            corners.append(_tokens_only(core, tuple(copied), places))
            places[layer][t] = place
            corners.append(_tokens_only(core, tuple(copied), places))
            configurations += [tuple(copied), _singles(places, m)]
    corners.append(_tokens_only(core, Q, places))
    corners.append(end)
    configurations.append(Q)
    return _without_rests(DeepPath(manifold, tuple(corners), tuple(configurations)))


def _tokens_only(core: DeepParameters, P: Configurations, places: Sequence[Sequence[int]]) -> DeepParameters:
    """Copies have the rows of the core, but only tokens have outgoing weights."""
    rows = [list(range(1, core.d_in + 1)), *(p.word for p in P), list(range(1, core.d_out + 1))]
    tokens = [list(range(core.d_in)), *places]
    weights = []
    for W, (_, above), own, below in zip(core.weights, pairwise(rows), tokens, rows[:-1], strict=True):
        V: Any = sympy.zeros(len(above), len(below))
        for i, letter in enumerate(above):
            if letter > 0:
                for u, j in enumerate(own):
                    V[i, j] = W[letter - 1, u]
        weights.append(V)
    return DeepParameters(tuple(weights))


def _singles(places: Sequence[list[int]], m: Sequence[int]) -> Configurations:
    """Tokens in their places, every other neuron a zero-type group of its own."""
    return tuple(singles(own, width) for own, width in zip(places, m, strict=True))


def _without_rests(path: DeepPath) -> DeepPath:
    """The path without segments of length zero."""
    kept = [i for i in range(path.number_of_segments) if path.corners[i] != path.corners[i + 1]]
    corners = (path.corners[0], *(path.corners[i + 1] for i in kept))
    return DeepPath(path.manifold, corners, tuple(path.configurations[i] for i in kept))
