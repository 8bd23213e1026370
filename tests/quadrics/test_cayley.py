"""Cayley's transform of the frozen generator, against the matrix formula."""

import pytest
import sympy as sp

from quadrics.cayley import cayley
from quadrics.errors import HypothesisError, NonFiniteError, ShapeError


@pytest.mark.parametrize("v", [(3,), (1, 2), (0, 0), (1, -1, 2)])
def test_it_is_the_transform_of_the_generator(v):
    d, h = len(v), sp.Rational(3, 7)
    w, a = sp.symbols(f"w1:{d + 1}", real=True), sp.Symbol("a", real=True)
    generator = sp.zeros(d + 1, d + 1)
    for i, entry in enumerate(v):
        generator[i, d] = generator[d, i] = -entry
    one = sp.eye(d + 1)
    expected = (one - h / 2 * generator).inv() * (one + h / 2 * generator) * sp.Matrix([*w, a])
    after, last = cayley(w, a, v, h)
    assert (sp.Matrix([*after, last]) - expected).applyfunc(sp.expand) == sp.zeros(d + 1, 1)


@pytest.mark.parametrize(
    ("h", "sign"), [(sp.Rational(1, 10), 1), (sp.Rational(39, 100), 1), (sp.Rational(41, 100), -1)]
)
def test_the_sheet_changes_where_h_v_passes_2(h, sign):
    after, last = cayley((3, 1), sp.Integer(4), (3, 4), h)
    assert sp.sign(last) == sign
    assert sum(x**2 for x in after) - last**2 == -6


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: cayley((1,), 1, (1, 2), 1), ShapeError),
        (lambda: cayley((1,), 1, (1,), sp.nan), NonFiniteError),
        (lambda: cayley((1,), 1, (2,), 1), HypothesisError),
    ],
)
def test_bad_input(call, error):
    with pytest.raises(error):
        call()
