"""What becomes of the conserved quantities when gradient flow is discretized or regularized: exact laws.

Gradient descent ``θ' = θ - h g`` does not conserve c = |w|² - |a|², but changes it by a law without remainder, because
the term linear in h is eq. (9) and vanishes:

``c' = c + h² (|g1|² - |g2|²)``.

For scalar output this is a sum of squares plus a multiple of c (Lagrange's identity), so that c never decreases where
it is negative: discretization can heal a pathological neuron, and can create none while h|v| <= 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import sympy

from .errors import ShapeError
from .forms import form, imbalance
from .network import Parameters
from .validation import Expr, Matrix, as_real


def discrete_imbalance(c: Expr, g1_square: Expr, g2_square: Expr, h: Expr, weight_decay: Expr = 0) -> Expr:
    """Return the imbalance after one gradient step: ``(1 - hλ)² c + h² (|g1|² - |g2|²)``, exactly.

    The step is ``θ' = θ - h (g + λθ)``: full batch or minibatch, without momentum, any h; torch's SGD has this
    ``weight_decay``.

    Parameters
    ----------
    c : the imbalance before the step
    g1_square, g2_square : |g1_k|² (with the bias's derivative) and |g2_k|² (times the degree, if it is not 1)
    h : learning rate
    weight_decay : λ

    Examples
    --------
    >>> c, A, B, h = sympy.symbols("c A B h")
    >>> discrete_imbalance(c, A, B, h)
    c + h**2*(A - B)
    >>> discrete_imbalance(1, 4, 0, sympy.Rational(1, 10), weight_decay=1)
    17/20
    """
    values = (as_real(v, name) for v, name in ((c, "c"), (g1_square, "|g1|²"), (g2_square, "|g2|²"), (h, "h")))
    c, g1_square, g2_square, h = values
    return (1 - h * as_real(weight_decay, "weight_decay")) ** 2 * c + h**2 * (g1_square - g2_square)


def discrete_imbalances(
    theta: Parameters, g: Parameters, h: Expr, degree: Expr = 1, weight_decay: Expr = 0
) -> list[Expr]:
    """Return the imbalances after ``θ' = θ - h (g + λθ)`` by the law, for a gradient g that satisfies eq. (9).

    >>> theta, g = Parameters([[3]], [[2]]), Parameters([[70]], [[105]])
    >>> discrete_imbalances(theta, g, 1), imbalance(gradient_step(theta, g, 1))
    ([-6120], [-6120])

    For a vector that is no gradient of a rescaling-invariant loss the law says nothing:

    >>> g = Parameters([[1]], [[1]])
    >>> discrete_imbalances(theta, g, 1), imbalance(gradient_step(theta, g, 1))
    ([5], [3])
    """
    # ⟨⟨g, g⟩⟩_k = |g1|² - degree |g2|².
    squares = [form(g, g, k, degree) for k in range(theta.width)]
    return [
        discrete_imbalance(c, s, sympy.Integer(0), h, weight_decay)
        for c, s in zip(imbalance(theta, degree), squares, strict=True)
    ]


def gradient_step(theta: Parameters, g: Parameters, h: Expr, weight_decay: Expr = 0) -> Parameters:
    """Return ``θ - h (g + λθ)``, one step of gradient descent (eq. 6 for λ = 0).

    >>> gradient_step(Parameters([[3]], [[2]]), Parameters([[1]], [[4]]), 1)
    Parameters(W1=Matrix([[2]]), W2=Matrix([[-2]]), b1=None, b2=None)
    """
    keep = 1 - as_real(h, "h") * as_real(weight_decay, "weight_decay")
    pairs = ((theta.W1, g.W1), (theta.W2, g.W2), (theta.b1, g.b1), (theta.b2, g.b2))
    parts: list[Matrix | None] = []
    for value, slope in pairs:
        if value is None and slope is None:
            parts.append(None)
        elif value is None or slope is None or value.shape != slope.shape:
            raise ShapeError("gradient_step: got a gradient of another architecture; expected that of theta")
        else:
            parts.append(keep * value - h * slope)
    return Parameters(*parts)


def lagrange_imbalance(w: Sequence[Expr], v: Sequence[Expr], c: Expr, h: Expr, degree: Expr = 1) -> Expr:
    """Return the discrete law for scalar output: ``(1 - h²|v|²/k) c + (h²/k) Σ_{i<j} (w_i v_j - w_j v_i)²``.

    Here ``v = Σ_i r_i σ'(w·x_i) x_i``, so that g1 = a v and g2 = ⟨w, v⟩/k (Euler, k the degree); with a bias, w ends
    with b and every x_i with 1. By Lagrange's identity this is :func:`discrete_imbalance` on the quadric. All terms but
    the first are squares: c <= 0 never decreases, whatever h; and c >= 0 stays so while h²|v|² <= k.

    Raises ``ShapeError`` when w and v differ in length.

    >>> w1, w2, v1, v2, c, h = sympy.symbols("w1 w2 v1 v2 c h", real=True)
    >>> lagrange_imbalance((w1, w2), (v1, v2), c, h)
    c*(-h**2*(v1**2 + v2**2) + 1) + h**2*(-v1*w2 + v2*w1)**2
    """
    if len(w) != len(v):
        raise ShapeError(f"lagrange_imbalance: got {len(w)} weights and {len(v)} entries of v; expected as many")
    ratio = h**2 / as_real(degree, "degree")
    minors = sum(((w[i] * v[j] - w[j] * v[i]) ** 2 for i, j in combinations(range(len(w)), 2)), sympy.Integer(0))
    return (1 - ratio * sum((entry**2 for entry in v), sympy.Integer(0))) * c + ratio * minors


def decayed_imbalance(c: Expr, weight_decay: Expr, t: Expr) -> Expr:
    """Return ``c e^(-2λt)``, the imbalance at time t under gradient flow of ``L + λ|θ|²/2``.

    Its sign never changes: ℓ2 regularization breaks the conservation law, and keeps the obstruction.

    >>> decayed_imbalance(-3, 1, 0), decayed_imbalance(-3, 1, 5).is_negative
    (-3, True)
    """
    return as_real(c, "c") * sympy.exp(-2 * as_real(weight_decay, "weight_decay") * as_real(t, "t"))
