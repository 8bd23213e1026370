"""Measurements for section 4.3: G and T as probabilities that random maps hit every label."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from math import e, factorial
from typing import Any

import numpy as np

from proofs import Check, Context, Control, Outcome, decided, measurement
from quadrics.expansion.counts import G, T

from ...intervals import proportion_interval

Count = Callable[[int, int], Any]
SIZES = ((1, 4), (2, 5), (3, 8), (5, 12), (10, 20), (20, 45))


def _maps(context: Context, name: str) -> tuple[np.random.Generator, int]:
    return np.random.default_rng(context.seed_for(name)), context.pick(quick=40_000, full=1_000_000)


def _hits_all(letters: np.ndarray, r: int) -> int:
    """How many rows contain each of 0, ..., r - 1."""
    seen = np.ones(len(letters), dtype=bool)
    for t in range(r):
        seen &= (letters == t).any(axis=1)
    return int(seen.sum())


def _onto(count: Count, context: Context) -> Outcome:
    """A uniform map of [m] to r labels is onto with probability G(r, m)/r^m."""
    source, trials = _maps(context, "maps onto the labels")
    for r, m in SIZES:
        hits = context.once(
            ("onto", r, m),
            lambda r=r, m=m: _hits_all(source.integers(r, size=(trials, m)), r),  # type: ignore[misc]
        )
        interval = proportion_interval(hits, trials)
        if not interval.contains(float(Fraction(int(count(r, m)), r**m))):
            return decided(False, r=r, m=m, measured=str(interval), said=float(Fraction(int(count(r, m)), r**m)))
    return decided(True, trials=trials)


@lru_cache(maxsize=64)
def _weights(r: int, m: int) -> tuple[list[float], float]:
    """The distribution of n, proportional to (r + n)^m/n!, and Σ (r + n)^m/n! / e.

    From n = 4m on a term is less than half the one before, so what follows n = 4m + 60 is below 2^-60 of the sum.
    """
    terms = [Fraction((r + n) ** m, factorial(n)) for n in range(4 * m + 60 + r)]
    total = sum(terms)
    return [float(part / total) for part in accumulate(terms)], float(total) / e


def _dobinski(count: Count, context: Context) -> Outcome:
    """Draw n with weight (r + n)^m/n!, then a map of [m] to r + n letters: r given ones are hit with T(r, m)/Z.

    Z = Σ (r + n)^m/(n! e): Dobinski's formula, T(r, m) = Σ_n Δ^r x^m (n)/(n! e), and Δ^r x^m (n) counts these maps.
    """
    source, trials = _maps(context, "maps to labels and groups")

    def hits(r: int, m: int) -> int:
        n = np.searchsorted(_weights(r, m)[0], source.random(trials))
        return _hits_all(np.floor(source.random((trials, m)) * (r + n)[:, None]), r)

    for r, m in SIZES:
        interval = proportion_interval(context.once(("dobinski", r, m), lambda r=r, m=m: hits(r, m)), trials)  # type: ignore[misc]
        said = float(count(r, m)) / _weights(r, m)[1]
        if not interval.contains(said):
            return decided(False, r=r, m=m, measured=str(interval), said=said)
    return decided(True, trials=trials)


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "simsek.prop4.5a": (
        measurement(
            "the proportion of random maps to r labels that are onto, up to (r, m) = (20, 45)",
            lambda: lambda r, m: G(r, m),
            _onto,
            [
                Control("T in place of G", lambda count: lambda r, m: T(r, m)),
                Control("a tenth more", lambda count: lambda r, m: count(r, m) * 11 // 10),
            ],
        ),
    ),
    "simsek.prop4.5b": (
        measurement(
            "the proportion of random maps to r labels and a random number of other letters that hit every label",
            lambda: lambda r, m: T(r, m),
            _dobinski,
            [
                Control("G in place of T", lambda count: lambda r, m: G(r, m)),
                Control("a tenth more", lambda count: lambda r, m: count(r, m) * 11 // 10),
                Control("the next width", lambda count: lambda r, m: count(r, m + 1)),
            ],
        ),
    ),
}
