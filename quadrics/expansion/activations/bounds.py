r"""How fast and how far an activation can go, and with it how much a merge of neurons changes a network at most.

For neurons with incoming weights w_i = w̄ + Δ_i (biases included), outgoing weights a_i and inputs \|x\| ≤ R (\|(x, 1)\|
with biases), put together into one neuron (w̄, Σ a_i), the mean value theorem gives

.. math:: \Bigl| \sum_i a_i \bigl(\sigma(w_i \cdot x) - \sigma(\bar w \cdot x)\bigr) \Bigr|
          \le \sup|\sigma'| \, R \sum_i |a_i| |\Delta_i|,

the bound of :meth:`quadrics.expansion.reduction.Reduction.error_bound`. If σ'' is bounded too, Taylor's formula gives

.. math:: \sup|\sigma'| \, R \, \Bigl\| \sum_i a_i \Delta_i^T \Bigr\|
          + \tfrac12 \sup|\sigma''| \, R^2 \sum_i |a_i| |\Delta_i|^2,

which is of second order where w̄ is the mean of the w_i weighted by outgoing weights a_i of one sign: the first term is
then zero. Suprema are found exactly, among the values at critical points and the limits at infinity.

>>> bounds_of("sigmoid")
ActivationBounds(lipschitz=1/4, curvature=sqrt(3)/18, at_zero=1/2, largest=1)
>>> bounds_of("relu").curvature is None
True
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy

from ...activation import relu
from ...errors import UnknownActivationError
from ...smooth_activation import NAMED, SmoothActivation, Z, activation_named, sigmoid, soft_sigmoid, softplus
from ...validation import Expr, as_real

RELU = SmoothActivation("relu", relu(Z))
"""ReLU, which is smooth but for one point: Lipschitz, without a second derivative."""

NAMES = tuple(sorted([*NAMED, RELU.name]))
"""The activations of which bounds are known."""

LIPSCHITZ, CURVATURE, RADIUS = sympy.symbols("L C R", nonnegative=True)
DISPLACEMENT, MOMENT, DISPERSION = sympy.symbols("D_1 M D_2", nonnegative=True)

FIRST_ORDER = LIPSCHITZ * RADIUS * DISPLACEMENT
r"""The first bound, with ``DISPLACEMENT`` Σ\|a_i\|\|Δ_i\|."""

SECOND_ORDER = LIPSCHITZ * RADIUS * MOMENT + CURVATURE * RADIUS**2 * DISPERSION / 2
r"""The second bound, with ``MOMENT`` ‖Σ a_i Δ_iᵀ‖ (Frobenius) and ``DISPERSION`` Σ\|a_i\|\|Δ_i\|²."""


@dataclass(frozen=True)
class ActivationBounds:
    """Bounds of an activation on the whole line.

    Attributes
    ----------
    lipschitz : of the first derivative's absolute value
    curvature : of the second's; None where there is none (ReLU)
    at_zero : the absolute value at 0
    largest : of the absolute value; None where it is not bounded
    """

    lipschitz: Expr
    curvature: Expr | None
    at_zero: Expr
    largest: Expr | None

    def on(self, reach: object) -> Expr:
        r"""Return a bound of \|σ(z)\| for \|z\| ≤ reach: \|σ(0)\| + sup\|σ'\| reach, or the largest value if less.

        >>> bounds_of("tanh").on(sympy.Rational(1, 3)), bounds_of("tanh").on(5), bounds_of("softplus").on(2)
        (1/3, 1, log(2) + 2)
        """
        growth = self.at_zero + self.lipschitz * as_real(reach, "reach")
        return growth if self.largest is None else sympy.Min(growth, self.largest)


def activation_with_bounds(name: str) -> SmoothActivation:
    """Return the activation of this name; text is looked up, never evaluated.

    Raises ``UnknownActivationError`` with the names there are.

    >>> activation_with_bounds("relu")(-3)
    0
    >>> activation_with_bounds("sin")
    Traceback (most recent call last):
    ...
    quadrics.errors.UnknownActivationError: activation: got 'sin'; expected one of erf, gelu, relu, sigmoid, silu, \
soft_sigmoid, softplus, tanh
    """
    if name not in NAMES:
        raise UnknownActivationError(f"activation: got {name!r}; expected one of {', '.join(NAMES)}")
    return RELU if name == RELU.name else activation_named(name)


@cache
def bounds_of(name: str) -> ActivationBounds:
    r"""Return the bounds of a named activation.

    They are suprema, with two exceptions. For soft_sigmoid, softplus(z) + sigmoid(4z), they are the sums of its parts'.
    For silu, with t = tanh(z/2), σ' = (1 + t)/2 + z(1 - t²)/4 and σ'' = (1 - t²)(2 - zt)/4. Where \|σ'\| is largest,
    σ'' = 0, so zt = 2 and \|σ'\| = 1/2 + \|z\|/4; as zt grows with \|z\| and exceeds 2 at z = 12/5, that is at most
    11/10 (the supremum is 1.0998). And \|σ''\| ≤ 1/2: if zt ≤ 2 because 2 - zt ≤ 2, otherwise because with u = z/2
    (1 - t²)\|u\| = \|u\|/cosh²u ≤ \|u\|/(1 + u²) ≤ 1/2.

    Raises ``UnknownActivationError`` with the names there are.

    >>> bounds_of("gelu").lipschitz, bounds_of("gelu").curvature
    (exp(-1)/sqrt(pi) + erf(1)/2 + 1/2, sqrt(2)/sqrt(pi))
    """
    sigma = activation_with_bounds(name)
    at_zero = abs(sigma(0))
    if name == "relu":
        return ActivationBounds(sympy.Integer(1), None, at_zero, None)
    if name == "silu":
        return ActivationBounds(sympy.Rational(11, 10), sympy.Rational(1, 2), at_zero, None)
    if name == "soft_sigmoid":
        soft, steep, gamma = bounds_of(softplus.name), bounds_of(sigmoid.name), sympy.Integer(4)
        assert sigma == soft_sigmoid(1, gamma)
        bend = sympy.Add(soft.curvature, sympy.Mul(gamma**2, steep.curvature))
        return ActivationBounds(soft.lipschitz + gamma * steep.lipschitz, bend, at_zero, None)
    largest = supremum(sigma.formula) if sympy.limit(sigma.formula, Z, sympy.oo).is_finite else None
    return ActivationBounds(supremum(sigma.derivative(Z)), supremum(sigma.derivative(Z, 2)), at_zero, largest)


def supremum(g: Expr) -> Expr:
    r"""Return the supremum of \|g\| on the line, exactly: the largest value at a critical point or limit at infinity.

    g(Z) is a rational function of exp(Z), or its derivative a polynomial in Z times exp(-cZ²).

    >>> supremum(sympy.tanh(Z)), supremum(sympy.exp(-(Z**2)) * Z)
    (1, sqrt(2)*exp(-1/2)/2)
    """
    y = sympy.Symbol("y", positive=True)
    rational = sympy.cancel(sympy.together(g.rewrite(sympy.exp).subs(Z, sympy.log(y))))
    if rational.is_rational_function(y) and not rational.has(sympy.log):
        numerator = sympy.fraction(sympy.together(sympy.diff(rational, y)))[0]
        values = [rational.subs(y, root) for root in _real_roots(numerator, y) if root.is_positive]
        values += [sympy.limit(rational, y, 0, "+"), sympy.limit(rational, y, sympy.oo)]
    else:
        values = [g.subs(Z, root) for root in _real_roots(_polynomial_factor(sympy.diff(g, Z)), Z)]
        values += [sympy.limit(g, Z, end) for end in (-sympy.oo, sympy.oo)]
    return sympy.simplify(max((abs(value) for value in values), key=lambda value: value.evalf(30)))


def _real_roots(polynomial: Expr, x: Expr) -> list[Expr]:
    """All real roots, in radicals."""
    monic = sympy.Poly(polynomial, x).monic()
    roots = sympy.roots(monic)
    assert sum(roots.values()) == monic.degree(), f"not all roots of {monic} are known"
    return [root for root in roots if root.is_real]


def _polynomial_factor(g: Expr) -> Expr:
    """p of g = p(Z) exp(-cZ²)."""
    (gaussian,) = {power for power in sympy.expand(g).atoms(sympy.exp) if power.has(Z)}
    polynomial = sympy.simplify(sympy.expand(g) / gaussian)
    assert polynomial.is_polynomial(Z)
    return polynomial
