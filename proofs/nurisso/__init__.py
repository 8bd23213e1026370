"""The claims of Nurisso, Leroy and Vaccarino (2024), a module per section of the paper."""

from __future__ import annotations

from ..claim import Claim, claims_in

MODULES = (
    "section_3",
    "section_4",
    "section_5",
    "section_5_rescaling",
    "section_6",
    "section_7",
    "section_8",
    "appendix_b",
    "appendix_e",
    "appendix_f",
    "appendix_g",
)


def claims() -> tuple[Claim, ...]:
    """Every claim of the paper, in the order of its sections."""
    return claims_in(__name__, MODULES)
