"""Beyond section 5 and appendix F: which targets a component expresses, and how often none is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import sympy as sp

from quadrics.activation import Activation, leaky_relu, relu
from quadrics.forms import imbalance
from quadrics.invariant_set import InvariantSet
from quadrics.network import Parameters, TwoLayer
from quadrics.reachability import KinkTarget, missing_signs
from quadrics.realization import realize

from ..check import Context, Control, certificate, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..neuron_counts import count
from ..nurisso.effective_instances import generic_network
from ..rules import equal
from ..smt import valid

Formula = Callable[..., Any]


def _reach_for_every_width(missing: Formula, context: Context) -> Outcome:
    """The free neurons suffice exactly when some number of them, made positive, leaves enough for both signs."""
    P, N, p, n, m, up = (count(name) for name in ("P", "N", "p", "l_minus", "m", "up"))

    def enough(positive: Any) -> Any:
        return sp.And(p + positive >= P, n - p + m - positive >= N, positive >= 0, positive <= m)

    said = missing(P, N, p, n) <= m
    only_then = sp.Implies(sp.And(p <= n, enough(up)), said)
    then = sp.Implies(sp.And(p <= n, said), enough(sp.Max(P - p, 0)))
    return valid(sp.And(only_then, then))


def _reach_enumerated(missing: Formula, context: Context) -> Outcome:
    most = context.pick(quick=5, full=7)
    cases = 0
    for n, m, P, N in product(range(most), repeat=4):
        for p in range(n + 1):
            cases += 1
            written = any(p + up >= P and n - p + m - up >= N for up in range(m + 1))
            if (missing(P, N, p, n) <= m) != written:
                return decided(False, l_minus=n, free=m, P=P, N=N, p=p)
    return decided(True, cases=cases)


Realizing = Callable[[Parameters, Sequence[int], tuple[int, ...], Activation], Parameters | None]


def _realized(theta: Parameters, c: Sequence[int], signs: tuple[int, ...], sigma: Activation) -> Parameters | None:
    """The package's network on this component, or None where it says that there is none."""
    reachable = KinkTarget.of(theta, sigma).is_reachable(c, signs)
    return realize(theta, c, signs, sigma) if reachable else None


def _realizations_are_exact(realizing: Realizing, context: Context) -> Outcome:
    """In H(c), on the right component, the same function at eight points; and none is left out that could be there."""
    inputs = sp.Matrix([[1, -1, 2, 0, -3, 1, 0, -2], [0, 1, 1, -1, -1, 5, 2, 3]])
    targets = (generic_network(1, 1, 0), generic_network(2, 1, 2))
    for (theta, sigma), c in product(
        zip(targets, (relu, leaky_relu(sp.Rational(1, 4))), strict=True), ((-1, -1, 1), (-1, -2, -3), (-1, -1, 2, 0))
    ):
        H = InvariantSet(2, 1, c)
        positive = sum(bool(a > 0) for a in theta.W2)
        for component in H.components():
            p, q = component.number_of_positive_signs, component.signs.count(-1)
            free = len(c) - len(component.signs)
            possible = any(p + up >= positive and q + free - up >= theta.width - positive for up in range(free + 1))
            point = realizing(theta, c, component.signs, sigma)
            if (point is not None) != possible:
                return decided(False, c=c, s=component.signs, possible=possible)
            if point is None:
                continue
            old = TwoLayer(2, theta.width, activation=sigma).output(inputs, theta)
            new = TwoLayer(2, point.width, activation=sigma).output(inputs, point)
            there = all(sp.expand(sp.radsimp(v - w)) == 0 for v, w in zip(imbalance(point), c, strict=True))
            right = H.component_of(point) == component if there else False
            if not right or any(sp.expand(v) != 0 for v in old - new):
                return decided(False, c=c, s=component.signs)
    return decided(True)


def _probability(P: int, N: int, width: int, rho: Any) -> Any:
    return KinkTarget(P, N).obstruction_probability(width, rho)


def _probability_enumerated(said: Callable[[int, int, int, Any], Any], context: Context) -> Outcome:
    """All 3^l outcomes (positive pathological, negative pathological, free), with symbolic ρ."""
    rho = sp.Symbol("rho")
    chance = {1: rho / 2, -1: rho / 2, 0: 1 - rho}
    for width, P, N in product(range(1, context.pick(quick=4, full=6)), range(3), range(3)):
        total = sp.Integer(0)
        for outcome in product((1, -1, 0), repeat=width):
            p, n, m = (outcome.count(v) for v in (1, -1, 0))
            if not any(p + up >= P and n + m - up >= N for up in range(m + 1)):
                total += sp.Mul(*(chance[v] for v in outcome))
        if sp.expand(said(P, N, width, rho) - total) != 0:
            return decided(False, width=width, P=P, N=N)
    return decided(True)


def _disconnected(P: int, N: int, width: int, rho: Any) -> Any:
    return 1 - (1 - rho) ** width


def _toy_probability() -> list[Step]:
    rho = sp.Symbol("rho", positive=True)
    return [
        step(
            equal, _probability(0, 1, 2, rho), (rho / 2) ** 2, "the toy target is lost when both neurons are positive"
        ),
        step(
            equal, _probability(0, 1, 2, sp.pi / 12), (sp.pi / 24) ** 2, "which under the toy initialization is 1.7 %"
        ),
        step(
            equal, _disconnected(0, 1, 2, sp.pi / 12), sp.pi / 6 - sp.pi**2 / 144, "while H(c) is disconnected in 46 %"
        ),
    ]


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.nurisso.reachability",
        Kind.THEOREM,
        "Reachable targets, and the probability of a true obstruction",
        Source("beyond", "on Section 5 and Appendix F"),
        r"A target with $P$ hyperplanes of positive and $N$ of negative kink, written with as many neurons, is in "
        r"$F(C_s)$ if and only if $l - l_- \ge (P - p(s))_+ + (N - l_- + p(s))_+$. When neurons are independent, "
        r"pathological with probability $\rho$ and of fair sign, it is out of reach with the trinomial probability of "
        r"the triples that fall short: $(\rho/2)^2$ for the toy target.",
        relation=lambda: missing_signs(*map(count, ("P", "N", "p(s)", "l_-"))) <= count("m"),
        hypotheses=("d > 1 (or biases)", "e = 1", "α ≠ β", "no two hyperplanes of the target coincide"),
        uses=("beyond.nurisso.function-classes", "nurisso.prop4", "nurisso.prop2"),
        evidence=(
            certificate(
                "for every width: the inequality says when the free signs can be chosen (linear arithmetic, by z3)",
                lambda: missing_signs,
                _reach_for_every_width,
                [
                    Control("one neuron more", lambda missing: lambda *n: missing(*n) + 1),
                    Control("only positive kinks", lambda missing: lambda P, N, p, n: sp.Max(P - p, 0)),
                    Control("the larger of the two", lambda missing: lambda P, N, p, n: sp.Max(P - p, N - n + p, 0)),
                ],
            ),
            enumeration(
                "every choice of the free signs, all numbers up to 4 (quick) or 6 (full)",
                lambda: missing_signs,
                _reach_enumerated,
                [
                    Control("one neuron more", lambda missing: lambda *n: missing(*n) + 1),
                    Control("the larger of the two", lambda missing: lambda P, N, p, n: max(P - p, N - n + p, 0)),
                ],
            ),
            enumeration(
                "exact networks that realize two targets on every component of three invariant sets, or fail to",
                lambda: _realized,
                _realizations_are_exact,
                [
                    Control("the target itself, wherever it is", lambda r: lambda theta, c, s, sigma: theta),
                    Control("never", lambda r: lambda theta, c, s, sigma: None),
                ],
            ),
            enumeration(
                "all 3^l outcomes with symbolic ρ, widths up to 3 (quick) or 5 (full)",
                lambda: _probability,
                _probability_enumerated,
                [
                    Control("the probability of being disconnected", lambda said: _disconnected),
                    Control("signs not fair", lambda said: lambda P, N, width, rho: said(P, N, width, rho / 2)),
                ],
            ),
            Derivation("the toy experiment", _toy_probability),
        ),
    ),
)
