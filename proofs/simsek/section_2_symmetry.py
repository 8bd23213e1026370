"""Section 2: symmetric losses, symmetry subspaces, and what gradient flow does on them (Lemma 2.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import permutations
from math import factorial
from typing import Any

import sympy as sp

from quadrics.expansion.losses.rough import (
    TIME,
    flow_residual,
)
from quadrics.expansion.losses.symmetric import UnitLoss, network_loss, permute_units, units
from quadrics.expansion.losses.symmetry_subspaces import (
    SymmetrySubspace,
    largest_symmetry_subspaces,
    symmetry_subspaces,
)
from quadrics.expansion.losses.toy import ToyLoss

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..rules import equal, recompute
from .expansion_checks import PAPER
from .symmetric_flow import (
    LIPSCHITZ,
    continuous_gradient,
    exists_for_ever,
    leaves,
    lemma,
    meets,
    network_leaves,
    unique,
)


# -- Definitions 2.1 and 2.2 ------------------------------------------------------------------------------------------
def _models(m: int) -> Iterator[UnitLoss]:
    """A network with an unknown activation, one with an unknown loss of unknown features, a matrix factorization."""
    x, y = sp.symbols("x y", real=True)
    yield network_loss(m, [(x, y), (1, 2)])
    w, feature, outer = units(m, 2), sp.Function("k", real=True), sp.Function("c", real=True)
    yield UnitLoss(outer(sum(feature(w[i, 0], w[i, 1]) for i in range(m))), w)
    product = w.T * w - sp.Matrix(2, 2, [3, 1, 1, 2])
    yield UnitLoss(sum(entry**2 for entry in product), w)


def _symmetric(change: Callable[[UnitLoss], UnitLoss], context: Context) -> Outcome:
    """Every model is invariant under the generators of S_m, and its gradient is equivariant."""
    for m in range(2, context.pick(quick=4, full=6)):
        for position, loss in enumerate(map(change, _models(m))):
            if not (loss.is_symmetric() and loss.gradient_is_equivariant()):
                return decided(False, m=m, model=position)
    return decided(True)


def _reversed(rule: Callable[[Any, Any], tuple[int, ...]], context: Context) -> Outcome:
    """P_π P_σ is P of ``rule(π, σ)``, for all pairs."""
    for m in range(1, context.pick(quick=5, full=6)):
        theta = units(m, 1)
        for pi in permutations(range(m)):
            for sigma in permutations(range(m)):
                twice = permute_units(permute_units(theta, sigma), pi)
                if twice != permute_units(theta, rule(pi, sigma)):
                    return decided(False, pi=str(pi), sigma=str(sigma))
    return decided(True)


@dataclass(frozen=True)
class _Subspaces:
    """What is said of the symmetry subspaces: the dimension of H_{i_1 ... i_k}; their number with all intersections."""

    dimension: Callable[[int, int, int], int]
    number: Callable[[int], int]


def _closed_family(statement: _Subspaces, context: Context) -> Outcome:
    """Ranks of equations; all intersections of the H_ij, formed until nothing new appears."""
    for m in range(2, context.pick(quick=5, full=6)):
        for D in (1, 2, 3):
            for k in range(2, m + 1):
                H = SymmetrySubspace.of(range(m - k, m), m, D)
                if m * D - H.equations().rank() != statement.dimension(m, k, D):
                    return decided(False, m=m, k=k, D=D)
        largest = largest_symmetry_subspaces(m, 1)
        family, new = set(largest), set(largest)
        while new:
            new = {H.intersection(K) for H in new for K in largest} - family
            family |= new
        if len(family) != statement.number(m) or family != set(symmetry_subspaces(m, 1)):
            return decided(False, m=m, found=len(family))
        if any(H.includes(K) and H != K for H in family for K in largest):
            return decided(False, m=m, reason="an H_ij inside another subspace")
    return decided(True)


# -- Remark 2.1 -------------------------------------------------------------------------------------------------------
def _reached_at_infinity() -> list[Step]:
    w = units(2, 1)
    loss = UnitLoss((w[0] - w[1]) ** 2 / 2, w)
    s, d = sp.Symbol("s", real=True), sp.Symbol("d", positive=True)
    path = sp.Matrix([s + d * sp.exp(-2 * TIME), s - d * sp.exp(-2 * TIME)]) / 2
    gap = path[0] - path[1]
    return [
        step(equal, loss.at(permute_units(w, (1, 0))), loss.expression, "a smooth symmetric loss"),
        step(
            recompute("θ' + ∇L(θ) along the path", lambda path: flow_residual(loss, path)),
            path,
            sp.zeros(2, 1),
            "its flow from any start with sum s and difference d > 0",
        ),
        step(equal, gap, d * sp.exp(-2 * TIME), "the difference of the units: never 0"),
        step(
            recompute("positive by the assumptions t, d > 0", lambda e: sp.sympify(bool(e.is_positive)), "is"),
            gap,
            sp.true,
        ),
        step(
            recompute("limit as t -> oo", lambda e: sp.limit(e, TIME, sp.oo)), gap, sp.Integer(0), "but it tends to 0"
        ),
    ]


def _attracting(signs: tuple[int, int], context: Context) -> Outcome:
    """The second loss of Figure A5 has a critical point on the diagonal with these curvatures along and across it."""
    found = [p.signs for p in ToyLoss(25, 100).critical_points() if p.on_diagonal]
    return decided(signs in found, found=str(found))


_LEMMA = Claim(
    "simsek.lem2.1",
    Kind.THEOREM,
    "Gradient flow neither leaves nor enters a symmetry subspace",
    Source(PAPER, "Lemma 2.1", "2"),
    r"Let $L$ be symmetric and $\Lambda$ a Lipschitz constant of $\nabla L$ between a gradient flow $\rho$ and its "
    r"mirror image $\mathcal P_{(i,j)} \rho$ up to time $t$. Then units $i$ and $j$ that are equal at time 0 are equal "
    r"up to $t$, and those that differ at time 0 differ up to $t$: $e^{-\Lambda t} \le |\vartheta_i - \vartheta_j|(t) "
    r"\,/\, |\vartheta_i - \vartheta_j|(0) \le e^{\Lambda t}$.",
    hypotheses=(
        r"$|\nabla L(\rho) - \nabla L(\mathcal P_{(i,j)} \rho)| \le \Lambda |\rho - \mathcal P_{(i,j)} \rho|$ on "
        r"$[0, t]$ (a locally Lipschitz $\nabla L$ has such a $\Lambda$ for every $t$, since $\rho([0, t])$ and its "
        "image are compact)",
    ),
    uses=("simsek.def2.1", "simsek.def2.2", "simsek.eq1"),
    evidence=(
        Derivation("for units of any dimension and number, by Grönwall's inequality", lemma),
        enumeration(
            "the gradient on every symmetry subspace lies in it: three models, unknown functions, 2 and 3 units",
            lambda: lambda loss: loss,
            lambda change, context: decided(
                all(
                    H.is_invariant_under_flow_of(change(loss))
                    for m in (2, 3)
                    for loss in _models(m)
                    for H in symmetry_subspaces(m, 2)
                )
            ),
            [
                Control(
                    "a term of the first unit alone",
                    lambda _: lambda loss: UnitLoss(loss.expression + loss.units[0] ** 2, loss.units),
                )
            ],
        ),
    ),
)
_PRINTED = Claim(
    "simsek.lem2.1.printed",
    Kind.THEOREM,
    r"The lemma for losses that are only $C^1$",
    Source(PAPER, "Lemma 2.1", "2"),
    r"For every symmetric $C^1$ loss, gradient flow that starts on $\mathcal H_{i_1 \dots i_k}$ stays there, and "
    "flow that starts outside of all symmetry subspaces meets none in finite time.",
    label=Label.FALSE,
    erratum=r"Flows of $C^1$ losses need not be unique. $L = |\vartheta_1 - \vartheta_2|^{3/2}$ is $C^1$, and two "
    r"units at distance $d$ meet at time $\tfrac23 \sqrt d$; under $-L$, equal units may separate as $(\tfrac32 "
    r"t)^2$. It happens in networks too, with $\sigma(z) = 1 + \tfrac23 |z|^{3/2}$. A locally Lipschitz gradient "
    "($C^2$, say) is enough.",
    uses=("simsek.lem2.1",),
    evidence=(
        counterexample("equal units separate: -|u|^{3/2}", lambda: continuous_gradient, leaves, [LIPSCHITZ]),
        counterexample("units meet in finite time: |u|^{3/2}", lambda: continuous_gradient, meets, [LIPSCHITZ]),
        counterexample(
            "equal neurons of a two-layer network separate, least squares on one sample",
            lambda: continuous_gradient,
            network_leaves,
            [LIPSCHITZ],
        ),
    ),
)
_PROOF = Claim(
    "simsek.lem2.1.proof",
    Kind.THEOREM,
    "The flow of a continuous gradient is unique",
    Source(PAPER, "proof of Lemma B.1", "B.1"),
    r"Since $\nabla L$ is continuous, the theorem of Picard and Lindelöf makes the flow unique.",
    label=Label.GAP,
    erratum="The theorem asks for a locally Lipschitz gradient; a continuous one has flows (Peano), perhaps "
    r"several. So the first half needs it as well: that $\nabla L$ is tangent to $\mathcal H$ gives one flow inside, "
    r"not that there is no other. And $i \neq j$ range over $[m]$, not $[k]$.",
    uses=("simsek.lem2.1",),
    evidence=(counterexample("two flows from one point", lambda: continuous_gradient, unique, [LIPSCHITZ]),),
)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.def2.1",
        Kind.DEFINITION,
        "Symmetric losses",
        Source(PAPER, "Definition 2.1", "2"),
        r"A loss $L: \mathbb R^{Dm} \to \mathbb R$ is symmetric on $m$ units if it is $C^1$ and $L(\mathcal P_\pi "
        r"\theta) = L(\theta)$ for all $\pi \in S_m$, where $(\mathcal P_\pi \theta)_i = \vartheta_{\pi(i)}$; so "
        r"that $\mathcal P_\pi \mathcal P_\sigma = \mathcal P_{\sigma \circ \pi}$, and $\nabla L(\mathcal P_\pi "
        r"\theta) = \mathcal P_\pi \nabla L(\theta)$.",
        evidence=(
            enumeration(
                "networks, sums of features and matrix factorizations with unknown functions; 2 and 3 (quick) or up "
                "to 5 units",
                lambda: lambda loss: loss,
                _symmetric,
                [
                    Control(
                        "one unit singled out",
                        lambda _: lambda loss: UnitLoss(loss.expression + loss.units[0], loss.units),
                    )
                ],
            ),
            enumeration(
                "all pairs of permutations of up to 4 (quick) or 5 units",
                lambda: lambda pi, sigma: tuple(sigma[i] for i in pi),
                _reversed,
                [Control("the other order", lambda rule: lambda pi, sigma: rule(sigma, pi))],
            ),
        ),
    ),
    Claim(
        "simsek.def2.2",
        Kind.DEFINITION,
        "Symmetry subspaces",
        Source(PAPER, "Definition 2.2", "2"),
        r"$\mathcal H_{i_1 \dots i_k} = \{\vartheta_{i_1} = \dots = \vartheta_{i_k}\}$ has dimension $D(m - k + 1)$. "
        r"The $\mathcal H_{ij}$ are the largest, and all intersections of them correspond to the set partitions of "
        r"$[m]$: there are $B(m) - 1$, not all of the form $\mathcal H_{i_1 \dots i_k}$ once $m \ge 4$.",
        uses=("simsek.def2.1",),
        evidence=(
            enumeration(
                "ranks, and all intersections of the H_ij, up to 4 (quick) or 5 units",
                lambda: _Subspaces(lambda m, k, D: D * (m - k + 1), lambda m: int(sp.bell(m)) - 1),
                _closed_family,
                [
                    Control("D (m - k)", lambda s: replace(s, dimension=lambda m, k, D: D * (m - k))),
                    Control("D m - k + 1", lambda s: replace(s, dimension=lambda m, k, D: D * m - k + 1)),
                    Control("no more than H_{i_1 ... i_k}", lambda s: replace(s, number=lambda m: 2**m - m - 1)),
                    Control("as many as permutations", lambda s: replace(s, number=lambda m: factorial(m) - 1)),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.eq1",
        Kind.DEFINITION,
        "Gradient flow",
        Source(PAPER, "equation (1)", "2"),
        r"$\dot\rho(t) = -\nabla L(\rho(t))$ for $t \ge 0$. If $L$ is bounded below and $\nabla L$ locally "
        r"Lipschitz, it exists for all times, because $|\rho(t) - \rho(0)|^2 \le t\,(L(\rho(0)) - \inf L)$.",
        uses=("simsek.def2.1",),
        evidence=(Derivation("how far a flow gets in a time t", exists_for_ever),),
    ),
    _LEMMA,
    _PRINTED,
    _PROOF,
    replace(_LEMMA, id="simsek.lemB.1", source=Source(PAPER, "Lemma B.1", "B.1"), uses=("simsek.lem2.1",)),
    replace(
        _PRINTED, id="simsek.lemB.1.printed", source=Source(PAPER, "Lemma B.1", "B.1"), uses=("simsek.lem2.1.printed",)
    ),
    Claim(
        "simsek.rem2.1",
        Kind.REMARK,
        "Symmetry subspaces can be reached in infinite time",
        Source(PAPER, "Remark 2.1", "2"),
        r"There are smooth symmetric losses whose flows from outside tend to a symmetry subspace: all flows of "
        r"$\tfrac12 (\vartheta_1 - \vartheta_2)^2$ do. (The toy loss of $a = 25, b = 100$ has a strict local minimum "
        "on the diagonal.)",
        uses=("simsek.lem2.1", "simsek.figA5"),
        evidence=(
            Derivation("an explicit flow, for all starts", _reached_at_infinity),
            enumeration(
                "the curvatures at the critical points on the diagonal of the toy loss, exactly",
                lambda: (1, 1),
                _attracting,
                [Control("a maximum", lambda _: (-1, -1))],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
)
