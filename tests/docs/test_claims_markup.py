"""Markdown made from claims: what is mathematics stays, the rest is quoted."""

from __future__ import annotations

import doctest

import sympy
from claims import markup, pages
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

PARSER = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
PROSE = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="$`") | st.just(" "))


def visible(markdown: str) -> str:
    """The text that a reader sees, formulas included."""
    tokens = [child for token in PARSER.parse(markdown) for child in token.children or []]
    assert {token.type for token in tokens} <= {"text", "math_inline", "math_inline_double", "text_special"}
    return "".join(token.content for token in tokens)


def test_doctests() -> None:
    for module in (markup, pages):
        assert doctest.testmod(module).failed == 0


@given(PROSE)
def test_prose_reads_as_it_was_written(text: str) -> None:
    line = " ".join(f"See {text}".split())
    assert visible(markup.escape(line)) == line


@given(PROSE)
def test_a_cell_stays_one_cell(text: str) -> None:
    line = " ".join(f"x {text}".split())
    tokens = PARSER.parse("\n".join(markup.table(["a", "b"], [[markup.in_cell(line), "end"]])))
    cells = [t.content for t in tokens if t.type == "inline"]
    assert len(cells) == 4
    assert cells[3] == "end"
    assert visible(cells[2]) == line


def test_formulas_are_left_alone() -> None:
    assert visible(markup.escape(r"the norm $\lVert w_k \rVert$ of *w_k*")) == r"the norm \lVert w_k \rVert of *w_k*"


def test_a_norm_in_a_cell_keeps_both_bars() -> None:
    (cell,) = [
        t.content
        for t in PARSER.parse("\n".join(markup.table(["a"], [[markup.in_cell(r"$|w| = \|a\|$")]])))
        if t.type == "inline" and "w" in t.content
    ]
    assert cell == r"$|w| = \Vert a\Vert$"


def test_a_formula_too_long_to_read_is_not_shown() -> None:
    x = sympy.Symbol("x")
    assert markup.latex(x + 1) == "x + 1"
    assert markup.latex(sympy.Poly([1] * 2000, x).as_expr()) is None


def test_links_and_anchors() -> None:
    assert markup.links(["a.b", "a.c"]) == "{ref}`a.b <a.b>`, {ref}`a.c <a.c>`"
    assert markup.anchor("nurisso.thm2.proof") == "nurisso-thm2-proof"
