"""Beyond section 5: how large the loss stays where output weights of one sign are missing."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product
from typing import Any

import sympy as sp

from quadrics.kink_bound import linear_fit_residual, second_difference

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..rules import entails, equal
from ..vectors import bilinear_modulo, dot, inner, norm2, square, vectors

Target = Callable[[Any, Any], Any]  # s, kink -> value


def _fit() -> list[Step]:
    S0, S1, S2, P0, P1, Q0, Q1, R, PP = sp.symbols("S0 S1 S2 P0 P1 Q0 Q1 R PP")
    determinant = S0 * S2 - S1**2
    fit = sp.Matrix([[S2 * P0 - S1 * P1], [S0 * P1 - S1 * P0]]) / determinant
    M = sp.Matrix([[S0, S1, Q0], [S1, S2, Q1], [P0, P1, R]])
    return [
        step(
            equal,
            sp.Matrix([[S0, S1], [S1, S2]]) * fit,
            sp.Matrix([[P0], [P1]]),
            "weights x₁², S0 = Σ 1, S1 = Σ s, S2 = Σ s², P0 = Σ φ, P1 = Σ sφ: the linear fit of φ",
        ),
        step(
            equal,
            R - fit[0] * Q0 - fit[1] * Q1,
            M.det() / determinant,
            "⟨φ - fit, f⟩, with Q0 = Σ f, Q1 = Σ sf, R = Σ φf, is a quotient of determinants",
        ),
        step(
            equal,
            PP - fit[0] * P0 - fit[1] * P1,
            linear_fit_residual((S0, S1, S2), (P0, P1), PP),
            "and |φ - fit|² is the residual of the fit",
        ),
    ]


def _cross(v: Any) -> Any:
    """The matrix of the cross product: u × v = -_cross(v) u."""
    return sp.Matrix([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])


def _cauchy_binet() -> list[Step]:
    """det Σ w_i p_i q_iᵀ = Σ_{i<j<k} w_i w_j w_k det(p_i, p_j, p_k) det(q_i, q_j, q_k), sample by sample."""
    M = sp.Matrix(3, 3, sp.symbols("m:9"))
    p, q, u, v = (sp.Matrix(sp.symbols(f"{name}1:4")) for name in "pquv")
    w = sp.Symbol("w")
    grown = M + w * p * q.T
    cofactors = M.adjugate().T
    return [
        step(
            equal,
            (grown.det() - M.det()).expand(),
            (w * (p.T * cofactors * q)[0]).expand(),
            "one sample more: how the determinant grows",
        ),
        step(
            equal,
            (grown.adjugate().T - cofactors).expand(),
            (w * _cross(p) * M * _cross(q).T).expand(),
            "and how the cofactors do",
        ),
        step(
            equal,
            _cross(p) * (u * v.T) * _cross(q).T,
            u.cross(p) * v.cross(q).T,
            "which for M = Σ w_i p_i q_iᵀ adds the pairs with the new sample: by induction the cofactors are "
            "Σ_{i<j} w_i w_j (p_i × p_j)(q_i × q_j)ᵀ",
        ),
        step(
            equal,
            (p.T * u.cross(v))[0].expand(),
            sp.Matrix.hstack(u, v, p).det().expand(),
            "and the determinant adds the triples with it: (p_i × p_j)·p is their determinant",
        ),
    ]


def _hinges() -> list[Step]:
    s, t = sp.symbols("s1:4"), sp.Symbol("t")
    ordered = sp.And(s[0] < s[1], s[1] < s[2])
    hinges = {"(s - t)_+": [sp.Max(x - t, 0) for x in s], "(t - s)_+": [sp.Max(t - x, 0) for x in s]}
    return [
        step(
            entails,
            ordered,
            second_difference(s, values) >= 0,
            f"{name} has second differences of one sign, as every convex function",
            mutants=[second_difference(s, values) > 0],
        )
        for name, values in hinges.items()
    ]


def _nearest() -> list[Step]:
    F, L, f = vectors("F L f")
    gap, far, rest, pull = sp.symbols("gap far rest pull")
    fitted = sp.Eq(inner("L", "L"), inner("F", "L"))
    return [
        step(
            bilinear_modulo(fitted),
            norm2(F - f) - norm2(F - L) - norm2(L - f),
            2 * dot(L - F, f),
            "L the linear fit of F, so F - L is orthogonal to L; F = -φ up to a linear function, so L - F = φ - fit",
        ),
        step(
            entails,
            sp.And(pull >= 0, rest >= 0, sp.Eq(gap - far - rest, 2 * pull)),
            gap >= far,
            "⟨φ - fit, f⟩ >= 0: a sum of products of second differences of convex functions, over a positive number",
        ),
        step(
            bilinear_modulo(fitted),
            norm2(F - L),
            square(F) - inner("F", "L"),
            "so |F - f|² is at least the residual of the fit",
        ),
    ]


def _hinge(s: Any, kink: Any) -> Any:
    return sp.Max(s - kink, 0)


def _no_convex_is_nearer(target: Target, context: Context) -> Outcome:
    """All sets of integer points, all hinges between: ⟨L - F, hinge⟩ >= 0, L the fit of F = target(s, kink)."""
    most = context.pick(quick=5, full=7)
    cases = 0
    for n in (3, 4):
        for s in combinations(range(most), n):
            X = sp.Matrix([[1, x] for x in s])
            for kink, weight in product(range(1, most - 1), (1, 2)):
                W = sp.diag(weight, *[1] * (n - 1))
                F = sp.Matrix([target(sp.Integer(x), kink) for x in s])
                left = X * (X.T * W * X).LUsolve(X.T * W * F) - F
                for other in range(most):
                    cases += 1
                    if (left.T * W * sp.Matrix([_hinge(x, other) for x in s]))[0] < 0:
                        return decided(False, samples=s, kink=kink, hinge=other)
    return decided(True, cases=cases)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.nurisso.kink-bound",
        Kind.THEOREM,
        "How large the loss stays where output weights of one sign are missing",
        Source("beyond", "on Section 5"),
        r"Let $d=2$, $e=1$, and let a target be linear but for one kink of negative mass in each of several convex "
        r"cones, disjoint from each other and from each other's opposites. In a cone where no neuron of negative "
        r"output weight has its kink, a network has at least the squared error of the linear fit, over any samples; "
        r"and errors add up over the cones. So with fewer negative output weights than there are cones, the loss stays "
        r"above the sum of as many of the least residuals as are missing. The same with signs exchanged.",
        hypotheses=("σ = relu, or another of degree 1 with α > β", "squared loss"),
        uses=("beyond.nurisso.reachability",),
        evidence=(
            Derivation("the residual and the pull of the fit, as determinants", _fit),
            Derivation("Cauchy and Binet's formula, by induction over the samples", _cauchy_binet),
            Derivation("what is convex", _hinges),
            Derivation("no convex function is nearer than the fit", _nearest),
            enumeration(
                "sets of 3 and 4 points, with two weights, every kink and every hinge",
                lambda: lambda s, kink: -_hinge(s, kink),
                _no_convex_is_nearer,
                [
                    Control("a target with a positive kink", lambda target: lambda s, kink: -target(s, kink)),
                    Control("a target with two kinks", lambda target: lambda s, kink: sp.Abs(target(s, kink) + 1)),
                ],
            ),
        ),
    ),
    Claim(
        "beyond.nurisso.phase-diagram",
        Kind.EXPERIMENT,
        "Networks reach a target where their component does, and with enough neurons most of them do",
        Source("beyond", "on Section 5"),
        r"Gradient flow of networks of several widths towards a target with one positive and two negative kinks, from "
        r"all $l_+$, several $|c|$ and three rules for the signs of the output weights. No network whose component "
        r"cannot express the target reaches it, and none gets below the bound for its component; with all $a_k>0$ "
        r"these are the networks with $l_+<2$. Of those with six neurons, all healthy, more than half reach it.",
        uses=("beyond.nurisso.kink-bound", "beyond.nurisso.reachability", "nurisso.eq11"),
    ),
)
