"""What people do while the server is loaded: Locust's users, started by `bench.load_test`.

The mix, in visits of a hundred: 50 look at portfolios, 25 read a risk report, 5 ask for a rebalancing plan, 8
have an article judged, 6 ask for a prediction, 6 import a file and wait for it. Between two things people
think, `LOAD_THINK` seconds on average, exponentially distributed.
"""

import itertools
import json
import os
import random
from pathlib import Path
from typing import Any

import gevent
from locust import FastHttpUser, task

__all__ = ["Person"]

_THINK = float(os.environ["LOAD_THINK"])
_ACCOUNTS = itertools.cycle(json.loads(Path(os.environ["LOAD_ACCOUNTS"]).read_text()))
_PREDICTION = json.loads(Path(os.environ["LOAD_PREDICTION"]).read_text())
_FINAL = {"COMPLETED", "FAILED", "EXPIRED"}
_BUSY = {429, 503}
_NEWS = ("Profit rose", "Sales fell", "The outlook was raised", "A plant was closed", "Nothing changed")


class Person(FastHttpUser):
    """Somebody with an account and a portfolio."""

    network_timeout = 30.0
    connection_timeout = 10.0

    def wait_time(self) -> float:
        """Seconds until the next thing."""
        return random.expovariate(1 / _THINK)

    def on_start(self) -> None:
        """Be somebody."""
        account = next(_ACCOUNTS)
        self.headers = {"Authorization": f"Bearer {account['token']}"}
        self.portfolio = account["portfolio"]

    @task(30)
    def list_portfolios(self) -> None:
        """The first page of all portfolios."""
        self._ask("GET", "/v1/portfolios", name="list")

    @task(20)
    def look(self) -> None:
        """One portfolio."""
        self._ask("GET", f"/v1/portfolios/{self.portfolio}", name="get")

    @task(25)
    def analyse(self) -> None:
        """The risk report."""
        self._ask("GET", f"/v1/portfolios/{self.portfolio}/risk", name="risk")

    @task(5)
    def rebalance(self) -> None:
        """A plan with new money."""
        body = {"targets": {"method": "equal_weight"}, "cashFlow": random.randrange(100, 10_000, 100)}
        self._ask("POST", f"/v1/portfolios/{self.portfolio}/rebalance", body, name="rebalance")

    @task(8)
    def sentiment(self) -> None:
        """An article of five sentences, new each time."""
        text = [f"{random.choice(_NEWS)} by {random.randrange(10_000)}." for _ in range(5)]
        self._ask("POST", "/v1/sentiment", {"text": text, "hash": 1}, name="sentiment")

    @task(6)
    def predict(self) -> None:
        """A prediction from 250 days, the last of them new each time."""
        closes = [random.uniform(90, 110), *_PREDICTION["close"][1:]]
        self._ask("POST", "/v1/predict", {**_PREDICTION, "close": closes}, name="predict")

    @task(6)
    def upload(self) -> None:
        """Import a file and look until it is a portfolio."""
        rows = "".join(f"SYM{n},{random.randrange(1_000, 10_000)}.00\n" for n in range(20))
        content = f"Symbol,Dollar Amount\n{rows}".encode()
        body = {"filename": "load.csv", "size": len(content), "contentType": "text/csv"}
        ticket = self._ask("POST", "/v1/uploads", body, name="upload: ask")
        if ticket is None:
            return
        with self.client.put(
            ticket["uploadUrl"],
            data=content,
            headers=ticket["headers"],
            name="upload: send",
            catch_response=True,
        ) as sent:
            if sent.status_code in _BUSY:
                sent.success()
                return
        for _ in range(60):
            status = self._ask("GET", f"/v1/upload/{ticket['uploadId']}/status", name="upload: status")
            if status is not None and status["status"] in _FINAL:
                return
            gevent.sleep(0.5)

    def _ask(self, method: str, path: str, body: Any = None, *, name: str) -> Any:
        """Ask; the answer, or None where the server was busy and said so, which is no failure."""
        with self.client.request(
            method, path, json=body, headers=self.headers, name=name, catch_response=True
        ) as answer:
            if answer.status_code in _BUSY and "retry-after" in answer.headers:
                answer.request_meta["name"] = f"{name}: refused"
                answer.success()
                return None
            if not 200 <= answer.status_code < 300:
                answer.failure(f"{answer.status_code} {(answer.text or '')[:200]}")
                return None
            return answer.json()
