"""Section 3: two-layer networks, the training loss, irreducible points and the reduction to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import sympy as sp

from quadrics.expansion.reduction import is_irreducible, output, reduce, reduction_steps, same_neurons, take_step
from quadrics.network import Parameters

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..rules import equal
from .expansion_checks import PAPER

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
)
