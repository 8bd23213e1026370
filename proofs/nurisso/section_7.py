"""Sections 4 and 7: how rare pathological neurons are with many inputs and many neurons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from quadrics.initialization import INPUTS, WIDTH, Gaussian, evaluate, half_integer_beta, kaiming_normal, xavier_normal

from ..calculus import nonnegative, squeeze
from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..rules import differentiate, equal, integrate, limit

Schemes = tuple[Callable[[], Gaussian], ...]

D, L = INPUTS, WIDTH
BOTH: Schemes = (kaiming_normal, xavier_normal)


def _pathological_argument(scheme: Gaussian) -> Any:
    """x with ρ = I_x(d/2, 1/2)."""
    return sp.cancel(1 / (1 + scheme.variance_ratio(D, L)))


def majorant_steps() -> list[Step]:
    """I_x(a, 1/2) <= x^a (1 - x)^(-1/2) / (a B(a, 1/2)) and, for a >= 1, a B(a, 1/2) >= 2 √a / e."""
    y, z, n, v = sp.symbols("y z n v", positive=True)
    odds = sp.Symbol("odds", positive=True)
    a = 1 + n
    upper = odds ** (D / 2) * (1 + odds) ** ((1 - D) / 2) / (D / 2 * sp.beta(D / 2, sp.S.Half)).rewrite(sp.gamma)
    slope = sp.diff(half_integer_beta(D / 2, sp.S.Half, odds), odds).rewrite(sp.gamma)
    rest = odds ** (D / 2) * (1 + odds) ** (-(1 + D) / 2) / (D * sp.beta(D / 2, sp.S.Half)).rewrite(sp.gamma)
    return [
        step(
            equal,
            sp.diff(upper, odds) - slope,
            rest,
            "x^a (1 - x)^(-1/2) / (a B(a, 1/2)), a = d/2, grows faster in x/(1 - x) than I_x(a, 1/2); at 0 both are 0",
            conditions=[sp.Gt(rest, 0)],
        ),
        step(
            nonnegative(z),
            z - sp.log(1 + z),
            True,
            "log(1 + z) <= z; at z = 1/n: (1 - 1/a)^(a-1) = (1 + 1/n)^(-n) >= 1/e for a = 1 + n",
        ),
        step(equal, 1 - 1 / a, 1 / (1 + 1 / n)),
        step(
            integrate((y, 0, 1 / v)),
            sp.exp(-1) / sp.sqrt(y),
            2 * sp.exp(-1) / sp.sqrt(v),
            "so the part of B(a, 1/2) = ∫ (1 - y)^(a-1) y^(-1/2) dy up to y = 1/a = 1/v, where (1 - y)^(a-1) >= 1/e, "
            "is at least 2/(e √a)",
        ),
    ]


def _uniformly_small() -> list[Step]:
    """Kaiming, d >= 3: l ρ <= (e/√2) l (1 + l/3)^(-3/2) √(1/l + 1/3)."""
    l, d, z = sp.symbols("l d z", positive=True)
    x = _pathological_argument(kaiming_normal()).subs({L: l, D: d})
    bound = sp.E * l * (1 + l / 3) ** sp.Rational(-3, 2) * sp.sqrt(1 / l + sp.Rational(1, 3)) / sp.sqrt(2)
    per_neuron = (d / (d + l)) ** (d / 2) * sp.sqrt((d + l) / l) * sp.E / (2 * sp.sqrt(d / 2))
    return [
        *majorant_steps(),
        step(equal, x, d / (d + l), "Kaiming: x = d/(d + l)"),
        step(
            equal,
            x ** (d / 2) / sp.sqrt(sp.factor(1 - x)) * sp.E / (2 * sp.sqrt(d / 2)),
            per_neuron,
            "so ρ is at most x^(d/2) (1 - x)^(-1/2) e / (2 √(d/2))",
        ),
        step(
            equal,
            sp.sqrt((d + l) / l) * sp.E / (2 * sp.sqrt(d / 2)),
            sp.E / sp.sqrt(2) * sp.sqrt(1 / l + 1 / d),
            "where the factors but the first are e/√2 √(1/l + 1/d) <= e/√2 √(1/l + 1/3)",
        ),
        step(
            differentiate(d),
            d * sp.log(1 + l / d),
            sp.log(1 + l / d) - (l / d) / (1 + l / d),
            "and (1 + l/d)^(d/2) grows with d",
        ),
        step(nonnegative(z), sp.log(1 + z) - z / (1 + z), True, "(z = l/d), so it is at least (1 + l/3)^(3/2)"),
        step(
            squeeze(l, sp.oo), (sp.Integer(0), bound), sp.Integer(0), "l ρ is below a bound without d, which tends to 0"
        ),
    ]


def _xavier_needs_balance() -> list[Step]:
    s, kappa, n = sp.symbols("s kappa n", positive=True)
    x = _pathological_argument(xavier_normal())
    along = sp.cancel(x.subs(L, kappa * D))
    return [
        step(equal, 2 * x - 1, (D - 1) / (D + 2 * L + 1), "Xavier: x = (d+l)/(d+2l+1), at least 1/2"),
        step(nonnegative(n), (2 * x - 1).subs(D, 1 + n), True),
        step(
            limit(L, sp.oo),
            1 - (1 / (1 + s)) ** L,
            sp.Integer(1),
            "so ρ >= r = I_{1/2}(d/2, 1/2) > 0 for every l, and 1 - (1 - r)^l, r = s/(1 + s), tends to 1: however "
            "large d, the probability of a pathological neuron tends to 1 with l",
        ),
        step(equal, half_integer_beta(1, sp.S.Half, 1), 1 - sp.sqrt(2) / 2, "r for d = 2"),
        step(limit(D, sp.oo), along, (1 + kappa) / (1 + 2 * kappa), "along l = κd, x tends to a number below 1"),
        step(
            nonnegative(n),
            ((1 + kappa) / (1 + 2 * kappa) - along).subs(D, 1 + n) * (1 + 2 * kappa),
            True,
            "from below",
        ),
        step(
            limit(D, sp.oo),
            kappa * D * (1 / (1 + s)) ** (D / 2),
            sp.Integer(0),
            "and κd x^(d/2) with x <= 1/(1 + s) < 1 tends to 0: in proportion, many inputs and neurons do help",
        ),
    ]


def _negligible(schemes: Schemes, context: Context) -> Outcome:
    """30 inputs, 10^6 neurons, and the limit for many neurons at each d up to 40."""
    details: dict[str, Any] = {}
    for make in schemes:
        scheme = make()
        limits = {str(scheme.wide_limit(d)) for d in range(3, 41)}
        value = evaluate(scheme.obstruction_probability(30, 10**6), 10)
        details[scheme.name] = {"d = 30, l = 10^6": str(value), "limits": sorted(limits)}
        if limits != {"0"} or value > sp.Rational(1, 100):
            return decided(False, **details)
    return decided(True, **details)


def _rates() -> list[Step]:
    """Per neuron: Kaiming like l^(-d/2), Xavier down to I_{1/2}(d/2, 1/2)."""
    t = sp.Symbol("t", positive=True)
    a = sp.Symbol("a", positive=True)
    kaiming, xavier = kaiming_normal().variance_ratio(D, L), xavier_normal().variance_ratio(D, L)
    fall = -(t ** (D / 2 - 1)) * (1 + t) ** (-(D + 1) / 2) / sp.beta(D / 2, sp.S.Half).rewrite(sp.gamma)
    l, d = sp.symbols("l d", positive=True)
    x = _pathological_argument(kaiming_normal()).subs({L: l, D: d})
    return [
        step(
            equal,
            sp.diff(half_integer_beta(D / 2, sp.S.Half, 1 / t), t).rewrite(sp.gamma),
            fall * t ** (1 - D / 2) * t ** sp.Rational(-1, 2),
            "ρ = I_x(d/2, 1/2) with x/(1 - x) = 1/t, t = σ₁²/σ₂², falls with t",
            conditions=[sp.Lt(fall, 0)],
        ),
        step(differentiate(L), kaiming, 1 / D, "Kaiming: t = l/d grows with l"),
        step(
            squeeze(l, sp.oo),
            (l ** a * x ** a, l ** a * x ** a / sp.sqrt(1 - x)),
            d ** a,
            "ρ a B(a, 1/2), a = d/2, is between x^a and x^a (1 - x)^(-1/2): ρ falls like (d/l)^(d/2) / (a B(a, 1/2))",
        ),
        step(differentiate(L), xavier, (D - 1) / (D + L) ** 2, "Xavier: t = (1 + l)/(d + l) does not fall"),
        step(limit(L, sp.oo), xavier, sp.Integer(1), "but tends to 1: ρ falls to I_{1/2}(d/2, 1/2), not to 0"),
    ]  # fmt: skip


def _layer() -> list[Step]:
    """At least one neuron of l: what the limits of the probability are."""
    steps = [step(equal, kaiming_normal().wide_limit(2), 1 - sp.exp(-1), "Kaiming, d = 2: it grows to 1 - 1/e")]
    steps += [step(equal, kaiming_normal().wide_limit(d), sp.Integer(0), f"Kaiming, d = {d}") for d in (3, 4, 5, 10)]
    steps += [step(equal, xavier_normal().wide_limit(d), sp.Integer(1), f"Xavier, d = {d}") for d in (2, 3, 10)]
    return steps


def _falls_with_width(schemes: Schemes, context: Context) -> Outcome:
    """Ten inputs: from 10 to 100 neurons the probability of a pathological neuron falls at least by half."""
    details = {}
    answer = True
    for make in schemes:
        few, many = (evaluate(make().obstruction_probability(10, l), 10) for l in (10, 100))
        details[make().name] = {"l = 10": str(few), "l = 100": str(many)}
        answer = answer and bool(many < few / 2)
    return decided(answer, **details)


def _single_neuron(limits: dict[str, Any], context: Context) -> Outcome:
    """ρ falls with l for d = 2, ..., 12, towards the stated limit (l = 10^8)."""
    for make in BOTH:
        scheme = make()
        for d in range(2, 13):
            values = [evaluate(scheme.pathological_probability(d, l), 12) for l in (1, 2, 5, 20, 100, 10**8)]
            gap = abs(values[-1] - evaluate(limits[scheme.name](d), 12))
            if values != sorted(values, reverse=True) or gap > sp.Float(10) ** -7:
                return decided(False, scheme=scheme.name, d=d, values=[str(v) for v in values])
    return decided(True)


def _single_limits() -> dict[str, Any]:
    return {
        "Kaiming normal": lambda d: sp.Integer(0),
        "Xavier normal": lambda d: half_integer_beta(sp.Rational(d, 2), sp.S.Half, 1),
    }


CLAIMS = (
    Claim(
        "nurisso.sec4.init",
        Kind.REMARK,
        "Pathological neurons are rare with many inputs and neurons: Kaiming, and Xavier in proportion",
        Source("nurisso", "remark after Proposition 3", "4"),
        r"Under Kaiming initialization the probability of a pathological neuron tends to 0 as $l\to\infty$, uniformly "
        r"in $d\geq3$. Under Xavier initialization it tends to 0 along $l=\kappa d$, but to 1 as $l\to\infty$ at any "
        r"fixed $d$: it is at least $1-(1-r)^l$ with $r=I_{1/2}(\tfrac d2,\tfrac12)$, about $2^{-d/2}$.",
        uses=("nurisso.appF.kaiming", "nurisso.appF.xavier", "nurisso.fig5.b"),
        evidence=[
            Derivation("Kaiming: a bound for l ρ that does not depend on d >= 3", _uniformly_small),
            Derivation("Xavier: 1 at fixed d, 0 in proportion", _xavier_needs_balance),
            enumeration(
                "Kaiming: limits for d = 3, ..., 40, and the value at d = 30, l = 10^6",
                lambda: (kaiming_normal,),
                _negligible,
                [Control("Xavier, too", lambda schemes: BOTH)],
            ),
        ],
    ),
    Claim(
        "nurisso.sec4.init.printed",
        Kind.REMARK,
        "Under Xavier and Kaiming initialization pathological neurons are negligible for high d and l",
        Source("nurisso", "remark after Proposition 3", "4"),
        r"Under Xavier and Kaiming initialization the probability of having pathological neurons is negligible when "
        r"the input dimension and the number of hidden neurons are high.",
        evidence=[
            counterexample(
                "Xavier with 30 inputs and 10^6 neurons: 0.998; and for every d the limit for many neurons is 1",
                lambda: BOTH,
                _negligible,
                [Control("Kaiming alone", lambda schemes: (kaiming_normal,))],
            )
        ],
        label=Label.FALSE,
        erratum="True for Kaiming initialization (d >= 3). Under Xavier initialization the number of neurons must stay "
        "small against about 2^(d/2); for any fixed number of inputs the probability tends to 1 with the number of "
        "neurons.",
    ),
    Claim(
        "nurisso.sec7.width",
        Kind.REMARK,
        "How the probability of a pathological neuron depends on the width",
        Source("nurisso", "Discussion", "7"),
        r"A given neuron is pathological with a probability that falls with $l$: like $l^{-d/2}$ under Kaiming "
        r"initialization, only to $I_{1/2}(\tfrac d2,\tfrac12)>0$ under Xavier initialization. That at least one of "
        r"the $l$ neurons is pathological has a probability that tends to 0 under Kaiming initialization for $d\geq3$, "
        r"and to 1 under Xavier initialization.",
        uses=("nurisso.appF.kaiming", "nurisso.appF.xavier", "nurisso.fig5.b"),
        evidence=[
            Derivation("one neuron", _rates),
            Derivation("a layer: the limits for some numbers of inputs", _layer, Scope.INSTANCE),
            enumeration(
                "one neuron, d = 2, ..., 12",
                _single_limits,
                _single_neuron,
                [
                    Control("0 for both", lambda limits: dict.fromkeys(limits, limits["Kaiming normal"])),
                    Control("the same for both", lambda limits: dict.fromkeys(limits, limits["Xavier normal"])),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.sec7.width.printed",
        Kind.REMARK,
        "With common initializations the probability of a pathological neuron decreases rapidly with the width",
        Source("nurisso", "Discussion", "7"),
        r"With common initialization schemes the probability of creating a pathological neuron decreases rapidly with "
        r"the inner layer's width.",
        evidence=[
            counterexample(
                "Xavier, ten inputs: from 10 to 100 neurons it grows from 0.34 to 0.72",
                lambda: BOTH,
                _falls_with_width,
                [Control("Kaiming alone", lambda schemes: (kaiming_normal,))],
            )
        ],
        label=Label.FALSE,
        erratum="True for Kaiming initialization with at least three inputs. Under Xavier initialization the "
        "probability of at least one pathological neuron grows with the width, to 1.",
    ),
)
