r"""The sizes r and m of an expansion: checked, and estimated before anything large is started.

Both counts have exponential generating functions with non-negative coefficients, so each is at most
:math:`m!\,x^{-m} F(x)` for *every* x > 0: a bound that costs nothing, and is close at the best x.

>>> from quadrics.expansion.counts import T
>>> round(log10_bound(30, 60), 1), T(30, 60) < 10 ** log10_bound(30, 60)
(89.0, True)
"""

from __future__ import annotations

from math import exp, expm1, inf, lgamma, log, log1p

from ..errors import DimensionError
from ..validation import as_dimension

MAX_WIDTH = 20_000
"""From here on an exact count takes minutes; bounds and asymptotic forms have no limit."""

MAX_LISTED = 2_000_000
"""How many subspaces are listed unless more are asked for: some seconds."""

SUBSPACES_PER_SECOND = 500_000
"""What a listing does on an ordinary machine, for estimates in messages."""


def as_sizes(r: object, m: object) -> tuple[int, int]:
    """Return (r, m) as integers of at least 0.

    Raises ``DimensionError`` for anything else.

    >>> as_sizes(2, -1)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: m: got -1; expected an integer of at least 0
    """
    return as_dimension(r, "r", 0), as_dimension(m, "m", 0)


def as_expansion(r: object, m: object) -> tuple[int, int]:
    """Return (r, m) as integers with 0 ≤ r ≤ m, the sizes for which there is an expansion.

    >>> as_expansion(3, 2)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: sizes: got r = 3 and m = 2; expected r <= m (a network is expanded to a width \
that is at least its own)
    """
    r, m = as_sizes(r, m)
    if r > m:
        raise DimensionError(
            f"sizes: got r = {r} and m = {m}; expected r <= m (a network is expanded to a width that is at least its "
            "own)"
        )
    return r, m


def log10_bound(r: int, m: int, zero_types: bool = True) -> float:
    r"""Return an upper bound of :math:`\log_{10} T(r, m)`, or of :math:`\log_{10} G(r, m)` without zero-type neurons.

    The minimum over x of :math:`\log(m!\,x^{-m}(e^x-1)^r e^{e^x-1})`, found by ternary search on log x, where the
    function is convex. Any x gives a bound.

    >>> round(log10_bound(10**6, 2 * 10**6))
    11922163
    """
    if r > m:
        return -inf

    def log_value(u: float) -> float:
        x = exp(u)
        e = x + log(-expm1(-x)) if x > 1 else log(expm1(x))  # log(e^x - 1)
        return lgamma(m + 1) - m * u + r * e + (exp(e) if zero_types else 0.0)

    low, high = -20.0, log1p(log1p(float(m))) + 3.0
    for _ in range(100):
        third = (high - low) / 3
        if log_value(low + third) < log_value(high - third):
            high -= third
        else:
            low += third
    return log_value((low + high) / 2) / log(10) + 1e-9


def as_countable(r: object, m: object) -> tuple[int, int]:
    """Return (r, m), refusing widths whose exact count would take minutes.

    >>> as_countable(10**6, 2 * 10**6)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: m: got 2000000; expected at most 20000 for an exact count (it would have up to \
about 11922163 digits; log10_bound and the asymptotic forms have no limit)
    """
    r, m = as_sizes(r, m)
    if m > MAX_WIDTH:
        digits = max(round(log10_bound(r, m)), 1) if r <= m else 1
        raise DimensionError(
            f"m: got {m}; expected at most {MAX_WIDTH} for an exact count (it would have up to about {digits} digits; "
            "log10_bound and the asymptotic forms have no limit)"
        )
    return r, m


def duration(seconds: float) -> str:
    """Return a length of time for people.

    >>> duration(0.2), duration(90), duration(4e5), duration(1e300)
    ('about a second', 'about 2 minutes', 'about 5 days', 'over a million years')
    """
    units = (("seconds", 60.0), ("minutes", 60.0), ("hours", 24.0), ("days", 365.0), ("years", 1e6))
    for name, size in units:
        if seconds < size:
            rounded = max(round(seconds), 1)
            return f"about {rounded} {name}" if rounded > 1 else f"about {'an' if name == 'hours' else 'a'} {name[:-1]}"
        seconds /= size
    return "over a million years"


def refuse_listing(what: str, count: int, most: int | None, instead: str) -> None:
    """Raise ``DimensionError`` if ``count`` things are more than ``most`` (``None``: never)."""
    if most is None or count <= most:
        return
    shown = str(count) if count < 10**15 else f"about 10^{(count.bit_length() - 1) * 30103 // 100000}"
    seconds = count / SUBSPACES_PER_SECOND if count < 10**30 else 1e30
    raise DimensionError(
        f"{what}: got {shown} to list, which would take {duration(seconds)}; expected at most {most} "
        f"({instead}, or pass most=None to list them all the same)"
    )
