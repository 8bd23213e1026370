"""Text from the command line as exact numbers. Nothing is ever evaluated: SymPy's own parser would run code."""

from __future__ import annotations

import re
from fractions import Fraction

from quadrics.errors import ImbalanceError

__all__ = ["as_number", "as_numbers"]

NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?|[+-]?\d+/\d+", re.ASCII)
"""Decimal numbers and fractions; an exponent of more digits would fill the memory."""

LONGEST = 400
"""Characters in one number."""


def as_number(text: str, name: str = "a number") -> Fraction:
    """Return the number that the text denotes, exactly.

    Raises:
        ImbalanceError: the text is no finite decimal number and no fraction.

    >>> as_number("-0.1"), as_number("2e-3"), as_number(" 5/15 ")
    (Fraction(-1, 10), Fraction(1, 500), Fraction(1, 3))
    >>> as_number("__import__('os')")
    Traceback (most recent call last):
    ...
    quadrics.errors.ImbalanceError: a number: got "__import__('os')"; expected a number such as -0.1, 2e-3 or 1/3
    """
    plain = text.strip()
    try:
        if len(plain) <= LONGEST and NUMBER.fullmatch(plain):
            return Fraction(plain)
    except ZeroDivisionError:
        pass
    shown = repr(text if len(text) <= 40 else text[:40] + "...")
    raise ImbalanceError(f"{name}: got {shown}; expected a number such as -0.1, 2e-3 or 1/3")


def as_numbers(text: str, name: str = "numbers") -> list[Fraction]:
    """Return the numbers in a list separated by commas.

    Raises:
        ImbalanceError: an entry is no number, or the list is empty.

    >>> as_numbers("-0.1,-1/10, 3")
    [Fraction(-1, 10), Fraction(-1, 10), Fraction(3, 1)]
    """
    return [as_number(part, f"{name}, entry {k}") for k, part in enumerate(text.split(","), 1)]
