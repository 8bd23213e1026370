"""Derivations for section 5.3: the distance of a segment's middle from all factorizations, and bounded copies."""

from __future__ import annotations

import sympy as sp

from quadrics.connectivity.balanced_distance import lower_bound, stationary_quartic
from quadrics.connectivity.barriers import DEGREE

from ..derivation import Step, step
from ..matrix_rules import given, matrix_equal
from ..rules import entails, equal
from ..sum_rules import sums
from ..vectors import dot, square, vectors


def middle_of_two_copies() -> list[Step]:
    """The middle of (W_1/β, βW_2) and (βW_1, W_2/β) is κW, and κ is as large as one likes."""
    n = sp.Symbol("n", integer=True, positive=True)
    W1, W2 = sp.MatrixSymbol("W1", n, n), sp.MatrixSymbol("W2", n, n)
    beta = sp.Symbol("beta", positive=True)
    half, kappa = sp.Rational(1, 2), (beta + 1 / beta) / 2
    b, k = sp.symbols("beta kappa")
    return [
        step(matrix_equal, (W1 / beta) * (beta * W2), W1 * W2, "both copies are factorizations of A,", mutants=(W1,)),
        step(
            matrix_equal,
            half * W1 / beta + half * beta * W1,
            kappa * W1,
            "with the middle κ W_1, κ = (β + 1/β)/2 (and κ W_2 likewise),",
            mutants=(beta * W1,),
        ),
        step(
            entails,
            sp.And(b > 0, sp.Eq(2 * k * b, b**2 + 1)),
            sp.And(k >= 1, 2 * k > b),
            "κ ≥ 1, and κ > β/2",
        ),
    ]


def balanced_distance() -> list[Step]:
    """The exact distance of κW from S for W = (U R, R Vᵀ), R = √Σ; matrices are vectors, with the Frobenius product."""
    n = sp.Symbol("n", integer=True, positive=True)
    U, X, M = (sp.MatrixSymbol(name, n, n) for name in ("U", "X", "M"))
    i, j = sp.symbols("i j", integer=True, positive=True)
    first, second = sp.IndexedBase("x"), sp.IndexedBase("y")
    x, y, r = vectors("x y r")
    kappa = sp.Symbol("kappa", positive=True)
    whole = square(x - kappa * r) + square(y - kappa * r)
    sum_square = square(x + y - kappa * r) + (kappa**2 - 2) * square(r)
    k, q, u, v, c, d, s, p, t = sp.symbols("kappa q u v c d s p t")
    return [
        step(
            given({U * U.T: sp.Identity(n)}),
            M.T * (U * U.T) * M,
            M.T * M,
            "orthogonal U (and V) keep the norm: with X_1 = Uᵀ Ŵ_1, X_2 = Ŵ_2 V the point is any with X_1 X_2 = Σ = R²",
            mutants=(M * M.T, X),
        ),
        step(
            sums(),
            sp.Sum(sp.Sum(first[i, j] * second[j, i], (j, 1, n)), (i, 1, n)),
            sp.Sum(sp.Sum(second[j, i] * first[i, j], (j, 1, n)), (i, 1, n)),
            "so x = X_1 and y = X_2ᵀ have ⟨x,y⟩ = tr X_1 X_2 = tr R² = ⟨r,r⟩, r = R",
        ),
        step(
            equal,
            sp.expand(whole - sum_square),
            2 * square(r) - 2 * dot(x, y),
            "|x - κr|² + |y - κr|² differs from |x + y - κr|² + (κ² - 2)|r|² by this, which is 0 on S;",
        ),
        step(
            equal,
            square(x + y) - square(x - y),
            4 * dot(x, y),
            "|x + y|² = |x - y|² + 4|r|² ≥ 4|r|² there;",
        ),
        step(
            equal,
            square(square(r) * (x + y) - dot(x + y, r) * r),
            sp.expand(square(r) * (square(r) * square(x + y) - dot(x + y, r) ** 2)),
            "and ⟨x+y,r⟩² ≤ |x+y|²|r|² (Cauchy and Schwarz)",
        ),
        step(
            entails,
            sp.And(k >= 2, d >= 0, q > 0, sp.Eq(s, d + (k**2 - 2) * q)),
            s >= (k**2 - 2) * q,
            "κ ≥ 2: dist² ≥ (κ² - 2) q with q = |r|² = ‖A‖_*;",
        ),
        step(
            entails,
            sp.And(k >= 1, k <= 2, v > 0, u >= 2 * v, c <= u * v),
            u**2 - 2 * k * c + k**2 * v**2 + (k**2 - 2) * v**2 >= 2 * (k - 1) ** 2 * v**2,
            "κ ≤ 2, with u = |x+y| ≥ 2v = 2|r|: dist² ≥ 2(κ-1)² q",
        ),
        step(
            entails,
            sp.And(k >= 2, t > 0, d >= 0, sp.Eq(4 * d**2, k**2 - 4)),
            sp.And(
                sp.Eq((t * (k / 2 + d)) * (t * (k / 2 - d)), t**2),
                sp.Eq(
                    (t * (k / 2 + d) - k * t) ** 2 + (t * (k / 2 - d) - k * t) ** 2,
                    (k**2 - 2) * t**2,
                ),
            ),
            "reached: diagonal factors t(κ/2 ± d), t = √s_i, d = √(κ²-4)/2, have the product s_i and that distance;",
        ),
        step(
            entails,
            sp.Eq(p, t**2),
            sp.Eq((t - k * t) ** 2 + (t - k * t) ** 2, 2 * (k - 1) ** 2 * p),
            "and below κ = 2 the point W itself",
        ),
    ]


def any_factorization() -> list[Step]:
    """A lower bound from every W in S, which grows without bound."""
    p, q, a, b = vectors("p q a b")
    kappa = sp.Symbol("kappa", positive=True)
    k, T, M, D, mixed, own, B = sp.symbols("kappa T M D m o B")
    size, norm = (sp.Symbol(name, positive=True) for name in ("M", "T"))
    both, moved, crossed = square(a) + square(b), square(p) + square(q), dot(a, q) + dot(p, b)
    large = sp.Symbol("kappa", positive=True)
    root = lower_bound(large, size, norm) + large * size
    return [
        step(
            equal,
            sp.expand(dot(p + kappa * a, q + kappa * b) - dot(a, b)),
            sp.expand((kappa**2 - 1) * dot(a, b) + kappa * (dot(a, q) + dot(p, b)) + dot(p, q)),
            "an orthogonal Q with QA positive semidefinite: a = Q W_1, b = W_2ᵀ have ⟨a,b⟩ = tr QA = ‖A‖_*, as "
            "have the factors κa + p, κb + q of any other point of S; so the right side is 0",
        ),
        step(
            equal,
            sp.expand(square(both * q - crossed * a) + square(both * p - crossed * b)),
            sp.expand(both * (both * moved - crossed**2)),
            "M² = |a|² + |b|², D² = |p|² + |q|²: as squares are >= 0, (⟨a,q⟩ + ⟨p,b⟩)² ≤ M² D² (Cauchy and Schwarz)",
            mutants=(sp.expand(both * (both * moved + crossed**2)),),
        ),
        step(
            equal,
            square(p + q),
            sp.expand(moved + 2 * dot(p, q)),
            "and 2⟨p,q⟩ ≥ -D²",
            mutants=(sp.expand(moved - 2 * dot(p, q)),),
        ),
        step(
            entails,
            sp.And(
                k >= 1,
                M > 0,
                D >= 0,
                T > 0,
                sp.Eq((k**2 - 1) * T + k * mixed + own, 0),
                mixed >= -M * D,
                2 * own >= -(D**2),
            ),
            (D + k * M) ** 2 >= k**2 * M**2 + 2 * (k**2 - 1) * T,
            "together, with m = ⟨a,q⟩ + ⟨p,b⟩ and o = ⟨p,q⟩,",
        ),
        step(equal, root**2, large**2 * size**2 + 2 * (large**2 - 1) * norm, "that is the bound D ≥ √(...) - κM,"),
        step(
            entails,
            sp.And(k >= 2, T > 0, M > 0, B > 0, k * T > B**2 + 2 * B * M),
            k**2 * M**2 + 2 * (k**2 - 1) * T > (B + k * M) ** 2,
            "which exceeds B once κ ≥ 2 and κ > (B² + 2BM)/‖A‖_*",
        ),
    ]


def one_dimension() -> list[Step]:
    """n = 1: the stationary points of the distance from (p, q) to xy = a."""
    x = sp.Symbol("x", real=True)
    p, q, a = sp.symbols("p q a", real=True)
    gap = (x - p) ** 2 + (a / x - q) ** 2
    return [
        step(
            equal,
            sp.expand(x**3 * sp.diff(gap, x) / 2),
            sp.expand(stationary_quartic(p, q, a)),
            "half the derivative times x³",
        ),
        step(
            equal,
            stationary_quartic(p, p, a),
            sp.expand((x**2 - a) * (x**2 - p * x + a)),
            "for p = q it splits: the balanced points, and those with x + y = p",
        ),
    ]


def bounded_factors() -> list[Step]:
    """From norms of the two layers below c to an interval for m."""
    A, m, c, x, B, y, z = sp.symbols("A m c x B y z")
    base = sp.Symbol("t", positive=True)
    return [
        step(
            entails,
            sp.And(A > 0, c > 0, sp.Eq(x * A, c), m * A < c),
            m < x,
            "‖m W_{l-1}‖ < c: m < m_1 = c/‖W_{l-1}‖;",
        ),
        step(
            entails,
            sp.And(B > 0, c > 0, y > 0, z > 0, sp.Eq(y * c, B), z * c > B),
            z > y,
            "‖m^{-k} W_l‖ < c: z = m^k > y = ‖W_l‖/c,",
        ),
        step(
            equal,
            (base ** (1 / DEGREE)) ** DEGREE,
            base,
            "so m > m_0 = y^{1/k}, as m^k grows with m",
        ),
    ]
