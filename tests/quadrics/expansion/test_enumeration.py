"""The enumerators: every configuration, each once, and the counts."""

from itertools import islice, product

import pytest

from quadrics.errors import DimensionError
from quadrics.expansion.configurations import Configuration
from quadrics.expansion.counts import G, T
from quadrics.expansion.enumeration import (
    affine_subspaces,
    affine_subspaces_by_definition,
    critical_subspaces,
    is_affine_subspace,
    is_critical_subspace,
    shapes,
)

SIZES = [(r, m) for m in range(8) for r in range(m + 1)]


@pytest.mark.parametrize(("r", "m"), SIZES)
def test_counts(r, m):
    assert sum(1 for _ in affine_subspaces(r, m)) == T(r, m)
    assert sum(1 for _ in critical_subspaces(r, m)) == G(r, m)


@pytest.mark.parametrize(("r", "m"), [size for size in SIZES if size[1] <= 5])
def test_each_is_correct_and_none_is_repeated(r, m):
    found = list(affine_subspaces(r, m))
    assert len(found) == len(set(found))
    for P in found:
        assert (P.r, P.m) == (r, m)
        assert Configuration(r, P.word) == P  # the validating constructor agrees with the fast one
        assert is_affine_subspace(r, m, P.word)
        assert is_critical_subspace(r, m, P.word) == P.is_critical
    assert [P for P in found if P.is_critical] == list(critical_subspaces(r, m))


@pytest.mark.parametrize(("r", "m"), [(0, 3), (1, 3), (2, 3), (1, 4), (2, 4)])
def test_all_are_found(r, m):
    words = product([*range(1, r + 1), *range(-m, 0)], repeat=m)
    assert {P.word for P in affine_subspaces(r, m)} == {w for w in words if is_affine_subspace(r, m, w)}


@pytest.mark.parametrize(("r", "m"), [(r, m) for r, m in SIZES if m <= 5])
def test_the_definition_gives_the_same_set(r, m):
    assert affine_subspaces_by_definition(r, m) == set(affine_subspaces(r, m))


def test_repeated_runs_agree():
    assert list(affine_subspaces(2, 5)) == list(affine_subspaces(2, 5))


@pytest.mark.parametrize(("r", "m"), SIZES)
def test_shapes_are_one_an_orbit(r, m):
    found = list(shapes(r, m))
    assert len({P.sizes for P in found}) == len(found)
    assert sum(P.orbit_size() for P in found) == T(r, m)
    assert all(list(b) == sorted(b, reverse=True) for _, b in (P.sizes for P in found))


@pytest.mark.parametrize("listing", [affine_subspaces, critical_subspaces, affine_subspaces_by_definition])
@pytest.mark.parametrize(("r", "m"), [(3, 2), (-1, 2), (1, -1), ("1", 2), (30, 60), (10**6, 10**8)])
def test_bad_sizes_are_refused_before_anything_is_listed(listing, r, m):
    with pytest.raises(DimensionError):
        listing(r, m)


def test_a_long_list_can_be_asked_for():
    with pytest.raises(DimensionError, match=r"about 10\^\d+ to list, which would take over a million years"):
        affine_subspaces(10, 30)
    assert len(list(islice(affine_subspaces(10, 30, most=None), 100))) == 100
