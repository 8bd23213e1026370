r"""All derivatives at 0 of the named activations, in closed form: Bernoulli numbers and values of Hermite polynomials.

They tell exactly which derivatives vanish: B_{2k} ≠ 0 for k ≥ 1 (its sign is that of (-1)^{k+1}), B_{2k+1} = 0, and the
Hermite polynomial H_n is zero at 0 exactly for odd n.

>>> from quadrics.smooth_activation import sigmoid
>>> [derivative_at_zero("sigmoid", n) for n in range(6)] == [sigmoid.derivative(0, n) for n in range(6)]
True
>>> derivative_at_zero("sigmoid", sympy.Symbol("n", integer=True, positive=True))
(2**(n + 1) - 1)*bernoulli(n + 1)/(n + 1)
"""

from __future__ import annotations

from collections.abc import Callable

import sympy

from ...errors import UnknownActivationError
from ...validation import Expr, as_count


def _sigmoid(n: Expr) -> Expr:
    # SymPy's B_1 is +1/2, so that n = 0 gives sigmoid(0) = 1/2 as well.
    return (2 ** (n + 1) - 1) * sympy.bernoulli(n + 1) / (n + 1)


def _softplus(n: Expr) -> Expr:
    return sympy.log(2) if n == 0 else _sigmoid(n - 1)


def _tanh(n: Expr) -> Expr:
    # tanh(z) = 2 sigmoid(2 z) - 1
    return sympy.Integer(0) if n == 0 else 2 ** (n + 1) * _sigmoid(n)


def _silu(n: Expr) -> Expr:
    # The product of z with sigmoid(z).
    return sympy.Integer(0) if n == 0 else n * _sigmoid(n - 1)


def _erf(n: Expr) -> Expr:
    # The derivative of order m of exp(-z²) is (-1)^m H_m(z) exp(-z²).
    if n == 0:
        return sympy.Integer(0)
    return 2 / sympy.sqrt(sympy.pi) * (-1) ** (n - 1) * sympy.hermite(n - 1, 0)


def _gelu(n: Expr) -> Expr:
    # z Φ(z), with Φ(z) = (1 + erf(z/√2))/2.
    if n == 0:
        return sympy.Integer(0)
    if n == 1:
        return sympy.Rational(1, 2)
    return n * _erf(n - 1) / (2 * sympy.sqrt(2) ** (n - 1))


CLOSED_FORMS: dict[str, Callable[[Expr], Expr]] = {
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "tanh": _tanh,
    "silu": _silu,
    "erf": _erf,
    "gelu": _gelu,
}
"""Name -> the derivative of order n at 0."""


def derivative_at_zero(name: str, n: object) -> Expr:
    """Return σ^(n)(0) of a named activation, n a number or a positive symbol (at least 2 for GELU).

    Raises
    ------
    UnknownActivationError
        for a name without a closed form here.
    DimensionError
        if n is no integer of at least 0.

    Examples
    --------
    >>> derivative_at_zero("softplus", 4), derivative_at_zero("tanh", 3), derivative_at_zero("gelu", 2)
    (-1/8, -2, sqrt(2)/sqrt(pi))
    >>> derivative_at_zero("relu", 1)
    Traceback (most recent call last):
    ...
    quadrics.errors.UnknownActivationError: name: got 'relu'; expected one of erf, gelu, sigmoid, silu, softplus, \
tanh, or soft_sigmoid_derivative_at_zero
    """
    if name not in CLOSED_FORMS:
        raise UnknownActivationError(
            f"name: got {name!r}; expected one of {', '.join(sorted(CLOSED_FORMS))}, or soft_sigmoid_derivative_at_zero"
        )
    return CLOSED_FORMS[name](sympy.sympify(as_count(n, "n")))


def soft_sigmoid_derivative_at_zero(n: object, alpha: Expr, gamma: Expr) -> Expr:
    r"""Return g^(n)(0) for g(z) = softplus(z) + α sigmoid(γ z): softplus^(n)(0) + α γ^n sigmoid^(n)(0).

    >>> alpha, gamma = sympy.symbols("alpha gamma", positive=True)
    >>> [soft_sigmoid_derivative_at_zero(n, alpha, gamma) for n in (1, 2, 3)]
    [alpha*gamma/4 + 1/2, 1/4, -alpha*gamma**3/8]
    """
    order = sympy.sympify(as_count(n, "n"))
    return _softplus(order) + alpha * gamma**order * _sigmoid(order)
