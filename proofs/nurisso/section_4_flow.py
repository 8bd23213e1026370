"""Section 4: what the components mean for gradient flow, and where the paper's remarks need care."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from quadrics.invariant_set import InvariantSet
from quadrics.invariant_shape import InvariantShape
from quadrics.network import Parameters

from ..check import Context, Control, counterexample
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..rules import differentiate, entails, equal, recompute
from ..smt import valid
from .quadric_geometry import NEGATIVE, sign_steps
from .section_4_components import MORE_D

T = sp.Symbol("t", real=True)


def _bounded_away() -> list[Step]:
    c, ww, aa = sp.symbols("c w·w a²")
    on_quadric = sp.And(c < 0, ww >= 0, sp.Eq(ww - aa, c))
    return [
        *sign_steps(NEGATIVE),
        step(entails, on_quadric, aa >= -c, "a² >= -c > 0 all along: |a| stays above √(-c)"),
        step(
            entails,
            sp.And(c < 0, aa >= -c),
            aa > 0,
            "a closed condition, so a limit point for t -> ∞ has the same sign too",
        ),
    ]


def balanced_flow_steps() -> list[Step]:
    """For c = 0 and e = 1: N = |w|² + a² satisfies |N'| <= 2 |v| N along w' = -a v, a' = -w·v (any v)."""
    a, v = sp.Function("a")(T), sp.Function("v")(T)
    w = sp.Function("w")(T)
    velocity = {sp.diff(w, T): -a * v, sp.diff(a, T): -w * v}
    flow = recompute("along the flow", lambda e: sp.diff(e, T).subs(velocity))
    A, W, V, G, root = sp.symbols("a w·w v·v w·v |v|")
    N, K, rate = sp.Function("N")(T), sp.Function("K")(T), sp.Symbol("N'")
    n, k = sp.symbols("N |v|")
    balanced = sp.And(W >= 0, V >= 0, root >= 0, sp.Eq(W, A**2), sp.Eq(root**2, V), G**2 <= W * V)
    return [
        step(flow, w**2 + a**2, -4 * a * v * w, "N' = -4 a (w·v), here coordinate by coordinate of w"),
        step(
            entails,
            balanced,
            sp.And(root * (W + A**2) >= 2 * A * G, root * (W + A**2) >= -2 * A * G),
            "Cauchy-Schwarz and |w| = |a|: 2 |a w·v| <= |v| N, so |N'| <= 2 |v| N",
        ),
        step(
            differentiate(T),
            N * sp.exp(2 * sp.Integral(K, T)),
            (sp.diff(N, T) + 2 * K * N) * sp.exp(2 * sp.Integral(K, T)),
            "Grönwall, with K = |v|",
        ),
        step(
            entails,
            sp.And(n >= 0, k >= 0, -rate <= 2 * k * n),
            rate + 2 * k * n >= 0,
            "so N exp(2∫|v|) never decreases, and N(t) >= N(0) exp(-2∫|v|) > 0: θ_k = 0 is not reached in finite time",
        ),
        step(
            entails,
            sp.And(sp.Eq(W, A**2), W + A**2 > 0),
            sp.Ne(A, 0),
            "and on Q(0) a vanishes only with w: a ≠ 0 keeps its sign",
        ),
    ]


def exact_balanced_example() -> list[Step]:
    """f = a relu(w x) at x = 1, y = -1 with w = a: the loss (a w + 1)² drives a to 0, never through it."""
    a = sp.Function("a")
    a0 = sp.Symbol("a_0", positive=True)
    solution = 1 / ((1 + a0**-2) * sp.exp(4 * T) - 1)
    u = sp.Function("u")
    ode = recompute(
        "w' = a' = -2 (a² + 1) a, so u = a² has u' = 2 a a'", lambda e: sp.expand(2 * a(T) * e).subs(a(T) ** 2, u(T))
    )
    return [
        step(
            recompute(
                "the gradient of (a w + 1)² by a, at w = a",
                lambda e: -sp.diff(e, sp.Symbol("a")).subs(sp.Symbol("w"), a(T)).subs(sp.Symbol("a"), a(T)),
            ),
            (sp.Symbol("a") * sp.Symbol("w") + 1) ** 2,
            -2 * (a(T) ** 2 + 1) * a(T),
            "the flow on the line w = a > 0",
        ),
        step(ode, -2 * (a(T) ** 2 + 1) * a(T), -4 * u(T) * (u(T) + 1), "for u = a²"),
        step(
            recompute("the residual of u' = -4u(u + 1)", lambda e: sp.diff(e, T) + 4 * e * (e + 1)),
            solution,
            sp.Integer(0),
            "a²(t) = 1 / ((1 + a₀⁻²) e^{4t} - 1) solves it",
        ),
        step(recompute("t = 0", lambda e: e.subs(T, 0)), solution, a0**2, "with a(0) = a₀"),
        step(recompute("t -> ∞", lambda e: sp.limit(e, T, sp.oo)), solution, sp.Integer(0), "it tends to 0"),
        step(
            entails,
            sp.And(sp.Symbol("s") > 0, sp.Symbol("E") >= 1),
            (1 + sp.Symbol("s")) * sp.Symbol("E") - 1 > 0,
            "but stays positive (s = a₀⁻², E = e^{4t}): a never crosses 0, and the loss tends to 1, its value at 0",
        ),
    ]


Identifies = Callable[[InvariantSet, Parameters], Any]


def _signs_identify(at: Any, context: Context) -> Outcome:
    """Whether opposite signs of the output weight mean different components of Q(c), at a point of Q(c)."""
    c, weights = at
    H = InvariantSet(2, 1, [c])
    w, a = weights
    plus, minus = (Parameters([[w, 0]], [[s * a]]) for s in (1, -1))
    first, second = H.component_of(plus), H.component_of(minus)
    if first != second:
        return decided(True, c=c, components=[first.signs, second.signs])
    path = H.path(plus, minus)
    stays = all(
        sp.simplify(Q.residual(s.neuron)) == 0
        for Q, n in zip(H.factors(), path.neurons, strict=True)
        for s in n.segments
    )
    arrives = (path.start, path.end) == (plus, minus)
    return decided(not (stays and arrives), c=c, path=[str(s.neuron) for s in path.neurons[0].segments])


def _connected_without_pathological() -> list[Step]:
    plus, e = sp.Symbol("l_plus", integer=True, positive=True), sp.Symbol("e", integer=True, positive=True)
    H = InvariantShape(MORE_D + 1, e, plus, 0)
    return [
        step(equal, sp.sympify(H.number_of_components()), sp.Integer(1), "d = d' + 1 > 1, all c_k > 0, any e and l"),
        step(
            equal,
            sp.sympify(InvariantShape(1, e, plus, 0).number_of_components()),
            2**plus,
            "d > 1 is needed: for d = 1 there are 2^l components",
        ),
    ]


def _crossing(several_outputs: Any, context: Context) -> Outcome:
    return valid(several_outputs)


CLAIMS = (
    Claim(
        "nurisso.sec4.flow-sign",
        Kind.REMARK,
        "Gradient flow cannot change the sign of a pathological output weight",
        Source("nurisso", "after Proposition 3", "4"),
        r"For $e=1$ and $c_k<0$ the sign of $a_k$ is constant along every continuous curve in $\mathcal{H}(c)$, "
        r"gradient flow in particular, and $|a_k|\ge\sqrt{-c_k}$; a limit point for $t\to\infty$ has the same sign.",
        hypotheses=("e = 1", "c_k < 0"),
        uses=("nurisso.prop3", "nurisso.eq11"),
        evidence=[Derivation("the sign is continuous and a² stays above -c", _bounded_away)],
    ),
    Claim(
        "nurisso.sec4.boursier",
        Kind.REMARK,
        "Balanced neurons keep the sign of their output weight, for another reason",
        Source("nurisso", "after Proposition 3", "4"),
        r"For $e=1$ and $c_k=0$ gradient flow keeps the sign of $a_k$ in finite time although $\mathcal{Q}(0)$ is "
        r"connected: $\theta_k=0$ is an equilibrium that is not reached, "
        r"$|\theta_k(t)|\ge|\theta_k(0)|e^{-\int_0^t|v_k|}$ with "
        r"$v_k=\frac1N\sum_i\ell'_i\sigma'(w_k\cdot x_i)x_i$.",
        hypotheses=("e = 1", "c_k = 0", "θ_k(0) ≠ 0"),
        uses=("nurisso.eq11", "nurisso.prop2"),
        evidence=[
            Derivation("|θ_k|² decays at most exponentially", balanced_flow_steps),
            Derivation(
                "an exact trajectory: one neuron, one sample, loss (f + 1)²",
                exact_balanced_example,
                scope=Scope.INSTANCE,
            ),
        ],
    ),
    Claim(
        "nurisso.sec4.boursier.printed",
        Kind.REMARK,
        "'The same also holds when c_k = 0', read as Proposition 3",
        Source("nurisso", "after Proposition 3", "4"),
        r"Also for $c_k=0$ the sign of $a_k$ identifies the connected component of $\mathcal{H}(c)$.",
        label=Label.GAP,
        erratum="Q(0) is connected: opposite signs are joined by a path through the origin, so Proposition 3 and "
        "Corollary 1 give no obstruction there. Gradient flow keeps the sign for another reason: it does not reach the "
        "origin in finite time.",
        evidence=[
            counterexample(
                "(w, a) = ((1, 0), ±1) in Q(0): an exact path joins them",
                lambda: (0, (sp.Integer(1), sp.Integer(1))),
                _signs_identify,
                [Control("c = -1 instead of 0", lambda at: (-1, (sp.Rational(3, 4), sp.Rational(5, 4))))],
            )
        ],
    ),
    Claim(
        "nurisso.sec4.cplus",
        Kind.REMARK,
        "Positive imbalances make the invariant set connected",
        Source("nurisso", "end of section 4", "4"),
        r"If $c_k>0$ for all $k$ and $d>1$, then $\mathcal{H}(c)$ is connected. (Connected does not mean that training "
        r"succeeds: neurons can still be dead.)",
        hypotheses=("d > 1", "c_k > 0 for all k"),
        uses=("nurisso.cor1",),
        evidence=[Derivation("one component for all e and l", _connected_without_pathological)],
    ),
)
