"""Questions in other languages into English: phrases, compounds, names, and what is not known."""

from __future__ import annotations

import pytest

from assistant.countries import Audience
from assistant.glossary import LANGUAGES, glossary, parse_glossary
from assistant.kinds import QuestionKind
from assistant.questions import understand

SMALL = """
stemmer = "german"
joints = "s n"
[front]
"how much is" = "wie hoch"
[verbs]
"offer" = "bietet"
[words]
"fee" = "Gebühr, Gebühren"
"exam" = "Prüfung"
"late" = "spät"
[dropped]
words = "die, der"
[endings]
"ology" = "ologie"
"""


def english(language: str, text: str) -> str:
    return glossary(language).to_english(text).text


@pytest.mark.parametrize(
    ("language", "question", "kind", "audience"),
    [
        ("nl", "Hoeveel collegegeld betaal ik als EU-student?", QuestionKind.AMOUNT, Audience.EU),
        ("nl", "Kan ik in deeltijd studeren?", QuestionKind.YES_NO, None),
        (
            "de",
            "Wie hoch sind die Studiengebühren für Nicht-EU-Bürger?",
            QuestionKind.AMOUNT,
            Audience.NON_EU,
        ),
        ("de", "Wie lange dauert das Studium?", QuestionKind.DURATION, None),
        ("de", "Ich bin Österreicherin.", QuestionKind.OPEN, Audience.EU),
        ("es", "¿Cuál es la fecha límite?", QuestionKind.DATE, None),
        ("es", "Vengo de Colombia, ¿cuánto cuesta la matrícula?", QuestionKind.AMOUNT, Audience.NON_EU),
        ("fr", "Où ont lieu les cours ?", QuestionKind.WHERE, None),
        ("fr", "L'hôpital fournit-il un logement ?", QuestionKind.YES_NO, None),
        ("zh", "学费是多少？", QuestionKind.AMOUNT, None),
        ("zh", "我是德国人，学费多少", QuestionKind.AMOUNT, None),
        ("zh", "有面试吗？", QuestionKind.YES_NO, None),
    ],
)
def test_the_english_question_is_of_the_kind_that_was_asked(
    language: str, question: str, kind: QuestionKind, audience: Audience | None
) -> None:
    understood = understand(english(language, question))

    assert understood.kind is kind
    if audience is not None:
        assert understood.audience is audience


@pytest.mark.parametrize(
    ("language", "question", "expected"),
    [
        ("nl", "Wat is de minimale TOEFL-score?", "what is minimum TOEFL score?"),
        ("nl", "Ik kom uit Duitsland.", "I am from Germany."),
        ("de", "Studiengebuehren?", "tuition fee?"),
        ("de", "Studiengebuhren?", "tuition fee?"),
        ("de", "BEWERBUNGSFRIST?", "application deadline?"),
        ("es", "cuanto cuesta la matricula", "what is the cost of tuition fee"),
        ("fr", "frais d inscription", "tuition fee"),
        ("fr", "La formation est-elle accréditée ?", "does programme is accredited?"),
        ("zh", "托福最低要求多少分？", "minimum score TOEFL?"),
    ],
)
def test_phrases_are_found_without_accents_in_capitals_and_inside_of_sentences(
    language: str, question: str, expected: str
) -> None:
    assert english(language, question).lower() == expected.lower()


def test_a_question_word_goes_to_the_front_of_its_clause() -> None:
    assert english("zh", "托福要考多少分，学费是多少？").endswith(", how much is tuition fee?")
    assert english("fr", "Le stage, c'est combien ?") == "internship, how much is?"


def test_a_compound_is_told_by_its_parts() -> None:
    # No phrase of the table: "Prüfungsgebühren" is "Prüfung", "s" and "Gebühren".
    assert (
        parse_glossary("de", SMALL).to_english("Wie hoch die Prüfungsgebühren?").text
        == "how much is exam fee?"
    )


@pytest.mark.parametrize(
    ("language", "question", "unknown"),
    [
        ("nl", "Hoeveel kost een kappersknipbeurt?", "Kappersknipbeurt"),
        ("de", "Gibt es einen Schornstein?", "Schornstein"),
        ("es", "¿Hay chimenea?", "Chimenea"),
        ("fr", "Y a-t-il une cheminée ?", "Cheminée"),
        ("zh", "有没有烟囱？", "烟囱"),
    ],
)
def test_a_word_that_is_not_known_stays_and_counts_as_a_name(
    language: str, question: str, unknown: str
) -> None:
    translation = glossary(language).to_english(question)

    assert unknown in translation.text
    assert translation.unknown == (unknown,)


def test_names_figures_and_abbreviations_stay_as_they_are() -> None:
    said = english("de", "Kann ich im Mai 2027 mit PET-CT am UMC Utrecht anfangen, info@example.org?")

    for kept in ("2027", "PET-CT", "UMC", "Utrecht"):
        assert kept in said
    assert english("nl", "Hoe lang duurt de master Medical Imaging?").endswith("Medical Imaging?")


def test_a_slip_of_the_pen_is_mended_and_an_english_word_is_not() -> None:
    assert english("nl", "Hoe hoog is het collegegelt?") == "how much is tuition fee?"
    assert "workshop" in english("nl", "Is er een workshop?").lower()


def test_kindred_endings_make_english_words() -> None:
    assert english("nl", "cardiologie") == "cardiology"
    assert english("es", "neurología") == "neurology"
    assert parse_glossary("de", SMALL).to_english("Onkologie").unknown == ("Onkologie",)


def test_a_clause_that_opens_with_a_verb_asks_for_yes_or_no() -> None:
    assert parse_glossary("de", SMALL).to_english("Bietet der Prüfung?").text == "does offer exam?"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_packaged_glossaries_hold_the_terms_of_the_domain(language: str) -> None:
    terms = glossary(language)
    meanings = {entry.english.casefold() for entry in terms.exact.values()}

    assert len(meanings) > 250
    assert {
        "tuition fee", "scholarship", "deadline", "living costs", "admission", "internship",
        "accommodation", "visa", "language requirements", "credits", "thesis", "lectures", "semester",
        "grades", "transcript", "cv", "motivation letter", "diploma", "department", "radiology",
        "research", "insurance", "supervisor", "contact", "eu", "eea", "non-eu", "nuclear medicine",
        "refund", "duration", "start date", "courses", "electives",
    } <= meanings  # fmt: skip
    assert {"germany", "china"} <= meanings


def test_a_phrase_with_two_meanings_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'gebühr' means 'fee' and 'rent'"):
        parse_glossary("de", SMALL.replace('"late" =', '"rent" = "Gebühr"\n"late" ='))
    with pytest.raises(ValueError, match="no word"):
        parse_glossary("de", SMALL.replace('"late" = "spät"', '"late" = "-"'))


def test_a_language_without_a_glossary_is_named() -> None:
    with pytest.raises(ValueError, match="no glossary for 'it'"):
        glossary("it")


@pytest.mark.parametrize("text", ["", "?", "🙂", "…", "1 2 3"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_text_without_words_is_no_trouble(language: str, text: str) -> None:
    assert glossary(language).to_english(text).unknown == ()
