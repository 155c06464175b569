"""The holder's side of links: whoever has a token sees what its owner allowed, and nothing else."""

from msgspec import Struct

from foliolens.errors import Conflict, Forbidden, PortfolioNotFound, ShareNotFound
from foliolens.kit.database import Database, UnknownSession
from foliolens.portfolios.service import PortfolioService
from foliolens.portfolios.stored import StoredPortfolio
from foliolens.ports.clock import Clock
from foliolens.sharing import store
from foliolens.sharing.models import Permission, Share
from foliolens.sharing.risk_view import SharedRiskReport
from foliolens.sharing.schemas import SharedPortfolio, SharedPortfolioWithAmounts, shown
from foliolens.sharing.tokens import hash_of

__all__ = ["LinkViewer"]


class LinkViewer(Struct, frozen=True):
    """What a link shows.

    Tokens that were never issued, have expired or were taken back are told apart nowhere, neither in the
    answer nor in the work that leads to it: hash, one indexed statement, nothing found.

    Attributes:
        database: Finds links across users, and opens the transaction of an owner.
        portfolios: Reads and analyses.
        clock: Decides what has expired.
    """

    database: Database
    portfolios: PortfolioService
    clock: Clock

    def portfolio(self, token: str) -> SharedPortfolio | SharedPortfolioWithAmounts:
        """The portfolio behind a link, counted as a view.

        Raises:
            ShareNotFound: The token leads nowhere.
        """
        share, portfolio = self._open(token, "view", views=1)
        return shown(portfolio, share)

    def risk(self, token: str) -> SharedRiskReport:
        """The risk report of the portfolio behind a link; changes when it was last viewed, not how often.

        Raises:
            ShareNotFound: The token leads nowhere.
            Forbidden: The link is for the holdings only.
        """
        _, portfolio = self._open(token, "analyze", views=0)
        return SharedRiskReport.of(self.portfolios.report(portfolio))

    def _open(self, token: str, permission: Permission, *, views: int) -> tuple[Share, StoredPortfolio]:
        """The link, and its portfolio as row-level security shows it to its owner."""
        try:
            # Counted in a transaction of its own: nobody waits for a row while a portfolio is read.
            with self.database.system() as lookup:
                share = store.open_share(
                    lookup, hash_of(token), permission, views=views, now=self.clock.now()
                )
            if share is None:
                raise _no_such_link()
            if permission not in share.permissions:
                raise Forbidden("This link shows the holdings only: its owner did not share the risk report.")
            with self.database.user(share.user_id) as transaction:
                return share, self.portfolios.stored.read(transaction, share.user_id, share.portfolio_id)
        except (Conflict, UnknownSession, PortfolioNotFound) as error:
            # Taken back, or the portfolio or the account deleted, while we were at it.
            raise _no_such_link() from error


def _no_such_link() -> ShareNotFound:
    return ShareNotFound("This link leads nowhere: it was mistyped, has expired or was taken back.")
