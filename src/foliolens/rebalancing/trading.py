"""Which trades bring a portfolio back to its targets, as few and as small as that takes.

1. Positions above the largest size allowed are cut to it.
2. Groups above their band are sold down to their target; what a withdrawal still lacks comes from what is
   furthest above its target.
3. Groups below their band are bought up to their target. Uninvested cash pays for it, then money held above
   its target, then groups that are within their band but above their target.
4. Cash that is left, new cash included, goes where the portfolio is most short, within the band or not.

Every trade leaves its group nearer to its target than before, so this comes to an end, and at the end no
further trade would: asking again proposes nothing.
"""

from collections.abc import Sequence

from foliolens.rebalancing.book import Book
from foliolens.rebalancing.models import Cause, Group, Mode, Stake

__all__ = ["CannotWithdraw", "trade"]

_UNLIMITED = 10**18


class CannotWithdraw(Exception):
    """What may be sold does not raise the withdrawal.

    Args:
        missing: Cents.
    """

    def __init__(self, missing: int) -> None:
        self.missing = missing
        super().__init__(f"{missing} cents are missing")


def trade(
    stakes: Sequence[Stake],
    groups: Sequence[Group],
    *,
    cash: int,
    mode: Mode,
    least: int,
    ceiling: int | None,
) -> Book:
    """Make the trades.

    Args:
        stakes: What is held, or may be bought, and last the purse, empty.
        groups: Every stake in exactly one of them; the purse in the one that takes uninvested cash.
        cash: Cents to invest; negative to withdraw.
        mode: Which trades are allowed.
        least: Smallest trade in cents.
        ceiling: Most cents in one position.

    Raises:
        CannotWithdraw: The withdrawal is more than can be raised.
    """
    book = Book(stakes, cash=cash, least=least, ceiling=ceiling)
    _Trading(book, groups, mode).run()
    if book.cash < 0:
        raise CannotWithdraw(-book.cash)
    return book


class _Trading:
    def __init__(self, book: Book, groups: Sequence[Group], mode: Mode) -> None:
        self._book = book
        self._mode = mode
        self._groups = sorted(groups, key=lambda group: group.key)
        self._cash = [group for group in self._groups if group.is_cash]
        self._invested = [group for group in self._groups if not group.is_cash]

    def run(self) -> None:
        before = None
        while before != (before := self._book.snapshot()):
            if self._mode is not Mode.BUY_ONLY:
                self._cut_to_maximum()
                self._sell_above_band()
                self._raise_withdrawal()
            if self._mode is Mode.FULL:
                self._buy_below_band()
            if self._mode is not Mode.SELL_ONLY:
                self._place_cash()
        if self._mode is not Mode.SELL_ONLY:
            self._keep_rest()

    def _cut_to_maximum(self) -> None:
        book = self._book
        if book.ceiling is None:
            return
        for index, stake in enumerate(book.stakes):
            over = book.amount(index) - book.ceiling
            if over > 0 and not stake.is_cash:
                book.sell_part(index, over, Cause.OVER_MAXIMUM)

    def _sell_above_band(self) -> None:
        for group in self._most_over(self._invested):
            if self._book.held(group) > group.high:
                self._book.sell(group, self._book.excess(group), Cause.ABOVE_BAND)

    def _raise_withdrawal(self) -> None:
        self._raise(-self._book.cash, Cause.WITHDRAWAL, self._sources())
        while self._book.cash < 0 and self._sell_below_target():
            pass

    def _raise(self, wanted: int, cause: Cause, sources: Sequence[Group]) -> None:
        """Sell of the sources, in their order, until `wanted` cents came in or nothing is left."""
        for group in sources:
            if wanted <= 0:
                return
            part = min(wanted, self._book.excess(group))
            if part > 0:
                wanted -= self._book.sell(group, max(part, self._book.least), cause)

    def _sources(self) -> list[Group]:
        """Return what is above its target: cash first, then what is furthest above."""
        return [*self._most_over(self._cash), *self._most_over(self._invested)]

    def _sell_below_target(self) -> bool:
        """Sell of what is at its target already, since a withdrawal must be raised.

        One position that is enough, with the least too much; else all of the largest.
        """
        book, missing = self._book, -self._book.cash
        chosen: tuple[tuple[int, int, int], int] | None = None
        start = book.snapshot()
        for index, stake in enumerate(book.stakes):
            raised = book.sell_part(index, min(missing, book.amount(index)), Cause.WITHDRAWAL)
            book.restore(start)
            rank = (max(0, missing - raised), raised, 0 if stake.is_money else 1)
            if raised and (chosen is None or rank < chosen[0]):
                chosen = (rank, index)
        if chosen is None:
            return False
        book.sell_part(chosen[1], min(missing, book.amount(chosen[1])), Cause.WITHDRAWAL)
        return True

    def _buy_below_band(self) -> None:
        for group in self._most_short(self._groups):
            if self._book.with_loose(group) < group.low:
                self._buy_back(group)

    def _buy_back(self, group: Group) -> None:
        """Buy a group up to its target, as far as it can be paid for; sell no more than that takes."""
        book, start = self._book, self._book.snapshot()
        wanted = self._cost(group, _UNLIMITED)
        sources = [each for each in self._sources() if each is not group] if wanted > book.cash else []
        self._raise(wanted - book.cash, Cause.RAISES_CASH, sources)
        budget = book.cash
        book.restore(start)
        cost = self._cost(group, budget)
        if cost:
            self._raise(cost - book.cash, Cause.RAISES_CASH, sources)
            if not book.buy(group, -book.excess(group), book.cash, Cause.BELOW_BAND):
                book.restore(start)

    def _place_cash(self) -> None:
        while any(self._place(group) for group in self._most_short(self._groups)):
            pass

    def _place(self, group: Group) -> bool:
        """Buy of a group that is short for the loose cash, and the cash that is above its band."""
        book = self._book
        idle = [each for each in self._most_over(self._cash) if book.with_loose(each) > each.high]
        if group.is_cash or self._mode is not Mode.FULL:
            idle = []
        if book.cash <= 0 and not idle:
            return False
        start = book.snapshot()
        for budget in (book.cash + sum(map(book.excess, idle)), book.cash):
            self._raise(self._cost(group, budget) - book.cash, Cause.RAISES_CASH, idle)
            if book.buy(group, -book.excess(group), min(budget, book.cash), Cause.PLACES_CASH):
                return True
            book.restore(start)
        return False

    def _keep_rest(self) -> None:
        """Put what is left over into the largest position of money, if there is one."""
        book = self._book
        money = [index for index, stake in enumerate(book.stakes) if stake.is_money and stake.cents]
        if money and book.cash > 0:
            book.keep(min(money, key=lambda index: (-book.stakes[index].cents, index)), book.cash)

    def _cost(self, group: Group, budget: int) -> int:
        """Return what must be at hand to buy a group up to its target, within a budget; 0 for no purchase."""
        start = self._book.snapshot()
        cost = self._book.buy(group, -self._book.excess(group), budget, Cause.PLACES_CASH)
        self._book.restore(start)
        return cost and cost + self._book.rounding(group)

    def _most_over(self, groups: Sequence[Group]) -> list[Group]:
        over = [(group.target - self._book.with_loose(group), group.key, group) for group in groups]
        return [group for excess, _, group in sorted(over, key=lambda item: item[:2]) if excess < 0]

    def _most_short(self, groups: Sequence[Group]) -> list[Group]:
        short = [(self._book.excess(group), group.key, group) for group in groups]
        return [group for excess, _, group in sorted(short, key=lambda item: item[:2]) if excess < 0]
