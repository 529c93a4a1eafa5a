"""A stolen database tells nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from infrastructure.database import KeyRings, Wall, digest, transaction, use_keys, uuid7
from infrastructure.database.sealing import seal, unseal
from infrastructure.house import House
from service_request.models import Arrival, Channel, Disposition

NOW = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)


def arrival(wall: Wall) -> Arrival:
    return Arrival(
        sender="Donna@home.example", raw=b"Callum asked our cook for food", wall=wall, channel=Channel.WEB, endpoint="form",
        external_id=str(uuid7()), sender_hash="donna@home.example", received_at=NOW, stored_at=NOW,
        disposition=Disposition.HELD,
    )  # fmt: skip


@pytest.mark.storage
def test_what_is_sealed_is_ciphertext_in_the_table_and_clear_when_read(session: Session) -> None:
    with transaction(session):
        session.add(arrival(Wall.OPEN))
    row = session.execute(text("SELECT sender_sealed, raw_sealed, sender_hash FROM arrival")).one()
    assert b"onna" not in b"".join(map(bytes, row))
    assert b"Callum" not in b"".join(map(bytes, row))
    session.expire_all()
    kept = session.scalars(select(Arrival).where(Arrival.sender_hash == "donna@home.example")).one()
    assert (kept.sender, kept.raw) == ("Donna@home.example", b"Callum asked our cook for food")


@pytest.mark.storage
def test_a_digest_read_back_is_bound_as_it_is_when_the_row_is_changed(session: Session) -> None:
    """A type that hashed it again would match no row (first-day P6)."""
    with transaction(session):
        session.add(arrival(Wall.OPEN))
    with transaction(session):
        session.scalars(select(Arrival)).one().disposition = Disposition.REQUEST
    assert (
        session.scalars(select(Arrival.disposition).where(Arrival.sender_hash == "donna@home.example")).one()
        == "request"
    )


@pytest.mark.rule("SE-5")
def test_the_councils_key_opens_nothing_behind_the_wall(house: House) -> None:
    for wall, other in ((Wall.OPEN, Wall.SENDIASS), (Wall.SENDIASS, Wall.OPEN)):
        sealed = seal(wall, b"enquiry")
        assert unseal(wall, sealed) == b"enquiry"
        with pytest.raises(InvalidToken):
            unseal(other, sealed)


def test_a_row_that_does_not_know_its_wall_seals_nothing(house: House) -> None:
    with pytest.raises(ValueError, match="needs its wall"):
        Arrival(sender="donna@home.example")


def test_an_older_key_still_opens_what_it_sealed(house: House) -> None:
    old, new = Fernet(Fernet.generate_key()), Fernet(Fernet.generate_key())
    spare = {Wall.SENDIASS: MultiFernet([Fernet(Fernet.generate_key())])}
    use_keys(KeyRings({Wall.OPEN: MultiFernet([old]), **spare}, b"k" * 32))
    sealed = seal(Wall.OPEN, b"kept")
    use_keys(KeyRings({Wall.OPEN: MultiFernet([new, old]), **spare}, b"k" * 32))
    assert unseal(Wall.OPEN, sealed) == b"kept"
    assert new.decrypt(seal(Wall.OPEN, b"fresh")) == b"fresh"


def test_the_same_words_hash_differently_for_another_purpose(house: House) -> None:
    assert digest("address", "a@b.example") != digest("match", "a@b.example")
