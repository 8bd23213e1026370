"""Several neurons as one, in the numbers that a file can hold, with a rigorous bound of what that changes.

Everything that is stored is rounded once from the exact number and compared with it: the bound counts the rounding too.
Bounds are computed in double precision and enlarged by more than all their own roundings together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import mpmath
import numpy as np
import sympy
import torch

from quadrics.errors import NonFiniteError
from quadrics.expansion.activations.bounds import (
    CURVATURE,
    DISPERSION,
    DISPLACEMENT,
    FIRST_ORDER,
    LIPSCHITZ,
    MOMENT,
    RADIUS,
    SECOND_ORDER,
    activation_with_bounds,
    bounds_of,
)
from quadrics.smooth_activation import Z

__all__ = ["LARGEST_RADIUS", "Merged", "Merger", "as_radius", "nearest", "rounded_sum"]

LARGEST_RADIUS = 1e100
"""The largest region of inputs: its square is a number."""

EPS = float(np.finfo(np.float64).eps)
TINY = float(np.finfo(np.float64).tiny)
DIGITS = 50

Array = np.ndarray[Any, np.dtype[np.float64]]


class Merged(NamedTuple):
    """One neuron in the place of several: w (D,) with its bias last, a (e,), and what that costs at most.

    Attributes:
        moved: how far the function moves because incoming weights do; 0 if they are equal.
        rounding: and because the sum of the outgoing weights is rounded.
        silence: how far it moves if the merged neuron is left out instead.
    """

    members: tuple[int, ...]
    w: Array
    a: Array
    moved: float
    rounding: float
    silence: float

    @property
    def is_exact(self) -> bool:
        """Whether the members have equal incoming weights."""
        return self.moved == 0

    @property
    def is_finite(self) -> bool:
        """Whether the merged neuron can be stored."""
        return bool(np.isfinite(self.w).all() and np.isfinite(self.a).all())


class Merger:
    """Merges neurons of one network; costs are over all inputs |x| ≤ ``radius``.

    Args:
        incoming: (l, D) incoming weights, biases last where there are any.
        outgoing: (l, e).
        dtype: the type in which merged neurons are stored.
        activation: its name.
        radius: of the inputs.
        has_bias: whether there are biases.

    >>> rows, out = np.array([[1.0], [1.5]]), np.array([[1.0], [1.0]])
    >>> Merger(rows, out, torch.float32, "tanh", radius=1.0, has_bias=False)([0, 1]).w
    array([1.25])
    """

    def __init__(
        self, incoming: Array, outgoing: Array, dtype: torch.dtype, activation: str, radius: float, has_bias: bool
    ) -> None:
        self.incoming, self.outgoing, self.dtype = incoming, outgoing, dtype
        self.formula = activation_with_bounds(activation).formula
        bounds = bounds_of(activation)
        self.radius = _up(math.hypot(radius, 1.0)) if has_bias else radius
        reach = sympy.Symbol("reach", nonnegative=True)
        self._highest: Callable[[float], float] = sympy.lambdify(reach, bounds.on(reach), "math")
        known = {LIPSCHITZ: bounds.lipschitz, RADIUS: sympy.Float(self.radius, 20)}
        orders = [FIRST_ORDER.subs(known)]
        if bounds.curvature is not None:
            orders.append(SECOND_ORDER.subs({**known, CURVATURE: bounds.curvature}))
        self._orders = [sympy.lambdify([DISPLACEMENT, MOMENT, DISPERSION], order.evalf(20), "math") for order in orders]

    def __call__(self, members: Sequence[int]) -> Merged:
        """Return the neuron that stands for the members: the best of the candidates for w, and the sum of the a."""
        rows, out = self.incoming[list(members)], self.outgoing[list(members)]
        if len(members) == 1:
            silence = self._enlarged(self.highest(rows[0]) * math.hypot(*out[0]), len(out[0])) if out.any() else 0.0
            return Merged(tuple(members), rows[0], out[0], 0.0, 0.0, silence)
        sums = [rounded_sum(column.tolist(), self.dtype) for column in out.T]
        a, errors = np.array([s for s, _ in sums]), np.array([e for _, e in sums])
        exact = np.array([math.fsum(column) for column in out.T])
        with np.errstate(over="ignore", invalid="ignore"):
            w, moved = self._center(rows, out, exact)
            loudest = self.highest(w)
            rounding, silence = (self._enlarged(loudest * math.hypot(*v), len(v)) for v in (errors, exact))
        return Merged(tuple(members), w, a, moved, rounding if errors.any() else 0.0, silence if exact.any() else 0.0)

    def highest(self, w: Array) -> float:
        """Return a bound of |σ(w·x)| on the region."""
        return self._enlarged(self._highest(self._enlarged(math.hypot(*w) * self.radius, len(w))), 4)

    def constant(self, members: Sequence[int], bias: Array) -> tuple[Array, float]:
        """Return bias (e,) + Σ a_i σ(b_i), rounded once, for neurons with w = 0, and a bound of its rounding error."""
        at = [self._bias(i) for i in members]
        heights = [self.formula.subs(Z, sympy.Rational(b)) for b in at]
        exact = all(height.is_Rational for height in heights)
        number: Any = Fraction if exact else mpmath.mpf
        values, errors = [], []
        with mpmath.workdps(DIGITS):
            if exact:
                heights = [Fraction(int(height.p), int(height.q)) for height in heights]
            else:
                sigma = sympy.lambdify(Z, self.formula, "mpmath")
                heights = [sigma(mpmath.mpf(b)) for b in at]
            for b2, column in zip(bias.tolist(), self.outgoing[list(members)].T.tolist(), strict=True):
                value = sum((number(a) * height for a, height in zip(column, heights, strict=True)), number(b2))
                stored = nearest(_float(value), lambda c, v=value: _float(abs(v - number(c))), self.dtype)  # type: ignore[misc]
                error = _float(abs(value - number(stored))) if math.isfinite(stored) else math.inf
                # The formulas of σ lose a few of the 50 digits, relative to |z| at most.
                lost = 0.0 if exact else 1e-40 * sum(abs(a) * (1 + abs(b)) for a, b in zip(column, at, strict=True))
                values.append(stored)
                errors.append(error + lost)
        return np.array(values), self._enlarged(math.hypot(*errors), len(errors)) if any(errors) else 0.0

    def is_silent(self, k: int) -> bool:
        """Whether a neuron with w = 0 is zero: σ(b) = 0."""
        at = sympy.Rational(self._bias(k))
        return bool(self.formula.subs(Z, at) == 0)

    def _bias(self, k: int) -> float:
        """b_k of a neuron with w = 0."""
        return float(self.incoming[k, -1])

    def _center(self, rows: Array, out: Array, total: Array) -> tuple[Array, float]:
        """The stored w̄ for which the bound is least, and the bound.

        Candidates are the mean weighted by |a|_1, as in :func:`quadrics.expansion.reduction.reduce`, and the one that
        makes ‖Σ a_i (w_i - w̄)ᵀ‖ least, the mean weighted by a_i·Σa, which may lie far away where outgoing weights
        cancel.
        """
        if (rows == rows[0]).all():
            return rows[0], 0.0
        candidates = []
        for weights in (np.abs(out).sum(1), out @ total):
            whole = weights.sum()
            mean = (weights / whole) @ rows if whole != 0 else rows.mean(0)
            candidates.append(torch.tensor(mean).to(self.dtype).double().numpy())
        return min(((w, self._moved(rows - w, out)) for w in candidates), key=lambda pair: pair[1])

    def _moved(self, steps: Array, out: Array) -> float:
        lengths, sizes = _lengths(out), _lengths(steps)
        count = steps.size + out.size
        least = count * TINY  # what products may have lost below the least number
        displacement, dispersion = float(lengths @ sizes) + least, float(lengths @ sizes**2) + least
        moment = float(np.linalg.norm(out.T @ steps)) + least
        # Terms of the moment may cancel: each was rounded relative to itself.
        moment += (count + 16) * EPS * displacement
        bounds = [self._enlarged(order(displacement, moment, dispersion), count) for order in self._orders]
        finite = [bound for bound in bounds if math.isfinite(bound)]
        return min(finite, default=math.inf)

    def _enlarged(self, value: float, count: int) -> float:
        """More than the exact value, which was computed from ``count`` numbers without cancellation.

        A sum of n products and roots takes fewer than n + 16 roundings one after another, each by eps/2 at most; this
        is twice that. ``TINY`` makes up for what is below the least number.
        """
        return value * (1 + (count + 16) * EPS) + (count + 16) * TINY


def rounded_sum(values: Sequence[float], dtype: torch.dtype) -> tuple[float, float]:
    """Return the sum, exact and then rounded once to a number of type ``dtype``, and the size of the rounding error.

    >>> rounded_sum([1.0, 2.0**-30], torch.float32) == (1.0, 2.0**-30)
    True
    >>> rounded_sum([1e16, 1.0, -1e16], torch.float64)
    (1.0, 0.0)
    """
    stored = nearest(math.fsum(values), lambda c: abs(math.fsum([*values, -c])), dtype)
    return stored, abs(math.fsum([*values, -stored])) if math.isfinite(stored) else math.inf


def nearest(start: float, error: Callable[[float], float], dtype: torch.dtype) -> float:
    """Return the number of type ``dtype`` with the least error, near ``start``, which is the exact number in double.

    Rounding twice, to double and then to ``dtype``, may miss it by one.
    """
    first = torch.tensor(start, dtype=torch.float64).to(dtype)
    if dtype == torch.float64 or not bool(first.isfinite()):
        return float(first)
    sides = [torch.tensor(end, dtype=dtype) for end in (-math.inf, math.inf)]
    around = [float(first), *(float(torch.nextafter(first, side)) for side in sides)]
    return min((c for c in around if math.isfinite(c)), key=error)


def _float(value: Any) -> float:
    """An exact or long number in double precision; infinity if it is too large."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _up(value: float) -> float:
    return math.nextafter(value, math.inf)


def _lengths(rows: Array) -> Array:
    """(n,) lengths, without underflow of the squares."""
    size = np.abs(rows).max(1)
    relative = rows / np.where(size > 0, size, 1.0)[:, None]
    lengths: Array = size * np.sqrt((relative**2).sum(1))
    return lengths


def as_radius(radius: object) -> float:
    """Return a radius of a region of inputs.

    >>> as_radius(0)
    Traceback (most recent call last):
    ...
    quadrics.errors.NonFiniteError: radius: got 0; expected a positive number of at most 1e+100
    """
    if isinstance(radius, bool) or not isinstance(radius, int | float) or not 0 < radius <= LARGEST_RADIUS:
        raise NonFiniteError(f"radius: got {radius!r}; expected a positive number of at most {LARGEST_RADIUS}")
    return float(radius)
