"""The graph of claims as an SVG picture: a band for each section, colours for computed verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import networkx as nx

from proofs import Claim, claim_graph, fully_proved
from proofs.evidence import Scope, Status, Way
from proofs.verdict import Verdict

from .markup import anchor, badge
from .pages import heading_of, reading_order
from .source import Book

BOX_WIDTH, BOX_HEIGHT = 112, 20
TAB_WIDTH = 46
COLUMN_GAP = 30
ROW = BOX_HEIGHT + 8
MARGIN = 12
BAND_TITLE = 20
BAND_GAP = 6
LONGEST_NAME = 20
COLUMNS = 7
"""How many columns claims without company spread over."""


@dataclass(frozen=True)
class Place:
    """Where a claim's box stands: its left upper corner in pixels."""

    x: float
    y: float


@dataclass(frozen=True)
class Layout:
    """Boxes and band titles by claim id, bands by title (top, height), and the size of the picture."""

    places: Mapping[str, Place]
    band_of: Mapping[str, str]
    bands: Mapping[str, tuple[float, float]]
    width: float
    height: float


def columns(graph: Any) -> dict[str, int]:
    """The column of each claim: 0 for a claim that uses none, else one more than the deepest it uses.

    >>> columns(nx.DiGraph([("theorem", "lemma"), ("theorem", "eq1"), ("lemma", "eq1")]))
    {'eq1': 0, 'lemma': 1, 'theorem': 2}
    """
    return {node: depth for depth, nodes in enumerate(nx.topological_generations(graph.reverse())) for node in nodes}


def layout(book: Book, paper: str) -> Layout:
    """Place the claims of a paper: a band for each section, in it a column for each depth, in the code's order."""
    claims = [claim for claim in book.of_paper(paper) if not claim.corrects]
    tabs = max((len(book.corrections_of(claim.id)) for claim in claims), default=0)
    width = BOX_WIDTH + tabs * TAB_WIDTH + COLUMN_GAP
    graph = claim_graph(book.claims)
    bands: dict[str, list[str]] = {}
    for claim in sorted(claims, key=lambda c: reading_order(heading_of(c))):
        bands.setdefault(heading_of(claim), []).append(claim.id)
    places: dict[str, Place] = {}
    spans: dict[str, tuple[float, float]] = {}
    top, last = float(MARGIN), 0
    for title, members in bands.items():
        inner = graph.subgraph(members)
        column = columns(inner)
        stacked: Counter[int] = Counter()
        for name in sorted(members, key=lambda name: inner.degree(name) == 0):
            if inner.degree(name) == 0:  # rests on nothing in this band: fill the shortest column
                column[name] = min(range(COLUMNS), key=lambda k: (stacked[k], k))
            places[name] = Place(MARGIN + 6 + column[name] * width, top + BAND_TITLE + stacked[column[name]] * ROW)
            stacked[column[name]] += 1
        height = BAND_TITLE + max(stacked.values()) * ROW + 2
        spans[title] = (top, height)
        last = max(last, *stacked)
        top += height + BAND_GAP
    band_of = {name: title for title, members in bands.items() for name in members}
    return Layout(places, band_of, spans, MARGIN * 2 + (last + 1) * width, top + MARGIN)


def svg(book: Book, paper: str, page: str) -> str:
    """The picture; ``page`` is the address of the paper's page, seen from the page that the picture is on.

    An arrow that follows from two others is left out (transitive reduction).
    """
    plan = layout(book, paper)
    claims = {name: book.by_id[name] for name in plan.places}
    verdicts = {claim.id: book.verdict(claim.id) for claim in book.claims}
    graph = claim_graph(book.claims)
    solid = fully_proved(graph, verdicts)
    shown = nx.transitive_reduction(graph.subgraph(claims))
    parts = [
        f'<svg class="claims-graph" xmlns="http://www.w3.org/2000/svg" width="{plan.width:.0f}" '
        f'height="{plan.height:.0f}" viewBox="0 0 {plan.width:.0f} {plan.height:.0f}" role="img" '
        f'aria-label="Graph of claims">'
    ]
    for title, (top, height) in plan.bands.items():
        parts.append(
            f'<rect class="band" x="{MARGIN / 2}" y="{top}" width="{plan.width - MARGIN}" height="{height}" rx="4"/>'
        )
        parts.append(f'<text class="band-title" x="{MARGIN}" y="{top + 14}">{escape(title)}</text>')
    parts += [_arrow(plan, used, user, len(book.corrections_of(used))) for user, used in sorted(shown.edges)]
    for name, place in plan.places.items():
        parts.append(_box(claims[name], place, verdicts[name], page, name in solid, _by_kernel(book, name)))
        for number, twin in enumerate(book.corrections_of(name)):
            spot = Place(place.x + BOX_WIDTH + number * TAB_WIDTH, place.y)
            parts.append(_tab(twin, spot, verdicts[twin.id], page, _by_kernel(book, twin.id)))
    parts.append("</svg>")
    return "\n".join(parts)


def short_name(claim_id: str) -> str:
    """The id without its paper: what fits in a box.

    >>> short_name("nurisso.sec4.flow-sign"), short_name("beyond.nurisso.gd-law")
    ('sec4.flow-sign', 'gd-law')
    """
    return claim_id.removeprefix("beyond.").split(".", 1)[1]


def _by_kernel(book: Book, claim_id: str) -> bool:
    """Whether a proof assistant's kernel proves the claim as a whole, or its negation."""
    passed = (e for e in book.entry(claim_id).evidence if e.way is Way.KERNEL and e.status is Status.PASSED)
    return any(e.scope is Scope.GENERAL or e.refutes for e in passed)


def _box(claim: Claim, place: Place, verdict: Verdict, page: str, solid: bool, kernel: bool) -> str:
    name = short_name(claim.id)
    name = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
    fitted = f' style="font-size: {11 * 17 / len(name):.1f}px"' if len(name) > 17 else ""
    classes = f"claim {verdict}{' solid' if solid else ''}{' kernel' if kernel else ''}"
    how = f"{verdict}{', by the kernel' if kernel else ''}{', with everything it uses' if solid else ''}"
    tip = f"{claim.id}: {claim.title} ({how})"
    return (
        f'<a class="{classes}" data-claim="{claim.id}" href="{page}#{anchor(claim.id)}"><title>{escape(tip)}</title>'
        f'<rect x="{place.x}" y="{place.y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="4"/>'
        f'<text x="{place.x + BOX_WIDTH / 2}" y="{place.y + 14}"{fitted}>{escape(name)}</text></a>'
    )


def _tab(twin: Claim, place: Place, verdict: Verdict, page: str, kernel: bool) -> str:
    tip = f"{twin.id}: {twin.title} ({verdict}{', by the kernel' if kernel else ''})"
    classes = f"claim tab {verdict}{' kernel' if kernel else ''}"
    return (
        f'<a class="{classes}" data-claim="{twin.id}" href="{page}#{anchor(twin.id)}">'
        f"<title>{escape(tip)}</title>"
        f'<rect x="{place.x}" y="{place.y}" width="{TAB_WIDTH}" height="{BOX_HEIGHT}" rx="4"/>'
        f'<text x="{place.x + TAB_WIDTH / 2}" y="{place.y + 14}">{escape(twin.id.rsplit(".", 1)[1])}</text></a>'
    )


def _arrow(plan: Layout, used: str, user: str, tabs: int) -> str:
    """A curve from a box to another: from its right side in the same band, else from its lower or upper edge."""
    start, end = plan.places[used], plan.places[user]
    if plan.band_of[used] == plan.band_of[user]:
        x1, y1 = start.x + BOX_WIDTH + tabs * TAB_WIDTH, start.y + BOX_HEIGHT / 2
        x2, y2 = end.x, end.y + BOX_HEIGHT / 2
        bend = max(24.0, (x2 - x1) / 3)
        controls = f"{x1 + bend:.1f},{y1:.1f} {x2 - bend:.1f},{y2:.1f}"
    else:
        down = end.y > start.y
        x1, y1 = start.x + BOX_WIDTH / 2, start.y + (BOX_HEIGHT if down else 0)
        x2, y2 = end.x + BOX_WIDTH / 2, end.y + (0 if down else BOX_HEIGHT)
        bend = (y2 - y1) / 2
        controls = f"{x1:.1f},{y1 + bend:.1f} {x2:.1f},{y2 - bend:.1f}"
    kind = "uses" if plan.band_of[used] == plan.band_of[user] else "uses across"
    return (
        f'<path class="{kind}" data-used="{used}" data-user="{user}" '
        f'd="M{x1:.1f},{y1:.1f} C{controls} {x2:.1f},{y2:.1f}"/>'
    )


def graph_page(book: Book, papers: Mapping[str, str]) -> str:
    """The page with a picture for each paper."""
    legend = " ".join(badge(word) for word in (*map(str, Verdict), "by the kernel"))
    lines = [
        "---",
        "hide-toc: true",
        "---",
        "",
        "# Graph of claims",
        "",
        "A line runs from a claim to one that rests on it: to the right inside a section, down to a later one. Lines "
        "that follow from two others are left out. Colours are computed verdicts; full colour: the kernel of a proof "
        "assistant has checked a theorem ({doc}`/kernel`). A bold frame: the claim and everything that it uses is "
        "proved. A tab at a box is the printed statement or printed proof that differs from "
        "it. A click opens the claim; point at a box to see its lines.",
        "",
        f"{legend}",
        "",
    ]
    for paper, citation in papers.items():
        lines += [f"## {citation}", "", "```{raw} html", '<div class="wide">', svg(book, paper, f"{paper}.html")]
        lines += ["</div>", "```", ""]
    return "\n".join(lines)
