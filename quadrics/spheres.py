r"""Exact Betti numbers of products of spheres, by binomials and recurrences: nothing is ever expanded.

Every invariant set H(c) of a two-layer network is, up to homotopy, such a product (Theorem 1 of Nurisso et al., 2024):
the homotopy type of Q(c) is a sphere, or a point for c = 0.

>>> SphereProduct({1: 1, 0: 2}).betti_numbers()
[4, 4]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import comb, prod
from typing import Any

import sympy
from sympy import Add, KroneckerDelta, Mul, Piecewise, Sum, binomial

from .errors import DimensionError
from .topology import MAX_SIZE, X, kunneth, poincare_sphere
from .validation import Expr, as_count

MAX_BITS = 2**32
"""Half a gigabyte: a list of Betti numbers that could be longer is refused before memory is."""

BLOCK = 128
"""Terms summed in small integers before the large number is touched once (see ``_coefficient``)."""


@dataclass(frozen=True)
class SphereProduct:
    r"""A product of spheres :math:`\prod_n (S^n)^{m_n}`, given as ``{n: m_n}``: exact Betti numbers by binomials.

    The coefficient of :math:`x^i` in :math:`\prod_n (1 + x^n)^{m_n}` is a sum of products of binomials; nothing is ever
    expanded, so a single Betti number at width :math:`10^5` and all of them at :math:`10^3` come back at once.

    Parameters
    ----------
    multiplicities : mapping from dimensions n >= 0 to multiplicities m >= 0
        integers or symbols; pairs ``(n, m)`` may repeat a dimension.

    Raises
    ------
    DimensionError
        if a dimension or multiplicity is negative or no integer.

    Examples
    --------
    >>> torus = SphereProduct({1: 2})
    >>> torus.betti_numbers(), torus.betti_number(1), torus.poincare_polynomial()
    ([1, 2, 1], 2, (x + 1)**2)
    >>> SphereProduct({1: 50_000, 2: 50_000}).betti_number(2) == 50_000 + sympy.binomial(50_000, 2)
    True
    >>> SphereProduct({sympy.Symbol("n"): 1}).betti_numbers()
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: betti_numbers: got symbols in {n: 1}; expected numbers (use betti_number(i))
    """

    factors: tuple[tuple[Any, Any], ...]

    def __init__(self, multiplicities: Mapping[Any, Any] | tuple[tuple[Any, Any], ...]) -> None:
        pairs = multiplicities.items() if isinstance(multiplicities, Mapping) else multiplicities
        merged: dict[Any, Any] = {}
        for n, m in pairs:
            n, m = as_count(n, "dimension of a sphere", maximum=MAX_SIZE), as_count(m, "multiplicity", maximum=MAX_SIZE)
            merged[n] = merged.get(n, 0) + m
        object.__setattr__(self, "factors", tuple((n, m) for n, m in merged.items() if m != 0))

    @property
    def is_numeric(self) -> bool:
        """Whether all dimensions and multiplicities are numbers."""
        return all(isinstance(v, int) for pair in self.factors for v in pair)

    def poincare_polynomial(self, x: object = X) -> Expr:
        """Return the Poincaré polynomial as a product, one factor a dimension (Künneth)."""
        return kunneth(*(poincare_sphere(n, x) ** m for n, m in self.factors))

    def number_of_components(self) -> Any:
        """Return β_0 = p(0), where a 0-sphere gives 2 (0⁰ = 1: the exponent is put in before x = 0).

        >>> SphereProduct({0: 3, 1: 2}).number_of_components()
        8
        >>> n, m = sympy.symbols("n m", integer=True, nonnegative=True)
        >>> SphereProduct({n: m}).number_of_components()
        Piecewise((2**m, Eq(n, 0)), (1, True))
        """
        parts = [Piecewise((sympy.Integer(2) ** m, sympy.Eq(n, 0)), (1, True)) for n, m in self.factors]
        value = Mul(*parts)
        return int(value) if value.is_Integer else value

    def euler_characteristic(self) -> Expr:
        """Return p(-1), the alternating sum of the Betti numbers.

        >>> SphereProduct({2: 3}).euler_characteristic(), SphereProduct({1: 3}).euler_characteristic()
        (8, 0)
        """
        return self.poincare_polynomial(sympy.Integer(-1))

    def betti_number(self, i: object) -> Any:
        """Return β_i: an ``int`` for numbers, otherwise a SymPy sum of products of binomials.

        Raises ``DimensionError`` if i is negative or no integer.

        >>> SphereProduct({0: 2, 1: 3}).betti_number(1), SphereProduct({0: 2, 1: 3}).betti_number(9)
        (12, 0)
        >>> l = sympy.Symbol("l", integer=True, positive=True)
        >>> SphereProduct({1: l, 2: l}).betti_number(3)
        l**2 + binomial(l, 3)
        """
        degree = as_count(i, "i", maximum=MAX_SIZE)
        dimensions = [n for n, _ in self.factors]
        if not all(isinstance(v, int) for v in [*dimensions, degree]):
            return self._symbolic_sum(degree)
        points = Mul(*(2**m for n, m in self.factors if n == 0))
        spheres = [(n, m) for n, m in self.factors if n > 0]
        if self.is_numeric:
            return int(points) * _coefficient(degree, spheres)
        terms = (
            Mul(*(binomial(m, j) for (_, m), j in zip(spheres, js, strict=True)))
            for js in _solutions(degree, [n for n, _ in spheres])
        )
        return points * Add(*terms)

    def betti_items(self) -> Iterator[tuple[int, int]]:
        """Generate the pairs (i, β_i) with β_i > 0 in increasing i: the sparse form for large spheres.

        Raises
        ------
        DimensionError
            if there are symbols, or so many numbers that they would not fit in half a gigabyte.

        Examples
        --------
        >>> list(SphereProduct({10**6: 2, 0: 1}).betti_items())
        [(0, 2), (1000000, 4), (2000000, 2)]
        """
        self._refuse_symbols("betti_items")
        points = 2 ** sum(m for n, m in self.factors if n == 0)
        spheres = [(n, m) for n, m in self.factors if n > 0]
        entries = min(prod(m + 1 for _, m in spheres), 1 + sum(n * m for n, m in spheres))
        self._refuse_size("betti_items", entries)
        return ((i, points * b) for i, b in _all_coefficients(spheres))

    def betti_numbers(self) -> list[int]:
        """Return [β_0, β_1, ...] up to the last that is not zero.

        Raises
        ------
        DimensionError
            if there are symbols, or if the list would not fit in half a gigabyte (take ``betti_number(i)``, or the
            sparse ``betti_items()``).

        Examples
        --------
        >>> SphereProduct({2: 1}).betti_numbers()
        [1, 0, 1]
        >>> SphereProduct({10**9: 2}).betti_numbers()
        Traceback (most recent call last):
        ...
        quadrics.errors.DimensionError: betti_numbers: got 2000000001 numbers of up to 2 bits; expected at most half \
a gigabyte (use betti_number(i), or betti_items() for the non-zero ones)
        """
        self._refuse_symbols("betti_numbers")
        top = sum(n * m for n, m in self.factors)
        self._refuse_size("betti_numbers", top + 1)
        numbers = [0] * (top + 1)
        for i, b in self.betti_items():
            numbers[i] = b
        return numbers

    def _refuse_symbols(self, what: str) -> None:
        if not self.is_numeric:
            shown = "{" + ", ".join(f"{n}: {m}" for n, m in self.factors) + "}"
            raise DimensionError(f"{what}: got symbols in {shown}; expected numbers (use betti_number(i))")

    def _refuse_size(self, what: str, entries: int) -> None:
        # An empty list slot costs 64 bits; a Betti number has at most as many bits as there are spheres.
        bits = sum(m for _, m in self.factors)
        if entries * max(bits, 64) > MAX_BITS:
            raise DimensionError(
                f"{what}: got {entries} numbers of up to {bits} bits; expected at most half a gigabyte "
                "(use betti_number(i), or betti_items() for the non-zero ones)"
            )

    def _symbolic_sum(self, i: Any) -> Expr:
        """Every choice of j_n spheres of dimension n, kept when the dimensions add up to i."""
        indices = sympy.symbols(f"j1:{len(self.factors) + 1}", integer=True, nonnegative=True)
        degree = Add(*(n * j for (n, _), j in zip(self.factors, indices, strict=True)))
        term = Mul(*(binomial(m, j) for (_, m), j in zip(self.factors, indices, strict=True)))
        limits = [(j, 0, m) for (_, m), j in zip(self.factors, indices, strict=True)]
        return Sum(term * KroneckerDelta(degree, i), *limits) if limits else KroneckerDelta(0, i)


def _solutions(i: Any, dimensions: list[int]) -> Iterator[tuple[int, ...]]:
    """All (j_1, ..., j_r) >= 0 with sum n_k j_k = i, for n_k > 0."""
    if not dimensions:
        if i == 0:
            yield ()
        return
    first, *rest = dimensions
    for j in range(i // first + 1):
        yield from ((j, *tail) for tail in _solutions(i - first * j, rest))


def _coefficient(i: Any, spheres: list[tuple[int, int]]) -> int:
    """The coefficient of x^i in the product of (1 + x^n)^m, n > 0."""
    if not spheres:
        return int(i == 0)
    (n, m), *rest = spheres
    if not rest:
        return comb(m, i // n) if i % n == 0 else 0
    if len(rest) > 1:
        return sum(comb(m, j) * _coefficient(i - n * j, rest) for j in range(min(m, i // n) + 1))
    (n2, m2), *_ = rest
    # n j + n2 k = i: neighbouring terms differ by a rational number of few digits. Blocks of terms are summed in
    # small integers first, so that the large number is multiplied and divided once a block, exactly.
    js = [j for j in range(max(0, -(-(i - n2 * m2) // n)), min(m, i // n) + 1) if (i - n * j) % n2 == 0]
    if not js:
        return 0
    ratios = []
    for j, following in pairwise(js):
        k, k_following = (i - n * j) // n2, (i - n * following) // n2
        up = prod(range(m - following + 1, m - j + 1)) * prod(range(k_following + 1, k + 1))
        down = prod(range(j + 1, following + 1)) * prod(range(m2 - k + 1, m2 - k_following + 1))
        ratios.append((up, down))
    total = term = comb(m, js[0]) * comb(m2, (i - n * js[0]) // n2)
    for start in range(0, len(ratios), BLOCK):
        ups, downs, sums = _split(ratios[start : start + BLOCK])
        total += term * sums // downs
        term = term * ups // downs
    return total


def _split(ratios: list[tuple[int, int]]) -> tuple[int, int, int]:
    """Binary splitting: (prod u, prod d, T) with T / prod d = u1/d1 + (u1 u2)/(d1 d2) + ...."""
    if len(ratios) == 1:
        up, down = ratios[0]
        return up, down, up
    half = len(ratios) // 2
    up, down, total = _split(ratios[:half])
    up_2, down_2, total_2 = _split(ratios[half:])
    return up * up_2, down * down_2, total * down_2 + up * total_2


def _all_coefficients(spheres: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """All non-zero coefficients of the product of (1 + x^n)^m, n > 0, in increasing degree."""
    if len(spheres) > 2:
        yield from sorted(_convolve(spheres).items())
        return
    (a, p), (b, q) = (*spheres, (1, 0), (1, 0))[:2]
    # P = (1+x^a)^p (1+x^b)^q solves (1+x^a)(1+x^b) x P' = (p a x^a (1+x^b) + q b x^b (1+x^a)) P: a recurrence in which
    # each coefficient is a combination of three earlier ones with small integer weights.
    top = p * a + q * b
    degrees = (
        range(top + 1)
        if top < (p + 1) * (q + 1)
        else sorted({a * j + b * k for j in range(p + 1) for k in range(q + 1)})
    )
    known: dict[int, int] = {0: 1}
    yield 0, 1
    for i in degrees:
        total = (
            (p * a - (i - a)) * known.get(i - a, 0)
            + (q * b - (i - b)) * known.get(i - b, 0)
            + (p * a + q * b - (i - a - b)) * known.get(i - a - b, 0)
        )
        if i > 0 and total:
            known[i] = total // i
            yield i, known[i]


def _convolve(spheres: list[tuple[int, int]]) -> dict[int, int]:
    """The coefficients for three and more dimensions, by multiplying the rows of binomials."""
    result = {0: 1}
    for n, m in spheres:
        row: dict[int, int] = {}
        for j in range(m + 1):
            choice = comb(m, j)
            for degree, value in result.items():
                row[degree + n * j] = row.get(degree + n * j, 0) + choice * value
        result = row
    return result
