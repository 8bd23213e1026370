"""How the claims on linear networks are decided: matrices of symbolic size, exact losses, points joined by paths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import networkx as nx
import sympy as sp

from quadrics.connectivity.gl_paths import is_invertible_path
from quadrics.connectivity.group_actions import act, connecting_element, stabilizer_dimension
from quadrics.connectivity.linear_networks import (
    LinearNetwork,
    Weights,
    chain_product,
    coordinates,
    parametrization,
    squared_loss,
)

from ..check import Context
from ..continuity import continuous
from ..derivation import Step, step
from ..evidence import Outcome, decided
from ..matrix_rules import given, matrix_equal
from ..rules import entails, equal

MATRICES = tuple(
    sp.ImmutableDenseMatrix(entries)
    for entries in ([[1, 0], [0, 1]], [[0, 1], [1, 0]], [[1, 2], [0, -1]], [[2, 1], [1, 1]], [[0, -1], [3, 1]])
)
X_DATA, Y_DATA = sp.ImmutableDenseMatrix([[1, 1], [0, 2]]), sp.ImmutableDenseMatrix([[0, 1], [1, 3]])


def networks(depths: Sequence[int]) -> list[LinearNetwork]:
    """Networks of width 2, of the given depths, on data that do not commute."""
    return [LinearNetwork(X_DATA, Y_DATA, depth) for depth in depths]


# -- the loss and the action ------------------------------------------------------------------------------------------
def least_value_zero() -> list[Step]:
    h = sp.Symbol("h", integer=True, positive=True)
    X, Y = sp.MatrixSymbol("X", h, h), sp.MatrixSymbol("Y", h, h)
    residual = Y - chain_product([sp.Identity(h), sp.Identity(h), Y * X.inv()]) * X
    return [
        step(
            matrix_equal,
            residual,
            sp.ZeroMatrix(h, h),
            "the loss, a sum of squares, is zero at (I, ..., I, Y X⁻¹)",
            mutants=(Y,),
        )
    ]


def invariance() -> list[Step]:
    b, c, n, m = sp.symbols("b c n m", integer=True, positive=True)
    g, k = sp.MatrixSymbol("g", b, b), sp.MatrixSymbol("k", c, c)
    below, W, last = sp.MatrixSymbol("P", b, n), sp.MatrixSymbol("W", c, b), sp.MatrixSymbol("Z", m, c)
    first, second = sp.MatrixSymbol("G", b, b), sp.MatrixSymbol("H", c, c)
    return [
        step(
            matrix_equal,
            act([g], (below, W))[0],
            g * below,
            "by induction on the layers, their product P up to layer i becomes g_i P after the move: for the first,",
            mutants=(below,),
        ),
        step(
            matrix_equal,
            (k * W * g.inv()) * (g * below),
            k * (W * below),
            "and if so up to i, then up to i + 1;",
            mutants=(W * below, 2 * k * W * below),
        ),
        step(
            matrix_equal,
            (last * k.inv()) * (k * (W * below)),
            last * W * below,
            "the last layer undoes g_{l-1}: the product does not change, for any widths and depth",
            mutants=(last * k.inv() * W * below,),
        ),
        step(
            matrix_equal,
            second * (k * W * g.inv()) * first.inv(),
            (second * k) * W * (first * g).inv(),
            "moving by g and then by g' is moving by g'g, in each layer",
            mutants=((k * second) * W * (first * g).inv(),),
        ),
    ]


def free_and_transitive() -> list[Step]:
    h = sp.Symbol("h", integer=True, positive=True)
    W, V = (tuple(sp.MatrixSymbol(f"{name}{i}", h, h) for i in (1, 2, 3)) for name in "WV")
    g = connecting_element(W, V)
    moved = act(g, W)
    below, unknown, A, B, R = (sp.MatrixSymbol(name, h, h) for name in "gGABR")
    return [
        step(
            matrix_equal,
            moved[0],
            V[0],
            "g_1 = W'_1 W_1⁻¹ takes W_1 to W'_1;",
            mutants=(W[0],),
        ),
        step(
            matrix_equal,
            (V[1] * below * W[1].inv()) * W[1] * below.inv(),
            V[1],
            "whatever g_{i-1}, g_i = W'_i g_{i-1} W_i⁻¹ takes W_i to W'_i, for i up to l - 1 (l = 3: as the code does)",
            mutants=(W[1],),
        ),
        step(matrix_equal, moved[1], V[1], mutants=(W[1],)),
        step(
            given({unknown * A: B}),
            unknown * A * R,
            B * R,
            "an equation G A = B with A invertible, A R = I,",
            mutants=(A * R,),
        ),
        step(
            given({A * R: sp.Identity(h)}),
            unknown * A * R,
            unknown,
            "has one solution, G = B R: no other g_1 takes W_1 to W'_1, and given g_{i-1} no other g_i takes W_i to "
            "W'_i. The action is free. And the last layer Z has Z W'_{l-1} ... W'_1 = W_l ... W_1, moves keeping the "
            "product; so has W'_l on the minimum, where both products are Y X⁻¹: Z = W'_l",
            mutants=(B,),
        ),
        step(
            matrix_equal,
            moved[2] * chain_product(V[:2]),
            chain_product(W),
            "(l = 3, as the code does)",
            mutants=(chain_product(V),),
        ),
    ]


Move = Callable[[Sequence[Any], Sequence[Any]], Any]


def keeps_loss(move: Move, context: Context) -> Outcome:
    """Exact losses of moved weights, on and off the minimum; the action axiom; nothing but the identity fixes W."""
    for network in networks((2, 3)):
        X, Y = network.X, network.Y
        free = list(product(MATRICES[1:], repeat=network.depth - 1))
        for g, k in zip(free, reversed(free), strict=True):
            weights = (*k, MATRICES[4])
            moved = move(g, weights)
            if squared_loss(moved, X, Y) != squared_loss(weights, X, Y):
                return decided(False, depth=network.depth)
            if move([a * b for a, b in zip(k, g, strict=True)], weights) != move(k, moved):
                return decided(False, axiom="(g h) W = g (h W)")
            if stabilizer_dimension(weights):
                return decided(False, stabilizer=str(weights))
    return decided(True)


def from_the_right(g: Sequence[Any], weights: Sequence[Any]) -> Any:
    """A mutant: (W_1 g_1, g_1⁻¹ W_2 g_2, ...), as Proposition 5.2 prints it for permutations."""
    left = [one.inv() for one in g]
    inner = [a * W * b for a, W, b in zip(left[:-1], weights[1:-1], g[1:], strict=True)]
    return (weights[0] * g[0], *inner, left[-1] * weights[-1])


# -- the homeomorphism ------------------------------------------------------------------------------------------------
def two_inverse_maps() -> list[Step]:
    h = sp.Symbol("h", integer=True, positive=True)
    X, Y, P, Q, g = (sp.MatrixSymbol(name, h, h) for name in ("X", "Y", "P", "Q", "g"))
    factors = tuple(sp.MatrixSymbol(f"g{i}", h, h) for i in (1, 2, 3))
    weights = tuple(sp.MatrixSymbol(f"W{i}", h, h) for i in (1, 2, 3, 4))
    back = parametrization(coordinates(weights, X), X, chain_product(weights) * X)
    forth = coordinates(parametrization(factors, X, Y), X)
    w, above, below = sp.symbols("w a b")
    d, p = sp.symbols("d p")
    last = sp.MatrixSymbol("W_l", h, h)
    one = sp.Identity(h)
    return [
        step(
            matrix_equal,
            g.inv() * g,
            one,
            "Q = g_1⁻¹ ... g_i⁻¹ and P = g_i ... g_1 are inverse to each other, by induction on i: for i = 1,",
            mutants=(g,),
        ),
        step(
            given({Q * P: one}),
            Q * g.inv() * g * P,
            one,
            "and if so for i, then for i + 1, one way round",
            mutants=(g,),
        ),
        step(given({P * Q: one}), g * P * Q * g.inv(), one, "and the other", mutants=(g,)),
        step(
            given({Q * P: one}),
            (Y * Q) * (P * X.inv()) * X,
            Y,
            "f(g) lies on the minimum, for every l: W_{l-1} ... W_1 = P X⁻¹ and W_l = Y Q, with i = l - 1;",
            mutants=(X, Y * Q * Q),
        ),
        step(
            matrix_equal,
            parametrization(factors, X, Y)[-1] * chain_product(parametrization(factors, X, Y)[:-1]) * X,
            Y,
            "(l = 4, as the code does)",
            mutants=(X,),
        ),
        step(matrix_equal, forth[0], factors[0], "f⁻¹(f(g)) = g: the first factor,", mutants=(factors[1],)),
        step(matrix_equal, forth[2], factors[2], "the others as they are", mutants=(factors[1],)),
        step(matrix_equal, back[0], weights[0], "f(f⁻¹(W)) = W: the first layer,", mutants=(weights[1],)),
        step(
            given({P * Q: one}),
            (last * P) * Q,
            last,
            "and the last one, for every l: Y = W_l P with P = W_{l-1} ... W_1 X, the product of the coordinates",
            mutants=(P,),
        ),
        step(
            matrix_equal,
            back[-1],
            weights[-1],
            "(l = 4, as the code does)",
            mutants=(weights[0],),
        ),
        step(
            entails,
            sp.Ne(above * w * below, 0),
            sp.Ne(w, 0),
            "f⁻¹ has values in GL_h: det W_i divides det Y = det W_l ... det W_1 det X, which is not zero",
        ),
        step(
            continuous(sp.Ne(d, 0)),
            [p / d],
            True,
            "both are continuous: sums, products, and cofactors over a determinant that is not zero",
        ),
    ]


Parametrization = Callable[[Sequence[Any], Any, Any], Any]


def is_parametrization(f: Parametrization, context: Context) -> Outcome:
    """f(g) has loss zero, and f⁻¹ gives g back, for all tuples out of five matrices."""
    for network in networks(context.pick(quick=(1, 2, 3), full=(1, 2, 3, 4))):
        for g in product(MATRICES, repeat=network.depth - 1):
            weights = f(g, network.X, network.Y)
            if not network.contains(weights) or network.coordinates(weights) != g:
                return decided(False, depth=network.depth, g=str(g))
    return decided(True)


def decreasing(g: Sequence[Any], X: Any, Y: Any) -> Weights:
    """Eq. (10) with its product in the opposite order, Y g_{l-1}⁻¹ ... g_1⁻¹."""
    points = parametrization(g, X, Y)
    last = Y
    for one in reversed(g):
        last = last * one.inv()
    return (*points[:-1], last)


def from_second(g: Sequence[Any], X: Any, Y: Any) -> Weights:
    """Eq. (10) with its product from i = 2 on."""
    last = Y
    for one in g[1:]:
        last = last * one.inv()
    return (*parametrization(g, X, Y)[:-1], last)


Readings = dict[str, Parametrization]


def every_reading(readings: Readings, context: Context) -> Outcome:
    """l = 3, h = 2: whether the product may be read in each of these ways."""
    network, g = LinearNetwork(X_DATA, Y_DATA, 3), MATRICES[3:5]
    failing = [name for name, f in readings.items() if not network.contains(f(g, network.X, network.Y))]
    return decided(not failing, failing=failing)


# -- the number of components -----------------------------------------------------------------------------------------
def as_a_power() -> list[Step]:
    depth, i = sp.symbols("l i", integer=True, positive=True)
    return [
        step(
            equal,
            sp.Product(2, (i, 1, depth - 1)).doit(),
            2 ** (depth - 1),
            "l - 1 factors GL_h with two components each, whatever h; a homeomorphism keeps the number",
        )
    ]


Number = Callable[[int, int], Any]


def joined_points(number: Number, context: Context) -> Outcome:
    """Points of the minimum as a graph, an edge where an explicit path joins two; a class for each component.

    A path is exact: its polygons have no singular matrix (Sturm), its points at five times have loss zero. Points of
    different classes differ in the sign of a determinant that is nowhere zero on the minimum.
    """
    some = {
        1: [sp.ImmutableDenseMatrix([[k]]) for k in (1, 3, -2)],
        2: [MATRICES[0], MATRICES[2], MATRICES[3], MATRICES[1]],
    }
    for h, depth in context.pick(quick=((1, 1), (1, 4), (2, 2), (2, 3)), full=((1, 5), (2, 2), (2, 3), (2, 4))):
        data = some[h][-1], some[h][0]
        network = LinearNetwork(*data, depth)
        points = [network.parametrize(g) for g in product(some[h], repeat=depth - 1)]
        graph: nx.Graph[int] = nx.Graph()
        graph.add_nodes_from(range(len(points)))
        first: dict[Any, int] = {}
        for k, point in enumerate(points):
            start = first.setdefault(network.component_of(point), k)
            if start != k and _is_path(network, points[start], point):
                graph.add_edge(start, k)
        if nx.number_connected_components(graph) != number(h, depth):
            return decided(False, h=h, depth=depth, found=nx.number_connected_components(graph))
    return decided(True)


def _is_path(network: LinearNetwork, start: Weights, end: Weights) -> bool:
    path = network.path(start, end)
    ends = path(0) == start and path(1) == end
    inside = all(network.contains(path(sp.Rational(k, 4))) for k in range(5))
    return ends and inside and all(map(is_invertible_path, path.polygons))


def separated(number: Number, context: Context) -> Outcome:
    """A point for each vector of signs, of which no two are in one component."""
    for depth in range(1, 6):
        network = LinearNetwork([[2]], [[3]], depth)
        signs = {network.component_of(network.representative(c)) for c in network.components()}
        if len(signs) != number(1, depth):
            return decided(False, depth=depth)
    return decided(True)
