"""A long walk that can be stopped and gone on with: Ctrl-C, and a file that says whose it is."""

import hashlib
import inspect
import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .judge import Judge
    from .properties import Subject


class Walk(Protocol):
    """What is kept of one quantity."""

    name: str

    def as_dict(self) -> dict[str, Any]:
        """What a later run needs."""

    def go_on(self, found: dict[str, Any]) -> None:
        """Take it over."""


@contextmanager
def ctrl_c() -> Iterator[list[int]]:
    """A list that is empty until Ctrl-C is pressed, so that a block is finished; at the second time it is as ever."""
    pressed: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return

    def press(number: int, _: Any) -> None:
        pressed.append(number)
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


@dataclass
class State:
    """What is kept in a file between two runs, and whose it is."""

    path: Path
    of: dict[str, str]

    def restore(self, walks: Sequence[Walk]) -> int:
        """How many patterns an earlier run did: 0 where there is no file; a ValueError for one of another walk."""
        if not self.path.exists():
            self.save(walks, 0)  # can't be written: say so now
            return 0
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            of, done, found = kept["of"], int(kept["done"]), kept["found"]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"resume: {self.path} is no state of such a walk") from error
        other = [f"{key} {of.get(key)!r}, not {now!r}" for key, now in self.of.items() if of.get(key) != now]
        if other:
            raise ValueError(
                f"resume: {self.path} is of another walk: {'; '.join(other)}. Name another file, or delete it"
            )
        for walk in walks:
            walk.go_on(found[walk.name])
        return done

    def save(self, walks: Sequence[Walk], done: int) -> None:
        """In one step, so that no half of a file is left behind."""
        kept = {"of": self.of, "done": done, "found": {walk.name: walk.as_dict() for walk in walks}}
        new = self.path.with_name(self.path.name + ".new")
        new.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        new.replace(self.path)


def identity(candidate: Any, subject: "Subject", judge: "Judge", patterns: range) -> dict[str, str]:
    """What makes two walks the same."""
    library = subject.kernel.library.name
    versions = {name: str(getattr(sys.modules[name], "__version__", "?")) for name in {"acts", "numpy", library}}
    bound = {**subject.kernel.has, **subject.params}
    return versions | {
        "kernel": subject.kernel.name,
        "source": _source(candidate),
        "function": f"{subject.function.__name__} {bound}" if bound else subject.function.__name__,
        "level": f"{judge.level}, {judge.policy}",
        "patterns": str(patterns),
    }


def _source(candidate: Any) -> str:
    """A checksum of the files that the candidate's parts are written in."""
    parts = list(candidate) if isinstance(candidate, tuple) else [candidate]
    parts += [getattr(part, "func", part) for part in parts]  # of functools.partial
    parts += [inspect.unwrap(part) for part in parts] + [type(part) for part in parts]
    modules = {getattr(part, "__module__", None) for part in parts}
    files = {getattr(sys.modules.get(str(name)), "__file__", None) for name in modules}
    found = sorted(file for file in files if file and Path(file).is_file())
    return hashlib.sha256(b"".join(Path(file).read_bytes() for file in found)).hexdigest()[:16]
