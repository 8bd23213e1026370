"""The pages of a toy paper: their contents, and that Sphinx builds them without a warning."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest
from claims.graph import columns, graph_page, layout, svg
from claims.ledger_page import ledger_page
from claims.pages import errata_page, paper_page
from claims.source import Book, book_examined
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from proofs import Claim
from proofs.evidence import Evidence, Scope, Status, Way
from proofs.ledger import Entry


@pytest.fixture
def book(toys: tuple[Claim, ...]) -> Book:
    return book_examined(toys)


def test_every_claim_has_its_section_and_anchor(book: Book) -> None:
    page = paper_page(book, "toy", "The toy paper")
    for claim in book.claims:
        assert f"({claim.id})=\n### " in page
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert headings == ["Section 2", "Section 3", "Section 4", "Appendix A", "Beyond the paper"]
    assert page.index("(toy.sum)=") < page.index("(toy.sum.printed)=") < page.index("(beyond.toy.more)=")


def test_a_derivation_is_shown_step_by_step(book: Book) -> None:
    page = paper_page(book, "toy", "The toy paper")
    assert r"\left(x + y\right)^{2} \;= x^{2} + 2 x y + y^{2}" in page
    assert "*Step 2, argued, not checked:*" in page
    assert "1 control" in page


def test_errata_say_what_is_wrong_and_what_is_true(book: Book) -> None:
    page = errata_page(book)
    assert "One half is \\*lost\\*." in page
    assert "{ref}`toy.sum <toy.sum>`" in page
    assert "The rate." in page
    assert "toy.square" not in page


def test_an_unrefuted_suspicion_is_no_erratum(toys: tuple[Claim, ...]) -> None:
    claims = tuple(replace(c, evidence=()) if c.corrects else c for c in toys)
    page = errata_page(book_examined(claims))
    assert "None so far." in page
    assert "Suspected, not refuted" in page


def test_the_ledger_page_says_that_there_is_no_gpu_run(book: Book) -> None:
    assert "No ledger of a run on a CUDA device" in ledger_page([book])
    on_gpu = Book(book.claims, replace(book.ledger, run={"device": "cuda: some GPU"}), "cuda")
    page = ledger_page([book, on_gpu])
    assert "No ledger of a run on a CUDA device" not in page
    assert "| claim | CPU verdict | CPU evidence | CPU seconds | CUDA verdict |" in page


def test_the_graph_draws_every_claim_once_inside_its_band(book: Book) -> None:
    root = ElementTree.fromstring(svg(book, "toy", "toy.html"))
    boxes = [a.get("data-claim") for a in root.iter("{http://www.w3.org/2000/svg}a")]
    assert sorted(map(str, boxes)) == sorted(claim.id for claim in book.claims)
    plan = layout(book, "toy")
    spots = [(place.x, place.y) for place in plan.places.values()]
    assert len(set(spots)) == len(spots)
    for name, place in plan.places.items():
        top, height = plan.bands[plan.band_of[name]]
        assert top < place.y < top + height <= plan.height
        assert 0 < place.x < plan.width


def test_theorems_of_the_kernel_have_their_own_colour(book: Book) -> None:
    def classes_of(kernel: Evidence) -> str:
        entries = {**book.ledger.entries, "toy.square": Entry(book.by_id["toy.square"], (kernel,))}
        picture = svg(replace(book, ledger=replace(book.ledger, entries=entries)), "toy", "toy.html")
        boxes = ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}a")
        return next(str(a.get("class")) for a in boxes if a.get("data-claim") == "toy.square")

    theorem = Evidence(Way.KERNEL, Scope.GENERAL, Status.PASSED, "a theorem")
    assert "kernel" in classes_of(theorem)
    assert "kernel" not in classes_of(replace(theorem, status=Status.SKIPPED))
    assert "kernel" not in classes_of(replace(theorem, scope=Scope.INSTANCE))


def test_columns_follow_what_is_used() -> None:
    graph = nx.DiGraph([("c", "b"), ("b", "a"), ("c", "a"), ("d", "a")])
    column = columns(graph)
    assert all(column[user] > column[used] for user, used in graph.edges)


def test_sphinx_builds_the_pages_without_a_warning(book: Book, tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    source.mkdir()
    (source / "conf.py").write_text(
        "extensions = ['myst_parser']\nmyst_enable_extensions = ['dollarmath', 'colon_fence']\n"
    )
    (source / "index.md").write_text("# Toy\n\n```{toctree}\ntoy\nerrata\nledger\ngraph\nvocabulary\nkernel\n```\n")
    (source / "vocabulary.md").write_text("# Words\n")
    (source / "kernel.md").write_text("# Theorems\n")
    papers = {"toy": "The toy paper"}
    for name, text in {
        "toy": paper_page(book, "toy", "The toy paper"),
        "errata": errata_page(book),
        "ledger": ledger_page([book]),
        "graph": graph_page(book, papers),
    }.items():
        (source / f"{name}.md").write_text(text, encoding="utf-8")
    warnings = io.StringIO()
    with docutils_namespace():
        Sphinx(source, source, out, out / ".doctrees", "html", status=None, warning=warnings).build()
    assert warnings.getvalue() == ""
    html = (out / "toy.html").read_text(encoding="utf-8")
    assert 'id="toy-square"' in html
    assert "Squares of *sums* with w_k and c_{k}" in html
    graph = (out / "graph.html").read_text(encoding="utf-8")
    for target in set(re.findall(r'href="toy\.html#([^"]+)"', graph)):
        assert f'id="{target}"' in html
