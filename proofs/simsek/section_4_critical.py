"""Section 4.2 and appendix B.4: symmetry-induced critical points, which they are, and which others there are."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from quadrics.expansion.counts import G, T

from ..check import Control, certificate, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation
from ..evidence import Scope
from ..indexed import decide as decide_indexed
from .critical_checks import (
    all_critical,
    all_permutations,
    all_words,
    as_a_matrix,
    copied,
    counted,
    critical_words,
    not_parallel,
    permuted,
    permuted_gradient,
    rank,
    too_much,
    with_a_zero_neuron,
)
from .critical_derivations import (
    dimension_of_copies,
    disjoint,
    gradient_of_copies,
    number_of_words,
    without_irreducibility,
)
from .expansion_checks import PAPER
from .other_critical_points import CLAIMS as OTHERS

EQ4 = Claim(
    "simsek.eq4",
    Kind.DEFINITION,
    "A critical subspace",
    Source(PAPER, "equation 4", "4.2"),
    r"$\bar\Gamma_s(\theta_*^r)$: $k_t$ copies of the incoming weights $w_t^*$, with the outgoing weights $\beta_t^i "
    r"a_t^*$, $\sum_i \beta_t^i = 1$. It is an affine subspace of dimension $\sum_t (k_t - 1) = m - r$ of networks "
    "that compute the same function.",
    uses=("simsek.net", "simsek.def3.1"),
    evidence=(
        Derivation("its dimension and its function, for all sizes", dimension_of_copies),
        enumeration(
            "the rank of the equations, for four irreducible points",
            lambda: lambda r, m: m - r,
            rank,
            [Control("d_out (m - r) for d_out = 2", lambda size: lambda r, m: 2 * (m - r))],
        ),
    ),
)

PROP43 = Claim(
    "simsek.prop4.3",
    Kind.THEOREM,
    "Symmetry-induced critical points",
    Source(PAPER, "Proposition 4.3", "4.2"),
    r"If $\theta_*^r$ is an irreducible critical point of $L^r$, all points of $\bar\Theta_{r \to m}(\theta_*^r)$ are "
    r"critical points of $L^m$, and it is a disjoint union of $G(r, m) = \sum_{k_1 + \dots + k_r = m,\, k_i \ge 1} "
    r"\binom{m}{k_1, \dots, k_r}$ affine subspaces of dimension $m - r$.",
    hypotheses=(r"$\sigma$ and $c$ are differentiable",),
    uses=("simsek.def4.1", "simsek.eq4"),
    evidence=(
        Derivation("the gradient by the weights of a copy, for all sizes, losses and activations", gradient_of_copies),
        Derivation("the number of words with given numbers of letters, label by label", number_of_words),
        certificate(
            "disjoint, for all r and m: equal incoming weights mean equal labels (z3)",
            lambda: disjoint,
            decide_indexed,
            [Control("two neurons of the core may be equal", without_irreducibility)],
        ),
        enumeration(
            "echelon forms for four irreducible points: their number, and that no two meet",
            lambda: lambda r, m: G(r, m),
            counted,
            [
                Control("T", lambda count: lambda r, m: T(r, m)),
                Control("up to permutation of labels", lambda count: lambda r, m: count(r, m) / sp.factorial(r)),
            ],
        ),
        enumeration(
            "exact gradients at copies of critical points of seven sigmoid networks",
            lambda: copied,
            all_critical,
            [
                Control("outgoing weights that are not parallel", lambda family: not_parallel),
                Control("shares that add up to 3/2", lambda family: too_much),
                Control("a zero-type neuron", lambda family: with_a_zero_neuron),
            ],
            scope=Scope.INSTANCE,
        ),
    ),
)

CLAIMS: tuple[Claim, ...] = (
    EQ4,
    Claim(
        "simsek.def4.1",
        Kind.DEFINITION,
        "The symmetry-induced critical points",
        Source(PAPER, "Definition 4.1", "4.2"),
        r"$\bar\Theta_{r \to m}(\theta_*^r) = \bigcup_{s, \pi} \mathcal P_\pi \bar\Gamma_s(\theta_*^r)$ for an "
        r"irreducible critical point $\theta_*^r$: one subspace for each word of length $m$ in which each of $r$ "
        "labels occurs.",
        uses=("simsek.eq4", "simsek.def2.1"),
        evidence=(
            enumeration(
                "all permutations of all s, m up to 5 (quick) or 6 (full)",
                lambda: critical_words,
                all_permutations,
                [Control("with zero-type groups", lambda words: all_words)],
            ),
        ),
    ),
    PROP43,
    replace(
        PROP43,
        id="simsek.propB.8",
        source=Source(PAPER, "Proposition B.8", "B.4"),
        title="Symmetry-induced critical points (appendix)",
        uses=("simsek.prop4.3",),
    ),
    Claim(
        "simsek.propB.8.printed",
        Kind.THEOREM,
        "Two formulas of the proof, as printed",
        Source(PAPER, "proof of Proposition B.8", "B.4"),
        r"The $d_{out} \times d_{in}$ matrix $U(w) = \frac1N \sum c'(f(x), y)\, \sigma'(w \cdot x)\, x$ gives the "
        r"gradient $a^T U(w)$, and $\nabla L^m(\mathcal P_\pi \theta^m) = \mathcal P_\pi \nabla L^m(\theta^r)$.",
        label=Label.TYPO,
        erratum=r"Read $x^T$ for $x$ (two columns have no product), $\nabla L^m(\mathcal P_\pi \theta^m) = \mathcal "
        r"P_\pi \nabla L^m(\theta^m)$ (the gradient at $\theta^r$ has other entries), and $N$ for $n$ in $1/n$.",
        uses=("simsek.propB.8",),
        evidence=(
            counterexample(
                "two outputs, two inputs: the product of the columns",
                lambda: lambda slope, x: slope * x,
                as_a_matrix,
                [Control("x transposed", lambda outer: lambda slope, x: slope * x.T)],
            ),
            counterexample(
                "three neurons that copy two, off the critical points",
                lambda: lambda wide, narrow, pi: permuted(narrow, pi),
                permuted_gradient,
                [Control("the gradient at θ^m", lambda right: lambda wide, narrow, pi: permuted(wide, pi))],
            ),
        ),
    ),
    *OTHERS,
)
