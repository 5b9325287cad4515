from __future__ import annotations

import json

import pytest

from stance.errors import GoldError
from stance.gold import UNKNOWN, load_gold


def test_disputed_labels_are_unknown(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text(
        '{"id":"a-0","article":"a","text":"阿里领先。","target":1,"tone":null,"frames":["market"],'
        '"open":["critical"],"voice":"author"}\n\n'
        '{"id":"a-1","article":"a","text":"开会。"}\n',
        "utf-8",
    )
    gold = load_gold([path])
    labels = gold.labels()
    assert labels.frames.tolist() == [[0, UNKNOWN, 0, 1], [UNKNOWN] * 4]
    assert labels.tone.tolist() == [UNKNOWN, UNKNOWN]
    assert labels.setting.tolist() == [[1, 0], [UNKNOWN, UNKNOWN]]
    assert gold.annotators() is None


def test_two_annotators_beside_the_settled_label(tmp_path):
    path = tmp_path / "gold.jsonl"
    row = {"id": "a-0", "article": "a", "text": "阿里领先。", "tone": 1}
    row |= {"A": {"tone": 1, "frames": ["optimistic"]}, "B": {"tone": 0, "voice": "quoted"}}
    path.write_text(json.dumps(row) + "\n", "utf-8")
    one, other = load_gold([path]).annotators()
    assert (one.tone.tolist(), other.tone.tolist()) == ([1], [0])
    assert one.frames.tolist() == [[1, 0, 0, 0]]
    assert other.setting.tolist() == [[UNKNOWN, 1]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "gold.jsonl:1"),
        ('{"id":"x"}', "gold.jsonl:1"),
        ('{"id":"x","article":"a","text":"t","frames":["funny"]}', "unknown frame"),
        ('{"id":"x","article":"a","text":"t","A":{"frames":["funny"]}}', "unknown frame"),
        ('{"id":"x","article":"a","text":"t","tone":2}', "tone is 2; it can be -1, 0, 1 or null"),
        ('{"id":"x","article":"a","text":"t","target":7}', "target is 7; it can be 0, 1"),
        ('{"id":"x","article":"a","text":"t","voice":"me"}', "voice is 'me'"),
        ("[]", "gold.jsonl:1"),
        ('{"id":"x","article":"a","text":" "}', "the text is empty"),
        ('{"id":"x","article":"a","text":"t"}\n{"id":"x","article":"a","text":"u"}', "twice"),
        ("", "no labelled sentence"),
    ],
)
def test_faulty_gold_is_told_with_its_line(tmp_path, line, message):
    path = tmp_path / "gold.jsonl"
    path.write_text(line + "\n", "utf-8")
    with pytest.raises(GoldError) as error:
        load_gold([path])
    assert message in str(error.value)
    with pytest.raises(GoldError, match="No such file"):
        load_gold([tmp_path / "missing.jsonl"])


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id":"x","article":"a","text":"t","tone":1}\n')
    assert load_gold([path]).labels().tone.tolist() == [1]


def test_sentences_of_an_article_stand_together(tmp_path):
    """Scores read what stands before and after; a file dealt by article must not change them."""
    rows = [("b", 0), ("a", 0), ("b", 1), ("a", 1)]
    lines = [f'{{"id":"{a}-{k}","article":"{a}","text":"句{k}"}}' for a, k in rows]
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    gold = load_gold([path])
    assert [one.id for one in gold.sentences] == ["b-0", "b-1", "a-0", "a-1"]
    assert gold.documents().tolist() == [0, 0, 1, 1]


def test_another_encoding_is_told(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_bytes('{"id":"x","article":"a","text":"阿里"}'.encode("gb18030"))
    with pytest.raises(GoldError, match=r"gold.jsonl:1: not UTF-8"):
        load_gold([path])
