"""The measurements that go with the claims: a module per module of ``proofs``, joined to them by claim id."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from proofs import Check
from quadrics.errors import ClaimError, UnknownClaimError

MODULES = (
    "nurisso.section_3",
    "nurisso.section_4",
    "nurisso.section_5",
    "nurisso.section_5_rescaling",
    "nurisso.section_6",
    "nurisso.section_7",
    "nurisso.section_8",
    "nurisso.appendix_b",
    "nurisso.appendix_e",
    "nurisso.appendix_f",
    "nurisso.appendix_g",
    "simsek.section_2",
    "simsek.section_2_toy",
    "simsek.section_3",
    "simsek.section_4_minima",
    "simsek.section_4_training",
    "simsek.section_4_critical",
    "simsek.section_4_counts",
    "simsek.section_5",
    "simsek.appendix_a",
    "simsek.appendix_a_deep",
    "zhao.section_3",
    "zhao.section_4_linear",
    "zhao.section_4_residual",
    "zhao.section_5_permutations",
    "zhao.section_5_barrier",
    "zhao.section_5_distance",
    "zhao.section_6_curves",
    "zhao.section_6_curvature",
    "beyond_nurisso_dynamics",
    "beyond_nurisso_boost",
    "beyond_nurisso_methods",
    "beyond_nurisso_optimizers",
    "beyond_nurisso_kinks",
    "beyond_nurisso_zero_imbalance",
    "beyond_nurisso_orbits",
    "beyond_nurisso_initialization",
)


def all_checks(known: Iterable[str]) -> dict[str, tuple[Check[Any], ...]]:
    """Every measurement, by the id of its claim.

    Raises
    ------
    UnknownClaimError
        If a module measures a claim that does not exist.
    ClaimError
        If two modules measure the same claim: its measurements belong together.
    """
    ids = set(known)
    joined: dict[str, tuple[Check[Any], ...]] = {}
    for name in MODULES:
        for claim_id, checks in import_module(f".{name}", __name__).CHECKS.items():
            if claim_id not in ids:
                raise UnknownClaimError(f"numerics.checks.{name} measures {claim_id!r}, which is no claim")
            if claim_id in joined:
                raise ClaimError(f"{claim_id!r} is measured in numerics.checks.{name} and in another module")
            joined[claim_id] = tuple(checks)
    return joined
