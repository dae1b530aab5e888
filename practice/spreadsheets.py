"""Tables as CSV and as Excel workbooks, whose cells a spreadsheet shows as text, whatever was typed."""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime

import xlsxwriter

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def text_cell(value: object) -> str:
    """The value as text that no spreadsheet takes for a formula (an apostrophe goes before such a start)."""
    text = "" if value is None else str(value)
    stripped = text.lstrip(" ")
    return f"'{text}" if stripped.startswith(FORMULA_STARTS) else text


Cell = str | int | float | date | datetime | None


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. Times are naive, in the reader's zone; ``name`` says nothing about anybody."""

    name: str
    heads: list[str]
    rows: list[list[Cell]]


TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
WIDEST = 40


def csv_file(table: Table) -> bytes:
    """With the mark that makes spreadsheets read UTF-8; dates as 2026-11-24, times as 2026-11-24 14:00."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([text_cell(head) for head in table.heads])
    writer.writerows([_csv_cell(cell) for cell in row] for row in table.rows)
    return ("\ufeff" + file.getvalue()).encode()


def _csv_cell(cell: Cell) -> Cell:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    return cell.isoformat() if isinstance(cell, date) else text_cell(cell) if isinstance(cell, str) else cell


def workbook(table: Table) -> bytes:
    """An Excel workbook in memory: texts are texts, numbers numbers and days days; no link, no formula."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(table.name)
        formats = {date: book.add_format({"num_format": "yyyy-mm-dd"})}
        formats[datetime] = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        bold = book.add_format({"bold": True})
        for column, head in enumerate(table.heads):
            sheet.write_string(0, column, text_cell(head), bold)
        for line, row in enumerate(table.rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(line, column, cell, formats[type(cell)])
                elif isinstance(cell, int | float):
                    sheet.write_number(line, column, cell)
                elif cell:
                    sheet.write_string(line, column, text_cell(cell))
        sheet.freeze_panes(1, 1)
        for column, head in enumerate(table.heads):
            lengths = [len(str(row[column])) for row in table.rows if row[column] is not None]
            sheet.set_column(column, column, min(max([len(head), *lengths]) + 2, WIDEST))
    return file.getvalue()
