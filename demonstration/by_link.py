"""What referrers do after sending, as they do it: by a link out of a mail and the code of the next one."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from demonstration.answers import Answers
from demonstration.clockwork import World
from infrastructure.identity.models import LinkPurpose
from infrastructure.outbox import OutboxMessage
from service_request.services import answering, holding, outside, withdrawing
from service_request.services.answer_written import OWN_WORDS
from service_request.services.asking import AGAIN, ASKED


def answer(world: World, email: str, typed: Answers, *, own_words: str = "") -> None:
    """Answer what was asked last: open the link, type the code, fill the asked pages, check, send."""
    token = _token(world, email, ASKED, AGAIN)
    code = _code(world, email, token, LinkPurpose.ANSWER)
    session, house = world.session, world.house
    browser = outside.take_link_code(
        session, token=token, code=code, now=world.now, house=house, purpose=LinkPurpose.ANSWER
    )
    pages = {**typed, OWN_WORDS: {"words": [own_words]}} if own_words else typed
    for key, page in pages.items():
        world.tick(minutes=1)
        answering.save_page(session, token=token, browser=browser, key=key, typed=page, now=world.now, house=house)
    shown = answering.open_answering(session, token=token, browser=browser, now=world.now, house=house)
    answering.send_answer(session, token=token, browser=browser, digest=shown.digest, now=world.now, house=house)


def ask_it_back(world: World, request: UUID, email: str, reason: str, words: str, *, name: str) -> None:
    """Prove the address, open "Your requests", and ask for one of them back."""
    session, house = world.session, world.house
    holding.ask_for_mine(session, email=email, now=world.now, house=house)
    world.work()
    token = _token(world, email, "your_requests")
    code = _code(world, email, token, LinkPurpose.MINE)
    browser = holding.take_code(
        session, token=token, code=code, remember=False, before=None, now=world.now, house=house
    )
    world.tick(minutes=1)
    held = holding.held_address(session, browser, now=world.now, house=house)
    if held is None:
        raise RuntimeError(f"{email} proved an address and does not hold it")
    why = withdrawing.Why(reason, words, name)
    withdrawing.ask_to_withdraw(session, request_id=request, why=why, held=held, now=world.now, house=house)


def _token(world: World, email: str, *letters: str) -> str:
    """Return the secret in the link of the last such mail to an address."""
    query = select(OutboxMessage).where(OutboxMessage.template.in_(letters)).order_by(OutboxMessage.owed_at.desc())
    row = next(row for row in world.session.scalars(query) if row.to == email)
    link = str(row.body["facts"]["link"])
    world.session.rollback()
    return link.rpartition("/")[2]


def _code(world: World, email: str, token: str, purpose: LinkPurpose) -> str:
    """Have a code sent, and read it in the mail."""
    outside.ask_link_code(world.session, token=token, now=world.now, house=world.house, purpose=purpose)
    world.work()
    query = select(OutboxMessage).where(OutboxMessage.template == "code").order_by(OutboxMessage.owed_at.desc())
    row = next(row for row in world.session.scalars(query) if row.to == email)
    code = str(row.body["facts"]["code"])
    world.session.rollback()
    world.tick(minutes=1)
    return code
