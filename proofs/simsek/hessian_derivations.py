"""The Hessian at copies of neurons, neuron by neuron and coordinate by coordinate: for all sizes at once.

One neuron of the core with k copies. Of the changes of their weights (ẇ_j, ȧ_j), one coordinate of ȧ and two of ẇ are
followed (the form is a sum over such). In the coordinates p, q and u_j, b_j for j = 2, ..., k:

    ẇ_1 = p - P,  ẇ_j = p + u_j - P,  P = Σ β_j u_j,      ȧ_1 = β_1 q - R,  ȧ_j = β_j q + b_j,  R = Σ b_j,

with β_1 = 1 - Σ β_j; here Σ is over j = 2, ..., k.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from quadrics.expansion.critical.unknown_activation import UNKNOWN

from ..derivation import Step, step
from ..rules import recompute, substitute
from ..sum_rules import second_derivative, sums

J, O, O2, I = sp.symbols("j o o_2 i", integer=True, positive=True)
K, D_OUT = sp.symbols("k d_out", integer=True, positive=True)
BETA, b, u, v = (sp.IndexedBase(name) for name in ("beta", "b", "u", "v"))
p, p2, q = sp.symbols("p_i p_l q")
B, R, P, P2 = sp.symbols("B R P_i P_l")
NAMED = {
    B: sp.Sum(BETA[J], (J, 2, K)),
    R: sp.Sum(b[J], (J, 2, K)),
    P: sp.Sum(BETA[J] * u[J], (J, 2, K)),
    P2: sp.Sum(BETA[J] * v[J], (J, 2, K)),
}
"""The sums over the further copies; u and v are two coordinates of the u_j."""


def over_copies(term: Callable[[Any, Any, Any, Any], Any]) -> Any:
    """Σ over all copies of a function of (β, ȧ, ẇ_i, ẇ_l)."""
    first = term(1 - B, (1 - B) * q - R, p - P, p2 - P2)
    others = term(BETA[J], BETA[J] * q + b[J], p + u[J] - P, p2 + v[J] - P2)
    return first + sp.Sum(others, (J, 2, K))


def second_order_of_a_neuron() -> list[Step]:
    """How a neuron and the pointwise loss depend on a parameter ε, to second order."""
    t, a, A, z, zeta = sp.symbols("epsilon a A z zeta")
    e, C, f1, f2 = (sp.IndexedBase(name) for name in ("e", "C", "f", "g"))
    change = {n: t * f1[n] + t**2 / 2 * f2[n] for n in (O, O2)}
    pairs = ((O2, 1, D_OUT), (O, 1, D_OUT))
    return [
        step(
            recompute("second derivative by epsilon at 0", lambda f: sp.diff(f, t, 2).doit().subs(t, 0).doit()),
            (a + t * A) * UNKNOWN(z + t * zeta),
            2 * A * zeta * UNKNOWN.derivative(z) + a * zeta**2 * UNKNOWN.derivative(z, 2),
            "a neuron with outgoing weight a + εA and pre-activation z + εζ, ζ = ẇ·x: the terms of U and of S",
        ),
        step(
            second_derivative(t),
            sp.Sum(e[O] * change[O], (O, 1, D_OUT)) + sp.Sum(C[O, O2] * change[O] * change[O2], *pairs) / 2,
            sp.Sum(e[O] * f2[O], (O, 1, D_OUT)) + sp.Sum(C[O, O2] * f1[O] * f1[O2], *pairs),
            "c to second order, for outputs that change by ε f + ε² g/2: its slopes e take the second derivatives of "
            "the outputs, its curvatures C the first",
        ),
    ]


def splitting() -> list[Step]:
    """The Hessian in the new coordinates, term by term."""
    rule = sums(NAMED)
    a, s0, s1, x = sp.symbols("a sigma sigma_prime x_i")
    return [
        step(rule, over_copies(lambda beta, out, w, w2: beta * w), p, "Σ β ẇ = p over all copies", mutants=(p - P,)),
        step(rule, over_copies(lambda beta, out, w, w2: out), q, "Σ ȧ = q", mutants=(q - R,)),
        step(
            rule,
            over_copies(lambda beta, out, w, w2: out * s0 + beta * a * s1 * w * x),
            q * s0 + a * s1 * p * x,
            "so the outputs change, to first order, by Σ ȧ σ + Σ β a σ' ẇ·x = q σ + a σ' p·x, as those of the core do "
            "for (p, q): the term of the curvatures C is the core's",
        ),
        step(
            rule,
            over_copies(lambda beta, out, w, w2: out * w),
            q * p + sp.Sum(b[J] * u[J], (J, 2, K)),
            "the term of U: the core's, and Σ b_jᵀ U u_j",
        ),
        step(
            rule,
            over_copies(lambda beta, out, w, w2: beta * w * w2),
            p * p2 + sp.Sum(BETA[J] * u[J] * v[J], (J, 2, K)) - P * P2,
            "the term of S: the core's, and Σ β_j u_jᵀ S u_j - (Σ β_j u_j)ᵀ S (Σ β_j u_j)",
        ),
    ]


def inverse() -> list[Step]:
    """The new coordinates from the old ones: the change of variables is one to one."""
    wdot, adot = sp.IndexedBase("wdot"), sp.IndexedBase("adot")
    w1, a1 = sp.symbols("wdot_1 adot_1")
    Bw, A = sp.symbols("B_w A")
    named = {
        B: sp.Sum(BETA[J], (J, 2, K)),
        Bw: sp.Sum(BETA[J] * wdot[J], (J, 2, K)),
        A: sp.Sum(adot[J], (J, 2, K)),
    }
    p_old, q_old = (1 - B) * w1 + Bw, a1 + A
    shift = sp.Sum(BETA[J] * (wdot[J] - w1), (J, 2, K))
    i = sp.Symbol("i", integer=True, positive=True)
    return [
        step(sums(named), p_old - shift, w1, "p = Σ β ẇ and u_j = ẇ_j - ẇ_1 give back ẇ_1 = p - P", mutants=(p_old,)),
        step(sums(named), p_old - shift + wdot[i] - w1, wdot[i], "and ẇ_i = p + u_i - P"),
        step(
            sums(named),
            (1 - B) * q_old - sp.Sum(adot[J] - BETA[J] * q_old, (J, 2, K)),
            a1,
            "q = Σ ȧ and b_j = ȧ_j - β_j q give back ȧ_1 = β_1 q - R",
            mutants=(q_old,),
        ),
        step(sums(named), BETA[i] * q_old + adot[i] - BETA[i] * q_old, adot[i], "and ȧ_i = β_i q + b_i"),
        step(
            sums(named),
            w1 + shift,
            p_old,
            "p is ẇ_1 and multiples of the u_j, the u_j are ẇ_j and a multiple of ẇ_1, q is ȧ_1 and the other ȧ_j, the "
            "b_j are ȧ_j and multiples of q: four shears, each of determinant 1",
        ),
    ]


def along_the_subspace() -> list[Step]:
    """Directions b_j = c_j a with u = p = q = 0, as the bilinear form has them, against any other direction."""
    c, g = sp.IndexedBase("c"), sp.Symbol("g_i")
    a, U, other = sp.IndexedBase("a"), sp.IndexedBase("U"), sp.IndexedBase("wdot")
    total, one, s0 = sp.symbols("C one sigma")
    gradient = sp.Sum(a[O] * U[O, I], (O, 1, D_OUT))
    moved = sp.Sum(c[J] * other[J], (J, 1, K))
    return [
        step(
            sums({total: sp.Sum(c[J], (J, 1, K))}),
            sp.Sum(c[J] * one * s0, (J, 1, K)),
            total * one * s0,
            "ȧ_j = c_j a changes the outputs by (Σ c_j) a σ to first order",
        ),
        step(substitute({total: 0}), total * one * s0, sp.Integer(0), "so not at all: no term of C"),
        step(
            sums({g: gradient}),
            sp.Sum(c[J] * other[J] * gradient, (J, 1, K)),
            g * moved,
            "the term of U pairs it with any ẇ: Σ_j c_j aᵀ U ẇ_j, where aᵀU is the core's gradient by w, coordinate i",
        ),
        step(substitute({g: 0}), g * moved, sp.Integer(0), "which vanishes; S pairs no outgoing weights: H v = 0"),
    ]


def escape() -> list[Step]:
    """The second derivative along (p, q), u = b = 0, is the core's."""
    rule = sums(NAMED)
    nothing = {b[J]: 0, u[J]: 0, v[J]: 0, R: 0, P: 0, P2: 0}

    def along(term: Callable[[Any, Any, Any, Any], Any]) -> Any:
        return over_copies(term).xreplace(nothing)

    return [
        step(
            rule,
            along(lambda beta, out, w, w2: out),
            q,
            "ȧ_j = β_j q: the outputs change as the core's do",
            mutants=(q - B,),
        ),
        step(rule, along(lambda beta, out, w, w2: beta * w), p, "and ẇ_j = p", mutants=(p + B,)),
        step(rule, along(lambda beta, out, w, w2: out * w), q * p, "the term of U is the core's"),
        step(rule, along(lambda beta, out, w, w2: beta * w * w2), p * p2, "the term of S is the core's"),
    ]
