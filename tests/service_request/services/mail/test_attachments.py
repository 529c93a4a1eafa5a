"""The files of a mail are filed with its request, scanned and served; what is over the limits is said (T15)."""

from __future__ import annotations

import pytest

from infrastructure.database import Wall
from service_request.models import ArrivalMedia, File, MediaState
from tests.made_files import jpeg
from tests.plugins.house import Mailbox
from tests.posting import DESK, SENDIASS, Post, with_files, write


@pytest.mark.storage
@pytest.mark.rule("EV-1")
@pytest.mark.threat("T15")
@pytest.mark.parametrize(("box", "wall"), [(DESK, Wall.OPEN), (SENDIASS, Wall.SENDIASS)])
def test_the_files_of_a_mail_stand_with_its_request_on_its_side(post: Post, box: str, wall: Wall) -> None:
    mail = post.take(with_files(write(to=box), ("letter.txt", b"Excluded"), ("photo.jpg", jpeg())), box)
    files = sorted(post.rows(File), key=lambda row: row.name)
    assert [(row.name, row.wall, row.owner_id) for row in files] == [
        ("letter.txt", wall, mail.request_id),
        ("photo.jpg", wall, mail.request_id),
    ]
    assert {row.state for row in post.rows(ArrivalMedia)} == {MediaState.FETCHED}
    post.work()
    assert len(post.rows(File)) == 2


@pytest.mark.rule("EV-1")
def test_more_files_than_are_filed_stay_in_the_raw_mail_and_that_is_said(post: Post) -> None:
    most = post.house.settings.upload_most
    mail = post.take(with_files(write(), *((f"{number}.txt", b"x") for number in range(most + 2))))
    assert len(post.rows(File)) == most and mail.notes == ["files_left_out"]


def test_the_files_of_a_machine_are_not_filed(post: Post, mailbox: Mailbox) -> None:
    post.take(with_files(write("Away", Auto_Submitted="auto-replied"), ("logo.jpg", jpeg())))
    assert post.rows(ArrivalMedia) == [] == post.rows(File)
