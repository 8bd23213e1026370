"""What a run of a check leaves behind: evidence, its controls, and what it says of the statement.

The vocabulary is small on purpose. A *way* says how we know, a *scope* how far the knowledge reaches, a *status*
what came of the run. An :class:`Outcome` is the answer of a single decision: *holds*, *violated* or *undecided*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Way(StrEnum):
    """How we know."""

    DERIVATION = "derivation"
    CERTIFICATE = "certificate"
    KERNEL = "kernel"
    ENUMERATION = "enumeration"
    MEASUREMENT = "measurement"
    COUNTEREXAMPLE = "counterexample"


class Scope(StrEnum):
    """How far it reaches: every case, fixed sizes, all sizes up to a bound, or a random sample."""

    GENERAL = "general"
    INSTANCE = "instance"
    RANGE = "range"
    SAMPLE = "sample"


class Status(StrEnum):
    """What came of a run."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


class Truth(StrEnum):
    """What a decision says of a statement."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Outcome:
    """The answer of one decision, with the figures that led to it.

    >>> decided(1 + 1 == 2, residual=0).truth
    <Truth.HOLDS: 'holds'>
    >>> decided(None).truth
    <Truth.UNDECIDED: 'undecided'>
    """

    truth: Truth
    details: Mapping[str, Any] = field(default_factory=dict)


def holds(**details: Any) -> Outcome:
    """The statement holds."""
    return Outcome(Truth.HOLDS, details)


def violated(**details: Any) -> Outcome:
    """The statement is violated."""
    return Outcome(Truth.VIOLATED, details)


def undecided(**details: Any) -> Outcome:
    """The decision procedure does not know. Counts neither for the statement nor as the rejection of a mutant."""
    return Outcome(Truth.UNDECIDED, details)


def decided(condition: bool | None, **details: Any) -> Outcome:
    """*holds*, *violated* or, for ``None``, *undecided*."""
    if condition is None:
        return undecided(**details)
    return holds(**details) if bool(condition) else violated(**details)


class Skipped(Exception):
    """Raised by a check whose engine is not here (an optional library, a GPU): reported, never counted."""


@dataclass(frozen=True)
class ControlResult:
    """What became of a mutant: only a decision *violated* rejects it."""

    what: str
    rejected: bool
    said: str = ""

    def to_json(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"what": self.what, "rejected": self.rejected}
        if not self.rejected:
            entry["said"] = self.said
        return entry


@dataclass(frozen=True)
class Evidence:
    """One finished run of one check.

    ``argued`` marks a derivation with a step that only prose supports; it caps the verdict at *checked*. ``refutes``
    marks a proof of the claim's negation: a printed text that fails.
    """

    way: Way
    scope: Scope
    status: Status
    what: str
    details: Mapping[str, Any] = field(default_factory=dict)
    controls: tuple[ControlResult, ...] = ()
    argued: bool = False
    refutes: bool = False
    seconds: float = 0.0

    @property
    def sound(self) -> bool:
        """Passed or skipped, and every control rejected."""
        return self.status in (Status.PASSED, Status.SKIPPED) and all(c.rejected for c in self.controls)

    def to_json(self) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "way": str(self.way),
            "scope": str(self.scope),
            "status": str(self.status),
            "what": self.what,
            "details": jsonable(self.details),
            "controls": [c.to_json() for c in self.controls],
        }
        if self.argued:
            entry["argued"] = True
        if self.refutes:
            entry["refutes"] = True
        entry["run"] = {"seconds": round(self.seconds, 3)}
        return entry

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Evidence:
        """Read back what :meth:`to_json` wrote."""
        return cls(
            way=Way(entry["way"]),
            scope=Scope(entry["scope"]),
            status=Status(entry["status"]),
            what=entry["what"],
            details=entry["details"],
            controls=tuple(ControlResult(c["what"], c["rejected"], c.get("said", "")) for c in entry["controls"]),
            argued=entry.get("argued", False),
            refutes=entry.get("refutes", False),
            seconds=entry["run"]["seconds"],
        )


# JSON numbers are doubles to most readers: larger integers travel as strings.
_LARGEST_EXACT_INTEGER = 2**53


def jsonable(value: Any) -> Any:
    """A value as JSON can carry it: SymPy objects as text, integers above 2^53 as strings, no NaN.

    >>> jsonable({"count": 2**60, "rows": (1, 2.5), "bad": float("nan")})
    {'count': '1152921504606846976', 'rows': [1, 2.5], 'bad': 'nan'}
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _LARGEST_EXACT_INTEGER else str(value)
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    if isinstance(value, Mapping):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(v) for v in value]
    if isinstance(value, set | frozenset):
        return [jsonable(v) for v in sorted(value, key=str)]
    if hasattr(value, "tolist"):  # numpy and torch, scalars and arrays
        return jsonable(value.tolist())
    return str(value)
