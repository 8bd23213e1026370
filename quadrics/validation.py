"""What a user may hand in: real finite numbers or expressions, integers in range, matrices that fit.

Text is refused everywhere, because ``sympify`` on outside text runs code.

>>> as_real(3), as_dimension(2, "d_in")
(3, 2)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from .errors import DimensionError, NonFiniteError, QuadricsError, ShapeError

Expr = Any  # SymPy ships no types.
Matrix = Any


def as_real(value: object, name: str = "a number", error: type[QuadricsError] = NonFiniteError) -> Expr:
    """Return ``value`` as a SymPy expression that is not known to be non-real or infinite.

    Integers, fractions, floats (kept as floats), NumPy scalars and SymPy expressions are accepted.

    Raises
    ------
    error
        for text, booleans, NaN, infinities, complex numbers and anything that is no number.

    Examples
    --------
    >>> from fractions import Fraction
    >>> as_real(Fraction(1, 3))
    1/3
    >>> as_real("1/3")
    Traceback (most recent call last):
    ...
    quadrics.errors.NonFiniteError: a number: got the text '1/3'; expected a real, finite number or a SymPy \
expression (text is never evaluated: pass sympy.Rational(1, 3), or a float)
    """
    if isinstance(value, str | bytes):
        raise error(
            f"{name}: got the text {value!r}; expected a real, finite number or a SymPy expression "
            "(text is never evaluated: pass sympy.Rational(1, 3), or a float)"
        )
    if isinstance(value, bool) or value is None:
        raise error(f"{name}: got {value!r}; expected a real, finite number or a SymPy expression")
    try:
        expr = sympy.sympify(value, strict=True)
    except (sympy.SympifyError, TypeError, ValueError) as exc:
        raise error(
            f"{name}: got {value!r} ({type(value).__name__}); expected a real, finite number or a SymPy expression"
        ) from exc
    if not isinstance(expr, sympy.Expr):
        raise error(f"{name}: got {value!r}; expected one real, finite number or SymPy expression")
    infinities = (sympy.nan, sympy.oo, sympy.zoo, sympy.S.NegativeInfinity)
    if expr.has(*infinities) or expr.is_infinite:
        raise error(f"{name}: got {expr}; expected a finite number")
    if expr.is_extended_real is False:
        raise error(f"{name}: got {expr}, which is not real; expected a real number")
    return expr


def as_dimension(value: object, name: str, minimum: int = 1, maximum: int | None = None) -> int:
    """Return ``value`` as an ``int`` in ``[minimum, maximum]``.

    Raises
    ------
    DimensionError
        for anything that is no integer (text, floats, booleans) or is out of range.

    Examples
    --------
    >>> as_dimension(0, "width")
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: width: got 0; expected an integer of at least 1
    """
    wanted = f"an integer of at least {minimum}" + ("" if maximum is None else f" and at most {maximum}")
    if isinstance(value, bool | str | bytes | float) or value is None:
        raise DimensionError(f"{name}: got {value!r}; expected {wanted}")
    try:
        number = int(value.__index__()) if hasattr(value, "__index__") else None
    except (TypeError, ValueError):
        number = None
    if number is None:
        raise DimensionError(f"{name}: got {value!r}; expected {wanted}")
    if number < minimum or (maximum is not None and number > maximum):
        raise DimensionError(f"{name}: got {number}; expected {wanted}")
    return number


def as_count(value: object, name: str, minimum: int = 0, maximum: int | None = None) -> Any:
    """Return an ``int`` in ``[minimum, maximum]``, or a SymPy expression in symbols that may be such an integer.

    What the closed forms take: numbers of neurons l_+, l_-, l_0, widths and dimensions.

    Raises
    ------
    DimensionError
        for anything else.

    Examples
    --------
    >>> as_count(3, "l_plus"), as_count(sympy.Symbol("l_plus"), "l_plus")
    (3, l_plus)
    >>> as_count(sympy.Symbol("n", negative=True), "l_plus")
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: l_plus: got n; expected an integer of at least 0, or a symbol for one \
(declare it with integer=True)
    """
    if isinstance(value, sympy.Expr) and not value.is_number:
        if value.is_integer is False or (value - minimum).is_negative:
            raise DimensionError(
                f"{name}: got {value}; expected an integer of at least {minimum}, or a symbol for one "
                "(declare it with integer=True)"
            )
        return value
    return as_dimension(value, name, minimum, maximum)


def as_matrix(value: object, name: str, column: bool = False) -> Matrix:
    """Return ``value`` as an immutable SymPy matrix of real entries; a flat list is a column if ``column``.

    Raises
    ------
    ShapeError
        for ragged rows, or a flat list where a matrix is needed.
    NonFiniteError
        for an entry that is no real, finite number.

    Examples
    --------
    >>> as_matrix([[1, 2], [3, 4]], "W1").shape
    (2, 2)
    >>> as_matrix([[1, 2], [3]], "W1")
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: W1: got rows of lengths [1, 2]; expected rows of one length
    """
    if isinstance(value, sympy.MatrixBase):
        rows: list[list[object]] = value.tolist()
        shape = tuple(value.shape)
    else:
        listed = value.tolist() if hasattr(value, "tolist") else value
        if isinstance(listed, str | bytes) or not isinstance(listed, Sequence):
            raise ShapeError(f"{name}: got {value!r}; expected a matrix (a list of rows)")
        if column and not any(_is_row(row) for row in listed):
            listed = [[entry] for entry in listed]
        if not all(_is_row(row) for row in listed):
            raise ShapeError(f"{name}: got {value!r}; expected a matrix (a list of rows)")
        rows = [list(row) for row in listed]
        lengths = sorted({len(row) for row in rows})
        if len(lengths) > 1:
            raise ShapeError(f"{name}: got rows of lengths {lengths}; expected rows of one length")
        shape = (len(rows), lengths[0] if lengths else 0)
    if 0 in shape:
        raise ShapeError(f"{name}: got an empty matrix of shape {shape}; expected at least one row and one column")
    entries = [as_real(entry, f"{name}[{i}, {j}]") for i, row in enumerate(rows) for j, entry in enumerate(row)]
    return sympy.ImmutableDenseMatrix(*shape, entries)


def _is_row(row: object) -> bool:
    return isinstance(row, Sequence) and not isinstance(row, str | bytes)
