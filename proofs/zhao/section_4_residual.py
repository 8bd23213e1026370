"""Section 4.2: a skip connection over two layers, and the number of components of the minimum that it leaves."""

from __future__ import annotations

from quadrics.connectivity.residual_networks import (
    skip_factor,
)

from ..check import Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation
from ..evidence import Scope
from . import point_sets
from .residual_checks import (
    cells,
    figure_1,
    inverts,
    joined,
    reduces,
    reduces_when,
    three_square_layers,
)
from .residual_derivations import (
    a_graph_over_the_block,
    fewer,
    other_data,
    the_papers_decomposition,
    three_or_four_pieces,
)
from .section_3_topology import PAPER
from .topology_checks import for_all_spaces

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "zhao.eq2",
        Kind.DEFINITION,
        "The loss of a three-layer residual network",
        Source(PAPER, "eq. (2)", "4.2"),
        r"$L(W_1, W_2, W_3) = \lVert Y - W_3 (W_2 W_1 X + \varepsilon X) \rVert_F$ (not squared, unlike eq. (1)). For "
        r"invertible $X, Y$ it is zero exactly when $M = W_2 W_1 + \varepsilon I$ is invertible and "
        r"$W_3 = Y (M X)^{-1}$: the minimum is a graph over $\{\det M \ne 0\}$.",
        evidence=(Derivation("the last layer as a function of the others, for every n", a_graph_over_the_block),),
    ),
    Claim(
        "zhao.prop4.3",
        Kind.THEOREM,
        "Four components without the skip connection, three with it, in one dimension",
        Source(PAPER, "Proposition 4.3", "4.2"),
        r"Let $n = 1$ and $X, Y \ne 0$. The minimum of eq. (2) has 4 components when $\varepsilon = 0$, and 3 when "
        r"$\varepsilon \ne 0$: one where $W_3$ has the sign of $Y / (\varepsilon X)$, and one for each sign of $W_1$ "
        "where it has the other.",
        hypotheses=("n = 1", "X, Y != 0"),
        uses=("zhao.eq2", "zhao.cor3.3", "zhao.rem3.path"),
        evidence=(
            Derivation("pieces that are convex or star-shaped, for every ε", three_or_four_pieces),
            for_all_spaces(
                "on a connected part the factors that are nowhere zero keep their signs: the pieces are apart",
                point_sets.one_sign_on_connected,
                connected="a set that is not connected",
                nonzero="a factor with zeros",
            ),
            Derivation("without the hypotheses: one component when X or Y is zero", other_data, Scope.INSTANCE),
            Derivation("the paper's sets S_1 and S_0, with f⁻¹ corrected", the_papers_decomposition),
            enumeration(
                "exact cells of the plane without the hyperbola, five values of ε",
                lambda: lambda skip: 3 if skip else 4,
                cells,
                [
                    Control("four", lambda number: lambda skip: 4),
                    Control("three", lambda number: lambda skip: 3),
                    Control("two, as a skip leaves in more dimensions", lambda number: lambda skip: 2 if skip else 4),
                ],
            ),
            enumeration(
                "points on a grid joined by exact paths inside the minimum",
                lambda: lambda skip: 3 if skip else 4,
                joined,
                [
                    Control("four", lambda number: lambda skip: 4),
                    Control("three", lambda number: lambda skip: 3),
                ],
            ),
        ),
    ),
    Claim(
        "zhao.prop4.3.printed",
        Kind.THEOREM,
        "The inverse in eq. (12), with a factor ε",
        Source(PAPER, "eq. (12)", "B"),
        r"$f(g) = g W_{20} W_{10} X + \varepsilon X$ has the inverse "
        r"$f^{-1}(g) = \varepsilon (g - \varepsilon X)(W_{20} W_{10} X)^{-1}$.",
        label=Label.TYPO,
        erratum=r"The factor $\varepsilon$ does not belong there: "
        r"$f^{-1}(g) = (g - \varepsilon X)(W_{20} W_{10} X)^{-1}$. (It does no harm for $\varepsilon = 1$. Nearby, "
        r"$R^{h \times h}$ should be $\mathbb R^{1 \times 1}$.)",
        uses=("zhao.prop4.3",),
        evidence=(
            counterexample(
                "X = 3, W_20 W_10 = 2, ε = 5, g = 7",
                lambda: lambda g, base, X, skip: skip * skip_factor(g, base, X, skip),
                inverts,
                [Control("without the factor", lambda inverse: skip_factor)],
            ),
        ),
    ),
    Claim(
        "zhao.fig1",
        Kind.FIGURE,
        "The minimum of a three-layer network of single weights, without and with a skip",
        Source(PAPER, "Figure 1", "4.2"),
        r"With $X = Y = 1$ the surface $W_3 = 1 / (W_1 W_2)$ has four sheets, $W_3 = 1 / (W_1 W_2 + 1)$ three; two of "
        r"the four are joined along the line $W_1 = 0$, $W_3 = 1$.",
        uses=("zhao.prop4.3",),
        evidence=(
            enumeration(
                "exact cells of the plane, and the sheets of (a) at both sides of the line, in one sheet of (b)",
                lambda: lambda skip: 3 if skip else 4,
                figure_1,
                [
                    Control("four sheets in both", lambda number: lambda skip: 4),
                    Control("three in both", lambda number: lambda skip: 3),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "zhao.abs.skip",
        Kind.THEOREM,
        "Where a skip connection reduces the number of components",
        Source(PAPER, "Abstract; Sections 1, 4.2, 7", "4.2"),
        r"With $j \ge 2$ square layers of width $n$ under the skip, $\varepsilon \ne 0$ reduces the number of "
        r"components, from $2^j$ to $1 + 2^{j-1}$ for $n = 1$ and to 2 for $n \ge 2$; in the network of eq. (2) from "
        "4 to 3, and from 4 to 2.",
        hypotheses=("X, Y invertible", "all layers square, two or more of them under the skip"),
        uses=("zhao.prop4.3", "zhao.cor4.2", "beyond.zhao.skip"),
        evidence=(
            Derivation("fewer for every j from 2 on", fewer),
            enumeration(
                "n up to 4, the network of eq. (2)",
                lambda: lambda n: (4, 3 if n == 1 else 2),
                three_square_layers,
                [
                    Control("three for every n", lambda counts: lambda n: (4, 3)),
                    Control("two for every n", lambda counts: lambda n: (4, 2)),
                ],
            ),
            enumeration(
                "square layers: n and j up to 3",
                lambda: reduces_when,
                reduces,
                [
                    Control(
                        "a skip over a single layer",
                        lambda hypothesis: lambda case: not case.hidden and not case.up_to_permutation,
                    ),
                    Control(
                        "square layers, up to permutation",
                        lambda hypothesis: lambda case: case.is_square and case.up_to_permutation,
                    ),
                ],
            ),
        ),
    ),
    Claim(
        "zhao.abs.skip.printed",
        Kind.THEOREM,
        "Skip connections reduce the number of components",
        Source(PAPER, "Abstract; Sections 1, 7", "4.2"),
        "Skip connections reduce the number of components of the minimum of linear networks on invertible data.",
        label=Label.GAP,
        erratum="What is shown is one dimension and a skip over two layers. The sentence holds for square layers of "
        "any width, two or more under the skip. It fails without those hypotheses: a skip over one layer, or over "
        "layers with more neurons inside than outside, leaves two components of two. Up to permutation of hidden "
        "neurons, as Section 5.1 counts, the effect is reversed for n of 2 and more: one class without the skip, two "
        "with it.",
        uses=("zhao.abs.skip", "beyond.zhao.skip-permutations"),
        evidence=(
            counterexample(
                "n = 2 with three neurons inside, a skip over one layer, and others: widths and layers up to 3",
                lambda: lambda case: not case.up_to_permutation,
                reduces,
                [Control("square layers, two or more under the skip", lambda hypothesis: reduces_when)],
            ),
        ),
    ),
)
