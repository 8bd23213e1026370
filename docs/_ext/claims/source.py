"""Where the verdicts on the pages come from: a ledger that was written by a run, or a run of the evidence here.

A ledger is *stale* when it and the code no longer speak of the same claims and the same evidence. The leading ledger
must be fresh: a stale one is a warning, and warnings are errors when the documentation is built. A ledger beside it
(of a device that may not be at hand) may be older; its page says so.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proofs import Check, Claim, Context, Ledger, examine
from proofs.evidence import Evidence, Way
from proofs.ledger import SCHEMA, Entry
from proofs.verdict import Verdict, printed

Checks = Mapping[str, Sequence[Check[Any]]]


@dataclass(frozen=True)
class Book:
    """The claims with the entries of a ledger: what the pages are written from.

    ``differences`` are those between the ledger and the code: none for a fresh ledger.
    """

    claims: tuple[Claim, ...]
    ledger: Ledger
    title: str = ""
    differences: tuple[str, ...] = ()

    @property
    def by_id(self) -> dict[str, Claim]:
        """The claims by id."""
        return {claim.id: claim for claim in self.claims}

    def entry(self, claim_id: str) -> Entry:
        """The claim's entry; one without evidence where the ledger has none."""
        return self.ledger.entries.get(claim_id) or Entry(self.by_id[claim_id], ())

    def verdict(self, claim_id: str) -> Verdict:
        """The verdict, computed from the evidence."""
        return self.entry(claim_id).verdict

    def printed(self, claim_id: str) -> str:
        """How the paper's own text fares: see :func:`proofs.verdict.printed`."""
        verdicts = {name: self.verdict(name) for name in self.by_id}
        return printed(self.by_id[claim_id], self.by_id, verdicts)

    def corrections_of(self, claim_id: str) -> list[Claim]:
        """``X.printed`` and ``X.proof`` of a claim ``X``."""
        return [claim for claim in self.claims if claim.corrects == claim_id]

    def users_of(self, claim_id: str) -> list[str]:
        """The ids of the claims that rest on this one."""
        return [claim.id for claim in self.claims if claim_id in claim.uses]

    def of_paper(self, paper: str) -> list[Claim]:
        """The claims of one paper, and the statements beyond it, in the order of the code."""
        return [c for c in self.claims if c.id.startswith((f"{paper}.", f"beyond.{paper}."))]


def read(path: Path) -> dict[str, Any]:
    """The document in a ledger file.

    Raises
    ------
    ValueError
        If the file is no ledger of this schema.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise ValueError(f"{path}: got no ledger of schema {SCHEMA}; write one with `quadrics verify --json {path}`")
    return document


def book_from(
    document: Mapping[str, Any], claims: Iterable[Claim], title: str = "", checks: Checks | None = None
) -> Book:
    """The book of a ledger document; rows whose claim no longer exists are left out, and are among its differences."""
    known = tuple(claims)
    by_id = {claim.id: claim for claim in known}
    ledger = Ledger(run=dict(document["run"]))
    for row in document["claims"]:
        if row["id"] in by_id:
            ledger.add(Entry(by_id[row["id"]], tuple(map(Evidence.from_json, row["evidence"]))))
    return Book(known, ledger, title, tuple(staleness(document, known, checks)))


def book_examined(claims: Iterable[Claim]) -> Book:
    """The book of an examination here and now, without measurements."""
    known = tuple(claims)
    context = Context()
    ledger = Ledger(run={"device": "cpu", "mode": context.mode, "seed": context.seed, "measurements": False})
    for claim in known:
        ledger.add(examine(claim, context))
    return Book(known, ledger, "Examined when these pages were built, without measurements")


def staleness(document: Mapping[str, Any], claims: Iterable[Claim], checks: Checks | None = None) -> list[str]:
    """Where a ledger document and the code differ, a line each; nothing when the ledger is fresh.

    ``checks`` are the measurements by claim id; without them measurements are not compared.
    """
    rows = {row["id"]: row for row in document["claims"]}
    coded = {claim.id: claim for claim in claims}
    found = [f"{name}: in the ledger, not in the code" for name in rows if name not in coded]
    for name, claim in coded.items():
        if name not in rows:
            found.append(f"{name}: in the code, not in the ledger")
            continue
        row = rows[name]
        source = {"paper": claim.source.paper, "label": claim.source.label, "section": claim.source.section}
        for key, value in {
            "kind": str(claim.kind),
            "title": claim.title,
            "source": source,
            "uses": list(claim.uses),
            "corrected_by": claim.corrects,
        }.items():
            if row.get(key) != value:
                found.append(f"{name}: {key} is {row.get(key)!r} in the ledger, {value!r} in the code")
        found += _evidence_differences(row, claim, None if checks is None else checks.get(name, ()))
        recomputed = Entry(claim, tuple(map(Evidence.from_json, row["evidence"]))).verdict
        if row["verdict"] != recomputed:
            found.append(f"{name}: the ledger says {row['verdict']}, its own evidence amounts to {recomputed}")
    return found


def _evidence_differences(row: Mapping[str, Any], claim: Claim, checks: Sequence[Check[Any]] | None) -> list[str]:
    """Evidence that stands on one side only, compared by way, scope and description."""
    compared = [*claim.evidence, *(checks or ())]
    in_code = Counter((str(one.way), str(one.scope), one.what) for one in compared)
    in_ledger = Counter((e["way"], e["scope"], e["what"]) for e in row["evidence"])
    if checks is None:
        own = {key for key in in_code if key[0] == Way.MEASUREMENT}
        in_ledger = Counter({k: n for k, n in in_ledger.items() if k[0] != Way.MEASUREMENT or k in own})
    gone = [f"{claim.id}: {way} in the ledger, not in the code: {what}" for way, _, what in in_ledger - in_code]
    new = [f"{claim.id}: {way} in the code, not in the ledger: {what}" for way, _, what in in_code - in_ledger]
    return gone + new
