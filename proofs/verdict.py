"""The verdict on a claim: a pure function of its evidence, never written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from .claim import Claim, Kind
from .evidence import Evidence, Scope, Status, Way


class Verdict(StrEnum):
    """What the evidence amounts to."""

    PROVED = "proved"
    CHECKED = "checked"
    REFUTED = "refuted"
    STATED = "stated"
    OPEN = "open"
    FAILED = "failed"


_PROVING = {Way.DERIVATION, Way.CERTIFICATE, Way.KERNEL}
_ASSERTING_NOTHING = {Kind.DEFINITION, Kind.CITATION, Kind.REMARK}


def verdict(kind: Kind, evidence: Sequence[Evidence]) -> Verdict:
    """The verdict that some evidence amounts to.

    Any failure, error or unrejected control: *failed*. A counterexample, or a proof of the negation: *refuted*.
    Something general that passed by derivation, certificate or kernel without an argued step: *proved*. Otherwise
    passed: *checked*. Nothing: *open*, or *stated* for a definition, citation or remark that has nothing to check.
    Skipped evidence never counts.

    >>> from proofs.evidence import Evidence, Scope, Status, Way
    >>> derived = Evidence(Way.DERIVATION, Scope.GENERAL, Status.PASSED, "a proof")
    >>> measured = Evidence(Way.MEASUREMENT, Scope.SAMPLE, Status.FAILED, "but not in practice")
    >>> verdict(Kind.THEOREM, [derived]), verdict(Kind.THEOREM, [derived, measured])
    (<Verdict.PROVED: 'proved'>, <Verdict.FAILED: 'failed'>)
    """
    if not all(e.sound for e in evidence):
        return Verdict.FAILED
    passed = [e for e in evidence if e.status is Status.PASSED]
    if any(e.way is Way.COUNTEREXAMPLE or e.refutes for e in passed):
        return Verdict.REFUTED
    if any(e.scope is Scope.GENERAL and e.way in _PROVING and not e.argued for e in passed):
        return Verdict.PROVED
    if passed:
        return Verdict.CHECKED
    return Verdict.STATED if kind in _ASSERTING_NOTHING and not evidence else Verdict.OPEN


def printed(claim: Claim, claims: Mapping[str, Claim], verdicts: Mapping[str, Verdict]) -> str:
    """How the printed text fares: ``true``, the label of its refuted ``.printed`` or ``.proof``, or ``unverifiable``.

    A claim that is itself ``X.printed`` or ``X.proof`` answers with its own label once it is refuted, else ``open``.
    """
    if claim.corrects is not None:
        return str(claim.label) if verdicts.get(claim.id) is Verdict.REFUTED else "open"
    for ending in (".printed", ".proof"):
        twin = claims.get(claim.id + ending)
        if twin is not None and verdicts.get(twin.id) is Verdict.REFUTED:
            return str(twin.label)
    if claim.missing:
        return "unverifiable"
    return "true" if verdicts.get(claim.id) in (Verdict.PROVED, Verdict.CHECKED, Verdict.STATED) else "open"
