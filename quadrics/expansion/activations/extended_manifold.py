r"""The extended expansion manifold: all networks that compute a teacher's function (Remark B.3, corrected).

Let A_W be the sum of the outgoing weights of the neurons with incoming weights W, less the teacher's. For the loss with
full support, or with support around 0, a network has zero loss exactly if

* under Assumption A: A_W = 0 for all W (the expansion manifold, Theorem 4.2);
* sigmoid: A_W = A_{-W} for W ≠ 0, and Σ A_W = 0, W = 0 included;
* tanh, erf: A_W = A_{-W} for W ≠ 0; A_0 is free;
* softplus: A_W = -A_{-W} for W ≠ 0, A_0 = 0, and Σ A_W Wᵀ = 0;
* GELU, SiLU: the same, but A_0 is free.

>>> from quadrics.smooth_activation import sigmoid, soft_sigmoid
>>> teacher = Parameters([[1, 2], [0, 3]], [[5, 7]])
>>> mirrored = Parameters([[-1, -2], [0, -3], [0, 0]], [[-5, -7, 24]])
>>> computes_same_function(mirrored, teacher, sigmoid).same
True
>>> print(computes_same_function(mirrored, teacher, soft_sigmoid(1, 4)).reason)
even part of degree 0: A_0 = 0, as sigma(0) is not zero
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from ...errors import ShapeError
from ...network import Parameters
from ...smooth_activation import SmoothActivation
from ...validation import Expr
from ..affine import AffineSpace
from ..reduction import as_irreducible
from ..sizes import as_expansion
from .condition import assumption_a
from .function_equations import Vector, as_exact, function_equations


@dataclass(frozen=True)
class Comparison:
    """Whether two networks compute the same function, and the first condition that fails if they do not."""

    same: bool
    reason: str

    def __bool__(self) -> bool:
        return self.same


def excess(theta: Parameters, teacher: Parameters) -> dict[Vector, tuple[Expr, ...]]:
    r"""Return A_W for every incoming vector W of the two networks: θ's outgoing weights less the teacher's.

    >>> excess(Parameters([[1], [2], [1]], [[3, 4, 5]]), Parameters([[1]], [[2]]))
    {(1,): (6,), (2,): (4,)}

    Raises
    ------
    ShapeError
        for biases, or networks with different d_in or d_out.
    NonFiniteError
        for floats or symbols.
    """
    for name, network in (("theta", theta), ("teacher", teacher)):
        if network.has_bias or network.b2 is not None:
            raise ShapeError(f"{name}: got biases; expected none (the inputs would not surround 0)")
    if (theta.d_in, theta.d_out) != (teacher.d_in, teacher.d_out):
        got = f"{(theta.d_in, theta.d_out)} and {(teacher.d_in, teacher.d_out)}"
        raise ShapeError(f"networks: got (d_in, d_out) = {got}; expected equal ones")
    total: dict[Vector, tuple[Expr, ...]] = {}
    for sign, network in ((1, theta), (-1, teacher)):
        for neuron in network.neurons():
            w = tuple(as_exact(v, "weights") for v in neuron.w)
            before = total.get(w, (sympy.Integer(0),) * network.d_out)
            total[w] = tuple(
                as_exact(t + sign * as_exact(a, "weights"), "weights") for t, a in zip(before, neuron.a, strict=True)
            )
    return total


def computes_same_function(theta: Parameters, teacher: Parameters, activation: SmoothActivation | Expr) -> Comparison:
    r"""Decide exactly whether θ computes the teacher's function, and say which condition fails if not.

    Parameters
    ----------
    theta, teacher : networks without biases, of exact numbers, of any widths
    activation : an analytic activation whose parts can be decided

    Raises
    ------
    UnknownActivationError
        if a part of the activation cannot be decided.
    ShapeError, NonFiniteError
        as :func:`excess` does.

    Examples
    --------
    >>> from quadrics.smooth_activation import softplus, tanh
    >>> teacher = Parameters([[1]], [[2]])
    >>> flipped = Parameters([[-1]], [[-2]])
    >>> bool(computes_same_function(flipped, teacher, tanh)), bool(computes_same_function(flipped, teacher, softplus))
    (True, False)
    >>> print(computes_same_function(flipped, teacher, softplus).reason)
    even part, opposite vectors: A_W + A_-W = 0 for W = (-1)
    """
    total = excess(theta, teacher)
    for equation in function_equations(activation, list(total)):
        for column in zip(*total.values(), strict=True):
            if as_exact(equation.residual(column), "weights") != 0:
                return Comparison(False, equation.reason)
    return Comparison(True, "every condition on the sums of outgoing weights holds")


@dataclass(frozen=True)
class ExtendedManifold:
    r"""All networks of width m that compute the function of an irreducible network, for a given activation.

    Parameters
    ----------
    core : an irreducible network without biases, of exact numbers
    m : the width, at least that of the core
    activation : an analytic activation

    Raises
    ------
    ReducibleError, DimensionError, ShapeError
        for a core or width that does not fit, as :class:`~quadrics.expansion.manifold.ExpansionManifold` does.
    UnknownActivationError
        if a part of the activation cannot be decided.

    Examples
    --------
    >>> from quadrics.smooth_activation import sigmoid
    >>> core = Parameters([[1]], [[2]])
    >>> M = ExtendedManifold(core, 2, sigmoid)
    >>> M.contains(Parameters([[-1], [0]], [[-2, 4]])), M.is_expansion_manifold
    (True, False)
    """

    core: Parameters
    m: int
    activation: SmoothActivation

    def __post_init__(self) -> None:
        if self.core.has_bias or self.core.b2 is not None:
            raise ShapeError("core: got biases; expected none (the inputs would not surround 0)")
        as_irreducible(self.core)
        object.__setattr__(self, "m", as_expansion(self.core.width, self.m)[1])
        assumption_a(self.activation)

    @property
    def is_expansion_manifold(self) -> bool:
        """Whether Assumption A holds, so that nothing is added to Θ_{r→m}."""
        return assumption_a(self.activation).holds

    @property
    def has_bilinear_conditions(self) -> bool:
        """Whether incoming and outgoing weights are multiplied: a part is a polynomial of positive degree.

        Then the set is no union of finitely many affine subspaces for large m; m ≥ r + 4 for softplus, GELU and SiLU.

        >>> from quadrics.smooth_activation import sigmoid, softplus
        >>> core = Parameters([[1]], [[2]])
        >>> [ExtendedManifold(core, 4, s).has_bilinear_conditions for s in (sigmoid, softplus)]
        [False, True]
        """
        condition = assumption_a(self.activation)
        return any(k > 0 for part in (condition.even, condition.odd) for k in part.coefficients or ())

    def contains(self, theta: Parameters) -> bool:
        """Whether θ has the width m and computes the core's function.

        Raises ``ShapeError`` for other sizes, ``NonFiniteError`` for floats and symbols.
        """
        if theta.width != self.m:
            raise ShapeError(f"theta: got width {theta.width}; expected {self.m}")
        return computes_same_function(theta, self.core, self.activation).same

    def outgoing_weights(self, incoming: Sequence[Sequence[object]]) -> AffineSpace | None:
        r"""Return the outgoing weights (a_1, ..., a_m) that go with given incoming ones; ``None`` if there are none.

        For d_out > 1 each output has a space of its own; this is that of the first.

        >>> from quadrics.smooth_activation import sigmoid
        >>> M = ExtendedManifold(Parameters([[1]], [[2]]), 3, sigmoid)
        >>> M.outgoing_weights([[1], [-1], [0]]).equations
        Matrix([
        [1, 0, 1/2, 2],
        [0, 1, 1/2, 0]])
        >>> M.outgoing_weights([[3], [4], [5]]) is None
        True
        """
        zero = Parameters([list(w) for w in incoming], [[0] * len(incoming)] * self.core.d_out)
        if zero.width != self.m:
            raise ShapeError(f"incoming: got {zero.width} vectors; expected {self.m}")
        start = excess(zero, self.core)
        vectors = list(start)
        index = [vectors.index(tuple(as_exact(v, "weights") for v in n.w)) for n in zero.neurons()]
        rows = []
        for equation in function_equations(self.activation, vectors):
            constant = equation.residual([a[0] for a in start.values()])
            rows.append([*(equation.coefficients[i] for i in index), -constant])
        try:
            return AffineSpace(sympy.Matrix(len(rows), self.m + 1, [v for row in rows for v in row]))
        except ShapeError:
            return None
