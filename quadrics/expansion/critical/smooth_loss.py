r"""The gradient and the Hessian of the loss of a two-layer network with a smooth activation, neuron by neuron.

For f(x; θ) = Σ a_j σ(w_j·x) and the mean loss L(θ) = 1/N Σ_n c(f(x_n; θ), y_n), both depend on the pointwise loss c
through its first and second derivatives at the outputs alone, the *slopes* e_n and the *curvatures* C_n. All networks
that compute the same function share them (appendix B.4 of Şimşek et al., 2021):

.. math::
    V(w) = \tfrac1N \sum_n e_n\, \sigma(w \cdot x_n), \quad
    U(w) = \tfrac1N \sum_n e_n\, \sigma'(w \cdot x_n)\, x_n^T, \quad
    S(w, a) = \tfrac1N \sum_n (e_n \cdot a)\, \sigma''(w \cdot x_n)\, x_n x_n^T.

>>> from quadrics.smooth_activation import tanh
>>> core = Parameters([[1]], [[2]])
>>> loss = SmoothLoss.least_squares(core, [[1], [2]], [[2 * sympy.tanh(1)], [0]], tanh)
>>> loss.gradient(core).T
Matrix([[4*(1 - tanh(2)**2)*tanh(2), tanh(2)**2]])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy
from sympy.polys.matrices import DomainMatrix

from ...errors import DimensionError, ShapeError
from ...network import Parameters
from ...validation import Expr, Matrix, as_dimension, as_matrix, as_real
from ..reduction import output
from .unknown_activation import UNKNOWN, Smooth

MAX_PARAMETERS = 200


@dataclass(frozen=True)
class SmoothLoss:
    """The mean loss near all networks that have the same outputs: inputs, slopes, curvatures, and the activation.

    Parameters
    ----------
    inputs : (N, d_in), an input a row
    slopes : (N, d_out), the first derivatives e_n of the pointwise loss at the outputs
    curvatures : N symmetric (d_out, d_out) matrices C_n, its second derivatives there
    activation : a :class:`~quadrics.smooth_activation.SmoothActivation`, or :data:`UNKNOWN`

    Raises
    ------
    ShapeError
        if the shapes do not fit, or a curvature is not symmetric.
    NonFiniteError
        if an entry is no real, finite number.

    Examples
    --------
    >>> loss = SmoothLoss.symbols(inputs=1, d_in=1, d_out=1)
    >>> loss.gradient(Parameters([[1]], [[2]])).T
    Matrix([[2*e_1_1*x_1_1*SigmaDerivative(1, x_1_1), e_1_1*SigmaDerivative(0, x_1_1)]])
    >>> loss.hessian(Parameters([[1]], [[2]])).shape
    (2, 2)

    The slopes belong to the outputs; at a network with other outputs they are others.

    >>> SmoothLoss([[1]], [[1, 2]], [[[1]]])
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: curvatures[0]: got shape (1, 1); expected a symmetric matrix of shape (2, 2)
    """

    inputs: Matrix
    slopes: Matrix
    curvatures: tuple[Matrix, ...]
    activation: Smooth = UNKNOWN

    def __post_init__(self) -> None:
        x, e = as_matrix(self.inputs, "inputs"), as_matrix(self.slopes, "slopes")
        curvatures = tuple(as_matrix(C, f"curvatures[{n}]") for n, C in enumerate(self.curvatures))
        if e.rows != x.rows or len(curvatures) != x.rows:
            raise ShapeError(
                f"slopes, curvatures: got {e.rows} and {len(curvatures)}; expected {x.rows}, one for each input"
            )
        for n, C in enumerate(curvatures):
            if C.shape != (e.cols, e.cols) or C != C.T:
                raise ShapeError(
                    f"curvatures[{n}]: got shape {C.shape}; expected a symmetric matrix of shape {(e.cols, e.cols)}"
                )
        for name, value in (("inputs", x), ("slopes", e), ("curvatures", curvatures)):
            object.__setattr__(self, name, value)

    @classmethod
    def least_squares(cls, theta: Parameters, inputs: object, targets: object, activation: Smooth) -> SmoothLoss:
        """Return 1/N Σ |f(x_n) - y_n|²/2 near the networks with the outputs of θ.

        Raises ``ShapeError`` if inputs and targets do not fit the network.
        """
        x, y = as_matrix(inputs, "inputs"), as_matrix(targets, "targets")
        if x.cols != theta.d_in or y.shape != (x.rows, theta.d_out):
            raise ShapeError(
                f"inputs, targets: got shapes {x.shape} and {y.shape}; expected (N, {theta.d_in}) "
                f"and (N, {theta.d_out})"
            )
        return cls(x, _outputs(theta, x, activation) - y, (sympy.eye(theta.d_out),) * x.rows, activation)

    @classmethod
    def symbols(cls, inputs: object, d_in: object, d_out: object) -> SmoothLoss:
        """Return an unknown loss of an unknown activation on N unknown inputs: x_n_i, e_n_o and C_n_o_p."""
        N, d, e = (as_dimension(v, k) for v, k in ((inputs, "inputs"), (d_in, "d_in"), (d_out, "d_out")))

        def real(name: str, *index: int) -> Expr:
            return sympy.Symbol("_".join([name, *(str(i + 1) for i in index)]), real=True)

        return cls(
            [[real("x", n, i) for i in range(d)] for n in range(N)],
            [[real("e", n, o) for o in range(e)] for n in range(N)],
            tuple(sympy.Matrix(e, e, lambda o, p, n=n: real("C", n, min(o, p), max(o, p))) for n in range(N)),
        )

    @property
    def d_in(self) -> int:
        """The number of coordinates of an input."""
        return int(self.inputs.cols)

    @property
    def d_out(self) -> int:
        """The number of outputs."""
        return int(self.slopes.cols)

    def V(self, w: Sequence[object] | Matrix) -> Matrix:
        """Return V(w), the gradient by outgoing weights of a neuron with incoming weights w: (d_out, 1)."""
        return self._mean(self.slopes.T * sympy.Matrix(self._jet(w, 0)))

    def U(self, w: Sequence[object] | Matrix) -> Matrix:
        """Return U(w), the derivative of V: (d_out, d_in). The gradient by w is aᵀ U(w)."""
        return self._mean(self.slopes.T * sympy.diag(*self._jet(w, 1)) * self.inputs)

    def S(self, w: Sequence[object] | Matrix, a: Sequence[object] | Matrix) -> Matrix:
        """Return S(w, a), the derivative of aᵀ U(w): symmetric, (d_in, d_in)."""
        along = self.slopes * as_matrix(a, "a", column=True)
        weights = [u * v for u, v in zip(along, self._jet(w, 2), strict=True)]
        return self._mean(self.inputs.T * sympy.diag(*weights) * self.inputs)

    def gradient(self, theta: Parameters) -> Matrix:
        """Return the gradient in the order w_1, ..., w_m, a_1, ..., a_m, as a column.

        Raises ``ShapeError`` if θ has other sizes or biases.
        """
        self._check(theta)
        neurons = theta.neurons()
        inward = [entry for n in neurons for entry in sympy.Matrix([n.a]) * self.U(n.w)]
        return sympy.ImmutableMatrix([*inward, *(entry for n in neurons for entry in self.V(n.w))])

    def hessian(self, theta: Parameters) -> Matrix:
        r"""Return the Hessian in the same order: a part from the curvatures of c, and a block for each neuron.

        .. math:: \tfrac1N \sum_n J_n^T C_n J_n + \operatorname{diag}_j
            \begin{pmatrix} S(w_j, a_j) & U(w_j)^T \\ U(w_j) & 0 \end{pmatrix}

        Raises ``ShapeError`` as :meth:`gradient`, and ``DimensionError`` for more than 200 parameters.
        """
        self._check(theta)
        d, e, m = self.d_in, self.d_out, theta.width
        if m * (d + e) > MAX_PARAMETERS:
            raise DimensionError(
                f"hessian: got {m * (d + e)} parameters; expected at most {MAX_PARAMETERS} for an exact matrix"
            )
        J = self._jacobian(theta)
        H = sympy.Matrix(self._mean(J.T * sympy.diag(*self.curvatures) * J))
        for j, neuron in enumerate(theta.neurons()):
            inward, outward = j * d, m * d + j * e
            U = self.U(neuron.w)
            H[inward : inward + d, inward : inward + d] += self.S(neuron.w, neuron.a)
            H[outward : outward + e, inward : inward + d] += U
            H[inward : inward + d, outward : outward + e] += U.T
        return sympy.ImmutableMatrix(H)

    def value(self, theta: Parameters, at: Parameters) -> Expr:
        """Return the loss of θ to second order in the change of the outputs from those of ``at``, less that of ``at``.

        Its derivatives at ``at``, up to the second, are those of the loss itself.
        """
        for network in (theta, at):
            self._check(network)
        change = _outputs(theta, self.inputs, self.activation) - _outputs(at, self.inputs, self.activation)
        terms = [
            (self.slopes.row(n) * change.row(n).T)[0]
            + (change.row(n) * self.curvatures[n] * change.row(n).T)[0] / sympy.Integer(2)
            for n in range(self.inputs.rows)
        ]
        return sympy.Add(*terms) / self.inputs.rows

    def _jacobian(self, theta: Parameters) -> Matrix:
        """The derivative of all outputs by the parameters, the rows input by input: (N d_out, m (d_in + d_out))."""
        neurons = [(n.a, self._jet(n.w, 0), self._jet(n.w, 1)) for n in theta.neurons()]
        x, N, e = self.inputs.tolist(), self.inputs.rows, self.d_out
        rows = [
            [a[o] * slope[n] * v for a, _, slope in neurons for v in x[n]]
            + [value[n] if o == p else sympy.Integer(0) for _, value, _ in neurons for p in range(e)]
            for n in range(N)
            for o in range(e)
        ]
        return sympy.Matrix(rows)

    def _jet(self, w: Any, order: int) -> tuple[Expr, ...]:
        row = tuple(as_real(v, "w") for v in w)
        if len(row) != self.d_in:
            raise ShapeError(f"w: got {len(row)} entries; expected {self.d_in}")
        return _derivatives(self.activation, self.inputs, row, order)

    def _mean(self, total: Matrix) -> Matrix:
        return sympy.ImmutableMatrix(total / self.inputs.rows)

    def _check(self, theta: Parameters) -> None:
        got = (theta.d_in, theta.d_out, theta.has_bias or theta.b2 is not None)
        if got != (self.d_in, self.d_out, False):
            raise ShapeError(
                f"theta: got (d_in, d_out, biases) = {got}; expected {(self.d_in, self.d_out, False)} "
                "(append a constant 1 to the inputs instead of biases)"
            )


def critical_slopes(theta: Parameters, inputs: object, activation: Smooth) -> list[Matrix]:
    r"""Return a basis of the slopes (N, d_out) for which θ is a critical point: V(w_j) = 0 and a_jᵀ U(w_j) = 0.

    So every network is a critical point of least squares with the targets y_n = f(x_n; θ) - e_n, for each e in the
    span; with enough inputs it is not zero. For σ = sigmoid, w in log(2) ℤ and integer inputs everything is rational.

    Raises ``ShapeError`` if the inputs do not fit the network, or it has biases.

    >>> from quadrics.smooth_activation import sigmoid
    >>> core = Parameters([[sympy.log(2)]], [[1]])
    >>> (e,) = critical_slopes(core, [[0], [1], [-1]], sigmoid)
    >>> is_critical(SmoothLoss([[0], [1], [-1]], e, [[[1]]] * 3, sigmoid), core)
    True

    With two inputs there are as many equations as slopes, and only zero is left.

    >>> critical_slopes(core, [[1], [2]], sigmoid)
    []
    """
    x = as_matrix(inputs, "inputs")
    N, e = x.rows, theta.d_out
    if x.cols != theta.d_in or theta.has_bias or theta.b2 is not None:
        raise ShapeError(
            f"inputs: got shape {x.shape} for a network with d_in = {theta.d_in}, biases: {theta.has_bias}; expected "
            f"(N, {theta.d_in}) and no biases (append a constant 1 to the inputs instead)"
        )
    rows: list[list[Expr]] = []
    for neuron in theta.neurons():
        values, derivatives = (_derivatives(activation, x, neuron.w, order) for order in (0, 1))
        rows += [[values[n] if o == p else sympy.Integer(0) for n in range(N) for p in range(e)] for o in range(e)]
        rows += [
            [derivatives[n] * x[n, i] * neuron.a[o] for n in range(N) for o in range(e)] for i in range(theta.d_in)
        ]
    system = DomainMatrix.from_Matrix(sympy.Matrix(rows), extension=True).to_field()
    kernel = system.nullspace().to_Matrix()
    return [sympy.ImmutableMatrix(N, e, list(kernel.row(k))) for k in range(kernel.rows)]


def is_critical(loss: SmoothLoss, theta: Parameters) -> bool:
    """Whether the gradient is exactly zero at θ, a network with the outputs that the slopes belong to.

    >>> is_critical(SmoothLoss([[1]], [[0]], [[[1]]]), Parameters([[1]], [[2]]))
    True
    """
    return all(entry == 0 or bool(sympy.simplify(entry) == 0) for entry in loss.gradient(theta))


def _outputs(theta: Parameters, inputs: Matrix, activation: Smooth) -> Matrix:
    """The outputs on all inputs, (N, d_out)."""
    return sympy.Matrix.vstack(*(output(theta, list(inputs.row(n)), activation).T for n in range(inputs.rows)))


@lru_cache(maxsize=4096)
def _derivatives(activation: Smooth, inputs: Matrix, w: tuple[Expr, ...], order: int) -> tuple[Expr, ...]:
    """σ^(order)(w·x_n) for all inputs; the derivative of order 0 is the value."""
    z = inputs * sympy.Matrix(w)
    return tuple(activation.derivative(sympy.expand(entry), order) for entry in z)
