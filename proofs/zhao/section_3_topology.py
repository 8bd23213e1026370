"""Section 3.1 and Propositions 3.4, 3.5, 3.8: continuous maps, products, partitions, and how many components they have.

Each statement is certified for all spaces (:mod:`.point_sets`) and tried on every topology with a few points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations, product
from typing import Any

import sympy as sp

from quadrics.connectivity.finite_spaces import (
    FiniteSpace,
    continuous_maps,
    homeomorphisms,
    image_space,
    partitions,
    topologies,
)

from ..check import Check, Context, Control, certificate, counterexample, enumeration
from ..claim import Claim, Kind, Label, Source
from ..derivation import Derivation, Step, step
from ..evidence import Outcome, Scope, decided
from ..indexed import Formula, decide
from ..nurisso.sine_curve import Space, sine_curve
from ..rules import equal, recompute
from . import point_sets

PAPER = "zhao"


def spaces(most: int) -> Iterator[FiniteSpace]:
    """Every topology on 1, ..., most labelled points."""
    return (space for n in range(1, most + 1) for space in topologies(n))


def subsets(points: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All subsets."""
    return (chosen for k in range(len(points) + 1) for chosen in combinations(points, k))


def for_all_spaces(what: str, formula: Callable[..., Formula], **left_out: str) -> Check[Callable[[], Formula]]:
    """A certificate: the formula is valid, and not without any of the hypotheses named as keywords."""
    return certificate(
        what,
        lambda: formula,
        lambda build, context: decide(build),
        [Control(text, partial(_without, name)) for name, text in left_out.items()],
    )


def _without(name: str, formula: Callable[..., Formula]) -> Callable[[], Formula]:
    return partial(formula, **{name: False})


# -- definitions --------------------------------------------------------------------------------------------------
Components = Callable[[FiniteSpace], set[frozenset[int]]]


def _are_maximal_connected(components: Components, context: Context) -> Outcome:
    """The components are the maximal non-empty connected subsets, by the definition with open sets, and a partition."""
    for X in spaces(context.pick(quick=3, full=4)):
        connected = [frozenset(s) for s in subsets(X.points) if s and X.is_connected(s)]
        maximal = {s for s in connected if not any(s < t for t in connected)}
        if components(X) != maximal or sum(map(len, maximal)) != X.size:
            return decided(False, space=str(X), found=str(maximal))
    return decided(True)


def _classes_of_inseparable_points(X: FiniteSpace) -> set[frozenset[int]]:
    """A mutant: points with the same open sets around them."""
    return {frozenset(y for y in X.points if X.least[y] == X.least[x]) for x in X.points}


def _topologies_by_definition(n: int) -> int:
    """Families of subsets of n points with the empty set, everything, unions and intersections."""
    everything = frozenset(range(n))
    inner = [frozenset(s) for s in subsets(range(n)) if 0 < len(s) < n]
    found = 0
    for chosen in product((False, True), repeat=len(inner)):
        family = {frozenset[int](), everything, *(s for s, taken in zip(inner, chosen, strict=True) if taken)}
        found += all(a | b in family and a & b in family for a, b in combinations(family, 2))
    return found


def _numbers_of_topologies(counts: Sequence[int], context: Context) -> Outcome:
    """As preorders, and as families of sets."""
    largest = context.pick(quick=4, full=5)
    preorders = [sum(1 for _ in topologies(n)) for n in range(largest + 1)]
    families = [_topologies_by_definition(n) for n in range(context.pick(quick=4, full=5))]
    return decided(
        preorders == list(counts[: largest + 1]) and families == preorders[: len(families)], preorders=preorders
    )


def _converse_fails(space: Space, context: Context) -> Outcome:
    return decided(space.is_connected and not space.is_path_connected)


# -- maps -----------------------------------------------------------------------------------------------------------
Maps = Callable[[FiniteSpace, FiniteSpace], Iterator[tuple[int, ...]]]


def _all_maps(X: FiniteSpace, Y: FiniteSpace) -> Iterator[tuple[int, ...]]:
    return product(Y.points, repeat=X.size)


def _continuous_bijections(X: FiniteSpace, Y: FiniteSpace) -> Iterator[tuple[int, ...]]:
    return (f for f in continuous_maps(X, Y) if X.size == Y.size == len(set(f)))


def _images_connected(maps: Maps, context: Context) -> Outcome:
    """All connected X and all Y with up to 3 points."""
    listed, tried = list(spaces(3)), 0
    for X in filter(FiniteSpace.is_connected, listed):
        for Y in listed:
            for f in maps(X, Y):
                tried += 1
                if not Y.is_connected(f):
                    return decided(False, X=str(X), Y=str(Y), f=f)
    return decided(True, maps=tried)


def _keeps_connected_subsets(maps: Maps, context: Context) -> Outcome:
    for X, Y in product(spaces(3), repeat=2):
        for f in maps(X, Y):
            if any(X.is_connected(s) != Y.is_connected(f[x] for x in s) for s in subsets(X.points)):
                return decided(False, X=str(X), Y=str(Y), f=f)
    return decided(True)


def _keeps_number(maps: Maps, context: Context) -> Outcome:
    for X, Y in product(spaces(3), repeat=2):
        for f in maps(X, Y):
            if X.number_of_components() != Y.number_of_components():
                return decided(False, X=str(X), Y=str(Y), f=f)
    return decided(True)


Relation = Callable[[int, int], bool]


def _image_has_at_most(relation: Relation, context: Context) -> Outcome:
    """All continuous maps between spaces with up to 3 points: 11,310 of them."""
    listed, tried, fewer = list(spaces(3)), 0, 0
    for X, Y in product(listed, repeat=2):
        before = X.number_of_components()
        for f in continuous_maps(X, Y):
            after = image_space(f, X, Y).number_of_components()
            tried, fewer = tried + 1, fewer + (after < before)
            if not relation(after, before):
                return decided(False, X=str(X), Y=str(Y), f=f)
    return decided(True, maps=tried, with_fewer=fewer)


# -- products ---------------------------------------------------------------------------------------------------------
Number = Callable[[Sequence[int]], Any]


def _product_has(number: Number, context: Context) -> Outcome:
    """All pairs of spaces with up to 3 points (1,156), all triples with up to 2 points."""
    pairs = product(spaces(3), repeat=2)
    triples = product(spaces(2), repeat=3)
    tried = 0
    for factors in (*pairs, *triples):
        whole = factors[0]
        for factor in factors[1:]:
            whole = whole * factor
        tried += 1
        if whole.number_of_components() != number([factor.number_of_components() for factor in factors]):
            return decided(False, factors=str(factors))
    return decided(True, products=tried)


def _without_last(factors: Any) -> Any:
    """Π_{i=1}^{N} written as Π_{i=1}^{N-1} times the factor N."""
    (i, first, last) = factors.limits[0]
    return sp.Product(factors.function, (i, first, last - 1)) * factors.function.subs(i, last)


def _one_factor_more() -> list[Step]:
    n, i = sp.symbols("n i", integer=True, positive=True)
    a = sp.IndexedBase("a")
    return [
        step(equal, sp.Product(a[i], (i, 1, 1)).doit(), a[1], "n = 1"),
        step(
            recompute("split off the last factor", _without_last),
            sp.Product(a[i], (i, 1, n + 1)),
            sp.Product(a[i], (i, 1, n)) * a[n + 1],
            "n + 1 spaces are the product of n spaces and one more: two factors, with these numbers of components",
        ),
    ]


def _from_index(start: int, context: Context) -> Outcome:
    """The product from ``start`` to n = 2 over spaces X_0, X_1, X_2 of two separate points, against X_1 x X_2."""
    two = FiniteSpace((frozenset({0}), frozenset({1})))
    i, a = sp.Symbol("i", integer=True), sp.IndexedBase("a")
    formula = sp.Product(a[i], (i, start, 2)).doit().subs({a[k]: two.number_of_components() for k in range(3)})
    return decided((two * two).number_of_components() == formula, formula=formula)


Parts = Callable[[FiniteSpace, list[list[int]]], bool]


def _parts_lie_in_components(allowed: Parts, context: Context) -> Outcome:
    """Whether every part of an allowed partition of a space of two separate points lies in one component."""
    two = FiniteSpace((frozenset({0}), frozenset({1})))
    for parts in partitions(two.points):
        if allowed(two, parts) and any(len({two.component_of(x) for x in part}) > 1 for part in parts):
            return decided(False, parts=parts)
    return decided(True)


# -- partitions ---------------------------------------------------------------------------------------------------
def _parts_have_at_least(relation: Relation, context: Context) -> Outcome:
    """All (space, partition) pairs, up to 3 points in quick mode (154), 4 in full mode (5,479)."""
    tried = 0
    for X in spaces(context.pick(quick=3, full=4)):
        whole = X.number_of_components()
        for parts in partitions(X.points):
            tried += 1
            if not relation(whole, sum(X.subspace(part).number_of_components() for part in parts)):
                return decided(False, X=str(X), parts=parts)
    return decided(True, pairs=tried)


def _sum_to(last: Callable[[int], int], context: Context) -> Outcome:
    """Three parts with numbers of components 1, 2, 1: the number of components of parts is the sum to ``last(n)``."""
    i, a = sp.Symbol("i", integer=True), sp.IndexedBase("a")
    parts = [[0], [1, 2], [3]]
    X = FiniteSpace(tuple(frozenset({x}) for x in range(4)))
    numbers = [X.subspace(part).number_of_components() for part in parts]
    total = sp.Sum(a[i], (i, 1, last(len(parts)))).doit().subs({a[k + 1]: v for k, v in enumerate(numbers)})
    return decided(bool(total == X.number_of_components()), total=str(total))


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "zhao.def3.1",
        Kind.DEFINITION,
        "Continuity, connectedness, components, products",
        Source(PAPER, "Section 3.1", "3.1"),
        r"A map is continuous when preimages of open sets are open. A space is connected when it is no union of two "
        r"disjoint non-empty open sets; its components, whose set is $\pi_0(X)$, are its maximal non-empty connected "
        r"subsets, and form a partition. In metric spaces continuity is that by $\varepsilon$ and $\delta$.",
        evidence=(
            for_all_spaces(
                "connected sets with a common point have a connected union: components form a partition",
                point_sets.union_of_connected,
                shared="no common point",
                connected="sets that are not connected",
            ),
            for_all_spaces(
                "continuity by ε and δ makes preimages of open sets open",
                point_sets.ball_continuity,
                near="not continuous by ε and δ",
                inside="sets that are not open",
            ),
            for_all_spaces(
                "balls are open sets, by the triangle inequality",
                point_sets.balls_are_open,
                triangle="a distance without it",
            ),
            for_all_spaces(
                "so continuity by open sets gives a δ for each ε",
                point_sets.continuity_by_balls,
                open_preimage="a preimage that is not open",
            ),
            enumeration(
                "components as graph components of least open sets: the maximal connected subsets, for every topology "
                "on up to 3 (quick) or 4 (full) points",
                lambda: lambda X: set(X.components()),
                _are_maximal_connected,
                [
                    Control("points that no open set separates", lambda components: _classes_of_inseparable_points),
                    Control("the whole space", lambda components: lambda X: {frozenset(X.points)}),
                ],
            ),
            enumeration(
                "1, 1, 4, 29, 355, 6942 topologies (OEIS A000798), as preorders and as families of sets",
                lambda: (1, 1, 4, 29, 355, 6942),
                _numbers_of_topologies,
                [Control("28 on three points", lambda counts: (1, 1, 4, 28, 355, 6942))],
            ),
        ),
    ),
    Claim(
        "zhao.rem3.path",
        Kind.REMARK,
        "Path connected spaces are connected; the converse fails",
        Source(PAPER, "Section 3.1", "3.1"),
        "A path connected space is connected. A connected space need not be path connected.",
        uses=("zhao.def3.1", "zhao.thm3.1"),
        evidence=(
            for_all_spaces(
                "a separation would separate the interval along a path",
                point_sets.joined_by_paths,
                paths="without paths",
                interval_connected="an interval that is not connected",
            ),
            enumeration(
                "the topologist's sine curve is connected and not path connected",
                sine_curve,
                _converse_fails,
                [Control("with an isolated point", lambda space: sine_curve(1))],
                scope=Scope.INSTANCE,
            ),
        ),
    ),
    Claim(
        "zhao.thm3.1",
        Kind.THEOREM,
        "Continuous images of connected sets are connected",
        Source(PAPER, "Theorem 3.1 (A.1)", "3.1"),
        r"If $f : X \to Y$ is continuous and $A \subseteq X$ connected, then $f(A)$ is connected.",
        uses=("zhao.def3.1",),
        evidence=(
            for_all_spaces(
                "the preimages of two open sets that separate f(A) separate A",
                point_sets.image_of_connected,
                continuous="f not continuous",
                connected="A not connected",
            ),
            enumeration(
                "all continuous maps from connected spaces, up to 3 points",
                lambda: continuous_maps,
                _images_connected,
                [Control("all maps", lambda maps: _all_maps)],
            ),
        ),
    ),
    Claim(
        "zhao.cor3.2",
        Kind.THEOREM,
        "Homeomorphisms keep connected subsets",
        Source(PAPER, "Corollary 3.2 (A.2)", "3.1"),
        r"For a homeomorphism $f : X \to Y$ and $A \subseteq X$: $A$ is connected if and only if $f(A)$ is.",
        uses=("zhao.thm3.1",),
        evidence=(
            for_all_spaces(
                "Theorem 3.1 for f on A, and for its inverse on f(A)",
                point_sets.subset_of_homeomorphic,
                inverse_continuous="an inverse that is not continuous",
            ),
            enumeration(
                "all homeomorphisms and all subsets, up to 3 points",
                lambda: homeomorphisms,
                _keeps_connected_subsets,
                [Control("continuous bijections", lambda maps: _continuous_bijections)],
            ),
        ),
    ),
    Claim(
        "zhao.cor3.3",
        Kind.THEOREM,
        "Homeomorphic spaces have equally many components",
        Source(PAPER, "Corollary 3.3 (A.3)", "3.1"),
        r"$|\pi_0(X)| = |\pi_0(Y)|$ when $X$ and $Y$ are homeomorphic.",
        uses=("zhao.cor3.2",),
        evidence=(
            for_all_spaces(
                "two points share a component exactly when their images do",
                point_sets.classes_of_homeomorphic,
                both_ways="one direction only",
            ),
            enumeration(
                "all homeomorphisms, up to 3 points",
                lambda: homeomorphisms,
                _keeps_number,
                [Control("continuous bijections", lambda maps: _continuous_bijections)],
            ),
        ),
    ),
    Claim(
        "zhao.prop3.4",
        Kind.THEOREM,
        "A continuous image has at most as many components",
        Source(PAPER, "Proposition 3.4 (A.4)", "3.1"),
        r"$|\pi_0(f(X))| \le |\pi_0(X)|$ for continuous $f$.",
        uses=("zhao.thm3.1",),
        evidence=(
            for_all_spaces(
                "the component of x goes into that of f(x), and all components of f(X) are reached",
                point_sets.classes_of_image,
                well_defined="images of components that are not connected",
            ),
            enumeration(
                "all 11,310 continuous maps between spaces of up to 3 points",
                lambda: lambda after, before: after <= before,
                _image_has_at_most,
                [
                    Control("fewer", lambda relation: lambda after, before: after < before),
                    Control("equally many", lambda relation: lambda after, before: after == before),
                ],
            ),
        ),
    ),
    Claim(
        "zhao.prop3.5",
        Kind.THEOREM,
        "The number of components of a product",
        Source(PAPER, "Proposition 3.5 (A.5)", "3.1"),
        r"$|\pi_0(X_1 \times \dots \times X_n)| = \prod_{i=1}^n |\pi_0(X_i)|$.",
        uses=("zhao.thm3.1", "zhao.prop3.4"),
        evidence=(
            for_all_spaces(
                "the product of connected sets is connected: a union of slices that cross",
                point_sets.product_of_connected,
                columns="slices in one direction only",
                rows="slices in the other direction only",
            ),
            for_all_spaces(
                "two pairs share a component exactly when both parts do",
                point_sets.classes_of_product,
                product_connected="products of components that are not connected",
                projections="without the projections",
            ),
            Derivation("from two factors to n", _one_factor_more),
            enumeration(
                "all pairs of spaces with up to 3 points, all triples with up to 2",
                lambda: lambda numbers: sp.prod(numbers),
                _product_has,
                [
                    Control("the sum", lambda number: lambda numbers: sum(numbers)),
                    Control("the largest", lambda number: lambda numbers: max(numbers)),
                ],
            ),
        ),
    ),
    Claim(
        "zhao.prop3.5.printed",
        Kind.THEOREM,
        "The number of components of a product, from i = 0",
        Source(PAPER, "Proposition 3.5 (A.5)", "3.1"),
        r"$|\pi_0(X_1 \times \dots \times X_n)| = \prod_{i=0}^n |\pi_0(X_i)|$.",
        label=Label.TYPO,
        erratum="The product starts at i = 1: there is no X_0.",
        uses=("zhao.prop3.5",),
        evidence=(
            counterexample(
                "spaces of two separate points each: X_1 x X_2 has 4 components, with an X_0 the formula gives 8",
                lambda: 0,
                _from_index,
                [Control("from 1", lambda start: 1)],
            ),
        ),
    ),
    Claim(
        "zhao.prop3.5.proof",
        Kind.THEOREM,
        "The map from pairs of components, well defined because they form a partition",
        Source(PAPER, "proof of Proposition A.5", "A.1"),
        r"As the products of components form a partition of $A \times B$, each of them lies in one component.",
        label=Label.GAP,
        erratum="Sets of a partition need not lie in one component. What is needed, and not said, is that the product "
        "of two connected sets is connected.",
        uses=("zhao.prop3.5",),
        evidence=(
            counterexample(
                "the partition of two separate points into one set",
                lambda: lambda X, parts: True,
                _parts_lie_in_components,
                [Control("parts that are connected", lambda allowed: lambda X, parts: all(map(X.is_connected, parts)))],
            ),
        ),
    ),
    Claim(
        "zhao.prop3.8",
        Kind.THEOREM,
        "A partition into subspaces bounds the number of components",
        Source(PAPER, "Proposition 3.8 (A.9)", "3.3"),
        r"$|\pi_0(X)| \le \sum_i |\pi_0(X_i)|$ when $X$ is the disjoint union of subspaces $X_i$ (with the subspace "
        r"topology): for instance of the orbits of a group, where infinitely many make the bound say nothing.",
        uses=("zhao.def3.1",),
        evidence=(
            for_all_spaces(
                "each component of a part lies in one of X, and all of those are met",
                point_sets.classes_of_parts,
                connected="components of parts that are not connected",
                covered="parts that do not cover X",
            ),
            enumeration(
                "every partition of every space of up to 3 (quick) or 4 (full) points",
                lambda: lambda whole, parts: whole <= parts,
                _parts_have_at_least,
                [
                    Control("equally many", lambda relation: lambda whole, parts: whole == parts),
                    Control("fewer", lambda relation: lambda whole, parts: whole < parts),
                ],
            ),
        ),
    ),
    Claim(
        "zhao.prop3.8.proof",
        Kind.THEOREM,
        "The components of n parts, summed to n + 1",
        Source(PAPER, "proof of Proposition A.9", "A.3"),
        r"The components of the parts $X_1, \dots, X_n$ are $\sum_{i=1}^{n+1} |\pi_0(X_i)|$ in number.",
        label=Label.TYPO,
        erratum="The sum ends at the number of parts.",
        uses=("zhao.prop3.8",),
        evidence=(
            counterexample(
                "four separate points in parts of 1, 2 and 1",
                lambda: lambda n: n + 1,
                _sum_to,
                [Control("to n", lambda last: lambda n: n)],
            ),
        ),
    ),
)
