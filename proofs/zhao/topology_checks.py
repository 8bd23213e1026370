"""How the claims on spaces and maps are decided: on all spaces by z3, and on every topology with a few points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations, product
from typing import Any

import sympy as sp

from quadrics.connectivity.finite_spaces import (
    FiniteSpace,
    continuous_maps,
    image_space,
    partitions,
    topologies,
)

from ..check import Check, Context, Control, certificate
from ..derivation import Step, step
from ..evidence import Outcome, decided
from ..indexed import Formula, decide
from ..nurisso.sine_curve import Space
from ..rules import equal, recompute


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


def are_maximal_connected(components: Components, context: Context) -> Outcome:
    """The components are the maximal non-empty connected subsets, by the definition with open sets, and a partition."""
    for X in spaces(context.pick(quick=3, full=4)):
        connected = [frozenset(s) for s in subsets(X.points) if s and X.is_connected(s)]
        maximal = {s for s in connected if not any(s < t for t in connected)}
        if components(X) != maximal or sum(map(len, maximal)) != X.size:
            return decided(False, space=str(X), found=str(maximal))
    return decided(True)


def classes_of_inseparable_points(X: FiniteSpace) -> set[frozenset[int]]:
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


def numbers_of_topologies(counts: Sequence[int], context: Context) -> Outcome:
    """As preorders, and as families of sets."""
    largest = context.pick(quick=4, full=5)
    preorders = [sum(1 for _ in topologies(n)) for n in range(largest + 1)]
    families = [_topologies_by_definition(n) for n in range(context.pick(quick=4, full=5))]
    return decided(
        preorders == list(counts[: largest + 1]) and families == preorders[: len(families)], preorders=preorders
    )


def converse_fails(space: Space, context: Context) -> Outcome:
    return decided(space.is_connected and not space.is_path_connected)


# -- maps -----------------------------------------------------------------------------------------------------------
Maps = Callable[[FiniteSpace, FiniteSpace], Iterator[tuple[int, ...]]]


def all_maps(X: FiniteSpace, Y: FiniteSpace) -> Iterator[tuple[int, ...]]:
    return product(Y.points, repeat=X.size)


def continuous_bijections(X: FiniteSpace, Y: FiniteSpace) -> Iterator[tuple[int, ...]]:
    return (f for f in continuous_maps(X, Y) if X.size == Y.size == len(set(f)))


def images_connected(maps: Maps, context: Context) -> Outcome:
    """All connected X and all Y with up to 3 points."""
    listed, tried = list(spaces(3)), 0
    for X in filter(FiniteSpace.is_connected, listed):
        for Y in listed:
            for f in maps(X, Y):
                tried += 1
                if not Y.is_connected(f):
                    return decided(False, X=str(X), Y=str(Y), f=f)
    return decided(True, maps=tried)


def keeps_connected_subsets(maps: Maps, context: Context) -> Outcome:
    for X, Y in product(spaces(3), repeat=2):
        for f in maps(X, Y):
            if any(X.is_connected(s) != Y.is_connected(f[x] for x in s) for s in subsets(X.points)):
                return decided(False, X=str(X), Y=str(Y), f=f)
    return decided(True)


def keeps_number(maps: Maps, context: Context) -> Outcome:
    for X, Y in product(spaces(3), repeat=2):
        for f in maps(X, Y):
            if X.number_of_components() != Y.number_of_components():
                return decided(False, X=str(X), Y=str(Y), f=f)
    return decided(True)


Relation = Callable[[int, int], bool]


def image_has_at_most(relation: Relation, context: Context) -> Outcome:
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


def product_has(number: Number, context: Context) -> Outcome:
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


def one_factor_more() -> list[Step]:
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


def from_index(start: int, context: Context) -> Outcome:
    """The product from ``start`` to n = 2 over spaces X_0, X_1, X_2 of two separate points, against X_1 x X_2."""
    two = FiniteSpace((frozenset({0}), frozenset({1})))
    i, a = sp.Symbol("i", integer=True), sp.IndexedBase("a")
    formula = sp.Product(a[i], (i, start, 2)).doit().subs({a[k]: two.number_of_components() for k in range(3)})
    return decided((two * two).number_of_components() == formula, formula=formula)


Parts = Callable[[FiniteSpace, list[list[int]]], bool]


def parts_lie_in_components(allowed: Parts, context: Context) -> Outcome:
    """Whether every part of an allowed partition of a space of two separate points lies in one component."""
    two = FiniteSpace((frozenset({0}), frozenset({1})))
    for parts in partitions(two.points):
        if allowed(two, parts) and any(len({two.component_of(x) for x in part}) > 1 for part in parts):
            return decided(False, parts=parts)
    return decided(True)


# -- partitions ---------------------------------------------------------------------------------------------------
def parts_have_at_least(relation: Relation, context: Context) -> Outcome:
    """All (space, partition) pairs, up to 3 points in quick mode (154), 4 in full mode (5,479)."""
    tried = 0
    for X in spaces(context.pick(quick=3, full=4)):
        whole = X.number_of_components()
        for parts in partitions(X.points):
            tried += 1
            if not relation(whole, sum(X.subspace(part).number_of_components() for part in parts)):
                return decided(False, X=str(X), parts=parts)
    return decided(True, pairs=tried)


def sum_to(last: Callable[[int], int], context: Context) -> Outcome:
    """Three parts with numbers of components 1, 2, 1: the number of components of parts is the sum to ``last(n)``."""
    i, a = sp.Symbol("i", integer=True), sp.IndexedBase("a")
    parts = [[0], [1, 2], [3]]
    X = FiniteSpace(tuple(frozenset({x}) for x in range(4)))
    numbers = [X.subspace(part).number_of_components() for part in parts]
    total = sp.Sum(a[i], (i, 1, last(len(parts)))).doit().subs({a[k + 1]: v for k, v in enumerate(numbers)})
    return decided(bool(total == X.number_of_components()), total=str(total))
