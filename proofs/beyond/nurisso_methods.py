"""Methods that follow gradient flow: their orders, and which of those that keep c keep the sheet as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from quadrics.boost import boost
from quadrics.cayley import cayley
from quadrics.discretization import discrete_imbalance
from quadrics.lie_methods import COMMUTATOR_FREE_4, LIE_EULER, LIE_MIDPOINT, LieMethod, order_of
from quadrics.rescaling import quartic, rescaling_factor

from ..check import Check, Context, Control, certificate, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..rules import Rule, entails, equal
from ..smt import valid
from ..vectors import dot, inner, square, vectors

Method = Callable[[Sequence[Any], Any, Sequence[Any], Any], tuple[list[Any], Any]]
"""(w, a, v, h) -> (w, a) after a step of length h under the pull v, one output."""

ORDERS: Mapping[str, tuple[LieMethod, int]] = {
    "Lie-Euler": (LIE_EULER, 1),
    "Lie midpoint": (LIE_MIDPOINT, 2),
    "commutator-free": (COMMUTATOR_FREE_4, 4),
}

taylor = Rule(
    "how far the Taylor series, term by term, is that of y' = A(y) y",
    lambda before, after: decided(order_of(before, 5) == after),
    "has order",
)


def _orders() -> list[Step]:
    because = {
        "Lie-Euler": "4 terms through h²",
        "Lie midpoint": "10 terms through h³",
        "commutator-free": "103 terms through h⁵",
    }
    return [
        step(taylor, method, sp.Integer(order), because[name], mutants=[sp.Integer(order + 1), sp.Integer(order - 1)])
        for name, (method, order) in ORDERS.items()
    ]


def _have_orders(statement: Mapping[str, tuple[LieMethod, int]], context: Context) -> Outcome:
    found = {name: order_of(method, 5) for name, (method, _) in statement.items()}
    return decided(all(found[name] == order for name, (_, order) in statement.items()), found=found)


def _with(name: str, change: Callable[[LieMethod], LieMethod]) -> Callable[[Any], Any]:
    return lambda table: {**table, name: (change(table[name][0]), table[name][1])}


def _swapped(method: LieMethod) -> LieMethod:
    """The two exponentials of the result in the other order."""
    return replace(method, result=method.result[::-1])


def _from_the_start(method: LieMethod) -> LieMethod:
    """The last stage in one exponential from y, as in a Runge-Kutta method."""
    return replace(method, stages=(*method.stages[:3], ((0, 0, 1),)))


def _at_the_end(method: LieMethod) -> LieMethod:
    """The field at the end of a Lie-Euler step for that in its middle."""
    return replace(method, stages=((), ((1,),)))


def gradient_step(w: Sequence[Any], a: Any, v: Sequence[Any], h: Any) -> tuple[list[Any], Any]:
    """One step of gradient descent for one neuron with one output."""
    along = sum((x * y for x, y in zip(v, w, strict=True)), sp.Integer(0))
    return [x - h * a * y for x, y in zip(w, v, strict=True)], a - h * along


def projected_step(w: Sequence[Any], a: Any, v: Sequence[Any], h: Any) -> tuple[list[Any], Any]:
    """The same, and the rescaling of eq. (23) back to the quadric that the neuron came from."""
    after, last = gradient_step(w, a, v, h)
    alpha = rescaling_factor(sum(x**2 for x in after), last**2, sum(x**2 for x in w) - a**2)
    return [alpha * x for x in after], last / alpha


def _leaves_the_sheet(method: Method, context: Context) -> Outcome:
    """From (3/4, 5/4) on Q(-1), v = 3, a step of length 1 changes the sign of a, and keeps c exactly."""
    w, a = [sp.Rational(3, 4)], sp.Rational(5, 4)
    after, last = method(w, a, [sp.Integer(3)], sp.Integer(1))
    change = sp.nsimplify(sp.simplify(sum(x**2 for x in after) - last**2 + 1))
    return decided(bool(last < 0) and change == 0, w=str(after[0]), a=str(last), change_of_c=str(change))


OTHERS = [
    Control[Method]("the boost, which keeps c and the sheet", lambda _: boost),
    Control[Method]("gradient descent, which keeps neither", lambda _: gradient_step),
]


def _shorter(method: Method) -> Method:
    return lambda w, a, v, h: method(w, a, v, h / 3)


def _crossing(method: Callable[[], Method]) -> Check[Method]:
    """The instance in which a method that keeps c crosses from one sheet to the other."""
    return enumeration(
        "(3/4, 5/4) with v = 3: c is -1 again, and a is negative",
        method,
        _leaves_the_sheet,
        [*OTHERS, Control("a third of the step, h|v| = 1", _shorter)],
        scope=Scope.INSTANCE,
    )


def _projection() -> list[Step]:
    A, C = sp.symbols("A C", positive=True)
    c = sp.Symbol("c", real=True)
    alpha = rescaling_factor(A, C, c)
    a, m, r, x, y, z = sp.symbols("a m r x y z")
    return [
        step(equal, quartic(A, C, c, alpha), sp.Integer(0), "eq. (23): after every step A α² - C/α² = c again"),
        step(
            entails,
            sp.And(x > 0, sp.Eq(x * z, y)),
            sp.And(sp.Equivalent(z > 0, y > 0), sp.Equivalent(z < 0, y < 0)),
            "α > 0: a/α has the sign that gradient descent gave it; the projection undoes no change of sheet",
        ),
        step(
            entails,
            sp.And(r > 1, a > 0, sp.Eq(2 * r * m, (r + 1) * a)),
            sp.And(m < a, a - r * m < 0),
            "and for every h|v| = r > 1 there is a neuron with c < 0 (w along v, |w| = m) whose sign it changes",
        ),
    ]


def _cayley_steps() -> list[Step]:
    w, v = vectors("w v")
    a, h, z, T, m = sp.symbols("a h z T m")
    vv, along = inner("v", "v"), inner("v", "w")
    D = 1 - h**2 * vv / 4
    after, last = w + ((h**2 * along / 2 - h * a) / D) * v, ((2 - D) * a - h * along) / D
    x, y, s = sp.symbols("x y s", real=True)
    one = cayley((x,), y, (s,), h.subs(h, sp.Symbol("h", real=True)))
    line = {along: x * s, vv: s**2, a: y, h: sp.Symbol("h", real=True)}
    sign = sp.Eq((1 - T**2) * z, (1 + T**2) * a - 2 * T * m)
    return [
        step(equal, one[1], last.subs(line), "the formula for d = 1"),
        step(
            equal,
            last,
            a - h / 2 * dot(v, w + after),
            "it solves a+ = a - (h/2)⟨v, w + w+⟩",
        ),
        step(equal, (h**2 * along / 2 - h * a) / D, -h / 2 * (a + last), "and w+ = w - (h/2)(a + a+) v"),
        step(equal, square(after) - last**2, inner("w", "w") - a**2, "so c+ = c, in any dimension, while h|v| ≠ 2"),
        step(
            entails,
            sp.And(m**2 <= a**2, sp.Ne(a, 0), T >= 0, T < 1, sign),
            a * z > 0,
            "c <= 0, T = h|v|/2 < 1: (1 + T²) a - 2 T m has the sign of a",
        ),
        step(
            entails,
            sp.And(m**2 < a**2, T > 1, sign),
            a * z < 0,
            "T > 1: the denominator is negative, and every neuron with c < 0 changes its sheet",
        ),
    ]


def _kept_by_budget(pathological: bool = True, own_step: Any = 1) -> Any:
    """c <= c_0 + h² S and h² (S + G) < |c_0|, G the square of this step's gradient: the step keeps the sign of a."""
    a, p, W, h, c, c0, part, g = sp.symbols("a p W h c c_0 S G")
    hypotheses = [
        W >= 0, part >= 0, p**2 <= g, sp.Eq(W - a**2, c), c <= c0 + h**2 * part, sp.Ne(a, 0),
        h**2 * (part + own_step * g) < (-c0 if pathological else sp.Max(c0, -c0)),
    ]  # fmt: skip
    return sp.Implies(sp.And(*hypotheses), a * (a - h * p) > 0)


def _decide(formula: Any, context: Context) -> Outcome:
    return valid(formula)


def _budget() -> list[Step]:
    a, p, W, V, c, c0, h, first, second, g, part, after = sp.symbols("a p W V c c_0 h G_1 G_2 G S c'")
    spent = sp.And(h**2 * (part + g) < -c0, c <= c0 + h**2 * part, g >= 0)
    return [
        step(
            entails,
            sp.And(sp.Eq(after, discrete_imbalance(c, first, second, h)), second >= 0, c <= c0 + h**2 * part),
            after <= c0 + h**2 * (part + first),
            "by the exact law c_k(t) <= c_k(0) + h² S_t with S_t = Σ_{u<t} |∇_k L|², by induction over t",
        ),
        step(
            entails,
            sp.And(spent, sp.Eq(W - a**2, c), W >= 0),
            h**2 * g < a**2,
            "while h² S_T < |c_k(0)| no step is as long as a_k: h²|∇_k L|² < |c_k(t)| <= a_k²",
        ),
        step(
            entails,
            sp.And(h**2 * g < a**2, p**2 <= g),
            a * (a - h * p) > 0,
            "so a_k' = a_k - h p with p² <= |∇_k L|² has the sign of a_k",
        ),
        step(
            entails,
            sp.And(h**2 * g < a**2, a**2 * V <= g, V >= 0),
            h**2 * V < 1,
            "(and h|v_k| < 1 at every step, because |∇_k L| >= |a_k||v_k|)",
        ),
    ]


CLAIMS = (
    Claim(
        "beyond.nurisso.boost-orders",
        Kind.THEOREM,
        "Lie-Euler, Lie midpoint and the commutator-free method have the orders 1, 2 and 4",
        Source("beyond", "N12"),
        r"Gradient flow is $y'=A(y)y$ with $\exp(hA)$ a boost of every neuron (output biases: a translation). One "
        r"step of $e^{hA(y)}y$, of $e^{hK}y$ with $K=A(e^{hA(y)/2}y)$, and of the four-stage commutator-free method "
        r"agree with the flow through $h^1$, $h^2$ and $h^4$, and no further, wherever $A$ is smooth.",
        hypotheses=("no unit changes its activation along the step",),
        uses=("beyond.nurisso.boost-composition",),
        evidence=[
            Derivation("Taylor series in elementary terms, for any A in any dimension", _orders),
            enumeration(
                "all 103 terms through h⁵",
                lambda: ORDERS,
                _have_orders,
                [
                    Control("the two last exponentials swapped", _with("commutator-free", _swapped)),
                    Control("the last stage in one exponential", _with("commutator-free", _from_the_start)),
                    Control("the field at the end of the step", _with("Lie midpoint", _at_the_end)),
                ],
                scope=Scope.GENERAL,
            ),
        ],
    ),
    Claim(
        "beyond.nurisso.projected-descent",
        Kind.THEOREM,
        "Gradient descent projected by eq. (23) keeps the imbalance, not the sheet",
        Source("beyond", "N13"),
        r"A gradient step followed by the rescaling of Proposition 4 to the old $c$ keeps $c$ exactly, and changes the "
        r"sign of $a$ exactly where the gradient step does: never for $c<0$ and $h|v|\le1$, but for every $h|v|>1$ on "
        r"some neuron. From $(w,a)=(\frac34,\frac54)$, $v=3$, $h=1$ it crosses from one sheet of $\mathcal{Q}(-1)$ to "
        r"the other.",
        hypotheses=("e = 1",),
        uses=("nurisso.prop4", "beyond.nurisso.discrete-obstruction", "beyond.nurisso.boost-sheet"),
        evidence=[
            Derivation("c by eq. (23), the sign by α > 0", _projection),
            _crossing(lambda: projected_step),
        ],
    ),
    Claim(
        "beyond.nurisso.cayley",
        Kind.THEOREM,
        "Cayley's transform keeps the imbalance, and changes the sheet where h|v| > 2",
        Source("beyond", "N14"),
        r"The implicit midpoint rule with the pull frozen keeps $c$ exactly for every $h|v|\ne2$. For $e=1$, $c<0$ it "
        r"keeps the sign of $a$ where $h|v|<2$, and changes it wherever $h|v|>2$.",
        hypotheses=("e = 1",),
        uses=("beyond.nurisso.boost",),
        evidence=[
            Derivation("solved, in any dimension", _cayley_steps),
            _crossing(lambda: cayley),
        ],
    ),
    Claim(
        "beyond.nurisso.no-flip-certificate",
        Kind.THEOREM,
        "A certificate, read off a run of gradient descent, that no output weight has changed its sign",
        Source("beyond", "N15"),
        r"If a pathological neuron has $|c_k(0)|>h^2\sum_{t<T}|\nabla_{\theta_k}L(\theta_t)|^2$, then $a_k$ kept its "
        r"sign through all $T$ steps of gradient descent (full batch or minibatches), and $h|v_k|<1$ at each of them.",
        hypotheses=("e = 1", "c_k(0) < 0", "no momentum"),
        uses=("beyond.nurisso.discrete-law", "beyond.nurisso.discrete-obstruction"),
        evidence=[
            Derivation("the imbalance stays below zero", _budget),
            certificate(
                "the next step under the budget, in any dimension",
                _kept_by_budget,
                _decide,
                [
                    Control("the step itself not counted", lambda _: _kept_by_budget(own_step=0)),
                    Control("half of the step", lambda _: _kept_by_budget(own_step=sp.Rational(1, 2))),
                    Control("any sign of c_k(0)", lambda _: _kept_by_budget(pathological=False)),
                ],
            ),
        ],
    ),
)
