r"""Whether a symmetry relates two networks, and the loss on the way from one to the other.

``connect`` aligns B to A (:mod:`numerics.tools.alignment`, for linear networks
:mod:`numerics.tools.basis_alignment`), says whether that makes them one network, and follows the loss along the
straight segment before and after, and along the curve of one function that leads from the aligned B back to B's own
weights, its neurons in A's order (:mod:`numerics.tools.loss_along`).

>>> A = {"0.weight": torch.tensor([[1.0, 2.0], [3.0, -1.0]]), "2.weight": torch.tensor([[1.0, -2.0]])}
>>> B = {"0.weight": torch.tensor([[6.0, -2.0], [0.5, 1.0]]), "2.weight": torch.tensor([[-1.0, 2.0]])}
>>> found = connect(Checkpoint.from_state(A), Checkpoint.from_state(B), relu)
>>> found.related, found.before.barrier > 1, found.after.barrier < 1e-12
(True, True, True)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from quadrics.activation import Activation, relu
from quadrics.errors import NonFiniteError, SymmetryError

from ..activation import AnyActivation
from ..modules import Layers
from .alignment import Alignment, Group, align
from .basis_alignment import BasisChange, align_basis
from .checkpoint import Checkpoint
from .evaluation_data import Evaluation, function_distance
from .function_bounds import difference_bound, largest_exact_difference, size_bound
from .loss_along import GRID, Path, Profile, follow, segment

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import RenderableType

__all__ = ["Connection", "connect", "default_tolerance"]

SCHEMA = 1

GRID_ON_CURVE = 21
"""Points on a curve of one function, where the loss is constant but for rounding."""


@dataclass(frozen=True, eq=False)
class Connection:
    """What connects two networks A and B.

    Attributes:
        checkpoint: B, aligned, in its own type and under its own names.
        first: A, padded where B is wider (double precision).
        width_of_first: A's own width.
        alignment: how B was aligned by permutation, rescaling and reflection.
        basis: the change of basis that replaced it (linear networks), if it is determined; ``no_basis`` says why not.
        related: whether the aligned B is A, up to the tolerance.
        distance: a bound of |f_A - f_B| for all inputs no longer than the data's, relative to the size of A's terms
            (after a change of basis: :meth:`numerics.tools.basis_alignment.BasisChange.distance`).
        tolerance: the largest distance that counts as rounding.
        rounding: the largest |f_B - f_aligned| that was seen, computed to 50 digits: what the alignment cost.
        before, permuted, after: the loss on the segments from A to B as stored, with its neurons permuted (plain weight
            matching), and aligned.
        curve: the loss along the curve of one function from the aligned B to B; None if there is none.
    """

    checkpoint: Checkpoint
    first: Layers
    width_of_first: int
    alignment: Alignment
    basis: BasisChange | None
    no_basis: str | None
    activation: str
    evaluation: Evaluation
    related: bool
    distance: float
    tolerance: float
    radius: float
    rounding: float
    before: Profile
    permuted: Profile
    after: Profile
    curve: Profile | None

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """The paths that were followed."""
        return tuple(one for one in (self.before, self.permuted, self.after, self.curve) if one is not None)

    def path(self, t: float) -> Layers:
        """Return the point at time t in [0, 1] of the way from A: straight to the aligned B, then along the curve.

        Raises:
            DimensionError: t is outside [0, 1].
            DisconnectedError: there is no curve (a change of basis of negative determinant).
        """
        if t <= 0.5:
            return segment(self.first, self.checkpoint.layers)(2 * t)
        return (self.alignment if self.basis is None else self.basis).curve(2 * t - 1)

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, without the files' names."""
        found = self.alignment
        layers = self.checkpoint.layers
        return {
            "schema": SCHEMA,
            "d_in": layers.W1.shape[1],
            "width": found.width,
            "d_out": layers.W2.shape[0],
            "dtype": str(self.checkpoint.dtype).removeprefix("torch."),
            "activation": self.activation,
            "data": self.evaluation.data,
            "loss": self.evaluation.loss,
            "related": self.related,
            "relative_distance": self.distance,
            "tolerance": self.tolerance,
            "radius": self.radius,
            "alignment_error": self.rounding,
            "permutation": list(found.permutation),
            "factors": found.factors.tolist(),
            "reflected": np.flatnonzero(found.reflected).tolist(),
            "idle": np.flatnonzero(found.idle).tolist(),
            "basis_change": None if self.basis is None else self.basis.g.tolist(),
            "basis_determinant_sign": None if self.basis is None else self.basis.determinant_sign,
            "paths": [profile.to_json() for profile in self.profiles],
        }

    def figure(self) -> Figure:
        """Draw the loss along the paths."""
        from .connection_view import figure

        return figure(self)

    def __rich__(self) -> RenderableType:
        """What ``rich.print`` and ``Console.print`` show."""
        from .connection_view import render

        return render(self)


def default_tolerance(*checkpoints: Checkpoint) -> float:
    """Return 8 last digits of the coarsest type: what storing and rescaling weights costs at most.

    Storing a weight moves it by half a last digit, relatively. A rescaled copy was stored once more, the factor that
    undoes it is computed from stored weights, and the result is stored again: at most 2 last digits for w and for a,
    so 4 for their products. The other half is for factors that were applied in the files' own arithmetic.
    """
    return 8 * max(torch.finfo(checkpoint.dtype).eps for checkpoint in checkpoints)


def connect(
    first: Checkpoint,
    second: Checkpoint,
    activation: AnyActivation = relu,
    evaluation: Evaluation | None = None,
    tolerance: float | None = None,
    generator: torch.Generator | None = None,
    name: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Connection:
    """Align the second network to the first, and follow the loss between them.

    Args:
        first, second: see :func:`numerics.tools.checkpoint.read_checkpoint`.
        activation: of both, which no file tells.
        evaluation: data and loss; if None the distance from the first one's outputs on standard normal inputs.
        tolerance: relative distance below which the two count as one; :func:`default_tolerance` if None.
        generator: of these inputs; seed 0 if None.
        name: of the activation, for people.
        progress: called after each path with how many are done, and of how many.

    Raises:
        ShapeError: networks that differ in more than their widths.
        DimensionError: too many neurons.
        NonFiniteError: a tolerance that is no number of at least 0; weights or losses that overflow.
    """
    if tolerance is not None and not 0 <= tolerance < math.inf:
        raise NonFiniteError(f"tolerance: got {tolerance!r}; expected a number of at least 0")
    A, B = first.layers, second.layers
    plain, full = (align(A, B, activation, group) for group in (Group.PERMUTATIONS, Group.ALL))
    source = torch.Generator().manual_seed(0) if generator is None else generator
    data = evaluation or function_distance(plain.first, activation, source)
    basis, no_basis = _basis(A, B, activation)
    start = full.first if basis is None else plain.first
    moved = second.with_layers(full.second if basis is None else basis.second)
    if not all(bool(t.isfinite().all()) for t in moved.state.values()):
        raise NonFiniteError(f"alignment: got weights beyond the range of {second.dtype}; expected smaller ones")
    allowed = default_tolerance(first, second) if tolerance is None else float(tolerance)
    if basis is None:
        distance = _relative_difference(start, moved.layers, activation, data.radius)
    else:
        distance = basis.distance(start)
        allowed *= basis.magnification if tolerance is None else 1.0
    ways = {
        "as stored": segment(plain.first, _stored(A, B, plain)),
        "permuted": segment(plain.first, plain.second),
        "aligned": segment(start, moved.layers),
    }
    curve = _curve(full, basis)
    if curve is not None:
        ways["curve"] = curve
    profiles = _profiles(ways, data, activation, progress)
    return Connection(
        checkpoint=moved,
        first=start,
        width_of_first=A.W1.shape[0],
        alignment=full,
        basis=basis,
        no_basis=no_basis,
        activation=name or str(getattr(activation, "name", activation)),
        evaluation=data,
        related=distance <= allowed,
        distance=distance,
        tolerance=allowed,
        radius=data.radius,
        rounding=largest_exact_difference(B, moved.layers, data.objective.x, activation),
        before=profiles["as stored"],
        permuted=profiles["permuted"],
        after=profiles["aligned"],
        curve=profiles.get("curve"),
    )


def _profiles(
    ways: Mapping[str, Path],
    data: Evaluation,
    activation: AnyActivation,
    progress: Callable[[int, int], None] | None,
) -> dict[str, Profile]:
    linear = isinstance(activation, Activation) and activation.is_linear
    found: dict[str, Profile] = {}
    for name, way in ways.items():
        quartic = linear and data.objective.loss_name == "mse" and name != "curve"
        grid = GRID_ON_CURVE if name == "curve" else GRID
        found[name] = follow(name, way, data.objective, activation, quartic, grid)
        if progress is not None:
            progress(len(found), len(ways))
    return found


def _relative_difference(first: Layers, second: Layers, activation: AnyActivation, radius: float) -> float:
    apart, size = difference_bound(first, second, activation, radius), size_bound(first, activation, radius)
    if not math.isfinite(apart) or not math.isfinite(size):
        raise NonFiniteError(
            f"output: got an overflow for inputs of length {radius:.3g}; expected smaller weights or data"
        )
    return apart / size if size else (0.0 if apart == 0 else math.inf)


def _basis(A: Layers, B: Layers, activation: AnyActivation) -> tuple[BasisChange | None, str | None]:
    if not (isinstance(activation, Activation) and activation.is_linear):
        return None, None
    try:
        return align_basis(A, B), None
    except SymmetryError as error:
        return None, str(error)


def _curve(full: Alignment, basis: BasisChange | None) -> Path | None:
    if basis is not None:
        return None if basis.determinant_sign < 0 else basis.curve
    return full.curve if full.is_rescaled or full.idle.any() else None


def _stored(A: Layers, B: Layers, plain: Alignment) -> Layers:
    """B as it is, padded by zeros to A's width."""
    more = len(plain.permutation) - B.W1.shape[0]
    W1, W2, b1, b2 = (None if t is None else t.detach().cpu().double() for t in B)
    assert W1 is not None
    assert W2 is not None
    pad = torch.nn.functional.pad
    return Layers(pad(W1, (0, 0, 0, more)), pad(W2, (0, more)), None if b1 is None else pad(b1, (0, more)), b2)
