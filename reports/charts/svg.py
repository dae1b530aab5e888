"""Small helpers for writing SVG: escaped text, short numbers, the frame with its title and description."""

from html import escape

from django.utils.safestring import SafeString

CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0x7F, 0xFFFE, 0xFFFF])
"""Characters that XML 1.0 refuses."""


def text(value: object) -> str:
    """Escaped for an element's content or a quoted attribute."""
    return escape(str(value).translate(CONTROL))


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    short = f"{value:.1f}"
    return short[:-2] if short.endswith(".0") else short


def show(value: float | None, digits: int | None = None) -> str:
    """A value for people: whole numbers whole, others with two decimals, a real minus, nothing as a dash."""
    if value is None:
        return "–"
    if digits is None:
        digits = 0 if float(value).is_integer() else 2
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def say(paint: str, size: float, x: float, y: float, words: object, anchor: str = "") -> str:
    """A line of text; ``anchor`` is ``middle`` or ``end``."""
    where = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text{paint} font-size="{size:g}"{where} x="{number(x)}" y="{number(y)}">{text(words)}</text>'


def frame(ident: str, title: str, description: str, width: float, height: float, body: list[str]) -> SafeString:
    """The whole picture, safe to put into a page: every text in it is escaped.

    ``ident`` makes the ids of title and description unique on a page.
    """
    w, h = number(width), number(height)
    return SafeString(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 {w} {h}"'
        f' width="{w}" height="{h}" aria-labelledby="{text(ident)}-t {text(ident)}-d">'
        f'<title id="{text(ident)}-t">{text(title)}</title><desc id="{text(ident)}-d">{text(description)}</desc>'
        f"{''.join(body)}</svg>"
    )
