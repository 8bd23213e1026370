"""Bounds and refusals."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quadrics.errors import DimensionError
from quadrics.expansion.counts import G, T
from quadrics.expansion.sizes import as_expansion, duration, log10_bound, refuse_listing


def log10(n):
    digits = max(n.bit_length() - 52, 0)
    from math import log

    return (log(n >> digits) + digits * log(2)) / log(10)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 150), st.integers(0, 150))
def test_bounds_hold_and_are_close(r, k):
    m = r + k
    for count, zero_types in ((T, True), (G, False)):
        gap = log10_bound(r, m, zero_types) - log10(count(r, m))
        assert 0 <= gap < 3


def test_nothing_to_count():
    assert log10_bound(3, 2) == float("-inf")


def test_refusals_name_the_count_and_the_time():
    with pytest.raises(DimensionError, match=r"got 12 to list, which would take about a second; expected at most 11"):
        refuse_listing("things", 12, 11, "count them")
    refuse_listing("things", 12, 12, "count them")
    refuse_listing("things", 10**99, None, "count them")
    with pytest.raises(DimensionError, match=r"about 10\^4999 to list, which would take over a million years"):
        refuse_listing("things", 10**5000 + 1, 11, "count them")


def test_expansion_sizes():
    assert as_expansion(2, 2) == (2, 2)
    with pytest.raises(DimensionError, match="expected r <= m"):
        as_expansion(3, 2)


def test_durations():
    assert [duration(s) for s in (0, 59, 61, 3600, 10**5, 10**7, 10**9)] == [
        "about a second",
        "about 59 seconds",
        "about a minute",
        "about an hour",
        "about a day",
        "about 116 days",
        "about 32 years",
    ]
