from __future__ import annotations

import pickle

import pytest

from stance import lexicon
from stance.errors import LexiconError
from stance.text import given_sentences

HEADER = 'schema = 1\n\n[frame]\nname = "x"\nlabel = "某"\ndefinition = "d"\n'
TERM = """
[[term]]
text = "领先"
weight = 0.5
polarity = 1
source = "test"
yes = ["阿里领先。"]
no = ["阿里不领先。"]
"""


def test_shipped_lexicons_hold_enough_and_load():
    resources = lexicon.load_lexicons()
    assert {frame.name for frame in resources.frames} == {
        "optimistic",
        "critical",
        "nationalist",
        "market",
    }
    assert all(len(frame.terms) >= 40 for frame in resources.frames)
    assert {"negation", "degree", "speech", "reference"} <= set(resources.modifiers)
    again = pickle.loads(pickle.dumps(resources))
    assert again == resources


def test_no_spelling_stands_in_two_lists():
    resources = lexicon.load_lexicons()
    seen: dict[str, str] = {}
    twice = []
    for part in (*resources.frames, resources.tone):
        for term in part.terms:
            for spelling in term.spellings:
                first = seen.setdefault(lexicon.normal_form(spelling), part.name)
                if first != part.name:
                    twice.append((spelling, first, part.name))
    assert not twice


def test_every_term_proves_its_examples(finder):
    wrong = []
    sentences, wanted = [], []
    for number, part in enumerate(finder.lexicons):
        for index, term in enumerate(part.terms):
            for kind in ("yes", "no"):
                for sentence in getattr(term, kind):
                    sentences.append(sentence)
                    wanted.append((number, index, kind == "yes", f"{part.name}: {term.text}"))
    cues = finder.evidence(given_sentences(sentences)).cues
    fired = {
        (int(s), int(n), int(t))
        for s, n, t, denied in zip(
            cues.sentence, cues.lexicon, cues.term, cues.negated, strict=True
        )
        if not denied
    }
    for row, (number, index, should, name) in enumerate(wanted):
        if ((row, number, index) in fired) != should:
            wrong.append((name, "yes" if should else "no", sentences[row]))
    assert not wrong


def test_terms_that_gold_suggested_say_so_in_a_form_that_folds_understand():
    resources = lexicon.load_lexicons()
    notes = [t.source for part in (*resources.frames, resources.tone) for t in part.terms]
    marked = [note for note in notes if "dev:" in note]
    assert marked
    assert all(note.startswith(("dev:00",)) for note in marked)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            HEADER + TERM.replace("weight", "wieght"),
            "10: unknown key 'wieght'; did you mean 'weight'?",
        ),
        (HEADER + TERM.replace("weight = 0.5\n", ""), "8: the key 'weight' is missing; add it"),
        (HEADER + TERM.replace("0.5", "1.5"), "10: weight must be in (0, 1]"),
        (HEADER + TERM.replace("0.5", '"a lot"'), "10: Expected"),
        (HEADER + TERM.replace("polarity = 1", "polarity = 2"), "11: "),
        (HEADER + TERM + TERM, "17: '领先' stands already at line 9; keep one of the two"),
        (HEADER + TERM + TERM.replace("领先", "領先"), "17: '領先' stands already at line 9"),
        (HEADER.replace("schema = 1", "schema = 2") + TERM, "1: the file must say `schema = 1`"),
        (HEADER.replace("label", "lable") + TERM, "5: unknown key 'lable'; did you mean 'label'?"),
        (TERM, "1: the file must say"),
        ("schema = 1\n" + TERM, "1: the table [frame] is missing"),
        ("schema = \n", "not valid TOML"),
    ],
)
def test_a_fault_is_told_with_its_line_and_its_mend(tmp_path, text, message):
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LexiconError) as error:
        lexicon.load_lexicon(path)
    told = str(error.value)
    assert told.startswith("bad.toml:")
    assert message in told, told


def test_line_numbers_count_from_the_top_of_the_file(tmp_path):
    path = tmp_path / "bad.toml"
    text = HEADER + TERM + TERM.replace("领先", "落后").replace("source", "sauce")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LexiconError) as error:
        lexicon.load_lexicon(path)
    line = int(str(error.value).split(":")[1])
    assert text.splitlines()[line - 1].startswith("sauce")


def test_targets():
    target = lexicon.load_target("alibaba")
    assert target.label_zh == "阿里巴巴"
    names = {spelling for alias in target.aliases for spelling in alias.spellings}
    assert {"阿里云", "淘宝", "马云", "BABA", "通义"} <= names
    with pytest.raises(LexiconError, match="unknown target 'alibba'; did you mean 'alibaba'"):
        lexicon.load_target("alibba")
    with pytest.raises(LexiconError, match="not found"):
        lexicon.load_target("nowhere/company.toml")


def test_a_target_is_one_file(tmp_path):
    path = tmp_path / "acme.toml"
    path.write_text(
        'schema = 1\n[target]\nname = "acme"\nlabel = "Acme"\nlabel_zh = "艾克米"\n'
        '[[alias]]\ntext = "艾克米"\nkind = "group"\n',
        encoding="utf-8",
    )
    assert lexicon.load_target(path).aliases[0].text == "艾克米"
    path.write_text('schema = 1\n[target]\nname = "acme"\nlabel = "A"\nlabel_zh = "艾"\n', "utf-8")
    with pytest.raises(LexiconError, match="at least one"):
        lexicon.load_target(path)


def test_kept_lists_are_those_of_the_files(monkeypatch, tmp_path):
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "cache" / "stance"))
    own = tmp_path / "own" / "modifiers" / "degree.toml"
    own.parent.mkdir(parents=True)
    shipped = (lexicon.LEXICONS / "modifiers" / "degree.toml").read_bytes()
    own.write_bytes(shipped)
    first = lexicon.load_lexicons(tmp_path / "own")
    assert first == lexicon.load_lexicons(tmp_path / "own")
    assert first == lexicon._load_lexicons(lexicon.lexicon_files(tmp_path / "own"))
    own.write_bytes(shipped.replace(b"reach = 4", b"reach = 5"))
    assert lexicon.load_lexicons(tmp_path / "own").modifiers["degree"].reach == 5
    own.write_bytes(shipped.replace(b"reach = 4", b"reach = -5"))
    with pytest.raises(LexiconError, match="cannot be negative"):
        lexicon.load_lexicons(tmp_path / "own")
