"""Section 5, taking symmetries into account: Definition 2, Theorem 2, Corollary 3 and the text around them."""

from __future__ import annotations

from ..claim import Claim
from . import section_5_counts, section_5_definition, section_5_theorem

CLAIMS: tuple[Claim, ...] = (
    *section_5_definition.CLAIMS,
    *section_5_theorem.CLAIMS,
    *section_5_counts.CLAIMS,
)
