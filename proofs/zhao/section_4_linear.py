"""Section 4.1: deep linear networks on invertible data, whose minimum is a copy of GL_h^{l-1}: 2^{l-1} components."""

from __future__ import annotations

from quadrics.connectivity.group_actions import act
from quadrics.connectivity.linear_networks import (
    parametrization,
)

from ..check import Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation
from ..evidence import Scope
from .linear_checks import (
    as_a_power,
    decreasing,
    every_reading,
    free_and_transitive,
    from_second,
    from_the_right,
    invariance,
    is_parametrization,
    joined_points,
    keeps_loss,
    least_value_zero,
    separated,
    two_inverse_maps,
)
from .section_3_topology import PAPER

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "zhao.eq1",
        Kind.DEFINITION,
        "The loss of a deep linear network",
        Source(PAPER, "eq. (1)", "4.1"),
        r"$L(W_1, \dots, W_l) = \lVert Y - W_l \cdots W_1 X \rVert_F^2$ with $X, Y \in \mathrm{GL}_h(\mathbb R)$ and "
        r"$W_i \in \mathbb R^{h \times h}$; its least value is 0.",
        evidence=(Derivation("zero is attained", least_value_zero),),
    ),
    Claim(
        "zhao.act4.1",
        Kind.THEOREM,
        "Basis changes between layers",
        Source(PAPER, "Section 4.1", "4.1"),
        r"$g \cdot W = (g_1 W_1, g_2 W_2 g_1^{-1}, \dots, W_l g_{l-1}^{-1})$ is an action of $\mathrm{GL}_h^{l-1}$ "
        "that keeps the loss. On the minimum it is free and transitive.",
        uses=("zhao.eq1",),
        evidence=(
            Derivation("an action that keeps the product, for all widths and depths", invariance),
            Derivation("the one element that takes W to W', layer by layer", free_and_transitive),
            enumeration(
                "exact losses and the action axiom, h = 2, l = 2 and 3",
                lambda: act,
                keeps_loss,
                [
                    Control("permuted from the right", lambda move: from_the_right),
                    Control("the last layer left alone", lambda move: lambda g, W: (*move(g, W)[:-1], W[-1])),
                ],
            ),
        ),
    ),
    Claim(
        "zhao.prop4.1",
        Kind.THEOREM,
        "The minimum of a deep linear network is a copy of the group",
        Source(PAPER, "Proposition 4.1, eq. (10)", "4.1"),
        r"$f(g) = (g_1 X^{-1}, g_2, \dots, g_{l-1}, Y g_1^{-1} g_2^{-1} \cdots g_{l-1}^{-1})$ is a homeomorphism from "
        r"$\mathrm{GL}_h^{l-1}$ to $L^{-1}(0)$, with inverse $(W_1 X, W_2, \dots, W_{l-1})$.",
        uses=("zhao.eq1",),
        evidence=(
            Derivation("two continuous maps inverse to each other, for every h", two_inverse_maps),
            enumeration(
                "all tuples of five matrices of size 2, l up to 3 (quick) or 4 (full)",
                lambda: parametrization,
                is_parametrization,
                [Control("the product in decreasing order", lambda f: decreasing)],
            ),
        ),
    ),
    Claim(
        "zhao.prop4.1.printed",
        Kind.THEOREM,
        "The homeomorphism, with a product of no stated order or beginning",
        Source(PAPER, "eq. (10)", "B"),
        r"The last layer is $Y \prod_{i}^{l-1} g_i^{-1}$, however the product is read.",
        label=Label.TYPO,
        erratum=r"The product is $\prod_{i=1}^{l-1}$ with factors in increasing order, $g_1^{-1} g_2^{-1} \cdots$; in "
        r"decreasing order, or from $i = 2$, the loss is not zero. The list of layers ends at $W_l$, not $W_n$.",
        uses=("zhao.prop4.1",),
        evidence=(
            counterexample(
                "l = 3, h = 2: increasing, decreasing, and from i = 2",
                lambda: {"increasing": parametrization, "decreasing": decreasing, "from 2": from_second},
                every_reading,
                [Control("increasing from 1", lambda readings: {"increasing": readings["increasing"]})],
            ),
        ),
    ),
    Claim(
        "zhao.cor4.2",
        Kind.THEOREM,
        "The number of components of the minimum",
        Source(PAPER, "Corollary 4.2", "4.1"),
        r"$|\pi_0(\operatorname{argmin} L)| = 2^{l-1}$ for every width $h \ge 1$ and depth $l \ge 1$; two points are "
        r"connected exactly when $\det W_1 X, \det W_2, \dots, \det W_{l-1}$ have the same signs at both.",
        uses=("zhao.prop4.1", "zhao.prop3.5", "zhao.cor3.3", "zhao.factGL"),
        evidence=(
            Derivation("a product of copies of GL_h", as_a_power),
            enumeration(
                "points joined by exact paths: as many classes, for h = 1 to l = 4 (quick) or 5, h = 2 to l = 3 or 4",
                lambda: lambda h, depth: 2 ** (depth - 1),
                joined_points,
                [
                    Control("2^l", lambda number: lambda h, depth: 2**depth),
                    Control("one more in each layer", lambda number: lambda h, depth: 3 ** (depth - 1)),
                ],
            ),
            enumeration(
                "one point for each vector of signs",
                lambda: lambda h, depth: 2 ** (depth - 1),
                separated,
                [Control("l components", lambda number: lambda h, depth: depth)],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
)
