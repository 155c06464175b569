"""Counts what its standard input names, in a process of its own, and writes what the adapter tells.

A process of its own, since Prometheus' library reads its environment once, when it is imported.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

from foliolens.adapters.aws.emf_metrics import EmfMetrics
from foliolens.adapters.local.prometheus_metrics import PrometheusMetrics, join
from foliolens.ports.job_queue import Depth


def count_for_prometheus(data: Path, calls: list[list[object]]) -> None:
    join(data)
    metrics = PrometheusMetrics()
    for name, *arguments in calls:
        if name == "queued":
            queue, waiting, seconds = arguments
            depth = None if waiting is None else Depth(waiting, seconds and timedelta(seconds=seconds))
            metrics.queued(queue, depth)
        else:
            getattr(metrics, str(name))(*arguments)
    sys.stdout.buffer.write(metrics.text())


def count_for_cloudwatch(namespace: str, calls: list[list[object]]) -> None:
    metrics = EmfMetrics(namespace)
    for name, *arguments in calls:
        getattr(metrics, str(name))(*arguments)
    metrics.flush()


if __name__ == "__main__":
    adapter, argument = sys.argv[1:]
    to_count = json.load(sys.stdin)
    if adapter == "prometheus":
        count_for_prometheus(Path(argument), to_count)
    else:
        count_for_cloudwatch(argument, to_count)
