"""The ledger: all claims, their evidence, controls and verdicts, as one JSON document."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .check import Check, Context
from .claim import Claim
from .derivation import Derivation
from .evidence import Evidence
from .kernel import KernelProof
from .verdict import Verdict, printed, verdict

SCHEMA = 1


@dataclass(frozen=True)
class Entry:
    """A claim that was examined: its evidence and the verdict computed from it."""

    claim: Claim
    evidence: tuple[Evidence, ...]

    @property
    def verdict(self) -> Verdict:
        """Computed, never stored."""
        return verdict(self.claim.kind, self.evidence)

    @property
    def failures(self) -> list[str]:
        """What went wrong, one line each: failed evidence, errors, controls that were not rejected."""
        lines = []
        for one in self.evidence:
            if one.status in ("failed", "error"):
                lines.append(f"{one.way} {one.status}: {one.what}: {dict(one.details)}")
            lines += [f"{one.way}: control not rejected ({c.said}): {c.what}" for c in one.controls if not c.rejected]
        return lines


def examine(
    claim: Claim,
    context: Context | None = None,
    measurements: Sequence[Check[Any]] = (),
    keep: Callable[[Derivation | Check[Any] | KernelProof], bool] = lambda one: True,
) -> Entry:
    """Run the evidence of a claim, and any measurements that go with it.

    ``keep`` selects which evidence runs (by way, say); what is left out simply does not count.
    """
    context = context or Context()
    return Entry(claim, tuple(one.run(context) for one in (*claim.evidence, *measurements) if keep(one)))


@dataclass
class Ledger:
    """Entries by claim id, and the run they come from."""

    run: dict[str, Any] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Put an examined claim on record."""
        self.entries[entry.claim.id] = entry

    def verdicts(self) -> dict[str, Verdict]:
        """The computed verdict of every entry."""
        return {name: entry.verdict for name, entry in self.entries.items()}

    def surprises(self, expected: Mapping[str, Verdict]) -> dict[str, tuple[Verdict, Verdict]]:
        """The claims whose verdict is not the expected one: id -> (got, expected)."""
        return {
            name: (got, expected[name])
            for name, got in self.verdicts().items()
            if name in expected and got is not expected[name]
        }

    def to_json(self, claims: Iterable[Claim] = ()) -> dict[str, Any]:
        """The document; ``claims`` are all known claims, so that ``printed`` can see twins that were not run."""
        known = {c.id: c for c in claims} | {name: e.claim for name, e in self.entries.items()}
        verdicts = self.verdicts()
        rows = []
        for name, entry in self.entries.items():
            claim = entry.claim
            row = {
                "id": name,
                "kind": str(claim.kind),
                "title": claim.title,
                "source": {
                    "paper": claim.source.paper,
                    "label": claim.source.label,
                    "section": claim.source.section,
                },
                "verdict": str(entry.verdict),
                "printed": printed(claim, known, verdicts),
                "corrected_by": claim.corrects,
                "uses": list(claim.uses),
                "evidence": [one.to_json() for one in entry.evidence],
            }
            rows.append(row)
        return {"schema": SCHEMA, "run": self.run, "claims": rows}


def write_json(document: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write a JSON document so that a reader sees the old file or the new one, never half of it."""
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(document, stream, indent=1, ensure_ascii=False, allow_nan=False)
            stream.write("\n")
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
