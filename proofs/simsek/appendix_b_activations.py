"""Appendix B.3: sums of scaled activations that are constant, and the minima they add for sigmoid, softplus, tanh."""

from __future__ import annotations

import sympy as sp

from quadrics.expansion.activations.null_functions import null_dimension, null_functions
from quadrics.smooth_activation import Z, sigmoid, softplus

from ..check import Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation
from ..evidence import Scope
from .expansion_checks import PAPER
from .extended_checks import (
    by_library,
    classical,
    constrains,
    plus_or_minus_the_teachers,
    sufficient_steps,
    sums_obey,
    without_the_moment,
    without_the_sum,
    zero_loss_by_series,
)
from .null_function_checks import (
    dimensions,
    dimensions_of_the_remark,
    is_the_sigmoid,
    no_relations,
    pair_steps,
    pairs_up,
    peeling_steps,
    relations_are_pairs,
    second_case,
    sigmoid_steps,
    sign_of_pairs,
    softplus_steps,
    tanh_pair,
    tanh_steps,
    vandermonde_steps,
)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.lemB.5",
        Kind.THEOREM,
        "Scaled copies of the activation are independent",
        Source(PAPER, "Lemma B.5", "B.3"),
        r"Let $\sigma$ be smooth with $\sigma^{(n)}(0) \ne 0$ for infinitely many even and infinitely many odd $n$, "
        r"and $\beta_1, \dots, \beta_k$ distinct and not zero. If $\sum_l a_l \sigma(\alpha \beta_l)$ is constant for "
        r"$\alpha$ near 0, all $a_l$ are zero. ($\sigma(0) \ne 0$ is not needed.)",
        uses=("simsek.assA",),
        evidence=(
            Derivation("peeling off the largest |β|", peeling_steps),
            Derivation("up to four pairs ±β: determinants that are not zero", vandermonde_steps, Scope.INSTANCE),
            enumeration(
                "exp and two g_{α,γ}, up to three pairs: no relation, and Taylor coefficients of full rank",
                lambda: lambda activation, scales: 0,
                no_relations,
                [
                    Control("one relation for three pairs", lambda _: lambda activation, scales: int(len(scales) == 6)),
                    Control(
                        "as many as the sigmoid has",
                        lambda _: lambda activation, scales: len(null_functions(sigmoid, scales, True)),
                    ),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.lemB.5.proof",
        Kind.THEOREM,
        "The bound of case 2",
        Source(PAPER, "proof of Lemma B.5", "B.3"),
        r"If $\beta_1 = -\beta_2$ and $|a_1| > |a_2|$, then $|g^{(n)}(0)| \ge ((|a_1| - |a_2|) |\beta_1^n| - |\beta_3| "
        r"\sum_{l > 2} |a_l|) |\sigma^{(n)}(0)|$.",
        label=Label.TYPO,
        erratum=r"$|\beta_3|$ should be $|\beta_3^n|$: for $\beta = (3, -3, 2)$, $a = (2, -1, -1)$, $n = 2$ the left "
        "side is 5 and the printed right side 7 (times the derivative of the activation).",
        uses=("simsek.lemB.5",),
        evidence=(
            counterexample(
                "β = (3, -3, 2), a = (2, -1, -1), n = 2",
                lambda: lambda beta, n: abs(beta),
                second_case,
                [Control("the n-th power", lambda _: lambda beta, n: abs(beta) ** n)],
            ),
        ),
    ),
    Claim(
        "simsek.lemB.6",
        Kind.THEOREM,
        "What is left without Assumption A",
        Source(PAPER, "Lemma B.6", "B.3"),
        r"If $\sigma$ is analytic with infinitely many nonzero even and finitely many nonzero odd derivatives at 0, a "
        r"constant $\sum_l a_l \sigma(\alpha \beta_l)$ consists of pairs $a\,\tilde\sigma(\alpha\beta)$ with the odd "
        r"polynomial $\tilde\sigma(x) = \sigma(x) - \sigma(-x)$; with the parities exchanged, of pairs with the even "
        r"polynomial $\tilde\sigma(x) = \sigma(x) + \sigma(-x)$.",
        uses=("simsek.lemB.5",),
        evidence=(
            Derivation("a pair by even and odd part, for every activation", pair_steps),
            enumeration(
                "softplus, cos z + z + z³, sigmoid, tanh, atan z + z² - 1: all relations for five sets of β",
                lambda: sign_of_pairs,
                relations_are_pairs,
                [
                    Control("the other sign", lambda sign: lambda activation: -sign(activation)),
                    Control("always a difference", lambda _: lambda activation: -1),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.lemB.6.proof",
        Kind.THEOREM,
        "The indices of the pairs",
        Source(PAPER, "proof of Lemma B.6", "B.3"),
        r"The outgoing weights pair up as $a_{2l+1} = -a_{2l+2}$ for $l = 1, \dots, k/2$.",
        label=Label.TYPO,
        erratum=r"$a_{2l-1} = -a_{2l}$, with the $\beta$'s: as printed $a_1$ and $a_2$ are missing and the last pair "
        "does not exist.",
        uses=("simsek.lemB.6",),
        evidence=(
            counterexample(
                "k = 2, 4, 6",
                lambda: lambda k: [(2 * i + 1, 2 * i + 2) for i in range(1, k // 2 + 1)],
                pairs_up,
                [Control("2l - 1 and 2l", lambda _: lambda k: [(2 * i - 1, 2 * i) for i in range(1, k // 2 + 1)])],
            ),
        ),
    ),
    Claim(
        "simsek.B3.sigmoid",
        Kind.THEOREM,
        "Null functions of the sigmoid",
        Source(PAPER, "the case of the sigmoid", "B.3"),
        r"$\sigma(x) = \frac12 + \frac12 \tanh\frac x2$, so $\sigma(x) + \sigma(-x) = 1$, and $a_1 [\sigma(\beta_1 x) "
        r"+ \sigma(-\beta_1 x)] - a_1 [\sigma(\beta_3 x) + \sigma(-\beta_3 x)] = 0$.",
        uses=("simsek.lemB.6",),
        evidence=(Derivation("for all β_1 and β_3", sigmoid_steps),),
    ),
    Claim(
        "simsek.B3.sigmoid.printed",
        Kind.THEOREM,
        "The sigmoid as a hyperbolic tangent",
        Source(PAPER, "the case of the sigmoid", "B.3"),
        r"$1/(1 + e^{-x}) = \frac12 + \tanh x$.",
        label=Label.FALSE,
        erratum=r"$\frac12 + \frac12 \tanh \frac x2$: at $x = 1$ the sigmoid is 0.7311 and the printed formula 1.2616.",
        uses=("simsek.B3.sigmoid",),
        evidence=(
            counterexample(
                "the two functions, by exact rewriting",
                lambda: sp.Rational(1, 2) + sp.tanh(Z),
                is_the_sigmoid,
                [Control("half the argument and half the value", lambda _: (1 + sp.tanh(Z / 2)) / 2)],
            ),
        ),
    ),
    Claim(
        "simsek.B3.softplus",
        Kind.THEOREM,
        "Null functions of softplus",
        Source(PAPER, "the case of the softplus", "B.3"),
        r"$\sigma(x) - \sigma(-x) = x$, and $a_1 [\sigma(\beta_1 x) - \sigma(-\beta_1 x)] + a_3 [\sigma(\beta_3 x) - "
        r"\sigma(-\beta_3 x)] = (a_1 \beta_1 + a_3 \beta_3) x$, zero exactly for $a_1 \beta_1 + a_3 \beta_3 = 0$.",
        uses=("simsek.lemB.6",),
        evidence=(Derivation("for all β_1 and β_3 ≠ 0", softplus_steps),),
    ),
    Claim(
        "simsek.B3.tanh",
        Kind.THEOREM,
        "Null functions of the hyperbolic tangent",
        Source(PAPER, "the case of the tanh", "B.3"),
        r"$\sigma(x) + \sigma(-x) = 0$, and $a_1 \sigma(\beta_1 x) + a_1 \sigma(-\beta_1 x) = 0$.",
        uses=("simsek.lemB.6",),
        evidence=(Derivation("for all β_1", tanh_steps),),
    ),
    Claim(
        "simsek.B3.tanh.printed",
        Kind.THEOREM,
        "Null functions of the hyperbolic tangent, with a minus",
        Source(PAPER, "the case of the tanh", "B.3"),
        r"$a_1 \sigma(\beta_1 x) - a_1 \sigma(-\beta_1 x)$ is a null function for $\sigma = \tanh$.",
        label=Label.TYPO,
        erratum=r"It is $2 a_1 \tanh(\beta_1 x)$; the sign must be a plus.",
        uses=("simsek.B3.tanh",),
        evidence=(counterexample("β = 2", lambda: -1, tanh_pair, [Control("a plus", lambda sign: -sign)]),),
    ),
    Claim(
        "simsek.B3.noother",
        Kind.THEOREM,
        "There are no other null functions",
        Source(PAPER, "before Theorem B.7", "B.3"),
        r"For $p$ distinct $|\beta| \ne 0$, each with both signs, the null functions have dimension $p - 1$ for "
        r"sigmoid and softplus, $p$ for tanh, and 0 under Assumption A; with $\beta = 0$: $p$, $p - 1$, $p + 1$ and 0.",
        uses=("simsek.lemB.6", "simsek.B3.sigmoid", "simsek.B3.softplus", "simsek.B3.tanh"),
        evidence=(
            enumeration(
                "the rank of the Taylor coefficients over Q, p up to 3 (quick) or 5 (full)",
                lambda: dimensions_of_the_remark,
                dimensions,
                [
                    Control("nothing for β = 0", lambda table: lambda s, p, zero: table(s, p, False)),
                    Control("one less for tanh", lambda table: lambda s, p, z: table(s, p, z) - (s.name == "tanh")),
                    Control("pairs of softplus alone", lambda table: lambda s, p, z: table(s, p, z) + (s == softplus)),
                ],
            ),
            enumeration(
                "the same for the dimension that is computed from the degrees of the even and odd part",
                lambda: null_dimension,
                dimensions,
                [Control("one more", lambda f: lambda s, p, zero: f(s, p, zero) + 1)],
            ),
        ),
    ),
    Claim(
        "simsek.remB.3",
        Kind.REMARK,
        "Extended expansion manifolds",
        Source(PAPER, "Remark B.3", "B.3"),
        r"Let $A_W$ be the sum of the outgoing weights at $W$ less the teacher's. The loss with full support is zero "
        r"exactly if, for sigmoid, $A_W = A_{-W}$ for $W \ne 0$ and $\sum_W A_W = 0$; for tanh, $A_W = A_{-W}$ for "
        r"$W \ne 0$; for softplus, $A_W = -A_{-W}$ for $W \ne 0$, $A_0 = 0$ and $\sum_W A_W W^\top = 0$.",
        uses=("simsek.lemB.6", "simsek.B3.noother", "simsek.thm4.2"),
        evidence=(
            Derivation("the conditions suffice, for any number of neurons", sufficient_steps),
            enumeration(
                "256 networks with neurons at ±1, ±2 and 0 against the exact Taylor series; sigmoid, tanh, softplus, "
                "GELU (full: erf and SiLU too)",
                lambda: by_library,
                zero_loss_by_series,
                [
                    Control("sigmoid without the sum", lambda _: without_the_sum),
                    Control("softplus without the moment", lambda _: without_the_moment),
                    Control("the expansion manifold alone", lambda _: classical),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.remB.3.printed",
        Kind.REMARK,
        "The incoming weights of the extended manifold",
        Source(PAPER, "Remark B.3", "B.3"),
        r"For sigmoid, softplus and tanh every incoming vector of a zero-loss network is $w$ or $-w$ for a neuron of "
        "the small network.",
        label=Label.FALSE,
        erratum=r"Pairs of any vectors may be added: $(w', -w', w'', -w''; c, c, -c, -c)$ for the sigmoid. What must "
        "hold are the conditions on the sums of outgoing weights.",
        uses=("simsek.remB.3",),
        evidence=(
            counterexample(
                "sigmoid: (1, 2, -2, 3, -3; 1, 5, 5, -5, -5) and (1; 1) are the same function",
                lambda: plus_or_minus_the_teachers,
                constrains,
                [Control("the conditions on the sums", lambda _: sums_obey)],
            ),
        ),
    ),
)
