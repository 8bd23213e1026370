"""The flow under a frozen pull: it conserves the imbalance for every step size and never changes the sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from quadrics.boost import boost, boost_outputs, coefficients, light_cone, scales

from ..check import Context, Control, certificate, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..exact import is_zero
from ..matrix_rules import blockwise, given, own_transpose
from ..rules import Rule, differentiate, entails, equal, equal_modulo
from ..smt import valid
from ..vectors import dot, inner, square, vectors

in_exponentials = Rule(
    "equal as polynomials of exponentials",
    lambda before, after: decided(is_zero((sp.sympify(before) - after).rewrite(sp.exp))),
)
Boost = Callable[[Sequence[Any], Sequence[Any], Any, Any], tuple[list[Any], list[Any]]]

PULLS: tuple[list[list[int]], ...] = (
    [[0]],
    [[2]],
    [[3, 4]],
    [[1, 2, 2]],
    [[1], [0]],
    [[1, 0], [0, 0]],
    [[1, 1], [1, 1]],
    [[1, 2], [2, 1]],
    [[2, 0, 0], [0, 1, 0]],
    [[3, 0, 4], [0, 5, 0], [4, 0, -3]],
)
"""V (e × d) with rational singular values, so that the exponentials are powers of a few."""


def _frozen_flow() -> list[Step]:
    """The imbalance along w' = -Vᵀa, a' = -Vw with V constant, for matrices of any size."""
    d, e = sp.symbols("d e", integer=True, positive=True)
    w, a, V = sp.MatrixSymbol("w", d, 1), sp.MatrixSymbol("a", e, 1), sp.MatrixSymbol("V", e, d)
    metric = sp.BlockMatrix([[sp.Identity(d), sp.ZeroMatrix(d, e)], [sp.ZeroMatrix(e, d), -sp.Identity(e)]])
    generator = sp.BlockMatrix([[sp.ZeroMatrix(d, d), -V.T], [-V, sp.ZeroMatrix(e, e)]])
    moved = sp.BlockMatrix([[sp.ZeroMatrix(d, d), -V.T], [V, sp.ZeroMatrix(e, e)]])
    flipped = sp.BlockMatrix([[sp.ZeroMatrix(d, d), V.T], [V, sp.ZeroMatrix(e, e)]])
    return [
        step(
            own_transpose,
            w.T * V.T * a,
            a.T * V * w,
            "⟨w, w'⟩ = -wᵀVᵀa is ⟨a, a'⟩ = -aᵀVw at every moment: eq. (9), with V constant",
            mutants=[-(a.T * V * w)],
        ),
        step(
            equal_modulo(sp.Eq(inner("w", "w'"), inner("a", "a'"))),
            2 * inner("w", "w'") - 2 * inner("a", "a'"),
            sp.Integer(0),
            "so |w|² - |a|² has derivative 0 along the frozen flow",
        ),
        step(
            blockwise,
            metric * generator,
            moved,
            "the same in one matrix: J M = -Mᵀ J with J = diag(1, -1), so M lies in so(d, e) and exp(hM) in SO⁺(d, e)",
            mutants=[flipped],
        ),
        step(blockwise, -generator.T * metric, moved, mutants=[flipped]),
    ]


def _closed_form() -> list[Step]:
    """One output: the formula solves the frozen equation, and conserves c by its coefficients alone."""
    s, h = sp.symbols("s h", positive=True)
    A, B = coefficients(s, h)
    w, v = vectors("w v")
    x, y, a = sp.symbols("A B a")
    vv, along = inner("v", "v"), inner("v", "w")
    after, last = w + (y * along - x * a) * v, (1 + y * vv) * a - x * along
    return [
        step(equal, coefficients(0, h), (h, h**2 / 2), "v = 0: nothing moves, A and B have no pole there"),
        step(differentiate(h), B, A, "B' = A"),
        step(in_exponentials, sp.diff(A, h), 1 + s**2 * B, "A' = 1 + B|v|², which is cosh(h|v|)"),
        step(equal, [A.subs(h, 0), B.subs(h, 0)], [sp.Integer(0), sp.Integer(0)], "at h = 0 the step is the identity"),
        step(
            equal,
            dot(x * along * v - (1 + y * vv) * a * v, v),
            dot(-last * v, v),
            "w+' = (B'⟨v,w⟩ - A'a) v is -a+ v (both are multiples of v)",
        ),
        step(equal, x * vv * a - (1 + y * vv) * along, -dot(v, after), "a+' = B'|v|² a - A'⟨v,w⟩ is -⟨v, w+⟩"),
        step(in_exponentials, A**2, 2 * B + s**2 * B**2, "cosh² - sinh² = 1, in A and B"),
        step(
            equal_modulo(sp.Eq(x**2, 2 * y + vv * y**2)),
            square(after) - last**2,
            inner("w", "w") - a**2,
            "so c+ = c for every h, in every dimension",
        ),
    ]


def _by_planes() -> list[Step]:
    """Several outputs: V p = s u and Vᵀu = s p (singular vectors) cut the step into planes."""
    d, e = sp.symbols("d e", integer=True, positive=True)
    w, a, V = sp.MatrixSymbol("w", d, 1), sp.MatrixSymbol("a", e, 1), sp.MatrixSymbol("V", e, d)
    u, p, x = sp.MatrixSymbol("u", e, 1), sp.MatrixSymbol("p", d, 1), sp.MatrixSymbol("x", e, 1)
    s, h = sp.symbols("s h", positive=True)
    m, b = sp.symbols("m b", real=True)
    A, B = coefficients(s, h)
    along, out = m + s * (B * s * m - A * b), (1 + s**2 * B) * b - A * s * m
    cone = light_cone(b, m, h * s)
    return [
        step(given({p.T * V.T: s * u.T}), p.T * V.T * x, s * u.T * x, "⟨p, Vᵀx⟩ = s ⟨u, x⟩", mutants=[u.T * x]),
        step(given({u.T * V: s * p.T}), u.T * V * w, s * p.T * w, "⟨u, Vw⟩ = s ⟨p, w⟩", mutants=[p.T * w]),
        step(own_transpose, u.T * a, a.T * u, "m = ⟨p, w⟩ and b = ⟨u, a⟩ are what the step sees", mutants=[-a.T * u]),
        step(in_exponentials, along, sp.cosh(h * s) * m - sp.sinh(h * s) * b, "its part in the plane (p, u): a boost"),
        step(in_exponentials, out, sp.cosh(h * s) * b - sp.sinh(h * s) * m),
        step(
            in_exponentials, along**2 - out**2, m**2 - b**2, "which keeps m² - b², and moves nothing else: |w|² - |a|²"
        ),
        step(in_exponentials, out, cone[0], "the light-cone form: b + m shrinks by e^(-hs), b - m grows by e^(hs)"),
        step(in_exponentials, along, cone[1]),
    ]


def _solves(formula: Boost, context: Context) -> Outcome:
    """The equation, the start and the imbalance of the closed form, with symbols for w, a and h."""
    h = sp.Symbol("h", positive=True)
    for rows in PULLS:
        V = sp.Matrix(rows)
        e, d = V.shape
        w, a = sp.symbols(f"w1:{d + 1}", real=True), sp.symbols(f"a1:{e + 1}", real=True)
        after, last = formula(w, a, V, h)
        state, pull = sp.Matrix([*after, *last]), sp.Matrix([*(-V.T * sp.Matrix(last)), *(-V * sp.Matrix(after))])
        start = state.subs(h, 0) - sp.Matrix([*w, *a])
        change = sum(x**2 for x in after) - sum(x**2 for x in last) - sum(x**2 for x in w) + sum(x**2 for x in a)
        for zero in (*start, *(state.diff(h) - pull), change):
            if sp.expand(sp.sympify(zero).rewrite(sp.exp)) != 0:
                return decided(False, V=rows)
    return decided(True, pulls=len(PULLS))


def _gradient_step(_: Boost) -> Boost:
    def formula(w: Sequence[Any], a: Sequence[Any], V: Any, h: Any) -> tuple[list[Any], list[Any]]:
        inward, outward = sp.Matrix(w), sp.Matrix(a)
        return list(inward - h * V.T * outward), list(outward - h * V * inward)

    return formula


def _no_rotation(formula: Boost) -> Boost:
    """The output weights move, the input weights by a plain step."""

    def mutant(w: Sequence[Any], a: Sequence[Any], V: Any, h: Any) -> tuple[list[Any], list[Any]]:
        return _gradient_step(formula)(w, a, V, h)[0], formula(w, a, V, h)[1]

    return mutant


def _keeps_sign(pathological: bool = True, sheet: bool = True) -> Any:
    """One output: a and a+ = C a - S m have one sign, with m = ⟨v, w⟩/|v| and (C, S) on the hyperbola."""
    a, m, W, C, S = sp.symbols("a m W C S")
    hypotheses = [m**2 <= W, sp.Ne(a, 0), sp.Eq(C**2 - S**2, 1)]
    if pathological:
        hypotheses.append(a**2 >= W)
    if sheet:
        hypotheses.append(C >= 1)
    return sp.Implies(sp.And(*hypotheses), a * (C * a - S * m) > 0)


def _decide(formula: Any, context: Context) -> Outcome:
    return valid(formula)


def _sheet() -> list[Step]:
    a, m, W, E, F, c, after, C = sp.symbols("a m W E F c after C")
    s, h = sp.symbols("s h", positive=True)
    x, y = sp.symbols("a m", real=True)
    return [
        step(
            equal,
            light_cone(x, y, h * s)[0],
            (sp.exp(-h * s) * (x + y) + sp.exp(h * s) * (x - y)) / 2,
            "a+ = (E (a + m) + F (a - m))/2 with m = ⟨v, w⟩/|v|, E = e^(-h|v|) and F = e^(h|v|), so EF = 1",
        ),
        step(
            entails,
            sp.And(m**2 <= W, sp.Eq(W - a**2, c), c <= 0),
            m**2 <= a**2,
            "Cauchy and Schwarz, and c <= 0: neither a + m nor a - m has the sign opposite to a",
        ),
        step(
            entails,
            sp.And(m**2 <= a**2, E > 0, E <= 1, sp.Eq(E * F, 1)),
            a * (E * (a + m) + F * (a - m)) >= 2 * E * a**2,
            "so a a+ >= e^(-h|v|) a²: the sign of a is kept, whatever h",
            mutants=[a * (E * (a + m) + F * (a - m)) >= 2 * a**2],
        ),
        step(
            entails,
            sp.And(sp.Eq(C - after**2, c), C >= 0),
            after**2 >= -c,
            "and since c is conserved (C = |w+|²), |a+| >= √-c",
            mutants=[after**2 >= 1 - c],
        ),
    ]


def _rates() -> list[Step]:
    eta1, eta2, k, h = sp.symbols("eta_1 eta_2 k h", positive=True)
    inward, outward = scales(k, (eta1, eta2))
    w, a, v = sp.Symbol("w", real=True), sp.Symbol("a", real=True), sp.Symbol("v", positive=True)
    # ŵ = w/√η1, â = a√(k/η2) and v̂ = v√(η1 η2/k): the equations of the scaled neuron, coordinate by coordinate.
    pull = v * inward * outward
    after, last = boost((w,), a, (v,), h, k, (eta1, eta2))
    form = after[0] ** 2 / eta1 - k * last**2 / eta2
    return [
        step(equal, -eta1 * v * a / inward, -pull * (a / outward), "ŵ' = -η1 v a/√η1 is -v̂ â"),
        step(equal, -eta2 * v * w / k / outward, -pull * (w / inward), "â' = -(η2/k) v w √(k/η2) is -v̂ ŵ"),
        step(equal, [1 / inward**2, 1 / outward**2], [1 / eta1, k / eta2], "|ŵ|² - |â|² is |w|²/η1 - k|a|²/η2"),
        step(in_exponentials, form, w**2 / eta1 - k * a**2 / eta2, "d = 1: the closed form conserves it for every h"),
    ]


def _composition() -> list[Step]:
    n = sp.Symbol("n", integer=True, positive=True)
    J, P, Q = (sp.MatrixSymbol(name, n, n) for name in "JPQ")
    c, a, b, z, W = sp.symbols("c a b z W")
    return [
        step(
            given({P.T * J * P: J}),
            Q.T * P.T * J * P * Q,
            Q.T * J * Q,
            "two steps P and Q with PᵀJP = J and QᵀJQ = J, whatever their pulls and their lengths",
            mutants=[Q.T * J * P],
        ),
        step(given({Q.T * J * Q: J}), Q.T * J * Q, J, "their composition keeps the form too", mutants=[-J]),
        step(
            entails,
            sp.And(a * b > 0, b * z > 0),
            a * z > 0,
            "and the sign of an output weight, step after step, for c <= 0 and a ≠ 0",
            mutants=[a * z > 1],
        ),
        step(
            entails,
            sp.And(sp.Eq(W - b**2, c), W >= 0, c <= 0, a * b > 0),
            sp.And(b**2 >= -c, sp.Ne(b, 0)),
            "because the next step starts on the same quadric, with an output weight that is not 0",
            mutants=[b**2 > -c],
        ),
    ]


CLAIMS = (
    Claim(
        "beyond.nurisso.boost",
        Kind.THEOREM,
        "With the pull of the data frozen, gradient flow is a boost",
        Source("beyond", "N8"),
        r"Let $V=\sum_nr_n\sigma'(z_n)x_n^\top$ be constant. The flow $w'=-V^\top a$, $a'=-Vw$ has the solution "
        r"$w^+=w+V^\top(BVw-Aa)$, $a^+=(1+VV^\top B)a-AVw$, where $A=\sinh(hs)/s$ and $B=(\cosh(hs)-1)/s^2$ at "
        r"$s=\sqrt{VV^\top}$: an element of $SO^+(d,e)$. It keeps $c=|w|^2-|a|^2$ exactly for every $h$.",
        hypotheses=("V does not change over the step",),
        uses=("nurisso.eq9", "nurisso.eq11"),
        evidence=[
            Derivation("eq. (9) holds along the frozen flow, in any dimension", _frozen_flow),
            Derivation("one output: the closed form solves the equation and conserves c", _closed_form),
            Derivation("several outputs: a boost in each plane of singular vectors", _by_planes),
            enumeration(
                "the closed form for 10 matrices V up to 3 × 3: equation, start and c, with symbols for w, a, h",
                lambda: boost_outputs,
                _solves,
                [
                    Control("the sign of V", lambda f: lambda w, a, V, h: f(w, a, -V, h)),
                    Control("twice the time", lambda f: lambda w, a, V, h: f(w, a, V, 2 * h)),
                    Control("a gradient step", _gradient_step),
                    Control("a gradient step for w alone", _no_rotation),
                ],
            ),
        ],
    ),
    Claim(
        "beyond.nurisso.boost-sheet",
        Kind.THEOREM,
        "A boost cannot change the sheet",
        Source("beyond", "N9"),
        r"For $e=1$, $c\le0$ and $a\ne0$: $a\,a^+\ge e^{-h|v|}a^2>0$ for every $h$, and $|a^+|\ge\sqrt{-c}$.",
        hypotheses=("e = 1", "c <= 0"),
        uses=("beyond.nurisso.boost", "nurisso.prop3"),
        evidence=[
            Derivation("in light-cone coordinates", _sheet),
            certificate(
                "|S m| < C |a| on the hyperbola C² - S² = 1, C >= 1, in any dimension",
                _keeps_sign,
                _decide,
                [
                    Control("any c", lambda _: _keeps_sign(pathological=False)),
                    Control("the other branch of the hyperbola", lambda _: _keeps_sign(sheet=False)),
                ],
            ),
        ],
    ),
    Claim(
        "beyond.nurisso.boost-composition",
        Kind.THEOREM,
        "Any composition of boosts stays on the invariant set, on its component",
        Source("beyond", "N10"),
        r"Steps of any lengths $h_k$, different ones for different neurons, under any pulls $V_k$ (stages, their "
        r"combinations, minibatches) keep every $c_k$ and, for $e=1$, $c_k\le0$, the sign of every $a_k\ne0$. So do "
        r"the midpoint rule and the commutator-free methods made of them.",
        uses=("beyond.nurisso.boost", "beyond.nurisso.boost-sheet"),
        evidence=[Derivation("a group, and its identity component", _composition)],
    ),
    Claim(
        "beyond.nurisso.boost-rates",
        Kind.THEOREM,
        "Layer-wise learning rates and homogeneous activations: the same boost in scaled coordinates",
        Source("beyond", "N11"),
        r"The frozen flow $w'=-\eta_1V^\top a$, $a'=-\frac{\eta_2}kVw$ is the boost of $w/\sqrt{\eta_1}$, "
        r"$a\sqrt{k/\eta_2}$ under $V\sqrt{\eta_1\eta_2/k}$; it conserves $|w|^2/\eta_1-k|a|^2/\eta_2$ for every $h$.",
        relation=lambda: sp.Eq(sp.Symbol("c"), sp.sympify("W/eta_1 - k*A/eta_2")),
        hypotheses=("η₁, η₂ > 0",),
        uses=("beyond.nurisso.boost", "beyond.nurisso.k-homogeneous"),
        evidence=[Derivation("the scaled equations", _rates)],
    ),
)
