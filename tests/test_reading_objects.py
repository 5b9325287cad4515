"""Answers of services: which key holds what, and which post in them is the article."""

from __future__ import annotations

import tomllib

import pytest

import stance
from paths import CASES
from stance.reading.columns import guess, object_fields
from stance.reading.dates import iso
from stance.reading.raw import FIELDS

FILE = tomllib.loads((CASES / "reading_objects.toml").read_text("utf-8"))


def filled(text):
    return text.replace("{p1}", FILE["p1"]).replace("{p2}", FILE["p2"])


@pytest.mark.parametrize("one", FILE["answer"], ids=lambda one: one["name"])
def test_answers(tmp_path, one):
    # In JSON a line end within a string is written \n, which TOML's literal strings keep.
    (tmp_path / "a.json").write_text(filled(one["json"]), encoding="utf-8")
    found = stance.read(tmp_path)
    assert found.skipped == ()
    told = [
        {field: value for field in (*FIELDS, "text") if (value := getattr(document, field))}
        for document in found.items
    ]
    assert told == [{k: filled(v) for k, v in wanted.items()} for wanted in one["articles"]]


def test_the_user_s_own_word_goes_before_what_is_known_of_a_service(tmp_path):
    (tmp_path / "a.json").write_text(filled(FILE["answer"][0]["json"]), encoding="utf-8")
    documents = stance.read(tmp_path, columns={"source": "source"}).items
    assert [document.source for document in documents] == ["某某手机 14 Pro", "网页版"]


def test_a_whole_name_goes_before_the_last_word_of_another():
    assert guess(["indexed_date", "publish_date", "text"])["date"] == "publish_date"
    assert guess(["article_content", "content", "sub_title", "title"]) == {
        "text": "content", "title": "title",
    }  # fmt: skip
    assert object_fields({"source": "某报", "text": "话", "title": "题"}) is None
    # A short post has its text where a long one has another.
    post = {"user.screen_name": "甲", "created_at": "x", "text": "话", "longTextContent": " "}
    assert (object_fields(post) or {})["text"] == "text"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("Tue Apr 30 17:42:08 +0800 2024", "2024-04-30"),
        ("Tue Apr  2 17:42:08 2024", "2024-04-02"),
        ("Tue Apr 30 17:42:08 CST 2024", "2024-04-30"),
        ("Thu, 28 Nov 2024 07:30:12 +0800", "2024-11-28"),
        ("113/5/9 10:23", "2024-05-09"),
        ("113/05/09", "2024-05-09"),
        ("114.36.12.201", None),
        ("Apr 30 17:42:08", None),
    ],
)
def test_days_as_services_write_them(written, day):
    assert iso(written) == day
