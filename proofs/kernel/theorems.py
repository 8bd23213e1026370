"""The table of theorems: which theorem of which file certifies which claim, with its statement written down.

``theorems/<paper>.toml`` has an entry for each theorem. ``statement`` is what Coq's ``Check`` prints; so that nobody
has to trust the ``.v`` files, a theorem counts only while Coq prints exactly that. The definitions that a statement
rests on are written down in the same way.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from quadrics.errors import ClaimError

from ..evidence import Scope


@dataclass(frozen=True)
class Theorem:
    """A theorem in a Coq file, and the mutant of it that is known to be false.

    Parameters
    ----------
    file, name:
        Where it stands: ``proofs/coq/<file>.v``, and its name there.
    claims:
        The ids of the claims that it certifies.
    what:
        What it says, in a sentence.
    statement:
        What ``Check`` prints, up to white space.
    mutant, mutation, negation:
        The theorem that refutes a mutant of the statement, what was changed, and what ``Check`` prints: ``~ ...``.
    scope:
        *general*, or *instance* where it covers only part of what the claim says.
    refutes:
        The theorem is the negation of the claim (which is then the printed text that fails).
    """

    file: str
    name: str
    claims: tuple[str, ...]
    what: str
    statement: str
    mutant: str
    mutation: str
    negation: str
    scope: Scope = Scope.GENERAL
    refutes: bool = False


@dataclass(frozen=True)
class Table:
    """All theorems, in order, and the definitions of each file as they must read."""

    theorems: tuple[Theorem, ...]
    definitions: Mapping[str, Mapping[str, str]]

    def of_file(self, file: str) -> tuple[Theorem, ...]:
        """The theorems of one file."""
        return tuple(one for one in self.theorems if one.file == file)

    def names(self, file: str) -> tuple[list[str], list[str]]:
        """What Coq is asked about in one file: its theorems, and the refutations of their mutants."""
        theorems = {one.name for one in self.of_file(file)}
        return sorted(theorems), sorted({one.mutant for one in self.of_file(file)} - theorems)

    def of_claim(self, claim_id: str) -> tuple[Theorem, ...]:
        """The theorems that certify one claim."""
        return tuple(one for one in self.theorems if claim_id in one.claims)

    def vocabulary(self, theorem: Theorem, needed: tuple[str, ...]) -> list[str]:
        """The definitions that a statement speaks of, those it needs first; ``needed`` are the files it rests on."""
        listed = [pair for file in needed for pair in self.definitions.get(file, {}).items()]
        known = {name: text for name, text in listed if not text.startswith("Let ")}  # Let: local to a section
        found: dict[str, str] = {}

        def visit(text: str) -> None:
            for word in re.findall(r"[\w']+", text):
                if word in known and word not in found:
                    found[word] = ""  # seen; a definition may name itself
                    visit(known[word])
                    del found[word]
                    found[word] = known[word]

        visit(theorem.statement)
        return list(found.values())


def parse(document: Mapping[str, Any]) -> Table:
    """A table from the contents of a TOML file.

    Raises
    ------
    ClaimError
        If an entry lacks a field, has one too many, or names a mutant that is no negation.
    """
    theorems = []
    for row in document.get("theorem", ()):
        try:
            one = Theorem(**{**row, "claims": tuple(row["claims"]), "scope": Scope(row.get("scope", "general"))})
        except (KeyError, TypeError, ValueError) as error:
            raise ClaimError(f"the entry of theorem {row.get('name', '?')!r} is not complete: {error}") from None
        if not one.negation.lstrip().startswith("~"):
            raise ClaimError(f"theorem {one.name!r}: its mutant {one.mutant!r} must be refuted by a negation, '~ ...'")
        theorems.append(one)
    return Table(tuple(theorems), document.get("definitions", {}))


@cache
def table() -> Table:
    """The tables of all papers together."""
    theorems: list[Theorem] = []
    definitions: dict[str, Mapping[str, str]] = {}
    folder = files(__package__).joinpath("theorems")
    for path in sorted(folder.iterdir(), key=lambda one: one.name):
        if path.name.endswith(".toml"):
            one = parse(tomllib.loads(path.read_text(encoding="utf-8")))
            theorems += one.theorems
            definitions |= one.definitions
    return Table(tuple(theorems), definitions)
