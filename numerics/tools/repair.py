"""Give a network positive imbalances without changing the function it computes (Proposition 4 on stored weights).

Proposition 4 says that one rescaling takes a neuron with w ≠ 0, a ≠ 0 to any c_k. Here the target is c_k = |w_k||a_k|,
a number that no rescaling changes, and its α is rounded up to a power of two: c_k grows with α, so it stays positive,
and a floating-point number times a power of two is exact. The repaired network is therefore the *same* function, not a
nearby one. A neuron with w = 0 and no bias computes nothing, and no rescaling gives it c_k > 0 (Proposition 4 excludes
it); another neuron that computes nothing takes its place: a = 0 and some w that is not zero (section 5 of the paper).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import sympy
import torch
from torch import Tensor

from quadrics.activation import Activation, relu
from quadrics.errors import RescalingError
from quadrics.rescaling import stable_rescaling_factor

from ..batch import Batch
from ..bridge import TorchFunction, torch_function
from ..modules import Layers
from .checkpoint import Checkpoint
from .diagnose import Diagnosis, diagnose

__all__ = ["Change", "Means", "Repair", "largest_deviation", "mend", "repair", "verify_same_function"]

INPUTS = 1024
"""How many random inputs the two networks are compared on; fewer (at least 16) beyond 16,384 neurons."""

ACTIVATIONS = 2**24
"""Most hidden values held at a time in that comparison."""


class Means(StrEnum):
    """What was done to a neuron."""

    RESCALED = "rescaled"
    REPLACED = "replaced"
    LEFT = "left as it is"


@dataclass(frozen=True)
class Change:
    """What was done to neuron ``index`` (0-based): its weights w (and b) times 2^power, a divided by it."""

    index: int
    means: Means
    power: int = 0

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {"index": self.index, "means": str(self.means), "power_of_two": self.power}


@dataclass(frozen=True)
class Repair:
    """A mended checkpoint, what was done to it, and what is left.

    Attributes:
        checkpoint: the same function, in the same type and under the same names.
        changes: one for each neuron whose c_k was not positive; none where nothing was locked by a c_k < 0.
        deviation: the largest difference between the two functions that was seen on random inputs.
        after: the new diagnosis, without probabilities.
    """

    checkpoint: Checkpoint
    changes: tuple[Change, ...]
    deviation: float
    after: Diagnosis

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "changes": [change.to_json() for change in self.changes],
            "largest_deviation": self.deviation,
            "pathological": list(self.after.pathological),
            "undecided": list(self.after.undecided),
            "connected": not self.after.is_obstructed,
        }


def mend(checkpoint: Checkpoint, generator: torch.Generator) -> Repair:
    """Repair every neuron of a one-output network whose c_k is not decidedly positive, and verify the function.

    With several outputs a negative c_k locks nothing, and the network is returned as it is.

    Raises:
        RescalingError: the mended network is not the same function (never seen; nothing should be written then).
    """
    found = diagnose(checkpoint, odds=False)
    wanting = [neuron.index for neuron in found.neurons if neuron.sign <= 0] if found.d_out == 1 else []
    layers, changes = repair(checkpoint.layers, wanting)
    deviation = verify_same_function(checkpoint.layers, layers, generator)
    mended = checkpoint.with_layers(layers)
    return Repair(mended, tuple(changes), deviation, diagnose(mended, odds=False))


def repair(layers: Layers, neurons: Sequence[int]) -> tuple[Layers, list[Change]]:
    """Return the same function with c_k > 0 for these neurons where floating point allows, and what was done.

    Args:
        layers: W1 (l, d), W2 (e, l), b1 (l,) or None, b2 (e,) or None, in the type in which they are stored.
        neurons: 0-based indices of the neurons to change; those with c_k ≤ 0.

    A neuron is left as it is when its weights are so small that the division would lose digits (underflow).

    >>> layers = Layers(torch.tensor([[1.0, 0.0], [0.0, 0.0]]), torch.tensor([[16.0, 3.0]]), None, None)
    >>> mended, changes = repair(layers, [0, 1])
    >>> mended.W1.tolist(), mended.W2.tolist()
    ([[8.0, 0.0], [0.0, 3.0]], [[2.0, 0.0]])
    >>> [(str(change.means), change.power) for change in changes]
    [('rescaled', 3), ('replaced', 0)]
    """
    chosen = torch.tensor(list(neurons), dtype=torch.long)
    W1, W2, b1 = layers.W1.clone(), layers.W2.clone(), None if layers.b1 is None else layers.b1.clone()
    inputs = W1[chosen] if b1 is None else torch.cat([W1[chosen], b1[chosen, None]], 1)
    outputs = W2.T[chosen]
    computes, heard = inputs.any(1), outputs.any(1)
    power = torch.where(computes & heard, _powers(inputs, outputs), 0)
    new_inputs, new_outputs = _scaled(inputs, power), _scaled(outputs, -power)
    exact = _same(_scaled(new_inputs, -power), inputs) & _same(_scaled(new_outputs, power), outputs)
    rescaled = computes & heard & exact & new_inputs.isfinite().all(1)
    size = outputs.abs().amax(1).where(heard, 1.0)
    stand_in = torch.zeros_like(inputs)
    stand_in[torch.arange(len(chosen)), chosen % W1.shape[1]] = size  # any direction will do: one axis after another
    new_inputs = torch.where(rescaled[:, None], new_inputs, inputs.where(computes[:, None], stand_in))
    new_outputs = torch.where(rescaled[:, None], new_outputs, outputs.where(computes[:, None], 0.0))
    W1[chosen], W2[:, chosen] = new_inputs[:, : W1.shape[1]], new_outputs.T
    if b1 is not None:
        b1[chosen] = new_inputs[:, -1]
    changes = []
    for k, by, is_rescaled, is_something in zip(
        neurons, *(t.tolist() for t in (power, rescaled, computes)), strict=True
    ):
        means = Means.RESCALED if is_rescaled else Means.LEFT if is_something else Means.REPLACED
        changes.append(Change(k, means, by if is_rescaled else 0))
    return Layers(W1, W2, b1, layers.b2), changes


def largest_deviation(before: Layers, after: Layers, x: Tensor, activation: Activation = relu) -> tuple[float, float]:
    """Return how far the two functions are apart on x (N, d), and how far rounding alone could take them apart.

    Both are computed in double precision. Each of the n = d + l + 4 roundings on the way to an output is off by at most
    eps/2, relative to the sum of the absolute values of all terms; so two evaluations of one function differ by at most
    n eps times that sum (the first-order bound, doubled).
    """
    first, second = (_double(layers, activation) for layers in (before, after))
    x = x.double()
    apart = (first.output(x) - second.output(x)).abs()
    sizes = Layers(*(None if t is None else t.double().abs() for t in before))  # type: ignore[arg-type]
    terms = Batch.from_layers([sizes], Activation(1, 1)).output(x.abs())
    roundings = first.d_in + first.width + 4
    tolerance = 2 * roundings * torch.finfo(torch.float64).eps * terms
    worst = int((apart - tolerance).argmax())
    return float(apart.flatten()[worst]), float(tolerance.flatten()[worst])


def verify_same_function(
    before: Layers, after: Layers, generator: torch.Generator, activation: Activation = relu
) -> float:
    """Compare two networks on random inputs, and return the largest difference found at the worst of them.

    Raises:
        RescalingError: they differ by more than rounding.
    """
    width, d_in = before.W1.shape
    inputs = max(min(INPUTS, ACTIVATIONS // width), 16)
    x = torch.randn(inputs, d_in, generator=generator, dtype=torch.float64)
    apart, tolerance = largest_deviation(before, after, x, activation)
    if not apart <= tolerance:
        raise RescalingError(
            f"repair: got outputs that differ by {apart:.3g} where rounding explains {tolerance:.3g}; expected the "
            "same function: nothing was written (please report this, with the checkpoint)"
        )
    return apart


def _powers(inputs: Tensor, outputs: Tensor) -> Tensor:
    """(n,) the least j with 2^j at least the α that takes each neuron to c = |w||a| (eq. 23).

    Eq. (22) does not change when A, C and c are divided by one number, here by |w||a|, so that no square overflows.
    """
    ratio = _norms(inputs) / _norms(outputs)
    alpha = _rescaling_factor()(ratio, 1 / ratio)
    return alpha.log2().ceil().nan_to_num(0, 0, 0).long()


@cache
def _rescaling_factor() -> TorchFunction:
    """α of eq. (23) as a function of A and C, for c = 1."""
    A, C = sympy.symbols("A C", positive=True)
    return torch_function(stable_rescaling_factor(A, C, sympy.Integer(1)), (A, C))


def _norms(rows: Tensor) -> Tensor:
    values = rows.double()
    size = values.abs().amax(1)
    relative = values / size.where(size > 0, 1.0)[:, None]
    return size * relative.square().sum(1).sqrt()


def _scaled(rows: Tensor, power: Tensor) -> Tensor:
    """Each row times its power of two: exact unless a number leaves the range of its type."""
    return torch.ldexp(rows.double(), power[:, None]).to(rows.dtype)


def _same(first: Tensor, second: Tensor) -> Tensor:
    return (first == second).all(1)


def _double(layers: Layers, activation: Activation) -> Batch:
    return Batch.from_layers([layers], activation).to(dtype=torch.float64)
