"""The command line: ``quadrics VERB``, a file a verb.

Torch is imported only by the verbs that need it, inside them. Exit status: 0 when all is as expected, 1 when a verdict
is not the expected one, 2 for a wrong call, 130 after Ctrl-C.
"""

from __future__ import annotations

import sys

import typer
from rich.console import Console
from rich.text import Text

from quadrics.errors import QuadricsError

from .claims import claims
from .connect import connect
from .count import count
from .derive import derive
from .diagnose import diagnose
from .expand import expand
from .prune import prune
from .reproduce import reproduce
from .show import show
from .verify import verify

app = typer.Typer(
    name="quadrics",
    help="Neural-network loss landscapes as executable mathematics: every claim derived, enumerated, proved, measured.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for verb in (claims, show, verify, derive, count, expand, reproduce, diagnose, prune, connect):
    app.command()(verb)


def main() -> None:
    """Entry point: deliberate errors become one line on standard error and exit status 2."""
    try:
        app()
    except QuadricsError as error:
        # A Text, not markup: messages quote what users and files say.
        line = Text.assemble(("error:", "red"), f" {error}")
        Console(stderr=True, highlight=False, soft_wrap=True).print(line)
        sys.exit(2)
    except (KeyboardInterrupt, SystemExit) as ended:  # typer makes the one the other, with status 130
        if isinstance(ended, SystemExit) and ended.code != 130:
            raise
        Console(stderr=True).print("interrupted; what was finished is kept, and the same command resumes")
        sys.exit(130)
    except BrokenPipeError:  # `quadrics claims | head`
        sys.stderr.close()
