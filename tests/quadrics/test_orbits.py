"""The orbit enumerator: brute force over the group, canonical forms, Burnside, Pólya and closed forms agree."""

from collections import Counter
from itertools import permutations

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.combinatorics import Permutation

from quadrics.errors import DimensionError, ImbalanceError, ShapeError, SymmetryError
from quadrics.orbits import SIGNS, NeuronPermutations


def young(sizes):
    """The Young subgroup with consecutive classes of these sizes."""
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    return NeuronPermutations([range(a, a + m) for a, m in zip(starts, sizes, strict=True)])


@st.composite
def symmetries(draw, most=6):
    """A partition of at most ``most`` neurons into classes that need not be consecutive."""
    labels = draw(st.lists(st.integers(0, 2), max_size=most))
    return NeuronPermutations([[k for k, v in enumerate(labels) if v == label] for label in set(labels)])


@pytest.mark.parametrize("sizes", [[], [1], [2], [3], [4], [5], [2, 1], [2, 2], [3, 2], [1, 1, 1]])
@pytest.mark.parametrize("colours", [SIGNS, (0, 1, 2), (7,)])
def test_every_count_agrees_with_the_whole_group(sizes, colours):
    G = young(sizes)
    elements = list(G.group().elements)
    assert len(elements) == G.order == G.group().order()
    seen = {frozenset(G.act(g, p) for g in elements) for p in G.patterns(colours)}
    assert seen == set(G.orbits(colours))
    assert len(seen) == G.number_of_orbits(colours) == G.number_of_orbits_by_burnside(colours)
    # Burnside's lemma itself, fixed points counted one by one
    fixed = sum(G.act(g, p) == p for g in elements for p in G.patterns(colours))
    assert sympy.Rational(fixed, len(elements)) == len(seen)


@pytest.mark.parametrize(
    ("sizes", "count"), [((3, 2), 12), ((4, 3, 2), 60), ((5, 1, 1), 24), ((6, 6), 49), ((12,), 13)]
)
def test_sign_vectors_have_product_of_m_plus_1_orbits(sizes, count):
    G = young(sizes)
    assert len(list(G.orbits())) == G.number_of_orbits() == G.number_of_orbits_by_burnside() == count


@settings(deadline=None)
@given(symmetries())
def test_representatives_are_canonical_distinct_and_complete(G):
    found = list(G.representatives())
    assert len(found) == len(set(found))
    assert all(G.canonical_form(p) == p for p in found)
    assert set(found) == {G.canonical_form(p) for p in G.patterns()}


@settings(deadline=None)
@given(symmetries(), st.data())
def test_orbit_of_a_pattern(G, data):
    pattern = tuple(data.draw(st.sampled_from([-1, 0, 1])) for _ in range(G.degree))
    orbit = list(G.orbit_of(pattern))
    assert len(orbit) == len(set(orbit)) == G.orbit_size(pattern)
    assert set(orbit) == {G.act(g, pattern) for g in G.group().elements}
    assert all(G.are_equivalent(pattern, other) for other in orbit)
    assert {G.canonical_form(other) for other in orbit} == {G.canonical_form(pattern)}


@settings(deadline=None)
@given(symmetries(most=5))
def test_orbits_partition_the_patterns(G):
    orbits = list(G.orbits())
    assert Counter(p for orbit in orbits for p in orbit) == Counter(G.patterns())


def test_action_is_the_papers_permutation_of_neurons():
    G = NeuronPermutations.symmetric(3)
    for perm in permutations(range(3)):
        assert G.act(Permutation(list(perm)), (10, 20, 30)) == tuple((10, 20, 30)[i] for i in perm)


def test_preserving_compares_numbers_and_not_spellings():
    c = [sympy.sqrt(8), -1, 2 * sympy.sqrt(2), -1, sympy.Symbol("t")]
    assert NeuronPermutations.preserving(c).classes == ((0, 2), (1, 3), (4,))


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: NeuronPermutations.symmetric(100).orbits(), DimensionError, "number_of_orbits"),
        (lambda: NeuronPermutations.symmetric(51).number_of_orbits_by_burnside(), DimensionError, "closed forms"),
        (lambda: NeuronPermutations.symmetric("3"), DimensionError, "integer"),
        (lambda: NeuronPermutations([[0, 2]]), SymmetryError, "exactly once"),
        (lambda: NeuronPermutations.preserving("-1"), ImbalanceError, "text"),
        (lambda: NeuronPermutations.preserving([-1, "2"]), ImbalanceError, "text"),
        (lambda: NeuronPermutations.preserving([float("nan")]), ImbalanceError, "finite"),
        (lambda: NeuronPermutations.symmetric(2).canonical_form((1,)), ShapeError, "one for each neuron"),
        (lambda: NeuronPermutations.symmetric(2).number_of_orbits([]), DimensionError, "at least one"),
    ],
)
def test_bad_input(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_large_widths_come_back_at_once():
    G = NeuronPermutations.symmetric(40)
    assert G.number_of_orbits_by_burnside() == G.number_of_orbits() == 41
    assert NeuronPermutations.symmetric(10**5).number_of_orbits() == 10**5 + 1
