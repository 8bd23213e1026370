"""Section 5: where rescalings take a neuron (Proposition 4), and how they pass permutations (Lemma 3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations, product
from typing import Any

import sympy as sp
import z3

from quadrics.forms import imbalance
from quadrics.network import Neuron, Parameters, TwoLayer
from quadrics.rescaling import (
    RescalingCase,
    quartic,
    rescaling_case,
    rescaling_factor,
    squared_roots,
    stable_rescaling_factor,
)
from quadrics.symmetry import interchange, permute, rescale

from .. import indexed
from ..check import Context, Control, certificate, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..rules import divide, entails, equal, solve_for, substitute
from ..smt import valid
from ..vectors import bilinear, inner, norm2, vectors
from . import section_5_functions

Factor = Callable[[Any, Any, Any], Any]
Table = Callable[[Any, Any, Any], RescalingCase]
HALF = sp.Rational(1, 2)


def _quartic_and_its_root() -> list[Step]:
    w, a = vectors("w a")
    alpha = sp.Symbol("alpha", positive=True)
    (A, C, c), positive, negative = squared_roots()
    u = sp.Symbol("u")
    moved = alpha**2 * inner("w", "w") - inner("a", "a") / alpha**2
    norms = {inner("w", "w"): A, inner("a", "a"): C}
    quadratic = sp.expand(quartic(A, C, c, alpha)).subs({alpha**4: u**2, alpha**2: u})
    # The same with symbols that carry no assumptions, for z3.
    a_, c_, k, p, r, s = sp.symbols("A C c p r S")
    at = [sp.Eq(quartic(a_, c_, k, v).subs({v**4: v**2, v**2: v}, simultaneous=True), 0) for v in (p, r)]
    norms_positive = sp.And(a_ > 0, c_ > 0)
    return [
        step(bilinear, norm2(alpha * w) - norm2((1 / alpha) * a), moved, "⟨⟨T_α θ, T_α θ⟩⟩, in any dimension"),
        step(
            divide(alpha**-2),
            sp.Eq(moved.subs(norms) - c, 0),
            sp.Eq(quartic(A, C, c, alpha), 0),
            "equal to c, multiplied by α²: eq. (22), with A = |w|², C = |a|²",
            conditions=[sp.Ne(alpha, 0)],
        ),
        step(solve_for(u), sp.Eq(quadratic, 0), [positive, negative], "a quadratic in u = α²"),
        step(equal, positive * negative, -C / A, "the product of its roots (Vieta)"),
        step(entails, sp.And(norms_positive, sp.Eq(a_ * p, -c_)), p < 0, "is negative: the roots have opposite signs"),
        step(entails, sp.And(norms_positive, *at, p > 0, r > 0), sp.Eq(p, r), "no two different positive roots"),
        step(
            entails,
            sp.And(norms_positive, s >= 0, sp.Eq(s**2, k**2 + 4 * a_ * c_)),
            k + s > 0,
            "the selected one, (c + S)/(2A) with S = √(c² + 4AC), is positive",
        ),
        step(equal, quartic(A, C, c, rescaling_factor(A, C, c)), sp.Integer(0), "its root, eq. (23), solves eq. (22)"),
    ]


def _stable_form() -> list[Step]:
    A, C = sp.symbols("A C", positive=True)
    n, p = sp.Symbol("c", negative=True), sp.Symbol("c", nonnegative=True)
    return [
        step(equal, stable_rescaling_factor(A, C, n) ** 2, rescaling_factor(A, C, n) ** 2, "2C/(S - c) = (c + S)/(2A)"),
        step(equal, stable_rescaling_factor(A, C, p), rescaling_factor(A, C, p), "the same formula for c >= 0"),
    ]


def _degenerate_solutions() -> list[Step]:
    A, C = sp.symbols("A C", positive=True)
    n, p = sp.Symbol("c", negative=True), sp.Symbol("c", positive=True)
    alpha, a, c = sp.Symbol("alpha", positive=True), sp.Symbol("A", nonnegative=True), sp.Symbol("c", real=True)
    without_input, without_output = rescaling_factor(0, C, n), rescaling_factor(A, 0, p)
    return [
        step(substitute({alpha: without_input}), quartic(0, C, n, alpha), sp.Integer(0), "w = 0, c < 0: α = |a|/√(-c)"),
        step(substitute({alpha: without_output}), quartic(A, 0, p, alpha), sp.Integer(0), "a = 0, c > 0: α = √c/|w|"),
        step(substitute({a: 0, c: 0}), quartic(a, 0, c, alpha), sp.Integer(0), "w = 0, a = 0, c = 0: every α"),
    ]


def _no_rescaling(hypothesis: Callable[[Any], Any]) -> Any:
    """A neuron with w = 0 has no rescaling into Q(c) under this hypothesis on c; the same for a = 0 with -c."""
    A, C, c, alpha = sp.symbols("A C c alpha")
    given = sp.And(alpha > 0, A > 0, C > 0)
    first = sp.Implies(sp.And(given, hypothesis(c)), sp.Ne(quartic(0, C, c, alpha), 0))
    second = sp.Implies(sp.And(given, hypothesis(-c)), sp.Ne(quartic(A, 0, c, alpha), 0))
    return sp.And(first, second)


def _one_rescaling(power: int) -> Any:
    """Two positive α that take one non-zero neuron to one quadric are equal (``power`` 1; a mutant compares others)."""
    A, C, c, p, r = sp.symbols("A C c p r")
    both = [sp.Eq(sp.expand(quartic(A, C, c, v)), 0) for v in (p, r)]
    given = sp.And(A >= 0, C >= 0, sp.Or(A > 0, C > 0), p > 0, r > 0, *both)
    return sp.Implies(given, sp.Eq(p, power * r))


def _counts_roots(table: Table, context: Context) -> Outcome:
    """The table against all positive roots of the quartic, found exactly, on a rational grid."""
    cases = 0
    alpha = sp.Symbol("alpha", real=True)
    grid = (0, sp.Rational(1, 4), 1, 3)
    for A, C, c in product(grid, grid, (-2, -HALF, 0, HALF, 2)):
        cases += 1
        polynomial = sp.Poly(quartic(A, C, c, alpha), alpha)
        if polynomial.is_zero:
            found = RescalingCase.EVERY
        else:
            # Sturm counts distinct real roots in an interval; α = 0 is no rescaling.
            roots = polynomial.count_roots(0, sp.oo) - int(polynomial.eval(0) == 0)
            found = {0: RescalingCase.NONE, 1: RescalingCase.UNIQUE}.get(roots, RescalingCase.EVERY)
        if table(A, C, c) is not found:
            return decided(False, A=A, C=C, c=c, table=str(table(A, C, c)), roots=str(found))
    return decided(True, cases=cases)


def _swapped(table: Table) -> Table:
    return lambda A, C, c: table(A, C, c) if A and C else table(C, A, c)


def _lands(factor: Factor, context: Context) -> Outcome:
    """Rescaled rational networks have exactly the wanted imbalances, with and without biases, d, e <= 2."""
    cases = 0
    for w, a, b, c in product(((3, 4), (0, 1), (HALF,)), ((5,), (1, 2)), (None, 2), (-7, -HALF, 0, HALF, 7)):
        theta = Parameters.from_neurons([Neuron(w, a, b)])
        neuron = theta.neuron(0)
        alpha = factor(neuron.input_square, neuron.output_square, sp.sympify(c))
        cases += 1
        if not alpha.is_positive or sp.radsimp(imbalance(rescale(theta, [alpha]))[0] - c) != 0:
            return decided(False, w=w, a=a, b=b, c=c)
    return decided(True, cases=cases)


def _lemma_3(moved: Callable[[Any, Any, Any], Any]) -> indexed.Formula:
    """Neuron i of T_α P_π(θ) and of P_π T_α̃(θ), with α̃_j = moved(α, π, j), for every width."""
    pi, i = indexed.Bijection("pi"), z3.Int("i")
    alpha, w = (z3.Function(name, z3.IntSort(), z3.RealSort()) for name in ("alpha", "w"))
    left = alpha(i) * w(pi(i))
    right = moved(alpha, pi, pi(i)) * w(pi(i))
    return indexed.Formula(pi.facts, left == right)


def _interchanges(tilde: Callable[[Sequence[Any], Sequence[int]], Sequence[Any]], context: Context) -> Outcome:
    cases = 0
    for width in range(1, 5):
        theta = TwoLayer(1, width, 1, bias=True).symbols()
        alpha = sp.symbols(f"alpha1:{width + 1}", positive=True)
        for perm in permutations(range(width)):
            cases += 1
            if rescale(permute(theta, perm), alpha) != permute(rescale(theta, tilde(alpha, perm)), perm):
                return decided(False, l=width, perm=perm)
    return decided(True, cases=cases)


CLAIMS = (
    Claim(
        "nurisso.lemma3",
        Kind.THEOREM,
        "Interchange of rescalings and permutations",
        Source("nurisso", "Lemma 3", "C"),
        r"$T_\alpha P_\pi(\theta)=P_\pi T_{\tilde\alpha}(\theta)$ with $\tilde\alpha=R_{\pi^{-1}}\alpha$, that is, "
        r"$\tilde\alpha_j=\alpha_{\pi^{-1}(j)}$.",
        uses=("nurisso.eq3", "nurisso.eq4"),
        evidence=[
            certificate(
                "the factor of neuron i on either side, for every width",
                lambda: lambda alpha, pi, j: alpha(pi.inverse(j)),
                lambda moved, context: indexed.decide(lambda: _lemma_3(moved)),
                [
                    Control("α itself", lambda _: lambda alpha, pi, j: alpha(j)),
                    Control("R_π α", lambda _: lambda alpha, pi, j: alpha(pi(j))),
                ],
            ),
            enumeration(
                "symbolic factors, all permutations of l <= 4 neurons",
                lambda: interchange,
                _interchanges,
                [Control("α itself", lambda _: lambda alpha, perm: alpha)],
            ),
        ],
    ),
    Claim(
        "nurisso.prop4",
        Kind.THEOREM,
        "Unique rescaling into each quadric",
        Source("nurisso", "Proposition 4", "5 and D.5"),
        r"If $w,a\neq0$ then for every $c$ exactly one $\alpha>0$ takes the neuron to $\mathcal{Q}(c)$, the root "
        r"$\alpha=\sqrt{(c+\sqrt{c^2+4|w|^2|a|^2})/(2|w|^2)}$ of $|w|^2\alpha^4-c\alpha^2-|a|^2=0$. If $w=0\neq a$ "
        r"this holds for $c<0$ and no $\alpha$ does otherwise; if $a=0\neq w$, for $c>0$; the zero neuron lies in "
        r"$\mathcal{Q}(0)$ only.",
        relation=lambda: sp.Eq(sp.Symbol("alpha"), rescaling_factor(*squared_roots()[0])),
        uses=("nurisso.eq2", "nurisso.eq12"),
        evidence=[
            Derivation("the quartic, its one positive root, eq. (23)", _quartic_and_its_root),
            Derivation("the form without cancellation for c < 0 is the same number", _stable_form),
            Derivation("degenerate neurons: the rescalings there are", _degenerate_solutions),
            certificate(
                "degenerate neurons: no others (w = 0 with c >= 0, a = 0 with c <= 0)",
                lambda: _no_rescaling(lambda c: c >= 0),
                lambda formula, context: valid(formula),
                [Control("any c", lambda _: _no_rescaling(lambda c: sp.true))],
            ),
            certificate(
                "two positive α for one non-zero neuron and one c are equal",
                lambda: _one_rescaling(1),
                lambda formula, context: valid(formula),
                [Control("one is twice the other", lambda _: _one_rescaling(2))],
            ),
            enumeration(
                "the whole table against root counts, 80 rational cases",
                lambda: rescaling_case,
                _counts_roots,
                [Control("w = 0 and a = 0 interchanged", _swapped)],
            ),
            enumeration(
                "60 rational neurons land on their quadrics exactly",
                lambda: rescaling_factor,
                _lands,
                [
                    Control("sign of c flipped", lambda f: lambda A, C, c: f(A, C, -c)),
                    Control("α² in place of α", lambda f: lambda A, C, c: f(A, C, c) ** 2),
                ],
            ),
        ],
    ),
    *section_5_functions.CLAIMS,
)
