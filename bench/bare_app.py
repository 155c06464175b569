"""The peer of the HTTP routes: FastAPI and psycopg with nothing of ours between them.

`def` routes, one pool, indexed queries for the rows our routes are made of, FastAPI's own JSON. They check no
token, isolate no users, analyse nothing, count nothing, set no headers and write no log.
"""

import os
import sys
from typing import Any

from fastapi import FastAPI
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

__all__ = ["application", "serve"]

_SUMMARIES = (
    "SELECT id, name, description, total_value, currency, is_public, risk_profile, investment_horizon,"
    " version, holdings_count, risk_score, created_at, updated_at, last_analyzed_at, analysis_count"
    " FROM portfolios WHERE "
)
_LIST = f"{_SUMMARIES} user_id = %s ORDER BY created_at DESC, id DESC LIMIT 50"
_ONE = f"{_SUMMARIES} user_id = %s AND id = %s"
_HOLDINGS = (
    "SELECT id, symbol, name, type, category, sector, region, allocation, amount, shares, avg_price,"
    " expense_ratio, dividend_yield, risk_rating FROM holdings WHERE user_id = %s AND portfolio_id = %s"
    " ORDER BY position"
)


def application() -> FastAPI:
    """The application; granian calls this in its process."""
    pool = ConnectionPool(
        os.environ["BENCH_DATABASE_URL"],
        kwargs={"row_factory": dict_row},
        min_size=2,
        max_size=int(os.environ["BENCH_POOL_SIZE"]),
        max_waiting=0,
        timeout=60,
        open=True,
    )
    app = FastAPI(openapi_url=None)

    @app.get("/users/{user_id}/portfolios")
    def portfolios(user_id: str) -> dict[str, Any]:
        with pool.connection() as connection:
            return {"portfolios": connection.execute(_LIST, (user_id,)).fetchall()}

    @app.get("/users/{user_id}/portfolios/{portfolio_id}")
    def portfolio(user_id: str, portfolio_id: str) -> dict[str, Any]:
        with pool.connection() as connection:
            found = connection.execute(_ONE, (user_id, portfolio_id)).fetchone()
            assets = connection.execute(_HOLDINGS, (user_id, portfolio_id)).fetchall()
        return {**(found or {}), "assets": assets}

    return app


def serve(port: int) -> None:
    """Serve with the settings of `foliolens serve`."""
    Granian(
        "bench.bare_app:application",
        factory=True,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        workers=1,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
