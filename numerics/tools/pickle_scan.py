"""What a torch checkpoint asks to be imported, read off the file without importing or running anything.

A pickle is a program. ``torch.load(weights_only=True)`` refuses to run most of them; this module looks first, so that
what a file would have loaded can be named, and so that nothing reaches torch unless tensors are all it asks for.
"""

from __future__ import annotations

import io
import pickletools
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from quadrics.errors import CheckpointError

__all__ = ["imported_names", "refuse_code"]

HARMLESS = re.compile(
    r"collections\.OrderedDict"
    r"|torch\._utils\._rebuild_(tensor|tensor_v2|parameter)"
    r"|torch\.(\w+Storage|Size|device|b?float\d*|double|half|u?int\d+|long|short|bool)"
    r"|torch\.storage\.(Untyped|Typed)Storage"
    r"|torch\.serialization\._get_layout"
)
"""What the state dict of a network of dense float tensors may ask for."""

LEGACY_PICKLES = 5
"""A file from before torch 1.6 starts with this many pickles: magic number, protocol, system, object, storage keys."""

EXPANSION = 4
"""Torch stores tensors uncompressed: an archive that unpacks to more than this many times its size is none of its."""


def imported_names(stream: IO[bytes]) -> Iterator[str]:
    """Generate the dotted names that one pickle would import, in order, without importing them.

    Raises:
        ValueError: the bytes are no pickle.

    >>> import os, pickle
    >>> list(imported_names(io.BytesIO(pickle.dumps(os.system, protocol=2))))
    ['posix.system']
    >>> list(imported_names(io.BytesIO(pickle.dumps({"0.weight": [1.5]}))))
    []
    """
    texts: list[str] = []
    for opcode, argument, _ in pickletools.genops(stream):
        if opcode.name in ("GLOBAL", "INST"):
            yield str(argument).replace(" ", ".")
        elif opcode.name == "STACK_GLOBAL":
            # The two texts pushed last, unless they come from the memo: good enough for a name in an error message.
            yield ".".join(texts[-2:]) or "a computed name"
        elif opcode.name.startswith("EXT"):
            yield f"extension {argument} of copyreg"
        elif isinstance(argument, str) and "UNICODE" in opcode.name:
            texts.append(argument)


def refuse_code(path: Path) -> None:
    """Do nothing for a file that holds tensors only.

    Raises:
        CheckpointError: the file is not what ``torch.save`` writes, or it would import anything but tensors.
    """
    suspects: dict[str, None] = {}
    damage = None
    try:
        for stream in _pickles(path):
            for name in imported_names(stream):
                if not HARMLESS.fullmatch(name):
                    suspects[name] = None
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        damage = _brief(error)
    if suspects:
        listed = ", ".join(repr(name)[:100] for name in list(suspects)[:5]) + (
            ", and more" if len(suspects) > 5 else ""
        )
        raise CheckpointError(
            f"{str(path)!r}: got a file that would load {listed}; expected tensors only, and nothing of it was run. "
            "If you trust its maker, load it where it was made and save the weights alone: "
            "torch.save(model.state_dict(), FILE), or safetensors.torch.save_file(model.state_dict(), FILE)"
        )
    if damage is not None:
        raise CheckpointError(
            f"{str(path)!r}: got a damaged file ({damage}); expected what torch.save(model.state_dict(), FILE) "
            "writes: save or copy the file again"
        )


def _pickles(path: Path) -> Iterator[IO[bytes]]:
    """The pickles in a file of ``torch.save``: one in an archive, several in a row in the old format."""
    with path.open("rb") as stream:
        start = stream.read(4)
        stream.seek(0)
        if start.startswith(b"\x80"):
            for _ in range(LEGACY_PICKLES):
                yield stream
            return
        if start != b"PK\x03\x04":
            raise ValueError("it starts like no file of torch.save")
        size = path.stat().st_size
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > EXPANSION * size:
                raise ValueError(f"an archive of {size} bytes that unpacks to more than {EXPANSION} times as much")
            found = [member for member in members if member.filename.endswith(".pkl")]
            if not found:
                raise ValueError("an archive without a pickle")
            for member in found:
                yield io.BytesIO(archive.read(member))


def _brief(error: BaseException) -> str:
    """The first line of an error's message, and its type where there is none."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
