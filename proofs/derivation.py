"""Derivations: chains of SymPy steps, each recomputed or decided by its rule, each refusing a mutated result.

A step says: *by this rule, before becomes after*. The rule does not trust ``after``: it recomputes it, or decides that
the difference is exactly zero. Steps that divide, square or choose a root carry side conditions, and those must be
decided too. What SymPy cannot decide (continuity, "for all l") may be an :func:`argued` step: prose, shown as such,
which caps the verdict of the claim at *checked*.

>>> from proofs.rules import equal
>>> a, b = sp.symbols("a b", real=True)
>>> square = Derivation("the square of a sum", lambda: [step(equal, (a + b)**2, a**2 + 2*a*b + b**2)])
>>> print(square.derive())
the square of a sum
  1. (a + b)**2
     = a**2 + 2*a*b + b**2    [equal: exact zero difference]
>>> wrong = Derivation("a common mistake", lambda: [step(equal, (a + b)**2, a**2 + b**2)])
>>> wrong.run(Context()).status
<Status.FAILED: 'failed'>
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from .check import Context
from .evidence import ControlResult, Evidence, Outcome, Scope, Status, Truth, Way, decided, holds
from .rules import Rule
from .smt import valid


@dataclass(frozen=True)
class Step:
    """One step of a derivation.

    ``conditions`` are formulas that must be true for the rule to apply (a denominator that is not zero, a root's
    sign); each is decided by SymPy's assumptions or, failing that, by z3. ``mutants`` are results the rule must
    refuse; without any, ``after`` is disturbed in the plainest way (plus one, or negated).
    """

    rule: Rule
    before: Any
    after: Any
    because: str = ""
    conditions: tuple[Boolean | bool, ...] = ()
    mutants: tuple[Any, ...] = ()
    argued: bool = False

    def outcome(self) -> Outcome:
        """Whether the rule leads from before to after, side conditions included."""
        for condition in self.conditions:
            answer = _condition(condition)
            if answer.truth is not Truth.HOLDS:
                return Outcome(answer.truth, {"condition": str(condition), **answer.details})
        return self.rule.decide(self.before, self.after)


def step(
    rule: Rule,
    before: Any,
    after: Any,
    because: str = "",
    *,
    conditions: Sequence[Boolean | bool] = (),
    mutants: Sequence[Any] = (),
) -> Step:
    """A checked step; see :class:`Step`."""
    return Step(rule, before, after, because, tuple(conditions), tuple(mutants))


def argued(text: str) -> Step:
    """A step that prose alone supports. It is shown, not checked, and caps the verdict at *checked*."""
    return Step(Rule("argued", lambda before, after: holds()), sp.true, sp.true, text, argued=True)


@dataclass(frozen=True)
class Derived:
    """A derivation that was run: prints as text, and as LaTeX in a notebook."""

    what: str
    steps: tuple[Step, ...]
    outcomes: tuple[Outcome, ...]

    def __str__(self) -> str:
        lines = [self.what]
        for number, (one, outcome) in enumerate(zip(self.steps, self.outcomes, strict=True), start=1):
            mark = "" if outcome.truth is Truth.HOLDS else f"    !! {outcome.truth}"
            if one.argued:
                lines.append(f"  {number}. {one.because}    [argued, not checked]")
                continue
            note = f"{one.rule.name}: {one.because}" if one.because else one.rule.name
            lines.append(f"  {number}. {one.before}")
            lines.append(f"     {one.rule.sign} {one.after}    [{note}]{mark}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        rows = []
        for one in self.steps:
            if one.argued:
                rows.append(rf"&\text{{{_latex_text(one.because)}}}\ \text{{(argued)}}")
                continue
            sign = {"=": "=", "implies": r"\Rightarrow", "gives": r"\mapsto"}.get(one.rule.sign, one.rule.sign)
            rows.append(f"&{sp.latex(one.before)}")
            rows.append(rf"&\quad {sign} {sp.latex(one.after)} \qquad\text{{[{_latex_text(one.rule.name)}]}}")
        return "$$\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$$"


@dataclass(frozen=True)
class Derivation:
    """A chain of steps, built when it is run; ``scope`` says whether the sizes in it are symbolic or fixed."""

    what: str
    build: Callable[[], Sequence[Step]]
    scope: Scope = Scope.GENERAL
    way: Way = Way.DERIVATION

    def derive(self) -> Derived:
        """Build and check the steps, for reading."""
        steps = tuple(self.build())
        return Derived(self.what, steps, tuple(one.outcome() for one in steps))

    def run(self, context: Context) -> Evidence:
        """Check every step and its mutants, and return the evidence."""
        started = time.perf_counter()
        controls: list[ControlResult] = []
        details: dict[str, Any] = {}
        has_argument = False
        try:
            steps = tuple(self.build())
            has_argument = any(one.argued for one in steps)
            status = Status.PASSED if any(not one.argued for one in steps) else Status.FAILED
            details["steps"] = len(steps)
            for number, one in enumerate(steps, start=1):
                if one.argued:
                    continue
                outcome = one.outcome()
                if outcome.truth is not Truth.HOLDS:
                    status = Status.FAILED
                    details[f"step {number}"] = {"said": str(outcome.truth), **outcome.details}
                for mutant in one.mutants or _disturb(one.after):
                    answer = one.rule.decide(one.before, mutant)
                    rejected = answer.truth is Truth.VIOLATED
                    what = f"step {number} with its result replaced by {_short(mutant)}"
                    controls.append(ControlResult(what, rejected, str(answer.truth)))
        except Exception as error:  # evidence of a defect, not a reason to lose the other claims
            status = Status.ERROR
            details["error"] = "".join(traceback.format_exception_only(error)).strip()
            details["where"] = traceback.format_tb(error.__traceback__)[-1].strip().splitlines()[0]
        return Evidence(
            self.way,
            self.scope,
            status,
            self.what,
            details,
            tuple(controls),
            argued=has_argument,
            seconds=time.perf_counter() - started,
        )


def _condition(condition: Boolean | bool) -> Outcome:
    if condition == sp.true:
        return holds()
    if condition == sp.false:
        return decided(False)
    return valid(condition)


def _disturb(after: Any) -> tuple[Any, ...]:
    """The plainest mutants of a result."""
    if isinstance(after, bool) or after in (sp.true, sp.false):
        return (not bool(after),)
    if isinstance(after, sp.Eq):
        return (sp.Eq(after.lhs, after.rhs + 1, evaluate=False),)
    if isinstance(after, Relational):
        return (after.negated,)
    if isinstance(after, Boolean):
        return (sp.Not(after),)
    if isinstance(after, sp.MatrixBase):
        return (sp.ImmutableMatrix(after) + sp.ones(*after.shape),)
    if isinstance(after, list | tuple):
        if not after:
            return ([sp.Integer(1)],)
        return tuple([*after[:0], mutant, *after[1:]] for mutant in _disturb(after[0]))
    return (sp.sympify(after) + 1,)


def _short(value: Any, length: int = 60) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= length else text[: length - 1] + "…"


def _latex_text(text: str) -> str:
    return text.replace("\\", r"\backslash ").replace("_", r"\_").replace("^", r"\^{}").replace("%", r"\%")
