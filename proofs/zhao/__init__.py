"""The claims of Zhao et al. (2024), a module per section of the paper."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from ..claim import Claim

MODULES = (
    "section_2",
    "section_3_topology",
    "section_3_groups",
    "section_4_linear",
    "section_4_residual",
    "section_5_permutations",
    "section_5_barrier",
    "section_5_distance",
    "section_6_curves",
    "section_6_curvature",
)


def claims() -> tuple[Claim, ...]:
    """Every claim of the paper, in the order of its sections."""
    return tuple(
        claim
        for name in MODULES
        if find_spec(f".{name}", __name__)
        for claim in import_module(f".{name}", __name__).CLAIMS
    )
