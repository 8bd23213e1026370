r"""The family of symmetric losses that Figure 2 and the appendix draw: two units of one weight each.

.. math:: L = \log(1 + F), \qquad F = \tfrac12\bigl((w_1 + w_2 - a)^2 + (w_1 w_2 - b)^2\bigr)

Its critical points are those of F, and they are known exactly. Since
:math:`\partial_1 F - \partial_2 F = (w_1 w_2 - b)(w_2 - w_1)`, a critical point off the diagonal has product b, hence
sum a, hence loss 0; one on the diagonal solves :math:`w^3 + (2 - b) w - a = 0`.

>>> [(point.kind.value, point.w1, point.on_diagonal) for point in ToyLoss(3, 2).critical_points()]
[('global minimum', 1, False), ('global minimum', 2, False), ('saddle', 3**(1/3), True)]
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sympy

from ...errors import NonFiniteError
from ...validation import Expr, Matrix, as_real
from .symmetric import UnitLoss

W1, W2 = sympy.symbols("w1 w2", real=True)
W = sympy.Symbol("w", real=True)
"""The weights, and the common weight on the diagonal."""


class CriticalType(StrEnum):
    """What a critical point is. A maximum does not occur: both curvatures would have to be negative."""

    GLOBAL_MINIMUM = "global minimum"
    LOCAL_MINIMUM = "local minimum"
    SADDLE = "saddle"
    DEGENERATE = "degenerate"


def toy_discrepancy(a: object, b: object, w1: object = W1, w2: object = W2) -> Expr:
    """Return F, the loss before the logarithm.

    >>> toy_discrepancy(3, 2, 1, 2)
    0
    """
    first, second = as_real(w1, "w1"), as_real(w2, "w2")
    return ((first + second - as_real(a, "a")) ** 2 + (first * second - as_real(b, "b")) ** 2) / 2


def toy_loss(a: object, b: object, w1: object = W1, w2: object = W2) -> Expr:
    """Return L = log(1 + F).

    >>> toy_loss(3, 2, 0, 0)
    log(15/2)
    """
    return sympy.log(1 + toy_discrepancy(a, b, w1, w2))


def diagonal_cubic(a: object, b: object) -> Expr:
    """Return w³ + (2 - b) w - a, whose real roots are the critical points (w, w)."""
    return W**3 + (2 - as_real(b, "b")) * W - as_real(a, "a")


def diagonal_curvatures(b: object) -> tuple[Expr, Expr]:
    """Return the eigenvalues of the Hessian of F at a critical (w, w): along the diagonal (1, 1), and along (1, -1).

    They are 2 + 3w² - b and b - w²; those of L are F + 1 times less, because the gradient of F vanishes.
    """
    second = as_real(b, "b")
    return 2 + 3 * W**2 - second, second - W**2


@dataclass(frozen=True)
class CriticalPoint:
    """A critical point (w1, w2) of a toy loss: exact coordinates, its type, the signs of the two curvatures.

    ``signs`` are those of the Hessian's eigenvalues: along (1, 1) and (1, -1) for a point on the diagonal, otherwise in
    decreasing order.
    """

    w1: Expr
    w2: Expr
    kind: CriticalType
    signs: tuple[int, int]

    @property
    def on_diagonal(self) -> bool:
        """Whether it lies on the symmetry subspace w1 = w2."""
        return bool(self.w1 == self.w2)


@dataclass(frozen=True)
class ToyLoss:
    """One loss of the family.

    Parameters
    ----------
    a, b : exact rational numbers, the sum and the product of the weights that give loss 0

    Raises
    ------
    NonFiniteError
        for floats, symbols and irrational numbers, whose critical points would not be exact.

    Examples
    --------
    The second one of Figure A5 has two saddles on the diagonal, and a strict local minimum that is not global:

    >>> [str(p.kind) for p in ToyLoss(25, 100).critical_points() if p.on_diagonal]
    ['local minimum', 'saddle', 'saddle']
    >>> ToyLoss(0.1, 2)
    Traceback (most recent call last):
    ...
    quadrics.errors.NonFiniteError: a: got 0.100000000000000; expected an exact rational number (sympy.Rational(1, 10))
    """

    a: Expr
    b: Expr

    def __post_init__(self) -> None:
        for name in ("a", "b"):
            value = as_real(getattr(self, name), name)
            if not value.is_Rational:
                raise NonFiniteError(f"{name}: got {value}; expected an exact rational number (sympy.Rational(1, 10))")
            object.__setattr__(self, name, value)

    @property
    def expression(self) -> Expr:
        """L in the symbols ``W1``, ``W2``."""
        return toy_loss(self.a, self.b)

    def as_unit_loss(self) -> UnitLoss:
        """Return it as a function of two units of dimension 1."""
        return UnitLoss(self.expression, sympy.Matrix([W1, W2]))

    def hessian(self) -> Matrix:
        """Return the Hessian of F in the symbols ``W1``, ``W2``."""
        return sympy.hessian(toy_discrepancy(self.a, self.b), (W1, W2))

    def critical_points(self) -> tuple[CriticalPoint, ...]:
        """Return all critical points, with their types decided exactly: off the diagonal, then along it.

        >>> ToyLoss(2, 1).critical_points()[0].kind  # at a² = 4b the minima meet on the diagonal
        <CriticalType.GLOBAL_MINIMUM: 'global minimum'>
        """
        return (*self._off_diagonal(), *self._on_diagonal())

    def _off_diagonal(self) -> list[CriticalPoint]:
        discriminant = self.a**2 - 4 * self.b
        if discriminant <= 0:
            return []
        root = sympy.sqrt(discriminant)
        low, high = (self.a - root) / 2, (self.a + root) / 2
        # At F = 0 the Hessian is J^T J, J the Jacobian of (sum, product), regular because the weights differ.
        return [CriticalPoint(u, v, CriticalType.GLOBAL_MINIMUM, (1, 1)) for u, v in ((low, high), (high, low))]

    def _on_diagonal(self) -> list[CriticalPoint]:
        roots = [
            (root, factor)
            for factor, _ in sympy.factor_list(diagonal_cubic(self.a, self.b), W)[1]
            for root in sympy.real_roots(sympy.Poly(factor, W))
        ]
        along, across = diagonal_curvatures(self.b)
        found = []
        for root, factor in sorted(roots, key=lambda pair: pair[0]):
            signs = sign_at_root(along, root, factor), sign_at_root(across, root, factor)
            found.append(CriticalPoint(root, root, self._kind(root, signs), signs))
        return found

    def _kind(self, root: Expr, signs: tuple[int, int]) -> CriticalType:
        if -1 in signs:
            return CriticalType.SADDLE
        if self._is_lowest(root):
            return CriticalType.GLOBAL_MINIMUM
        return CriticalType.DEGENERATE if 0 in signs else CriticalType.LOCAL_MINIMUM

    def _is_lowest(self, root: Expr) -> bool:
        """Whether (w, w) is a global minimum: never if a² > 4b; else if w has the sign of a, and no other root has.

        F(w, w) - F(-w, -w) = -4aw, so that the least value on the diagonal is on the side of a, where for a ≠ 0 the
        cubic has one root (Descartes). For a = 0 it is even, and the outer roots are the least.
        """
        if self.a**2 > 4 * self.b:
            return False
        return bool(self.a * root > 0) if self.a != 0 else bool(root != 0 or self.b <= 2)


def sign_at_root(expression: Expr, root: Expr, polynomial: Expr) -> int:
    """Return the sign of a polynomial in ``W`` at a real root of an irreducible one, without any rounding.

    It is zero when ``polynomial`` divides it; otherwise the root's isolating interval is bisected until the expression
    has no root there.

    >>> sign_at_root(W**2 - 2, sympy.sqrt(2), W**2 - 2), sign_at_root(W - sympy.Rational(3, 2), sympy.sqrt(2), W**2 - 2)
    (0, -1)
    """
    of, at = sympy.Poly(expression, W), sympy.Poly(polynomial, W)
    if of.rem(at).is_zero:
        return 0
    position = sympy.real_roots(at).index(root)
    (low, high), _ = at.intervals()[position]
    while of.count_roots(low, high):
        low, high = at.refine_root(low, high, eps=(high - low) / 4) if low != high else (low, high)
    return int(sympy.sign(of.eval(low)))


def toy_figures() -> dict[str, ToyLoss]:
    """Return the four losses that the paper draws, by their place in Figure A5; the first one is Figure 2's too.

    >>> {name: (loss.a, loss.b) for name, loss in toy_figures().items()}
    {'1st': (3, 2), '2nd': (25, 100), '3rd': (-201/10, 2), '4th': (3, -10)}
    """
    values: dict[str, tuple[Any, Any]] = {
        "1st": (3, 2),
        "2nd": (25, 100),
        "3rd": (sympy.Rational(-201, 10), 2),
        "4th": (3, -10),
    }
    return {name: ToyLoss(a, b) for name, (a, b) in values.items()}
