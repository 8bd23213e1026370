"""Smooth activations on tensors: values and derivatives, from the SymPy formula through the bridge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sympy
from torch import Tensor

from quadrics.errors import NonFiniteError
from quadrics.smooth_activation import SmoothActivation, Z

from .bridge import TorchFunction, torch_function
from .stable import stable

__all__ = ["SmoothSigma"]


@dataclass(frozen=True)
class SmoothSigma:
    """A smooth activation in floating point, to the last digits for any argument that is a number.

    Raises:
        NonFiniteError: the activation or its derivative is not real at zero.
        BridgeError: the formula has no translation to torch.

    >>> import torch
    >>> from quadrics.smooth_activation import softplus
    >>> z = torch.tensor([-800.0, 0.0, 800.0], dtype=torch.float64)
    >>> SmoothSigma(softplus)(z).tolist(), SmoothSigma(softplus).derivative(z).tolist()
    ([0.0, 0.6931471805599453, 800.0], [0.0, 0.5, 1.0])
    """

    activation: SmoothActivation

    def __post_init__(self) -> None:
        for order in (0, 1):
            value = self.activation.derivative(0, order)
            if not (value.is_real and value.is_finite):
                raise NonFiniteError(
                    f"activation: got {value} for its derivative of order {order} at 0; expected a number"
                )

    @cached_property
    def _both(self) -> TorchFunction:
        formula = stable(self.activation.formula)
        return torch_function(sympy.Matrix([formula, sympy.diff(formula, Z)]), Z)

    @cached_property
    def _second(self) -> TorchFunction:
        return torch_function(sympy.diff(stable(self.activation.formula), Z, 2), Z)

    @cached_property
    def _value(self) -> TorchFunction:
        return torch_function(self.activation.formula, Z)

    def __call__(self, z: Tensor) -> Tensor:
        """Return ``sigma(z)`` elementwise, for any shape."""
        return self._value(z)

    def derivative(self, z: Tensor) -> Tensor:
        """Return ``sigma'(z)`` elementwise."""
        return self.with_derivative(z)[1]

    def second_derivative(self, z: Tensor) -> Tensor:
        """Return ``sigma''(z)`` elementwise."""
        return self._second(z)

    def with_derivative(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Return ``sigma(z)`` and ``sigma'(z)``, with what they have in common computed once."""
        value, slope = self._both.entries(z)
        return value, slope

    @property
    def is_homogeneous(self) -> bool:
        """No smooth activation is used as a homogeneous one."""
        return False

    @cached_property
    def fixes_zero(self) -> bool:
        """Whether ``sigma(0) = 0``, so that a neuron of zeros does nothing at all."""
        return bool(self.activation(0) == 0)
