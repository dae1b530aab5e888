"""What is wrong with a definition file, and where."""

from collections.abc import Iterable
from dataclasses import dataclass

Loc = tuple[str | int, ...]
"""Where in the data: keys and list positions from the top down."""


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One problem of a definition: the file, the line (from 1; 0 when it has none), the path and the reason."""

    file: str
    line: int
    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}: {self.reason}"


class DefinitionInvalid(Exception):
    """A definition was refused. ``problems`` holds all that was found, in the order of the lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def path_of(loc: Loc) -> str:
    """Write a location as people do: ``items[3].text``; the whole file is ``(file)``."""
    path = ""
    for step in loc:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if path else step
    return path or "(file)"
