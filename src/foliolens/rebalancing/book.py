"""The state of a plan while it is made: what was traded so far, and how an amount is shared out.

Cash is loose until it is spent or set aside. What is set aside stays uninvested, and counts towards the group
that takes uninvested cash, as one more position of money: the purse.

A trade brings its group nearer to the target: the last lot of each is only traded where that leaves the group
less far off than without it. What is bought and sold of one symbol becomes a single trade.
"""

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct

from foliolens.holdings.apportionment import largest_remainder
from foliolens.rebalancing.models import Cause, Group, Stake

__all__ = ["Book"]

_UNLIMITED = 10**18


class _State(Struct, frozen=True):
    cash: int
    net: tuple[int, ...]
    closed: tuple[bool, ...]
    causes: tuple[Cause | None, ...]


class Book:
    """Positions, loose cash and the trades so far.

    Args:
        stakes: What is held, or may be bought, and last the purse.
        cash: Loose cents before the first trade; negative where a withdrawal is owed.
        least: Smallest trade in cents.
        ceiling: Most cents in one position; None without limit.
    """

    def __init__(self, stakes: Sequence[Stake], *, cash: int, least: int, ceiling: int | None) -> None:
        self.stakes = stakes
        self.purse = len(stakes) - 1
        self.cash = cash
        self.least = least
        self.ceiling = ceiling
        self.net = [0] * len(stakes)  # lots
        self.closed = [False] * len(stakes)
        self.causes: list[Cause | None] = [None] * len(stakes)

    def snapshot(self) -> _State:
        """Return the state, to come back to with `restore`."""
        return _State(self.cash, tuple(self.net), tuple(self.closed), tuple(self.causes))

    def restore(self, state: _State) -> None:
        """Undo everything since `state`."""
        self.cash = state.cash
        self.net, self.closed, self.causes = list(state.net), list(state.closed), list(state.causes)

    def amount(self, index: int, lots: int = 0) -> int:
        """Return the cents in a position, once `lots` more were bought (negative: sold)."""
        if self.closed[index]:
            return 0
        stake, net = self.stakes[index], self.net[index] + lots
        return stake.cents + (stake.lots.cents(net) if net >= 0 else -stake.lots.cents(-net))

    def traded(self, index: int) -> int:
        """Return the cents bought of a position so far, negative if sold."""
        return self.amount(index) - self.stakes[index].cents

    def held(self, group: Group) -> int:
        """Return the cents in a group."""
        return sum(self.amount(index) for index in group.members)

    def excess(self, group: Group) -> int:
        """Return by how many cents a group is over its target, negative where it is short."""
        return self.held(group) - group.target

    def with_loose(self, group: Group) -> int:
        """Return the cents in a group if all loose cash was set aside."""
        return self.held(group) + (max(0, self.cash) if group.takes_uninvested else 0)

    def rounding(self, group: Group) -> int:
        """Return by how many cents buying a group may become dearer than it was when counted."""
        return sum(0 if self.stakes[index].lots.denominator == 1 else 2 for index in group.members)

    def sell(self, group: Group, wanted: int, cause: Cause) -> int:
        """Sell `wanted` cents of a group in proportion to its positions, or what lots allow.

        Args:
            group: What to sell of: money first, then the rest; no lot that would leave it, with the loose
                cash that counts towards it, further from its target.
            wanted: Cents to raise; lots may make it more.
            cause: Why.

        Returns:
            The cents raised; 0 where no sale is possible.
        """
        start, best, after = self.snapshot(), -1, None
        has_money = any(self.stakes[index].is_money for index in group.members)
        # Without money where what is left to sell of the rest would be too small a trade.
        for kinds in ((True, False), (False,)) if has_money else ((False,),):
            self.restore(start)
            raised = self._sell_kinds(group, wanted, kinds, cause)
            if raised > best:
                best, after = raised, self.snapshot()
            if best >= wanted:
                break
        self.restore(after or start)
        return max(best, 0)

    def _sell_kinds(self, group: Group, wanted: int, kinds: Sequence[bool], cause: Cause) -> int:
        raised = 0
        for is_money in kinds:
            members = [
                index
                for index in group.members
                if self.stakes[index].is_money is is_money
                and self.stakes[index].sellable
                and self.amount(index) > 0
            ]
            limit = self.with_loose(group) - group.target
            if members and raised < wanted and limit > 0:
                share_out = partial(self._sales, limit=limit, keeps_some=group.target > 0)
                raised -= self._trade(members, min(wanted - raised, limit), share_out, cause)
        return raised

    def buy(self, group: Group, wanted: int, budget: int, cause: Cause) -> int:
        """Buy `wanted` cents of a group in proportion to its positions, or what lots and the budget allow.

        Returns:
            The cents spent; 0 where no purchase is possible.
        """
        members = [index for index in group.members if not self.closed[index] and self._room(index) > 0]
        return self._trade(members, wanted, partial(self._purchases, budget=budget), cause)

    def sell_part(self, index: int, wanted: int, cause: Cause) -> int:
        """Sell at least `wanted` cents of one position, whatever its target; the cents raised, or 0."""
        if not self.stakes[index].sellable:
            return 0
        wanted = max(wanted, self.least + self.traded(index))
        if wanted > self.amount(index):
            return 0
        lots = min(self.stakes[index].lots.covering(wanted), self._most_lots(index, keeps_some=False))
        enough = -self._difference(index, -lots) >= wanted
        return -self._apply({index: -lots if enough else None}, cause)

    def keep(self, index: int, cents: int) -> None:
        """Put cash into a position of money, unless that made a trade below the smallest."""
        traded = self.traded(index) + cents
        if traded and abs(traded) < self.least:
            return
        self.net[index], self.closed[index] = traded, False
        self.cash -= cents
        self._note(index, Cause.KEEPS_REST)

    def _trade(
        self,
        members: list[int],
        wanted: int,
        share_out: Callable[[Sequence[int], int], dict[int, int | None]],
        cause: Cause,
    ) -> int:
        """Trade `wanted` cents over members, without those whose part would be below the smallest trade."""
        remaining = list(members)
        while remaining:
            lots = share_out(remaining, wanted)
            small = [
                index
                for index in lots
                if index != self.purse and 0 < self._sum(index, lots[index]) < self.least
            ]
            if not small:
                break
            small.sort(key=lambda index: (self._sum(index, lots[index]), index))
            dropped = set(small[: (len(small) + 1) // 2])
            remaining = [index for index in remaining if index not in dropped]
        else:
            lots = self._alone(members, wanted, share_out)
        return self._apply(lots, cause)

    def _alone(
        self,
        members: Sequence[int],
        wanted: int,
        share_out: Callable[[Sequence[int], int], dict[int, int | None]],
    ) -> dict[int, int | None]:
        """Return a trade of a single member that is large enough, of the largest such member."""
        for index in sorted(members, key=lambda index: (-self.amount(index), index)):
            lots = share_out([index], wanted)
            if lots and (index == self.purse or self._sum(index, lots[index]) >= self.least):
                return lots
        return {}

    def _apply(self, lots: dict[int, int | None], cause: Cause) -> int:
        spent = 0
        for index, count in lots.items():
            before = self.amount(index)
            if count is None:
                self.closed[index] = True
            else:
                self.net[index] += count
            self._note(index, cause)
            spent += self.amount(index) - before
        self.cash -= spent
        return spent

    def _sum(self, index: int, lots: int | None) -> int:
        """Return the size of a position's trade in cents with `lots` more; None closes the position."""
        after = 0 if lots is None else self.amount(index, lots)
        return abs(after - self.stakes[index].cents)

    def _sales(
        self, members: Sequence[int], wanted: int, limit: int, keeps_some: bool
    ) -> dict[int, int | None]:
        """Share out a sale: lots of each member, negative; None for all of it."""
        amounts = [self.amount(index) for index in members]
        wanted = min(wanted, sum(amounts))
        parts = dict(zip(members, largest_remainder(amounts, wanted), strict=True))
        lots: dict[int, int | None] = {}
        for index, amount in zip(members, amounts, strict=True):
            if not keeps_some and parts[index] == amount:
                lots[index] = None
            else:
                lots[index] = -min(
                    self.stakes[index].lots.within(parts[index]), self._most_lots(index, keeps_some)
                )
        raised = {index: -self._difference(index, lots[index]) for index in members}
        total = sum(raised.values())
        for index in sorted(members, key=lambda index: (raised[index] - parts[index], index)):
            rest = wanted - total
            count = lots[index]
            if rest <= 0 or count is None:
                continue
            left = self.amount(index) - raised[index]
            if not keeps_some and rest >= left:
                lots[index] = None
            else:
                step = self.stakes[index].lots
                more = min(step.covering(rest), step.nearest(limit - total))
                lots[index] = -min(-count + more, self._most_lots(index, keeps_some))
            total += -self._difference(index, lots[index]) - raised[index]
        return {index: count for index, count in lots.items() if count != 0}

    def _purchases(self, members: Sequence[int], wanted: int, budget: int) -> dict[int, int | None]:
        """Share out a purchase: lots of each member."""
        if budget <= 0 or wanted <= 0:
            return {}
        amounts = [self.amount(index) for index in members]
        weights = amounts if sum(amounts) else [1] * len(members)
        parts = dict(zip(members, largest_remainder(weights, min(wanted, budget)), strict=True))
        lots: dict[int, int] = {}
        for index in members:
            lots[index] = self.stakes[index].lots.affordable(min(parts[index], self._room(index)))
        spent = {index: self._difference(index, lots[index]) for index in members}
        total = sum(spent.values())
        for index in sorted(members, key=lambda index: (spent[index] - parts[index], index)):
            rest = wanted - total
            if rest <= 0:
                break
            step = self.stakes[index].lots
            most = min(budget - total + spent[index], self._room(index))
            lots[index] = max(lots[index], min(lots[index] + step.nearest(rest), step.affordable(most)))
            total += self._difference(index, lots[index]) - spent[index]
        return {index: count for index, count in lots.items() if count}

    def _difference(self, index: int, lots: int | None) -> int:
        """Return by how much a position changes with `lots` more; None closes it."""
        return (0 if lots is None else self.amount(index, lots)) - self.amount(index)

    def _room(self, index: int) -> int:
        """Return how many cents fit into a position."""
        if self.ceiling is None or self.stakes[index].is_cash:
            return _UNLIMITED
        return max(0, self.ceiling - self.amount(index))

    def _most_lots(self, index: int, keeps_some: bool) -> int:
        """Return how many more lots of a position can be sold, and leave some of it where it has a target."""
        stake = self.stakes[index]
        most = stake.lots.sellable(stake.cents) + self.net[index]
        if keeps_some and most > 0 and self.amount(index, -most) <= 0:
            most -= 1
        return max(0, most)

    def _note(self, index: int, cause: Cause) -> None:
        if self.causes[index] is None:
            self.causes[index] = cause
