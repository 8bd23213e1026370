"""What the claims on replicant regions are decided with: orbits, images and intersections of regions, and walls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise, permutations
from typing import Any

import sympy as sp

from quadrics.errors import DisconnectedError
from quadrics.expansion.losses.regions import (
    Permutation,
    compose,
    crossings,
    in_region,
    path_around,
    regions_of,
)
from quadrics.expansion.losses.symmetric import UnitLoss, orbit, permute_units, units
from quadrics.expansion.losses.symmetry_subspaces import SymmetrySubspace
from quadrics.symmetry import inverse_permutation

from ..check import Context
from ..evidence import Outcome, decided

Act = Callable[[Any, Permutation], Any]
Rule = Callable[[Permutation, Permutation], Permutation]


# -- multiplicity -----------------------------------------------------------------------------------------------------
def orbit_sizes(size: Callable[[list[int]], int], context: Context) -> Outcome:
    """Points with every pattern of equal units: the size of the orbit by the sizes of the groups of equal units."""
    for m in range(1, context.pick(quick=6, full=8)):
        for groups in sp.utilities.iterables.partitions(m):
            sizes = [k for k, times in groups.items() for _ in range(times)]
            theta = sp.Matrix([[g] for g, k in enumerate(sizes) for _ in range(k)])
            if len(list(orbit(theta))) != size(sizes):
                return decided(False, sizes=str(sizes))
    return decided(True)


def zeros(statement: Callable[[int], int], context: Context) -> Outcome:
    """The zero-loss points of Σ (e_k - e_k(1, ..., m))², e_k the elementary symmetric polynomials, by Gröbner bases."""
    for m in range(1, context.pick(quick=4, full=5)):
        w = units(m, 1)
        t = sp.Symbol("T")
        target = sp.Poly(sp.prod([t - k for k in range(1, m + 1)]), t).all_coeffs()
        general = sp.Poly(sp.prod([t - x for x in w]), t).all_coeffs()
        features = [sp.expand(g - c) for g, c in zip(general, target, strict=True)][1:]
        loss = UnitLoss(sum(f**2 for f in features), w)
        zeros = sp.solve_poly_system(features, *w) if m > 1 else [(sp.Integer(1),)]
        critical = all(loss.gradient_at(sp.Matrix(zero)).is_zero_matrix for zero in zeros)
        if not (loss.is_symmetric() and critical) or len(set(zeros)) != statement(m):
            return decided(False, m=m, found=len(set(zeros)))
    return decided(True)


# -- regions ----------------------------------------------------------------------------------------------------------
def points(m: int) -> Iterator[Any]:
    """A point in each region, in one and in two dimensions (there with ties in the first coordinate)."""
    for order in permutations(range(m)):
        places = inverse_permutation(order, m)
        yield sp.Matrix([[-place] for place in places])
        yield sp.Matrix([[-(place // 2), -place] for place in places])


def images(rule: Rule, context: Context) -> Outcome:
    """P_π R_ρ is the region ``rule(π, ρ)``: interior points are mapped there and nowhere else."""
    for m in range(1, 5):
        for theta in points(m):
            (region,) = regions_of(theta)
            for pi in permutations(range(m)):
                if list(regions_of(permute_units(theta, pi))) != [rule(pi, region)]:
                    return decided(False, pi=str(pi), region=str(region))
    return decided(True)


def intersections(common: Callable[[set[Permutation]], int], context: Context) -> Outcome:
    """D = 1, all pairs of regions: the span of the intersection has the dimension that ``common`` says."""
    for m in range(2, context.pick(quick=4, full=5)):
        members = [(theta, set(regions_of(theta))) for theta in levels(m)]
        for pair in permutations(permutations(range(m)), 2):
            common_points = [theta for theta, regions in members if regions.issuperset(pair)]
            span = sp.Matrix([list(theta) for theta in common_points]).rank()
            tied = SymmetrySubspace.containing(sum(common_points, sp.zeros(m, 1)))
            inside = all(tied.contains(theta) for theta in common_points)
            if not inside or span != tied.dimension or span != common(set(pair)):
                return decided(False, pair=str(pair), span=span)
    return decided(True)


def levels(m: int) -> list[Any]:
    """Points with units in {0, ..., m}: enough to span each cone."""
    return [sp.Matrix(list(p)) for p in sp.utilities.iterables.variations(range(m + 1), m, repetition=True)]


def blocks_in_common(pair: set[Permutation]) -> int:
    """The number of prefixes that are the same sets in both orders."""
    first, second = sorted(pair)
    return sum(set(first[:k]) == set(second[:k]) for k in range(1, len(first) + 1))


def partner_in_region(act: Act, context: Context) -> Outcome:
    """θ in R_0 is moved to R_π by π."""
    wrong = [pi for pi in permutations(range(3)) if not in_region(act(sp.Matrix([[3], [2], [1]]), pi), pi)]
    return decided(not wrong, wrong=str(wrong), of=6)


def linked(link: tuple[Act, Act, Rule], context: Context) -> Outcome:
    """``rule(π', π)`` takes θ_π to θ_π'; partners are made by the first action, and linked by the second."""
    make, act, rule = link
    theta = sp.Matrix([[3], [2], [1]])
    pairs = [(new, old) for new in permutations(range(3)) for old in permutations(range(3))]
    wrong = [(new, old) for new, old in pairs if act(make(theta, old), rule(new, old)) != make(theta, new)]
    return decided(not wrong, wrong=len(wrong), of=len(pairs))


def printed_link(new: Permutation, old: Permutation) -> Permutation:
    """π' ∘ π⁻¹, as printed."""
    return compose(new, inverse_permutation(old, len(old)))


def inverse_link(new: Permutation, old: Permutation) -> Permutation:
    """π ∘ π'⁻¹."""
    return compose(old, inverse_permutation(new, len(new)))


def corrected_link(new: Permutation, old: Permutation) -> Permutation:
    """π⁻¹ ∘ π'."""
    return compose(inverse_permutation(old, len(old)), new)


# -- walls ------------------------------------------------------------------------------------------------------------
def walls(separated: Callable[[int, Any, Any], bool], context: Context) -> Outcome:
    """For all pairs of regions, whether no path (of two segments) avoids the symmetry subspaces."""
    tried = 0
    for m in range(2, context.pick(quick=4, full=5)):
        for D in (1, 2, 3):
            points = [
                sp.Matrix(m, D, lambda i, d, o=order: -(o[i] if d == 0 else (i * d) % 3))
                for order in permutations(range(m))
            ]
            for start in points:
                for end in points:
                    tried += 1
                    if cut(start, end) != separated(D, start, end):
                        return decided(False, m=m, D=D, start=str(list(start)), end=str(list(end)))
    return decided(True, pairs=tried)


def spread(order: Permutation, D: int) -> Any:
    """Units that differ in the first coordinate, by the order, and mostly in the others."""
    return sp.Matrix(len(order), D, lambda i, d: -(order[i] if d == 0 else (i * d) % 3))


def cut(start: Any, end: Any) -> bool:
    """Whether no path of two segments joins the points outside of the symmetry subspaces."""
    try:
        path = path_around(start, end)
    except DisconnectedError:
        return True
    if any(crossings(p, q) for p, q in pairwise(path)):
        raise AssertionError("the path meets a symmetry subspace")
    return False


def apart(D: int, start: Any, end: Any) -> bool:
    """Whether one dimension and different regions keep the points apart."""
    return D == 1 and list(regions_of(start)) != list(regions_of(end))


def opposite_pair(every: Callable[[list[bool]], bool], context: Context) -> Outcome:
    """For each two different orders, whether any pair of units (or what ``every`` says) stands the other way round."""
    for m in range(2, context.pick(quick=6, full=7)):
        for order in permutations(range(m)):
            if order == tuple(range(m)):
                continue
            place = inverse_permutation(order, m)
            if not every([place[i] > place[j] for i in range(m) for j in range(i + 1, m)]):
                return decided(False, order=str(order))
    return decided(True)
