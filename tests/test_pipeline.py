from __future__ import annotations

import json

import polars as pl
import pytest

from paths import SEEDS
from stance import batches, labelling, pipeline
from stance.errors import InputError, LexiconError, OutputError
from stance.exports import read_skipped, write_skipped
from stance.types import Skipped

FILES = {
    "report.html",
    "articles.parquet",
    "articles.csv",
    "sentences.parquet",
    "sentences.csv",
    "cues.parquet",
    "sources.csv",
    "contrasts.csv",
    "words.csv",
    "skipped.csv",
    "repairs.csv",
    "run.json",
}
COLUMNS = {
    "articles": "article_id path source title author date url script n_chars n_sentences "
    "n_on_target tone stance optimistic critical nationalist market dominant reprint_of n_repairs",
    "sentences": "sentence_id article_id index start end text on_target voice snownlp tone_score "
    "tone optimistic critical nationalist market frames",
    "cues": "sentence_id frame term surface start end weight polarity negated degree voice",
}


def test_every_file_and_column_of_the_contract(seeds_run):
    assert {path.name for path in seeds_run.directory.iterdir()} == FILES
    for name, columns in COLUMNS.items():
        table = pl.read_parquet(seeds_run.directory / f"{name}.parquet")
        wanted = columns.split()
        assert table.columns[: len(wanted)] == wanted
    sources = pl.read_csv(seeds_run.directory / "sources.csv")
    assert sources.columns[:3] == ["source", "n_articles", "n_sentences"]
    run = json.loads((seeds_run.directory / "run.json").read_text("utf-8"))
    assert run["signature"]["fitted_on_these_lexicons"] == "yes"


def test_the_columns_hold_what_they_should(seeds_run):
    sentences = pl.read_parquet(seeds_run.directory / "sentences.parquet")
    assert sentences["sentence_id"].is_unique().all()
    assert set(sentences["voice"]) == {"author", "quoted"}
    assert set(sentences["tone"]) == {-1, 0, 1}
    assert sentences["tone_score"].drop_nulls().is_between(-1, 1).all()
    assert sentences.filter(pl.col("tone_score").is_null())["tone"].eq(0).all()
    assert sentences["snownlp"].drop_nulls().is_between(0, 1).all()
    for frame in ("optimistic", "critical", "nationalist", "market"):
        assert sentences[frame].is_between(0, 1).all()
    articles = pl.read_parquet(seeds_run.directory / "articles.parquet")
    assert articles["article_id"].str.len_chars().eq(16).all()
    assert articles["script"].to_list() == ["trad", "simp", "trad", "trad", "trad"]
    assert articles["n_repairs"].to_list() == [239, 0, 526, 0, 402]
    assert articles["n_flagged"].to_list() == [1, 0, 1, 0, 1]


def test_the_same_input_gives_the_same_bytes_whatever_the_order(small_corpus, tmp_path):
    files = sorted(small_corpus.glob("*.txt"))
    for out, inputs in (("one", files), ("two", files[::-1])):
        pipeline.analyze(inputs, out=tmp_path / out)
    for name in FILES - {"run.json"}:
        one, two = ((tmp_path / out / name).read_bytes() for out in ("one", "two"))
        assert one == two, name
    one, two = (json.loads((tmp_path / out / "run.json").read_text()) for out in ("one", "two"))
    for run in (one, two):
        del run["timings"], run["inputs"]
    assert one == two


def test_report_renders_the_same_page_again(small_corpus, tmp_path):
    run = pipeline.analyze([small_corpus], out=tmp_path / "out")
    first = run.report.read_bytes()
    run.report.unlink()
    assert pipeline.report(tmp_path / "out") == run.report
    assert run.report.read_bytes() == first
    beside = pipeline.report(tmp_path / "out", by="author", share=True)
    assert beside.name == "report-author-share.html"
    other = pipeline.report(
        tmp_path / "out",
        by="author",
        title="标题<b>",
        share=True,
        lang="en",
        out=tmp_path / "other.html",
    )
    text = other.read_text("utf-8")
    assert "<title>标题&lt;b&gt;</title>" in text
    assert '<html lang="en">' in text
    assert "only excerpts around its cues" in text
    assert run.report.read_bytes() == first


def test_report_says_what_is_wrong_with_a_folder(small_corpus, tmp_path):
    with pytest.raises(InputError, match="is missing: give a directory"):
        pipeline.report(tmp_path)
    pipeline.analyze([small_corpus], out=tmp_path / "out")
    with pytest.raises(InputError, match="--by nothing"):
        pipeline.report(tmp_path / "out", by="nothing")
    (tmp_path / "out" / "run.json").write_text("{}")
    with pytest.raises(InputError, match="analyse again"):
        pipeline.report(tmp_path / "out")
    (tmp_path / "out" / "run.json").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        pipeline.report(tmp_path / "out")


def test_skipped_files_come_back_as_they_were(tmp_path):
    skipped = (Skipped("=a.txt", "-b"), Skipped("'c.txt", "d, “e”\nf"))
    write_skipped(skipped, tmp_path / "skipped.csv")
    assert read_skipped(tmp_path / "skipped.csv") == skipped
    assert read_skipped(tmp_path / "none.csv") == ()


def test_an_earlier_run_is_replaced_and_nothing_else_touched(small_corpus, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "notes.md").write_text("mine")
    (out / "report.html").write_text("old")
    run = pipeline.analyze([small_corpus], out=out)
    assert (out / "notes.md").read_text() == "mine"
    assert run.report.read_text("utf-8").startswith("<!doctype html>")
    assert {path.name for path in out.iterdir()} == FILES | {"notes.md"}


def test_batches_do_not_matter(small_corpus, tmp_path, monkeypatch):
    pipeline.analyze([small_corpus], out=tmp_path / "one")
    monkeypatch.setattr(batches, "BATCH", 1)
    pipeline.analyze([small_corpus], out=tmp_path / "two", cache=False)
    for name in FILES - {"run.json"}:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_place_that_cannot_be_written(tmp_path, small_corpus):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="a file of that name exists"):
        pipeline.analyze([small_corpus], out=tmp_path / "file")
    with pytest.raises(OutputError, match="choose another --out"):
        pipeline.analyze([small_corpus], out=tmp_path / "file" / "deeper")


def test_comparing_by_another_column(small_corpus, tmp_path):
    run = pipeline.analyze([small_corpus], out=tmp_path / "out", by="author")
    assert run.n_groups == 3
    with pytest.raises(InputError, match="--by nothing"):
        pipeline.analyze([small_corpus], out=tmp_path / "out", by="nothing")


def test_what_cannot_be_compared_is_told_before_the_work(small_corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "analyzers_of", None)
    for settings, told in (
        ({"by": "tone"}, r"--by tone: cannot group by 'tone'; columns of text are: article_id"),
        ({"by": "source", "target": ["alibaba", "tencent"]}, "it would count as often"),
        ({"partition_by": "day"}, "cannot partition by 'day'; there are year, month"),
    ):
        with pytest.raises(InputError, match=told):
            pipeline.analyze([small_corpus], out=tmp_path / "out", **settings)
    assert not (tmp_path / "out").exists()


def test_a_run_that_is_stopped_leaves_the_results_of_the_last_one(
    small_corpus, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    pipeline.analyze([small_corpus], out=out, partition_by="source")

    def content():
        return {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    before = content()

    def stopped(*given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(pipeline.page, "rendered", stopped)
        with pytest.raises(KeyboardInterrupt):
            pipeline.analyze([sorted(small_corpus.glob("*.txt"))[0]], out=out)
    assert content() == before
    pipeline.analyze([sorted(small_corpus.glob("*.txt"))[0]], out=out)
    # Partitions of other tables would be believed.
    assert {path.name for path in out.iterdir()} == FILES
    (out / "partitions").mkdir()
    (out / "partitions" / "mine.txt").write_text("not of a run", "utf-8")
    pipeline.analyze([small_corpus], out=out)
    assert (out / "partitions" / "mine.txt").is_file()
    before = content()
    with pytest.raises(OutputError, match="cannot write to"):
        pipeline.analyze([small_corpus], out=out, by="author", partition_by="source")
    assert content() == before


def test_training_writes_models_and_their_card(tmp_path):
    gold = tmp_path / "gold.jsonl"
    lines = (SEEDS / "gold" / "dev.jsonl").read_text("utf-8").splitlines()
    gold.write_text("\n".join(lines[:100]), "utf-8")
    card = labelling.train([gold], out=tmp_path / "models")
    assert "100 labelled sentences of 2 articles" in card
    assert {p.name for p in (tmp_path / "models").iterdir()} == {
        *(f"{kind}.{end}" for kind in ("frames", "tone", "setting") for end in ("json", "npz")),
        "CARD.md",
        "evaluation.html",
        "evaluation.json",
    }
    run = pipeline.analyze(
        [SEEDS / "articles" / "000_52e0cc4523e38aa7.txt"],
        out=tmp_path / "out",
        models=tmp_path / "models",
    )
    assert run.n_articles == 1


def test_the_seeds_are_byte_exact():
    import hashlib
    import tomllib

    manifest = tomllib.loads((SEEDS / "manifest.toml").read_text("utf-8"))
    assert len(manifest["document"]) == 5
    for document in manifest["document"]:
        data = (SEEDS / document["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == document["sha256"]


def test_write_report_from_the_api(analyzer, tmp_path):
    import stance

    articles = list(
        analyzer.analyze_many(stance.read(SEEDS / "articles" / "003_02e5580b89ab0318.txt"))
    )
    comparison = stance.compare(stance.summarise(articles))
    path = stance.write_report(comparison, tmp_path / "r.html", analyzer=analyzer)
    assert "阿里巴巴" in path.read_text("utf-8")[:400_000]
    assert stance.figure(comparison, "frames_heatmap").data[0].type == "heatmap"
    with pytest.raises(ValueError, match="no figure"):
        stance.figure(comparison, "word_cloud")


FIFTH = """schema = 1

[frame]
name = "consumer"
label = "消费者"
definition = "The sentence reads the target's affairs through those who buy. Synthetic."

[[term]]
text = "买家"
weight = 0.6
polarity = 0
source = "test"
yes = ["买家等了三天。"]
no = ["卖家等了三天。"]
"""


@pytest.fixture
def fifth(tmp_path):
    """A folder of word lists with one more frame."""
    folder = tmp_path / "mine"
    (folder / "frames").mkdir(parents=True)
    (folder / "frames" / "consumer.toml").write_text(FIFTH, "utf-8")
    return folder


def test_a_fifth_frame_is_one_file(fifth, tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_text("淘宝的买家等了三天。阿里云领先。\n没有买家投诉。\n", "utf-8")
    run = pipeline.analyze([corpus], out=tmp_path / "out", lexicons=fifth)
    assert run.uncalibrated == ("consumer",)
    sentences = pl.read_parquet(tmp_path / "out" / "sentences.parquet")
    assert sentences["consumer"].to_list() == [0.6, 0.0, 0.0]
    assert [("consumer" in own) for own in sentences["frames"]] == [True, False, False]
    articles = pl.read_parquet(tmp_path / "out" / "articles.parquet")
    assert articles["consumer"].to_list() == [0.2]
    assert articles["intensity_consumer"].to_list() == [3]
    sources = pl.read_csv(tmp_path / "out" / "sources.csv")
    assert sources["consumer_value"].to_list() == [0.2]
    signature = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))["signature"]
    assert signature["uncalibrated_frames"] == "consumer"
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "未校准的框架：consumer" in page
    assert ".tag.consumer" in page


def test_an_added_frame_leaves_the_others_as_they_were(fifth, small_corpus, tmp_path):
    pipeline.analyze([small_corpus], out=tmp_path / "one")
    pipeline.analyze([small_corpus], out=tmp_path / "two", lexicons=fifth)
    one, two = (pl.read_parquet(tmp_path / n / "sentences.parquet") for n in ("one", "two"))
    assert two.select(one.columns).drop("frames").equals(one.drop("frames"))


def test_records_keep_a_fifth_frame(fifth):
    import stance

    analyzer = stance.Analyzer(lexicons=fifth)
    documents = [stance.Document(text="淘宝的买家等了三天。", path="x")]
    articles = list(analyzer.analyze_many(documents))
    assert articles[0].sentences[0].uncalibrated == {"consumer": 0.6}
    again = stance.tables(articles)
    assert again.frames[-1] == "consumer"
    assert "consumer 0.60* (uncalibrated)" in stance.explain(articles[0], 0, analyzer=analyzer)


def test_two_targets_in_one_run_are_compared(tmp_path):
    run = pipeline.analyze([SEEDS], out=tmp_path, target=["alibaba", "amazon"], lang="en")
    assert run.n_articles == 5
    articles = pl.read_parquet(tmp_path / "articles.parquet")
    assert articles["article_id"].is_unique().all()
    assert set(articles["target"]) == {"alibaba", "amazon"}
    sources = pl.read_csv(tmp_path / "sources.csv")
    assert sources["target"].to_list() == ["alibaba", "amazon"]
    # Shares are of the sentences about each target: an article that names none has no share.
    about = articles.filter(pl.col("target") == "amazon")["n_on_target"]
    assert sources["optimistic_n"].to_list()[1] == int((about > 0).sum())
    assert "how 5 articles tell them" in run.report.read_text("utf-8")
    assert "Sentences about" in " ".join(run.findings)
    with pytest.raises(InputError, match="each article was read once for every target"):
        pipeline.report(tmp_path, by="source")
    with pytest.raises(LexiconError, match="no word list found"):
        pipeline.analyze([SEEDS], out=tmp_path, lexicons=tmp_path / "nowhere")


def test_read_shows_and_writes_what_was_read(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    prose = "阿里云周二发布新一代服务器芯片。公司称推理成本下降了一半。分析师认为价格战还会继续。"
    more = (
        "市场研究机构的报告提到，国内厂商的份额还在上升，客户看重的是价格与交付的速度。"
        "一位采购负责人算过账，换用新机型之后，机房的电费每月少了两成，但迁移花了整整三个月。"
        "代工厂的产能是另一个变数，排期已经到了明年春天，几家同行都在加价抢单。"
        "公司没有披露首批订单的规模，只说会优先供给自己的业务，对外销售要看下半年的良率。"
    )
    page = (
        "<html><head><title>芯片</title></head><body><div class='nav'><a href='/'>首页</a> "
        f"<a href='/c'>财经</a></div><article><p>{prose}</p><p>{more}</p></article></body></html>"
    )
    (folder / "a.html").write_text(page, "utf-8")
    (folder / "b.csv").write_text(
        f"媒体,正文,时间\n甲报,{prose}{more}乙方回应。,2024-05-09\n", "gb18030"
    )
    (folder / "c.bin").write_bytes(b"\0\1")
    found = pipeline.read_to([folder], out=tmp_path / "out" / "read.jsonl")
    lines = (tmp_path / "out" / "read.jsonl").read_text("utf-8").splitlines()
    rows = {json.loads(line)["path"].rsplit("/", 1)[1]: json.loads(line) for line in lines}
    assert set(rows) == {"a.html", "b.csv#1"}
    assert prose in rows["a.html"]["text"]
    assert "首页" not in rows["a.html"]["text"]
    table = rows["b.csv#1"]
    assert (table["source"], table["date"]) == ("甲报", "2024-05-09")
    assert table["origins"]["source"] == "column 媒体"
    assert table["encoding"].startswith("gb18030")
    # Near the page, and with a date: the original.
    assert rows["a.html"]["reprint_of"].endswith("b.csv#1")
    told = pipeline.shown(found)
    assert "甲报  (column 媒体)" in told
    assert "2 read, " in told
    assert pipeline.shown(found, sample=1).count("encoding") == 1


def test_columns_may_be_named(tmp_path):
    path = tmp_path / "x.csv"
    prose = "阿里云周二发布新一代服务器芯片。公司称推理成本下降了一半。分析师认为价格战还会继续。"
    path.write_text(f"甲,乙\n{prose},丙报\n", "utf-8")
    run = pipeline.analyze([path], out=tmp_path / "out", columns={"text": "甲", "source": "乙"})
    assert run.n_articles == 1
    articles = pl.read_parquet(tmp_path / "out" / "articles.parquet")
    assert articles["source"].to_list() == ["丙报"]
    assert articles["origins"].to_list() == [["source: column 乙"]]
