"""How the claims on permuted minima are decided: matrices of symbolic size, all permutations, exact paths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations, product
from typing import Any

import sympy as sp

from quadrics.connectivity.gl_paths import is_invertible_path
from quadrics.connectivity.group_actions import act, permutation_element
from quadrics.connectivity.linear_networks import LinearNetwork, Weights, parametrization
from quadrics.connectivity.permuted_minima import (
    Permutations,
    all_aligning_permutations,
    permute_neurons,
)
from quadrics.orbits import orbits_under
from quadrics.symmetry import permutation_matrix

from ..check import Context
from ..derivation import Step, step
from ..evidence import Outcome, decided
from ..matrix_rules import given, matrix_equal
from ..rules import entails, equal
from ..smt import valid
from .linear_checks import MATRICES, X_DATA, Y_DATA, networks

# -- Lemma 5.1 --------------------------------------------------------------------------------------------------------
DET_MOVING, DET_START, DET_END = a, b, c = sp.symbols("a b c")  # det g_1, det g, det g'


def moves_across() -> list[Step]:
    h = sp.Symbol("h", integer=True, positive=True)
    X, Y, g, moving = (sp.MatrixSymbol(name, h, h) for name in ("X", "Y", "g", "g1"))
    moved, wanted = act([moving], parametrization([g], X, Y)), parametrization([moving * g], X, Y)
    return [
        step(
            matrix_equal, moved[0], wanted[0], "g_1·f(g) = f(g_1 g): the first layer,", mutants=(g * moving * X.inv(),)
        ),
        step(matrix_equal, moved[1], wanted[1], "and the last", mutants=(Y * moving.inv() * g.inv(),)),
        step(
            entails,
            sp.And(b * c < 0, a < 0),
            (a * b) * c > 0,
            "det g and det g' have different signs (the points are not connected): det(g_1 g) has that of det g'",
        ),
    ]


Sign = Callable[[Any], bool]


def joins(condition: Sign, context: Context) -> Outcome:
    """All pairs of points in different components, all g that meet the condition: an exact path joins g·W and W'."""
    (network,) = networks((2,))
    found = [network.parametrize([g]) for g in MATRICES]
    pairs = [(W, V) for W in found for V in found if network.component_of(W) != network.component_of(V)]
    for (W, V), g in product(pairs, MATRICES):
        if condition(g):
            moved = act([g], W)
            if network.component_of(moved) != network.component_of(V):
                return decided(False, g=str(g))
            if not all(map(is_invertible_path, network.path(moved, V).polygons)):
                return decided(False, path=str(g))
    return decided(True, pairs=len(pairs))


def positive_product(condition: Any, context: Context) -> Outcome:
    """det(g_1 g g') > 0 when det(g g') < 0 and the condition holds, by z3."""
    return valid(sp.Implies(sp.And(b * c < 0, sp.Ne(a, 0), condition), a * b * c > 0))


def example_steps() -> list[Step]:
    identity, D, swap = sp.eye(2), sp.diag(-1, 1), permutation_matrix([1, 0])
    moved = act([swap], (identity, D))
    return [
        step(equal, moved[0], sp.Matrix([[0, 1], [1, 0]]), "the exchange applied: the first layer,"),
        step(equal, moved[1], sp.Matrix([[0, -1], [1, 0]]), "and the second"),
        step(equal, moved[1] * moved[0], D * identity, "the product stays, and D I is I D: all are minima of one loss"),
        step(equal, identity.det() * D.det(), sp.Integer(-1), "det W_1 and det W'_1 have different signs"),
        step(equal, moved[0].det() * D.det(), sp.Integer(1), "those of the moved W_1 and W'_1 are the same"),
    ]


def example(moved: tuple[Any, Any], context: Context) -> Outcome:
    """The example of appendix C: exactly these matrices, on the minimum, in the component of W' and not of W."""
    identity, D = sp.eye(2), sp.diag(-1, 1)
    network = LinearNetwork(identity, D, 2)
    start, end, swap = (identity, D), (D, identity), permutation_matrix([1, 0])
    if not (network.contains(start) and network.contains(end)):
        return decided(False, where="W or W' off the minimum")
    if network.component_of(start) == network.component_of(end):
        return decided(False, where="one component")
    found = act([swap], start)
    same = all(x == y for x, y in zip(found, moved, strict=True))
    return decided(same and network.component_of(found) == network.component_of(end), found=str(found))


# -- Proposition 5.2 --------------------------------------------------------------------------------------------------
def signs_can_be_chosen() -> list[Step]:
    g, wanted, before, P = sp.symbols("g w p P")
    units = sp.And(*(sp.Or(sp.Eq(x, 1), sp.Eq(x, -1)) for x in (g, wanted, before)))
    h = sp.Symbol("h", integer=True, positive=True)
    X, W1, W2 = (sp.MatrixSymbol(name, h, h) for name in ("X", "W1", "W2"))
    first, second = sp.MatrixSymbol("P1", h, h), sp.MatrixSymbol("P2", h, h)
    moved = act([first, second], (W1, W2, X))
    swap = sp.MatrixSymbol("S", h, h)
    even, odd, total = sp.symbols("even odd N")
    size, depth, i = sp.symbols("h l i", integer=True, positive=True)
    return [
        step(matrix_equal, moved[0] * X, first * (W1 * X), "the first coordinate becomes P_1 g_1,", mutants=(W1 * X,)),
        step(
            matrix_equal,
            moved[1],
            second * W2 * first.inv(),
            "the others P_i g_i P_{i-1}⁻¹: det P_i det g_i det P_{i-1} is to have the sign of det g'_i",
            mutants=(first * W2 * second.inv(),),
        ),
        step(
            entails,
            sp.And(units, sp.Eq(P, g * wanted * before)),
            sp.And(sp.Or(sp.Eq(P, 1), sp.Eq(P, -1)), sp.Eq(P * g * before, wanted)),
            "the sign of P_i is determined, from the first layer up, whatever is chosen below; for h ≥ 2 there are "
            "permutations of both signs, the identity and an exchange:",
        ),
        step(
            given({swap * swap: sp.Identity(h)}),
            swap * swap * first,
            first,
            "P ↦ S P, S the exchange of two neurons, is its own inverse and changes the sign: as many even ones as odd",
            mutants=(swap * first,),
        ),
        step(
            entails,
            sp.And(sp.Eq(even, odd), sp.Eq(even + odd, total)),
            sp.And(sp.Eq(2 * even, total), sp.Eq(2 * odd, total)),
            "h!/2 of each sign",
        ),
        step(
            equal,
            sp.Product(sp.factorial(size) / 2, (i, 1, depth - 1)).doit(),
            (sp.factorial(size) / 2) ** (depth - 1),
            "in each of the l - 1 hidden layers",
        ),
    ]


Align = Callable[[LinearNetwork, Weights, Weights], Permutations]
Permute = Callable[[Sequence[Any], Sequence[Sequence[int]]], Any]


def align(align: Align, context: Context) -> Outcome:
    """Pairs of minima, h = 2 and 3: the permuted start is joined to the end by an exact path."""
    three = LinearNetwork(sp.diag(1, 2, -1), sp.Matrix([[0, 1, 0], [1, 1, 0], [0, 0, 2]]), 3)
    cases = [*networks((2, 3, 4)), three]
    for network in cases:
        signs = list(network.components())
        starts = signs[:: max(1, len(signs) // 4)]
        for one, two in product(starts, signs):
            start, end = network.representative(one), network.representative(two)
            moved = permute_neurons(start, align(network, start, end))
            if not network.contains(moved) or network.component_of(moved) != two:
                return decided(False, h=network.width, depth=network.depth)
            if not all(map(is_invertible_path, network.path(moved, end).polygons)):
                return decided(False, path=str(one))
    return decided(True)


Number = Callable[[int, int], Any]


def tuples_that_work(number: Number, context: Context) -> Outcome:
    """All tuples of permutations tried, for two pairs of points each."""
    for h, depth in context.pick(quick=((2, 2), (2, 3), (3, 2)), full=((2, 4), (3, 3), (4, 2))):
        network = LinearNetwork(sp.eye(h), sp.eye(h) + sp.ones(h, h), depth)
        signs = list(network.components())
        for one, two in ((signs[0], signs[-1]), (signs[-1], signs[-1])):
            start, end = network.representative(one), network.representative(two)
            found = sum(1 for _ in all_aligning_permutations(network, start, end))
            if found != number(h, depth):
                return decided(False, h=h, depth=depth, found=found)
    return decided(True)


def some_tuple_connects(permute: Permute, context: Context) -> Outcome:
    """h = l = 2, X = I, Y = A = (1 1; 0 1), W = (I, A), W' = (D, A D), D = diag(-1, 1): does some permutation do?"""
    A, D = sp.Matrix([[1, 1], [0, 1]]), sp.diag(-1, 1)
    network = LinearNetwork(sp.eye(2), A, 2)
    start, end = (sp.eye(2), A), (D, A * D)
    assert network.contains(end)
    said = {}
    for perm in permutations(range(2)):
        moved = permute(start, [perm])
        on_minimum = network.contains(moved)
        said[perm] = on_minimum and network.component_of(moved) == network.component_of(end)
    return decided(any(said.values()), by_permutation=str(said))


def coordinates_permuted(formula: Callable[[int, Sequence[Any], Sequence[Any]], Any], context: Context) -> Outcome:
    """Coordinate i of a permuted point, h = 2, l = 3, X and Y not diagonal, all tuples of permutations."""
    network = LinearNetwork(X_DATA, Y_DATA, 3)
    g = MATRICES[2:4]
    for chosen in product(permutations(range(2)), repeat=2):
        P = permutation_element(chosen)
        moved = network.coordinates(permute_neurons(network.parametrize(g), chosen))
        if any(moved[i] != formula(i, g, (sp.eye(2), *P)) for i in range(2)):
            return decided(False, permutations=chosen)
    return decided(True)


# -- the remark -------------------------------------------------------------------------------------------------------
def classes_of_components(number: Number, context: Context) -> Outcome:
    """Components modulo permutations, by permuting a point of each with each transposition."""
    for h, depth in product((1, 2, 3), (1, 2, 3)):
        network = LinearNetwork(sp.eye(h), sp.eye(h), depth)
        identity = tuple(range(h))
        moves = []
        if h > 1:
            swap = (1, 0, *range(2, h))
            for layer in range(depth - 1):
                chosen = tuple(swap if k == layer else identity for k in range(depth - 1))
                moves.append(
                    lambda signs, network=network, chosen=chosen: network.component_of(
                        permute_neurons(network.representative(signs), chosen)
                    )
                )
        if len(list(orbits_under(moves, network.components()))) != number(h, depth):
            return decided(False, h=h, depth=depth)
    return decided(True)
