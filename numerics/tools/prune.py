"""Prune a network to its irreducible core, with a guarantee of how little that changes its function.

Copies of one neuron become one, groups whose outgoing weights cancel disappear, and neurons that are the same for every
input go into the output bias: Simsek et al.'s Definition 3.1 and Remark 4.2, on stored weights. Only neurons of nearly
equal incoming weights are merged; that some activations allow more (ReLU neurons of proportional weights, sigmoid ones
of opposite weights) is left alone.

>>> W1, W2 = torch.tensor([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0], [5.0, 6.0]]), torch.tensor([[1.0, 2.0, 3.0, 0.0]])
>>> checkpoint = Checkpoint.from_state({"0.weight": W1, "2.weight": W2})
>>> found = prune(checkpoint, "tanh", tolerance=0, radius=1.0, generator=torch.Generator().manual_seed(0))
>>> found.checkpoint.layers.W1.tolist(), found.checkpoint.layers.W2.tolist(), found.bound
([[1.0, 2.0], [3.0, 4.0]], [[4.0, 2.0]], 0.0)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from quadrics.errors import NonFiniteError, PruningError
from quadrics.expansion.activations.bounds import activation_with_bounds

from ..modules import Layers
from .checkpoint import Checkpoint
from .deviation import largest_difference
from .groups import check_width, neuron_rows
from .merging import Merged, Merger, as_radius
from .pruning_steps import SLACK, Steps, choose_steps

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Fate", "PrunedGroup", "Pruning", "default_radius", "prune"]

SCHEMA = 1


class Fate(StrEnum):
    """What becomes of a group of neurons."""

    KEPT = "kept"
    COPIES = "copies"
    ZERO_TYPE = "zero-type"
    CONSTANT = "constant"


@dataclass(frozen=True)
class PrunedGroup:
    """Neurons that are treated as one.

    Attributes:
        members: their 0-based positions in the file.
        fate: kept as it is (one neuron), merged copies, left out (zero-type), or added to the output bias (constant).
        w_length: length of the incoming weights of the neuron that they amount to, its bias included.
        outgoing: the sum of their outgoing weights.
        into: the position of that neuron in the core; None if there is none.
        bound: the most that this changes the function.
    """

    members: tuple[int, ...]
    fate: Fate
    w_length: float
    outgoing: tuple[float, ...]
    into: int | None
    bound: float

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "members": list(self.members),
            "type": str(self.fate),
            "w_length": self.w_length,
            "outgoing": list(self.outgoing),
            "into": self.into,
            "bound": self.bound,
        }


@dataclass(frozen=True)
class Pruning:
    """A pruned network, and what is known about it.

    Attributes:
        checkpoint: the core, under the same names and in the same type.
        groups: every neuron of the file is in one of them; the core's come first, in its order.
        bound: |f(x) - f_pruned(x)| is at most this for all |x| ≤ radius (Euclidean, for exact evaluation of both).
        deviation: the largest difference that was seen on random inputs there.
        width: neurons in the file.
        core_width: neurons of the core. If it is 0, f is constant, and one neuron of zeros keeps the layers in shape.
    """

    checkpoint: Checkpoint
    groups: tuple[PrunedGroup, ...]
    activation: str
    tolerance: float
    radius: float
    bound: float
    deviation: float
    width: int
    core_width: int

    @property
    def equal_neurons_left(self) -> int:
        """How many neurons of the core have the incoming weights of another: rounding their sum would cost too much."""
        rows, _ = neuron_rows(self.checkpoint.layers)
        return len(rows) - len(np.unique(rows + 0.0, axis=0))

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, without the file's name."""
        d_out, d_in = self.checkpoint.layers.W2.shape[0], self.checkpoint.layers.W1.shape[1]
        return {
            "schema": SCHEMA,
            "d_in": d_in,
            "d_out": d_out,
            "dtype": str(self.checkpoint.dtype).removeprefix("torch."),
            "activation": self.activation,
            "tolerance": self.tolerance,
            "radius": self.radius,
            "width": self.width,
            "core_width": self.core_width,
            "bound": self.bound,
            "largest_deviation": self.deviation,
            "groups": [group.to_json() for group in self.groups],
        }

    def __rich__(self) -> RenderableType:
        """What ``rich.print`` and ``Console.print`` show."""
        from .pruning_view import render

        return render(self)


def default_radius(d_in: int) -> float:
    """Return 3√d: all inputs with entries of at most 3 in absolute value, which holds most standardized data.

    >>> default_radius(4)
    6.0
    """
    return 3 * math.sqrt(d_in)


def prune(
    checkpoint: Checkpoint,
    activation: str,
    tolerance: float = 1e-6,
    radius: float | None = None,
    generator: torch.Generator | None = None,
) -> Pruning:
    """Return the core of a network, whose function differs from it by at most ``tolerance`` for inputs |x| ≤ radius.

    Neurons are merged in the order of their distances (single linkage) and left out where outgoing weights cancel, each
    step only if the bound of all of them together stays within the tolerance
    (:func:`numerics.tools.pruning_steps.choose_steps`).

    Args:
        checkpoint: see :func:`numerics.tools.checkpoint.read_checkpoint`.
        activation: the name of the network's activation, which the file does not tell.
        tolerance: 0 merges only neurons of equal incoming weights, and leaves out only what cancels exactly; the bound
            is then what rounding the new numbers to the file's type costs, half a last digit of each, and is not
            compared with the tolerance.
        radius: of the region of inputs; ``default_radius`` if None.
        generator: for the inputs on which the functions are compared; seed 0 if None.

    Raises:
        UnknownActivationError: no bounds are known for an activation of this name.
        NonFiniteError: the tolerance is no number of at least 0, or the radius no positive number.
        DimensionError: more neurons than :data:`numerics.tools.groups.MAX_NEURONS`.
        PruningError: the functions differ by more than the bound (never seen; nothing should be written then).
    """
    activation_with_bounds(activation)
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float) or not 0 <= tolerance < math.inf:
        raise NonFiniteError(f"tolerance: got {tolerance!r}; expected a number of at least 0")
    layers = checkpoint.layers
    width, d_in = layers.W1.shape
    check_width(width)
    region = default_radius(d_in) if radius is None else as_radius(radius)
    incoming, outgoing = neuron_rows(layers)
    merger = Merger(incoming, outgoing, checkpoint.dtype, activation, region, layers.b1 is not None)
    flat = [k for k, heard in enumerate(layers.W1.any(1).tolist()) if not heard]
    steps = choose_steps(merger, float(tolerance), flat, None if layers.b2 is None else layers.b2.double().numpy())
    groups = _groups(steps, merger)
    pruned = checkpoint.with_layers(_core_layers(steps, layers))
    bound = math.fsum(group.bound for group in groups) * (1 + SLACK / 2)
    source = torch.Generator().manual_seed(0) if generator is None else generator
    seen, rounding = largest_difference(layers, pruned.layers, activation, region, source)
    if not (seen <= bound + rounding and (tolerance == 0 or bound <= tolerance)):
        raise PruningError(
            f"prune: got outputs that differ by {seen:.3g}, with a bound of {bound:.3g} and {rounding:.3g} for "
            f"rounding; expected at most that, and at most {tolerance:.3g}: nothing was written (please report this, "
            "with the checkpoint)"
        )
    return Pruning(pruned, groups, activation, float(tolerance), region, bound, seen, width, len(steps.core))


def _groups(steps: Steps, merger: Merger) -> tuple[PrunedGroup, ...]:
    """The core's groups first, in its order."""
    groups = []
    for k, one in enumerate(steps.core):
        fate = Fate.COPIES if len(one.members) > 1 else Fate.KEPT
        groups.append(_group(one, fate, k, one.moved + one.rounding))
    groups += [_group(one, Fate.ZERO_TYPE, None, one.moved + one.silence) for one in steps.zero_type]
    if steps.constant:
        biases, out = merger.incoming[list(steps.constant), -1], merger.outgoing[list(steps.constant)]
        sums, longest = tuple(math.fsum(column) for column in out.T), float(np.abs(biases).max())
        groups.append(PrunedGroup(steps.constant, Fate.CONSTANT, longest, sums, None, steps.constant_cost))
    return tuple(groups)


def _group(one: Merged, fate: Fate, into: int | None, bound: float) -> PrunedGroup:
    return PrunedGroup(one.members, fate, math.hypot(*one.w), tuple(one.a.tolist()), into, bound)


def _core_layers(steps: Steps, layers: Layers) -> Layers:
    """The tensors of the core; one neuron of zeros where nothing is left, since no layer is empty."""
    (_, d_in), d_out, kind = layers.W1.shape, layers.W2.shape[0], layers.W1.dtype
    columns = d_in if layers.b1 is None else d_in + 1
    rows = np.array([one.w for one in steps.core]) if steps.core else np.zeros((1, columns))
    out = np.array([one.a for one in steps.core]) if steps.core else np.zeros((1, d_out))
    W, W2 = torch.tensor(rows).to(kind), torch.tensor(out.T).to(kind).contiguous()
    b1 = None if layers.b1 is None else W[:, d_in].contiguous()
    b2 = None if steps.b2 is None else torch.tensor(steps.b2).to(kind)
    return Layers(W[:, :d_in].contiguous(), W2, b1, b2)
