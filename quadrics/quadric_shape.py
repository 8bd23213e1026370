r"""The shape of a neuron's hyperquadric |w|² - |a|² = c: its name, dimension and homotopy type.

:class:`QuadricShape` knows what can be said without a point; :class:`quadrics.quadric.Quadric` adds the points.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sympy
from sympy import Eq, IndexedBase, Sum

from .errors import DimensionError
from .printing import Printable
from .signs import as_imbalance, sign_of
from .spheres import SphereProduct
from .topology import MAX_SIZE, X
from .validation import Expr, as_count


class Kind(StrEnum):
    """The field's names of a quadric |w|² - |a|² = c, by the sign of c and the numbers of squares."""

    HYPERBOLA = "hyperbola"
    LINES = "pair of lines"
    CONE = "quadratic cone"
    ONE_SHEET = "one-sheeted hyperboloid"
    TWO_SHEETS = "two-sheeted hyperboloid"
    PSEUDOSPHERE = "pseudosphere"
    PSEUDOHYPERBOLIC = "pseudohyperbolic space"


@dataclass(frozen=True)
class QuadricShape(Printable):
    """A quadric Q(c) by its sizes and the sign of c, without its points (see :class:`quadrics.quadric.Quadric`)."""

    d_in: Any
    d_out: Any
    c: Expr
    bias: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "d_in", as_count(self.d_in, "d_in", 1, maximum=MAX_SIZE))
        object.__setattr__(self, "d_out", as_count(self.d_out, "d_out", 1, maximum=MAX_SIZE))
        object.__setattr__(self, "c", as_imbalance(self.c))
        sign_of(self.c)

    @property
    def sign(self) -> int:
        """The sign of c: -1 (pathological), 0 or 1."""
        return sign_of(self.c)

    @property
    def input_dimension(self) -> Any:
        """D: the number of squares with a plus, d_in and one more for a bias."""
        return self.d_in + 1 if self.bias else self.d_in

    @property
    def dimension(self) -> Any:
        """D + e - 1, one equation in D + e unknowns (for c = 0, away from the origin).

        >>> QuadricShape(3, 2, 1).dimension, QuadricShape(3, 2, -1, bias=True).dimension
        (4, 5)
        """
        return self.input_dimension + self.d_out - 1

    @property
    def sphere_dimension(self) -> Any:
        """n of the sphere factor S^n: D - 1 for c > 0, e - 1 for c < 0, None for c = 0."""
        if self.sign == 0:
            return None
        return (self.input_dimension if self.sign > 0 else self.d_out) - 1

    @property
    def euclidean_dimension(self) -> Any:
        """n of the Euclidean factor R^n: e for c > 0, D for c < 0 (Proposition 5 corrected), None for c = 0.

        >>> QuadricShape(3, 2, -1, bias=True).euclidean_dimension
        4
        """
        if self.sign == 0:
            return None
        return self.d_out if self.sign > 0 else self.input_dimension

    @property
    def kind(self) -> Kind:
        """The field's name of the surface.

        Raises ``DimensionError`` if a dimension is a symbol.

        >>> [QuadricShape(d, e, c).kind.value for d, e, c in [(1, 1, -1), (1, 1, 0), (1, 2, 1), (3, 3, 1), (3, 3, -1)]]
        ['hyperbola', 'pair of lines', 'two-sheeted hyperboloid', 'pseudosphere', 'pseudohyperbolic space']
        """
        D, e = self.input_dimension, self.d_out
        if not (isinstance(D, int) and isinstance(e, int)):
            raise DimensionError(f"kind: got dimensions {D} and {e}; expected numbers")
        if D == e == 1:
            return Kind.LINES if self.sign == 0 else Kind.HYPERBOLA
        if self.sign == 0:
            return Kind.CONE
        around, along = (D, e) if self.sign > 0 else (e, D)
        if around == 1:
            return Kind.TWO_SHEETS
        if along == 1:
            return Kind.ONE_SHEET
        return Kind.PSEUDOSPHERE if self.sign > 0 else Kind.PSEUDOHYPERBOLIC

    @property
    def homotopy_type(self) -> SphereProduct:
        """The sphere that Q(c) retracts to; a point (no spheres) for c = 0."""
        return SphereProduct({}) if self.sign == 0 else SphereProduct({self.sphere_dimension: 1})

    def poincare_polynomial(self, x: object = X) -> Expr:
        """Return the Poincaré polynomial, eq. (20).

        >>> QuadricShape(3, 1, 1).poincare_polynomial(), QuadricShape(3, 1, -1).poincare_polynomial()
        (x**2 + 1, 2)
        """
        return self.homotopy_type.poincare_polynomial(x)

    def number_of_components(self) -> Any:
        """Return β_0(Q(c)): 2 when the sphere factor is S^0, otherwise 1 (a ``Piecewise`` in symbolic dimensions)."""
        return self.homotopy_type.number_of_components()

    def is_connected(self) -> bool:
        """Whether Q(c) is connected.

        Raises ``DimensionError`` if that depends on a symbol.

        >>> QuadricShape(2, 1, 1).is_connected(), QuadricShape(2, 1, -1).is_connected()
        (True, False)
        """
        number = self.number_of_components()
        if not isinstance(number, int):
            raise DimensionError(f"is_connected: got {number} components; expected numeric dimensions")
        return number == 1

    def equation(self) -> Expr:
        """Return eq. (12) (eq. 28 with a bias) in the weights ``w[i]``, ``b``, ``a[j]``.

        >>> QuadricShape(2, 1, -1).equation()
        Eq(-a[1]**2 + w[1]**2 + w[2]**2, -1)
        """
        i, w, a = sympy.Symbol("i", integer=True), IndexedBase("w", real=True), IndexedBase("a", real=True)
        left = Sum(w[i] ** 2, (i, 1, self.d_in)) - Sum(a[i] ** 2, (i, 1, self.d_out))
        if self.bias:
            left += sympy.Symbol("b", real=True) ** 2
        numeric = isinstance(self.d_in, int) and isinstance(self.d_out, int)
        return Eq(left.doit() if numeric else left, self.c)

    def _latex(self, printer: Any) -> str:
        c = printer.doprint(self.c)
        bias, point = ("+ b^2 ", "(w, b, a)") if self.bias else ("", "(w, a)")
        d, e = printer.doprint(sympy.sympify(self.d_in)), printer.doprint(sympy.sympify(self.d_out))
        space = (
            rf"\mathbb{{R}}^{{{d}}} \times " + (r"\mathbb{R} \times " if self.bias else "") + rf"\mathbb{{R}}^{{{e}}}"
        )
        return rf"\mathcal{{Q}}({c}) = \left\{{ {point} \in {space} : |w|^2 {bias}- |a|^2 = {c} \right\}}"
