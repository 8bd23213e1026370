"""Derivations about skip connections: the pieces of the minimum, and when there are fewer of them."""

from __future__ import annotations

import sympy as sp

from quadrics.connectivity.residual_networks import (
    residual_loss,
    skip_coordinate,
    skip_factor,
)
from quadrics.connectivity.residual_paths import block_matrix

from ..continuity import continuous
from ..derivation import Step, step
from ..matrix_rules import given, matrix_equal
from ..rules import entails, equal, limit


# -- eq. (2) ----------------------------------------------------------------------------------------------------------
def a_graph_over_the_block() -> list[Step]:
    """Eq. (2): the minimum is the graph of W_3 over the invertible blocks."""
    n, h = sp.symbols("n h", integer=True, positive=True)
    skip = sp.Symbol("epsilon", real=True)
    X, Y, W3 = (sp.MatrixSymbol(name, n, n) for name in ("X", "Y", "W3"))
    W1, W2 = sp.MatrixSymbol("W1", h, n), sp.MatrixSymbol("W2", n, h)
    block = block_matrix((W1, W2), skip)
    B = sp.MatrixSymbol("B", n, n)  # the block times X
    last, middle, data, d, a = sp.symbols("w m x d a")
    w = sp.symbols("w1:4", real=True)
    one = [sp.Matrix([[value]]) for value in w]
    return [
        step(
            equal,
            residual_loss(one, sp.Matrix([[2]]), sp.Matrix([[3]]), skip) ** 2,
            (3 - 2 * w[2] * (w[0] * w[1] + skip)) ** 2,
            "the loss is the norm of the residual, zero exactly where its square is (n = 1, X = 2, Y = 3);",
        ),
        step(
            matrix_equal,
            W3 * block * X,
            W3 * (W2 * W1 * X + skip * X),
            "W_3 applied to W_2 W_1 X + ε X is W_3 M X for the block M = W_2 W_1 + ε I;",
            mutants=(W3 * W2 * W1 * X,),
        ),
        step(
            entails,
            sp.And(sp.Ne(data, 0), sp.Eq(last * middle * data, a), sp.Ne(a, 0)),
            sp.Ne(middle, 0),
            "where it is Y, det M is not zero: det W_3 det M det X = det Y;",
        ),
        step(
            given({Y: W3 * B}),
            Y * B.inv(),
            W3,
            "so W_3 = Y (M X)⁻¹ is determined by the other weights (B = M X),",
            mutants=(2 * W3,),
        ),
        step(
            matrix_equal,
            sp.MatMul(Y, B.inv(), B, evaluate=False),
            Y,
            "and this W_3 will do, for every invertible M:",
            mutants=(2 * Y,),
        ),
        step(
            continuous(sp.Ne(d, 0)),
            [a / d],
            True,
            "cofactors over det M X, which is not zero: a continuous function. The minimum is its graph, and as such "
            "homeomorphic to {(W_1, W_2) : det M ≠ 0}",
        ),
    ]


# -- Proposition 4.3 --------------------------------------------------------------------------------------------------
def three_or_four_pieces() -> list[Step]:
    """Proposition 4.3: with a skip the minimum for n = 1 has three pieces, without it four."""
    a, b, c, d, skip, t = sp.symbols("a b c d epsilon t")
    piece = (a * b + skip) * skip
    other = (c * d + skip) * skip
    time = sp.And(t >= 0, t <= 1)
    x, y = (1 - t) * a + t * c, (1 - t) * b + t * d
    steps = [
        step(
            entails,
            sp.And(piece > 0, time),
            (t**2 * a * b + skip) * skip > 0,
            "(W_1, W_2) = (a, b), ε ≠ 0. The set (a b + ε) ε > 0 contains the segment from each of its points to 0: "
            "one component, with the line a = 0 in it;",
        ),
        step(
            entails,
            piece < 0,
            sp.Ne(a, 0),
            "where (a b + ε) ε < 0, a is not zero: the sign of a cannot change along a path;",
        ),
    ]
    for positive in (True, False):
        same_side = sp.And(a > 0, c > 0) if positive else sp.And(a < 0, c < 0)
        steps.append(
            step(
                entails,
                sp.And(piece < 0, other < 0, same_side, time),
                sp.And(x > 0 if positive else x < 0, (x * y + skip) * skip < 0),
                f"the part with a {'>' if positive else '<'} 0 is convex, (c, d) another point of it: one component",
            )
        )
    steps += [
        step(
            entails,
            sp.And(sp.Ne(skip, 0), sp.Ne(a, 0), sp.Eq(b * a, -2 * skip)),
            piece < 0,
            "and not empty: a = ±1, b = -2 ε / a. Together three components;",
        ),
        step(
            entails,
            sp.And(sp.Ne(skip, 0), sp.Ne(a * b + skip, 0)),
            sp.Or(piece > 0, sp.And(piece < 0, a > 0), sp.And(piece < 0, a < 0)),
            "there is nothing else",
        ),
        step(
            entails,
            sp.Ne(a * b, 0),
            sp.And(sp.Ne(a, 0), sp.Ne(b, 0)),
            "ε = 0: neither sign can change along a path;",
        ),
        step(
            entails,
            sp.And(a * c > 0, b * d > 0, time),
            sp.And(x * a > 0, y * b > 0),
            "and each of the four quadrants is convex",
        ),
    ]
    return steps


def other_data() -> list[Step]:
    """The same for any data: the components do not depend on X and Y."""
    a, b, c, skip, x, t = sp.symbols("a b c epsilon x t")
    w = [sp.Matrix([[value]]) for value in sp.symbols("w1:4", real=True)]
    y = sp.Symbol("y", real=True)
    return [
        step(
            entails,
            sp.Eq(c * (a * b + skip) * x, 0),
            sp.Eq(t * c * (a * b + skip) * x, 0),
            "Y = 0: with (W_1, W_2, W_3) = (a, b, c) the minimum contains (a, b, t c), which for t = 0 lies in the "
            "plane W_3 = 0, all of it minima: one component;",
        ),
        step(
            equal,
            residual_loss(w, sp.Matrix([[0]]), sp.Matrix([[y]]), sp.Symbol("epsilon", real=True)),
            sp.Abs(y),
            "X = 0: the loss is constant, and everything is a minimum: one component",
        ),
    ]


def the_papers_decomposition() -> list[Step]:
    """The paper's S_0 and S_1, and which pieces of S_1 the set S_0 joins."""
    n = sp.Symbol("n", integer=True, positive=True)
    skip, alpha, g = sp.symbols("epsilon alpha g", nonzero=True)
    X, Y, start, g1, g2, W10, W20 = (sp.MatrixSymbol(name, n, n) for name in ("X", "Y", "A", "g1", "g2", "W10", "W20"))
    B = sp.MatrixSymbol("B", n, n)
    moved = sp.MatMul(g2 * W20 * g1.inv(), g1 * W10, evaluate=False)
    there = skip_coordinate(g2, W20 * W10, X, skip)
    return [
        step(
            matrix_equal,
            sp.MatMul(moved, X, evaluate=False) + skip * X,
            there,
            "a(g_1, g_2) of eq. (11): its first two layers make the block times X f(g_2), for every n;",
            mutants=(g1 * W20 * W10 * X + skip * X,),
        ),
        step(
            matrix_equal,
            sp.MatMul(Y, there.inv(), there, evaluate=False),
            Y,
            "its last layer Y f(g_2)⁻¹ makes the loss zero;",
            mutants=(2 * Y,),
        ),
        step(
            given({skip * X: start - B}),
            B + skip * X,
            start,
            "f is one to one and onto: g W_20 W_10 X = f(g) - ε X,",
            mutants=(B,),
        ),
        step(
            matrix_equal,
            skip_coordinate(skip_factor(g2, B, X, skip), B, X, skip),
            g2,
            "f(f⁻¹(g)) = g with f⁻¹(g) = (g - ε X)(W_20 W_10 X)⁻¹, W_20 W_10 being invertible;",
            mutants=(skip_coordinate(skip * skip_factor(g2, B, X, skip), B, X, skip),),
        ),
        step(
            limit(g, 0),
            1 / (g * (alpha - skip) + skip),
            1 / skip,
            "n = 1, W_10 = 1, W_20 = α - ε: a(g, g) = (g, α - ε, Y / (g (α - ε) X + ε X)) tends to a point of the line "
            "S_0 from both sides. So S_0 joins the components of S_1 with f(g_2) of the sign of ε X; the two others "
            "stay away from it, W_3 having another sign there",
        ),
    ]


def fewer() -> list[Step]:
    """How many components a skip over square layers removes."""
    j, power = sp.symbols("j p", integer=True)
    return [
        step(
            equal,
            2**j - (1 + 2 ** (j - 1)),
            2 ** (j - 1) - 1,
            "width 1, j layers under the skip: 2^j components without, 1 + 2^{j-1} with it,",
        ),
        step(
            entails,
            power >= 2,
            sp.And(1 + power < 2 * power, 2 * power > 2),
            "fewer when p = 2^{j-1} ≥ 2, that is j ≥ 2; so are the 2 components for width 2 and more",
            mutants=(1 + power < power, 2 * power > 4),
        ),
    ]
