"""Integrators of gradient flow, a file each."""

from __future__ import annotations

from . import (
    adaptive,
    commutator_free,
    gradient_descent,
    lie_euler,
    lie_midpoint,
    projected,
    runge_kutta,
    torchdiffeq_flow,
    torchode_flow,
)
from .methods import METHODS, integrate
from .result import FlowResult
from .scipy_flow import gradient_flow

__all__ = [
    "METHODS",
    "FlowResult",
    "adaptive",
    "commutator_free",
    "gradient_descent",
    "gradient_flow",
    "integrate",
    "lie_euler",
    "lie_midpoint",
    "projected",
    "runge_kutta",
    "torchdiffeq_flow",
    "torchode_flow",
]
