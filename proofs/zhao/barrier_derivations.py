"""Derivations for section 5.2: homogeneous activations, and the loss on the segment between rescaled minima."""

from __future__ import annotations

from typing import Any

import sympy as sp

from quadrics.activation import Activation
from quadrics.connectivity.barriers import (
    ALPHA,
    DEGREE,
    FACTOR,
    factor_exceeding,
    loss_between,
    output_factor,
    peak,
    peak_factor,
)

from ..continuity import continuous
from ..derivation import Step, step
from ..matrix_rules import matrix_equal
from ..rules import differentiate, entails, equal, limit, recompute, solve_for, substitute
from ..sum_rules import sums

HALF = sp.Rational(1, 2)


# -- the activations of eq. (3) ---------------------------------------------------------------------------------------
def homogeneous_activations() -> list[Step]:
    """σ(cz) = c^k σ(z) for all c > 0, of every slope; and nothing else has it."""
    a, b = sp.symbols("a b", real=True)
    c, z, x = sp.symbols("c z x", positive=True)
    below = sp.Symbol("z_", negative=True)
    sigma, s, P = sp.Function("sigma"), sp.Symbol("s"), sp.Symbol("P")
    named = Activation(a, b, DEGREE)
    scaled = sp.Eq(sigma(c * z), c**DEGREE * sigma(z))
    return [
        step(equal, named(c * z), c**DEGREE * named(z), "σ(z) = a z_+^k - b z_-^k is homogeneous: for z > 0,"),
        step(equal, named(c * below), c**DEGREE * named(below), "for z < 0,"),
        step(equal, named(0), 0, "and at 0"),
        step(
            substitute({c: x, z: 1}),
            scaled,
            sp.Eq(sigma(x), x**DEGREE * sigma(1)),
            "no others: for x > 0, σ(x) = x^k σ(1); for x < 0 likewise σ(x) = (-x)^k σ(-1);",
        ),
        step(
            entails,
            sp.And(sp.Eq(s, P * s), P > 1),
            sp.Eq(s, 0),
            "and σ(0) = 2^k σ(0) with 2^k > 1 leaves σ(0) = 0",
            conditions=(sp.log(2) * DEGREE > 0,),
        ),
        step(limit(z, 0), a * z**DEGREE, 0, "so σ is continuous at 0 from above, and likewise from below"),
    ]


# -- the barrier ------------------------------------------------------------------------------------------------------
def zero_along_the_curve() -> list[Step]:
    """W and its copy lie in one component of the minimum: the curve m^t·W keeps the output."""
    c, f = sp.symbols("c f", positive=True)
    t, slope = sp.symbols("t lambda", real=True)
    j, n = sp.symbols("j n", integer=True, positive=True)
    v, s = sp.IndexedBase("v"), sp.IndexedBase("s")
    return [
        step(
            sums(),
            sp.Sum(f * v[j] * c**DEGREE * s[j], (j, 1, n)),
            f * c**DEGREE * sp.Sum(v[j] * s[j], (j, 1, n)),
            "f W_l with c W_{l-1}, c > 0, multiplies the output of any number of neurons by f c^k;",
        ),
        step(
            equal,
            FACTOR ** (-DEGREE * t) * (FACTOR**t) ** DEGREE,
            1,
            "on the curve (m^{-kt} W_l, m^t W_{l-1}) that is 1: the loss stays 0",
            mutants=(FACTOR**t,),
        ),
        step(
            continuous(),
            [sp.exp(t * slope), sp.exp(-DEGREE * t * slope)],
            True,
            "with m = exp(λ) the curve is continuous in t",
        ),
    ]


def loss_on_the_segment() -> list[Step]:
    """Equations (14) to (17), with the m that the last one needs."""
    N, b, X = (sp.Symbol(name, positive=True) for name in ("N", "b", "X"))
    a, m, phi, size, P, root = sp.symbols("alpha m phi N P r")
    chosen = 2 ** (DEGREE + 1) * (sp.sqrt(b) / N + 1) - 1
    middle = 2 ** (-(DEGREE + 1)) * (1 + FACTOR ** (-DEGREE)) * (1 + FACTOR) ** DEGREE
    return [
        step(
            entails,
            sp.And(a >= 0, a <= 1, m > 0),
            1 - a + a * m > 0,
            "on the segment both layers are multiplied by positive numbers,",
        ),
        step(
            equal,
            N**2 * (1 - output_factor(ALPHA, FACTOR, DEGREE)) ** 2,
            loss_between(ALPHA, FACTOR, DEGREE, N),
            "so the loss is that of Y - φ Y: eq. (14)",
        ),
        step(equal, output_factor(HALF, FACTOR, DEGREE), middle, "eq. (15)", mutants=(middle / 2,)),
        step(entails, sp.And(P > 1, root > 0), P * (root + 1) - 1 > 0, "X = 2^{k+1}(√b/N + 1) - 1 is positive,"),
        step(
            equal,
            factor_exceeding(b, N, DEGREE),
            chosen ** (-1 / DEGREE),
            "m = X^{-1/k}",
            mutants=(chosen**DEGREE, chosen ** (1 / DEGREE)),
        ),
        step(
            equal,
            (X ** (-1 / DEGREE)) ** (-DEGREE),
            X,
            "so that m^{-k} = X",
            mutants=(1 / X, X**DEGREE),
        ),
        step(
            equal,
            2 ** (-(DEGREE + 1)) * (1 + chosen),
            sp.sqrt(b) / N + 1,
            "and 2^{-(k+1)} (1 + m^{-k}) = √b/N + 1: eq. (16); its other factor is larger than 1,",
            conditions=(DEGREE * sp.log(1 + FACTOR) > 0,),
        ),
        step(equal, (N * (sp.sqrt(b) / N)) ** 2, b, "with r = √b/N: N² r² = b,"),
        step(
            entails,
            sp.And(phi > 1 + root, root > 0, size > 0),
            size**2 * (phi - 1) ** 2 > size**2 * root**2,
            "so that φ > 1 + r gives a loss above b: eq. (17)",
        ),
    ]


def highest_point() -> list[Step]:
    """Where φ is largest, and how large."""
    x, y, u, w = sp.symbols("x y u w")
    k, d, rise, fall = (sp.Symbol(name, positive=True) for name in ("k", "d", "p", "q"))
    up, down = 1 - ALPHA + ALPHA * FACTOR, 1 - ALPHA + ALPHA * FACTOR ** (-DEGREE)
    log = sp.log(down) + DEGREE * sp.log(up)
    slope = DEGREE * (FACTOR - 1) / up - (1 - FACTOR ** (-DEGREE)) / down
    best, total = peak(FACTOR, DEGREE), FACTOR - FACTOR ** (-DEGREE)
    top = k**k / (k + 1) ** (k + 1) * d ** (k + 1) / (rise * fall**k)
    eta = sp.Symbol("eta", real=True)

    def first_terms(many: list[Any]) -> list[Any]:
        return [sp.expand(sp.series(one, eta, 0, 3).removeO()) for one in many]

    return [
        step(differentiate(ALPHA), log, slope, "log φ along the segment"),
        step(
            differentiate(ALPHA),
            slope,
            -(DEGREE * ((FACTOR - 1) / up) ** 2 + ((1 - FACTOR ** (-DEGREE)) / down) ** 2),
            "bends downwards, as a sum of squares with a minus, not all zero for m ≠ 1:",
        ),
        step(
            entails,
            sp.And(k > 0, sp.Or(sp.Ne(x, 0), sp.Ne(y, 0))),
            -(k * x**2 + y**2) < 0,
            "concave, 0 at both ends, so φ ≥ 1 between, with one maximum",
        ),
        step(solve_for(ALPHA), sp.Eq(sp.together(slope).as_numer_denom()[0], 0), [best], "where the slope is 0: α*"),
        step(equal, down.subs(ALPHA, best), total / ((DEGREE + 1) * (FACTOR - 1)), "there W_l has this factor"),
        step(
            equal,
            up.subs(ALPHA, best),
            DEGREE * total / ((DEGREE + 1) * (1 - FACTOR ** (-DEGREE))),
            "and W_{l-1} this one;",
        ),
        step(
            equal,
            d / ((k + 1) * rise) * (k * d / ((k + 1) * fall)) ** k,
            top,
            "with d = m - m^{-k}, p = m - 1, q = 1 - m^{-k} (for m < 1 all three with the other sign) that makes φ*",
        ),
        step(
            substitute({d: total, rise: FACTOR - 1, fall: 1 - FACTOR ** (-DEGREE)}),
            top,
            peak_factor(FACTOR, DEGREE),
            "the closed form",
            mutants=(2 * peak_factor(FACTOR, DEGREE),),
        ),
        step(equal, peak_factor(FACTOR, 1), (FACTOR + 1) ** 2 / (4 * FACTOR), "k = 1"),
        step(
            equal,
            peak_factor(FACTOR, 2),
            4 * (FACTOR**2 + FACTOR + 1) ** 3 / (27 * FACTOR**2 * (FACTOR + 1) ** 2),
            "k = 2",
        ),
        step(
            substitute({u: 0, w: 0}),
            (k * (1 - w) + (u - 1) * w) / ((k + 1) * (1 - w) * (1 - u)),
            k / (k + 1),
            "m → ∞, with w = 1/m and u = m^{-k}: α* tends to k/(k+1)",
        ),
        step(
            substitute({u: 0, w: 0}),
            k**k / (k + 1) ** (k + 1) * (1 - u * w) ** (k + 1) / ((1 - w) * (1 - u) ** k),
            k**k / (k + 1) ** (k + 1),
            "and φ*/m^k to k^k/(k+1)^{k+1}",
        ),
        step(
            equal,
            DEGREE**DEGREE
            / (DEGREE + 1) ** (DEGREE + 1)
            * (FACTOR * (1 - FACTOR ** (-DEGREE) / FACTOR)) ** (DEGREE + 1)
            / (FACTOR * (1 - 1 / FACTOR) * (1 - FACTOR ** (-DEGREE)) ** DEGREE),
            peak_factor(FACTOR, DEGREE),
            "(those are φ* in w and u, m^{k+1} taken out above and m below,",
            mutants=(2 * peak_factor(FACTOR, DEGREE),),
        ),
        step(
            equal,
            (DEGREE * (1 - 1 / FACTOR) + (FACTOR ** (-DEGREE) - 1) / FACTOR)
            / ((DEGREE + 1) * (1 - 1 / FACTOR) * (1 - FACTOR ** (-DEGREE))),
            best,
            "and α*)",
        ),
        step(
            recompute("the first terms in η", first_terms),
            [
                ((1 + eta) - (1 + eta) ** (-DEGREE)) / (eta * (DEGREE + 1)),
                (1 - (1 + eta) ** (-DEGREE)) / (eta * DEGREE),
            ],
            [
                1 - DEGREE * eta / 2 + DEGREE * (DEGREE + 2) * eta**2 / 6,
                1 - (DEGREE + 1) * eta / 2 + (DEGREE + 1) * (DEGREE + 2) * eta**2 / 6,
            ],
            "m = 1 + η → 1: m - m^{-k} over (k+1) η, and 1 - m^{-k} over k η;",
        ),
        step(
            recompute("the first terms in η", first_terms),
            [
                (DEGREE + 1) * sp.log(1 - DEGREE * eta / 2 + DEGREE * (DEGREE + 2) * eta**2 / 6)
                - DEGREE * sp.log(1 - (DEGREE + 1) * eta / 2 + (DEGREE + 1) * (DEGREE + 2) * eta**2 / 6)
            ],
            [DEGREE * (DEGREE + 1) * eta**2 / 8],
            "log φ* is k + 1 times the logarithm of the first less k times that of the second: k(k+1) η²/8",
            mutants=([DEGREE * (DEGREE + 1) * eta**2 / 4],),
        ),
    ]


def grows_with_the_factor() -> list[Step]:
    """At each α the output factor falls with m up to 1 and grows from there on."""
    fixed = sp.log(1 - ALPHA + ALPHA * FACTOR ** (-DEGREE)) + DEGREE * sp.log(1 - ALPHA + ALPHA * FACTOR)
    up, down = 1 - ALPHA + ALPHA * FACTOR, 1 - ALPHA + ALPHA * FACTOR ** (-DEGREE)
    rise = DEGREE * ALPHA * (1 - ALPHA) * (1 - FACTOR ** (-DEGREE - 1)) / (up * down)
    a, k, x, y, q, rate = sp.symbols("alpha k x y q r")
    low, phi, high, top = sp.symbols("phi_0 phi phi_1 b")
    return [
        step(
            differentiate(FACTOR),
            fixed,
            rise,
            "d log φ / dm has the sign of 1 - m^{-(k+1)}, which is that of m - 1,",
        ),
        step(
            entails,
            sp.And(a > 0, a < 1, k > 0, x > 0, y > 0, sp.Eq(x * y * rate, k * a * (1 - a) * q)),
            sp.And(sp.Implies(q > 0, rate > 0), sp.Implies(q < 0, rate < 0)),
            "with q = 1 - m^{-(k+1)}, and x, y > 0 the factors of the two layers:",
        ),
        step(
            recompute("at m = 1, its derivative by m", lambda e: sp.diff(e, FACTOR).subs(FACTOR, 1)),
            rise,
            DEGREE * (DEGREE + 1) * ALPHA * (1 - ALPHA),
            "near m = 1, at each α, φ is 1 + k(k+1) α(1-α) (m-1)²/2 + ...",
        ),
        step(
            entails,
            sp.And(phi >= 1, sp.Or(phi <= low, phi <= high), (low - 1) ** 2 <= top, (high - 1) ** 2 <= top),
            (phi - 1) ** 2 <= top,
            "between m_0 and m_1 the value is at most that at one of the two ends, and those are below their barriers",
        ),
    ]


def one_layer_at_a_time() -> list[Step]:
    """The last layer alone: the loss is convex; each layer of the rescaled pair alone: the loss is monotone."""
    n, e, N = sp.symbols("n e N", integer=True, positive=True)
    A, B, S, Y = (
        sp.MatrixSymbol(name, *shape) for name, shape in (("A", (e, n)), ("B", (e, n)), ("S", (n, N)), ("Y", (e, N)))
    )
    t, p, q, r = sp.symbols("t p q r", positive=True)
    return [
        step(
            matrix_equal,
            Y - ((1 - ALPHA) * A + ALPHA * B) * S,
            (1 - ALPHA) * (Y - A * S) + ALPHA * (Y - B * S),
            "two zeros that differ in W_l alone: what they miss averages, 0 and 0",
            mutants=(Y - A * S,),
        ),
        step(
            differentiate(ALPHA),
            ((1 - ALPHA + ALPHA * q) - 1) ** 2,
            2 * ALPHA * (1 - q) ** 2,
            "W_l alone towards q W_l, q = m^{-k}: the loss, over N², grows all the way",
        ),
        step(
            differentiate(ALPHA),
            ((1 + ALPHA * p) ** DEGREE - 1) ** 2,
            2 * DEGREE * p * ((1 + ALPHA * p) ** DEGREE - 1) * (1 + ALPHA * p) ** (DEGREE - 1),
            "W_{l-1} alone towards (1 + p) W_{l-1}: so does it, as (1 + αp)^k > 1;",
            conditions=(DEGREE * sp.log(1 + t) > 0,),
        ),
        step(
            differentiate(ALPHA),
            ((1 - ALPHA * r) ** DEGREE - 1) ** 2,
            2 * DEGREE * r * (1 - (1 - ALPHA * r) ** DEGREE) * (1 - ALPHA * r) ** (DEGREE - 1),
            "and towards (1 - r) W_{l-1}, 0 < r < 1, as then (1 - αr)^k < 1",
            conditions=(DEGREE * sp.log(1 + t) > 0,),
        ),
    ]
