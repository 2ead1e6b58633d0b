"""Archive: files in, a ZIP out in pieces, so that no more than one file is ever in memory."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

File = tuple[str, datetime, bytes]


class _Outlet(BytesIO):
    """What a ZIP is written to: knows how much has gone out, so that places in it stay right."""

    gone = 0

    def tell(self) -> int:
        return self.gone + super().tell()

    def seek(self, place: int, whence: int = 0) -> int:
        return self.gone + super().seek(place - self.gone if whence == 0 else place, whence)

    def take(self) -> bytes:
        """All there is since the last time."""
        piece = self.getvalue()
        self.gone += len(piece)
        super().seek(0)
        self.truncate()
        return piece


def zipped(files: Iterable[File]) -> Iterator[bytes]:
    """A ZIP of these files, each under a name of its own; a PDF is packed already, so none is packed again."""
    outlet, names = _Outlet(), set[str]()
    with ZipFile(outlet, "w", ZIP_STORED) as archive:
        for name, at, content in files:
            info = ZipInfo(_unique(name, names), at.timetuple()[:6])
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
            yield outlet.take()
    yield outlet.take()


def _unique(name: str, names: set[str]) -> str:
    """A name that was not given yet: the second report.pdf is report-2.pdf."""
    stem, dot, ending = name.rpartition(".")
    number, given = 1, name
    while given in names:
        number += 1
        given = f"{stem}-{number}{dot}{ending}"
    names.add(given)
    return given
