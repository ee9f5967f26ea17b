"""The frames of a raw video, one after the other: .avi, .mov and .mp4 by OpenCV, TIFF stacks by tifffile."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from exotrial.core.errors import ErrorCode, Place, Refusal
from exotrial.core.provenance import SourceFile

NOT_A_VIDEO = ErrorCode(
    "VID-003",
    "The file is no video that is read.",
    "give an .avi, .mov or .mp4 file or a TIFF stack, as the instrument's software saves it.",
)
BROKEN_VIDEO = ErrorCode(
    "VID-004",
    "The video cannot be read to its end.",
    "copy the file again from the instrument; a cut-off video is not sized.",
)

CONTAINERS = (b"RIFF", b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
TIFFS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


@dataclass(frozen=True, kw_only=True, eq=False)
class Frames:
    """A video that was opened: iterating gives each frame as float32 (height, width), colours turned to luma.

    `count` is what the file announces, None where it does not; `frame_time_s` likewise, to be compared and not used.
    """

    source: SourceFile
    count: int | None
    frame_time_s: float | None
    read: Callable[[], Iterator[NDArray[np.float32]]] = field(repr=False)

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        return self.read()


def open_frames(path: Path) -> Frames:
    """Open a video by what its first bytes say (VID-003); a frame that cannot be read refuses later (VID-004)."""
    with path.open("rb") as file:
        head = file.read(12)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    source = SourceFile(path.name, digest, path.stat().st_size)
    if head[:4] in TIFFS:
        return _open_tiff(path, source)
    if head[:4] == b"RIFF" or head[4:8] in CONTAINERS:
        return _open_film(path, source)
    raise NOT_A_VIDEO.refuse(
        "its first bytes are of no video", place=Place(file=source.name), value=head[:4].hex()
    )


def frames_of(stack: NDArray[np.generic], *, name: str) -> Frames:
    """Frames that are in memory already, (frames, height, width)."""
    data = np.ascontiguousarray(stack)
    source = SourceFile(name, hashlib.sha256(data.tobytes()).hexdigest(), data.nbytes)
    return Frames(
        source=source,
        count=len(stack),
        frame_time_s=None,
        read=lambda: (frame.astype(np.float32) for frame in stack),
    )


def _broken(source: SourceFile, problem: str) -> Refusal:
    return BROKEN_VIDEO.refuse(problem, place=Place(file=source.name))


def _check_chain(path: Path, source: SourceFile) -> None:
    """Follow the chain of directories to its end (VID-004): tifffile takes a broken chain for a shorter stack."""
    with path.open("rb") as file:
        head = file.read(16)
        order = "<" if head[:2] == b"II" else ">"
        big = head[2:4] in (b"+\x00", b"\x00+")
        count_as, entry, next_as = (f"{order}Q", 20, f"{order}Q") if big else (f"{order}H", 12, f"{order}I")
        start = 8 if big else 4
        seen: set[int] = set()
        try:
            (offset,) = struct.unpack_from(next_as, head, start)
            while offset:
                if offset in seen:
                    raise _broken(source, "the TIFF's chain of frames runs in a circle")
                seen.add(offset)
                file.seek(offset)
                (entries,) = struct.unpack(count_as, file.read(struct.calcsize(count_as)))
                file.seek(entries * entry, 1)
                (offset,) = struct.unpack(next_as, file.read(struct.calcsize(next_as)))
        except struct.error as error:
            raise _broken(source, f"the TIFF ends within its chain of frames, after {len(seen)}") from error


def _open_tiff(path: Path, source: SourceFile) -> Frames:
    import tifffile

    _check_chain(path, source)
    try:
        with tifffile.TiffFile(path) as tiff:
            series = tiff.series
            shape = series[0].shape if len(series) == 1 else ()
            pages = len(series[0].pages) if shape else 0
    except (
        tifffile.TiffFileError,
        ValueError,
        OSError,
        IndexError,
        KeyError,
        TypeError,
        struct.error,
    ) as error:
        raise _broken(source, f"the TIFF's directory cannot be read ({type(error).__name__})") from error
    if len(shape) != 3 or shape[0] < 2 or shape[2] <= 4:
        raise NOT_A_VIDEO.refuse(
            f"the TIFF holds {shape or f'{len(series)} series'}, not one stack of grey frames",
            place=Place(file=source.name),
            value=shape,
        )

    def read() -> Iterator[NDArray[np.float32]]:
        try:
            with tifffile.TiffFile(path) as tiff:
                if pages == shape[0]:
                    for page in tiff.series[0].pages:
                        if page is None:
                            raise _broken(source, "a frame of the stack is not there")
                        yield np.asarray(page.asarray(), dtype=np.float32)
                else:
                    yield from np.asarray(tiff.series[0].asarray(), dtype=np.float32)
        except (
            tifffile.TiffFileError,
            ValueError,
            OSError,
            IndexError,
            KeyError,
            TypeError,
            struct.error,
        ) as error:
            raise _broken(source, f"a frame cannot be read ({type(error).__name__})") from error

    return Frames(source=source, count=shape[0], frame_time_s=None, read=read)


def _open_film(path: Path, source: SourceFile) -> Frames:
    import cv2

    film = cv2.VideoCapture(str(path))
    if not film.isOpened():
        raise _broken(source, "the container or its codec cannot be opened")
    announced, rate = film.get(cv2.CAP_PROP_FRAME_COUNT), film.get(cv2.CAP_PROP_FPS)
    film.release()

    def read() -> Iterator[NDArray[np.float32]]:
        opened, seen = cv2.VideoCapture(str(path)), 0
        try:
            while True:
                there, picture = opened.read()
                if not there:
                    break
                seen += 1
                grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
                yield np.asarray(grey, dtype=np.float32)
        finally:
            opened.release()
        if announced > 0 and seen < announced:
            raise _broken(source, f"it announces {announced:.0f} frames and gives {seen}")

    return Frames(
        source=source,
        count=int(announced) if announced > 0 else None,
        frame_time_s=1 / rate if rate > 0 else None,
        read=read,
    )
