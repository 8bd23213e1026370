"""The page that shows the ledgers side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from proofs import Claim
from proofs.evidence import Status
from proofs.ledger import Entry

from .markup import badge, escape, in_cell, link, table
from .source import Book

_FACTS = ("device", "mode", "seed", "seconds", "python", "sympy", "torch")


def ledger_page(books: Sequence[Book]) -> str:
    """A table of runs, then a row for each claim with every run's verdict, evidence and time."""
    lines = [
        "---",
        "hide-toc: true",
        "---",
        "",
        "# Ledger",
        "",
        '<div class="whole-width"></div>',
        "",
        "A *ledger* is what `quadrics verify --json FILE` writes: every claim with its evidence, the controls, and the "
        "verdict that the evidence amounts to. Times are those of the run and are never compared.",
        "",
    ]
    lines += ["## Runs", "", *table(["run", *_FACTS, "claims", "verdicts"], map(_run_row, books))]
    if not any(on_cuda(book) for book in books):
        lines += [
            "No ledger of a run on a CUDA device is at hand: nothing on these pages was measured on a GPU. With one, "
            "`quadrics verify --full --device cuda --json docs/ledgers/cuda.json` adds it beside the others.",
            "",
        ]
    for book in books:
        if book.differences:
            lines += [f"The run `{book.title}` is of an earlier state of the claims. What has changed since:", ""]
            lines += [*(f"- {escape(line)}" for line in book.differences), ""]
    lines += ["## Claims", ""]
    head = ["claim", *(f"{cell} {word}" for book in books for cell, word in _columns(book))]
    claims = books[0].claims if books else ()
    lines += table(head, ([link(c.id), *(cell for book in books for cell in _cells(book, c))] for c in claims))
    lines += [
        "The numbers count pieces of evidence that passed, by way; what was skipped, failed or erred is named.",
        "",
    ]
    return "\n".join(lines)


def on_cuda(book: Book) -> bool:
    """Whether the run of this book was made on a CUDA device."""
    return str(book.ledger.run.get("device", "")).startswith("cuda")


def _run_row(book: Book) -> list[str]:
    run: Mapping[str, Any] = book.ledger.run
    count = Counter(str(entry.verdict) for entry in book.ledger.entries.values())
    verdicts = ", ".join(f"{n} {badge(word)}" for word, n in sorted(count.items()))
    facts = [in_cell(str(run[key])) if run.get(key) is not None else "" for key in _FACTS]
    return [in_cell(book.title), *facts, str(len(book.ledger.entries)), verdicts]


def _columns(book: Book) -> list[tuple[str, str]]:
    name = "CUDA" if on_cuda(book) else "CPU"
    return [(name, "verdict"), (name, "evidence"), (name, "seconds")]


def _cells(book: Book, claim: Claim) -> list[str]:
    entry = book.ledger.entries.get(claim.id)
    if entry is None:
        return ["", "not run", ""]
    return [badge(str(entry.verdict)), evidence_counts(entry), f"{sum(e.seconds for e in entry.evidence):.2f}"]


def evidence_counts(entry: Entry) -> str:
    """How much evidence of each way passed, and what did not."""
    passed = Counter(str(one.way) for one in entry.evidence if one.status is Status.PASSED)
    others = Counter((str(one.way), str(one.status)) for one in entry.evidence if one.status is not Status.PASSED)
    parts = [f"{n} {way}{'s' if n > 1 else ''}" for way, n in passed.items()] + [
        f"{n} {way} {word}" for (way, word), n in others.items()
    ]
    controls = sum(len(one.controls) for one in entry.evidence)
    return ", ".join(parts) + (f"; {controls} control{'s' if controls != 1 else ''}" if controls else "")
