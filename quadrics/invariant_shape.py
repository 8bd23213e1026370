"""The topology of H(c) from five numbers, d, e, l_+, l_- and l_0, each a number or a symbol (Theorem 1)."""

from __future__ import annotations

from typing import Any

import sympy

from .effective import theorem_2_class_count
from .errors import DimensionError
from .printing import Printable
from .spheres import SphereProduct
from .topology import MAX_SIZE, X
from .validation import Expr, as_count


class InvariantShape(Printable):
    r"""An invariant set by the numbers of its neurons: everything about H(c) that does not need c itself.

    Theorem 1 (Proposition 6 with biases): the Poincaré polynomial is
    :math:`(1 + x^{D-1})^{l_+} (1 + x^{e-1})^{l_-}` with D = d_in, or d_in + 1 with biases. Neurons with
    c_k = 0 contribute contractible cones, biases b2 a factor R^e.

    Parameters
    ----------
    d_in, d_out : positive integers or symbols
    l_plus, l_minus, l_zero : numbers of neurons with c_k > 0, < 0, = 0; integers or symbols
    bias : whether the network has biases

    Raises
    ------
    DimensionError
        for a dimension below 1, a negative count, a network without neurons, or no integer.

    Examples
    --------
    >>> wide = InvariantShape(2, 3, l_plus=500, l_minus=500)
    >>> wide.betti_number(1) == 500, sum(wide.betti_numbers()) == 2**1000
    (True, True)
    >>> InvariantShape(2, 1, l_plus=0, l_minus=0)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: width: got 0; expected at least one hidden neuron
    """

    def __init__(
        self, d_in: object, d_out: object, l_plus: object, l_minus: object, l_zero: object = 0, bias: bool = False
    ) -> None:
        self.d_in, self.d_out = (
            as_count(d_in, "d_in", 1, maximum=MAX_SIZE),
            as_count(d_out, "d_out", 1, maximum=MAX_SIZE),
        )
        self.l_plus, self.l_minus = (
            as_count(l_plus, "l_plus", maximum=MAX_SIZE),
            as_count(l_minus, "l_minus", maximum=MAX_SIZE),
        )
        self.l_zero = as_count(l_zero, "l_zero", maximum=MAX_SIZE)
        self.bias = bool(bias)
        if self.width == 0:
            raise DimensionError("width: got 0; expected at least one hidden neuron")

    @classmethod
    def generic(cls, bias: bool = False) -> InvariantShape:
        """Return the invariant set of symbolic d, e, l_plus, l_minus (and l_zero, which no Betti number depends on).

        >>> InvariantShape.generic(bias=True).poincare_polynomial()
        (x**d + 1)**l_plus*(x**(e - 1) + 1)**l_minus
        """
        d, e = sympy.symbols("d e", integer=True, positive=True)
        plus, minus, zero = sympy.symbols("l_plus l_minus l_zero", integer=True, nonnegative=True)
        return InvariantShape(d, e, plus, minus, zero, bias)

    @property
    def width(self) -> Any:
        """The number l of hidden neurons."""
        return self.l_plus + self.l_minus + self.l_zero

    @property
    def input_dimension(self) -> Any:
        """D: d_in, and one more with biases (appendix E)."""
        return self.d_in + 1 if self.bias else self.d_in

    @property
    def dimension(self) -> Any:
        """The dimension of H(c): D + e - 1 for each neuron, and e for b2.

        >>> InvariantShape(2, 1, 0, 2).dimension, InvariantShape(2, 1, 0, 2, bias=True).dimension
        (4, 7)
        """
        return self.width * (self.input_dimension + self.d_out - 1) + (self.d_out if self.bias else 0)

    @property
    def homotopy_type(self) -> SphereProduct:
        """The product of spheres that H(c) retracts to (Lemma 1, Propositions 2 and 5)."""
        return SphereProduct(((self.input_dimension - 1, self.l_plus), (self.d_out - 1, self.l_minus)))

    @property
    def gf_homotopy_type(self) -> SphereProduct:
        """The same for H°(c), where no neuron with c_k = 0 vanishes: a cone less its tip is R × S^(D-1) × S^(e-1)."""
        return SphereProduct(
            ((self.input_dimension - 1, self.l_plus + self.l_zero), (self.d_out - 1, self.l_minus + self.l_zero))
        )

    def poincare_polynomial(self, x: object = X) -> Expr:
        """Return Theorem 1's polynomial (eq. 14; eq. 29 with biases), as a product.

        >>> InvariantShape(3, 2, l_plus=2, l_minus=1).poincare_polynomial()
        (x + 1)*(x**2 + 1)**2
        """
        return self.homotopy_type.poincare_polynomial(x)

    def betti_numbers(self) -> list[int]:
        """Return [β_0, β_1, ...] up to the last that is not zero.

        Raises ``DimensionError`` for symbols, or where the list would not fit in memory: see
        :meth:`quadrics.spheres.SphereProduct.betti_numbers`, and ``homotopy_type.betti_items()`` for the sparse form.
        """
        return self.homotopy_type.betti_numbers()

    def betti_number(self, i: object) -> Any:
        """Return β_i, at any width: an ``int``, or a SymPy expression when there are symbols.

        >>> InvariantShape(3, 1, l_plus=50_000, l_minus=50_000).betti_number(2) == 50_000 * 2**50_000
        True
        """
        return self.homotopy_type.betti_number(i)

    def euler_characteristic(self) -> Expr:
        """Return p(-1).

        >>> InvariantShape(3, 1, l_plus=1, l_minus=1).euler_characteristic()
        4
        """
        return self.homotopy_type.euler_characteristic()

    def number_of_components(self) -> Any:
        """Return β_0 (Corollary 1; Corollary 4 with biases).

        >>> InvariantShape.generic().number_of_components()
        Piecewise((2**l_minus, Eq(e, 1)), (1, True))*Piecewise((2**l_plus, Eq(d, 1)), (1, True))
        """
        return self.homotopy_type.number_of_components()

    def is_connected(self) -> bool:
        """Whether H(c) is connected.

        Raises ``DimensionError`` if that depends on a symbol.
        """
        number = self.number_of_components()
        if number == 1:
            return True
        if not isinstance(number, int):
            raise DimensionError(f"is_connected: got {number} components; expected numbers for d, e and the counts")
        return False

    def number_of_effective_components(self) -> Any:
        """Return the number of classes of components under Theorem 2's relation: 1 + l_- when D > 1 and e = 1.

        Other readings of *effective* give other numbers: see :mod:`quadrics.effective`.

        >>> InvariantShape(5, 1, l_plus=3, l_minus=7).number_of_effective_components()
        8
        """
        return theorem_2_class_count(self.input_dimension, self.d_out, self.l_plus, self.l_minus, self.l_zero)

    def gf_poincare_polynomial(self, x: object = X) -> Expr:
        r"""Return the Poincaré polynomial of H°(c), the part of H(c) in which no neuron with c_k = 0 vanishes.

        Gradient flow cannot leave it, and it is :math:`(1 + x^{D-1})^{l_+ + l_0} (1 + x^{e-1})^{l_- + l_0}`: Theorem 1
        counts the topological components of H(c), which are fewer when some c_k = 0.

        >>> balanced = InvariantShape(3, 1, l_plus=0, l_minus=0, l_zero=1)
        >>> balanced.poincare_polynomial(), balanced.gf_poincare_polynomial()
        (1, 2*x**2 + 2)
        """
        return self.gf_homotopy_type.poincare_polynomial(x)

    def number_of_gf_pieces(self) -> Any:
        """Return the number of components of H°(c): 2^(l_- + l_0) when D > 1 and e = 1.

        >>> InvariantShape(3, 1, l_plus=4, l_minus=1, l_zero=2).number_of_gf_pieces()
        8
        """
        return self.gf_homotopy_type.number_of_components()

    def __repr__(self) -> str:
        return (
            f"InvariantShape(d_in={self.d_in}, d_out={self.d_out}, l_plus={self.l_plus}, l_minus={self.l_minus}, "
            f"l_zero={self.l_zero}, bias={self.bias})"
        )

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.values()))

    def _latex(self, printer: Any) -> str:
        D, e = (sympy.sympify(n) for n in (self.input_dimension, self.d_out))
        counts = ((self.l_plus, e, D - 1), (self.l_minus, D, e - 1))
        parts = [
            rf"\left(\mathbb{{R}}^{{{printer.doprint(flat)}}} \times S^{{{printer.doprint(n)}}}\right)"
            rf"^{{{printer.doprint(sympy.sympify(m))}}}"
            for m, flat, n in counts
            if m != 0
        ]
        if self.l_zero != 0:
            parts.append(rf"\mathcal{{Q}}(0)^{{{printer.doprint(sympy.sympify(self.l_zero))}}}")
        if self.bias:
            parts.append(rf"\mathbb{{R}}^{{{printer.doprint(e)}}}")
        return r"\mathcal{H}(c) \cong " + r" \times ".join(parts)
