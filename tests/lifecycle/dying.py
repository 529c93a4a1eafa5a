"""An act in a process of its own that dies by SIGKILL at a chosen moment: what a power cut does, many times a second."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event

from infrastructure.database import db
from infrastructure.files.typesetting import Typeset, Typesetter
from service_request.domain.errors import DomainError
from service_request.services.mail.reading import READER

KILLED, DONE, REFUSED, BROKEN = -signal.SIGKILL, 0, 2, 3
LONGEST = 120  # seconds; a child that hangs is ended, and fails the test


def run_and_die(act: Callable[[], Any], moment: str, said: Path) -> int:
    """Run an act in a child that dies at a moment: "3" before its third statement, "commit" before, "committed" after.

    Return how it ended: KILLED, DONE where that moment never came, or REFUSED. What broke it is raised here.
    """
    db.session.remove()
    db.engine.dispose()  # no connection is open while the process is copied: a copy of one would be both's
    READER.close()  # nor has it a program to read mails with
    child = os.fork()
    if child == 0:
        os._exit(_in_child(act, moment, said))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in (KILLED, DONE, REFUSED):
        raise AssertionError(f"{code}: {said.read_text() if code == BROKEN else 'it did not come to an end'}")
    return code


def _in_child(act: Callable[[], Any], moment: str, said: Path) -> int:
    signal.alarm(LONGEST)
    # What lays out a PDF waits for threads of its own that no copy of a process has: it would wait for ever here.
    setattr(Typesetter, "typeset", lambda *_, **__: Typeset(b"%PDF-1.7\n", 1))  # noqa: B010
    try:
        _arm(moment)
        act()
    except DomainError:
        return REFUSED
    except BaseException:
        said.write_text(traceback.format_exc())
        return BROKEN
    return DONE


def _arm(moment: str) -> None:
    def die(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if moment == "commit":
        event.listen(db.engine, "commit", die)
    elif moment == "committed":
        event.listen(db.session, "after_commit", die)
    else:
        left = int(moment)

        def count(*_: Any) -> None:
            nonlocal left
            left -= 1
            if left <= 0:
                die()

        event.listen(db.engine, "before_cursor_execute", count)
