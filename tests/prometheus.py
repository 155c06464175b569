"""What a page for Prometheus says, as plain facts."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

__all__ = ["Facts", "facts_of_page"]

Facts = dict[tuple[str, ...], float]
"""What was counted: by kind and labels."""

_OF_PAGE = {
    "foliolens_http_requests_total": ("requests", "method", "route", "status"),
    "foliolens_http_request_seconds_sum": ("request seconds", "method", "route"),
    "foliolens_jobs_total": ("jobs", "kind", "outcome"),
    "foliolens_job_seconds_sum": ("job seconds", "kind"),
    "foliolens_provider_calls_total": ("providers", "provider", "outcome"),
    "foliolens_provider_seconds_sum": ("provider seconds", "provider"),
    "foliolens_provider_breaker": ("breakers", "provider", "state"),
    "foliolens_cache_lookups_total": ("caches", "cache", "outcome"),
    "foliolens_model_seconds_sum": ("model seconds", "engine"),
    "foliolens_model_seconds_count": ("models", "engine"),
    "foliolens_events_total": ("events", "event"),
    "foliolens_queue_waiting": ("waiting", "queue"),
    "foliolens_queue_oldest_seconds": ("oldest", "queue"),
}


def facts_of_page(text: str) -> Facts:
    """All that is not 0."""
    facts: Facts = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name in _OF_PAGE:
                kind, *labels = _OF_PAGE[sample.name]
                facts[kind, *(sample.labels[label] for label in labels)] = sample.value
    return {fact: value for fact, value in facts.items() if value}
