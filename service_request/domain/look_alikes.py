"""Letters of other scripts that look like Latin ones: a name must not leave, or pass, in borrowed letters (T20)."""

from __future__ import annotations

import unicodedata

# Each line: what is seen, and what draws it elsewhere: Cyrillic, Greek, Armenian, Cherokee, Lisu, phonetic letters. A
# letter that is drawn alike in one case alone stands in that case alone.
_SEEN = """
a аαɑᴀ
b Ьᖯᏼ
c сϲᴄ
d ԁɗᏧ
e еєҽᴇ
f ϝք
g ɡցɢ
h һհʜ
i іɩιɪ
j јϳյᴊ
k кκᴋ
l ӏⅼʟ
m мᴍ
n пηոɴ
o оοօσ໐ᴏ
p рρᴘ
q ԛզ
r гʀ
s ѕςꜱ
t тτᴛ
u υսᴜ
v νѵᴠ
w ԝωѡᴡ
x хχ
y уүγʏ
z ᴢ
A АΑᎪ
B ВΒᏴ
C СϹᏟ
D Ꭰ
E ЕΕᎬ
F Ϝ
G Ԍ
H НΗᎻ
I ІΙӀ
J ЈͿᎫ
K КΚᏦ
L Լ
M МΜᎷ
N Ν
O ОΟՕ
P РΡᏢ
Q Ԛ
R Ꭱ
S ЅՏᏚ
T ТΤᎢ
U Ս
V ѴᏙ
W ԜᎳ
X ХΧ
Y ҮΥУ
Z ΖᏃ
"""
_DRAWN = str.maketrans(
    {other: seen for seen, others in (line.split() for line in _SEEN.split("\n") if line) for other in others}
)
_KNOWN = frozenset(map(chr, _DRAWN))


def drawn(text: str) -> str:
    """Return the text in the Latin letters that a reader sees; one that has no such letter comes back as it is."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    return apart.translate(_DRAWN) if not _KNOWN.isdisjoint(apart) else text
