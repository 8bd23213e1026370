"""Beyond Zhao et al.: how far the chord of a curve in a level set is from it, in any number of dimensions.

Three theorems in place of Theorem 6.2, which is false without a bound on the length: from the acceleration (A), from
the total turning (B), and from the reach of the level set (C). Vectors enter through their inner products alone.
"""

from __future__ import annotations

import sympy as sp

from quadrics.connectivity.chord_bounds import (
    acceleration_bound,
    length_bound,
    printed_bound,
    reach_bound,
    turning_bound,
)
from quadrics.connectivity.curvature import curvature_from

from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..rules import entails, equal
from ..vectors import bilinear, bilinear_modulo, dot, inner, norm2, vectors
from ..zhao.chord_turning import turning
from ..zhao.curve_rules import (
    antiderivative,
    equal_values,
    nonnegative_integral,
)

s, t, x = sp.symbols("s t x", real=True)
K, Lam, l, r = sp.symbols("K Lambda l r", positive=True)


# -- (A): acceleration ------------------------------------------------------------------------------------------------
def by_acceleration() -> list[Step]:
    """<w(t) - γ(t), e> as an integral of <γ'', e> against a positive kernel."""
    f, q = sp.Function("f"), sp.Function("q", nonnegative=True)
    u, v = sp.symbols("u v")  # the parameters without assumptions, for z3
    S, a2, c, J1, J2, value = sp.symbols("S a2 c J1 J2 value")
    g, e = vectors("g e")
    second = f(s).diff(s, 2)
    first = t * f(t).diff(t) - f(t) + f(0)
    last = f(1) - (1 - t) * f(t).diff(t) - f(t)
    kernel = (1 - t) * sp.Integral(s, (s, 0, t)) + t * sp.Integral(1 - s, (s, t, 1))
    speed, acceleration = sp.symbols("Lambda alpha", positive=True)
    return [
        step(
            antiderivative(s * f(s).diff(s) - f(s)),
            sp.Integral(s * second, (s, 0, t)),
            first,
            "f(s) = <γ(s), e>, e any unit vector;",
            mutants=(first + f(0),),
        ),
        step(
            antiderivative((1 - s) * f(s).diff(s) + f(s)),
            sp.Integral((1 - s) * second, (s, t, 1)),
            last,
            mutants=(last - f(1),),
        ),
        step(
            equal_values,
            (1 - t) * first + t * last,
            (1 - t) * f(0) + t * f(1) - f(t),
            "so (1-t) and t times these integrals add up to <w(t) - γ(t), e>",
            mutants=((1 - t) * f(0) + t * f(1) + f(t),),
        ),
        step(
            bilinear_modulo(sp.Eq(dot(e, e), 1)),
            norm2(g - inner("e", "g") * e),
            dot(g, g) - inner("e", "g") ** 2,
            "a squared norm, hence >= 0, for g = γ''(s)",
        ),
        step(
            entails,
            sp.And(S >= 0, a2 <= S**2, c**2 <= a2),
            c <= S,
            "<γ'', e> is at most S, the largest |γ''|",
            mutants=(c < S,),
        ),
        step(nonnegative_integral(u >= 0), sp.Integral(v * q(v), (v, 0, u)), True, "q = S - <γ'', e> >= 0"),
        step(nonnegative_integral(u >= 0, u <= 1), sp.Integral((1 - v) * q(v), (v, u, 1)), True),
        step(equal, kernel.doit(), t * (1 - t) / 2, "the kernel has integral t(1-t)/2", mutants=(t * (1 - t),)),
        step(
            entails,
            sp.And(u >= 0, u <= 1, J1 >= 0, J2 >= 0, sp.Eq(value, S * u * (1 - u) / 2 - (1 - u) * J1 - u * J2)),
            value <= S * u * (1 - u) / 2,
            "so <w(t) - γ(t), e> <= t(1-t) S/2: with e along w(t) - γ(t), the distance",
            mutants=(value < S * u * (1 - u) / 2,),
        ),
        step(equal, acceleration_bound(S, sp.Rational(1, 2)), S / 8, "at the middle S/8,"),
        step(entails, sp.And(u >= 0, u <= 1), u * (1 - u) <= sp.Rational(1, 4), "where it is largest"),
        step(
            equal,
            curvature_from(speed**2, 0, acceleration**2) * speed**2,
            acceleration,
            "at constant speed Λ, <γ', γ''> = 0 and |γ''| = κ Λ²;",
            mutants=(2 * acceleration,),
        ),
        step(equal, acceleration_bound(K * Lam**2), length_bound(K, Lam), "so S <= K Λ²"),
    ]


# -- (C): reach -------------------------------------------------------------------------------------------------------
def by_reach() -> list[Step]:
    """The ball of radius r that touches the level set at the nearest point, on the side of w, contains none of it."""
    u, v = vectors("u v")
    A, B, chord2, W, R, L, tt, D, m, root = sp.symbols("A B chord2 W R L t D m root")
    return [
        step(
            entails,
            sp.And(tt >= 0, tt <= 1, L > 0, L < 2 * R, tt * L >= D, (1 - tt) * L >= D),
            D < R,
            "w(t) is at most t l and (1-t) l from the ends: the distance D to the level set is below r",
            mutants=(D < R / 2,),
        ),
        step(
            bilinear,
            norm2((1 - t) * u + t * v),
            sp.expand((1 - t) * dot(u, u) + t * dot(v, v) - t * (1 - t) * dot(u - v, u - v)),
            "Stewart, for w_1 and w_2 seen from the centre of the ball",
        ),
        step(
            entails,
            sp.And(
                A >= R**2,
                B >= R**2,
                tt >= 0,
                tt <= 1,
                sp.Eq(W, (1 - tt) * A + tt * B - tt * (1 - tt) * chord2),
                sp.Eq(W, (R - D) ** 2),
            ),
            R**2 - tt * (1 - tt) * chord2 <= (R - D) ** 2,
            "the ends are outside the ball, and w is at r - D from its centre",
            mutants=((R - D) ** 2 >= R**2,),
        ),
        step(
            entails,
            sp.And(m <= (R - D) ** 2, D < R, root >= 0, sp.Eq(root**2, m)),
            R - root >= D,
            "so that D <= r - √(r² - t(1-t) l²)",
            mutants=(R - 2 * root >= D,),
        ),
        step(equal, reach_bound(r, l), printed_bound(1 / r, l), "at t = 1/2: d_max with 1/r in place of κ_max"),
        step(
            entails,
            sp.And(tt >= 0, tt <= 1, L > 0),
            R**2 - tt * (1 - tt) * L**2 >= R**2 - L**2 / 4,
            "and for every other t less",
            mutants=(R**2 - tt * (1 - tt) * L**2 >= R**2,),
        ),
    ]


CURVE = r"$\gamma$ is a $C^2$ curve with $\gamma' \ne 0$ from $w_1$ to $w_2$ in a level set"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.zhao.chord-length",
        Kind.THEOREM,
        "A chord is near a short curve",
        Source("beyond", "Theorem (A) for Theorem 6.2"),
        r"For every $C^2$ curve on $[0,1]$, $|\gamma(t) - w(t)| \le \tfrac12 t(1-t) \sup |\gamma''|$, where $w(t)$ is "
        r"the point of the chord. At constant speed, with length $\Lambda$ and curvature at most $K$, this is "
        r"$\tfrac12 t(1-t) K \Lambda^2 \le K \Lambda^2/8$.",
        relation=lambda: length_bound(),
        uses=("zhao.def.kappa",),
        evidence=(Derivation("linear interpolation and its kernel, in any dimension", by_acceleration),),
    ),
    Claim(
        "beyond.zhao.chord-turning",
        Kind.THEOREM,
        "A chord is near a curve that turns by at most half a circle",
        Source("beyond", "Theorem (B) for Theorem 6.2"),
        r"If $K \Lambda \le \pi$, every point of the chord is within $(1 - \cos(K\Lambda/2))/K$ of the curve, in any "
        "number of dimensions. Half circles attain it.",
        relation=lambda: turning_bound(),
        hypotheses=(CURVE, "its curvature is at most K, its length Λ, and K Λ ≤ π"),
        uses=("zhao.def.kappa",),
        evidence=(Derivation("the angle to the farthest offset grows at a rate of at most K", turning),),
    ),
    Claim(
        "beyond.zhao.chord-reach",
        Kind.THEOREM,
        "A chord is near a level set of large reach",
        Source("beyond", "Theorem (C) for Theorem 6.2"),
        r"If the level set has reach at least $r$ and $l < 2r$, then $\operatorname{dist}(w(t), L^{-1}(c)) \le "
        r"r - \sqrt{r^2 - t(1-t) l^2}$, at most $d_{\max}$ of eq. (8) with $1/r$ for $\kappa_{\max}$. No curve is "
        "needed.",
        relation=lambda: reach_bound(),
        hypotheses=(
            "a ball of radius r that touches the level set at a point p, with its centre on the ray from p through a "
            "point w at a distance below r whose nearest point is p, contains no point of the set inside (for a closed "
            "set, what reach ≥ r means: Federer, 1959)",
        ),
        evidence=(Derivation("an empty ball, in any dimension", by_reach),),
    ),
)
