"""Configurations as words: normal form, blocks, permutations, orbits."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quadrics.errors import DimensionError, ShapeError, SymmetryError
from quadrics.expansion.configurations import Configuration


@st.composite
def configurations(draw, most=7):
    r = draw(st.integers(0, 3))
    letters = draw(st.lists(st.sampled_from([*range(1, r + 1), -1, -2, -3]), max_size=most - r))
    word = draw(st.permutations([*range(1, r + 1), *letters]))
    return Configuration(r, tuple(word))


@given(configurations())
def test_blocks_make_the_configuration_again(P):
    assert Configuration.from_blocks(P.labelled_blocks, P.zero_blocks) == P
    assert Configuration.from_blocks(P.labelled_blocks, reversed(P.zero_blocks)) == P
    assert Configuration(P.r, P.word).word == P.word
    assert sum(map(sum, P.sizes)) == P.m == len(P.word)
    assert len(P.zero_blocks) == P.number_of_zero_groups


@given(configurations(most=5))
def test_orbit_size_is_the_size_of_the_orbit(P):
    assert len({P.permuted(perm) for perm in permutations(range(P.m))}) == P.orbit_size()


@given(configurations(), st.data())
def test_permutations_act(P, data):
    first, second = (data.draw(st.permutations(range(P.m))) for _ in range(2))
    # permute by the first, then by the second: position i holds what was at first(second(i))
    assert P.permuted(first).permuted(second) == P.permuted([first[i] for i in second])
    assert P.permuted(first).sizes[0] == P.sizes[0]


@given(configurations())
def test_dimension_formula_counts_block_by_block(P):
    k, b = P.sizes
    for d_in, d_out in [(1, 1), (3, 2), (1, 5)]:
        expected = sum(d_out * (n - 1) for n in (*k, *b)) + d_in * len(b)
        assert P.dimension(d_in, d_out) == expected
        assert (P.m - P.r) * min(d_in, d_out) <= expected <= (P.m - P.r) * max(d_in, d_out)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: Configuration(2, (1, 1)), ShapeError, "2 is missing"),
        (lambda: Configuration(3, (2, 2)), ShapeError, "1, 3 are missing"),
        (lambda: Configuration(1, (1, 0)), ShapeError, "labels from 1"),
        (lambda: Configuration(1, (1, 2)), DimensionError, "at most 1"),
        (lambda: Configuration(-1, ()), DimensionError, "at least 0"),
        (lambda: Configuration(1, (1, "a")), DimensionError, "integer"),
        (lambda: Configuration.standard([0]), DimensionError, "at least 1"),
        (lambda: Configuration.from_blocks([[0], [0]]), SymmetryError, "exactly once"),
        (lambda: Configuration.from_blocks([[0], [2]]), SymmetryError, "exactly once"),
        (lambda: Configuration(1, (1, -1)).permuted([0, 0]), SymmetryError, "once"),
    ],
)
def test_bad_input(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_nothing():
    assert Configuration(0, ()).sizes == ((), ())
    assert Configuration(0, ()).number_of_zero_groups == 0
