from __future__ import annotations

import hashlib

import pytest

import stance
from paths import SEEDS
from stance.errors import InputError, ReadingError
from stance.reading.encoding import decode

TEXT = "阿里巴巴公布了最新一季的财报，营收同比增长，云业务表现亮眼，市场反应积极。"


def test_seeds_are_read_with_their_sources():
    documents = stance.read(SEEDS)
    assert [document.source for document in documents] == [
        "江上酒",
        "饭统戴老板",
        "夸克/网易号",
        "观察者网 心智观察所",
        "略大参考",
    ]
    assert documents.skipped == ()
    assert documents[3].title == "心智观察所:3800億AI基建狂飆,改寫中概股敍事?"


def test_the_order_given_does_not_matter(small_corpus):
    files = sorted(small_corpus.glob("*.txt"))
    assert stance.read(files).items == stance.read(files[::-1]).items


def test_a_manifest_gives_metadata_and_dates(small_corpus):
    first = stance.read(small_corpus)[0]
    assert (first.source, first.title, first.date) == ("甲报", "发布", "2025-03-01")


def test_files_that_a_manifest_does_not_name_are_read_too(small_corpus):
    (small_corpus / "extra.txt").write_text("阿里云上线新区域。", encoding="utf-8")
    assert [document.source for document in stance.read(small_corpus)][-1] is None


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", TEXT),
        ("utf-8-sig", TEXT),
        ("utf-16", TEXT),
        ("gb18030", TEXT),
        ("big5", "阿里巴巴公布了最新一季的財報，營收同比增長，雲業務表現亮眼，市場反應積極。"),
    ],
)
def test_encodings(encoding, text):
    assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary"),
        (b"\xff\xfe\x00", "not valid utf-16"),
        (b"\xff" * 40, "UTF-8"),
    ],
)
def test_what_is_no_text_is_refused_with_its_reason(data, reason):
    with pytest.raises(ReadingError, match=reason):
        decode(data)


def test_a_bad_file_among_good_ones_is_skipped_with_its_reason(small_corpus):
    (small_corpus / "empty.txt").write_bytes(b"")
    (small_corpus / "picture.txt").write_bytes(b"\x89PNG\x00\x00")
    documents = stance.read(small_corpus)
    assert len(documents) == 3
    reasons = {skip.path.rsplit("/", 1)[1]: skip.reason for skip in documents.skipped}
    assert "empty" in reasons["empty.txt"]
    assert "binary" in reasons["picture.txt"]


def test_the_same_text_of_one_source_counts_once(tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    documents = stance.read(tmp_path)
    assert len(documents) == 1
    assert "the same source and text as" in documents.skipped[0].reason


def test_a_file_that_changed_since_the_manifest_is_told(small_corpus):
    digest = hashlib.sha256(b"something else").hexdigest()
    manifest = small_corpus / "manifest.toml"
    manifest.write_text(
        f'[[document]]\npath = "a.txt"\nsha256 = "{digest}"\n[[document]]\npath = "b.txt"\n',
        "utf-8",
    )
    assert "changed since" in stance.read(small_corpus).skipped[0].reason


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not toml =", "not a readable TOML"),
        ('[[document]]\npath = "a.txt"\nsoruce = "x"\n', "unknown key 'soruce'"),
        ('[[document]]\npath = "../outside.txt"\n', "leaves the directory"),
        ('[[document]]\npath = "/etc/passwd"\n', "leaves the directory"),
        ("[[document]]\nsource = 'x'\n", "path"),
        ("", "no [[document]]"),
    ],
)
def test_a_faulty_manifest_is_one_clear_message(small_corpus, content, message):
    (small_corpus / "manifest.toml").write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as error:
        stance.read(small_corpus)
    assert message in str(error.value)


def test_nothing_to_read(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        stance.read(tmp_path / "missing")
    with pytest.raises(InputError, match="no articles found"):
        stance.read(tmp_path)
    (tmp_path / "empty.txt").write_bytes(b"")
    with pytest.raises(InputError, match=r"nothing could be read.*empty\.txt: empty"):
        stance.read(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "Alibaba Cloud said on Tuesday that revenue rose by 8 percent in the quarter.",
        "알리바바 클라우드는 화요일에 분기 매출이 8퍼센트 늘었다고 밝혔다. 주가는 올랐다.",
        "알리바바 2024년 1분기 매출은 2200억 위안, 2분기는 2430억 위안이었다.\n" * 8,
    ],
)
def test_another_language_is_called_that(tmp_path, text):
    (tmp_path / "a.txt").write_text(text, "utf-8")
    (tmp_path / "b.txt").write_text("阿里巴巴周二公布财报，营收增长百分之八。", "utf-8")
    (skipped,) = stance.read(tmp_path).skipped
    assert skipped.reason == "hardly any Chinese in it"
