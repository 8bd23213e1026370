"""Function classes: 1 + l_- of them, and the exact table on the line."""

from itertools import product

import pytest
import sympy

from quadrics.activation import Activation, absolute_value, leaky_relu, linear, relu, relu_power
from quadrics.effective import theorem_2_class_count
from quadrics.errors import DimensionError
from quadrics.function_classes import function_class_count, is_kinkless, slope_sign_sets
from quadrics.neuron_types import NeuronType
from quadrics.reachability import KinkTarget
from quadrics.type_patterns import TypePatterns


@pytest.mark.parametrize(("l_minus", "free"), [(n, m) for n in range(6) for m in range(4) if n + m])
def test_classes_are_incomparable_by_their_generic_elements(l_minus, free):
    """A generic element of F_p, with p + m positive kinks (or l_- - p + m negative), lies in no F_q that lacks them."""
    for p, q in product(range(l_minus + 1), repeat=2):
        upward = KinkTarget(p + free, l_minus - p)
        downward = KinkTarget(p, l_minus - p + free)
        assert p in upward.reachable_range(l_minus, free)
        assert p in downward.reachable_range(l_minus, free)
        inside = all(q in t.reachable_range(l_minus, free) for t in (upward, downward))
        assert inside == (p == q)
    assert function_class_count(2, 1, free, l_minus) == l_minus + 1


def slope_pairs(c, component):
    """Signs of (X, Y) over a component in d = e = 1, from all patterns of types with weights of three sizes."""
    H = TypePatterns(c, 1, 1)
    found = set()
    for pattern in H.patterns():
        if H.component_of(pattern) != component:
            continue
        for size in product((1, 3, 9), repeat=len(c)):
            X = sum(n * t.a for t, n in zip(pattern, size, strict=True) if t.w > 0)
            Y = sum(n * t.a for t, n in zip(pattern, size, strict=True) if t.w < 0)
            found.add((int(sympy.sign(X)), int(sympy.sign(Y))))
    return frozenset(found)


@pytest.mark.parametrize(
    "c", [c for width in (1, 2, 3) for c in product((-1, 0, 1), repeat=width) if c == tuple(sorted(c))]
)
def test_line_against_all_type_patterns(c):
    H = TypePatterns(c, 1, 1)
    sets = {slope_pairs(c, component) for component in H.components()}
    counts = (c.count(1), c.count(-1), c.count(0))
    assert sets == set(slope_sign_sets(1, *counts))
    assert len(sets) == function_class_count(1, 1, *counts)


TABLE = {(0, 1): 2, (0, 2): 3, (0, 3): 4, (0, 4): 5, (0, 7): 5, (1, 0): 2, (2, 0): 3, (5, 0): 3, (1, 1): 4}
TABLE |= {(1, 2): 5, (1, 6): 5, (2, 1): 5, (3, 4): 5}


@pytest.mark.parametrize(("counts", "classes"), TABLE.items())
def test_table_on_the_line(counts, classes):
    assert function_class_count(1, 1, *counts) == classes


@pytest.mark.parametrize(("l_plus", "l_minus"), list(product(range(4), range(6))))
def test_table_on_the_line_with_balanced_neurons(l_plus, l_minus):
    assert function_class_count(1, 1, l_plus, l_minus, 1) == (1 if l_plus else min(1 + l_minus, 3))
    assert function_class_count(1, 1, l_plus, l_minus, 2) == 1


@pytest.mark.parametrize(("l_plus", "m", "classes"), [(1, 0, 2), (2, 0, 3), (6, 0, 3), (1, 1, 1), (4, 2, 1), (0, 3, 1)])
def test_line_with_several_outputs(l_plus, m, classes):
    assert function_class_count(1, 2, l_plus, m) == function_class_count(1, 5, l_plus, 0, m) == classes


def test_even_activation_on_the_line_does_not_see_the_side():
    counts = [(0, 1), (0, 2), (0, 5), (1, 0), (1, 3)]
    assert [function_class_count(1, 1, *n, activation=absolute_value) for n in counts] == [2, 3, 3, 1, 1]


def test_linear_networks_have_one_class():
    assert {function_class_count(d, e, 2, 3, activation=linear) for d in (1, 2) for e in (1, 2)} == {1}


@pytest.mark.parametrize("activation", [relu, absolute_value, leaky_relu(sympy.Rational(1, 3)), relu_power(3)])
def test_any_kinked_activation(activation):
    assert function_class_count(3, 1, 4, 6, 2, activation) == 7
    assert function_class_count(3, 2, 4, 6, 2, activation) == 1


def test_symbols_and_large_layers():
    n = sympy.Symbol("n", integer=True, nonnegative=True)
    assert function_class_count(2, 1, 3, n) == n + 1 == theorem_2_class_count(2, 1, 3, n)
    assert function_class_count(1, 1, 0, 10**9) == 5


def test_types_on_the_line_name_the_side():
    assert TypePatterns([1], d_in=1).component_of((NeuronType(-1, 0),)) == (-1,)


@pytest.mark.parametrize(
    "call",
    [
        lambda: function_class_count(0, 1, 1, 1),
        lambda: function_class_count(2, 1, -1, 1),
        lambda: function_class_count(2, 1, 1, 1, activation=relu_power(2)),
        lambda: function_class_count(1, 1, 0, sympy.Symbol("n", integer=True)),
        lambda: is_kinkless(Activation(1, 0, sympy.Rational(1, 2))),
    ],
)
def test_bad_input(call):
    with pytest.raises(DimensionError, match="got"):
        call()
