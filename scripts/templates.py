"""Checks every template: it compiles, and holds nothing that the strict CSP blocks. ``python -m scripts.templates``

Blocked are inline scripts and styles, ``style=`` and ``on…=`` attributes, ``javascript:`` addresses, and anything
fetched from another host. SVG drawn into a page uses presentation attributes (``fill=``), which CSP allows.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMENT = re.compile(r"{%\s*comment.*?{%\s*endcomment\s*%}|{#.*?#}|<!--.*?-->", re.S)
BLOCKED = (
    (re.compile(r"<script(?![^>]*\bsrc\s*=)[^>]*>(?!\s*</script>)", re.I), "inline script"),
    (re.compile(r"<style\b", re.I), "inline style"),
    (re.compile(r"""(?<=[\s"'])style\s*=""", re.I), "style attribute"),
    (re.compile(r"""(?<=[\s"'])on[a-z]+\s*=\s*["'{]""", re.I), "on… attribute"),
    (re.compile(r"""(?<=[\s"'])hx-on[:\w-]*\s*=""", re.I), "hx-on attribute (evaluates text)"),
    (re.compile(r"javascript:", re.I), "javascript: address"),
    (re.compile(r"""\b(?:src|srcset|action|poster)\s*=\s*["'](?:https?:)?//""", re.I), "another host"),
    (re.compile(r"""<link\b[^>]*\bhref\s*=\s*["'](?:https?:)?//""", re.I), "another host"),
)
DATA_SCRIPT = re.compile(r"""<script[^>]*\btype\s*=\s*["']application/json["']""", re.I)


def html_templates() -> list[Path]:
    """Every template that becomes part of a page."""
    folders = [ROOT / "templates", *ROOT.glob("*/templates")]
    return sorted(
        {
            path
            for folder in folders
            for path in folder.rglob("*")
            if path.suffix in {".html", ".svg"} and path.is_file()
        }
    )


def all_templates() -> list[tuple[Path, str]]:
    """Every template file with the name it is loaded by."""
    folders = [ROOT / "templates", *ROOT.glob("*/templates")]
    return sorted((path, str(path.relative_to(folder))) for folder in folders for path in folder.rglob("*.*"))


def blocked(text: str) -> Iterator[tuple[int, str]]:
    """Line and reason of each thing in a template that the CSP blocks."""
    text = COMMENT.sub(lambda found: "\n" * found.group().count("\n"), text)
    for pattern, reason in BLOCKED:
        for found in pattern.finditer(text):
            if not DATA_SCRIPT.match(found.group()):
                yield text.count("\n", 0, found.start()) + 1, reason


def compile_problems() -> Iterator[str]:
    """Each template that does not compile, with the reason."""
    from django.template import TemplateSyntaxError
    from django.template.loader import get_template

    for path, name in all_templates():
        try:
            get_template(name)
        except (TemplateSyntaxError, UnicodeDecodeError, LookupError) as error:
            yield f"{path.relative_to(ROOT)}: {error}"


def problems() -> list[str]:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {reason}"
        for path in html_templates()
        for line, reason in blocked(path.read_text())
    ]
    return found + list(compile_problems())


def main() -> int:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    found = problems()
    print("\n".join(found) or f"{len(all_templates())} templates: all compile, nothing inline")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
