"""How a quantity falls and rises along a run: its largest rise after a fall, and its turning points.

Şimşek et al. read approaches to saddles off the norm of the gradient along training: it falls, and rises again. These
two numbers say how far, and how often. Both are exact for exact numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from .errors import DimensionError, NonFiniteError

__all__ = ["largest_rise", "rise_at", "turning_points"]


def largest_rise(values: Sequence[Any]) -> Any:
    r"""Return ``max over s < t of g_t / g_s``: how many times larger than before the quantity ever became.

    It is at most 1 if and only if the quantity never increases; units do not change it. Of a squared norm it is the
    square of that of the norm.

    Parameters
    ----------
    values : positive numbers ``g_0, ..., g_T``, exact or floating point

    Raises
    ------
    DimensionError
        for fewer than two values.
    NonFiniteError
        for a value that is not positive, or is NaN or infinite.

    Examples
    --------
    >>> from sympy import Integer, Rational
    >>> largest_rise([Integer(6), Integer(2), Integer(3), Integer(1)])
    3/2

    The order matters, not the values alone:

    >>> largest_rise([6, 3, 2, 1]), largest_rise([1, 2, 3, 6])
    (0.6666666666666666, 6.0)
    """
    s, t = rise_at(values)
    return values[t] / values[s]


def rise_at(values: Sequence[Any]) -> tuple[int, int]:
    """Return the first pair ``s < t`` of places at which the largest rise is attained, by t and then by s.

    Raises as ``largest_rise`` does.

    >>> rise_at([6, 2, 3, 1])
    (1, 2)
    """
    if len(values) < 2:
        raise DimensionError(f"values: got {len(values)}; expected at least 2")
    for value in values:
        if not 0 < value < float("inf"):
            raise NonFiniteError(f"values: got {value}; expected positive finite numbers")
    lowest, best, largest = 0, (0, 1), values[1] / values[0]
    for t in range(1, len(values)):
        if values[t] / values[lowest] > largest:
            best, largest = (lowest, t), values[t] / values[lowest]
        if values[t] < values[lowest]:
            lowest = t
    return best


def turning_points(values: Sequence[Any]) -> int:
    """Return how often the quantity turns from falling to rising or back; standing still is neither.

    It is the number of sign changes among the increments that are not zero, one less than the number of monotone
    pieces.

    Raises
    ------
    DimensionError
        for fewer than two values.
    NonFiniteError
        for a value that is NaN or infinite.

    Examples
    --------
    >>> turning_points([6, 2, 2, 3, 1])
    2
    >>> turning_points([6, 3, 3, 1])
    0
    """
    if len(values) < 2:
        raise DimensionError(f"values: got {len(values)}; expected at least 2")
    for value in values:
        if not abs(value) < float("inf"):
            raise NonFiniteError(f"values: got {value}; expected finite numbers")
    rising = [b > a for a, b in pairwise(values) if a != b]
    return sum(a != b for a, b in pairwise(rising))
