"""Explicit continuous curves of neurons and of parameters, exact in the time t from 0 to 1.

A path is a list of segments; on each, every weight is one SymPy expression in t. Segments meet where they should: the
tests and the claims check it, and :meth:`NeuronPath.is_continuous` decides it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy
from sympy import Piecewise, Rational, Symbol

from .errors import DimensionError, ShapeError
from .network import Neuron, Parameters
from .validation import Expr, as_real

T = Symbol("t", real=True)
"""The time along a path."""


def map_neuron(function: Callable[[Expr], Expr], neuron: Neuron) -> Neuron:
    """Return the neuron with ``function`` applied to every weight.

    >>> map_neuron(lambda v: 2 * v, Neuron((1, 2), (3,)))
    Neuron(w=(2, 4), a=(6,), b=None)
    """
    bias = None if neuron.b is None else function(neuron.b)
    return Neuron(tuple(map(function, neuron.w)), tuple(map(function, neuron.a)), bias)


@dataclass(frozen=True)
class Segment:
    """One piece of a path: the neuron's weights as expressions in t, valid for start <= t <= end."""

    neuron: Neuron
    start: Expr
    end: Expr


@dataclass(frozen=True)
class NeuronPath:
    """A continuous curve of neurons over 0 <= t <= 1.

    >>> line = NeuronPath.from_pieces([Neuron((T,), (1,)), Neuron((1,), (1 + T,))])
    >>> line.at(Rational(1, 4)), line.end
    (Neuron(w=(1/2,), a=(1,), b=None), Neuron(w=(1,), a=(2,), b=None))
    >>> line.is_continuous(), line.breakpoints
    (True, (0, 1/2, 1))
    """

    segments: tuple[Segment, ...]

    @classmethod
    def from_pieces(cls, pieces: Iterable[Neuron]) -> NeuronPath:
        """Return the path through the pieces, each given over 0 <= t <= 1, in equal times one after another."""
        neurons = tuple(pieces)
        if not neurons:
            raise ShapeError("path: got no pieces; expected at least one")
        n = len(neurons)
        return cls(
            tuple(
                Segment(_retimed(piece, n * T - i), Rational(i, n), Rational(i + 1, n))
                for i, piece in enumerate(neurons)
            )
        )

    @property
    def breakpoints(self) -> tuple[Expr, ...]:
        """The times at which the formula changes, with 0 and 1."""
        return (self.segments[0].start, *(s.end for s in self.segments))

    @property
    def start(self) -> Neuron:
        """The neuron at t = 0."""
        return self.at(0)

    @property
    def end(self) -> Neuron:
        """The neuron at t = 1."""
        return self.at(1)

    def at(self, time: object) -> Neuron:
        """Return the neuron at a time between 0 and 1.

        Raises ``DimensionError`` for a time outside.
        """
        moment = as_real(time, "time")
        for segment in self.segments:
            if segment.start <= moment <= segment.end:
                return _retimed(segment.neuron, moment)
        raise DimensionError(f"time: got {moment}; expected a number from 0 to 1")

    def reversed(self) -> NeuronPath:
        """Return the same curve run backwards."""
        return NeuronPath(
            tuple(Segment(_retimed(s.neuron, 1 - T), 1 - s.end, 1 - s.start) for s in reversed(self.segments))
        )

    def then(self, other: NeuronPath) -> NeuronPath:
        """Return this path on 0 <= t <= 1/2 followed by the other on 1/2 <= t <= 1.

        >>> there = NeuronPath.from_pieces([Neuron((T,), (1,))])
        >>> there.then(there.reversed()).at(1)
        Neuron(w=(0,), a=(1,), b=None)
        """
        half = Rational(1, 2)
        first = [Segment(_retimed(s.neuron, 2 * T), s.start / 2, s.end / 2) for s in self.segments]
        second = [Segment(_retimed(s.neuron, 2 * T - 1), half + s.start / 2, half + s.end / 2) for s in other.segments]
        return NeuronPath((*first, *second))

    def is_continuous(self) -> bool:
        """Whether neighbouring segments meet (decided by SymPy's ``equals``)."""
        return all(
            _same(
                _retimed(before.neuron, before.end),
                _retimed(after.neuron, before.end),
            )
            for before, after in pairwise(self.segments)
        )

    def weights(self) -> Neuron:
        """Return the neuron with one ``Piecewise`` in t per weight: the form that plots and compiles."""
        neurons = [s.neuron for s in self.segments]
        if len(neurons) == 1:
            return neurons[0]

        def join(values: tuple[Expr, ...]) -> Expr:
            conditions: list[Any] = [s.end >= T for s in self.segments[:-1]]
            return Piecewise(*zip(values, [*conditions, True], strict=True))

        return Neuron(
            tuple(join(v) for v in zip(*(n.w for n in neurons), strict=True)),
            tuple(join(v) for v in zip(*(n.a for n in neurons), strict=True)),
            None if neurons[0].b is None else join(tuple(n.b for n in neurons)),
        )


@dataclass(frozen=True)
class ParameterPath:
    """A continuous curve of parameters: every neuron runs along its own path, ``b2`` (if any) in a straight line."""

    neurons: tuple[NeuronPath, ...]
    b2: Any | None = None

    @property
    def start(self) -> Parameters:
        """The parameters at t = 0."""
        return self.at(0)

    @property
    def end(self) -> Parameters:
        """The parameters at t = 1."""
        return self.at(1)

    @property
    def breakpoints(self) -> tuple[Expr, ...]:
        """All times at which some neuron's formula changes, with 0 and 1."""
        return tuple(sorted({time for path in self.neurons for time in path.breakpoints}))

    def at(self, time: object) -> Parameters:
        """Return the parameters at a time between 0 and 1.

        Raises ``DimensionError`` for a time outside.
        """
        b2 = None if self.b2 is None else self.b2.subs(T, as_real(time, "time"))
        return Parameters.from_neurons([path.at(time) for path in self.neurons], b2)

    def weights(self) -> Parameters:
        """Return the parameters with one ``Piecewise`` in t per weight."""
        return Parameters.from_neurons([path.weights() for path in self.neurons], self.b2)


def _retimed(neuron: Neuron, time: Expr) -> Neuron:
    """The neuron with another expression in place of t."""
    return map_neuron(lambda v: v.subs(T, time), neuron)


def _same(first: Neuron, second: Neuron) -> bool:
    differences = [
        u - v
        for u, v in zip(
            (*first.w, *first.a, *(() if first.b is None else (first.b,))),
            (*second.w, *second.a, *(() if second.b is None else (second.b,))),
            strict=True,
        )
    ]
    return all(d == 0 or sympy.sympify(d).equals(0) for d in differences)
