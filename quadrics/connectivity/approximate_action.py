r"""The map g·(U, V) = (U σ(VX) σ(gVX)⁺, gV) on two-layer networks U σ(VX): when it acts, and when it keeps the output.

⁺ is the pseudo-inverse (eq. (6) of Zhao et al., 2024). With hidden width h, batch size k and S = σ(VX), h by k:

* id·w = w exactly when the rows of U lie in the column space of S; for every U exactly when rank S = h, never if h > k;
* g_1·(g_2·w) = (g_1 g_2)·w if S_2 = σ(g_2 VX) has rank k, which needs h ≥ k;
* the output is kept exactly when the rows of U S lie in the row space of S_2, as they do for rank S_2 = k;
* in all cases the output moves by at most its own norm (Proposition 6.1): by the part outside that row space.

For σ = id the output is always kept, and the map is the action (U g⁻¹, gV) when VX has rank h.

>>> w = TwoLayerWeights([[1, 2]], [[1, 0], [0, 1]])
>>> X, g = sympy.Matrix([[1, 2], [0, 3]]), sympy.Matrix([[1, 1], [0, 1]])
>>> sigma = leaky_relu(sympy.Rational(1, 10))
>>> move(g, w, X, sigma).output(X, sigma) == w.output(X, sigma)  # k = h = 2
True
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy

from ..activation import leaky_relu
from ..errors import ShapeError, SymmetryError
from ..validation import Expr, Matrix, as_matrix
from .gl_paths import as_invertible

__all__ = [
    "TwoLayerWeights",
    "composes",
    "identity_fixes",
    "keeps_output",
    "leaky_relu",
    "move",
    "moved_weights",
    "projector",
]

Sigma = Callable[[Expr], Expr]


def moved_weights(g: Any, U: Any, V: Any, X: Any, sigma: Callable[[Any], Any], inverse: Callable[[Any], Any]) -> Any:
    """Return (U σ(VX) σ(gVX)⁺, gV) for matrices of SymPy or tensors of torch, batched or not.

    ``sigma`` acts on a whole matrix, ``inverse`` is the pseudo-inverse (``torch.linalg.pinv``).
    """
    V_new = g @ V
    return U @ sigma(V @ X) @ inverse(sigma(V_new @ X)), V_new


@dataclass(frozen=True)
class TwoLayerWeights:
    """U (m by h) and V (h by n) of a network X ↦ U σ(VX), exact.

    Raises
    ------
    ShapeError
        if U and V do not fit, or are no matrices.
    NonFiniteError
        if an entry is no finite number.

    Examples
    --------
    >>> TwoLayerWeights([[1]], [[2, 3]]).output(sympy.Matrix([1, 1]), lambda z: z)
    Matrix([[5]])
    >>> TwoLayerWeights([[1]], [[2], [3]])
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: U: got 1 columns; expected 2, one for each row of V
    """

    U: Matrix
    V: Matrix

    def __post_init__(self) -> None:
        object.__setattr__(self, "U", as_matrix(self.U, "U"))
        object.__setattr__(self, "V", as_matrix(self.V, "V"))
        if self.U.cols != self.V.rows:
            raise ShapeError(f"U: got {self.U.cols} columns; expected {self.V.rows}, one for each row of V")

    @property
    def width(self) -> int:
        """The number h of hidden neurons."""
        return int(self.V.rows)

    def features(self, X: object, sigma: Sigma) -> Matrix:
        """Return σ(VX), h by k; raises ``ShapeError`` unless X has a row for each column of V."""
        data = as_matrix(X, "X")
        if data.rows != self.V.cols:
            raise ShapeError(f"X: got {data.rows} rows; expected {self.V.cols}, one for each input")
        return (self.V * data).applyfunc(sigma).as_immutable()

    def output(self, X: object, sigma: Sigma) -> Matrix:
        """Return U σ(VX)."""
        return self.U * self.features(X, sigma)


def move(g: object, w: TwoLayerWeights, X: object, sigma: Sigma) -> TwoLayerWeights:
    """Return g·w of eq. (6).

    Parameters
    ----------
    g : h by h invertible rational matrix
    w : the weights
    X : inputs, a column each
    sigma : a function of one expression; exact on rationals (the identity, leaky ReLU, a polynomial)

    Raises
    ------
    ShapeError
        if shapes do not fit.
    SymmetryError
        if g is singular.

    Examples
    --------
    For more neurons than inputs even the identity moves the weights (though not the output):

    >>> w = TwoLayerWeights([[1, 1]], [[1], [0]])
    >>> move(sympy.eye(2), w, sympy.Matrix([[2]]), lambda z: z).U
    Matrix([[1, 0]])
    """
    element = as_invertible(g, "g", w.width)
    w.features(X, sigma)  # refuses an X that does not fit
    data = as_matrix(X, "X")
    U, V = moved_weights(element, w.U, w.V, data, lambda Z: Z.applyfunc(sigma), lambda Z: Z.pinv())
    return TwoLayerWeights(U, V)


def projector(S: object) -> Matrix:
    """Return S⁺S, the orthogonal projector onto the row space of S.

    >>> projector([[1, 1]])
    Matrix([
    [1/2, 1/2],
    [1/2, 1/2]])
    """
    matrix = as_matrix(S, "S")
    return (matrix.pinv() * matrix).as_immutable()


def identity_fixes(w: TwoLayerWeights, X: object, sigma: Sigma) -> bool:
    """Whether id·w = w: the rows of U lie in the column space of σ(VX), decided by ranks.

    >>> identity_fixes(TwoLayerWeights([[1, 1]], [[1], [0]]), [[2]], lambda z: z)
    False
    """
    S = w.features(X, sigma)
    return _rank(sympy.Matrix.hstack(S, w.U.T)) == _rank(S)


def keeps_output(g: object, w: TwoLayerWeights, X: object, sigma: Sigma) -> bool:
    """Whether g·w computes what w computes on X: the rows of U σ(VX) lie in the row space of σ(gVX), by ranks.

    >>> w = TwoLayerWeights([[1]], [[1]])
    >>> keeps_output([[-1]], w, [[1, -2]], leaky_relu(sympy.Rational(1, 10)))
    False
    >>> keeps_output([[3]], w, [[1, -2]], leaky_relu(sympy.Rational(1, 10)))
    True
    """
    element = as_invertible(g, "g", w.width)
    moved = TwoLayerWeights(w.U, element * w.V).features(X, sigma)
    return _rank(sympy.Matrix.vstack(moved, w.output(X, sigma))) == _rank(moved)


def composes(first: object, second: object, w: TwoLayerWeights, X: object, sigma: Sigma) -> bool:
    """Whether first·(second·w) = (first second)·w, decided by computing both.

    Raises ``SymmetryError`` for a singular matrix.

    >>> w = TwoLayerWeights([[1]], [[1]])
    >>> composes([[-1]], [[-1]], w, [[1, -2]], leaky_relu(sympy.Rational(1, 10)))  # h = 1 < k = 2
    False
    """
    a, b = as_invertible(first, "first", w.width), as_invertible(second, "second", w.width)
    return move(a, move(b, w, X, sigma), X, sigma) == move(a * b, w, X, sigma)


def _rank(matrix: Matrix) -> int:
    if not all(entry.is_Rational for entry in matrix):
        raise SymmetryError(
            "rank: got entries that are not rational; expected an activation that is exact on rationals"
        )
    return int(matrix.to_DM().rank())
