"""Numbers of neurons as symbols: placements against all type patterns."""

from collections import Counter

import pytest
import sympy as sp

from proofs.neuron_counts import PLACES, Layer, count, within
from quadrics.neuron_types import I_PLUS, N_MINUS, N_PLUS, O
from quadrics.type_patterns import TypePatterns


@pytest.mark.parametrize("c", [(-1,), (-1, 1), (-1, 0, 1), (-1, -1, 1)])
def test_patterns_are_placements(c):
    """Every pattern of H(c) fills a component's places; the numbers of a placement are those of the pattern."""
    layer = Layer(c.count(1), c.count(-1), c.count(0))
    H = TypePatterns(c)
    for pattern in H.patterns():
        placement = Counter(
            (t, next(p for p in PLACES if p[0] == sign and p[1] in (0, t.a)))
            for t, sign in zip(pattern, H.signs, strict=True)
        )
        whole = {entry: sp.Integer(placement[entry]) for entry in layer.entries}
        assert sum(whole.values()) == len(c)
        positive = H.component_of(pattern).count(1)
        for p in range(c.count(-1) + 1):
            assert bool(layer.fills(whole, sp.Integer(p))) == (p == positive)
        assert layer.numbers(whole) == {t: pattern.count(t) for t in layer.numbers(whole)}


def test_statistics():
    layer = Layer()
    numbers = layer.generic(sp.Integer(2)) | {I_PLUS: sp.Integer(1), O: sp.Integer(4), N_MINUS: sp.Integer(3)}
    assert layer.statistics(numbers) == (3, 3, 1, 0)
    assert numbers[N_PLUS] == 2


def test_counts_are_nonnegative_integers():
    assert count("n").is_integer
    assert count("n").is_nonnegative
    assert [bool(within((1, 3), sp.Integer(v))) for v in range(5)] == [False, True, True, True, False]
    assert all(kind.fits(sign) for kind, (sign, _) in Layer().entries)
