"""G and T: tables, every other form of them, large sizes, refusals."""

from math import factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import DimensionError
from quadrics.expansion.counts import G, T, dobinski
from quadrics.expansion.formulas import rows_of_G, rows_of_T
from quadrics.expansion.near_diagonal import near_diagonal_counts

T_TABLE = {
    0: [1, 1, 2, 5, 15, 52, 203, 877, 4140, 21147],
    1: [1, 3, 10, 37, 151, 674, 3263, 17007, 94828],
    2: [2, 12, 62, 320, 1712, 9604, 56674, 351792],
    3: [6, 60, 450, 3120, 21336, 147756, 1048830],
    4: [24, 360, 3720, 33600, 287784, 2424744],
    5: [120, 2520, 34440, 394800, 4160520],
    6: [720, 20160, 352800, 5019840],
}
G_TABLE = {
    1: [1] * 9,
    2: [2, 6, 14, 30, 62, 126, 254, 510],
    3: [6, 36, 150, 540, 1806, 5796, 18150],
    4: [24, 240, 1560, 8400, 40824, 186480],
    5: [120, 1800, 16800, 126000, 834120],
    6: [720, 15120, 191520, 1905120],
    7: [5040, 141120, 2328480],
}


def test_tables():
    assert {r: [T(r, m) for m in range(r, r + len(row))] for r, row in T_TABLE.items()} == T_TABLE
    assert {r: [G(r, m) for m in range(r, r + len(row))] for r, row in G_TABLE.items()} == G_TABLE


def test_recurrences_give_the_same_rows():
    for m, row_T, row_G in zip(range(25), rows_of_T(), rows_of_G(), strict=False):
        assert row_T == [T(r, m) for r in range(m + 1)]
        assert row_G == [G(r, m) for r in range(m + 1)]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 60), st.integers(0, 60))
def test_the_two_ways_of_computing_agree(r, k):
    assert near_diagonal_counts(r, k) == (G(r, r + k), dobinski(r, r + k))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 40), st.integers(0, 80))
def test_maps_are_onto_a_subset_of_the_labels(r, m):
    row = [1]
    for i in range(r):
        row.append(row[-1] * (r - i) // (i + 1))
    assert sum(row[k] * G(k, m) for k in range(r + 1)) == r**m


def test_edges():
    assert (G(0, 0), T(0, 0), G(0, 3), G(4, 3), T(4, 3)) == (1, 1, 0, 0, 0)
    assert all(G(n, n) == T(n, n) == factorial(n) for n in range(12))
    assert all(type(f(3, 40)) is int for f in (G, T))


@pytest.mark.parametrize(("r", "m"), [(3, 450), (17, 400), (200, 450)])
def test_hundreds_modulo_a_prime(r, m):
    p = 1_000_003
    row_T, row_G = [1] + [0] * (m + 1), [1] + [0] * (m + 1)
    for _ in range(m):
        row_T = [((i * row_T[i - 1] if i else 0) + (i + 1) * row_T[i] + row_T[i + 1]) % p for i in range(m + 1)] + [0]
        row_G = [i * (row_G[i] + (row_G[i - 1] if i else 0)) % p for i in range(m + 2)]
    assert (T(r, m) % p, G(r, m) % p) == (row_T[r], row_G[r])


@pytest.mark.parametrize("count", [G, T])
@pytest.mark.parametrize(("r", "m"), [(-1, 2), (2, -1), (1.0, 2), ("1", 2), (True, 2), (1, None)])
def test_bad_sizes(count, r, m):
    with pytest.raises(DimensionError):
        count(r, m)


@pytest.mark.parametrize("count", [G, T])
def test_absurd_sizes_are_refused_at_once_with_an_estimate(count):
    with pytest.raises(DimensionError, match=r"about \d+ digits"):
        count(10**7, 10**9)
