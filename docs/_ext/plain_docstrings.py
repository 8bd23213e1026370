r"""A Sphinx extension: docstrings are written to be read in a terminal, and are quoted here for reStructuredText.

In running text ``|w|`` is a norm and ``l_-`` a number, not a substitution and a reference. Literals, roles, doctests,
and literal blocks are left as they are.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

_KEEP = re.compile(r"``.+?``|(?::[\w.+:-]+:)?`[^`]+`_{0,2}", re.DOTALL)
_RULE = re.compile(r"\s*=+ +=[= ]*")
_TRAILING_UNDERSCORE = re.compile(r"(?<=\w)_(?=[^\w]|$)")


def quote(lines: list[str]) -> list[str]:
    r"""The lines of a docstring, with bars and trailing underscores of running text quoted.

    >>> quote(["The norm |w| of ``|a|``, for l_- neurons."])
    ['The norm \\|w\\| of ``|a|``, for l\\_- neurons.']
    >>> quote([">>> 1 | 2", "3"])
    ['>>> 1 | 2', '3']
    >>> quote(["==  ====", "a   many", "==  ====", "l_  2 l_", "==  ===="])
    ['===  =====', 'a    many', '===  =====', 'l\\_  2 l\\_', '===  =====']
    """
    quoted: list[str] = []
    literal_from: int | None = None
    for block in _blocks(lines):
        first = next((line for line in block if line.strip()), "")
        indent = len(first) - len(first.lstrip())
        if literal_from is not None and first and indent <= literal_from:
            literal_from = None
        if literal_from is not None or first.lstrip().startswith(">>>"):
            quoted += block
        elif _RULE.fullmatch(block[0]):
            quoted += _quote_table(block)
        else:
            quoted += _quote("\n".join(block)).split("\n")
        if first and literal_from is None and block[-1].rstrip().endswith("::"):
            literal_from = len(block[-1]) - len(block[-1].lstrip())
    return quoted


def _blocks(lines: list[str]) -> list[list[str]]:
    """Runs of lines, blank lines alone; a doctest starts a block of its own."""
    blocks: list[list[str]] = []
    for line in lines:
        starts = not line.strip() or not blocks or not blocks[-1][-1].strip()
        doctest = line.lstrip().startswith(">>>") and blocks and not blocks[-1][0].lstrip().startswith(">>>")
        if starts or doctest:
            blocks.append([line])
        else:
            blocks[-1].append(line)
    return blocks


def _quote_table(lines: list[str]) -> list[str]:
    """A simple table, its cells quoted and its columns as wide as that needs."""
    spans = [match.span() for match in re.finditer("=+", lines[0])]
    ends = [*(start for start, _ in spans[1:]), None]
    columns = []
    for (start, _), end in zip(spans, ends, strict=True):
        cells = ["" if _RULE.fullmatch(line) else line[start:end].rstrip() for line in lines]
        columns.append(_quote("\n".join(cells)).split("\n"))
    widths = [max(map(len, cells)) for cells in columns]
    indent = " " * spans[0][0]
    rows = []
    for line, row in zip(lines, zip(*columns, strict=True), strict=True):
        shown = ["=" * width for width in widths] if _RULE.fullmatch(line) else list(row)
        rows.append((indent + "  ".join(cell.ljust(w) for cell, w in zip(shown, widths, strict=True))).rstrip())
    return rows


def _quote(text: str) -> str:
    pieces, last = [], 0
    for match in _KEEP.finditer(text):
        pieces += [_plain(text[last : match.start()]), match.group()]
        last = match.end()
    return "".join([*pieces, _plain(text[last:])])


def _plain(text: str) -> str:
    return _TRAILING_UNDERSCORE.sub(r"\\_", text.replace("|", r"\|"))


def _process(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    lines[:] = quote(lines)
    if what in ("data", "attribute", "property") and lines:
        lines.insert(0, "")  # or a colon in the first line would be read as the end of a type


def setup(app: Sphinx) -> dict[str, Any]:
    """Quote docstrings before any other extension reads them."""
    app.connect("autodoc-process-docstring", _process, priority=100)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
