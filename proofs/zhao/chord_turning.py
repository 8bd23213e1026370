"""From a bound on the curvature and K Λ <= π to the distance of a chord: the steps of the corrected Theorem 6.2."""

from __future__ import annotations

import sympy as sp

from quadrics.connectivity.chord_bounds import (
    printed_bound,
    shortest_chord,
    turning_bound,
)

from ..derivation import Step, step
from ..rules import differentiate, entails, equal, integrate, limit
from ..vectors import bilinear, bilinear_modulo, dot, inner, inner_product, norm2, vectors
from .curve_rules import (
    antiderivative,
    increasing,
    interior_maximum,
    intermediate_value,
    nonnegative_integral,
)

s, t, x = sp.symbols("s t x", real=True)
K, Lam, l, r = sp.symbols("K Lambda l r", positive=True)


def direction_turns() -> list[Step]:
    """The angle between T(s) and a fixed direction changes at a rate of at most K, in any dimension."""
    T, N, a, b = vectors("T N a b")
    f = inner("T", "a")
    unit = [sp.Eq(dot(T, T), 1), sp.Eq(dot(a, a), 1), sp.Eq(dot(N, T), 0)]
    X2, B2, N2, K2, F2, L2, P2, D, p, k = sp.symbols("X2 B2 N2 K2 F2 L2 P2 D p k")
    g, lam = sp.Function("f"), sp.Symbol("lambda", positive=True)
    phi = sp.Function("phi")
    s0, s1 = sp.symbols("s0 s1", real=True)
    q = sp.Function("q", nonnegative=True)
    u, u0, u1 = sp.symbols("u u0 u1")
    return [
        step(
            bilinear_modulo(*unit),
            inner_product(N, a - f * T),
            inner("N", "a"),
            "unit speed: T' = N is orthogonal to T. With f = <T, a>, |a| = 1: f' = <N, a - f T>",
            mutants=(2 * inner("N", "a"),),
        ),
        step(bilinear_modulo(*unit), norm2(a - f * T), 1 - f**2, "and |a - f T|² = 1 - f²", mutants=(1 + f**2,)),
        step(
            bilinear,
            norm2(dot(b, b) * N - dot(N, b) * b),
            sp.expand(dot(b, b) * (dot(b, b) * dot(N, N) - dot(N, b) ** 2)),
            "a squared norm, hence >= 0: <N, b>² <= |b|² |N|² (Cauchy and Schwarz)",
        ),
        step(
            entails,
            sp.And(X2 <= B2 * N2, N2 <= K2, sp.Eq(B2, 1 - F2), B2 >= 0),
            X2 <= K2 * (1 - F2),
            "f'² <= K² (1 - f²), for |T'| <= K",
            mutants=(X2 <= K2 * (1 - F2) / 2,),
        ),
        step(
            differentiate(s),
            sp.asin(lam * g(s)),
            lam * g(s).diff(s) / sp.sqrt(1 - lam**2 * g(s) ** 2),
            "0 < λ < 1 keeps λ f away from ±1, where the arc sine has no derivative",
        ),
        step(
            entails,
            sp.And(
                sp.Eq(P2 * D, L2 * X2),
                sp.Eq(D, 1 - L2 * F2),
                X2 <= K2 * (1 - F2),
                L2 > 0,
                L2 < 1,
                F2 >= 0,
                F2 <= 1,
                K2 >= 0,
            ),
            P2 <= K2,
            "φ = arcsin(λ f) has φ'² <= K²,",
            mutants=(P2 <= K2 / 2,),
        ),
        step(entails, sp.And(p**2 <= k**2, k > 0), sp.And(p <= k, p >= -k), "so K - φ' >= 0 and K + φ' >= 0"),
        step(
            antiderivative(K * s - phi(s)),
            sp.Integral(K - phi(s).diff(s), (s, s0, s1)),
            K * (s1 - s0) - phi(s1) + phi(s0),
        ),
        step(
            antiderivative(K * s + phi(s)),
            sp.Integral(K + phi(s).diff(s), (s, s0, s1)),
            K * (s1 - s0) + phi(s1) - phi(s0),
        ),
        step(
            nonnegative_integral(u0 <= u1),
            sp.Integral(q(u), (u, u0, u1)),
            True,
            "both integrals are >= 0: |φ(s1) - φ(s0)| <= K |s1 - s0|, for every λ < 1",
        ),
    ]


def offset() -> list[Step]:
    """The largest distance of the curve from the line through its ends, when K Λ <= π."""
    G, d, T = vectors("G d T")
    along = dot(G, d)
    unit = sp.Eq(dot(d, d), 1)
    q = G - along * d
    H, u, b, lam = sp.symbols("H u b lambda")
    a, s0, L, w = sp.symbols("a s0 L w")
    height = (1 - sp.cos(K * x)) / K
    z = sp.Symbol("z", real=True)
    return [
        step(
            bilinear_modulo(unit),
            inner_product(q, T - dot(T, d) * d) - inner_product(q, T),
            sp.Integer(0),
            "G = γ(s) - w_1, d the direction of the chord, q = G - <G, d> d the offset: (|q|²)' = 2 <q, q'> = 2 <q, T>",
            mutants=(inner("T", "d"),),
        ),
        step(
            bilinear_modulo(unit),
            norm2(l * d - l * dot(d, d) * d),
            sp.Integer(0),
            "no offset at the ends",
            mutants=(l,),
        ),
        step(
            interior_maximum(H > 0),
            (0, 0, H**2),
            True,
            "where the offset is largest, H > 0, it is orthogonal to T: with a = e = q/H, f = 0 at that s0",
        ),
        step(
            increasing(z, -sp.pi / 2, sp.pi / 2),
            sp.sin(z),
            True,
            "so |arcsin(λ f(s))| <= K |s - s0|, hence |λ f(s)| <= sin(K |s - s0|) as long as K |s - s0| <= π/2,",
        ),
        step(
            entails,
            sp.And(b >= 0, u > b, sp.Eq(2 * u * lam, u + b)),
            sp.And(lam > 0, lam < 1, lam * u > b),
            "for every λ < 1; so |f(s)| <= sin(K |s - s0|): a larger u would have a λ with λ u larger",
        ),
        step(
            integrate((x, 0, a)),
            sp.sin(K * x),
            height.subs(x, a),
            "q has no height above the chord at the ends: H is the integral of f over the shorter side, of length a",
            mutants=(sp.cos(K * a) / K,),
        ),
        step(
            entails,
            sp.And(s0 >= 0, s0 <= L),
            sp.Min(s0, L - s0) <= L / 2,
            "a <= Λ/2, and K Λ/2 <= π/2",
            mutants=(sp.Min(s0, L - s0) <= L / 3,),
        ),
        step(increasing(z, 0, sp.pi / 2), 1 - sp.cos(z), True, "so that"),
        step(equal, height.subs(x, Lam / 2), turning_bound(K, Lam), "H <= (1 - cos(K Λ/2))/K"),
        step(
            intermediate_value(l_free > 0, w >= 0, w <= 1),
            (sp.Integer(0), l_free, w * l_free),
            True,
            "every w(t) on the chord is the projection <G, d> = t l of a point of the curve, at distance |q| <= H",
        ),
    ]


l_free = sp.Symbol("l")


def chord_not_short() -> list[Step]:
    """Schur: a curve with K Λ <= π is not shorter across than the circular arc."""
    lam = sp.Symbol("lambda", positive=True)
    y = sp.Symbol("y", nonnegative=True)
    z = sp.Symbol("z", real=True)
    lower = sp.cos(y) - sp.sqrt(1 - lam**2) / lam * sp.sin(y)
    return [
        step(
            increasing(z, -sp.pi / 2, sp.pi / 2),
            sp.sin(z),
            True,
            "a = T(Λ/2), f = <T(s), a>, y = K |s - Λ/2| <= π/2: arcsin(λ f) >= arcsin λ - y",
        ),
        step(
            equal,
            sp.expand_trig(sp.sin(sp.asin(lam) - y)) / lam,
            lower,
            "hence f >= cos y - √(1 - λ²)/λ sin y for every λ < 1,",
        ),
        step(limit(lam, 1, "-"), lower, sp.cos(y), "and f >= cos y"),
        step(
            equal,
            2 * sp.integrate(sp.cos(K * s), (s, 0, Lam / 2)),
            shortest_chord(K, Lam),
            "l >= <γ(Λ) - γ(0), a>, the integral of f over both halves: l >= (2/K) sin(K Λ/2)",
            mutants=(2 * shortest_chord(K, Lam),),
        ),
    ]


def below_the_printed_bound() -> list[Step]:
    """From sin(K Λ/2) <= K l/2 <= 1: bound (B) is at most d_max."""
    sine, cosine, half, root, k, distance, loss, C = sp.symbols("S C h R k delta DL CL")
    bound = printed_bound(K, l)
    return [
        step(
            entails,
            sp.And(
                sine >= 0,
                cosine >= 0,
                sp.Eq(sine**2 + cosine**2, 1),
                sine <= half,
                half <= 1,
                root >= 0,
                sp.Eq(root**2, 1 - half**2),
            ),
            1 - cosine <= 1 - root,
            "S = sin(K Λ/2), C = cos(K Λ/2), h = K l/2, R = √(1 - h²)",
            mutants=(1 - cosine >= 1 - root,),
        ),
        step(
            equal,
            bound,
            (1 - sp.sqrt(1 - (K * l / 2) ** 2)) / K,
            "so (1 - cos(K Λ/2))/K <= d_max",
        ),
        step(
            entails,
            sp.And(loss <= C * distance, distance <= k, C >= 0),
            loss <= C * k,
            "and |L(w) - c| = |L(w) - L(p)| <= C_L |w - p| for the nearest point p",
            mutants=(loss <= C * distance / 2,),
        ),
    ]


def attained() -> list[Step]:
    """A half circle of curvature K: the middle of its chord is the centre."""
    return [
        step(
            equal,
            turning_bound(K, sp.pi / K),
            1 / K,
            "for K Λ = π the bound is 1/K, the distance of every point of a half circle from the middle of its chord",
            mutants=(2 / K,),
        )
    ]


def turning() -> list[Step]:
    """Bound (B)."""
    return [*direction_turns(), *offset(), *attained()]


def corrected_theorem() -> list[Step]:
    """Eqs. (8) and (9) under the hypotheses K Λ <= π and K l <= 2."""
    return [*turning(), *chord_not_short(), *below_the_printed_bound()]
