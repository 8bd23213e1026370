"""Beyond Şimşek et al.: the inertia at symmetry-induced critical points, and which of them are strict saddles."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations_with_replacement
from typing import Any

import sympy as sp
from sympy.polys.matrices import DomainMatrix

from quadrics.expansion.critical.hessian import Replication, shares_form, shares_inertia, transverse_inertia
from quadrics.expansion.critical.inertia import Inertia, inertia
from quadrics.expansion.critical.smooth_loss import SmoothLoss

from ..check import Context, Control, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, Scope, decided
from ..matrix_rules import matrix_equal
from ..rules import entails, equal
from ..simsek.critical_points import (
    Block,
    expanded_points,
)
from ..simsek.hessian_derivations import inverse, second_order_of_a_neuron, splitting

# -- the Hessian splits -----------------------------------------------------------------------------------------------
Form = Callable[[SmoothLoss, Replication, int], Any]


def _split_exactly(form: Form, context: Context) -> Outcome:
    """Mᵀ H M is block diagonal, H_r and the forms, for copies of seven cores; M has determinant ±1."""
    count = 0
    for point in expanded_points(context)[:: context.pick(quick=7, full=1)]:
        loss, found = point.loss, point.replication
        M, count = sp.Matrix(found.coordinates()), count + 1
        blocks = [form(loss, found, t) for t in range(found.core.width) if len(found.shares[t]) > 1]
        expected = sp.diag(loss.hessian(found.core), *blocks)
        determinant = DomainMatrix.from_Matrix(M).to_field().det()
        if determinant not in (1, -1) or M.T * loss.hessian(found.network()) * M != expected:
            return decided(False, word=found.configuration.word)
    return decided(True, copies=count)


def _package_form(loss: SmoothLoss, found: Replication, t: int) -> Any:
    return found.transverse_form(loss, t)


def _without_the_square(loss: SmoothLoss, found: Replication, t: int) -> Any:
    """A mutant: diag(β_2, ..., β_k) in place of B."""
    neuron, betas = found.core.neuron(t), found.shares[t]
    Q = sp.Matrix(found.transverse_form(loss, t))
    size = (len(betas) - 1) * loss.d_in
    Q[:size, :size] = sp.kronecker_product(sp.diag(*betas[1:]), loss.S(neuron.w, neuron.a))
    return Q


def _without_U(loss: SmoothLoss, found: Replication, t: int) -> Any:
    """A mutant: the mixed terms forgotten."""
    size = (len(found.shares[t]) - 1) * loss.d_in
    Q = sp.Matrix(found.transverse_form(loss, t))
    return sp.diag(Q[:size, :size], sp.zeros(Q.rows - size))


# -- the inertia ------------------------------------------------------------------------------------------------------
def _inertia_of_Q() -> list[Step]:
    rho, n = sp.symbols("rho n", integer=True, positive=True)
    u, b, v = sp.MatrixSymbol("u", rho, 1), sp.MatrixSymbol("b", rho, 1), sp.MatrixSymbol("v", n, 1)
    X, Y, Z = sp.MatrixSymbol("X", rho, rho), sp.MatrixSymbol("Y", rho, n), sp.MatrixSymbol("Z", n, n)
    s, t = sp.symbols("u_1 b_1")
    k, d, e, r = sp.symbols("k d_in d_out rho", integer=True, positive=True)
    form = u.T * X * u + 2 * u.T * Y * v + v.T * Z * v
    return [
        argued(
            "In suitable bases of the inputs and the outputs U_t is the identity of size ρ, and zero elsewhere. So the "
            "(k-1)(d_out - ρ) other coordinates of the b do not occur in Q_t: as many zeros. Let u be the coordinates "
            "of the u_j that U_t sees, b the partners of u, and v those in the kernel of U_t."
        ),
        step(
            matrix_equal,
            form + 2 * u.T * (b - X * u / 2 - Y * v),
            v.T * Z * v + 2 * u.T * b,
            "with b - Xu/2 - Yv in place of b: B ⊗ S̃ on the kernel, and pairs",
            mutants=(v.T * Z * v + u.T * b,),
        ),
        step(
            equal,
            2 * s * t,
            ((s + t) ** 2 - (s - t) ** 2) / 2,
            "each pair, (k-1) ρ in number, has one positive and one negative direction",
        ),
        step(
            equal,
            2 * (k - 1) * r + (k - 1) * (e - r) + (k - 1) * (d - r),
            (k - 1) * (d + e),
            "the dimensions add up",
        ),
        argued(
            "By the term of S with u = v, Σ β_j ẇ_j² = p² + Bu·u: diag(β) is congruent to 1 and B, so that B has the "
            "inertia (n, z, p - 1). The eigenvalues of B ⊗ S̃ are products. Inertia does not depend on the basis "
            "(Sylvester)."
        ),
    ]


Predict = Callable[[Block], Inertia]


def _of_block(block: Block) -> Inertia:
    return transverse_inertia(shares_inertia(block.shares), block.rank, block.restricted, block.d_out)


def _of_Hessians(predict: Predict, context: Context) -> Outcome:
    """The inertia of the exact Hessian of the wide network is that of the core's and those predicted."""
    ranks: set[tuple[int, int]] = set()
    for point in expanded_points(context):
        total = point.core_inertia
        for block in point.blocks:
            if len(block.shares) > 1:
                total = total + predict(block)
                ranks.add((block.d_out, block.rank))
        if total != point.inertia:
            return decided(False, found=str(point.inertia), said=str(total))
    return decided(True, copies=len(expanded_points(context)), d_out_and_rank=sorted(ranks))


def _all_of_S(block: Block) -> Inertia:
    """A mutant: S is not restricted to the kernel of U."""
    return transverse_inertia(shares_inertia(block.shares), block.rank, block.whole, block.d_out)


def _all_shares(block: Block) -> Inertia:
    """A mutant: the inertia of diag(β_1, ..., β_{k-1}) in place of B."""
    rest = inertia(sp.diag(*block.shares[:-1]))
    return transverse_inertia(rest, block.rank, block.restricted, block.d_out)


def _no_rank(block: Block) -> Inertia:
    """A mutant: U taken for zero."""
    return transverse_inertia(shares_inertia(block.shares), 0, block.restricted, block.d_out)


Negative = Callable[[Block], int]


def _one_output(count: Negative, context: Context) -> Outcome:
    """Negative eigenvalues for one output."""
    seen = 0
    for point in (q for q in expanded_points(context) if q.loss.d_out == 1):
        seen += 1
        if point.inertia.negative != point.core_inertia.negative + sum(map(count, point.blocks)):
            return decided(False, found=str(point.inertia))
    return decided(True, copies=seen)


def _closed_form(block: Block) -> int:
    """(p - 1) s⁻ + n s⁺."""
    signs = [sp.sign(b) for b in block.shares]
    return int((signs.count(1) - 1) * block.whole.negative + signs.count(-1) * block.whole.positive)


def _shares(family: Callable[[Any], Inertia], context: Context) -> Outcome:
    """The inertia of B for all shares in quarters between -1 and 2, k up to 3 (quick) or 4 (full)."""
    quarters = [sp.Rational(i, 2) for i in range(-2, 5)]
    for k in range(2, context.pick(quick=4, full=5)):
        for rest in combinations_with_replacement(quarters, k - 1):
            betas = (*rest, 1 - sum(rest))
            if inertia(shares_form(betas)) != family(betas):
                return decided(False, shares=str(betas))
    return decided(True)


# -- strict saddles ---------------------------------------------------------------------------------------------------
def _when_semidefinite() -> list[Step]:
    k, rho, p, n, minus, plus, core = sp.symbols("k rho p n s_minus s_plus neg_r", integer=True)
    sizes = sp.And(k >= 2, rho >= 0, p >= 1, n >= 0, minus >= 0, plus >= 0, core >= 0)
    negative = core + (k - 1) * rho + (p - 1) * minus + n * plus
    return [
        step(
            entails,
            sp.And(sizes, rho >= 1),
            negative >= 1,
            "a neuron with U ≠ 0 that is copied: a strict saddle, whatever the core and the shares",
            mutants=(negative >= 2,),
        ),
        step(entails, sp.And(sizes, core >= 1), negative >= 1, "saddles stay saddles", mutants=(negative >= 2,)),
        step(
            entails,
            sp.And(sizes, sp.Eq(core, 0), sp.Eq(rho, 0), sp.Eq(minus, 0), sp.Eq(n, 0)),
            sp.Eq(negative, 0),
            "U = 0, S ⪰ 0, no β < 0: no negative eigenvalue",
            mutants=(negative >= 1,),
        ),
        step(
            entails,
            sp.And(sizes, sp.Eq(core, 0), sp.Eq(rho, 0), sp.Eq(plus, 0), sp.Eq(p, 1)),
            sp.Eq(negative, 0),
            "U = 0, S ⪯ 0, a single β > 0: no negative eigenvalue",
            mutants=(negative >= 1,),
        ),
        step(
            entails,
            sp.And(sizes, sp.Or(sp.And(minus >= 1, p >= 2), sp.And(plus >= 1, n >= 1))),
            negative >= 1,
            "in all other cases there is one",
            mutants=(negative >= 2,),
        ),
        argued(
            "Where no eigenvalue is negative and only the m - r of the critical subspace are zero, the loss grows to "
            "second order in all directions across it (Morse-Bott): local minima. That both kinds "
            "occur, the instances show."
        ),
    ]


Kinds = Callable[[Block], bool]


def _saddle(block: Block) -> bool:
    """Whether copies of one neuron of a minimum make a strict saddle."""
    return _of_block(block).negative > 0


def _copies_of_minima(saddle: Kinds, context: Context) -> Outcome:
    """Copies of strict local minima of one neuron: saddles where predicted, else a minimum in all other directions."""
    minima, saddles = 0, 0
    for point in expanded_points(context):
        block = point.blocks[0]
        if len(point.blocks) > 1 or point.core_inertia.negative or point.core_inertia.zero:
            continue
        if (point.inertia.negative > 0) != saddle(block):
            return decided(False, shares=str(block.shares), rank=block.rank)
        saddles += point.inertia.negative > 0
        minima += point.inertia.negative == 0 and point.inertia.zero == point.extra
    return decided(minima > 0 and saddles > 0, local_minima=minima, strict_saddles=saddles)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.simsek.hessian-splits",
        Kind.THEOREM,
        "The Hessian at copies of neurons falls apart",
        Source("simsek", "beyond Proposition 4.4", "4.2"),
        r"At $k_t$ copies of $(w_t, a_t)$ with outgoing weights $\beta_j a_t$, $\sum \beta_j = 1$, let $p = \sum "
        r"\beta_j \dot w_j$, $q = \sum \dot a_j$, $u_j = \dot w_j - \dot w_1$, $b_j = \dot a_j - \beta_j q$ $(j \ge "
        r"2)$, a change of variables of determinant $\pm 1$. Then $H_m[\dot w, \dot a] = H_r[p, q] + \sum_t Q_t[u, "
        r"b]$, $Q_t = \begin{pmatrix} B \otimes S_t & I \otimes U_t^T \\ I \otimes U_t & 0 \end{pmatrix}$, $B = "
        r"\mathrm{diag}(\beta_2, \dots, \beta_k) - (\beta_i \beta_j)_{i, j \ge 2}$: for every loss, "
        "activation and size, critical or not.",
        hypotheses=(r"$\sigma$ and $c$ are twice continuously differentiable",),
        uses=("simsek.eq4",),
        evidence=(
            Derivation("the second derivative of a neuron and of the loss", second_order_of_a_neuron),
            Derivation("the terms of the Hessian in the new coordinates, for all sizes", splitting),
            Derivation("the change of variables has an inverse", inverse),
            enumeration(
                "exact Hessians of sigmoid networks in the new coordinates: one to three outputs",
                lambda: _package_form,
                _split_exactly,
                [
                    Control("diag(β) in place of B", lambda form: _without_the_square),
                    Control("the mixed terms forgotten", lambda form: _without_U),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "beyond.simsek.inertia",
        Kind.THEOREM,
        "The inertia at symmetry-induced critical points",
        Source("simsek", "beyond Proposition 4.4", "4.2"),
        r"With In = (negative, zero, positive): $\mathrm{In}(H_m) = \mathrm{In}(H_r) + \sum_t \mathrm{In}(Q_t)$, "
        r"$\mathrm{In}(Q_t) = (k_t - 1)(\rho, d_{out} - \rho, \rho) + (n, z, p - 1) \otimes \mathrm{In}(\tilde S_t)$, "
        r"where $p, n, z$ are the numbers of positive, negative, zero $\beta$, $\rho = \mathrm{rank}\, U_t$, $\tilde "
        r"S_t$ is $S_t$ on $\ker U_t$, and the inertia of a product counts the products of signs. For $d_{out} = 1$, "
        r"where $U_t = 0$: $\mathrm{neg}(H_m) = \mathrm{neg}(H_r) + \sum_t [(p_t - 1) s_t^- + n_t s_t^+]$.",
        uses=("beyond.simsek.hessian-splits",),
        evidence=(
            Derivation("the inertia of Q, for all sizes", _inertia_of_Q),
            enumeration(
                "exact Hessians of sigmoid networks: one to three outputs, ranks of U from 0 to 2",
                lambda: _of_block,
                _of_Hessians,
                [
                    Control("S not restricted to the kernel of U", lambda predict: _all_of_S),
                    Control("k - 1 of the shares in place of B", lambda predict: _all_shares),
                    Control("U taken for zero", lambda predict: _no_rank),
                ],
                scope=Scope.INSTANCE,
            ),
            enumeration(
                "the same for one output: negative eigenvalues in closed form",
                lambda: _closed_form,
                _one_output,
                [
                    Control("signs of S exchanged", lambda count: lambda b: (len(b.shares) - 1) * b.whole.positive),
                    Control("none", lambda count: lambda block: 0),
                ],
                scope=Scope.INSTANCE,
            ),
            enumeration(
                "the inertia of B for all shares in halves from -1 to 2, up to three (quick) or four (full) copies",
                lambda: lambda betas: shares_inertia(betas),
                _shares,
                [Control("that of all but the last share", lambda family: lambda betas: inertia(sp.diag(*betas[:-1])))],
            ),
        ),
    ),
    Claim(
        "beyond.simsek.strict-saddles",
        Kind.THEOREM,
        "Which symmetry-induced critical points are strict saddles",
        Source("simsek", "beyond Proposition 4.4; open question", "6"),
        r"Not all are. A copied local minimum is no strict saddle exactly if, for every $t$ with $k_t \ge 2$, $U_t = "
        r"0$ and ($S_t \succeq 0$ or a single $\beta$ is positive) and ($S_t \preceq 0$ or no $\beta$ is negative). "
        r"For $d_{out} = 1$, where $U_t = 0$ always, both happen; if $H_r \succ 0$ and the zero eigenvalues are no "
        r"more than the $m - r$ of the subspace, the points are local minima. For $d_{out} \ge 2$ and $U_t \ne 0$ all "
        r"are strict saddles, with at least $(k_t - 1)\, \mathrm{rank}\, U_t$ negative eigenvalues.",
        uses=("beyond.simsek.inertia", "simsek.prop4.4"),
        evidence=(
            Derivation("when the number of negative eigenvalues is zero, for all sizes", _when_semidefinite),
            enumeration(
                "copies of strict local minima of sigmoid networks, exact Hessians: minima and saddles both occur",
                lambda: _saddle,
                _copies_of_minima,
                [
                    Control("all are strict saddles", lambda saddle: lambda block: True),
                    Control("none is", lambda saddle: lambda block: False),
                    Control(
                        "all with a negative β, no others", lambda s: lambda b: shares_inertia(b.shares).negative > 0
                    ),
                ],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
)
