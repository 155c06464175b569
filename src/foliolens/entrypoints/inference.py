"""The process beside a server that judges sentiment and predicts, of lower priority than all others.

`python -m foliolens.entrypoints.inference LISTENER LIFELINE`, started by `adapters.inference.supervision`.
"""

import logging
import os
import signal
import socket
import sys
from contextlib import suppress

from foliolens.adapters.inference.host import Calculation, end_with, serve

__all__ = ["main"]


def main(listener: int, lifeline: int) -> None:
    """Compute until the server is gone.

    Args:
        listener: The descriptor of a listening Unix socket.
        lifeline: The descriptor of a pipe whose other end the server holds.
    """
    # Ctrl+C and the end of a service reach all processes; this one is needed until all requests are answered.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_with(lifeline)
    _give_way()
    # A model leaves the interpreter's lock for every sentence; a prediction would keep it for 5 ms each time.
    sys.setswitchinterval(0.0005)
    from foliolens.adapters.local.prometheus_metrics import PrometheusMetrics  # noqa: PLC0415
    from foliolens.kit.logging import configure_logging  # noqa: PLC0415
    from foliolens.kit.rollout import Rollout  # noqa: PLC0415
    from foliolens.ports.metrics import NO_METRICS, Metrics  # noqa: PLC0415
    from foliolens.prediction.forecasting import PREDICTION, timed_forecast  # noqa: PLC0415
    from foliolens.sentiment.choice import ROLLED_OUT, SENTIMENT, EngineChoice  # noqa: PLC0415
    from foliolens.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    configure_logging(settings.http.log_format)
    try:
        metrics: Metrics = PrometheusMetrics()
    except OSError:  # a full disk; what is computed needs none
        logging.getLogger(__name__).exception("this process's work is not counted")
        metrics = NO_METRICS

    def judge(model: str | None = None) -> Calculation:
        return EngineChoice(settings.sentiment, settings.data, model, metrics, distrustful=True).judge

    tasks: dict[str, Calculation] = {SENTIMENT: judge(), PREDICTION: timed_forecast(metrics)}
    rollout = Rollout.stated(settings.sentiment.sentiment_rollout)
    if rollout is not None:
        tasks[ROLLED_OUT] = judge(rollout.engine)
    serve(socket.socket(fileno=listener), tasks)


def _give_way() -> None:
    """Run only while no other process of the server has anything to do."""
    os.nice(19)
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may know no policies
            # Below every nice value: whoever else wakes up takes the core at once.
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
