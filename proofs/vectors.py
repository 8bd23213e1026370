"""Vectors of any dimension, known only through their inner products.

An identity between inner products that holds by bilinearity and symmetry alone holds in every dimension. So a
derivation about ``|w - h g|²`` needs no coordinates: a :class:`Vector` is a linear combination of named vectors, and
:func:`dot` expands into symbols ``⟨u,v⟩``, one for each pair of names.

>>> w, g = vectors("w g")
>>> h = sp.Symbol("h")
>>> square(w - h * g)
h**2*⟨g,g⟩ - 2*h*⟨g,w⟩ + ⟨w,w⟩
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp


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


def _vector(terms: Mapping[str, Any]) -> Vector:
    return Vector(tuple(sorted(terms.items())))


def vectors(names: str) -> tuple[Vector, ...]:
    """The vectors with these names, as ``sympy.symbols`` does it."""
    return tuple(_vector({name: sp.Integer(1)}) for name in names.split())


def inner(first: str, second: str) -> Any:
    """The symbol that stands for the inner product of two named vectors, in either order."""
    return sp.Symbol("⟨" + ",".join(sorted((first, second))) + "⟩")


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
