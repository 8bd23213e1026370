"""Derivations for section 5.2 with permutations: why none of them keeps the loss down, and that such minima exist."""

from __future__ import annotations

import sympy as sp

from quadrics.activation import Activation, linear
from quadrics.connectivity.barriers import ALPHA, DEGREE, FACTOR
from quadrics.connectivity.permuted_barriers import barrier_at, middle_output

from ..continuity import continuous
from ..derivation import Step, argued, step
from ..matrix_rules import matrix_equal
from ..rules import entails, equal, limit


def permuted_middle() -> list[Step]:
    """Equations (18) to (21) with their factors, and why no permutation keeps the loss down."""
    n, e, N = sp.symbols("n e N", integer=True, positive=True)
    V, P, S = sp.MatrixSymbol("V", e, n), sp.MatrixSymbol("P", n, n), sp.MatrixSymbol("S", n, N)
    a, b = sp.symbols("a b", real=True)
    w, y = sp.symbols("w y", positive=True)
    z = sp.Symbol("z", real=True)
    small = sp.Symbol("epsilon", positive=True)
    sigma = Activation(a, b, DEGREE)
    x, lim, bound, M = sp.symbols("x e b M")
    factor, v, w1, u, s1, s2, y1 = sp.symbols("f v w u s_1 s_2 y")
    return [
        step(
            equal,
            sigma(FACTOR / 2 * y),
            (FACTOR / 2) ** DEGREE * sigma(y),
            "σ((z_i + m z_π(i))/2) = (m/2)^k σ(z_π(i) + z_i/m)",
        ),
        step(
            matrix_equal,
            middle_output(V, FACTOR**DEGREE * S, P, FACTOR, DEGREE),
            2 ** (-(DEGREE + 1)) * FACTOR**DEGREE * (V * S + FACTOR ** (-DEGREE) * V * P * S),
            "so with S = σ(P⁻¹Z + Z/m) the output at the middle is 2^{-(k+1)} m^k (V S + m^{-k} V P S)",
            mutants=(FACTOR**DEGREE * (V * S + FACTOR ** (-DEGREE) * V * P * S),),
        ),
        step(limit(small, 0), a * (w + small * z) ** DEGREE, a * w**DEGREE, "m → ∞: σ(w + z/m) → σ(w) for w > 0,"),
        step(limit(small, 0), -b * (w - small * z) ** DEGREE, -b * w**DEGREE, "for w < 0 (here -w),"),
        step(limit(small, 0), small**DEGREE * a * y**DEGREE, 0, "and for w = 0: each entry of S tends to P⁻¹ σ(Z)"),
        step(limit(small, 0), small**DEGREE, 0, "as does u = m^{-k} to 0"),
        step(
            continuous(),
            [factor * (v * s1 + u * w1 * s2) - u * y1],
            True,
            "an entry of (output - Y)/m^k is a polynomial in u and the entries of S (a sum of such terms over the "
            "neurons): it tends to its value at u = 0, S = P⁻¹ σ(Z)",
        ),
        step(
            entails,
            sp.And(sp.Ne(lim, 0), 4 * (x - lim) ** 2 < lim**2),
            4 * x**2 > lim**2,
            "an entry x of (output - Y)/m^k with a limit e = 2^{-(k+1)} (V P⁻¹ σ(Z)) ≠ 0 has x² > e²/4 for large m,",
        ),
        step(
            entails,
            sp.And(4 * x**2 > lim**2, M * lim**2 > 4 * bound, M > 0, bound > 0),
            M * x**2 > bound,
            "and the loss, at least m^{2k} x², exceeds b once m^{2k} > 4b/e²; there are finitely many P",
        ),
    ]


def given_minimum() -> list[Step]:
    """V = (1, 0), pre-activations (1, 0): the exchange of the two neurons keeps the barrier below 1/4."""
    V, Z = sp.Matrix([[1, 0]]), sp.Matrix([[1], [0]])
    a = sp.Symbol("alpha")
    return [
        step(
            equal,
            barrier_at(V, Z, linear, ALPHA, FACTOR, [1, 0]),
            4 * ALPHA**2 * (1 - ALPHA) ** 2,
            "after the exchange the loss is (1 - (1-α)² - α²)², for every m",
        ),
        step(entails, sp.And(a >= 0, a <= 1), 16 * a**2 * (1 - a) ** 2 <= 1, "at most 1/4"),
    ]


def every_neuron_busy() -> list[Step]:
    """Existence without the hypothesis: idle neurons share work, and different sizes tell neurons apart."""
    q = sp.Symbol("q", positive=True)
    w, rest = sp.symbols("w r", real=True)  # an entry of v_i h_i, and what the other neurons add to it
    A, B, C, x, first, second, third = sp.symbols("A B C x x_1 x_2 x_3")
    zero = {t: sp.Eq(A * t**2 + B * t + C, 0) for t in (first, second, third)}
    distinct = sp.And(sp.Ne(first, second), sp.Ne(first, third), sp.Ne(second, third))
    return [
        step(
            equal,
            w / (q + 1) + q * (w / (q + 1)) + rest,
            w + rest,
            "q idle neurons take over the pre-activations of a busy one and 1/(q+1) of its outgoing weight each: the "
            "same output, and now every v_i ≠ 0 and h_i = σ(z_i) ≠ 0",
            mutants=(2 * w + rest,),
        ),
        step(
            equal,
            sp.expand(x * (A * x + B + C / x)),
            A * x**2 + B * x + C,
            "rescaled by d_i > 0, V P⁻¹ σ(Z) = Σ_i (d_π(i)/d_i)^k v_i h_π(i). Where π moves some j = π(i) ≠ i, it is "
            "A x + B + C/x as a function of x = d_j^k alone, with A a multiple of v_i h_j ≠ 0:",
        ),
        step(
            entails,
            sp.And(sp.Ne(A, 0), distinct, zero[first], zero[second]),
            sp.Not(zero[third]),
            "zero for two x at most. For π = 1 it is Y ≠ 0.",
        ),
        argued(
            "So each of finitely many rational functions of d is not identically zero, nor is their product; and a "
            "rational function that is not has a point d > 0 where it is not zero. That d suits every π"
        ),
    ]
