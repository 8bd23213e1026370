"""A batch of two-layer networks that are trained side by side as four tensors and a mask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from quadrics.activation import relu
from quadrics.errors import DimensionError, ShapeError
from quadrics.network import Parameters

from .activation import AnyActivation, homogeneous_sigma_of, sigma_of
from .batch_checks import check_shapes, check_values
from .device import pick_device
from .extents import Extents
from .modules import (
    Layers,
    build_module,
    exact_parameters,
    layers_from_parameters,
    layers_from_state_dict,
    read_module,
)

__all__ = ["Batch", "stack"]


@dataclass(frozen=True, eq=False)
class Batch:
    r"""n networks ``f(x) = W2 sigma(W1 x + b1) + b2`` (eq. 1 and 25), one tensor for each kind of parameter.

    Widths may differ: a network narrower than the batch is padded by neurons whose weights are exactly zero. They
    never move: the gradient there is zero (where sigma(0) is not zero, it is masked).

    Attributes:
        W1: (n, l, d) input weights.
        W2: (n, e, l) output weights.
        b1: (n, l) hidden biases, or None.
        b2: (n, e) output biases, or None.
        mask: (n, l) bool, False at padding; all True when left out.
        activation: one for the whole batch: positively homogeneous with numbers for its slopes, or smooth.

    Raises:
        ShapeError: shapes, dtypes or devices do not fit, or padding is not zero.
        DimensionError: a batch of no networks, or a network of no neurons.
        NonFiniteError: a parameter is NaN or infinite.

    >>> batch = Batch(W1=torch.ones(5, 3, 2), W2=torch.ones(5, 1, 3))
    >>> batch.n, batch.width, batch.d_in, batch.d_out
    (5, 3, 2, 1)
    >>> batch.imbalance()[0]
    tensor([1., 1., 1.])
    >>> Batch(W1=torch.ones(5, 0, 2), W2=torch.ones(5, 1, 0))
    Traceback (most recent call last):
    ...
    quadrics.errors.DimensionError: width: got networks without neurons; expected at least 1 in each
    """

    W1: Tensor
    W2: Tensor
    b1: Tensor | None = None
    b2: Tensor | None = None
    mask: Tensor = None  # type: ignore[assignment]  # a Tensor once built
    activation: AnyActivation = relu

    def __post_init__(self) -> None:
        check_shapes(self)
        sigma_of(self.activation)
        if self.mask is None:
            object.__setattr__(self, "mask", torch.ones(self.W1.shape[:2], dtype=torch.bool, device=self.W1.device))
        check_values(self)

    # -- sizes ---------------------------------------------------------------------------------------------------
    @property
    def n(self) -> int:
        """Number of networks."""
        return self.W1.shape[0]

    @property
    def width(self) -> int:
        """Number of hidden neurons l, padding included; ``widths`` has each network's own."""
        return self.W1.shape[1]

    @property
    def d_in(self) -> int:
        """Input dimension d."""
        return self.W1.shape[2]

    @property
    def d_out(self) -> int:
        """Output dimension e."""
        return self.W2.shape[1]

    @property
    def dtype(self) -> torch.dtype:
        """Floating-point type of every parameter."""
        return self.W1.dtype

    @property
    def device(self) -> torch.device:
        """Device of every tensor."""
        return self.W1.device

    @property
    def widths(self) -> Tensor:
        """(n,) number of real neurons of each network."""
        return self.mask.sum(1)

    @cached_property
    def extents(self) -> Extents:
        """For each network, one more than the index of its last real neuron (what a kernel must loop over)."""
        last = torch.arange(1, self.width + 1, device=self.device)
        return Extents((self.mask * last).amax(1).tolist())

    @property
    def parameters(self) -> tuple[Tensor, ...]:
        """The tensors that are there, in the order W1, W2, b1, b2."""
        return tuple(t for t in (self.W1, self.W2, self.b1, self.b2) if t is not None)

    # -- what a network is and does ------------------------------------------------------------------------------
    def imbalance(self) -> Tensor:
        """Return (n, l): ``c_k = |w_k|^2 + b_k^2 - degree |a_k|^2`` (eq. 6 and 26); zero at padding.

        Raises:
            SymmetryError: the activation is smooth, so that nothing of the kind is conserved.
        """
        degree = homogeneous_sigma_of(self.activation, "imbalance").degree
        c = self.W1.square().sum(-1) - degree * self.W2.square().sum(1)
        return c if self.b1 is None else c + self.b1.square()

    def signs(self) -> Tensor:
        """Return (n, l) int8: the sign of each output weight ``a_k``; zero at padding.

        Raises:
            ShapeError: d_out > 1, where an output weight is a vector.
        """
        if self.d_out != 1:
            raise ShapeError(f"signs: got d_out = {self.d_out}; expected 1, as a vector has no sign")
        return self.W2[:, 0].sign().to(torch.int8)

    def output(self, x: Tensor) -> Tensor:
        """Return (n, N, e): every network on the same inputs ``x`` (N, d).

        Raises:
            ShapeError: ``x`` is not (N, d).
        """
        if x.ndim != 2 or x.shape[1] != self.d_in:
            raise ShapeError(f"x: got shape {tuple(x.shape)}; expected (N, {self.d_in})")
        z = x.to(self.W1) @ self.W1.transpose(1, 2)
        if self.b1 is not None:
            z = z + self.b1[:, None, :]
        f = sigma_of(self.activation)(z) @ self.W2.transpose(1, 2)
        return f if self.b2 is None else f + self.b2[:, None, :]

    # -- other batches out of this one ---------------------------------------------------------------------------
    def replace(self, W1: Tensor, W2: Tensor, b1: Tensor | None = None, b2: Tensor | None = None) -> Batch:
        """Return a batch of the same make with other parameters, *unchecked*: for the inside of loops."""
        other = object.__new__(Batch)
        other.__dict__.update(self.__dict__, W1=W1, W2=W2, b1=b1, b2=b2)  # and the extents, if they are known
        return other

    def clone(self) -> Batch:
        """Return a copy that shares no memory with this batch."""
        b1, b2 = (None if t is None else t.clone() for t in (self.b1, self.b2))
        return self.replace(self.W1.clone(), self.W2.clone(), b1, b2)

    def to(self, device: str | torch.device | None = None, dtype: torch.dtype | None = None) -> Batch:
        """Return the batch on another device, in another floating-point type, or both.

        Raises:
            DeviceError: this machine has no such device.
        """
        place = self.device if device is None else pick_device(device)
        kind = self.dtype if dtype is None else dtype
        b1, b2 = (None if t is None else t.to(place, kind) for t in (self.b1, self.b2))
        return Batch(self.W1.to(place, kind), self.W2.to(place, kind), b1, b2, self.mask.to(place), self.activation)

    def select(self, index: Tensor | Sequence[int] | slice | int) -> Batch:
        """Return the networks at ``index`` (an integer keeps the batch dimension), copied.

        Raises:
            DimensionError: no network is selected.

        >>> Batch(W1=torch.ones(5, 3, 2), W2=torch.ones(5, 1, 3)).select([0, 3]).n
        2
        """
        if isinstance(index, Tensor) and index.ndim == 1 and index.dtype == torch.int64 and index.device == self.device:
            picked = index
        else:
            picked = torch.arange(self.n, device=self.device)
            given = index if isinstance(index, slice) else torch.as_tensor(index, device=self.device)
            picked = picked[given].reshape(-1)
        if picked.numel() == 0:
            raise DimensionError("select: got an empty selection; expected at least one network")
        b1, b2 = (None if t is None else t[picked] for t in (self.b1, self.b2))
        other = self.replace(self.W1[picked], self.W2[picked], b1, b2)
        object.__setattr__(other, "mask", self.mask[picked])
        other.__dict__.pop("extents", None)
        return other

    # -- flat vectors, for integrators -----------------------------------------------------------------------------
    def flatten(self) -> Tensor:
        """Return (n, p): all parameters of each network in one row, in the order W1, W2, b1, b2."""
        return torch.cat([t.reshape(self.n, -1) for t in self.parameters], 1)

    def unflatten(self, rows: Tensor) -> Batch:
        """Return the batch whose ``flatten()`` is ``rows`` (n, p), unchecked."""
        parts = torch.split(rows, [t[0].numel() for t in self.parameters], 1)
        shaped = iter([part.reshape(t.shape) for part, t in zip(parts, self.parameters, strict=True)])
        W1, W2 = next(shaped), next(shaped)
        b1 = None if self.b1 is None else next(shaped)
        return self.replace(W1, W2, b1, None if self.b2 is None else next(shaped))

    # -- single networks in and out --------------------------------------------------------------------------------
    def layers(self, k: int) -> Layers:
        """Return the tensors of network ``k`` without its padding."""
        keep = self.mask[k]
        b1, b2 = (None if t is None else t[k] for t in (self.b1, self.b2))
        return Layers(self.W1[k][keep], self.W2[k][:, keep], None if b1 is None else b1[keep], b2)

    @classmethod
    def from_layers(cls, networks: Iterable[Layers], activation: AnyActivation = relu) -> Batch:
        """Return the batch of these networks, padded to the widest."""
        batches = []
        for layers in networks:
            b1, b2 = (None if t is None else t[None] for t in layers[2:])
            batches.append(cls(layers.W1[None], layers.W2[None], b1, b2, activation=activation))
        return stack(batches)

    @classmethod
    def from_modules(cls, modules: Iterable[nn.Module]) -> Batch:
        """Return the batch of networks ``nn.Sequential(nn.Linear, activation, nn.Linear)``, parameters copied.

        Raises:
            ShapeError: a module is no such network, or they differ in more than their widths.
        """
        read = [read_module(module) for module in modules]
        activations = {activation for _, activation in read}
        if len(activations) > 1:
            raise ShapeError(f"modules: got {len(activations)} different activations; expected one for all")
        return cls.from_layers([layers for layers, _ in read], *activations)

    def to_modules(self) -> list[nn.Sequential]:
        """Return the networks as ``nn.Sequential(nn.Linear, activation, nn.Linear)``, without padding."""
        return [build_module(self.layers(k), self.activation) for k in range(self.n)]

    @classmethod
    def from_state_dict(cls, state: Mapping[str, object], activation: AnyActivation = relu) -> Batch:
        """Return a batch of one network from its state dict (any names; see ``layers_from_state_dict``).

        Raises:
            CheckpointError: the mapping is no state dict of a two-layer network.
        """
        return cls.from_layers([layers_from_state_dict(state)], activation)

    def state_dict(self, k: int = 0) -> dict[str, Tensor]:
        """Return the state dict of network ``k``, as ``to_modules()[k].state_dict()`` does."""
        return dict(build_module(self.layers(k), self.activation).state_dict())

    @classmethod
    def from_parameters(
        cls,
        points: Iterable[Parameters],
        activation: AnyActivation = relu,
        dtype: torch.dtype = torch.float64,
        device: str | torch.device | None = None,
    ) -> Batch:
        """Return the batch of exact points of parameter space, each number rounded once.

        Raises:
            NonFiniteError: an entry is a symbol, not a number.

        >>> batch = Batch.from_parameters([Parameters([[3, 4]], [[2]]), Parameters([[1, 0], [0, 1]], [[1, -1]])])
        >>> batch.widths, batch.imbalance()
        (tensor([1, 2]), tensor([[21.,  0.],
                [ 0.,  0.]], dtype=torch.float64))
        """
        place = pick_device(device)
        return cls.from_layers([layers_from_parameters(theta, dtype, place) for theta in points], activation)

    def to_parameters(self) -> list[Parameters]:
        """Return each network as an exact point of parameter space (a float is a rational number), unpadded."""
        return [exact_parameters(self.layers(k)) for k in range(self.n)]


def stack(batches: Iterable[Batch]) -> Batch:
    """Return one batch of all networks, in order, padded to the widest.

    Raises:
        DimensionError: there are no batches.
        ShapeError: they differ in dimensions, biases, activation, dtype or device.

    >>> narrow, wide = (Batch(torch.ones(2, l, 3), torch.ones(2, 1, l)) for l in (1, 4))
    >>> stack([narrow, wide]).widths
    tensor([1, 1, 4, 4])
    """
    parts = list(batches)
    if not parts:
        raise DimensionError("stack: got no networks; expected at least 1")
    kinds = {(b.d_in, b.d_out, b.b1 is not None, b.b2 is not None, b.activation, b.dtype, b.device) for b in parts}
    if len(kinds) > 1:
        listed = "; ".join(sorted(str(kind) for kind in kinds))
        raise ShapeError(
            f"stack: got networks of {len(kinds)} kinds (d_in, d_out, b1, b2, activation, dtype, device): {listed}; "
            "expected them to differ in width only"
        )
    width = max(b.width for b in parts)

    def padded(name: str, dim: int) -> Tensor:
        pieces = []
        for b in parts:
            tensor = getattr(b, name)
            shape = list(tensor.shape)
            shape[dim] = width - shape[dim]
            pieces.append(torch.cat([tensor, tensor.new_zeros(shape)], dim) if shape[dim] else tensor)
        return torch.cat(pieces)

    first = parts[0]
    return Batch(
        padded("W1", 1),
        padded("W2", 2),
        None if first.b1 is None else padded("b1", 1),
        None if first.b2 is None else torch.cat([b.b2 for b in parts if b.b2 is not None]),
        padded("mask", 1),
        first.activation,
    )
