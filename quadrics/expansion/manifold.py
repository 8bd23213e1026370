r"""The expansion manifold Θ_{r→m} and the critical union Θ̄_{r→m} of an irreducible point, as unions of subspaces.

>>> core = Parameters([[1, 0], [0, 1]], [[1, 2]])
>>> Theta = ExpansionManifold(core, 3)
>>> Theta.number_of_subspaces(), Theta.is_connected(), Theta.dimensions
(12, True, (1, 2))
>>> CriticalUnion(core, 3).number_of_subspaces()
6
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import OffManifoldError, ShapeError
from ..network import Parameters
from .configurations import Configuration
from .counts import G, T
from .enumeration import affine_subspaces, critical_subspaces
from .intersections import is_connected, number_of_components
from .reduction import as_irreducible
from .sizes import MAX_LISTED, as_expansion
from .subspaces import CriticalSubspace, ExpansionSubspace, configuration_in

if TYPE_CHECKING:
    from .paths import SegmentPath


@dataclass(frozen=True)
class _Expansion:
    core: Parameters
    m: int

    def __post_init__(self) -> None:
        if self.core.has_bias or self.core.b2 is not None:
            raise ShapeError("core: got biases; expected none (append a constant 1 to the inputs instead)")
        as_irreducible(self.core)
        object.__setattr__(self, "m", as_expansion(self.core.width, self.m)[1])

    @property
    def r(self) -> int:
        """The width of the core."""
        return self.core.width

    def _check(self, theta: Parameters) -> None:
        got = (theta.d_in, theta.width, theta.d_out, theta.has_bias)
        expected = (self.core.d_in, self.m, self.core.d_out, False)
        if got != expected:
            raise ShapeError(f"theta: got (d_in, width, d_out, bias) = {got}; expected {expected}")


class ExpansionManifold(_Expansion):
    r"""Θ_{r→m}: all networks of width m whose irreducible core is a given point, up to permutation (Definition 3.3).

    It is a union of T(r, m) affine subspaces, none inside another; where they cross it is no manifold in the sense of
    topology. For m = r it consists of r! points.

    Parameters
    ----------
    core : an irreducible network of r ≥ 1 neurons without biases
    m : the width, at least r

    Raises
    ------
    DimensionError
        if m < r.
    ReducibleError
        if the core is reducible.

    Examples
    --------
    >>> Theta = ExpansionManifold(Parameters([[1]], [[2]]), 3)
    >>> [Theta.contains(Parameters([[1], [5], [5]], [[2, 7, a]])) for a in (-7, 7)]
    [True, False]
    >>> [P.word for P in Theta.configurations_of(Parameters([[1], [1], [5]], [[2, 0, 0]]))]
    [(1, 1, -1), (1, -1, -2)]
    >>> ExpansionManifold(Parameters([[1], [2]], [[2, 3]]), 1)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: sizes: got r = 2 and m = 1; expected r <= m (a network is...
    """

    def number_of_subspaces(self) -> int:
        """T(r, m)."""
        return T(self.r, self.m)

    def subspaces(self, most: int | None = MAX_LISTED) -> Iterator[ExpansionSubspace]:
        """Generate the affine subspaces."""
        return (ExpansionSubspace(self.core, P) for P in affine_subspaces(self.r, self.m, most))

    @property
    def dimensions(self) -> tuple[int, int]:
        """The least and greatest dimension of a subspace: (m - r) times the lesser and the greater of d_in, d_out."""
        sizes = (self.core.d_in, self.core.d_out)
        return (self.m - self.r) * min(sizes), (self.m - self.r) * max(sizes)

    def is_connected(self) -> bool:
        """Whether m > r or r = 1."""
        return is_connected(self.r, self.m)

    def number_of_components(self) -> int:
        """One for m > r, and r! for m = r."""
        return number_of_components(self.r, self.m)

    def contains(self, theta: Parameters) -> bool:
        """Whether θ reduces to the core, up to permutation.

        Raises ``ShapeError`` if θ has other sizes.
        """
        self._check(theta)
        return configuration_in(self.core, theta) is not None

    def configuration_of(self, theta: Parameters) -> Configuration:
        """Return the configuration of θ in which neurons of equal incoming weights share a block.

        Raises ``OffManifoldError`` if θ does not lie on the manifold.

        >>> Theta = ExpansionManifold(Parameters([[1]], [[2]]), 2)
        >>> Theta.configuration_of(Parameters([[1], [1]], [[1, 2]]))  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        quadrics.errors.OffManifoldError: theta: got a network with another irreducible core; expected one that...
        """
        self._check(theta)
        found = configuration_in(self.core, theta)
        if found is None:
            raise OffManifoldError(
                "theta: got a network with another irreducible core; expected one that reduces to the core of this "
                "manifold, up to permutation"
            )
        return found

    def configurations_of(self, theta: Parameters, most: int | None = MAX_LISTED) -> Iterator[Configuration]:
        """Generate the configurations of all the subspaces that contain θ, by trying every one."""
        self._check(theta)
        return (S.configuration for S in self.subspaces(most) if S.contains(theta))

    def path(self, start: Parameters, end: Parameters) -> SegmentPath:
        """Return a path of line segments inside the manifold: :func:`quadrics.expansion.paths.connect`."""
        from .paths import connect  # which builds on this module

        return connect(self, start, end)


class CriticalUnion(_Expansion):
    r"""Θ̄_{r→m}: the symmetry-induced critical points of a critical point of r neurons (Definition 4.1).

    A disjoint union of G(r, m) affine subspaces of dimension m - r (Proposition 4.3): the incoming weights of a point
    determine its configuration. Parameters and errors as for :class:`ExpansionManifold`.

    >>> union = CriticalUnion(Parameters([[1], [2]], [[3, 4]]), 3)
    >>> union.subspace_of(Parameters([[2], [1], [2]], [[6, 3, -2]])).configuration.word
    (2, 1, 2)
    >>> union.contains(Parameters([[2], [1], [5]], [[4, 3, 0]]))
    False
    """

    def number_of_subspaces(self) -> int:
        """G(r, m)."""
        return G(self.r, self.m)

    def subspaces(self, most: int | None = MAX_LISTED) -> Iterator[CriticalSubspace]:
        """Generate the affine subspaces."""
        return (CriticalSubspace(self.core, P) for P in critical_subspaces(self.r, self.m, most))

    @property
    def dimension(self) -> int:
        """m - r."""
        return self.m - self.r

    def number_of_components(self) -> int:
        """The subspaces do not meet: G(r, m)."""
        return G(self.r, self.m)

    def contains(self, theta: Parameters) -> bool:
        """Whether θ lies in one of the subspaces.

        Raises ``ShapeError`` if θ has other sizes.
        """
        self._check(theta)
        found = configuration_in(self.core, theta)
        return found is not None and found.is_critical and CriticalSubspace(self.core, found).contains(theta)

    def subspace_of(self, theta: Parameters) -> CriticalSubspace:
        """Return the one subspace that contains θ.

        Raises ``OffManifoldError`` if there is none.
        """
        if not self.contains(theta):
            raise OffManifoldError(
                "theta: got a point outside the critical union; expected copies of the core's neurons whose outgoing "
                "weights are multiples of the core's that add up to them"
            )
        found = configuration_in(self.core, theta)
        assert found is not None
        return CriticalSubspace(self.core, found)
