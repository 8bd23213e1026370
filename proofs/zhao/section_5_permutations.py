"""Section 5.1: minima of linear networks are connected up to permutation of the hidden neurons."""

from __future__ import annotations

from math import factorial

import sympy as sp

from quadrics.connectivity.gl_paths import determinant_sign
from quadrics.connectivity.permuted_minima import (
    aligning_permutations,
    number_of_aligning_tuples,
    permute_neurons,
    printed_permutation,
)

from ..check import Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation
from ..evidence import Scope
from .permutation_checks import (
    DET_MOVING,
    DET_START,
    align,
    classes_of_components,
    coordinates_permuted,
    example,
    example_steps,
    joins,
    moves_across,
    positive_product,
    signs_can_be_chosen,
    some_tuple_connects,
    tuples_that_work,
)
from .section_3_topology import PAPER

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "zhao.lem5.1",
        Kind.THEOREM,
        "A matrix of negative determinant crosses between the two components",
        Source(PAPER, "Lemma 5.1", "5.1"),
        r"Let $l = 2$, and $W, W'$ be minima that are not connected. If $\det g < 0$ then $g \cdot W$ and $W'$ are "
        "connected within the minimum.",
        uses=("zhao.act4.1", "zhao.prop4.1", "zhao.cor4.2"),
        evidence=(
            Derivation("the action is multiplication in the coordinates, for every h", moves_across),
            enumeration(
                "pairs of points with h = 2 in different components, joined by exact paths",
                lambda: lambda g: determinant_sign(g) < 0,
                joins,
                [Control("any g", lambda condition: lambda g: True)],
            ),
        ),
    ),
    Claim(
        "zhao.lem5.1.proof",
        Kind.THEOREM,
        "The condition on the moving matrix, as it is printed in the proof",
        Source(PAPER, "proof of Lemma 5.1", "C"),
        r"For $g_1$ such that $\det g < 0$, where $g = f^{-1}(W)$ and $\det(g g') < 0$: $\det(g_1 g g') > 0$.",
        label=Label.TYPO,
        erratum=r"The condition is $\det g_1 < 0$: it is on the matrix that moves, not on the coordinate of $W$.",
        uses=("zhao.lem5.1",),
        evidence=(
            counterexample(
                "determinants found by z3",
                lambda: DET_START < 0,
                positive_product,
                [Control("det g_1 < 0", lambda condition: DET_MOVING < 0)],
            ),
        ),
    ),
    Claim(
        "zhao.ex5.1",
        Kind.THEOREM,
        "An exchange of two neurons that crosses",
        Source(PAPER, "Example", "C"),
        r"$W = (I, \operatorname{diag}(-1, 1))$ and $W' = (\operatorname{diag}(-1, 1), I)$ lie in different "
        r"components; the exchange of the two neurons takes $W$ to $((0\ 1; 1\ 0), (0\ {-1}; 1\ 0))$, in the "
        r"component of $W'$.",
        uses=("zhao.lem5.1",),
        evidence=(
            Derivation("the matrices and their determinants", example_steps),
            enumeration(
                "the components that the library finds",
                lambda: (sp.Matrix([[0, 1], [1, 0]]), sp.Matrix([[0, -1], [1, 0]])),
                example,
                [Control("the transpose of the last layer", lambda moved: (moved[0], moved[1].T))],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "zhao.prop5.2",
        Kind.THEOREM,
        "Up to permutation of hidden neurons the minimum is connected",
        Source(PAPER, "Proposition 5.2", "5.1"),
        r"Let $h \ge 2$. For any minima $W, W'$ there are permutation matrices such that "
        r"$(P_1 W_1, P_2 W_2 P_1^{-1}, \dots, W_l P_{l-1}^{-1})$ is connected to $W'$ within the minimum; of all "
        r"tuples exactly $(h!/2)^{l-1}$ do.",
        hypotheses=("h >= 2",),
        uses=("zhao.act4.1", "zhao.prop4.1", "zhao.cor4.2"),
        evidence=(
            Derivation("signs chosen layer by layer, for every h and l", signs_can_be_chosen),
            enumeration(
                "the tuple that the code finds, followed by an exact path: h = 2 with l up to 4, h = 3 with l = 3",
                lambda: aligning_permutations,
                align,
                [
                    Control(
                        "signs compared without the permutation of the layer below",
                        lambda align: (
                            lambda network, W, V: tuple(
                                (0, 1, *range(2, network.width)) if s == w else (1, 0, *range(2, network.width))
                                for s, w in zip(network.component_of(W), network.component_of(V), strict=True)
                            )
                        ),
                    ),
                ],
            ),
            enumeration(
                "all tuples of permutations tried: (h!/2)^(l-1) connect, h = 2, 3 (quick) or up to 4",
                lambda: number_of_aligning_tuples,
                tuples_that_work,
                [
                    Control("all of them", lambda number: lambda h, depth: factorial(h) ** (depth - 1)),
                    Control("one for each vector of signs", lambda number: lambda h, depth: 1 + (h > 2)),
                ],
            ),
        ),
    ),
    Claim(
        "zhao.prop5.2.printed",
        Kind.THEOREM,
        "Up to permutation from the right",
        Source(PAPER, "Proposition 5.2", "5.1"),
        r"Let $h \ge 2$. For any minima $W, W'$ there are permutation matrices such that "
        r"$(W_1 P_1, P_1^{-1} W_2 P_2, \dots, P_{l-1}^{-1} W_l)$ is connected to $W'$ within the minimum.",
        label=Label.FALSE,
        erratum=r"That tuple belongs to weights multiplied from the right, $W_1 \cdots W_l$; for the loss of eq. (1) "
        r"it leaves the minimum. The tuple is $(P_1 W_1, P_2 W_2 P_1^{-1}, \dots, W_l P_{l-1}^{-1})$. (In print the "
        r"last two inverses are missing, too.)",
        uses=("zhao.prop5.2",),
        evidence=(
            counterexample(
                "h = l = 2, X = I, Y = A = (1 1; 0 1), W = (I, A), W' = (D, A D), D = diag(-1, 1): the identity is in "
                "the wrong component, the exchange off the minimum",
                lambda: printed_permutation,
                some_tuple_connects,
                [Control("from the left", lambda permute: permute_neurons)],
            ),
        ),
    ),
    Claim(
        "zhao.prop5.2.proof",
        Kind.THEOREM,
        "The coordinates of the permuted point",
        Source(PAPER, "proof of Proposition 5.2", "C"),
        r"The coordinates of the permuted point are $g''_i = P_{i-1}^{-1} g_i P_i$.",
        label=Label.FALSE,
        erratum=r"They are $P_i g_i P_{i-1}^{-1}$, $P_0 = I$ (from the point that is permuted; in print the roles of "
        r"$g$ and $g'$ are exchanged, and $(\mathrm{GL}_h)^{n-1}$ stands for $(\mathrm{GL}_h)^{l-1}$).",
        uses=("zhao.prop5.2",),
        evidence=(
            counterexample(
                "h = 2, l = 3, all pairs of permutations",
                lambda: lambda i, g, P: P[i].inv() * g[i] * P[i + 1],
                coordinates_permuted,
                [Control("from the left", lambda formula: lambda i, g, P: P[i + 1] * g[i] * P[i].inv())],
            ),
        ),
    ),
    Claim(
        "zhao.rem5.1",
        Kind.REMARK,
        "When permutations help",
        Source(PAPER, "Section 5.1", "5.1"),
        r"Permutations act on the components of a minimum, and join more of it where one takes a component to another: "
        r"in linear networks always for $h \ge 2$, and never for $h = 1$.",
        uses=("zhao.cor3.6", "zhao.prop5.2"),
        evidence=(
            enumeration(
                "orbits of transpositions on the components, h and l up to 3",
                lambda: lambda h, depth: 1 if h > 1 else 2 ** (depth - 1),
                classes_of_components,
                [
                    Control("always one", lambda number: lambda h, depth: 1),
                    Control("never fewer", lambda number: lambda h, depth: 2 ** (depth - 1)),
                ],
            ),
        ),
    ),
)
