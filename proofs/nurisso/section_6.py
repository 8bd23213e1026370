"""Section 6: the empirical validation, on a toy task and on the breast-cancer data."""

from __future__ import annotations

from . import section_6_breast_cancer, section_6_toy

CLAIMS = (*section_6_toy.CLAIMS, *section_6_breast_cancer.CLAIMS)
