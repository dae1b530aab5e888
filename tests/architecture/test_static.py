"""The look: our own assets only, nothing inline, licences beside what is vendored, colours that can be read."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.management.commands.collectstatic import Command as CollectStatic

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STATIC = ROOT / "static"
TEXT_ASSETS = sorted(path for path in STATIC.rglob("*") if path.suffix in {".css", ".js", ".svg"})
OUTSIDE = re.compile(r"""(?:src|href|action|url)\s*[=(]\s*["']?\s*(?:https?:)?//""", re.IGNORECASE)
NAMESPACE = "http://www.w3.org/2000/svg"


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_has_nothing_inline_and_asks_nobody_else(path: Path) -> None:
    text = re.sub(r"{%\s*comment.*?endcomment\s*%}", "", path.read_text(), flags=re.DOTALL)
    assert not re.findall(r"<[^>]*\sstyle\s*=", text), "style attribute: the CSP refuses it, use a class"
    assert not re.findall(r"<style\b", text)
    assert not re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", text), "inline script: the CSP refuses it"
    assert not re.findall(r"<[^>]*\son[a-z]+\s*=", text), "event attribute: the CSP refuses it"
    assert not re.findall(r"<[^>]*\shx-on", text), "hx-on needs eval, which is off"
    assert not OUTSIDE.search(text), "an address outside"


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_names_only_icons_that_exist(path: Path) -> None:
    known = set(re.findall(r'<symbol id="([a-z-]+)"', (STATIC / "img" / "icons.svg").read_text()))
    text = path.read_text()
    used = set(re.findall(r'{%\s*icon "([^"]+)"', text)) | set(re.findall(r'{%\s*nav_link "[^"]+" \w+ "([^"]+)"', text))
    used |= set(re.findall(r'icon_name="([^"]+)"', text))
    assert used - known == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_asks_only_for_static_files_that_exist(path: Path) -> None:
    for asked in re.findall(r"{%\s*static\s+['\"]([^'\"]+)['\"]", path.read_text()):
        assert finders.find(asked), asked


@pytest.mark.parametrize("path", TEXT_ASSETS, ids=name)
def test_an_asset_is_whole_and_asks_nobody_else(path: Path) -> None:
    text = path.read_text()
    assert "sourceMappingURL" not in text, "a missing map stops the manifest"
    assert not re.search(r"""(?:@import|url\()\s*["']?\s*(?:https?:)?//""", text)
    assert "registry." not in text
    if path.suffix == ".css" and "vendor" not in path.parts:
        assert NAMESPACE not in text


@pytest.mark.parametrize("folder", sorted(path for path in (STATIC / "vendor").iterdir() if path.is_dir()), ids=name)
def test_each_vendored_library_has_a_version_and_a_licence(folder: Path) -> None:
    readme = (STATIC / "vendor" / "README.md").read_text()
    row = [line for line in readme.splitlines() if line.startswith(f"| `{folder.name}/`")]
    assert row
    assert all(re.search(r"\d+\.\d+", line) for line in row)
    assert [path for path in folder.iterdir() if "LICENSE" in path.name or "OFL" in path.name]


@pytest.mark.parametrize("family", ["source-sans-3", "literata"])
def test_the_pdf_has_its_faces_with_their_licence(family: str) -> None:
    folder = ROOT / "reports" / "fonts" / family
    assert (folder / "OFL.txt").exists()
    faces = {path.stem.partition("_")[2] for path in folder.glob("*.ttf")}
    assert faces == {"400Regular", "400Regular_Italic", "600SemiBold", "600SemiBold_Italic", "700Bold"}


def test_the_manifest_can_be_built(tmp_path: Path, settings: pytest.FixtureRequest) -> None:
    settings.STATIC_ROOT = tmp_path  # type: ignore[attr-defined]
    settings.STORAGES = {  # type: ignore[attr-defined]
        **settings.STORAGES,  # type: ignore[attr-defined]
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    command = CollectStatic()
    command.set_options(
        interactive=False, verbosity=0, link=False, clear=False, dry_run=False, ignore_patterns=[],
        use_default_ignore_patterns=True, post_process=True,
    )  # fmt: skip
    command.collect()
    assert (tmp_path / "staticfiles.json").exists()


# --- colours -----------------------------------------------------------------------------------------------------


def themes() -> dict[str, dict[str, str]]:
    """The colour tokens of both themes, ``var()`` followed."""
    css = (STATIC / "css" / "tokens.css").read_text()
    light = dict(re.findall(r"--([\w-]+):\s*([^;]+);", css.split(":root {")[1].split("\n}")[0]))
    dark_block = css.split(':root[data-theme="dark"] {')[1].split("}")[0]
    dark = light | dict(re.findall(r"--([\w-]+):\s*([^;]+);", dark_block))

    def follow(tokens: dict[str, str], value: str) -> str:
        match = re.fullmatch(r"var\(--([\w-]+)\)", value)
        return follow(tokens, tokens[match[1]]) if match else value

    return {mode: {key: follow(t, value) for key, value in t.items()} for mode, t in (("light", light), ("dark", dark))}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    """WCAG 2.2 contrast ratio, 1 to 21."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


TEXT_PAIRS = [
    *[(ink, ground) for ink in ("ink", "ink-2", "ink-3", "river", "berry") for ground in ("ground", "surface", "sunk")],
    ("on-river", "river"), ("on-river", "river-2"), ("on-berry", "berry"), ("on-berry", "berry-2"),
    ("river-2", "river-tint"), ("ink", "river-tint"), ("larch", "larch-tint"), ("ink", "larch-tint"),
    ("berry-2", "berry-tint"), ("ink", "berry-tint"), ("rail-ink", "rail"),
    ("rail-ink-2", "rail"), ("rail-ink-2", "rail-2"),
    ("heat-low-ink", "heat-0"), ("heat-low-ink", "heat-1"), ("heat-low-ink", "heat-2"),
    ("heat-high-ink", "heat-3"), ("heat-high-ink", "heat-4"), ("chart-label", "surface"),
]  # fmt: skip
MARK_PAIRS = [
    *[(mark, ground) for mark in ("line-2", "focus") for ground in ("ground", "surface", "sunk")],
    *[(mark, "surface") for mark in ("chart-client", "chart-clinician", "chart-mark", "chart-done")],
    ("chart-client", "chart-band"), ("chart-clinician", "chart-band"), ("rail-focus", "rail"), ("rail-focus", "rail-2"),
]  # fmt: skip


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT_PAIRS, 4.5), (MARK_PAIRS, 3.0)], ids=["text", "marks"])
def test_colours_can_be_told_apart(mode: str, pairs: list[tuple[str, str]], least: float) -> None:
    tokens = themes()[mode]
    weak = {pair: round(contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < least} == {}


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_heat_runs_one_way_and_can_be_read_in_grey(mode: str) -> None:
    tokens = themes()[mode]
    steps = [luminance(tokens[f"heat-{i}"]) for i in range(5)]
    assert steps == sorted(steps, reverse=mode == "light")
    assert all(contrast(tokens[f"heat-{i}"], tokens[f"heat-{i + 1}"]) >= 1.2 for i in range(4))


def test_the_dark_theme_is_the_same_chosen_or_by_the_device() -> None:
    css = (STATIC / "css" / "tokens.css").read_text()
    device = css.split(':root:not([data-theme="light"]) {')[1].split("}")[0]
    chosen = css.split(':root[data-theme="dark"] {')[1].split("}")[0]
    assert re.findall(r"[\w-]+:\s*[^;]+;", device) == re.findall(r"[\w-]+:\s*[^;]+;", chosen)
