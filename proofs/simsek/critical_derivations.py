"""Derivations about symmetry-induced critical points: their dimension, gradient and number, for all sizes."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
import z3

from quadrics.expansion.critical.unknown_activation import UNKNOWN

from ..derivation import Step, step
from ..indexed import Formula
from ..rules import equal, substitute
from ..sum_rules import derivative_of_sums, sums

INDICES = sp.symbols("j n o t", integer=True, positive=True)
N, D_OUT, K, R = sp.symbols("N d_out k r", integer=True, positive=True)


def dimension_of_copies() -> list[Step]:
    j, _, _, t = INDICES
    k, beta, a, s = sp.IndexedBase("k"), sp.IndexedBase("beta"), sp.Symbol("a_t"), sp.Symbol("sigma_t")
    width, one = sp.Symbol("m"), sp.Symbol("one")
    shares = sp.Sum(beta[j], (j, 1, K))
    return [
        step(
            sums({width: sp.Sum(k[t], (t, 1, R))}),
            sp.Sum(k[t] - 1, (t, 1, R)),
            width - R,
            "k_t shares with one equation each, and the sizes add up to m",
        ),
        step(
            sums({one: shares}), sp.Sum(beta[j] * a * s, (j, 1, K)), one * a * s, "copies have the same σ(w·x) =: σ_t"
        ),
        step(substitute({one: 1}), one * a * s, a * s, "so the outputs are those of the core"),
    ]


def gradient_of_copies() -> list[Step]:
    """One incoming and one outgoing coordinate of one copy; z_n = w x_n + s_n, the rest of the outputs in g."""
    _, n, o, _ = INDICES
    e, x, s, a, g = (sp.IndexedBase(name) for name in ("e", "x", "s", "a", "g"))
    w, beta, u, v, A = sp.symbols("w beta U_i V_o A")
    everything = ((o, 1, D_OUT), (n, 1, N))
    z = w * x[n] + s[n]
    first_order = sp.Sum(e[n, o] * (g[n, o] + beta * a[o] * UNKNOWN(z)), *everything) / N
    narrow = sp.Sum(e[n, o] * a[o] * UNKNOWN.derivative(z) * x[n], *everything) / N
    outward = sp.Sum(e[n, o] * UNKNOWN(z), (n, 1, N)) / N
    return [
        step(
            derivative_of_sums(w),
            first_order,
            beta * narrow,
            "the loss to first order in the outputs, where e_n is the derivative of c, by an incoming weight of a copy",
        ),
        step(
            sums({u: N * narrow}),
            beta * narrow,
            beta * u / N,
            "β times the component of the core's gradient, as e_n is that of the core: the outputs agree (eq. 4)",
        ),
        step(substitute({u: 0}), beta * u / N, sp.Integer(0), "which vanishes"),
        step(
            derivative_of_sums(A),
            sp.Sum(e[n, o] * (g[n, o] + A * UNKNOWN(z)), (n, 1, N)) / N,
            outward,
            "by an outgoing weight A of a copy: β has dropped out",
        ),
        step(sums({v: N * outward}), outward, v / N, "the component of the core's gradient"),
        step(substitute({v: 0}), v / N, sp.Integer(0), "which vanishes as well"),
    ]


def number_of_words() -> list[Step]:
    n, k, rest = sp.symbols("n k rest", integer=True, positive=True)
    return [
        step(equal, sp.factorial(n) / sp.factorial(n), sp.Integer(1), "one label: a single word"),
        step(
            equal,
            sp.factorial(n) / (sp.factorial(k) * sp.factorial(n - k)) * sp.factorial(n - k) / rest,
            sp.factorial(n) / (sp.factorial(k) * rest),
            "one label more, k times among n letters: k of n positions, times the words for the others, "
            "(n-k)!/(product of factorials), is n!/(product of factorials) again: so by induction on the labels",
        ),
    ]


def disjoint() -> Formula:
    """Two words that give the same incoming weights everywhere are the same word, as the core's are distinct."""
    integers = z3.IntSort()
    weight, first, second = (z3.Function(name, integers, integers) for name in ("w", "P", "Q"))
    i = z3.Int("i")
    distinct = z3.Implies(weight(first(i)) == weight(second(i)), first(i) == second(i))
    return Formula([distinct, weight(first(i)) == weight(second(i))], first(i) == second(i))


def without_irreducibility(_: Callable[[], Formula]) -> Callable[[], Formula]:
    def build() -> Formula:
        formula = disjoint()
        return Formula(formula.hypotheses[1:], formula.conclusion)

    return build
