"""What is wrong with a file of rows: it is none, it cannot be opened, or it holds more than a batch takes."""

from __future__ import annotations

from lib.domain.errors.base import StudioError


class SheetError(StudioError):
    """Base of errors about a file of rows as a whole; nothing of it was taken."""

    code = "sheet_error"
    status = 422


class NotASheet(SheetError):
    """The file is of another ``kind``, whatever its name says."""

    code = "not_a_sheet"


class SheetEmpty(SheetError):
    """The file has no cell with a value."""

    code = "sheet_empty"


class SheetWithoutRows(SheetError):
    """The file has headings and no row below them."""

    code = "sheet_without_rows"


class SheetNotFound(SheetError):
    """The workbook has no sheet of this name."""

    code = "sheet_not_found"


class SheetLocked(SheetError):
    """The file is encrypted with a password."""

    code = "sheet_locked"


class SheetDamaged(SheetError):
    """The file is a workbook, and its parts cannot be read."""

    code = "sheet_damaged"


class SheetEncodingUnknown(SheetError):
    """The text of the file is neither UTF-8, UTF-16 nor CP949."""

    code = "sheet_encoding_unknown"


class SheetFileTooLarge(SheetError):
    """The file has more megabytes than are read."""

    code = "sheet_file_too_large"


class SheetUnpacksTooLarge(SheetError):
    """The parts of the workbook unpack to more megabytes than are read, as those of a zip bomb do."""

    code = "sheet_unpacks_too_large"


class SheetTooLong(SheetError):
    """The sheet has more rows than a batch takes."""

    code = "sheet_too_long"


class SheetTooWide(SheetError):
    """The sheet has more columns than are read."""

    code = "sheet_too_wide"


class CellTooLong(SheetError):
    """A cell has more characters than any spreadsheet program allows."""

    code = "cell_too_long"


class SheetTooHard(SheetError):
    """Reading the file took more memory or time than it may."""

    code = "sheet_too_hard"


class DraftNotFound(SheetError):
    """The tenant has no uploaded sheet with this id, or it was started or discarded."""

    code = "draft_not_found"
    status = 404
