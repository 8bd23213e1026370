"""The readings of "effective component": each closed form against its own definition, by brute force."""

from itertools import combinations_with_replacement, permutations, product

import networkx as nx
import pytest
import sympy

from quadrics.counts import number_of_neurons
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
from quadrics.errors import DimensionError
from quadrics.type_patterns import TypePatterns

DIMENSIONS = [(2, 1), (1, 1), (1, 2), (2, 2)]
SPACES = [
    (c, d, e)
    for d, e in DIMENSIONS
    for width in range(1, 5 if (d, e) == (2, 1) else 4)
    for c in combinations_with_replacement((-1, 0, 1), width)
]


def reached(H, pattern):
    """Eff(θ) from the definition alone: every permutation, every component."""
    return frozenset(H.component_of(q) for q in permutations(pattern) if H.contains(q))


@pytest.mark.parametrize(("c", "d", "e"), SPACES)
def test_every_reading_against_its_definition(c, d, e):
    H = TypePatterns(c, d, e)
    counts = number_of_neurons(c)
    eff = {p: reached(H, p) for p in H.patterns()}
    components = list(H.components())

    assert definition_2_sets(H) == set(eff.values())
    generic = {E for p, E in eff.items() if not any(t.is_degenerate for t in p)}
    assert definition_2_sets(H, nondegenerate=True) == generic
    if not (d == e == 1 and counts[0] and counts[1]):
        assert definition_2_set_count(d, e, *counts) == len(set(eff.values()))
        assert definition_2_set_count(d, e, *counts, nondegenerate=True) == len(generic)

    every = {(C, D) for C in components for D in components if all(D in E for E in eff.values() if C in E)}
    assert set(theorem_2_relation(H).edges) == every
    assert all((D, C) in every for C, D in every), "Theorem 2's relation is symmetric"
    assert len(list(theorem_2_classes(H))) == theorem_2_class_count(d, e, *counts)

    if (d, e) == (2, 1):
        linked = {(C, D) for E in eff.values() for C in E for D in E}
        expected = product(components, repeat=2)
        assert linked == {(C, D) for C, D in expected if are_linked(C.count(1), D.count(1), counts[0], counts[2])}
    some = nx.Graph([(C, D) for E in eff.values() for C in E for D in E])
    assert set(closure_classes(H)) == set(map(frozenset, nx.connected_components(some)))
    assert len(list(closure_classes(H))) == closure_class_count(d, e, *counts)


@pytest.mark.parametrize("c", [(-1,), (-1, -2), (-1, -1, 2), (-1, -2, -1, 3), (2, 2, -1, -1, 0), (-3, -3, -3, -1, -1)])
@pytest.mark.parametrize(("d", "e"), DIMENSIONS)
def test_permutations_alone(c, d, e):
    H = TypePatterns(c, d, e)
    keeping = [p for p in permutations(range(len(c))) if all(c[p[k]] == c[k] for k in range(len(c)))]
    sheeted = [k for k in range(len(c)) if H.is_two_sheeted(H.signs[k])]
    orbits = set()
    for signs in H.components():
        at = dict(zip(sheeted, signs, strict=True))
        orbits.add(frozenset(tuple(at[p[k]] for k in sheeted) for p in keeping))
    assert set(permutation_classes(H)) == orbits
    assert permutation_class_count(c, d, e) == len(orbits)


@pytest.mark.parametrize(("l_plus", "l_minus"), [(p, q) for p in range(4) for q in range(5) if 0 < p + q <= 5])
def test_definition_2_is_a_partition_only_in_pure_layers(l_plus, l_minus):
    sets = definition_2_sets(TypePatterns([1] * l_plus + [-1] * l_minus))
    disjoint = all(not (A & B) for A in sets for B in sets if A != B)
    assert disjoint == (l_plus == 0 or l_minus == 0)


def test_symbolic_counts():
    n = sympy.Symbol("n", integer=True, nonnegative=True)
    m = sympy.Symbol("m", integer=True, positive=True)
    assert theorem_2_class_count(2, 1, m, n) == n + 1
    assert theorem_2_class_count(1, 1, m, n) == (m + 1) * (n + 1)
    assert closure_class_count(2, 1, 0, n) == n + 1
    assert closure_class_count(2, 1, m, n) == 1
    literal = definition_2_set_count(2, 1, m, n)
    assert literal.subs({m: 2, n: 3}) == definition_2_set_count(2, 1, 2, 3) == 9
    d, e = sympy.symbols("d e", integer=True, positive=True)
    generic = theorem_2_class_count(d, e, m, n)
    assert [generic.subs({d: i, e: j}) for i, j in ((1, 1), (2, 1), (1, 2), (2, 2))] == [
        sympy.expand((m + 1) * (n + 1)).factor(),
        n + 1,
        m + 1,
        1,
    ]


def test_large_layers():
    assert theorem_2_class_count(30, 1, 10**9, 10**12) == 10**12 + 1
    assert definition_2_set_count(30, 1, 10**6, 10**6) == (10**6 + 1) * (10**6 + 2) // 2


@pytest.mark.parametrize("count", [theorem_2_class_count, definition_2_set_count, closure_class_count])
@pytest.mark.parametrize(
    "arguments",
    [(0, 1, 1, 1), (2, -1, 1, 1), (2, 1, -1, 1), (2, 1, 1, 1.5), (2, 1, "1", 1), (2, 1, 1, 1, -2), (2, 1, True, 1)],
)
def test_bad_input(count, arguments):
    with pytest.raises(DimensionError, match="got"):
        count(*arguments)


def test_no_closed_form_says_what_to_use():
    with pytest.raises(DimensionError, match="definition_2_sets"):
        definition_2_set_count(1, 1, 1, 1)
    with pytest.raises(DimensionError, match="number_of_orbits"):
        definition_2_sets(TypePatterns([-1] * 40))
