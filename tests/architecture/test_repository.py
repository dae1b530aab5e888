"""What must not be in the repository: registry hosts, machine paths, secrets, large files."""

import re
import subprocess

import pytest

from .test_rooms import tracked

# Written in parts, so that this file does not find itself.
REGISTRIES = re.compile(
    "|".join(
        [
            r"py" + r"pi\.org",
            r"python" + r"hosted\.org",
            r"registry\.np" + r"mjs\.org",
            r"deb\." + r"debian\.org",
            r"index" + r"-url",
            r"find" + r"-links",
            r"docker" + r"\.io/",
        ]
    )
)
MACHINE = re.compile("|".join([r"(?<![\w.])/" + r"work/", "/tmp/" + "bash_jobs", r"/root/\." + "pyenv"]))
SECRET = re.compile("|".join(["BEGIN (RSA |EC |OPENSSH )?" + "PRIVATE KEY", r"AKIA" + r"[0-9A-Z]{16}"]))
LARGEST = 2_000_000
VENDORED = ("static/vendor/", "tests/browser/vendor/", "reports/fonts/")


@pytest.fixture(scope="module")
def texts(root):
    """Each text file of the repository that we wrote, with its text."""
    found = {}
    for path in tracked(root):
        name = str(path.relative_to(root))
        if not name.startswith(VENDORED):
            try:
                found[name] = path.read_text()
            except UnicodeDecodeError:
                continue
    return found


@pytest.mark.parametrize("pattern", [REGISTRIES, MACHINE, SECRET], ids=["registries", "machine paths", "secrets"])
def test_no_file_holds(texts, pattern):
    found = {name: match.group() for name, text in texts.items() if (match := pattern.search(text))}
    assert found == {}


def test_no_file_is_large(root):
    assert [str(path) for path in tracked(root) if path.stat().st_size > LARGEST] == []


def test_data_and_secrets_are_ignored(root):
    names = ["var/practice.sqlite3", "secrets/secret_key", ".env", ".venv/bin/python", ".artifacts/report.pdf"]
    ignored = subprocess.run(["git", "check-ignore", *names], cwd=root, capture_output=True, text=True, check=True)
    assert ignored.stdout.split() == names


def test_the_licence_is_apache_2(root):
    text = (root / "LICENSE").read_text()
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert 'license = "Apache-2.0"' in (root / "pyproject.toml").read_text()


def test_every_dependency_has_its_reason(root):
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[\[><=~ ]", requirement)[0] for requirement in wanted}
    page = (root / "docs" / "dependencies.md").read_text()
    written = set(re.findall(r"^\| `([\w.-]+)` \|", page, re.M))
    assert written == names


def test_every_decision_is_written_down(root):
    pages = sorted(path.name for path in (root / "docs" / "adr").glob("*.md"))
    assert [int(name[:4]) for name in pages] == list(range(1, len(pages) + 1))
    for name in pages:
        text = (root / "docs" / "adr" / name).read_text()
        assert re.match(r"# \d{4} ", text), name
        assert {"Context", "Decision", "Consequences"} <= set(re.findall(r"^## (\w+)$", text, re.M)), name
