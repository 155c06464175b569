"""Sentiment in the HTTP contract: what requests hold and responses show."""

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from foliolens.kit.schema import NO_NUL, WHOLE, RequestModel, ResponseModel
from foliolens.sentiment.models import Judgement, Label, ModelIdentity, tally

__all__ = [
    "ArticleInput",
    "ArticleResult",
    "BatchInput",
    "BatchResult",
    "ModelView",
    "SentenceView",
    "SentimentInput",
    "SentimentResult",
    "article_result",
    "sentiment_result",
]

MOST_ARTICLES = 64

# The stocks app sends what it likes beside the fields of the contract.
_LENIENT = ConfigDict(alias_generator=to_camel, strict=True, extra="ignore", frozen=True)

_Text = Annotated[str, Field(json_schema_extra={"pattern": NO_NUL})]
_Sentences = Annotated[list[_Text], Field(fail_fast=True)]


def _string_or_number(value: object) -> object:
    if value is None or (isinstance(value, str | int | Decimal) and not isinstance(value, bool)):
        return value
    raise PydanticCustomError("INVALID_TYPE", "must be a string or a number")


def _one_message(value: object, validate: ValidatorFunctionWrapHandler) -> object:
    """Not one message for each form an id may have, under names that nobody sent."""
    try:
        return validate(value)
    except ValidationError:
        raise PydanticCustomError(
            "INVALID_VALUE", "must be a string of at most 500 characters or a whole number"
        ) from None


_WholeId = Annotated[int, Field(gt=-(10**18), lt=10**18), WHOLE]
_Id = Annotated[Annotated[_Text, StringConstraints(max_length=500)] | _WholeId, WrapValidator(_one_message)]

_ECHO_SCHEMA = WithJsonSchema(
    {"anyOf": [{"type": "string", "pattern": NO_NUL}, {"type": "number"}, {"type": "null"}]}
)
_Hash = Annotated[Any, BeforeValidator(_string_or_number), _ECHO_SCHEMA]
_Echo = Annotated[Any, _ECHO_SCHEMA]

_TALLY_SCHEMA = {
    "type": "array",
    "prefixItems": [{"type": "integer", "minimum": 0}, {"type": "number", "minimum": 0, "maximum": 1}],
    "minItems": 2,
    "maxItems": 2,
    "description": "How many sentences, and the mean confidence of those; `[0, 0]` where there is none.",
}
_TallyView = Annotated[tuple[int, int | float], WithJsonSchema(_TALLY_SCHEMA)]
_Probability = Annotated[float, Field(ge=0, le=1)]


class SentimentInput(RequestModel):
    """The sentences of one article; other keys are ignored."""

    model_config = _LENIENT

    text: _Sentences = Field(description="At most 200 sentences and 100 kB; blank ones are ignored.")
    hash: _Hash = Field(default=None, description="Comes back exactly as it was sent.")


_ONE_OF_BOTH: list[JsonValue] = [
    {"required": ["text"], "properties": {"text": {"type": "string"}, "sentences": {"type": "null"}}},
    {"required": ["sentences"], "properties": {"sentences": {"type": "array"}, "text": {"type": "null"}}},
]


class ArticleInput(RequestModel):
    """One article of a batch: its text, or its sentences."""

    model_config = ConfigDict(**_LENIENT, json_schema_extra={"oneOf": _ONE_OF_BOTH})

    id: _Id
    text: _Text | None = Field(default=None, description="Raw text, which is split here.")
    sentences: _Sentences | None = None

    @model_validator(mode="after")
    def _has_one_of_both(self) -> Self:
        if (self.text is None) == (self.sentences is None):
            raise PydanticCustomError("TEXT_OR_SENTENCES", "an article has either `text` or `sentences`")
        return self


class BatchInput(RequestModel):
    """Some articles, together at most 200 sentences and 100 kB of text."""

    model_config = _LENIENT

    articles: Annotated[list[ArticleInput], Field(fail_fast=True, max_length=MOST_ARTICLES)]
    splitting: Literal["sentences", "client"] = Field(
        default="sentences",
        description="How raw text is split: `sentences` knows abbreviations, `client` is the app's rule.",
    )


class ModelView(ResponseModel):
    """The model that judged."""

    name: str
    version: str
    precision: str


class SentenceView(ResponseModel):
    """One sentence with its label and its three probabilities."""

    text: str
    label: Label
    positive: _Probability
    neutral: _Probability
    negative: _Probability
    truncated: bool


class SentimentResult(ResponseModel):
    """The sentiment of one article, keys in this order; the last three only where they are asked for.

    `truncated` is there too where a sentence was longer than the model reads.
    """

    positive: _TallyView
    neutral: _TallyView
    negative: _TallyView
    hash: _Echo = None
    truncated: int = Field(default=0, description="Sentences of which only the first 512 tokens were read.")
    model: ModelView | None = None
    sentences: list[SentenceView] | None = None


class ArticleResult(ResponseModel):
    """The sentiment of one article of a batch; `sentences` only where they are asked for."""

    id: str | int
    positive: _TallyView
    neutral: _TallyView
    negative: _TallyView
    truncated: int
    sentences: list[SentenceView] | None = None


class BatchResult(ResponseModel):
    """The sentiment of each article, in the order of the request."""

    model: ModelView
    articles: list[ArticleResult]


def sentiment_result(
    judged: tuple[tuple[str, Judgement], ...], echo: object, model: ModelIdentity, *, detail: bool
) -> SentimentResult:
    """The response about one article; what is not asked for stays unset."""
    fields: dict[str, Any] = {**_tallies(judged), "hash": echo}
    truncated = _truncated(judged)
    if truncated or detail:
        fields["truncated"] = truncated
    if detail:
        fields |= {"model": model_view(model), "sentences": _sentences(judged)}
    return SentimentResult(**fields)


def article_result(
    judged: tuple[tuple[str, Judgement], ...], identifier: str | int, *, detail: bool
) -> ArticleResult:
    """The response about one article of a batch."""
    fields: dict[str, Any] = {"id": identifier, **_tallies(judged), "truncated": _truncated(judged)}
    if detail:
        fields["sentences"] = _sentences(judged)
    return ArticleResult(**fields)


def model_view(model: ModelIdentity) -> ModelView:
    """The model as the contract shows it."""
    return ModelView(name=model.name, version=model.version, precision=model.precision)


def _tallies(judged: tuple[tuple[str, Judgement], ...]) -> dict[str, tuple[int, int | float]]:
    tallies = tally([judgement for _, judgement in judged])
    return {
        label.value: (item.count, 0 if item.mean is None else item.mean) for label, item in tallies.items()
    }


def _truncated(judged: tuple[tuple[str, Judgement], ...]) -> int:
    return sum(judgement.truncated for _, judgement in judged)


def _sentences(judged: tuple[tuple[str, Judgement], ...]) -> list[SentenceView]:
    return [
        SentenceView(
            text=sentence,
            label=judgement.label,
            positive=judgement.positive,
            neutral=judgement.neutral,
            negative=judgement.negative,
            truncated=judgement.truncated,
        )
        for sentence, judgement in judged
    ]
