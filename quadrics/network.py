"""Two-layer networks: parameters, neuron blocks, and the function they compute (eq. 1 and 25).

The notation is that of Nurisso et al., "Topological obstruction to the training of shallow ReLU neural
networks" (NeurIPS 2024): neuron ``k`` has the input weights ``w_k`` (row ``k`` of ``W1``) and the output
weights ``a_k`` (column ``k`` of ``W2``). Indices in code start at 0, subscripts in symbols at 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from .activation import Activation, relu
from .errors import DimensionError, ShapeError
from .printing import Printable
from .validation import Expr, Matrix, as_dimension, as_matrix, as_real

__all__ = ["Neuron", "Parameters", "TwoLayer"]

MAX_SYMBOLS = 100_000


@dataclass(frozen=True)
class Neuron:
    """One hidden unit: input weights ``w`` (d_in), output weights ``a`` (d_out), bias ``b`` or None.

    >>> n = Neuron(w=(3, 4), a=(2,))
    >>> n.input_square, n.output_square
    (25, 4)
    >>> Neuron(w=(3, 4), a=(2,), b=1).input_square
    26
    """

    w: tuple[Expr, ...]
    a: tuple[Expr, ...]
    b: Expr | None = None

    def __post_init__(self) -> None:
        for name in ("w", "a"):
            entries = tuple(as_real(v, name) for v in getattr(self, name))
            if not entries:
                raise ShapeError(f"{name}: got no entries; expected at least one weight")
            object.__setattr__(self, name, entries)
        if self.b is not None:
            object.__setattr__(self, "b", as_real(self.b, "b"))

    @property
    def input_square(self) -> Expr:
        """A = |w|² (+ b²), the quantity of eq. (22)."""
        return sum((v**2 for v in self.w), sympy.Integer(0) if self.b is None else self.b**2)

    @property
    def output_square(self) -> Expr:
        """C = |a|², the quantity of eq. (22)."""
        return sum((v**2 for v in self.a), sympy.Integer(0))


@dataclass(frozen=True)
class Parameters(Printable):
    """A point θ = (W1, W2[, b1, b2]) of parameter space, immutable and exact.

    Parameters
    ----------
    W1 : (width, d_in) matrix, or rows
    W2 : (d_out, width) matrix, or rows
    b1 : (width, 1) hidden biases, or None
    b2 : (d_out, 1) output biases, or None

    Raises
    ------
    ShapeError
        if the shapes do not fit each other.
    NonFiniteError
        if an entry is NaN, infinite, not real, or text.

    Examples
    --------
    >>> theta = Parameters(W1=[[1, 2], [3, 4]], W2=[[5, 6]])
    >>> theta.d_in, theta.width, theta.d_out
    (2, 2, 1)
    >>> theta.block(0) + theta.block(1) == theta
    True
    >>> Parameters(W1=[[1, 2]], W2=[[5, 6]])
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: W2: got shape (1, 2); expected (d_out, 1): a column per row of W1
    """

    W1: Matrix
    W2: Matrix
    b1: Matrix | None = None
    b2: Matrix | None = None

    def __post_init__(self) -> None:
        for name in ("W1", "W2"):
            object.__setattr__(self, name, as_matrix(getattr(self, name), name))
        width, d_out = self.W1.rows, self.W2.rows
        if self.W2.cols != width:
            raise ShapeError(f"W2: got shape {self.W2.shape}; expected (d_out, {width}): a column per row of W1")
        for name, rows in (("b1", width), ("b2", d_out)):
            value = getattr(self, name)
            if value is None:
                continue
            matrix = as_matrix(value, name, column=True)
            if matrix.shape != (rows, 1):
                raise ShapeError(f"{name}: got shape {matrix.shape}; expected ({rows}, 1)")
            object.__setattr__(self, name, matrix)

    @classmethod
    def from_neurons(cls, neurons: Iterable[Neuron], b2: object = None) -> Parameters:
        """Return the network with these hidden units, in this order.

        >>> Parameters.from_neurons([Neuron((1, 0), (2,)), Neuron((0, 1), (-3,))]).W2
        Matrix([[2, -3]])
        """
        units = tuple(neurons)
        if not units:
            raise DimensionError("width: got no neurons; expected at least 1")
        if len({(len(n.w), len(n.a), n.b is None) for n in units}) > 1:
            raise ShapeError("neurons: got units of different sizes; expected the same d_in, d_out and biases")
        W1 = [list(n.w) for n in units]
        W2 = [[n.a[j] for n in units] for j in range(len(units[0].a))]
        b1 = None if units[0].b is None else [[n.b] for n in units]
        return cls(W1, W2, b1, b2)

    @property
    def d_in(self) -> int:
        """Input dimension d."""
        return int(self.W1.cols)

    @property
    def width(self) -> int:
        """Number of hidden neurons l."""
        return int(self.W1.rows)

    @property
    def d_out(self) -> int:
        """Output dimension e."""
        return int(self.W2.rows)

    @property
    def has_bias(self) -> bool:
        """Whether the hidden neurons have biases (appendix E)."""
        return self.b1 is not None

    def neuron(self, k: int) -> Neuron:
        """Return the hidden unit ``k`` (0-based).

        Raises ``DimensionError`` when there is no such unit.
        """
        k = as_dimension(k, "neuron", 0, self.width - 1)
        return Neuron(tuple(self.W1.row(k)), tuple(self.W2.col(k)), None if self.b1 is None else self.b1[k])

    def neurons(self) -> tuple[Neuron, ...]:
        """Return all hidden units, in order."""
        return tuple(self.neuron(k) for k in range(self.width))

    def block(self, k: int) -> Parameters:
        """Return θ_k = (e_kk W1, W2 e_kk[, e_kk b1]) of Proposition 1.

        The output bias ``b2`` belongs to no neuron and is left out (appendix E).
        """
        k = as_dimension(k, "neuron", 0, self.width - 1)
        e_kk = sympy.SparseMatrix(self.width, self.width, {(k, k): 1})
        return Parameters(e_kk * self.W1, self.W2 * e_kk, None if self.b1 is None else e_kk * self.b1)

    def __add__(self, other: Parameters) -> Parameters:
        if not isinstance(other, Parameters):
            return NotImplemented
        same = (self.d_in, self.width, self.d_out, self.has_bias)
        if same != (other.d_in, other.width, other.d_out, other.has_bias):
            raise ShapeError(
                f"sum of parameters: got (d_in, width, d_out, bias) = {same} and "
                f"{(other.d_in, other.width, other.d_out, other.has_bias)}; expected the same architecture"
            )
        b1 = None if self.b1 is None or other.b1 is None else self.b1 + other.b1
        given = [b for b in (self.b2, other.b2) if b is not None]
        b2 = given[0] + given[1] if len(given) == 2 else (given[0] if given else None)
        return Parameters(self.W1 + other.W1, self.W2 + other.W2, b1, b2)

    def entries(self) -> tuple[Expr, ...]:
        """Return all parameters in one tuple: W1 row by row, W2 row by row, b1, b2."""
        return tuple(v for m in (self.W1, self.W2, self.b1, self.b2) if m is not None for v in m)

    def subs(self, *args: Any, **kwargs: Any) -> Parameters:
        """Substitute in every entry, as SymPy's ``subs`` does."""
        parts = [None if m is None else m.subs(*args, **kwargs) for m in (self.W1, self.W2, self.b1, self.b2)]
        return Parameters(*parts)

    def _latex(self, printer: Any) -> str:
        parts = [m for m in (self.W1, self.W2, self.b1, self.b2) if m is not None]
        return r"\left( " + ",\\ ".join(printer.doprint(m) for m in parts) + r"\right)"


@dataclass(frozen=True)
class TwoLayer(Printable):
    """The architecture f(x; θ) = W2 σ(W1 x + b1) + b2 (eq. 1 without biases, eq. 25 with them).

    Parameters
    ----------
    d_in, width, d_out : positive integers, the paper's d, l, e
    activation : an :class:`Activation`
    bias : whether b1 and b2 are there

    Raises
    ------
    DimensionError
        for a dimension below 1 or no integer.

    Examples
    --------
    >>> net = TwoLayer(d_in=2, width=1)
    >>> theta = net.symbols()
    >>> theta.W1, theta.W2
    (Matrix([[w_1_1, w_1_2]]), Matrix([[a_1_1]]))
    >>> net.output([1, -1], Parameters([[3, 1]], [[5]]))
    Matrix([[10]])
    >>> TwoLayer(d_in=2, width=0)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: width: got 0; expected an integer of at least 1
    """

    d_in: int
    width: int
    d_out: int = 1
    activation: Activation = relu
    bias: bool = False

    def __post_init__(self) -> None:
        for name in ("d_in", "width", "d_out"):
            object.__setattr__(self, name, as_dimension(getattr(self, name), name))

    @property
    def number_of_parameters(self) -> int:
        """l(d + e), and l + e more with biases."""
        return self.width * (self.d_in + self.d_out) + (self.width + self.d_out if self.bias else 0)

    def symbols(self, suffix: str = "") -> Parameters:
        """Return θ with one real symbol per entry: ``w_k_i``, ``a_k_j``, ``b_k`` and, for b2, ``o_j``.

        Raises ``DimensionError`` beyond 100,000 symbols: formulas in counts are the tool at such sizes.
        """
        if self.number_of_parameters > MAX_SYMBOLS:
            raise DimensionError(
                f"symbols: got {self.number_of_parameters} parameters; expected at most {MAX_SYMBOLS} "
                "(use InvariantSet, which works with counts)"
            )

        def real(name: str, *index: int) -> Expr:
            return sympy.Symbol("_".join([name + suffix, *(str(i + 1) for i in index)]), real=True)

        d, width, e = self.d_in, self.width, self.d_out
        W1 = [[real("w", k, i) for i in range(d)] for k in range(width)]
        W2 = [[real("a", k, j) for k in range(width)] for j in range(e)]
        if not self.bias:
            return Parameters(W1, W2)
        return Parameters(W1, W2, [[real("b", k)] for k in range(width)], [[real("o", j)] for j in range(e)])

    def check(self, theta: Parameters) -> None:
        """Raise ``ShapeError`` unless θ belongs to this architecture."""
        got = (theta.d_in, theta.width, theta.d_out, theta.has_bias)
        expected = (self.d_in, self.width, self.d_out, self.bias)
        if got != expected:
            raise ShapeError(f"theta: got (d_in, width, d_out, bias) = {got}; expected {expected}")

    def output(self, x: Sequence[object] | Matrix, theta: Parameters) -> Matrix:
        """Return f(x; θ), a (d_out, inputs) matrix; x holds one input per column (a flat list is one input).

        Raises
        ------
        ShapeError
            if θ or x does not fit the architecture.
        """
        self.check(theta)
        inputs = as_matrix(x, "x", column=True)
        if inputs.rows != self.d_in:
            raise ShapeError(f"x: got shape {inputs.shape}; expected ({self.d_in}, number of inputs)")
        z = theta.W1 * inputs
        if theta.b1 is not None:
            z = z + theta.b1 * sympy.ones(1, inputs.cols)
        f = theta.W2 * z.applyfunc(self.activation)
        return f if theta.b2 is None else f + theta.b2 * sympy.ones(1, inputs.cols)

    def _latex(self, printer: Any) -> str:
        biases = (" + b^{(1)}", " + b^{(2)}") if self.bias else ("", "")
        shape = rf"\mathbb{{R}}^{{{self.d_in}}} \to \mathbb{{R}}^{{{self.d_out}}},\ l = {self.width}"
        return rf"f(x; \theta) = W^{{(2)}} \sigma(W^{{(1)}} x{biases[0]}){biases[1]},\quad {shape}"
