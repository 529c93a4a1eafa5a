"""How much of one mail is read: the bounds of the parser, with reasons. What is past them stands in the raw mail."""

from __future__ import annotations

MAX_MAIL = 50 * 1024 * 1024  # bytes: the largest that the big providers take in is 50 MB; past it, headers alone (E3)
MAX_HEAD = (
    4 * 1024 * 1024
)  # bytes of one mail's headers: a hundred thousand lines; servers refuse more than some 100 kB
MAX_PART_HEAD = 64 * 1024  # bytes of the headers of one part
MAX_VALUE = 256 * 1024  # bytes of one header: some four thousand addresses or references
MAX_LEVELS = 1_500  # parts in parts: no program makes twenty, and a thousand is what a hostile mail is tried with (E4)
MAX_PARTS = 4_000
MAX_SCAN = 4 * 1024 * 1024 * 1024  # bytes looked through for boundaries, every level together: eighty levels of 50 MB
MAX_MARKS = 200_000  # lines that begin like a boundary, every level together
MAX_TEXT = 500_000  # characters that are shown: a page of 80,000 words; a long thread of mails is a tenth of it
MAX_SPLIT_LINE = 10_000  # characters of a line that patterns for quotes may see: they may take its square
MAX_SPLIT_TEXT = 200_000  # characters, for the same reason
MAX_HTML = (
    1024 * 1024
)  # characters of HTML that are made text, all parts together; pictures written into it not counted
MAX_HTML_DEPTH = 200  # tags in tags that are told apart: a mail of tables in tables has forty
MAX_UU_LINES = 1_200_000  # lines of one uuencoded file, each of 45 bytes: 50 MB
MAX_WINMAIL = 50_000  # properties in one winmail.dat
MAX_NESTED_LEVELS = 3  # mails in mails whose files are taken out; the rest is in the file of the first
MAX_ADDRESSES = 1_000
MAX_REFERENCES = 200
MAX_SUBJECT = 1_000  # characters; RFC 5322 knows lines of 998
MAX_NAME = 200
