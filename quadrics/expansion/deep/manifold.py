r"""The expansion manifold of a deep network as a union of affine subspaces, and its symmetry-induced critical points.

>>> core = DeepParameters([[[1]], [[2]], [[3]]])
>>> Theta = DeepExpansionManifold(core, (2, 2))
>>> Theta.number_of_subspaces() == len(set(S.factors() for S in Theta.subspaces())) == 9
True
>>> DeepCriticalUnion(core, (2, 2)).number_of_subspaces(), DeepCriticalUnion(core, (2, 2)).dimension
(1, 2)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import sympy

from ...errors import OffManifoldError, ShapeError
from ..affine import AffineSpace
from ..configurations import Configuration
from ..sizes import MAX_LISTED
from . import counts
from .blocks import Family
from .networks import DeepParameters, as_irreducible_network, as_widths
from .reduction import configurations_in, is_zero
from .subspaces import DeepSubspace, Vector, combine

if TYPE_CHECKING:
    from .paths import DeepPath


@dataclass(frozen=True)
class _DeepExpansion:
    core: DeepParameters
    m: tuple[int, ...]

    def __post_init__(self) -> None:
        as_irreducible_network(self.core)
        object.__setattr__(self, "m", as_widths(self.core, self.m))

    @property
    def r(self) -> tuple[int, ...]:
        """The widths of the core."""
        return self.core.widths

    def _check(self, theta: DeepParameters) -> None:
        expected = (self.core.d_in, *self.m, self.core.d_out)
        if theta.sizes != expected:
            raise ShapeError(f"theta: got the sizes {theta.sizes}; expected {expected}")


@dataclass(frozen=True)
class DeepExpansionManifold(_DeepExpansion):
    r"""All networks of widths m that a family of expansions makes of an irreducible deep network.

    The full family is the default: the networks that reduce to the core, up to permutation. With
    ``Family.LAST_TO_FIRST`` it is the paper's :math:`\Theta_{r \to m}` (eq. 8), which is smaller.

    Parameters
    ----------
    core : an irreducible deep network
    m : a width for each hidden layer, at least the core's
    family : which expansions

    Raises
    ------
    DimensionError
        for a width below the core's.
    ReducibleError
        if the core is reducible.
    ShapeError
        unless there is one width a hidden layer.

    Examples
    --------
    >>> core = DeepParameters([[[1]], [[2]], [[3]]])
    >>> theta = DeepParameters([[[1], [9]], [[2, 0], [8, 7]], [[3, 0]]])
    >>> [DeepExpansionManifold(core, (2, 2), family).contains(theta) for family in Family]
    [True, False, True]
    >>> DeepExpansionManifold(core, (2, 0))
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: m_2: got 0; expected an integer of at least 1
    """

    family: Family = Family.FULL

    def number_of_subspaces(self) -> int:
        """The product of T(r_l, m_l) over the hidden layers, in every family."""
        return counts.number_of_subspaces(self.r, self.m)

    def subspaces(self, most: int | None = MAX_LISTED) -> Iterator[DeepSubspace]:
        """Generate the affine subspaces.

        Raises ``DimensionError`` if there are more than ``most``.
        """
        return (DeepSubspace(self.core, P, self.family) for P in counts.subspaces(self.r, self.m, most))

    def is_connected(self) -> bool:
        """Whether every hidden layer has an extra neuron, or a single one."""
        return counts.is_connected(self.r, self.m)

    def number_of_components(self) -> int:
        """The product of r_l! over the hidden layers without an extra neuron."""
        return counts.number_of_components(self.r, self.m)

    def contains(self, theta: DeepParameters) -> bool:
        """Whether θ reduces to the core up to permutation, layer by layer in the family's order.

        Raises ``ShapeError`` if θ has other sizes.
        """
        self._check(theta)
        return configurations_in(self.core, theta, self.family.undoing(len(self.m))) is not None

    def configurations_of(self, theta: DeepParameters) -> tuple[Configuration, ...]:
        """Return the configurations of θ found by reducing it.

        Raises ``OffManifoldError`` if θ does not lie on the manifold.
        """
        self._check(theta)
        found = configurations_in(self.core, theta, self.family.undoing(len(self.m)))
        if found is None:
            raise OffManifoldError(
                f"theta: got a network outside the expansion (family: {self.family}); expected one that reduces to "
                "the core, up to permutation"
            )
        return found

    def path(self, start: DeepParameters, end: DeepParameters) -> DeepPath:
        """Return a path of line segments inside the manifold: :func:`quadrics.expansion.deep.paths.connect`."""
        from .paths import connect  # which builds on this module

        return connect(self, start, end)


@dataclass(frozen=True)
class DeepCriticalSubspace:
    r"""Copies in every hidden layer whose outgoing weights are shares :math:`\beta` of the core's.

    .. math:: V^l_{ij} = W^l_{t(i)\, t(j)}\, \beta^{l-1}_j, \qquad \sum_{j \in K_t} \beta^{l-1}_j = 1

    with t(i) the neuron that i copies. If the core is a critical point of the loss, so is every such network. The
    dimension is Σ (m_l - r_l).

    >>> core = DeepParameters([[[1]], [[2]], [[3]]])
    >>> S = DeepCriticalSubspace(core, (Configuration(1, (1, 1)), Configuration(1, (1,))))
    >>> S.dimension, S.point([5]).weights[1]
    (1, Matrix([[-8, 10]]))
    >>> DeepCriticalSubspace(core, (Configuration(1, (1, -1)), Configuration(1, (1,))))
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: configurations: got zero-type groups in (1, -1); expected copies only
    """

    core: DeepParameters
    configurations: tuple[Configuration, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "configurations", tuple(self.configurations))
        DeepSubspace(self.core, self.configurations)  # checks the labels and the core
        for P in self.configurations:
            if not P.is_critical:
                raise ShapeError(f"configurations: got zero-type groups in {P.word}; expected copies only")

    @property
    def dimension(self) -> int:
        """Σ (m_l - r_l)."""
        return sum(P.m - P.r for P in self.configurations)

    @property
    def base_point(self) -> DeepParameters:
        """The point where the first of the copies has the whole share."""
        return DeepSubspace(self.core, self.configurations).base_point

    def direction_vectors(self) -> list[Vector]:
        """Move a share of a neuron's outgoing weights from its first copy to another."""
        layers = DeepSubspace(self.core, self.configurations).layers
        sizes = [above.m * below.m for below, above in pairwise(layers)]
        found: list[Vector] = []
        for i, (W, (below, above)) in enumerate(zip(self.core.weights, pairwise(layers), strict=True)):
            for u, columns in enumerate(below.labelled_blocks):
                for j in columns[1:]:
                    vector: list[Any] = [sympy.Integer(0)] * sum(sizes)
                    for row, letter in enumerate(above.word):
                        start = sum(sizes[:i]) + row * below.m
                        vector[start + j], vector[start + columns[0]] = W[letter - 1, u], -W[letter - 1, u]
                    found.append(tuple(vector))
        return found

    def point(self, coefficients: Any) -> DeepParameters:
        """Return the base point plus a combination of the directions: each coefficient is a share β.

        Raises ``ShapeError`` unless there is one coefficient a direction.
        """
        return combine(self.base_point, self.direction_vectors(), coefficients)

    @cached_property
    def _affine(self) -> AffineSpace:
        return AffineSpace.through(self.base_point.entries(), self.direction_vectors())

    def affine(self) -> AffineSpace:
        """Return the subspace by equations in echelon form."""
        return self._affine

    def contains(self, theta: DeepParameters) -> bool:
        """Whether θ consists of such copies: the shares are read off one weight each, and all weights compared."""
        layers = DeepSubspace(self.core, self.configurations).layers
        if theta.sizes != tuple(P.m for P in layers):
            return False
        for V, W, (below, above) in zip(theta.weights, self.core.weights, pairwise(layers), strict=True):
            t, u = [letter - 1 for letter in above.word], [letter - 1 for letter in below.word]
            shares: list[Any] = []
            for j in range(below.m):
                # A neuron without other copies has the whole share (an input may even have no weights at all).
                i = next((i for i in range(above.m) if not is_zero(W[t[i], u[j]])), None)
                alone = below.word.count(below.word[j]) == 1
                shares.append(sympy.Integer(1) if alone or i is None else V[i, j] / W[t[i], u[j]])
                if not all(is_zero(V[i, j] - W[t[i], u[j]] * shares[j]) for i in range(above.m)):
                    return False
            if not all(is_zero(sympy.Add(*(shares[j] for j in block)) - 1) for block in below.labelled_blocks):
                return False
        return True


class DeepCriticalUnion(_DeepExpansion):
    r"""The symmetry-induced critical points of a deep critical point: ∏ G(r_l, m_l) disjoint affine subspaces.

    Parameters and errors as for :class:`DeepExpansionManifold`.

    >>> union = DeepCriticalUnion(DeepParameters([[[1], [2]], [[3, 4]]]), (3,))
    >>> union.contains(DeepParameters([[[2], [1], [2]], [[6, 3, -2]]]))
    True
    """

    def number_of_subspaces(self) -> int:
        """The product of G(r_l, m_l) over the hidden layers."""
        return counts.number_of_critical_subspaces(self.r, self.m)

    def subspaces(self, most: int | None = MAX_LISTED) -> Iterator[DeepCriticalSubspace]:
        """Generate the affine subspaces."""
        return (DeepCriticalSubspace(self.core, P) for P in counts.critical_subspaces(self.r, self.m, most))

    @property
    def dimension(self) -> int:
        """Σ (m_l - r_l), the dimension of each."""
        return sum(self.m) - sum(self.r)

    def number_of_components(self) -> int:
        """The subspaces do not meet: as many as there are."""
        return self.number_of_subspaces()

    def contains(self, theta: DeepParameters) -> bool:
        """Whether θ lies in one of the subspaces.

        Raises ``ShapeError`` if θ has other sizes.
        """
        self._check(theta)
        found = configurations_in(self.core, theta)
        if found is None or not all(P.is_critical for P in found):
            return False
        return DeepCriticalSubspace(self.core, found).contains(theta)
