"""Beyond Zhao et al.: a skip connection over any number of layers of any widths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

import networkx as nx
import sympy as sp

from quadrics.connectivity.residual_blocks import ResidualBlock, number_of_invertible_blocks
from quadrics.connectivity.residual_paths import block_matrix, lifted

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..matrix_rules import blockwise, delta_sum, matrix_equal
from ..rules import entails, equal

PAPER = "beyond"
SKIPS = (sp.Integer(1), sp.Rational(-1, 2), sp.Integer(0))


# -- one block --------------------------------------------------------------------------------------------------------
def _read_from_any_layer() -> list[Step]:
    n, k = sp.symbols("n k", integer=True, positive=True)
    skip = sp.Symbol("epsilon", real=True)
    A, B = sp.MatrixSymbol("A", n, k), sp.MatrixSymbol("B", k, n)
    I_n, I_k, above, below = sp.Identity(n), sp.Identity(k), sp.ZeroMatrix(n, k), sp.ZeroMatrix(k, n)
    E = sp.BlockMatrix([[skip * I_n, -A], [B, I_k]])
    columns = sp.BlockMatrix([[I_n, above], [-B, I_k]])
    rows = sp.BlockMatrix([[I_n, above], [-(1 / skip) * B, I_k]])
    return [
        step(
            blockwise,
            E * columns,
            sp.BlockMatrix([[block_matrix((B, A), skip), -A], [below, I_k]]),
            "column operations, of determinant 1, make E triangular: det E = det(ε I_n + A B);",
            mutants=(sp.BlockMatrix([[block_matrix((B, -A), skip), -A], [below, I_k]]),),
        ),
        step(
            blockwise,
            rows * E,
            sp.BlockMatrix([[skip * I_n, -A], [below, (1 / skip) * block_matrix((A, B), skip)]]),
            "row operations do it another way: det E = εⁿ det((ε I_k + B A) / ε)",
            mutants=(sp.BlockMatrix([[skip * I_n, -A], [below, block_matrix((A, B), skip)]]),),
        ),
        step(
            equal,
            sp.Mul(skip**n, skip ** (-k), evaluate=False),
            skip ** (n - k),
            "det(ε I_n + A B) = ε^{n-k} det(ε I_k + B A): whether M is invertible, and the sign of det(M/ε), may be "
            "read from any layer of the cycle; we take a narrowest one, of width k",
        ),
    ]


def _down_to_low_rank() -> list[Step]:
    k, h = sp.symbols("k h", integer=True, positive=True)
    a, b, i = sp.symbols("a b i", integer=True, positive=True)
    sign, skip = sp.symbols("s epsilon", real=True)
    W1, W2, wanted = (sp.MatrixSymbol(*one) for one in (("W1", h, k), ("W2", k, h), ("P'", k, k)))
    e = sp.MatrixSymbol("e", k, 1)
    return [
        step(
            delta_sum(a, b, upper=h),
            sp.Sum(sp.KroneckerDelta(a, i) * sp.KroneckerDelta(i, b), (i, 1, h)),
            sp.KroneckerDelta(a, b),
            "V_i with ones on the diagonal: for a, b ≤ k, no more than any width h, V_{i+1} V_i has 1 at (a, a) only, "
            "so that V_j ... V_1 = I",
            mutants=(sp.Integer(1),),
        ),
        argued(
            "det of the product at W + s V is then a polynomial in s with leading coefficient 1. For small s > 0 it is "
            "not zero, while M, invertible at s = 0, stays so: P may be taken invertible"
        ),
        step(
            matrix_equal,
            sp.MatMul(W2, lifted((W1, W2), wanted)[0], evaluate=False),
            wanted,
            "P = W_2 W_1 (W_2: all other layers). W_1 P⁻¹ P' in place of W_1 has the product P',",
            mutants=(2 * wanted, W2 * W1),
        ),
        argued(
            "so a path P(t) from P on lifts to the weights, also where P(t) is singular. M(t) = P(t) + ε I may be any "
            "path in GL_k, to M' = ε diag(s, 1, ..., 1), s the sign of det(M/ε)"
        ),
        step(
            matrix_equal,
            skip * (sp.Identity(k) + (sign - 1) * e * e.T) - skip * sp.Identity(k),
            skip * (sign - 1) * e * e.T,
            "there P' = ε (s - 1) e eᵀ with e = (1, 0, ..., 0): rank 0 for s = 1, rank 1 for s = -1. All M of a sign "
            "lead to factorizations of that P', through widths of at least k",
            mutants=(skip * sign * e * e.T,),
        ),
    ]


def _count_the_factorizations() -> list[Step]:
    """How many components lead to each of the two targets, read at a narrowest layer, of width k."""
    p, q, skip = sp.symbols("p q epsilon")
    i, m, b = sp.symbols("i m b", integer=True, positive=True)
    return [
        step(
            entails,
            sp.And(sp.Ne(skip, 0), (p + skip) * skip < 0),
            sp.Ne(p, 0),
            "k ≥ 2: the rank is below all widths, the factorizations are connected, one component for each sign. k = 1 "
            "and s = 1: rank 0, again one. k = 1 and s = -1: the product p is nowhere zero,",
        ),
        step(
            entails,
            sp.And(sp.Eq(p * q, -2 * skip), sp.Ne(skip, 0)),
            sp.Ne(q, 0),
            "nor is its part q up to another layer of width 1, whose sign cannot change along a path:",
        ),
        step(
            equal,
            1 + sp.Product(2, (i, 1, m - 1)).doit(),
            1 + 2 ** (m - 1),
            "2^{m-1} components, those of the factorizations of -2ε, m - 1 other layers having width 1; one for s = 1",
        ),
        step(
            equal,
            2 * sp.Product(2, (i, 1, b)).doit(),
            2 ** (1 + b),
            "ε = 0: M = P leads to diag(s, 1, ..., 1), of rank n, with a component for each vector of signs of the "
            "partial products, nowhere singular, at the b hidden layers of width n; two such sets",
        ),
    ]


def _one_block() -> list[Step]:
    """The whole argument; together, as one part without the others shows nothing of the count."""
    return [*_read_from_any_layer(), *_down_to_low_rank(), *_count_the_factorizations()]


Count = Callable[[int, Sequence[int], bool], Any]


def _blocks(context: Context) -> Iterator[ResidualBlock]:
    sizes = context.pick(quick=(1, 2), full=(1, 2, 3))
    for n, layers in product(sizes, sizes):
        for hidden in product(sizes, repeat=layers - 1):
            for skip in SKIPS:
                yield ResidualBlock(n, hidden, skip)
    for hidden in ((1, 1), (1, 2, 1)):
        yield ResidualBlock(3, hidden, sp.Integer(2))


def _points(block: ResidualBlock) -> list[Any]:
    """A point of each component, with layers negated, sheared, made zero or added to."""
    found = [block.representative(component) for component in block.components()]
    found += [tuple(-W for W in point) for point in found]
    found += [(2 * W + sp.Matrix(*W.shape, lambda a, b: int(b == a + 1)), *rest) for W, *rest in found]
    found += [tuple(sp.zeros(*W.shape) if i == 0 else W for i, W in enumerate(point)) for point in found[:2]]
    found += [tuple(sp.ones(*shape) * (1 - 2 * (i % 2)) for i, shape in enumerate(block.shapes))]
    return [point for point in found if block.contains(point)]


def _joined_blocks(count: Count, context: Context) -> Outcome:
    """As many classes of points as the count says."""
    found = context.once("beyond.zhao.skip: joined", lambda: {block: _classes(block) for block in _blocks(context)})
    for block, classes in found.items():
        if classes != count(block.width, block.hidden, bool(block.skip)):
            return decided(False, block=str(block), found=classes)
    return decided(True, blocks=len(found))


def _classes(block: ResidualBlock) -> int:
    """Points of a block as a graph, an edge for each exact path with M invertible (Sturm's theorem)."""
    points = _points(block)
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(points)))
    first: dict[Any, int] = {}
    for k, point in enumerate(points):
        start = first.setdefault(block.component_of(point), k)
        if start != k:
            path = block.path(points[start], point)
            if path(0) == points[start] and list(path(1)) == list(point) and path.is_invertible():
                graph.add_edge(start, k)
    return int(nx.number_connected_components(graph))


def _closed_form(count: Count, context: Context) -> Outcome:
    """The closed form, against factorizations of P_s added up, and against the components themselves."""
    for n, layers in product((1, 2, 3, 4), (1, 2, 3, 4)):
        for hidden in product((1, 2, 4), repeat=layers - 1):
            for skip in (1, 0):
                block = ResidualBlock(n, hidden, skip)
                if not block.number_of_components() == len(set(block.components())) == count(n, hidden, bool(skip)):
                    return decided(False, block=str(block), found=block.number_of_components())
    return decided(True)


def square_only(n: int, hidden: Sequence[int], skip: bool) -> int:
    """The count by the width of the data alone, right for square layers."""
    if n == 1 and skip:
        return 1 + int(2 ** sum(h == 1 for h in hidden))
    return 2 if skip else number_of_invertible_blocks(n, hidden, skip)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.zhao.skip",
        Kind.THEOREM,
        "Components of the minimum of a residual network",
        Source(PAPER, "extends Proposition 4.3 of Zhao et al."),
        r"Let $X, Y \in \mathrm{GL}_n$, and let a skip connection with $\varepsilon \ne 0$ pass over $j \ge 1$ linear "
        r"layers with hidden widths $h_1, \dots, h_{j-1}$. Let $m$ of the $j$ widths $n, h_1, \dots, h_{j-1}$ be 1. "
        r"The set where $W_{out} (W_j \cdots W_1 + \varepsilon I) X = Y$ has $1 + 2^{m-1}$ components if $m \ge 1$, "
        r"and 2 if $m = 0$. (For $\varepsilon = 0$ it has $2^{1+b}$, $b = \#\{i : h_i = n\}$, if all $h_i \ge n$.) "
        r"So square layers give $1 + 2^{j-1}$ for $n = 1$ and 2 for $n \ge 2$.",
        hypotheses=("X, Y invertible",),
        uses=("zhao.eq2", "zhao.cor3.3", "zhao.factGL", "beyond.zhao.rectangular"),
        evidence=(
            Derivation(
                "read from a narrowest layer, moved to low rank, counted there: all sizes and depths", _one_block
            ),
            enumeration(
                "weights joined by exact paths: widths and layers up to 2 (quick) or 3, and two longer blocks",
                lambda: number_of_invertible_blocks,
                _joined_blocks,
                [
                    Control("by the width of the data alone", lambda count: square_only),
                    Control("2^j", lambda count: lambda n, hidden, skip: 2 ** (len(hidden) + 1)),
                    Control(
                        "1 + 2^{j-1} whatever the widths",
                        lambda count: lambda n, hidden, skip: 1 + 2 ** len(hidden) if skip else count(n, hidden, skip),
                    ),
                    Control("two", lambda count: lambda n, hidden, skip: 2 if skip else count(n, hidden, skip)),
                ],
            ),
            enumeration(
                "the closed form against factorizations of P_s and lists of components: up to four layers, widths to 4",
                lambda: number_of_invertible_blocks,
                _closed_form,
                [Control("by the width of the data alone", lambda count: square_only)],
            ),
        ),
    ),
)
