from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import api
from api.app import create_app
from api.door import Door
from api.service import Service
from api.settings import Settings
from api.widget_files import Widget, script_tag

FOLDER = Path(api.__file__).parent / "widget"
SCRIPT = (FOLDER / "widget.js").read_bytes()
HASHED = f"/widget.{hashlib.sha256(SCRIPT).hexdigest()[:12]}.js"
ALLOWED = "https://www.example.edu"
SMALL = Widget(b"alert(1)", {"en": b"{}", "nl": b"{}"})


@pytest.fixture
def guarded(service: Service, tmp_path: Path) -> Iterator[TestClient]:
    """A server for pages of one origin."""
    door = Door(Settings(data_dir=tmp_path, allowed_origins=ALLOWED))
    with TestClient(create_app(service, door=door), raise_server_exceptions=False) as client:
        yield client


def test_the_script_is_served_as_it_is_packaged(client: TestClient) -> None:
    served = client.get("/widget.js")

    assert served.status_code == 200
    assert served.content == SCRIPT
    assert served.headers["content-type"] == "text/javascript; charset=utf-8"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert served.headers["cache-control"] == "public, max-age=300"


def test_under_the_name_with_its_hash_the_script_is_kept_for_ever(client: TestClient) -> None:
    served = client.get(HASHED)

    assert served.content == SCRIPT
    assert served.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("name", ["/widget.000000000000.js", "/widget.js/", "/widget/widget.js", "/widget/"])
def test_no_other_name_leads_to_the_script_and_the_failure_is_not_kept(client: TestClient, name: str) -> None:
    served = client.get(name)

    assert served.status_code == 404
    assert served.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("language", ["en", "nl", "de", "es", "fr", "zh"])
def test_each_languages_texts_are_served(client: TestClient, language: str) -> None:
    served = client.get(f"/widget/locales/{language}.json")

    assert served.content == (FOLDER / "locales" / f"{language}.json").read_bytes()
    assert json.loads(served.content) is not None
    assert served.headers["content-type"] == "application/json"
    assert served.headers["cache-control"] == "public, max-age=3600"


@pytest.mark.parametrize("name", ["xx.json", "en", "en.js", "..%2fwidget.js", "%2e%2e/demo.html"])
def test_nothing_but_the_languages_is_served_beside_them(client: TestClient, name: str) -> None:
    assert client.get(f"/widget/locales/{name}").status_code == 404


@pytest.mark.parametrize("path", ["/widget.js", HASHED, "/widget/locales/en.json"])
@pytest.mark.parametrize("origin", [None, ALLOWED, "https://elsewhere.example"])
def test_any_page_may_load_them_whoever_may_call_the_api(
    guarded: TestClient, path: str, origin: str | None
) -> None:
    served = guarded.get(path, headers={"Origin": origin} if origin else {})

    assert served.status_code == 200
    assert served.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in served.headers
    assert served.headers["cross-origin-resource-policy"] == "cross-origin"
    # The reply is the same for every origin, so that one cached copy will do for all.
    assert served.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/documents", "/openapi.json"])
def test_nothing_else_may_be_loaded_by_other_sites(guarded: TestClient, path: str) -> None:
    served = guarded.get(path, headers={"Origin": "https://elsewhere.example"})

    assert "access-control-allow-origin" not in served.headers
    assert served.headers["cross-origin-resource-policy"] == "same-origin"


def test_pages_of_an_allowed_origin_still_read_replies_and_no_others(guarded: TestClient) -> None:
    served = guarded.get("/healthz", headers={"Origin": ALLOWED})

    assert served.headers["access-control-allow-origin"] == ALLOWED
    assert served.headers["vary"] == "Origin"


@pytest.mark.parametrize("path", ["/widget.js", HASHED, "/widget/locales/en.json", "/", "/demo.css"])
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_what_a_browser_has_is_not_sent_again(client: TestClient, path: str, coding: str) -> None:
    first = client.get(path, headers={"Accept-Encoding": coding})
    again = {"Accept-Encoding": coding, "If-None-Match": f'"other", W/{first.headers["etag"]}'}
    second = client.get(path, headers=again)
    changed = client.get(path, headers=again | {"If-None-Match": '"other"'})

    assert first.status_code == 200
    assert (second.status_code, second.content) == (304, b"")
    assert second.headers["etag"] == first.headers["etag"]
    assert second.headers["cache-control"] == first.headers["cache-control"]
    assert second.headers["vary"] == "Accept-Encoding"
    assert changed.status_code == 200


@pytest.mark.parametrize("asked", ["gzip", "br, GZIP;q=0.5", "deflate, gzip ; q=1"])
def test_it_is_sent_compressed_to_those_who_can_read_that(client: TestClient, asked: str) -> None:
    with client.stream("GET", "/demo.css", headers={"Accept-Encoding": asked}) as served:
        sent = b"".join(served.iter_raw())

    assert served.headers["content-encoding"] == "gzip"
    assert gzip.decompress(sent) == (FOLDER / "demo.css").read_bytes()
    assert int(served.headers["content-length"]) == len(sent) < len(gzip.decompress(sent))


@pytest.mark.parametrize("asked", ["", "identity", "br", "gzip;q=0", "gzip; Q=0.000", "x-gzip-like"])
def test_it_is_sent_as_it_is_to_all_others(client: TestClient, asked: str) -> None:
    served = client.get("/demo.css", headers={"Accept-Encoding": asked})

    assert "content-encoding" not in served.headers
    assert served.content == (FOLDER / "demo.css").read_bytes()


def test_the_two_forms_have_tags_of_their_own(client: TestClient) -> None:
    plain, packed = (
        client.get("/demo.css", headers={"Accept-Encoding": coding}).headers["etag"]
        for coding in ("identity", "gzip")
    )

    assert plain != packed
    other = {"Accept-Encoding": "identity", "If-None-Match": packed}
    assert client.get("/demo.css", headers=other).status_code == 200


@pytest.mark.parametrize("path", ["/widget.js", HASHED, "/widget/locales/en.json", "/"])
def test_their_headers_can_be_asked_for_alone(client: TestClient, path: str) -> None:
    asked, got = client.head(path), client.get(path)

    assert asked.status_code == 200
    assert asked.headers["etag"] == got.headers["etag"]


def test_loading_the_widget_is_counted_against_nobody(service: Service, tmp_path: Path) -> None:
    door = Door(Settings(data_dir=tmp_path, allowed_origins=ALLOWED, rate_limit="1/hour"))
    with TestClient(create_app(service, door=door), raise_server_exceptions=False) as client:
        statuses = {client.get(path).status_code for path in ("/widget.js", HASHED, "/") for _ in range(3)}

    assert statuses == {200}


# The line that goes into a page


def test_the_line_names_the_bytes_that_the_server_has_and_what_they_add_up_to(client: TestClient) -> None:
    line = script_tag(Widget.packaged(), "https://assistant.example.edu")

    found = re.fullmatch(
        r'<script async src="https://assistant\.example\.edu(?P<path>/[^"]+)"'
        r' integrity="sha384-(?P<sum>[^"]+)" crossorigin="anonymous" data-lang="en"></script>',
        line,
    )
    assert found is not None
    served = client.get(found["path"])
    assert served.status_code == 200
    assert base64.b64decode(found["sum"]) == hashlib.sha384(served.content).digest()


def test_the_line_for_the_latest_script_names_no_bytes() -> None:
    line = script_tag(SMALL, "http://127.0.0.1:8000/", language="nl", latest=True)

    assert line == '<script async src="http://127.0.0.1:8000/widget.js" data-lang="nl"></script>'


def test_a_server_below_a_path_keeps_it() -> None:
    line = script_tag(SMALL, "https://example.edu/ask", latest=True)

    assert 'src="https://example.edu/ask/widget.js"' in line


@pytest.mark.parametrize(
    "address",
    [
        "",
        "assistant.example.edu",
        "ftp://example.edu",
        "javascript:alert(1)",
        "https://",
        "https:///widget",
        "https://exa mple.edu",
        "https://example.edu\n",
        "https://example.edu:port",
        "https://[::1",
        "https://example.edu/?a=1",
        "https://example.edu/#top",
        "https://user:word@example.edu",
    ],
)
def test_what_is_no_address_of_a_server_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"https?://|leave out"):
        script_tag(SMALL, address)


def test_an_address_cannot_end_the_attribute_it_stands_in() -> None:
    line = script_tag(SMALL, "https://example.edu/a\"b'c<d>&e", latest=True)

    assert 'src="https://example.edu/a&quot;b&#x27;c&lt;d&gt;&amp;e/widget.js"' in line


def test_a_language_that_the_widget_does_not_speak_is_refused_with_those_it_does() -> None:
    with pytest.raises(ValueError, match=r"'xx'.* en, nl\."):
        script_tag(SMALL, "https://example.edu", language="xx")
