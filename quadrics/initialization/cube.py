"""The probability that a point of a cube is shorter than a scaled uniform number: uniform weights."""

from __future__ import annotations

from functools import cache
from math import comb
from typing import Any

import mpmath
from sympy import Float, Function, Integer, Min, S, asinh, atan, gamma, pi, sqrt, sympify


def ball_in_cube(n: Any, r: Any) -> Any:
    r"""The probability :math:`P[|u| < r v] = V_n r^n / (2^n (n + 1))` for :math:`r \leq 1`.

    ``u`` is uniform in the cube :math:`[-1, 1]^n`, ``v`` in [0, 1]; the ball of radius :math:`r v` fits into the cube,
    and :math:`V_n = \pi^{n/2} / \Gamma(n/2 + 1)` is the volume of the unit ball.

    >>> ball_in_cube(2, 1)
    pi/12
    """
    n, r = sympify(n), sympify(r)
    return pi ** (n / 2) / gamma(n / 2 + 1) * r**n / (2**n * (n + 1))


class CubeShorterThan(Function):  # type: ignore[misc]  # SymPy ships no types
    r"""The probability :math:`P[|u| < r v]` for ``u`` uniform in :math:`[-1, 1]^n` and ``v`` uniform in [0, 1].

    Closed forms where they exist: :math:`r \leq 1` (see :func:`ball_in_cube`), :math:`n = 1, 2`. Otherwise the ball
    sticks out of the cube; the function stays as it is and evaluates to any precision: inclusion and exclusion over the
    coordinates beyond 1, each term an inverse Laplace transform of :math:`E e^{-p |u|^2}` whose contour is bent onto
    the real axis, where the integrand decays exponentially.

    Examples:
        >>> CubeShorterThan(1, 2), CubeShorterThan(3, 1)
        (3/4, pi/24)
        >>> CubeShorterThan(3, sqrt(2)), CubeShorterThan(3, sqrt(2)).evalf(10)
        (CubeShorterThan(3, sqrt(2)), 0.3225978573)
    """

    nargs = 2

    @classmethod
    def eval(cls, n: Any, r: Any) -> Any:
        if not r.is_number:
            return None
        if r <= 1:
            return ball_in_cube(n, r)
        if n == 1:
            return 1 - 1 / (2 * r)
        if n == 2:
            return _square(r)
        return None

    def _eval_is_extended_real(self) -> bool:
        return True

    def _eval_evalf(self, prec: int) -> Any:
        n, r = self.args
        if not (n.is_Integer and r.is_number):
            return None
        digits = 20 * (
            mpmath.libmp.prec_to_dps(prec) // 20 + 1
        )  # in steps, so that a neighbouring precision is at hand
        return Float._new(_evaluate(int(n), r, digits)._mpf_, prec)


def _square(r: Any) -> Any:
    r"""P[|u| < r v] for the square and r > 1: the integral of (1 - |u| / r)_+ in polar coordinates.

    The ray at angle phi leaves the unit square at distance sec(phi); with tan(phi) = t there, phi <= pi/4, the boundary
    of the square cuts the disc of radius r for phi below the angle of tangent min(1, sqrt(r^2 - 1)).
    """
    t = Min(S.One, sqrt(r**2 - 1))
    cut = t * r - (t * sqrt(1 + t**2) + asinh(t)) / 3
    return (cut + (pi / 4 - atan(t)) * r**3 / 3) / r


@cache
def _evaluate(n: int, r: Any, digits: int) -> Any:
    """P[|u| < r v] for r > 1 as an mpmath number."""
    with mpmath.workdps(digits + n // 2 + 10):
        if r**2 > n:  # beyond the far corner of the cube only the mean of |u| counts
            corner = mpmath.sqrt(n)
            return 1 - (corner / r._to_mpmath(mpmath.mp.prec)) * (1 - _by_inclusion(n, corner, Integer(n)))
        return _by_inclusion(n, r._to_mpmath(mpmath.mp.prec), r**2)


def _by_inclusion(n: int, radius: Any, squared: Any) -> Any:
    total = mpmath.pi ** (mpmath.mpf(n) / 2) / mpmath.gamma(mpmath.mpf(n) / 2 + 1)
    total *= (radius / 2) ** n / (n + 1)
    for beyond in range(1, n + 1):
        if squared <= beyond:
            break
        total += (-1) ** beyond * comb(n, beyond) * _volume(n, beyond, radius)
    return total


def _volume(n: int, beyond: int, r: Any) -> Any:
    r"""The volume of {u_1, ..., u_j > 1, u_{j+1}, ..., u_n > 0, |u| < r v, 0 < v < 1}, with j = ``beyond``.

    It is (1/2 pi i) \int E(p) dp / p over a vertical line, E(p) the integral of exp(-p (|u|^2 - r^2 v^2)). In the upper
    half plane erfi(z) = i (1 - exp(z^2) w(z)), w(z) = exp(-z^2) erfc(-i z), splits E into a part that decays to the
    right, exp(-j p), and one that decays to the left, exp((r^2 - j) p).
    """
    mp = mpmath.mp
    power = (n + mp.mpf(3)) / 2
    scale = (mp.sqrt(mp.pi) / 2) ** (n + 1) / r
    overlap = r * r - beyond
    start = power / (r * r)

    def faddeeva(z: Any) -> Any:
        return mp.exp(-z * z) * mp.erfc(-1j * z)

    def right(p: Any) -> Any:
        return p**-power * mp.erfc(mp.sqrt(p)) ** beyond

    def left(q: Any) -> Any:  # at p = -q, coming from above
        y = mp.sqrt(q)
        bounded = (1 - 1j * mp.erfi(y)) ** beyond * mp.erfc(r * y)
        return q**-power * mp.im(-1j * mp.expj(-mp.pi * power) * bounded)

    def arc(phase: Any) -> Any:
        root = mp.sqrt(start) * mp.expj(phase / 2)
        p = root * root
        bounded = faddeeva(1j * root) ** beyond * faddeeva(r * root)
        return mp.im(root ** (2 - 2 * power) * mp.exp(overlap * p) * bounded)

    to_the_right = mp.quad(right, _doubling(start, beyond), method="gauss-legendre")
    around = mp.quad(arc, [0, mp.pi / 4, mp.pi / 2, 3 * mp.pi / 4, mp.pi], method="gauss-legendre")
    to_the_left = mp.quad(left, _doubling(start, overlap), method="gauss-legendre")
    return scale * (to_the_right + around - to_the_left) / mp.pi


def _doubling(start: Any, rate: Any) -> list[Any]:
    """Points from ``start`` on, each twice the one before, until exp(-rate p) is below the working precision."""
    points = [start]
    while rate * points[-1] < mpmath.mp.prec:
        points.append(2 * points[-1])
    return points
