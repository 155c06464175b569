"""How fine a link's figures are.

Fractions of exact amounts give those amounts away when they come with all the digits of a double: a continued
fraction finds numerator and denominator, the amount and the total in cents. With four decimals they fit every
total above some hundred units of the currency equally well.
"""

from typing import Annotated, Final

from pydantic import AfterValidator

__all__ = ["DECIMALS", "Rounded"]

DECIMALS: Final = 4
"""Of every figure: a share is shown to the hundredth of a percent."""

Rounded = Annotated[float, AfterValidator(lambda value: round(value, DECIMALS))]
