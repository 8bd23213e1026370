"""Vectors of any dimension, known only through their inner products.

An identity between inner products that holds by bilinearity and symmetry alone holds in every dimension. So a
derivation about ``|w - h g|²`` needs no coordinates: a :class:`Vector` is a linear combination of named vectors, and
:func:`dot` expands into symbols ``⟨u,v⟩``, one for each pair of names.

>>> w, g = vectors("w g")
>>> h = sp.Symbol("h")
>>> square(w - h * g)
⟨g,g⟩*h**2 - 2*⟨g,w⟩*h + ⟨w,w⟩
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from .evidence import decided
from .exact import same
from .rules import Rule, equal_modulo


@dataclass(frozen=True)
class Vector:
    """A linear combination of named vectors with SymPy coefficients."""

    terms: tuple[tuple[str, Any], ...]

    def __add__(self, other: Vector) -> Vector:
        total: dict[str, Any] = dict(self.terms)
        for name, coefficient in other.terms:
            total[name] = total.get(name, sp.Integer(0)) + coefficient
        return _vector(total)

    def __rmul__(self, factor: Any) -> Vector:
        return _vector({name: sp.sympify(factor) * coefficient for name, coefficient in self.terms})

    def __neg__(self) -> Vector:
        return -1 * self

    def __sub__(self, other: Vector) -> Vector:
        return self + (-other)

    def __str__(self) -> str:
        return str(self._combination())

    def _latex(self, printer: Any) -> str:
        return str(printer.doprint(self._combination()))

    def _combination(self) -> Any:
        return sum((coefficient * sp.Symbol(name) for name, coefficient in self.terms), sp.Integer(0))


def _vector(terms: Mapping[str, Any]) -> Vector:
    return Vector(tuple(sorted(terms.items())))


def vectors(names: str) -> tuple[Vector, ...]:
    """The vectors with these names, as ``sympy.symbols`` does it."""
    return tuple(_vector({name: sp.Integer(1)}) for name in names.split())


class InnerSymbol(sp.Symbol):  # type: ignore[misc]  # SymPy ships no types
    """A symbol ``⟨u,v⟩`` that knows the names in it, for LaTeX."""

    def _latex(self, printer: Any) -> str:
        names = self.name.strip("⟨⟩").split(",")
        return r"\left\langle " + ", ".join(printer.doprint(sp.Symbol(name)) for name in names) + r"\right\rangle"


def inner(first: str, second: str) -> Any:
    """The symbol that stands for the inner product of two named vectors, in either order."""
    return InnerSymbol("⟨" + ",".join(sorted((first, second))) + "⟩")


def dot(u: Vector, v: Vector) -> Any:
    """The inner product, expanded by bilinearity.

    >>> u, v = vectors("u v")
    >>> dot(u + v, u - v)
    ⟨u,u⟩ - ⟨v,v⟩
    """
    return sp.expand(sum(a * b * inner(m, n) for m, a in u.terms for n, b in v.terms))


def square(u: Vector) -> Any:
    """The squared norm."""
    return dot(u, u)


@dataclass(frozen=True)
class Inner:
    """A combination of inner products of vectors, kept as written until :func:`expanded`.

    >>> w, g = vectors("w g")
    >>> form = norm2(w - g) - norm2(g)
    >>> print(form)
    |-g + w|^2 - |g|^2
    >>> form.expanded()
    -2*⟨g,w⟩ + ⟨w,w⟩
    """

    terms: tuple[tuple[Any, Vector, Vector], ...]

    def __add__(self, other: Inner) -> Inner:
        return Inner((*self.terms, *other.terms))

    def __rmul__(self, factor: Any) -> Inner:
        return Inner(tuple((sp.sympify(factor) * c, u, v) for c, u, v in self.terms))

    def __sub__(self, other: Inner) -> Inner:
        return self + -1 * other

    def expanded(self) -> Any:
        """The expression in inner products of the named vectors, by bilinearity."""
        return sp.expand(sum((c * dot(u, v) for c, u, v in self.terms), sp.Integer(0)))

    def __str__(self) -> str:
        return str(self._sum(str, "|{}|^2", "<{}, {}>"))

    def _latex(self, printer: Any) -> str:
        square_, product = r"\left|{}\right|^2", r"\left\langle {}, {}\right\rangle"
        return str(printer.doprint(self._sum(printer.doprint, square_, product)))

    def _sum(self, show: Any, square_: str, product: str) -> Any:
        """The combination with one symbol for each product, named as it should be shown, in the order as written."""
        shown = []
        for c, u, v in self.terms:
            name = square_.format(show(u)) if u == v else product.format(show(u), show(v))
            shown.append(c * sp.Symbol(name))
        return sp.Add(*shown, evaluate=False) if len(shown) > 1 else shown[0]


def inner_product(u: Vector, v: Vector) -> Inner:
    """The inner product of two vectors, kept as written."""
    return Inner(((sp.Integer(1), u, v),))


def norm2(u: Vector) -> Inner:
    """The squared norm, kept as written."""
    return inner_product(u, u)


bilinear = Rule(
    "inner products are bilinear and symmetric",
    lambda before, after: decided(same(before.expanded(), after)),
)
"""An :class:`Inner` and what it expands to: an identity in every dimension."""


def bilinear_modulo(*relations: Any) -> Rule:
    """The same, once the polynomial ``relations`` between inner products are used."""
    rule = equal_modulo(*relations)
    named = rule.name.removeprefix("equal modulo ")
    return Rule(f"bilinear, with {named}", lambda before, after: rule.decide(before.expanded(), after))
