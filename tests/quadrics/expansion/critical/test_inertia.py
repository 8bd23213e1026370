"""Inertia: against eigenvalues that are known, Sylvester's law, and bad input."""

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quadrics.errors import DimensionError, NonFiniteError, ShapeError
from quadrics.expansion.critical.inertia import Inertia, inertia

small = st.integers(-3, 3)


def square(n, entries=small):
    return st.lists(entries, min_size=n * n, max_size=n * n).map(lambda v: sympy.Matrix(n, n, v))


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 4).flatmap(lambda n: st.tuples(st.lists(small, min_size=n, max_size=n), square(n))))
def test_sylvesters_law(data):
    """Congruence keeps the signs of a diagonal matrix."""
    diagonal, change = data
    assume(change.det() != 0)
    found = inertia(change.T * sympy.diag(*diagonal) * change)
    assert found == Inertia(sum(v < 0 for v in diagonal), diagonal.count(0), sum(v > 0 for v in diagonal))
    assert found.size == len(diagonal)


@settings(deadline=None, max_examples=30)
@given(st.lists(small, min_size=1, max_size=3), st.lists(small, min_size=1, max_size=3))
def test_sums_and_products(first, second):
    A, B = sympy.diag(*first), sympy.diag(*second)
    assert inertia(A) + inertia(B) == inertia(sympy.diag(A, B))
    assert inertia(A).kronecker(inertia(B)) == inertia(sympy.kronecker_product(A, B))


def test_irrational_and_symbolic_entries():
    assert inertia([[sympy.sqrt(2), 1], [1, sympy.sqrt(2) / 2]]) == Inertia(0, 1, 1)
    assert inertia([[0, sympy.Symbol("t", positive=True)], [sympy.Symbol("t", positive=True), 0]]) == Inertia(1, 0, 1)
    assert inertia([[1, 2], [2, 1]]).is_semidefinite is False


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ([[0, 1], [2, 0]], ShapeError),
        ([[1, 2]], ShapeError),
        ([], ShapeError),
        ([[0.1]], NonFiniteError),
        ([[float("nan")]], NonFiniteError),
        ([[sympy.oo]], NonFiniteError),
        ([["1"]], NonFiniteError),
        ([[sympy.Symbol("t")]], NonFiniteError),
        ("12", ShapeError),
    ],
)
def test_bad_matrices(bad, error):
    with pytest.raises(error):
        inertia(bad)


@pytest.mark.parametrize("bad", [-1, 0.5, "1", True])
def test_bad_numbers(bad):
    with pytest.raises(DimensionError):
        Inertia(0, bad, 0)
