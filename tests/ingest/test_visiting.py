"""Visits to real servers on this machine: what they ask for is done, and nobody is led astray."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from web_server import Asked, Reply, Site, on_this_machine, serving

from ingest.errors import FetchError, Gone, NotAllowed, NotPublic, Unreachable
from ingest.fetching import Answer, Client, Rules
from ingest.visiting import HostLeftAlone, Seen, Visitor, _target


class Guest:
    """A visitor who notes how long he would have waited."""

    def __init__(self, **rules: object) -> None:
        self.waited: list[float] = []
        self.visitor = Visitor(
            Client(on_this_machine(**rules)),
            sleep=self.waited.append,
            now=lambda: datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
        )

    def __call__(self, address: str, seen: Seen | None = None) -> bytes:
        return self.visitor.visit(address, anywhere, seen=seen).body


def anywhere(address: str) -> None:
    pass


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as running:
        yield running


# robots.txt


def test_what_a_robots_txt_forbids_is_not_asked_for(site: Site) -> None:
    site.robots("User-agent: *\nDisallow: /private/\nAllow: /private/fees")
    site.write("/private/fees")
    site.write("/private/staff")
    guest = Guest()

    assert b"/private/fees" in guest(site("/private/fees"))
    with pytest.raises(NotAllowed, match="of the site does not allow it"):
        guest(site("/private/staff"))
    assert site.paths == ["/private/fees"]


def test_rules_for_prospectus_go_before_those_for_everyone(site: Site) -> None:
    site.robots("User-agent: *\nAllow: /\n\nUser-agent: prospectus\nDisallow: /")
    site.write("/")

    with pytest.raises(NotAllowed):
        Guest()(site("/"))


def test_a_robots_txt_is_fetched_once(site: Site) -> None:
    site.robots("")
    site.write("/a")
    site.write("/b")
    guest = Guest()
    guest(site("/a"))
    guest(site("/b"))

    assert [asked.path for asked in site.asked] == ["/robots.txt", "/a", "/b"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_without_a_robots_txt_everything_is_allowed(site: Site, status: int) -> None:
    site.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /", status, "text/plain")
    site.write("/")

    assert b"page /" in Guest()(site("/"))


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_while_a_robots_txt_is_not_to_be_had_nothing_is_asked_for(site: Site, status: int) -> None:
    site.pages["/robots.txt"] = Reply(b"", status, "text/plain")
    site.write("/")
    guest = Guest()

    with pytest.raises(Unreachable, match=rf"robots\.txt is not to be had: .*{status}"):
        guest(site("/"))
    with pytest.raises(HostLeftAlone, match="is not asked any more this time: "):
        guest(site("/"))
    assert site.paths == []


def test_a_robots_txt_that_moved_is_followed(site: Site) -> None:
    site.redirect("/robots.txt", "/files/robots.txt")
    site.pages["/files/robots.txt"] = Reply(b"User-agent: *\nDisallow: /", type="text/plain")

    with pytest.raises(NotAllowed, match="does not allow"):
        Guest()(site("/"))


def test_a_robots_txt_that_leads_into_a_network_counts_as_not_to_be_had(site: Site) -> None:
    site.redirect("/robots.txt", "http://10.0.0.1/robots.txt")
    guest = Guest()

    with pytest.raises(Unreachable, match=r"10\.0\.0\.1, which is not public"):
        guest(site("/"))
    with pytest.raises(HostLeftAlone):
        guest(site("/"))


def test_a_robots_txt_of_another_host_leads_into_no_network_that_may_be_reached() -> None:
    """A network that an operator has opened for one site is not open to whatever another site names."""
    with serving(host="127.0.0.2") as intranet:
        resolved = {"www.example.org": ["127.0.0.3"]}
        with serving(host="127.0.0.3") as outside:
            outside.redirect("/robots.txt", intranet("/delete-all"))
            rules = on_this_machine()
            visitor = Visitor(Client(rules, resolve=lambda host, port: resolved.get(host, [host])))
            with pytest.raises(Unreachable, match=r"it leads to the address 127\.0\.0\.2"):
                visitor.visit(f"http://www.example.org:{outside.port}/", anywhere)
        assert intranet.asked == []


def test_only_as_much_of_a_robots_txt_is_read_as_has_to_be(site: Site) -> None:
    site.robots("User-agent: *\nDisallow: /a\n" + "#" * 600_000 + "\nDisallow: /b")
    site.write("/b")

    assert b"/b" in Guest()(site("/b"))


# Pauses


def test_between_two_requests_to_a_host_there_is_a_pause(site: Site) -> None:
    site.write("/")
    guest = Guest(pause=7.0)
    guest(site("/"))

    assert [round(seconds) for seconds in guest.waited] == [7]  # after robots.txt


def test_a_longer_pause_that_a_robots_txt_asks_for_is_kept(site: Site) -> None:
    site.robots("User-agent: *\nCrawl-delay: 20")
    site.write("/")
    guest = Guest(pause=1.0)
    guest(site("/"))
    guest(site("/"))

    assert [round(seconds) for seconds in guest.waited] == [20, 20]


def test_another_host_need_not_wait(site: Site) -> None:
    with serving(host="127.0.0.2") as other:
        for each in (site, other):
            each.write("/")
        guest = Guest(pause=7.0)
        guest.visitor.robots(site("/"))
        guest.visitor.robots(other("/"))

        assert guest.waited == []


def test_a_site_that_asks_for_very_long_pauses_is_left_alone(site: Site) -> None:
    site.robots("User-agent: *\nCrawl-delay: 3600")
    site.write("/")
    guest = Guest()

    with pytest.raises(Unreachable, match="asks for 3600 s between two requests"):
        guest(site("/"))
    with pytest.raises(HostLeftAlone):
        guest(site("/"))
    assert [asked.path for asked in site.asked] == ["/robots.txt"]


@pytest.mark.parametrize("delay", ["nan", "-5", "soon", "inf"])
def test_a_pause_that_is_no_number_of_seconds_does_no_harm(site: Site, delay: str) -> None:
    site.robots(f"User-agent: *\nCrawl-delay: {delay}")
    site.write("/")
    guest = Guest()

    assert b"page" in guest(site("/"))
    assert guest.waited == []


@pytest.mark.parametrize(
    ("retry_after", "seconds"), [("12", 12), ("Mon, 23 Nov 2026 09:00:30 GMT", 30), ("", 1), ("later", 1)]
)
def test_a_server_that_has_too_much_to_do_is_asked_again_when_it_says(
    site: Site, retry_after: str, seconds: int
) -> None:
    replies = iter([Reply(b"", 429, headers={"Retry-After": retry_after}), Reply(b"<p>Fees</p>")])
    site.pages["/"] = lambda asked: next(replies)
    guest = Guest()

    assert guest(site("/")) == b"<p>Fees</p>"
    assert guest.waited == [seconds]


@pytest.mark.parametrize("retry_after", ["61", "99999999999999999999", "Tue, 24 Nov 2026 09:00:00 GMT"])
def test_a_server_that_wants_a_long_rest_is_left_alone(site: Site, retry_after: str) -> None:
    site.pages["/"] = Reply(b"", 503, headers={"Retry-After": retry_after})
    site.write("/other")
    guest = Guest()

    with pytest.raises(Unreachable, match=r"wants to be left alone \(it says 503\)"):
        guest(site("/"))
    with pytest.raises(HostLeftAlone):
        guest(site("/other"))
    assert site.paths == ["/"]
    assert guest.waited == []


def test_a_server_that_stays_busy_is_left_alone(site: Site) -> None:
    site.pages["/"] = Reply(b"", 429, headers={"Retry-After": "1"})
    guest = Guest()

    with pytest.raises(Unreachable):
        guest(site("/"))
    assert site.paths == ["/", "/"]


def test_a_host_that_fails_three_times_in_a_row_is_left_alone(site: Site) -> None:
    site.pages["/broken"] = Reply(b"no gzip", headers={"Content-Encoding": "gzip"})
    site.write("/")
    guest = Guest()

    def fail() -> None:
        with pytest.raises(Unreachable, match="gzip") as raised:
            guest(site("/broken"))
        assert raised.type is Unreachable

    fail()
    fail()
    assert b"page /" in guest(site("/"))
    for _ in range(3):
        fail()
    with pytest.raises(HostLeftAlone, match="failed 3 times in a row"):
        guest(site("/"))


def test_a_page_that_fails_does_not_stop_the_others(site: Site) -> None:
    site.pages["/broken"] = Reply(b"", 500)
    site.write("/")
    guest = Guest()

    for _ in range(4):
        with pytest.raises(Unreachable, match="the server says 500"):
            guest(site("/broken"))
    assert b"page /" in guest(site("/"))


# Redirects


def test_redirects_are_followed_as_far_as_five(site: Site) -> None:
    site.write("/5")
    for number in range(5):
        site.redirect(f"/{number}", f"/{number + 1}", status=(301, 302, 303, 307, 308)[number])
    site.redirect("/again", "/0")
    guest = Guest()

    assert guest.visitor.visit(site("/0"), anywhere).address == site("/5")
    with pytest.raises(NotAllowed, match="more than 5 redirects"):
        guest(site("/again"))


def test_redirects_in_a_circle_end(site: Site) -> None:
    site.redirect("/a", "/b")
    site.redirect("/b", "/a")

    with pytest.raises(NotAllowed, match="more than 5 redirects"):
        Guest()(site("/a"))
    assert len(site.paths) == 6


ASTRAY = """
http://127.0.0.1/ http://127.0.0.1:22/ http://127.1/ http://0/ http://0.0.0.0/ http://2130706433/ http://0x7f.1/
http://0177.0.0.1/ http://017700000001/ http://localhost.localdomain@127.0.0.1/ http://127.0.0.1#@example.edu/
http://example.edu@169.254.169.254/ http://169.254.169.254/latest/meta-data/iam/ http://[fd00:ec2::254]/
http://100.100.100.200/ http://192.168.0.1/ http://10.0.0.1:80/ http://172.16.0.1/ http://198.18.0.1/
http://[::1]/ http://[::]/ http://[0:0:0:0:0:0:0:1]/ http://[::ffff:127.0.0.1]/ http://[::ffff:7f00:1]/
http://[::ffff:0:127.0.0.1]/ http://[::127.0.0.1]/ http://[64:ff9b::7f00:1]/ http://[64:ff9b:1::7f00:1]/
http://[2002:7f00:1::]/ http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/ http://[fe80::1]/ http://[fe80::1%25lo]/
http://[fec0::1]/ http://[ff02::1]/ http://[2001:db8::1]/ http://224.0.0.1/ http://255.255.255.255/
http://240.0.0.1/ https://127.0.0.1/ //127.0.0.1/ ///127.0.0.1/ /\\127.0.0.1/ \\\\127.0.0.1\\ http:127.0.0.1
file:///etc/passwd file://127.0.0.1/etc/passwd ftp://127.0.0.1/ gopher://127.0.0.1:6379/_FLUSHALL
dict://127.0.0.1:11211/stats ldap://127.0.0.1/ data:text/html,fees javascript:alert(1) jar:http://127.0.0.1!/
http://１２７.０.０.１/ http://127。0。0。1/ http://⑫⑦.0.0.1/ http://example.edu:0/ http://example.edu:6379/
""".split()


@pytest.mark.parametrize("target", ASTRAY)
def test_nobody_is_led_astray_by_a_redirect(site: Site, target: str) -> None:
    """The server itself may be reached, by its name; no other address of this machine, and no other port."""
    connected: list[str] = []
    resolved = {"start.example.edu": ["127.0.0.3"], "example.edu": ["93.184.216.34"]}

    def resolve(host: str, port: int) -> list[str]:
        found = resolved.get(host, [host])
        connected.extend(found)
        return found

    with serving(host="127.0.0.3") as start:
        start.pages["/"] = Reply(status=302, headers={"Location": target.encode().decode("latin-1")})
        rules = Rules(
            networks=(ip_network("127.0.0.3/32"),), ports=frozenset({80, 443, start.port}), pause=0.0
        )
        visitor = Visitor(Client(rules, resolve=resolve))
        with pytest.raises(FetchError):
            visitor.visit(f"http://start.example.edu:{start.port}/", anywhere)
        assert [asked.path for asked in start.asked][:2] == ["/robots.txt", "/"]
    assert site.asked == []
    assert "93.184.216.34" not in connected


def test_there_are_at_least_forty_ways_to_lead_astray() -> None:
    assert len(set(ASTRAY)) >= 40


def test_a_name_that_changes_its_address_between_hops_is_judged_again() -> None:
    """DNS rebinding: the first answer is harmless, and each of the next ones leads into a network."""
    looked_up: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.3"] if len(looked_up) <= 2 else ["10.0.0.1"]

    with serving(host="127.0.0.3") as start:
        start.redirect("/", "/secret")
        start.write("/secret")
        rules = on_this_machine(networks=(ip_network("127.0.0.3/32"),))
        with pytest.raises(NotPublic, match=r"10\.0\.0\.1"):
            Visitor(Client(rules, resolve=resolve)).visit(
                f"http://rebind.example.edu:{start.port}/", anywhere
            )
        assert start.paths == ["/"]
    assert looked_up == ["rebind.example.edu"] * 3


def test_each_hop_is_checked_by_whoever_visits(site: Site) -> None:
    site.redirect("/a", "/b")
    site.redirect("/b", "/c")
    site.write("/c")
    checked: list[str] = []

    def check(address: str) -> None:
        checked.append(address)
        if address.endswith("/c"):
            raise NotAllowed(address, "it is not wanted")

    with pytest.raises(NotAllowed, match=rf"^{site('/a')}: it leads to {site('/c')}: it is not wanted"):
        Guest().visitor.visit(site("/a"), check)
    assert checked == [site("/a"), site("/b"), site("/c")]
    assert site.paths == ["/a", "/b"]


def test_the_robots_txt_of_the_host_that_a_redirect_leads_to_counts(site: Site) -> None:
    with serving(host="127.0.0.2") as other:
        other.robots("User-agent: *\nDisallow: /")
        site.redirect("/", other("/"))

        with pytest.raises(NotAllowed, match=f"it leads to {other('/')}: the robots"):
            Guest()(site("/"))
        assert other.paths == []


def test_what_was_encrypted_is_not_asked_for_in_the_open() -> None:
    answer = Answer("https://www.example.edu/fees", 301, location="http://www.example.edu/fees/")

    assert _target(answer) == "https://www.example.edu/fees/"


def test_a_redirect_that_leads_nowhere_is_named(site: Site) -> None:
    site.pages["/"] = Reply(b"", 302, headers={"Location": ""})

    with pytest.raises(Unreachable, match="302"):
        Guest()(site("/"))


# What changed


def test_a_page_that_did_not_change_is_not_sent_again(site: Site) -> None:
    def page(asked: Asked) -> Reply:
        is_known = asked.headers.get("If-None-Match") == '"7"'
        return Reply(b"", 304) if is_known else Reply(b"<p>Fees</p>", headers={"ETag": '"7"'})

    site.pages["/"] = page

    assert Guest().visitor.visit(site("/"), anywhere).status == 200
    assert Guest().visitor.visit(site("/"), anywhere, seen=Seen(site("/"), '"7"', "")).status == 304


def test_only_the_page_that_was_seen_is_asked_whether_it_changed(site: Site) -> None:
    site.redirect("/old", "/new")
    site.write("/new")
    Guest()(site("/old"), Seen(site("/new"), '"7"', ""))
    Guest()(site("/old"), Seen(site("/elsewhere"), '"7"', ""))

    sent = [asked.headers.get("If-None-Match") for asked in site.asked if asked.path != "/robots.txt"]
    assert sent == [None, '"7"', None, None]


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_told_from_one_that_fails(site: Site, status: int) -> None:
    site.pages["/"] = Reply(b"", status)

    with pytest.raises(Gone, match=str(status)):
        Guest()(site("/"))


@pytest.mark.parametrize("status", [204, 206, 304, 400, 401, 403, 418, 500, 502, 503])
def test_an_answer_without_a_page_is_a_failure(site: Site, status: int) -> None:
    site.pages["/"] = Reply(b"", status)

    with pytest.raises(Unreachable, match=f"the server says {status}"):
        Guest()(site("/"))
