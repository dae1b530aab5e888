"""The folder of instrument definitions that ships with the software."""

from pathlib import Path

from assessments.schema import Definition, DefinitionInvalid, Problem, parse_definition

FOLDER = Path(__file__).parent / "definitions"
"""Where the shipped instruments lie, one file each."""


def load_definitions(folder: Path | str = FOLDER) -> list[Definition]:
    """Read every ``*.yaml`` of a folder, sorted by slug.

    Raises ``DefinitionInvalid`` with the problems of all files together: each file's own, a slug that differs from the
    file's name, a slug used twice in one language, a file that cannot be read, and a folder without a definition.
    """
    folder = Path(folder)
    problems: list[Problem] = []
    definitions: list[Definition] = []
    first: dict[tuple[str, str], str] = {}
    paths = sorted(path for path in folder.glob("*") if path.suffix in {".yaml", ".yml"}) if folder.is_dir() else []
    if not paths:
        problems.append(Problem(str(folder), 0, "", "no definition file (*.yaml) in this folder"))
    for path in paths:
        try:
            text = path.read_bytes()
            definition = parse_definition(text, path.name)
        except DefinitionInvalid as error:
            problems.extend(error.problems)
            continue
        except OSError as error:
            problems.append(Problem(path.name, 0, "", f"cannot be read: {error.strerror or error}"))
            continue
        line = _slug_line(text)
        key = (definition.slug, definition.language)
        if key in first:
            problems.append(Problem(path.name, line, "slug", f"{definition.slug!r} stands in {first[key]} already"))
        elif path.name.split(".")[0] != definition.slug:
            problems.append(Problem(path.name, line, "slug", f"{definition.slug!r} differs from the file's name"))
        first.setdefault(key, path.name)
        definitions.append(definition)
    if problems:
        raise DefinitionInvalid(problems)
    return sorted(definitions, key=lambda definition: (definition.slug, definition.language))


def _slug_line(text: bytes) -> int:
    """Line of the slug in a file that was parsed."""
    lines = text.splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.startswith(b"slug:")), 1)
