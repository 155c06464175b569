"""The routes of accounts: `auth`, `user`, and the key set at its well-known place."""

from foliolens.accounts.auth_routes import router as auth_router
from foliolens.accounts.auth_routes import well_known_router
from foliolens.accounts.deletion_routes import router as deletion_router
from foliolens.accounts.user_routes import router as user_router
from foliolens.accounts.web_session_routes import router as web_session_router

__all__ = ["auth_router", "deletion_router", "user_router", "web_session_router", "well_known_router"]
