"""Small pieces of MyST Markdown: escaping, links to claims, formulas, badges, tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import sympy
from docutils.nodes import make_id

LONGEST_FORMULA = 4000
"""Formulas of more characters of LaTeX are named, not shown: nobody reads them, and browsers stall."""

_VERBATIM = re.compile(r"\$\$.+?\$\$|\$[^$]+?\$|``.+?``|`[^`]+?`", re.DOTALL)
_SPECIAL = re.compile(r"([\\*_\[\]<>{}|#~])")
_WORD_INSIDE = re.compile(r"(?<=\w)\\_(?=\w)")


def escape(text: str) -> str:
    r"""Prose for Markdown: mathematics between dollar signs and code between backticks kept, the rest escaped.

    >>> escape("Theorem 2: $l_-$ of *all* `w_k`, see [1] <here>")
    'Theorem 2: $l_-$ of \\*all\\* `w_k`, see \\[1\\] \\<here\\>'

    A lone dollar sign is money, not mathematics:

    >>> escape("costs 5$")
    'costs 5\\$'
    """
    pieces, last = [], 0
    for match in _VERBATIM.finditer(text):
        pieces += [_plain(text[last : match.start()]), match.group()]
        last = match.end()
    pieces.append(_plain(text[last:]))
    return "".join(pieces)


def _plain(text: str) -> str:
    escaped = _SPECIAL.sub(r"\\\1", text).replace("$", r"\$").replace("`", r"\`")
    return _WORD_INSIDE.sub("_", escaped)


def in_cell(text: str) -> str:
    r"""Text for one cell of a Markdown table: escaped, on one line, no bar that would open another cell.

    The table takes the backslash off again, so that the formula arrives as it was written.

    >>> print(in_cell("the norms $|w|$ and $\\|a\\|$"))
    the norms $\|w\|$ and $\Vert a\Vert$
    """
    line = " ".join(escape(text).split())
    return _VERBATIM.sub(lambda m: _bars(m.group()), line)


def _bars(verbatim: str) -> str:
    norms = re.sub(r"\\\|(?=\w)", r"\\Vert ", verbatim).replace(r"\|", r"\Vert")
    return norms.replace("|", r"\|")


def anchor(claim_id: str) -> str:
    """The stable HTML anchor of a claim.

    >>> anchor("nurisso.sec4.flow-sign")
    'nurisso-sec4-flow-sign'
    """
    return str(make_id(claim_id))


def link(claim_id: str) -> str:
    """A link to the claim's own section.

    >>> link("nurisso.prop4")
    '{ref}`nurisso.prop4 <nurisso.prop4>`'
    """
    return f"{{ref}}`{claim_id} <{claim_id}>`"


def links(claim_ids: Iterable[str]) -> str:
    """Links to several claims, separated by commas."""
    return ", ".join(map(link, claim_ids))


def badge(word: str) -> str:
    """A verdict, status or label as a coloured word.

    >>> badge("proved")
    '<span class="badge badge-proved">proved</span>'
    """
    return f'<span class="badge badge-{make_id(word)}">{word}</span>'


def latex(formula: Any) -> str | None:
    """The LaTeX of a SymPy object or of a collection of them; ``None`` where it is too long to be read.

    >>> latex(sympy.Eq(sympy.Symbol("x"), 1))
    'x = 1'
    """
    text = sympy.latex(formula)
    text = " ".join(str(text).split())
    return text if len(text) <= LONGEST_FORMULA else None


def display(formula: str, indent: str = "") -> list[str]:
    """The lines of a displayed formula, ended by a blank one."""
    return [f"{indent}```{{math}}", f"{indent}{formula}", f"{indent}```", ""]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table, ended by a blank one; the cells are Markdown already.

    >>> table(["a", "b"], [["1", "2"]])
    ['| a | b |', '|---|---|', '| 1 | 2 |', '']
    """
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows), ""]


def fold(summary: str, body: Sequence[str]) -> list[str]:
    """A part of the page that opens on a click. ``summary`` is HTML."""
    return [f"<details><summary>{summary}</summary>", "", *body, "", "</details>", ""]
