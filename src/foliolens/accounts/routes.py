"""The routes of accounts: `auth`, `user`, and the key set at its well-known place."""

from fastapi import APIRouter

from foliolens.accounts.auth_routes import router as auth_router
from foliolens.accounts.auth_routes import well_known_router
from foliolens.accounts.user_routes import router as user_router

__all__ = ["router", "well_known_router"]

router = APIRouter()
router.include_router(auth_router)
router.include_router(user_router)
