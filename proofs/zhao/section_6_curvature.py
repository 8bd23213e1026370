"""Section 6.2: curvature, and how near a chord is to the level set. Theorem 6.2 needs a bound on the length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from quadrics.connectivity.chord_bounds import length_bound, printed_bound, printed_bound_series
from quadrics.connectivity.curvature import (
    curvature_from,
    is_regular,
    largest_rescaling_curvature,
)

from ..beyond.zhao_chords import CURVE
from ..check import Context, Control, counterexample
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided, undecided
from ..rules import entails, equal, recompute
from ..vectors import bilinear_modulo, dot, inner, norm2, vectors
from .chord_counterexamples import KINDS, LOSING_KINDS, Chord, within, within_loss
from .chord_turning import corrected_theorem
from .section_3_topology import PAPER

K, l, Lam = sp.symbols("K l Lambda", positive=True)


# -- curvature --------------------------------------------------------------------------------------------------------
def _from_inner_products() -> list[Step]:
    v, a = vectors("v a")
    sigma = sp.Symbol("sigma", positive=True)
    mixed, acceleration = inner("a", "v"), dot(a, a)
    turn2 = (sigma**2 * acceleration - mixed**2) / sigma**4
    return [
        step(
            bilinear_modulo(sp.Eq(dot(v, v), sigma**2)),
            norm2(1 / sigma * a - mixed / sigma**3 * v),
            turn2,
            "v = γ', a = γ'', σ = |v|: T = v/σ has the derivative a/σ - <v, a> v/σ³",
            mutants=(turn2 / sigma, turn2 + 1),
        ),
        step(
            equal,
            curvature_from(sigma**2, mixed, acceleration) ** 2,
            turn2 / sigma**2,
            "κ = |T'|/σ, in any number of dimensions",
            mutants=(turn2,),
        ),
    ]


Condition = Callable[[Sequence[Any]], bool]
_t = sp.Symbol("t", real=True)
_CURVES = ([_t, _t**2], [_t**2, _t**3], [_t**3, _t**6], [1 + _t, 2 * _t])


def _defined_everywhere(condition: Condition, context: Context) -> Outcome:
    """Whether the curvature of each polynomial curve with the property has a value at all t = k/4 in [-1, 1]."""
    for curve in _CURVES:
        if not condition(curve):
            continue
        kappa = curvature_from(*_products(curve))
        values = [kappa.subs(_t, sp.Rational(k, 4)) for k in range(-4, 5)]
        if not all(value.is_finite for value in values):
            return decided(False, curve=str(curve))
    return decided(True)


def _products(curve: Sequence[Any]) -> tuple[Any, Any, Any]:
    first = [sp.diff(c, _t) for c in curve]
    second = [sp.diff(c, _t, 2) for c in curve]
    pairs = ((first, first), (first, second), (second, second))
    speed2, mixed, acceleration2 = (sum(a * b for a, b in zip(u, v, strict=True)) for u, v in pairs)
    return speed2, mixed, acceleration2


# -- Theorem 6.2 ------------------------------------------------------------------------------------------------------
def _as_printed(one: Chord) -> Any:
    return printed_bound(one.curvature, one.chord)


def _turning_at_most_pi(one: Chord) -> Any:
    short = one.regular and sp.N(one.curvature * one.length - sp.pi, 30) <= 0
    return printed_bound(one.curvature, one.chord) if short else None


def _by_length(one: Chord) -> Any:
    return length_bound(one.curvature, one.length) if one.regular else None


# -- the remarks ------------------------------------------------------------------------------------------------------
def _small_chord() -> list[Step]:
    x, root = sp.symbols("x R")
    return [
        step(
            recompute("the first terms in l", lambda e: sp.series(e, l, 0, 6).removeO()),
            printed_bound(K, l),
            printed_bound_series(2, K, l),
            "d_max = K l²/8 + K³ l⁴/128 + ...",
            mutants=(printed_bound_series(1, K, l), K * l**2 / 4),
        ),
        step(
            entails,
            sp.And(sp.Eq(root**2, 1 - x), root >= 0, x >= 0),
            1 - root >= x / 2,
            "x = (K l/2)²: d_max is never below K l²/8,",
            mutants=(1 - root >= x,),
        ),
        step(
            entails,
            sp.And(sp.Eq(root**2, 1 - x), root >= 0, x >= 0),
            1 - root <= x,
            "and never above twice that",
            mutants=(1 - root <= x / 2,),
        ),
    ]


def _relative_to_length() -> list[Step]:
    turning, k, L = sp.symbols("theta k L")
    return [
        step(
            equal,
            length_bound(K, Lam),
            Lam * (K * Lam) / 8,
            "bound (A) is the length times an eighth of K Λ",
            mutants=(Lam * K / 8,),
        ),
        step(
            entails,
            sp.And(L > 0, k * L <= turning),
            L * (k * L) / 8 <= L * turning / 8,
            "so a small K Λ makes the chord close, compared with the length",
            mutants=(L * (k * L) / 8 <= L * turning / 16,),
        ),
    ]


Hypothesis = Callable[[Any, Any], bool]


def _chords_of_hyperbolas(hypothesis: Hypothesis, context: Context) -> Outcome:
    """Minima w_1 w_2 = a of (w_1 w_2 - a)²: whether the middle of a chord is within an eighth of its length.

    Covered are the chords from (sβ, s/β) to (s/β, sβ), s = √a, whose curvature and length satisfy the hypothesis. With
    p the coordinates of the middle, every point of xy = a has (x-p)² + (y-p)² = (x+y-p)² + p² - 2a >= p² - 2a, and
    (s, s) is at √2 (p - s). The arc is not longer than its two projections together.
    """
    for a in (50, 5000):
        kappa = largest_rescaling_curvature(1, a, a)
        s = sp.sqrt(a)
        for beta in (sp.Rational(11, 10), sp.Integer(5), sp.Integer(40)):
            width = s * (beta - 1 / beta)
            if not hypothesis(kappa, 2 * width):
                continue
            p, chord = s * (beta + 1 / beta) / 2, sp.sqrt(2) * width
            low2, high = p**2 - 2 * a, sp.sqrt(2) * (p - s)
            if low2 > (chord / 8) ** 2:
                return decided(False, a=a, beta=str(beta), distance=str(sp.sqrt(low2)), curvature=str(kappa))
            if not high <= chord / 8:
                return undecided(a=a, beta=str(beta))
    return decided(True)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "zhao.def.kappa",
        Kind.DEFINITION,
        "The curvature of a regular curve",
        Source(PAPER, "Section 6.2", "6.2"),
        r"$\kappa = \|T'\|/\|\gamma'\|$ with $T = \gamma'/\|\gamma'\|$, for a twice differentiable curve with "
        r"$\gamma' \ne 0$; then $\kappa = \sqrt{\|\gamma'\|^2\|\gamma''\|^2 - \langle\gamma',\gamma''\rangle^2} / "
        r"\|\gamma'\|^3$.",
        evidence=(Derivation("from inner products, in any dimension", _from_inner_products),),
    ),
    Claim(
        "zhao.def.kappa.printed",
        Kind.DEFINITION,
        "Curvature of every smooth curve",
        Source(PAPER, "Section 6.2", "6.2"),
        r"Every smooth curve has a curvature at each $t$.",
        label=Label.GAP,
        erratum=r"Where $\gamma' = 0$ there is no $T$: a smooth curve may turn a corner there, with $\kappa = 0$ on "
        r"both sides. The curve must be regular, $\gamma' \ne 0$.",
        uses=("zhao.def.kappa",),
        evidence=(
            counterexample(
                "the cusp (t², t³) and the parabola run as (t³, t⁶)",
                lambda: lambda curve: True,
                _defined_everywhere,
                [Control("regular curves", lambda condition: lambda curve: is_regular(curve, _t, -1, 1))],
            ),
        ),
    ),
    Claim(
        "zhao.thm6.2",
        Kind.THEOREM,
        "A chord is near a level set along a curve that turns by at most half a circle",
        Source(PAPER, "Theorem 6.2, eqs. (8), (9)", "6.2, D"),
        r"If $\kappa_{\max} \Lambda \le \pi$, with $\Lambda$ the length of $\gamma$, and $\kappa_{\max} l \le 2$, with "
        r"$l = \|w_2 - w_1\|$, then $\operatorname{dist}(w, L^{-1}(c)) \le (1 - \cos(\kappa_{\max}\Lambda/2))/"
        r"\kappa_{\max} \le d_{\max} = (1 - \sqrt{1 - (\kappa_{\max} l/2)^2})/\kappa_{\max}$ on the chord, and "
        r"$|L(w) - c| \le C_L d_{\max}$.",
        relation=lambda: printed_bound(),
        hypotheses=(
            CURVE,
            "κ_max Λ ≤ π and κ_max l ≤ 2",
            "C_L is a Lipschitz constant of L on the segments from the chord to nearest points of the level set",
        ),
        uses=("zhao.def.kappa", "beyond.zhao.chord-turning"),
        evidence=(Derivation("turning, Schur's chord, and the comparison with d_max", corrected_theorem),),
    ),
    Claim(
        "zhao.thm6.2.printed",
        Kind.THEOREM,
        "A chord is near a level set along any smooth curve of bounded curvature",
        Source(PAPER, "Theorem 6.2, eqs. (8), (9)", "6.2, D"),
        r"A smooth curve in $L^{-1}(c)$ with curvature at most $\kappa_{\max}$, whatever its length, has "
        r"$\operatorname{dist}(w, L^{-1}(c)) \le d_{\max}$ on its chord, and $|L(w) - c| \le C_L d_{\max}$.",
        label=Label.FALSE,
        erratum="Curvature bounds how sharply a curve bends, not how far it goes before it comes back: the long way "
        "round a circle, a turn of a helix and a smooth closed level curve of a polynomial violate the first bound, "
        r"circle and helix the second as well. They hold when $\kappa_{\max}\Lambda \le \pi$ (the constant is sharp); "
        r"without it the bound is $\kappa_{\max}\Lambda^2/8$; and a curve that is not regular may have a corner.",
        uses=("zhao.thm6.2", "beyond.zhao.chord-length"),
        evidence=(
            *(
                counterexample(
                    f"{label}: {kind}",
                    lambda: _as_printed,
                    decide(kind),
                    [
                        Control("only regular curves with κ_max Λ <= π", lambda bound: _turning_at_most_pi),
                        Control("κ_max Λ²/8 for regular curves", lambda bound: _by_length),
                    ],
                )
                for label, decide, kinds in (("eq. (8)", within, KINDS), ("eq. (9)", within_loss, LOSING_KINDS))
                for kind in kinds
            ),
        ),
    ),
    Claim(
        "zhao.rem6.2a",
        Kind.REMARK,
        "The bound for a short chord",
        Source(PAPER, "Section 6.2", "6.2"),
        r"$d_{\max} = \kappa_{\max} l^2/8 + O(\kappa_{\max}^3 l^4)$, and always $\kappa_{\max} l^2/8 \le d_{\max} \le "
        r"\kappa_{\max} l^2/4$.",
        uses=("zhao.thm6.2",),
        evidence=(Derivation("the series, and both sides for every chord", _small_chord),),
    ),
    Claim(
        "zhao.rem6.2b",
        Kind.REMARK,
        "A small total turning makes minima nearly linearly connected",
        Source(PAPER, "Sections 6.2 and 7", "6.2, 7"),
        r"On the chord the distance to the minimum is at most $\Lambda \cdot \kappa_{\max}\Lambda / 8$: small compared "
        r"with the length if $\kappa_{\max}\Lambda$ is small.",
        uses=("beyond.zhao.chord-length",),
        evidence=(Derivation("bound (A), relative to the length", _relative_to_length),),
    ),
    Claim(
        "zhao.rem6.2b.printed",
        Kind.REMARK,
        "A small curvature makes minima nearly linearly connected",
        Source(PAPER, "Sections 6.2 and 7", "6.2, 7"),
        "If the curvature of the minimum is small, any two of its points are joined by a nearly straight path.",
        label=Label.FALSE,
        erratum=r"The minima $w_1 w_2 = a$ have curvature at most $1/\sqrt{2a}$, as small as one likes, and chords "
        "whose distance to them is unbounded (Proposition 5.5). What must be small is the curvature times the length.",
        uses=("zhao.rem6.2b", "zhao.prop5.5"),
        evidence=(
            counterexample(
                "hyperbolas w_1 w_2 = 50 and 5000, of curvature at most 1/10 and 1/100",
                lambda: lambda kappa, length: bool(kappa <= sp.Rational(1, 10)),
                _chords_of_hyperbolas,
                [
                    Control(
                        "curvature times length at most 1", lambda h: lambda kappa, length: bool(kappa * length <= 1)
                    )
                ],
            ),
        ),
    ),
)
