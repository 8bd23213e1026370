"""The toy task of section 6, exactly: F = -(x1 + x2) on the unit square, its mean squared error and its gradient.

Everything here is about the population (the uniform law on the square), where integrals are rational. A finite sample
has the same lower bound with its own mean of F².
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from quadrics.activation import relu
from quadrics.errors import ClaimError
from quadrics.network import Parameters, TwoLayer
from quadrics.rescaling import rescale_to

X1, X2 = sp.symbols("x1 x2", positive=True)
"""Inputs in the open positive quadrant, which holds almost every point of the square."""
NET = TwoLayer(d_in=2, width=2)
TENTH = sp.Rational(1, 10)
OBSTRUCTED = (-TENTH, -TENTH)
FREE = (-TENTH, TENTH)
RATE = sp.Rational(1, 100)
"""The paper's learning rate."""


def target() -> Any:
    """F(x1, x2) = -(x1 + x2).

    >>> target()
    -x1 - x2
    """
    return -(X1 + X2)


def mean(expression: Any) -> Any:
    """The integral over the unit square.

    >>> mean(target()**2)
    7/6
    """
    return sp.integrate(sp.expand(expression), (X1, 0, 1), (X2, 0, 1))


def output(theta: Parameters) -> Any:
    """The network's output on the open quadrant."""
    return NET.output([X1, X2], theta)[0]


def loss(theta: Parameters) -> Any:
    """The mean squared error over the square, for a network that is smooth on its interior.

    >>> loss(dead())
    7/6
    """
    return mean((output(theta) - target()) ** 2)


def forces(theta: Parameters) -> list[tuple[Any, Any]]:
    """For each neuron ``v_k = E 2 (f - F) σ'(w_k·x) x``, so that the gradient is (a_k v_k, w_k·v_k).

    Raises
    ------
    ClaimError
        If a neuron is active on a part of the square only: then the integral needs that part.

    >>> forces(dead())
    [(0, 0), (0, 0)]
    """
    residual = output(theta) - target()
    found = []
    for neuron in theta.neurons():
        z = neuron.w[0] * X1 + neuron.w[1] * X2
        if z.is_positive is None and z.is_nonpositive is None:
            raise ClaimError(f"got input weights {neuron.w}; expected all of them >= 0 or all <= 0")
        slope = relu.derivative(z)
        found.append((mean(2 * residual * slope * X1), mean(2 * residual * slope * X2)))
    return found


def gradient(theta: Parameters) -> Parameters:
    """The exact gradient of :func:`loss`, under the same condition as :func:`forces`.

    >>> set(gradient(dead()).entries())
    {0}
    """
    rows = list(zip(theta.neurons(), forces(theta), strict=True))
    W1 = [[n.a[0] * v for v in force] for n, force in rows]
    W2 = [[n.w[0] * force[0] + n.w[1] * force[1] for n, force in rows]]
    return Parameters(W1, W2)


def plateau() -> Parameters:
    """A point of C₊₊ for c = (-1/10, -1/10) where the least loss of that component is attained: f = 0.

    >>> from quadrics.forms import imbalance
    >>> imbalance(plateau())
    [-1/10, -1/10]
    """
    w, a = (sp.Rational(-9, 100), sp.Rational(-3, 25)), sp.Rational(7, 20)
    return Parameters([w, w], [[a, a]])


def dead() -> Parameters:
    """A point of H(-1/10, 1/10) with positive output weights whose neurons are never active on the square.

    All its weights lie in (-√2, √2) and its imbalances are the wanted ones, so that it is an initialization of the
    paper's protocol: rescaling by Proposition 4 leaves it where it is.

    >>> from quadrics.forms import imbalance
    >>> imbalance(dead())
    [-1/10, 1/10]
    """
    return Parameters(
        [(sp.Rational(-9, 100), sp.Rational(-3, 25)), (sp.Rational(-21, 100), sp.Rational(-7, 25))],
        [[sp.Rational(7, 20), sp.Rational(3, 20)]],
    )


def solved() -> Parameters:
    """A point of H(-1/10, 1/10) that computes F: neuron 1 is off, neuron 2 is -relu(x1 + x2), rescaled.

    >>> sp.simplify(output(solved()) - target())
    0
    """
    return rescale_to(Parameters([(0, 0), (1, 1)], [[1, -1]]), list(FREE))


def steep() -> Parameters:
    """A point of C₊₊ for c = (-1/10, -1/10) from which a single step of h = 1/100 moves c by 1.8 percent.

    Its weights lie in (-√2, √2) too.

    >>> from quadrics.forms import imbalance
    >>> imbalance(steep())
    [-1/10, -1/10]
    """
    w, a = sp.Rational(719, 540), sp.Rational(739, 540)
    return Parameters([(w, 0), (w, 0)], [[a, a]])
