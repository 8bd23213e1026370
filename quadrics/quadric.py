r"""The invariant hyperquadric Q(c) of one hidden neuron: equation, kind, charts, components and paths.

Definition 1 and eq. (12) of Nurisso et al. (2024): :math:`\mathcal Q(c) = \{(w, a) : |w|^2 - |a|^2 = c\}`, and with a
bias (appendix E) :math:`|w|^2 + b^2 - |a|^2 = c`, so that a bias counts as one more input weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import sympy
from sympy import Abs, ImmutableMatrix, Integer, sqrt

from .errors import DisconnectedError, ImbalanceError, OffQuadricError, ShapeError
from .network import Neuron
from .paths import NeuronPath, T
from .quadric_shape import Kind, QuadricShape
from .signs import known_sign, sign_of
from .validation import Expr, Matrix, as_dimension, as_real


def sphere_radius(c: Expr, square: Expr) -> Expr:
    r"""Return :math:`\sqrt{|c| + |y|^2}`, the norm on Q(c) of the weights that wind around the sphere (eq. 17).

    ``square`` is |y|², y the other weights: y = a for c > 0, y = (w, b) for c < 0.

    >>> sphere_radius(Integer(-3), Integer(1))
    2
    """
    return sqrt(Abs(c) + square)


def projection_factor(c: Expr, square: Expr, direction_square: Expr) -> Expr:
    r"""Return the factor :math:`\sqrt{(|c| + |y|^2) / |v|^2}` that scales a direction v ≠ 0 so that (v, y) is on Q(c).

    >>> projection_factor(Integer(3), Integer(1), Integer(16))
    1/2
    """
    return sqrt((Abs(c) + square) / direction_square)


@dataclass(frozen=True)
class Quadric(QuadricShape):
    r"""The quadric Q(c) of a neuron with ``d_in`` inputs and ``d_out`` outputs (eq. 12; with a bias, appendix E).

    With D = d_in, or d_in + 1 with a bias, and e = d_out (Proposition 2, and Proposition 5 corrected):

    - c > 0: :math:`\mathcal Q(c) \cong S^{D-1} \times \mathbb R^e`;
    - c < 0: :math:`\mathcal Q(c) \cong \mathbb R^D \times S^{e-1}` (the paper prints :math:`\mathbb R^d \times S^{e-1}`
      also with a bias, one dimension short);
    - c = 0: contractible, no manifold at the origin.

    Parameters
    ----------
    d_in, d_out : positive integers, or symbols (then no charts and no kind)
    c : real number, or an expression of known sign
    bias : whether the neuron has a bias

    Raises
    ------
    DimensionError
        for a dimension below 1 or no integer.
    ImbalanceError
        if c is no real, finite number of known sign.

    Examples
    --------
    >>> print(Quadric(2, 1, c=-1).kind, Quadric(2, 1, c=1).kind, sep=", ")
    two-sheeted hyperboloid, one-sheeted hyperboloid
    >>> Quadric(2, 1, c=-1).number_of_components(), Quadric(2, 1, c=0).number_of_components()
    (2, 1)
    >>> Quadric(2, 1, c="1/2")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    quadrics.errors.ImbalanceError: c: got the text '1/2'; expected a real, finite number or a SymPy expression ...

    References: B. O'Neill, "Semi-Riemannian Geometry" (1983), section 4 (pseudospheres, pseudohyperbolic spaces).
    """

    def residual(self, point: Neuron) -> Expr:
        """Return q(point) - c, zero on Q(c).

        Raises ``ShapeError`` if the neuron has other dimensions than Q(c).
        """
        got = (len(point.w), len(point.a), point.b is not None)
        if got != (self.d_in, self.d_out, self.bias):
            raise ShapeError(f"neuron: got (d_in, d_out, bias) = {got}; expected {(self.d_in, self.d_out, self.bias)}")
        return point.input_square - point.output_square - self.c

    def contains(self, point: Neuron, tolerance: object = 0) -> bool:
        """Whether the point satisfies eq. (12): exactly, or within a tolerance (wanted for floats).

        A symbolic point is in Q(c) when the equation holds identically in its symbols.

        >>> Q = Quadric(1, 1, -1)
        >>> Q.contains(Neuron((sympy.Rational(3, 4),), (sympy.Rational(5, 4),))), Q.contains(Neuron((1,), (1,)))
        (True, False)
        """
        residual = self.residual(point)
        if residual.is_number:
            if tolerance != 0:
                return bool(Abs(residual) <= as_real(tolerance, "tolerance"))
            return bool(residual == 0 or residual.equals(0))
        return bool(sympy.simplify(residual) == 0)

    def component_of(self, point: Neuron, tolerance: object = 0) -> int:
        """Return which component the point is in: the sign of the weight that cannot vanish, or 0 if Q(c) is connected.

        For c < 0 and one output that is the output weight (Proposition 3); for c > 0 and one input the input weight.

        Raises ``OffQuadricError`` if the point is not on Q(c).

        >>> Quadric(1, 1, 0).component_of(Neuron((1,), (-1,))), Quadric(2, 1, -1).component_of(Neuron((0, 0), (-1,)))
        (0, -1)
        """
        self._require(point, tolerance)
        if self.is_connected():
            return 0
        return sign_of(self._around(point)[0], "weight")

    def chart(self, point: Neuron, tolerance: object = 0) -> tuple[Matrix, Matrix]:
        r"""Return (u, y) in sphere × space: eq. (18), :math:`h(w, a) = (w / \sqrt{c + |a|^2}, a)` for c > 0.

        For c < 0 the weights change roles: :math:`h(w, a) = (a / \sqrt{-c + |w|^2}, w)`, with (w, b) in place of w if
        there is a bias.

        Raises
        ------
        ImbalanceError
            for c = 0: Q(0) is no manifold.
        OffQuadricError
            if the point is not on Q(c).

        Examples
        --------
        >>> Quadric(2, 1, 1).chart(Neuron((1, 1), (1,)))
        (Matrix([
        [sqrt(2)/2],
        [sqrt(2)/2]]), Matrix([[1]]))
        """
        self._require_manifold()
        self._require(point, tolerance)
        around, along = self._around(point), self._along(point)
        radius = sphere_radius(self.c, _square(along))
        return ImmutableMatrix([v / radius for v in around]), ImmutableMatrix(list(along))

    def inverse_chart(self, u: Sequence[object] | Matrix, y: Sequence[object] | Matrix) -> Neuron:
        r"""Return the point of Q(c) over (u, y): :math:`(\sqrt{c + |y|^2}\, u, y)` for c > 0, roles changed for c < 0.

        The sphere point u is taken as it is; the result is on Q(c) when |u| = 1.

        Raises ``ImbalanceError`` for c = 0, ``ShapeError`` for other dimensions.

        >>> Quadric(2, 1, -1).inverse_chart([1], [0, 0])
        Neuron(w=(0, 0), a=(1,), b=None)
        """
        self._require_manifold()
        sphere, flat = (tuple(as_real(v, name) for v in part) for part, name in ((u, "u"), (y, "y")))
        expected = (self.sphere_dimension + 1, self.euclidean_dimension)
        if (len(sphere), len(flat)) != expected:
            raise ShapeError(f"chart: got {(len(sphere), len(flat))} coordinates; expected {expected}")
        radius = sphere_radius(self.c, _square(flat))
        return self._neuron([radius * v for v in sphere], flat)

    def contraction(self, point: Neuron, tolerance: object = 0) -> NeuronPath:
        r"""Return the path from the point to the sphere in Q(c), or to the origin for c = 0.

        For c < 0 and one output it is the paper's γ (appendix D.4),
        :math:`\gamma(t) = ((1-t) w,\ s \sqrt{-c + (1-t)^2 |w|^2})`; for c = 0 the homotopy of appendix D.2.

        Raises ``OffQuadricError`` if the point is not on Q(c).

        >>> Quadric(1, 1, -1).contraction(Neuron((0,), (-1,))).end
        Neuron(w=(0,), a=(-1,), b=None)
        """
        self._require(point, tolerance)
        around, along = self._around(point), self._along(point)
        shrunk = [(1 - T) * v for v in along]
        if self.sign == 0:
            return NeuronPath.from_pieces([self._neuron([(1 - T) * v for v in around], shrunk)])
        factor = projection_factor(self.c, _square(shrunk), _square(around))
        return NeuronPath.from_pieces([self._neuron([factor * v for v in around], shrunk)])

    def path(self, start: Neuron, end: Neuron, tolerance: object = 0) -> NeuronPath:
        r"""Return an explicit path in Q(c) between two points of one component (Proposition 3, here for every c).

        For c ≠ 0 the Euclidean part runs in a straight line y(t), the other along a segment v(t) that avoids 0, scaled
        back onto the quadric: :math:`\sqrt{(|c| + |y|^2) / |v|^2}\; v`. Opposite directions get a corner in between.
        For c = 0 the path runs through the origin.

        Raises
        ------
        DisconnectedError
            if the points are in different components.
        OffQuadricError
            if a point is not on Q(c).

        Examples
        --------
        >>> Q = Quadric(2, 1, 1)
        >>> there_and_round = Q.path(Neuron((1, 0), (0,)), Neuron((-1, 0), (0,)))
        >>> len(there_and_round.segments), all(Q.contains(s.neuron) for s in there_and_round.segments)
        (2, True)
        >>> Quadric(2, 1, -1).path(Neuron((0, 0), (1,)), Neuron((0, 0), (-1,)))  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        quadrics.errors.DisconnectedError: path: got points in the components 1 and -1 of Q(-1); expected ...
        """
        if self.sign == 0:
            return self.contraction(start, tolerance).then(self.contraction(end, tolerance).reversed())
        first, last = self.component_of(start, tolerance), self.component_of(end, tolerance)
        if first != last:
            raise DisconnectedError(
                f"path: got points in the components {first} and {last} of Q({self.c}); expected points of one "
                "component (the signs differ, and that weight cannot vanish)"
            )
        corners = [start, end]
        if _are_opposite(self._around(start), self._around(end)):
            corners.insert(1, self._corner(self._around(start)))
        return NeuronPath.from_pieces([self._arc(p, q) for p, q in pairwise(corners)])

    def _arc(self, start: Neuron, end: Neuron) -> Neuron:
        direction = [(1 - T) * p + T * q for p, q in zip(self._around(start), self._around(end), strict=True)]
        line = [(1 - T) * p + T * q for p, q in zip(self._along(start), self._along(end), strict=True)]
        factor = projection_factor(self.c, _square(line), _square(direction))
        return self._neuron([factor * v for v in direction], line)

    def _corner(self, around: Sequence[Expr]) -> Neuron:
        """A pole of the sphere in Q(c) that is no multiple of ``around`` (which has at least two entries)."""
        axis = next(i for i in range(len(around)) if any(known_sign(v) != 0 for j, v in enumerate(around) if j != i))
        pole = [sqrt(Abs(self.c)) if i == axis else Integer(0) for i in range(len(around))]
        return self._neuron(pole, [Integer(0)] * self.euclidean_dimension)

    def _around(self, point: Neuron) -> tuple[Expr, ...]:
        """The weights that wind around the sphere factor: (w, b) for c >= 0, a for c < 0."""
        return point.a if self.sign < 0 else (*point.w, *(() if point.b is None else (point.b,)))

    def _along(self, point: Neuron) -> tuple[Expr, ...]:
        return (*point.w, *(() if point.b is None else (point.b,))) if self.sign < 0 else point.a

    def _neuron(self, around: Sequence[Expr], along: Sequence[Expr]) -> Neuron:
        inputs, outputs = (along, around) if self.sign < 0 else (around, along)
        return Neuron(tuple(inputs[: self.d_in]), tuple(outputs), inputs[self.d_in] if self.bias else None)

    def _require(self, point: Neuron, tolerance: object) -> None:
        if not self.contains(point, tolerance):
            raise OffQuadricError(
                f"neuron: got |w|^2 - |a|^2 = {point.input_square - point.output_square}; expected {self.c} "
                "(rescale the neuron to this imbalance, or give a tolerance for floats)"
            )

    def _require_manifold(self) -> None:
        as_dimension(self.d_in, "d_in")
        as_dimension(self.d_out, "d_out")
        if self.sign == 0:
            raise ImbalanceError("c: got 0; expected c != 0 for a chart (Q(0) is no manifold: use contraction)")


def _square(vector: Sequence[Expr]) -> Expr:
    return sum((v**2 for v in vector), Integer(0))


def _are_opposite(first: Sequence[Expr], second: Sequence[Expr]) -> bool:
    """Whether one vector is a negative multiple of the other."""
    if known_sign(sum((p * q for p, q in zip(first, second, strict=True)), Integer(0))) in (0, 1):
        return False
    n = len(first)
    return all(known_sign(first[i] * second[j] - first[j] * second[i]) == 0 for i in range(n) for j in range(i))


__all__ = ["Kind", "Quadric", "projection_factor", "sphere_radius"]
