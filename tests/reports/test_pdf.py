"""The PDF: tagged, the same bytes for the same report, hostile text literal, missing glyphs replaced and told."""

import dataclasses
import datetime as dt
import functools
import io
import shutil
import subprocess

import pytest
from pypdf import PdfReader

from reports import pdf
from reports.builders.progress import build_progress
from reports.glyphs import Cleaner, known
from reports.models import Report
from tests.factories.reports import ReportFactory, course

HOSTILE = (
    '#read("/etc/passwd") {{ secret }} {% load x %} <script>alert(1)</script> $x$ *b* \\u{1F600} @a `raw` =HYPERLINK'
)


pytestmark = pytest.mark.django_db


@functools.cache
def _built():
    report = ReportFactory(client=course(8))
    return build_progress(Report.objects.select_related("client__practice", "asked_by").get(pk=report.pk))


@pytest.fixture
def built(db):
    """One report for the module: its rows are rolled back after the first test, the dataclass needs none."""
    return _built()


def words(data):
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def struct(data, kind):
    """The elements of this kind in the structure tree, in order."""
    found, stack = [], [PdfReader(io.BytesIO(data)).trailer["/Root"]["/StructTreeRoot"]]
    while stack:
        node = stack.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if not isinstance(node, dict):
            continue
        if node.get("/S") == kind:
            found.append(node)
        kids = node.get("/K", [])
        kids = kids.get_object() if hasattr(kids, "get_object") else kids
        stack += reversed(kids) if isinstance(kids, list) else [kids]
    return found


def test_it_is_a_tagged_pdf_with_title_and_language(built):
    reader = PdfReader(io.BytesIO(pdf.progress_pdf(built)))
    root = reader.trailer["/Root"]
    assert reader.metadata.title == f"Progress report for {built.client_code}"
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("en", True)
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()


def test_headings_tables_and_figures(built):
    data = pdf.progress_pdf(built)
    assert len(struct(data, "/H1")) == 1
    assert len(struct(data, "/H2")) == 8
    assert len(struct(data, "/Figure")) == 4
    assert all(str(figure["/Alt"]).strip() for figure in struct(data, "/Figure"))
    assert len(struct(data, "/TH")) >= 12


def test_its_numbers_are_those_of_the_dataclass(built):
    text = words(pdf.progress_pdf(built))
    for line in built.summary:
        assert line.split(":")[0].split(",")[0] in text
    assert built.provenance.inputs_hash[:12] in text
    assert "Mara Quist" in text


def test_the_same_report_gives_the_same_bytes(built):
    first = pdf.progress_pdf(built)
    del pdf._warm.compiler
    assert pdf.progress_pdf(built) == first


def test_hostile_text_stays_literal(built):
    fact = dataclasses.replace(built.facts[3], value=HOSTILE)
    hostile = dataclasses.replace(built, client_name=HOSTILE, practice=HOSTILE, facts=(*built.facts[:3], fact))
    text = words(pdf.progress_pdf(hostile)).replace("\n", " ")
    assert text.count('#read("/etc/passwd")') == 3
    assert text.count("{{ secret }}") == 3
    assert text.count("<script>alert(1)</script>") == 3
    assert "root:" not in text


def test_the_templates_folder_is_all_that_can_be_read(tmp_path, monkeypatch):
    (tmp_path / "leak.typ").write_text('#set document(title: "x")\n= x\n#read("../../../../../../etc/passwd")')
    monkeypatch.setattr(pdf, "TEMPLATES", tmp_path)
    monkeypatch.delattr(pdf._warm, "compiler", raising=False)
    with pytest.raises(pdf.typst.TypstError):
        pdf.compile_pdf("leak.typ", {}, dt.datetime(2026, 1, 1))
    monkeypatch.delattr(pdf._warm, "compiler", raising=False)


def test_glyphs_that_the_fonts_lack_are_replaced_and_told(built):
    name = "Mara \U0001f600 \u6f22\u5b57 \u202egnp\x00 O\u2019Neil \u0141ukasz"
    text = words(pdf.progress_pdf(dataclasses.replace(built, client_name=name)))
    assert "Mara ? ?? gnp O\u2019Neil \u0141ukasz" in text
    assert "U+1F600, U+5B57, U+6F22" in text.replace("\n", " ")


def test_without_missing_glyphs_nothing_is_told(built):
    assert "fonts lack" not in words(pdf.progress_pdf(built))


def test_the_cleaner():
    cleaner = Cleaner()
    assert cleaner.text("a\x00b\tc\nd\u200be") == "ab c de"
    assert cleaner.text("e\u0301") == "\u00e9"
    assert cleaner.tree({"a": ["x\x00", 1, None, ("\U0001f600",)]}) == {"a": ["x", 1, None, ["?"]]}
    assert cleaner.replaced == ["U+1F600"]


def test_the_shipped_fonts_have_what_the_reports_use():
    assert [char for char in "–−±·•“”’…é%&" if ord(char) not in known()] == []
    assert ord("\U0001f600") not in known()


def test_a_title_is_demanded(built):
    data = {**pdf._data(built), "replaced": "", "title": ""}
    with pytest.raises(pdf.typst.TypstError, match="title"):
        pdf.compile_pdf("progress.typ", data, built.provenance.asked_at)


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_qpdf_finds_no_fault(built, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf.progress_pdf(built))
    subprocess.run(["qpdf", "--check", str(path)], check=True, capture_output=True)
