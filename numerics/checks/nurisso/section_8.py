"""Measurements for section 8: finite steps, momentum, Adam, and weight decay, on networks trained in the run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy

from proofs import Check, Control, measurement
from quadrics.discretization import decayed_imbalance

from ...bridge import torch_function
from ..discrete import OPTIMIZERS, Decay, Drift, decays, orders


def only(order: dict[str, int]) -> Drift:
    """The statement about these optimizers alone."""
    return Drift({name: OPTIMIZERS[name] for name in order}, order)


def on_tensors() -> Any:
    """c e^(-2λt) through the bridge."""
    symbols = sympy.symbols("c lambda t", real=True)
    return torch_function(decayed_imbalance(*symbols), symbols)


def decay_statement() -> Decay:
    """The true statement."""
    return Decay(on_tensors())


def slower(statement: Decay) -> Decay:
    """With λ in place of 2λ."""
    return Decay(lambda c, lam, t: statement.formula(c, lam / 2, t))


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "nurisso.sec8.gd": (
        measurement(
            "the drift of c at a fixed time is linear in the step size",
            lambda: only({"gradient descent": 1}),
            orders,
            [
                Control("quadratic", lambda s: replace(s, order={"gradient descent": 2})),
                Control("independent of it", lambda s: replace(s, order={"gradient descent": 0})),
            ],
        ),
    ),
    "nurisso.sec8.adam": (
        measurement(
            "Adam drifts at small steps as at large ones; momentum in proportion to the step",
            lambda: only({"Adam": 0, "momentum 0.9": 1}),
            orders,
            [
                Control("Adam in proportion to the step", lambda s: replace(s, order={"Adam": 1, "momentum 0.9": 1})),
                Control("momentum not", lambda s: replace(s, order={"Adam": 0, "momentum 0.9": 0})),
            ],
        ),
    ),
    "nurisso.sec8.reg": (
        measurement(
            "imbalances of 50 networks trained with weight decay",
            decay_statement,
            decays,
            [Control("e^(-λt)", slower)],
        ),
    ),
}
