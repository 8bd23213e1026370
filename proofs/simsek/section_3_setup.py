"""Section 3: two-layer networks, irreducible points, reduction, the affine subspaces and the expansion manifold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations_with_replacement, product
from typing import Any

import sympy as sp

from quadrics.expansion.configurations import Configuration
from quadrics.expansion.enumeration import affine_subspaces
from quadrics.expansion.manifold import ExpansionManifold
from quadrics.expansion.reduction import is_irreducible, output, reduce, reduction_steps, same_neurons, take_step
from quadrics.expansion.subspaces import ExpansionSubspace
from quadrics.network import Parameters

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..rules import entails, equal, substitute

PAPER = "simsek"
CORE = Parameters([[1, 2], [0, -1]], [[3, -3]])
CORES = (CORE, Parameters([[1], [4]], [[3, 5], [0, 1]]), Parameters([[2]], [[-1]]))

Loss = Callable[[Any, Any], Any]
Reducer = Callable[[Parameters], Parameters | None]


def _vanishes_exactly_at_the_target(loss: Loss, context: Context) -> Outcome:
    """c(1, 1) = 0, c(-1, -1) = 0 and c(0, 1) > 0, in exact arithmetic."""
    one = sp.Integer(1)
    hits = [sp.simplify(loss(y, y)) for y in (one, -one)]
    miss = sp.simplify(loss(sp.Integer(0), one))
    return decided(all(h == 0 for h in hits) and bool(miss > 0), at_targets=[str(h) for h in hits])


def _logistic(guess: Any, target: Any) -> Any:
    return sp.log(1 + sp.exp(-target * guess))


def _one_step() -> list[Step]:
    i, m = sp.symbols("i m", integer=True, positive=True)
    a, z = sp.IndexedBase("a"), sp.IndexedBase("z")
    s = sp.Function("sigma")
    d = sp.Symbol("delta_v")  # whether the common incoming vector is v
    rest = sp.Sum(a[i] * s(z[i]), (i, 3, m))
    return [
        step(
            equal,
            a[1] * s(z[1]) + a[2] * s(z[1]) + rest,
            (a[1] + a[2]) * s(z[1]) + rest,
            "rule 1: w_1 = w_2, so z_1 = z_2 for every input; the other neurons are not touched",
        ),
        step(equal, 0 * s(z[1]) + a[2] * s(z[2]) + rest, a[2] * s(z[2]) + rest, "rule 2: a_1 = 0"),
        step(
            equal, d * a[1] + d * a[2], d * (a[1] + a[2]), "rule 1 keeps A(v), the sum of a_i over all i with w_i = v"
        ),
        step(equal, d * 0 + a[2], a[2], "so does rule 2"),
        argued(
            "every step removes a neuron, so the steps end; an irreducible point lists the v with A(v) ≠ 0, each with "
            "a = A(v), and A has not changed: all sequences end in the same list, up to its order"
        ),
    ]


def _small_networks(context: Context) -> Iterator[Parameters]:
    """All networks with weights in {0, 1} and {-1, 0, 1}, one input and output, up to 3 (quick) or 4 (full) neurons."""
    for m in range(1, context.pick(quick=4, full=5)):
        for ws in product((0, 1), repeat=m):
            for as_ in product((-1, 0, 1), repeat=m):
                yield Parameters([[w] for w in ws], [list(as_)])


def _library_core(theta: Parameters) -> Parameters | None:
    found = reduce(theta)
    return found.core if found.r else None


def _without_cancelling(theta: Parameters) -> Parameters | None:
    """A mutant: equal neurons are merged, but groups that cancel are kept unless a single neuron has a = 0."""
    kept = [g for g in reduce(theta).groups if len(g.members) > 1 or not g.is_zero]
    return Parameters([list(g.w) for g in kept], [[g.a[0] for g in kept]]) if kept else None


def _first_of_each(theta: Parameters) -> Parameters | None:
    """A mutant: of equal neurons the first is kept as it is."""
    kept = [theta.neuron(g.members[0]) for g in reduce(theta).groups if any(theta.neuron(g.members[0]).a)]
    return Parameters.from_neurons(kept) if kept else None


def _ends(theta: Parameters) -> Iterator[Parameters | None]:
    """All ends of sequences of single steps; ``None`` for the zero function."""
    steps = list(reduction_steps(theta))
    if not steps:
        yield theta
    for one in steps:
        if theta.width == 1:
            yield None
        else:
            yield from _ends(take_step(theta, one))


def _confluent(core: Reducer, context: Context) -> Outcome:
    """Every sequence of single steps ends in ``core``, and the function is kept for an unknown activation."""
    x, checked = sp.Symbol("x", real=True), 0
    for theta in _small_networks(context):
        wanted = core(theta)
        for end in _ends(theta):
            same = wanted is None if end is None else wanted is not None and same_neurons(end, wanted)
            if not same:
                return decided(False, W1=str(list(theta.W1)), W2=str(list(theta.W2)))
        before = output(theta, [x])
        after = sp.zeros(1, 1) if wanted is None else output(wanted, [x])
        if before != after or (wanted is not None and not is_irreducible(wanted)):
            return decided(False, W1=str(list(theta.W1)), W2=str(list(theta.W2)))
        checked += 1
    return decided(True, networks=checked)


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
        "simsek.net",
        Kind.DEFINITION,
        "Two-layer networks",
        Source(PAPER, "equation before (2)", "3"),
        r"$f(x \mid \theta) = \sum_{i=1}^m a_i \sigma(w_i \cdot x)$ with $w_i \in \mathbb R^{d_{in}}$, "
        r"$a_i \in \mathbb R^{d_{out}}$ and a $C^1$ activation that is not homogeneous.",
    ),
    Claim(
        "simsek.eq2",
        Kind.DEFINITION,
        "The training loss",
        Source(PAPER, "equation (2)", "3"),
        r"$L^m(\theta) = \frac1N \sum c(f(x \mid \theta), y)$, where $c \ge 0$ is $C^1$ in its first argument and "
        r"$c(\hat y, y) = 0$ exactly for $\hat y = y$, such as the least-squares loss.",
        uses=("simsek.net",),
        evidence=(
            enumeration(
                "the least-squares loss and log cosh at three pairs of guess and target",
                lambda: lambda guess, target: (guess - target) ** 2 + sp.log(sp.cosh(guess - target)),
                _vanishes_exactly_at_the_target,
                [
                    Control("the product of guess and target", lambda loss: lambda guess, target: guess * target),
                    Control("the exponential loss", lambda loss: lambda guess, target: sp.exp(-guess * target)),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.eq2.printed",
        Kind.REMARK,
        "The logistic loss as an example",
        Source(PAPER, "text after equation (2)", "3"),
        r"The logistic loss $c(\hat y, y) = \log(1 + e^{-y \hat y})$ vanishes exactly for $\hat y = y$.",
        label=Label.FALSE,
        erratum=r"The logistic loss is positive everywhere: $c(1, 1) = \log(1 + e^{-1})$. The least-squares loss is an "
        "example.",
        uses=("simsek.eq2",),
        evidence=(
            counterexample(
                "the logistic loss at guess and target 1",
                lambda: _logistic,
                _vanishes_exactly_at_the_target,
                [Control("least squares", lambda loss: lambda guess, target: (guess - target) ** 2)],
            ),
        ),
    ),
    Claim(
        "simsek.def3.1",
        Kind.DEFINITION,
        "Irreducible points",
        Source(PAPER, "Definition 3.1", "3"),
        r"$\theta^m$ is irreducible if its incoming weight vectors are pairwise distinct and no outgoing one is zero.",
        uses=("simsek.net",),
    ),
    Claim(
        "simsek.reduce",
        Kind.THEOREM,
        "Every point reduces to an irreducible one",
        Source(PAPER, "text after Definition 3.1", "3"),
        r"Merging two neurons of equal incoming weights, or leaving out one without outgoing weights, keeps the "
        r"function, for every $\sigma$. All sequences of such steps end in the same irreducible point up to "
        r"permutation, $\{(w, A_w) : A_w \ne 0\}$ with $A_w = \sum_{i : w_i = w} a_i$ (no neuron at all for the zero "
        "function).",
        uses=("simsek.def3.1",),
        evidence=(
            Derivation("a single step keeps the function, and the sum of outgoing weights for every vector", _one_step),
            enumeration(
                "all networks with incoming weights in {0, 1} and outgoing ones in {-1, 0, 1}, up to 3 (quick) or 4 "
                "(full) neurons: all sequences of steps, and the function with an unknown activation",
                lambda: _library_core,
                _confluent,
                [
                    Control("groups that cancel are kept", lambda core: _without_cancelling),
                    Control("copies are dropped without adding their outgoing weights", lambda core: _first_of_each),
                ],
            ),
        ),
    ),
    Claim(
        "simsek.def3.2",
        Kind.DEFINITION,
        "The affine subspaces",
        Source(PAPER, "Definition 3.2 and equation (3)", "3"),
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
                "r = 2, m = 3: all networks with incoming weights in {0, 1, 2} and outgoing ones in {-1, 0, 1}, up to order",
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
