"""Integers too long for ``str``: as text for people, and as JSON.

Counts of components have a digit for every three neurons; Python refuses to print more than 4,300 digits.

>>> shown(2**5), shown(2**100_000), shown(3**10_000)
('32', '2^100000', '1.6314e4771')
"""

from __future__ import annotations

from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Decimal, Inexact, localcontext

__all__ = ["as_json", "digits", "shown"]

EXACT = 2**53
"""From here on a JSON reader may round."""

LONGEST = 30
"""Digits that are shown in full."""


LEAF = 2048
"""Bits that decimal reads at once."""


def digits(n: int) -> str:
    """Return all decimal digits, however many.

    >>> len(digits(2**100_000))
    30103
    """
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = MAX_PREC, MAX_EMAX, MIN_EMIN
        context.traps[Inexact] = True
        powers: dict[int, Decimal] = {}

        def power_of_two(bits: int) -> Decimal:
            if bits not in powers:
                powers[bits] = Decimal(2) ** bits
            return powers[bits]

        def exact(part: int, bits: int) -> Decimal:
            """By halves: decimal multiplies large numbers fast, but reads large integers slowly."""
            if bits <= LEAF:
                return Decimal(part)
            half = bits // 2
            high, low = part >> half, part & ((1 << half) - 1)
            return exact(high, bits - half) * power_of_two(half) + exact(low, half)

        return ("-" if n < 0 else "") + str(exact(abs(n), n.bit_length()))


def shown(n: int) -> str:
    """Return a number as a line for people: in full, as a power of two, or in five digits.

    >>> shown(-7), shown(10**40), shown(10**40 - 1)
    ('-7', '1.0000e40', '1.0000e40')
    """
    if abs(n) < 10**LONGEST:
        return str(n)
    if n & (n - 1) == 0:
        return f"2^{n.bit_length() - 1}"
    text = digits(abs(n))
    leading, exponent = f"{Decimal(text[:20]):.4e}".split("e")
    return f"{'-' if n < 0 else ''}{leading}e{int(exponent) + len(text) - 20}"


def as_json(n: int) -> int | str:
    """Return an integer as JSON can carry it: a string of digits from 2^53 on.

    >>> as_json(-3), as_json(2**60)
    (-3, '1152921504606846976')
    """
    return n if abs(n) <= EXACT else digits(n)
