"""Beyond Şimşek et al.: finitely many derivatives suffice for Lemma B.5, and how many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import sympy as sp

from quadrics.expansion.activations.null_functions import null_dimension
from quadrics.smooth_activation import SmoothActivation, Z

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..rules import equal

Enough = Callable[[int, int, int], bool]  # of p, numbers of even (positive) and odd orders


def _orders_decide(enough: Enough, context: Context) -> Outcome:
    """Polynomial activations with prescribed orders: is Σ a σ(β x) constant for a = 0 alone, for p pairs ±β?"""
    nodes = (1, 2, 3, sp.Rational(1, 2))
    even_orders, odd_orders = (2, 4, 10, 12), (1, 5, 7, 9)
    for p in range(1, context.pick(quick=4, full=5)):
        scales = [s * b for b in nodes[:p] for s in (1, -1)]
        for n in range(5):
            for k in range(5):
                orders = [*even_orders[:n], *odd_orders[:k]]
                matrix = sp.Matrix(len(orders), 2 * p, [sp.sympify(b) ** o for o in orders for b in scales])
                independent = (matrix.rank() if orders else 0) == 2 * p
                activation = SmoothActivation("polynomial", sp.Add(1, *(Z**o for o in orders)))
                by_formula = null_dimension(activation, p, up_to_a_constant=True) == 0
                if not independent == by_formula == enough(p, n, k):
                    return decided(False, p=p, even=n, odd=k)
    return decided(True)


def _schur(k: int, exponents: Sequence[int]) -> Any:
    """det [x_j^e_i] over the Vandermonde determinant: a Schur polynomial, as an exact quotient."""
    x = sp.symbols(f"x1:{k + 1}")
    top = sp.Matrix(k, k, lambda i, j: x[j] ** exponents[i]).det(method="berkowitz")
    bottom = sp.Mul(*(x[j] - x[i] for i, j in combinations(range(k), 2)))
    quotient, rest = sp.div(sp.Poly(sp.expand(top), *x), sp.Poly(sp.expand(bottom), *x))
    return quotient if rest.is_zero else None


Positive = Callable[[Any], bool]


def _determinants_are_positive(positive: Positive, context: Context) -> Outcome:
    """All exponents 0 ≤ e_1 < ... < e_k ≤ 6 for k ≤ 3 (quick) or 4 (full)."""
    cases = 0
    for k in range(1, context.pick(quick=4, full=5)):
        for exponents in combinations(range(7), k):
            cases += 1
            quotient = _schur(k, exponents)
            if quotient is None or not positive(quotient):
                return decided(False, exponents=exponents)
    return decided(True, cases=cases)


def _no_negative_coefficient(quotient: Any) -> bool:
    return not quotient.is_zero and all(c > 0 for c in quotient.coeffs())


def _finite_steps() -> list[Step]:
    a, b, n = sp.symbols("a_plus a_minus n", integer=True)
    beta = sp.Symbol("beta", positive=True)
    return [
        step(
            equal,
            a * beta ** (2 * n) + b * (-beta) ** (2 * n),
            (a + b) * (beta**2) ** n,
            "the derivative of order 2 n at 0: a combination of powers of the p distinct positive numbers β²",
        ),
        step(
            equal,
            a * beta ** (2 * n + 1) + b * (-beta) ** (2 * n + 1),
            (a - b) * beta * (beta**2) ** n,
            "and of odd order",
        ),
        argued(
            "p such powers (exponents e_1 < ... < e_p) make a generalized Vandermonde matrix of positive nodes, whose "
            "determinant is the Vandermonde determinant times a Schur polynomial with coefficients ≥ 0, not all 0"
        ),
        argued("so p even orders give a + b = 0 for each pair and p odd ones a - b = 0; with less there are relations"),
    ]


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.simsek.finitely-many-derivatives",
        Kind.THEOREM,
        "Finitely many derivatives suffice",
        Source("simsek", "beyond Lemma B.5", "B.3"),
        r"Let $p$ be the number of distinct $|\beta_l| \ne 0$. If $\sigma$ has $p$ nonzero derivatives at 0 of even "
        r"positive order and $p$ of odd order, Lemma B.5 holds; and if all $\pm\beta_l$ occur and $\sigma$ is a "
        r"polynomial with fewer, it fails. So Theorem 4.2 at width $m$ needs $m + r^*$ of either parity only: a "
        "polynomial of sufficient degree will do.",
        uses=("simsek.lemB.5", "simsek.thm4.2"),
        evidence=(
            Derivation("powers of positive nodes", _finite_steps),
            enumeration(
                "generalized Vandermonde determinants over the plain one: polynomials with positive coefficients; "
                "exponents up to 6, k ≤ 3 (quick) or 4 (full)",
                lambda: _no_negative_coefficient,
                _determinants_are_positive,
                [
                    Control("all coefficients are 1", lambda _: lambda q: all(c == 1 for c in q.coeffs())),
                    Control("constant", lambda _: lambda q: q.is_ground),
                ],
            ),
            enumeration(
                "polynomial activations with up to 4 even and 4 odd orders, p ≤ 3 (quick) or 4 (full) pairs",
                lambda: lambda p, even, odd: even >= p and odd >= p,
                _orders_decide,
                [
                    Control("one order less", lambda _: lambda p, even, odd: even >= p - 1 and odd >= p - 1),
                    Control("2 p orders in total", lambda _: lambda p, even, odd: even + odd >= 2 * p),
                ],
            ),
        ),
    ),
)
