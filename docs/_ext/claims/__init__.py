"""A Sphinx extension: pages about the claims, written from the code and a ledger before Sphinx reads its sources.

The verdicts come from the ledger that the environment variable ``QUADRICS_LEDGER`` names, which must be one of this
code. Without it they come from the first of the configuration value ``quadrics_ledgers`` (files relative to the source
directory, kept beside the pages) if that is one of this code, and else from an examination during the build, without
measurements. The kept ledgers that exist are shown beside, with what has changed since.

The pages are written into ``claims/`` (not under version control), only where their text has changed. The role
``{claim}`` links to a claim from any page, and shows its verdict.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from proofs import all_claims
from proofs.registry import PAPERS

from .graph import graph_page
from .ledger_page import ledger_page
from .markup import anchor
from .pages import errata_page, paper_page
from .source import Book, Checks, book_examined, book_from, read

logger = logging.getLogger(__name__)


def load_books(folder: Path, names: list[str]) -> list[Book]:
    """The books of the ledgers that exist, the leading one first; warns if the one named for it is stale."""
    claims, checks = all_claims(), measurements()

    def book(path: Path) -> Book:
        return book_from(read(path), claims, path.stem, checks)

    kept = [book(folder / name) for name in names if (folder / name).exists()]
    if named := os.environ.get("QUADRICS_LEDGER"):
        leading = book(Path(named))
        if leading.differences:
            lines = "\n  ".join(leading.differences)
            remedy = f"write it again with `quadrics verify --json {named}`"
            logger.warning("%s is stale; %s:\n  %s", named, remedy, lines, type="claims", subtype="stale")
        return [leading, *kept]
    return kept if kept and not kept[0].differences else [book_examined(claims), *kept]


def measurements() -> Checks:
    """The measurements that belong to the claims, by id."""
    from numerics.checks import all_checks

    return all_checks({claim.id: claim for claim in all_claims()})


def write_pages(folder: Path, books: list[Book]) -> None:
    """Write every page about the claims, the verdicts from the first book; a page is touched only if it changes."""
    folder.mkdir(exist_ok=True)
    book = books[0]
    pages = {paper: paper_page(book, paper, citation) for paper, citation in PAPERS.items()}
    pages |= {"errata": errata_page(book), "graph": graph_page(book, PAPERS), "ledger": ledger_page(books)}
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


class ClaimRole(SphinxRole):
    """``{claim}`nurisso.prop4``` : a link to the claim, coloured by its verdict in the leading book."""

    book: Book | None = None

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The link, or a warning for an id that no claim has."""
        book = self.book
        if book is None or self.text not in book.by_id:
            logger.warning("no claim %r", self.text, location=(self.env.docname, self.lineno), type="claims")
            return [nodes.literal(text=self.text)], []
        paper = self.text.removeprefix("beyond.").split(".")[0]
        depth = self.env.docname.count("/")
        address = f"{'../' * depth}claims/{paper}.html#{anchor(self.text)}"
        verdict = book.verdict(self.text)
        link = nodes.reference("", self.text, refuri=address, classes=["claim-link", f"claim-{verdict}"])
        link["reftitle"] = f"{book.by_id[self.text].title} ({verdict})"
        return [link], []


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the configuration value, the role and the writer of the pages."""
    role = ClaimRole()

    def prepare(app: Sphinx) -> None:
        books = load_books(Path(app.srcdir), list(app.config.quadrics_ledgers))
        write_pages(Path(app.srcdir) / "claims", books)
        role.book = books[0]

    app.add_config_value("quadrics_ledgers", [], "env", types=frozenset({list}))
    app.add_role("claim", role)
    app.connect("builder-inited", prepare)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
