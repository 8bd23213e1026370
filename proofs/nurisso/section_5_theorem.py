"""Section 5: Theorem 2, and the step of its printed proof that fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import sympy as sp

from quadrics.effective import are_linked, theorem_2_class_count, theorem_2_classes, theorem_2_relation
from quadrics.forms import imbalance
from quadrics.invariant_set import InvariantSet
from quadrics.network import Parameters
from quadrics.rp_equivalence import equivalence_to, positive_range, reachable_components
from quadrics.type_patterns import TypePatterns

from ..check import Context, Control, certificate, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, argued, step
from ..evidence import Outcome, decided
from ..neuron_counts import Layer, count, within
from ..rules import entails, equal
from ..smt import valid
from .effective_instances import EXCHANGED, PAIR_C, PLUS_MINUS, Signs, layers


class Theorem2(NamedTuple):
    """The theorem as a statement that can be wrong: when C and C' are related, and how many classes that makes."""

    related: Callable[[Any, Any, Any], Any]  # of p(s), p(s') and l_-: a SymPy relation
    classes: Callable[[int, int, int], Any]  # of l_+, l_-, l_0


def sums_agree(p: Any, q: Any, l_minus: Any) -> Any:
    """Σ s = Σ s', a sign vector with p plus signs having the sum 2p - l_-."""
    return sp.Eq(2 * p - l_minus, 2 * q - l_minus)


def _sums_within_two(p: Any, q: Any, l_minus: Any) -> Any:
    return sp.And(p - q <= 1, q - p <= 1)


def theorem_2() -> Theorem2:
    """Theorem 2 and the number of classes that the package counts."""
    return Theorem2(sums_agree, lambda plus, minus, zero: theorem_2_class_count(2, 1, plus, minus, zero))


def _theorem_2_enumerated(theorem: Theorem2, context: Context) -> Outcome:
    largest: tuple[int, ...] = ()
    for c in layers(context):
        H = TypePatterns(c)
        relation = theorem_2_relation(H)
        for s in H.components():
            for t in H.components():
                said = bool(theorem.related(s.count(1), t.count(1), len(s)))
                if relation.has_edge(s, t) != said:
                    return decided(False, c=c, s=s, t=t, found=relation.has_edge(s, t))
        found = len(list(theorem_2_classes(H)))
        if found != theorem.classes(c.count(1), c.count(-1), c.count(0)):
            return decided(False, c=c, classes=found)
        largest = c
    return decided(True, largest=largest)


def _theorem_2_for_every_width(theorem: Theorem2, context: Context) -> Outcome:
    """Related p and q lie in each other's interval for every θ in C_s; others are separated by a θ in C_s.

    The separating θ has all its healthy output weights positive, or all negative.
    """
    layer, p, q = Layer(), count("p"), count("q")
    x = layer.placement("x")
    numbers = layer.numbers(x)

    def reached(of: Any) -> Any:
        return within(positive_range(*layer.statistics(of), layer.minus), q)

    related = theorem.related(p, q, layer.minus)
    inside = sp.And(p <= layer.minus, q <= layer.minus, layer.minus >= 1)
    every = sp.Implies(sp.And(layer.fills(x, p), inside, related), reached(numbers))
    separated = sp.Or(sp.Not(reached(layer.generic(p + layer.free))), sp.Not(reached(layer.generic(p))))
    some = sp.Implies(sp.And(inside, sp.Not(related)), separated)
    return valid(sp.And(every, some))


def _proof_of_theorem_2() -> list[Step]:
    alpha, a, b = sp.symbols("alpha a b")
    level, depth = sp.Symbol("c", nonnegative=True), sp.Symbol("c_k", negative=True)
    p, q, l_minus, negative, negative_new, positive, positive_new = sp.symbols(
        "p q l_- N N' P P'", integer=True, nonnegative=True
    )
    healthy = Parameters([[sp.sqrt(level + 1), 0]], [[1]])
    switched = Parameters([[0, 0]], [[sp.sqrt(-depth)]])
    return [
        step(
            entails,
            sp.And(alpha > 0, sp.Eq(alpha * b, a)),
            sp.And(sp.Equivalent(a > 0, b > 0), sp.Equivalent(a < 0, b < 0)),
            "a rescaling a_k/α_k keeps the sign of an output weight",
            mutants=[sp.Equivalent(a > 0, b < 0)],
        ),
        argued("a permutation of the neurons does not change how many of them have a negative output weight"),
        step(
            equal, imbalance(healthy)[0], level, "where c_k ≥ 0, Q(c_k) has a point with a_k = 1, and one with a_k = -1"
        ),
        step(equal, imbalance(switched)[0], depth, "where c_k < 0, it has one with either sign of a_k"),
        step(
            entails,
            sp.And(sp.Eq(negative, l_minus - p), negative_new >= l_minus - q, sp.Eq(negative_new, negative)),
            q >= p,
            "(1 ⇒ 2) take θ in C_s with all healthy a_k > 0: θ' in C_s' has at least l_- - p(s') negative ones",
            mutants=[q > p],
        ),
        step(
            entails,
            sp.And(sp.Eq(positive, p), positive_new >= q, sp.Eq(positive_new, positive)),
            q <= p,
            "and θ in C_s with all healthy a_k < 0",
            mutants=[q < p],
        ),
        step(
            entails,
            sp.And(sums_agree(p, q, l_minus)),
            sp.Eq(p, q),
            "(2 ⇒ 1) equal sums are equal numbers of plus signs: permute inside K_-, and rescale by Proposition 4",
            mutants=[sp.Eq(p, q + 1)],
        ),
    ]


def _printed_step(s: Signs, t: Signs, theta: Parameters) -> bool:
    """The action of rescaling and permutation "can only reshuffle the label s": the sums agree."""
    return sum(s) == sum(t)


def _strong_step(s: Signs, t: Signs, theta: Parameters) -> bool:
    """What is true of each θ by itself: p(s') lies between the bounds of the strong theorem."""
    return t in set(reachable_components(theta, PAIR_C))


def _differ_by_at_most_the_free(s: Signs, t: Signs, theta: Parameters) -> bool:
    return bool(are_linked(s.count(1), t.count(1), l_plus=1))


def _swap_instance(said: Callable[[Signs, Signs, Parameters], bool], context: Context) -> Outcome:
    H = InvariantSet(2, 1, PAIR_C)
    g = equivalence_to(PLUS_MINUS, PAIR_C, (-1,))
    exact = H.contains(PLUS_MINUS) and H.contains(EXCHANGED) and g(PLUS_MINUS) == EXCHANGED
    s, t = H.component_of(PLUS_MINUS).signs, H.component_of(EXCHANGED).signs
    return decided(exact and said(s, t, PLUS_MINUS), s=s, t=t, permutation=g.perm, rescaling=g.alpha)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "nurisso.thm2",
        Kind.THEOREM,
        "Components up to rescaling and permutation",
        Source("nurisso", "Theorem 2", "5"),
        r"Every $\theta \in C_s$ is equivalent to some $\theta' \in C_{s'}$ if and only if $\sum_i s_i = \sum_i s'_i$.",
        relation=lambda: sums_agree(sp.Symbol("p(s)"), sp.Symbol("p(s')"), sp.Symbol("l_-")),
        hypotheses=("d > 1", "e = 1", "l_- ≥ 1", "any c; neurons with w_k = 0 or a_k = 0 included"),
        uses=("nurisso.prop3", "nurisso.prop4", "nurisso.lemma3", "nurisso.rp", "beyond.nurisso.thm2-strong"),
        evidence=(
            Derivation("the proof, with a θ chosen in C_s in place of the printed step", _proof_of_theorem_2),
            certificate(
                "for every width, in the numbers of neurons of each type: linear integer arithmetic, by z3",
                theorem_2,
                _theorem_2_for_every_width,
                [
                    Control("sums may differ by 2", lambda t: t._replace(related=_sums_within_two)),
                    Control("sums differ by 2", lambda t: t._replace(related=lambda p, q, n: sums_agree(p, q + 1, n))),
                ],
            ),
            enumeration(
                "every type pattern and every permutation, every c up to order, widths up to 4 (quick) or 5 (full); "
                "the classes counted",
                theorem_2,
                _theorem_2_enumerated,
                [
                    Control("sums may differ by 2", lambda t: t._replace(related=_sums_within_two)),
                    Control("sums differ by 2", lambda t: t._replace(related=lambda p, q, n: sums_agree(p, q + 1, n))),
                    Control("one class more", lambda t: t._replace(classes=lambda *n: t.classes(*n) + 1)),
                ],
            ),
        ),
    ),
    Claim(
        "nurisso.thm2.proof",
        Kind.THEOREM,
        "The step of the printed proof of Theorem 2",
        Source("nurisso", "Appendix D.6", "D.6"),
        r"If $\theta \in C_s$ is equivalent to $\theta' \in C_{s'}$, then $s' = s R^\top$ for a permutation, so that "
        r"the sums of $s$ and $s'$ agree.",
        label=Label.GAP,
        erratum=r"A permutation can take a healthy neuron to a pathological place. The theorem stands, but its proof "
        r"has to choose $\theta$: all healthy output weights of one sign. For a single $\theta$ only "
        r"$\max(\delta_+, l_- - N) \le p(s') \le \min(P, l_- - \delta_-)$ holds.",
        uses=("nurisso.thm2", "beyond.nurisso.thm2-strong"),
        evidence=(
            counterexample(
                "d = 2, l = 2, c = (-1, 1), exact: exchanging the neurons and rescaling by (5/3, 3/5) takes "
                "θ = [(3/4, 0), 5/4; (0, 5/4), -3/4] from C_+ to C_-",
                lambda: _printed_step,
                _swap_instance,
                [
                    Control("the bounds of the strong theorem", lambda said: _strong_step),
                    Control("p(s) and p(s') differ by at most l - l_- = 1", lambda said: _differ_by_at_most_the_free),
                ],
            ),
        ),
    ),
)
