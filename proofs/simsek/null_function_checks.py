"""Appendix B.3: how its lemmas are decided: peeling, determinants, null spaces of Taylor coefficients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import sympy as sp

from quadrics.expansion.activations.condition import assumption_a
from quadrics.expansion.activations.null_functions import null_functions
from quadrics.expansion.activations.parts import taylor_coefficients, vanishes
from quadrics.smooth_activation import SmoothActivation, Z, sigmoid, soft_sigmoid, softplus, tanh

from ..calculus import squeeze
from ..check import Context
from ..derivation import Step, argued, step
from ..evidence import Outcome, decided
from ..rules import entails, equal
from .function_checks import EXP, is_positive, same_function

SCALES = ((1, -1), (1, -1, 2), (1, -1, 2, -2), (1, 2, -3), (1, -1, 2, -2, 3, -3))
COSINE = SmoothActivation("cos + z + z^3", sp.cos(Z) + Z + Z**3)
BELL = SmoothActivation("atan + z^2 - 1", sp.atan(Z) + Z**2 - 1)


def series_matrix(activation: SmoothActivation, scales: Sequence[Any], up_to_a_constant: bool) -> Any:
    """The rows [β_l^n] for the orders n ≤ 12 with σ^(n)(0) ≠ 0: relations are in its null space."""
    orders = [n for n, c in enumerate(taylor_coefficients(activation.formula, 12)) if c != 0]
    used = [n for n in orders if not (up_to_a_constant and n == 0)]
    return sp.Matrix(len(used), len(scales), [sp.sympify(b) ** n if n else 1 for n in used for b in scales])


# -- Lemma B.5 --------------------------------------------------------------------------------------------------------
def peeling_steps() -> list[Step]:
    """Only the zero combination of scaled copies is constant."""
    n, k = sp.symbols("n k", integer=True, positive=True)
    plus, minus, x = sp.symbols("a_plus a_minus x", real=True)
    b, s, R = sp.symbols("b s R", positive=True)
    F = sp.Function("F")
    T, S, r, t, bound = sp.symbols("T S r t C", real=True)
    q = 1 / (1 + s)
    return [
        step(
            equal,
            sp.diff(b**n * F(b * x), x),
            b ** (n + 1) * sp.Subs(sp.diff(F(x), x), x, b * x),
            "F the n-th derivative of σ: each derivative of a σ(b x) gives a factor b, so g^(n)(0) = σ^(n)(0) Σ a b^n",
        ),
        step(equal, plus * b ** (2 * k) + minus * (-b) ** (2 * k), (plus + minus) * b ** (2 * k), "±b, even orders"),
        step(
            equal,
            plus * b ** (2 * k - 1) + minus * (-b) ** (2 * k - 1),
            (plus - minus) * b ** (2 * k - 1),
            "odd orders: so for both parities a sum Σ S_i b_i^n over distinct b_i > 0 is zero for infinitely many n",
        ),
        step(
            entails,
            sp.And(t * bound >= T, t * bound >= -T, r >= 0, r <= t, t >= 0),
            sp.And(t * (bound + sp.Max(S, -S)) >= T + S * r, t * (bound + sp.Max(S, -S)) >= -T - S * r),
            "divide by the largest b^n: the others are at most t = q^n times the sum C of their |S_i|, term by term",
        ),
        step(
            squeeze(n, sp.oo),
            (sp.Integer(0), R * q**n),
            sp.Integer(0),
            "q < 1 the ratio of the two largest b_i: |S_1| ≤ q^n C for infinitely many n, so S_1 = 0",
        ),
        argued("without S_1 the same holds for the next largest b_i: by induction on their number all S_i are zero"),
        step(
            entails,
            sp.And(sp.Eq(plus + minus, 0), sp.Eq(plus - minus, 0)),
            sp.And(sp.Eq(plus, 0), sp.Eq(minus, 0)),
            "even and odd orders together, for each pair ±b_i",
        ),
    ]


def vandermonde_steps() -> list[Step]:
    """k = 1, ..., 4 pairs ±β with symbols: the orders 2, 4, ..., 2k and 1, 3, ..., 2k - 1 suffice."""
    steps: list[Step] = []
    for k in range(1, 5):
        gaps = sp.symbols(f"s1:{k + 1}", positive=True)
        b = sp.symbols(f"b1:{k + 1}")
        in_gaps = {b[i]: sp.Add(*gaps[: i + 1]) for i in range(k)}
        differences = sp.Mul(*(b[j] ** 2 - b[i] ** 2 for i, j in combinations(range(k), 2)))
        for start in (2, 1):
            matrix = sp.Matrix(k, k, lambda row, column, b=b, start=start: b[column] ** (start + 2 * row))
            factors = sp.Mul(*b) ** start * differences
            steps.append(step(equal, matrix.det(method="berkowitz"), factors, f"{k} nodes, orders from {start}"))
            expanded = sp.expand(sp.Mul(*(sp.expand(f.subs(in_gaps)) for f in sp.Mul.make_args(factors))))
            steps.append(step(is_positive, expanded, True, "not zero for 0 < b_1 < ... < b_k"))
    return steps


Nullity = Callable[[SmoothActivation, Sequence[Any]], int]


def no_relations(nullity: Nullity, context: Context) -> Outcome:
    """Relations up to a constant: those that are found, and the nullity of the Taylor coefficients."""
    for activation in (EXP, soft_sigmoid(1, 4), soft_sigmoid(3, sp.Rational(1, 2))):
        for scales in SCALES:
            claimed = nullity(activation, scales)
            series = series_matrix(activation, scales, True)
            if claimed != len(null_functions(activation, scales, True)) or claimed != len(scales) - series.rank():
                return decided(False, activation=activation.name, scales=scales)
    return decided(True)


Tail = Callable[[Any, int], Any]


def second_case(tail: Tail, context: Context) -> Outcome:
    """β = (3, -3, 2), a = (2, -1, -1), n = 2: |Σ a β^n| ≥ (|a_1| - |a_2|) |β_1|^n - tail Σ_{l > 2} |a_l|."""
    beta, a, n = (3, -3, 2), (2, -1, -1), 2
    left = abs(sum(x * b**n for x, b in zip(a, beta, strict=True)))
    right = (abs(a[0]) - abs(a[1])) * abs(beta[0]) ** n - tail(beta[2], n) * abs(a[2])
    return decided(left >= right, left=left, right=right)


# -- Lemma B.6 --------------------------------------------------------------------------------------------------------
def relations_are_pairs(sign: Callable[[SmoothActivation], int], context: Context) -> Outcome:
    """In all relations a_{-β} = sign a_β: the exact basis, and the null space of the Taylor coefficients."""
    found = 0
    for activation in (softplus, COSINE, sigmoid, tanh, BELL):
        s = sign(activation)
        for scales in SCALES:
            exact = [f.coefficients for f in null_functions(activation, scales, True)]
            series = [tuple(v) for v in series_matrix(activation, scales, True).nullspace()]
            if len(exact) != len(series):
                return decided(False, activation=activation.name, scales=scales)
            for a in (*exact, *series):
                by_scale = dict(zip(scales, a, strict=True))
                found += 1
                if any(by_scale.get(-b, 0) != s * value for b, value in by_scale.items()):
                    return decided(False, activation=activation.name, scales=scales)
    return decided(found > 0, relations=found)


def sign_of_pairs(activation: SmoothActivation) -> int:
    """-1 if only finitely many odd derivatives are not zero, 1 if only finitely many even ones are."""
    return -1 if assumption_a(activation).infinitely_many_even else 1


def pair_steps() -> list[Step]:
    a, b = sp.symbols("a_plus a_minus", real=True)
    sigma, x = sp.Function("sigma"), sp.Symbol("x", real=True)
    even, odd = (sigma(x) + sigma(-x)) / 2, (sigma(x) - sigma(-x)) / 2
    pair = a * sigma(x) + b * sigma(-x)
    return [
        step(equal, pair, (a + b) * even + (a - b) * odd, "x for β α: a pair ±β by even and odd part, for every σ"),
        argued(
            "if the even part has infinitely many derivatives at 0, peeling even orders (as for Lemma B.5) gives a + b "
            "= 0 for every pair; a β without partner is a pair with b = 0; likewise a - b = 0 for the odd part"
        ),
        step(
            equal,
            pair.subs(b, -a),
            a * (sigma(x) - sigma(-x)),
            "so g is a sum of terms a σ~(β α), σ~(x) = σ(x) - σ(-x); in the second case σ~(x) = σ(x) + σ(-x)",
        ),
        step(equal, pair.subs(b, a), a * (sigma(x) + sigma(-x)), "the second case"),
        argued("σ~ is analytic with finitely many derivatives at 0 that are not zero: a polynomial, of one parity"),
    ]


Pairing = Callable[[int], list[tuple[int, int]]]


def pairs_up(pairing: Pairing, context: Context) -> Outcome:
    """For k = 2, 4, 6 the pairs of indices contain each of 1, ..., k once."""
    return decided(all(sorted(i for p in pairing(k) for i in p) == list(range(1, k + 1)) for k in (2, 4, 6)))


# -- the three activations --------------------------------------------------------------------------------------------
A, A3, B1, B3 = sp.symbols("a_1 a_3 beta_1 beta_3", real=True)


def scaled(activation: SmoothActivation, scale: Any) -> Any:
    """σ(scale z)."""
    return activation.formula.subs(Z, scale * Z)


def sigmoid_steps() -> list[Step]:
    s, zero = sigmoid, sp.Integer(0)
    pair = [scaled(s, b) + scaled(s, -b) for b in (B1, B3)]
    return [
        step(same_function, s.formula, sp.Rational(1, 2) + sp.tanh(Z / 2) / 2, "an odd function and a constant"),
        step(same_function, s.formula + scaled(s, -1), sp.Integer(1), "so σ(x) + σ(-x) = 1"),
        step(same_function, A * pair[0] - A * pair[1], zero, "four terms that cancel, for all β_1, β_3"),
    ]


def softplus_steps() -> list[Step]:
    s, zero = softplus, sp.Integer(0)
    pair = [scaled(s, b) - scaled(s, -b) for b in (B1, B3)]
    a3 = -A * B1 / B3
    return [
        step(same_function, sp.diff(s.formula, Z), sigmoid.formula, "softplus is a primitive of the sigmoid"),
        step(same_function, s.formula - scaled(s, -1), Z, "σ(x) - σ(-x) = x", mutants=[2 * Z]),
        step(same_function, A * pair[0] + a3 * pair[1], zero, "four terms with a_1 β_1 + a_3 β_3 = 0"),
        step(
            same_function,
            A * pair[0] + A3 * pair[1],
            (A * B1 + A3 * B3) * Z,
            "and in general what is left is (a_1 β_1 + a_3 β_3) x: zero in no other case",
        ),
    ]


def tanh_steps() -> list[Step]:
    pair = A * scaled(tanh, B1) + A * scaled(tanh, -B1)
    return [
        step(same_function, tanh.formula + scaled(tanh, -1), sp.Integer(0), "tanh is odd"),
        step(same_function, pair, sp.Integer(0), "two terms of equal weights cancel"),
    ]


def is_the_sigmoid(formula: Any, context: Context) -> Outcome:
    """Whether a formula in z is the sigmoid."""
    return decided(vanishes(sigmoid.formula - formula), at_1=str(sp.N(formula.subs(Z, 1), 5)))


def tanh_pair(sign: int, context: Context) -> Outcome:
    """Whether tanh(2 z) + sign tanh(-2 z) is zero."""
    return decided(vanishes(scaled(tanh, 2) + sign * scaled(tanh, -2)))


Dimension = Callable[[SmoothActivation, int, bool], int]


def dimensions(dimension: Dimension, context: Context) -> Outcome:
    """The nullity of the Taylor coefficients for p pairs, p ≤ 3 (quick) or 5 (full), with and without β = 0."""
    nodes = (1, 2, 3, sp.Rational(1, 2), 5)
    for activation in (sigmoid, softplus, tanh, soft_sigmoid(1, 4)):
        for p in range(1, context.pick(quick=4, full=6)):
            for zero in (False, True):
                scales = [sign * b for b in nodes[:p] for sign in (1, -1)] + [0] * zero
                found = len(scales) - series_matrix(activation, scales, False).rank()
                if found != dimension(activation, p, zero):
                    return decided(False, activation=activation.name, p=p, zero=zero, found=found)
    return decided(True)


def dimensions_of_the_remark(activation: SmoothActivation, p: int, zero: bool) -> int:
    """p - 1 and p for the sigmoid, p - 1 for softplus, p and p + 1 for tanh, 0 under Assumption A."""
    return {"sigmoid": p - 1 + zero, "softplus": p - 1, "tanh": p + zero}.get(activation.name, 0)
