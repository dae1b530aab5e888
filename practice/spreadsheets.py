"""Cells that a spreadsheet shows as text, whatever was typed."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def text_cell(value: object) -> str:
    """The value as text that no spreadsheet takes for a formula (an apostrophe goes before such a start)."""
    text = "" if value is None else str(value)
    stripped = text.lstrip(" ")
    return f"'{text}" if stripped.startswith(FORMULA_STARTS) else text
