"""Between the tensors of one two-layer network and its other forms: modules, state dicts, exact parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import sympy
import torch
from torch import Tensor, nn

from quadrics.activation import Activation, leaky_relu, linear, relu
from quadrics.errors import CheckpointError, NonFiniteError, ShapeError
from quadrics.network import Parameters
from quadrics.smooth_activation import SmoothActivation, gelu, sigmoid, silu, softplus, tanh

from .activation import AnyActivation, HomogeneousActivation, SmoothModule, homogeneous_sigma_of

__all__ = [
    "Layers",
    "build_module",
    "exact_parameters",
    "layers_from_parameters",
    "layers_from_state_dict",
    "read_activation",
    "read_module",
]


SMOOTH: Mapping[SmoothActivation, Callable[[], nn.Module]] = {
    sigmoid: nn.Sigmoid,
    tanh: nn.Tanh,
    silu: nn.SiLU,
    gelu: nn.GELU,
    softplus: lambda: nn.Softplus(threshold=40),
}
"""torch's modules of smooth activations. Softplus is x above its threshold: right to the last digit from 40 on."""


class Layers(NamedTuple):
    """The tensors of one network: W1 (l, d), W2 (e, l), b1 (l,) or None, b2 (e,) or None."""

    W1: Tensor
    W2: Tensor
    b1: Tensor | None
    b2: Tensor | None


def read_module(module: nn.Module) -> tuple[Layers, AnyActivation]:
    """Return the tensors (detached copies) and the activation of ``Sequential(Linear, activation, Linear)``.

    Raises:
        ShapeError: the module is no such network.

    >>> layers, activation = read_module(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1)))
    >>> layers.W1.shape, activation == relu
    (torch.Size([4, 3]), True)
    """
    children = list(module.children())
    match children:
        case [nn.Linear() as first, middle, nn.Linear() as second]:
            pass
        case _:
            got = ", ".join(type(child).__name__ for child in children) or type(module).__name__
            raise ShapeError(f"module: got ({got}); expected nn.Sequential(nn.Linear, activation, nn.Linear)")
    if first.out_features != second.in_features:
        raise ShapeError(
            f"module: got {first.out_features} hidden units out of the first layer and {second.in_features} into "
            "the second; expected the same number"
        )

    def take(tensor: Tensor | None) -> Tensor | None:
        return None if tensor is None else tensor.detach().clone()

    layers = Layers(first.weight.detach().clone(), second.weight.detach().clone(), take(first.bias), take(second.bias))
    return layers, read_activation(middle)


def read_activation(module: nn.Module) -> AnyActivation:
    """Return the activation that a module applies.

    Raises:
        ShapeError: it is none that is known.

    >>> read_activation(nn.LeakyReLU(0.25)).beta
    1/4
    """
    match module:
        case nn.ReLU():
            return relu
        case nn.LeakyReLU():
            return leaky_relu(sympy.Rational(repr(module.negative_slope)))
        case nn.Identity():
            return linear
        case HomogeneousActivation():
            alpha, beta, degree = (sympy.Rational(repr(value)) for value in module.sigma)
            return Activation(alpha, beta, degree)
        case nn.Sigmoid():
            return sigmoid
        case nn.Tanh():
            return tanh
        case nn.SiLU():
            return silu
        case nn.GELU() if module.approximate == "none":
            return gelu
        case nn.Softplus() if module.beta == 1 and module.threshold >= 20:
            return softplus
        case SmoothModule():
            return module.activation
    raise ShapeError(
        f"activation: got {module}; expected nn.ReLU, nn.LeakyReLU, nn.Identity, HomogeneousActivation, nn.Sigmoid, "
        "nn.Tanh, nn.SiLU, nn.GELU (exact), nn.Softplus (beta = 1) or SmoothModule"
    )


def _build_activation(activation: AnyActivation) -> nn.Module:
    if isinstance(activation, SmoothActivation):
        return SMOOTH[activation]() if activation in SMOOTH else SmoothModule(activation)
    sigma = homogeneous_sigma_of(activation, "module")
    if sigma.degree == 1 and sigma.alpha == 1:
        if sigma.beta == 0:
            return nn.ReLU()
        if sigma.beta == 1:
            return nn.Identity()
        if 0 < sigma.beta < 1:
            return nn.LeakyReLU(sigma.beta)
    return HomogeneousActivation(sigma)


def build_module(layers: Layers, activation: AnyActivation) -> nn.Sequential:
    """Return ``nn.Sequential(nn.Linear, activation, nn.Linear)`` that holds copies of these tensors."""
    (width, d_in), d_out = layers.W1.shape, layers.W2.shape[0]
    kind, device = layers.W1.dtype, layers.W1.device
    first = nn.Linear(d_in, width, bias=layers.b1 is not None, dtype=kind, device=device)
    second = nn.Linear(width, d_out, bias=layers.b2 is not None, dtype=kind, device=device)
    with torch.no_grad():
        first.weight.copy_(layers.W1)
        second.weight.copy_(layers.W2)
        if layers.b1 is not None:
            first.bias.copy_(layers.b1)
        if layers.b2 is not None:
            second.bias.copy_(layers.b2)
    return nn.Sequential(first, _build_activation(activation), second)


def layers_from_state_dict(state: Mapping[str, object]) -> Layers:
    """Return the tensors of a two-layer network from its state dict, whatever its layers are called.

    The two matrices must be called ``NAME.weight``, the hidden layer's first; a vector ``NAME.bias`` may go with each.

    Raises:
        CheckpointError: the mapping is no state dict of a two-layer network.

    >>> net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2, bias=False))
    >>> [None if t is None else tuple(t.shape) for t in layers_from_state_dict(net.state_dict())]
    [(4, 3), (2, 4), (4,), None]
    >>> layers_from_state_dict({"weight": torch.zeros(2, 2)})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    quadrics.errors.CheckpointError: state dict: got the entries weight (2, 2); expected two 'NAME.weight' ...
    """
    if not isinstance(state, Mapping) or not all(
        isinstance(key, str) and isinstance(value, Tensor) for key, value in state.items()
    ):
        raise CheckpointError(
            f"state dict: got {type(state).__name__} that is no mapping from names to tensors; "
            "expected what nn.Module.state_dict() returns"
        )
    tensors = {key: value.detach().clone() for key, value in state.items() if isinstance(value, Tensor)}
    names = [key.removesuffix(".weight") for key in tensors if key.endswith(".weight")]
    known = {f"{name}.{part}" for name in names for part in ("weight", "bias")}
    shapes = ", ".join(f"{key} {tuple(value.shape)}" for key, value in tensors.items()) or "none"
    problem = CheckpointError(
        f"state dict: got the entries {shapes}; expected two 'NAME.weight' matrices (width, d_in) and "
        "(d_out, width), each with or without its 'NAME.bias' vector, and nothing else"
    )
    if len(names) != 2 or not set(tensors) <= known:
        raise problem
    first, second = names
    W1, W2 = tensors[f"{first}.weight"], tensors[f"{second}.weight"]
    b1, b2 = tensors.get(f"{first}.bias"), tensors.get(f"{second}.bias")
    if W1.ndim != 2 or W2.ndim != 2 or W2.shape[1] != W1.shape[0]:
        raise problem
    for bias, rows in ((b1, W1.shape[0]), (b2, W2.shape[0])):
        if bias is not None and bias.shape != (rows,):
            raise problem
    return Layers(W1, W2, b1, b2)


def layers_from_parameters(theta: Parameters, dtype: torch.dtype, device: torch.device) -> Layers:
    """Return the tensors of an exact point of parameter space, each number rounded once.

    Raises:
        NonFiniteError: an entry is a symbol, not a number.
    """

    def rounded(matrix: Any) -> Tensor:
        try:
            rows = [[float(v) for v in matrix.row(i)] for i in range(matrix.rows)]
        except TypeError:
            raise NonFiniteError(f"parameters: got {matrix}; expected numbers (substitute the symbols first)") from None
        return torch.tensor(rows, dtype=dtype, device=device)

    b1, b2 = (None if b is None else rounded(b)[:, 0] for b in (theta.b1, theta.b2))
    return Layers(rounded(theta.W1), rounded(theta.W2), b1, b2)


def exact_parameters(layers: Layers) -> Parameters:
    """Return the tensors as an exact point of parameter space: a float is a rational number.

    >>> exact_parameters(Layers(torch.tensor([[0.5]]), torch.tensor([[0.25]]), None, None)).W1
    Matrix([[1/2]])
    """

    def exact(matrix: Tensor) -> list[list[Any]]:
        return [[sympy.Rational(v) for v in row] for row in matrix.tolist()]

    b1, b2 = (None if b is None else exact(b[:, None]) for b in (layers.b1, layers.b2))
    return Parameters(exact(layers.W1), exact(layers.W2), b1, b2)
