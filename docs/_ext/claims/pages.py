"""The pages written from the claims: one for each paper, the errata, and the ledger."""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sphinx.util import logging

from proofs import Claim, Derivation
from proofs.derivation import Derived, Step
from proofs.evidence import Evidence, Truth, jsonable
from proofs.verdict import Verdict

from .markup import badge, display, escape, fold, in_cell, latex, link, links, table
from .source import Book

logger = logging.getLogger(__name__)

BEYOND = "Beyond the paper"
_SIGNS = {"=": "=", "implies": r"\Rightarrow", "gives": r"\mapsto"}
_LONGEST_DETAILS = 6000
_SHORT = 70
_ONE_LINE = 60


def paper_page(book: Book, paper: str, citation: str) -> str:
    """The page of a paper: a section for each claim, under the paper's own sections."""
    claims = book.of_paper(paper)
    count = Counter(str(book.verdict(claim.id)) for claim in claims)
    tally = ", ".join(f"{n} {badge(str(v))}" for v in Verdict if (n := count[str(v)]))
    lines = [f"# {escape(citation)}", "", f"{len(claims)} claims: {tally}.", ""]
    lines += [
        "The statements are in our own words. The coloured word is the verdict, computed from the evidence below each "
        "statement; what the words mean is said under {doc}`/vocabulary`.",
        "",
    ]
    for heading, members in _by_section(claims).items():
        lines += [f"## {heading}", ""]
        for claim in members:
            lines += claim_section(book, claim)
    return "\n".join(lines)


def _by_section(claims: Sequence[Claim]) -> dict[str, list[Claim]]:
    """The claims under their section, ``X.printed`` and ``X.proof`` right behind ``X``."""
    sections: dict[str, list[Claim]] = {}
    twins = {claim.id: [c for c in claims if c.corrects == claim.id] for claim in claims}
    for claim in claims:
        if claim.corrects in twins:
            continue
        sections.setdefault(heading_of(claim), []).extend([claim, *twins[claim.id]])
    return {heading: sections[heading] for heading in sorted(sections, key=reading_order)}


def reading_order(heading: str) -> tuple[int, int, str]:
    """Sections by number, then appendices, then what has another name, then what is beyond the paper.

    >>> sorted(["Beyond the paper", "Appendix B", "Section 10", "Section 9"], key=reading_order)
    ['Section 9', 'Section 10', 'Appendix B', 'Beyond the paper']
    """
    kind, _, name = heading.partition(" ")
    rank = {"Section": 0, "Appendix": 1, "Beyond": 3}.get(kind, 2)
    return rank, int(name) if name.isdigit() else 0, name


def heading_of(claim: Claim) -> str:
    """The heading of the page under which a claim is found."""
    return BEYOND if claim.id.startswith("beyond.") else chapter(claim.source.section)


def chapter(section: str) -> str:
    """The heading under which a section of a paper is found: its number or letter, without what comes behind.

    >>> chapter("5"), chapter("3.1 and A"), chapter("D.4"), chapter("")
    ('Section 5', 'Section 3', 'Appendix D', 'Elsewhere')
    """
    found = re.match(r"(?:section|appendix|app\.?)?\s*(\d+|[A-Z]\b)", section, re.IGNORECASE)
    if not found:
        return escape(section) or "Elsewhere"
    name = found.group(1)
    return f"Section {name}" if name.isdigit() else f"Appendix {name}"


def claim_section(book: Book, claim: Claim) -> list[str]:
    """Everything known about one claim."""
    entry = book.entry(claim.id)
    lines = [f"({claim.id})=", f"### {escape(claim.title)}", ""]
    facts = [badge(str(entry.verdict)), f"`{claim.id}`", escape(_place(claim)), str(claim.kind)]
    lines += [" · ".join(facts) + _printed_note(book, claim), "", escape(claim.statement), ""]
    lines += _formula(claim)
    if claim.hypotheses:
        lines += ["Hypotheses:", "", *(f"- {escape(one)}" for one in claim.hypotheses), ""]
    if claim.corrects:
        lines += [f"What is true instead: {link(claim.corrects)}.", ""]
    if claim.erratum:
        lines += [":::{admonition} Erratum", ":class: warning", "", escape(claim.erratum), ":::", ""]
    if claim.missing:
        lines += [":::{admonition} Not said in the paper", ":class: note", "", escape(claim.missing), ":::", ""]
    if claim.uses:
        lines += [f"Rests on {links(claim.uses)}.", ""]
    if users := book.users_of(claim.id):
        lines += [f"Used by {links(users)}.", ""]
    for number, one in enumerate(entry.evidence, start=1):
        lines += evidence_block(one, number, _derived(claim, one))
    if not entry.evidence:
        none = "Nothing to check." if entry.verdict is Verdict.STATED else "No evidence."
        lines += [none, ""]
    return lines


def _place(claim: Claim) -> str:
    label, section = claim.source.label, claim.source.section
    named = not section or section == label or label.endswith(f" {section}") or f" {section}," in label
    return label if named else f"{label}, section {section}"


def _printed_note(book: Book, claim: Claim) -> str:
    if claim.corrects or claim.id.startswith("beyond."):
        return ""
    said = book.printed(claim.id)
    twins = book.corrections_of(claim.id)
    note = f" · as printed: {badge(said)}"
    return note + (f" ({links(twin.id for twin in twins)})" if twins else "")


def _formula(claim: Claim) -> list[str]:
    if claim.formula is None:
        return []
    shown = latex(claim.formula)
    return display(shown) if shown else [f'The relation is long: `find("{claim.id}").formula` gives it.', ""]


def _derived(claim: Claim, evidence: Evidence) -> Derived | None:
    """The derivation behind a piece of evidence, run again, so that its steps can be shown."""
    for one in claim.evidence:
        if isinstance(one, Derivation) and (one.way, one.scope, one.what) == (
            evidence.way,
            evidence.scope,
            evidence.what,
        ):
            try:
                return one.derive()
            except Exception as error:  # named in the build's log; the rest of the page is still of use
                logger.warning(
                    "%s: %s does not run: %r", claim.id, one.what, error, type="claims", subtype="derivation"
                )
    return None


def evidence_block(evidence: Evidence, number: int, derived: Derived | None = None) -> list[str]:
    """One piece of evidence: what was done, what came of it, and on a click the steps, figures and controls."""
    argued = ", with an argued step" if evidence.argued else ""
    head = f"**{evidence.way}** ({evidence.scope}{argued}) {badge(str(evidence.status))} {escape(evidence.what)}"
    lines = [f"{number}. {head}", ""]
    body: list[str] = []
    if derived:
        body += derivation_steps(derived)
    details = {k: v for k, v in evidence.details.items() if not (derived and k == "steps")}
    if details:
        body += [*_details(details), ""]
    if evidence.controls:
        said = {True: badge("rejected"), False: badge("not rejected")}
        if evidence.way == "counterexample":
            said[True] = badge("holds")
        rows = [(in_cell(c.what), said[c.rejected]) for c in evidence.controls]
        body += table(["correction" if evidence.way == "counterexample" else "control", "answer"], rows)
    if body:
        count = len(evidence.controls)
        parts = [f"{len(derived.steps)} steps"] if derived else []
        parts += ["figures"] if details else []
        parts += [f"{count} control{'s' if count != 1 else ''}"] if count else []
        lines += fold(", ".join(parts), body)
    return lines


def derivation_steps(derived: Derived) -> list[str]:
    """The checked steps as formulas; a step that starts where the last one ended does not repeat it."""
    lines: list[str] = []
    last: Any = None
    for number, (one, outcome) in enumerate(zip(derived.steps, derived.outcomes, strict=True), start=1):
        if one.argued:
            lines += [f"*Step {number}, argued, not checked:* {escape(one.because)}", ""]
            continue
        broken = "" if outcome.truth is Truth.HOLDS else f" {badge(str(outcome.truth))}"
        because = f": {escape(one.because)}" if one.because else ""
        lines += [f"*Step {number}*{because} ({escape(one.rule.name)}){broken}", ""]
        lines += display(_step_formula(one, repeat=last is None or not _same_object(last, one.before)))
        if one.conditions:
            shown = ", ".join(f"${latex(c) or chr(92) + 'ldots'}$" for c in one.conditions)
            lines += [f"on the decided condition that {shown}", ""]
        last = one.after
    return lines


def _step_formula(one: Step, *, repeat: bool) -> str:
    before, after = latex(one.before), latex(one.after)
    long = r"\text{(an expression too long to read)}"
    sign = _SIGNS.get(one.rule.sign, rf"\text{{{one.rule.sign}}}")
    tail = rf"{sign} {after or long}"
    if not repeat:
        return rf"\quad {tail}"
    if len(before or long) + len(tail) <= _ONE_LINE:
        return rf"{before or long} \;{tail}"
    return rf"\begin{{aligned}}&{before or long} \\ &\quad {tail}\end{{aligned}}"


def _same_object(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def _details(details: Mapping[str, Any]) -> list[str]:
    """The figures of a check: the short ones on a line, the others as text of their own."""
    short: list[str] = []
    lines: list[str] = []
    for key, value in details.items():
        text = _value(value)
        if len(text) <= _SHORT:
            short.append(f"{escape(_spaced(key))} `{text}`" if text else escape(_spaced(key)))
            continue
        rows = _wrapped(value) if len(text) <= _LONGEST_DETAILS else [text[:_LONGEST_DETAILS] + " …"]
        lines += [f"{escape(_spaced(key))}:", "", "```text", *rows, "```", ""]
    return ([" · ".join(short), ""] if short else []) + lines


def _wrapped(value: Any) -> list[str]:
    """A long value, an entry a line."""
    if isinstance(value, Mapping):
        return [f"{_spaced(k)}: {_value(v)}" for k, v in value.items()]
    if isinstance(value, list | tuple):
        return [_value(v) for v in value]
    return textwrap.wrap(str(value), 100) or [""]


def _spaced(key: Any) -> str:
    return str(key).replace("_", " ")


def _value(value: Any) -> str:
    """A figure as text: floats with six digits, text as it is, collections as JSON."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(jsonable(value), ensure_ascii=False)
    return str(value).replace("`", "'")


def errata_page(book: Book) -> str:
    """Every printed statement or proof that is refuted, and the papers' silences."""
    twins = [claim for claim in book.claims if claim.corrects]
    refuted = [claim for claim in twins if book.verdict(claim.id) is Verdict.REFUTED]
    lines = [
        "# Errata",
        "",
        "Printed statements and proofs that a counterexample refutes, each with the statement that is true instead. "
        "*False*: the statement is wrong as it stands. *Typo*: a slip of the pen, wrong when taken at its word. "
        "*Gap*: the statement is true, a step of its printed proof is not.",
        "",
    ]
    rows = [(link(c.id), in_cell(_place(c)), badge(str(c.label)), link(str(c.corrects))) for c in refuted]
    lines += table(["refuted", "where", "what it is", "true instead"], rows) if rows else ["None so far.", ""]
    for claim in refuted:
        lines += [f"## {escape(claim.title)}", "", f"{badge(str(claim.label))} · {link(claim.id)}", ""]
        lines += ["**Printed**, in our words: " + escape(claim.statement), "", *_formula(claim)]
        if claim.erratum:
            lines += [escape(claim.erratum), ""]
        for one in book.entry(claim.id).evidence:
            if one.way == "counterexample":
                lines += [f"**Counterexample.** {escape(one.what)}", ""]
                if one.details:
                    lines += fold("figures of the counterexample", _details(one.details))
        correct = book.by_id[str(claim.corrects)]
        lines += [f"**True instead** ({link(correct.id)}): {escape(correct.statement)}", "", *_formula(correct)]
    open_twins = [claim.id for claim in twins if claim not in refuted]
    if open_twins:
        lines += ["## Suspected, not refuted", "", f"{links(open_twins)}: see their evidence.", ""]
    if silent := [claim for claim in book.claims if claim.missing]:
        lines += ["## What the papers do not say", ""]
        lines += table(["claim", "missing"], ((link(c.id), in_cell(c.missing)) for c in silent))
    return "\n".join(lines)
