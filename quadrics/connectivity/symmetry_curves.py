r"""Curves of constant loss from continuous symmetries: :math:`\gamma(t) = \exp(t \log g) \cdot w` from w to g·w.

On deep linear weights a basis change g_i between the layers i and i + 1 gives
:math:`\gamma(t) = (g_1^t W_1, g_2^t W_2 g_1^{-t}, \dots, W_l g_{l-1}^{-t})` (eqs. (4) and (5) of Zhao et al., 2024),
where :math:`g^t = \exp(t \log g)` needs a *real* logarithm, which not every g has
(:mod:`~quadrics.connectivity.real_powers`). Where det g > 0, the polar factors g = O P give another curve, O^t P^t.

>>> t = sympy.Symbol("t", real=True)
>>> symmetry_curve([[[4]]], [[[1]], [[3]]], t)
(Matrix([[4**t]]), Matrix([[3/4**t]]))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy

from ..errors import DimensionError, ShapeError
from ..validation import Matrix, as_matrix, as_real
from .gl_paths import as_invertible
from .real_powers import has_real_logarithm, polar_power, real_logarithm, real_power

__all__ = [
    "bezier",
    "has_real_logarithm",
    "polar_power",
    "polyline",
    "real_logarithm",
    "real_power",
    "symmetry_curve",
    "transport",
]

Curve = tuple[Matrix, ...]


def transport(moves: Sequence[Any], inverses: Sequence[Any], weights: Sequence[Any]) -> tuple[Any, ...]:
    """Return (G_1 W_1, G_2 W_2 H_1, ..., W_l H_{l-1}) for moves G_i with inverses H_i, of SymPy or torch.

    >>> two, half = sympy.Matrix([[2]]), sympy.Matrix([[sympy.Rational(1, 2)]])
    >>> transport([two], [half], [sympy.Matrix([[3]]), sympy.Matrix([[5]])])
    (Matrix([[6]]), Matrix([[5/2]]))
    """
    if not len(moves) == len(inverses) == len(weights) - 1:
        raise ShapeError(
            f"moves: got {len(moves)} and {len(inverses)}; expected {len(weights) - 1}, one a hidden layer"
        )
    left = [*(G @ W for G, W in zip(moves, weights, strict=False)), weights[-1]]
    return (left[0], *(W @ H for W, H in zip(left[1:], inverses, strict=True)))


def symmetry_curve(
    g: Sequence[object], weights: Sequence[object], t: object, power: Callable[[object, object], Matrix] = real_power
) -> Curve:
    """Return γ(t) = (g_1^t W_1, g_2^t W_2 g_1^{-t}, ..., W_l g_{l-1}^{-t}), the curve (5) from w to g·w.

    Parameters
    ----------
    g : one invertible matrix for each hidden layer
    weights : W_1, ..., W_l, rational
    t : a real number or expression
    power : :func:`real_power`, or :func:`polar_power` where that has no value

    Raises
    ------
    DisconnectedError, NoRealLogarithmError, DimensionError
        as the power.
    ShapeError
        if shapes do not fit.

    Examples
    --------
    >>> t = sympy.Symbol("t", real=True)
    >>> first, second = symmetry_curve([[[4]]], [[[1]], [[3]]], t)
    >>> first, second, sympy.simplify(second * first)
    (Matrix([[4**t]]), Matrix([[3/4**t]]), Matrix([[3]]))
    """
    matrices = [as_matrix(W, f"W_{i}") for i, W in enumerate(weights, start=1)]
    elements = [as_invertible(one, f"g_{i}") for i, one in enumerate(g, start=1)]
    for i, (one, W, above) in enumerate(zip(elements, matrices, matrices[1:], strict=False), start=1):
        if not one.rows == W.rows == above.cols:
            raise ShapeError(f"g_{i}: got {one.rows} rows; expected the width {W.rows}, and W_{i + 1} to fit it")
    time = as_real(t, "t")
    moves = [power(one, time) for one in elements]
    # The power of a product of factors that do not commute is not inverted by a change of sign.
    inverses = [
        power(one, -time) if power is real_power else move.inv() for one, move in zip(elements, moves, strict=True)
    ]
    return transport(moves, inverses, matrices)


def polyline(points: Sequence[Sequence[Any]], t: object) -> tuple[Any, ...]:
    """Return the point at time t in [0, 1] of the polygon through weights, the same time on each segment.

    >>> polyline([[sympy.Matrix([0])], [sympy.Matrix([4])], [sympy.Matrix([2])]], sympy.Rational(3, 4))
    (Matrix([[3]]),)
    """
    time = as_real(t, "t")
    if time.is_number and not 0 <= time <= 1:
        raise DimensionError(f"t: got {t}; expected a number between 0 and 1")
    segments = len(points) - 1
    if segments < 1:
        raise ShapeError(f"points: got {len(points)}; expected at least two")
    k = min(int(time * segments), segments - 1)
    rest = time * segments - k
    return tuple((1 - rest) * a + rest * b for a, b in zip(points[k], points[k + 1], strict=True))


def bezier(points: Sequence[Sequence[Any]], t: Any) -> tuple[Any, ...]:
    r"""Return the Bézier curve :math:`\sum_i \binom ni (1-t)^{n-i} t^i w_i` with the given control weights.

    With one control point between the ends it is the quadratic curve of Garipov et al. (2018), who train that point.

    >>> t = sympy.Symbol("t")
    >>> sympy.factor(bezier([[sympy.Matrix([0])], [sympy.Matrix([1])], [sympy.Matrix([0])]], t)[0][0])
    -2*t*(t - 1)
    """
    n = len(points) - 1
    if n < 1:
        raise ShapeError(f"points: got {len(points)}; expected at least two")
    weights = [sympy.binomial(n, i) * (1 - t) ** (n - i) * t**i for i in range(n + 1)]
    layers = zip(*points, strict=True)
    return tuple(
        sum((b * W for b, W in zip(weights[1:], layer[1:], strict=True)), weights[0] * layer[0]) for layer in layers
    )
