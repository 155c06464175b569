"""The worker's side of uploads: a file that arrived becomes a portfolio, exactly once.

The message "this object was created" may come twice, late, or after a crash at any point. So the file is
read outside any transaction, and then one transaction locks the upload, looks whether somebody was
faster, and writes the portfolio, the outcome and the snapshot together.
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from foliolens.errors import FolioLensError
from foliolens.holdings.rules import Rules
from foliolens.kit.database import Database, Transaction, UnknownSession
from foliolens.portfolios.store import PortfolioFields
from foliolens.portfolios.stored import StoredPortfolio, StoredPortfolios
from foliolens.ports.clock import Clock
from foliolens.ports.metrics import NO_METRICS, Metrics
from foliolens.ports.object_store import ObjectMissing, ObjectStore
from foliolens.uploads import outcomes, store
from foliolens.uploads.merging import merge
from foliolens.uploads.models import FINISHED, Ending, Upload, parse_object_key
from foliolens.uploads.reader import Reading, ReadOptions, read
from foliolens.uploads.snapshot import take_snapshot

__all__ = ["OBJECT_CREATED", "UploadProcessor"]

OBJECT_CREATED = "object_created"
"""The kind of job the object store sends when a file is complete; payload `{"key": ...}`."""


class UploadProcessor:
    """Turns announced objects into portfolios.

    Args:
        database: Where uploads and portfolios are.
        objects: Where the files are.
        portfolios: Writes portfolios.
        clock: Stamps the outcome.
        max_bytes: Largest file.
        max_holdings: Most holdings of one portfolio.
        metrics: Count how uploads ended.
    """

    def __init__(
        self,
        database: Database,
        objects: ObjectStore,
        portfolios: StoredPortfolios,
        clock: Clock,
        *,
        max_bytes: int,
        max_holdings: int,
        metrics: Metrics = NO_METRICS,
    ) -> None:
        self._database = database
        self._objects = objects
        self._portfolios = portfolios
        self._clock = clock
        self._max_bytes = max_bytes
        self._max_holdings = max_holdings
        self._metrics = metrics

    def process(self, payload: Mapping[str, Any]) -> None:
        """Deal with one announced object; dealing with it again changes nothing.

        Raises:
            Exception: A transient fault (database, storage): deliver the message again.
        """
        key: str = payload["key"]
        user_id, upload_id = parse_object_key(key)
        try:
            upload = self._begin(user_id, upload_id)
            if upload is not None:
                self._end(upload, self._objects.read(key))
        except UnknownSession:
            pass  # the account was deleted; its file goes too
        except ObjectMissing:
            self.give_up(payload)
            return
        self._objects.delete(key)

    def give_up(self, payload: Mapping[str, Any]) -> None:
        """Close an upload that failed through a fault of ours; redriving its message tries again."""
        user_id, upload_id = parse_object_key(payload["key"])
        try:
            with self._database.user(user_id) as transaction:
                upload = store.lock_upload(transaction, user_id, upload_id)
                if upload is not None and upload.status not in FINISHED:
                    self._finish(transaction, upload, outcomes.faulted())
        except UnknownSession:
            pass

    def _begin(self, user_id: UUID, upload_id: UUID) -> Upload | None:
        """Mark the upload as being processed; None when there is nothing left to do."""
        with self._database.user(user_id) as transaction:
            upload = store.lock_upload(transaction, user_id, upload_id)
            if upload is None or (upload.status in FINISHED and not upload.faulted):
                return None
            store.begin_processing(transaction, upload)
            return upload

    def _end(self, upload: Upload, content: bytes) -> None:
        sha256 = hashlib.sha256(content).hexdigest()
        merging = upload.mode == "merge" and upload.portfolio_id is not None
        options = ReadOptions(
            mapping=dict(upload.mapping) or None,
            declared_total=upload.declared_total,
            max_bytes=self._max_bytes,
            # In a merge the limits are judged on the sum, not on the file alone.
            rules=self._rules(upload, override=upload.override_rules or merging),
        )
        reading = read(content, options)
        with self._database.user(upload.user_id) as transaction:
            current = store.lock_upload(transaction, upload.user_id, upload.id)
            if current is None or current.status in FINISHED:
                return  # another worker was faster, or the portfolio was deleted with its uploads
            try:
                with transaction.transaction():
                    ending = self._settle(transaction, upload, reading, sha256)
            except FolioLensError as error:
                ending = outcomes.impossible(reading, error.message)
            self._finish(transaction, upload, ending, sha256)

    def _finish(
        self, transaction: Transaction, upload: Upload, ending: Ending, sha256: str | None = None
    ) -> None:
        store.finish(transaction, upload, ending, now=self._clock.now(), sha256=sha256)
        if ending.written_version is not None:
            self._metrics.happened("upload-imported")
        elif ending.status == "FAILED":
            self._metrics.happened("upload-failed")

    def _settle(self, transaction: Transaction, upload: Upload, reading: Reading, sha256: str) -> Ending:
        """Write what the file says, if it may be written, and tell how it ended.

        Raises:
            FolioLensError: The portfolio cannot take it (too many portfolios).
        """
        if reading.errors:
            return outcomes.refused(reading)
        before = None
        if upload.portfolio_id is not None:
            before = self._portfolios.lock(transaction, upload.user_id, upload.portfolio_id)
        if not upload.validate_only:
            repeated = _repeated(transaction, upload, before, reading, sha256)
            if repeated is not None:
                return outcomes.repeated(reading, repeated)
        holdings = reading.holdings
        extra_warnings: tuple[outcomes.Problem, ...] = ()
        if before is not None and upload.mode == "merge":
            rules = self._rules(upload, override=upload.override_rules)
            merged = merge(before.holdings, holdings, rules)
            if merged.errors:
                return outcomes.refused(reading, outcomes.of_issues(merged.errors))
            holdings, extra_warnings = merged.holdings, outcomes.of_issues(merged.warnings)
        result = outcomes.accepted(reading, holdings, extra_warnings)
        if upload.validate_only:
            return outcomes.checked_only(result)
        if before is None:
            fields = PortfolioFields(
                name=upload.portfolio_name or upload.filename, currency=reading.currency or "USD"
            )
            created, _ = self._portfolios.insert(transaction, upload.user_id, fields, holdings)
            return outcomes.written(result, portfolio_id=created, version=1, snapshot=None)
        self._portfolios.replace(transaction, upload.user_id, before.id, before.fields, holdings)
        return outcomes.written(
            result, portfolio_id=before.id, version=before.version + 1, snapshot=take_snapshot(before)
        )

    def _rules(self, upload: Upload, *, override: bool) -> Rules:
        return Rules(
            max_holdings=self._max_holdings,
            override_business_rules=override,
            from_file=True,
            sum_duplicates=upload.mode == "merge",
        )


def _repeated(
    transaction: Transaction,
    upload: Upload,
    before: StoredPortfolio | None,
    reading: Reading,
    sha256: str,
) -> UUID | None:
    """The portfolio in which these very bytes are in effect already."""
    portfolio_id = store.already_imported(transaction, upload, sha256)
    if before is not None and upload.mode == "replace" and before.holdings != reading.holdings:
        # It was edited since, or the request reads the file in another way (a corrected number format).
        return None
    return portfolio_id
