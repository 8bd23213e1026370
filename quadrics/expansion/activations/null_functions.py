r"""Null functions: relations Σ a_l σ(β_l x) = 0 between scaled copies of an activation (appendix B.3 of Şimşek et al.).

Under Assumption A there are none. Otherwise they come from the even or odd part that is a polynomial: with p pairs
±β_l of nonzero numbers the relations have the dimension p - 1 for sigmoid and softplus, and p for tanh and erf.

>>> from quadrics.smooth_activation import sigmoid
>>> [f] = null_functions(sigmoid, [1, -1, 2, -2])
>>> f.coefficients, f.is_null()
((-1, -1, 1, 1), True)
>>> null_dimension(sigmoid, 2)
1
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy.polys.matrices import DomainMatrix

from ...smooth_activation import SmoothActivation, Z
from ...validation import Expr, as_dimension
from .condition import assumption_a
from .function_equations import as_distinct, function_equations
from .parts import vanishes


@dataclass(frozen=True)
class NullFunction:
    """The relation Σ a_l σ(β_l z) = constant, as coefficients a and scales β.

    >>> from quadrics.smooth_activation import tanh
    >>> NullFunction(tanh, (1, -1), (1, 1)).is_null(), NullFunction(tanh, (1, -1), (1, -1)).is_null()
    (True, False)
    """

    activation: SmoothActivation
    scales: tuple[Expr, ...]
    coefficients: tuple[Expr, ...]

    @property
    def formula(self) -> Expr:
        """Σ a_l σ(β_l z), in the symbol ``Z``."""
        sigma = self.activation.formula
        return sympy.Add(*(a * sigma.subs(Z, b * Z) for a, b in zip(self.coefficients, self.scales, strict=True)))

    def is_constant(self) -> bool:
        """Whether exact rewriting shows that the sum does not depend on z."""
        return vanishes(self.formula - self.formula.subs(Z, 0))

    def is_null(self) -> bool:
        """Whether exact rewriting shows that the sum is zero."""
        return vanishes(self.formula)


def null_functions(
    activation: SmoothActivation, scales: Sequence[object], up_to_a_constant: bool = False
) -> tuple[NullFunction, ...]:
    r"""Return a basis of all relations Σ a_l σ(β_l z) = 0 for given distinct β_l.

    Parameters
    ----------
    activation : an analytic activation
    scales : the distinct numbers β_l, exact; zero is allowed
    up_to_a_constant : return the relations Σ a_l σ(β_l z) = c for any c, as in Lemma B.5

    Raises
    ------
    UnknownActivationError, NonFiniteError, ShapeError
        as :func:`~quadrics.expansion.activations.function_equations.function_equations` does.

    Examples
    --------
    >>> from quadrics.smooth_activation import sigmoid, soft_sigmoid, softplus
    >>> [f.coefficients for f in null_functions(softplus, [1, -1, 3, -3])]
    [(3, -3, -1, 1)]
    >>> null_functions(soft_sigmoid(1, 4), [1, -1, 3, -3])
    ()

    A pair of opposite sigmoids is constant, without being zero:

    >>> len(null_functions(sigmoid, [1, -1])), len(null_functions(sigmoid, [1, -1], up_to_a_constant=True))
    (0, 1)
    """
    found = as_distinct([(b,) for b in scales])
    equations = function_equations(activation, found, up_to_a_constant)
    matrix = sympy.Matrix(len(equations), len(found), [c for e in equations for c in e.coefficients])
    basis = _null_space(matrix)
    return tuple(NullFunction(activation, tuple(b for (b,) in found), row) for row in basis)


def null_dimension(
    activation: SmoothActivation | Expr, pairs: object, with_zero: bool = False, up_to_a_constant: bool = False
) -> int:
    r"""Return the dimension of the relations between σ(±β_1 z), ..., σ(±β_p z) for distinct positive β_l.

    It does not depend on the β_l: a polynomial part with n nonzero coefficients has the rank min(p, n), as the numbers
    β_l^k form a generalized Vandermonde matrix; a part that is no polynomial has the rank p.

    Parameters
    ----------
    activation : an analytic activation
    pairs : p, at least 1
    with_zero : add β = 0
    up_to_a_constant : count the relations with a constant on the right-hand side

    Raises
    ------
    UnknownActivationError
        if a part of the activation cannot be decided.
    DimensionError
        for p < 1.

    Examples
    --------
    >>> from quadrics.smooth_activation import sigmoid, softplus, tanh
    >>> [[null_dimension(s, 3, zero) for zero in (False, True)] for s in (sigmoid, softplus, tanh)]
    [[2, 3], [2, 2], [3, 4]]
    """
    p = as_dimension(pairs, "pairs")
    condition = assumption_a(activation)
    degrees = condition.even.coefficients
    if degrees is None:
        even = p + (with_zero and condition.nonzero_at_zero and not up_to_a_constant)
    else:
        # β = 0 is a node of its own if there is an equation of degree 0; the other equations do not see it.
        orders = sum(1 for k in degrees if k > 0 or not up_to_a_constant)
        sees_zero = with_zero and 0 in degrees and not up_to_a_constant
        even = min(p + sees_zero, orders)
    odd_degrees = condition.odd.coefficients
    odd = p if odd_degrees is None else min(p, len(odd_degrees))
    return int(2 * p + with_zero - even - odd)


def _null_space(matrix: Expr) -> list[tuple[Expr, ...]]:
    if matrix.rows == 0:
        return [tuple(sympy.eye(matrix.cols).row(i)) for i in range(matrix.cols)]
    rows = DomainMatrix.from_Matrix(matrix, extension=True).to_field().nullspace().to_Matrix()
    return [tuple(rows.row(i)) for i in range(rows.rows)]
