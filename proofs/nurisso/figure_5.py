"""Figure 5: how the probability of a disconnected invariant set behaves for many inputs and for many neurons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from quadrics.initialization import (
    INPUTS,
    WIDTH,
    Gaussian,
    evaluate,
    kaiming_normal,
    on_arrays,
    xavier_normal,
)

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation
from ..evidence import Outcome, Scope, decided
from ..exact import same
from .figure_5_limits import limits_are_positive, many_inputs, many_neurons_kaiming, many_neurons_xavier

Limit = Callable[[Any], Any]  # the width -> the limit for many inputs
Grows = Callable[[Gaussian, int, int], bool]  # scheme, d, l -> P(d, l + 1) > P(d, l)

D, L = INPUTS, WIDTH
SCHEMES = (kaiming_normal, xavier_normal)


def _by_concentration(scheme: Gaussian, l: int) -> Any:
    """The limit for d -> oo, by the law of large numbers: |w|² tends to m = lim dσ₁², a is N(0, lim σ₂²)."""
    a, values = sp.Symbol("a", real=True), {L: l}
    length = sp.limit((D * scheme.variance1).subs(values), D, sp.oo)
    variance = sp.limit(scheme.variance2.subs(values), D, sp.oo)
    density = sp.exp(-(a**2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance)
    return 1 - sp.integrate(density, (a, -sp.sqrt(length), sp.sqrt(length))) ** l


def _is_the_limit(limits: dict[str, Limit], context: Context) -> Outcome:
    """Against the law of large numbers, exactly, and P(d, l) falls towards it: at d = 10^5 by less than 10^-4."""
    for make in SCHEMES:
        scheme = make()
        for l in (1, 2, 3, 5, 10):
            claimed, exact = limits[scheme.name](sp.Integer(l)), _by_concentration(scheme, l)
            answer = same(claimed, exact)
            if answer is not True:
                return decided(answer, scheme=scheme.name, l=l, exact=sp.N(exact, 5), claimed=sp.N(claimed, 5))
            values = [evaluate(scheme.obstruction_probability(d, l), 10) for d in (2, 10, 100, 10**5)]
            if not (values == sorted(values, reverse=True) and 0 < values[-1] - sp.N(exact) < sp.Rational(1, 10**4)):
                return decided(False, scheme=scheme.name, l=l, values=values)
    return decided(True)


def _limits() -> dict[str, Limit]:
    return {make().name: make().many_inputs_limit for make in SCHEMES}


def _none_of_it() -> dict[str, Limit]:
    return {make().name: lambda l: sp.Integer(0) for make in SCHEMES}


def _grows(scheme: Gaussian, d: int, l: int) -> bool:
    """Xavier, and Kaiming for d = 2: always; Kaiming for d = 3: up to l = 3, for d = 4, 5: up to l = 2."""
    return scheme.name == "Xavier normal" or d == 2 or l < (3 if d == 3 else 2)


def _monotone(grows: Grows, context: Context) -> Outcome:
    """P(d, l) from neuron to neuron, through l log F (which does not saturate as P does), for l up to 100."""
    l = np.arange(1, 101)
    for make, largest in ((xavier_normal, 11), (kaiming_normal, 5)):
        scheme = make()
        log_healthy = on_arrays(L * sp.log(scheme.healthy_probability(D, L)))
        for d in range(2, largest + 1):
            change = -np.diff(log_healthy(d, l))
            if np.abs(change).min() < 1e-9:
                return decided(None, scheme=scheme.name, d=d, reason="a change below rounding")
            predicted = np.array([grows(scheme, d, int(k)) for k in l[:-1]])
            if (predicted != (change > 0)).any():
                return decided(False, scheme=scheme.name, d=d, l=int(l[:-1][predicted != (change > 0)][0]))
    return decided(True, widths=len(l))


def _both_grow(schemes: tuple[Callable[[], Gaussian], ...], context: Context) -> Outcome:
    """Three inputs: P from 3 to 4 neurons, in 30 digits, and the limit for many neurons."""
    details: dict[str, Any] = {}
    answer = True
    for make in schemes:
        scheme = make()
        few, more = (evaluate(scheme.obstruction_probability(3, l), 30) for l in (3, 4))
        details[scheme.name] = {"l = 3": str(few), "l = 4": str(more), "limit": str(scheme.wide_limit(3))}
        answer = answer and bool(few < more)
    return decided(answer, **details)


def _areas(counts: dict[str, int], context: Context) -> Outcome:
    """The points of 1 <= d, l <= 100 with a probability above 1/2; those within 10^-6 of it are decided exactly."""
    d, l = np.meshgrid(np.arange(1, 101), np.arange(1, 101), indexing="ij")
    found = {}
    for make in SCHEMES:
        scheme = make()
        P = on_arrays(scheme.some_pathological_probability(D, L))(d, l)
        near = np.abs(P - 0.5) < 1e-6
        close = [(int(i), int(j)) for i, j in zip(d[near], l[near], strict=True)]
        above = [scheme.some_pathological_probability(i, j) > sp.S.Half for i, j in close]
        found[scheme.name] = int((P[~near] > 0.5).sum()) + above.count(sp.true)
    return decided(found == counts, found=found)


def _exchanged(by_scheme: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(by_scheme, reversed(by_scheme.values()), strict=True))


def _source(label: str) -> Source:
    return Source("nurisso", label, "F")


CLAIMS = (
    Claim(
        "nurisso.fig5.a",
        Kind.FIGURE,
        "Many inputs: the probability of a disconnected invariant set falls to a positive limit",
        _source("Figure 5"),
        r"As $d\to\infty$ at fixed $l$ the probability tends to $1-\operatorname{erf}(\sqrt{l/2})^l$ (Kaiming) and to "
        r"$1-\operatorname{erf}(\sqrt{(1+l)/2})^l$ (Xavier), positive for every $l$ and small only for large $l$.",
        uses=("nurisso.appF.kaiming", "nurisso.appF.xavier"),
        evidence=[
            Derivation("the limits, by squeezing F_{1,d}", many_inputs),
            Derivation("they are positive, and small for large l only", limits_are_positive),
            enumeration(
                "l = 1, 2, 3, 5, 10: the same by the law of large numbers, and approached from above",
                _limits,
                _is_the_limit,
                [
                    Control("0, as printed", lambda limits: _none_of_it()),
                    Control("the schemes exchanged", lambda limits: _exchanged(limits)),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.fig5.a.printed",
        Kind.FIGURE,
        "For large d the probability falls to 0 for any number of neurons",
        _source("Figure 5"),
        r"For large values of $d$, the probability of obstruction quickly falls to 0 for any number of hidden neurons.",
        evidence=[
            counterexample(
                "l = 1: the limits are 1 - erf(√(1/2)) = 0.317 and 1 - erf(1) = 0.157",
                _none_of_it,
                _is_the_limit,
                [Control("1 - erf(√(l/2))^l and 1 - erf(√((1+l)/2))^l", lambda zero: _limits())],
            )
        ],
        label=Label.FALSE,
        erratum="The limits for many inputs are positive for every number of neurons: 0.317, 0.290, 0.230, ... "
        "(Kaiming) and 0.157, 0.160, 0.130, ... (Xavier) for l = 1, 2, 3, .... They are small only where l is large, "
        "too.",
    ),
    Claim(
        "nurisso.fig5.b",
        Kind.FIGURE,
        "Many neurons: 1 for Xavier, 0 for Kaiming from three inputs on",
        _source("Figure 5"),
        r"As $l\to\infty$ at fixed $d$ the probability tends to 1 under Xavier initialization, for every $d$; under "
        r"Kaiming initialization it is 1 for $d=1$, tends to $1-1/e$ for $d=2$ and to 0 for $d\geq3$. It grows with "
        r"$l$ (up to 100 at least) under Xavier initialization for $d\leq11$, under Kaiming initialization for $d=2$; "
        r"for $d=3,4,5$ it falls from $l=3,2,2$ on.",
        uses=("nurisso.appF.kaiming", "nurisso.appF.xavier"),
        evidence=[
            Derivation("Xavier: the limit is 1 for every d", many_neurons_xavier),
            Derivation("Kaiming: 1 - 1/e for d = 2, 0 for d >= 3", many_neurons_kaiming),
            enumeration(
                "growth and fall from neuron to neuron",
                lambda: _grows,
                _monotone,
                [
                    Control("always growth, as printed", lambda grows: lambda scheme, d, l: True),
                    Control("d = 3 falls from l = 2 on", lambda grows: lambda s, d, l: d != 3 and grows(s, d, l)),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.fig5.b.printed",
        Kind.FIGURE,
        "For small d the probability grows with the number of neurons",
        _source("Figure 5"),
        r"For small values of $d$ (three, say) the probability of disconnectedness grows with $l$ under both schemes.",
        evidence=[
            counterexample(
                "d = 3, Kaiming: the probability falls from 3 to 4 neurons, and to 0 for many",
                lambda: SCHEMES,
                _both_grow,
                [Control("Xavier alone", lambda schemes: (xavier_normal,))],
            )
        ],
        label=Label.FALSE,
        erratum="True under Xavier initialization; under Kaiming initialization only for d = 1 (where it is 1) and d = "
        "2.",
    ),
    Claim(
        "nurisso.fig5.c",
        Kind.FIGURE,
        "The region of high probability is much larger for Xavier than for Kaiming initialization",
        _source("Figure 5"),
        r"For $1\leq d,l\leq100$ the formula exceeds $1/2$ at 929 of 10,000 points under Xavier initialization, at 197 "
        r"under Kaiming initialization (all of them with $d\leq2$). Yet where $d>l^2$ Kaiming's probability is the "
        r"larger one.",
        uses=("nurisso.appF.kaiming", "nurisso.appF.xavier", "beyond.nurisso.xavier-kaiming-crossover"),
        evidence=[
            enumeration(
                "the 10,000 points of the figure",
                lambda: {"Kaiming normal": 197, "Xavier normal": 929},
                _areas,
                [
                    Control("the schemes exchanged", lambda counts: _exchanged(counts)),
                    Control("one point more", lambda counts: {name: n + 1 for name, n in counts.items()}),
                ],
                Scope.RANGE,
            )
        ],
    ),
)
