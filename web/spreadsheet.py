"""Files for a German Excel: UTF-8 with BOM, semicolons, and no cell that the program would take for a formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(cell: str) -> str:
    """The same text; an apostrophe before it where a spreadsheet would calculate or call with it (CSV injection)."""
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell


def lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The file line by line."""
    writer = csv.writer(_Echo(), delimiter=";", lineterminator="\r\n")
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([safe(cell) for cell in row])


def download(rows: Iterable[Sequence[str]], *, name: str) -> StreamingHttpResponse:
    """The file as an answer; `name` must say nothing about a person."""
    answer = StreamingHttpResponse(lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


class _Echo:
    """What csv.writer needs for a file: it gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line
