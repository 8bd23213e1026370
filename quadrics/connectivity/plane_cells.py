r"""The plane without an algebraic curve p(x, y) = 0: its components, by exact cylindrical decomposition.

Write p = c(x) q(x, y), q without factors in x alone and squarefree. Between two neighbouring real roots of c, of the
leading coefficient of q in y and of its discriminant, the number of real roots of q(x, ·) does not change: over such
an interval the curve is a stack of graphs, and the plane between them a stack of open cells. Over a root a, c(a) != 0,
two cells of the neighbouring stacks meet along every open segment of the line x = a off the curve. All that is needed
are real roots of polynomials with rational coefficients:

* the roots of q(a, ·) are among those of the resultant R(y) of q and the squarefree polynomial of the critical x, so
  that rational numbers b between the real roots of R meet every segment, and q(a, b) != 0;
* for x so near to a that q(·, b) has no root in between, the cell at (x, b) is the one above as many roots of q(x, ·)
  as there are below b. Sturm's theorem counts them.

>>> x, y = sympy.symbols("x y")
>>> [PlaneCells(p, x, y).number_of_components() for p in (x * y, x * y + 1, x**2 + y**2 - 1, x**2 + y**2)]
[4, 3, 2, 1]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import networkx as nx
import sympy

from ..errors import DimensionError, NonFiniteError, OffManifoldError
from ..validation import Expr, as_real

Cell = tuple[int, int]
"""Which interval of x (from the left), and how many roots lie below."""

LARGEST_DEGREE = 6
"""A curve of degree 6 with all its coefficients takes up to a minute, one of degree 7 several."""


@dataclass(frozen=True)
class PlaneCells:
    """The components of {p(x, y) != 0} in the plane.

    Parameters
    ----------
    p : a polynomial in x and y with rational coefficients, not zero, of degree at most 6
    x, y : its two symbols

    Raises
    ------
    NonFiniteError
        if p is no polynomial in x and y with rational coefficients.
    DimensionError
        if p is zero, or of a larger degree.

    Examples
    --------
    >>> x, y = sympy.symbols("x y")
    >>> cells = PlaneCells(y**2 - x**3, x, y)
    >>> cells.number_of_components(), cells.component_of((1, 0)) == cells.component_of((4, 7))
    (2, True)
    >>> PlaneCells(sympy.sin(x) * y, x, y)
    Traceback (most recent call last):
    ...
    quadrics.errors.NonFiniteError: p: got y*sin(x); expected a polynomial in x and y with rational coefficients
    """

    p: Expr
    x: Expr
    y: Expr

    def __post_init__(self) -> None:
        given = as_real(self.p, "p")
        try:
            polynomial = sympy.Poly(given, self.x, self.y, domain="QQ")
        except (sympy.PolynomialError, sympy.CoercionFailed):
            polynomial = None
        if polynomial is None or polynomial.gens != (self.x, self.y):
            raise NonFiniteError(
                f"p: got {given}; expected a polynomial in {self.x} and {self.y} with rational coefficients"
            )
        if polynomial.is_zero or polynomial.total_degree() > LARGEST_DEGREE:
            raise DimensionError(f"p: got {given}; expected a nonzero polynomial of degree at most {LARGEST_DEGREE}")

    @cached_property
    def vertical(self) -> Any:
        """c(x): the factors of p in x alone."""
        content = sympy.Poly(sympy.Poly(self.p, self.y, self.x, domain="QQ").as_expr(), self.y).content()
        return sympy.Poly(content, self.x, domain="QQ")

    @cached_property
    def curve(self) -> Any:
        """q(x, y): the rest of p, squarefree."""
        rest = sympy.quo(self.p, self.vertical.as_expr(), self.x, self.y, domain="QQ")
        return sympy.Poly(sympy.Poly(rest, self.x, self.y, domain="QQ").sqf_part(), self.x, self.y, domain="QQ")

    @cached_property
    def critical(self) -> Any:
        """The squarefree polynomial whose real roots are the x where the stack of cells may change."""
        product = self.vertical
        if self.curve.degree(self.y) > 0:
            in_y = sympy.Poly(self.curve.as_expr(), self.y)
            product *= sympy.Poly(in_y.LC(), self.x, domain="QQ")
            product *= sympy.Poly(in_y.discriminant(), self.x, domain="QQ") if in_y.degree() > 1 else 1
        return product.sqf_part() if product.degree() > 0 else sympy.Poly(1, self.x, domain="QQ")

    @cached_property
    def _isolated(self) -> list[tuple[Expr, Expr]]:
        """Disjoint intervals around the real roots of the critical polynomial, which does not vanish at their ends."""
        return isolating_intervals(self.critical)

    @cached_property
    def graph(self) -> nx.Graph[Cell]:
        """The cells, joined where they meet along a segment over a critical x."""
        graph: nx.Graph[Cell] = nx.Graph()
        for i, x in enumerate(sample_points(self._isolated)):
            graph.add_nodes_from((i, k) for k in range(self._over(x).count_roots() + 1))
        for i, interval in enumerate(self._isolated):
            if self.vertical.count_roots(*interval) == 0:
                for b in self._heights(interval):
                    left, right = self._beside(interval, b)
                    graph.add_edge((i, self._below(left, b)), (i + 1, self._below(right, b)))
        return graph

    def components(self) -> Iterator[frozenset[Cell]]:
        """Generate the components, as sets of cells."""
        return map(frozenset, nx.connected_components(self.graph))

    def number_of_components(self) -> int:
        """Return the number of components of {p != 0}.

        >>> x, y = sympy.symbols("x y")
        >>> cells = PlaneCells((y - x**2) * (y + 1), x, y)
        >>> cells.number_of_components() == len(list(cells.components())) == 3
        True
        """
        return int(nx.number_connected_components(self.graph))

    def component_of(self, point: tuple[object, object]) -> frozenset[Cell]:
        """Return the component of a point with rational coordinates; raises ``OffManifoldError`` on the curve.

        >>> x, y = sympy.symbols("x y")
        >>> cells = PlaneCells(x * y + 1, x, y)
        >>> cells.component_of((0, 5)) == cells.component_of((3, 0)) != cells.component_of((3, -1))
        True
        >>> cells.component_of((1, -1))
        Traceback (most recent call last):
        ...
        quadrics.errors.OffManifoldError: point: got (1, -1), where p is 0; expected a point off the curve
        """
        a, b = (sympy.Rational(as_real(value, "point")) for value in point)
        if sympy.Poly(self.p, self.x, self.y).eval((a, b)) == 0:
            raise OffManifoldError(f"point: got {(a, b)}, where p is 0; expected a point off the curve")
        if self.critical.eval(a) == 0:
            alone = next(i for i in self._isolated if i[0] < a < i[1])
            a = self._beside(alone, b)[1]
        i = sum(1 for interval in self._isolated if self._is_left_of(interval, a))
        return frozenset(nx.node_connected_component(self.graph, (i, self._below(a, b))))

    def _over(self, x: Expr) -> Any:
        """The polynomial q(x, ·) for a rational x."""
        return sympy.Poly(self.curve.as_expr().subs(self.x, x), self.y, domain="QQ")

    def _below(self, x: Expr, b: Expr) -> int:
        """How many roots q(x, ·) has below b; b is none of them."""
        return int(self._over(x).count_roots(None, b))

    def _heights(self, interval: tuple[Expr, Expr]) -> list[Expr]:
        """Rational numbers between the real roots of the resultant, below, and above them."""
        if self.curve.degree(self.y) <= 0:
            return [sympy.Integer(0)]
        factor = next(f for f, _ in self.critical.factor_list()[1] if f.count_roots(*interval))
        resultant = sympy.Poly(sympy.resultant(factor.as_expr(), self.curve.as_expr(), self.x), self.y, domain="QQ")
        return sample_points(isolating_intervals(resultant.sqf_part()))

    def _beside(self, interval: tuple[Expr, Expr], b: Expr) -> tuple[Expr, Expr]:
        """Two x around the critical one inside an interval, q(·, b) without roots between them."""
        along = sympy.Poly(self.curve.as_expr().subs(self.y, b), self.x, domain="QQ")
        return narrowed(self.critical, interval, along)

    def _is_left_of(self, interval: tuple[Expr, Expr], a: Expr) -> bool:
        """Whether the critical x in an interval is below a, which is none itself."""
        return interval[1] <= a or (interval[0] < a and bool(self.critical.count_roots(interval[0], a)))


def isolating_intervals(polynomial: Any) -> list[tuple[Expr, Expr]]:
    """Return disjoint open intervals with rational ends, one around each real root of a squarefree polynomial.

    >>> x = sympy.Symbol("x")
    >>> p = sympy.Poly(x**3 - 2 * x, x, domain="QQ")
    >>> [a < r < b for (a, b), r in zip(isolating_intervals(p), (-sympy.sqrt(2), 0, sympy.sqrt(2)), strict=True)]
    [True, True, True]
    """
    if polynomial.degree() < 1:
        return []
    width = sympy.Integer(1)
    while True:
        found = [(a - width, b + width) for (a, b), _ in polynomial.intervals(eps=width)]
        apart = all(left[1] < right[0] for left, right in pairwise(found))
        if apart and all(polynomial.eval(end) != 0 for interval in found for end in interval):
            return found
        width = width / 4


def narrowed(polynomial: Any, interval: tuple[Expr, Expr], other: Any) -> tuple[Expr, Expr]:
    """Return a part of an isolating interval, around the same root, in which another polynomial has no root.

    The other polynomial must not vanish at the root itself. Bisection: keep the half with the root, until it will do.

    >>> x = sympy.Symbol("x")
    >>> narrowed(sympy.Poly(x, x), (sympy.Integer(-1), sympy.Integer(2)), sympy.Poly(2 * x - 1, x))
    (-1/4, 1/8)
    """
    low, high = interval
    while other.count_roots(low, high):
        middle = (low + high) / 2
        if polynomial.eval(middle) == 0:  # the root itself: shrink around it
            low, high = (low + middle) / 2, (high + middle) / 2
        elif polynomial.count_roots(low, middle):
            high = middle
        else:
            low = middle
    return low, high


def sample_points(isolated: list[tuple[Expr, Expr]]) -> list[Expr]:
    """Return a rational number below, between and above disjoint intervals.

    >>> sample_points([(sympy.Integer(1), sympy.Integer(2)), (sympy.Integer(4), sympy.Integer(5))])
    [0, 3, 6]
    """
    if not isolated:
        return [sympy.Integer(0)]
    inner = [(left[1] + right[0]) / 2 for left, right in pairwise(isolated)]
    return [isolated[0][0] - 1, *inner, isolated[-1][1] + 1]
