"""Networks and their copies under symmetries, made with nothing of the package but its names; for the tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

State = dict[str, Tensor]


@dataclass(frozen=True)
class Kind:
    """An activation as torch has it: its degree if it is homogeneous, and the ρ, s of σ(z) = ρ σ(-z) + s."""

    function: Callable[[Tensor], Tensor]
    degree: int | None = None
    sign: int = 0
    shift: float = 0.0


KINDS: Mapping[str, Kind] = {
    "relu": Kind(torch.relu, 1),
    "leaky_relu": Kind(lambda z: functional.leaky_relu(z, 0.01), 1),
    "relu_squared": Kind(lambda z: torch.relu(z) ** 2, 2),
    "absolute_value": Kind(torch.abs, 1, 1),
    "linear": Kind(lambda z: z, 1, -1),
    "tanh": Kind(torch.tanh, None, -1),
    "erf": Kind(torch.erf, None, -1),
    "sigmoid": Kind(torch.sigmoid, None, -1, 1.0),
    "softplus": Kind(lambda z: functional.softplus(z, threshold=40)),
    "gelu": Kind(functional.gelu),
    "silu": Kind(functional.silu),
}


def draw(source: torch.Generator, d: int, width: int, e: int, bias: bool = True) -> State:
    """A network of standard normal weights, in double precision."""

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=source, dtype=torch.float64)

    state = {"0.weight": normal(width, d), "2.weight": normal(e, width)}
    if bias:
        state |= {"0.bias": normal(width), "2.bias": normal(e)}
    return state


def output(state: Mapping[str, Tensor], x: Tensor, name: str) -> Tensor:
    """f(x), by torch's own functions."""
    W1, W2, b1, b2 = (
        state[key].double() if key in state else None for key in ("0.weight", "2.weight", "0.bias", "2.bias")
    )
    assert W1 is not None
    assert W2 is not None
    return functional.linear(KINDS[name].function(functional.linear(x, W1, b1)), W2, b2)


def permuted(state: State, source: torch.Generator) -> State:
    """Neurons in another order."""
    order = torch.randperm(len(state["0.weight"]), generator=source)
    return {key: t[:, order] if key == "2.weight" else t if key == "2.bias" else t[order] for key, t in state.items()}


def rescaled(state: State, source: torch.Generator, degree: int, spread: float = 2.0) -> State:
    """(m w, m b, m^-k a) for log-normal m."""
    m = torch.exp(spread * torch.randn(len(state["0.weight"]), generator=source, dtype=torch.float64))
    moved = {**state, "0.weight": state["0.weight"] * m[:, None], "2.weight": state["2.weight"] / m**degree}
    return moved if "0.bias" not in state else {**moved, "0.bias": state["0.bias"] * m}


def reflected(state: State, source: torch.Generator, kind: Kind) -> State:
    """(-w, -b, ρ a) for some neurons, with s a in the output bias."""
    turned = torch.rand(len(state["0.weight"]), generator=source) < 0.5
    sign = torch.where(turned, -1.0, 1.0).double()
    back = torch.where(turned, float(kind.sign), 1.0).double()
    moved = {**state, "0.weight": state["0.weight"] * sign[:, None], "2.weight": state["2.weight"] * back}
    if "0.bias" in state:
        shift = kind.shift * state["2.weight"][:, turned].sum(1)
        moved |= {"0.bias": state["0.bias"] * sign, "2.bias": state["2.bias"] + shift}
    return moved


def copy_of(state: State, source: torch.Generator, name: str) -> State:
    """The network moved by everything that its activation allows."""
    kind = KINDS[name]
    if kind.degree is not None:
        state = rescaled(state, source, kind.degree)
    if kind.sign and (kind.shift == 0 or "2.bias" in state):
        state = reflected(state, source, kind)
    return permuted(state, source)
