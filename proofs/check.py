"""Checks and their controls: one decision procedure, asked about a statement and about its mutants.

A check that cannot fail is a defect. So every check carries controls, and a control calls the *same* decision with a
mutant of the statement (a wrong sign, an exponent off by one, a dropped hypothesis). Only *violated* rejects a mutant.

Statements are built when a check runs, never at import: a formula changed in ``quadrics`` changes the statement.
"""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from .evidence import ControlResult, Evidence, Outcome, Scope, Skipped, Status, Truth, Way

S = TypeVar("S")
T = TypeVar("T")

Mode = Literal["quick", "full"]


@dataclass
class Context:
    """What a run is given: seed, mode, device, and a memory shared by the checks of that run.

    >>> context = Context()
    >>> context.pick(quick=100, full=10_000)
    100
    >>> context.seed_for("figure 3") == Context().seed_for("figure 3") != Context(seed=1).seed_for("figure 3")
    True
    """

    seed: int = 0
    mode: Mode = "quick"
    device: str = "cpu"
    tell: Callable[[str], None] = lambda message: None
    _memory: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def pick(self, *, quick: T, full: T) -> T:
        """The size that goes with the mode of this run."""
        return quick if self.mode == "quick" else full

    def seed_for(self, name: str) -> int:
        """A seed of its own for each named use, so that adding a check never changes the numbers of another."""
        digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
        return int.from_bytes(digest[:6], "big")

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The value of ``compute()``, computed once in this run however many checks ask for it."""
        if key not in self._memory:
            self._memory[key] = compute()
        value: T = self._memory[key]
        return value


@dataclass(frozen=True)
class Control(Generic[S]):
    """A mutant of the statement, which the check must find violated."""

    what: str
    mutate: Callable[[S], S]


@dataclass(frozen=True)
class Check(Generic[S]):
    """One way of deciding one statement.

    Parameters
    ----------
    way, scope, what:
        How we know, how far it reaches, and one sentence saying what is done.
    statement:
        A function without arguments that builds the statement (a SymPy object, a function, a table: whatever
        ``decide`` understands).
    decide:
        ``decide(statement, context)`` returns an :class:`~proofs.evidence.Outcome`.
    controls:
        Mutants that ``decide`` must find violated. For a counterexample, where the statement is the printed claim and
        *violated* is the wanted answer, they are corrections, for which the very same instance must say *holds*.

    Examples
    --------
    >>> def decide(count, context):
    ...     subsets = [s for s in range(2**3)]
    ...     return decided(count == len(subsets))
    >>> from proofs.evidence import decided
    >>> check = enumeration("subsets of three things", lambda: 8, decide, [Control("one more", lambda n: n + 1)])
    >>> run(check).status
    <Status.PASSED: 'passed'>

    A control that is not rejected spoils the evidence:

    >>> run(enumeration("no check at all", lambda: 8, lambda n, c: decided(True), [Control("9", lambda n: 9)])).sound
    False
    """

    way: Way
    scope: Scope
    what: str
    statement: Callable[[], S]
    decide: Callable[[S, Context], Outcome]
    controls: tuple[Control[S], ...] = ()

    def run(self, context: Context) -> Evidence:
        """Run the check and its controls: :func:`run`."""
        return run(self, context)


def run(check: Check[Any], context: Context | None = None) -> Evidence:
    """Decide the statement of a check and of each of its controls, and return the evidence.

    Never raises for what the check itself does: an exception becomes the status *error*, in the check as in a control.
    """
    context = context or Context()
    wanted, rejection = (Truth.HOLDS, Truth.VIOLATED)
    if check.way is Way.COUNTEREXAMPLE:
        wanted, rejection = rejection, wanted
    started = time.perf_counter()
    controls: list[ControlResult] = []
    details: dict[str, Any] = {}
    try:
        statement = check.statement()
        outcome = check.decide(statement, context)
        details.update(outcome.details)
        status = Status.PASSED if outcome.truth is wanted else Status.FAILED
        if status is Status.FAILED:
            details["said"] = str(outcome.truth)
        for control in check.controls:
            answer = check.decide(control.mutate(statement), context)
            controls.append(ControlResult(control.what, answer.truth is rejection, str(answer.truth)))
    except Skipped as reason:
        status, controls = Status.SKIPPED, []
        details["reason"] = str(reason)
    except Exception as error:  # evidence of a defect, not a reason to lose the other claims
        status = Status.ERROR
        details["error"] = "".join(traceback.format_exception_only(error)).strip()
        details["where"] = traceback.format_tb(error.__traceback__)[-1].strip().splitlines()[0]
    return Evidence(
        check.way,
        check.scope,
        status,
        check.what,
        details,
        tuple(controls),
        seconds=time.perf_counter() - started,
    )


def certificate(
    what: str,
    statement: Callable[[], S],
    decide: Callable[[S, Context], Outcome],
    controls: list[Control[S]],
    scope: Scope = Scope.GENERAL,
) -> Check[S]:
    """A decision by an independent engine (z3, Gröbner bases): see :mod:`proofs.smt`."""
    return Check(Way.CERTIFICATE, scope, what, statement, decide, tuple(controls))


def enumeration(
    what: str,
    statement: Callable[[], S],
    decide: Callable[[S, Context], Outcome],
    controls: list[Control[S]],
    scope: Scope = Scope.RANGE,
) -> Check[S]:
    """An exhaustive check up to a stated size."""
    return Check(Way.ENUMERATION, scope, what, statement, decide, tuple(controls))


def measurement(
    what: str,
    statement: Callable[[], S],
    decide: Callable[[S, Context], Outcome],
    controls: list[Control[S]],
    scope: Scope = Scope.SAMPLE,
) -> Check[S]:
    """A comparison of the statement with sampled or trained networks, at a derived tolerance."""
    return Check(Way.MEASUREMENT, scope, what, statement, decide, tuple(controls))


def counterexample(
    what: str,
    printed: Callable[[], S],
    decide: Callable[[S, Context], Outcome],
    corrections: list[Control[S]],
    scope: Scope = Scope.INSTANCE,
) -> Check[S]:
    """An explicit instance that violates the printed statement, and that its correction survives.

    ``decide(printed)`` must say *violated*, ``decide(correction)`` *holds*, on the same instance.
    """
    return Check(Way.COUNTEREXAMPLE, scope, what, printed, decide, tuple(corrections))
