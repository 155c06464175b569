"""The function behind the queue of arrived files: each becomes a portfolio, or says why not.

Lambda imports an entry point to start it; so this module, unlike others, is ready when it is imported.
"""

from foliolens.entrypoints.starting import start, started

start()

from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from foliolens.bootstrap_aws import function_metrics, function_tracing, give_up_reasons, upload_processor
from foliolens.entrypoints.time_limit import TimeLimit
from foliolens.kit import json
from foliolens.kit.jobs import Handler, attempt
from foliolens.kit.logging import configure_logging, request_id
from foliolens.uploads.processing import OBJECT_CREATED

__all__ = ["handler"]

_LAST_DELIVERY = 5  # as the queue's redrive policy says

configure_logging("json")
_batch = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
_processor = upload_processor()
_time = TimeLimit()
# The person learns from the status what was given up.
_uploads = Handler(_time.within(_processor.process), _processor.give_up)
_reasons = give_up_reasons()
_metrics = function_metrics()
_tracing = function_tracing()


@_metrics.reported
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Deal with a batch of messages; those that failed stay in the queue, the others do not."""
    _time.begin(context)
    return process_partial_response(event=event, record_handler=_deal_with, processor=_batch, context=context)


def _deal_with(record: SQSRecord) -> None:
    token = request_id.set(record.message_id)
    last = int(record.attributes.approximate_receive_count) >= _LAST_DELIVERY
    try:
        for key in _keys(record.body):
            attempt(_uploads, OBJECT_CREATED, {"key": key}, _metrics, _tracing, is_last=last)
    except Exception as error:
        if last:  # the queue moves the message to the dead letters, which has no place for a reason
            _reasons.write(record.message_id, f"{type(error).__name__} in attempt {_LAST_DELIVERY}")
        raise
    finally:
        request_id.reset(token)


def _keys(body: str) -> list[str]:
    """The keys that S3's notification names, which are encoded as in a form; none in its test message."""
    return [unquote_plus(record["s3"]["object"]["key"]) for record in json.decode(body).get("Records", ())]


started()
