"""Section 4.1: the global minima are the expansion manifold, if the activation has no symmetries of its own."""

from __future__ import annotations

from dataclasses import replace

from quadrics.expansion.activations.condition import assumption_a
from quadrics.expansion.activations.derivatives_at_zero import soft_sigmoid_derivative_at_zero
from quadrics.expansion.reduction import is_irreducible
from quadrics.smooth_activation import (
    sigmoid,
    soft_sigmoid,
    softplus,
    tanh,
)

from ..check import Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation
from ..evidence import Scope
from .assumption_checks import (
    G,
    agrees_with_series,
    first_derivatives,
    soft_sigmoid_steps,
    table,
)
from .expansion_checks import PAPER
from .function_checks import (
    EXP,
    EXP_MINUS_ONE,
)
from .minima_checks import (
    GRIDS,
    Uniqueness,
    conclusion_of_the_theorem,
    critical_union,
    decide_uniqueness,
    direction_works,
    expansion,
    fits_data,
    fits_everywhere,
    general_points,
    has_a_smaller_one,
    minima_are_connected,
    nonzero_vectors_suffice,
    powers,
    uniqueness_steps,
    with_zero_types_that_count,
    zero_loss,
)

_THEOREM = Claim(
    "simsek.thm4.2",
    Kind.THEOREM,
    "No global minima outside the expansion manifold",
    Source(PAPER, "Theorem 4.2", "4.1"),
    r"Let $\sigma$ satisfy Assumption A, let $\mu$ have full support, $m \ge r^*$, and $L_\mu^{r^*}(\theta_*) = 0$ at "
    r"an irreducible $\theta_*$. Then $L_\mu^m(\theta) = 0$ exactly for $\theta \in \Theta_{r^* \to m}(\theta_*)$.",
    hypotheses=(r"$\sigma$ satisfies Assumption A", r"the support of $\mu$ is $\mathbb R^{d_{in}}$"),
    uses=("simsek.assA", "simsek.lemB.5", "simsek.def3.3", "simsek.eq2"),
    evidence=(
        Derivation("from Lemma B.5, on a line through the origin", uniqueness_steps),
        enumeration(
            "irreducible networks of 1 and 2 neurons against all of 2 neurons (full: 3 for one input) with small "
            "weights, one or two inputs; functions by exact Taylor series; g_{1,4}",
            lambda: Uniqueness(soft_sigmoid(1, 4), expansion),
            decide_uniqueness,
            [
                Control("sigmoid", lambda s: s._replace(activation=sigmoid)),
                Control("softplus: a pair ±W with opposite weights", lambda s: s._replace(activation=softplus)),
                Control("tanh", lambda s: s._replace(activation=tanh)),
                Control("exp - 1, which is zero at 0", lambda s: s._replace(activation=EXP_MINUS_ONE)),
                Control("without zero-type neurons", lambda s: s._replace(members=critical_union)),
            ],
        ),
        enumeration(
            "one input, with the exponential function",
            lambda: Uniqueness(EXP, expansion, GRIDS[:1]),
            decide_uniqueness,
            [Control("exp - 1", lambda s: s._replace(activation=EXP_MINUS_ONE))],
        ),
    ),
)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.sec4.assump",
        Kind.DEFINITION,
        "The minimal width",
        Source(PAPER, "second paragraph of section 4", "4"),
        r"$r^*$ is the least width of zero loss, attained at a point $\theta_*$ that is unique up to permutation. Then "
        r"$\theta_*$ is irreducible: a reducible point has the function of a network with a neuron less.",
        uses=("simsek.eq2", "simsek.def3.1", "simsek.reduce"),
        evidence=(
            enumeration(
                "all reducible networks of 2 and 3 neurons with small weights, for an unknown activation",
                lambda: lambda theta: not is_irreducible(theta),
                has_a_smaller_one,
                [
                    Control("networks with an incoming weight of zero", lambda _: lambda theta: 0 in theta.W1),
                    Control("all networks", lambda _: lambda theta: True),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.cor4.1",
        Kind.THEOREM,
        "A connected manifold of global minima",
        Source(PAPER, "Corollary 4.1", "4.1"),
        r"For $m > r^*$ the expansion manifold $\Theta_{r^* \to m}(\theta_*)$ is connected and has zero loss.",
        uses=("simsek.sec4.assump", "simsek.thm3.1d"),
        evidence=(
            enumeration(
                "the graph of subspaces up to m = 4 (quick) or 5 (full); for m = r > 1 it is not connected",
                lambda: lambda r, m: m > r or r == 1,
                minima_are_connected,
                [
                    Control("at m = r too", lambda _: lambda r, m: True),
                    Control("from m = r + 2 on", lambda _: lambda r, m: m > r + 1 or r == 1),
                ],
            ),
            enumeration(
                "the general point of every subspace for m = r + 1, four irreducible points, an unknown activation",
                lambda: general_points,
                zero_loss,
                [Control("all outgoing weights one more", lambda _: with_zero_types_that_count)],
            ),
        ),
    ),
    Claim(
        "simsek.assA",
        Kind.DEFINITION,
        "Assumption A on the activation",
        Source(PAPER, "Assumption A", "B.3"),
        r"$\sigma$ is smooth, $\sigma(0) \ne 0$, and $\sigma^{(n)}(0) \ne 0$ for infinitely many even and infinitely "
        r"many odd $n$. Of sigmoid, softplus, tanh, erf, GELU, SiLU and $g_{1,4}$ only the last one satisfies it. (The "
        "paper's reference to the theorem that assumes it is broken; it is Theorem B.7.)",
        uses=("simsek.net",),
        evidence=(
            enumeration(
                "decided by limits and exact identities, compared with the coefficients up to order 12 (quick) or 20",
                table,
                agrees_with_series,
                [
                    Control("sigmoid satisfies it", lambda table: table | {"sigmoid": (True, True, True)}),
                    Control("g_{1,4} does not", lambda table: table | {"soft_sigmoid": (True, True, False)}),
                    Control("GELU is not zero at 0", lambda table: table | {"gelu": (True, True, False)}),
                ],
            ),
        ),
    ),
    _THEOREM,
    Claim(
        "simsek.thm4.2.printed",
        Kind.THEOREM,
        "No global minima outside the expansion manifold, with the loss on a data set",
        Source(PAPER, "Theorem 4.2", "4.1"),
        r"If $\theta_*$ is the unique point of $r^*$ neurons with $L^{r^*}(\theta_*) = 0$, and $L_\mu^m(\theta) = 0$, "
        r"then $\theta \in \Theta_{r^* \to m}(\theta_*)$.",
        label=Label.TYPO,
        erratum=r"The hypothesis must be $L_\mu^{r^*}(\theta_*) = 0$, as in Theorem B.7: a finite data set does not "
        r"determine $f^*$. For $\sigma = \exp$ and data at $0$ and $\ln 2$ with targets $1$ and $4$, $e^{2x}$ is the "
        r"unique fit of one neuron, and $\frac23 e^x + \frac13 e^{3x}$ has these values too.",
        uses=("simsek.thm4.2",),
        evidence=(
            counterexample(
                "σ = exp, targets 1 at 0 and 4 at ln 2: e^{2x} fits them alone, and so does a network of two neurons",
                lambda: fits_data,
                conclusion_of_the_theorem,
                [Control("the loss with full support", lambda _: fits_everywhere)],
            ),
        ),
    ),
    Claim(
        "simsek.thm4.2.proof",
        Kind.THEOREM,
        "Two steps of the proof of Theorem B.7",
        Source(PAPER, "proof of Theorem B.7", "B.3"),
        r"(i) The direction $t_\epsilon = (1, \epsilon, \dots, \epsilon^M)$ has the products $W_j \cdot t_\epsilon$; "
        r"(ii) it suffices to show $A_j = 0$ for the nonzero $W_j$, whatever $\sigma(0)$ is.",
        label=Label.GAP,
        erratum=r"(i) $t_\epsilon$ must lie in $\mathbb R^{d_{in}}$: $(1, \epsilon, \dots, \epsilon^{d_{in}-1})$; that "
        r"$W_j \cdot t_\epsilon \ne 0$ is needed as well. (ii) After Lemma B.5 there remains $A_0 \sigma(0) = 0$, and "
        r"$A_0 = 0$ because $\sigma(0) \ne 0$, which is used nowhere else. For $\sigma = e^x - 1$ a neuron with "
        "$w = 0$ has any outgoing weight.",
        uses=("simsek.thm4.2",),
        evidence=(
            counterexample(
                "three vectors of the plane and of space",
                lambda: lambda M, d_in: powers(M + 1),
                direction_works,
                [Control("d_in entries", lambda _: lambda M, d_in: powers(d_in))],
            ),
            counterexample(
                "σ = exp - 1, with infinitely many even and odd derivatives: (1, 0; 1, 5) and (1; 1) have one function",
                lambda: EXP_MINUS_ONE,
                nonzero_vectors_suffice,
                [
                    Control("σ = exp, with σ(0) = 1", lambda _: EXP),
                    Control("σ = g_{1,4}", lambda _: soft_sigmoid(1, 4)),
                ],
            ),
        ),
    ),
    replace(
        _THEOREM,
        id="simsek.thmB.7",
        title="No global minima outside the expansion manifold, restated",
        source=Source(PAPER, "Theorem B.7", "B.3"),
        uses=("simsek.thm4.2",),
    ),
    Claim(
        "simsek.rem4.1",
        Kind.REMARK,
        "An activation that satisfies Assumption A",
        Source(PAPER, "Remark 4.1", "4.1"),
        r"$g_{\alpha,\gamma}(x) = \ln(1 + e^x) + \frac{\alpha}{1 + e^{-\gamma x}}$ satisfies Assumption A for all "
        r"$\alpha, \gamma > 0$; softplus and sigmoid do not. For $n \ge 1$, $g^{(n)}(0) = s_{n-1} + "
        r"\alpha \gamma^n s_n$ with $s_n = (2^{n+1} - 1) B_{n+1}/(n+1)$, the derivatives of the sigmoid at 0.",
        relation=lambda: assumption_a(G).value_at_zero,
        uses=("simsek.assA",),
        evidence=(
            Derivation("even and odd part, for all α, γ > 0", soft_sigmoid_steps),
            enumeration(
                "the formula for the derivatives of order up to 7 (quick) or 12 (full), for all α and γ",
                lambda: soft_sigmoid_derivative_at_zero,
                first_derivatives,
                [
                    Control("γ^(n+1)", lambda f: lambda n, a, g: f(n, a * g, g)),
                    Control("without the softplus", lambda f: lambda n, a, g: f(n, a, g) - f(n, 0, g)),
                ],
                scope=Scope.RANGE,
            ),
        ),
    ),
    Claim(
        "simsek.rem4.3",
        Kind.CITATION,
        "Discrete global minima on a finite data set",
        Source(PAPER, "Remark 4.3", "4.1"),
        "Kuditipudi et al. (2019) give a finite data set for which overparameterized ReLU networks have isolated "
        "global minima (up to rescaling); Theorem 4.2 is about data with full support.",
    ),
)
