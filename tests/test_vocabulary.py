from __future__ import annotations

import subprocess
import sys

import pytest

from paths import SEEDS
from stance.vocabulary import NOT_SHOWN, Vocabulary, _cutter, _segmenter

TEXTS = (
    "阿里云发布通义千问，净流入三千亿元。",
    "但倘若没有一九九九年湖畔花园那套没装修完的毛坯房。\n换行也是一句。",
    "",
    "商人人人都做烈士，www.alibaba.com 也在。",
    "deepseek 与 eps 是两个词",
)


def spelled(vocabulary: Vocabulary, texts) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in texts]
    numbers, rows = vocabulary.words(texts)
    for number, row in zip(numbers.tolist(), rows.tolist(), strict=True):
        found[row].append("·" if number == NOT_SHOWN else vocabulary.shown[number])
    return found


def test_words_stand_in_their_texts():
    found = spelled(Vocabulary(["阿里云"]), TEXTS)
    assert found[0][0] == "·"
    assert "发布" in found[0]
    assert "净流入" in found[0]
    assert found[2] == []
    assert "deepseek" in found[4]


def test_a_text_is_cut_alike_alone_and_among_others():
    together = spelled(Vocabulary(), TEXTS)
    assert together == [spelled(Vocabulary(), [text])[0] for text in TEXTS]


@pytest.mark.parametrize("path", sorted((SEEDS / "articles").glob("*.txt"))[:2])
def test_the_quick_cutter_cuts_as_the_segmenter(path):
    names = frozenset({"阿里巴巴"})
    for line in path.read_text("utf-8").splitlines():
        if not any(line[k] == line[k + 1] == line[k + 2] for k in range(len(line) - 2)):
            assert _cutter(names).cut(line, False) == _segmenter(names).tokens(line)


def test_words_that_are_kept_spare_jieba(tmp_path):
    """Its dictionary takes half a second to load."""
    code = (
        "import sys\n"
        "from stance.vocabulary import Vocabulary\n"
        "Vocabulary().words(['阿里云发布'])\n"
        "print('jieba' in sys.modules)\n"
    )
    environment = {"STANCE_CACHE": str(tmp_path), "PATH": "", "PYTHONPATH": ":".join(sys.path)}
    told = [
        subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True
        )
        for _ in range(2)
    ]
    assert [one.stdout.strip() for one in told] == ["True", "False"], told
