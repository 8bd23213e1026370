"""The formal Taylor series against real ones, and the order conditions that they amount to."""

from __future__ import annotations

from itertools import product

import pytest
import sympy as sp

from quadrics.errors import DimensionError, NonFiniteError, ShapeError
from quadrics.lie_methods import (
    COMMUTATOR_FREE_4,
    LIE_EULER,
    LIE_MIDPOINT,
    LieMethod,
    exact_series,
    order_of,
    series_of,
)

H = sp.Symbol("h")
Y = sp.symbols("y1:3")
START = {Y[0]: sp.Rational(1, 2), Y[1]: sp.Integer(2)}
FIELD = sp.Matrix([[Y[0] * Y[1], 1 - Y[1]], [Y[0] ** 2, Y[0] - Y[1] ** 2]])
"""A(y), polynomial, whose values at different points do not commute."""


def matrix_term(term):
    """A derivative of FIELD at START along the vectors of a term."""
    arguments = [vector_term(word) for word in term]
    total = sp.zeros(2, 2)
    for indices in product(range(2), repeat=len(arguments)):
        weight = sp.prod([argument[i] for argument, i in zip(arguments, indices, strict=True)])
        part = FIELD
        for i in indices:
            part = part.diff(Y[i])
        total += weight * part
    return total.subs(START)


def vector_term(word):
    value = sp.Matrix([START[y] for y in Y])
    for term in reversed(word):
        value = matrix_term(term) * value
    return value


def order(term, matrix=False):
    return int(matrix) + sum(order(part, not matrix) for part in term)


def evaluated(series):
    return sum((x * H ** order(word) * vector_term(word) for word, x in series.items()), sp.zeros(2, 1))


def truncated(vector, limit):
    return vector.applyfunc(lambda x: sum(sp.Poly(x, H).coeff_monomial(H**n) * H**n for n in range(limit + 1)))


def test_the_exact_series_solves_the_equation():
    limit = 4
    path = evaluated(exact_series(limit))
    slope = FIELD.subs(dict(zip(Y, path, strict=True)), simultaneous=True) * path
    assert truncated((path.diff(H) - slope).expand(), limit - 1) == sp.zeros(2, 1)
    assert path.subs(H, 0) == sp.Matrix([START[y] for y in Y])


@pytest.mark.parametrize("method", [LIE_EULER, LIE_MIDPOINT, COMMUTATOR_FREE_4])
def test_the_series_of_a_step_is_that_of_the_step(method):
    limit = 4

    def exponential(matrix, vector):
        total = layer = vector
        for n in range(1, limit + 1):
            layer = truncated((matrix * layer / n).expand(), limit)
            total = total + layer
        return total

    start, fields = sp.Matrix([START[y] for y in Y]), []
    for rows in (*method.stages, method.result):
        point = start
        for row in rows:
            point = exponential(sum((x * K for x, K in zip(row, fields, strict=False)), sp.zeros(2, 2)), point)
        fields.append(H * FIELD.subs(dict(zip(Y, point, strict=True)), simultaneous=True))
    assert truncated((evaluated(series_of(method, limit)) - point).expand(), limit) == sp.zeros(2, 1)


def test_the_number_of_terms_is_that_of_an_independent_count():
    """Words of matrix terms and multisets of words: w(n) = Σ t(k) w(n - k), t(n) by Euler's transform of w."""
    words, terms = [1], [0]
    for n in range(1, 6):
        x = sp.Symbol("x")
        generating = sp.prod([sp.series((1 - x**k) ** -words[k], x, 0, n).removeO() for k in range(1, n)], start=1)
        terms.append(sp.Poly(sp.expand(generating) + x**9, x).coeff_monomial(x ** (n - 1)))
        words.append(sum(terms[k] * words[n - k] for k in range(1, n + 1)))
    assert [len(exact_series(n)) for n in range(6)] == [sum(words[: n + 1]) for n in range(6)]


def test_orders():
    assert [order_of(m) for m in (LIE_EULER, LIE_MIDPOINT, COMMUTATOR_FREE_4)] == [1, 2, 4]
    assert order_of(LieMethod((), ())) == 0
    assert order_of(COMMUTATOR_FREE_4, limit=3) == 3
    swapped = LieMethod(COMMUTATOR_FREE_4.stages, COMMUTATOR_FREE_4.result[::-1])
    assert order_of(swapped) < 4


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: LieMethod(((), ((0, 1),)), ((1,),)), ShapeError),
        (lambda: LieMethod(((),), (("1",),)), NonFiniteError),
        (lambda: exact_series(-1), DimensionError),
    ],
)
def test_bad_input(call, error):
    with pytest.raises(error):
        call()
