"""Beyond section 5: which components one parameter reaches, for every width."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import combinations_with_replacement
from typing import Any

import sympy as sp

from quadrics.forms import imbalance
from quadrics.network import Parameters
from quadrics.neuron_types import I_MINUS, I_PLUS, N_MINUS, N_PLUS, NeuronType, O, TypePattern, Z, types_of
from quadrics.rp_equivalence import equivalence_to, positive_range, reachable_components
from quadrics.symmetry import RescalingPermutation
from quadrics.type_patterns import TypePatterns

from ..check import Context, Control, certificate, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..neuron_counts import Entry, Layer, count, within
from ..nurisso.effective_instances import SMALL_NETWORKS, eff_by_definition
from ..rules import entails
from ..smt import valid

Bounds = Callable[[Any, Any, Any, Any, Any], tuple[Any, Any]]  # P, N, δ_+, δ_-, l_- -> least and largest p(s')
Witness = Callable[[Parameters, Sequence[int], tuple[int, ...]], RescalingPermutation]


def _types_are_kept() -> list[Step]:
    alpha, v, moved = sp.symbols("alpha v v'")
    return [
        step(
            entails,
            sp.And(alpha > 0, sp.Eq(moved, alpha * v)),
            sp.And(sp.Equivalent(moved > 0, v > 0), sp.Equivalent(moved < 0, v < 0)),
            "rescaling keeps the sign of every weight, so the type of every neuron",
            mutants=[sp.Equivalent(moved > 0, v < 0)],
        ),
        argued(
            "so equivalent parameters have the same numbers of neurons of each type; conversely, whatever order of the "
            "neurons fits the signs of c, a permutation reaches it and Proposition 4 rescales it into H(c)"
        ),
    ]


def _move(layer: Layer, numbers: dict[NeuronType, Any], positive: Any) -> dict[Entry, Any]:
    """A placement of these neurons on the component with ``positive`` plus signs, by formulas.

    Degenerate neurons go where alone they fit; then nondegenerate ones fill the pathological places, by sign; the rest
    goes to the healthy places.
    """
    up = numbers[N_PLUS] - (positive - numbers[I_PLUS])
    down = numbers[N_MINUS] - (layer.minus - positive - numbers[I_MINUS])
    room = layer.plus - numbers[O]
    first = sp.Min(up, room)
    return {
        (N_PLUS, (-1, 1)): positive - numbers[I_PLUS],
        (I_PLUS, (-1, 1)): numbers[I_PLUS],
        (N_MINUS, (-1, -1)): layer.minus - positive - numbers[I_MINUS],
        (I_MINUS, (-1, -1)): numbers[I_MINUS],
        (N_PLUS, (1, 0)): first,
        (N_MINUS, (1, 0)): room - first,
        (O, (1, 0)): numbers[O],
        (N_PLUS, (0, 0)): up - first,
        (N_MINUS, (0, 0)): down - (room - first),
        (Z, (0, 0)): numbers[Z],
    }


def _bounds_for_every_width(bounds: Bounds, context: Context) -> Outcome:
    """Any placement on C_s' obeys the bounds; within them, the neurons of any θ in H(c) can be placed on C_s'."""
    layer, p, q = Layer(), count("p"), count("q")
    x, y = layer.placement("x"), layer.placement("y")
    inside = within(bounds(*layer.statistics(layer.numbers(y)), layer.minus), q)
    necessary = valid(sp.Implies(layer.fills(y, q), inside))
    if necessary.truth != "holds":
        return necessary
    numbers = layer.numbers(x)
    moved = _move(layer, numbers, q)
    kept = sp.And(*(sp.Eq(sp.expand(v), sp.expand(numbers[t])) for t, v in layer.numbers(moved).items()))
    allowed = sp.And(layer.fills(x, p), within(bounds(*layer.statistics(numbers), layer.minus), q))
    return valid(sp.Implies(allowed, sp.And(kept, layer.fills(moved, q))))


def every_layer(context: Context, quick: int, full: int) -> Iterable[tuple[int, ...]]:
    """The sign vectors of c up to order, up to a width that goes with the mode."""
    for width in range(1, context.pick(quick=quick, full=full) + 1):
        yield from combinations_with_replacement((-1, 0, 1), width)


def _orbits(c: Sequence[int]) -> tuple[frozenset[TypePattern], ...]:
    return tuple(TypePatterns(c).orbits())


def _bounds_enumerated(bounds: Bounds, context: Context) -> Outcome:
    parameters = 0
    for c in every_layer(context, 4, 5):
        H = TypePatterns(c)
        for orbit in context.once(("orbits", c), partial(_orbits, c)):
            kinds = next(iter(orbit))
            positive, negative = (sum(t.a == sign for t in kinds) for sign in (1, -1))
            least, most = bounds(positive, negative, kinds.count(I_PLUS), kinds.count(I_MINUS), c.count(-1))
            reached = {H.component_of(q) for q in orbit}
            parameters += len(orbit)
            if reached != {s for s in H.components() if least <= s.count(1) <= most}:
                return decided(False, c=c, types=kinds)
    return decided(True, patterns=parameters)


def _witness_is_exact(witness: Witness, context: Context) -> Outcome:
    moves = 0
    for theta, c in SMALL_NETWORKS:
        H = TypePatterns(c)
        reached = context.once(("eff", theta, c), partial(eff_by_definition, theta, c))
        if set(reachable_components(theta, c)) != reached:
            return decided(False, theta=theta, c=c)
        for s in reached:
            moved = witness(theta, c, s)(theta)
            exact = all(sp.simplify(q - v) == 0 for q, v in zip(imbalance(moved), c, strict=True))
            moves += 1
            if not exact or H.component_of(types_of(moved)) != s:
                return decided(False, theta=theta, c=c, s=s)
    return decided(True, moves=moves)


def _only_permuting(witness: Witness) -> Witness:
    def mutant(theta: Parameters, c: Sequence[int], s: tuple[int, ...]) -> RescalingPermutation:
        return RescalingPermutation(witness(theta, c, s).perm, (1,) * theta.width)

    return mutant


def _only_rescaling(witness: Witness) -> Witness:
    def mutant(theta: Parameters, c: Sequence[int], s: tuple[int, ...]) -> RescalingPermutation:
        return RescalingPermutation(tuple(range(theta.width)), witness(theta, c, s).alpha)

    return mutant


def _lower_top(bounds: Bounds) -> Bounds:
    def mutant(P: Any, N: Any, tied_plus: Any, tied_minus: Any, l_minus: Any) -> tuple[Any, Any]:
        least, most = bounds(P, N, tied_plus, tied_minus, l_minus)
        return least, most - 1

    return mutant


def _relation() -> Any:
    P, N, tied_plus, tied_minus, l_minus = map(count, ("P", "N", "delta_+", "delta_-", "l_-"))
    return within(positive_range(P, N, tied_plus, tied_minus, l_minus), count("p(s')"))


_MUTANTS: list[Control[Bounds]] = [
    Control("without δ_+ and δ_-", lambda b: lambda P, N, dp, dm, n: b(P, N, 0, 0, n)),
    Control("δ_+ and δ_- exchanged", lambda b: lambda P, N, dp, dm, n: b(P, N, dm, dp, n)),
    Control("N off by one", lambda b: lambda P, N, dp, dm, n: b(P, N + 1, dp, dm, n)),
    Control("the largest p(s') off by one", _lower_top),
]

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.nurisso.thm2-strong",
        Kind.THEOREM,
        "The components that one parameter reaches",
        Source("beyond", "on Theorem 2"),
        r"$\theta$, equivalent to a point of $\mathcal H(c)$, is equivalent to some $\theta' \in C_{s'}$ if and only "
        r"if $\max(\delta_+, l_- - N) \le p(s') \le \min(P, l_- - \delta_-)$, where $P, N$ count the neurons with "
        r"$a_k > 0$, $a_k < 0$, and $\delta_\pm$ those of them with $w_k = 0$.",
        relation=lambda: _relation(),
        hypotheses=("d > 1 (or biases)", "e = 1", "any c"),
        uses=("nurisso.prop3", "nurisso.prop4", "nurisso.rp", "nurisso.lemma3"),
        evidence=(
            Derivation("from parameters to numbers of neurons of each type", _types_are_kept),
            certificate(
                "for every width, in the numbers of neurons of each type: the bounds are necessary, and a placement "
                "given by formulas is one whenever they hold (linear integer arithmetic, by z3)",
                lambda: positive_range,
                _bounds_for_every_width,
                _MUTANTS,
            ),
            enumeration(
                "every type pattern of every c up to order, every permutation, widths up to 4 (quick) or 5 (full)",
                lambda: positive_range,
                _bounds_enumerated,
                _MUTANTS,
            ),
            enumeration(
                "exact networks of width 2 and 3: the package's permutation and rescaling takes each to every "
                "component in reach, exactly",
                lambda: equivalence_to,
                _witness_is_exact,
                [Control("without rescaling", _only_permuting), Control("without permutation", _only_rescaling)],
            ),
        ),
    ),
)
