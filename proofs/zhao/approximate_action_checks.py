"""What is derived and decided about the map of eq. (6): when it acts, when it keeps the output, Proposition 6.1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from quadrics.connectivity.approximate_action import (
    TwoLayerWeights,
    composes,
    identity_fixes,
    keeps_output,
    move,
)

from ..check import Context
from ..derivation import Step, step
from ..evidence import Outcome, decided
from ..matrix_rules import given, matrix_equal
from ..rules import entails
from .action_instances import ELEMENTS, Condition, Instance, identity, instances
from .curve_rules import products_given


# -- eq. (6) ----------------------------------------------------------------------------------------------------------
def when_it_acts() -> list[Step]:
    m, h, k = sp.symbols("m h k", integer=True, positive=True)
    U, C, S = sp.MatrixSymbol("U", m, h), sp.MatrixSymbol("C", m, k), sp.MatrixSymbol("S", h, k)
    Z, S2, Z2, Z12 = (sp.MatrixSymbol(name, *shape) for name, shape in NAMED(h, k))
    D = sp.MatrixSymbol("D", m, h)
    return [
        step(
            given({S.T * S * Z: S.T}),
            (C * S.T) * S * Z,
            C * S.T,
            "rows of U in the column space of S, U = C Sᵀ: U S S⁺ = U, as Sᵀ S S⁺ = (S S⁺ S)ᵀ = Sᵀ",
            mutants=(C * S.T * S * S.T,),
        ),
        step(
            matrix_equal,
            U * (Z.T * S.T),
            (U * Z.T) * S.T,
            "conversely U = U S S⁺ = U (S S⁺)ᵀ = (U (S⁺)ᵀ) Sᵀ has its rows there",
            mutants=(U,),
        ),
        step(
            given({Z2 * S2: sp.Identity(k)}),
            (U * S * Z2) * S2 * Z12,
            U * S * Z12,
            "g_1·(g_2·w) = (g_1 g_2)·w if S_2 = σ(g_2 VX) has rank k: then S_2⁺ S_2 = I",
            mutants=(U * S * Z2,),
        ),
        step(
            given({S2 * Z2 * S2: S2}),
            (D * S2) * Z2 * S2,
            D * S2,
            "rows of U S in the row space of S_2, U S = D S_2: the output U S S_2⁺ S_2 is U S; the converse is plain",
            mutants=(D * S2 * Z2 * S2 * Z2 * S,),
        ),
    ]


def NAMED(h: Any, k: Any) -> list[tuple[str, tuple[Any, Any]]]:
    return [("Z", (k, h)), ("S2", (h, k)), ("Z2", (k, h)), ("Z12", (k, h))]


def identity_activation() -> list[Step]:
    m, h, k = sp.symbols("m h k", integer=True, positive=True)
    U, A, Z = sp.MatrixSymbol("U", m, h), sp.MatrixSymbol("A", h, k), sp.MatrixSymbol("Z", k, h)
    g = sp.MatrixSymbol("g", h, h)
    return [
        step(
            given({g.inv() * g: sp.Identity(h)}),
            g.inv() * (g * A) * Z * (g * A),
            A * Z * (g * A),
            "σ = id, A = VX: the rows of U A = (U g⁻¹)(gA) lie in the row space of gA, so that the output is kept",
            mutants=(A * Z * A,),
        ),
        step(
            given({A * Z: sp.Identity(h)}),
            U * A * (Z * g.inv()),
            U * g.inv(),
            "rank A = h: A A⁺ = I and (gA)⁺ = A⁺ g⁻¹, so that the map is (U g⁻¹, gV)",
            mutants=(U * g,),
        ),
    ]


Facts = dict[str, Callable[[Instance, Any], bool]]


def facts() -> Facts:
    return {
        "identity": lambda one, g: identity_fixes(*one),
        "output": lambda one, g: keeps_output(g, *one),
        "action": lambda one, g: one.sigma is not identity or rank(one) < one.weights.width,
        "composition": lambda one, g: _rank_after(one, g) == one.features.cols,
    }


def rank(one: Instance) -> int:
    return int(one.features.rank())


def _rank_after(one: Instance, g: Any) -> int:
    return int(TwoLayerWeights(one.weights.U, g * one.weights.V).features(one.X, one.sigma).rank())


def criteria(facts: Facts, context: Context) -> Outcome:
    """Whether the criteria say when id·w = w and the output stays (both ways), and when axiom and GL action follow."""
    for one in instances():
        w, h = one.weights, one.weights.width
        fixed = move(sp.eye(h), *one) == w
        g, k = ELEMENTS[h]
        moved = move(g, *one)
        if facts["identity"](one, g) != fixed:
            return decided(False, criterion="identity", weights=str(w))
        if facts["output"](one, g) != (moved.output(one.X, one.sigma) == w.output(one.X, one.sigma)):
            return decided(False, criterion="output", weights=str(w))
        if not facts["action"](one, g) and moved != TwoLayerWeights(w.U * g.inv(), g * w.V):
            return decided(False, criterion="GL action", weights=str(w))
        if facts["composition"](one, k) and not composes(g, k, *one):
            return decided(False, criterion="composition", weights=str(w))
    return decided(True)


def identity_everywhere(condition: Condition, context: Context) -> Outcome:
    """Whether id·w = w for the exact networks that satisfy a condition."""
    for one in instances():
        if condition(one) and move(sp.eye(one.weights.width), *one) != one.weights:
            h, k = one.features.shape
            return decided(False, h=h, k=k, weights=str(one.weights))
    return decided(True)


# -- Proposition 6.1 --------------------------------------------------------------------------------------------------
def pythagoras() -> list[Step]:
    m, h, k = sp.symbols("m h k", integer=True, positive=True)
    A, S, Z, P = (
        sp.MatrixSymbol(name, *shape) for name, shape in (("A", (m, k)), ("S", (h, k)), ("Z", (k, h)), ("P", (k, k)))
    )
    v = sp.MatrixSymbol("v", m, 1)
    R = A * (sp.Identity(k) - P)
    total, rest, part = sp.symbols("N_A N_R N_P")
    keeps = products_given({P.T: P, P**2: P})
    loss, moved, d, size = sp.symbols("r r1 d s")
    return [
        step(
            given({Z * S * Z: Z}),
            Z * S * Z * S,
            Z * S,
            "P = S⁺ S, S = σ(gVX), is idempotent,",
            mutants=(2 * Z * S,),
        ),
        step(
            keeps,
            R * R.T + (A * P) * (A * P).T,
            A * A.T,
            "and symmetric, a property of the pseudo-inverse: with A = U σ(VX), A Aᵀ splits into two parts",
            mutants=(A * P * A.T,),
        ),
        step(
            keeps,
            v.T * R * R.T * v + (v.T * A * P) * (v.T * A * P).T,
            v.T * A * A.T * v,
            "|(A(I-P))ᵀ v|² + |(AP)ᵀ v|² = |Aᵀ v|² for every v: no singular value of A(I-P) exceeds that of A,",
            mutants=(v.T * A * P * A.T * v,),
        ),
        step(
            entails,
            sp.And(sp.Eq(total, rest + part), part >= 0),
            rest <= total,
            "nor does its Frobenius norm, whose square is the sum of these over a basis",
            mutants=(rest <= total / 2,),
        ),
        step(
            entails,
            sp.And(loss <= moved + d, moved <= loss + d, d <= size),
            sp.And(loss - moved <= size, moved - loss <= size),
            "so the loss |U σ(VX) - Y|, not squared, changes by at most |U σ(VX)|, by the triangle inequality",
            mutants=(loss - moved <= size / 2,),
        ),
    ]


Projection = Callable[[Any], bool]


def does_not_enlarge(is_projection: Projection, context: Context) -> Outcome:
    """Whether |M (I - P)| <= |M| for the matrices P with a property, among G A with G a generalized inverse of A."""
    fifth = sp.Rational(1, 5)
    for A, G in (([1, 0], [1, 5]), ([1, 0], [1, 0]), ([1, 2], [fifth, 2 * fifth])):
        P = sp.Matrix(G) * sp.Matrix([A])
        if not is_projection(P):
            continue
        for M in (sp.Matrix([[0, 1]]), sp.Matrix([[1, 0]]), sp.Matrix([[1, 1]])):
            before, after = (sum(e**2 for e in one) for one in (M, M * (sp.eye(2) - P)))
            if after > before:
                return decided(False, ratio=str(sp.sqrt(after / before)))
    return decided(True)


Shapes = dict[str, tuple[int, ...]]


def fit(shapes: Shapes, context: Context) -> Outcome:
    """Whether W_2 σ(W_1 X) - Y makes sense."""
    rows, inner = shapes["W1"]
    if len(shapes["W2"]) != 2:
        return decided(False, W2=str(shapes["W2"]))
    outputs, width = shapes["W2"]
    return decided(inner == shapes["X"][0] and width == rows and (outputs, shapes["X"][1]) == shapes["Y"])
