"""The files of a mail: what is with it, unpacked, under a name that can be shown."""

from __future__ import annotations

from infrastructure.files.names import clean_name
from service_request.domain.mail.charsets import decode, tidy
from service_request.domain.mail.limits import MAX_PARTS
from service_request.domain.mail.transfer import UuFile, uu_files
from service_request.domain.mail.types import Attachment
from service_request.domain.mail.winmail import Winmail

_ENDINGS = {
    "application/msword": "doc",
    "application/pdf": "pdf",
    "application/pgp-encrypted": "asc",
    "application/pgp-signature": "asc",
    "application/pkcs7-mime": "p7m",
    "application/pkcs7-signature": "p7s",
    "application/rtf": "rtf",
    "application/vnd.ms-outlook": "msg",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/zip": "zip",
    "audio/mpeg": "mp3",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    "image/webp": "webp",
    "message/rfc822": "eml",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/html": "html",
    "text/plain": "txt",
    "text/vcard": "vcf",
    "video/mp4": "mp4",
}
_LONGEST_NAME = 1_000
_CALENDAR_SAYS = ("SUMMARY", "DTSTART", "LOCATION", "DESCRIPTION")


def attachment(name: str, content_type: str, content: bytes, *, number: int, call: str = "attachment") -> Attachment:
    """Return a file under a clean name: its own, or one made of its type and its place."""
    ending = _ENDINGS.get(content_type, "")
    made = f"{call}-{number}" + (f".{ending}" if ending else "")
    return Attachment(clean_name(name[:_LONGEST_NAME]) if name.strip() else made, content_type, content)


def taken_from_text(content: bytes) -> tuple[bytes, list[UuFile]]:
    """Take the uuencoded files out of a text; the text is what stands around them."""
    if b"begin" not in content:
        return content, []
    files = uu_files(content, most=MAX_PARTS)
    pieces, at = list[bytes](), 0
    for file in files:
        pieces.append(content[at : file.start])
        at = file.end
    return b"".join([*pieces, content[at:]]), files


def files_of_winmail(winmail: Winmail, *, number: int) -> list[Attachment]:
    """Return the files that stood in a winmail.dat."""
    return [
        attachment(file.name, file.content_type.lower() or "application/octet-stream", file.content, number=number + at)
        for at, file in enumerate(winmail.files)
    ]


def said_by_calendar(content: bytes, charset: str) -> str:
    """Return what an invitation says of itself: what, when, where."""
    lines = tidy(decode(content[:100_000], charset)[0]).replace("\n ", "").replace("\n\t", "").split("\n")
    said = list[str]()
    is_event = False
    for line in lines:
        name, _, value = line.partition(":")
        is_event = {"BEGIN:VEVENT": True, "END:VEVENT": False}.get(line.strip().upper(), is_event)
        if is_event and name.split(";")[0].upper() in _CALENDAR_SAYS and value.strip():
            said.append(value.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";").strip())
    return "\n".join(said)
