r"""Poincaré polynomials and Betti numbers of spheres, Euclidean spaces and their products (appendix B).

The Poincaré polynomial of a space is :math:`pX(x) = \sum_i \beta_i(X)\, x^i`, and Künneth's formula (coefficients in
a field) says that the polynomial of a product is the product of the polynomials. Everything that section 4 of Nurisso
et al. (2024) meets is, up to homotopy, a product of spheres: see :class:`quadrics.spheres.SphereProduct`.

>>> from sympy.abc import x
>>> kunneth(poincare_sphere(1, x), poincare_euclidean(3, x), poincare_sphere(0, x))
2*x + 2

References: J. R. Munkres, "Elements of Algebraic Topology" (1984), section 58-60 (Künneth).
"""

from __future__ import annotations

import sympy
from sympy import Mul, Poly

from .errors import DimensionError
from .validation import Expr, as_count, as_real

MAX_SIZE = 10**12
"""The largest dimension or multiplicity accepted as a number; symbols have no such limit."""

X = sympy.Symbol("x")
"""The variable of every Poincaré polynomial, unless another is given."""


def poincare_sphere(n: object, x: object = X) -> Expr:
    r"""Return :math:`p_{S^n}(x) = 1 + x^n`; the 0-sphere is two points, :math:`1 + x^0 = 2`.

    Parameters
    ----------
    n : integer of at least 0, or a symbol
    x : the variable (or a number at which to evaluate)

    Raises
    ------
    DimensionError
        if n is negative or no integer.

    Examples
    --------
    >>> poincare_sphere(2), poincare_sphere(0), poincare_sphere(sympy.Symbol("n"))
    (x**2 + 1, 2, x**n + 1)
    >>> poincare_sphere(-1)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: n: got -1; expected an integer of at least 0 and at most 1000000000000
    """
    return as_real(x, "x") ** as_count(n, "n", maximum=MAX_SIZE) + 1


def poincare_euclidean(n: object, x: object = X) -> Expr:
    """Return 1: Euclidean space, like everything contractible, has the Betti numbers of a point.

    >>> poincare_euclidean(5)
    1
    """
    as_count(n, "n", maximum=MAX_SIZE)
    as_real(x, "x")
    return sympy.Integer(1)


def kunneth(*polynomials: Expr) -> Expr:
    """Return the Poincaré polynomial of a product of spaces: the product of theirs.

    >>> kunneth(poincare_sphere(1), poincare_sphere(1))
    (x + 1)**2
    >>> kunneth()
    1
    """
    return Mul(*(as_real(p, "polynomial") for p in polynomials))


def betti_numbers(polynomial: Expr, x: Expr = X) -> list[int]:
    """Return the coefficients of a Poincaré polynomial, from degree 0 up, by expanding it.

    For products of spheres of any size use :class:`quadrics.spheres.SphereProduct`, which never expands.

    Raises ``DimensionError`` if the expression is no polynomial in x with non-negative integer coefficients.

    >>> betti_numbers(kunneth(poincare_sphere(1), poincare_sphere(1)))
    [1, 2, 1]
    >>> betti_numbers(X - 1)
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: polynomial: got x - 1; expected non-negative integer coefficients in x
    """
    try:
        coefficients = Poly(polynomial, x).all_coeffs()[::-1]
    except sympy.PolynomialError:
        coefficients = []
    if not coefficients or not all(b.is_Integer and b >= 0 for b in coefficients):
        raise DimensionError(f"polynomial: got {polynomial}; expected non-negative integer coefficients in {x}")
    return [int(b) for b in coefficients]
