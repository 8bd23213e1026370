"""The command line as a user meets it: exit status, JSON, and one clear line for a wrong call."""

import json
import subprocess
import sys

import pytest

RUN = [sys.executable, "-c", "import sys; sys.argv[0] = 'quadrics'; from numerics.cli import main; main()"]


def quadrics(*arguments: str, cwd=None, **environment: str) -> subprocess.CompletedProcess:
    import os

    env = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **environment}
    return subprocess.run([*RUN, *arguments], capture_output=True, text=True, cwd=cwd, env=env, check=False)


def test_claims_lists_every_claim_as_json():
    from proofs import all_claims

    done = quadrics("claims", "--paper", "nurisso", "--json", "-")
    assert done.returncode == 0, done.stderr
    listed = {row["id"] for row in json.loads(done.stdout)["claims"]}
    assert listed == {c.id for c in all_claims() if "nurisso" in c.id}


def test_show_prints_the_formal_statement_with_its_definitions():
    done = quadrics("show", "nurisso.thm2")
    assert "Theorem theorem_2 :" in done.stdout
    assert "Definition rp" in done.stdout
    (formal,) = json.loads(quadrics("show", "nurisso.thm2", "--json", "-").stdout)["formal"]
    assert formal["file"] == "Theorem2.v"
    assert "#|S| = #|S'|" in formal["statement"]


def test_show_tells_statement_formula_and_uses():
    done = quadrics("show", "nurisso.thm1")
    assert done.returncode == 0, done.stderr
    assert "nurisso.prop2" in done.stdout
    assert "Theorem 1" in done.stdout


def test_derive_prints_checked_steps():
    done = quadrics("derive", "nurisso.prop4")
    assert done.returncode == 0, done.stderr
    assert "1. " in done.stdout
    assert "!!" not in done.stdout


def test_verify_writes_the_ledger_and_exits_zero(tmp_path):
    path = tmp_path / "ledger.json"
    done = quadrics("verify", "nurisso.lemma3", "--json", str(path), XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stderr
    ledger = json.loads(path.read_text())
    assert ledger["schema"] == 1
    assert [row["id"] for row in ledger["claims"]] == ["nurisso.lemma3"]
    assert not list((tmp_path / "cache").rglob("*.jsonl"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "nurisso.prop44"], "nurisso.prop4"),
        (["verify", "nurisso.nothing*"], "no claim matches"),
        (["verify", "--paper", "euclid"], "expected one of nurisso"),
        (["verify", "nurisso.lemma3", "--way", "rumour"], "expected one of"),
        (["verify", "nurisso.lemma3", "--device", "abacus"], "abacus"),
        (["verify", "nurisso.lemma3", "--json", "/no/such/folder/ledger.json"], "does not exist"),
        (["derive", "nurisso.eq1x"], "no claim"),
        (["reproduce", "nurisso.fig9"], "expected one of"),
        (["verify", "--seed", "-1", "nurisso.lemma3"], "seed"),
        (["frobnicate"], "No such command"),
    ],
)
def test_a_wrong_call_is_one_clear_line_and_exit_status_two(arguments, says):
    done = quadrics(*arguments)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_device_that_is_not_there_is_refused():
    import torch

    if torch.cuda.is_available():
        return
    done = quadrics("verify", "nurisso.lemma3", "--device", "cuda")
    assert done.returncode == 2
    assert "cuda" in done.stderr


def test_light_verbs_load_no_torch():
    program = (
        "import sys; sys.argv[1:] = ['claims', 'nurisso.prop4'];\n"
        "from numerics.cli import app\n"
        "try:\n    app()\nexcept SystemExit:\n    pass\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("False")


def test_importing_quadrics_loads_no_torch():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import quadrics"], capture_output=True, text=True, check=True
    )
    assert "torch" not in done.stderr
