"""Patterns of neuron types: brute force over the group, multisets, closed form and Pólya agree."""

from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import DimensionError, ImbalanceError, ShapeError
from quadrics.neuron_types import I_PLUS, N_MINUS, N_PLUS, NeuronType, O, Z
from quadrics.type_patterns import TypePatterns

DIMENSIONS = [(2, 1), (1, 1), (1, 2), (2, 2)]


def every_c(most):
    return [c for width in range(1, most + 1) for c in product((-1, 0, 1), repeat=width)]


@pytest.mark.parametrize(("d_in", "d_out"), DIMENSIONS)
@pytest.mark.parametrize("c", every_c(3))
def test_orbits_against_every_permutation(c, d_in, d_out):
    H = TypePatterns(c, d_in, d_out)
    patterns = list(H.patterns())
    assert len(patterns) == len(set(patterns)) == H.number_of_patterns()
    images = {p: {q for q in permutations(p) if H.contains(q)} for p in patterns}
    seen = {frozenset(image) for image in images.values()}
    assert seen == set(H.orbits()) == {H.orbit_of(p) for p in patterns}
    assert len(seen) == H.number_of_orbits() == H.number_of_orbits_by_polya()
    assert {H.canonical_form(p) for p in patterns} == set(H.multisets())


@pytest.mark.parametrize("c", [(-1, -1, 1, 0), (-1, -1, -1, 1, 1), (1, 1, 0, 0), (-1,) * 5])
def test_counts_at_greater_width(c):
    H = TypePatterns(c)
    assert H.number_of_orbits() == H.number_of_orbits_by_polya() == len(list(H.multisets())) == len(list(H.orbits()))


@settings(deadline=None)
@given(st.lists(st.integers(-1, 1), min_size=1, max_size=8), st.sampled_from(DIMENSIONS))
def test_polya_is_the_closed_form(c, dimensions):
    H = TypePatterns(c, *dimensions)
    assert H.number_of_orbits() == H.number_of_orbits_by_polya()


def test_component_signs():
    H = TypePatterns([-1, 1, -1, 0])
    assert H.component_of((N_PLUS, N_MINUS, N_MINUS, Z)) == (1, -1)
    assert list(H.components()) == [(-1, -1), (-1, 1), (1, -1), (1, 1)]
    line = TypePatterns([-1, 1], d_in=1)
    assert line.component_of((NeuronType(-1, 1), NeuronType(-1, 0))) == (1, -1)
    assert list(TypePatterns([-1, 1], d_in=2, d_out=2).components()) == [()]


def test_only_signs_of_c_matter():
    assert list(TypePatterns([-5, 7]).orbits()) == list(TypePatterns([-1, 1]).orbits())


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: TypePatterns([-1] * 30).orbits(), DimensionError, "multisets"),
        (lambda: TypePatterns([]), ImbalanceError, "at least one"),
        (lambda: TypePatterns("-1"), ImbalanceError, "sequence"),
        (lambda: TypePatterns([1], d_in=0), DimensionError, "d_in"),
        (lambda: TypePatterns([1]).component_of((O, O)), ShapeError, "one for each c_k"),
        (lambda: TypePatterns([1], d_out=2).contains((N_MINUS,)), ShapeError, "expected types of d = 2, e = 2"),
        (lambda: TypePatterns([-1] * 51).number_of_orbits_by_polya(), DimensionError, "closed forms"),
    ],
)
def test_bad_input(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_one_degenerate_neuron_has_one_place():
    assert TypePatterns([-1, 1, 1]).orbit_of((I_PLUS, O, O)) == {(I_PLUS, O, O)}
