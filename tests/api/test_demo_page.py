from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from assistant.visited import PageAddresses
from ingest.index import open_current


def test_the_demo_page_and_its_files_are_served_under_a_strict_policy(client: TestClient) -> None:
    page = client.get("/")

    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-cache"
    named = re.findall(r'<[^>]* (?:src|href)="([^"]+)"', page.text)
    assert named == ["data:,", "demo.css", "widget.js", "demo.js", "docs", "openapi.json"]
    for name in named[1:]:
        assert client.get(f"/{name}").status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script>|<style|\son\w+=|\sstyle=", page.text)


@pytest.mark.parametrize("script", ["/demo.js", "/widget.js"])
def test_the_scripts_make_no_html_from_text(client: TestClient, script: str) -> None:
    text = client.get(script).text

    assert text
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(", text)


def test_the_demo_page_says_that_it_is_an_example(client: TestClient) -> None:
    assert "No institution published this page." in client.get("/").text


def test_what_the_demo_page_calls_this_programme_is_a_shipped_document(
    client: TestClient, corpus_data: Path
) -> None:
    named = re.search(r'<prospectus-chat[^>]* page="([^"]+)"', client.get("/").text)
    assert named is not None
    index = open_current(corpus_data, embedder=None)

    document = PageAddresses(index.documents.values()).document_at(named[1])

    assert document is not None
    assert document.title == "Medical Imaging, MSc (Utrecht University)"
    # What the page states of the programme, the document states too.
    page = client.get("/").text
    for fact in ("24 months", "Utrecht University", "MSc"):
        assert f"<dd>{fact}</dd>" in page
        assert fact in f"{document.title} {document.text}"
    index.close()


def test_each_place_of_the_demo_page_that_its_script_writes_to_is_there(client: TestClient) -> None:
    wanted = re.findall(r'getElementById\("([^"]+)"\)', client.get("/demo.js").text)

    assert set(wanted) == {"line", "copy", "copied", "api"}
    for name in wanted:
        assert f'id="{name}"' in client.get("/").text
