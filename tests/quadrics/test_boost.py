"""The exact flow with a frozen pull: against the matrix exponential, its equation, and what it must conserve."""

from __future__ import annotations

import pytest
import sympy
from sympy import Matrix, Rational, log, simplify, symbols, zeros

from quadrics.boost import (
    boost,
    boost_outputs,
    coefficients,
    light_cone,
    light_cone_change,
    scales,
    sinhc,
    smaller_coordinate,
)
from quadrics.errors import NonFiniteError, ShapeError

H = symbols("h", positive=True)


def generator(V, degree=1, rates=(1, 1)):
    """The matrix M of ``(w, a)' = M (w, a)``."""
    e, d = V.shape
    top = Matrix.hstack(zeros(d, d), -rates[0] * V.T)
    return Matrix.vstack(top, Matrix.hstack(-Rational(rates[1]) / degree * V, zeros(e, e)))


def assert_zero(entries):
    assert all(simplify(sympy.expand(x.rewrite(sympy.exp))) == 0 for x in entries)


@pytest.mark.parametrize("v", [(3, 4), (0, 2), (0, 0), (1, 2, 2)])
@pytest.mark.parametrize(("degree", "rates"), [(1, (1, 1)), (2, (1, 1)), (3, (4, 9)), (Rational(3, 2), (2, 1))])
def test_one_output_is_the_matrix_exponential(v, degree, rates):
    w, a = symbols(f"w1:{len(v) + 1}", real=True), symbols("a", real=True)
    after, last = boost(w, a, v, H, degree, rates)
    expected = (generator(Matrix([v]), degree, rates) * H).exp() * Matrix([*w, a])
    assert_zero(Matrix([*after, last]) - expected)


@pytest.mark.parametrize(
    "V", [[[1, 2], [2, 1]], [[1, 0], [0, 0]], [[1, 1], [1, 1]], [[0, 0], [0, 0]], [[3, 0, 4], [0, 5, 0], [4, 0, -3]]]
)
@pytest.mark.parametrize(("degree", "rates"), [(1, (1, 1)), (2, (3, 2))])
def test_several_outputs_are_the_matrix_exponential(V, degree, rates):
    V = Matrix(V)
    e, d = V.shape
    w, a = range(1, d + 1), range(-1, e - 1)
    h = log(2) / 3
    after, last = boost_outputs(w, a, V, h, degree, rates)
    expected = (generator(V, degree, rates) * h).evalf(40).exp() * Matrix([*w, *a])
    difference = Matrix([*after, *last]).evalf(40) - expected
    assert max(abs(sympy.re(x)) + abs(sympy.im(x)) for x in difference) < 1e-30
    inward, outward = scales(degree, rates)

    def form(w, a):
        return sum(x**2 for x in w) / inward**2 - sum(x**2 for x in a) / outward**2

    assert_zero([form(after, last) - form(w, a)])


def test_one_output_is_a_special_case():
    after, last = boost((1, -2), Rational(1, 3), (2, 1), H)
    many, lasts = boost_outputs((1, -2), (Rational(1, 3),), Matrix([[2, 1]]), H)
    assert_zero([x - y for x, y in zip([*after, last], [*many, *lasts], strict=True)])


@pytest.mark.parametrize("c", [-1, 0, 1])
def test_the_sheet_is_kept_for_c_at_most_zero_and_only_there(c):
    """On c <= 0 the output weight keeps its sign for every h; on c > 0 it can pass zero."""
    w, a = (Rational(3), 0), sympy.sqrt(9 - c)
    signs = {sympy.sign(boost(w, a, (1, 0), h)[1].evalf()) for h in (Rational(1, 100), 1, 3, 10)}
    assert signs == ({1} if c <= 0 else {1, -1})


def test_the_light_cone_form_is_the_boost():
    w, a, v = (3, 1), 2, (3, 4)
    s = 5
    m = Rational(13, 5)
    last, along = light_cone(a, m, H * s)
    after, expected = boost(w, a, v, H)
    assert_zero([last - expected, *(x + (along - m) * y / s - z for x, y, z in zip(w, v, after, strict=True))])


def test_the_change_keeps_its_digits_where_the_state_has_none():
    change = light_cone_change(sympy.Float(1), sympy.Float(1), sympy.Float(1e-30))
    assert [float(x) for x in change] == pytest.approx([-1e-30, 1e-30], rel=1e-15)


@pytest.mark.parametrize(("a", "m"), [(5, 4), (5, -4), (-5, 4), (-5, -4), (2, 0)])
def test_the_smaller_coordinate_from_the_imbalance(a, m):
    rest, square = 3, a**2
    c = m**2 + rest - square
    assert smaller_coordinate(a, m, rest, c) == min(a + m, a - m, key=abs)


def test_the_coefficients_have_no_pole():
    s = symbols("s", real=True)
    for coefficient, at_zero in zip(coefficients(s, H), (H, H**2 / 2), strict=True):
        assert coefficient.subs(s, 0) == at_zero
        near = coefficient.subs({s: Rational(1, 10**9), H: 1})
        assert abs(near.evalf(40) - at_zero.subs(H, 1)) < 1e-17
    assert sinhc(sympy.Integer(0)) == 1


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: boost((1, 2), 1, (1,), 1), ShapeError),
        (lambda: boost((1,), "1", (1,), 1), NonFiniteError),
        (lambda: boost((1,), 1, (sympy.nan,), 1), NonFiniteError),
        (lambda: boost((1,), 1, (1,), 1, learning_rates=(0, 1)), NonFiniteError),
        (lambda: boost_outputs((1,), (1,), Matrix([[1, 2]]), 1), ShapeError),
        (lambda: boost_outputs((1, 2), (1,), [[1], [2]], 1), ShapeError),
    ],
)
def test_bad_input(call, error):
    with pytest.raises(error):
        call()
