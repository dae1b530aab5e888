"""How a definition is refused. Files are read by ``practice.datafiles``, the same reader as for exercises."""

from collections.abc import Iterable

from practice.datafiles import DataFileInvalid, Path, Problem

__all__ = ["DefinitionInvalid", "Finding", "Path", "Problem"]

Finding = tuple[Path, str]
"""A location in the data and what is wrong there."""


class DefinitionInvalid(DataFileInvalid):
    """A definition was refused. ``problems`` holds all that was found, each once, by file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        unique = dict.fromkeys(problems)
        super().__init__(sorted(unique, key=lambda problem: (problem.file, problem.line)))
