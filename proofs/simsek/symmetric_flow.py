"""Gradient flow of symmetric losses: the derivations behind Lemma 2.1, and the C¹ losses that violate it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from quadrics.expansion.losses.rough import (
    A1,
    A2,
    ROOT,
    TIME,
    flow_residual,
    has_bounded_curvature_at_tie,
    leaving_path,
    merging_time,
    rough_activation,
    rough_loss,
    rough_network_field,
    rough_network_loss,
    smoothness_at_tie,
)
from quadrics.expansion.losses.symmetry_subspaces import SymmetrySubspace

from ..check import Context, Control
from ..derivation import Step, argued, step
from ..evidence import Outcome, decided
from ..exact import is_zero
from ..rules import entails, equal, limit
from ..vectors import dot, square, vectors
from .differential_inequalities import gronwall, nondecreasing

U = sp.Symbol("u", real=True)
Regular = Callable[[Any], bool]
"""A property of a function of the difference u of two units, near u = 0."""


def exists_for_ever() -> list[Step]:
    """How far a flow gets in a time t, by which it exists for all times."""
    (g,) = vectors("g")
    speed, bound = sp.symbols("s S")
    x = sp.Symbol("x", positive=True)
    t = TIME
    r, drop, size = sp.Function("r")(t), sp.Function("D")(t), sp.Function("g")(t)
    far, lost = sp.symbols("r D")
    known = (sp.Ge(r, 0), sp.Ge(size, 0), sp.Eq(drop.diff(t), size**2), sp.Le(r.diff(t), size))
    return [
        step(
            equal, dot(g, -g), -square(g), "dL/dt = ⟨∇L, ρ'⟩ with ρ' = -g: the drop D = L(ρ(0)) - L(ρ(t)) has D' = |g|²"
        ),
        step(
            nondecreasing(t, *known),
            drop - r**2 / t,
            sp.true,
            "the distance r = |ρ(t) - ρ(0)| has r' ≤ |g|: the derivative is at least (|g| - r/t)²",
        ),
        step(
            nondecreasing(t, *known),
            drop - 2 * r**2 / t,
            sp.false,
            "no more than that follows",
        ),
        step(limit(x, 0), (speed * x) ** 2 / x, sp.Integer(0), "it starts at 0, as r is at most a multiple of t"),
        step(
            entails,
            sp.And(sp.Symbol("t") > 0, sp.Symbol("t") * lost - far**2 >= 0, lost <= bound),
            sp.Le(far**2, sp.Symbol("t") * bound),
            "so r² ≤ t D ≤ t (L(ρ(0)) - inf L)",
        ),
        argued("the flow of a locally Lipschitz gradient exists as long as it stays bounded: for ever"),
    ]


def lemma() -> list[Step]:
    """Equal units stay equal, different ones different: the inequalities of Lemma 2.1, for any number of units."""
    p, q, x, y, r = sp.symbols("p q x y r", real=True)
    F = sp.Function("F", real=True)
    swap = {p: q, q: p, x: y, y: x}
    L = (F(p, x, q, y, r) + F(q, y, p, x, r)) / 2
    gi, gj, ti, tj = vectors("g_i g_j θ_i θ_j")
    Q, G, X, rate = sp.symbols("Q G X Lambda")
    distance = sp.Function("Q")
    t = TIME
    E, start, end = sp.symbols("E Q_0 Q_t")
    moves = sp.Derivative(distance(t), t)
    return [
        step(
            equal,
            sp.diff(L, p).xreplace(swap),
            sp.diff(L, q),
            "L symmetric in two units (p, x) and (q, y), r all others: by a coordinate of one unit, at the swapped "
            "point, as by that of the other",
        ),
        step(equal, sp.diff(L, r).xreplace(swap), sp.diff(L, r), "by the others nothing changes: ∇L(Pθ) = P ∇L(θ)"),
        step(
            equal,
            square(gi - gj) + square(gj - gi),
            2 * square(gi - gj),
            "|∇L(θ) - ∇L(Pθ)|², the gradients by the units i and j being exchanged",
        ),
        step(equal, square(ti - tj) + square(tj - ti), 2 * square(ti - tj), "|θ - Pθ|²"),
        step(
            entails,
            sp.Le(2 * G, rate**2 * 2 * Q),
            sp.Le(G, rate**2 * Q),
            "Lipschitz between θ and Pθ: |g_i - g_j| ≤ Λ |θ_i - θ_j|, with Q and G the squares",
        ),
        step(
            equal,
            dot(ti - tj, gj - gi) + dot(gj - gi, ti - tj),
            -2 * dot(ti - tj, gi - gj),
            "Q' = 2⟨u, u'⟩ for u = θ_i - θ_j, u' = -(g_i - g_j)",
        ),
        step(
            entails,
            sp.And(Q >= 0, G >= 0, rate >= 0, rate**2 * Q >= G, X**2 <= Q * G),
            sp.And(rate * Q >= X, -rate * Q <= X),
            "Cauchy-Schwarz for X = ⟨u, g_i - g_j⟩, so that -2 Λ Q ≤ Q' ≤ 2 Λ Q",
            mutants=(sp.And(rate * Q >= 2 * X, -rate * Q <= 2 * X),),
        ),
        step(
            gronwall,
            sp.Ge(moves, -2 * rate * distance(t)),
            sp.Ge(distance(t), distance(0) * sp.exp(-2 * rate * t)),
            "from below",
            mutants=(sp.Ge(distance(t), distance(0) * sp.exp(-rate * t)),),
        ),
        step(
            gronwall,
            sp.Le(moves, 2 * rate * distance(t)),
            sp.Le(distance(t), distance(0) * sp.exp(2 * rate * t)),
            "from above",
            mutants=(sp.Le(distance(t), distance(0)),),
        ),
        step(
            entails,
            sp.And(sp.Eq(start, 0), end >= 0, end <= start * E),
            sp.Eq(end, 0),
            "(i) equal units stay equal; for k units, pair by pair",
        ),
        step(entails, sp.And(start > 0, E > 0, end >= start * E), end > 0, "(ii) different units stay different"),
    ]


def continuous_gradient(profile: Any) -> bool:
    """What the paper asks for: the gradient is continuous."""
    return smoothness_at_tie(profile, U) >= 1


def lipschitz_gradient(profile: Any) -> bool:
    """What is needed: the gradient is locally Lipschitz."""
    return has_bounded_curvature_at_tie(profile, U)


def leaves(regular: Regular, context: Context) -> Outcome:
    """The hypotheses hold, the path is a flow from a point of H_12, and it is outside later."""
    loss, path = rough_loss(-1), leaving_path()
    profile = loss.at(sp.Matrix([U, 0]))
    if not (loss.is_symmetric() and regular(profile)):
        return decided(True, reason="the hypotheses do not hold")
    H = SymmetrySubspace.of([0, 1], 2, 1)
    is_flow = bool(is_zero(flow_residual(loss, path))) and path.diff(TIME).subs(TIME, 0).is_zero_matrix
    starts = H.contains(path.subs(TIME, 0))
    return decided(
        not (is_flow and starts and not H.contains(path.subs(TIME, 1))), at_time_1=str(list(path.subs(TIME, 1)))
    )


def meets(regular: Regular, context: Context) -> Outcome:
    """The hypotheses hold, the path (backward) is a flow, outside H_12 for any distance and inside at the end."""
    loss, path = rough_loss(1), leaving_path()
    profile = loss.at(sp.Matrix([U, 0]))
    if not (loss.is_symmetric() and regular(profile)):
        return decided(True, reason="the hypotheses do not hold")
    d = sp.Symbol("d", positive=True)
    H = SymmetrySubspace.of([0, 1], 2, 1)
    start = path.subs(TIME, merging_time(d))
    is_flow = bool(is_zero(flow_residual(loss, path, backward=True))) and bool(is_zero(start[0] - start[1] - d))
    return decided(not (is_flow and not H.contains(start) and H.contains(path.subs(TIME, 0))))


def network_leaves(regular: Regular, context: Context) -> Outcome:
    """The same inside the paper's setting: two neurons, one sample, least squares, a positive C¹ activation."""
    loss = rough_network_loss(3)
    if not (loss.is_symmetric() and rough_activation(U).is_positive and regular(rough_activation(U))):
        return decided(True, reason="the hypotheses do not hold")
    field = rough_network_field(3)
    velocity = sp.Matrix([[2 * ROOT * field[0], field[1]], [0, field[2]]])
    residual = velocity + loss.gradient_at(sp.Matrix([[ROOT**2, A1], [0, A2]])).doit()
    at_start = field.subs({ROOT: 0, A1: 1, A2: 1})
    solves = bool(is_zero(residual.applyfunc(sp.simplify))) and all(e.is_polynomial(ROOT, A1, A2) for e in field)
    starts = SymmetrySubspace.of([0, 1], 2, 2).contains(sp.Matrix([[0, 1], [0, 1]]))
    return decided(not (solves and starts and at_start[0] != 0), velocity_of_root=str(at_start[0]))


def unique(regular: Regular, context: Context) -> Outcome:
    """Two different flows from one point: the path that leaves, and the constant one."""
    loss, path = rough_loss(-1), leaving_path()
    if not regular(loss.at(sp.Matrix([U, 0]))):
        return decided(True, reason="the hypotheses do not hold")
    still = sp.limit(sp.diff(loss.at(sp.Matrix([U, 0])).subs(U, TIME), TIME), TIME, 0) == 0
    both = bool(is_zero(flow_residual(loss, path))) and still
    return decided(not (both and path.subs(TIME, 0).is_zero_matrix and not path.is_zero_matrix))


LIPSCHITZ: Control[Regular] = Control("the gradient is locally Lipschitz", lambda regular: lipschitz_gradient)
