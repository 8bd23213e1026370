"""What the topology of the loss landscape says about one trained or untrained shallow network.

>>> import torch
>>> net = torch.nn.Sequential(torch.nn.Linear(2, 3, bias=False), torch.nn.ReLU(), torch.nn.Linear(3, 1, bias=False))
>>> with torch.no_grad():
...     _ = net[0].weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0], [3.0, 4.0]]))
...     _ = net[2].weight.copy_(torch.tensor([[2.0, 3.0, -1.0]]))
>>> found = diagnose(Checkpoint.from_state(net.state_dict()))
>>> found.pathological, found.components, found.effective_components
((0, 1), 4, 3)
>>> found.reach.most_negative_kinks
1
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scipy.stats import binom

from quadrics.initialization import HiddenBias, evaluate, pytorch_default
from quadrics.initialization.cube import CubeShorterThan
from quadrics.invariant_shape import InvariantShape
from quadrics.neuron_types import NeuronType

from ..cube_saddle import LEAST, log_probability
from ..imbalances import imbalances
from ..integers import as_json
from .checkpoint import Checkpoint

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Diagnosis", "InitialOdds", "NeuronReport", "Reach", "diagnose"]

SCHEMA = 1


@dataclass(frozen=True)
class NeuronReport:
    """One hidden neuron: its imbalance, and what it may still do.

    Attributes:
        index: 0-based.
        imbalance: c_k = |w_k|² (+ b_k²) - |a_k|².
        margin: how far rounding of the stored weights can move c_k.
        sign: of c_k; 0 where it lies within the margin.
        output_sign: sign of a_k for one output, None for more.
        kind: which weights vanish (a bias counts as an input weight).
        constant: w = 0 but b ≠ 0: it adds the same number for every input.
    """

    index: int
    imbalance: float
    margin: float
    sign: int
    output_sign: int | None
    kind: NeuronType
    constant: bool

    @property
    def computes_nothing(self) -> bool:
        """Whether the neuron does not contribute to the function: a = 0, or no input weights and no bias."""
        return self.kind.is_degenerate

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "index": self.index,
            "imbalance": self.imbalance,
            "margin": self.margin,
            "sign": self.sign,
            "output_sign": self.output_sign,
            "computes_nothing": self.computes_nothing,
            "constant": self.constant,
        }


@dataclass(frozen=True)
class Reach:
    """Which functions the network can still become under gradient flow, one output and D > 1 input weights a neuron.

    With p positive and n negative signs frozen and m neurons free, a function with P hyperplanes of positive kink and N
    of negative kink, P + N ≤ l, can be expressed exactly when P ≤ p + m and N ≤ n + m
    (:class:`quadrics.reachability.KinkTarget`).

    Attributes:
        frozen_positive, frozen_negative: numbers p, n of pathological neurons by the sign of their output weight.
        free: number m of the others.
    """

    frozen_positive: int
    frozen_negative: int
    free: int

    @property
    def most_positive_kinks(self) -> int:
        """Hyperplanes of positive kink that the network can still have: p + m."""
        return self.frozen_positive + self.free

    @property
    def most_negative_kinks(self) -> int:
        """Hyperplanes of negative kink that the network can still have: n + m."""
        return self.frozen_negative + self.free

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "frozen_positive": self.frozen_positive,
            "frozen_negative": self.frozen_negative,
            "free": self.free,
            "most_positive_kinks": self.most_positive_kinks,
            "most_negative_kinks": self.most_negative_kinks,
        }


@dataclass(frozen=True)
class InitialOdds:
    """How likely PyTorch's default initialization is to make pathological neurons.

    A probability too small for a double is 0.

    Attributes:
        pathological: that a given neuron is pathological.
        disconnected: that the invariant set is disconnected.
        as_many: that at least as many neurons are pathological as here.
    """

    scheme: str
    pathological: float
    disconnected: float
    as_many: float

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "scheme": self.scheme,
            "pathological_neuron": self.pathological,
            "disconnected": self.disconnected,
            "at_least_as_many_pathological": self.as_many,
        }


@dataclass(frozen=True)
class Diagnosis:
    """Imbalances, components and reach of one network f(x) = W2 relu(W1 x + b1) + b2.

    ``odds`` and ``reach`` are None where the theory has nothing to say: several outputs, or (``reach``) one input and
    no bias. Neurons whose sign of c_k is undecided count as c_k = 0.
    """

    d_in: int
    width: int
    d_out: int
    hidden_bias: bool
    output_bias: bool
    dtype: str
    neurons: tuple[NeuronReport, ...]
    reach: Reach | None
    odds: InitialOdds | None

    @property
    def shape(self) -> InvariantShape:
        """The invariant set H(c) through these parameters, up to homeomorphism."""
        signs = [neuron.sign for neuron in self.neurons]
        return InvariantShape(
            self.d_in, self.d_out, signs.count(1), signs.count(-1), signs.count(0), bias=self.hidden_bias
        )

    @property
    def pathological(self) -> tuple[int, ...]:
        """The neurons with c_k < 0."""
        return tuple(neuron.index for neuron in self.neurons if neuron.sign < 0)

    @property
    def undecided(self) -> tuple[int, ...]:
        """The neurons whose c_k is 0 or too close to it for the stored digits."""
        return tuple(neuron.index for neuron in self.neurons if neuron.sign == 0)

    @property
    def components(self) -> int:
        """Number of components of H(c) (Corollaries 1 and 4)."""
        return int(self.shape.number_of_components())

    @property
    def effective_components(self) -> int:
        """Number of classes of components under Theorem 2's relation."""
        return int(self.shape.number_of_effective_components())

    @property
    def gradient_flow_pieces(self) -> int:
        """Number of pieces that gradient flow cannot leave; more than components if some c_k = 0."""
        return int(self.shape.number_of_gf_pieces())

    @property
    def is_obstructed(self) -> bool:
        """Whether H(c) has more than one component."""
        return not self.shape.is_connected()

    @property
    def frozen_outputs(self) -> tuple[int, ...]:
        """The neurons whose output weight cannot change sign under gradient flow."""
        return self.pathological if self.d_out == 1 else ()

    @property
    def frozen_inputs(self) -> tuple[int, ...]:
        """The neurons whose only input weight cannot change sign under gradient flow (one input, no bias)."""
        if self.shape.input_dimension > 1:
            return ()
        return tuple(neuron.index for neuron in self.neurons if neuron.sign > 0)

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, without the file's name."""
        return {
            "schema": SCHEMA,
            "d_in": self.d_in,
            "width": self.width,
            "d_out": self.d_out,
            "hidden_bias": self.hidden_bias,
            "output_bias": self.output_bias,
            "dtype": self.dtype,
            "activation": "assumed positively homogeneous (ReLU)",
            "pathological": list(self.pathological),
            "undecided": list(self.undecided),
            "frozen_outputs": list(self.frozen_outputs),
            "frozen_inputs": list(self.frozen_inputs),
            "connected": not self.is_obstructed,
            "components": as_json(self.components),
            "effective_components": as_json(self.effective_components),
            "gradient_flow_pieces": as_json(self.gradient_flow_pieces),
            "reach": None if self.reach is None else self.reach.to_json(),
            "initialization": None if self.odds is None else self.odds.to_json(),
            "neurons": [neuron.to_json() for neuron in self.neurons],
        }

    def __rich__(self) -> RenderableType:
        """What ``rich.print`` and ``Console.print`` show."""
        from .diagnosis_view import render

        return render(self)


def diagnose(checkpoint: Checkpoint, odds: bool = True) -> Diagnosis:
    """Return what can be said about a network from its weights alone, its activation taken to be ReLU.

    Args:
        checkpoint: see :func:`numerics.tools.checkpoint.read_checkpoint`.
        odds: whether to compute the probabilities under PyTorch's default initialization.

    Raises:
        NonFiniteError: weights whose squares overflow.
    """
    batch = checkpoint.batch()
    found = imbalances(batch, checkpoint.dtype)
    has_bias = batch.b1 is not None
    w, a = batch.W1[0], batch.W2[0]
    inputs = w.any(1) if batch.b1 is None else w.any(1) | (batch.b1[0] != 0)
    w_signs = w[:, 0].sign() if batch.d_in == 1 and not has_bias else inputs
    a_signs = a[0].sign() if batch.d_out == 1 else a.any(0)
    columns = (found.c, found.margin, found.signs, w_signs.long(), a_signs.long(), inputs & ~w.any(1))
    neurons = tuple(
        NeuronReport(k, c, margin, sign, a_sign if batch.d_out == 1 else None, NeuronType(w_sign, a_sign), constant)
        for k, (c, margin, sign, w_sign, a_sign, constant) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        )
    )
    reach = None
    pathological = [neuron for neuron in neurons if neuron.sign < 0]
    if batch.d_out == 1 and batch.d_in + has_bias > 1:
        positive = sum(neuron.output_sign == 1 for neuron in pathological)
        reach = Reach(positive, len(pathological) - positive, len(neurons) - len(pathological))
    return Diagnosis(
        d_in=batch.d_in,
        width=batch.width,
        d_out=batch.d_out,
        hidden_bias=has_bias,
        output_bias=batch.b2 is not None,
        dtype=str(checkpoint.dtype).removeprefix("torch."),
        neurons=neurons,
        reach=reach,
        odds=initial_odds(batch.d_in, batch.width, has_bias, len(pathological)) if odds and batch.d_out == 1 else None,
    )


def initial_odds(d_in: int, width: int, bias: bool, pathological: int) -> InitialOdds:
    """Return the probabilities under PyTorch's default initialization of ``nn.Linear``, one output.

    >>> odds = initial_odds(d_in=2, width=10, bias=False, pathological=1)
    >>> round(odds.disconnected, 5) == round(odds.as_many, 5) == 0.41597
    True
    """
    scheme = pytorch_default(HiddenBias.DRAWN if bias else HiddenBias.NONE)
    exact = scheme.pathological_probability(d_in, width)
    if isinstance(exact, CubeShorterThan) and exact.args[0] >= LEAST:
        rho = math.exp(log_probability(int(exact.args[0]), float(exact.args[1])))
    else:
        rho = float(evaluate(exact))

    def at_least(n: int) -> float:
        """That n or more neurons are pathological: they are independent."""
        return float(binom.sf(n - 1, width, rho))

    disconnected = 1.0 if scheme.always_disconnected(d_in) else at_least(1)
    return InitialOdds(scheme.name, rho, disconnected, at_least(pathological))
