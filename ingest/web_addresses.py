"""Addresses of web pages: one form for each, which of them are of one site, and which lead nowhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

import idna

# What browsers and servers manage; longer ones come out of programs that feed on themselves.
MAX_LENGTH = 2000
_MAX_SEGMENTS = 20
# As often may one part of a path stand in it: /fees/fees is odd, /a/b/a/b/a/b leads on for ever.
_MAX_REPEATS = 2
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Letters and digits of RFC 1123, with the underscore that some servers have in their names.
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_HEXADECIMAL = re.compile(r"0x[0-9a-f]*", re.ASCII)
# A valid escape, or what has to be escaped in a path or a query (RFC 3986, sections 3.3 and 3.4).
_IN_PATH = re.compile(r"%([0-9A-Fa-f]{2})|[^\w./:@!$&'()*+,;=~-]", re.ASCII)
_IN_QUERY = re.compile(r"%([0-9A-Fa-f]{2})|[^\w./:@!$&'()*+,;=~?-]", re.ASCII)
_NEED_NO_ESCAPE = re.compile(r"[A-Za-z0-9._~-]", re.ASCII)
# Parameters that say where a visitor comes from and never what is shown.
_CAMPAIGN = re.compile(
    r"(?:utm|mtm|matomo|piwik)_\w+|pk_(?:campaign|kwd|source|medium)|fbclid|gclid|gclsrc|dclid|msclkid|yclid|"
    r"igshid|mc_[ce]id|_ga|_gl|_hsenc|_hsmi",
    re.IGNORECASE | re.ASCII,
)
_SESSION = re.compile(
    r"(?:php)?sess(?:ion)?_?id|s_?id|jsessionid|aspsessionid\w*|cfid|cftoken|zenid|oscsid",
    re.IGNORECASE | re.ASCII,
)
# "sid=12" may well be a section: only what is long and holds a digit is taken for a session.
_SESSION_VALUE = re.compile(r"(?=[^\d]*\d)[A-Za-z0-9,._-]{16,}", re.ASCII)
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?;]*", re.IGNORECASE | re.ASCII)
_SESSION_SEGMENT = re.compile(r"/\([A-Z]\([a-z0-9]{24}\)\)(?=/)", re.ASCII)
_NUMBER = re.compile(r"\d+", re.ASCII)
_YEAR = re.compile(r"(?:19|20|21)\d\d", re.ASCII)
_WHOLE_DATE = re.compile(r"(?:19|20|21)\d\d(?:0[1-9]|1[0-2])(?:[0-3]\d)?", re.ASCII)
_UNNAMED = re.compile(r"[^\w.-]+")


class BadAddress(ValueError):
    """It is not the address of a web page; the message says why."""


def is_address(place: str) -> bool:
    """Whether somebody who writes this means the web and not a file; it need not be a good address."""
    return re.match(r"[a-z][a-z0-9+.-]*://", place.strip(), re.IGNORECASE) is not None


def normalised(address: str, base: str = "") -> str:
    """Return the one form under which a page is known; ``base`` is the page on which a link stands.

    Scheme and host in small letters, the host in ASCII, no port that the scheme has anyway, no fragment, the
    dots in a path resolved, escapes in one form, no parameters that only tell where a visitor comes from or
    which session it is.

    Raises:
        BadAddress: another scheme than http and https, no host, a user name, a backslash, too long.
    """
    address = address.strip(" \t\r\n\f")
    _check_characters(address)
    try:
        parts = urlsplit(urljoin(base, address) if base else address)
        port = parts.port
    except ValueError as error:
        raise BadAddress(f"it is no address ({error})") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise BadAddress("it does not begin with http:// or https://")
    if "@" in parts.netloc:
        raise BadAddress("it holds a user name")
    if port == 0:
        raise BadAddress("there is no port 0")
    host = _one_host(parts.hostname or "")
    place = host if port in (None, _DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"
    path = _SESSION_SEGMENT.sub("", _SESSION_IN_PATH.sub("", parts.path))
    query = "&".join(each for each in parts.query.split("&") if each and not _is_idle(each))
    path, query = _without_dots(_escaped(path, _IN_PATH)), _escaped(query, _IN_QUERY)
    found = urlunsplit((parts.scheme, place, path, query, ""))
    if len(found) > MAX_LENGTH:
        raise BadAddress(f"it has more than {MAX_LENGTH:,} characters")
    return found


def host_of(address: str) -> str:
    """The host of a normalised address, an IPv6 address without its brackets."""
    return urlsplit(address).hostname or ""


def origin_of(address: str) -> str:
    """Scheme, host and port of a normalised address: what a robots.txt is for."""
    return "://".join(urlsplit(address)[:2])


def path_and_query(address: str) -> str:
    """What stands behind the host, with its first slash."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def is_same_site(address: str, other: str) -> bool:
    """Whether two normalised addresses are of one host and port; www. before it and http or https are one."""
    return _site(address) == _site(other)


def fits_host(host: str, patterns: Sequence[str]) -> bool:
    """Whether one of the patterns, as ``checked_host`` returns them, names this host."""
    return any(
        host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern for pattern in patterns
    )


def checked_host(pattern: str) -> str:
    """Return the name of a host, or ``*.`` and a name for all hosts below it, in the form compared here.

    Raises:
        ValueError: it is neither.
    """
    stars, _, name = pattern.rpartition("*.")
    if stars or "://" in name:
        raise ValueError("not a host")
    return pattern[: -len(name)] + _one_host(name.strip("[]").lower()).strip("[]")


def is_variant(address: str, other: str) -> bool:
    """Whether two addresses of one site have the same path, but for a slash at its end."""
    paths = [urlsplit(each).path.rstrip("/") for each in (address, other)]
    return is_same_site(address, other) and paths[0] == paths[1]


def is_endless(address: str) -> bool:
    """Whether a path looks as if each page made a longer one: too many parts, or the same ones again."""
    segments = [segment for segment in urlsplit(address).path.split("/") if segment]
    words = [segment for segment in segments if not segment.isdecimal()]
    return len(segments) > _MAX_SEGMENTS or any(words.count(word) > _MAX_REPEATS for word in words)


def endless_form(address: str) -> str:
    """What an address has in common with others of a calendar or of a form's many results; "" for others.

    Such addresses are told apart by dates, or by three parameters or more: of one form there is no end.
    """
    parts = urlsplit(address)
    if parts.query.count("&") >= 2:
        names = sorted(each.partition("=")[0] for each in parts.query.split("&"))
        return f"{parts.path}?{'&'.join(names)}"
    shown = path_and_query(address)
    numbers = _NUMBER.findall(shown)
    is_calendar = any(_WHOLE_DATE.fullmatch(number) for number in numbers) or (
        len(numbers) > 1
        and any(_YEAR.fullmatch(number) for number in numbers)
        and all(_YEAR.fullmatch(number) or int(number) <= 31 for number in numbers)
    )
    return _NUMBER.sub("#", shown) if is_calendar else ""


def id_of(address: str) -> str:
    """Return a document id for a normalised address: host and path, and a short hash where they say less.

    The same address has the same id always, and two have two, but for a slash at the end.
    """
    parts = urlsplit(address)
    segments = [parts.netloc, *(unquote(segment) for segment in parts.path.split("/"))]
    cleaned = (_UNNAMED.sub("-", segment).strip("-.").lower() for segment in segments)
    found = "/".join(segment for segment in cleaned if segment)
    if parts.query or parts.scheme != "https" or f"https://{found}" != address.rstrip("/"):
        return f"{found}-{hashlib.sha256(address.encode()).hexdigest()[:8]}"
    return found


def _check_characters(address: str) -> None:
    if len(address) > MAX_LENGTH:
        raise BadAddress(f"it has more than {MAX_LENGTH:,} characters")
    # Tabs and line ends inside of a link are dropped by browsers, and by urlsplit.
    if any((character < " " and character not in "\t\r\n") or character == "\x7f" for character in address):
        raise BadAddress("it holds a control character")
    if "\\" in address:
        raise BadAddress("it holds a backslash, which some programs read as a slash")


def _one_host(host: str) -> str:
    """One form of a host's name or address, in brackets where it is one of IPv6."""
    if ":" in host:
        if "%" in host:
            raise BadAddress("its host names a network interface")
        try:
            return f"[{IPv6Address(host)}]"
        except AddressValueError:
            raise BadAddress("its host is no IPv6 address") from None
    try:
        name = idna.encode(host, uts46=True).decode() if not host.isascii() and len(host) < 254 else host
    except (idna.IDNAError, UnicodeError):
        raise BadAddress("its host is not a name") from None
    name = name.removesuffix(".").lower()
    if len(name) > 253 or not _HOST.fullmatch(name):
        raise BadAddress("its host is not a name" if name else "it names no host")
    last = name.rpartition(".")[2]
    if last.isdecimal() or _HEXADECIMAL.fullmatch(last):
        try:
            return str(IPv4Address(name))  # and never 127.1, 0x7f000001 or 017700000001
        except AddressValueError:
            raise BadAddress("its host is a number, but no IPv4 address") from None
    return name


def _is_idle(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    is_session = _SESSION.fullmatch(name) is not None and _SESSION_VALUE.fullmatch(value) is not None
    return is_session or _CAMPAIGN.fullmatch(name) is not None


def _escaped(text: str, wrong: re.Pattern[str]) -> str:
    """One form of escapes: those that are needed, in capital letters."""

    def one_form(found: re.Match[str]) -> str:
        if found[1] is None:
            return quote(found[0], safe="")
        character = chr(int(found[1], 16))
        return character if _NEED_NO_ESCAPE.fullmatch(character) else found[0].upper()

    try:
        return wrong.sub(one_form, text)
    except UnicodeEncodeError:
        raise BadAddress("it holds half a character (a lone surrogate)") from None


def _without_dots(path: str) -> str:
    """RFC 3986, section 5.2.4, for a path that begins with a slash or is empty."""
    kept: list[str] = []
    segments = path.removeprefix("/").split("/")
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    ends_in_folder = segments[-1] in (".", "..") and kept != [] and kept[-1] != ""
    return "/" + "/".join(kept) + ("/" if ends_in_folder else "")


def _site(address: str) -> tuple[str, int | None]:
    parts = urlsplit(address)
    return (parts.hostname or "").removeprefix("www."), parts.port
