r"""When a sum Σ_W A_W σ(W·x) over distinct vectors W is zero: exact linear equations for the A_W.

Splitting σ into its even and its odd part splits the sum. A part with infinitely many nonzero derivatives at 0
contributes, for each pair ±W with W ≠ 0, one equation: A_W + A_{-W} = 0 (even) or A_W - A_{-W} = 0 (odd). A polynomial
part contributes, for each of its degrees k, the vanishing of the moment Σ_W A_W W^{⊗k}. Together they are necessary and
sufficient for every analytic σ.

>>> from quadrics.smooth_activation import softplus
>>> for equation in function_equations(softplus, [(1,), (-1,), (2,)]):
...     print(equation)
(1, 1, 0): even part, opposite vectors: A_W + A_-W = 0 for W = (1)
(0, 0, 1): even part, opposite vectors: A_W + A_-W = 0 for W = (2)
(1, -1, 2): odd part of degree 1: the sum of A_W * W1 is zero
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import sympy

from ...errors import NonFiniteError, ShapeError
from ...smooth_activation import SmoothActivation
from ...validation import Expr, as_real
from .condition import assumption_a
from .parts import Part

Vector = tuple[Expr, ...]


@dataclass(frozen=True)
class Equation:
    """Σ coefficients · A = 0, and where it comes from.

    >>> Equation((1, 2), "an example").residual([4, -2])
    0
    """

    coefficients: tuple[Expr, ...]
    reason: str

    def residual(self, outgoing: Sequence[Expr]) -> Expr:
        """Return the left-hand side for given A."""
        return sympy.Add(*(c * a for c, a in zip(self.coefficients, outgoing, strict=True)))

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.coefficients))}): {self.reason}"


def function_equations(
    activation: SmoothActivation | Expr, vectors: Sequence[Sequence[object]], up_to_a_constant: bool = False
) -> tuple[Equation, ...]:
    r"""Return the equations for A that are equivalent to Σ_W A_W σ(W·x) = 0 for all x in a neighbourhood of 0.

    Parameters
    ----------
    activation : an analytic activation, by name or formula
    vectors : the distinct vectors W, of exact numbers; the zero vector is allowed
    up_to_a_constant : ask that the sum is constant, not that it is zero

    Raises
    ------
    UnknownActivationError
        if a part of the activation cannot be decided.
    NonFiniteError
        for floats or symbols: whether two vectors are equal or opposite must be decidable.
    ShapeError
        for no vectors, equal ones, or ones of different lengths.

    Examples
    --------
    With σ(0) = 0 nothing is asked of a zero vector:

    >>> from quadrics.smooth_activation import tanh
    >>> [str(e) for e in function_equations(tanh, [(0, 0), (1, 2)])]
    ['(0, 1): odd part, opposite vectors: A_W - A_-W = 0 for W = (1, 2)']
    """
    distinct = as_distinct(vectors)
    condition = assumption_a(activation)
    equations = [
        *_of_part(condition.even, distinct, 1, condition.value_at_zero != 0),
        *_of_part(condition.odd, distinct, -1, False),
    ]
    return tuple(e for e in equations if not (up_to_a_constant and _VALUE_AT_ZERO in e.reason))


def as_distinct(vectors: Sequence[Sequence[object]]) -> tuple[Vector, ...]:
    """Return distinct vectors of exact numbers, or raise as :func:`function_equations` says.

    >>> as_distinct([(1, 2), (1, 2)])
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: vectors: got (1, 2) twice; expected distinct ones (add up the outgoing weights)
    """
    if not vectors:
        raise ShapeError("vectors: got none; expected at least one")
    found = [tuple(as_exact(entry, "vectors") for entry in vector) for vector in vectors]
    lengths = sorted({len(vector) for vector in found})
    if len(lengths) > 1 or lengths == [0]:
        raise ShapeError(f"vectors: got lengths {lengths}; expected one positive length")
    for i, vector in enumerate(found):
        if vector in found[:i]:
            shown = ", ".join(map(str, vector))
            raise ShapeError(f"vectors: got ({shown}) twice; expected distinct ones (add up the outgoing weights)")
    return tuple(found)


def as_exact(value: object, name: str) -> Expr:
    """Return an exact number in one normal form, so that equal numbers are equal objects.

    Raises ``NonFiniteError`` for floats and symbols.

    >>> as_exact(sympy.sqrt(8), "x") == as_exact(2 * sympy.sqrt(2), "x")
    True
    """
    number = as_real(value, name)
    if number.has(sympy.Float):
        raise NonFiniteError(f"{name}: got the float {number}; expected exact numbers (sympy.Rational(1, 10), not 0.1)")
    if not number.is_number:
        raise NonFiniteError(f"{name}: got the expression {number}; expected numbers, of which equality is decidable")
    return number if number.is_Rational else sympy.radsimp(sympy.simplify(number))


_VALUE_AT_ZERO = "even part of degree 0"


def _of_part(part: Part, vectors: Sequence[Vector], sign: int, nonzero_at_zero: bool) -> Iterator[Equation]:
    if part.coefficients is not None:
        for degree in sorted(part.coefficients):
            yield from _moments(degree, vectors)
        return
    if nonzero_at_zero and any(not any(w) for w in vectors):
        marks = tuple(sympy.Integer(not any(w)) for w in vectors)
        yield Equation(marks, f"{_VALUE_AT_ZERO}: A_0 = 0, as sigma(0) is not zero")
    for i, w in enumerate(vectors):
        opposite = tuple(as_exact(-v, "vectors") for v in w)
        j = vectors.index(opposite) if opposite in vectors else None
        if not any(w) or (j is not None and j < i):
            continue
        marks = tuple(
            sympy.Integer(1) if k == i else sympy.Integer(sign) if k == j else sympy.Integer(0)
            for k in range(len(vectors))
        )
        name, operation = ("even", "+") if sign > 0 else ("odd", "-")
        shown = ", ".join(map(str, w))
        yield Equation(marks, f"{name} part, opposite vectors: A_W {operation} A_-W = 0 for W = ({shown})")


def _moments(degree: int, vectors: Sequence[Vector]) -> Iterator[Equation]:
    """Σ A_W W^α = 0 for all monomials of one degree; x^α is independent of the others."""
    for which in combinations_with_replacement(range(len(vectors[0])), degree):
        monomial = tuple(sympy.expand(sympy.Mul(*(w[d] for d in which))) for w in vectors)
        if degree == 0:
            yield Equation(monomial, f"{_VALUE_AT_ZERO}: the sum of A_W is zero")
        else:
            parity = "odd" if degree % 2 else "even"
            shown = " ".join(f"W{d + 1}" for d in which)
            yield Equation(monomial, f"{parity} part of degree {degree}: the sum of A_W * {shown} is zero")
