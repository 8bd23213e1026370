"""Beyond Zhao et al.: residual blocks in series, and residual networks up to permutation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import prod
from typing import Any

import sympy as sp

from quadrics.connectivity.residual_blocks import ResidualBlock, number_of_invertible_blocks
from quadrics.connectivity.residual_networks import ResidualNetwork
from quadrics.connectivity.residual_paths import block_matrix

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..matrix_rules import given, matrix_equal
from ..rules import entails, equal
from ..zhao.residual_checks import joined_classes
from .zhao_residual import PAPER


# -- blocks in series -------------------------------------------------------------------------------------------------
def _each_block_invertible() -> list[Step]:
    n = sp.Symbol("n", integer=True, positive=True)
    X, Y, M, M1, M2, last = (sp.MatrixSymbol(name, n, n) for name in ("X", "Y", "M", "M1", "M2", "W"))
    below, block, above, rest = sp.symbols("x m w y")
    total, i, c = sp.symbols("b i c", integer=True, positive=True)
    return [
        step(
            entails,
            sp.And(sp.Ne(rest, 0), sp.Eq(above * block * below, rest)),
            sp.Ne(block, 0),
            "W_out M_b ... M_1 X = Y: the determinant of every block divides det Y,",
        ),
        step(
            matrix_equal,
            sp.MatMul(M1.inv(), M2.inv(), M2, M1, evaluate=False),
            sp.Identity(n),
            "the product M of the blocks is invertible: by induction, M_1 standing for the first ones, M_2 the next;",
            mutants=(M1,),
        ),
        step(
            given({Y: last * M * X}),
            Y * X.inv() * M.inv(),
            last,
            "the output layer is determined by the blocks,",
            mutants=(2 * last,),
        ),
        step(
            matrix_equal,
            sp.MatMul(Y, X.inv(), M.inv(), M, X, evaluate=False),
            Y,
            "and exists whenever all are invertible: the minimum is a graph over a product of sets, one for each block",
            mutants=(X,),
        ),
        step(
            equal,
            sp.Product(c, (i, 1, total)).doit(),
            c**total,
            "components of a product are products of components: c^b for b blocks with c components",
        ),
    ]


Series = Callable[[Sequence[int]], Any]


def _in_series(number: Series, context: Context) -> Outcome:
    """Two and three blocks: points of all components joined by exact paths inside the minimum."""
    found = context.once("beyond.zhao.skip-series", lambda: _series(context))
    for counts, classes in found:
        if classes != number(counts):
            return decided(False, counts=counts, found=classes)
    return decided(True, networks=len(found))


def _series(context: Context) -> list[tuple[tuple[int, ...], int]]:
    one = [ResidualBlock(1, (1,), sp.Integer(1)), ResidualBlock(1, (), sp.Integer(2))]
    two = [ResidualBlock(2, (1,), sp.Integer(1)), ResidualBlock(2, (2,), sp.Rational(-1, 2))]
    chains: list[tuple[ResidualBlock, ...]] = [(one[0], one[0]), (one[0], one[1]), (two[0], two[1])]
    chains += context.pick(quick=[], full=[(one[0],) * 3, (two[1], two[1]), (two[0], two[1], two[0])])
    found = []
    for blocks in chains:
        n = blocks[0].width
        network = ResidualNetwork(sp.eye(n) + sp.ones(n, n), sp.diag(*range(2, n + 2)), blocks)
        points = [network.representative(component) for component in network.components()]
        points += [network.parametrize([-W for W in point[:-1]]) for point in points if network.blocks[0].hidden]
        points = [point for point in points if network.contains(point)]
        found.append((tuple(block.number_of_components() for block in blocks), joined_classes(network, points)))
    return found


# -- up to permutation ------------------------------------------------------------------------------------------------
def _nothing_moves() -> list[Step]:
    n, h, r = sp.symbols("n h r", integer=True, positive=True)
    skip = sp.Symbol("epsilon", real=True)
    W1, W2, P, part = (sp.MatrixSymbol(*one) for one in (("W1", h, n), ("W2", r, h), ("P", h, h), ("Q", n, 1)))
    square = sp.MatrixSymbol("S", n, h)
    return [
        step(
            matrix_equal,
            block_matrix((P * W1, square * P.inv()), skip),
            block_matrix((W1, square), skip),
            "exchanging neurons inside a block does not change M, nor the sign of det(M/ε),",
            mutants=(square * W1,),
        ),
        step(
            matrix_equal,
            sp.MatMul(W2 * P.inv(), P * W1, part, evaluate=False),
            W2 * W1 * part,
            "nor any product up to another layer; a layer of width 1 has nothing to exchange. So every component goes "
            "to itself: as many classes as components",
            mutants=(P * W1 * part,),
        ),
    ]


Classes = Callable[[int, Sequence[int], bool], Any]


def effective_count(n: int, hidden: Sequence[int], skip: bool) -> int:
    """All components with a skip; without it one for n >= 2, all for n = 1."""
    components = number_of_invertible_blocks(n, hidden, skip)
    return components if skip or n == 1 else min(components, 1)


def _orbits(classes: Classes, context: Context) -> Outcome:
    """A point of each component with neurons exchanged, the component looked up again."""
    found = context.once("beyond.zhao.skip-permutations", lambda: _classes_up_to_permutation(context))
    for (n, hidden, skip), number in found.items():
        if number != classes(n, hidden, skip):
            return decided(False, width=n, hidden=hidden, skip=skip, found=number)
    return decided(True, networks=len(found))


def _classes_up_to_permutation(context: Context) -> dict[tuple[int, tuple[int, ...], bool], int]:
    found = {}
    for n, layers in product((1, 2, 3), (1, 2, 3)):
        for hidden in product(
            (1, 2, 3) if layers < 3 else context.pick(quick=(1, 2), full=(1, 2, 3)), repeat=layers - 1
        ):
            for skip in (1, 0):
                network = ResidualNetwork(sp.eye(n), sp.eye(n), (ResidualBlock(n, hidden, skip),))
                found[n, hidden, bool(skip)] = network.number_of_effective_components()
    return found


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.zhao.skip-series",
        Kind.THEOREM,
        "Residual blocks in series",
        Source(PAPER, "extends Proposition 4.3 of Zhao et al."),
        r"The minimum of $W_{out} M_b \cdots M_1 X = Y$ with residual blocks $M_i$ is a graph over a product of one "
        r"set for each block: the numbers of components multiply ($3^b$ for $n = 1$, $2^b$ for $n \ge 2$, blocks of "
        "two square layers).",
        hypotheses=("X, Y invertible",),
        uses=("beyond.zhao.skip", "zhao.prop3.5", "zhao.cor3.3"),
        evidence=(
            Derivation("a graph over a product, for every n", _each_block_invertible),
            enumeration(
                "two (quick) and three blocks: points of all components joined by exact paths",
                lambda: prod,
                _in_series,
                [
                    Control("added", lambda number: sum),
                    Control("one more", lambda number: lambda counts: prod(counts) + 1),
                    Control("the last block alone", lambda number: lambda counts: counts[-1]),
                ],
            ),
        ),
    ),
    Claim(
        "beyond.zhao.skip-permutations",
        Kind.THEOREM,
        "Up to permutation a skip connection has the opposite effect",
        Source(PAPER, "extends Propositions 4.3 and 5.2 of Zhao et al."),
        r"Neurons inside a residual block may be permuted; those at its end are tied to the data when "
        r"$\varepsilon \ne 0$. These permutations take every component of the minimum to itself: with the skip there "
        r"are as many classes as components. Without it, $\varepsilon = 0$, there is one class for $n \ge 2$: square "
        r"layers of width $n \ge 2$ have 1 class without, 2 with a skip; for $n = 1$ it is $2^j$ and $1 + 2^{j-1}$.",
        hypotheses=("X, Y invertible",),
        uses=("beyond.zhao.skip", "beyond.zhao.effective-count", "zhao.prop5.2"),
        evidence=(
            Derivation("what a permutation inside a block leaves alone, for all sizes", _nothing_moves),
            enumeration(
                "points of all components with neurons exchanged: n, layers and widths up to 3 (quick: 2 for three)",
                lambda: effective_count,
                _orbits,
                [
                    Control(
                        "one class for n of 2 and more",
                        lambda classes: lambda n, hidden, skip: 1 if n > 1 else classes(n, hidden, skip),
                    ),
                    Control("nothing moves without a skip either", lambda classes: number_of_invertible_blocks),
                ],
            ),
        ),
    ),
)
