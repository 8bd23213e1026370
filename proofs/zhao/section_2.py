"""Section 2: what is said of the minimum of two-layer linear networks (Freeman & Bruna, 2017)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import sympy as sp

from quadrics.connectivity.factorizations import Factorizations
from quadrics.connectivity.linear_networks import LinearNetwork

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..evidence import Outcome, Scope, decided
from .section_3_topology import PAPER

Connected = Callable[
    [int, int], Any
]  # whether the minimum is connected, of the rank of the target and the hidden width


def target(rank: int, size: int = 3) -> Any:
    """A size by size matrix of this rank, with ones on and above a diagonal."""
    return sp.ImmutableDenseMatrix(size, size, lambda i, j: sp.Integer(1 if int(i) < rank and int(j) >= int(i) else 0))


def _two_layers(connected: Connected, context: Context) -> Outcome:
    """Whether a path leads from a factorization with frames (J, Jᵀ) to the one with a column of J negated."""
    for rank, width in product((1, 2, 3), (1, 2, 3, 4)):
        if width < rank:
            continue
        space = Factorizations(target(rank), (width,))
        J = sp.Matrix(width, rank, lambda i, j: int(i == j))
        flip = sp.diag(-1, *(1,) * (rank - 1))
        start, end = (space.thin([(J * g, g.inv() * J.T)]) for g in (sp.eye(rank), flip))
        one_component = space.component_of(start) == space.component_of(end)
        if one_component != connected(rank, width):
            return decided(False, rank=rank, width=width)
        if one_component:
            path = space.path(start, end)
            if not all(space.contains(path(sp.Rational(k, 6))) for k in range(7)):
                return decided(False, path=(rank, width))
    return decided(True)


def _invertible_square(connected: Connected, context: Context) -> Outcome:
    """The networks of section 4.1 with two layers, of widths 1 and 2."""
    for h in (1, 2):
        network = LinearNetwork(sp.eye(h), sp.eye(h), 2)
        found = len({network.component_of(network.representative(signs)) for signs in network.components()})
        if (found == 1) != connected(h, h):
            return decided(False, h=h, components=found)
    return decided(True)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "zhao.sec2.FB",
        Kind.REMARK,
        "When the minimum of a two-layer linear network is connected",
        Source(PAPER, "Related work", "2"),
        r"The set where $W_2 W_1 = A$ is connected exactly when the hidden width exceeds the rank of $A$ (or $A = 0$).",
        uses=("zhao.cor4.2", "beyond.zhao.rectangular"),
        evidence=(
            enumeration(
                "3 by 3 targets of rank 1, 2, 3, hidden widths up to 4: an exact path, or an invariant that differs",
                lambda: lambda rank, width: width > rank,
                _two_layers,
                [
                    Control("always", lambda connected: lambda rank, width: True),
                    Control("from the rank on", lambda connected: lambda rank, width: width >= rank),
                    Control("from width 3 on", lambda connected: lambda rank, width: width >= 3),
                ],
            ),
        ),
    ),
    Claim(
        "zhao.sec2.FB.printed",
        Kind.REMARK,
        "The minimum of a two-layer linear network is connected",
        Source(PAPER, "Related work", "2"),
        "The minimum of a two-layer linear network without regularization is connected (a result that is quoted).",
        label=Label.GAP,
        erratum="A condition on the hidden width is left out: with a hidden layer no wider than the rank of the target "
        "there are two components, as the paper's own Corollary 4.2 says for l = 2.",
        uses=("zhao.sec2.FB", "zhao.cor4.2"),
        evidence=(
            counterexample(
                "square networks on invertible data, h = 1 and 2: two components",
                lambda: lambda rank, width: True,
                _invertible_square,
                [Control("hidden width above the rank", lambda connected: lambda rank, width: width > rank)],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
)
