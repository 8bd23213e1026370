r"""Factorizations W_l ... W_1 = A of a matrix of rank r through hidden widths h_i >= r: components and paths.

This is where the loss of a deep linear network of any widths is zero. Write A = U V through r dimensions, U⁺ U = I and
V V⁺ = I. A factorization has *frames*

.. math:: E_i = W_i \cdots W_1 V^+, \qquad F_i = U^+ W_l \cdots W_{i+1}, \qquad F_i E_i = I_r,

and its *thin* companion :math:`(E_1 V, E_2 F_1, \dots, U F_{l-1})` has the same frames. The straight segment between
the two consists of factorizations, so that the set has as many components as the product of the sets
{(E, F) : F E = I_r}, one for each hidden layer. Each of those is an orbit of GL_h with stabilizer GL_{h-r}: two
components (the sign of det E) when h = r, one when h > r. In all :math:`2^b` with :math:`b = \#\{i : h_i = r\}`.

>>> bottleneck, wide = Factorizations([[1, 2]], [1]), Factorizations([[1, 2]], [2])
>>> bottleneck.number_of_components(), wide.number_of_components()
(2, 1)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise, product
from math import prod

import sympy

from ..errors import DimensionError, DisconnectedError, OffManifoldError, ShapeError
from ..validation import Matrix, as_dimension
from .gl_paths import LARGEST, as_rational_matrix, determinant_sign, gl_path, polygon_point
from .group_actions import orbit_components, sign_group
from .linear_networks import Signs, Weights, chain_product, require_length

Frame = tuple[Matrix, Matrix]


def frame_components(width: object, rank: object) -> int:
    """Return the number of components of {(E, F) : F E = I_r}, E an h by r matrix, F an r by h matrix.

    It is one orbit of GL_h under (gE, F g^{-1}), the stabilizer is GL_{h-r}: the formula above gives 2/1 for h = r
    (no stabilizer) and 2/2 for h > r. For r = 0 it is a point.

    Raises ``DimensionError`` unless 0 <= rank <= width.

    >>> frame_components(3, 3), frame_components(4, 3)
    (2, 1)
    """
    h = as_dimension(width, "width", 1)
    r = as_dimension(rank, "rank", 0, h)
    if r == 0:
        return 1
    pi_0 = sign_group(1)
    return orbit_components(pi_0, pi_0.generators if h > r else [])


def number_of_factorizations(rank: object, widths: Iterable[object]) -> int:
    """Return the number of components of {W : W_l ... W_1 = A}, rank A = r, hidden widths h_i >= r: 2^b.

    b is the number of hidden widths equal to r, one factor :func:`frame_components` for each hidden layer.

    Raises ``DimensionError`` for a hidden width below the rank: there are no such W.

    >>> number_of_factorizations(2, [2, 3, 2]), number_of_factorizations(2, [3, 3, 3])
    (4, 1)
    >>> number_of_factorizations(2, [1])
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: hidden widths: got [1]; expected at least the rank 2 (a product through a narrower \
layer has lower rank)
    """
    listed = [as_dimension(h, "hidden width", 1) for h in widths]
    r = as_dimension(rank, "rank", 0)
    if any(h < r for h in listed):
        raise DimensionError(
            f"hidden widths: got {listed}; expected at least the rank {r} (a product through a narrower layer "
            "has lower rank)"
        )
    return prod(frame_components(h, r) for h in listed)


@dataclass(frozen=True)
class Factorizations:
    """The set {(W_1, ..., W_l) : W_l ... W_1 = A} for a matrix A and the widths of the hidden layers.

    Parameters
    ----------
    A : m by n matrix of rationals (floats are taken exactly), not larger than 12 by 12
    widths : h_1, ..., h_{l-1}, each at least the rank of A and at most 12

    Raises
    ------
    DimensionError
        if a hidden width is below the rank of A (the set is then empty), or above 12.
    ShapeError, NonFiniteError
        if A is no matrix of numbers.

    Examples
    --------
    >>> S = Factorizations([[1, 0], [0, 1]], [2, 3])
    >>> S.rank, S.bottlenecks, S.number_of_components()
    (2, (1,), 2)
    """

    A: Matrix
    widths: tuple[int, ...]

    def __post_init__(self) -> None:
        A = as_rational_matrix(self.A, "A")
        if max(A.shape) > LARGEST:
            raise DimensionError(f"A: got shape {A.shape}; expected at most {LARGEST} (the work is exact)")
        object.__setattr__(self, "A", A)
        if isinstance(self.widths, str | bytes) or not hasattr(self.widths, "__iter__"):
            raise ShapeError(f"hidden widths: got {self.widths!r}; expected a sequence of integers")
        object.__setattr__(self, "widths", tuple(as_dimension(h, "hidden width", 1, LARGEST) for h in self.widths))
        number_of_factorizations(self.rank, self.widths)  # refuses a width below the rank

    @cached_property
    def _factors(self) -> tuple[Matrix, Matrix]:
        return tuple(one.as_immutable() for one in self.A.rank_decomposition())

    @property
    def rank(self) -> int:
        """The rank r of A."""
        return int(self._factors[0].cols)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """The shapes of W_1, ..., W_l."""
        sizes = (self.A.cols, *self.widths, self.A.rows)
        return tuple((after, before) for before, after in pairwise(sizes))

    @property
    def bottlenecks(self) -> tuple[int, ...]:
        """The hidden layers of width r, counted from 1, when r > 0."""
        return tuple(i for i, h in enumerate(self.widths, start=1) if h == self.rank)

    def number_of_components(self) -> int:
        """Return 2^b, b the number of bottlenecks."""
        return number_of_factorizations(self.rank, self.widths)

    def components(self) -> Iterator[Signs]:
        """Generate the components, as the signs of det E_i at the bottlenecks."""
        return product((-1, 1), repeat=len(self.bottlenecks))

    def weights(self, weights: Sequence[object]) -> Weights:
        """Return ``weights`` as rational matrices of the right shapes; raises ``ShapeError`` or ``NonFiniteError``."""
        require_length(weights, len(self.shapes), "weights", "layer")
        matrices = tuple(as_rational_matrix(W, f"W_{i}") for i, W in enumerate(weights, start=1))
        if tuple(W.shape for W in matrices) != self.shapes:
            raise ShapeError(f"weights: got shapes {[W.shape for W in matrices]}; expected {list(self.shapes)}")
        return matrices

    def contains(self, weights: Sequence[object]) -> bool:
        """Whether W_l ... W_1 = A."""
        return bool(chain_product(self.weights(weights)) == self.A)

    def frames(self, weights: Sequence[object]) -> tuple[Frame, ...]:
        """Return (E_i, F_i) for the hidden layers; raises ``OffManifoldError`` unless W_l ... W_1 = A.

        >>> Factorizations([[6]], [1]).frames([[[2]], [[3]]])
        ((Matrix([[2]]), Matrix([[1/2]])),)
        """
        matrices = self.weights(weights)
        found = chain_product(matrices)
        if found != self.A:
            raise OffManifoldError(
                f"weights: got the product {found.tolist()}; expected W_l ... W_1 = A = {self.A.tolist()}"
            )
        U, V = self._factors
        E, F = [V.T * (V * V.T).inv()], [(U.T * U).inv() * U.T]
        for W in matrices[:-1]:
            E.append(W * E[-1])
        for W in reversed(matrices[1:]):
            F.append(F[-1] * W)
        return tuple((a.as_immutable(), b.as_immutable()) for a, b in zip(E[1:], reversed(F[1:]), strict=True))

    def thin(self, frames: Sequence[Frame]) -> Weights:
        """Return (E_1 V, E_2 F_1, ..., U F_{l-1}): the factorization of rank r in every layer with these frames.

        >>> S = Factorizations([[1, 0], [0, 0]], [2])
        >>> S.thin(S.frames([[[1, 0], [0, 5]], [[1, 0], [0, 0]]]))[0]
        Matrix([
        [1, 0],
        [0, 0]])
        """
        U, V = self._factors
        return thin_chain([E for E, _ in frames] + [U], [V] + [F for _, F in frames])

    def component_of(self, weights: Sequence[object]) -> Signs:
        """Return the component of a factorization; raises ``OffManifoldError`` unless W_l ... W_1 = A.

        >>> Factorizations([[6]], [1, 1]).component_of([[[-2]], [[3]], [[-1]]])
        (-1, -1)
        """
        frames = self.frames(weights)
        return tuple(determinant_sign(frames[i - 1][0]) for i in self.bottlenecks)

    def path(self, start: Sequence[object], end: Sequence[object]) -> FactorizationPath:
        """Return a path of factorizations between two of one component.

        Raises ``OffManifoldError`` for a point outside, ``DisconnectedError`` for different components.

        >>> S = Factorizations([[1]], [2])
        >>> path = S.path([[[1], [0]], [[1, 7]]], [[[-1], [0]], [[-1, 0]]])
        >>> all(S.contains(path(sympy.Rational(k, 10))) for k in range(11))
        True
        """
        first, second = self.component_of(start), self.component_of(end)
        if first != second:
            raise DisconnectedError(f"path: got points of the components {first} and {second}; expected one component")
        pairs = zip(self.frames(start), self.frames(end), strict=True)
        polygons = tuple(tuple(frame_path(a, b)) for a, b in pairs)
        return FactorizationPath(self, self.weights(start), self.weights(end), polygons)


@dataclass(frozen=True)
class FactorizationPath:
    """A path of factorizations: straight to the thin companion, along paths of frames, and straight to the end."""

    space: Factorizations
    start: Weights
    end: Weights
    polygons: tuple[tuple[Matrix, ...], ...]

    def __call__(self, t: object) -> Weights:
        """Return the weights at time t in [0, 1], exactly for a rational t."""
        time = 3 * sympy.Rational(Fraction(t) if isinstance(t, float) else t)
        if not 0 <= time <= 3:
            raise DimensionError(f"t: got {t}; expected a number between 0 and 1")
        if time <= 1:
            return between(self.start, self.space.thin(self._frames(0)), time)
        if time >= 2:
            return between(self.space.thin(self._frames(1)), self.end, time - 2)
        return self.space.thin(self._frames(time - 1))

    def _frames(self, time: object) -> tuple[Frame, ...]:
        r = self.space.rank
        moved = [polygon_point(polygon, time) for polygon in self.polygons]
        return tuple((g[:, :r], g.inv()[:r, :]) for g in moved)


def thin_chain(outgoing: Sequence[Matrix], incoming: Sequence[Matrix]) -> Weights:
    """Return the products E_i F_{i-1}, for E_1, ..., E_l = U and F_0 = V, ..., F_{l-1}."""
    return tuple((E * F).as_immutable() for E, F in zip(outgoing, incoming, strict=True))


def between(start: Sequence[Matrix], end: Sequence[Matrix], s: object) -> Weights:
    """Return (1-s) start + s end, layer by layer."""
    return tuple(W + s * (V - W) for W, V in zip(start, end, strict=True))


def completed(frame: Frame) -> Matrix:
    """Return an invertible g with E = g (I; 0) and F = (I, 0) g^{-1}: E beside a basis of the kernel of F.

    >>> g = completed((sympy.Matrix([[1], [1]]), sympy.Matrix([[1, 0]])))
    >>> g[:, :1], g.inv()[:1, :]
    (Matrix([
    [1],
    [1]]), Matrix([[1, 0]]))
    """
    E, F = frame
    kernel = F.nullspace() if F.rows else [sympy.eye(F.cols)]
    return sympy.ImmutableDenseMatrix(sympy.Matrix.hstack(E, *kernel))


def frame_path(start: Frame, end: Frame) -> list[Matrix]:
    """Return a polygon in GL_h whose first r columns, and first r rows of the inverse, lead from start to end.

    When h > r a column of the kernel's basis may be negated, so that both determinants have one sign; when h = r
    the signs must agree (``DisconnectedError`` otherwise).
    """
    g, k = completed(start), completed(end)
    h, r = start[0].shape
    if h > r and determinant_sign(g) != determinant_sign(k):
        k = (k * sympy.diag(*(1,) * (h - 1), -1)).as_immutable()
    return gl_path(g, k)
