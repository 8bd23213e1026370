"""Evidence by a proof assistant: Coq's kernel accepts a theorem with the statement written down, on known axioms."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..check import Context
from ..evidence import ControlResult, Evidence, Scope, Skipped, Status, Way
from .answers import Answers
from .coqc import Coq, CoqError, Found, Report
from .sources import Sources, definitions, forbidden, normalized, sources
from .theorems import Table, Theorem, table

if TYPE_CHECKING:
    from ..claim import Claim

# The axioms of Coq's standard real numbers; nothing else may be assumed.
AXIOMS = frozenset(
    {
        "ClassicalDedekindReals.sig_forall_dec",
        "ClassicalDedekindReals.sig_not_dec",
        "FunctionalExtensionality.functional_extensionality_dep",
        "Classical_Prop.classic",
    }
)


@dataclass(frozen=True)
class KernelProof:
    """A theorem of ``proofs/coq`` as evidence for a claim; the same interface as a derivation or a check.

    Running it compiles the file (once in a run, and only if the cache lacks it), then compares what Coq prints of the
    theorem with what the table says. Without Coq the evidence is *skipped*.
    """

    theorem: Theorem
    table: Table = field(default_factory=table, repr=False, compare=False)
    sources: Sources = field(default_factory=sources, repr=False, compare=False)
    way: Way = Way.KERNEL

    @property
    def scope(self) -> Scope:
        """*general*, or *instance* where the theorem covers only part of the claim."""
        return self.theorem.scope

    @property
    def what(self) -> str:
        """The theorem's name, its file, and what it says."""
        return f"Coq, {self.theorem.name} ({self.theorem.file}.v): {self.theorem.what}"

    def vocabulary(self) -> list[str]:
        """The definitions that the statement speaks of, those it needs first."""
        return self.table.vocabulary(self.theorem, self.sources.needed(self.theorem.file))

    def run(self, context: Context) -> Evidence:
        """Ask Coq, compare, and return the evidence."""
        one = self.theorem
        started = time.perf_counter()
        controls: tuple[ControlResult, ...] = ()
        details: dict[str, Any] = {"file": f"{one.file}.v", "theorem": one.name, "statement": normalized(one.statement)}
        try:
            report = self.report(context)
            found = report.found.get(one.name)
            details |= {"axioms": list(found.axioms) if found else [], "coq": report.version}
            problems = [*self.problems_of_text(), *refusals(found, one.statement)]
            if problems:
                details["problems"] = problems
            status = Status.FAILED if problems else Status.PASSED
            controls = self.controls(report)
        except Skipped as reason:
            status = Status.SKIPPED
            details["reason"] = str(reason)
        except CoqError as error:
            status = Status.FAILED
            details["problems"] = [str(error)]
        except Exception as error:  # evidence of a defect, not a reason to lose the other claims
            status = Status.ERROR
            details["error"] = "".join(traceback.format_exception_only(error)).strip()
        return Evidence(
            self.way,
            self.scope,
            status,
            self.what,
            details,
            controls,
            refutes=one.refutes,
            seconds=time.perf_counter() - started,
        )

    def report(self, context: Context) -> Report:
        """What Coq says of all theorems of the file, asked once in a run."""
        context.tell(f"Coq: {self.theorem.file}.v")
        return self.answers(context).of(self.theorem.file)

    def answers(self, context: Context) -> Answers:
        """Coq's answers in this run.

        Raises
        ------
        Skipped, CoqError
            As ``Coq.here``.
        """
        return context.once(("coq", self.sources.folder), lambda: Answers(Coq.here(self.sources), self.table))

    def problems_of_text(self) -> list[str]:
        """What is wrong with the text of the file or of one that it rests on."""
        return [
            line
            for file in self.sources.needed(self.theorem.file)
            for line in text_problems(self.sources, self.table, file)
        ]

    def controls(self, report: Report) -> tuple[ControlResult, ...]:
        """The mutant's negation is a theorem as well, and a changed statement is refused."""
        one = self.theorem
        against_mutant = refusals(report.found.get(one.mutant), one.negation)
        changed = disturbed(one.statement)
        against_change = refusals(report.found.get(one.name), changed)
        return (
            ControlResult(f"{one.mutation}: refuted by {one.mutant}", not against_mutant, "; ".join(against_mutant)),
            ControlResult("another statement under the same name", bool(against_change), "accepted"),
        )


def refusals(found: Found | None, statement: str) -> list[str]:
    """Why what Coq found is not a proof of the statement; empty if it is."""
    if found is None:
        return ["Coq knows no such theorem"]
    lines = []
    if normalized(found.statement) != normalized(statement):
        lines.append(f"Coq proves another statement: {normalized(found.statement)}")
    unknown = sorted(set(found.axioms) - AXIOMS)
    if unknown:
        lines.append(f"it rests on axioms that are not those of the real numbers: {', '.join(unknown)}")
    return lines


def text_problems(sources: Sources, table: Table, file: str) -> list[str]:
    """Forbidden words in a file, and definitions that do not read as written down."""
    text = sources.texts[file]
    lines = [f"{file}.v contains {word!r}" for word in forbidden(text)]
    written = {name: normalized(one) for name, one in table.definitions.get(file, {}).items()}
    actual = definitions(text)
    for name in sorted(written.keys() | actual.keys()):
        if written.get(name) != actual.get(name):
            lines.append(
                f"{file}.v: the definition of {name} is {actual.get(name, 'missing')!r}, "
                f"the table has {written.get(name, 'none')!r}"
            )
    return lines


def disturbed(statement: str) -> str:
    """The statement with its last comparison or connective changed, for a control.

    >>> disturbed("forall x : R, 0 < x -> 0 <= x")
    'forall x : R, 0 < x -> 0 < x'
    """
    changes = {" <= ": " < ", " < ": " <= ", " = ": " <> ", " <-> ": " -> ", " /\\ ": " \\/ ", " -> ": " <-> "}
    text = normalized(statement)
    at, old = max((text.rfind(old), old) for old in changes)
    if at < 0:
        return f"~ ({text})"
    return text[:at] + changes[old] + text[at + len(old) :]


def with_kernel_proofs(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """The claims, each with the theorems that the table lists for it added to its evidence."""
    listed = table()
    return tuple(
        replace(claim, evidence=(*claim.evidence, *map(KernelProof, found)))
        if (found := listed.of_claim(claim.id))
        else claim
        for claim in claims
    )


@contextmanager
def asked_ahead(proofs: Sequence[KernelProof], context: Context) -> Iterator[None]:
    """Let Coq work on all these proofs, in order, while the block goes on with something else.

    Without Coq nothing is asked; each proof says so when it runs.
    """
    if not proofs:
        yield
        return
    try:
        answers = proofs[0].answers(context)
    except (Skipped, CoqError):
        yield
        return
    with answers:
        answers.ahead(one.theorem.file for one in proofs if one.sources is answers.coq.sources)
        yield
