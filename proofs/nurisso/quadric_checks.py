"""Decisions that several claims share: charts at exact points, and Betti numbers against an exact homology."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations, product
from typing import Any

import networkx as nx
import sympy as sp
from sympy import Rational

from quadrics.invariant_shape import InvariantShape
from quadrics.network import Neuron
from quadrics.paths import NeuronPath
from quadrics.quadric import Quadric
from quadrics.simplicial import product_of_spheres

from ..check import Context
from ..evidence import Outcome, decided
from ..exact import same


def rational_points(d: int, e: int, bias: bool = False) -> Iterator[Neuron]:
    """Neurons with small rational weights, some of them zero."""
    values = (0, 1, -2, Rational(3, 2), Rational(-1, 3))
    for shift in range(6):
        weights = [values[(shift * (i + 1) + i) % 5] for i in range(d + e + bias)]
        yield Neuron(tuple(weights[:d]), tuple(weights[d : d + e]), weights[-1] if bias else None)


Charts = Callable[[Quadric], tuple[Callable[[Neuron], Any], Callable[[Any, Any], Neuron]]]


def library_charts(Q: Quadric) -> tuple[Callable[[Neuron], Any], Callable[[Any, Any], Neuron]]:
    return Q.chart, Q.inverse_chart


def charts_are_inverse(bias: bool) -> Callable[[Charts, Context], Outcome]:
    """A decision: charts map exact points to S × R, back to the same points, and from S × R into Q(c)."""

    def decide(charts: Charts, context: Context) -> Outcome:
        cases = 0
        for d, e in product((1, 2, 3), (1, 2, 3)):
            for neuron in rational_points(d, e, bias):
                c = neuron.input_square - neuron.output_square
                if c == 0:
                    continue
                Q = Quadric(d, e, c, bias)
                chart, inverse = charts(Q)
                u, y = chart(neuron)
                back = inverse(u, y)
                on_sphere = same(sum((v**2 for v in u), sp.Integer(0)), 1)
                returns = same([*back.w, *back.a, back.b or 0], [*neuron.w, *neuron.a, neuron.b or 0])
                pole = inverse([1] + [0] * Q.sphere_dimension, [2] * Q.euclidean_dimension)
                cases += 1
                if not (on_sphere and returns and Q.contains(pole)):
                    return decided(False, at=(d, e, str(c)), neuron=str(neuron))
        return decided(True, points=cases)

    return decide


def without_root(charts: Charts) -> Charts:
    """The chart (18) with the square root forgotten."""

    def mutant(Q: Quadric) -> tuple[Callable[[Neuron], Any], Callable[[Any, Any], Neuron]]:
        chart, inverse = charts(Q)

        def forgetful(neuron: Neuron) -> Any:
            u, y = chart(neuron)
            r = sp.sqrt(sp.Abs(Q.c) + sum(v**2 for v in y))
            return u / r, y

        return forgetful, inverse

    return mutant


Case = tuple[int, int, int, int, int]
Betti = Callable[[int, int, int, int, int], list[int]]

# d, e, l_plus, l_minus, l_zero
HOMOLOGY_CASES: tuple[Case, ...] = (
    (1, 1, 2, 2, 0),
    (1, 3, 2, 1, 1),
    (3, 1, 1, 2, 0),
    (2, 1, 2, 1, 2),
    (2, 3, 1, 1, 1),
    (2, 2, 2, 1, 0),
    (3, 2, 1, 2, 0),
    (1, 2, 1, 2, 0),
    (4, 2, 1, 1, 1),
)


def library_betti(d: int, e: int, plus: int, minus: int, zero: int) -> list[int]:
    """The Betti numbers of H(c) that the library gives, without biases."""
    return InvariantShape(d, e, plus, minus, zero).betti_numbers()


def library_betti_with_biases(d: int, e: int, plus: int, minus: int, zero: int) -> list[int]:
    """The same with biases, for d - 1 inputs: then d counts the bias, and the homology is the same."""
    return InvariantShape(d - 1, e, plus, minus, zero, bias=True).betti_numbers()


def _homology(spheres: tuple[int, ...], characteristic: int) -> list[int]:
    return product_of_spheres(spheres).betti_numbers(characteristic)


def agrees_with_homology(betti: Betti, context: Context, cases: tuple[Case, ...] = HOMOLOGY_CASES) -> Outcome:
    """Ranks of the boundary maps of a product of cross-polytopes, over the rationals and modulo 2."""
    for case in cases:
        d, e, plus, minus, _ = case
        spheres = tuple([d - 1] * plus + [e - 1] * minus)
        for characteristic in (0, 2):
            found = context.once(("homology", spheres, characteristic), partial(_homology, spheres, characteristic))
            if betti(*case) != found:
                return decided(False, at=case, homology=found, claimed=betti(*case))
    return decided(True, cases=len(cases), fields=["Q", "GF(2)"])


def stays_on(Q: Quadric, path: NeuronPath) -> bool:
    """Whether a path is continuous and lies in Q(c), identically in t on each segment."""
    return path.is_continuous() and all(same(Q.residual(s.neuron), 0) is True for s in path.segments)


Count = Callable[[int, int, int, int, int], Any]


def _sign_flips(neuron: Neuron) -> Iterator[Neuron]:
    for s, t in product((1, -1), repeat=2):
        yield Neuron(tuple(s * v for v in neuron.w), tuple(t * v for v in neuron.a), neuron.b)


# |w|^2 - |a|^2 = c for c = -1, 0, 1, in one dimension each; further weights are zero.
WEIGHTS = {
    -1: (Rational(3, 4), Rational(5, 4)),
    0: (Rational(1), Rational(1)),
    1: (Rational(5, 4), Rational(3, 4)),
}


def pieces_of_quadric(d: int, e: int, c: int, bias: bool = False) -> int:
    """The components of Q(c) by hand: points joined by verified paths, or kept apart by a weight that cannot vanish."""
    w, a = WEIGHTS[c]
    Q = Quadric(d, e, c, bias)
    points = list(_sign_flips(Neuron((w, *[0] * (d - 1)), (a, *[0] * (e - 1)), 0 if bias else None)))
    joined: nx.Graph[int] = nx.Graph()
    joined.add_nodes_from(range(len(points)))
    for i, j in combinations(range(len(points)), 2):
        if not kept_apart(c, points[i], points[j]):
            path = Q.path(points[i], points[j])
            if stays_on(Q, path) and (path.start, path.end) == (points[i], points[j]):
                joined.add_edge(i, j)
    return int(nx.number_connected_components(joined))


def kept_apart(c: Any, first: Neuron, second: Neuron) -> bool:
    """Whether a scalar weight that is never 0 on Q(c) has opposite signs (so it would have to pass 0 on the way)."""
    if c < 0 and len(first.a) == 1:
        return bool(first.a[0] * second.a[0] < 0)
    if c > 0 and len(first.w) == 1 and first.b is None:
        return bool(first.w[0] * second.w[0] < 0)
    return False


def counts_agree(count: Count, context: Context, bias: bool = False) -> Outcome:
    """The number of combinations of the factors' components, for all numbers of signs of c with l <= 5."""
    cases = 0
    for d, e in product((1, 2, 3), repeat=2):
        pieces = {
            c: context.once(("pieces of a quadric", d, e, c, bias), partial(pieces_of_quadric, d, e, c, bias))
            for c in (-1, 0, 1)
        }
        for plus, minus, zero in product(range(6), repeat=3):
            if 1 <= plus + minus + zero <= 5:
                expected = pieces[1] ** plus * pieces[-1] ** minus * pieces[0] ** zero
                cases += 1
                if count(d, e, plus, minus, zero) != expected:
                    return decided(False, at=(d, e, plus, minus, zero), found=expected)
    return decided(True, cases=cases)
