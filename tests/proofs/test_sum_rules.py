"""Sums of any length: the normal form against the sums written out."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs.evidence import Truth
from proofs.sum_rules import derivative_of_sums, normal_form, second_derivative, sums

J, I = sp.symbols("j i", integer=True, positive=True)
K, N = sp.symbols("k n", integer=True, positive=True)
b, c = sp.IndexedBase("b"), sp.IndexedBase("c")
x, y, S = sp.symbols("x y S")
TERMS = (x, y, b[J], c[J], b[J] * c[J], x * b[J], sp.Integer(2), b[J] ** 2)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(TERMS), st.integers(-3, 3)), min_size=1, max_size=4), st.integers(1, 4))
def test_the_normal_form_has_the_same_value(terms, length):
    total = sp.Sum(sp.Mul(*(term + shift for term, shift in terms)), (J, 2, K))
    written = normal_form(total)
    assert sp.expand((total - written).subs(K, length).doit()) == 0
    for one in written.atoms(sp.Sum):
        assert not isinstance(one.function, sp.Add)


def test_nested_sums():
    nested = sp.Sum(c[I] * sp.Sum(x * b[J] + 1, (J, 1, K)), (I, 1, N))
    expected = x * sp.Sum(c[I], (I, 1, N)) * sp.Sum(b[J], (J, 1, K)) + K * sp.Sum(c[I], (I, 1, N))
    assert sums().decide(nested, expected).truth is Truth.HOLDS
    assert sums().decide(nested, expected + x).truth is Truth.VIOLATED


def test_named_sums():
    rule = sums({S: sp.Sum(b[J], (J, 1, K))})
    assert rule.decide(sp.Sum(x * b[J], (J, 1, K)), x * S).truth is Truth.HOLDS
    assert rule.decide(sp.Sum(x * b[J], (J, 1, K)), x * S**2).truth is Truth.VIOLATED
    assert rule.decide(sp.Sum(b[J] ** 2, (J, 1, K)), S**2).truth is Truth.VIOLATED


@pytest.mark.parametrize(("rule", "after"), [(derivative_of_sums(x), 2 * x), (second_derivative(x), 2)])
def test_derivatives(rule, after):
    before = sp.Sum(b[J] * x**2, (J, 1, K))
    assert rule.decide(before, after * sp.Sum(b[J], (J, 1, K))).truth is Truth.HOLDS
    assert rule.decide(before, after * sp.Sum(c[J], (J, 1, K))).truth is Truth.VIOLATED
