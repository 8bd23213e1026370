"""Beyond section 8: what an ℓ1 penalty does to the imbalance, and to the sign of a pathological neuron."""

from __future__ import annotations

from typing import Any

import sympy as sp

from quadrics.optimizer_laws import l1_rate

from ..check import Context, Control, certificate
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope
from ..rules import differentiate, entails, equal, substitute
from ..smt import valid
from ..vectors import bilinear_modulo, inner, inner_product, vectors


def _l1_flow() -> list[Step]:
    w, a, g1, g2, s1, s2 = vectors("w a g1 g2 s1 s2")
    lam, x = sp.Symbol("lambda"), sp.Symbol("x", real=True)
    balance = sp.Eq(inner("w", "g1"), inner("a", "g2"))
    slope = 2 * (inner_product(w, -g1 - lam * s1) - inner_product(a, -g2 - lam * s2))
    S, W, A, c, rate = sp.symbols("S W A c rate")
    y = sp.Symbol("y")
    t = sp.Symbol("t", real=True)
    u, level = sp.Function("u")(t), sp.Function("c")(t)
    norms = sp.And(S >= W, W >= 0, A >= 0, sp.Eq(c, W**2 - A**2), lam > 0, sp.Eq(rate, -2 * lam * (S - A)))
    factor = sp.exp(2 * lam * sp.Integral(u, (t, 0, t)))
    return [
        step(
            bilinear_modulo(balance),
            slope,
            -2 * lam * (inner("s1", "w") - inner("a", "s2")),
            "d/dt c under w' = -(g1 + λs1), a' = -(g2 + λs2), s the signs",
        ),
        step(equal, x * sp.sign(x), sp.Abs(x), "so that ⟨w, s1⟩ = ‖w‖₁ and ⟨a, s2⟩ = |a| (e = 1)"),
        step(
            entails,
            sp.And(S >= 0, y >= 0, S**2 >= W**2),
            (S + y) ** 2 >= W**2 + y**2,
            "‖w‖₁² >= |w|², entry by entry: S stands for ‖w‖₁, W for |w|, A for |a| from here on",
        ),
        step(entails, sp.And(norms, sp.Eq(c, 0)), rate <= 0, "at c = 0 the imbalance does not rise"),
        step(
            entails, sp.And(norms, S > W, sp.Eq(c, 0)), rate < 0, "and falls if two entries of w are not 0 (S > W then)"
        ),
        step(entails, norms, rate * (W + A) <= -2 * lam * c, "dc/dt <= -2λ c/(|w| + |a|), multiplied out"),
        step(
            differentiate(t),
            level * factor,
            (level.diff(t) + 2 * lam * u * level) * factor,
            "so with u = 1/(|w| + |a|), c e^(2λ∫u) does not increase: c < 0 stays so until the whole neuron is 0",
        ),
        step(entails, sp.And(W >= 0, A >= 0, W**2 - A**2 < 0), A > 0, "and until then a does not vanish"),
    ]


def _l1_vanished() -> list[Step]:
    """Near 0 the penalty, which is of order 1, beats the gradient, which is of order |θ|."""
    size, pull, lam, rate = sp.symbols("size pull lambda rate")
    return [
        step(
            entails,
            sp.And(size >= 0, pull > 0, lam > 0, size * pull < lam, rate <= size * pull - lam),
            rate < 0,
            "d/dt (‖w‖₁ + |a|) <= ‖v‖₁ (‖w‖₁ + |a|) - λ while it is not 0: what is 0 stays 0",
        )
    ]


def _l1_makes_pathological() -> list[Step]:
    t = sp.Symbol("t", positive=True)
    w, a = (1 - t, 1 - t), sp.Rational(6, 5) - t
    level = sum(x**2 for x in w) - a**2
    return [
        step(
            equal,
            sp.diff(level, t).subs(t, sp.Rational(1, 2)),
            l1_rate([x.subs(t, sp.Rational(1, 2)) for x in w], [a.subs(t, sp.Rational(1, 2))], 1),
            "a neuron with w = (1, 1), a = 6/5 that no sample activates, λ = 1: w = (1 - t, 1 - t), a = 6/5 - t",
        ),
        step(substitute({t: 0}), level, sp.Rational(14, 25), "starts healthy"),
        step(substitute({t: sp.Rational(9, 10)}), level, -sp.Rational(7, 100), "and becomes pathological"),
    ]


def _at_the_cone(sign: int, anywhere: bool = False) -> Any:
    """d = 3, all weights made nonnegative: where c = 0, sign * dc/dt <= 0 for the rate of the ℓ1 penalty."""
    x, y, z, a = sp.symbols("x y z a", nonnegative=True)
    rate = l1_rate([x, y, z], [a], 1)
    plain = {symbol: sp.Symbol(symbol.name) for symbol in (x, y, z, a)}
    hypotheses = [symbol >= 0 for symbol in plain.values()]
    if not anywhere:
        hypotheses.append(sp.Eq(x**2 + y**2 + z**2, a**2).subs(plain))
    return sp.Implies(sp.And(*hypotheses), sign * rate.subs(plain) <= 0)


def _l1_step(bound: Any) -> Any:
    """c < 0, h|v| = x <= 1 and a (1 - x) > bound hλ: a step with the penalty keeps a > 0. By norms, for every d."""
    a, p, ww, vv, h, lam, x = sp.symbols("a p W V h lambda x")
    hypotheses = [a > 0, ww >= 0, vv >= 0, h > 0, lam > 0, x >= 0, x <= 1, sp.Eq(x**2, h**2 * vv)]
    hypotheses += [p**2 <= ww * vv, ww < a**2, a * (1 - x) > bound * h * lam]
    return sp.Implies(sp.And(*hypotheses), a - h * p - h * lam > 0)


def _decide(formula: Any, context: Context) -> Outcome:
    return valid(formula)


CLAIMS = (
    Claim(
        "beyond.nurisso.l1",
        Kind.THEOREM,
        "An ℓ1 penalty keeps pathological neurons pathological, and makes more of them",
        Source("beyond", "on Section 8"),
        r"Under gradient flow of $L+\lambda\|\theta\|_1$, $\dot c_k=-2\lambda(\|w_k\|_1-\|a_k\|_1)$. For $e=1$: "
        r"$\dot c\le-2\lambda c/(|w|+|a|)$, so $c<0$ stays negative, and $a$ keeps its sign, until the whole neuron is "
        r"zero, where it stays; $c$ crosses zero downwards where two entries of $w$ are not zero. So the obstruction "
        r"persists, and healthy neurons become pathological. A step of size $h$ can change the sign of $a$ while $c<0$ "
        r"only where $|a|(1-h|v|)\le h\lambda$: the neuron is about to vanish.",
        relation=lambda: sp.Eq(
            sp.Symbol("c'"), l1_rate(sp.symbols("w_1 w_2", real=True), [sp.Symbol("a", real=True)], sp.Symbol("lambda"))
        ),
        uses=("nurisso.eq9", "nurisso.sec8.reg"),
        evidence=[
            Derivation("the rate, and which way it points", _l1_flow),
            Derivation("a neuron that is zero stays zero", _l1_vanished),
            Derivation("a healthy neuron that becomes pathological", _l1_makes_pathological, Scope.INSTANCE),
            certificate(
                "d = 3 in coordinates: at c = 0 the penalty does not raise c (by z3)",
                lambda: _at_the_cone(1),
                _decide,
                [
                    Control("nor does it lower it", lambda _: _at_the_cone(-1)),
                    Control("nor at other c", lambda _: _at_the_cone(1, anywhere=True)),
                ],
            ),
            certificate(
                "finite steps: only where |a| (1 - h|v|) <= hλ can a pathological neuron's output change sign (by z3)",
                lambda: _l1_step(1),
                _decide,
                [
                    Control("half of it", lambda _: _l1_step(sp.Rational(1, 2))),
                    Control("nowhere", lambda _: _l1_step(0)),
                ],
            ),
        ],
    ),
)
