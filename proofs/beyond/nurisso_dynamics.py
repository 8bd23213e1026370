"""Exact laws for gradient descent and weight decay, and what they mean for pathological neurons."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import sympy as sp

from quadrics.conservation import symbolic_gradient
from quadrics.discretization import (
    decayed_imbalance,
    discrete_imbalance,
    discrete_imbalances,
    gradient_step,
    lagrange_imbalance,
)
from quadrics.forms import imbalance
from quadrics.network import Parameters, TwoLayer

from ..check import Context, Control, certificate, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..rules import entails, equal, equal_modulo, recompute
from ..smt import valid
from ..vectors import bilinear, bilinear_modulo, inner, norm2, square, vectors
from . import nurisso_degree

Law = Callable[[Parameters, Parameters, Any], list[Any]]
BALANCE = sp.Eq(inner("w", "g1"), inner("a", "g2"))
SIZES = tuple(product((1, 2), (1, 2), (1, 2), (False, True)))


def _law() -> list[Step]:
    w, a, g1, g2 = vectors("w a g1 g2")
    h, lam = sp.symbols("h lambda")
    keep = 1 - h * lam
    after = norm2(keep * w - h * g1) - norm2(keep * a - h * g2)
    c = square(w) - square(a)
    plain = norm2(w - h * g1) - norm2(a - h * g2)
    return [
        step(
            bilinear_modulo(BALANCE),
            plain,
            discrete_imbalance(c, square(g1), square(g2), h),
            "the term of order h is eq. (9); nothing else is used, so any gradient will do: full batch or minibatch",
        ),
        step(
            bilinear_modulo(BALANCE),
            after,
            discrete_imbalance(c, square(g1), square(g2), h, lam),
            "with weight decay λ",
        ),
    ]


def _scalar_output() -> list[Step]:
    w, v = vectors("w v")
    ww, vv, wv = inner("w", "w"), inner("v", "v"), inner("w", "v")
    a, c, h, s, after, uu = sp.symbols("a c h S after U")
    level = sp.Eq(c, ww - a**2)
    squares = (1 - h**2 * vv) * c + h**2 * (ww * vv - wv**2)
    residue = norm2(ww * v - wv * w)
    return [
        step(
            equal_modulo(level),
            discrete_imbalance(c, a**2 * vv, wv**2, h),
            squares,
            "g1 = a v and g2 = ⟨w, v⟩ for e = 1, on the quadric",
        ),
        step(bilinear, residue, ww * (ww * vv - wv**2), "||w|²v - ⟨w,v⟩w|²"),
        step(
            entails,
            sp.And(ww > 0, uu >= 0, sp.Eq(uu, ww * (ww * vv - wv**2))),
            ww * vv - wv**2 >= 0,
            "Cauchy and Schwarz (and for w = 0 both sides are 0)",
        ),
        step(
            entails,
            sp.And(s >= 0, vv >= 0, c <= 0, sp.Eq(after, (1 - h**2 * vv) * c + h**2 * s)),
            after >= c,
            "c <= 0 never decreases, whatever h",
        ),
        step(
            entails,
            sp.And(s >= 0, vv >= 0, c >= 0, h**2 * vv <= 1, sp.Eq(after, (1 - h**2 * vv) * c + h**2 * s)),
            after >= 0,
            "c >= 0 stays so while h|v| <= 1",
        ),
    ]


def _lagrange_by_induction() -> list[Step]:
    """Σ_{i<j} (w_i v_j - w_j v_i)² = |w|²|v|² - ⟨w,v⟩²: from d coordinates to d + 1, the new ones being p and q."""
    w, v = vectors("w v")
    ww, vv, wv = inner("w", "w"), inner("v", "v"), inner("w", "v")
    p, q = sp.symbols("p q")
    new_minors = ww * q**2 - 2 * wv * p * q + vv * p**2
    growth = (ww + p**2) * (vv + q**2) - (wv + p * q) ** 2 - (ww * vv - wv**2)
    return [
        step(equal, p**2 * q**2 - (p * q) ** 2, sp.Integer(0), "d = 1: there are no minors, and the right side is 0"),
        step(bilinear, norm2(q * w - p * v), new_minors, "d + 1: the new minors are the coordinates of q w - p v"),
        step(equal, growth, new_minors, "and the right side grows by the same"),
    ]


def _law_is_the_update(law: Law, context: Context) -> Outcome:
    h = sp.Symbol("h", real=True)
    for d, width, e, bias in SIZES:
        theta = TwoLayer(d, width, e, bias=bias).symbols()
        g = symbolic_gradient(theta, 1)
        after = imbalance(gradient_step(theta, g, h))
        if any(sp.expand(got - said) != 0 for got, said in zip(after, law(theta, g, h), strict=True)):
            return decided(False, at=(d, width, e, bias))
    return decided(True, cases=len(SIZES))


def _lagrange(formula: Callable[..., Any], context: Context) -> Outcome:
    """The sum of squares is the law on the quadric, for d <= 5."""
    a, h = sp.symbols("a h", real=True)
    for d in range(1, 6):
        w, v = sp.symbols(f"w1:{d + 1}", real=True), sp.symbols(f"v1:{d + 1}", real=True)
        c = sum(x**2 for x in w) - a**2
        g1_square = a**2 * sum(x**2 for x in v)
        g2_square = sum(x * y for x, y in zip(w, v, strict=True)) ** 2
        if sp.expand(formula(w, v, c, h) - discrete_imbalance(c, g1_square, g2_square, h)) != 0:
            return decided(False, d=d)
    return decided(True, dimensions=5)


def _swapped_minor(formula: Callable[..., Any]) -> Callable[..., Any]:
    return lambda w, v, c, h: formula(w, [-v[0], *v[1:]], c, h)


def _no_flip(bound: Any, negative: bool = True) -> Any:
    """e = 1: under c < 0 and h|v| <= bound, a' = a - h⟨w, v⟩ has the sign of a. In any dimension, by norms."""
    a, p, ww, vv, h = sp.symbols("a p W V h")
    after = a - h * p
    hypotheses = [ww >= 0, vv >= 0, h >= 0, p**2 <= ww * vv, h**2 * vv <= bound**2]
    if negative:
        hypotheses.append(ww - a**2 < 0)
    return sp.Implies(sp.And(*hypotheses), a * after > 0)


def _no_flip_in_the_plane(bound: Any) -> Any:
    """The same for d = 2 in coordinates."""
    a, h, w1, w2, v1, v2 = sp.symbols("a h w1 w2 v1 v2")
    after = a - h * (w1 * v1 + w2 * v2)
    hypotheses = [w1**2 + w2**2 < a**2, h >= 0, h**2 * (v1**2 + v2**2) <= bound**2]
    return sp.Implies(sp.And(*hypotheses), a * after > 0)


def _decide(formula: Any, context: Context) -> Outcome:
    return valid(formula)


def _decay() -> list[Step]:
    lam, t, c = sp.Symbol("lambda", real=True), sp.Symbol("t", real=True), sp.Symbol("c", real=True)
    q = sp.Function("q")
    ww, aa = inner("w", "w"), inner("a", "a")
    rate = -2 * (inner("w", "g1") + lam * ww) + 2 * (inner("a", "g2") + lam * aa)
    solve = recompute("solve the initial value problem", lambda ode: sp.dsolve(ode, q(t), ics={q(0): c}))
    n = sp.Symbol("c", negative=True)
    w2, a2, level = sp.symbols("w2 a2 level")
    return [
        step(equal_modulo(BALANCE), rate, -2 * lam * (ww - aa), "d/dt q under w' = -(g1 + λw), a' = -(g2 + λa)"),
        step(solve, sp.Eq(q(t).diff(t), -2 * lam * q(t)), sp.Eq(q(t), decayed_imbalance(c, lam, t)), "q(0) = c"),
        step(equal, sp.sign(decayed_imbalance(n, lam, t)), sp.Integer(-1), "a negative imbalance stays negative"),
        step(entails, sp.And(w2 >= 0, level < 0, sp.Eq(w2 - a2, level)), a2 > 0, "and a never vanishes while it is"),
    ]


CLAIMS = (
    Claim(
        "beyond.nurisso.discrete-law",
        Kind.THEOREM,
        "Gradient descent changes the imbalance by an exact law",
        Source("beyond", "N1"),
        r"For $\theta'=\theta-hg$ with any gradient (full batch or minibatch) and any $h$: "
        r"$c_k'=c_k+h^2(|g^{(1)}_k|^2-|g^{(2)}_k|^2)$. For $e=1$, with $v=\sum_i r_i\sigma'(w\cdot x_i)x_i$: "
        r"$c'=(1-h^2|v|^2)c+h^2\sum_{i<j}(w_iv_j-w_jv_i)^2$. So $c\le0$ never decreases, and $c\ge0$ stays so "
        r"while $h|v|\le1$: "
        r"pathological neurons can be healed by finite steps, and not be created.",
        relation=lambda: sp.Eq(sp.Symbol("c'"), discrete_imbalance(*sp.symbols("c G_1 G_2 h"))),
        hypotheses=("no momentum",),
        uses=("nurisso.eq9",),
        evidence=[
            Derivation("the law in any dimension, with and without weight decay", _law),
            Derivation("scalar output: squares, and what follows for the sign of c", _scalar_output),
            enumeration(
                "one step of symbolic networks, d, l, e <= 2, with and without biases",
                lambda: discrete_imbalances,
                _law_is_the_update,
                [
                    Control(
                        "h for h²",
                        lambda law: (
                            lambda t, g, h: [c + (v - c) / h for c, v in zip(imbalance(t), law(t, g, h), strict=True)]
                        ),
                    ),
                    Control(
                        "the sign of the change",
                        lambda law: (
                            lambda t, g, h: [2 * c - v for c, v in zip(imbalance(t), law(t, g, h), strict=True)]
                        ),
                    ),
                ],
            ),
            Derivation("Lagrange's identity in every dimension, by induction", _lagrange_by_induction),
            enumeration(
                "the sum of squares is the law, d <= 5",
                lambda: lagrange_imbalance,
                _lagrange,
                [Control("a sign in the minors", _swapped_minor)],
            ),
        ],
    ),
    Claim(
        "beyond.nurisso.discrete-obstruction",
        Kind.THEOREM,
        "Gradient descent cannot flip the output of a pathological neuron",
        Source("beyond", "N2"),
        r"Let $e=1$, $c<0$ and $h|v|\le1$. Then a step of gradient descent keeps the sign of $a$.",
        uses=("beyond.nurisso.discrete-law",),
        evidence=[
            certificate(
                "|h⟨w,v⟩| <= |w| < |a|, in any dimension",
                lambda: _no_flip(1),
                _decide,
                [Control("h|v| <= 2", lambda _: _no_flip(2)), Control("any c", lambda _: _no_flip(1, negative=False))],
            ),
            certificate(
                "d = 2 in coordinates",
                lambda: _no_flip_in_the_plane(1),
                _decide,
                [Control("h|v| <= 2", lambda _: _no_flip_in_the_plane(2))],
            ),
        ],
    ),
    Claim(
        "beyond.nurisso.weight-decay",
        Kind.THEOREM,
        "Weight decay shrinks the imbalance and keeps the obstruction",
        Source("beyond", "N3"),
        r"Under gradient flow of $L+\frac\lambda2|\theta|^2$, $c_k(t)=c_k(0)e^{-2\lambda t}$. Its sign never "
        r"changes, and for $e=1$, "
        r"$c_k<0$ the output weight $a_k$ never vanishes.",
        relation=lambda: sp.Eq(sp.Function("c")(sp.Symbol("t")), decayed_imbalance(*sp.symbols("c_0 lambda t"))),
        uses=("nurisso.eq9", "nurisso.eq11"),
        evidence=[Derivation("a linear equation for the imbalance", _decay)],
    ),
    *nurisso_degree.CLAIMS,
)
