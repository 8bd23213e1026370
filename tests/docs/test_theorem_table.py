"""The table of theorems in the documentation is that of the kernel, complete, and readable as Markdown."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace
from theorem_table import theorem_table

from proofs import Claim, all_claims
from proofs.evidence import Scope
from proofs.kernel import Theorem, table
from proofs.registry import PAPERS

DOCS = Path(__file__).resolve().parents[2] / "docs"
ONE = Theorem("Sums", "triangular", ("toy.sum",), "the sum |n| is n (n + 1) / 2", "P", "m", "off by one", "~ Q")
OTHER = replace(
    ONE, name="not_as_printed", claims=("toy.sum.printed", "toy.square"), scope=Scope.INSTANCE, refutes=True
)


def test_every_theorem_stands_in_the_page_beside_each_of_its_claims() -> None:
    page = (DOCS / "kernel.md").read_text(encoding="utf-8")
    papers = re.findall(r"```\{theorems\} (\w+)\n```", page)
    assert papers == list(PAPERS)
    rows: list[tuple[str, str]] = []
    for paper in papers:
        claims = [c for c in all_claims() if c.id.startswith((f"{paper}.", f"beyond.{paper}."))]
        for line in theorem_table(table().theorems, claims):
            if found := re.match(r"\| \{claim\}`([^`]+)` \|", line):
                rows += [(found[1], name) for name in re.findall(r"`([A-Z]\w+\.\w+)`: ", line)]
    expected = [(claim, f"{one.file}.{one.name}") for one in table().theorems for claim in one.claims]
    assert sorted(rows) == sorted(expected)


def test_what_is_said_of_a_theorem(toys: tuple[Claim, ...]) -> None:
    lines = theorem_table([ONE, OTHER], toys)
    assert lines[0] == "2 theorems in 1 file, about 3 claims, 2 of them refuted."
    square, sums, printed = lines[4:-1]
    assert square.startswith(r"| {claim}`toy.square` | Squares of \*sums\* with w_k and c\_\{k\} | ")
    assert r"| `Sums.triangular`: the sum \|n\| is n (n + 1) / 2 |" in sums
    assert printed.endswith("*(negation of the claim, part of the claim)* |")


def test_claims_without_a_theorem_have_no_row(toys: tuple[Claim, ...]) -> None:
    lines = theorem_table([ONE], toys)
    assert [line for line in lines if "{claim}" in line] == [line for line in lines if "toy.sum`" in line]
    assert lines[0] == "1 theorem in 1 file, about 1 claim, 0 of them refuted."


def build(folder: Path, argument: str) -> tuple[str, str]:
    """A page with the directive as HTML, and what Sphinx warned of."""
    folder.joinpath("conf.py").write_text("extensions = ['myst_parser', 'theorem_table', 'claim_role']\n")
    folder.joinpath("claim_role.py").write_text(
        "from docutils import nodes\n"
        "def setup(app):\n"
        "    app.add_role('claim', lambda name, raw, text, *rest, **more: ([nodes.strong(text=text)], []))\n"
    )
    folder.joinpath("index.md").write_text(f"# Theorems\n\n```{{theorems}} {argument}\n```\n")
    warnings = io.StringIO()
    with docutils_namespace():
        Sphinx(folder, folder, folder / "out", folder / "trees", "html", status=None, warning=warnings).build()
    return (folder / "out" / "index.html").read_text(encoding="utf-8"), warnings.getvalue()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_sphinx_reads_the_table(folder: Path) -> None:
    html, warnings = build(folder, "zhao")
    assert warnings == ""
    claims = {claim for one in table().theorems for claim in one.claims if "zhao" in claim}
    assert html.count("<tr") == 1 + len(claims)
    assert all(f"<strong>{claim}</strong>" in html for claim in claims)


def test_a_paper_without_claims_is_an_error(folder: Path) -> None:
    assert "theorems: got the paper 'bourbaki'" in build(folder, "bourbaki")[1]
