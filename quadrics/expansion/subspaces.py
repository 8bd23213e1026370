r"""The affine subspaces of an expansion as objects: Γ_s (Definition 3.2) and the critical Γ̄_s (Definition 4.1).

A subspace belongs to an irreducible point (its core, r neurons) and a configuration (which neuron of the wide network
copies which one of the core). Coordinates are ordered as in the paper: w_1, ..., w_m, then a_1, ..., a_m.

>>> core = Parameters([[1, 2]], [[3]])
>>> line = ExpansionSubspace(core, Configuration(1, (1, 1)))
>>> line.dimension, line.affine().dimension, line.base_point.W2
(1, 1, Matrix([[3, 0]]))
>>> line.symbols().W2
Matrix([[3 - alpha_2_1, alpha_2_1]])
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy

from ..errors import ShapeError
from ..network import Parameters
from .affine import AffineSpace
from .configurations import Configuration
from .coordinates import Vector, from_vector, to_vector
from .reduction import as_irreducible, reduce


@dataclass(frozen=True)
class Subspace(ABC):
    """An affine subspace of networks of width m that compute what the core computes.

    Parameters
    ----------
    core : an irreducible network of r neurons, without biases (append a constant input instead)
    configuration : r labels on m positions

    Raises
    ------
    ReducibleError
        if the core is reducible.
    ShapeError
        if the configuration has another number of labels, or the core has biases.
    """

    core: Parameters
    configuration: Configuration

    def __post_init__(self) -> None:
        if self.core.has_bias or self.core.b2 is not None:
            raise ShapeError("core: got biases; expected none (append a constant 1 to the inputs instead)")
        if self.configuration.r != self.core.width:
            raise ShapeError(
                f"configuration: got {self.configuration.r} labels; expected {self.core.width}, one for each neuron"
            )
        as_irreducible(self.core)

    @property
    @abstractmethod
    def dimension(self) -> int:
        """The dimension, by its formula."""

    @abstractmethod
    def direction_vectors(self) -> list[Vector]:
        """Linearly independent vectors that span the directions."""

    @abstractmethod
    def contains(self, theta: Parameters) -> bool:
        """Whether θ satisfies the definition of the subspace."""

    @property
    def base_point(self) -> Parameters:
        """The point where one neuron of each block has all its outgoing weights, and zero-type neurons have w = a = 0.

        >>> ExpansionSubspace(Parameters([[5]], [[3]]), Configuration(1, (-1, 1, 1))).base_point.W1.T
        Matrix([[0, 5, 5]])
        """
        m = self.configuration.m
        W1 = sympy.zeros(m, self.core.d_in)
        W2 = sympy.zeros(self.core.d_out, m)
        for t, block in enumerate(self.configuration.labelled_blocks):
            for i in block:
                W1[i, :] = self.core.W1.row(t)
            W2[:, block[0]] = self.core.W2.col(t)
        return Parameters(W1, W2)

    def directions(self) -> list[Parameters]:
        """The direction vectors, each written as a network."""
        return [from_vector(v, self.core.d_in, self.core.d_out) for v in self.direction_vectors()]

    def point(self, coefficients: Sequence[Any]) -> Parameters:
        """Return the base point plus a combination of the directions.

        Raises ``ShapeError`` unless there is one coefficient a direction.

        >>> ExpansionSubspace(Parameters([[5]], [[3]]), Configuration(1, (1, 1))).point([7]).W2
        Matrix([[-4, 7]])
        """
        directions = self.direction_vectors()
        if len(coefficients) != len(directions):
            raise ShapeError(f"coefficients: got {len(coefficients)}; expected {len(directions)}, one a direction")
        total = sympy.Matrix(to_vector(self.base_point))
        for c, d in zip(coefficients, directions, strict=True):
            total += sympy.sympify(c) * sympy.Matrix(d)
        return from_vector(list(total), self.core.d_in, self.core.d_out)

    @cached_property
    def _affine(self) -> AffineSpace:
        return AffineSpace.through(to_vector(self.base_point), self.direction_vectors())

    def affine(self) -> AffineSpace:
        """Return the subspace as equations in reduced row echelon form, exactly."""
        return self._affine

    def _vector(self, entries: dict[int, Any]) -> Vector:
        n = self.configuration.m * (self.core.d_in + self.core.d_out)
        return tuple(sympy.sympify(entries.get(i, 0)) for i in range(n))

    def _input(self, i: int, d: int) -> int:
        return i * self.core.d_in + d

    def _output(self, i: int, e: int) -> int:
        return self.configuration.m * self.core.d_in + i * self.core.d_out + e

    def _fits(self, theta: Parameters) -> bool:
        got = (theta.d_in, theta.d_out, theta.width, theta.has_bias)
        return got == (self.core.d_in, self.core.d_out, self.configuration.m, False)


class ExpansionSubspace(Subspace):
    r"""Γ_s, or a permutation of it: copies share outgoing weights, zero-type groups cancel (eq. 3).

    .. math:: w_i = w_t,\ \sum_{i \in K_t} a_i = a_t \quad (t \le r); \qquad
              w_i = w'_l,\ \sum_{i \in Z_l} a_i = 0 \quad (l \le j)

    Its dimension is (m - r - j) d_out + j d_in.

    >>> plane = ExpansionSubspace(Parameters([[1, 2]], [[3]]), Configuration(1, (-1, 1)))
    >>> plane.dimension, plane.contains(Parameters([[7, 7], [1, 2]], [[0, 3]]))
    (2, True)
    >>> plane.contains(Parameters([[7, 7], [1, 2]], [[1, 3]]))
    False
    >>> ExpansionSubspace(Parameters([[1, 2]], [[0]]), Configuration(1, (-1, 1)))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    quadrics.errors.ReducibleError: theta: got no outgoing weights in neuron 0; expected an irreducible point...
    """

    @property
    def dimension(self) -> int:
        """(m - r - j) d_out + j d_in."""
        return int(self.configuration.dimension(self.core.d_in, self.core.d_out))

    def direction_vectors(self) -> list[Vector]:
        """Shift a zero-type group's incoming weights; move outgoing weight from a block's first member to another."""
        P = self.configuration
        shifts = [
            self._vector({self._input(i, d): 1 for i in block})
            for block in P.zero_blocks
            for d in range(self.core.d_in)
        ]
        moves = [
            self._vector({self._output(i, e): 1, self._output(block[0], e): -1})
            for block in (*P.labelled_blocks, *P.zero_blocks)
            for i in block[1:]
            for e in range(self.core.d_out)
        ]
        return shifts + moves

    def contains(self, theta: Parameters) -> bool:
        """Whether θ has the copies and the cancelling groups of the configuration (and perhaps more)."""
        if not self._fits(theta):
            return False
        P = self.configuration
        for t, block in enumerate(P.labelled_blocks):
            if any(not _equal(theta.W1.row(i), self.core.W1.row(t)) for i in block):
                return False
            if not _equal(_sum(theta, block), self.core.W2.col(t)):
                return False
        for block in P.zero_blocks:
            if any(not _equal(theta.W1.row(i), theta.W1.row(block[0])) for i in block):
                return False
            if not _equal(_sum(theta, block), sympy.zeros(self.core.d_out, 1)):
                return False
        return True

    def symbols(self) -> Parameters:
        """Return the general point, with symbols v_l_d (incoming, zero-type group l) and alpha_i_e (outgoing).

        >>> ExpansionSubspace(Parameters([[5]], [[3]]), Configuration(1, (1, -1, -1))).symbols().W1.T
        Matrix([[5, v_1_1, v_1_1]])
        """
        P, core = self.configuration, self.core
        names = [
            sympy.Symbol(f"v_{g + 1}_{d + 1}", real=True) for g in range(len(P.zero_blocks)) for d in range(core.d_in)
        ]
        names += [
            sympy.Symbol(f"alpha_{i + 1}_{e + 1}", real=True)
            for block in (*P.labelled_blocks, *P.zero_blocks)
            for i in block[1:]
            for e in range(core.d_out)
        ]
        return self.point(names)


class CriticalSubspace(Subspace):
    r"""Γ̄_s, or a permutation of it: copies whose outgoing weights are multiples β_i a_t with Σ β_i = 1 (eq. 4).

    If the core is a critical point of the loss of r neurons, every point of it is one of the loss of m neurons
    (Proposition 4.3). Its dimension is m - r.

    >>> line = CriticalSubspace(Parameters([[1, 2]], [[3], [4]]), Configuration(1, (1, 1)))
    >>> line.dimension, line.contains(Parameters([[1, 2], [1, 2]], [[6, -3], [8, -4]]))
    (1, True)

    Other ways to share the outgoing weights compute the same function, but need not be critical:

    >>> line.contains(Parameters([[1, 2], [1, 2]], [[6, -3], [0, 4]]))
    False
    >>> CriticalSubspace(Parameters([[1, 2]], [[3]]), Configuration(1, (1, -1)))
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: configuration: got zero-type groups in (1, -1); expected copies only (Definition 4.1)
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.configuration.is_critical:
            raise ShapeError(
                f"configuration: got zero-type groups in {self.configuration.word}; expected copies only "
                "(Definition 4.1)"
            )

    @property
    def dimension(self) -> int:
        """m - r."""
        return self.configuration.m - self.configuration.r

    def direction_vectors(self) -> list[Vector]:
        """Move a multiple of a_t from a block's first member to another."""
        core = self.core
        return [
            self._vector(
                {self._output(i, e): core.W2[e, t] for e in range(core.d_out)}
                | {self._output(block[0], e): -core.W2[e, t] for e in range(core.d_out)}
            )
            for t, block in enumerate(self.configuration.labelled_blocks)
            for i in block[1:]
        ]

    def contains(self, theta: Parameters) -> bool:
        """Whether θ consists of copies whose outgoing weights are multiples of the core's that add up to them."""
        if not self._fits(theta):
            return False
        for t, block in enumerate(self.configuration.labelled_blocks):
            a = self.core.W2.col(t)
            pivot = next(e for e in range(self.core.d_out) if a[e] != 0)
            for i in block:
                beta = theta.W2[pivot, i] / a[pivot]
                if not (_equal(theta.W1.row(i), self.core.W1.row(t)) and _equal(theta.W2.col(i), beta * a)):
                    return False
            if not _equal(_sum(theta, block), a):
                return False
        return True


def configuration_in(core: Parameters, theta: Parameters) -> Configuration | None:
    """Return the configuration of θ with the labels of ``core``, or ``None`` if θ has another irreducible core.

    It is the coarsest one: neurons of equal incoming weights share a block.

    >>> core = Parameters([[1], [2]], [[5, 6]])
    >>> configuration_in(core, Parameters([[2], [1], [2]], [[4, 5, 2]])).word
    (2, 1, 2)
    >>> configuration_in(core, Parameters([[2], [1], [2]], [[4, 5, 3]])) is None
    True
    """
    if theta.has_bias or (theta.d_in, theta.d_out) != (core.d_in, core.d_out):
        return None
    found = reduce(theta)
    blocks: list[tuple[int, ...]] = []
    for neuron in core.neurons():
        match = [
            g
            for g in found.labelled
            if _equal(sympy.Matrix(g.w), sympy.Matrix(neuron.w)) and _equal(sympy.Matrix(g.a), sympy.Matrix(neuron.a))
        ]
        if not match:
            return None
        blocks.append(match[0].members)
    if found.r != core.width:
        return None
    return Configuration.from_blocks(blocks, [g.members for g in found.zero_groups])


def _sum(theta: Parameters, block: tuple[int, ...]) -> Any:
    total = theta.W2.col(block[0])
    for i in block[1:]:
        total = total + theta.W2.col(i)
    return total


def _equal(first: Any, second: Any) -> bool:
    return all(v == 0 or sympy.expand(v) == 0 or bool(v.equals(0)) for v in first - second)
