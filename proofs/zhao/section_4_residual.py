"""Section 4.2: a skip connection over two layers, and the number of components of the minimum that it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import networkx as nx
import sympy as sp

from quadrics.connectivity.plane_cells import PlaneCells
from quadrics.connectivity.residual_blocks import ResidualBlock
from quadrics.connectivity.residual_networks import (
    ResidualNetwork,
    residual_loss,
    skip_coordinate,
    skip_factor,
    three_layers,
)
from quadrics.connectivity.residual_paths import block_matrix

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..continuity import continuous
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..matrix_rules import given, matrix_equal
from ..rules import entails, equal, limit
from . import point_sets
from .section_3_topology import PAPER
from .topology_checks import for_all_spaces

SKIPS = (sp.Integer(0), sp.Integer(1), sp.Integer(-1), sp.Rational(1, 3), sp.Rational(-7, 2))


# -- eq. (2) ----------------------------------------------------------------------------------------------------------
def _a_graph_over_the_block() -> list[Step]:
    n, h = sp.symbols("n h", integer=True, positive=True)
    skip = sp.Symbol("epsilon", real=True)
    X, Y, W3 = (sp.MatrixSymbol(name, n, n) for name in ("X", "Y", "W3"))
    W1, W2 = sp.MatrixSymbol("W1", h, n), sp.MatrixSymbol("W2", n, h)
    block = block_matrix((W1, W2), skip)
    B = sp.MatrixSymbol("B", n, n)  # the block times X
    last, middle, data, d, a = sp.symbols("w m x d a")
    w = sp.symbols("w1:4", real=True)
    one = [sp.Matrix([[value]]) for value in w]
    return [
        step(
            equal,
            residual_loss(one, sp.Matrix([[2]]), sp.Matrix([[3]]), skip) ** 2,
            (3 - 2 * w[2] * (w[0] * w[1] + skip)) ** 2,
            "the loss is the norm of the residual, zero exactly where its square is (n = 1, X = 2, Y = 3);",
        ),
        step(
            matrix_equal,
            W3 * block * X,
            W3 * (W2 * W1 * X + skip * X),
            "W_3 applied to W_2 W_1 X + ε X is W_3 M X for the block M = W_2 W_1 + ε I;",
            mutants=(W3 * W2 * W1 * X,),
        ),
        step(
            entails,
            sp.And(sp.Ne(data, 0), sp.Eq(last * middle * data, a), sp.Ne(a, 0)),
            sp.Ne(middle, 0),
            "where it is Y, det M is not zero: det W_3 det M det X = det Y;",
        ),
        step(
            given({Y: W3 * B}),
            Y * B.inv(),
            W3,
            "so W_3 = Y (M X)⁻¹ is determined by the other weights (B = M X),",
            mutants=(2 * W3,),
        ),
        step(
            matrix_equal,
            sp.MatMul(Y, B.inv(), B, evaluate=False),
            Y,
            "and this W_3 will do, for every invertible M:",
            mutants=(2 * Y,),
        ),
        step(
            continuous(sp.Ne(d, 0)),
            [a / d],
            True,
            "cofactors over det M X, which is not zero: a continuous function. The minimum is its graph, and as such "
            "homeomorphic to {(W_1, W_2) : det M ≠ 0}",
        ),
    ]


# -- Proposition 4.3 --------------------------------------------------------------------------------------------------
def _three_or_four_pieces() -> list[Step]:
    a, b, c, d, skip, t = sp.symbols("a b c d epsilon t")
    piece = (a * b + skip) * skip
    other = (c * d + skip) * skip
    time = sp.And(t >= 0, t <= 1)
    x, y = (1 - t) * a + t * c, (1 - t) * b + t * d
    steps = [
        step(
            entails,
            sp.And(piece > 0, time),
            (t**2 * a * b + skip) * skip > 0,
            "(W_1, W_2) = (a, b), ε ≠ 0. The set (a b + ε) ε > 0 contains the segment from each of its points to 0: "
            "one component, with the line a = 0 in it;",
        ),
        step(
            entails,
            piece < 0,
            sp.Ne(a, 0),
            "where (a b + ε) ε < 0, a is not zero: the sign of a cannot change along a path;",
        ),
    ]
    for positive in (True, False):
        same_side = sp.And(a > 0, c > 0) if positive else sp.And(a < 0, c < 0)
        steps.append(
            step(
                entails,
                sp.And(piece < 0, other < 0, same_side, time),
                sp.And(x > 0 if positive else x < 0, (x * y + skip) * skip < 0),
                f"the part with a {'>' if positive else '<'} 0 is convex, (c, d) another point of it: one component",
            )
        )
    steps += [
        step(
            entails,
            sp.And(sp.Ne(skip, 0), sp.Ne(a, 0), sp.Eq(b * a, -2 * skip)),
            piece < 0,
            "and not empty: a = ±1, b = -2 ε / a. Together three components;",
        ),
        step(
            entails,
            sp.And(sp.Ne(skip, 0), sp.Ne(a * b + skip, 0)),
            sp.Or(piece > 0, sp.And(piece < 0, a > 0), sp.And(piece < 0, a < 0)),
            "there is nothing else",
        ),
        step(
            entails,
            sp.Ne(a * b, 0),
            sp.And(sp.Ne(a, 0), sp.Ne(b, 0)),
            "ε = 0: neither sign can change along a path;",
        ),
        step(
            entails,
            sp.And(a * c > 0, b * d > 0, time),
            sp.And(x * a > 0, y * b > 0),
            "and each of the four quadrants is convex",
        ),
    ]
    return steps


def _other_data() -> list[Step]:
    a, b, c, skip, x, t = sp.symbols("a b c epsilon x t")
    w = [sp.Matrix([[value]]) for value in sp.symbols("w1:4", real=True)]
    y = sp.Symbol("y", real=True)
    return [
        step(
            entails,
            sp.Eq(c * (a * b + skip) * x, 0),
            sp.Eq(t * c * (a * b + skip) * x, 0),
            "Y = 0: with (W_1, W_2, W_3) = (a, b, c) the minimum contains (a, b, t c), which for t = 0 lies in the "
            "plane W_3 = 0, all of it minima: one component;",
        ),
        step(
            equal,
            residual_loss(w, sp.Matrix([[0]]), sp.Matrix([[y]]), sp.Symbol("epsilon", real=True)),
            sp.Abs(y),
            "X = 0: the loss is constant, and everything is a minimum: one component",
        ),
    ]


def _the_papers_decomposition() -> list[Step]:
    n = sp.Symbol("n", integer=True, positive=True)
    skip, alpha, g = sp.symbols("epsilon alpha g", nonzero=True)
    X, Y, start, g1, g2, W10, W20 = (sp.MatrixSymbol(name, n, n) for name in ("X", "Y", "A", "g1", "g2", "W10", "W20"))
    B = sp.MatrixSymbol("B", n, n)
    moved = sp.MatMul(g2 * W20 * g1.inv(), g1 * W10, evaluate=False)
    there = skip_coordinate(g2, W20 * W10, X, skip)
    return [
        step(
            matrix_equal,
            sp.MatMul(moved, X, evaluate=False) + skip * X,
            there,
            "a(g_1, g_2) of eq. (11): its first two layers make the block times X f(g_2), for every n;",
            mutants=(g1 * W20 * W10 * X + skip * X,),
        ),
        step(
            matrix_equal,
            sp.MatMul(Y, there.inv(), there, evaluate=False),
            Y,
            "its last layer Y f(g_2)⁻¹ makes the loss zero;",
            mutants=(2 * Y,),
        ),
        step(
            given({skip * X: start - B}),
            B + skip * X,
            start,
            "f is one to one and onto: g W_20 W_10 X = f(g) - ε X,",
            mutants=(B,),
        ),
        step(
            matrix_equal,
            skip_coordinate(skip_factor(g2, B, X, skip), B, X, skip),
            g2,
            "f(f⁻¹(g)) = g with f⁻¹(g) = (g - ε X)(W_20 W_10 X)⁻¹, W_20 W_10 being invertible;",
            mutants=(skip_coordinate(skip * skip_factor(g2, B, X, skip), B, X, skip),),
        ),
        step(
            limit(g, 0),
            1 / (g * (alpha - skip) + skip),
            1 / skip,
            "n = 1, W_10 = 1, W_20 = α - ε: a(g, g) = (g, α - ε, Y / (g (α - ε) X + ε X)) tends to a point of the line "
            "S_0 from both sides. So S_0 joins the components of S_1 with f(g_2) of the sign of ε X; the two others "
            "stay away from it, W_3 having another sign there",
        ),
    ]


Number = Callable[[Any], Any]


def _cells(number: Number, context: Context) -> Outcome:
    """The plane without W_1 W_2 + ε = 0 for several ε, and the minimum of the network."""
    x, y = sp.symbols("x y")
    for skip in SKIPS:
        found = PlaneCells(x * y + skip, x, y).number_of_components()
        if found != number(skip) or three_layers([[2]], [[-3]], skip).number_of_components() != found:
            return decided(False, skip=str(skip), found=found)
    return decided(True)


def _joined(number: Number, context: Context) -> Outcome:
    """As many classes as the number says."""
    found = context.once("zhao.prop4.3: joined", lambda: _classes(context))
    return decided(all(number(skip) == classes for skip, classes in found.items()), found=str(found))


def _classes(context: Context) -> dict[Any, int]:
    """Points of the minimum on a grid of W_1, W_2 as a graph, an edge for each exact path inside the minimum."""
    grid = [sp.Rational(k, 2) for k in context.pick(quick=(-5, -1, 0, 3), full=range(-6, 7, 2))]
    found = {}
    for skip in SKIPS[: context.pick(quick=3, full=5)]:
        network = three_layers([[2]], [[-3]], skip)
        points = [network.parametrize([[[a]], [[b]]]) for a, b in product(grid, grid) if a * b + skip != 0]
        found[skip] = joined_classes(network, points)
    return found


def joined_classes(network: ResidualNetwork, points: Sequence[Any]) -> int:
    """Classes of points, each joined by an exact path to the first one that the code puts in its component."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(points)))
    first: dict[Any, int] = {}
    for k, point in enumerate(points):
        start = first.setdefault(network.component_of(point), k)
        if start != k and is_path(network, points[start], point):
            graph.add_edge(start, k)
    return int(nx.number_connected_components(graph))


def is_path(network: ResidualNetwork, start: Any, end: Any) -> bool:
    """Whether the path that the code makes joins two points within the minimum: ends, Sturm's theorem, six losses."""
    path = network.path(start, end)
    inside = all(network.contains(path(sp.Rational(k, 5))) for k in range(6))
    return inside and path(0) == start and path(1) == end and path.stays_on_minimum()


def _figure_1(number: Number, context: Context) -> Outcome:
    """X = Y = 1, ε = 0 and 1: cells of the plane; whether (1, 1) and (-1, -1) are in one sheet."""
    x, y = sp.symbols("x y")
    for skip in (0, 1):
        cells = PlaneCells(x * y + skip, x, y)
        joined = cells.component_of((1, 1)) == cells.component_of((-1, -1))
        if cells.number_of_components() != number(skip) or joined != bool(skip):
            return decided(False, skip=skip, found=cells.number_of_components(), joined=joined)
    return decided(True)


def _inverts(inverse: Callable[..., Any], context: Context) -> Outcome:
    """f(f⁻¹(g)) = g for X = 3, W_20 W_10 = 2, ε = 1 and 5, g = 7: decided for every ε of the proof."""
    X, base, g = (sp.Matrix([[value]]) for value in (3, 2, 7))
    failing = {}
    for skip in (1, 5):
        found = skip_coordinate(inverse(g, base, X, skip), base, X, skip)[0]
        if found != 7:
            failing[skip] = str(found)
    return decided(not failing, found_instead_of_7=failing)


# -- what the abstract says -------------------------------------------------------------------------------------------
class Case(NamedTuple):
    """A linear network: a block of layers, and an output layer; counted as it is, or up to permutation of neurons."""

    width: int
    hidden: tuple[int, ...]
    up_to_permutation: bool = False

    def components(self, skip: int) -> int:
        """The number of components of its minimum, X and Y the identity."""
        identity = sp.eye(self.width)
        network = ResidualNetwork(identity, identity, (ResidualBlock(self.width, self.hidden, skip),))
        return network.number_of_effective_components() if self.up_to_permutation else network.number_of_components()

    @property
    def is_square(self) -> bool:
        """Whether the skip passes over two layers or more, all of them square."""
        return bool(self.hidden) and set(self.hidden) == {self.width}


def _cases() -> Iterator[Case]:
    """Widths up to 3, up to three layers, hidden widths at least n (so that the loss reaches zero without a skip)."""
    for n in (1, 2, 3):
        for layers in (1, 2, 3):
            for hidden in product(range(n, 4), repeat=layers - 1):
                for up_to_permutation in (False, True):
                    yield Case(n, hidden, up_to_permutation)


Hypothesis = Callable[[Case], bool]


def _reduces(hypothesis: Hypothesis, context: Context) -> Outcome:
    """Whether a skip reduces the number in every case that meets a hypothesis."""
    failing = [case for case in _cases() if hypothesis(case) and not case.components(1) < case.components(0)]
    return decided(not failing, failing=len(failing), example=str(failing[0]) if failing else None)


def reduces_when(case: Case) -> bool:
    """The corrected hypothesis: square layers, two or more under the skip, components counted as they are."""
    return case.is_square and not case.up_to_permutation


def _fewer() -> list[Step]:
    j, power = sp.symbols("j p", integer=True)
    return [
        step(
            equal,
            2**j - (1 + 2 ** (j - 1)),
            2 ** (j - 1) - 1,
            "width 1, j layers under the skip: 2^j components without, 1 + 2^{j-1} with it,",
        ),
        step(
            entails,
            power >= 2,
            sp.And(1 + power < 2 * power, 2 * power > 2),
            "fewer when p = 2^{j-1} ≥ 2, that is j ≥ 2; so are the 2 components for width 2 and more",
            mutants=(1 + power < power, 2 * power > 4),
        ),
    ]


Counts = Callable[[int], tuple[int, int]]


def _three_square_layers(counts: Counts, context: Context) -> Outcome:
    """Without and with a skip, the network of eq. (2), n up to 4."""
    found = {n: tuple(Case(n, (n,)).components(skip) for skip in (0, 1)) for n in range(1, 5)}
    return decided(all(found[n] == counts(n) for n in found), found=str(found))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "zhao.eq2",
        Kind.DEFINITION,
        "The loss of a three-layer residual network",
        Source(PAPER, "eq. (2)", "4.2"),
        r"$L(W_1, W_2, W_3) = \lVert Y - W_3 (W_2 W_1 X + \varepsilon X) \rVert_F$ (not squared, unlike eq. (1)). For "
        r"invertible $X, Y$ it is zero exactly when $M = W_2 W_1 + \varepsilon I$ is invertible and "
        r"$W_3 = Y (M X)^{-1}$: the minimum is a graph over $\{\det M \ne 0\}$.",
        evidence=(Derivation("the last layer as a function of the others, for every n", _a_graph_over_the_block),),
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
            Derivation("pieces that are convex or star-shaped, for every ε", _three_or_four_pieces),
            for_all_spaces(
                "on a connected part the factors that are nowhere zero keep their signs: the pieces are apart",
                point_sets.one_sign_on_connected,
                connected="a set that is not connected",
                nonzero="a factor with zeros",
            ),
            Derivation("without the hypotheses: one component when X or Y is zero", _other_data, Scope.INSTANCE),
            Derivation("the paper's sets S_1 and S_0, with f⁻¹ corrected", _the_papers_decomposition),
            enumeration(
                "exact cells of the plane without the hyperbola, five values of ε",
                lambda: lambda skip: 3 if skip else 4,
                _cells,
                [
                    Control("four", lambda number: lambda skip: 4),
                    Control("three", lambda number: lambda skip: 3),
                    Control("two, as a skip leaves in more dimensions", lambda number: lambda skip: 2 if skip else 4),
                ],
            ),
            enumeration(
                "points on a grid joined by exact paths inside the minimum",
                lambda: lambda skip: 3 if skip else 4,
                _joined,
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
                _inverts,
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
                _figure_1,
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
            Derivation("fewer for every j from 2 on", _fewer),
            enumeration(
                "n up to 4, the network of eq. (2)",
                lambda: lambda n: (4, 3 if n == 1 else 2),
                _three_square_layers,
                [
                    Control("three for every n", lambda counts: lambda n: (4, 3)),
                    Control("two for every n", lambda counts: lambda n: (4, 2)),
                ],
            ),
            enumeration(
                "square layers: n and j up to 3",
                lambda: reduces_when,
                _reduces,
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
                _reduces,
                [Control("square layers, two or more under the skip", lambda hypothesis: reduces_when)],
            ),
        ),
    ),
)
