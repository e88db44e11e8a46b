"""The JSON of OpenAI's chat completions, as far as it means something here.

Each parameter is decided on one by one. Some are used. Some can have no effect on replies that are made of
quotes, and are taken without one. What would change the reply in a way that cannot be done is refused by name
(``errors.REFUSED``), unless its value asks for nothing.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from .. import examples
from ..schemas import AS_WHOLE, QUESTION_PATTERN

MODEL = "prospectus"
"""The id of the only model: replies made of quotes."""

MOST_MESSAGES = 500


class _Request(BaseModel):
    """Strict: a number is no text, and a field that is not known is an error, not ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Response(BaseModel):
    model_config = ConfigDict(frozen=True)


def _says_something(text: str) -> str:
    if not any(character.isalnum() for character in text):
        raise ValueError("must hold words")
    if any(unicodedata.category(character) == "Cc" and character not in "\n\r\t" for character in text):
        raise ValueError("must not contain control characters")
    return text


def _is_false(value: bool) -> bool:
    if value:
        raise ValueError("must be false")
    return value


Asked = Annotated[
    str,
    AfterValidator(_says_something),
    WithJsonSchema({"type": "string", "minLength": 1, "pattern": QUESTION_PATTERN}),
]
"""What a person wrote. Only the last question has to keep to the length of a question."""


# Not Literal[False] and its like: to Python 0 is False and 1 is True, to others they are not.
Never = Annotated[bool, AfterValidator(_is_false), WithJsonSchema({"type": "boolean", "const": False})]


# The limits stand inside: around a validator they would be missing in the JSON schema.
One = Annotated[int, Field(ge=1, le=1), AS_WHOLE]
Zero = Annotated[int, Field(ge=0, le=0), AS_WHOLE]
Positive = Annotated[int, Field(ge=1), AS_WHOLE]


class TextPart(_Request):
    """A part of a message. There are no others than text."""

    type: Literal["text"]
    text: str


class AskedPart(_Request):
    """A part of what a person wrote."""

    type: Literal["text"]
    text: Asked


class SystemMessage(_Request):
    """Instructions to a language model: data here, read by nobody."""

    role: Literal["system", "developer"]
    content: str | list[TextPart]
    name: str | None = None


class UserMessage(_Request):
    """What a person wrote."""

    role: Literal["user"]
    content: Asked | Annotated[list[AskedPart], Field(min_length=1)]
    name: str | None = None


class AssistantMessage(_Request):
    """What was replied. An ``annotations`` that comes back is not read: what was cited is looked up again."""

    role: Literal["assistant"]
    content: str | list[TextPart] | None = None
    name: str | None = None
    refusal: str | None = None
    annotations: list[Any] | None = None
    audio: None = None
    function_call: None = None
    tool_calls: Annotated[list[Any], Field(max_length=0)] | None = None


ChatMessage = Annotated[SystemMessage | UserMessage | AssistantMessage, Field(discriminator="role")]


class StreamOptions(_Request):
    """What a stream carries beside the text."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = Field(default=None, description="Taken without effect.")


class TextFormat(_Request):
    """The only format of a reply."""

    type: Literal["text"]


_TAKEN = "Taken without effect: a reply is made of quotes."
_NOTHING = Field(default=None, description="Only with a value that asks for nothing.")


class CompletionRequest(_Request):
    """A conversation, whose last message of a user is the question."""

    model: str = Field(min_length=1, description=f"Always `{MODEL}`.", examples=[MODEL])
    messages: list[ChatMessage] = Field(
        min_length=1,
        max_length=MOST_MESSAGES,
        description="The conversation so far. The last message of a user is the question.",
        json_schema_extra={
            "contains": {"type": "object", "properties": {"role": {"const": "user"}}, "required": ["role"]}
        },
    )
    stream: bool | None = Field(default=None, description="Whether to send one chunk for each sentence.")
    stream_options: StreamOptions | None = None

    frequency_penalty: float | None = Field(default=None, ge=-2, le=2, description=_TAKEN)
    max_completion_tokens: Positive | None = Field(default=None, description=_TAKEN)
    max_tokens: Positive | None = Field(default=None, description=_TAKEN)
    metadata: dict[str, str] | None = Field(default=None, max_length=16, description=_TAKEN)
    parallel_tool_calls: bool | None = Field(default=None, description=_TAKEN)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2, description=_TAKEN)
    prompt_cache_key: str | None = Field(default=None, description=_TAKEN)
    prompt_cache_retention: str | None = Field(default=None, description=_TAKEN)
    reasoning_effort: str | None = Field(default=None, description=_TAKEN)
    safety_identifier: str | None = Field(default=None, description=_TAKEN)
    seed: Annotated[int, AS_WHOLE] | None = Field(default=None, description=_TAKEN)
    service_tier: str | None = Field(default=None, description=_TAKEN)
    stop: str | Annotated[list[str], Field(max_length=4)] | None = Field(default=None, description=_TAKEN)
    temperature: float | None = Field(default=None, ge=0, le=2, description=_TAKEN)
    top_p: float | None = Field(default=None, ge=0, le=1, description=_TAKEN)
    user: str | None = Field(default=None, description=_TAKEN)
    verbosity: str | None = Field(default=None, description=_TAKEN)

    audio: None = _NOTHING
    function_call: Literal["none", "auto"] | None = _NOTHING
    functions: Annotated[list[Any], Field(max_length=0)] | None = _NOTHING
    logit_bias: Annotated[dict[str, Any], Field(max_length=0)] | None = _NOTHING
    logprobs: Never | None = _NOTHING
    modalities: Annotated[list[Literal["text"]], Field(min_length=1, max_length=1)] | None = _NOTHING
    moderation: None = _NOTHING
    n: One | None = _NOTHING
    prediction: None = _NOTHING
    response_format: TextFormat | None = _NOTHING
    store: Never | None = _NOTHING
    tool_choice: Literal["none", "auto"] | None = _NOTHING
    tools: Annotated[list[Any], Field(max_length=0)] | None = _NOTHING
    top_logprobs: Zero | None = _NOTHING
    web_search_options: None = _NOTHING


class UrlCitation(_Response):
    """The address of a quote, and the part of the content that rests on it: ``content[start:end]``.

    The two count Unicode code points of the whole content, also in a stream; ``end_index`` is the first that
    no longer belongs to it.
    """

    url: str
    title: str
    start_index: int
    end_index: int


class Annotation(_Response):
    """A citation."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class DeltaAnnotation(Annotation):
    """A citation in a stream; ``index`` counts them, for clients put lists together by it."""

    index: int


class CompletionMessage(_Response):
    """The reply."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[Annotation]


class Choice(_Response):
    """The one reply to a question."""

    index: Literal[0] = 0
    message: CompletionMessage
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class Usage(_Response):
    """Sizes in words and punctuation marks: no language model is used, so there are no tokens of one."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completion(_Response):
    """A reply; ``system_fingerprint`` is the generation of the index that it comes from."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.COMPLETION]})

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    system_fingerprint: str


class Delta(_Response):
    """What a chunk adds to the reply; what it does not add is left out."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    annotations: list[DeltaAnnotation] | None = None


class ChunkChoice(_Response):
    """The one reply to a question, in part."""

    index: Literal[0] = 0
    delta: Delta
    logprobs: None = None
    finish_reason: Literal["stop"] | None = None


class Chunk(_Response):
    """A part of a streamed reply."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.CHUNK]})

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: Usage | None = None


class Model(_Response):
    """A model that can be asked; ``created`` is when its first version was made, in seconds since 1970."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.MODEL]})

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: Literal["prospectus"] = "prospectus"


class ModelList(_Response):
    """All models."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.MODEL_LIST]})

    object: Literal["list"] = "list"
    data: list[Model]


class ErrorDetail(_Response):
    """What is wrong, and which parameter it is about."""

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorReply(_Response):
    """An error."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ERROR_REPLY]})

    error: ErrorDetail
