"""Who asks in more than one story: the professionals of Westmarch. All are made up."""

from __future__ import annotations

from demonstration.answers import Professional

RAHMAN = Professional(
    "Samina Rahman", "Designated safeguarding lead", "Brookfield Primary School", "school",
    "s.rahman@brookfield.example", "01632 960355", "until 5pm",
)  # fmt: skip
COLE = Professional(
    "Ade Cole", "School nurse", "Teasel Vale Clinic", "school_nurse", "a.cole@teasel-vale-clinic.example",
    "01632 960361", "mornings",
)  # fmt: skip
IVES = Professional(
    "Marian Ives", "Health visitor", "Teasel Vale Clinic", "health_visitor", "m.ives@teasel-vale-clinic.example",
    "01632 960362",
)  # fmt: skip
FENWICK = Professional(
    "Dr Judith Fenwick", "GP", "St Hilda’s Surgery", "gp", "j.fenwick@st-hildas-surgery.example", "01632 960371",
    "12:30 to 2pm",
)  # fmt: skip
ADEYEMI = Professional(
    "Bisi Adeyemi", "Community midwife", "Saltby Hospital, maternity", "midwife",
    "b.adeyemi@maternity.saltby-hospital.example", "07700 900211",
)  # fmt: skip
MORROW = Professional(
    "Dr Sean Morrow", "Emergency registrar", "Saltby Hospital, emergency department", "emergency",
    "s.morrow@emergency.saltby-hospital.example", "01632 960380",
)  # fmt: skip
QUILL = Professional(
    "PC Laura Quill", "Missing persons officer", "Westmarch Police", "police", "l.quill@westmarch-police.example",
    "01632 960391", "07:00 to 15:00 this week",
)  # fmt: skip
BYRNE = Professional(
    "DS Colm Byrne", "Child protection unit", "Westmarch Police", "police", "c.byrne@westmarch-police.example",
    "01632 960392",
)  # fmt: skip
HOLT = Professional(
    "Danielle Holt", "Head of year 8", "Larkfield Academy", "school", "d.holt@larkfield.example", "01632 960345",
)  # fmt: skip
OFFICE = Professional(
    "Peter Lomas", "Attendance officer", "Larkfield Academy", "school", "attendance@larkfield.example", "01632 960346",
)  # fmt: skip
STOKES = Professional(
    "Beth Stokes", "Nursery manager", "Harbour Street Nursery", "nursery", "b.stokes@harbour-street.example",
    "01632 960333",
)  # fmt: skip
LINDQVIST = Professional(
    "Karin Lindqvist", "Youth worker", "Saltby Youth Trust", "charity", "k.lindqvist@saltby-youth.example",
    "07700 900244",
)  # fmt: skip
PATEL = Professional(
    "Nisha Patel", "Pastoral lead", "St Hilda’s Primary School", "school", "n.patel@st-hildas-primary.example",
    "01632 960322",
)  # fmt: skip
WREN = Professional(
    "Dr Oliver Wren", "Clinical psychologist", "Aldermoor Mental Health Service", "camhs",
    "o.wren@aldermoor-mhs.example", "01632 960377",
)  # fmt: skip
GRANT = Professional(
    "Moira Grant", "Tenancy support officer", "Westmarch Homes", "housing", "m.grant@westmarch-homes.example",
    "01632 960315",
)  # fmt: skip
MARSH = Professional(
    "Jenny Marsh", "Volunteer coordinator", "Marsh Lane Food Bank", "charity", "jmarsh@mailbox.example",
    "07700 900188",
)  # fmt: skip
