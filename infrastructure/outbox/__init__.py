"""One way out: what we owe is written with the act that causes it, and sent by the worker."""

from infrastructure.outbox.models import DeliveryAttempt, MessageState, OutboxMessage, Result
from infrastructure.outbox.owe import Letter, Spans, Thread, owe, owe_text

__all__ = ["DeliveryAttempt", "Letter", "MessageState", "OutboxMessage", "Result", "Spans", "Thread", "owe", "owe_text"]
