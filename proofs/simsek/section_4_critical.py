"""Section 4.2 and appendix B.4: symmetry-induced critical points, which they are, and which others there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import permutations, product
from typing import Any

import sympy as sp
import z3

from quadrics.expansion.configurations import Configuration
from quadrics.expansion.counts import G, T
from quadrics.expansion.critical.unknown_activation import UNKNOWN
from quadrics.expansion.enumeration import affine_subspaces, critical_subspaces
from quadrics.expansion.subspaces import CriticalSubspace
from quadrics.network import Parameters
from quadrics.smooth_activation import sigmoid
from quadrics.symmetry import permute

from ..check import Context, Control, certificate, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..indexed import Formula
from ..indexed import decide as decide_indexed
from ..rules import equal, substitute
from ..sum_rules import derivative_of_sums, sums
from .critical_points import (
    CORES,
    HALF,
    SHARES,
    least_squares,
    residuals,
    split,
    true_gradient,
)
from .expansion_checks import CORES as IRREDUCIBLE
from .expansion_checks import PAPER, sizes
from .other_critical_points import CLAIMS as OTHERS

INDICES = sp.symbols("j n o t", integer=True, positive=True)
N, D_OUT, K, R = sp.symbols("N d_out k r", integer=True, positive=True)


# -- eq. (4), Definition 4.1 ------------------------------------------------------------------------------------------
def _dimension_of_copies() -> list[Step]:
    j, _, _, t = INDICES
    k, beta, a, s = sp.IndexedBase("k"), sp.IndexedBase("beta"), sp.Symbol("a_t"), sp.Symbol("sigma_t")
    width, one = sp.Symbol("m"), sp.Symbol("one")
    shares = sp.Sum(beta[j], (j, 1, K))
    return [
        step(
            sums({width: sp.Sum(k[t], (t, 1, R))}),
            sp.Sum(k[t] - 1, (t, 1, R)),
            width - R,
            "k_t shares with one equation each, and the sizes add up to m",
        ),
        step(
            sums({one: shares}), sp.Sum(beta[j] * a * s, (j, 1, K)), one * a * s, "copies have the same σ(w·x) =: σ_t"
        ),
        step(substitute({one: 1}), one * a * s, a * s, "so the outputs are those of the core"),
    ]


Size = Callable[[int, int], Any]


def _rank(size: Size, context: Context) -> Outcome:
    """The rank of the equations that define every subspace, found from its general point."""
    count = 0
    for core in IRREDUCIBLE:
        for m in range(core.width, context.pick(quick=4, full=6)):
            for P in critical_subspaces(core.width, m):
                count += 1
                if CriticalSubspace(core, P).affine().dimension != size(core.width, m):
                    return decided(False, word=P.word)
    return decided(True, subspaces=count)


Words = Callable[[int, int], set[tuple[int, ...]]]


def _all_permutations(words: Words, context: Context) -> Outcome:
    """The words of all P_π Γ̄_s: every s, every π."""
    for r, m in sizes(context.pick(quick=5, full=6)):
        listed = {
            tuple(w)
            for s in product(range(1, m + 1), repeat=r)
            if sum(s) == m
            for w in permutations(Configuration.standard(s).word)
        }
        if listed != words(r, m):
            return decided(False, r=r, m=m, found=len(listed))
    return decided(True)


def _critical_words(r: int, m: int) -> set[tuple[int, ...]]:
    return {P.word for P in critical_subspaces(r, m)}


def _all_words(r: int, m: int) -> set[tuple[int, ...]]:
    return {P.word for P in affine_subspaces(r, m)}


# -- Proposition 4.3 --------------------------------------------------------------------------------------------------
def _gradient_of_copies() -> list[Step]:
    """One incoming and one outgoing coordinate of one copy; z_n = w x_n + s_n, the rest of the outputs in g."""
    _, n, o, _ = INDICES
    e, x, s, a, g = (sp.IndexedBase(name) for name in ("e", "x", "s", "a", "g"))
    w, beta, u, v, A = sp.symbols("w beta U_i V_o A")
    everything = ((o, 1, D_OUT), (n, 1, N))
    z = w * x[n] + s[n]
    first_order = sp.Sum(e[n, o] * (g[n, o] + beta * a[o] * UNKNOWN(z)), *everything) / N
    narrow = sp.Sum(e[n, o] * a[o] * UNKNOWN.derivative(z) * x[n], *everything) / N
    outward = sp.Sum(e[n, o] * UNKNOWN(z), (n, 1, N)) / N
    return [
        step(
            derivative_of_sums(w),
            first_order,
            beta * narrow,
            "the loss to first order in the outputs, where e_n is the derivative of c, by an incoming weight of a copy",
        ),
        step(
            sums({u: N * narrow}),
            beta * narrow,
            beta * u / N,
            "β times the component of the core's gradient, as e_n is that of the core: the outputs agree (eq. 4)",
        ),
        step(substitute({u: 0}), beta * u / N, sp.Integer(0), "which vanishes"),
        step(
            derivative_of_sums(A),
            sp.Sum(e[n, o] * (g[n, o] + A * UNKNOWN(z)), (n, 1, N)) / N,
            outward,
            "by an outgoing weight A of a copy: β has dropped out",
        ),
        step(sums({v: N * outward}), outward, v / N, "the component of the core's gradient"),
        step(substitute({v: 0}), v / N, sp.Integer(0), "which vanishes as well"),
    ]


def _number_of_words() -> list[Step]:
    n, k, rest = sp.symbols("n k rest", integer=True, positive=True)
    return [
        step(equal, sp.factorial(n) / sp.factorial(n), sp.Integer(1), "one label: a single word"),
        step(
            equal,
            sp.factorial(n) / (sp.factorial(k) * sp.factorial(n - k)) * sp.factorial(n - k) / rest,
            sp.factorial(n) / (sp.factorial(k) * rest),
            "one label more, k times among n letters: k of n positions, times the words for the others, "
            "(n-k)!/(product of factorials), is n!/(product of factorials) again: so by induction on the labels",
        ),
    ]


def _disjoint() -> Formula:
    """Two words that give the same incoming weights everywhere are the same word, as the core's are distinct."""
    integers = z3.IntSort()
    weight, first, second = (z3.Function(name, integers, integers) for name in ("w", "P", "Q"))
    i = z3.Int("i")
    distinct = z3.Implies(weight(first(i)) == weight(second(i)), first(i) == second(i))
    return Formula([distinct, weight(first(i)) == weight(second(i))], first(i) == second(i))


def _without_irreducibility(_: Callable[[], Formula]) -> Callable[[], Formula]:
    def build() -> Formula:
        formula = _disjoint()
        return Formula(formula.hypotheses[1:], formula.conclusion)

    return build


def _counted(count: Callable[[int, int], Any], context: Context) -> Outcome:
    """Echelon forms: so many, all different, no two with a common point."""
    for core in IRREDUCIBLE:
        for m in range(core.width, context.pick(quick=4, full=5) + (core.width == 1)):
            spaces = [CriticalSubspace(core, P).affine() for P in critical_subspaces(core.width, m)]
            if len(set(spaces)) != count(core.width, m):
                return decided(False, r=core.width, m=m)
            if any(a.intersection(b) for i, a in enumerate(spaces) for b in spaces[:i]):
                return decided(False, r=core.width, m=m, reason="two of them meet")
    return decided(True)


Family = Callable[[Parameters], Iterator[Parameters]]


def copied(core: Parameters) -> Iterator[Parameters]:
    """Points of the critical union: neuron 1 copied once or twice, also in another order."""
    for shares in (*SHARES[2], *SHARES[3][1:3]):
        yield permute(split(core, [b * core.W2.col(0) for b in shares]), range(core.width + len(shares) - 2, -1, -1))


def _not_parallel(core: Parameters) -> Iterator[Parameters]:
    """A mutant: any two parts that add up to a_1."""
    part = sp.Matrix([1] * (core.d_out - 1) + [0]) if core.d_out > 1 else sp.Matrix([1])
    yield split(core, [part, core.W2.col(0) - part])


def _too_much(core: Parameters) -> Iterator[Parameters]:
    """A mutant: shares that add up to 3/2."""
    yield split(core, [core.W2.col(0), HALF * core.W2.col(0)])


def _with_a_zero_neuron(core: Parameters) -> Iterator[Parameters]:
    """A mutant: a neuron with no outgoing weights."""
    yield Parameters(core.W1.row_insert(0, sp.ones(1, core.d_in)), core.W2.col_insert(0, sp.zeros(core.d_out, 1)))


def _all_critical(family: Family, context: Context) -> Outcome:
    """The gradient of the least squares loss, from the targets, at every point of the family."""
    count = 0
    for core, inputs in CORES:
        for slopes in list(residuals(core, inputs))[-1:]:
            loss = least_squares(inputs, slopes)
            for theta in family(core):
                count += 1
                if any(true_gradient(theta, core, loss)):
                    return decided(False, d_out=core.d_out, width=theta.width)
    return decided(True, points=count)


# -- the printed proof ------------------------------------------------------------------------------------------------
Outer = Callable[[Any, Any], Any]


def _as_a_matrix(outer: Outer, context: Context) -> Outcome:
    """U(w) from the columns c' and x, for two outputs and two inputs: a matrix with aᵀU(w) the gradient."""
    core, inputs = CORES[5]
    loss = least_squares(inputs, next(residuals(core, inputs)) + sp.ones(len(inputs), 2))
    gradient = true_gradient(core, core, loss)
    for t, neuron in enumerate(core.neurons()):
        try:
            z = [(core.W1.row(t) * sp.Matrix(x))[0] for x in inputs]
            terms = [outer(loss.slopes.row(n).T, sp.Matrix(x)) * sigmoid.derivative(z[n]) for n, x in enumerate(inputs)]
            found = sp.Matrix([neuron.a]) * sum(terms[1:], terms[0]) / len(inputs)
        except sp.matrices.exceptions.ShapeError as error:
            return decided(False, reason=f"the product is not defined: {error}")
        if list(found) != list(gradient[2 * t : 2 * t + 2]):
            return decided(False, neuron=t)
    return decided(True)


Equivariance = Callable[[Any, Any, tuple[int, ...]], Any]


def _permuted_gradient(right_side: Equivariance, context: Context) -> Outcome:
    """∇L(P_π θ) against the printed right side, for a network of three neurons that copies two (not at a minimum)."""
    core, inputs = CORES[1]
    loss = least_squares(inputs, next(residuals(core, inputs)) + sp.ones(len(inputs), 1))
    wide = split(core, [2 * core.W2.col(0), -core.W2.col(0)])
    for pi in permutations(range(3)):
        found = true_gradient(permute(wide, pi), core, loss)
        if list(found) != list(right_side(true_gradient(wide, core, loss), true_gradient(core, core, loss), pi)):
            return decided(False, pi=pi)
    return decided(True)


def _permuted(gradient: Any, pi: tuple[int, ...]) -> list[Any]:
    """P_π on a gradient of neurons with one incoming and one outgoing weight, as far as there are entries."""
    m = len(gradient) // 2
    return [gradient[offset + i] for offset in (0, m) for i in pi if i < m]


EQ4 = Claim(
    "simsek.eq4",
    Kind.DEFINITION,
    "A critical subspace",
    Source(PAPER, "equation 4", "4.2"),
    r"$\bar\Gamma_s(\theta_*^r)$: $k_t$ copies of the incoming weights $w_t^*$, with the outgoing weights $\beta_t^i "
    r"a_t^*$, $\sum_i \beta_t^i = 1$. It is an affine subspace of dimension $\sum_t (k_t - 1) = m - r$ of networks "
    "that compute the same function.",
    uses=("simsek.net", "simsek.def3.1"),
    evidence=(
        Derivation("its dimension and its function, for all sizes", _dimension_of_copies),
        enumeration(
            "the rank of the equations, for four irreducible points",
            lambda: lambda r, m: m - r,
            _rank,
            [Control("d_out (m - r) for d_out = 2", lambda size: lambda r, m: 2 * (m - r))],
        ),
    ),
)

PROP43 = Claim(
    "simsek.prop4.3",
    Kind.THEOREM,
    "Symmetry-induced critical points",
    Source(PAPER, "Proposition 4.3", "4.2"),
    r"If $\theta_*^r$ is an irreducible critical point of $L^r$, all points of $\bar\Theta_{r \to m}(\theta_*^r)$ are "
    r"critical points of $L^m$, and it is a disjoint union of $G(r, m) = \sum_{k_1 + \dots + k_r = m,\, k_i \ge 1} "
    r"\binom{m}{k_1, \dots, k_r}$ affine subspaces of dimension $m - r$.",
    hypotheses=(r"$\sigma$ and $c$ are differentiable",),
    uses=("simsek.def4.1", "simsek.eq4"),
    evidence=(
        Derivation("the gradient by the weights of a copy, for all sizes, losses and activations", _gradient_of_copies),
        Derivation("the number of words with given numbers of letters, label by label", _number_of_words),
        certificate(
            "disjoint, for all r and m: equal incoming weights mean equal labels (z3)",
            lambda: _disjoint,
            decide_indexed,
            [Control("two neurons of the core may be equal", _without_irreducibility)],
        ),
        enumeration(
            "echelon forms for four irreducible points: their number, and that no two meet",
            lambda: lambda r, m: G(r, m),
            _counted,
            [
                Control("T", lambda count: lambda r, m: T(r, m)),
                Control("up to permutation of labels", lambda count: lambda r, m: count(r, m) / sp.factorial(r)),
            ],
        ),
        enumeration(
            "exact gradients at copies of critical points of seven sigmoid networks",
            lambda: copied,
            _all_critical,
            [
                Control("outgoing weights that are not parallel", lambda family: _not_parallel),
                Control("shares that add up to 3/2", lambda family: _too_much),
                Control("a zero-type neuron", lambda family: _with_a_zero_neuron),
            ],
            scope=Scope.INSTANCE,
        ),
    ),
)

CLAIMS: tuple[Claim, ...] = (
    EQ4,
    Claim(
        "simsek.def4.1",
        Kind.DEFINITION,
        "The symmetry-induced critical points",
        Source(PAPER, "Definition 4.1", "4.2"),
        r"$\bar\Theta_{r \to m}(\theta_*^r) = \bigcup_{s, \pi} \mathcal P_\pi \bar\Gamma_s(\theta_*^r)$ for an "
        r"irreducible critical point $\theta_*^r$: one subspace for each word of length $m$ in which each of $r$ "
        "labels occurs.",
        uses=("simsek.eq4", "simsek.def2.1"),
        evidence=(
            enumeration(
                "all permutations of all s, m up to 5 (quick) or 6 (full)",
                lambda: _critical_words,
                _all_permutations,
                [Control("with zero-type groups", lambda words: _all_words)],
            ),
        ),
    ),
    PROP43,
    replace(
        PROP43,
        id="simsek.propB.8",
        source=Source(PAPER, "Proposition B.8", "B.4"),
        title="Symmetry-induced critical points (appendix)",
        uses=("simsek.prop4.3",),
    ),
    Claim(
        "simsek.propB.8.printed",
        Kind.THEOREM,
        "Two formulas of the proof, as printed",
        Source(PAPER, "proof of Proposition B.8", "B.4"),
        r"The $d_{out} \times d_{in}$ matrix $U(w) = \frac1N \sum c'(f(x), y)\, \sigma'(w \cdot x)\, x$ gives the "
        r"gradient $a^T U(w)$, and $\nabla L^m(\mathcal P_\pi \theta^m) = \mathcal P_\pi \nabla L^m(\theta^r)$.",
        label=Label.TYPO,
        erratum=r"Read $x^T$ for $x$ (two columns have no product), $\nabla L^m(\mathcal P_\pi \theta^m) = \mathcal "
        r"P_\pi \nabla L^m(\theta^m)$ (the gradient at $\theta^r$ has other entries), and $N$ for $n$ in $1/n$.",
        uses=("simsek.propB.8",),
        evidence=(
            counterexample(
                "two outputs, two inputs: the product of the columns",
                lambda: lambda slope, x: slope * x,
                _as_a_matrix,
                [Control("x transposed", lambda outer: lambda slope, x: slope * x.T)],
            ),
            counterexample(
                "three neurons that copy two, off the critical points",
                lambda: lambda wide, narrow, pi: _permuted(narrow, pi),
                _permuted_gradient,
                [Control("the gradient at θ^m", lambda right: lambda wide, narrow, pi: _permuted(wide, pi))],
            ),
        ),
    ),
    *OTHERS,
)
