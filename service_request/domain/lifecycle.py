"""The one engine that changes a state: a table from (state, act) to state."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

from service_request.domain.errors import DomainError

State = TypeVar("State", bound=StrEnum)
Act = TypeVar("Act", bound=StrEnum)


class TransitionRefusedError(DomainError):
    """Refuse an act that the state does not allow."""

    def __init__(self, state: StrEnum, act: StrEnum) -> None:
        self.state = state
        self.act = act
        super().__init__(
            f"This is now “{_words(state)}”, so “{_words(act)}” is not possible. Open it again to see what changed."
        )


@dataclass(frozen=True)
class Lifecycle(Generic[State, Act]):
    """Say which act leads from which state to which.

    `table` holds the fixed ways. `back` holds the acts that undo: they lead to the state before, which the caller
    must know, and which must be one from which the table leads here.
    """

    table: Mapping[tuple[State, Act], State]
    back: frozenset[tuple[State, Act]] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", MappingProxyType(dict(self.table)))

    def next_state(self, state: State, act: Act, *, before: State | None = None) -> State:
        """Return the state that `act` leads to, or raise TransitionRefusedError."""
        if (state, act) in self.back and before is not None and self._leads(before, state):
            return before
        try:
            return self.table[state, act]
        except KeyError:
            raise TransitionRefusedError(state, act) from None

    def acts_from(self, state: State) -> tuple[Act, ...]:
        """Return every act that is possible now, in the order of the table."""
        ways = [*self.table, *sorted(self.back)]
        return tuple(dict.fromkeys(act for here, act in ways if here == state))

    def _leads(self, before: State, state: State) -> bool:
        return any(here == before and there == state for (here, _), there in self.table.items())


def _words(value: StrEnum) -> str:
    return value.value.replace("_", " ")
