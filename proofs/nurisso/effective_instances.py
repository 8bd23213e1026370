"""Exact networks and small layers on which the claims about effective components are tried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations_with_replacement, permutations

from sympy import Rational

from quadrics.errors import RescalingError
from quadrics.network import Parameters
from quadrics.neuron_types import types_of
from quadrics.rescaling import rescale_to
from quadrics.symmetry import permute
from quadrics.type_patterns import TypePatterns

from ..check import Context

Signs = tuple[int, ...]

PAIR_C = (-1, 1)

PLUS_MINUS = Parameters(
    [[Rational(3, 4), 0], [0, Rational(5, 4)]],
    [[Rational(5, 4), Rational(-3, 4)]],
)
"""A point of H(-1, 1), d = 2, with output signs (+, -)."""

EXCHANGED = Parameters(
    [[0, Rational(3, 4)], [Rational(5, 4), 0]],
    [[Rational(-5, 4), Rational(3, 4)]],
)
"""Where PLUS_MINUS is taken by exchanging its neurons and rescaling them by 5/3 and 3/5: in H(-1, 1) again."""

MINUS_MINUS = Parameters(PLUS_MINUS.W1, [[Rational(-5, 4), Rational(-3, 4)]])
"""A point of H(-1, 1) with output signs (-, -)."""

PLUS_PLUS = Parameters(PLUS_MINUS.W1, -MINUS_MINUS.W2)
"""A point of H(-1, 1) with output signs (+, +), in the component of PLUS_MINUS."""

SMALL_NETWORKS: tuple[tuple[Parameters, Signs], ...] = (
    (PLUS_MINUS, PAIR_C),
    (Parameters([[0, 0], [1, 1]], [[2, -1]]), PAIR_C),
    (Parameters([[1, 2], [0, 3], [2, 0]], [[1, -2, 1]]), (-1, -1, 1)),
    (Parameters([[0, 0], [0, 3], [2, 0]], [[1, -2, 1]]), (-2, -1, 0)),
    (Parameters([[0, 0], [1, 1], [2, 0]], [[-1, -2, 0]]), (-1, -1, 3)),
    (Parameters([[0, 0], [1, 1], [0, 0]], [[1, -2, 0]]), (-1, -1, 0)),
    (Parameters([[1, 0], [1, 1], [0, 1]], [[1, 1, -1]]), (-1, 1, 1)),
)
"""Networks with and without degenerate neurons, and a c for each."""


def layers(context: Context, quick: int = 4, full: int = 5) -> Iterable[Signs]:
    """The sign vectors of c up to order, with a pathological neuron, up to a width that goes with the mode."""
    for width in range(1, context.pick(quick=quick, full=full) + 1):
        yield from (c for c in combinations_with_replacement((-1, 0, 1), width) if -1 in c)


def eff_by_definition(theta: Parameters, c: Sequence[int]) -> set[Signs]:
    """Eff(θ) from Definition 2 alone: every permutation, the rescaling into H(c) if there is one, its component."""
    H = TypePatterns(c, theta.d_in, theta.d_out)
    found = set()
    for perm in permutations(range(theta.width)):
        try:
            moved = rescale_to(permute(theta, perm), c)
        except RescalingError:
            continue
        found.add(H.component_of(types_of(moved)))
    return found


def plane_directions(n: int) -> list[tuple[int, int]]:
    """n directions in the plane, no two on a line."""
    return [(1, i) for i in range(n)]


def generic_network(positive: int, negative: int, flip: int) -> Parameters:
    """Different directions with these numbers of positive and negative masses, every ``flip``-th one turned round."""
    u = plane_directions(positive + negative)
    signs = [1] * positive + [-1] * negative
    turned = [(-x, -y) if flip and k % flip == 0 else (x, y) for k, (x, y) in enumerate(u)]
    return Parameters(turned, [[s * (k + 2) for k, s in enumerate(signs)]])
