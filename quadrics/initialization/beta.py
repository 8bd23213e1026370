"""The regularized incomplete beta function at half-integers: the law of |w|^2 / (|w|^2 + a^2) for Gaussian weights."""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import (
    Integer,
    Rational,
    S,
    Symbol,
    atan,
    beta,
    betainc_regularized,
    cancel,
    cos,
    gamma,
    integrate,
    pi,
    sin,
    sqrt,
    sympify,
)

LARGEST_CLOSED_FORM = 200
"""Up to this value of ``2(a + b)`` the finite sum is written out; beyond it the function itself stands there."""


def half_integer_beta(a: Any, b: Any, odds: Any) -> Any:
    r"""The regularized incomplete beta function :math:`I_x(a, b)` as a function of the odds :math:`x / (1 - x)`.

    For half-integers :math:`a, b` (that is, for Gaussian vectors of integer dimensions) the substitution
    :math:`x = \sin^2\varphi` makes it a trigonometric integral with four base cases (integrated by SymPy), from which

    .. math:: I_x(a + 1, b) = I_x(a, b) - \frac{x^a (1 - x)^b}{a B(a, b)},\quad
              I_x(a, b + 1) = I_x(a, b) + \frac{x^a (1 - x)^b}{b B(a, b)}

    lead to a finite sum. For symbolic ``a`` or ``b``, and beyond :data:`LARGEST_CLOSED_FORM`, SymPy's own function is
    returned, which evaluates to any precision.

    References: NIST Digital Library of Mathematical Functions, 8.17.20 and 8.17.21.

    >>> half_integer_beta(Rational(1, 2), Rational(1, 2), 1), half_integer_beta(1, Rational(1, 2), 3)
    (1/2, 1/2)
    >>> half_integer_beta(Symbol("a"), 1, 1)
    betainc_regularized(a, 1, 0, 1/2)
    """
    a, b, odds = sympify(a), sympify(b), sympify(odds)
    if odds == 0:
        return S.Zero
    if not (_is_half_integer(a) and _is_half_integer(b)) or 2 * (a + b) > LARGEST_CLOSED_FORM:
        return betainc_regularized(a, b, 0, cancel(odds / (1 + odds)))
    inside, outside = cancel(odds / (1 + odds)), cancel(1 / (1 + odds))
    start_a, start_b = _start(a), _start(b)
    value = _base_case(start_a, start_b, odds, inside, outside)
    if a > start_a:
        value -= _sum_of_steps(start_a, start_b, a, inside, outside)
    if b > start_b:
        value += _sum_of_steps(start_b, a, b, outside, inside)
    return value


def fisher_cdf(x: Any, d: Any) -> Any:
    r"""The distribution function :math:`F_{1, d}(x)` of the Fisher-Snedecor law with 1 and ``d`` degrees of freedom.

    :math:`F_{1, d}(x) = I_{x / (x + d)}(1/2, d/2)`, the law of :math:`a^2 / (|w|^2 / d)` for standard normal
    :math:`a \in \mathbb{R}, w \in \mathbb{R}^d` (Appendix F of Nurisso et al.).

    >>> x = Symbol("x", positive=True)
    >>> fisher_cdf(x, 1), fisher_cdf(x, 2)
    (2*atan(sqrt(x))/pi, sqrt(x)/sqrt(x + 2))
    >>> fisher_cdf(3, 1)
    2/3
    """
    d = sympify(d)
    return half_integer_beta(Rational(1, 2), d / 2, sympify(x) / d)


def leading_term(a: Any, b: Any, x: Any) -> Any:
    r"""The leading term :math:`x^a / (a B(a, b))` of :math:`I_x(a, b)` as :math:`x \to 0`.

    >>> leading_term(1, Rational(1, 2), Symbol("x"))
    x/2
    """
    return sympify(x) ** a / (a * beta(a, b).rewrite(gamma))


def _is_half_integer(value: Any) -> bool:
    return bool(value.is_number and (2 * value).is_integer and value > 0)


def _start(value: Any) -> Any:
    return S.One if value.is_integer else S.Half


@cache
def _trigonometric_base(a: Any, b: Any) -> tuple[Any, Any]:
    """The integral of sin^(2a-1) cos^(2b-1) from 0 to phi, normalised to 1 at pi/2, and its variable."""
    phi = Symbol("phi", positive=True)
    integral = integrate(sin(phi) ** (2 * a - 1) * cos(phi) ** (2 * b - 1), (phi, 0, phi))
    return integral / integral.subs(phi, pi / 2), phi


def _base_case(a: Any, b: Any, odds: Any, inside: Any, outside: Any) -> Any:
    value, phi = _trigonometric_base(a, b)
    return value.subs({sin(phi): sqrt(inside), cos(phi): sqrt(outside), phi: atan(sqrt(odds))}, simultaneous=True)


def _sum_of_steps(start: Any, other: Any, end: Any, x: Any, y: Any) -> Any:
    """Sum of x^a y^other / (a B(a, other)) over a = start, start + 1, ..., end - 1, by Horner's scheme."""
    tail: Any = Integer(0)
    a = end - 1
    while a > start:
        tail = (1 + tail) * x * (a - 1 + other) / a
        a -= 1
    first = x**start * y**other * gamma(start + other) / (gamma(start + 1) * gamma(other))
    return first * (1 + tail)
