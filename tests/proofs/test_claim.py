"""Claims are well formed, their graph is acyclic, verdicts and the printed status follow from evidence alone."""

import json

import pytest

from proofs import (
    Claim,
    Context,
    Control,
    Kind,
    Label,
    Ledger,
    Source,
    Verdict,
    claim_graph,
    counterexample,
    decided,
    enumeration,
    examine,
    fully_proved,
)
from proofs.ledger import write_json
from quadrics.errors import ClaimError, UnknownClaimError


def claim(claim_id: str, *evidence, uses=(), **more) -> Claim:
    return Claim(
        claim_id,
        more.pop("kind", Kind.THEOREM),
        "title",
        Source("p", "1"),
        "text",
        uses=uses,
        evidence=evidence,
        **more,
    )


def even(number):
    return enumeration("even", lambda: number, lambda n, c: decided(n % 2 == 0), [Control("odd", lambda n: n + 1)])


def test_ids_are_checked():
    with pytest.raises(ClaimError, match=r"expected 'paper\.name'"):
        claim("no id")


@pytest.mark.parametrize(("claim_id", "label"), [("p.x.printed", None), ("p.x", Label.TYPO)])
def test_labels_belong_to_printed_claims_only(claim_id, label):
    with pytest.raises(ClaimError, match="label"):
        claim(claim_id, label=label)


def test_an_unknown_use_a_circle_and_a_double_are_errors():
    with pytest.raises(UnknownClaimError, match=r"p\.nowhere"):
        claim_graph([claim("p.a", uses=["p.nowhere"])])
    with pytest.raises(ClaimError, match="circle"):
        claim_graph([claim("p.a", uses=["p.b"]), claim("p.b", uses=["p.a"])])
    with pytest.raises(ClaimError, match="two claims"):
        claim_graph([claim("p.a"), claim("p.a")])
    with pytest.raises(UnknownClaimError, match=r"p\.a"):
        claim_graph([claim("p.a.printed", label=Label.FALSE)])


def test_fully_proved_needs_every_foundation():
    graph = claim_graph([claim("p.a"), claim("p.b", uses=["p.a"]), claim("p.c", uses=["p.b"])])
    verdicts = {"p.a": Verdict.CHECKED, "p.b": Verdict.PROVED, "p.c": Verdict.PROVED}
    assert fully_proved(graph, verdicts) == set()
    assert fully_proved(graph, verdicts | {"p.a": Verdict.PROVED}) == {"p.a", "p.b", "p.c"}


def test_verdicts_are_computed():
    assert examine(claim("p.a", even(4))).verdict is Verdict.CHECKED
    assert examine(claim("p.a", even(5))).verdict is Verdict.FAILED
    assert examine(claim("p.a")).verdict is Verdict.OPEN
    assert examine(claim("p.a", kind=Kind.DEFINITION)).verdict is Verdict.STATED


def test_the_printed_status_follows_the_refuted_twin():
    wrong = counterexample("3", lambda: 3, lambda n, c: decided(n % 2 == 0), [Control("4", lambda n: n + 1)])
    true, printed = claim("p.a", even(4)), claim("p.a.printed", wrong, label=Label.FALSE, kind=Kind.REMARK)
    ledger = Ledger()
    for one in (true, printed):
        ledger.add(examine(one, Context()))
    rows = {row["id"]: row for row in ledger.to_json()["claims"]}
    assert rows["p.a"]["printed"] == rows["p.a.printed"]["printed"] == "false"
    assert rows["p.a.printed"]["verdict"] == "refuted"
    assert rows["p.a.printed"]["corrected_by"] == "p.a"


def test_a_ledger_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "ledger.json"
    write_json({"fine": 1}, path)
    with pytest.raises(ValueError, match="Out of range"):
        write_json({"bad": float("nan")}, path)
    assert json.loads(path.read_text()) == {"fine": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_a_claim_without_derivation_says_what_it_has():
    with pytest.raises(ClaimError, match="enumeration"):
        claim("p.a", even(4)).derive()
