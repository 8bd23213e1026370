"""Section 3: the affine subspaces, the expansion manifold, and the gradient flow across it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations_with_replacement, product

import sympy as sp

from quadrics.expansion.configurations import Configuration
from quadrics.expansion.enumeration import affine_subspaces
from quadrics.expansion.manifold import ExpansionManifold
from quadrics.expansion.reduction import is_irreducible, output
from quadrics.expansion.subspaces import ExpansionSubspace
from quadrics.network import Parameters

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..rules import entails, equal, substitute
from .expansion_checks import PAPER

CORES = (
    Parameters([[1, 2], [0, -1]], [[3, -3]]),
    Parameters([[1], [4]], [[3, 5], [0, 1]]),
    Parameters([[2]], [[-1]]),
)


def _same_function() -> list[Step]:
    i, t, r, j, m, k, d, e = sp.symbols("i t r j m k d_in d_out", integer=True, positive=True)
    a, s = sp.IndexedBase("a"), sp.Symbol("sigma_w")
    outgoing, target = sp.Sum(a[i], (i, 1, k)), sp.Symbol("a_t")
    ks, bs = sp.IndexedBase("k"), sp.IndexedBase("b")
    copies, zeros = sp.Sum(ks[t], (t, 1, r)), sp.Sum(bs[t], (t, 1, j))
    total = e * copies + e * zeros - e * r - e * j + j * d
    return [
        step(equal, sp.Sum(a[i] * s, (i, 1, k)), s * outgoing, "k copies have the same σ(w·x)"),
        step(substitute({outgoing: target}), s * outgoing, s * target, "their outgoing weights add up to a_t"),
        step(substitute({outgoing: sp.Integer(0)}), s * outgoing, sp.Integer(0), "a zero-type group adds nothing"),
        step(
            equal,
            sp.Sum((ks[t] - 1) * e, (t, 1, r)) + sp.Sum((bs[t] - 1) * e + d, (t, 1, j)),
            total,
            "a block of k has (k - 1) d_out free outgoing weights, a zero-type group d_in incoming ones besides",
        ),
        step(substitute({copies: m - zeros}), total, (m - r - j) * e + j * d, "the sizes add up to m"),
    ]


Dimension = Callable[[Configuration, int, int], int]


def _dimensions(dimension: Dimension, context: Context) -> Outcome:
    """The rank of the equations of every subspace, and the function at its general point."""
    count = 0
    for core in CORES:
        x = sp.symbols(f"x1:{core.d_in + 1}", real=True)
        for m in range(core.width, context.pick(quick=4, full=5)):
            for P in affine_subspaces(core.width, m):
                S = ExpansionSubspace(core, P)
                if S.affine().dimension != dimension(P, core.d_in, core.d_out):
                    return decided(False, word=P.word, found=S.affine().dimension)
                difference = output(S.symbols(), x) - output(core, x)
                if difference.expand() != sp.zeros(core.d_out, 1):
                    return decided(False, word=P.word)
                count += 1
    return decided(True, subspaces=count)


Member = Callable[[Parameters, int, Parameters], bool]


def _union_is_the_fibre(member: Member, context: Context) -> Outcome:
    """All networks of width 3 with small weights: in some subspace exactly if they reduce to the core."""
    core = Parameters([[0], [1]], [[1, -1]])
    spaces = list(ExpansionManifold(core, 3).subspaces())
    inside = 0
    for ws in combinations_with_replacement((0, 1, 2), 3):  # the order of the neurons does not matter
        for as_ in product((-1, 0, 1), repeat=3):
            theta = Parameters([[w] for w in ws], [list(as_)])
            found = any(S.contains(theta) for S in spaces)
            inside += found
            if found != member(core, 3, theta):
                return decided(False, W1=str(ws), W2=str(as_))
    return decided(True, inside=inside)


def _reduces_to(core: Parameters, m: int, theta: Parameters) -> bool:
    return ExpansionManifold(core, m).contains(theta)


def _same_function_as(core: Parameters, m: int, theta: Parameters) -> bool:
    """A mutant: the same set of incoming vectors as the core, and outgoing weights of the same total."""
    return set(theta.W1) >= set(core.W1) and sum(theta.W2) == sum(core.W2)


def _strictly_decreasing() -> list[Step]:
    i, n = sp.symbols("i n", integer=True, positive=True)
    g = sp.IndexedBase("g")
    t1, t2, L1, L2 = sp.symbols("t_1 t_2 L_1 L_2")
    decreasing = sp.And(sp.Implies(t1 < t2, L1 > L2), sp.Implies(t2 < t1, L2 > L1))
    return [
        step(equal, sp.Sum(g[i] * (-g[i]), (i, 1, n)), -sp.Sum(g[i] ** 2, (i, 1, n)), "dL/dt = ∇L · (-∇L) = -|∇L|²"),
        argued("which is negative at all times, unless the flow rests: then it starts at a critical point"),
        step(
            entails,
            sp.And(decreasing, sp.Eq(L1, L2)),
            sp.Eq(t1, t2),
            "two points of the flow on an equal-loss set are one",
            mutants=(sp.Lt(t1, t2),),
        ),
    ]


Prediction = Callable[[bool], bool]  # of "some point is not critical": is the manifold invariant?


def _minima_rest(invariant: Prediction, context: Context) -> Outcome:
    """One neuron expanded to two, σ unknown, least squares on two data that the core fits: the gradient vanishes."""
    core = Parameters([[2]], [[3]])
    sigma = sp.Function("sigma")
    names = sp.symbols("w1 w2 a1 a2", real=True)
    theta = Parameters([[names[0]], [names[1]]], [[names[2], names[3]]])
    data = [sp.Integer(1), sp.Rational(-1, 2)]
    loss = sum((output(theta, [x], sigma)[0] - output(core, [x], sigma)[0]) ** 2 for x in data)
    moving = False
    for S in ExpansionManifold(core, 2).subspaces():
        at = S.symbols()
        point = dict(zip(names, (*at.W1, *at.W2), strict=True))
        moving |= any(sp.simplify(sp.diff(loss, v).subs(point).doit()) != 0 for v in names)
    rests = not moving  # then every flow that starts on the manifold stays where it is
    return decided(invariant(moving) == rests, rests=rests)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "simsek.def3.2",
        Kind.DEFINITION,
        "The affine subspaces",
        Source(PAPER, "Definition 3.2", "3"),
        r"$\Gamma_s(\theta^r)$: $k_t \ge 1$ copies of $w_t$ whose outgoing weights add up to $a_t$, and $j$ zero-type "
        r"groups whose outgoing weights add up to 0. All its points compute the function of $\theta^r$; its dimension "
        r"is $(m - r - j)\, d_{out} + j\, d_{in}$ ($j$ counts the groups that are not empty).",
        uses=("simsek.def3.1",),
        evidence=(
            Derivation("function and dimension, for all sizes", _same_function),
            enumeration(
                "three irreducible points, widths up to 3 (quick) or 4 (full): the rank of the equations of every "
                "subspace, and the function at its general point",
                lambda: lambda P, d_in, d_out: int(P.dimension(d_in, d_out)),
                _dimensions,
                [
                    Control("d_in and d_out exchanged", lambda dim: lambda P, d, e: dim(P, e, d)),
                    Control("without the zero-type groups", lambda dim: lambda P, d, e: (P.m - P.r) * e),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.def3.3",
        Kind.DEFINITION,
        "The expansion manifold",
        Source(PAPER, "Definition 3.3", "3"),
        r"$\Theta_{r \to m}(\theta^r) = \bigcup_{s, \pi} \mathcal P_\pi \Gamma_s(\theta^r)$: the points of width $m$ "
        r"that reduce to $\theta^r$, up to permutation.",
        uses=("simsek.def3.2", "simsek.reduce"),
        evidence=(
            enumeration(
                "r = 2, m = 3: all networks with incoming weights in {0, 1, 2} and outgoing ones in {-1, 0, 1}",
                lambda: _reduces_to,
                _union_is_the_fibre,
                [
                    Control("the same incoming vectors and total", lambda member: _same_function_as),
                    Control("irreducible points only", lambda member: lambda core, m, theta: is_irreducible(theta)),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.cross",
        Kind.THEOREM,
        "The gradient flow crosses an equal-loss set at most once",
        Source(PAPER, "text after Definition 3.3", "3"),
        r"A gradient flow that does not start at a critical point meets $\Theta_{r \to m}(\theta^r)$ at most once. The "
        "manifold is invariant exactly if all its points are critical.",
        hypotheses=(
            r"$\nabla L$ is locally Lipschitz, so that the flow does not reach a critical point in finite time",
        ),
        uses=("simsek.def3.3", "simsek.eq2"),
        evidence=(Derivation("the loss falls strictly along the flow", _strictly_decreasing),),
    ),
    Claim(
        "simsek.cross.printed",
        Kind.REMARK,
        "The expansion manifold is not invariant",
        Source(PAPER, "text after Definition 3.3", "3"),
        r"$\Theta_{r \to m}(\theta^r)$ is not an invariant manifold of the gradient flow.",
        label=Label.FALSE,
        erratum=r"The expansion manifold of a global minimum consists of critical points, so every flow that starts on "
        "it stays. The sentence is true of manifolds with a point that is not critical.",
        uses=("simsek.cross",),
        evidence=(
            counterexample(
                "one neuron expanded to two, an unknown activation, data that the neuron fits: the gradient of the "
                "loss vanishes at the general point of all three subspaces",
                lambda: lambda moving: False,
                _minima_rest,
                [Control("invariant exactly if no point moves", lambda invariant: lambda moving: not moving)],
            ),
        ),
    ),
)
