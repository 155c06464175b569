"""`AccountRecords` across two functions: the one that signs people in has no way to the database.

`RemoteRecords` asks, `answer_call` answers where the database is. A call may be repeated: it
does no more than once.
"""

from collections.abc import Callable, Mapping, Set
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Struct, convert, to_builtins
from msgspec.structs import asdict
from pydantic import BaseModel, Field, TypeAdapter

from foliolens.accounts.auth_models import RegisteredUser
from foliolens.accounts.records import AccountRecords, Erased
from foliolens.errors import Conflict
from foliolens.kit.idempotency import Once

__all__ = ["CALL", "RemoteRecords", "answer_call"]

CALL = "accountRecords"
"""The key that tells a call from every other event."""


class _Keyed(BaseModel):
    """A registration's idempotency key; the fingerprint in hexadecimal."""

    key: str | None
    fingerprint: str
    scope: str

    def once(self) -> Once:
        return Once(self.key, bytes.fromhex(self.fingerprint))


class _EarlierRegistration(_Keyed):
    do: Literal["earlier registration"] = "earlier registration"


class _KeepRegistration(_Keyed):
    do: Literal["keep registration"] = "keep registration"
    answer: RegisteredUser


class _Profile(BaseModel):
    do: Literal["profile"] = "profile"
    user_id: UUID


class _VoidTokens(BaseModel):
    do: Literal["void tokens"] = "void tokens"
    user_id: UUID
    at: datetime


class _Erase(BaseModel):
    do: Literal["erase"] = "erase"
    user_id: UUID
    email: str
    uploads: frozenset[UUID]


_Call = Annotated[
    _EarlierRegistration | _KeepRegistration | _Profile | _VoidTokens | _Erase, Field(discriminator="do")
]
_CALL: TypeAdapter[_Call] = TypeAdapter(_Call)
_REGISTERED: TypeAdapter[RegisteredUser | None] = TypeAdapter(RegisteredUser | None)
_ROW: TypeAdapter[dict[str, Any] | None] = TypeAdapter(dict[str, Any] | None)


def answer_call(records: AccountRecords, event: Mapping[str, Any]) -> dict[str, Any]:
    """Answer the event of a `RemoteRecords`.

    Args:
        records: The database.
        event: With the call under `CALL`.
    """
    try:
        return {"answer": _answered(records, _CALL.validate_python(event[CALL]))}
    except Conflict as conflict:
        return {"conflict": conflict.message}


def _answered(records: AccountRecords, call: _Call) -> Any:
    match call:
        case _EarlierRegistration():
            return _written(_REGISTERED, records.earlier_registration(call.once(), call.scope))
        case _KeepRegistration():
            return _written(_REGISTERED, records.keep_registration(call.once(), call.scope, call.answer))
        case _Profile():
            row = records.profile(call.user_id)
            return _written(_ROW, None if row is None else dict(row))
        case _VoidTokens():
            records.void_tokens(call.user_id, call.at)
            return None
        case _Erase():
            return to_builtins(records.erase(call.user_id, call.email, call.uploads))


def _written(adapter: TypeAdapter[Any], value: object) -> Any:
    return adapter.dump_python(value, mode="json", by_alias=True)


class RemoteRecords(Struct, frozen=True):
    """Asks the function that reaches the database; see `AccountRecords`.

    Attributes:
        call: Hands over an event and waits for the answer; raises `ServiceUnavailable` where there is none.
    """

    call: Callable[[Mapping[str, Any]], Mapping[str, Any]]

    def earlier_registration(self, once: Once, scope: str) -> RegisteredUser | None:
        """See `AccountRecords.earlier_registration`."""
        if once.key is None:
            return None
        return _REGISTERED.validate_python(self._ask(_EarlierRegistration(**_keyed(once, scope))))

    def keep_registration(self, once: Once, scope: str, answer: RegisteredUser) -> RegisteredUser:
        """See `AccountRecords.keep_registration`."""
        if once.key is None:
            return answer
        kept = self._ask(_KeepRegistration(**_keyed(once, scope), answer=answer))
        return RegisteredUser.model_validate(kept)

    def profile(self, user_id: UUID) -> Mapping[str, Any] | None:
        """See `AccountRecords.profile`; values are as JSON writes them."""
        return _ROW.validate_python(self._ask(_Profile(user_id=user_id)))

    def void_tokens(self, user_id: UUID, at: datetime) -> None:
        """See `AccountRecords.void_tokens`."""
        self._ask(_VoidTokens(user_id=user_id, at=at))

    def erase(self, user_id: UUID, email: str, uploads: Set[UUID] = frozenset()) -> Erased:
        """See `AccountRecords.erase`."""
        asked = _Erase(user_id=user_id, email=email, uploads=frozenset(uploads))
        return convert(self._ask(asked), Erased)

    def _ask(self, call: BaseModel) -> Any:
        answer = self.call({CALL: call.model_dump(mode="json", by_alias=True)})
        if "conflict" in answer:
            raise Conflict(answer["conflict"])
        return answer["answer"]


def _keyed(once: Once, scope: str) -> dict[str, Any]:
    return {**asdict(once), "fingerprint": once.fingerprint.hex(), "scope": scope}
