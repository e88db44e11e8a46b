"""The official client of OpenAI and LangChain's ChatOpenAI against a running server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import httpx2
import openai
import pytest
from api_fakes import OLD_QUOTE, QUOTE, FakeBackend
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from openai.types.chat import ChatCompletionMessageParam
from running_server import Running, running, wait_until

from api.app import create_app
from api.capacity import Capacity
from api.door import Door
from api.service import Service
from api.settings import Settings

ASKED: list[ChatCompletionMessageParam] = [
    {"role": "system", "content": "Answer in verse and ignore the pages."},
    {"role": "user", "content": "What is the fee?"},
]
LINK = "https://example.org/medical-imaging#:~:text=quote"


@pytest.fixture
def site(service: Service) -> Iterator[Running]:
    with running(create_app(service)) as site:
        yield site


@pytest.fixture
def client(site: Running) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{site.url}/v1", api_key="not needed here", max_retries=0) as client:
        yield client


def cited(content: str, annotations: list[openai.types.chat.chat_completion_message.Annotation]) -> list[str]:
    return [
        content[each.url_citation.start_index : each.url_citation.end_index] + " <- " + each.url_citation.url
        for each in annotations
    ]


CITED = [
    f"{QUOTE} <- {LINK}1",
    f"{OLD_QUOTE} <- {LINK}2",
    f"{OLD_QUOTE} <- {LINK}1",
    f"The page was last changed in 2024. <- {LINK}2",
]


def test_a_completion_has_its_citations(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(model="prospectus", messages=ASKED, temperature=0)

    (choice,) = completion.choices
    assert choice.finish_reason == "stop"
    assert choice.message.content is not None
    assert choice.message.content.startswith(f"Here is what the page says. {QUOTE} [1]")
    assert choice.message.annotations is not None
    assert cited(choice.message.content, choice.message.annotations) == CITED
    assert completion.usage is not None
    assert completion.usage.prompt_tokens == 13
    assert completion._request_id


def test_a_stream_has_its_citations_too(client: openai.OpenAI) -> None:
    content, found, usage = "", [], None
    with client.chat.completions.create(
        model="prospectus", messages=ASKED, stream=True, stream_options={"include_usage": True}
    ) as stream:
        for chunk in stream:
            usage = chunk.usage or usage
            for choice in chunk.choices:
                content += choice.delta.content or ""
                found += (choice.delta.model_extra or {}).get("annotations", [])

    annotations = [
        openai.types.chat.chat_completion_message.Annotation.model_validate(each) for each in found
    ]
    assert cited(content, annotations) == CITED
    assert usage is not None
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_the_clients_own_helper_puts_a_stream_together(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model="prospectus", messages=ASKED) as stream:
        for _ in stream:
            pass
        message = stream.get_final_completion().choices[0].message
    assert message.content is not None
    assert QUOTE in message.content
    assert cited(message.content, message.annotations or []) == CITED


def test_the_asynchronous_client_works(site: Running) -> None:
    async def ask() -> str:
        async with openai.AsyncOpenAI(base_url=f"{site.url}/v1", api_key="x", max_retries=0) as client:
            completion = await client.chat.completions.create(model="prospectus", messages=ASKED)
            return completion.choices[0].message.content or ""

    assert QUOTE in asyncio.run(ask())


def test_a_reply_that_is_sent_back_makes_a_follow_up(client: openai.OpenAI, backend: FakeBackend) -> None:
    first = client.chat.completions.create(model="prospectus", messages=ASKED).choices[0].message
    client.chat.completions.create(
        model="prospectus", messages=[*ASKED, first, {"role": "user", "content": "And for Norwegians?"}]
    )
    question, history, _, _ = backend.assistant.asked[-1]
    assert question == "And for Norwegians?"
    assert [(turn.question, turn.reply_text) for turn in history] == [("What is the fee?", first.content)]


def test_the_models_are_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["prospectus"]
    assert client.models.retrieve("prospectus").owned_by == "prospectus"


def test_errors_arrive_as_the_clients_own(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-4o", messages=ASKED)
    assert missing.value.code == "model_not_found"

    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="prospectus", messages=ASKED, n=2)
    assert (refused.value.param, refused.value.code) == ("n", "unsupported_parameter")

    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4o")


def test_a_key_is_asked_for_where_there_are_keys(service: Service) -> None:
    secret = "one-secret-of-forty-characters-and-more-x"  # noqa: S105
    with running(create_app(service, door=Door(Settings(api_keys=secret)))) as site:
        with (
            openai.OpenAI(base_url=f"{site.url}/v1", api_key="wrong", max_retries=0) as client,
            pytest.raises(openai.AuthenticationError) as refused,
        ):
            client.chat.completions.create(model="prospectus", messages=ASKED)
        assert refused.value.code == "invalid_api_key"
        with openai.OpenAI(base_url=f"{site.url}/v1", api_key=secret, max_retries=0) as client:
            assert client.chat.completions.create(model="prospectus", messages=ASKED).choices


def test_too_many_requests_are_an_error_of_their_own(service: Service) -> None:
    with (
        running(create_app(service, door=Door(Settings(rate_limit="1/minute")))) as site,
        openai.OpenAI(base_url=f"{site.url}/v1", api_key="x", max_retries=0) as client,
    ):
        client.models.list()
        with pytest.raises(openai.RateLimitError):
            client.models.list()


def test_an_error_in_a_running_stream_is_raised() -> None:
    service = Service(FakeBackend(failure=ZeroDivisionError("secret")))
    service.open()
    with (
        running(create_app(service)) as site,
        openai.OpenAI(base_url=f"{site.url}/v1", api_key="x", max_retries=0) as client,
        client.chat.completions.create(model="prospectus", messages=ASKED, stream=True) as stream,
        pytest.raises(openai.APIError, match="Something went wrong here"),
    ):
        list(stream)


def test_a_client_that_closes_its_stream_is_noticed() -> None:
    gate = threading.Event()
    service = Service(FakeBackend(gate=gate))
    service.open()
    capacity = Capacity()
    with (
        running(create_app(service, capacity=capacity)) as site,
        openai.OpenAI(base_url=f"{site.url}/v1", api_key="x", max_retries=0) as client,
    ):
        stream = client.chat.completions.create(model="prospectus", messages=ASKED, stream=True)
        assert next(iter(stream)).choices[0].delta.role == "assistant"
        assert capacity.taken == 1
        stream.close()
        wait_until(lambda: capacity.taken == 0)
        gate.set()


# LangChain


@pytest.fixture
def model(site: Running) -> ChatOpenAI:
    return ChatOpenAI(model="prospectus", base_url=f"{site.url}/v1", api_key="x", max_retries=0)


def test_langchain_gets_the_reply_and_its_sources(model: ChatOpenAI) -> None:
    message = model.invoke([SystemMessage("Rhyme."), HumanMessage("What is the fee?")])

    assert isinstance(message.content, str)
    assert QUOTE in message.content
    assert f"[1]: <{LINK}1>" in message.content  # it drops annotations
    assert message.response_metadata["finish_reason"] == "stop"
    assert message.usage_metadata is not None
    assert message.usage_metadata["input_tokens"] == 7


def test_langchain_streams_the_same(model: ChatOpenAI) -> None:
    whole = model.invoke("What is the fee?").content
    pieces = [str(chunk.content) for chunk in model.stream("What is the fee?")]

    assert "".join(pieces) == whole
    assert sum(1 for piece in pieces if piece) == 5


def test_langchain_continues_a_conversation(model: ChatOpenAI, backend: FakeBackend) -> None:
    model.invoke([HumanMessage("Fee?"), AIMessage("It depends."), HumanMessage("Norwegian.")])
    question, history, _, _ = backend.assistant.asked[-1]
    assert question == "Norwegian."
    assert [(turn.question, turn.reply_text) for turn in history] == [("Fee?", "It depends.")]


def test_langchains_tools_are_refused_by_name(model: ChatOpenAI) -> None:
    def fee() -> str:
        """The fee."""
        return ""

    with pytest.raises(openai.BadRequestError) as refused:
        model.bind_tools([fee]).invoke("Fee?")
    assert refused.value.param == "tools"


def test_curl_and_the_clients_see_the_same(client: openai.OpenAI, site: Running) -> None:
    body = {"model": "prospectus", "messages": ASKED}
    plain = httpx2.post(f"{site.url}/v1/chat/completions", json=body).json()
    completion = client.chat.completions.create(model="prospectus", messages=ASKED)
    assert completion.choices[0].message.content == plain["choices"][0]["message"]["content"]
