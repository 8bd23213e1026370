"""Books of claims: from a ledger or from an examination, and when a ledger is stale."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import claims
import pytest
from claims.ledger_page import ledger_page
from claims.source import book_examined, book_from, read, staleness

from proofs import Claim, Control, Ledger, Verdict, decided, examine, measurement
from proofs.ledger import write_json


@pytest.fixture
def document(toys: tuple[Claim, ...]) -> dict[str, Any]:
    ledger = Ledger(run={"device": "cpu"})
    for claim in toys:
        ledger.add(examine(claim))
    made: dict[str, Any] = json.loads(json.dumps(ledger.to_json(toys)))
    return made


def test_a_fresh_ledger_is_not_stale(document: dict[str, Any], toys: tuple[Claim, ...]) -> None:
    assert staleness(document, toys) == []
    assert staleness(document, toys, {}) == []


def test_a_ledger_and_an_examination_give_the_same_verdicts(document: dict[str, Any], toys: tuple[Claim, ...]) -> None:
    read_book, made_book = book_from(document, toys), book_examined(toys)
    for claim in toys:
        assert read_book.verdict(claim.id) is made_book.verdict(claim.id)
        assert read_book.printed(claim.id) == made_book.printed(claim.id)
    assert made_book.verdict("toy.square") is Verdict.PROVED
    assert made_book.printed("toy.sum") == "false"
    assert made_book.printed("toy.open") == "unverifiable"


def _drop(document: dict[str, Any]) -> None:
    del document["claims"][1]


def _add(document: dict[str, Any]) -> None:
    document["claims"].append({**document["claims"][0], "id": "toy.gone"})


def _retitle(document: dict[str, Any]) -> None:
    document["claims"][0]["title"] = "Another"


def _reword(document: dict[str, Any]) -> None:
    document["claims"][1]["evidence"][0]["what"] = "something else"


def _lose(document: dict[str, Any]) -> None:
    document["claims"][2]["evidence"].clear()


def _flatter(document: dict[str, Any]) -> None:
    document["claims"][2]["verdict"] = "proved"


def _unlink(document: dict[str, Any]) -> None:
    document["claims"][1]["uses"] = []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_drop, "toy.square: in the code, not in the ledger"),
        (_add, "toy.gone: in the ledger, not in the code"),
        (_retitle, "toy.norm: title is 'Another'"),
        (_reword, "toy.square: derivation in the code, not in the ledger: multiply out"),
        (_lose, "toy.sum: enumeration in the code, not in the ledger"),
        (_flatter, "toy.sum: the ledger says proved, its own evidence amounts to checked"),
        (_unlink, "toy.square: uses is []"),
    ],
)
def test_every_difference_is_named(
    document: dict[str, Any], toys: tuple[Claim, ...], change: Callable[[dict[str, Any]], None], says: str
) -> None:
    change(document)
    assert any(line.startswith(says) for line in staleness(document, toys))


def test_measurements_are_compared_where_they_are_known(document: dict[str, Any], toys: tuple[Claim, ...]) -> None:
    check = measurement("a sample", lambda: 1, lambda s, c: decided(s == 1), [Control("two", lambda s: 2)])
    assert staleness(document, toys, {"toy.open": (check,)}) == [
        "toy.open: measurement in the code, not in the ledger: a sample"
    ]
    document["claims"][5] = {
        **document["claims"][5],
        "evidence": [check.run(c).to_json() for c in [_context()]],
        "verdict": "checked",
    }
    assert staleness(document, toys, {"toy.open": (check,)}) == []
    assert staleness(document, toys) == [], "without knowing the measurements they are not compared"
    assert staleness(document, toys, {}) == ["toy.open: measurement in the ledger, not in the code: a sample"]


def _context() -> Any:
    from proofs import Context

    return Context()


def test_rows_of_claims_that_are_gone_are_left_out(document: dict[str, Any], toys: tuple[Claim, ...]) -> None:
    assert set(book_from(document, toys[:2]).ledger.entries) == {"toy.norm", "toy.square"}
    assert book_from(document, [replace(toys[0], id="toy.new")]).verdict("toy.new") is Verdict.STATED


def test_a_book_knows_what_its_ledger_misses(document: dict[str, Any], toys: tuple[Claim, ...]) -> None:
    assert book_from(document, toys).differences == ()
    _drop(document)
    book = book_from(document, toys)
    assert book.differences == ("toy.square: in the code, not in the ledger",)
    assert "toy.square: in the code" in ledger_page([book_examined(toys), book])


def test_only_a_stale_ledger_that_was_named_is_a_warning(
    document: dict[str, Any], toys: tuple[Claim, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def titles(*names: str) -> list[str]:
        return [book.title for book in claims.load_books(tmp_path, list(names))]

    monkeypatch.setattr(claims, "all_claims", lambda: toys)
    monkeypatch.setattr(claims, "measurements", dict)
    monkeypatch.setattr(claims.logger, "warning", lambda text, *words, **kind: said.append(text % words))
    monkeypatch.delenv("QUADRICS_LEDGER", raising=False)
    write_json(document, tmp_path / "fresh.json")
    _drop(document)
    write_json(document, tmp_path / "stale.json")
    assert titles("fresh.json", "stale.json", "none.json") == ["fresh", "stale"]
    examined, kept = titles("stale.json", "none.json")
    assert examined.startswith("Examined")
    assert kept == "stale"
    monkeypatch.setenv("QUADRICS_LEDGER", str(tmp_path / "fresh.json"))
    assert titles("stale.json") == ["fresh", "stale"]
    assert said == []
    monkeypatch.setenv("QUADRICS_LEDGER", str(tmp_path / "stale.json"))
    assert titles("fresh.json") == ["stale", "fresh"]
    assert len(said) == 1
    assert "quadrics verify --json" in said[0]


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path, document: dict[str, Any]) -> None:
    write_json(document, tmp_path / "good.json")
    assert read(tmp_path / "good.json")["claims"]
    write_json({"schema": 99}, tmp_path / "bad.json")
    with pytest.raises(ValueError, match="no ledger of schema"):
        read(tmp_path / "bad.json")
