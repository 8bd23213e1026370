r"""P[\|u\| < r v], u uniform in a cube and v in [0, 1], at once in high dimension: quadrature through the saddle point.

``quadrics.initialization.CubeShorterThan`` is this probability, exact where there is a closed form and otherwise to
any precision, in time that grows with the dimension n. In double precision n only helps. With the Laplace transforms

.. math:: M(p) = E e^{-p u^2} = \frac{\sqrt\pi}{2 \sqrt p} \operatorname{erf} \sqrt p, \quad
          V(p) = E e^{p r^2 v^2} = e^{p r^2} \frac{D(r \sqrt p)}{r \sqrt p}

(D is Dawson's function), the probability is :math:`\frac{1}{2 \pi i} \int M(p)^n V(p) \frac{dp}{p}` over any vertical
line to the right of 0. On the line through the real saddle point the integrand does not cancel, and it decays like
:math:`|p|^{-(n + 4) / 2}`, so that the trapezoidal rule converges geometrically and keeps the *relative* precision.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import dawsn, erf

from quadrics.errors import DimensionError

__all__ = ["LEAST", "log_probability"]

LEAST = 6
"""From this dimension on the integrand decays fast enough."""

BLOCK = 512
NEGLIGIBLE = 1e-14


def log_probability(n: int, r: float) -> float:
    """Return log P[|u| < r v] for u uniform in [-1, 1]^n, v uniform in [0, 1], n ≥ 6, r² ≤ n; a relative error of 1e-9.

    The logarithm, because the probability itself soon is too small for a double.

    Raises:
        DimensionError: n below 6, or r not between 0 and √n (the corner of the cube).

    >>> from quadrics.initialization import ball_in_cube
    >>> exact = float(ball_in_cube(7, 1).evalf())
    >>> abs(math.exp(log_probability(7, 1.0)) / exact - 1) < 1e-9
    True
    >>> round(log_probability(784, 1.6) / math.log(10))
    -732
    """
    if n < LEAST or not 0 < r <= math.sqrt(n) * (1 + 1e-12):
        raise DimensionError(f"log_probability: got n = {n}, r = {r}; expected n of at least {LEAST} and 0 < r <= √n")

    def exponent(p: Any) -> Any:
        """log of the integrand M^n V / p."""
        root = np.sqrt(p)
        of_u = np.log(math.sqrt(math.pi) / 2 * erf(root) / root)
        of_v = r * r * p + np.log(dawsn(r * root) / (r * root))
        return n * of_u + of_v - np.log(p)

    def slope(log_p: float) -> float:
        # d/d log p, by a central difference: the saddle need not be hit exactly.
        return float(exponent(math.exp(log_p + 1e-5)) - exponent(math.exp(log_p - 1e-5)))

    # The slope is -1 at p = 0, and at least -n/2 - 2 + p r^2 for large p.
    low, high = math.log(1e-3) - math.log(r * r + n), math.log(10 * (n + 10)) - 2 * math.log(r)
    saddle = math.exp(brentq(slope, low, high, xtol=1e-6))
    peak = float(exponent(saddle))
    step = 1e-3 * saddle
    curvature = float(exponent(saddle + step) - 2 * peak + exponent(saddle - step)) / step**2
    spacing = 1 / math.sqrt(max(curvature, saddle**-2)) / 8
    total = 0.5
    for start in range(1, 10**6, BLOCK):
        t = spacing * np.arange(start, start + BLOCK)
        values: NDArray[np.complex128] = np.exp(exponent(saddle + 1j * t) - peak)
        total += float(values.real.sum())
        if abs(values[-1]) * t[-1] / spacing < NEGLIGIBLE * abs(total):
            break
    return peak + math.log(total * spacing / math.pi)
