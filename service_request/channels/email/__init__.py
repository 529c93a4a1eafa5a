"""Mail as a way in: what it says, read without Flask and without a database."""

from service_request.domain.mail.parse import parse
from service_request.domain.mail.types import ParsedEmail

__all__ = ["ParsedEmail", "parse"]
