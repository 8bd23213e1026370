"""Beyond Şimşek et al.: all critical ways to share outgoing weights; critical subspaces of different points."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations_with_replacement
from typing import Any

import sympy as sp
import z3

from quadrics.expansion.critical.smooth_loss import SmoothLoss
from quadrics.expansion.critical.unknown_activation import UNKNOWN
from quadrics.expansion.enumeration import critical_subspaces
from quadrics.expansion.reduction import same_neurons
from quadrics.expansion.subspaces import CriticalSubspace
from quadrics.network import Parameters

from ..check import Context, Control, certificate, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..indexed import Formula
from ..indexed import decide as decide_indexed
from ..rules import entails, equal, substitute
from ..simsek.critical_points import CORES, least_squares, residuals, split, true_gradient
from ..sum_rules import derivative_of_sums, sums


def _gradient_of_a_part() -> list[Step]:
    n, o = sp.symbols("n o", integer=True, positive=True)
    N, D, k, rho = sp.symbols("N d_out k rho", integer=True, positive=True)
    e, x, s, g, part = (sp.IndexedBase(name) for name in ("e", "x", "s", "g", "a"))
    w = sp.Symbol("w")
    z = w * x[n] + s[n]
    U = sp.Sum(e[n, o] * UNKNOWN.derivative(z) * x[n], (n, 1, N)) / N
    return [
        step(
            derivative_of_sums(w),
            sp.Sum(sp.Sum(e[n, o] * (g[n, o] + part[o] * UNKNOWN(z)), (n, 1, N)), (o, 1, D)) / N,
            sp.Sum(part[o] * U, (o, 1, D)),
            "by an incoming weight of a copy with any outgoing weights a: a coordinate of aᵀU(w)",
        ),
        step(
            equal,
            k * (D - rho) - (D - rho),
            (k - 1) * (D - rho),
            "k parts in the kernel of Uᵀ, of dimension d_out - ρ, with a given sum in it",
        ),
        step(
            entails,
            sp.And(k >= 1, rho < D),
            sp.Ge((k - 1) * (D - rho), k - 1),
            "a_t ≠ 0 is in the kernel, so that ρ < d_out: no less than the k - 1 of eq. (4)",
            mutants=(sp.Ge((k - 1) * (D - rho), k),),
        ),
        step(
            entails,
            sp.And(k >= 2, rho + 1 < D),
            sp.Gt((k - 1) * (D - rho), k - 1),
            "and more for a copied neuron with ρ < d_out - 1",
            mutants=(sp.Gt((k - 1) * (D - rho), k),),
        ),
        step(
            sums(),
            sp.Sum(part[o] * U, (o, 1, D)),
            sp.Sum(sp.Sum(part[o] * e[n, o] * UNKNOWN.derivative(z) * x[n], (n, 1, N)), (o, 1, D)) / N,
            "for parts that are multiples of a_t it is a multiple of the core's gradient, 0",
        ),
    ]


Critical = Callable[[SmoothLoss, Parameters, list[Any]], bool]


def _parts(critical: Critical, context: Context) -> Outcome:
    """Exact gradients for two copies of neuron 1: parts in and outside of the kernel of Uᵀ, parallel and not."""
    found: list[bool] = []
    for core, inputs in CORES[3:]:
        for slopes in list(residuals(core, inputs))[1:3]:
            loss, a = least_squares(inputs, slopes), core.W2.col(0)
            kernel = loss.U(core.W1.row(0)).T.nullspace()
            for part in [2 * a, sp.Matrix([1] + [0] * (core.d_out - 1)), *kernel]:
                theta = split(core, [part, a - part])
                found.append(not any(true_gradient(theta, core, loss)))
                if found[-1] != critical(loss, core, [part, a - part]):
                    return decided(False, part=str(list(part)), critical=found[-1])
    return decided(True, critical=sum(found), not_critical=len(found) - sum(found))


def _in_the_kernel(loss: SmoothLoss, core: Parameters, parts: list[Any]) -> bool:
    return not any(entry for part in parts for entry in part.T * loss.U(core.W1.row(0)))


def _parallel(loss: SmoothLoss, core: Parameters, parts: list[Any]) -> bool:
    """A mutant: only multiples of a_t, eq. (4)."""
    return all(sp.Matrix.hstack(part, core.W2.col(0)).rank() < 2 for part in parts)


def _same_blocks() -> Formula:
    """One network as copies of two cores, neurons i and j of it: equal labels in one are equal labels in the other."""
    integers = z3.IntSort()
    W, first, second, P, Q = (z3.Function(name, integers, integers) for name in ("W", "w", "v", "P", "Q"))
    i, j = z3.Ints("i j")
    copies = [W(x) == first(P(x)) for x in (i, j)] + [W(x) == second(Q(x)) for x in (i, j)]
    distinct = z3.Implies(second(Q(i)) == second(Q(j)), Q(i) == Q(j))
    return Formula([distinct, *copies, P(i) == P(j)], z3.And(Q(i) == Q(j), first(P(i)) == second(Q(i))))


def _same_sums() -> list[Step]:
    j, k = sp.symbols("j k", integer=True, positive=True)
    beta, a, shares = sp.IndexedBase("beta"), sp.Symbol("a_t"), sp.Symbol("B")
    return [
        step(
            sums({shares: sp.Sum(beta[j], (j, 1, k))}),
            sp.Sum(beta[j] * a, (j, 1, k)),
            shares * a,
            "the outgoing weights in a block of copies, β_j a_t, one coordinate",
        ),
        step(
            substitute({shares: sp.Integer(1)}),
            shares * a,
            a,
            "add up to a_t, in either way of reading the network: the same blocks have the same sums",
        ),
    ]


def _second_reducible(_: Callable[[], Formula]) -> Callable[[], Formula]:
    def build() -> Formula:
        formula = _same_blocks()
        return Formula(formula.hypotheses[1:], formula.conclusion)

    return build


Meet = Callable[[Parameters, Parameters], bool]
POINTS = tuple(
    Parameters(W, A)
    for W, A in (
        ([[1]], [[2]]),
        ([[1]], [[3]]),
        ([[1], [2]], [[2, 1]]),
        ([[2], [1]], [[1, 2]]),
        ([[1], [2]], [[1, 2]]),
        ([[1], [2], [3]], [[2, 1, 5]]),
    )
)


def _meeting(meet: Meet, context: Context) -> Outcome:
    """Critical subspaces of width 3 of six irreducible points, two of them the same up to order: echelon forms."""
    spaces = [[CriticalSubspace(core, P).affine() for P in critical_subspaces(core.width, 3)] for core in POINTS]
    for (one, first), (other, second) in combinations_with_replacement(list(zip(POINTS, spaces, strict=True)), 2):
        if any(a.intersection(b) for a in first for b in second) != meet(one, other):
            return decided(False, first=str(one), second=str(other))
    return decided(True)


def _same_incoming(one: Parameters, other: Parameters) -> bool:
    """A mutant: only the incoming weights count."""
    return {tuple(n.w) for n in one.neurons()} == {tuple(n.w) for n in other.neurons()}


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.simsek.critical-splits",
        Kind.THEOREM,
        "All ways to share the outgoing weights that are critical",
        Source("simsek", "beyond equation 4", "4.2"),
        r"Copies of $w_t$ with outgoing weights $a^1, \dots, a^k$ of sum $a_t$ are a critical point exactly if every "
        r"$a^j$ lies in the kernel of $U_t^T$: an affine subspace of dimension $\sum_t (k_t - 1)(d_{out} - "
        r"\mathrm{rank}\, U_t) \ge m - r$, which contains $\bar\Gamma_s$ and is larger if some copied $U_t$ "
        r"has rank less than $d_{out} - 1$.",
        uses=("simsek.prop4.3",),
        evidence=(
            Derivation("the gradient of a part, and the dimension", _gradient_of_a_part),
            enumeration(
                "exact gradients for two copies in networks of two and three outputs",
                lambda: _in_the_kernel,
                _parts,
                [
                    Control("multiples of a_t only", lambda critical: _parallel),
                    Control("every split", lambda critical: lambda loss, core, parts: True),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "beyond.simsek.disjoint",
        Kind.THEOREM,
        "Critical subspaces of different critical points are disjoint",
        Source("simsek", "beyond Proposition 4.3", "4.2"),
        r"If $\bar\Theta_{r \to m}(\theta)$ and $\bar\Theta_{r' \to m}(\theta')$ have a point in common, then $r = r'$ "
        r"and $\theta$, $\theta'$ are the same up to the order of neurons: its neurons have the same blocks in both, "
        "with the same incoming weights, and the outgoing weights of a block add up to those of the neuron. So the "
        "counts of section 4.3 may be added.",
        hypotheses=("both points are irreducible",),
        uses=("simsek.def4.1", "simsek.prop4.3"),
        evidence=(
            certificate(
                "the same blocks with the same incoming weights, for all sizes (z3)",
                lambda: _same_blocks,
                decide_indexed,
                [Control("a reducible second point", _second_reducible)],
            ),
            Derivation("the outgoing weights of a block, for all sizes", _same_sums),
            enumeration(
                "echelon forms of width 3 for six irreducible points of one to three neurons",
                lambda: same_neurons,
                _meeting,
                [
                    Control("equal incoming weights suffice", lambda meet: _same_incoming),
                    Control("never", lambda meet: lambda one, other: False),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
)
