"""Appendix F: the probability that the invariant set is disconnected at initialization."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.stats import ChiSquared, density

from quadrics.initialization import INPUTS, WIDTH, Gaussian, fisher_cdf, gaussian, kaiming_normal, xavier_normal

from ..calculus import change_variable, tonelli
from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..exact import same
from ..rules import differentiate, equal, integrate
from . import figure_5
from .neuron_laws import disconnected_by_enumeration, healthy_by_integration

Probability = Callable[[int, int, Any, Any], Any]  # d, l, σ₁², σ₂² -> P[H(c) is disconnected]
Argument = Callable[[Any, Any], Any]  # d, l -> the argument of F_{1,d}

D, L = INPUTS, WIDTH
VARIANCES = ((1, 1), (2, 3), (sp.Rational(1, 2), 4))


def of_variances(d: int, l: int, variance1: Any, variance2: Any) -> Any:
    """P[H(c) is disconnected] as :mod:`quadrics` has it."""
    return gaussian(sp.sqrt(variance1), sp.sqrt(variance2)).obstruction_probability(d, l)


def printed_probability(d: int, l: int, variance1: Any, variance2: Any) -> Any:
    """1 - F_{1,d}(dσ₁²/σ₂²)^l for every d, as printed."""
    return 1 - fisher_cdf(d * sp.sympify(variance1) / variance2, d) ** l


def _law_of_a_neuron() -> list[Step]:
    """P[S < tT] for chi-squared S, T with 1 and d degrees of freedom, and the two derivatives by t."""
    r, s, t, u = sp.symbols("r s t u", positive=True)
    tail, head = density(ChiSquared("T", D))(u), density(ChiSquared("S", 1))
    moved = sp.expand_power_base(u * tail * head(r * u))
    slope = sp.integrate(moved, (u, 0, sp.oo))
    return [
        step(
            change_variable(s, r * u, r),
            sp.Integral(tail * head(s), (s, 0, t * u)),
            sp.Integral(moved, (r, 0, t)),
            "|w|²/σ₁² = T and a²/σ₂² = S are chi-squared with d and 1 degrees of freedom; the neuron is healthy when "
            "S < tT, t = σ₁²/σ₂²: the inner integral of P[S < tT]",
            mutants=[sp.Integral(moved / u, (r, 0, t))],
        ),
        step(
            tonelli,
            sp.Integral(moved, (r, 0, t), (u, 0, sp.oo)),
            sp.Integral(moved, (u, 0, sp.oo), (r, 0, t)),
            "P[S < tT], integrated over T first",
            mutants=[sp.Integral(2 * moved, (u, 0, sp.oo), (r, 0, t))],
        ),
        step(integrate((u, 0, sp.oo)), moved, slope, "the density of S/T"),
        step(
            equal,
            slope.subs(r, t).rewrite(sp.gamma),
            sp.diff(fisher_cdf(D * t, D), t).rewrite(sp.gamma),
            "it is the derivative of F_{1,d}(dt)",
        ),
        step(equal, fisher_cdf(0, D), sp.Integer(0), "and both vanish at t = 0: P[S < tT] = F_{1,d}(dt)"),
    ]


def _independent_neurons() -> list[Step]:
    sigma1, sigma2 = sp.symbols("sigma1 sigma2", positive=True)
    scheme = gaussian(sigma1, sigma2)
    ratio = sigma1**2 / sigma2**2
    healthy = sp.betainc_regularized(sp.S.Half, D / 2, 0, sp.cancel(ratio / (1 + ratio)))
    return [
        step(equal, scheme.fisher_argument(D, L), D * ratio, "the argument dσ₁²/σ₂²"),
        step(equal, fisher_cdf(D * ratio, D), healthy, "F_{1,d}(x) = I_{x/(x+d)}(1/2, d/2)"),
        step(
            equal,
            scheme.obstruction_probability(D, L),
            1 - healthy**L,
            "l independent neurons, d > 1: disconnected unless all of them are healthy (Corollary 1)",
        ),
    ]


def _closed_forms() -> list[Step]:
    """For given d the distribution function is a finite sum; its derivative is the density, at 0 it vanishes."""
    x = sp.Symbol("x", positive=True)
    steps = [
        step(equal, fisher_cdf(x, 1), 2 * sp.atan(sp.sqrt(x)) / sp.pi, "one input"),
        step(equal, fisher_cdf(x, 2), sp.sqrt(x / (x + 2)), "two inputs"),
    ]
    for d in range(1, 9):
        constant = sp.gamma(sp.Rational(d + 1, 2)) / (sp.gamma(sp.Rational(d, 2)) * sp.sqrt(sp.pi * d))
        shape = x ** sp.Rational(-1, 2) * (1 + x / d) ** sp.Rational(-(d + 1), 2)
        steps += [
            step(differentiate(x), fisher_cdf(x, d), constant * shape, f"d = {d}: the density of F(1, {d})"),
            step(equal, fisher_cdf(0, d), sp.Integer(0)),
        ]
    return steps


def _agrees(probability: Probability, context: Context) -> Outcome:
    """Against plain integration for one neuron and the topology of H(c) for every sign pattern."""
    cells = 0
    for d in (1, 2, 4, 6):
        for variance1, variance2 in VARIANCES:
            for l in range(1, context.pick(quick=3, full=5) + 1):
                exact = disconnected_by_enumeration(d, l, sp.sympify(variance1), sp.sympify(variance2))
                claimed = probability(d, l, variance1, variance2)
                answer = same(claimed, exact)
                cells += 1
                if answer is not True:
                    return decided(answer, d=d, l=l, variances=(variance1, variance2), exact=exact, claimed=claimed)
    return decided(True, cells=cells)


def _at_one_input(probability: Probability, context: Context) -> Outcome:
    """One input, one neuron, σ₁ = σ₂: H(c) is a hyperbola, of two branches whatever the sign of c."""
    exact = disconnected_by_enumeration(1, 1, sp.Integer(1), sp.Integer(1))
    claimed = probability(1, 1, 1, 1)
    return decided(same(claimed, exact), exact=exact, claimed=claimed)


def _scheme_steps(scheme: Gaussian, variances: tuple[Any, Any], argument: Any) -> list[Step]:
    inside = sp.cancel(argument / (argument + D))
    return [
        step(equal, (scheme.variance1, scheme.variance2), variances, "σ₁² and σ₂²"),
        step(equal, D * variances[0] / variances[1], argument, "the argument dσ₁²/σ₂²"),
        step(equal, scheme.fisher_argument(D, L), argument, "as the package has it"),
        step(
            equal,
            scheme.obstruction_probability(D, L),
            1 - sp.betainc_regularized(sp.S.Half, D / 2, 0, inside) ** L,
            "so for d > 1 the probability is 1 - F_{1,d}(dσ₁²/σ₂²)^l",
        ),
        step(
            equal,
            scheme.pathological_probability(D, L),
            sp.betainc_regularized(D / 2, sp.S.Half, 0, sp.cancel(D / (argument + D))),
            "and one neuron is pathological with probability I_{d/(d+x)}(d/2, 1/2)",
        ),
    ]


def _argument_is_right(scheme: Gaussian) -> Callable[[Argument, Context], Outcome]:
    """1 - F_{1,d}(argument)^l against plain integration with the scheme's variances."""

    def decide(argument: Argument, context: Context) -> Outcome:
        cells = 0
        for d in (2, 4, 6):
            for l in range(1, context.pick(quick=4, full=8)):
                values = {D: d, L: l}
                healthy = healthy_by_integration(d, scheme.variance1.subs(values), scheme.variance2.subs(values))
                claimed = fisher_cdf(sp.sympify(argument(sp.Integer(d), sp.Integer(l))), d)
                answer = same(claimed, healthy)
                cells += 1
                if answer is not True:
                    return decided(answer, d=d, l=l, exact=1 - healthy**l, claimed=1 - claimed**l)
        return decided(True, cells=cells)

    return decide


def printed_xavier_argument(d: Any, l: Any) -> Any:
    """(d + l)/d, as printed."""
    return (d + l) / d


def _formula(scheme: Callable[[], Gaussian]) -> Callable[[], Any]:
    return lambda: sp.Eq(sp.Symbol("P"), scheme().obstruction_probability(D, L), evaluate=False)


_APPENDIX_F = (
    Claim(
        "nurisso.appF.general",
        Kind.THEOREM,
        "The probability of a disconnected invariant set under Gaussian initialization",
        Source("nurisso", "Appendix F", "F"),
        r"For $e=1$, independent $W^{(1)}_{ki}\sim N(0,\sigma_1^2)$ and $W^{(2)}_k\sim N(0,\sigma_2^2)$, and $d>1$, "
        r"$\mathcal{H}(c)$ is disconnected with probability $1-F_{1,d}(d\sigma_1^2/\sigma_2^2)^l$, where "
        r"$F_{1,d}(x)=I_{x/(x+d)}(\tfrac12,\tfrac d2)$; for $d=1$ it always is. This is not yet the probability that "
        r"an optimum cannot be reached.",
        hypotheses=("e = 1", "independent centred Gaussian weights"),
        uses=("nurisso.cor1", "nurisso.cor2"),
        evidence=[
            Derivation("one neuron is healthy with probability F_{1,d}(dσ₁²/σ₂²)", _law_of_a_neuron),
            Derivation("l neurons", _independent_neurons),
            Derivation("the finite sums for d = 1, ..., 8", _closed_forms, Scope.INSTANCE),
            enumeration(
                "exact agreement with plain integration and the topology of H(c) for every sign pattern",
                lambda: of_variances,
                _agrees,
                [
                    Control("σ₁ and σ₂ exchanged", lambda p: lambda d, l, v1, v2: p(d, l, v2, v1)),
                    Control("one neuron more", lambda p: lambda d, l, v1, v2: p(d, l + 1, v1, v2)),
                    Control("standard deviations for variances", lambda p: lambda d, l, v, w: p(d, l, v**2, w**2)),
                    Control("no exception for d = 1", lambda p: printed_probability),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.appF.general.printed",
        Kind.THEOREM,
        "The formula holds for every d",
        Source("nurisso", "Appendix F", "F"),
        r"For every $d$, $\mathcal{H}(c)$ is disconnected if and only if some neuron is pathological, so with "
        r"probability $1-F_{1,d}(d\sigma_1^2/\sigma_2^2)^l$.",
        evidence=[
            counterexample(
                "d = l = 1, σ₁ = σ₂: the formula says 1/2, but both hyperbolas w² - a² = ±1 have two branches",
                lambda: printed_probability,
                _at_one_input,
                [Control("1 for d = 1", lambda p: of_variances)],
            )
        ],
        label=Label.FALSE,
        erratum="Needs d > 1 (the hypothesis of Corollary 2). For d = 1 every neuron disconnects the invariant set.",
    ),
    Claim(
        "nurisso.appF.kaiming",
        Kind.THEOREM,
        "Kaiming initialization",
        Source("nurisso", "Appendix F", "F"),
        r"With $\sigma_1^2=2/d$ and $\sigma_2^2=2/l$ the probability is $1-F_{1,d}(l)^l$ ($d>1$).",
        relation=_formula(kaiming_normal),
        uses=("nurisso.appF.general",),
        evidence=[
            Derivation("the argument is l", lambda: _scheme_steps(kaiming_normal(), (2 / D, 2 / L), L)),
            enumeration(
                "against plain integration",
                lambda: kaiming_normal().fisher_argument,
                _argument_is_right(kaiming_normal()),
                [
                    Control("twice the argument", lambda x: lambda d, l: 2 * x(d, l)),
                    Control("d l instead of l", lambda x: lambda d, l: d * x(d, l)),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.appF.xavier",
        Kind.THEOREM,
        "Xavier initialization",
        Source("nurisso", "Appendix F", "F"),
        r"With $\sigma_1^2=2/(d+l)$ and $\sigma_2^2=2/(1+l)$ the probability is "
        r"$1-F_{1,d}\bigl(\tfrac{d(1+l)}{d+l}\bigr)^l$ ($d>1$).",
        relation=_formula(xavier_normal),
        uses=("nurisso.appF.general",),
        evidence=[
            Derivation(
                "the argument is d(1+l)/(d+l)",
                lambda: _scheme_steps(xavier_normal(), (2 / (D + L), 2 / (1 + L)), D * (1 + L) / (D + L)),
            ),
            enumeration(
                "against plain integration",
                lambda: xavier_normal().fisher_argument,
                _argument_is_right(xavier_normal()),
                [
                    Control("the printed argument (d+l)/d", lambda x: printed_xavier_argument),
                    Control("the second layer's variance with d for l", lambda x: lambda d, l: d * (1 + d) / (d + l)),
                ],
            ),
        ],
    ),
    Claim(
        "nurisso.appF.xavier.printed",
        Kind.THEOREM,
        "The printed argument for Xavier initialization",
        Source("nurisso", "Appendix F", "F"),
        r"With $\sigma_1^2=2/(d+l)$ and $\sigma_2^2=2/(1+l)$ the probability is $1-F_{1,d}(\tfrac{d+l}{d})^l$.",
        evidence=[
            counterexample(
                "small d and l, against plain integration of the Gaussian densities",
                lambda: printed_xavier_argument,
                _argument_is_right(xavier_normal()),
                [Control("d(1+l)/(d+l)", lambda x: xavier_normal().fisher_argument)],
            )
        ],
        label=Label.FALSE,
        erratum="The argument dσ₁²/σ₂² is d(1+l)/(d+l), not (d+l)/d. Figure 5 was drawn with the right one: with the "
        "printed one it would show a probability above 1/2 almost everywhere.",
    ),
)

CLAIMS = (*_APPENDIX_F, *figure_5.CLAIMS)
