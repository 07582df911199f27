"""Every kind of file is read as a person sees it in a spreadsheet program, or refused for a reason with a sentence."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
import zipfile
from typing import Any

import pytest
import xlsxwriter

from lib.batches import sheet_process
from lib.domain.batches.rows import MAX_ROWS
from lib.domain.errors import from_code
from lib.i18n import words
from tests.support.sheets import SHEET, ods, sheet_part, with_parts, workbook

GOOD = workbook([["제품", "톤"], ["빵", "따뜻"]])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def cells(data: bytes, suffix: str = ".csv") -> list[list[str]]:
    return [cells for _, cells in sheet_process.read(data, suffix, None)["rows"]]


def refusal(data: bytes, suffix: str = ".xlsx") -> str:
    """The code of the refusal, which has a sentence in both languages."""
    with pytest.raises(sheet_process.Refusal) as raised:
        sheet_process.read(data, suffix, None)
    error = from_code(raised.value.code, raised.value.params)
    assert all(words.error(language, error) for language in ("ko", "en"))
    return raised.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_text_is_read_in_every_usual_encoding_and_with_every_delimiter(encoding: str, delimiter: str) -> None:
    lines = [["제품", "톤"], ["빵, 우유; 잼", '그녀가 "따뜻하게"'], ["두 줄\n글", ""]]
    text = "\r\n".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    assert cells(text.encode(encoding)) == lines


def test_a_text_that_names_its_delimiter_is_read_by_it_and_lines_keep_their_numbers() -> None:
    answer = sheet_process.read(b'sep=|\na|b\n\n"1\n2"|,,,\n3|4\n', ".csv", None)
    assert answer["rows"] == [(2, ["a", "b"]), (4, ["1\n2", ",,,"]), (6, ["3", "4"])]


def test_a_workbook_gives_what_a_person_sees_in_it() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        hidden = book.add_worksheet("hidden")
        hidden.write(0, 0, "nothing for you")
        hidden.hide()
        sheet = book.add_worksheet("행")
        sheet.activate()
        sheet.set_first_sheet()
        day, minute = (book.add_format({"num_format": form}) for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm"))
        sheet.merge_range(2, 0, 3, 0, "병합")
        for row, value in enumerate([1.0, 0.1, 12_345_678_901_234.0]):
            sheet.write_number(2 + row, 1, value)
        sheet.write_datetime(2, 2, dt.date(2026, 11, 29), day)
        sheet.write_number(3, 2, 46355 + 14.5 / 24, minute)
        sheet.write_formula(4, 2, "=1+1", None, 2)
        sheet.write_boolean(4, 0, True)
    answer = sheet_process.read(file.getvalue(), ".xlsx", None)
    assert (answer["sheet"], answer["sheets"]) == ("행", ["행"])
    assert answer["rows"] == [
        (3, ["병합", "1", "2026-11-29"]),
        (4, ["병합", "0.1", "2026-11-29 14:30"]),
        (5, ["TRUE", "12345678901234", "2"]),
    ]


def test_macros_and_links_to_other_files_are_not_followed_and_said() -> None:
    data = with_parts(GOOD, {"xl/vbaProject.bin": b"x", "xl/externalLinks/externalLink1.xml": "<x/>"})
    answer = sheet_process.read(data, ".xlsm", None)
    assert answer["notes"] == ["macros", "external_links"]
    assert [cells for _, cells in answer["rows"]] == [["제품", "톤"], ["빵", "따뜻"]]


def test_a_decomposed_text_is_read_as_it_is_and_composed_by_the_brief() -> None:
    assert cells(unicodedata.normalize("NFD", "제품,톤\n빵,a").encode())[0][0] == unicodedata.normalize("NFD", "제품")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "sheet_empty"),
        (b"\xef\xbb\xbf", "sheet_empty"),
        (b" ,,\n,,\n", "sheet_empty"),
        (workbook([[]]), "sheet_empty"),
        (b"%PDF-1.7 and so on", "not_a_sheet"),
        (b"\x89PNG\r\n", "not_a_sheet"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "not_a_sheet"),
        (with_parts(GOOD, {"xl/workbook.xml": None, "word/document.xml": "x"}), "not_a_sheet"),
        (OLE, "not_a_sheet"),
        (OLE + "WordDocument".encode("utf-16-le"), "not_a_sheet"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "sheet_locked"),
        (OLE + "Workbook".encode("utf-16-le"), "sheet_damaged"),
        (GOOD[: len(GOOD) // 2], "sheet_damaged"),
        (with_parts(GOOD, {SHEET: None}), "sheet_damaged"),
        (with_parts(GOOD, {SHEET: "<worksheet><sheetData><row r='1'><c r='A1'><v>1</c>"}), "sheet_damaged"),
        (with_parts(GOOD, {"content.xml": "x", "META-INF/manifest.xml": "<encryption-data/>"}), "sheet_locked"),
        (b"\x82\xff\x81\x00\x01", "sheet_encoding_unknown"),
        ("제품".encode() + b"\0\n1", "sheet_encoding_unknown"),
        (workbook([["x"] * 16_384]), "sheet_too_wide"),
        (b",".join([b"x"] * 300), "sheet_too_wide"),
        (b"a,b\n" * (2 * MAX_ROWS), "sheet_too_long"),
        (b"a,b\nc," + b"x" * 40_000, "cell_too_long"),
        (with_parts(GOOD, {SHEET: sheet_part(("A1", "a"), ("A2", "x" * 40_000))}), "cell_too_long"),
        (with_parts(GOOD, {SHEET: sheet_part(("A1", "a"), ("B900000", "x"))}), "sheet_too_long"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(data: bytes, code: str) -> None:
    assert refusal(data) == code


def test_a_zip_bomb_is_refused_by_what_it_says_of_itself() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb, bomb.open("xl/media/image.bin", "w") as part:
        for _ in range(sheet_process.MOST_UNPACKED_MB + 1):
            part.write(bytes(1024 * 1024))
    assert len(file.getvalue()) < 1024 * 1024
    assert refusal(file.getvalue()) == "sheet_unpacks_too_large"


def test_another_sheet_is_read_by_its_name() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        for name in ("비어 있음", "첫째", "둘째"):
            sheet: Any = book.add_worksheet(name)
            if name != "비어 있음":
                sheet.write(0, 0, name)
    first = sheet_process.read(file.getvalue(), ".xlsx", None)
    assert (first["sheet"], first["sheets"]) == ("첫째", ["비어 있음", "첫째", "둘째"])
    assert sheet_process.read(file.getvalue(), ".xlsx", "둘째")["rows"] == [(1, ["둘째"])]
    with pytest.raises(sheet_process.Refusal):
        sheet_process.read(file.getvalue(), ".xlsx", "셋째")


def test_an_open_document_is_read() -> None:
    answer = sheet_process.read(ods([["제품", "톤"], ["빵", "따뜻"]]), ".ods", None)
    assert (answer["sheet"], answer["rows"]) == ("행", [(1, ["제품", "톤"]), (2, ["빵", "따뜻"])])
