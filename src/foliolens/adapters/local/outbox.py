"""The outbox: on one machine, mail is written to a folder instead of being sent."""

import logging
import os
import secrets
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from foliolens.ports.mail import Message

__all__ = ["Outbox"]

_log = logging.getLogger(__name__)
_ONE_LINE_HEADERS = SMTP.clone(max_line_length=998)
_KEPT_SECONDS = 30 * 24 * 3600
_FROM = "FolioLens <no-reply@foliolens.invalid>"


class Outbox:
    """Writes each message as an `.eml` file only its owner can read, and its subject to the log.

    A code stands in the subject, so that whoever runs FolioLens on their own machine finds it in the log.

    Args:
        folder: Where the files go; created when first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Message) -> None:
        """See `Mail.send`."""
        now = datetime.now(UTC)
        mail = EmailMessage(_ONE_LINE_HEADERS)
        mail["From"], mail["To"], mail["Subject"] = _FROM, message.to, message.subject
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = f"<{secrets.token_hex(16)}@foliolens.invalid>"
        mail.set_content(message.body)
        path = self._folder / f"{now:%Y%m%dT%H%M%S%fZ}-{secrets.token_hex(4)}.eml"
        self._write(path, mail.as_bytes())
        _log.info("mail in the outbox: %s", message.subject, extra={"file": path.name})

    def forget(self, address: str) -> int:
        """See `Mail.forget`."""
        gone = 0
        for path in self._folder.glob("*.eml"):
            try:
                with path.open("rb") as file:
                    recipient = str(BytesHeaderParser(policy=_ONE_LINE_HEADERS).parse(file)["To"])
            except FileNotFoundError:
                continue
            if recipient.lower() == address.lower():
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def forget_old(self) -> int:
        """Remove mails of more than a month ago, whose codes are long void; returns how many."""
        oldest = time.time() - _KEPT_SECONDS
        old = [path for path in self._folder.glob("*.*") if path.stat().st_mtime < oldest]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _write(self, path: Path, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
        except OSError:  # no space left, for example
            draft.unlink(missing_ok=True)
            raise
