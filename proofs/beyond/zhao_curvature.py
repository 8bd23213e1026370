"""Beyond Zhao et al.: the curvature of the curves that symmetries induce."""

from __future__ import annotations

import sympy as sp

from quadrics.connectivity.curvature import (
    curvature_from,
    inner_products,
    largest_rescaling_curvature,
    rescaling_curvature,
    rescaling_peak,
)

from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, argued, step
from ..rules import entails, equal, recompute
from ..vectors import bilinear, dot, inner, norm2, vectors
from ..zhao.curve_rules import nonnegative_integral, products_given

tau = sp.Symbol("tau", real=True)
k, A, B = sp.symbols("k A B", positive=True)


def _bounded_by_the_generator() -> list[Step]:
    """γ'' = M·γ', so that |γ''| <= m |γ'| with m the operator norm of M."""
    v, a = vectors("v a")
    V, C, D, R, m, u = sp.symbols("V C D R m u")
    q = sp.Function("q", nonnegative=True)
    speed2, mixed, acceleration2 = sp.symbols("V C D", positive=True)
    first, second, W = sp.symbols("M N W")
    a1, A1, b1, B1 = sp.symbols("a1 A1 b1 B1")
    return [
        step(
            bilinear,
            norm2(dot(v, v) * a - inner("a", "v") * v),
            sp.expand(dot(v, v) * (dot(v, v) * dot(a, a) - inner("a", "v") ** 2)),
            "v = γ', a = γ'' = M·γ': a squared norm, hence >= 0",
        ),
        step(
            equal,
            curvature_from(speed2, mixed, acceleration2) ** 2 * speed2,
            (speed2 * acceleration2 - mixed**2) / speed2**2,
            "(κ|γ'|)² with V = |γ'|², C = <γ', γ''>, D = |γ''|²",
            mutants=((speed2 * acceleration2 - mixed**2) / speed2,),
        ),
        step(
            entails,
            sp.And(sp.Eq(R * V**2, V * D - C**2), m**2 * V >= D, V > 0),
            m**2 >= R,
            "κ|γ'| <= m",
            mutants=(m**2 / 2 >= R,),
        ),
        step(
            nonnegative_integral(),
            sp.Integral(q(u), (u, 0, 1)),
            True,
            "q = m - κ|γ'| >= 0 on [0, 1]: the total curvature from w to g·w is at most the norm of log g",
        ),
        step(
            entails,
            sp.And(a1 <= m**2 * A1, b1 <= m**2 * B1),
            a1 + b1 <= m**2 * (A1 + B1),
            "one hidden layer: |M W_1|² <= m² |W_1|² and |W_2 M|² <= m² |W_2|², m the largest singular value of M;",
            mutants=(a1 + b1 <= m**2 * A1,),
        ),
        step(
            entails,
            sp.And(first >= 0, second >= 0, W >= 0),
            first * W + second * W <= (first + second) * W,
            "for layers W_i ↦ M_i W_i - W_i M_{i-1} the norm is at most max |M_i| + |M_{i-1}|",
            mutants=(first * W + second * W <= first * W,),
        ),
    ]


def _rescaling_orbit() -> list[Step]:
    a, b = A * sp.exp(2 * tau), B * sp.exp(-2 * k * tau)
    peak = rescaling_peak(k, A, B)
    slope = (k**2 * (2 * k + 1) * b - (k + 2) * a) / (a + k**2 * b)
    return [
        step(
            recompute("κ² of (√A e^τ, √B e^{-kτ})", lambda curve: curvature_from(*inner_products(curve, tau)) ** 2),
            (sp.sqrt(A) * sp.exp(tau), sp.sqrt(B) * sp.exp(-k * tau)),
            rescaling_curvature(k, A, B, tau) ** 2,
            "W_{l-1} and W_l keep their directions, which are orthogonal in the space of all parameters",
            mutants=(2 * rescaling_curvature(k, A, B, tau) ** 2, rescaling_curvature(k, B, A, tau) ** 2),
        ),
        step(
            recompute("the derivative of the logarithm", lambda e: sp.diff(sp.expand_log(sp.log(e), force=True), tau)),
            rescaling_curvature(k, A, B, tau),
            slope,
            "positive exactly when (k+2) A e^{2τ} < (2k+1) k² B e^{-2kτ}, that is up to one τ",
            mutants=(-slope,),
        ),
        step(
            recompute("at the peak", lambda e: sp.simplify(e.subs(tau, peak))),
            a / (k**2 * b),
            (2 * k + 1) / (k + 2),
            "which is the peak",
            mutants=((k + 2) / (2 * k + 1),),
        ),
        step(
            equal,
            largest_rescaling_curvature(1, A, B) ** 4,
            1 / (4 * A * B),
            "k = 1: the largest curvature is (4AB)^{-1/4}",
        ),
    ]


def _orthogonal() -> list[Step]:
    h, n = sp.symbols("h n", integer=True, positive=True)
    Q, M, W = sp.MatrixSymbol("Q", h, h), sp.MatrixSymbol("M", h, h), sp.MatrixSymbol("W", h, n)
    keeps = products_given({Q.T * Q: sp.Identity(h)})
    m, kappa, speed, angle = sp.symbols("m kappa sigma theta")
    return [
        step(
            keeps,
            (Q * M * W).T * (Q * M * W),
            (M * W).T * (M * W),
            "Q = g^t orthogonal: the trace is |γ'|², which does not depend on t;",
            mutants=(W.T * W,),
        ),
        step(
            keeps,
            (Q * M * M * W).T * (Q * M * M * W),
            (M * M * W).T * (M * M * W),
            "nor does |γ''|²,",
            mutants=(W.T * W,),
        ),
        step(
            keeps,
            (Q * M * W).T * (Q * M * M * W),
            (M * W).T * (M * M * W),
            "nor <γ', γ''>: the curvature κ and the speed σ = Λ are constant",
            mutants=(W.T * W,),
        ),
        argued("log g is skew, its norm the largest angle of a rotation: at most π for the principal logarithm"),
        step(
            entails,
            sp.And(kappa * speed <= m, m <= angle, kappa >= 0, speed >= 0),
            kappa * speed <= angle,
            "κ Λ <= |log g| <= π",
            mutants=(kappa * speed <= angle / 2,),
        ),
    ]


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.zhao.curvature",
        Kind.THEOREM,
        "How much a curve that a symmetry induces can turn",
        Source("beyond", "Curvature of symmetry curves"),
        r"Along $\gamma(t) = \exp(tM)\cdot w$, $\kappa\|\gamma'\|$ is at most the operator norm of $M$ on the "
        r"parameters, so the total curvature from $w$ to $g\cdot w$ is at most that of $\log g$. For one hidden layer "
        r"that norm is at most the largest singular value of $M$.",
        uses=("zhao.def.kappa", "zhao.eq5"),
        evidence=(Derivation("γ'' = M·γ', in any dimension", _bounded_by_the_generator),),
    ),
    Claim(
        "beyond.zhao.orthogonal-curves",
        Kind.THEOREM,
        "Curves of rotations turn by at most half a circle",
        Source("beyond", "Curvature of symmetry curves"),
        r"For orthogonal $g$, its principal logarithm and one hidden layer, $\gamma(t) = (g^t W_1, W_2 g^{-t})$ has "
        r"constant speed and curvature, and $\kappa \Lambda \le \pi$: the corrected Theorem 6.2 applies.",
        uses=("beyond.zhao.curvature", "zhao.thm6.2"),
        evidence=(Derivation("g^t is an isometry that commutes with log g", _orthogonal),),
    ),
    Claim(
        "beyond.zhao.rescaling-curvature",
        Kind.THEOREM,
        "The curvature of a rescaling orbit",
        Source("beyond", "Curvature of symmetry curves"),
        r"The orbit $(e^\tau W_{l-1}, e^{-k\tau} W_l)$ has $\kappa = k(k+1)\sqrt{AB}\,e^{(1-k)\tau} / "
        r"(A e^{2\tau} + k^2 B e^{-2k\tau})^{3/2}$ with $A = \|W_{l-1}\|^2$, $B = \|W_l\|^2$, largest where "
        r"$A e^{2\tau} = \frac{2k+1}{k+2} k^2 B e^{-2k\tau}$; for $k = 1$ the largest value is $(4AB)^{-1/4}$.",
        relation=lambda: rescaling_curvature(),
        uses=("zhao.def.kappa",),
        evidence=(Derivation("from the norms of the two layers, for every degree", _rescaling_orbit),),
    ),
)
