"""Finite topologies: the preorder against the definition by open sets, counts, products, subspaces, quotients."""

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.connectivity.finite_spaces import (
    FiniteSpace,
    continuous_maps,
    homeomorphisms,
    image_space,
    is_continuous,
    partitions,
    topologies,
)
from quadrics.errors import DimensionError, ShapeError


@st.composite
def finite_spaces(draw, most=6):
    """The topology of a random relation, closed under transitivity."""
    n = draw(st.integers(1, most))
    least = [draw(st.frozensets(st.integers(0, n - 1), max_size=2)) | {x} for x in range(n)]
    for _ in range(n):
        least = [frozenset(z for y in around for z in least[y]) for around in least]
    return FiniteSpace(tuple(least))


@pytest.mark.parametrize(("n", "count"), list(enumerate([1, 1, 4, 29, 355])))
def test_number_of_topologies(n, count):
    found = list(topologies(n))
    assert len(found) == len(set(found)) == count


def test_every_preorder_is_found_by_brute_force():
    every = set()
    for choice in product([False, True], repeat=6):
        pairs = [p for p, taken in zip(product(range(3), repeat=2), _offdiagonal(choice), strict=True) if taken]
        try:
            every.add(FiniteSpace([{y for x2, y in pairs if x2 == x} | {x} for x in range(3)]))
        except ShapeError:
            continue
    assert every == set(topologies(3))


def _offdiagonal(choice):
    choices = iter(choice)
    return [False if i == j else next(choices) for i, j in product(range(3), repeat=2)]


@given(finite_spaces())
def test_open_sets_are_a_topology_and_give_the_space_back(X):
    opened = X.open_sets()
    assert all(a | b in opened and a & b in opened for a, b in combinations(opened, 2))
    assert all(map(X.is_open, opened))
    assert FiniteSpace.from_open_sets(X.size, opened) == X


@given(finite_spaces())
def test_components_are_the_maximal_connected_sets(X):
    parts = list(X.components())
    assert sorted(x for part in parts for x in part) == list(X.points)
    assert all(X.is_connected(part) and X.is_open(part) for part in parts)
    assert X.is_connected() == (X.number_of_components() == 1)
    assert all(X.component_of(x) == part for part in parts for x in part)


@settings(max_examples=40)
@given(finite_spaces(4), finite_spaces(3))
def test_products_have_rectangles_as_least_open_sets(X, Y):
    whole = X * Y
    assert whole.number_of_components() == X.number_of_components() * Y.number_of_components()
    assert is_continuous([p // Y.size for p in whole.points], whole, X)
    assert is_continuous([p % Y.size for p in whole.points], whole, Y)
    # It is the coarsest with continuous projections: rectangles generate it.
    rectangles = {frozenset(a * Y.size + b for a in A for b in B) for A in X.open_sets() for B in Y.open_sets()}
    assert all(around in rectangles for around in whole.least)


@given(finite_spaces(4), st.data())
def test_subspaces_have_traces_as_open_sets(X, data):
    kept = sorted(data.draw(st.sets(st.sampled_from(list(X.points)))))
    traces = {frozenset(kept.index(x) for x in one if x in kept) for one in X.open_sets()}
    assert X.subspace(kept).open_sets() == traces


@settings(max_examples=30)
@given(finite_spaces(4), st.data())
def test_quotients_are_the_finest_with_a_continuous_projection(X, data):
    classes = data.draw(st.sampled_from(list(partitions(list(X.points)))))
    Q = X.quotient(classes)
    projection = [next(k for k, part in enumerate(classes) if x in part) for x in X.points]
    assert is_continuous(projection, X, Q)
    for finer in topologies(len(classes)):
        if is_continuous(projection, X, finer):
            assert finer.open_sets() <= Q.open_sets()


def test_maps():
    line, discrete = FiniteSpace([{0}, {0, 1}]), FiniteSpace([{0}, {1}])
    assert set(continuous_maps(discrete, line)) == set(product(range(2), repeat=2))
    assert list(homeomorphisms(line, discrete)) == []
    assert list(homeomorphisms(line, FiniteSpace([{0}]))) == []
    assert image_space([0, 0], line, line).size == 1


def test_partitions_are_counted_by_the_bell_numbers():
    assert [sum(1 for _ in partitions(range(n))) for n in range(6)] == [1, 1, 2, 5, 15, 52]


@pytest.mark.parametrize("least", [[{1}, {0}], [{0, 5}], "ab", 5, None, [{0, 1}, {1, 2}, {2}]])
def test_no_topology(least):
    with pytest.raises(ShapeError):
        FiniteSpace(least)


@pytest.mark.parametrize("point", [-1, 2, 0.5, "0", None])
def test_no_point(point):
    with pytest.raises(DimensionError):
        FiniteSpace([{0}, {1}]).component_of(point)
    with pytest.raises(DimensionError):
        FiniteSpace([{0}, {1}]).subspace([point])


def test_other_bad_input():
    two = FiniteSpace([{0}, {1}])
    with pytest.raises(ShapeError, match="values among"):
        is_continuous([0, 2], two, two)
    with pytest.raises(ShapeError, match="partition"):
        two.quotient([[0]])
    with pytest.raises(ShapeError, match="missing"):
        FiniteSpace.from_open_sets(2, [[0], [1]])
    with pytest.raises(ShapeError, match="points 0 to 1 only"):
        FiniteSpace.from_open_sets(2, [[], [0, 1], [0, 1, 7]])
    for n in (6, -1, 2.0, "3"):
        with pytest.raises(DimensionError):
            topologies(n)
