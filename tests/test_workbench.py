from __future__ import annotations

import csv
import re

import pytest

import stance
from paths import CASES, SEEDS
from stance.errors import InputError, OutputError
from stance.lexicon import LEXICONS, load_lexicons, load_target

FAULTS = sorted((CASES / "faults").rglob("*.toml"))
MARK = "# FAULT: "


def wanted(path):
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    return {(n, line.split(MARK)[1]) for n, line in enumerate(lines, 1) if MARK in line}


def test_there_are_forty_kinds_of_fault():
    kinds = {(path.parent.name, message) for path in FAULTS for _, message in wanted(path)}
    assert len(kinds) >= 40


@pytest.mark.parametrize("path", FAULTS, ids=lambda path: path.name)
def test_every_seeded_fault_is_found_on_its_line_and_nothing_else(path):
    found = {(fault.line, fault.message) for fault in stance.lexicon_check([path]).errors}
    seeded = wanted(path)
    assert len(found) == len(seeded)
    for line, message in seeded:
        assert any(line == at and message in told for at, told in found), (line, message, found)


def test_the_shipped_lists_have_no_error():
    found = stance.lexicon_check()
    assert not found.errors
    # The rules of reading are no word lists; tests/test_reading_*.py check them.
    lists = [path for path in LEXICONS.rglob("*.toml") if path.parent.name != "reading"]
    assert found.n_files == len(lists)
    assert any("is nested in" in notice.message for notice in found.notices)


def test_a_corpus_tells_what_is_never_needed(tmp_path, small_corpus):
    path = tmp_path / "my.toml"
    path.write_text(
        'schema = 1\n[frame]\nname = "my"\nlabel = "我"\ndefinition = "d"\n'
        '[[term]]\ntext = "绝无仅有之词"\nweight = 0.5\npolarity = 1\nsource = "t"\n'
        'unless = ["绝无仅有之词语"]\nyes = ["这是绝无仅有之词。"]\nno = ["另一句。"]\n',
        "utf-8",
    )
    told = " ".join(f.message for f in stance.lexicon_check([path], corpus=[small_corpus]).notices)
    assert "'绝无仅有之词' is never seen in the corpus" in told
    assert "unless 绝无仅有之词语 never acts in the corpus" in told
    with pytest.raises(InputError, match="no such file"):
        stance.lexicon_check([tmp_path / "missing.toml"])
    with pytest.raises(InputError, match="a folder; name the files"):
        stance.lexicon_check([tmp_path])


def test_a_term_in_its_contexts(tmp_path):
    (tmp_path / "a.txt").write_text(
        "阿里云没有领先。阿里云遥遥领先。云大爷领先一步。\n印度尼西亚的仓库。\n", "utf-8"
    )
    (tmp_path / "manifest.toml").write_text(
        '[[document]]\npath = "a.txt"\nsource = "甲报"\n', "utf-8"
    )
    found = stance.lexicon_show("领先", [tmp_path])
    assert [(one.source, one.sentence, one.counted) for one in found] == [
        ("甲报", 0, True),
        ("甲报", 1, True),
        ("甲报", 2, True),
    ]
    assert "negated" in found[0].why
    assert "negation 没有" in found[0].why
    assert found[0].left.endswith("没有")
    assert [one.why for one in stance.lexicon_show("仓库", [tmp_path])] == ["in no list"]
    assert stance.lexicon_show("阿里", [tmp_path])[0].why == "not counted: part of a name"


def test_lists_and_their_sizes():
    found = {one.name: one for one in stance.lexicon_list()}
    for frame in ("optimistic", "critical", "nationalist", "market"):
        assert 150 <= found[frame].n_entries <= 400
    assert found["cloud"].kind == "aspect"
    assert found["hedge"].kind == "modifier"


def test_csv_loses_nothing(tmp_path):
    assert stance.lexicon_export(tmp_path / "all.csv") == ()
    done = stance.lexicon_import(tmp_path / "all.csv", tmp_path / "mine")
    assert done.lost == ()
    # Nothing is asked for where every term has its examples.
    assert not [path for path in done.files if path.read_text("utf-8").startswith("#")]
    again, own = load_lexicons(tmp_path / "mine"), load_lexicons()
    assert again.frames == own.frames
    assert again.tone == own.tone
    assert done.n_terms == sum(len(one.terms) for one in (*own.frames, own.tone))
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file))[:4] == ["list", "term", "weight", "polarity"]


@pytest.mark.parametrize("name", ["x.yml", "x.dic"])
def test_other_formats_keep_every_spelling(tmp_path, name):
    lost = stance.lexicon_export(tmp_path / name)
    assert any("weights" in one for one in lost)
    done = stance.lexicon_import(tmp_path / name, tmp_path / "mine")
    own = load_lexicons()
    spellings = {s for one in (*own.frames, own.tone) for t in one.terms for s in t.spellings}
    text = "".join(path.read_text("utf-8") for path in done.files)
    assert set(re.findall(r'text = "(.*)"', text)) == spellings


def test_what_an_import_loses_is_said(tmp_path):
    path = tmp_path / "x.dic"
    path.write_text("%\n1\tnegemo\n2\tmoney\n%\n亏损*\t1\n亏钱\t1\t2\n孤儿\t9\n钱\t2\n", "utf-8")
    done = stance.lexicon_import(path, tmp_path / "mine")
    assert done.n_terms == 2
    told = " ".join(done.lost)
    for message in ("a pattern", "in 2 categories", "in no category"):
        assert message in told
    negemo = load_lexicons(tmp_path / "mine")
    frame = next(one for one in negemo.frames if one.name == "negemo")
    assert [(term.text, term.polarity) for term in frame.terms] == [("亏钱", -1)]
    with pytest.raises(OutputError, match="exists already"):
        stance.lexicon_import(path, tmp_path / "mine")
    for name, message in (("x.txt", "must end in"), ("missing.csv", "No such file")):
        with pytest.raises(InputError, match=message):
            stance.lexicon_import(tmp_path / name, tmp_path / "mine")


def test_a_target_is_drafted_from_a_few_words(tmp_path, small_corpus):
    (small_corpus / "d.txt").write_text(
        "滴滴（DiDi，美股）与阿里巴巴合作。滴滴出行上线。滴滴出行扩张。滴滴出行降价。\n",
        "utf-8",
    )
    path = tmp_path / "didi.toml"
    draft = stance.target_new("didi", ["滴滴"], corpus=[small_corpus], out=path, label="DiDi")
    assert "滴滴出行" in draft.proposed
    assert "点点滴滴" in draft.exceptions
    assert "阿里巴巴" in draft.rivals
    target = load_target(path)
    assert (target.name, target.label, target.label_zh) == ("didi", "DiDi", "滴滴")
    assert not stance.lexicon_check([path]).errors
    article = next(
        stance.Analyzer(target=path).analyze_many([stance.Document(text="滴滴降价。", path="x")])
    )
    assert article.n_on_target == 1
    with pytest.raises(OutputError, match="exists already"):
        stance.target_new("didi", ["滴滴"], out=path)
    with pytest.raises(InputError, match="at least one name"):
        stance.target_new("didi", [" "], out=tmp_path / "other.toml")
    with pytest.raises(InputError, match="no name for a target"):
        stance.target_new("di di", ["滴滴"])


def test_seeds_can_be_searched():
    found = stance.lexicon_show("卡脖子", [SEEDS])
    assert any(one.counted and one.source == "江上酒" for one in found)
