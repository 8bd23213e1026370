"""Section 3.2: what rescalings and permutations generate together, and the equivalences they do not explain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations, product
from typing import Any

import sympy as sp
import z3

from quadrics.network import Parameters, TwoLayer
from quadrics.symmetry import RescalingPermutation, permute

from .. import indexed
from ..check import Context, Control, certificate, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..evidence import Outcome, decided
from ..smt import valid


def _group_law() -> indexed.Formula:
    """P_π T_α P_ρ T_β = P_(ρ∘π) T_(α̃β) with α̃_j = α_(ρ⁻¹(j)): the factor that arrives at neuron i, of any width."""
    return _law(lambda alpha, pi, rho, j: alpha(rho.inverse(j)))


def _law(moved: Callable[[Any, Any, Any, Any], Any]) -> indexed.Formula:
    pi, rho, i = indexed.Bijection("pi"), indexed.Bijection("rho"), z3.Int("i")
    alpha, beta, w = (z3.Function(name, z3.IntSort(), z3.RealSort()) for name in ("alpha", "beta", "w"))
    step_by_step = alpha(pi(i)) * (beta(rho(pi(i))) * w(rho(pi(i))))
    source = rho(pi(i))
    at_once = moved(alpha, pi, rho, source) * beta(source) * w(source)
    return indexed.Formula([*pi.facts, *rho.facts], step_by_step == at_once)


def _closed(compose: Callable[[Any, Any], Any], context: Context) -> Outcome:
    """Composition and inverse in normal form agree with doing one after the other, for all permutations, l <= 3."""
    cases = 0
    for width in (1, 2, 3):
        theta = TwoLayer(1, width, 1, bias=True).symbols()
        alpha, beta = (sp.symbols(f"{name}1:{width + 1}", positive=True) for name in ("alpha", "beta"))
        identity = RescalingPermutation.identity(width)
        for pi, rho in product(permutations(range(width)), repeat=2):
            g, h = RescalingPermutation(pi, alpha), RescalingPermutation(rho, beta)
            cases += 1
            if compose(g, h)(theta) != g(h(theta)) or compose(g, g.inverse()) != identity:
                return decided(False, pi=pi, rho=rho)
    return decided(True, cases=cases)


_SYMBOLS_USED = {"Definition 2": "rp", "Theorem 2": "rp"}

# Two networks with one function: the same three directions, each turned around.
_DIRECTIONS = ((1, 0), (0, 1), (-1, -1))


def _same_function(masses: tuple[Sequence[int], Sequence[int]], context: Context) -> Outcome:
    """Σ m_r relu(u_r·x) = Σ n_r relu(-u_r·x) for every x in the plane, by z3: relu(z) is v >= 0, z with v(v-z) = 0."""
    x, y = sp.symbols("x y")
    facts, left, right = [], sp.Integer(0), sp.Integer(0)
    for r, (u, m, n) in enumerate(zip(_DIRECTIONS, *masses, strict=True)):
        z = u[0] * x + u[1] * y
        for sign in (1, -1):
            value = sp.Symbol(f"relu_{r}_{'plus' if sign > 0 else 'minus'}")
            facts += [value >= 0, value - sign * z >= 0, sp.Eq(value * (value - sign * z), 0)]
            if sign > 0:
                left += m * value
            else:
                right += n * value
    return valid(sp.Implies(sp.And(*facts), sp.Eq(left, right)))


def _not_equivalent(second: Sequence[Sequence[int]], context: Context) -> Outcome:
    """No rescaling and permutation takes {+u_r} to the network with these directions: 6 permutations, α by z3."""
    alpha = sp.symbols("alpha1:4", positive=True)
    theta = Parameters([list(u) for u in _DIRECTIONS], [[1, 1, 1]])
    target = Parameters([list(u) for u in second], [[1, 1, 1]])
    for perm in permutations(range(3)):
        moved = permute(theta, perm)
        equations = [
            sp.Eq(alpha[k] * v, t, evaluate=False)
            for k in range(3)
            for v, t in zip(moved.W1.row(k), target.W1.row(k), strict=True)
        ]
        equations += [sp.Eq(moved.W2[0, k], alpha[k] * target.W2[0, k], evaluate=False) for k in range(3)]
        answer = valid(sp.Not(sp.And(*equations)))
        if answer.truth != "holds":
            return answer
    return decided(True, permutations=6)


CLAIMS = (
    Claim(
        "nurisso.rp",
        Kind.THEOREM,
        "Normal form of rescalings and permutations",
        Source("nurisso", "rp-equivalence", "3.2"),
        r"$\theta'\stackrel{rp}{\sim}\theta$, that is, $\theta'$ arises from $\theta$ by finitely many rescalings "
        r"and permutations, exactly when $\theta'=P_\pi T_\alpha(\theta)$ for one $\pi$ and one $\alpha$: such maps "
        r"are closed under composition and inversion, $P_\pi T_\alpha P_\rho "
        r"T_\beta=P_{\rho\circ\pi}T_{\tilde\alpha\beta}$ with $\tilde\alpha=R_{\rho^{-1}}\alpha$.",
        uses=("nurisso.eq3", "nurisso.eq4", "nurisso.lemma3"),
        evidence=[
            certificate(
                "the factor that arrives at neuron i, for every width",
                lambda: _group_law,
                indexed.decide,
                [
                    Control("α not moved along", lambda _: lambda: _law(lambda a, pi, rho, j: a(j))),
                    Control("α moved the other way", lambda _: lambda: _law(lambda a, pi, rho, j: a(rho(j)))),
                ],
            ),
            enumeration(
                "composition and inverse, for symbolic factors and all permutations of l <= 3 neurons",
                lambda: lambda g, h: g @ h,
                _closed,
                [Control("the other order", lambda _: lambda g, h: h @ g)],
            ),
        ],
    ),
    Claim(
        "nurisso.rp.printed",
        Kind.DEFINITION,
        "The symbol of rp-equivalence as printed",
        Source("nurisso", "rp-equivalence", "3.2"),
        r"The relation that Definition 2 and Theorem 2 use is the one that section 3.2 defines, $\stackrel{op}{\sim}$.",
        label=Label.TYPO,
        erratum="Section 3.2 writes 'op' over the tilde, everything after it 'rp'.",
        evidence=[
            counterexample(
                "the symbols of Definition 2 and Theorem 2 against the one that is defined",
                lambda: "op",
                lambda defined, context: decided(set(_SYMBOLS_USED.values()) == {defined}, used=_SYMBOLS_USED),
                [Control("rp", lambda _: "rp")],
            )
        ],
    ),
    Claim(
        "nurisso.obs-vs-rp",
        Kind.REMARK,
        "Observational equivalence is coarser than rp-equivalence",
        Source("nurisso", "Observational equivalence", "3.2 and 5"),
        r"Networks with one function need not be rp-equivalent. For $u_1+u_2+u_3=0$, $\sum_r\mathrm{relu}(u_r\cdot "
        r"x)=\sum_r\mathrm{relu}(-u_r\cdot x)$ for all $x$, and no rescaling and permutation takes one network, of "
        r"non-degenerate neurons throughout, to the other.",
        uses=("nurisso.rp",),
        evidence=[
            certificate(
                "one function on the whole plane, u = (1, 0), (0, 1), (-1, -1)",
                lambda: ((1, 1, 1), (1, 1, 1)),
                _same_function,
                [Control("one mass doubled", lambda _: ((1, 1, 2), (1, 1, 1)))],
            ),
            certificate(
                "no rescaling and permutation between them",
                lambda: [[-u for u in direction] for direction in _DIRECTIONS],
                _not_equivalent,
                [Control("the same directions in another order", lambda _: [_DIRECTIONS[i] for i in (1, 2, 0)])],
            ),
        ],
    ),
)
