"""A probability as a function of arrays, in double precision: for maps over many numbers of inputs and neurons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scipy.special import betainc
from sympy import Function, betainc_regularized, lambdify, sympify

from .scheme import INPUTS, WIDTH


def on_arrays(expression: Any) -> Callable[[Any, Any], Any]:
    """A formula in :data:`INPUTS` and :data:`WIDTH` as a function of two numbers or NumPy arrays.

    Differences such as ``1 - (1 - rho)**l`` keep an absolute, not a relative error of about 1e-15; for small
    probabilities use :func:`evaluate`.

    >>> from quadrics.initialization import kaiming_normal
    >>> P = on_arrays(kaiming_normal().obstruction_probability(INPUTS, WIDTH))
    >>> round(float(P(2, 8)), 10) == 369 / 625
    True
    """
    # SymPy's own translation of betainc_regularized is a difference without parentheses: wrong under a power.
    incomplete = Function("incomplete")
    renamed = sympify(expression).replace(betainc_regularized, incomplete)

    def between(a: Any, b: Any, start: Any, end: Any) -> Any:
        return betainc(a, b, end) - betainc(a, b, start)

    found: Callable[[Any, Any], Any] = lambdify((INPUTS, WIDTH), renamed, [{"incomplete": between}, "scipy"])
    return found
