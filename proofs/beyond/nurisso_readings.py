"""Beyond section 5: the readings of "effective component" side by side, and the other dimensions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import combinations_with_replacement, product
from typing import Any, NamedTuple

import sympy as sp

from quadrics.effective import (
    are_linked,
    closure_class_count,
    closure_classes,
    definition_2_set_count,
    definition_2_sets,
    permutation_class_count,
    permutation_classes,
    theorem_2_class_count,
    theorem_2_classes,
    theorem_2_relation,
)
from quadrics.neuron_types import N_MINUS, N_PLUS, O, Z
from quadrics.rp_equivalence import positive_range
from quadrics.type_patterns import TypePatterns

from ..check import Context, Control, certificate, enumeration
from ..claim import Claim, Kind, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, decided
from ..neuron_counts import Layer, count, within
from ..rules import equal
from ..smt import valid
from .nurisso_reach import every_layer

Formula = Callable[..., Any]


class Readings(NamedTuple):
    """The numbers that belong to the readings, functions of l_+, l_-, l_0, and when two components are linked."""

    classes: Formula
    sets: Formula
    generic_sets: Formula
    closure: Formula
    linked: Formula  # of p(s), p(s'), l_+, l_0


def readings() -> Readings:
    return Readings(
        classes=lambda *n: theorem_2_class_count(2, 1, *n),
        sets=lambda *n: definition_2_set_count(2, 1, *n),
        generic_sets=lambda plus, minus, zero: definition_2_set_count(2, 1, plus, minus, zero, nondegenerate=True),
        closure=lambda *n: closure_class_count(2, 1, *n),
        linked=are_linked,
    )


class Found(NamedTuple):
    """What brute force finds for one c."""

    classes: int
    symmetric: bool
    sets: int
    generic_sets: int
    closure: int
    linked: frozenset[tuple[int, int]]  # pairs p(s), p(s')
    disjoint: bool


def _find(c: tuple[int, ...]) -> Found:
    H = TypePatterns(c)
    sets, relation = definition_2_sets(H), theorem_2_relation(H)
    return Found(
        classes=len(list(theorem_2_classes(H))),
        symmetric=all(relation.has_edge(t, s) for s, t in relation.edges),
        sets=len(sets),
        generic_sets=len(definition_2_sets(H, nondegenerate=True)),
        closure=len(list(closure_classes(H))),
        linked=frozenset((s.count(1), t.count(1)) for eff in sets for s, t in product(eff, repeat=2)),
        disjoint=all(a == b or not a & b for a, b in product(sets, repeat=2)),
    )


def _readings_enumerated(said: Readings, context: Context) -> Outcome:
    layers = 0
    for c in every_layer(context, 4, 5):
        plus, minus, zero = numbers = c.count(1), c.count(-1), c.count(0)
        found = context.once(("readings", c), partial(_find, c))
        linked = {pair for pair in product(range(minus + 1), repeat=2) if said.linked(*pair, plus, zero)}
        answers = {name: getattr(said, name)(*numbers) for name in ("classes", "sets", "generic_sets", "closure")}
        wrong = [name for name, answer in answers.items() if answer != getattr(found, name)]
        wrong += ["linked"] if linked != found.linked else []
        wrong += ["partition"] if found.disjoint != (minus in (0, len(c))) else []
        layers += 1
        if wrong or not found.symmetric:
            return decided(False, c=c, wrong=wrong, found=found._asdict())
    return decided(True, layers=layers)


def _linked_for_every_width(linked: Formula, context: Context) -> Outcome:
    """A θ in C_s that reaches C_s' makes them linked; linked components have one, without degenerate neurons."""
    layer, p, q = Layer(), count("p"), count("q")
    x = layer.placement("x")
    said = linked(p, q, layer.plus, layer.zero)

    def reached(numbers: Any, at: Any) -> Any:
        return within(positive_range(*layer.statistics(numbers), layer.minus), at)

    only_then = sp.Implies(sp.And(layer.fills(x, p), reached(layer.numbers(x), q)), said)
    inside = sp.And(p <= layer.minus, q <= layer.minus)
    example = layer.generic(sp.Max(p, q))
    then = sp.Implies(sp.And(inside, said), sp.And(reached(example, p), reached(example, q)))
    return valid(sp.And(only_then, then))


def _transitive_exactly(when: Formula, context: Context) -> Outcome:
    """Transitive for these (m, l_-); for all others p = 0, m, m + 1 shows that it is not."""
    p, q, r, m, n = (count(name) for name in ("p", "q", "r", "m", "l_minus"))
    inside = sp.And(p <= n, q <= n, r <= n)

    def linked(a: Any, b: Any) -> Any:
        return are_linked(a, b, m)

    fine = sp.Implies(sp.And(inside, when(m, n), linked(p, q), linked(q, r)), linked(p, r))
    breaks = sp.And(m + 1 <= n, linked(sp.Integer(0), m), linked(m, m + 1), sp.Not(linked(sp.Integer(0), m + 1)))
    return valid(sp.And(fine, sp.Implies(sp.Not(when(m, n)), breaks)))


def _intervals_for_every_width(longest: Formula, context: Context) -> Outcome:
    """Eff(θ) is an interval of numbers p of length at most ``longest``, and each such interval is some Eff(θ)."""
    layer, p, low, high = Layer(), count("p"), count("low"), count("high")
    x = layer.placement("x")
    least, most = positive_range(*layer.statistics(layer.numbers(x)), layer.minus)
    length = longest(layer.free, layer.minus)
    sound = sp.And(least >= 0, most <= layer.minus, least <= most, most - least <= length)
    only = sp.Implies(layer.fills(x, p), sound)
    # low plus and l_- - high minus signs are tied to nothing; high - low neurons of either sign make the difference
    numbers = layer.generic(sp.Integer(0)) | {N_PLUS: high, N_MINUS: layer.minus - low}
    spare = layer.free - (high - low)  # healthy neurons with a = 0
    numbers |= {O: sp.Min(spare, layer.plus), Z: spare - sp.Min(spare, layer.plus)}
    bounds = positive_range(*layer.statistics(numbers), layer.minus)
    placed = {
        (N_PLUS, (-1, 1)): low,
        (N_MINUS, (-1, -1)): layer.minus - low,
        (N_PLUS, (1, 0)): layer.plus - numbers[O],
        (O, (1, 0)): numbers[O],
        (N_PLUS, (0, 0)): layer.zero - numbers[Z],
        (Z, (0, 0)): numbers[Z],
    }
    wanted = sp.And(low <= high, high <= layer.minus, high - low <= length)
    exact = sp.And(sp.Eq(bounds[0], low), sp.Eq(bounds[1], high), layer.fills(placed, low))
    kept = sp.And(*(sp.Eq(sp.expand(v), numbers[t]) for t, v in layer.numbers(placed).items()))
    return valid(sp.And(only, sp.Implies(wanted, sp.And(exact, kept))))


def _generic_intervals(same: Formula, context: Context) -> Outcome:
    """Without degenerate neurons, P and P' > P positive ones give the same interval exactly when ``same`` says so."""
    m, n, first, second = (count(name) for name in ("m", "l_minus", "P", "P'"))
    ranges = [positive_range(k, n + m - k, 0, 0, n) for k in (first, second)]
    equals = sp.And(sp.Eq(ranges[0][0], ranges[1][0]), sp.Eq(ranges[0][1], ranges[1][1]))
    inside = sp.And(first < second, second <= n + m)
    return valid(sp.Implies(inside, sp.Equivalent(equals, same(first, second, m, n))))


def _counting_intervals() -> list[Step]:
    m, n, k, t = (sp.Symbol(name, integer=True, nonnegative=True) for name in ("m", "l_-", "k", "t"))
    shorter, longer = {sp.Min(m, n): m}, {sp.Min(m, n): n}
    sets = definition_2_set_count(2, 1, m, n)
    generic = definition_2_set_count(2, 1, m, n, nondegenerate=True)
    total = sp.Sum(n + 1 - t, (t, 0, k)).doit()
    return [
        step(equal, total, (k + 1) * (2 * n + 2 - k) / 2, "l_- + 1 - t intervals of length t, t ≤ k = min(m, l_-)"),
        step(equal, sets.subs(shorter), total.subs(k, m), "the package's number of sets Eff, m ≤ l_-"),
        step(equal, sets.subs(longer), total.subs(k, n), "and m ≥ l_-"),
        step(equal, generic.subs(shorter), n + m + 1, "nondegenerate, m ≤ l_-: P = 0, ..., l give different intervals"),
        step(equal, generic.subs(longer), n + m + 1 - (m - n), "m ≥ l_-: those with l_- ≤ P ≤ m coincide"),
    ]


def _permutations_alone(number: Formula, context: Context) -> Outcome:
    """Values of c with every pattern of equalities: the classes listed, against the count from c."""
    layers = 0
    for width in range(1, context.pick(quick=5, full=7)):
        for c in combinations_with_replacement((-3, -2, -1, 1), width):
            found = len(list(permutation_classes(TypePatterns(c))))
            layers += 1
            if found != number(c):
                return decided(False, c=c, found=found)
    return decided(True, layers=layers)


def plus_one(name: str) -> Callable[[Any], Any]:
    """The mutant of a table of formulas in which one number is off by one."""
    return lambda said: said._replace(**{name: lambda *n: getattr(said, name)(*n) + 1})


def _at_most(m: Any, n: Any) -> Any:
    return m


def _mutants() -> Iterable[Control[Any]]:
    for name in ("classes", "sets", "generic_sets", "closure"):
        yield Control(f"{name} off by one", plus_one(name))
    yield Control("linked a step further", lambda s: s._replace(linked=lambda p, q, a, b: s.linked(p, q, a + 1, b)))
    yield Control("Definition 2's sets as many as the classes", lambda s: s._replace(sets=s.classes))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "beyond.nurisso.effective-readings",
        Kind.THEOREM,
        "The readings of effective component, and their numbers",
        Source("beyond", "on Corollary 3"),
        r"With $m = l - l_-$ and $k = \min(m, l_-)$: (A) “every $\theta \in C$ has an equivalent in $C'$” is an "
        r"equivalence relation with $1 + l_-$ classes. (B) “some $\theta \in C$ has one” holds exactly for "
        r"$|p(s) - p(s')| \le m$, is transitive exactly for $m = 0$ or $m \ge l_-$, and its transitive closure has "
        r"$1 + l_-$ classes for $m = 0$, otherwise one. (C) There are $(k+1)(2l_- + 2 - k)/2$ different sets "
        r"$\mathrm{Eff}(\theta)$, $l_- + k + 1$ for nondegenerate $\theta$; they are a partition exactly for "
        r"$l_- \in \{0, l\}$. (D) Under permutations alone, which keep $c$, there are $\prod_i (m_i + 1)$ classes of "
        r"components, $m_i$ the multiplicities of the negative values of $c$.",
        relation=lambda: definition_2_set_count(2, 1, sp.Symbol("m"), sp.Symbol("l_-")),
        hypotheses=("d > 1 (or biases)", "e = 1", "neurons with c_k = 0 count in m"),
        uses=("beyond.nurisso.thm2-strong", "nurisso.thm2", "nurisso.def2"),
        evidence=(
            certificate(
                "(B) for every width: linked components, by z3",
                lambda: are_linked,
                _linked_for_every_width,
                [
                    Control("a step further", lambda linked: lambda p, q, a, b: linked(p, q, a + 1, b)),
                    Control("equal numbers only", lambda linked: lambda p, q, a, b: sp.Eq(p, q)),
                ],
            ),
            certificate(
                "(B) for every width: when the relation is transitive, by z3",
                lambda: lambda m, n: sp.Or(sp.Eq(m, 0), m >= n),
                _transitive_exactly,
                [
                    Control("m = 0 only", lambda when: lambda m, n: sp.Eq(m, 0)),
                    Control("m + 1 ≥ l_-", lambda when: lambda m, n: sp.Or(sp.Eq(m, 0), m + 1 >= n)),
                ],
            ),
            certificate(
                "(C) for every width: the sets Eff(θ) are the intervals of length at most m, by z3",
                lambda: _at_most,
                _intervals_for_every_width,
                [
                    Control("length at most m - 1", lambda longest: lambda m, n: m - 1),
                    Control("length at most m + 1", lambda longest: lambda m, n: m + 1),
                ],
            ),
            certificate(
                "(C) for every width: which nondegenerate parameters have the same interval, by z3",
                lambda: lambda P, Q, m, n: sp.And(n <= P, m >= Q),
                _generic_intervals,
                [Control("none", lambda same: lambda P, Q, m, n: sp.false)],
            ),
            Derivation("(C) the intervals counted", _counting_intervals),
            enumeration(
                "(D) the permutations that keep c, without rescaling: classes listed for every c with values "
                "out of four, widths up to 4 (quick) or 6 (full)",
                lambda: permutation_class_count,
                _permutations_alone,
                [
                    Control("all neurons alike", lambda number: lambda c: number([-1] * sum(v < 0 for v in c) or [1])),
                    Control("no neurons alike", lambda number: lambda c: 2 ** sum(v < 0 for v in c)),
                ],
            ),
            enumeration(
                "every type pattern and every permutation, every c up to order, widths up to 4 (quick) or 5 (full)",
                readings,
                _readings_enumerated,
                list(_mutants()),
            ),
        ),
    ),
)
