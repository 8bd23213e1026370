"""A claim: what a paper says, in our own words, and everything that we know about it.

``X`` is the true statement. Where the printed text differs there is also ``X.printed``, and where the printed proof
fails, ``X.proof`` (the step that fails, as a statement): claims of their own, refuted by counterexample, with a label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib import import_module
from typing import Any

import sympy as sp

from quadrics.errors import ClaimError

from .check import Check
from .derivation import Derivation, Derived
from .kernel import KernelProof

_ID = re.compile(r"[a-z][\w-]*(\.[\w-]+)+")


class Kind(StrEnum):
    """What sort of claim it is."""

    THEOREM = "theorem"
    DEFINITION = "definition"
    FIGURE = "figure"
    EXPERIMENT = "experiment"
    REMARK = "remark"
    CITATION = "citation"


class Label(StrEnum):
    """What is wrong with a printed statement or proof."""

    FALSE = "false"
    TYPO = "typo"
    GAP = "gap"


@dataclass(frozen=True)
class Source:
    """Where a claim is printed: the paper's key, the label there, the section."""

    paper: str
    label: str
    section: str = ""

    def __str__(self) -> str:
        place = f", section {self.section}" if self.section else ""
        return f"{self.paper}, {self.label}{place}"


@dataclass(frozen=True)
class Claim:
    """A statement with its source, hypotheses, the claims it rests on, and ways to know.

    Parameters
    ----------
    id:
        ``paper.name``; ``X.printed`` and ``X.proof`` for the printed text or proof that differs from ``X``.
    kind, title, source:
        What it is, in a few words, and where it stands.
    statement:
        The statement in our own words, with LaTeX between dollar signs.
    relation:
        The statement as a SymPy object where it can be one (or a function that builds it).
    hypotheses, uses:
        What it assumes, in words; the ids of the claims it rests on.
    evidence:
        Derivations, checks and theorems of the proof assistant, run by :func:`proofs.ledger.examine`.
    label:
        For ``X.printed`` and ``X.proof`` only: what is wrong with them.
    erratum:
        For ``X.printed`` and ``X.proof``: what is wrong, and what is right, in a sentence or two.
    missing:
        What the paper does not say and would be needed to reproduce the claim exactly.

    Raises
    ------
    ClaimError
        If the id is not of the form above, or a label stands on a claim that is no ``.printed`` or ``.proof``.

    Examples
    --------
    >>> claim = Claim("mine.square", Kind.THEOREM, "Squares", Source("mine", "Lemma 1"), "$x^2 = x x$")
    >>> claim.corrects is None
    True
    """

    id: str
    kind: Kind
    title: str
    source: Source
    statement: str
    relation: Any = None
    hypotheses: Sequence[str] = ()
    uses: Sequence[str] = ()
    evidence: Sequence[Derivation | Check[Any] | KernelProof] = ()
    label: Label | None = None
    erratum: str = ""
    missing: str = ""

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ClaimError(f"claim id {self.id!r}: expected 'paper.name' in letters, digits, '.', '_' and '-'")
        if (self.label is not None) != (self.corrects is not None):
            raise ClaimError(f"claim {self.id!r}: a label belongs to '.printed' and '.proof' claims, and only to them")

    @property
    def corrects(self) -> str | None:
        """For ``X.printed`` and ``X.proof``: ``X``, the claim that states what is true instead."""
        for ending in (".printed", ".proof"):
            if self.id.endswith(ending):
                return self.id.removesuffix(ending)
        return None

    @property
    def formula(self) -> Any:
        """The relation as a SymPy object, built now; ``None`` where the claim has none."""
        if callable(self.relation) and not isinstance(self.relation, sp.Basic | sp.MatrixBase):
            return self.relation()
        return self.relation

    def derivations(self) -> tuple[Derivation, ...]:
        """The derivations among the evidence."""
        return tuple(one for one in self.evidence if isinstance(one, Derivation))

    def derive(self) -> Derivations:
        """Run the claim's derivations and return the checked steps, for reading.

        Raises
        ------
        ClaimError
            If the claim has no derivation (it may be enumerated, certified or measured instead).
        """
        found = self.derivations()
        if not found:
            ways = sorted({str(one.way) for one in self.evidence}) or ["no evidence"]
            raise ClaimError(f"claim {self.id!r} has no derivation; it has: {', '.join(ways)}. Try verify().")
        return Derivations(tuple(one.derive() for one in found))

    def _repr_markdown_(self) -> str:
        formula = self.formula
        lines = [f"**{self.title}** (`{self.id}`; {self.source})", "", self.statement]
        if formula is not None:
            lines += ["", f"$${sp.latex(formula)}$$"]
        return "\n".join(lines)


def claims_in(package: str, modules: Iterable[str]) -> tuple[Claim, ...]:
    """Return the ``CLAIMS`` of the modules of a package, in this order.

    >>> len(claims_in("proofs.nurisso", ["section_5_rescaling", "section_5_counts"])) > 5
    True
    """
    return tuple(claim for name in modules for claim in import_module(f".{name}", package).CLAIMS)


def restated(claim: Claim, claim_id: str, label: str, section: str) -> Claim:
    """Return the claim under the number that it has where a paper prints it a second time, with the same evidence.

    >>> claim = Claim("mine.thm1", Kind.THEOREM, "Squares", Source("mine", "Theorem 1", "2"), "$x^2 = x x$")
    >>> again = restated(claim, "mine.thmA.1", "Theorem A.1", "A")
    >>> again.title, str(again.source), again.uses
    ('Squares (restated)', 'mine, Theorem A.1, section A', ('mine.thm1',))
    """
    source = Source(claim.source.paper, label, section)
    return replace(claim, id=claim_id, title=f"{claim.title} (restated)", source=source, uses=(claim.id,))


@dataclass(frozen=True)
class Derivations:
    """The derivations of one claim, checked; prints in a terminal and as LaTeX in a notebook."""

    derived: tuple[Derived, ...]

    def __str__(self) -> str:
        return "\n\n".join(map(str, self.derived))

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return "\n\n".join(f"**{d.what}**\n\n{d._repr_latex_()}" for d in self.derived)
