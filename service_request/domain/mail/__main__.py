"""Read mails from standard input, one after another, under limits of this process; write what each says (F32).

Asked in a line of JSON, {"size": bytes, "part": number or null}, and then the mail; answered in a line of JSON,
{"size": bytes, "mail": {...}}, and then the file that was asked for. It ends when nobody asks any more.
"""

from __future__ import annotations

import json
import resource
import select
import sys
from typing import BinaryIO

CPU_SECONDS, MEMORY_BYTES = 60, 1024 * 1024 * 1024
IDLE_SECONDS = 20.0


def limit_self() -> None:
    """Give this process a mail's worth of memory, no file, no child."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def give_time() -> None:
    """Allow the processor's time for one more mail; who loops in it is ended by the system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def serve(asked: BinaryIO, said: BinaryIO) -> None:
    """Answer until nobody asks."""
    from service_request.domain.mail.carrying import to_carried
    from service_request.domain.mail.parse import parse

    while select.select([asked], [], [], IDLE_SECONDS)[0] and (line := asked.readline()):
        wish = json.loads(line)
        give_time()
        mail = parse(asked.read(wish["size"]))
        part = wish["part"]
        has_part = part is not None and part < len(mail.attachments)
        content = mail.attachments[part].content if has_part else b""
        answer = {"size": len(content), "found": has_part, "mail": to_carried(mail) if part is None else None}
        said.write(json.dumps(answer).encode() + b"\n" + content)
        said.flush()
        del mail, content


if __name__ == "__main__":
    limit_self()
    serve(sys.stdin.buffer, sys.stdout.buffer)
