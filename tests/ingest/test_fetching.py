"""Requests to real servers on this machine; what goes to no machine at all is judged before it leaves."""

from __future__ import annotations

import gzip
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from web_server import LOOPBACK, Asked, Reply, Site, on_this_machine, saying, serving

from ingest.errors import FetchError, NotAllowed, NotPublic, Unreachable
from ingest.fetching import Client, Rules


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as running:
        yield running


def test_a_page_comes_with_what_the_server_says_of_it(site: Site) -> None:
    site.pages["/fees?y=1"] = Reply(
        "Die Gebühr".encode("latin-1"),
        type="Text/HTML; charset=ISO-8859-1",
        headers={
            "ETag": 'W/"7"',
            "Last-Modified": "Mon, 02 Nov 2026 08:00:00 GMT",
            "X-Robots-Tag": "nofollow",
        },
    )

    answer = Client(on_this_machine()).ask(site("/fees?y=1"), types={"text/html"})

    assert (answer.status, answer.body) == (200, b"Die Geb\xfchr")
    assert (answer.media_type, answer.charset) == ("text/html", "iso-8859-1")
    assert (answer.etag, answer.last_modified) == ('W/"7"', "Mon, 02 Nov 2026 08:00:00 GMT")
    assert answer.robots == ("nofollow",)


def test_a_request_says_who_asks_and_nothing_more(site: Site) -> None:
    site.write("/", set_cookie="visitor=7; Path=/")
    client = Client(on_this_machine(contact="web@example.edu"))

    client.ask(site("/"))
    client.ask(site("/"), etag='"7"', last_modified="Mon, 02 Nov 2026 08:00:00 GMT")

    first, second = site.asked
    assert first.headers["User-Agent"].startswith("Prospectus/")
    assert first.headers["User-Agent"].endswith(" (+web@example.edu)")
    assert set(first.headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
    assert set(second.headers) - set(first.headers) == {"If-None-Match", "If-Modified-Since"}


def test_proxies_and_passwords_of_the_environment_are_not_used(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site.write("/")
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password secret", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))

    assert Client(on_this_machine()).ask(site("/")).status == 200

    assert "Authorization" not in site.asked[0].headers


# Where a request may go


@pytest.mark.parametrize(
    "address",
    """
    http://127.0.0.1/ http://127.8.9.10/ http://0.0.0.0/ http://10.0.0.1/ http://172.16.5.4/ http://192.168.1.1/
    http://169.254.169.254/latest/meta-data/ http://100.100.100.200/latest/ http://192.0.0.192/ http://198.18.0.1/
    http://224.0.0.1/ http://240.0.0.1/ http://255.255.255.255/ http://[::1]/ http://[::]/ http://[fe80::1]/
    http://[fc00::1]/ http://[fd00:ec2::254]/ http://[ff02::1]/ http://[::ffff:7f00:1]/
    http://[::ffff:a9fe:a9fe]/ http://[64:ff9b::7f00:1]/ http://[64:ff9b::a9fe:a9fe]/ http://[2002:7f00:1::]/
    http://[2001:db8::1]/ http://[fec0::1]/ http://[::7f00:1]/ https://127.0.0.1/ https://[::1]/
    """.split(),
)
def test_addresses_that_are_not_public_are_not_connected_to(address: str) -> None:
    with pytest.raises(NotPublic, match=r"which is not public \(PROSPECTUS_FETCH_NETWORKS\)"):
        Client(Rules()).ask(address)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.edu/",
        "file:///etc/passwd",
        "http://user:secret@example.edu/",
        "http://example.edu\\@127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://example.edu:22/",
        "http://example.edu:8080/",
        "https://example.edu:6379/",
        "HTTP://EXAMPLE.EDU/",
        "http://example.edu/a/../b",
        "http://example.edu/#x",
    ],
)
def test_what_may_not_be_asked_is_refused_before_anything_is_looked_up(address: str) -> None:
    looked_up: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["93.184.216.34"]

    with pytest.raises(NotAllowed):
        Client(Rules(), resolve=resolve).ask(address)
    assert looked_up == []


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["::1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["93.184.216.34", "127.0.0.1"],
        ["127.0.0.1", "93.184.216.34"],
        ["2606:4700::1111", "::ffff:192.168.0.1"],
        ["fe80::1%eth0"],
        ["64:ff9b::a00:1"],
    ],
)
def test_a_name_that_leads_into_a_network_is_refused_whatever_else_it_leads_to(found: list[str]) -> None:
    with pytest.raises(
        NotPublic, match=r"^http://intranet\.example\.edu/: intranet\.example\.edu has the address"
    ):
        Client(Rules(), resolve=lambda host, port: found).ask("http://intranet.example.edu/")


def test_the_connection_goes_to_the_address_that_was_judged_and_the_name_is_looked_up_once(
    site: Site,
) -> None:
    site.write("/")
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])

    answer = Client(
        on_this_machine(networks=(ip_network("127.0.0.1/32"),)), resolve=lambda *_: next(answers)
    ).ask(f"http://pages.example.edu:{site.port}/")

    # No resolver knows this name: only the judged address can have led here.
    assert answer.status == 200
    assert site.asked[0].headers["Host"] == f"pages.example.edu:{site.port}"
    assert next(answers) == ["127.0.0.2"]


def test_a_name_is_judged_anew_for_each_request(site: Site) -> None:
    site.write("/")
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    client = Client(on_this_machine(networks=(ip_network("127.0.0.1/32"),)), resolve=lambda *_: next(answers))
    client.ask(f"http://pages.example.edu:{site.port}/")

    with pytest.raises(NotPublic, match=r"127\.0\.0\.2"):
        client.ask(f"http://pages.example.edu:{site.port}/")
    assert len(site.asked) == 1


def test_where_one_address_does_not_answer_the_next_is_tried(site: Site) -> None:
    site.write("/")
    client = Client(on_this_machine(), resolve=lambda *_: ["127.0.0.77", "127.0.0.1"])

    assert client.ask(f"http://pages.example.edu:{site.port}/").status == 200


def test_a_network_is_reached_only_where_a_setting_names_it(site: Site) -> None:
    site.write("/")

    with pytest.raises(NotPublic):
        Client(on_this_machine(networks=())).ask(site("/"))
    with pytest.raises(NotPublic):
        Client(on_this_machine(networks=(ip_network("10.0.0.0/8"),))).ask(site("/"))
    assert site.asked == []
    assert Client(on_this_machine(networks=(ip_network("127.0.0.1"),))).ask(site("/")).status == 200


def test_of_listed_hosts_only_those_are_asked(site: Site) -> None:
    site.write("/")
    client = Client(on_this_machine(hosts=("*.example.edu",)), resolve=lambda *_: ["127.0.0.1"])

    assert client.ask(f"http://www.example.edu:{site.port}/").status == 200
    with pytest.raises(NotAllowed, match=r"the host www\.example\.org is not among PROSPECTUS_FETCH_HOSTS"):
        client.ask(f"http://www.example.org:{site.port}/")
    assert len(site.asked) == 1


def test_redirects_are_told_and_not_followed(site: Site) -> None:
    site.redirect("/old", "http://169.254.169.254/latest/")

    answer = Client(on_this_machine()).ask(site("/old"))

    assert (answer.status, answer.location) == (302, "http://169.254.169.254/latest/")
    assert site.paths == ["/old"]


# How much, how long and of what kind


def test_a_page_of_another_type_is_not_read(site: Site) -> None:
    site.pages["/logo"] = Reply(b"\x89PNG", type="image/png")

    with pytest.raises(NotAllowed, match="of the type 'image/png', which is not read"):
        Client(on_this_machine()).ask(site("/logo"), types={"text/html"})


def test_a_page_that_says_it_is_too_large_is_not_read(site: Site) -> None:
    site.pages["/"] = Reply(b"x" * 1001)

    with pytest.raises(NotAllowed, match="more than the 1,000 bytes allowed"):
        Client(on_this_machine(size=1000)).ask(site("/"))
    site.pages["/"] = Reply(b"x" * 1000)
    assert len(Client(on_this_machine(size=1000)).ask(site("/")).body) == 1000


def test_a_page_that_does_not_say_how_large_it_is_is_read_as_far_as_allowed() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    with (
        saying(head, b"x" * 1000, pause=0.001, ends=False) as address,
        pytest.raises(NotAllowed, match="more than the 50,000 bytes allowed"),
    ):
        Client(on_this_machine(size=50_000)).ask(address)


def test_only_the_beginning_is_read_where_that_is_enough(site: Site) -> None:
    site.pages["/robots.txt"] = Reply(b"x" * 5000)
    site.pages["/packed"] = Reply(gzip.compress(b"x" * 5000), headers={"Content-Encoding": "gzip"})

    assert Client(on_this_machine()).ask(site("/robots.txt"), first_bytes=100).body == b"x" * 100
    assert Client(on_this_machine()).ask(site("/packed"), first_bytes=100).body == b"x" * 100


def test_a_packed_page_is_unpacked(site: Site) -> None:
    site.pages["/"] = Reply(gzip.compress(b"The fee is 2,060 EUR."), headers={"Content-Encoding": "gzip"})

    assert Client(on_this_machine()).ask(site("/")).body == b"The fee is 2,060 EUR."


def test_a_small_page_that_unpacks_to_a_large_one_is_refused_without_unpacking_it(site: Site) -> None:
    # 100 MB of zeros, packed to some 100 kB.
    site.pages["/"] = Reply(gzip.compress(bytes(100_000_000)), headers={"Content-Encoding": "gzip"})
    import tracemalloc

    client = Client(on_this_machine(size=1_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(NotAllowed, match="more than the 1,000,000 bytes allowed"):
            client.ask(site("/"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize(
    ("body", "packing", "reason"),
    [
        (gzip.compress(b"x" * 1000, mtime=0)[:-12], "gzip", "breaks off"),
        (b"no gzip at all", "gzip", "damaged"),
        (b"x", "br", "packed as 'br', which was not asked for"),
        (b"x", "gzip, gzip", "packed as 'gzip, gzip'"),
    ],
)
def test_a_badly_packed_page_is_refused(site: Site, body: bytes, packing: str, reason: str) -> None:
    site.pages["/"] = Reply(body, headers={"Content-Encoding": packing})

    with pytest.raises(FetchError, match=reason):
        Client(on_this_machine()).ask(site("/"))


def test_a_server_that_says_nothing_is_left_after_a_while() -> None:
    with saying(b"", pause=5) as address, pytest.raises(Unreachable, match=r"nothing came for 0\.2 s"):
        Client(on_this_machine(silence=0.2)).ask(address)


@pytest.mark.parametrize(
    "pieces",
    [
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900000\r\n\r\n", b"a"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["headers", "body", "interim answers"],
)
def test_a_server_that_trickles_is_left_when_the_time_is_up(pieces: tuple[bytes, ...]) -> None:
    started = time.monotonic()
    with (
        saying(*pieces, pause=0.05, ends=False) as address,
        pytest.raises(Unreachable, match=r"it took more than 0\.6 s"),
    ):
        Client(on_this_machine(silence=0.3, seconds=0.6)).ask(address)
    assert time.monotonic() - started < 6


def test_a_resolver_that_hangs_is_left() -> None:
    def resolve(host: str, port: int) -> list[str]:
        time.sleep(3)
        return []

    with pytest.raises(Unreachable, match=r"the address of www\.example\.edu was not found in time"):
        Client(on_this_machine(silence=0.2), resolve=resolve).ask("https://www.example.edu/")


def test_a_name_that_nobody_knows_is_named() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise OSError(-2, "Name or service not known")

    with pytest.raises(Unreachable, match=r"no address is known for www\.example\.edu \(Name or service"):
        Client(on_this_machine(), resolve=resolve).ask("https://www.example.edu/")


def test_a_port_on_which_nobody_listens_is_named() -> None:
    with serving() as stopped:
        pass
    with pytest.raises(Unreachable, match="the connection failed"):
        Client(on_this_machine()).ask(stopped("/"))


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 999999 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"a" * 200_000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_answer_in_http_is_named(said: bytes) -> None:
    with saying(said) as address, pytest.raises(Unreachable):
        Client(on_this_machine()).ask(address)


def test_a_header_that_cannot_be_sent_back_is_not_kept(site: Site) -> None:
    site.write("/", etag='"' + "x" * 1000 + '"', last_modified="M\xf6n")

    answer = Client(on_this_machine()).ask(site("/"))

    assert (answer.etag, answer.last_modified) == ("", "")


# Encryption


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key with a certificate for pages.example.edu that nobody signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pages.example.edu")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("pages.example.edu")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "pages.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def encrypted(certificate: Path) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(tls=context) as running:
        running.write("/")
        yield running


def test_the_certificate_has_to_be_that_of_the_name(encrypted: Site, certificate: Path) -> None:
    client = Client(
        on_this_machine(),
        resolve=lambda *_: ["127.0.0.1"],
        tls=ssl.create_default_context(cafile=str(certificate)),
    )

    assert client.ask(f"https://pages.example.edu:{encrypted.port}/").status == 200
    with pytest.raises(Unreachable, match="Hostname mismatch"):
        client.ask(f"https://other.example.edu:{encrypted.port}/")
    with pytest.raises(Unreachable, match="mismatch"):
        client.ask(f"https://127.0.0.1:{encrypted.port}/")
    assert [asked.headers["Host"] for asked in encrypted.asked] == [f"pages.example.edu:{encrypted.port}"]


def test_a_certificate_that_nobody_vouches_for_is_refused(encrypted: Site) -> None:
    with pytest.raises(Unreachable, match="certificate verify failed"):
        Client(on_this_machine(), resolve=lambda *_: ["127.0.0.1"]).ask(
            f"https://pages.example.edu:{encrypted.port}/"
        )
    assert encrypted.asked == []


def test_a_server_that_is_asked_gets_no_second_look_at_the_name(site: Site) -> None:
    """A name whose address changes between look-up and connection changes nothing: it is looked up once."""
    looked_up: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"] if len(looked_up) == 1 else ["10.0.0.1"]

    def page(asked: Asked) -> Reply:
        return Reply(b"<p>Fees</p>")

    site.pages["/"] = page

    assert (
        Client(on_this_machine(), resolve=resolve).ask(f"http://pages.example.edu:{site.port}/").body
        == b"<p>Fees</p>"
    )
    assert looked_up == ["pages.example.edu"]


def test_no_network_is_open_unless_it_is_named() -> None:
    assert Rules().networks == ()
    assert ip_address("127.0.0.1") in LOOPBACK[0]
