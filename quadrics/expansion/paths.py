r"""Explicit paths inside the expansion manifold: any two of its points joined by line segments (Theorem 3.1).

For m > r, from θ: move all outgoing weight of each block to one of its neurons, a *token* (zero-type groups to zero);
then exchange tokens with free neurons, one at a time: a free neuron takes the token's incoming weights (nothing
changes, it has no outgoing ones), and then its outgoing weights. r tokens on m > r places reach any arrangement in at
most ⌊3r/2⌋ such moves: a move into its place for every token, and one more for every cycle. Finally the free neurons
take the incoming weights of θ', and the outgoing weights spread. That makes at most 2⌊3r/2⌋ + 3 segments, each inside a
single affine subspace.

>>> from .manifold import ExpansionManifold
>>> Theta = ExpansionManifold(Parameters([[1], [2]], [[5, 6]]), 3)
>>> start, end = Parameters([[1], [2], [7]], [[5, 6, 0]]), Parameters([[2], [1], [8]], [[6, 5, 0]])
>>> path = connect(Theta, start, end)
>>> path.number_of_segments, most_segments(2), path.stays_inside()
(7, 9, True)
>>> Theta.contains(path.at(sympy.Rational(3, 7)))
True
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy

from ..errors import DisconnectedError, NonFiniteError
from ..network import Neuron, Parameters
from ..validation import as_dimension, as_real
from .configurations import Configuration
from .manifold import ExpansionManifold
from .subspaces import ExpansionSubspace

State = list[tuple[Any, Any]]  # (w, a) of each neuron, as tuples


@dataclass(frozen=True)
class SegmentPath:
    """Line segments between consecutive corners; segment i lies in the subspace of ``configurations[i]``."""

    manifold: ExpansionManifold
    corners: tuple[Parameters, ...]
    configurations: tuple[Configuration, ...]

    @property
    def start(self) -> Parameters:
        """The first corner."""
        return self.corners[0]

    @property
    def end(self) -> Parameters:
        """The last corner."""
        return self.corners[-1]

    @property
    def number_of_segments(self) -> int:
        """Corners minus one."""
        return len(self.corners) - 1

    def at(self, time: object) -> Parameters:
        """Return the point at a time between 0 and 1; the segments take equal times.

        Raises ``NonFiniteError`` for another time.
        """
        t = as_real(time, "time")
        if not (t >= 0) == True or not (t <= 1) == True:  # noqa: E712 - SymPy relations
            raise NonFiniteError(f"time: got {t}; expected a number from 0 to 1")
        n = self.number_of_segments
        if n == 0:
            return self.start
        k = min(int(sympy.floor(t * n)), n - 1)
        return _between(self.corners[k], self.corners[k + 1], t * n - k)

    def stays_inside(self) -> bool:
        """Whether each segment lies in its affine subspace: exactly if both of its ends do."""
        return all(
            S.contains(before) and S.contains(after)
            for S, (before, after) in zip(self._subspaces(), pairwise(self.corners), strict=True)
        )

    def segments(self) -> Iterator[Parameters]:
        """Generate the segments, each as a network whose weights are expressions in s, 0 ≤ s ≤ 1."""
        s = sympy.Symbol("s", real=True)
        return (_between(before, after, s) for before, after in pairwise(self.corners))

    def _subspaces(self) -> Iterator[ExpansionSubspace]:
        return (ExpansionSubspace(self.manifold.core, P) for P in self.configurations)


def most_segments(r: object) -> int:
    """Return 2⌊3r/2⌋ + 3, the most segments that :func:`connect` needs.

    >>> [most_segments(r) for r in range(1, 6)]
    [5, 9, 11, 15, 17]
    """
    return 2 * (3 * as_dimension(r, "r", 1) // 2) + 3


def connect(manifold: ExpansionManifold, start: Parameters, end: Parameters) -> SegmentPath:
    """Return a path of at most 2⌊3r/2⌋ + 3 line segments from ``start`` to ``end`` inside the manifold.

    Raises
    ------
    OffManifoldError
        if an end does not lie on the manifold.
    DisconnectedError
        if m = r and the ends differ: the manifold is r! points.

    Examples
    --------
    >>> from .manifold import ExpansionManifold
    >>> core = Parameters([[1], [2]], [[5, 6]])
    >>> connect(ExpansionManifold(core, 2), core, Parameters([[2], [1]], [[6, 5]]))
    Traceback (most recent call last):
    ...
    quadrics.errors.DisconnectedError: path: got two different points for m = r = 2; expected m > r (without an extra \
neuron the manifold is r! isolated points)
    """
    P, Q = manifold.configuration_of(start), manifold.configuration_of(end)
    if start == end:
        return SegmentPath(manifold, (start,), ())
    if manifold.m == manifold.r:
        raise DisconnectedError(
            f"path: got two different points for m = r = {manifold.m}; expected m > r (without an extra neuron the "
            "manifold is r! isolated points)"
        )
    for common in (P, Q):
        S = ExpansionSubspace(manifold.core, common)
        if S.contains(start) and S.contains(end):
            return SegmentPath(manifold, (start, end), (common,))
    return _connect(manifold, start, end, P, Q)


def _connect(
    manifold: ExpansionManifold, start: Parameters, end: Parameters, P: Configuration, Q: Configuration
) -> SegmentPath:
    core, m = manifold.core, manifold.m
    places, goals = choose_tokens(P, Q)
    nothing = (sympy.Integer(0),) * core.d_out
    state: State = [(n.w, nothing) for n in start.neurons()]
    for t, place in enumerate(places):
        state[place] = (state[place][0], core.neuron(t).a)
    corners, configurations = [start], [P]
    corners.append(_network(state))
    for t, place in moves_of_tokens(places, goals, m):
        before = places[t]
        w, a = core.neuron(t).w, core.neuron(t).a
        state[place] = (w, nothing)
        corners.append(_network(state))
        configurations.append(singles(places, m))
        state[before], state[place] = (state[before][0], nothing), (w, a)
        corners.append(_network(state))
        configurations.append(singles(places, m, {place: t}))
        places[t] = place
    final = [n.w for n in end.neurons()]
    state = [(final[i], a) for i, (_, a) in enumerate(state)]
    corners += [_network(state), end]
    configurations += [singles(places, m), Q]
    return _without_rests(SegmentPath(manifold, tuple(corners), tuple(configurations)))


def choose_tokens(P: Configuration, Q: Configuration) -> tuple[list[int], list[int]]:
    """Return one place a label in P and one in Q, the same where the blocks have one in common."""
    places, goals = [], []
    for here, there in zip(P.labelled_blocks, Q.labelled_blocks, strict=True):
        common = sorted(set(here) & set(there))
        places.append(common[0] if common else here[0])
        goals.append(common[0] if common else there[0])
    return places, goals


def moves_of_tokens(places: list[int], goals: list[int], m: int) -> Iterator[tuple[int, int]]:
    """Generate moves (token, free place) that bring every token to its goal: at most one a token and one a cycle."""
    now = list(places)
    while now != goals:
        ready = [t for t, goal in enumerate(goals) if now[t] != goal and goal not in now]
        if ready:
            t, place = ready[0], goals[ready[0]]
        else:  # every goal is taken by a token out of place: break a cycle
            t = next(t for t, goal in enumerate(goals) if now[t] != goal)
            place = next(i for i in range(m) if i not in now)
        now[t] = place
        yield t, place


def singles(places: list[int], m: int, extra: dict[int, int] | None = None) -> Configuration:
    """Return the configuration of tokens in their places (some in two), other neurons each a group of zero type."""
    letters = {place: t + 1 for t, place in enumerate(places)} | {i: t + 1 for i, t in (extra or {}).items()}
    return Configuration(len(places), tuple(letters.get(i, -1 - i) for i in range(m)))


def _network(state: State) -> Parameters:
    return Parameters.from_neurons([Neuron(w, a) for w, a in state])


def _between(before: Parameters, after: Parameters, s: Any) -> Parameters:
    return Parameters(before.W1 + s * (after.W1 - before.W1), before.W2 + s * (after.W2 - before.W2))


def _without_rests(path: SegmentPath) -> SegmentPath:
    """The path without segments of length zero."""
    kept = [i for i in range(path.number_of_segments) if path.corners[i] != path.corners[i + 1]]
    corners = (path.start, *(path.corners[i + 1] for i in kept))
    return SegmentPath(path.manifold, corners, tuple(path.configurations[i] for i in kept))
