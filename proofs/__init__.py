"""What the papers say, how we know without measuring, and the verdict."""

from __future__ import annotations

from .check import Check, Context, Control, certificate, counterexample, enumeration, measurement
from .claim import Claim, Kind, Label, Source
from .derivation import Derivation, argued, step
from .evidence import Outcome, Skipped, decided, holds, undecided, violated
from .graph import claim_graph, fully_proved
from .ledger import Ledger, examine
from .registry import all_claims, find, select
from .verdict import Verdict, verdict

__all__ = [
    "Check",
    "Claim",
    "Context",
    "Control",
    "Derivation",
    "Kind",
    "Label",
    "Ledger",
    "Outcome",
    "Skipped",
    "Source",
    "Verdict",
    "all_claims",
    "argued",
    "certificate",
    "claim_graph",
    "counterexample",
    "decided",
    "enumeration",
    "examine",
    "find",
    "fully_proved",
    "holds",
    "measurement",
    "select",
    "step",
    "undecided",
    "verdict",
    "violated",
]
