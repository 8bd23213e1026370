"""Section 5.2: the loss on the segment between a minimum and its rescaled copy is as high as one likes."""

from __future__ import annotations

import sympy as sp

from quadrics.connectivity.barriers import loss_between, zero_loss_curve

from ..check import Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation
from ..evidence import Scope
from . import barrier_checks as checks
from . import barrier_derivations, chord_derivations, permuted_derivations
from .section_3_topology import PAPER


def _claims_on_the_loss() -> tuple[Claim, ...]:
    return (
        Claim(
            "zhao.eq3",
            Kind.DEFINITION,
            "Losses with a homogeneous activation below the last layer",
            Source(PAPER, "eq. (3) and (13)", "5.2"),
            r"$L(W) = \lVert Y - W_l \sigma(W_{l-1} f(W_{l-2}, \dots, W_1, X)) \rVert_F^2$ with any $f$ and an "
            r"elementwise $\sigma$ with $\sigma(cz) = c^k \sigma(z)$ for all $c > 0$, for one $k > 0$. Such a $\sigma$ "
            r"is $z \mapsto a z_+^k - b z_-^k$, and so continuous.",
            evidence=(Derivation("all homogeneous activations", barrier_derivations.homogeneous_activations),),
        ),
        Claim(
            "zhao.eq3.printed",
            Kind.DEFINITION,
            "Homogeneity for all real factors",
            Source(PAPER, "Proposition 5.3", "5.2"),
            r"Activations such as leaky ReLU satisfy $\sigma(cz) = c^k \sigma(z)$ for all $c \in \mathbb R$.",
            label=Label.FALSE,
            erratum=r"Only for $c > 0$, which is all that the proofs use. With negative $c$ the condition excludes "
            r"ReLU and leaky ReLU, the paper's own example, and for a $k$ that is no integer it has no meaning.",
            uses=("zhao.eq3",),
            evidence=(
                counterexample(
                    "leaky ReLU and factors from -3 to 4",
                    lambda: lambda c: True,
                    checks.homogeneous_for,
                    [Control("positive factors", lambda factors: lambda c: c > 0)],
                ),
            ),
        ),
        Claim(
            "zhao.prop5.3",
            Kind.THEOREM,
            "Barriers of any height between rescaled minima",
            Source(PAPER, "Proposition 5.3, eq. (14) to (17)", "5.2"),
            r"If $Y \ne 0$, $L^{-1}(0) \ne \emptyset$ and $l \ge 2$, then for every $b > 0$ there are $W, W'$ in one "
            r"path component of $L^{-1}(0)$ and $0 < \alpha < 1$ with $L((1-\alpha) W + \alpha W') > b$: for any zero "
            r"$W$, take $\alpha = 1/2$ and $W' = (\dots, m W_{l-1}, m^{-k} W_l)$ with "
            r"$m = (2^{k+1}(\sqrt b / \lVert Y \rVert + 1) - 1)^{-1/k}$. The curve $(m^t W_{l-1}, m^{-kt} W_l)$ joins "
            r"them.",
            relation=lambda: loss_between(),
            uses=("zhao.eq3",),
            evidence=(
                Derivation("a curve inside the minimum", barrier_derivations.zero_along_the_curve),
                Derivation("the loss at the middle of the segment", barrier_derivations.loss_on_the_segment),
                enumeration(
                    "exact losses of four networks, two and three layers deep, on the curve",
                    lambda: zero_loss_curve,
                    checks.stays_at_zero,
                    [Control("the straight segment", lambda curve: checks.segment)],
                    scope=Scope.INSTANCE,
                ),
                enumeration(
                    "exact losses of the same networks on the segment, against eq. (14)",
                    lambda: loss_between,
                    checks.loss_is,
                    [
                        Control("degree 1 throughout", lambda h: lambda a, m, k, N: h(a, m, 1, N)),
                        Control("the loss without the square", lambda h: lambda a, m, k, N: sp.sqrt(h(a, m, k, N))),
                        Control("‖Y‖ in place of ‖Y‖²", lambda h: lambda a, m, k, N: h(a, m, k, sp.sqrt(N))),
                    ],
                    scope=Scope.INSTANCE,
                ),
            ),
        ),
        Claim(
            "zhao.prop5.3.proof",
            Kind.THEOREM,
            "Three steps of the proof of Proposition 5.3",
            Source(PAPER, "proof of Proposition 5.3", "C"),
            r"The straight segment $((1-t) W_l + t m^{-k} W_l, (1-t) W_{l-1} + t m W_{l-1})$ lies in the minimum; and "
            r"$m = (2^{k+1}(\sqrt b / \lVert Y \rVert^2 + 1) - 1)^k$ gives $L > b$ at $\alpha = 1/2$.",
            label=Label.GAP,
            erratum=r"That segment is the one whose loss is the barrier; the curve $(m^{-kt} W_l, m^t W_{l-1})$ lies "
            r"in the minimum. Inequality (16) needs $m^{-k} = 2^{k+1}(\sqrt b / \lVert Y \rVert + 1) - 1$: exponent "
            r"$-1/k$ and $\lVert Y \rVert$. With the printed exponent the loss falls short for $k < 1$, with the "
            r"printed norm for $\lVert Y \rVert > 1$. The proposition is true.",
            uses=("zhao.prop5.3",),
            evidence=(
                counterexample(
                    "the segment from W to 16 W is no curve of minima",
                    lambda: checks.segment,
                    checks.stays_at_zero,
                    [Control("powers of m", lambda curve: zero_loss_curve)],
                ),
                counterexample(
                    "exponent k, at k = 1/2, ‖Y‖ = 1, b = 100",
                    checks.printed_exponent,
                    checks.exceeds(100, 1, checks.HALF),
                    [Control("exponent -1/k", checks.right)],
                ),
                counterexample(
                    "‖Y‖², at k = 1, ‖Y‖ = 10, b = 100",
                    checks.printed_norm,
                    checks.exceeds(100, 10, 1),
                    [Control("‖Y‖", checks.right)],
                ),
            ),
        ),
        Claim(
            "zhao.rem5.3",
            Kind.REMARK,
            "No contradiction with layerwise connectivity",
            Source(PAPER, "after Proposition 5.3", "5.2"),
            r"On the segment between two zeros that differ in $W_l$ alone the loss is 0. If only one of the two layers "
            r"of the rescaled pair moves towards the other's, the loss grows all the way: no barrier above the ends.",
            uses=("zhao.prop5.3",),
            evidence=(Derivation("one layer at a time", barrier_derivations.one_layer_at_a_time),),
        ),
    )


def _claims_on_permutations() -> tuple[Claim, ...]:
    return (
        Claim(
            "zhao.prop5.4",
            Kind.THEOREM,
            "Barriers that no permutation of the last hidden layer removes",
            Source(PAPER, "Proposition 5.4, eq. (18) to (21)", "5.2"),
            r"If $W_l P \sigma(W_{l-1} f) \ne 0$ for every permutation $P$ at some zero $W$, then for every $b$ there "
            r"is a copy $W'$, equal to $W$ but for the last two layers, with $\min_P L(\frac12 W + \frac12 (\dots, "
            r"P^{-1} W'_{l-1}, W'_l P)) > b$. For each $P$ the loss grows like "
            r"$2^{-2(k+1)} m^{2k} \lVert W_l P^{-1} \sigma \rVert^2$.",
            hypotheses=("no permutation P with every column of P σ in the null space of W_l",),
            uses=("zhao.prop5.3",),
            evidence=(
                Derivation("the output at the middle, and its growth", permuted_derivations.permuted_middle),
                enumeration(
                    "2, 3 and 4 neurons, degrees 1, 2, 3: all permutations",
                    lambda: lambda m: m,
                    checks.no_permutation_helps,
                    [
                        Control("no rescaling", lambda factor: lambda m: 1),
                        Control("factors of at most 2", lambda factor: lambda m: min(m, 2)),
                    ],
                ),
                enumeration(
                    "leading coefficients in m, three neurons, k = 1 and 2: all permutations",
                    lambda: checks.coefficient,
                    checks.grows_like,
                    [
                        Control(
                            "1/16, as (21) has it", lambda c: lambda last, p: c(last, p) * 4 ** (last[2].degree - 1)
                        ),
                        Control("P in place of its inverse", lambda c: lambda last, p: c(last, checks.inverse(p))),
                    ],
                ),
            ),
        ),
        Claim(
            "zhao.prop5.4.printed",
            Kind.THEOREM,
            "The barrier with permutations, without primes",
            Source(PAPER, "Proposition 5.4", "5.2"),
            r"$\min_P L((1-\alpha)(W_1, \dots, W_l) + \alpha (W_1, \dots, W_{l-2}, P^{-1} W_{l-1}, W_l P)) > b$.",
            label=Label.FALSE,
            erratum=r"With the same $W$ on both sides $P = I$ gives $L(W) = 0$. The second point must be the rescaled "
            r"copy: $P^{-1} W'_{l-1}, W'_l P$, as in the proof.",
            uses=("zhao.prop5.4",),
            evidence=(
                counterexample(
                    "2, 3 and 4 neurons: the smallest loss over all permutations",
                    lambda: lambda m: 1,
                    checks.no_permutation_helps,
                    [Control("the rescaled copy", lambda factor: lambda m: m)],
                ),
            ),
        ),
        Claim(
            "zhao.prop5.4.proof",
            Kind.THEOREM,
            "Equations (19) and (21)",
            Source(PAPER, "eq. (19) and (21)", "C"),
            r"At $\alpha = 1/2$ the output has the factor $1/4$, and the loss tends to "
            r"$\lVert \frac34 Y - \frac{m^k}{4} W_l P^{-1} \sigma \rVert^2$.",
            label=Label.GAP,
            erratum=r"The factor is $2^{-(k+1)}$, which is 1/4 for $k = 1$ only; and (21) is the leading order in $m$, "
            r"not a limit: the difference from the loss grows with $m$ as well.",
            uses=("zhao.prop5.4",),
            evidence=(
                counterexample(
                    "exact outputs at the middle, k = 1 and 2",
                    lambda: lambda k: sp.Rational(1, 4),
                    checks.middle_is,
                    [Control("2^{-(k+1)}", lambda prefix: lambda k: sp.Rational(1, 2 ** (k + 1)))],
                ),
                counterexample(
                    "k = 1, m = 10^4: the loss differs from (21) by more than 1",
                    lambda: lambda found, said, m: abs(found - said) < 1,
                    checks.last_line,
                    [Control("their ratio is within 10/m of 1", lambda r: lambda a, b, m: abs(a / b - 1) * m < 10)],
                ),
            ),
        ),
        Claim(
            "zhao.rem5.compact",
            Kind.REMARK,
            "Compact groups have bounded barriers",
            Source(PAPER, "after Proposition 5.4", "5.2"),
            r"On an orbit of a compact group with a continuous action the barriers are bounded; for orthogonal basis "
            r"changes of two linear layers by $\lVert W_2 \rVert \lVert W_1 X \rVert$ (unsquared). Compactness is not "
            r"necessary: for $\{I + tN\}$, $N^2 = 0$, every barrier is 0. (The paper says "
            "only that barriers can depend on compactness.)",
            uses=("zhao.act4.1",),
            evidence=(
                Derivation("orthogonal groups and shears", chord_derivations.compact_groups),
                enumeration(
                    "two linear layers and shears up to s = 10^6: bounded, although the group is not compact",
                    lambda: lambda compact: True,
                    checks.criterion,
                    [Control("bounded exactly for compact groups", lambda bounded: lambda compact: compact)],
                    scope=Scope.INSTANCE,
                ),
            ),
        ),
        Claim(
            "zhao.fig2",
            Kind.FIGURE,
            "The loss between two minima of a network with one weight a layer",
            Source(PAPER, "Figure 2", "5.2"),
            r"For $L = |Y - W_2 W_1 X|$ with $X = Y = 1$ the largest loss on the segment from $(1, 1)$ to $(m, 1/m)$ "
            r"is $(m-1)^2/(4m)$, at the middle.",
            uses=("zhao.prop5.3",),
            missing="the two minima that are drawn, and Y",
            evidence=(
                Derivation("the height of the barrier", chord_derivations.scalars_and_shears, scope=Scope.INSTANCE),
                enumeration(
                    "exact losses at 101 points for m = 2, 5, 10, 100",
                    lambda: dict(checks.FIGURE_2),
                    checks.figure_2,
                    [
                        Control("squared", lambda heights: {m: h**2 for m, h in heights.items()}),
                        Control("(m - 1)²/(2m)", lambda heights: {m: 2 * h for m, h in heights.items()}),
                    ],
                    scope=Scope.INSTANCE,
                ),
            ),
        ),
        Claim(
            "zhao.fig4",
            Kind.FIGURE,
            "The loss between two minima of a trained network with five layers",
            Source(PAPER, "Figure 4", "C"),
            r"A leaky ReLU network $8 - 16 - 32 - 16 - 8 - 4$ is trained to a loss of 0 on Gaussian data; at the "
            r"middle of the segment to its copy with the last two layers rescaled by $m$ the loss is "
            r"$\lVert Y \rVert (m-1)^2/(4m)$.",
            uses=("zhao.prop5.3",),
            missing="initialization, slope of the leaky ReLU, learning rate, number of steps, values of m",
        ),
    )


CLAIMS: tuple[Claim, ...] = (*_claims_on_the_loss(), *_claims_on_permutations())
