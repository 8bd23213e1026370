"""``quadrics verify``: run the evidence of claims and print the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from .options import Device, Full, JsonFile, Paper, Seed, check_writable, emit_json
from .tables import print_table

if TYPE_CHECKING:
    from proofs import Claim, Ledger
    from proofs.ledger import Entry

STYLE = {
    "proved": "green",
    "checked": "cyan",
    "refuted": "magenta",
    "stated": "dim",
    "open": "yellow",
    "failed": "bold red",
}


def verify(
    pattern: Annotated[list[str] | None, typer.Argument(help="Ids or shell patterns; all without any.")] = None,
    paper: Paper = None,
    way: Annotated[
        list[str] | None,
        typer.Option(help="Only evidence of this way: derivation, certificate, kernel, enumeration, measurement, ..."),
    ] = None,
    full: Full = False,
    seed: Seed = 0,
    device: Device = "cpu",
    json: JsonFile = None,
) -> None:
    """Run all evidence of claims, print the ledger, and compare the verdicts with the expected ones.

    An interrupted run is taken up by the same command. Exit status 0 when every verdict is the expected one, else 1.
    """
    from proofs import select

    from ..crosscheck import verify as run

    chosen = select(pattern or (), paper)
    check_writable(json)
    errors = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
    ) as progress:
        task = progress.add_task("", total=len(chosen))

        def listen(done: int, total: int, claim: Claim, message: str) -> None:
            progress.update(task, completed=done, description=f"{claim.id} {message}".strip())

        ledger = run(
            *chosen, mode="full" if full else "quick", seed=seed, device=device, ways=way, resume=True, listen=listen
        )
    emit_json(ledger.to_json(chosen), json)
    unexpected = _surprises(ledger, partial=bool(way))
    if str(json) != "-":
        _print_table(ledger)
    for name, why in unexpected.items():
        errors.print(f"[bold red]{name}[/bold red]: {why}", highlight=False)
        for line in ledger.entries[name].failures:
            errors.print(f"    {line}", markup=False, highlight=False)
    if unexpected:
        raise typer.Exit(1)


def _surprises(ledger: Ledger, *, partial: bool) -> dict[str, str]:
    """The claims that fell.

    With only some ways run, a verdict can be weaker than expected, but never *failed*. Where the proof assistant is not
    installed, what only its kernel proves is *checked*.
    """
    from proofs import Verdict
    from proofs.inventory import expected_verdict

    found = {}
    for name, verdict in ledger.verdicts().items():
        expected = expected_verdict(name)
        weaker = verdict is Verdict.CHECKED and expected is Verdict.PROVED and _kernel_skipped(ledger.entries[name])
        if verdict is Verdict.FAILED or not (partial or weaker or verdict is expected):
            found[name] = f"got {verdict}, expected {expected}"
    return found


def _kernel_skipped(entry: Entry) -> bool:
    from proofs.evidence import Status, Way

    return any(e.way is Way.KERNEL and e.status is Status.SKIPPED for e in entry.evidence)


def _print_table(ledger: Ledger) -> None:
    from collections import Counter

    document = ledger.to_json()
    printed = {row["id"]: row["printed"] for row in document["claims"]}
    table = Table("claim", "verdict", "printed", "evidence", "controls", "seconds", box=None, header_style="bold")
    for name, entry in ledger.entries.items():
        verdict = str(entry.verdict)
        seconds = sum(e.seconds for e in entry.evidence)
        table.add_row(
            name,
            f"[{STYLE[verdict]}]{verdict}[/]",
            printed[name],
            _ways(entry),
            _controls(entry),
            f"{seconds:.1f}",
        )
    console = Console()
    print_table(table, console)
    totals = Counter(str(v) for v in ledger.verdicts().values())
    summary = ", ".join(f"[{STYLE[name]}]{count} {name}[/]" for name, count in sorted(totals.items()))
    run = ledger.run
    count = len(ledger.entries)
    console.print(f"\n{count} claim{'s' if count != 1 else ''}: {summary}")
    console.print(f"{run['mode']} run on {run['device']}, seed {run['seed']}, {run['seconds']} s", highlight=False)


def _ways(entry: Entry) -> str:
    from collections import Counter

    counts = Counter(f"{e.way}" if e.status == "passed" else f"{e.way} {e.status}" for e in entry.evidence)
    return ", ".join(name if count == 1 else f"{count} {name}s" for name, count in counts.items())


def _controls(entry: Entry) -> str:
    controls = [c for e in entry.evidence for c in e.controls]
    return f"{sum(c.rejected for c in controls)}/{len(controls)}" if controls else ""
