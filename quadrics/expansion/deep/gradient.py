r"""The gradient of a loss at a deep network, by back-propagation with an unknown activation.

With residuals :math:`e_n`, the derivatives of the loss by the outputs, the derivatives by :math:`W^l_{ij}` are
:math:`\sum_n \delta^l_{n,i}\, h^{l-1}_{n,j}` with :math:`h^0 = x`, :math:`h^l = \sigma(W^l h^{l-1})`,
:math:`\delta^L = e` and :math:`\delta^l = \sigma'(W^l h^{l-1}) \odot (W^{l+1})^T \delta^{l+1}`. Networks that compute
the same outputs have the same residuals.

>>> x, e = sympy.symbols("x e")
>>> gradient(DeepParameters([[[2]], [[3]]]), [([x], [e])])
(Matrix([[3*e*x*sigma_prime(2*x)]]), Matrix([[e*sigma(2*x)]]))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from ...errors import ShapeError
from ...validation import Matrix, as_matrix
from ..reduction import SIGMA
from .networks import DeepParameters

SLOPE = sympy.Function("sigma_prime")
"""The derivative of an activation of which nothing is known."""


def gradient(
    theta: DeepParameters, data: Sequence[tuple[object, object]], sigma: Any = SIGMA, slope: Any = SLOPE
) -> tuple[Matrix, ...]:
    r"""Return the derivatives of :math:`\sum_n e_n \cdot f(x_n)` by every weight, a matrix for each of the network's.

    Parameters
    ----------
    theta : a deep network
    data : pairs (x_n, e_n) of an input and a residual, which is held fixed
    sigma, slope : the activation and its derivative, by default functions of which nothing is known

    Raises
    ------
    ShapeError
        if an input or a residual does not fit, or there are no data.

    Examples
    --------
    It is the derivative that SymPy finds:

    >>> w = sympy.symbols("w1:4")
    >>> theta = DeepParameters([[[w[0]]], [[w[1]]], [[w[2]]]])
    >>> found = gradient(theta, [([5], [1])], sympy.sin, sympy.cos)
    >>> f = w[2] * sympy.sin(w[1] * sympy.sin(5 * w[0]))
    >>> [sympy.simplify(g[0] - sympy.diff(f, v)) for g, v in zip(found, w)]
    [0, 0, 0]
    """
    if not data:
        raise ShapeError("data: got no pairs; expected one input with its residual at least")
    total = [sympy.zeros(*W.shape) for W in theta.weights]
    for x, e in data:
        value, delta = as_matrix(x, "x", column=True), as_matrix(e, "e", column=True)
        if value.shape != (theta.d_in, 1) or delta.shape != (theta.d_out, 1):
            raise ShapeError(
                f"data: got shapes {tuple(value.shape)} and {tuple(delta.shape)}; expected ({theta.d_in}, 1) and "
                f"({theta.d_out}, 1)"
            )
        values, slopes = [value], []
        for W in theta.weights[:-1]:
            z = (W * values[-1]).applyfunc(sympy.expand)
            values.append(z.applyfunc(sigma))
            slopes.append(z.applyfunc(slope))
        for layer in reversed(range(theta.number_of_layers)):
            total[layer] += delta * values[layer].T
            if layer:
                delta = slopes[layer - 1].multiply_elementwise(theta.weights[layer].T * delta)
    return tuple(g.applyfunc(sympy.expand).as_immutable() for g in total)
