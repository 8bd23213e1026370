"""The inventory: every claim id with its kind and the verdict we expect, and the comparison with the code."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from quadrics.errors import UnknownClaimError

from .claim import Claim, Kind
from .verdict import Verdict


@dataclass(frozen=True)
class Expected:
    """What the inventory says of a claim."""

    kind: Kind
    verdict: Verdict


@cache
def inventory() -> dict[str, Expected]:
    """The expectations of ``inventory.toml``, by claim id."""
    table = tomllib.loads(files(__package__).joinpath("inventory.toml").read_text(encoding="utf-8"))
    return {name: Expected(Kind(row["kind"]), Verdict(row["verdict"])) for name, row in table["claims"].items()}


def expected_verdict(claim_id: str) -> Verdict:
    """The verdict that the inventory expects of a claim.

    Raises
    ------
    UnknownClaimError
        If the inventory does not list the id.
    """
    try:
        return inventory()[claim_id].verdict
    except KeyError:
        raise UnknownClaimError(f"{claim_id!r} is not in the inventory; add it to proofs/inventory.toml") from None


def differences(claims: Iterable[Claim]) -> list[str]:
    """Where list and code disagree: ids on one side only, or kinds that differ. Empty when they agree."""
    coded = {claim.id: claim for claim in claims}
    listed = inventory()
    found = [f"{name}: in the inventory, not in the code" for name in listed if name not in coded]
    for name, claim in coded.items():
        if name not in listed:
            found.append(f"{name}: in the code, not in the inventory")
        elif listed[name].kind is not claim.kind:
            found.append(f"{name}: the inventory says {listed[name].kind}, the code {claim.kind}")
    return found
