"""Rows in words: by the host's templates, else by what the type's name says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.utils.translation import gettext_lazy

from audit_console.presenters import summaries


def _row(event_type: str, aggregate_type: str = "Requirement") -> Any:
    return SimpleNamespace(
        event_type=event_type, aggregate_type=aggregate_type, aggregate_id="R-17"
    )


@pytest.mark.parametrize(
    ("event_type", "aggregate_type", "expected"),
    [
        ("RequirementRejected", "Requirement", "Anna rejected Requirement R-17"),
        ("Edited", "Page", "Anna edited Page R-17"),
        (
            "RequirementPriorityChanged",
            "Requirement",
            "Anna changed priority of Requirement R-17",
        ),
        ("UserLoggedIn", "User", "Anna logged in User R-17"),
        ("invoice_paid", "Invoice", "Anna paid Invoice R-17"),
        ("shop.orders.OrderSent", "Order", "Anna sent Order R-17"),
        ("PDFExported", "Report", "Anna exported pdf of Report R-17"),
        ("NoteWritten", "Notebook", "Anna wrote note of Notebook R-17"),
        ("ItemTaken", "Item", "Anna took Item R-17"),
        ("Login", "User", "Anna login User R-17"),
        ("Страница", "Page", "Anna страница Page R-17"),
        ("???", "Page", "Anna ??? Page R-17"),
    ],
)
def test_the_default_reads_the_name_of_the_type(
    event_type: str, aggregate_type: str, expected: str
) -> None:
    row = _row(event_type, aggregate_type)

    assert summaries.sentence(row, actor="Anna", templates={}) == expected


def test_without_an_actor_the_aggregate_comes_first() -> None:
    found = summaries.sentence(_row("RequirementRejected"), actor="", templates={})

    assert found == "Requirement R-17: rejected"


def test_a_template_of_the_host_is_filled() -> None:
    templates = {"RequirementRejected": "{actor} said no to {aggregate}: {data.why.0x}"}
    row = _row("RequirementRejected")

    shown = summaries.sentence(
        row, actor="Anna", templates=templates, data={"why": {"0x": "too {late}"}}
    )

    assert shown == "Anna said no to Requirement R-17: too {late}"


@pytest.mark.parametrize("data", [None, {}, {"why": None}, {"why": ["a"]}, []])
def test_a_template_without_its_value_gives_way_to_the_default(data: object) -> None:
    templates = {"RequirementRejected": "{actor}: {data.why}"}
    row = _row("RequirementRejected")

    shown = summaries.sentence(row, actor="Anna", templates=templates, data=data)

    assert shown == "Anna rejected Requirement R-17"


def test_the_record_of_a_redaction_says_what_was_redacted() -> None:
    row = _row("eventstore.EventRedacted", "eventstore.Redaction")
    record = {
        "event_type": "RequirementCreated",
        "aggregate_type": "Requirement",
        "aggregate_id": "R-4",
    }

    def said(data: Any) -> str:
        return summaries.sentence(row, actor="Anna", templates={}, data=data)

    assert said(record) == "Anna redacted RequirementCreated of Requirement R-4"
    assert said(None) == "Anna redacted an event"


def test_a_sentence_of_the_host_may_be_a_lazy_translation() -> None:
    template = gettext_lazy("{actor} paid {aggregate}")
    said = summaries.sentence(
        _row("InvoicePaid"), actor="Anna", templates={"InvoicePaid": template}
    )
    assert said == "Anna paid Requirement R-17"
    assert summaries.placeholders(template) == {"actor", "aggregate"}
