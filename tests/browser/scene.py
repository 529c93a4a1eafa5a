"""A county on one of its busier days: something at every stage, behind an address that a page can be opened at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update

from helpdesk.domain.assignments import HandBackReason
from helpdesk.domain.investigations import InvestigationReason
from helpdesk.domain.mailing import MailWay
from helpdesk.domain.sight_reasons import Emergency, Giving, Restricting
from helpdesk.models import About, Investigation
from helpdesk.services import assignments, folding, investigations, restricting, triage
from helpdesk.services.break_glass import break_glass
from helpdesk.services.handing_over import hand_over
from helpdesk.services.held_back import held
from helpdesk.services.mailing import write
from infrastructure.database import Wall, transaction, utc_now
from infrastructure.files.arriving import Arrived, Refusal, RefusedFile, arrive_from_bytes
from infrastructure.files.stores import store_of
from infrastructure.identity.links import make_link, open_for_holder
from infrastructure.identity.models import LinkPurpose, SecretLink, UserAccount, WebSession
from infrastructure.identity.signing_in import hash_password, start_session
from infrastructure.outbox import Letter, MessageState, OutboxMessage, owe
from service_request.domain.states import RequestState
from service_request.models import (
    Clock,
    File,
    FileState,
    FileWhy,
    LinkKind,
    Outcome,
    RequestLink,
    ServiceRequest,
    SightBar,
    Subject,
    Task,
    TaskKind,
)
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.rules import ContactReason, SetAsideReason
from service_request.services.drafts import start_draft
from service_request.services.files import adding
from service_request.services.log_call import log_call
from service_request.services.proving import ask_code
from service_request.services.send_form import answers_digest, send_form
from service_request.services.sight.viewing import Part
from service_request.services.tasks import need_task
from tests.answers import FULL_FORM, Answers, child_pages, typed
from tests.browser.asked_in_the_scene import ask_back
from tests.browser.enquiries_inside import make_enquiries_inside
from tests.browser.mails_in_the_scene import make_mails
from tests.browser.mine_in_the_scene import make_mine
from tests.browser.scene_of_sendiass import make_asked_of_sendiass
from tests.browser.talks_inside import make_talks_inside
from tests.browser.westmarch import Inside, Westmarch, westmarch
from tests.enquiring import make_held
from tests.factories import CALLUM, RYAN, Child, accept, keep
from tests.helpdesk.web.signing_in import PASSWORD, SECRET
from tests.made_files import PDF, docx, heic, jpeg

TEACHER = "s.rahman@brookfield.example"
GAPS: Answers = {key: page for key, page in FULL_FORM.items() if key not in ("risks", "adult.1", "child.2.views")}
UNBORN: Answers = {
    **{key: page for key, page in FULL_FORM.items() if not key.startswith("child.2")},
    "child.2.who": typed(birth="unborn", young_mother="yes_worried"),
    "adult.2": typed(name="Craig Hartley", relationship="father"),
}
WITHOUT_NAMES: Answers = {
    "told": typed(told="in_principle"),
    "safety": typed(urgency="routine", already="no"),
    "child.1.band": typed(age_band="5_9"),
    "concerns": typed(narrative="Callum Hartley comes in without lunch. Ring his mother on 07700 900312."),
    "tried": typed(tried="We spoke to Mrs Hartley at 18 Tanners Row, WM4 2QT."),
    "you": FULL_FORM["you"],
}
ALONE: Answers = {key: page for key, page in FULL_FORM.items() if not key.startswith("child.")}
UNKNOWN = {**FULL_FORM["you"], "agency": ["Northgate Dance School"], "email": ["jo.pike@northgate.example"]}
OTHERS: Answers = {
    **ALONE,
    **child_pages(1, "Nerys Vaughan", (1, 9, 2015)),
    **child_pages(2, "Gwen Vaughan", (2, 5, 2018)),
}
DANGER: Answers = {**FULL_FORM, "safety": typed(urgency="danger", already="no")}
FAMILY: Answers = {
    "safety": typed(urgency="urgent"),
    "concerns": typed(narrative="My son does not sleep, and neither do I."),
    "child.1.brief": typed(name="Eli", birth_on=(4, 6, 2019)),
    "home": typed(postcode="WM4 2QT"),
    "you": typed(name="Marta Lewin", relationship="parent"),
    "reach": typed(email="marta@homes.example", safe="yes"),
}
UNWRITTEN: Answers = {
    **FAMILY,
    "child.1.brief": typed(name="Ana", birth_on=(19, 12, 2014)),
    "reach": typed(phone="07700 900417", safe="yes"),
}
CALL = typed(
    urgency="routine",
    caller_name="Ade Cole",
    caller="school_nurse",
    agency="Teasel Vale Clinic",
    phone="01632 960311",
    email="a.cole@teasel-vale-clinic.example",
    narrative="A girl has missed three appointments.",
    child_name="Isla Penrose",
    birth_on=(1, 9, 2024),
    told="not_established",
)
FAMILY_CALL = typed(
    urgency="routine",
    caller_name="Siobhan Ferris",
    caller="parent",
    phone="07700 900534",
    email="siobhan.ferris@mailbox.example",
    safe="yes",
    narrative="The plan names a school an hour away, and I want to appeal.",
    child_name="Rory Ferris",
    birth_on=(8, 6, 2015),
    told="yes",
)
LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh of Upper Teasel and Lower Saltby"


@dataclass
class Scene:
    """What the addresses of pages are filled in with, and the cookies of those who open them."""

    ids: dict[str, Any] = field(default_factory=dict)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def address(self, template: str) -> str:
        """Return an address with its ids and tokens: "/request/{full}/check"."""
        return template.format_map(self.ids)


class Making:
    """Makes the scene in an open county."""

    def __init__(self, county: Westmarch) -> None:
        self.county, self.session, self.house = county, county.session, county.house
        self.now = utc_now()
        self.ids: dict[str, Any] = {}
        self.device = self.draft({}, name="empty").device

    def draft(self, answers: Answers, kind: FormKind = FormKind.FULL, *, name: str) -> Any:
        """Begin a draft on the device of the one who looks."""
        device = getattr(self, "device", None)
        draft = start_draft(self.session, kind=kind, device=device, answers=answers, now=self.now, house=self.house)
        self.ids[name] = draft.id
        return draft

    def send(self, answers: Answers, kind: FormKind = FormKind.FULL, *, name: str, hours: float = 0) -> UUID:
        """Send a form as it is, so many hours ago; its receipt is `name`, its request the same with `_request`."""
        draft = self.draft(answers, kind, name=name)
        receipt = send_form(
            self.session,
            draft_id=draft.id,
            device=self.device,
            digest=answers_digest(answers),
            now=self.now - timedelta(hours=hours),
            house=self.house,
        )
        self.ids[f"{name}_request"] = receipt.request_id
        return receipt.request_id

    def link(self, purpose: LinkPurpose, about: tuple[str, UUID], name: str) -> str:
        """Make a live link."""
        with transaction(self.session):
            made = make_link(
                self.session, purpose, about=about, address=TEACHER, now=self.now, days=2, wall=Wall.OPEN
            ).token
        self.ids[name] = made
        return made

    def proven_browser(self, token: str) -> str:
        """Return the cookie of a browser that typed the code of a link."""
        with transaction(self.session):
            row = self.session.scalars(select(SecretLink).where(SecretLink.token == token)).one()
            return open_for_holder(self.session, row, settings=self.house.settings, now=self.now)

    def by(self, who: str) -> dict[str, Any]:
        return {"by": self.county.staff[who], "now": self.now, "house": self.house}

    def work(self) -> None:
        """Let the worker do what is due: look for earlier children, carry mails, make forms."""
        self.session.rollback()
        self.county.app.extensions["worker"].run_all_due()


def make_scene(inside: Inside) -> Scene:
    """Fill Westmarch with one of everything."""
    with westmarch(inside) as county:
        making = Making(county)
        _drafts(making)
        _requests(making)
        _files(making)
        making.work()
        _after_triage(making)
        making.work()
        _who_sees(making)
        _investigations(making)
        _outcomes(making)
        making.ids |= make_mails(making)
        make_mine(making)
        cookies = _cookies(making)
        making.session.rollback()
        return Scene(making.ids, cookies)


def _drafts(m: Making) -> None:
    m.draft(GAPS, name="gaps")
    m.draft(GAPS, name="spoilt")
    m.draft(GAPS, name="untold")
    m.draft(UNBORN, name="unborn")
    m.draft(FULL_FORM, name="to_send")
    m.draft(FULL_FORM, name="sent_meanwhile")
    m.draft({**FULL_FORM, "told": typed(told="not_yet")}, name="not_yet")
    m.draft(DANGER, name="danger")
    m.draft(WITHOUT_NAMES, FormKind.IN_PRINCIPLE, name="without_names")
    for kind, name in (
        (FormKind.PUBLIC_FAMILY, "family"),
        (FormKind.PUBLIC_CHILD, "young"),
        (FormKind.PUBLIC_WORRIED, "worried"),
    ):
        m.draft({}, kind, name=name)
    m.draft(FAMILY, FormKind.PUBLIC_FAMILY, name="family_full")
    asked = m.draft(FULL_FORM, name="asked")
    ask_code(m.session, asked.id, device=m.device, email=TEACHER, now=m.now, house=m.house)
    m.draft({}, name="to_delete")


STATES = [
    ("IMG_2041.jpg", FileState.CLEAN, None),
    ("Being looked at.pdf", FileState.PENDING, None),
    (f"{LONG}.pdf", FileState.CLEAN, None),
    ("Invoice.docx", FileState.WITHHELD, FileWhy.MALWARE),
    ("Plan.docx", FileState.WITHHELD, FileWhy.MACROS),
    ("Locked.pdf", FileState.CANNOT_SCAN, FileWhy.PASSWORD),
    ("Lost.pdf", FileState.MISSING, None),
    ("IMG_2042.heic", FileState.CLEAN, FileWhy.PLACE_KEPT),
]


def _files(m: Making) -> None:
    """Put a file of every state into a draft and a request, and as many as there is room for into another draft."""
    for name, count in (("with_files", 3), ("full_of_files", 10)):
        draft = m.draft(GAPS, name=name)
        for n in range(count):
            sender = adding.Sender(m.device, "127.0.0.1")
            arrived = _arrived(m, f"Letter {n + 1}.pdf", PDF + bytes([n + 32]))
            adding.add_to_draft(m.session, draft.id, arrived=arrived, sender=sender, now=m.now, house=m.house)
        if name == "with_files":
            for lost in (f"{LONG} by the window.jpg", "IMG_2040.jpg"):
                refused = RefusedFile(lost, Refusal.CUT_OFF)
                adding.note_refused(m.session, draft.id, refused=refused, device=m.device, now=m.now, house=m.house)
    for n, (name, state, why) in enumerate(STATES):
        arrived = _arrived(m, name, CONTENT[name.rpartition(".")[2]] + b" " * n)
        added = adding.add_to_request(
            m.session, m.ids["mine"], arrived=arrived, note=LONG if n == 2 else "A letter that came by post",
            **m.by("grace"),
        )  # fmt: skip
        with transaction(m.session):
            row = m.session.get_one(File, added)
            row.state, row.why, row.check_at = state, why, None
            if state in (FileState.WITHHELD, FileState.CANNOT_SCAN):
                adding.tell_desk(m.session, row, now=m.now)
        m.ids.setdefault("file", added)
        m.ids["withheld_file" if state is FileState.WITHHELD else "file_" + str(n)] = added


def _arrived(m: Making, name: str, content: bytes) -> Arrived:
    arrived = arrive_from_bytes(name, content, store_of(m.house.settings), Wall.OPEN, longest=1_000_000)
    assert isinstance(arrived, Arrived), arrived
    return arrived


CONTENT = {"jpg": jpeg(), "pdf": PDF, "docx": docx(), "heic": heic()}


def _requests(m: Making) -> None:
    county, now = m.county, m.now
    county.closed_referral([CALLUM], accepted=now - timedelta(days=200), closed=now - timedelta(days=90))
    m.send(FULL_FORM, name="received", hours=1)
    m.send(DANGER, name="dangerous", hours=0.2)
    m.send(WITHOUT_NAMES, FormKind.IN_PRINCIPLE, name="discussion", hours=2)
    m.send(FAMILY, FormKind.PUBLIC_FAMILY, name="family_sent", hours=3)
    m.send(UNWRITTEN, FormKind.PUBLIC_FAMILY, name="to_ring", hours=3)
    m.send(OTHERS, name="whole", hours=4)
    m.send({**ALONE, "you": UNKNOWN, **child_pages(1, LONG, (9, 8, 2012))}, name="unproven", hours=5)
    call = log_call(m.session, call_id=uuid4(), typed=CALL, by=county.staff["grace"], now=now, house=m.house)
    m.ids["call"] = call.request_id
    ids = m.ids
    for name in ("to_hand_over", "enquiry"):
        by = {"by": county.staff["grace"], "now": now, "house": m.house}
        ids[name] = log_call(m.session, call_id=uuid4(), typed=FAMILY_CALL, **by).request_id
    hand_over(m.session, request_id=ids["enquiry"], **m.by("grace"))
    ids |= make_enquiries_inside(m)
    ids |= make_talks_inside(m)
    ids |= make_asked_of_sendiass(m.session, m.house, now=now)
    ids["late"] = county.request(children=[Child("Amelia Okoro", date(2022, 1, 5))], received_at=_ago(m, 25)).id
    ids["late_clock"] = m.session.scalars(select(Clock.id).where(Clock.request_id == ids["late"])).one()
    ids["soon"] = county.request(children=[Child("Zak Noor", date(2019, 3, 8))], received_at=_ago(m, 23)).id
    ids["junk"] = county.request(children=[], told="not_established").id
    ids["mine"] = county.request(children=[Child("Leon Marsh", date(2011, 4, 2)), RYAN], extra_code=None).id
    ids["waiting"] = county.waiting(children=[Child("Maisie Dunn", date(2013, 6, 1)), Child(None)]).id
    ids["held"] = _held_back(m, ids["waiting"])
    ids["held_text"] = make_held(m.session, wall=Wall.OPEN)
    triage.claim(m.session, request_id=ids["mine"], **m.by("grace"))
    for words in ("Rang the school nurse.", f"{LONG}. " * 6):
        triage.add_note(m.session, request_id=ids["mine"], words=words, **m.by("grace"))
    triage.log_contact_attempt(m.session, request_id=ids["mine"], reached=False, words="No answer.", **m.by("grace"))
    triage.set_aside(m.session, request_id=ids["junk"], reason=SetAsideReason.JUNK, **m.by("grace"))
    _belonging_together(m)
    ids |= ask_back(m)


def _belonging_together(m: Making) -> None:
    """Make two requests about one child, two more that are folded, and one that came after another had ended."""
    county, ids = m.county, m.ids
    child, nurse = Child("Tegan Frost", date(2016, 5, 9)), {"name": LONG, "email": "nurse@brookfield.example"}
    for name, other in (("twin", "twin_of"), ("folded", "folded_into")):
        ids[other] = county.waiting(children=[child]).id
        ids[name] = county.request(
            children=[child], received_at=_ago(m, 30 if name == "twin" else 2), referrer=nurse
        ).id
        ids[f"{other}_reference"] = m.session.get_one(ServiceRequest, ids[other]).reference
    subjects = {row.request_id: row.id for row in m.session.scalars(select(Subject))}
    same = {subjects[ids["folded"]]: subjects[ids["folded_into"]]}
    m.session.rollback()
    why = "The nurse rang, and the teacher wrote."
    folding.fold(m.session, request_id=ids["folded"], into_id=ids["folded_into"], same=same, why=why, **m.by("grace"))
    ids["ended"] = county.request(state=RequestState.CLOSED).id
    ids["came_late"] = county.request(children=[], told="not_established").id
    with transaction(m.session):
        link = RequestLink(
            wall=Wall.OPEN, from_id=ids["came_late"], to_id=ids["ended"], kind=LinkKind.AFTER_CLOSED, at=m.now
        )
        m.session.add(link)
        need_task(
            m.session, TaskKind.NEW_INFORMATION, cause=f"scene:{ids['ended']}", request_id=ids["ended"], now=m.now
        )


def _held_back(m: Making, request_id: UUID) -> UUID:
    """Return a letter to a team that the outgoing guard held back."""
    said = "Request K7RM-4TXC is sent to your team.\n\nMaisie Dunn of 4 Long Lane is known to you since 2023.\n"
    with transaction(m.session):
        letter = Letter("assignment", "Request K7RM-4TXC: sent to your team", said)
        row = owe(
            m.session, letter, to="locality@westmarch.example", cause=uuid4(), about=("request", request_id), now=m.now
        )
        row.state, row.next_at = MessageState.HELD, None
        row.caught = [{"where": "text", "telling": "name", "words": one} for one in ("maisie", "dunn")]
        m.session.flush()
        held(m.session, row, m.now)
        return row.id


def _ago(m: Making, hours: int) -> Any:
    return m.now - timedelta(hours=hours)


def _after_triage(m: Making) -> None:
    """Decide what can be decided, and let teams answer."""
    county, ids = m.county, m.ids
    for name in ("whole", "unproven", "family_sent", "to_ring"):
        triage.pass_to_manager(m.session, request_id=ids[f"{name}_request"], **m.by("grace"))
        county.decide(ids[f"{name}_request"], now=m.now, choose=accept if name == "whole" else keep)
    for name, child in (
        ("sent", Child("Chloe Brandt", date(2015, 2, 3))),
        ("accepted", Child("Osian Pugh", date(2013, 7, 21))),
        ("done", Child("Iris Okafor", date(2018, 11, 9))),
        ("handed_back", Child("Wren Sykes", date(2020, 1, 30))),
    ):
        request, _ = county.decided(children=[child])
        ids[name], ids[f"{name}_in"] = county.assignments(request.id)[0], request.id
        ids[f"{name}_subject"] = county.subjects(request.id)[0]
    own = m.by("tom")
    for name in ("accepted", "done"):
        assignments.acknowledge(m.session, assignment_id=ids[name], **own)
    assignments.finish(m.session, assignment_id=ids["done"], words="Visited twice. Help goes on.", **own)
    reason = HandBackReason.OTHER
    assignments.hand_back(m.session, assignment_id=ids["handed_back"], reason=reason, words="We know them.", **own)
    county.decided(choose=lambda one: keep(one, ContactReason.CRITERIA), children=[Child("Nia Rees", date(2016, 3, 3))])


def _who_sees(m: Making) -> None:
    """Keep a request to few, open one in an emergency, and give one in parts."""
    county, ids = m.county, m.ids
    staff = county.staff
    ids["kept"] = county.waiting(children=[Child("Jonah Reyes", date(2016, 8, 8))]).id
    restricting.restrict(
        m.session,
        request_id=ids["kept"],
        reason=Restricting.COLLEAGUES_FAMILY,
        words="His nephew.",
        keepers=[staff["helen"].id, staff["priya"].id],
        connected=staff["omar"].id,
        by=staff["grace"],
        now=m.now,
    )
    ids["kept_bar"] = m.session.scalars(select(SightBar.id).where(SightBar.request_id == ids["kept"])).one()
    glass = county.waiting(children=[Child("Lena Fisk", date(2014, 5, 5))])
    ids["glass"] = glass.id
    break_glass(
        m.session,
        typed=glass.reference,
        reason=Emergency.DANGER,
        words="The police are on the phone.",
        **m.by("marcus"),
    )
    ids["glass_task"] = m.session.scalars(select(Task.id).where(Task.kind == TaskKind.GLASS_BROKEN)).one()
    ids["given"] = restricting.give_sight(
        m.session,
        request_id=ids["received_request"],
        user_id=staff["tom"].id,
        parts=[Part.IDENTITY, Part.STORY, Part.RISKS, Part.NOTES, Part.DECISION],
        until=m.now + timedelta(days=3),
        reason=Giving.ADVICE,
        words="He knows the street.",
        by=staff["helen"],
        now=m.now,
    )
    m.session.rollback()


def _investigations(m: Making) -> None:
    """Make an export of the trail that can be downloaded, and a large one of somebody else that waits for a second."""
    m.session.rollback()
    ids, staff = m.ids, m.county.staff
    days = {"since": m.now.date(), "until": m.now.date(), "reason": InvestigationReason.COMPLAINT, "now": m.now}
    about = {"about": About.REQUEST, "about_id": ids["whole_request"]}
    ids["investigation"] = investigations.ask(m.session, **about, **days, by=staff["ian"])
    ids["large_investigation"] = investigations.ask(m.session, **about, **days, by=staff["helen"])
    with transaction(m.session):
        m.session.get_one(Investigation, ids["large_investigation"]).rows = 4_812


def _outcomes(m: Making) -> None:
    """Make the links that people come by."""
    ids = m.ids
    for name in ("whole", "unproven", "family_sent"):
        m.link(LinkPurpose.OUTCOME, ("request", ids[f"{name}_request"]), f"{name}_link")
    m.link(LinkPurpose.OUTCOME, ("request", ids["whole_request"]), "unread_link")
    words = "Ring the helpdesk before noon, and ask for Grace. She has read what you wrote, and has one question."
    write(m.session, request_id=ids["whole_request"], to=TEACHER, words=words, way=MailWay.LINK, **m.by("grace"))
    for name in ("message_link", "message_unread"):
        m.link(LinkPurpose.MESSAGE, ("request", ids["whole_request"]), name)
    m.link(LinkPurpose.COMPLETE, ("request", ids["call"]), "completing")
    m.link(LinkPurpose.FIND_DRAFTS, ("draft", ids["gaps"]), "finding")
    m.link(LinkPurpose.MINE, ("address", uuid4()), "mine_link")
    account = m.session.scalars(select(UserAccount.id).where(UserAccount.name == "Omar Reyes")).one()
    m.link(LinkPurpose.INVITATION, ("user", account), "invitation")
    ids |= {f"{who}_id": m.county.staff[who].id for who in ("grace", "neil")}
    ids["owed"] = m.session.scalars(select(Outcome.id).where(Outcome.request_id == ids["to_ring_request"])).one()
    ids["letter"] = m.session.scalars(select(OutboxMessage.id).order_by(OutboxMessage.id.desc()).limit(1)).one()


def _cookies(m: Making) -> dict[str, dict[str, str]]:
    """Return what each browser holds."""
    cookies = {"anyone": {}, "holder": {"device": m.device}}
    for name in ("whole", "unproven", "family_sent"):
        cookies[f"{name} reader"] = {"outcome": m.proven_browser(m.ids[f"{name}_link"])}
    cookies["colleague"] = {"part": m.proven_browser(m.ids["part_link"])}
    cookies["colleague who is done"] = {"part": m.proven_browser(m.ids["part_done_link"])}
    cookies["mailbox reader"] = {"device": m.device, "mine": m.proven_browser(m.ids["mine_link"])}
    for name in ("waits", "half", "answered"):
        cookies[f"asked {name}"] = {"answer": m.proven_browser(m.ids[f"answer_{name}"])}
    cookies["message reader"] = {"message": m.proven_browser(m.ids["message_link"])}
    for who, user in m.county.staff.items():
        token = start_session(m.session, user_id=user.id, settings=m.house.settings, now=m.now)
        cookies[who] = {"staff": token}
    cookies |= {who: {"staff": token} for who, token in _first_steps(m).items()}
    return cookies


def _first_steps(m: Making) -> dict[str, str]:
    """Give Neil an authenticator; return the browsers of two people whose password was right."""
    staff, settings = m.county.staff, m.house.settings
    with transaction(m.session):
        for who in ("neil", "omar"):
            m.session.get_one(UserAccount, staff[who].id).password_hash = hash_password(PASSWORD, settings)
        neil = m.session.get_one(UserAccount, staff["neil"].id)
        neil.totp, neil.totp_since = SECRET, m.now
    begun: dict[str, Any] = {"settings": settings, "now": m.now, "is_pending": True}
    tokens = {
        "who owes a code": start_session(m.session, user_id=staff["neil"].id, **begun),
        "who has no phone": start_session(m.session, user_id=staff["omar"].id, **begun),
    }
    with transaction(m.session):  # the looks take longer than somebody may look for their phone
        longer = update(WebSession).where(WebSession.is_pending).values(ends_at=m.now + timedelta(hours=8))
        m.session.execute(longer)
    return tokens
