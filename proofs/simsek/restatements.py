"""What the paper's appendix prints a second time, under a second number."""

from __future__ import annotations

from ..claim import Claim, restated
from . import (
    section_3_connectivity,
    section_3_subspaces,
    section_3_theorem,
    section_4_counts,
    section_4_growth,
    section_4_ratios,
)

SECOND_NUMBERS = (
    ("simsek.def3.2", "simsek.eq3", "equation (3)", "3"),
    ("simsek.thm3.1a", "simsek.propB.3", "Proposition B.3", "B.2"),
    ("simsek.thm3.1d", "simsek.thmB.4", "Theorem B.4", "B.2"),
    ("simsek.prop4.5a", "simsek.propB.11", "Proposition B.11", "B.5"),
    ("simsek.prop4.5b", "simsek.propB.13", "Proposition B.13", "B.5"),
    ("simsek.lem4.6", "simsek.lemB.14", "Lemma B.14", "B.5"),
    ("simsek.fig6", "simsek.figA4", "Figure 4 of the appendix", "A.2"),
)

_FIRST = {
    claim.id: claim
    for module in (
        section_3_subspaces,
        section_3_theorem,
        section_3_connectivity,
        section_4_counts,
        section_4_growth,
        section_4_ratios,
    )
    for claim in module.CLAIMS
}

CLAIMS: tuple[Claim, ...] = tuple(
    restated(_FIRST[first], again, label, section) for first, again, label, section in SECOND_NUMBERS
)
