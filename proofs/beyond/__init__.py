"""Statements that none of the papers has: ``beyond.<paper>.<name>``."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from ..claim import Claim

MODULES = (
    "nurisso_dynamics",
    "nurisso_zero_imbalance",
    "nurisso_orbits",
    "nurisso_initialization",
    "simsek_toy",
    "simsek_expansion",
    "simsek_minima",
    "simsek_derivatives",
    "simsek_critical",
    "simsek_inertia",
    "simsek_multilayer",
    "simsek_digits",
    "zhao_linear",
    "zhao_residual",
    "zhao_barriers",
    "zhao_curvature",
    "zhao_chords",
)


def claims() -> tuple[Claim, ...]:
    """Every statement beyond the papers."""
    return tuple(
        claim
        for name in MODULES
        if find_spec(f".{name}", __name__)
        for claim in import_module(f".{name}", __name__).CLAIMS
    )
