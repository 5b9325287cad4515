from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

import stance
from paths import SEEDS
from stance import evaluation
from stance.cli import app
from stance.errors import GoldError, InputError
from stance.gold import load_gold
from stance.page.scorecard import scorecard

DEV = SEEDS / "gold" / "dev.jsonl"


def _written(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def _row(k, article, text, **labels):
    return {"id": f"{article}-{k}", "article": article, "text": text, **labels}


# Synthetic sentences, one hostile.
_ROWS = [
    _row(0, "a", "阿里云的收入创下新高。", target=1, tone=1, frames=["optimistic", "market"]),
    _row(1, "a", "<script>alert(1)</script>阿里被罚款，\u202e股价大跌。", target=1, tone=-1),
    _row(0, "b", "会议在杭州举行。", target=0, tone=0, frames=[], voice="author"),
    _row(0, "c", "蔡崇信说：“我们会做得更好。”", target=1, tone=1, frames=[], voice="quoted"),
]


def test_dev_is_known_as_what_the_models_were_fitted_to(tmp_path):
    found = stance.evaluate([DEV], out=tmp_path)
    assert found.n_seen == found.n_sentences
    assert found.n_sentences == 478
    assert list(found.beside) == ["SnowNLP", "majority"]
    assert found.report["tone"].mean.value > found.beside["SnowNLP"]["tone"].mean.value
    chances = [one.chance for one in found.wrong]
    assert chances == sorted(chances)
    written = json.loads((tmp_path / "evaluation.json").read_text("utf-8"))
    assert written["report"]["fields"][0]["mean"]["value"] == found.report["frames"].mean.value
    assert "fitted to 478 of these 478 sentences" in (tmp_path / "evaluation.html").read_text(
        "utf-8"
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_shows_hostile_text_as_text(tmp_path, lang):
    rows = [dict(row) for row in _ROWS]
    rows[1] |= {"tone": 1, "frames": ["nationalist"], "target": 0}
    found = evaluation.evaluate(load_gold([_written(tmp_path / "gold.jsonl", rows)]))
    page = scorecard(found, lang)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\u202e" not in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "score_" not in page
    assert found.n_seen == 0


def test_majority_and_annotators_stand_beside(tmp_path):
    rows = [{**row, "A": {"tone": row["tone"]}, "B": {"tone": 0}} for row in _ROWS]
    found = evaluation.evaluate(load_gold([_written(tmp_path / "gold.jsonl", rows)]))
    majority = found.beside["majority"]["tone"]
    assert majority.agreement.confusion == ((0, 0, 1), (0, 0, 1), (0, 0, 2))
    assert found.beside["annotators"]["tone"].agreement.share.value == 0.25
    assert found.beside["annotators"].get("frames") is None
    assert "annotators" in "\n".join(found.lines())


def test_evaluate_from_the_command_line(tmp_path):
    gold = _written(tmp_path / "gold.jsonl", _ROWS)
    done = CliRunner().invoke(app, ["evaluate", str(gold), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0
    assert "4 labelled sentences of 3 articles" in done.output
    assert "\u202e" not in done.output
    assert (tmp_path / "out" / "evaluation.html").is_file()
    done = CliRunner().invoke(app, ["evaluate", str(gold), "--lang", "fr"])
    assert done.exit_code == 2


def test_two_files_agree_where_they_say_the_same(tmp_path):
    first = _written(tmp_path / "a.jsonl", _ROWS)
    other = [{**row, "tone": 0} for row in _ROWS[:3]]
    second = _written(tmp_path / "b.jsonl", [*other, _row(9, "z", "多出一句。", tone=0)])
    found = stance.agree(first, second, out=tmp_path / "apart.csv")
    assert (found.n_sentences, found.unmatched) == (3, 2)
    assert found.report["tone"].agreement.share.value == pytest.approx(1 / 3)
    assert found.report["on target"].rows[0].agreement.kappa.value == 1.0
    assert [(i, name, a, b) for i, _, name, a, b in found.apart] == [
        ("a-0", "tone", "favourable", "neutral"),
        ("a-1", "tone", "unfavourable", "neutral"),
    ]
    assert (tmp_path / "apart.csv").read_text("utf-8-sig").splitlines()[0] == (
        "id,text,question,first,second"
    )
    done = CliRunner().invoke(app, ["agree", str(first), str(second)])
    assert "3 sentences of 2 articles labelled by both" in done.output
    assert "2 sentences only in one of the two files" in done.output


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([_row(7, "q", "别的句子。", tone=0)], "no sentence in common"),
        ([_row(0, "a", "别的句子。", tone=0)], "is not the same sentence"),
    ],
)
def test_files_that_do_not_belong_together(tmp_path, rows, message):
    first = _written(tmp_path / "a.jsonl", _ROWS)
    second = _written(tmp_path / "b.jsonl", rows)
    with pytest.raises(GoldError, match=message):
        stance.agree(first, second)


def test_labels_in_the_table_of_differences_are_plain_words(tmp_path):
    """A label of -1 would be taken for a formula and marked as one."""
    first = _written(tmp_path / "a.jsonl", _ROWS)
    second = _written(tmp_path / "b.jsonl", [{**row, "tone": 0} for row in _ROWS])
    stance.agree(first, second, out=tmp_path / "apart.csv")
    assert "'" not in (tmp_path / "apart.csv").read_text("utf-8-sig")


@pytest.mark.filterwarnings("error")
def test_a_sentence_without_words_spoils_no_figure(tmp_path):
    rows = [*_ROWS, _row(5, "c", "……", target=0, tone=0)]
    found = evaluation.evaluate(load_gold([_written(tmp_path / "gold.jsonl", rows)]))
    tone = found.beside["SnowNLP"]["tone"]
    assert tone.auc.value is not None
    assert tone.agreement.n == 5
    assert all(row.brier is None for row in tone.rows)


def test_without_a_target_every_sentence_is_on_it(tmp_path):
    gold = load_gold([_written(tmp_path / "gold.jsonl", _ROWS)])
    found = evaluation.evaluate(gold, stance.Analyzer("none"))
    assert {one.chance for one in found.wrong if one.field == "on target"} == {0.0}


def test_a_language_that_the_page_does_not_speak_is_told_at_once(tmp_path):
    gold = _written(tmp_path / "gold.jsonl", _ROWS)
    with pytest.raises(InputError, match="'fr'"):
        stance.evaluate([gold], out=tmp_path / "out", lang="fr")
    assert not (tmp_path / "out").exists()


def test_a_part_of_the_training_labels_is_known_again(tmp_path):
    lines = DEV.read_text("utf-8").splitlines()[100:140]
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join([*lines, json.dumps(_ROWS[0])]) + "\n", "utf-8")
    assert evaluation.evaluate(load_gold([path])).n_seen == 40


def test_annotators_alone_are_sent_to_agree(tmp_path):
    rows = [{**_row(k, "a", f"第{k}句。"), "A": {"tone": 1}, "B": {"tone": 0}} for k in range(3)]
    with pytest.raises(GoldError, match="stance agree"):
        evaluation.evaluate(load_gold([_written(tmp_path / "gold.jsonl", rows)]))


def test_errors_show_the_words_as_they_stand(tmp_path):
    rows = [_row(0, "a", "中国人工智能必须走自己的路，不能依赖美国。", frames=[])]
    found = evaluation.evaluate(load_gold([_written(tmp_path / "gold.jsonl", rows)]))
    told = [cue for one in found.wrong for cue in one.cues]
    assert told
    assert all(cue.partition(" (")[0] in rows[0]["text"] for cue in told)
