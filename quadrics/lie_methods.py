"""Methods that advance by exact flows of frozen fields, and the order to which they follow y' = A(y) y.

With ``y`` the weights and ``A(y)`` the linear map that the data's pull defines, gradient flow reads ``y' = A(y) y``;
``exp(h A)`` with A frozen is a boost of every neuron. A method evaluates A at stages and composes such exponentials of
combinations of them (no commutators). Its order is found by comparing Taylor series in elementary terms, which are
formal: ``A'[A y] A y`` and the like. So an order that is found here holds for every smooth A in every dimension.

A matrix term ``A⁽ⁿ⁾[u1, ..., un]`` is the sorted tuple of its vector terms, and a vector term ``M1 M2 ... y`` the tuple
of its matrix terms: ``()`` is A as a matrix and y as a vector. The order of a term is its number of As.

>>> [len(series) for series in (exact_series(n) for n in range(5))]
[1, 2, 4, 10, 30]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy

from .errors import DimensionError, ShapeError
from .validation import Expr, as_real

__all__ = ["COMMUTATOR_FREE_4", "LIE_EULER", "LIE_MIDPOINT", "LieMethod", "exact_series", "order_of", "series_of"]

Term = tuple[Any, ...]
Series = Mapping[Term, Expr]
Exponentials = tuple[tuple[Expr, ...], ...]


@dataclass(frozen=True)
class LieMethod:
    """A commutator-free Lie group method for ``y' = A(y) y``.

    With ``K_j = h A(Y_j)`` each of the stages, and the result, is y after some exponentials ``exp(Σ_j x_j K_j)``. The
    rows x of a stage are listed in the order in which they act; the j-th stage may use the stages before it.

    Raises ``ShapeError`` for a row that uses a stage before it is known, ``NonFiniteError`` for a coefficient that is
    no real number.

    >>> LIE_MIDPOINT.stages, LIE_MIDPOINT.result
    (((), ((1/2,),)), ((0, 1),))
    >>> print(LIE_MIDPOINT)
    Y1 = y; Y2 = exp(K1/2) y; y+ = exp(K2) y
    >>> LieMethod(stages=(), result=((1,),))
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: LieMethod: got a row with 1 coefficients; expected at most 0, for the stages before it
    """

    stages: tuple[Exponentials, ...]
    result: Exponentials

    def __post_init__(self) -> None:
        stages = []
        for known, rows in enumerate((*self.stages, self.result)):
            for row in rows:
                if len(row) > known:
                    raise ShapeError(
                        f"LieMethod: got a row with {len(row)} coefficients; expected at most {known}, "
                        "for the stages before it"
                    )
            stages.append(tuple(tuple(as_real(x, "coefficient") for x in row) for row in rows))
        object.__setattr__(self, "stages", tuple(stages[:-1]))
        object.__setattr__(self, "result", stages[-1])

    def __str__(self) -> str:
        K = sympy.symbols(f"K1:{len(self.stages) + 1}")
        shown = []
        for rows in (*self.stages, self.result):
            exponents = (sum((x * k for x, k in zip(row, K, strict=False)), sympy.Integer(0)) for row in rows)
            shown.append("".join(f"exp({exponent}) " for exponent in reversed(list(exponents))) + "y")
        names = [*(f"Y{j + 1}" for j in range(len(self.stages))), "y+"]
        return "; ".join(f"{name} = {text}" for name, text in zip(names, shown, strict=True))


def _rows(denominator: int, *rows: tuple[int, ...]) -> Exponentials:
    return tuple(tuple(sympy.Rational(x, denominator) for x in row) for row in rows)


LIE_EULER = LieMethod(((),), _rows(1, (1,)))
"""One exponential of the field at the start: order 1."""

LIE_MIDPOINT = LieMethod(((), _rows(2, (1,))), _rows(1, (0, 1)))
"""The field at half a Lie-Euler step: order 2."""

COMMUTATOR_FREE_4 = LieMethod(
    ((), _rows(2, (1,)), _rows(2, (0, 1)), _rows(2, (1,), (-1, 0, 2))),
    _rows(12, (3, 2, 2, -1), (-1, 2, 2, 3)),
)
"""Four stages, two exponentials at the end: order 4 (Celledoni, Marthinsen and Owren, 2003)."""


def _order(term: Term, matrix: bool) -> int:
    """The number of As in a matrix term (then one, and those of its vectors) or in a vector term."""
    return int(matrix) + sum(_order(part, not matrix) for part in term)


def _combine(pairs: Iterable[tuple[Term, Expr]]) -> dict[Term, Expr]:
    total: dict[Term, Expr] = {}
    for term, coefficient in pairs:
        total[term] = total.get(term, sympy.Integer(0)) + coefficient
    return {term: coefficient for term, coefficient in total.items() if coefficient != 0}


def _field(vector: Series, limit: int) -> Series:
    """A at a vector series that begins with y: ``Σ_n A⁽ⁿ⁾[δ, ..., δ]/n!``, through order ``limit``."""
    change = [(term, coefficient) for term, coefficient in vector.items() if term]
    total: list[tuple[Term, Expr]] = []
    layer: Series = {(): sympy.Integer(1)}
    for n in range(1, limit + 1):
        total += layer.items()
        layer = _combine(
            (tuple(sorted((*arguments, term))), x * y / n)
            for arguments, x in layer.items()
            for term, y in change
            if _order((*arguments, term), matrix=True) <= limit
        )
    return _combine(total)


def _product(matrix: Series, vector: Series, limit: int) -> Series:
    return _combine(
        ((M, *word), x * y)
        for M, x in matrix.items()
        for word, y in vector.items()
        if _order((M, *word), matrix=False) <= limit
    )


def _exponential(matrix: Series, vector: Series, limit: int) -> Series:
    total, layer = dict(vector), vector
    for n in range(1, limit + 1):
        layer = {term: x / n for term, x in _product(matrix, layer, limit).items()}
        total = _combine([*total.items(), *layer.items()])
    return total


@cache
def exact_series(limit: int) -> Series:
    """Return the Taylor series of the solution of ``y' = A(y) y``: the coefficient of ``h^order`` for each term.

    >>> exact_series(2) == {(): 1, ((),): 1, ((), ()): sympy.Rational(1, 2), ((((),),),): sympy.Rational(1, 2)}
    True
    """
    if limit < 0:
        raise DimensionError(f"exact_series: got order {limit}; expected at least 0")
    series: Series = {(): sympy.Integer(1)}
    for _ in range(limit):
        slope = _product(_field(series, limit), series, limit)
        series = {(): sympy.Integer(1), **{word: x / _order(word, matrix=False) for word, x in slope.items()}}
    return series


@cache
def series_of(method: LieMethod, limit: int) -> Series:
    """Return the Taylor series of one step of a method, through ``h^limit``.

    >>> series_of(LIE_EULER, 2)
    {(): 1, ((),): 1, ((), ()): 1/2}
    """
    fields: list[Series] = []
    series: Series = {}
    for rows in (*method.stages, method.result):
        series = {(): sympy.Integer(1)}
        for row in rows:
            exponent = _combine((M, x * y) for x, K in zip(row, fields, strict=False) for M, y in K.items())
            series = _exponential(exponent, series, limit)
        fields.append(_field(series, limit))
    return series


def order_of(method: LieMethod, limit: int = 5) -> int:
    """Return the order of a method: how far its series is that of the solution, at most ``limit``.

    >>> [order_of(method) for method in (LIE_EULER, LIE_MIDPOINT, COMMUTATOR_FREE_4)]
    [1, 2, 4]

    The midpoint in the interior of one exponential is essential: the field at the end of the step gives order 1.

    >>> order_of(LieMethod(((), ((1,),)), ((0, 1),)))
    1
    """
    exact, found = exact_series(limit), series_of(method, limit)
    wrong = [_order(word, matrix=False) for word in {*exact, *found} if exact.get(word, 0) != found.get(word, 0)]
    return min(wrong, default=limit + 1) - 1
