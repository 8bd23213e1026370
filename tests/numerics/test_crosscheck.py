"""Verify joins, runs, keeps and resumes; a claim of one's own goes the same road."""

import json

import pytest

from numerics import crosscheck, verify
from proofs import Claim, Control, Kind, Source, Verdict, decided, enumeration
from quadrics.errors import ClaimError, DeviceError, UnknownClaimError


def even(number, uses=(), claim_id="mine.even"):
    check = enumeration("even", lambda: number, lambda n, c: decided(n % 2 == 0), [Control("odd", lambda n: n + 1)])
    return Claim(claim_id, Kind.THEOREM, "Even", Source("mine", "1"), "even", uses=uses, evidence=[check])


def test_a_true_and_a_false_claim_of_ones_own():
    assert verify(even(4)).verdicts() == {"mine.even": Verdict.CHECKED}
    assert verify(even(5)).verdicts() == {"mine.even": Verdict.FAILED}


def test_an_own_claim_may_use_the_papers_but_nothing_unknown():
    assert verify(even(4, uses=["nurisso.prop4"])).verdicts() == {"mine.even": Verdict.CHECKED}
    with pytest.raises(UnknownClaimError):
        verify(even(4, uses=["nurisso.prop44"]))
    with pytest.raises(ClaimError, match="two claims"):
        verify(even(4, claim_id="nurisso.prop4"))


def test_wrong_calls_are_refused():
    with pytest.raises(UnknownClaimError):
        verify("nurisso.nothing")
    with pytest.raises(ClaimError, match="expected one of"):
        verify(even(4), ways=["rumour"])
    with pytest.raises(DeviceError):
        verify("nurisso.lemma3", device="abacus")


def test_ways_select_evidence():
    ledger = verify(even(4), ways=["kernel"])
    assert ledger.entries["mine.even"].evidence == ()


def test_an_interrupted_run_resumes_where_it_stopped(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    ids, seen = ["nurisso.lemma3", "nurisso.rp", "nurisso.def1"], []

    def stop_at_the_third(done, total, claim, message):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verify(*ids, resume=True, listen=stop_at_the_third)
    (record,) = (tmp_path / "quadrics").iterdir()
    assert [json.loads(line)["id"] for line in record.read_text().splitlines()] == ids[:2]
    with record.open("a") as stream:
        stream.write('{"id": "cut sho')  # as a killed process might leave it

    real = crosscheck.examine
    monkeypatch.setattr(crosscheck, "examine", lambda claim, *rest: seen.append(claim.id) or real(claim, *rest))
    ledger = verify(*ids, resume=True)
    assert seen == ids[2:]
    assert list(ledger.entries) == ids
    assert not record.exists()


def test_the_measurements_join_claims_that_exist():
    from numerics.checks import all_checks
    from proofs import all_claims

    checks = all_checks(c.id for c in all_claims())
    assert checks
    with pytest.raises(UnknownClaimError):
        all_checks([])
