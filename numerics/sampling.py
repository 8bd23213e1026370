r"""Points on quadrics and invariant sets: at random, and as nets that are known to leave no hole.

The map from chart coordinates (u, y) in sphere × ball to the quadric is
:math:`(u, y) \mapsto (\sqrt{|c| + |y|^2}\,u, y)` (eq. 18), the SymPy expression of :mod:`quadrics.quadric` through the
bridge. The root is 1-Lipschitz in \|y\|, so two points whose charts differ by (du, dy) are at most
hypot(ρ du + dy, dy) apart, ρ the largest root: that is what turns the size of the cells of a net into a distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import ceil, hypot, pi, sqrt
from typing import Any

import sympy
import torch
from torch import Tensor

from quadrics.errors import DimensionError
from quadrics.quadric import Quadric, sphere_radius

from .bridge import torch_function

__all__ = ["Net", "cone_net", "product_net", "quadric_net", "random_parameters", "random_points"]

MOST_POINTS = 200_000
JITTER = 0.5
"""How much of its cell a sample may move in, so that nets are random but never leave a hole."""


@dataclass(frozen=True, eq=False)
class Net:
    """A sample of a compact set that is known to cover it.

    Attributes:
        points: (n, p) coordinates.
        cover: every point of the set is at most this far from a sample.
        link: samples of neighbouring cells are at most this far apart, so that joining samples at this distance
            joins everything within a connected component.
    """

    points: Tensor
    cover: float
    link: float

    def noisy(self, size: float, source: torch.Generator) -> Net:
        """Return the net with uniform noise in [-size, size] on each coordinate, and its constants enlarged."""
        noise = size * (2 * torch.rand(self.points.shape, generator=source, dtype=torch.float64) - 1)
        reach = size * sqrt(self.points.shape[1])
        return Net(self.points + noise, self.cover + reach, self.link + 2 * reach)


@lru_cache(maxsize=1)
def _radius() -> Any:
    c, square = sympy.Symbol("c", real=True), sympy.Symbol("square", nonnegative=True)
    return torch_function(sphere_radius(c, square), (c, square))


def inverse_chart(quadric: Quadric, u: Tensor, y: Tensor) -> Tensor:
    """Return the points (n, D + e) of Q(c), c ≠ 0, over u (n, ·) on the sphere and y (n, ·): weights w, b, a in order.

    >>> inverse_chart(Quadric(2, 1, -1), torch.tensor([[1.0]]).double(), torch.tensor([[0.75, 0.0]]).double())
    tensor([[0.7500, 0.0000, 1.2500]], dtype=torch.float64)
    """
    around = _radius()(float(quadric.c), y.square().sum(1))[:, None] * u
    return torch.cat([y, around] if quadric.sign < 0 else [around, y], 1)


def random_points(quadric: Quadric, n: int, radius: float, source: torch.Generator) -> Tensor:
    """Return n random points (n, D + e) of Q(c): uniform on the sphere, normal of this scale on the space or the cone.

    >>> points = random_points(Quadric(2, 1, 0.5), 4, 1.0, torch.Generator().manual_seed(0))
    >>> points.shape, (points[:, :2].square().sum(1) - points[:, 2].square() - 0.5).abs().max() < 1e-15
    (torch.Size([4, 3]), tensor(True))
    """

    def normal(k: int) -> Tensor:
        return torch.randn(n, k, generator=source, dtype=torch.float64)

    if quadric.sign == 0:
        r = radius * normal(1)
        return torch.cat([r * _unit(normal(quadric.input_dimension)), r * _unit(normal(quadric.d_out))], 1)
    return inverse_chart(
        quadric, _unit(normal(quadric.sphere_dimension + 1)), radius * normal(quadric.euclidean_dimension)
    )


def random_parameters(quadrics: list[Quadric], n: int, radius: float, source: torch.Generator) -> tuple[Tensor, ...]:
    """Return W1 (n, l, d), W2 (n, e, l) and, with biases, b1 (n, l): random points of H(c), a quadric a neuron.

    >>> W1, W2, *_ = random_parameters([Quadric(2, 1, -1)] * 3, 5, 1.0, torch.Generator().manual_seed(0))
    >>> W1.shape, W2.shape
    (torch.Size([5, 3, 2]), torch.Size([5, 1, 3]))
    """
    points = torch.stack([random_points(Q, n, radius, source) for Q in quadrics], 1)
    d, D = quadrics[0].d_in, quadrics[0].input_dimension
    layers = (points[..., :d], points[..., D:].transpose(1, 2).contiguous())
    return (*layers, points[..., d]) if d < D else layers


def quadric_net(quadric: Quadric, radius: float, step: float, source: torch.Generator) -> Net:
    """Return a net of the part of Q(c), c ≠ 0, with \\|y\\|∞ <= radius, by cells of this size in the chart.

    That part is a deformation retract of Q(c): it has the same components and the same Betti numbers.

    Raises:
        DimensionError: c = 0 (take ``cone_net``), a sphere of dimension above 2, or too many cells.

    >>> net = quadric_net(Quadric(1, 1, -1), 1.0, 0.5, torch.Generator().manual_seed(0))
    >>> net.points.shape, round(net.cover, 3)
    (torch.Size([8, 2]), 0.53)
    """
    if quadric.sign == 0:
        raise DimensionError("c: got 0; expected c != 0 (use cone_net)")
    u, turn = _sphere(quadric.sphere_dimension, step, source)
    y, side = _box(quadric.euclidean_dimension, -radius, radius, step, source)
    largest = sqrt(abs(float(quadric.c)) + quadric.euclidean_dimension * radius**2)
    rows = _pairs(len(u), len(y))
    points = inverse_chart(quadric, u[rows[:, 0]], y[rows[:, 1]])

    def apart(cells: float) -> float:
        dy = cells * side * sqrt(quadric.euclidean_dimension)
        return hypot(largest * cells * turn + dy, dy)

    return Net(points, apart((1 + JITTER) / 2), apart(1 + JITTER))


def cone_net(quadric: Quadric, inner: float, outer: float, step: float, source: torch.Generator) -> Net:
    """Return a net of the part of Q(0) with inner <= \\|w\\| <= outer; inner = 0 takes the tip along.

    Raises:
        DimensionError: c ≠ 0, or a sphere of dimension above 2.

    >>> net = cone_net(Quadric(1, 1, 0), 0.0, 1.0, 0.5, torch.Generator().manual_seed(0))
    >>> len(net.points)
    8
    """
    if quadric.sign != 0:
        raise DimensionError(f"c: got {quadric.c}; expected 0 (use quadric_net)")
    u, turn_u = _sphere(quadric.input_dimension - 1, step, source)
    s, turn_s = _sphere(quadric.d_out - 1, step, source)
    r, side = _box(1, inner, outer, step, source)
    directions = _pairs(len(u), len(s))
    rows = _pairs(len(r), len(directions))
    length, at = r[rows[:, 0]], directions[rows[:, 1]]
    points = torch.cat([length * u[at[:, 0]], length * s[at[:, 1]]], 1)

    def apart(cells: float) -> float:
        return hypot(cells * (side + outer * turn_u), cells * (side + outer * turn_s))

    # At the tip all directions meet: the innermost samples of any two directions are this close to each other.
    tip = 2 * sqrt(2) * side * (1 + JITTER) / 2 if inner == 0 else 0.0
    return Net(points, apart((1 + JITTER) / 2), max(apart(1 + JITTER), tip))


def product_net(nets: list[Net]) -> Net:
    """Return the product of nets: neighbours differ in one factor, so samples are linked one factor at a time.

    Raises:
        DimensionError: more than 200,000 points.
    """
    size = 1
    for net in nets:
        size *= len(net.points)
    if size > MOST_POINTS:
        raise DimensionError(
            f"net: got {size} points; expected at most {MOST_POINTS} (take larger cells or fewer factors)"
        )
    points = nets[0].points
    for net in nets[1:]:
        rows = _pairs(len(points), len(net.points))
        points = torch.cat([points[rows[:, 0]], net.points[rows[:, 1]]], 1)
    return Net(points, sqrt(sum(net.cover**2 for net in nets)), max(net.link for net in nets))


def _box(dimension: int, low: float, high: float, step: float, source: torch.Generator) -> tuple[Tensor, float]:
    """A sample in each cell of a cube; the side of the cells."""
    cells = max(1, ceil((high - low) / step))
    side = (high - low) / cells
    corners = torch.tensor(list(product(range(cells), repeat=dimension)), dtype=torch.float64)
    return low + side * (corners + _inside(corners, source)), side


def _sphere(dimension: int, step: float, source: torch.Generator) -> tuple[Tensor, float]:
    """A sample in each cell of the sphere; how far apart two points are whose angles differ by one cell each."""
    if dimension == 0:
        return torch.tensor([[1.0], [-1.0]], dtype=torch.float64), 0.0
    if dimension == 1:
        cells = max(3, ceil(2 * pi / step))
        corners = torch.arange(cells, dtype=torch.float64)[:, None]
        angle = 2 * pi / cells * (corners + _inside(corners, source))
        return torch.cat([angle.cos(), angle.sin()], 1), 2 * pi / cells
    if dimension > 2:
        raise DimensionError(f"sphere: got dimension {dimension}; expected at most 2 for a net")
    cells = max(2, ceil(pi / step))
    corners = torch.tensor(list(product(range(cells), range(2 * cells))), dtype=torch.float64)
    angles = pi / cells * (corners + _inside(corners, source))
    polar, turn = angles.unbind(1)
    points = torch.stack([polar.sin() * turn.cos(), polar.sin() * turn.sin(), polar.cos()], 1)
    return points, hypot(pi / cells, pi / cells)


def _inside(corners: Tensor, source: torch.Generator) -> Tensor:
    shift = torch.rand(corners.shape, generator=source, dtype=torch.float64)
    return (1 - JITTER) / 2 + JITTER * shift


def _pairs(n: int, m: int) -> Tensor:
    if n * m > MOST_POINTS:
        raise DimensionError(f"net: got {n * m} points; expected at most {MOST_POINTS} (take larger cells)")
    rows: Tensor = torch.cartesian_prod(torch.arange(n), torch.arange(m))
    return rows


def _unit(v: Tensor) -> Tensor:
    unit: Tensor = v / v.norm(dim=1, keepdim=True)
    return unit
