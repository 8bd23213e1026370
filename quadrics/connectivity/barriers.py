r"""The loss between a minimum and its rescaled copy: a barrier as high as one likes (Zhao et al., section 5.2).

Where a positively homogeneous activation of degree k stands below the last layer (eq. 3),

.. math:: L(W) = \lVert Y - W_l\, \sigma(W_{l-1} f(W_{l-2}, \dots, W_1, X)) \rVert^2 ,

a minimum W with loss 0 has the copies :math:`m \cdot W = (m^{-k} W_l,\, m W_{l-1},\, W_{l-2}, \dots)`, m > 0, which the
curve :math:`t \mapsto m^t \cdot W` joins to W inside the minimum. On the straight segment the output is Y times

.. math:: \varphi(\alpha, m) = (1 - \alpha + \alpha m^{-k}) (1 - \alpha + \alpha m)^k \ge 1 ,

so that the loss there is :math:`\lVert Y \rVert^2 (\varphi - 1)^2`. Its maximum has a closed form (:func:`peak`,
:func:`peak_factor`) and grows like :math:`m^{2k}`.

>>> barrier(4, degree=1), barrier(4, degree=1, norm=3, squared=False)
(81/256, 27/16)
>>> W, X = [sympy.Matrix([[1]]), sympy.Matrix([[2]])], sympy.Matrix([[1]])
>>> copy = rescale_last(W, 4)
>>> loss(between(W, copy, peak(4)), X, output(W, X)) == barrier(4, norm=2)
True
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from ..activation import Activation, linear
from ..errors import DimensionError, ShapeError
from ..validation import Expr, Matrix, as_real
from .factorizations import between
from .group_actions import rescale_layers

__all__ = [
    "ALPHA",
    "DEGREE",
    "FACTOR",
    "barrier",
    "between",
    "factor_exceeding",
    "loss",
    "loss_between",
    "output",
    "output_factor",
    "peak",
    "peak_factor",
    "rescale_last",
    "zero_loss_curve",
]

Weights = tuple[Matrix, ...]

ALPHA = sympy.Symbol("alpha", positive=True)
"""The time α along the segment."""
FACTOR = sympy.Symbol("m", positive=True)
"""The factor m of the rescaled copy."""
DEGREE = sympy.Symbol("k", positive=True)
"""The degree k of homogeneity."""


def output(weights: Sequence[Matrix], X: Matrix, activation: Activation = linear) -> Matrix:
    """Return W_l σ(... σ(W_1 X)), exactly.

    Raises ``ShapeError`` if the matrices do not form a chain.

    >>> from quadrics.activation import relu
    >>> output([sympy.Matrix([[1], [-1]]), sympy.Matrix([[2, 5]])], sympy.Matrix([[3, -1]]), relu)
    Matrix([[6, 5]])
    """
    value = X
    for i, W in enumerate(weights):
        if W.shape[1] != value.shape[0]:
            raise ShapeError(f"W_{i + 1}: got shape {W.shape}; expected {value.shape[0]} columns, to act on layer {i}")
        value = W * (value.applyfunc(activation) if i else value)
    return value


def loss(weights: Sequence[Matrix], X: Matrix, Y: Matrix, activation: Activation = linear) -> Expr:
    """Return the squared Frobenius norm of Y - W_l σ(... σ(W_1 X)), exactly."""
    return squared_norm(Y - output(weights, X, activation))


def squared_norm(matrix: Matrix) -> Expr:
    """Return the squared Frobenius norm.

    >>> squared_norm(sympy.Matrix([[1, 2], [3, 4]]))
    30
    """
    return sympy.Add(*(entry**2 for entry in matrix))


def rescale_last(weights: Sequence[Matrix], factor: object, degree: object = 1) -> Weights:
    """Return the copy m·W: W_{l-1} times m, W_l times m^{-k}.

    Raises ``SymmetryError`` unless m > 0, ``DimensionError`` for fewer than two layers.

    >>> rescale_last([sympy.Matrix([[3]]), sympy.Matrix([[5]])], 2, degree=2)
    (Matrix([[6]]), Matrix([[5/4]]))
    >>> rescale_last([sympy.Matrix([[3]]), sympy.Matrix([[5]])], -2)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    quadrics.errors.SymmetryError: alpha[0]: got -2; expected a positive number ...
    """
    if len(weights) < 2:
        raise DimensionError(f"weights: got {len(weights)} layers; expected at least 2")
    return rescale_layers(weights, len(weights) - 1, factor, degree)


def zero_loss_curve(weights: Sequence[Matrix], t: object, factor: object, degree: object = 1) -> Weights:
    """Return m^t·W = (..., m^t W_{l-1}, m^{-kt} W_l): a curve of one output from W (t = 0) to m·W (t = 1).

    The straight segment, which the proof of Proposition 5.3 prints in its place, does not keep the output:

    >>> W, X = [sympy.Matrix([[1]]), sympy.Matrix([[2]])], sympy.Matrix([[1]])
    >>> half = sympy.Rational(1, 2)
    >>> output(zero_loss_curve(W, half, 4), X), output(between(W, rescale_last(W, 4), half), X)
    (Matrix([[2]]), Matrix([[25/8]]))
    """
    return rescale_last(weights, as_real(factor, "factor") ** as_real(t, "t"), degree)


def output_factor(alpha: object = ALPHA, factor: object = FACTOR, degree: object = 1) -> Expr:
    """Return φ(α, m) = (1 - α + α m^{-k})(1 - α + α m)^k, by which the output at α exceeds the one at the ends.

    >>> output_factor(0), output_factor(1), output_factor(sympy.Rational(1, 2), 4)
    (1, 1, 25/16)
    """
    a, m, k = _real(alpha=alpha, factor=factor, degree=degree)
    return (1 - a + a * m ** (-k)) * (1 - a + a * m) ** k


def loss_between(alpha: object = ALPHA, factor: object = FACTOR, degree: object = 1, norm: object = 1) -> Expr:
    """Return ‖Y‖²(φ - 1)², the loss at α between W and m·W, with ``norm`` = ‖Y‖ (eq. 14)."""
    return as_real(norm, "norm") ** 2 * (output_factor(alpha, factor, degree) - 1) ** 2


def peak(factor: object = FACTOR, degree: object = 1) -> Expr:
    """Return the α* in (0, 1) where φ is largest: (k(m-1) + m^{-k} - 1) / ((k+1)(m-1)(1 - m^{-k})).

    For m = 1, where φ = 1 everywhere, the limit 1/2.

    Raises ``DimensionError`` for a factor or a degree that is not positive.

    >>> sympy.simplify(peak(FACTOR)), peak(FACTOR, 2).equals((2 * FACTOR + 1) / (3 * (FACTOR + 1)))
    (1/2, True)
    """
    m, k = _positive(factor=factor, degree=degree)
    if m == 1:
        return sympy.Rational(1, 2)
    return (k * (m - 1) + m ** (-k) - 1) / ((k + 1) * (m - 1) * (1 - m ** (-k)))


def peak_factor(factor: object = FACTOR, degree: object = 1) -> Expr:
    """Return φ* = φ(α*, m) = k^k (m - m^{-k})^{k+1} / ((k+1)^{k+1} (m-1) (1 - m^{-k})^k), the largest φ.

    For m < 1 both the numerator and the denominator are taken with the signs that make them real.

    Raises ``DimensionError`` for a factor or a degree that is not positive.

    >>> peak_factor(4), peak_factor(4) == output_factor(peak(4), 4), peak_factor(1)
    (25/16, True, 1)
    >>> peak_factor(sympy.Rational(1, 4))
    25/16
    """
    m, k = _positive(factor=factor, degree=degree)
    if m == 1:
        return sympy.Integer(1)
    rise, fall, total = m - 1, 1 - m ** (-k), m - m ** (-k)
    if (1 - m).is_positive:
        rise, fall, total = -rise, -fall, -total
    return k**k / (k + 1) ** (k + 1) * total ** (k + 1) / (rise * fall**k)


def barrier(factor: object, degree: object = 1, norm: object = 1, squared: bool = True) -> Expr:
    """Return the largest loss on the segment: ‖Y‖²(φ* - 1)², or ‖Y‖(φ* - 1) for the loss without the square.

    >>> barrier(FACTOR, squared=False).equals((FACTOR - 1) ** 2 / (4 * FACTOR))
    True
    """
    height = as_real(norm, "norm") * (peak_factor(factor, degree) - 1)
    return height**2 if squared else height


def factor_exceeding(bound: object, norm: object, degree: object = 1) -> Expr:
    """Return an m < 1 for which the squared loss at α = 1/2 exceeds b: (2^{k+1}(√b/‖Y‖ + 1) - 1)^{-1/k}.

    The proof of Proposition 5.3 prints the exponent k and ‖Y‖² (eq. 16); its inequality needs -1/k and ‖Y‖.

    Raises ``DimensionError`` unless b, ‖Y‖ and k are positive.

    >>> m = factor_exceeding(100, 1)
    >>> m, loss_between(sympy.Rational(1, 2), m) > 100
    (1/43, True)
    """
    b, N, k = _positive(bound=bound, norm=norm, degree=degree)
    return (2 ** (k + 1) * (sympy.sqrt(b) / N + 1) - 1) ** (-1 / k)


def _real(**values: object) -> list[Any]:
    return [as_real(value, name) for name, value in values.items()]


def _positive(**values: object) -> list[Any]:
    found = _real(**values)
    for name, value in zip(values, found, strict=True):
        if not value.is_positive:
            raise DimensionError(f"{name}: got {value}; expected a positive number, or a symbol declared positive")
    return found
