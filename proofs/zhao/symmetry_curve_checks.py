"""What is derived and decided about the curves of eqs. (4) and (5): constant products, real logarithms, both ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise, product
from typing import Any

import sympy as sp

from quadrics.connectivity.linear_networks import chain_product
from quadrics.connectivity.real_powers import polar_power, real_power
from quadrics.connectivity.symmetry_curves import transport

from ..check import Context
from ..derivation import Step, argued, step
from ..evidence import Outcome, Truth, decided, undecided
from ..exact import is_zero
from ..matrix_rules import matrix_equal
from ..rules import equal, recompute
from ..smt import valid

_t = sp.Symbol("t", real=True)


# -- eq. (4) ----------------------------------------------------------------------------------------------------------
def constant_product() -> list[Step]:
    n, b, c, m = sp.symbols("n b c m", integer=True, positive=True)
    M, N = sp.MatrixSymbol("M", b, b), sp.MatrixSymbol("N", c, c)
    W, P, Z = sp.MatrixSymbol("W", c, b), sp.MatrixSymbol("P", b, n), sp.MatrixSymbol("Z", m, c)
    k, tau, z = sp.symbols("k tau z", positive=True)
    return [
        step(
            matrix_equal,
            (N * W - W * M) * P + W * (M * P),
            N * (W * P),
            "W_1' = M_1 W_1, W_i' = M_i W_i - W_i M_{i-1}: if the layers below have (P)' = M_{i-1} P, as the first one "
            "has, then (W_i P)' = M_i W_i P,",
            mutants=(M * P, N * (W * P) + W * M * P),
        ),
        step(
            matrix_equal,
            -(Z * N) * (W * P) + Z * (N * (W * P)),
            sp.ZeroMatrix(m, n),
            "and with the last layer the derivative is zero: the product is constant, for any widths and depth",
            mutants=(Z * N * (W * P),),
        ),
        step(
            equal,
            sp.exp(-k * tau) * (sp.exp(tau) * z) ** k,
            z**k,
            "rescaling a homogeneous activation of degree k: e^{-kτ} σ(e^τ z) = σ(z)",
            mutants=(sp.exp(tau) * z**k,),
        ),
    ]


Inverse = Callable[[object, object], Any]

_GENERATED = (
    [[1, 1], [0, 1]],
    [[0, -1], [1, 0]],
    [[-1, 0], [0, -1]],
    [[2, 0], [0, sp.Rational(1, 3)]],
    [[1, -1], [1, 1]],
    [[3, 1], [0, 2]],
)
_WEIGHTS = ([[1, 2], [3, 5]], [[2, -1], [0, 1]], [[1, 1], [-1, 3]])


def exactly_constant(inverse: Inverse, context: Context) -> Outcome:
    """Three layers: the product along the curve, symbolic in t; the curve begins at W."""
    weights = tuple(sp.Matrix(W) for W in _WEIGHTS)
    for g, k in pairwise(_GENERATED):
        curve = transport([real_power(g, _t), real_power(k, _t)], [inverse(g, _t), inverse(k, _t)], weights)
        start = [is_zero(W.subs(_t, 0) - V) for W, V in zip(curve, weights, strict=True)]
        if not all(start):
            return decided(False if False in start else None, start=str(g))
        for time in (sp.Rational(1, 3), sp.Integer(-2)):
            product_ = chain_product([W.subs(_t, time) for W in curve]) - chain_product(weights)
            constant = is_zero(product_)
            if not constant:
                return decided(constant, g=str(g), t=str(time))
    return decided(True)


# -- eq. (5) ----------------------------------------------------------------------------------------------------------
def logarithm_of_blocks() -> list[Step]:
    lam, t = sp.symbols("lambda t", positive=True)
    N = sp.Matrix(5, 5, lambda i, j: int(j == i + 1))
    log = sum((((-1) ** (n - 1)) * (N / lam) ** n / n for n in range(1, 5)), sp.zeros(5))
    power = sum((log**n / sp.factorial(n) for n in range(5)), sp.zeros(5))
    J = sp.Matrix([[0, -1], [1, 0]])
    return [
        step(
            equal,
            sp.ImmutableMatrix(power),
            sp.ImmutableMatrix(sp.eye(5) + N / lam),
            "a block λ(I + N/λ) has the logarithm log λ + log(I + N/λ), a finite sum (here of size 5)",
            mutants=(sp.ImmutableMatrix(sp.eye(5) - N / lam),),
        ),
        step(
            recompute("the matrix exponential", lambda M: sp.ImmutableMatrix((t * M).exp().applyfunc(sp.simplify))),
            sp.ImmutableMatrix(J),
            sp.ImmutableMatrix([[sp.cos(t), -sp.sin(t)], [sp.sin(t), sp.cos(t)]]),
            "two equal blocks of a negative λ: exp(π J) = -I in each plane, times a logarithm for -λ",
            mutants=(sp.ImmutableMatrix([[sp.cos(t), sp.sin(t)], [sp.sin(t), sp.cos(t)]]),),
        ),
        argued(
            "conversely, a block of exp(M) with a negative eigenvalue comes from a block of M of the same size whose "
            "eigenvalue is not real, and the conjugate block of M gives an equal one (Culver, 1966)"
        ),
    ]


Exists = Callable[[Any], bool]


def square_roots(exists: Exists, context: Context) -> Outcome:
    """All 496 invertible 2 by 2 matrices with entries from -2 to 2: a real logarithm exactly when a real square root.

    X² = g with g no multiple of I means (tr X) X = g + (det X) I with (tr X)² = tr g + 2 det X, det X = ±√(det g).
    """
    found = 0
    for entries in product(range(-2, 3), repeat=4):
        g = sp.Matrix(2, 2, entries)
        determinant, trace = g.det(), g.trace()
        if determinant == 0:
            continue
        scalar = g == g[0, 0] * sp.eye(2)
        has_root = determinant > 0 and (scalar or bool(trace + 2 * sp.sqrt(determinant) > 0))
        if exists(g) != has_root:
            return decided(False, g=str(entries))
        found += 1
    return decided(found == 496, matrices=found)


Curve = Callable[[Any, Any, Any], Sequence[Any]]


def joins(curve: Curve, context: Context) -> Outcome:
    """γ(0) = w, γ(1) = g·w, exactly, and W_2 W_1 is the same at t = 1/3."""
    W1, W2 = (sp.Matrix(W) for W in _WEIGHTS[:2])
    for g in (*_GENERATED, [[3]]):
        first, second = (W1, W2) if len(g) == 2 else (sp.Matrix([[2]]), sp.Matrix([[5]]))
        element = sp.Matrix(g)
        ends = [curve(g, (first, second), sp.Integer(t)) for t in (0, 1)]
        wanted = [(first, second), (element * first, second * element.inv())]
        pairs = [a - b for end, right in zip(ends, wanted, strict=True) for a, b in zip(end, right, strict=True)]
        below, above = curve(g, (first, second), sp.Rational(1, 3))
        pairs.append(above * below - second * first)
        answers = [is_zero(pair) for pair in pairs]
        if not all(answers):
            return decided(False if False in answers else None, g=str(g))
    return decided(True)


def polar_ends(curve: Curve, context: Context) -> Outcome:
    """All 24 matrices with entries -1, 0, 1 and positive determinant (quick: the first of them), logarithm or not."""
    W1, W2 = (sp.Matrix(W) for W in _WEIGHTS[:2])
    elements = [sp.Matrix(2, 2, e) for e in product((-1, 0, 1), repeat=4)]
    elements = [g for g in elements if g.det() > 0][:: context.pick(quick=24, full=1)]
    for g in [*elements, sp.Matrix([[-1, 0], [0, -2]])]:
        first, second = curve(g, (W1, W2), sp.Integer(1))
        start, _ = curve(g, (W1, W2), sp.Integer(0))
        answers = [is_zero(first - g * W1), is_zero(second - W2 * g.inv()), is_zero(start - W1)]
        if not all(answers):
            return decided(False if False in answers else None, g=str(g))
    return decided(True)


def no_square_root(exists: Exists, context: Context) -> Outcome:
    """Where a real logarithm M is said to exist, exp(M/2) would be a real square root: z3 looks for one."""
    entries = sp.symbols("a b c d")
    X = sp.Matrix(2, 2, entries)
    for g in ([[0, -1], [1, 0]], [[-1, 0], [0, -1]], [[-1, 0], [0, -2]], [[1, 0], [0, -1]], [[-1, 1], [0, -1]]):
        if not exists(g):
            continue
        equations = [sp.Eq(sp.expand(e), value) for e, value in zip(X * X, sp.Matrix(g), strict=True)]
        answer = valid(sp.Not(sp.And(*equations)))
        if answer.truth is Truth.HOLDS:
            return decided(False, g=str(g), real_square_roots=0)
        if answer.truth is Truth.UNDECIDED:
            return undecided(g=str(g))
    return decided(True)


def rotated(g: Any, weights: Sequence[Any], t: Any) -> Sequence[Any]:
    """A mutant: the curve of the orthogonal factor alone, g (gᵀg)^{-1/2}, run for the whole time."""
    turn = polar_power(g, 1) * polar_power(g.T * g, -sp.Rational(1, 2))
    move_ = sp.eye(2) if t == 0 else turn
    return transport([move_], [move_.inv()], weights)
