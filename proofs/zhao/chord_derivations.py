"""Derivations for segments inside orbits of basis changes: the exact error, when it vanishes, and compact groups."""

from __future__ import annotations

from typing import Any

import sympy as sp

from quadrics.connectivity.barriers import ALPHA, FACTOR
from quadrics.connectivity.chords import chord_defect, chord_error, scalar_barrier

from ..derivation import Step, argued, step
from ..matrix_rules import given, matrix_equal
from ..rules import entails, equal, recompute
from ..vectors import square, vectors


def compact_groups() -> list[Step]:
    """Orthogonal g keep the error bounded; a group that is not compact may do so too."""
    n = sp.Symbol("n", integer=True, positive=True)
    g, shear = sp.MatrixSymbol("g", n, n), sp.MatrixSymbol("N", n, n)
    one = sp.Identity(n)
    t = sp.Symbol("t", real=True)
    v, u = vectors("v u")
    a, b = sp.symbols("a b")
    return [
        argued(
            "If G is compact, so is the orbit of W as the image of G, and with it the set of all segments between its "
            "points; a continuous loss is bounded there"
        ),
        step(
            matrix_equal,
            (one - g).T * (one - g),
            one - g - g.T + g.T * g,
            "orthogonal g: (I - g)ᵀ(I - g)",
            mutants=(one - g.T * g,),
        ),
        step(
            given({g.T * g: one}),
            one - g - g.T + g.T * g,
            2 * one - g - g.T,
            "is minus the defect g + g⁻¹ - 2I = g + gᵀ - 2I,",
            mutants=(2 * one + g + g.T,),
        ),
        step(
            equal,
            square(v - u) + square(v + u),
            2 * square(v) + 2 * square(u),
            "with |v - gv|² ≤ 2|v|² + 2|gv|² = 4|v|² in any dimension (u = gv),",
        ),
        step(
            entails,
            sp.And(a >= 0, a <= 1, b >= 0),
            a * (1 - a) * 4 * b <= b,
            "so the error α(1-α)|W_2 (I-g)ᵀ(I-g) W_1 X| is at most |W_2| |W_1 X|, whatever g",
        ),
        step(
            matrix_equal,
            (one + t * shear) * (one - t * shear),
            one - t**2 * shear * shear,
            "(I + tN)(I - tN),",
            mutants=(one + t**2 * shear * shear,),
        ),
        step(
            given({shear**2: sp.ZeroMatrix(n, n)}),
            one - t**2 * shear**2,
            one,
            "the group of all I + tN, N² = 0, is not bounded; there g⁻¹ = I - tN,",
            mutants=(2 * one,),
        ),
        step(
            matrix_equal,
            (one + t * shear) + (one - t * shear) - 2 * one,
            sp.ZeroMatrix(n, n),
            "and the defect g + g⁻¹ - 2I is zero: every segment of its orbits has loss 0",
            mutants=(one,),
        ),
    ]


def chord_identity() -> list[Step]:
    """The product of the layers between two points of an orbit of GL_h, and when it is constant."""
    h, d, e = sp.symbols("h d e", integer=True, positive=True)
    W1, W2, g = sp.MatrixSymbol("W1", h, d), sp.MatrixSymbol("W2", e, h), sp.MatrixSymbol("g", h, h)
    left, right = sp.MatrixSymbol("L", h, e), sp.MatrixSymbol("R", d, h)
    middle = sp.MatrixSymbol("M", h, h)
    one = sp.Identity(h)
    a, size = sp.symbols("alpha q")
    return [
        step(
            matrix_equal,
            ((1 - ALPHA) * W2 + ALPHA * W2 * g.inv()) * ((1 - ALPHA) * W1 + ALPHA * g * W1) - W2 * W1,
            chord_error(W2, W1, g, ALPHA),
            "the product at α, for layers of any size",
            mutants=(chord_error(W2, W1, g, 2 * ALPHA), chord_error(W2, W1, g * g, ALPHA)),
        ),
        step(
            matrix_equal,
            chord_defect(g) * g,
            (g - one) * g - (g - one),
            "the defect is (g - I)(g - I) g⁻¹",
            mutants=((g + one) * g - (g - one),),
        ),
        step(
            given({left * W2: one, W1 * right: one}),
            left * W2 * middle * W1 * right,
            middle,
            "if W_2 has a left inverse and W_1 a right one, W_2 M W_1 = 0 only for M = 0: the whole segment computes "
            "one function exactly when (g - I)² = 0. (For the loss, W_1 X stands for W_1.)",
            mutants=(one,),
        ),
        step(
            entails,
            sp.And(a >= 0, a <= 1, size >= 0),
            a * (1 - a) * size <= size / 4,
            "the error is largest at α = 1/2: a barrier |W_2 (g + g⁻¹ - 2I) W_1 X|/4",
        ),
    ]


def scalars_and_shears() -> list[Step]:
    """g = mI has the barrier of Figure 2; g = I + N none at all."""
    s = sp.Symbol("s", real=True)

    def defect(matrix: Any) -> Any:
        return sp.simplify(chord_defect(matrix))

    return [
        step(
            equal,
            chord_defect(sp.Matrix([[FACTOR]]))[0] / 4,
            scalar_barrier(FACTOR),
            "g = m: (m - 1)²/(4m)",
            mutants=(scalar_barrier(FACTOR) / 2,),
        ),
        step(
            recompute("the defect", defect),
            sp.Matrix([[1, s], [0, 1]]),
            sp.zeros(2),
            "g = I + sN, at any distance |s| from I: 0",
        ),
    ]
