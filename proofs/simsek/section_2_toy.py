"""Figure 2 and appendix A.3: four symmetric losses of two weights, their critical points, and what lies between."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from quadrics.expansion.losses.toy import (
    W1,
    W2,
    CriticalType,
    ToyLoss,
    W,
    diagonal_cubic,
    diagonal_curvatures,
    toy_discrepancy,
    toy_figures,
    toy_loss,
)

from ..check import Context, Control, certificate, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, Truth, decided
from ..rules import differentiate, equal, substitute
from ..smt import valid
from .expansion_checks import PAPER

A, B = sp.symbols("a b", real=True)
X, Y = sp.symbols("x y")
"""Two weights for z3, without assumptions."""

Interval = tuple[Any, Any]
MINIMUM, SADDLE = str(CriticalType.LOCAL_MINIMUM), str(CriticalType.SADDLE)


@dataclass(frozen=True)
class Picture:
    """What a panel shows: a, b, the two global minima, and the points on the diagonal, each in an interval."""

    a: Any
    b: Any
    minima: tuple[tuple[Any, Any], ...]
    diagonal: tuple[tuple[Interval, str], ...]


PICTURES = {
    "1st": Picture(3, 2, ((2, 1), (1, 2)), (((1, 2), SADDLE),)),
    "2nd": Picture(25, 100, ((20, 5), (5, 20)), (((-10, -9), MINIMUM), ((-1, 0), SADDLE), ((10, 11), SADDLE))),
    "3rd": Picture(
        sp.Rational(-201, 10),
        2,
        ((-20, sp.Rational(-1, 10)), (sp.Rational(-1, 10), -20)),
        (((-3, -2), SADDLE),),
    ),
    "4th": Picture(3, -10, ((5, -2), (-2, 5)), (((0, 1), SADDLE),)),
}


def _certified(pictures: dict[str, Picture], context: Context) -> Outcome:
    """z3: all critical points of F are the stated ones, with Hessians of the stated signs, and all of them exist."""
    for name, one in pictures.items():
        for formula in _formulas(one):
            answer = valid(formula)
            if answer.truth is not Truth.HOLDS:
                return Outcome(answer.truth, {"panel": name, "formula": str(formula)[:200], **answer.details})
    return decided(True)


def _formulas(one: Picture) -> list[Boolean]:
    F = toy_discrepancy(one.a, one.b, X, Y)
    critical = sp.And(*(sp.Eq(sp.expand(sp.diff(F, s)), 0) for s in (X, Y)))
    H = sp.hessian(F, (X, Y))
    curved = sp.expand(H.det()), sp.expand(H.trace())
    kinds = {
        MINIMUM: sp.And(curved[0] > 0, curved[1] > 0),
        SADDLE: sp.Lt(curved[0], 0),
    }
    at_minima = [sp.And(sp.Eq(X, u), sp.Eq(Y, v)) for u, v in one.minima]
    inside = [sp.And(sp.Eq(X, Y), low < X, high > X, kinds[kind]) for (low, high), kind in one.diagonal]
    exist = [sp.Implies(minimum, sp.And(critical, sp.Eq(F, 0))) for minimum in at_minima]
    cubic = diagonal_cubic(one.a, one.b)
    changes = [sp.sympify(cubic.subs(W, low) * cubic.subs(W, high) < 0) for (low, high), _ in one.diagonal]
    return [sp.Implies(critical, sp.Or(*at_minima, *inside)), *exist, *changes]


def _exactly(pictures: dict[str, Picture], context: Context) -> Outcome:
    """The critical points as the library solves for them, with exact residuals, losses, and eigenvalue signs."""
    for name, one in pictures.items():
        loss = ToyLoss(one.a, one.b)
        found = loss.critical_points()
        off = {(p.w1, p.w2) for p in found if not p.on_diagonal}
        on = [p for p in found if p.on_diagonal]
        fits = len(on) == len(one.diagonal) and all(
            low < p.w1 < high and str(p.kind) == kind for p, ((low, high), kind) in zip(on, one.diagonal, strict=True)
        )
        zero = all(toy_loss(one.a, one.b, *point) == 0 for point in off)
        if off != set(one.minima) or not (fits and zero):
            return decided(False, panel=name, found=str([(str(p.kind), str(sp.N(p.w1, 8))) for p in found]))
        for point in off:
            H = loss.hessian().subs({W1: point[0], W2: point[1]})
            if not (H.det() > 0 and H.trace() > 0):
                return decided(False, panel=name, reason="no strict minimum")
    return decided(True)


def _all_complex(pictures: dict[str, Picture], context: Context) -> Outcome:
    """A Gröbner basis: five complex critical points, all simple, of which the real ones are those in the picture."""
    u = sp.Symbol("u")
    for name, one in pictures.items():
        F = toy_discrepancy(one.a, one.b)
        equations = [sp.expand(sp.diff(F, w).subs(W1, u - 3 * W2)) for w in (W1, W2)]
        eliminant = sp.Poly(sp.groebner(equations, W2, u, order="lex").exprs[-1], u)
        simple = sp.gcd(eliminant, eliminant.diff(u)).degree() == 0
        real = len(one.minima) + len(one.diagonal)
        if (eliminant.degree(), simple, eliminant.count_roots()) != (5, True, real):
            return decided(False, panel=name, degree=eliminant.degree(), real=eliminant.count_roots())
    return decided(True)


def _swap(name: str, **changes: Any) -> Any:
    return lambda pictures: {**pictures, name: replace(pictures[name], **changes)}


def _only_saddles(pictures: dict[str, Picture]) -> dict[str, Picture]:
    """A mutant: whatever lies on the diagonal is a saddle."""
    return {
        name: replace(one, diagonal=tuple((where, SADDLE) for where, _ in one.diagonal))
        for name, one in pictures.items()
    }


def _general() -> list[Step]:
    F = toy_discrepancy(A, B)
    along, across = diagonal_curvatures(B)
    H = sp.hessian(F, (W1, W2))
    diagonal = {W1: W, W2: W}
    on_cubic = {A: W**3 + (2 - B) * W}
    return [
        step(
            equal,
            sp.diff(F, W1) - sp.diff(F, W2),
            (W1 * W2 - B) * (W2 - W1),
            "so that a critical point has product b or lies on the diagonal",
        ),
        step(
            substitute({B: W1 * W2}),
            sp.diff(F, W1),
            W1 + W2 - A,
            "with product b, it has sum a: F = 0 there, at the roots of w² - a w + b",
        ),
        step(
            equal,
            sp.diff(F, W1).subs(diagonal),
            diagonal_cubic(A, B),
            "on the diagonal: a cubic",
        ),
        step(
            equal,
            (H * sp.Matrix([1, 1])).subs(diagonal).subs(on_cubic),
            along * sp.Matrix([1, 1]),
            "the curvature along the diagonal, at a root",
        ),
        step(
            equal,
            (H * sp.Matrix([1, -1])).subs(diagonal).subs(on_cubic),
            across * sp.Matrix([1, -1]),
            "and across",
        ),
        step(equal, sp.resultant(diagonal_cubic(A, B), across, W), 4 * B - A**2, "it changes sign where a² = 4b"),
        step(
            equal,
            sp.discriminant(diagonal_cubic(A, B), W),
            4 * (B - 2) ** 3 - 27 * A**2,
            "and the number of points on the diagonal where 4 (b - 2)³ = 27 a²",
        ),
    ]


def _hessian_of_log() -> list[Step]:
    level = sp.Function("F")(W1, W2)
    same_points = step(differentiate(W1), sp.log(1 + level), sp.diff(level, W1) / (1 + level), "1 + F is positive")
    return [same_points] + [
        step(
            equal,
            sp.diff(sp.log(1 + level), first, second),
            sp.diff(level, first, second) / (1 + level)
            - sp.diff(level, first) * sp.diff(level, second) / (1 + level) ** 2,
            "the second term vanishes at a critical point: the Hessian of L is that of F, divided by 1 + F",
        )
        for first, second in ((W1, W1), (W1, W2), (W2, W2))
    ]


def _descents(statement: dict[Interval, str], context: Context) -> Outcome:
    """The saddles of the second loss on the diagonal, and whether descent is along or across, by exact signs."""
    saddles = [p for p in toy_figures()["2nd"].critical_points() if p.on_diagonal and p.kind is CriticalType.SADDLE]
    directions = {(-1, 1): "along", (1, -1): "across"}
    found = {sp.floor(p.w1): directions[p.signs] for p in saddles}
    return decided(found == {low: way for (low, _), way in statement.items()}, found=str(found))


_FIRST = {"1st": PICTURES["1st"]}

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.fig2",
        Kind.FIGURE,
        "A symmetric loss of two weights",
        Source(PAPER, "Figure 2", "2"),
        r"$L = \log(1 + F)$, $F = \tfrac12 ((w_1 + w_2 - 3)^2 + (w_1 w_2 - 2)^2)$ has two global minima, $(2, 1)$ "
        "and $(1, 2)$, and one other critical point, the saddle $w_1 = w_2 = 3^{1/3}$ on the symmetry subspace.",
        uses=("simsek.def2.1", "simsek.lem2.1"),
        evidence=(
            Derivation("the same critical points and types for L as for F", _hessian_of_log),
            certificate(
                "all real critical points and the signs of their Hessians, by z3",
                lambda: _FIRST,
                _certified,
                [
                    Control("a minimum on the diagonal", _swap("1st", diagonal=(((1, 2), MINIMUM),))),
                    Control("a minimum at (3, 0)", _swap("1st", minima=((3, 0), (0, 3)))),
                ],  # general: it is about all points of this one loss, as the statement is
            ),
            enumeration(
                "the saddle is where w³ = 3",
                lambda: sp.cbrt(3),
                lambda w, context: decided([p.w1 for p in ToyLoss(3, 2).critical_points() if p.on_diagonal] == [w]),
                [Control("the mean of the minima", lambda w: sp.Rational(3, 2))],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "simsek.figA5",
        Kind.FIGURE,
        "Four losses of the same family",
        Source(PAPER, "Figure A5", "A.3"),
        "For $a, b$ in place of 3, 2, the critical points are the global minima with $w_1 + w_2 = a$, $w_1 w_2 = b$ "
        r"(real when $a^2 \ge 4b$), and $(w, w)$ with $w^3 + (2 - b) w = a$, where $F$ has the curvatures $2 + 3w^2 "
        "- b$ along the diagonal and $b - w^2$ across. Besides the two minima of the caption, the 1st, 3rd and 4th "
        r"loss have one saddle; the 2nd, $a = 25$, $b = 100$, has two saddles, $w \approx 10.02$ and $w \approx "
        r"-0.26$, and at $w \approx -9.77$ a strict *local minimum* that is not global.",
        uses=("simsek.fig2",),
        evidence=(
            Derivation("critical points and curvatures, for all a and b", _general),
            Derivation("the same critical points and types for L as for F", _hessian_of_log),
            certificate(
                "all real critical points of the four and the signs of their Hessians, by z3",
                lambda: PICTURES,
                _certified,
                [
                    Control("saddles only", _only_saddles),
                    Control("the local minimum left out", _swap("2nd", diagonal=PICTURES["2nd"].diagonal[1:])),
                    Control("3rd: a = -20", _swap("3rd", a=-20)),
                ],
                scope=Scope.INSTANCE,
            ),
            certificate(
                "five simple complex critical points each, by Gröbner bases; the real ones by Sturm sequences",
                lambda: PICTURES,
                _all_complex,
                [Control("the local minimum left out", _swap("2nd", diagonal=PICTURES["2nd"].diagonal[1:]))],
                scope=Scope.INSTANCE,
            ),
            enumeration(
                "solved in algebraic numbers, their types by exact signs",
                lambda: PICTURES,
                _exactly,
                [
                    Control("saddles only", _only_saddles),
                    Control("other minima", _swap("4th", minima=((5, -2), (-5, 2)))),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "simsek.figA5.printed",
        Kind.FIGURE,
        "Saddles, and nothing else, between the partner minima",
        Source(PAPER, "text at Figure A5", "A.3"),
        "The text speaks of saddles only, perhaps more than one, on the symmetry subspace between two partner minima. "
        "Read as a full list: all critical points there are saddles.",
        label=Label.GAP,
        erratum=r"For $a = 25$, $b = 100$ two of the three critical points on the diagonal are saddles; the third, "
        r"$w \approx -9.77$, is a strict local minimum, in which an open set of initializations ends. The caption's "
        "'non-global stationary points' covers it, the text does not mention it. It is there exactly if "
        r"$4(b-2)^3 > 27 a^2$.",
        uses=("simsek.figA5", "beyond.simsek.toy-types"),
        evidence=(
            counterexample(
                "a = 25, b = 100: the critical points and the exact signs of their curvatures",
                lambda: _only_saddles({"2nd": PICTURES["2nd"]}),
                _exactly,
                [Control("two saddles and a local minimum", lambda _: {"2nd": PICTURES["2nd"]})],
            ),
        ),
    ),
    Claim(
        "simsek.figA5.text",
        Kind.REMARK,
        "More than one saddle on the symmetry subspace",
        Source(PAPER, "text at Figure A5", "A.3"),
        "There may be more than one saddle on the symmetry subspace: the 2nd loss has two. Read strictly, only one "
        r"of them lies *between* the partner minima, $w \approx 10.02$, with descent across the diagonal, to either "
        "side. From the other one descent is along the diagonal, to the first saddle or to the local minimum that "
        "the text does not mention (the caption's 'non-global stationary points' covers it).",
        uses=("simsek.figA5",),
        evidence=(
            enumeration(
                "exact signs of the curvatures along and across the diagonal",
                lambda: {(-1, 0): "along", (10, 11): "across"},
                _descents,
                [
                    Control("both with descent across", lambda s: dict.fromkeys(s, "across")),
                    Control("the other way round", lambda s: dict(zip(s, reversed(s.values()), strict=True))),
                    Control("a third saddle", lambda s: {**s, (-10, -9): "along"}),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
)
