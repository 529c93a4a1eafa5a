"""Every page of the product in the states it can be seen in: who opens it, and what they do there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from playwright.sync_api import FilePayload

from tests.browser.scene import LONG
from tests.browser.visiting import Visitor
from tests.helpdesk.web.signing_in import PASSWORD as OWN_PASSWORD

Do = Callable[[Visitor], None]
FEBRUARY = ["31", "2", "2017"]


@dataclass(frozen=True)
class Look:
    """A page in one state. `says` begins its h1; `errors` is how many faults it lists at least."""

    name: str
    who: str
    address: str
    do: Do | None = None
    says: str = ""
    errors: int = 0


def press(button: str, **typed: str | Sequence[str]) -> Do:
    """Type something, or nothing, and press a button."""

    def act(visitor: Visitor) -> None:
        visitor.answer(**typed)
        visitor.press(button)
        visitor.page.wait_for_load_state()

    return act


def lapsed(button: str, **typed: str | Sequence[str]) -> Do:
    """Press a button of a page that was open for too long."""

    def act(visitor: Visitor) -> None:
        visitor.answer(**typed)
        visitor.context.clear_cookies(name="session")
        visitor.press(button)
        visitor.page.wait_for_load_state()

    return act


def save(**typed: str | Sequence[str]) -> Do:
    """Save a page of a form."""
    return press("Save and continue", **typed)


def choose_files(button: str, **typed: str | Sequence[str]) -> Do:
    """Choose two files that nobody takes, and press a button."""

    def act(visitor: Visitor) -> None:
        visitor.answer(**typed)
        bad = [("Film of the whole school trip to the coast.mov", b"moov"), ("IMG_1.jpg", b"<html>")]
        files: list[FilePayload] = [{"name": name, "mimeType": "", "buffer": content} for name, content in bad]
        visitor.page.locator("#files").set_input_files(files)
        visitor.press(button)
        visitor.page.wait_for_load_state()

    return act


def choose_table(table: str, content: str) -> Do:
    """Choose a table and its file, and try it."""

    def act(visitor: Visitor) -> None:
        visitor.answer(kind=table)
        file: FilePayload = {"name": f"{table}.csv", "mimeType": "text/csv", "buffer": content.encode()}
        visitor.page.locator("#files").set_input_files(file)
        visitor.press("Try the file")
        visitor.page.wait_for_load_state()

    return act


def sign_out_and(button: str, **typed: str | Sequence[str]) -> Do:
    """Press a button of a staff page when the session has run out."""

    def act(visitor: Visitor) -> None:
        kept = [cookie for cookie in visitor.context.cookies() if cookie["name"] == "staff"]
        visitor.context.clear_cookies(name="staff")
        visitor.answer(**typed)
        visitor.press(button)
        visitor.page.wait_for_load_state()
        visitor.context.add_cookies(kept)  # type: ignore[arg-type]

    return act


def full_form_steps(draft: str, keys: str) -> list[Look]:
    """Return a look at each page of a draft, as it was typed."""
    return [Look(f"{draft} {key}", "holder", f"/request/{{{draft}}}/step/{key}") for key in keys.split()]


def wrong(draft: str, faults: Mapping[str, Do]) -> list[Look]:
    """Return a look at each page on which something was typed that cannot be right."""
    return [
        Look(f"{draft} {key} with faults", "holder", f"/request/{{{draft}}}/step/{key}", do, errors=1)
        for key, do in faults.items()
    ]


ANYONE = [
    Look("start", "anyone", "/", says="Ask for help"),
    Look("start, nothing chosen", "anyone", "/", press("Continue"), errors=1),
    Look("start, open too long", "anyone", "/", lapsed("Continue", who="public_worried")),
    Look("names", "anyone", "/names"),
    Look("names, nothing chosen", "anyone", "/names", press("Continue"), errors=1),
    Look("saved, none", "anyone", "/saved"),
    Look("saved, no address", "anyone", "/saved", press("Email me a link"), errors=1),
    Look("link sent", "anyone", "/saved", press("Email me a link", email="nobody@school.example"), says="Check your"),
    Look("link sent, again", "anyone", "/saved/link-sent"),
    Look("found drafts", "anyone", "/saved/{finding}", says="Open your saved"),
    Look("mine, who", "anyone", "/mine", says="Your requests"),
    Look("mine, no address", "anyone", "/mine", press("Email me a link"), errors=1),
    Look("mine, open too long", "anyone", "/mine", lapsed("Email me a link", email="office@school.example")),
    Look(
        "mine, link sent", "anyone", "/mine", press("Email me a link", email="office@school.example"), says="Check your"
    ),
    Look("mine, link sent again", "anyone", "/mine/link-sent"),
    Look("mine, link", "anyone", "/mine/link/{mine_link}", says="Open your requests"),
    Look("mine, code", "anyone", "/mine/link/{mine_link}/code", says="Enter the code"),
    Look("mine, wrong code", "anyone", "/mine/link/{mine_link}/code", press("Continue", code="12"), errors=1),
    Look("mine", "mailbox reader", "/mine", says="Your requests"),
    Look("colleague", "holder", "/request/{shared}/colleague", says="Ask a colleague"),
    Look("colleague, nobody", "holder", "/request/{shared}/colleague", press("Email the link"), errors=1),
    Look("part, link", "anyone", "/part/{part_link}", says="A colleague asks you"),
    Look("part, code", "anyone", "/part/{part_link}/code", says="Enter the code"),
    Look("part", "colleague", "/part/{part_link}", says="Your part of the form"),
    Look("part, a page", "colleague", "/part/{part_link}/step/harm", says="Has something happened"),
    Look("part, done", "colleague who is done", "/part/{part_done_link}", says="Your part is done"),
    Look("mine, one", "mailbox reader", "/mine/{received_request}", says="Request "),
    Look("mine, asked back", "mailbox reader", "/mine/{asked_back_request}", says="Request "),
    Look("mine, outcome", "mailbox reader", "/mine/{whole_request}/outcome"),
    Look("mine, take back", "mailbox reader", "/mine/{received_request}/withdraw", says="Ask us to take it back"),
    Look(
        "mine, take back, nothing",
        "mailbox reader",
        "/mine/{received_request}/withdraw",
        press("Ask to take it back"),
        errors=2,
    ),
    Look("mine, signed out", "anyone", "/mine/{received_request}/withdraw", says="Your requests"),
    Look("mine, change", "mailbox reader", "/mine/{received_request}/amend", says="Change or add"),
    Look("changing", "mailbox reader", "/request/{changing}", says="Change what you sent"),
    Look("changes", "mailbox reader", "/request/{changing}/changes", says="Check your changes"),
    Look("changes, nothing said", "mailbox reader", "/request/{changing}/changes", press("Send changes"), errors=2),
    Look("no changes", "mailbox reader", "/request/{unchanged}/changes", says="Check your changes"),
    Look("changes, sent", "mailbox reader", "/request/{changed}/changes", says="Your changes are sent"),
    Look(
        "request, what changed",
        "grace",
        "/staff/requests/{changed_before_request}/changes",
        says="What the referrer changed",
    ),
    Look("request, asked back", "grace", "/staff/requests/{asked_back_request}/withdrawal", says="The referrer wants"),
    Look(
        "request, asked back, nothing",
        "grace",
        "/staff/requests/{asked_back_request}/withdrawal",
        press("Save"),
        errors=1,
    ),
    Look("request, agency", "grace", "/staff/requests/{unproven_request}/agency", says="Confirm the agency"),
    Look(
        "request, agency, nothing", "grace", "/staff/requests/{unproven_request}/agency", press("Save answer"), errors=2
    ),
    Look("link ended", "anyone", "/outcome/not-a-link", says="This link has ended"),
    Look("other ways", "anyone", "/other-ways"),
    Look("who sees", "anyone", "/who-sees"),
    Look("privacy", "anyone", "/privacy"),
    Look("accessibility", "anyone", "/accessibility"),
    Look("deleted", "anyone", "/deleted"),
    Look("sendiass", "anyone", "/sendiass", says="Advice about special"),
    Look("sendiass confidentiality", "anyone", "/sendiass/confidentiality"),
    Look("sendiass professionals", "anyone", "/sendiass/professionals"),
    Look("sendiass ask", "anyone", "/sendiass/ask", says="Ask "),
    Look("sendiass ask, with faults", "anyone", "/sendiass/ask", press("Send", age="nine", email="me"), errors=2),
    Look("sendiass ask, nothing typed", "anyone", "/sendiass/ask", press("Send"), errors=1),
    Look("sendiass ask, open too long", "anyone", "/sendiass/ask", lapsed("Send", story="He is not in school.")),
    Look("sendiass asked", "anyone", "/sendiass/asked/{receipt}", says="We have your message"),
    Look("sendiass asked, danger", "anyone", "/sendiass/asked/{receipt_danger}", says="We have your message"),
    Look("sendiass asked, not safe", "anyone", "/sendiass/asked/{receipt_unsafe}", says="We have your message"),
    Look("sendiass asked, by a worker", "anyone", "/sendiass/asked/{receipt_worker}", says="Thank you"),
    Look("sendiass asked, ended", "anyone", "/sendiass/asked/not-a-link", says="This page has ended"),
    Look("how it went", "anyone", "/how-it-went/{how_it_went}", says="How did it go?"),
    Look("how it went, nothing chosen", "anyone", "/how-it-went/{how_it_went}", press("Send"), errors=1),
    Look("how it went, said", "anyone", "/how-it-went/{how_it_went_said}", says="Thank you"),
    Look("how it went, declined", "anyone", "/how-it-went/{how_it_went_no}", says="We will not ask"),
    Look("sendiass results", "anyone", "/sendiass/results", says="What people said"),
    Look("sendiass results of a year", "anyone", "/sendiass/results/{year}", says="What people said"),
    Look("nowhere", "anyone", "/nowhere", says="Page not found"),
    Look("a draft of another device", "anyone", "/request/{gaps}", says="We cannot find that draft"),
    Look("complete a call", "anyone", "/complete/{completing}"),
    Look("outcome link", "anyone", "/outcome/{whole_link}", says="The outcome of your request is ready"),
    Look("outcome code", "anyone", "/outcome/{unread_link}", press("Email me a code"), says="Enter the code"),
    Look("outcome code, again", "anyone", "/outcome/{unread_link}/code"),
    Look("outcome code, wrong", "anyone", "/outcome/{unread_link}/code", press("Continue", code="111111"), errors=1),
    Look("outcome code, none", "anyone", "/outcome/{unread_link}/code", press("Continue"), errors=1),
    Look("answer link", "anyone", "/answer/{answer_waits}", says="We need something more from you"),
    Look("answer code", "anyone", "/answer/{answer_unread}", press("Email me a code"), says="Enter the code"),
    Look("answer code, wrong", "anyone", "/answer/{answer_unread}/code", press("Continue", code="111111"), errors=1),
    Look("answer", "asked waits", "/answer/{answer_waits}", says="We need something more from you"),
    Look("answer, begun", "asked half", "/answer/{answer_half}", says="We need something more from you"),
    Look("answer step", "asked waits", "/answer/{answer_waits}/step/child.1.where", says="Where Callum"),
    Look("answer step, told", "asked waits", "/answer/{answer_waits}/step/told", says="Does the family know"),
    Look(
        "answer step, too long",
        "asked waits",
        "/answer/{answer_waits}/step/background",
        save(history="x" * 20001),
        errors=1,
    ),
    Look(
        "answer step, lapsed",
        "asked waits",
        "/answer/{answer_waits}/step/background",
        lapsed("Save and continue", history="June"),
    ),
    Look("answer step, away", "asked waits", "/answer/{answer_unread}/step/background", says="We need something more"),
    Look("answer words", "asked half", "/answer/{answer_half}/step/answer", says="Your answer in your own words"),
    Look("answer files", "asked half", "/answer/{answer_half}/files", says="Add files"),
    Look("answer files, refused", "asked half", "/answer/{answer_half}/files", choose_files("Add files"), errors=1),
    Look("answer check", "asked half", "/answer/{answer_half}/check", says="Check your answer"),
    Look("answer check, wrong", "asked waits", "/answer/{answer_waits}/check", press("Send your answer"), errors=1),
    Look("answer sent", "asked answered", "/answer/{answer_answered}/sent", says="Answer sent"),
    Look("ask the referrer", "grace", "/staff/requests/{received_request}/ask", says="Ask the referrer"),
    Look(
        "ask the referrer, empty",
        "grace",
        "/staff/requests/{call}/ask",
        press("See the message"),
        says="Ask the referrer",
    ),
    Look(
        "ask the referrer, message",
        "grace",
        "/staff/requests/{received_request}/ask",
        press("See the message", words="Which surgery?"),
        says="Check the message",
    ),
    Look("asked of the referrer", "grace", "/staff/requests/{asked_waits}"),
    Look("answered by the referrer", "grace", "/staff/requests/{asked_answered}"),
    Look(
        "give up",
        "grace",
        "/staff/requests/{asked_waits}/asked/{asked_waits_id}/give-up",
        says="Go on without the answer",
    ),
    Look(
        "give up, empty",
        "grace",
        "/staff/requests/{asked_waits}/asked/{asked_waits_id}/give-up",
        press("Give it up"),
        errors=1,
    ),
    Look("message link", "anyone", "/message/{message_link}", says="There is a message for you"),
    Look("message code", "anyone", "/message/{message_unread}", press("Email me a code"), says="Enter the code"),
    Look("message code, wrong", "anyone", "/message/{message_unread}/code", press("Continue", code="111111"), errors=1),
]
READERS = [
    Look("message behind a link", "message reader", "/message/{message_link}", says="A message from us"),
    Look("outcome for a professional", "whole reader", "/outcome/{whole_link}", says="Both children"),
    Look("outcome for one who proved nothing", "unproven reader", "/outcome/{unproven_link}"),
    Look("outcome for a family", "family_sent reader", "/outcome/{family_sent_link}"),
]
HOLDER = [
    Look("saved, several", "holder", "/saved", says="Continue a request you saved"),
    Look("tasks, empty", "holder", "/request/{empty}", says="Your request for service"),
    Look("tasks, with gaps", "holder", "/request/{gaps}"),
    Look("tasks, without names", "holder", "/request/{without_names}"),
    Look("tasks of a family", "holder", "/request/{family}"),
    *full_form_steps(
        "gaps",
        "safety told agrees child.1.who child.1.where child.1.needs child.1.views child.2.where adult.1 household "
        "agencies concerns harm background tried views risks you",
    ),
    *full_form_steps("unborn", "child.2.who child.2.where"),
    *full_form_steps("without_names", "told child.1.band concerns tried you"),
    *full_form_steps("family", "safety concerns child.1.brief home you reach"),
    *full_form_steps("young", "safety concerns child.1.brief reach"),
    *full_form_steps("worried", "safety concerns child.1.brief home you reach"),
    *wrong(
        "spoilt",
        {
            "agrees": save(told_on=["1", "1", "2099"]),
            "child.1.who": save(birth="born", birth_on=FEBRUARY),
            "child.1.where": save(lives="address", address="", postcode="nowhere"),
            "child.1.needs": save(nhs_number="123", upn="x"),
            "adult.1": save(birth_on=["", "", "1980"], phone="12"),
            "concerns": save(narrative=""),
            "harm": save(happened_on=["1", "1", "2099"]),
            "tried": save(assessment="yes", assessment_on=FEBRUARY),
            "you": save(name="", agency="", email="not an address", phone="1"),
        },
    ),
    *wrong("untold", {"told": save(told="risk", risk_reason="")}),  # a draft of its own: this answer leads elsewhere
    *wrong("worried", {"child.1.brief": save(birth_on=FEBRUARY), "reach": save(email="x", phone="1")}),
    Look("a page open too long", "holder", "/request/{gaps}/step/household", lapsed("Save and continue")),
    Look("characters taken out", "holder", "/request/{spoilt}/step/household", save(siblings="A sister\u0007, Ana")),
    Look("danger in words", "holder", "/request/{danger}/danger/safety", says="Is a child in danger now?"),
    Look("not yet", "holder", "/request/{not_yet}/not-yet", says="Tell the family first"),
    Look("children", "holder", "/request/{gaps}/children", says="2 children"),
    Look("adults", "holder", "/request/{unborn}/adults"),
    Look("take a child out", "holder", "/request/{gaps}/remove/child/2", says="Take Ryan"),
    Look("prove", "holder", "/request/{gaps}/email"),
    Look("prove, no address", "holder", "/request/{spoilt}/email", press("Email me a code", email=""), errors=1),
    Look("code", "holder", "/request/{asked}/code", says="Enter the code"),
    Look("code, wrong", "holder", "/request/{asked}/code", press("Continue", code="111111"), errors=1),
    Look("later", "holder", "/request/{gaps}/later"),
    Look("delete", "holder", "/request/{gaps}/delete"),
    Look("delete, done", "holder", "/request/{to_delete}/delete", press("Delete"), says="Draft deleted"),
    Look("files, none", "holder", "/request/{gaps}/files", says="Add files"),
    Look("files, nothing chosen", "holder", "/request/{gaps}/files", press("Add files"), errors=1),
    Look("files, bad ones", "holder", "/request/{gaps}/files", choose_files("Add files"), errors=2),
    Look("files, open too long", "holder", "/request/{gaps}/files", lapsed("Add files"), errors=1),
    Look("files, some", "holder", "/request/{with_files}/files"),
    Look("files, full", "holder", "/request/{full_of_files}/files"),
    Look("tasks, with files", "holder", "/request/{with_files}"),
    Look("check, with files", "holder", "/request/{with_files}/check"),
    Look("check, nothing answered", "holder", "/request/{empty}/check"),
    Look("check, with gaps", "holder", "/request/{gaps}/check", says="Check your answers"),
    Look("check, to correct", "holder", "/request/{spoilt}/check"),
    Look("check, refused", "holder", "/request/{empty}/check", press("Send request"), errors=1),
    Look("check, not yet", "holder", "/request/{not_yet}/check"),
    Look("check, danger", "holder", "/request/{danger}/check"),
    Look("check, open too long", "holder", "/request/{gaps}/check", lapsed("Send request")),
    Look("check of a family", "holder", "/request/{family_full}/check"),
    Look("marked words", "holder", "/request/{without_names}/marked-words"),
    Look("sent", "holder", "/request/{to_send}/check", press("Send request"), says="Request sent"),
    Look("sent, in danger", "holder", "/request/{dangerous}/sent", says="Request sent"),
    Look("sent, without names", "holder", "/request/{discussion}/sent", says="Request sent"),
    Look("sent, of a family", "holder", "/request/{family_sent}/sent", says="Request sent"),
    Look("sent, no way to write", "holder", "/request/{to_ring}/sent", says="Request sent"),
]


def share(visitor: Visitor) -> None:
    """Write a concern for the first of the teams, and share it."""
    visitor.page.locator('[name="team"]').first.check()
    press("Share this concern", urgency="urgent", concern=f"{LONG} is alone.", told="yes", reason="Harm.")(visitor)


PASSWORD = "a fine long phrase"
SIGNING_IN = [
    Look("sign in", "anyone", "/staff/sign-in"),
    Look("sign in, empty", "anyone", "/staff/sign-in", press("Sign in"), errors=1),
    Look("sign in, refused", "anyone", "/staff/sign-in", press("Sign in", email="a@b.example", password="x"), errors=1),
    Look("second step", "who owes a code", "/staff/sign-in/second", says="Enter the code"),
    Look("second step, wrong", "who owes a code", "/staff/sign-in/second", press("Sign in", code="000000"), errors=1),
    Look("second step, to set up", "who has no phone", "/staff/sign-in/second", says="Set up your"),
    Look(
        "second step, wrong first code",
        "who has no phone",
        "/staff/sign-in/second",
        press("Use this app", code="1"),
        errors=1,
    ),
    Look("own sign-in", "neil", "/staff/own-sign-in", says="Your sign-in"),
    Look("own sign-in, without a phone", "omar", "/staff/own-sign-in", says="Your sign-in"),
    Look(
        "own sign-in, wrong password",
        "neil",
        "/staff/own-sign-in",
        press("Make new recovery codes", password="x"),
        errors=1,
    ),
    Look("new password", "neil", "/staff/own-sign-in/password", says="Change your password"),
    Look(
        "new password, too common",
        "neil",
        "/staff/own-sign-in/password",
        press("Change password", password=OWN_PASSWORD, new_password="password1234"),
        errors=1,
    ),
    Look("authenticator", "neil", "/staff/own-sign-in/authenticator", says="Set up your"),
    Look(
        "recovery codes",
        "neil",
        "/staff/own-sign-in",
        press("Make new recovery codes", password=OWN_PASSWORD),
        says="Keep your",
    ),
    Look("signed out", "anyone", "/staff/sign-in?left=1"),
    Look("invitation", "anyone", "/staff/invitation/{invitation}", says="Set your password"),
    Look("invitation, weak", "anyone", "/staff/invitation/{invitation}", press("Set password", password="a"), errors=1),
    Look(
        "session over", "priya", "/staff/requests/{mine}", sign_out_and("Save note", words="Ring at 4."), says="Sign in"
    ),
]
QUEUE = [
    Look("home", "grace", "/staff/", says="All open"),
    *[
        Look(f"queue {view}", "grace", f"/staff/queue?view={view}")
        for view in ("open", "mine", "unclaimed", "triage", "decision", "decided", "closed", "set_aside")
    ],
    Look("queue of an area", "grace", "/staff/queue?view=open&area=saltby"),
    Look("queue of a manager", "helen", "/staff/queue?view=decision"),
    Look("queue of the service manager", "ian", "/staff/queue"),
    *[
        Look(f"tasks {kind}", "grace", f"/staff/tasks/{kind}")
        for kind in ("call_back", "handed_back", "ask_agreement", "delivery_failed", "held_back")
    ],
    Look("people", "neil", "/staff/people"),
    Look("invite", "neil", "/staff/people/invite", says="Invite somebody"),
    Look("invite, empty", "neil", "/staff/people/invite", press("Invite"), errors=4),
    Look("person", "neil", "/staff/people/{grace_id}", says="Grace Oyelaran"),
    Look("person, no team chosen", "neil", "/staff/people/{grace_id}", press("Give this place"), errors=2),
    Look("person, oneself", "neil", "/staff/people/{neil_id}", says="Neil"),
    Look("late and why", "ian", "/staff/late", says="Late and why"),
    Look("why late", "ian", "/staff/requests/{late}/clocks/{late_clock}/why", says="Say why"),
    Look(
        "why late, empty", "ian", "/staff/requests/{late}/clocks/{late_clock}/why", press("Save the reason"), errors=1
    ),
    Look("late without a reason", "ian", "/staff/late?show=unsaid", says="Late and why"),
    Look("calendar", "neil", "/staff/calendar", says="Office calendar"),
    Look("hours of the office", "neil", "/staff/calendar/hours", says="Hours of the office"),
    Look(
        "hours nobody can read",
        "neil",
        "/staff/calendar/hours",
        press("Save the hours", hours="nine to five"),
        errors=1,
    ),
    Look("a day", "neil", "/staff/calendar/days/new", says="Add a day"),
    Look("a day, empty", "neil", "/staff/calendar/days/new", press("Save the day"), errors=3),
    Look("checks", "grace", "/staff/requests/{whole_request}/checks", says="Record checks"),
    Look("tables", "neil", "/staff/import", says="Tables"),
    Look("tables, nothing chosen", "neil", "/staff/import", press("Try the file"), says="Tables", errors=2),
    Look(
        "a table, tried",
        "neil",
        "/staff/import",
        choose_table("agencies", "name,kind,domain\nMoor School,school,moor.example\n"),
        says="Check before you import",
    ),
    Look(
        "a table, refused",
        "neil",
        "/staff/import",
        choose_table("agencies", "name,kind,domain\nMoor School,circus,gmail.com\n=1+1,school,\n"),
        says="Not imported",
    ),
    Look("rota", "ian", "/staff/rota", says="Rota"),
    Look("a turn", "ian", "/staff/rota/new", says="Put somebody on duty"),
    Look("a turn, empty", "ian", "/staff/rota/new", press("Put on duty"), errors=5),
    Look("not for an administrator", "neil", "/staff/queue", says="Page not found"),
]
AT = "/staff/requests/{%s}"
TOO_MUCH = "Callum Hartley was born on 14 March 2017. Thank you for writing."
REQUEST = [
    Look("request with hints", "grace", AT % "received_request"),
    Look("request in danger", "grace", AT % "dangerous_request"),
    Look("request without names", "grace", AT % "discussion_request"),
    Look("request of a family", "grace", AT % "family_sent_request"),
    Look("request late", "grace", AT % "late"),
    Look("request soon", "grace", AT % "soon"),
    Look("request from a call", "grace", AT % "call"),
    Look("request mine", "grace", AT % "mine"),
    Look("request mine, notes only", "grace", AT % "mine" + "?show=notes"),
    Look("request, an empty note", "grace", AT % "mine", press("Save note"), errors=1),
    Look("request, note saved", "grace", AT % "mine", press("Save note", words=f"{LONG} rang.")),
    Look("request claimed", "grace", AT % "soon", press("Claim")),
    Look("request set aside", "grace", AT % "junk"),
    Look("set aside, counted", "grace", "/staff/set-aside"),
    Look("fold into which", "grace", AT % "twin" + "/fold", says="Fold into another request"),
    Look("fold into nothing there", "grace", AT % "twin" + "/fold?into=ABCD-EFGH", errors=1),
    Look("fold", "grace", AT % "twin" + "/fold?into={twin_of_reference}", says="Fold "),
    Look(
        "fold, nothing chosen",
        "grace",
        AT % "twin" + "/fold?into={twin_of_reference}",
        press("Fold", child_1=""),
        errors=1,
    ),
    Look("request folded", "grace", AT % "folded"),
    Look("request with another folded in", "grace", AT % "folded_into"),
    Look("decide what another was folded into", "helen", AT % "folded_into" + "/decide", says="Decide"),
    Look("request that came after the end", "grace", AT % "came_late"),
    Look("request ended, with news", "grace", AT % "ended"),
    Look("request waiting", "grace", AT % "waiting"),
    Look("request decided", "helen", AT % "whole_request"),
    Look("request decided, handed back", "grace", AT % "handed_back_in"),
    Look("request decided, refused to close", "grace", AT % "handed_back_in", press("Close")),
    Look("request seen by the service manager", "ian", AT % "whole_request"),
    Look("request of another area", "marcus", AT % "mine", says="Page not found"),
    Look("looks", "helen", AT % "whole_request" + "/looks"),
    Look("looks on lists", "helen", AT % "whole_request" + "/looks?show=lists"),
    Look("trail", "ian", "/staff/trail"),
    Look("ask for an export", "ian", "/staff/trail/export"),
    Look("ask for an export, empty", "ian", "/staff/trail/export", press("Ask for the export"), errors=4),
    Look("export", "ian", "/staff/trail/exports/{investigation}", says="Export of the trail"),
    Look("export to agree to", "ian", "/staff/trail/exports/{large_investigation}", says="Export of the trail"),
    Look("request with files", "grace", AT % "mine", says="Leon Marsh"),
    Look("add a file", "grace", AT % "mine" + "/files"),
    Look("add a file, empty", "grace", AT % "mine" + "/files", press("Add file"), errors=2),
    Look("add a file, bad ones", "grace", AT % "mine" + "/files", choose_files("Add file", words="A film"), errors=2),
    Look("a file that cannot be opened", "grace", AT % "mine" + "/files/{withheld_file}", says="This file cannot"),
    Look("tasks file", "grace", "/staff/tasks/file", says="Files to ask for"),
    Look("log a call", "grace", AT % "mine" + "/call"),
    Look("log a call, empty", "grace", AT % "mine" + "/call", press("Save call"), errors=1),
    Look("write an email", "grace", AT % "whole_request" + "/write"),
    Look("write an email, empty", "grace", AT % "whole_request" + "/write", press("Send"), errors=1),
    Look("write an email, says too much", "grace", AT % "whole_request" + "/write", press("Send", words=TOO_MUCH)),
    Look("write an email, to nobody", "grace", AT % "to_ring_request" + "/write"),
    Look("set aside", "grace", AT % "mine" + "/set-aside"),
    Look("set aside, empty", "grace", AT % "mine" + "/set-aside", press("Set aside"), errors=1),
    Look("return", "helen", AT % "waiting" + "/return"),
    Look("return, empty", "helen", AT % "waiting" + "/return", press("Return to helpdesk"), errors=1),
    Look("open case", "grace", AT % "mine" + "/open-case"),
    Look("open case, empty", "grace", AT % "mine" + "/open-case", press("Save check"), errors=1),
    Look("confirm referrer", "grace", AT % "unproven_request" + "/confirm-referrer"),
    Look("confirm, empty", "grace", AT % "unproven_request" + "/confirm-referrer", press("Confirm"), errors=1),
    Look("consent", "grace", AT % "mine" + "/consent"),
    Look("consent, empty", "grace", AT % "mine" + "/consent", press("Save answer"), errors=1),
    Look("decide", "helen", AT % "waiting" + "/decide"),
    Look("decide, empty", "helen", AT % "waiting" + "/decide", press("Save decision"), errors=4),
    Look("decide, draft", "helen", AT % "waiting" + "/decide", press("Save as draft", information="The form.")),
    Look("decide again", "helen", AT % "whole_request" + "/decide"),
    Look("send to a team", "grace", AT % "handed_back_in" + "/children/{handed_back_subject}/send"),
    Look(
        "send, empty", "grace", AT % "handed_back_in" + "/children/{handed_back_subject}/send", press("Send"), errors=1
    ),
    Look("held text", "grace", "/staff/held/{held_text}", says="Held,"),
    Look("held text, set aside, empty", "grace", "/staff/held/{held_text}", press("Set aside"), errors=1),
    Look("filed mail", "grace", "/staff/mails", says="Filed mail"),
    Look("filed mail, one kind", "grace", "/staff/mails?kind=auto_reply", says="Filed mail: automatic replies"),
    Look("filed mail, one", "grace", "/staff/mails/{filed_mail}", says="Away"),
    Look("a mail", "grace", "/staff/mails/{mail}"),
    Look("a mail that may belong elsewhere", "grace", "/staff/mails/{possible_mail}", says="About"),
    Look("a request by mail", "grace", AT % "mailed_request"),
    Look("write down a mail", "grace", AT % "mailed_request" + "/write-down", says="Make it a service request"),
    Look(
        "write down a mail, empty",
        "grace",
        AT % "mailed_request" + "/write-down",
        press("Save it as a service request", narrative=""),
        errors=1,
    ),
    Look("ask for the form", "grace", AT % "mailed_request" + "/ask-form", says="Ask the sender"),
    Look("filed mail inside", "nuala", "/staff/mails", says="Filed mail"),
    Look("filed mail inside, one", "nuala", "/staff/mails/{filed_inside}", says="Away"),
    Look("an enquiry by mail", "nuala", "/staff/enquiries/{enquiry_by_mail}"),
    Look("a mail held inside", "nuala", "/staff/enquiries/held/{mail_held_inside}", says="Held"),
    Look("held back", "grace", "/staff/held-back/{held}", says="A message was held back"),
    Look("held back, cancel, empty", "grace", "/staff/held-back/{held}", press("Cancel the message"), errors=1),
    Look("held back, send, empty", "helen", "/staff/held-back/{held}", press("Send it as it is"), errors=1),
    Look("tell", "grace", AT % "to_ring_request" + "/outcomes/{owed}"),
    Look("tell, empty", "grace", AT % "to_ring_request" + "/outcomes/{owed}", press("Record the call"), errors=1),
    Look(
        "cannot tell, empty", "grace", AT % "to_ring_request" + "/outcomes/{owed}", press("Record the reason"), errors=1
    ),
    Look("take a call", "grace", "/staff/take-call"),
    Look("take a call, empty", "grace", "/staff/take-call", press("Save call", postcode="x"), errors=2),
    Look("call taken", "grace", "/staff/calls/{call}", says="Call saved"),
]
TEAM = [
    Look("sent to us", "tom", "/staff/sent-to-us"),
    Look("sent to us, none", "ruth", "/staff/sent-to-us"),
    Look("done", "tom", "/staff/sent-to-us/done"),
    Look("assignment", "tom", "/staff/assignments/{sent}"),
    Look("assignment, no reason", "tom", "/staff/assignments/{sent}", press("Hand back"), errors=1),
    Look("assignment taken on", "tom", "/staff/assignments/{accepted}"),
    Look("assignment, no words", "tom", "/staff/assignments/{accepted}", press("Save as done"), errors=1),
    Look("assignment, not closed", "tom", "/staff/assignments/{accepted}", press("Close the referral"), errors=2),
    Look("assignment done", "tom", "/staff/assignments/{done}"),
    Look("assignment over", "tom", "/staff/assignments/{handed_back}", says="This is no longer with your team"),
    Look("assignment of others", "ruth", "/staff/assignments/{sent}", says="Page not found"),
    Look("no place", "tom", "/staff/no-place"),
]
SHARE = "/staff/enquiries/{enquiry}/share"
INSIDE = [
    Look("enquiries", "nuala", "/staff/enquiries", says="All open"),
    Look("enquiry", "nuala", "/staff/enquiries/{enquiry}"),
    Look("enquiry, from outside", "grace", AT % "enquiry", says="Page not found"),
    Look("request, from inside", "nuala", AT % "mine", says="Page not found"),
    Look("share", "nuala", SHARE, says="Share a safeguarding concern"),
    Look("share, empty", "nuala", SHARE, press("Share this concern"), errors=5),
    Look("share, why not told", "nuala", SHARE, press("Share this concern", told="risk", birth_on=FEBRUARY), errors=5),
    Look("shared", "nuala", SHARE, share),
    Look("hand over", "grace", AT % "to_hand_over" + "/hand-over", says="Hand over to SENDIASS"),
    Look("hand over, empty", "grace", AT % "to_hand_over" + "/hand-over", press("Continue"), errors=1),
    Look("hand over, kept", "grace", AT % "to_hand_over" + "/hand-over", press("Continue", sure="no")),
    Look("handed over", "grace", "/staff/handed-over?told=yes", says="Handed over to SENDIASS"),
    Look("handed over, nobody told", "grace", "/staff/handed-over?told=no", says="Handed over to SENDIASS"),
]
ACT = "/staff/enquiries/{reached_inside}/"
CALLING = "/staff/enquiries/new"
DATE = ACT + "deadlines/{deadline_inside}"
SPLIT = {"story": "His sister has the same trouble.", "who": "same"}
ENQUIRIES = [
    Look("enquiry reached", "nuala", "/staff/enquiries/{reached_inside}"),
    Look("enquiry of before", "nuala", "/staff/enquiries/{earlier_inside}"),
    Look("enquiry, professional", "nuala", "/staff/enquiries/{outside_area}"),
    Look("enquiry set aside", "nuala", "/staff/enquiries/{aside_inside}"),
    Look("enquiry finished", "nuala", "/staff/enquiries/{finished_inside}"),
    Look("enquiry, open again", "nuala", "/staff/enquiries/{finished_inside}/reopen", says="Open again"),
    Look("enquiry, reopen empty", "nuala", "/staff/enquiries/{finished_inside}/reopen", press("Open again"), errors=1),
    Look("level", "nuala", ACT + "level", says="Raise the level"),
    Look("level, empty", "nuala", ACT + "level", press("Raise level"), errors=3),
    Look("finish", "nuala", ACT + "finish", says="Finish"),
    Look("finish, empty", "nuala", ACT + "finish", press("Finish enquiry"), errors=1),
    Look("close enquiry", "nuala", ACT + "close", says="Close without an outcome"),
    Look("close enquiry, reached", "nuala", ACT + "close", press("Close", reason="not_reached"), errors=0),
    Look("signpost", "nuala", ACT + "signpost", says="Signpost"),
    Look("signpost, empty", "nuala", ACT + "signpost", press("Signpost"), errors=3),
    Look("words to pass on", "nuala", ACT + "professional", says="Tell a professional"),
    Look("enquiry aside", "nuala", ACT + "set-aside", says="Set aside"),
    Look("enquiry aside, empty", "nuala", ACT + "set-aside", press("Set aside"), errors=1),
    Look("deadline, new", "nuala", ACT + "deadlines/new", says="Add a deadline"),
    Look("deadline, empty", "nuala", ACT + "deadlines/new", press("Add deadline"), errors=2),
    Look("deadline", "nuala", DATE, says="Correct a deadline"),
    Look("deadline, the same", "nuala", DATE, press("Correct deadline")),
    Look("facts", "nuala", ACT + "facts", says="Change what is known"),
    Look("facts, wrong", "nuala", ACT + "facts", press("Save changes", age="nine", phone="none"), errors=2),
    Look("facts, open too long", "nuala", ACT + "facts", lapsed("Save changes", age="10")),
    Look("split", "nuala", ACT + "split", says="Split into two"),
    Look("split, empty", "nuala", ACT + "split", press("Make the second enquiry"), errors=2),
    Look("split in two", "nuala", ACT + "split", press("Make the second enquiry", **SPLIT)),
    Look("enquiry call", "nuala", CALLING, says="Take a call"),
    Look("enquiry call, empty", "nuala", CALLING, press("Save call"), errors=1),
    Look("enquiry call, open too long", "nuala", CALLING, lapsed("Save call", story="She rang."), errors=1),
    Look("enquiry call, saved", "nuala", CALLING, press("Save call", story="She rang.", name="Ann"), says="Call saved"),
    Look("enquiry logged", "nuala", "/staff/enquiries/{earlier_inside}/logged", says="Call saved"),
    Look("enquiry act, from outside", "grace", ACT + "level", says="Page not found"),
]
DEMONSTRATION = [
    Look("messages", "anyone", "/demo"),
    Look("phone", "anyone", "/demo/phone?phone=%2B447700900461", says="Text the front door"),
    Look("phone, a text", "anyone", "/demo/phone", press("Send", body="school won't let my son in")),
    Look("phone, nothing typed", "anyone", "/demo/phone", press("Send", body="")),
    Look("phone, forged", "anyone", "/demo/phone", press("Break the signature")),
    Look("mailbox", "anyone", "/demo/mail", says="Mail the front door"),
    Look("a message", "anyone", "/demo/messages/{letter}"),
    Look("sign-ins", "anyone", "/demo/sign-ins"),
]
WHO_SEES = [
    Look("who sees it", "grace", AT % "mine" + "/who-sees"),
    Look("who sees it, restricted", "helen", AT % "kept" + "/who-sees"),
    Look("restrict", "grace", AT % "mine" + "/restrict"),
    Look("restrict, empty", "grace", AT % "mine" + "/restrict", press("Restrict"), errors=3),
    Look("end the restriction", "helen", AT % "kept" + "/unrestrict"),
    Look("end the restriction, empty", "helen", AT % "kept" + "/unrestrict", press("End the restriction"), errors=1),
    Look("bar", "grace", AT % "mine" + "/bar"),
    Look("bar, empty", "grace", AT % "mine" + "/bar", press("Bar this person"), errors=3),
    Look("bar no longer", "helen", AT % "kept" + "/bars/{kept_bar}/lift"),
    Look("give sight", "helen", AT % "waiting" + "/give"),
    Look("give sight, empty", "helen", AT % "waiting" + "/give", press("Give sight"), errors=5),
    Look("restricted request", "helen", AT % "kept"),
    Look("restricted, not theirs", "grace", AT % "kept", says="Page not found"),
    Look("request opened in an emergency", "marcus", AT % "glass"),
    Look("open in an emergency", "marcus", "/staff/break-glass"),
    Look("open in an emergency, empty", "marcus", "/staff/break-glass", press("Open it"), errors=3),
    Look(
        "open in an emergency, not there",
        "shirin",
        "/staff/break-glass",
        press("Open it", reference="K7RM-4TXC", reason="danger", words="The police rang."),
        errors=1,
    ),
    Look("opened in an emergency, to look at", "ian", "/staff/tasks/glass_broken"),
    Look("was it right", "ian", "/staff/tasks/{glass_task}/review"),
    Look("was it right, empty", "ian", "/staff/tasks/{glass_task}/review", press("Save answer"), errors=1),
    Look("given", "tom", "/staff/given"),
    Look("given, none", "ruth", "/staff/given"),
    Look("given request", "tom", "/staff/given/{given}"),
    Look("given to others", "ruth", "/staff/given/{given}", says="Page not found"),
]
TALK = "/staff/enquiries/{talk}"
TRY = TALK + "/attempt"
UNSAID = "/staff/enquiries/{unsaid}"
HELD = "/staff/enquiries/held/{held_inside}"
ANSWERS = "/staff/saved-answers"
LONG_REPLY = "Keep the letter. " * 20
TALKS = [
    Look("enquiries, deadlines", "nuala", "/staff/enquiries?view=deadline", says="Deadline first"),
    Look("enquiries, from professionals", "nuala", "/staff/enquiries?view=professional", says="From professionals"),
    Look("enquiries, mine", "nuala", "/staff/enquiries?view=mine", says="Mine"),
    Look("enquiries, closed", "nuala", "/staff/enquiries?view=closed", says="Closed"),
    Look("enquiry, talk", "nuala", TALK, says="Parent of a boy, 9"),
    Look("enquiry, taken over", "nuala", TALK, press("Send", words=" "), errors=1),
    Look("enquiry, counted", "nuala", TALK, press("Add it to the reply", words=LONG_REPLY)),
    Look("enquiry, open too long", "nuala", TALK, lapsed("Send", words="Keep it."), errors=1),
    Look("enquiry, in danger", "nuala", "/staff/enquiries/{danger_inside}"),
    Look("enquiry, not said whether safe", "nuala", UNSAID),
    Look("enquiry, asked whether safe", "nuala", UNSAID, press("Ask whether it is safe")),
    Look("enquiry, not safe", "nuala", "/staff/enquiries/{unsafe}"),
    Look("attempt", "nuala", TRY, says="Log an attempt"),
    Look("attempt, empty", "nuala", TRY, press("Save attempt"), errors=2),
    Look("attempt, not safe", "nuala", "/staff/enquiries/{unsafe}/attempt", says="Log an attempt"),
    Look("held inside", "nuala", "/staff/enquiries/held", says="Held"),
    Look("held inside, one", "nuala", HELD, says="Held"),
    Look("held inside, no reason", "nuala", HELD, press("Set aside"), errors=1),
    Look("saved answers", "nuala", ANSWERS, says="Saved answers"),
    Look("answers", "grace", "/staff/answers", says="Saved answers"),
    Look("answers of a manager", "helen", "/staff/answers", says="Saved answers"),
    Look("answer, new", "helen", "/staff/answers/new", press("Save answer"), errors=3),
    Look("answer", "helen", "/staff/answers/{answer}", says="Change"),
    Look("saved answer, new", "nuala", ANSWERS + "/new", press("Save answer"), errors=3),
    Look("saved answer", "nuala", ANSWERS + "/{saved_answer}", says="Change"),
]
LOOKS = [
    *ANYONE,
    *READERS,
    *HOLDER,
    *SIGNING_IN,
    *QUEUE,
    *REQUEST,
    *WHO_SEES,
    *TEAM,
    *INSIDE,
    *ENQUIRIES,
    *TALKS,
    *DEMONSTRATION,
]
