"""From a nationality or country to the fee group."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pycountry
import pytest

from assistant.countries import (
    Audience,
    audience_of_fact,
    audience_of_question,
    is_nationality,
    names_of_origin,
)

EU, NON_EU = Audience.EU, Audience.NON_EU


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is the fee?", None),
        ("I live in Utrecht, what is the fee?", None),
        ("Is it taught in Dutch?", None),
        ("Where is the International Office?", None),
        ("I am Norwegian. What is the fee?", EU),
        ("I'm from the Netherlands", EU),
        ("As a Dane, what do I pay?", EU),
        ("What do Dutch students pay?", EU),
        ("my nationality is Polish", EU),
        ("I hold a French passport", EU),
        ("I'm Swiss", NON_EU),
        ("I come from the UK", NON_EU),
        ("Can I apply from Brazil?", NON_EU),
        ("Fee for students from Turkey", NON_EU),
        ("American here, what do I pay?", NON_EU),
        ("I am a South African citizen", NON_EU),
        ("I have an Indian and a French passport", EU),
        ("I was born in Iran but have a Swedish passport", EU),
        ("I have an Indian and a Brazilian passport", NON_EU),
        ("I'm from Brazil but I live in Norway", NON_EU),
        ("I'm from Norway but I live in Brazil", EU),
        ("my father is German", None),
        ("My father is German, I'm from India myself.", NON_EU),
        ("my husband is French but I am Indian", NON_EU),
        ("I have dual nationality, US and Irish", EU),
        ("does a Turkish passport count as EU?", NON_EU),
        ("does that count as EU?", None),
        ("What do EU students pay?", EU),
        ("eu/eea fee", EU),
        ("What do international students pay?", NON_EU),
        ("overseas students", NON_EU),
        ("I am from outside the EU", NON_EU),
        ("non-EU fee?", NON_EU),
        ("non EEA applicants", NON_EU),
        ("I am not European", NON_EU),
        ("I am not from the EU", NON_EU),
        ("I do not have an EU passport", NON_EU),
        ("I don't hold an EU passport", NON_EU),
        ("without an EU passport", NON_EU),
        ("I am not a citizen of the EU", NON_EU),
        ("Is the fee not for EU students?", EU),
        ("What is the fee for EU and non-EU students?", None),
        ("What do EU and international students pay?", None),
        ("What do I pay from Norway, which is EEA but not EU?", EU),
        ("Liechtenstein is in the EEA and not part of the EU, what is the fee?", EU),
        ("I am not in the EU but in the EEA", EU),
        ("I am not from the EU or EEA", NON_EU),
        ("I come from outside the EU and the EEA", NON_EU),
        ("I am not from the EU but from Brazil", NON_EU),
        ("EEA or not EU, who pays what?", None),
        ("Do Europeans pay less than others?", None),
        ("Is the fee for EU students the same as for everyone else?", None),
        ("I am European. Do I need more than that?", EU),
        ("fees for EEA, and for those not from the EU", None),
    ],
)
def test_the_group_that_a_question_is_asked_for(text: str, expected: Audience | None) -> None:
    assert audience_of_question(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("All students", None),
        ("Students of partner schools", None),
        ("International Office", None),
        ("EU/EEA and other countries", None),
        ("EU/EEA", EU),
        ("Home", EU),
        ("Domestic students", EU),
        ("European Union citizens", EU),
        ("EU/EEA and Swiss citizens", EU),
        ("Non-EU/EEA students", NON_EU),
        ("International students", NON_EU),
        ("Overseas", NON_EU),
        ("Other countries", NON_EU),
        ("Citizens of countries outside the EU/EEA", NON_EU),
    ],
)
def test_the_group_that_a_fact_is_for(text: str, expected: Audience | None) -> None:
    assert audience_of_fact(text) is expected


def _data() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("assistant").joinpath("countries.toml").read_text(encoding="utf-8"))


def test_the_eea_has_its_thirty_members() -> None:
    # 27 member states of the Union, and Iceland, Liechtenstein and Norway.
    members = set(_data()["eea"])

    assert len(_data()["eea"]) == len(members) == 30
    assert {"IS", "LI", "NO", "HR", "IE"} <= members
    assert not {"GB", "CH", "TR", "UA", "RS"} & members


def test_every_code_is_a_country_and_no_name_stands_for_two() -> None:
    data = _data()
    codes = [*data["eea"], *data["names"], *data["adjectives"]]
    for section in ("names", "adjectives"):
        forms = [form.casefold() for listed in data[section].values() for form in listed]
        assert len(forms) == len(set(forms))

    # Kosovo has a code of the user-assigned range only.
    assert [code for code in codes if pycountry.countries.get(alpha_2=code) is None and code != "XK"] == []


def test_every_country_of_the_eea_is_known_by_its_name_and_its_people() -> None:
    data = _data()
    for code in data["eea"]:
        name = pycountry.countries.get(alpha_2=code).name
        assert audience_of_question(f"I am from {name}.") is EU, name
        for word in data["adjectives"][code]:
            assert audience_of_question(f"I am {word}.") is EU, word
            assert is_nationality(word)


def test_the_words_of_an_origin_are_told_apart_from_what_is_asked() -> None:
    assert names_of_origin("I am from South Korea, what is the deadline?") == {"south", "korea"}
    assert names_of_origin("What is the deadline?") == frozenset()
