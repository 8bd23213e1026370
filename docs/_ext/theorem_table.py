"""A Sphinx extension: what the kernel has proved of a paper, as a table from the list of theorems that it is held to.

``{theorems} nurisso`` in a page is a row for each claim of that paper, or beyond it, that a theorem certifies.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from claims.markup import in_cell, table
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from proofs import Claim, all_claims, kernel
from proofs.evidence import Scope
from proofs.kernel import Theorem


def theorem_table(theorems: Iterable[Theorem], claims: Iterable[Claim]) -> list[str]:
    """The lines of Markdown: how many theorems certify these claims, and which, claim by claim in their order.

    Of theorems that certify none of the claims nothing is said.
    """
    listed = list(theorems)
    found = [(claim, [one for one in listed if claim.id in one.claims]) for claim in claims]
    proved = [(claim, ones) for claim, ones in found if ones]
    used = {(one.file, one.name): one for _, ones in proved for one in ones}
    rows = (
        [f"{{claim}}`{claim.id}`", in_cell(claim.title), "<br>".join(map(_described, ones))] for claim, ones in proved
    )
    refuted = sum(any(one.refutes for one in ones) for _, ones in proved)
    count = f"{_counted(len(used), 'theorem')} in {_counted(len({file for file, _ in used}), 'file')}"
    about = f"{_counted(len(proved), 'claim')}, {refuted} of them refuted"
    return [
        f"{count}, about {about}.",
        "",
        *table(["claim", "about", "theorems"], rows),
    ]


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number != 1 else ''}"


def _described(theorem: Theorem) -> str:
    """A theorem with the file that it stands in, and how far it goes."""
    notes = [
        *(["negation of the claim"] if theorem.refutes else []),
        *(["part of the claim"] if theorem.scope is Scope.INSTANCE else []),
    ]
    note = f" *({', '.join(notes)})*" if notes else ""
    return f"`{theorem.file}.{theorem.name}`: {in_cell(theorem.what)}{note}"


class TheoremDirective(SphinxDirective):
    """``{theorems} paper``: the table of a paper's theorems."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The table, read as Markdown where the directive stands."""
        for source in files(kernel).joinpath("theorems").iterdir():
            self.env.note_dependency(str(source))
        (paper,) = self.arguments
        claims = [claim for claim in all_claims() if claim.id.startswith((f"{paper}.", f"beyond.{paper}."))]
        if not claims:
            raise self.error(f"theorems: got the paper {paper!r}; expected one that has claims")
        node = nodes.container(classes=["theorems"])
        lines = theorem_table(kernel.table().theorems, claims)
        self.state.nested_parse(StringList(lines, str(Path(__file__))), self.content_offset, node)
        return list(node.children)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("theorems", TheoremDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
