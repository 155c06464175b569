"""The owner's side of links: make one, see which there are, take one back."""

import secrets
from collections.abc import Callable
from uuid import UUID, uuid4

from msgspec import Struct

from foliolens.errors import ShareNotFound, Unprocessable
from foliolens.kit.database import Transaction
from foliolens.portfolios.stored import StoredPortfolios
from foliolens.ports.clock import Clock
from foliolens.sharing import store
from foliolens.sharing.models import Share
from foliolens.sharing.schemas import IssuedShare, RevokedShare, ShareList, ShareRequest, ShareView
from foliolens.sharing.tokens import hash_of, token_from

__all__ = ["SharingService"]

_SEED_BYTES = 32


class SharingService(Struct, frozen=True):
    """What an owner does with links.

    Attributes:
        portfolios: Knows whose portfolio is whose.
        clock: Decides what has expired.
        max_shares: Most links of one portfolio that work at one time.
    """

    portfolios: StoredPortfolios
    clock: Clock
    max_shares: int

    def create(
        self,
        transaction: Transaction,
        user_id: UUID,
        portfolio_id: UUID,
        body: ShareRequest,
        secret: Callable[[bytes], bytes],
    ) -> IssuedShare:
        """Make a link.

        Args:
            transaction: The owner's.
            user_id: The owner.
            portfolio_id: What is shared.
            body: What the link allows.
            secret: Makes the secret of the token from a random seed, which is part of the answer.

        Raises:
            PortfolioNotFound: The user has no such portfolio.
            Unprocessable: There are as many links to it as allowed.
        """
        self.portfolios.lock(transaction, user_id, portfolio_id)  # so that no two requests count at once
        now = self.clock.now()
        if store.count_live(transaction, user_id, portfolio_id, now) >= self.max_shares:
            raise Unprocessable(
                f"There are {self.max_shares} links to this portfolio, the most there can be: take one back."
            )
        share = Share(
            id=uuid4(),
            user_id=user_id,
            portfolio_id=portfolio_id,
            permissions=body.allowed,
            show_amounts=body.show_amounts,
            created_at=now,
            expires_at=now + body.lifetime,
        )
        seed = secrets.token_bytes(_SEED_BYTES)
        store.insert_share(transaction, share, hash_of(token_from(secret(seed))))
        return IssuedShare.of(share, seed)

    def shares(self, transaction: Transaction, user_id: UUID, portfolio_id: UUID) -> ShareList:
        """The links to a portfolio that work, with their views.

        Raises:
            PortfolioNotFound: The user has no such portfolio.
        """
        shares = store.read_shares(transaction, user_id, portfolio_id, self.clock.now())
        if not shares:
            self.portfolios.read(transaction, user_id, portfolio_id)
        return ShareList(shares=[ShareView.of(share) for share in shares])

    def revoke(
        self, transaction: Transaction, user_id: UUID, portfolio_id: UUID, share_id: UUID
    ) -> RevokedShare:
        """Take a link back; nothing of it remains.

        Raises:
            PortfolioNotFound: The user has no such portfolio.
            ShareNotFound: The portfolio has no such link.
        """
        revoked = store.delete_share(transaction, user_id, portfolio_id, share_id)
        if revoked is None:
            self.portfolios.read(transaction, user_id, portfolio_id)
            raise ShareNotFound
        return RevokedShare(
            share_id=share_id, view_count=revoked.view_count, last_viewed_at=revoked.last_viewed_at
        )
