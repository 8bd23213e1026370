"""One random neuron without beta functions: the probabilities of appendix F by plain integration and enumeration.

The witnesses against which the closed forms of :mod:`quadrics.initialization` are compared.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import sympy as sp

from quadrics.errors import DimensionError
from quadrics.invariant_set import InvariantSet


@cache
def healthy_by_integration(d: int, variance1: Any, variance2: Any) -> Any:
    """P[|w|² > a²] for w ~ N(0, v1 I_d), a ~ N(0, v2): the tail of |w|² integrated against the density of a.

    For even d the tail of |w|² is a polynomial times an exponential; for d = 1 it is the probability of a sector.

    >>> healthy_by_integration(2, sp.Integer(1), sp.Integer(1)), healthy_by_integration(1, sp.Integer(3), sp.Integer(1))
    (sqrt(2)/2, 2/3)
    """
    if d == 1:
        return 2 * sp.atan(sp.sqrt(variance1 / variance2)) / sp.pi
    if d % 2:
        raise DimensionError(f"d: got {d}; expected 1 or an even number")
    a = sp.Symbol("a", positive=True)
    half = a**2 / (2 * variance1)
    tail = sp.exp(-half) * sum(half**k / sp.factorial(k) for k in range(d // 2))
    density = 2 * sp.exp(-(a**2) / (2 * variance2)) / sp.sqrt(2 * sp.pi * variance2)
    return sp.simplify(sp.integrate(sp.expand(tail * density), (a, 0, sp.oo)))


def disconnected_by_enumeration(d: int, l: int, variance1: Any, variance2: Any, bias: bool = False) -> Any:
    """P[H(c) disconnected]: the sum over the signs of c, each sign pattern looked up in the topology of H(c).

    >>> disconnected_by_enumeration(1, 2, sp.Integer(1), sp.Integer(1))
    1
    """
    healthy = healthy_by_integration(d, variance1, variance2)
    total: Any = sp.Integer(0)
    for signs in product((1, -1), repeat=l):
        if not InvariantSet(d, 1, signs, bias=bias).is_connected():
            total += healthy ** signs.count(1) * (1 - healthy) ** signs.count(-1)
    return sp.expand(total)
