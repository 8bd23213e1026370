"""Section 5: Corollary 3, what the text says of it, and figure 2b."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from quadrics.effective import definition_2_set_count, definition_2_sets, theorem_2_class_count, theorem_2_classes
from quadrics.invariant_set import InvariantSet
from quadrics.invariant_shape import InvariantShape
from quadrics.network import Parameters
from quadrics.orbits import NeuronPermutations
from quadrics.rp_equivalence import reachable_components
from quadrics.type_patterns import TypePatterns

from ..check import Context, Control, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..rules import entails, equal, limit
from .effective_instances import MINUS_MINUS, PAIR_C, PLUS_MINUS, PLUS_PLUS, Signs, eff_by_definition, layers

ClassCount = Callable[[Any, Any, Any], Any]  # of l_+, l_-, l_0


def _number_of_sums() -> list[Step]:
    plus, minus, zero = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("l_+", "l_-", "l_0"))
    p, q = sp.symbols("p q", integer=True)
    return [
        step(entails, sp.Eq(2 * p - minus, 2 * q - minus), sp.Eq(p, q), "the sum 2p - l_- determines p, 0 ≤ p ≤ l_-"),
        step(equal, sp.Sum(1, (p, 0, minus)).doit(), 1 + minus, "so there are as many sums as values of p"),
        step(equal, theorem_2_class_count(2, 1, plus, minus, zero), 1 + minus, "which is what the package counts"),
    ]


def _classes_enumerated(number: ClassCount, context: Context) -> Outcome:
    """The classes of Theorem 2's relation, found one by one; and the sums of all sign vectors up to greater widths."""
    for c in layers(context):
        found = len(list(theorem_2_classes(TypePatterns(c))))
        if found != number(c.count(1), c.count(-1), c.count(0)):
            return decided(False, c=c, found=found)
    for l_minus in range(1, context.pick(quick=13, full=17)):
        sums = {2 * bin(s).count("1") - l_minus for s in range(2**l_minus)}
        if len(sums) != number(0, l_minus, 0):
            return decided(False, l_minus=l_minus, found=len(sums))
    return decided(True)


def _orbits_agree(number: ClassCount, context: Context) -> Outcome:
    """The orbits of S_{l_-} on the sign vectors: found one by one, by canonical forms, by Burnside, in closed form."""
    for l_minus in range(1, context.pick(quick=9, full=13)):
        G = NeuronPermutations.symmetric(l_minus)
        found = {
            "brute force": len(list(G.orbits())),
            "canonical forms": len({G.canonical_form(pattern) for pattern in G.patterns()}),
            "representatives": len(list(G.representatives())),
            "Burnside": G.number_of_orbits_by_burnside(),
            "closed form": G.number_of_orbits(),
        }
        if set(found.values()) != {number(0, l_minus, 0)}:
            return decided(False, l_minus=l_minus, found=found)
    return decided(True)


def _number_of_eff_sets(number: ClassCount, context: Context) -> Outcome:
    """l = 2, c = (-1, 1): Eff of three exact parameters, and the number of all sets Eff(θ), by brute force."""
    seen = {frozenset(eff_by_definition(theta, PAIR_C)) for theta in (PLUS_MINUS, MINUS_MINUS, PLUS_PLUS)}
    every = definition_2_sets(TypePatterns(PAIR_C))
    return decided(seen == every and len(seen) == number(1, 1, 0), found=len(seen), sets=[sorted(s) for s in seen])


SameEff = Callable[[Parameters, Parameters], bool]


def _sum_identifies(same: SameEff, context: Context) -> Outcome:
    """Two parameters of H(-1, 1) in the same component C_+: with equal Σ s, and with different Eff."""
    H = InvariantSet(2, 1, PAIR_C)
    first, second = PLUS_MINUS, PLUS_PLUS
    in_one_component = H.component_of(first) == H.component_of(second)
    effs = [eff_by_definition(theta, PAIR_C) for theta in (first, second)]
    return decided(in_one_component and same(first, second) == (effs[0] == effs[1]), effs=[sorted(e) for e in effs])


def _same_sum(first: Parameters, second: Parameters) -> bool:
    H = InvariantSet(2, 1, PAIR_C)
    return sum(H.component_of(first).signs) == sum(H.component_of(second).signs)


def _same_interval(first: Parameters, second: Parameters) -> bool:
    return set(reachable_components(first, PAIR_C)) == set(reachable_components(second, PAIR_C))


def _sum_is_the_class(key: Callable[[Signs], Any], context: Context) -> Outcome:
    """Components lie in one class of Theorem 2's relation exactly when they have the same key."""
    for c in layers(context):
        classes = {s: eff for eff in theorem_2_classes(TypePatterns(c)) for s in eff}
        for s in classes:
            for t in classes:
                if (classes[s] == classes[t]) != (key(s) == key(t)):
                    return decided(False, c=c, s=s, t=t)
    return decided(True)


def _slower_than_exponential() -> list[Step]:
    n = sp.Symbol("l_-", integer=True, positive=True)
    ratio = theorem_2_class_count(2, 1, 0, n) / InvariantShape(2, 1, 0, n).number_of_components()
    return [step(limit(n, sp.oo, "-"), ratio, sp.Integer(0), "effective components per component, as l_- grows")]


def _figure_2b(numbers: Callable[[int], tuple[int, int]], context: Context) -> Outcome:
    """l = l_- = 2 under every reading, and l_- = 2 with healthy neurons under Theorem 2's relation."""
    for healthy in range(context.pick(quick=3, full=4)):
        H = TypePatterns((-1, -1) + (1,) * healthy)
        found = (len(list(H.components())), len(list(theorem_2_classes(H))))
        if found != numbers(healthy):
            return decided(False, healthy=healthy, found=found)
    literal = len(definition_2_sets(TypePatterns((-1, -1))))
    return decided(literal == numbers(0)[1], definition_2=literal)


def _figure_2b_instance(numbers: ClassCount, context: Context) -> Outcome:
    """l_- = 2 and one healthy neuron, Definition 2."""
    found = len(definition_2_sets(TypePatterns((-1, -1, 1))))
    return decided(found == numbers(1, 2, 0), found=found)


def _literal_nondegenerate(plus: Any, minus: Any, zero: Any) -> Any:
    return definition_2_set_count(2, 1, plus, minus, zero, nondegenerate=True)


def _literal(plus: Any, minus: Any, zero: Any) -> Any:
    return definition_2_set_count(2, 1, plus, minus, zero)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "nurisso.cor3",
        Kind.THEOREM,
        "The number of effective components",
        Source("nurisso", "Corollary 3", "5"),
        r"Theorem 2's relation sorts the components of $\mathcal H(c)$ into exactly $1 + l_-$ classes.",
        relation=lambda: theorem_2_class_count(2, 1, sp.Symbol("l_+"), sp.Symbol("l_-"), sp.Symbol("l_0")),
        hypotheses=("d > 1", "e = 1", "an effective component is a class of components under Theorem 2's relation"),
        uses=("nurisso.thm2",),
        evidence=(
            Derivation("the sums of sign vectors, counted", _number_of_sums),
            enumeration(
                "the classes listed for every c up to order, widths up to 4 (quick) or 5 (full); the sums of all 2^l_- "
                "sign vectors for l_- up to 12 (quick) or 16 (full)",
                lambda: lambda plus, minus, zero: theorem_2_class_count(2, 1, plus, minus, zero),
                _classes_enumerated,
                [
                    Control("l_-", lambda number: lambda *n: number(*n) - 1),
                    Control("2^l_-", lambda number: lambda plus, minus, zero: 2**minus),
                    Control("1 + l", lambda number: lambda plus, minus, zero: 1 + plus + minus + zero),
                ],
            ),
            enumeration(
                "orbits of the permutations of the pathological neurons on their signs, l_- up to 8 (quick) or 12 "
                "(full), counted in five ways",
                lambda: lambda plus, minus, zero: theorem_2_class_count(2, 1, plus, minus, zero),
                _orbits_agree,
                [Control("one more", lambda number: lambda plus, minus, zero: number(plus, minus, zero) + 1)],
            ),
        ),
    ),
    Claim(
        "nurisso.cor3.printed",
        Kind.THEOREM,
        "The number of effective components, under Definition 2",
        Source("nurisso", "Corollary 3", "5"),
        r"There are exactly $1 + l_-$ different sets $\mathrm{Eff}(\theta)$.",
        label=Label.FALSE,
        erratum=r"With $0 < l_- < l$ the sets Eff overlap, and there are $\frac{(k+1)(2l_- + 2 - k)}{2}$ of them, $k = "
        r"\min(l - l_-, l_-)$ (for nondegenerate parameters $l_- + k + 1$). There are $1 + l_-$ classes of components "
        r"under Theorem 2's relation, and $1 + l_-$ function classes.",
        uses=("nurisso.cor3", "nurisso.def2", "beyond.nurisso.effective-readings"),
        evidence=(
            counterexample(
                "l = 2, c = (-1, 1): three exact parameters with three different sets Eff, where 1 + l_- = 2",
                lambda: lambda plus, minus, zero: 1 + minus,
                _number_of_eff_sets,
                [
                    Control("the number of all sets Eff", lambda number: _literal),
                    Control(
                        "the number for nondegenerate parameters",
                        lambda number: _literal_nondegenerate,
                    ),
                ],
            ),
        ),
    ),
    Claim(
        "nurisso.sec5.text",
        Kind.REMARK,
        "Effective components are identified by the sum of the signs",
        Source("nurisso", "text after Theorem 2", "5"),
        r"Two components lie in one class of Theorem 2's relation exactly when $\sum_i s_i$ agrees; there are "
        r"$1 + l_-$ classes and $2^{l_-}$ components, so their ratio tends to 0.",
        uses=("nurisso.thm2", "nurisso.cor2"),
        evidence=(
            Derivation("classes per component", _slower_than_exponential),
            enumeration(
                "the classes listed for every c up to order, widths up to 4 (quick) or 5 (full)",
                lambda: sum,
                _sum_is_the_class,
                [
                    Control("the sign vector itself", lambda key: lambda s: s),
                    Control("the first sign", lambda key: lambda s: s[0]),
                ],
            ),
        ),
    ),
    Claim(
        "nurisso.sec5.text.printed",
        Kind.REMARK,
        "Effective components are identified by the sum of the signs, under Definition 2",
        Source("nurisso", "text after Theorem 2", "5"),
        r"$\mathrm{Eff}(\theta) = \mathrm{Eff}(\eta)$ exactly when $\sum_i s_i(\theta) = \sum_i s_i(\eta)$.",
        label=Label.FALSE,
        erratum=r"With $0 < l_- < l$, $\mathrm{Eff}(\theta)$ depends on $\theta$ and not on its component alone: it is "
        r"told apart by the two bounds of the strong theorem.",
        uses=("nurisso.sec5.text", "beyond.nurisso.thm2-strong"),
        evidence=(
            counterexample(
                "l = 2, c = (-1, 1), exact: two parameters in one component, with output signs (+, -) and (+, +)",
                lambda: _same_sum,
                _sum_identifies,
                [Control("the bounds of the strong theorem", lambda same: _same_interval)],
            ),
        ),
    ),
    Claim(
        "nurisso.fig2b",
        Kind.FIGURE,
        "Four components, three effective ones",
        Source("nurisso", "Figure 2b", "4"),
        r"For $l_- = 2$ there are 4 components and 3 classes of Theorem 2's relation; for $l = l_- = 2$ also 3 sets "
        r"$\mathrm{Eff}(\theta)$.",
        uses=("nurisso.cor2", "nurisso.cor3", "nurisso.def2"),
        evidence=(
            enumeration(
                "components, classes and sets Eff listed, for l_- = 2 and up to two (quick) or three (full) "
                "healthy neurons",
                lambda: lambda healthy: (4, int(theorem_2_class_count(2, 1, healthy, 2))),
                _figure_2b,
                [
                    Control("four effective ones", lambda numbers: lambda healthy: (4, 4)),
                    Control("three components", lambda numbers: lambda healthy: (3, 3)),
                ],
            ),
        ),
    ),
    Claim(
        "nurisso.fig2b.printed",
        Kind.FIGURE,
        "Three effective components whenever l_- = 2, under Definition 2",
        Source("nurisso", "Figure 2b", "4"),
        r"For $l_- = 2$ there are 3 different sets $\mathrm{Eff}(\theta)$, whatever the width.",
        label=Label.FALSE,
        erratum=r"True for $l = 2$. With one healthy neuron more there are 5 sets Eff, and they overlap.",
        uses=("nurisso.fig2b", "beyond.nurisso.effective-readings"),
        evidence=(
            counterexample(
                "c = (-1, -1, 1): the sets Eff listed by brute force",
                lambda: lambda plus, minus, zero: 3,
                _figure_2b_instance,
                [Control("the number of all sets Eff", lambda number: _literal)],
            ),
        ),
    ),
)
