"""Pólya's counting: the cycle index against the group, its evaluations against multisets."""

from itertools import permutations

import pytest
import sympy
from sympy.combinatorics import Permutation

from quadrics.errors import DimensionError
from quadrics.polya import burnside_count, cycle_index, multiset_count


@pytest.mark.parametrize("n", range(7))
def test_cycle_index_against_the_group(n):
    p = sympy.symbols(f"p1:{n + 1}")
    elements = [Permutation(list(g)) for g in permutations(range(n))]
    direct = sympy.Add(*(sympy.Mul(*(p[m - 1] ** k for m, k in g.cycle_structure.items())) for g in elements))
    assert sympy.expand(cycle_index(n) - direct / len(elements)) == 0


@pytest.mark.parametrize("n", [0, 1, 5, 9])
@pytest.mark.parametrize("q", [1, 2, 3])
def test_polya_counts_multisets(n, q):
    assert cycle_index(n).subs({f"p{k}": q for k in range(1, n + 1)}) == multiset_count(n, q)


@pytest.mark.parametrize("n", range(1, 9))
@pytest.mark.parametrize("q", range(1, 5))
def test_burnside_is_the_closed_form(n, q):
    assert burnside_count(n, q) == multiset_count(n, q)


def test_symbolic_count():
    n = sympy.Symbol("n", integer=True, positive=True)
    assert sympy.expand_func(multiset_count(n, 3) - (n + 1) * (n + 2) / 2).simplify() == 0


@pytest.mark.parametrize(
    "call", [lambda: cycle_index(-1), lambda: burnside_count(51, 2), lambda: multiset_count("3", 2)]
)
def test_bad_input(call):
    with pytest.raises(DimensionError, match="got"):
        call()
