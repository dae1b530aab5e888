"""The house's layout: which rooms there are, how long a module may be, and what pure modules may reach.

That imports go one way is proved by import-linter, inside ``make check``.
"""

import ast
import subprocess
import tomllib
from pathlib import Path

ROOMS = ("config", "practice", "clients", "assessments", "homework", "reports", "dashboard", "portal")
LONGEST = 300
LONGER = {
    # path: why it is not split
    "config/settings.py": "one settings file, read from top to bottom",
}


def pyproject(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text())


def contracts(root: Path) -> dict[str, dict]:
    return {
        contract["name"].split(":")[0]: contract for contract in pyproject(root)["tool"]["importlinter"]["contracts"]
    }


def tracked(root: Path, *patterns: str) -> list[Path]:
    """Files that are, or are about to be, in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split("\n")
    return [root / name for name in names if name and (root / name).is_file()]


def test_the_contracts_are_those_of_the_architecture(root):
    found = contracts(root)
    assert set(found) == {
        "The rooms",
        "Inside a room",
        "Actions never import tasks",
        "Pure modules reach no row",
    }
    assert found["The rooms"]["layers"] == [
        "config",
        "dashboard | portal",
        "reports",
        "assessments | homework",
        "clients",
        "practice",
    ]
    assert found["Inside a room"]["layers"] == [
        *("(urls)", "(views)", "(forms) | (tasks)", "(actions)", "(builders)", "(queries)", "(access)", "(models)")
    ]
    assert found["Inside a room"]["containers"] == list(ROOMS[1:])
    assert all("ignore_imports" not in contract for contract in found.values())


def test_every_package_is_a_room_of_the_contracts(root):
    packages = {path.parent.name for path in root.glob("*/__init__.py")}
    assert packages - {"tests", "scripts", "benchmarks"} == set(ROOMS)
    assert pyproject(root)["tool"]["importlinter"]["root_packages"] == list(ROOMS)


def test_no_module_is_longer_than_it_may_be(root):
    lengths = {
        str(path.relative_to(root)): len(path.read_text().splitlines())
        for path in tracked(root, "*.py")
        if "migrations" not in path.parts and "tests" not in path.parts
    }
    too_long = {name for name, length in lengths.items() if length > LONGEST}
    assert too_long - set(LONGER) == set()
    assert set(LONGER) - set(lengths) == set(), "a module in the list is gone"


def module_file(root: Path, name: str) -> Path | None:
    """The file that is read when a module of ours is imported."""
    path = root.joinpath(*name.split("."))
    found = [file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()]
    return found[0] if found else None


def imported(path: Path) -> set[str]:
    """Every name that a file imports: of ``from a import b`` both ``a`` and ``a.b``, which may be a module."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_pure_modules_reach_no_database(root):
    queue: list[tuple[Path, str]] = []
    for name in contracts(root)["Pure modules reach no row"]["source_modules"]:
        file = module_file(root, name)
        assert file, f"{name} in the contract is gone"
        files = file.parent.rglob("*.py") if file.name == "__init__.py" else [file]
        queue += [(path, name) for path in files]
    seen: set[Path] = set()
    while queue:
        path, via = queue.pop()
        if path in seen:
            continue
        seen.add(path)
        for other in imported(path):
            assert not other.startswith("django.db"), f"{path.relative_to(root)} (from {via}) imports {other}"
            file = module_file(root, other) if other.split(".")[0] in ROOMS else None
            if file:
                queue.append((file, f"{via} > {other}"))
    assert len(seen) > 10
