"""Whom a page names for what it leaves open: its own contact for the topic, or nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from opened import assistant_on
from read_pages import load

from assistant.assistant import Assistant
from assistant.contacts import _ADMISSION, _SAYS_CONTACT, Contact, Contacts, contact_for, contacts_of
from assistant.lexicon import lexicon
from assistant.questions import understand
from assistant.reply import Outcome
from ingest.documents import Document
from ingest.embedding import Embedder
from ingest.units import units_of

APPLICATION_FEE = "How much is the application fee?"


def page(name: str, body: str) -> str:
    return f"---\ntitle: {name}\npublisher: Tidewater College\n---\n\n# {name}\n\n{body}\n"


def documents_of(folder: Path, pages: Mapping[str, str]) -> dict[str, Document]:
    for name, body in pages.items():
        (folder / f"{name.lower().replace(' ', '-')}.md").write_text(page(name, body), encoding="utf-8")
    return {document.id: document for document in load(folder).documents}


def named(folder: Path, body: str, question: str = APPLICATION_FEE) -> list[str]:
    """The lines of the contact that is named to the asker; empty for none."""
    [document] = documents_of(folder, {"Boat Building": body}).values()
    contact = contact_for(understand(question), contacts_of(document, units_of(document)))
    return [] if contact is None else lines(contact)


def lines(contact: Contact) -> list[str]:
    return [contact.document.text[unit.start : unit.end] for unit in contact.units]


@pytest.mark.parametrize(
    "body",
    [
        "For further information contact the student office at",
        "If you have questions, please write to the admissions team.",
        "Please contact Dr Runa Halvard at runa@tidewater.example with any questions.",
        "Questions about the programme should be directed to the study adviser.",
        "## Contact\n\nStudent Desk: desk@tidewater.example",
        "## Any questions?\n\nProgramme coordinator: Runa Halvard",
        "## Further information & downloads\n\nGeneral questions: Student Info Services",
        "Contact person: Runa Halvard, runa@tidewater.example",
        "## People\n\nE-mail: boats@tidewater.example",
    ],
)
def test_an_office_an_address_or_a_role_for_questions_is_a_contact(tmp_path: Path, body: str) -> None:
    assert named(tmp_path, body)


@pytest.mark.parametrize(
    "body",
    [
        # people and offices that the page merely speaks of
        "Runa Halvard built her first boat here and can be found in the harbour most days.",
        "The student office asks the teachers; this takes six weeks.",
        "You will get an e-mail from the student office.",
        "She received a call from the admissions office while at sea.",
        "The harbour team serves as a critical point of contact in a storm.",
        "## Graduates\n\nE-mail: runa.halvard@mail.example\n\nRuna Halvard sails round the world.",
        "## People\n\nE-mail: boats@tidewater.example\n\n## Shop\n\nE-mail: shop@tidewater.example",
        # for others, or for something else
        "Please do not contact the admissions office before May.",
        "For questions about housing contact the accommodation desk at rooms@tidewater.example.",
        "All immigration questions should be addressed to the visa service, visa@tidewater.example.",
        "For a waiver please contact the registrar at waiver@tidewater.example.",
        "Please email the signed form as soon as possible to form@tidewater.example.",
        "## Contact\n\nPress office: press@tidewater.example",
        "## Contact\n\nData protection officer: privacy@tidewater.example",
        "## Contact\n\nOffice hours: Monday, 9:00 to 11:00",
        "Should I contact the admissions office?",
    ],
)
def test_whoever_is_not_named_for_such_questions_is_no_contact(tmp_path: Path, body: str) -> None:
    assert named(tmp_path, body) == []


def test_the_contact_for_the_topic_goes_before_the_one_for_everything(tmp_path: Path) -> None:
    body = (
        "## Contact\n\nGeneral questions: Student Service Point\n\n"
        "Application and enrolment: Office of Admissions\n\nHousing: Accommodation Office\n"
    )
    assert named(tmp_path, body, APPLICATION_FEE) == ["Application and enrolment: Office of Admissions"]
    assert named(tmp_path, body, "How many rooms are there in the student housing?") == [
        "Housing: Accommodation Office"
    ]
    assert named(tmp_path, body, "What is on the menu of the canteen?") == [
        "General questions: Student Service Point"
    ]


def test_an_address_is_named_with_the_office_above_it(tmp_path: Path) -> None:
    body = "## Contact\n\nStudy adviser: Runa Halvard\n\nE-mail: boats@tidewater.example\n\nPhone:"
    assert named(tmp_path, body) == ["Study adviser: Runa Halvard", "E-mail: boats@tidewater.example"]


def contacts(folder: Path, pages: Mapping[str, str]) -> Contacts:
    documents = documents_of(folder, pages)
    units = {name: units_of(document) for name, document in documents.items()}
    return Contacts(documents, units.__getitem__)


DESK = "## Contact\n\nStudent Desk: desk@tidewater.example"


def test_a_siblings_contact_is_never_named(tmp_path: Path) -> None:
    read = contacts(tmp_path, {"Boat Building": "Duration: 2 years", "Rope Making": DESK})
    assert read.contact_for(understand(APPLICATION_FEE), "rope-making") is not None
    assert read.contact_for(understand(APPLICATION_FEE), "boat-building") is None


def test_the_one_contact_page_of_the_institution_serves_all_its_pages(tmp_path: Path) -> None:
    pages = {"Boat Building": "Duration: 2 years", "Contact": "Student Desk: desk@tidewater.example"}
    read = contacts(tmp_path, pages)
    for place in ("boat-building", None):
        found = read.contact_for(understand(APPLICATION_FEE), place)
        assert found is not None
        assert lines(found) == ["Student Desk: desk@tidewater.example"]
    two = contacts(tmp_path, {**pages, "Contact us": DESK})
    assert two.contact_for(understand(APPLICATION_FEE), "boat-building") is None


def test_a_question_about_another_place_gets_no_contact(tmp_path: Path) -> None:
    read = contacts(tmp_path, {"Boat Building": DESK})
    assert read.contact_for(understand("How much is the application fee in Boat Building?"), "boat-building")
    assert not read.contact_for(
        understand("How much is the application fee for Boat Building in Rotterdam?"), "boat-building"
    )


def test_the_names_of_topics_are_names_of_the_lexicon() -> None:
    assert {concept.name for concept in lexicon().concepts} >= _ADMISSION | _SAYS_CONTACT


BOATS = """Duration: 24 months

Application fee:

You are admitted with a school certificate and some practice with wood.

## Contact

Study adviser: Runa Halvard

E-mail: boats@tidewater.example
"""


@pytest.fixture(scope="module")
def assistant(minilm: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    pages = [page("Boat Building", BOATS), page("Rope Making", "Duration: 6 months")]
    with assistant_on(pages, tmp_path_factory.mktemp("contacts"), minilm) as opened:
        yield opened


CONTACT = "Study adviser: Runa Halvard; E-mail: boats@tidewater.example."


def test_a_reply_about_a_blank_says_whom_to_ask_and_cites_it(assistant: Assistant) -> None:
    reply = assistant.reply("How much is the application fee for Boat Building?")
    assert reply.outcome is Outcome.NOT_STATED
    assert reply.sentences[-1].text == CONTACT
    cited = [each.quote for each in reply.citations if each.number in reply.sentences[-1].citations]
    assert cited == ["Study adviser: Runa Halvard", "E-mail: boats@tidewater.example"]


def test_a_reply_that_cannot_judge_an_application_says_whom_to_ask(assistant: Assistant) -> None:
    reply = assistant.reply("Will I be admitted to Boat Building with a school certificate?")
    assert CONTACT in reply.text


def test_a_reply_that_found_nothing_on_the_page_says_whom_to_ask(assistant: Assistant) -> None:
    reply = assistant.reply("What is the deadline for scholarships in Boat Building?")
    assert reply.outcome is Outcome.NOT_FOUND
    assert CONTACT in reply.text


@pytest.mark.parametrize(
    "question",
    [
        "How long does Boat Building take?",  # answered
        "How much is the application fee for Rope Making?",  # the page names nobody
        "How much is the application fee at the University of Lund?",  # not a page of ours
        "What is the weather tomorrow?",
    ],
)
def test_other_replies_name_nobody(assistant: Assistant, question: str) -> None:
    assert "Runa" not in assistant.reply(question).text


def test_a_contact_that_was_the_answer_is_not_named_again(assistant: Assistant) -> None:
    reply = assistant.reply("Who is the study adviser of Boat Building?")
    assert reply.text.count("Runa Halvard") == 1
