from __future__ import annotations

import subprocess
import sys

import pytest

from paths import ROOT, SEEDS
from stance import cli

SEED = SEEDS / "articles" / "003_02e5580b89ab0318.txt"


@pytest.fixture
def stance(monkeypatch, capsys):
    """Run the command line in this process: exit code, stdout, stderr."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["stance", *map(str, arguments)])
        try:
            cli.run()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_analyze_names_its_report(stance, small_corpus, tmp_path):
    code, out, err = stance("analyze", small_corpus, "--out", tmp_path / "out", "--lang", "en")
    assert code == 0
    assert err == ""
    assert "3 articles, 2 sources" in out
    assert f"report: {tmp_path / 'out' / 'report.html'}" in out
    assert (tmp_path / "out" / "report.html").is_file()


def test_skipped_files_are_told_and_strict_fails(stance, small_corpus, tmp_path):
    (small_corpus / "empty.txt").write_bytes(b"")
    code, out, _ = stance("analyze", small_corpus, "--out", tmp_path / "out")
    assert code == 0
    assert "1 file skipped, see" in out
    assert stance("analyze", small_corpus, "--out", tmp_path / "out", "--strict")[0] == 1


def write(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda tmp: [tmp / "missing"], "no such file or directory"),
        (lambda tmp: [tmp], "no articles found"),
        (lambda tmp: [write(tmp, "e.txt", b"")], "e.txt: empty"),
        (lambda tmp: [write(tmp, "b.txt", b"\x89PNG\x00\x01")], "b.txt: a binary file"),
        (lambda tmp: [write(tmp, "u.txt", b"\xff" * 50)], "u.txt: neither UTF-8"),
        (lambda tmp: [SEED, "--target", "alibba"], "unknown target 'alibba'; did you mean"),
        (lambda tmp: [SEED, "--target", tmp / "t.toml"], "target file not found"),
        (lambda tmp: [SEED, "--by", "colour"], "cannot group by 'colour'"),
        (lambda tmp: [SEED, "--lang", "fr"], "not a language"),
        (lambda tmp: [SEED, "--out", write(tmp, "file", b"x")], "a file of that name exists"),
    ],
)
def test_bad_use_is_one_clear_message_and_exit_2(stance, tmp_path, prepare, message):
    arguments = prepare(tmp_path)
    if "--out" not in arguments:
        arguments = [*arguments, "--out", tmp_path / "out"]
    code, out, err = stance("analyze", *arguments)
    assert code == 2
    assert message in " ".join(err.replace("│", " ").split())
    assert "Traceback" not in out + err


def test_articles_without_a_source_are_not_counted_as_sources(stance, tmp_path):
    table = tmp_path / "a.csv"
    rows = "云报,阿里巴巴发布新品。\n云报,阿里巴巴营收增长。\n,阿里巴巴被罚款。\n"
    table.write_text("source,text\n" + rows, "utf-8")
    code, out, _ = stance("analyze", table, "--out", tmp_path / "out")
    assert code == 0
    assert out.startswith("3 articles, 1 source and 1 without source, 3 sentences in ")


def test_explain_takes_an_article_as_the_tables_name_it(stance, tmp_path):
    table = tmp_path / "两篇.csv"
    table.write_text("text\n阿里巴巴发布新品。\n腾讯发布财报。营收增长。\n", "utf-8")
    code, out, _ = stance("explain", f"{table}#2", "--sentence", "1")
    assert (code, "营收增长" in out, "新品" in out) == (0, True, False)
    code, out, _ = stance("explain", table, "--sentence", "0")
    assert [f"{table}#{k}" in out for k in (1, 2)] == [True, True]
    code, _, err = stance("explain", f"{table}#3")
    assert (code, err.count("\n")) == (2, 1)
    assert "no such article among 2 of" in err


def test_explain_shows_cues(stance):
    code, out, _ = stance("explain", SEED, "--sentence", "7")
    assert code == 0
    assert out.startswith("[7] ")
    assert "weight" in out
    code, _, err = stance("explain", SEED, "--sentence", "9999")
    assert code == 2
    assert "this article has sentences 0 to" in err


def test_control_characters_of_an_article_do_not_reach_the_terminal(stance, tmp_path):
    path = write(tmp_path, "x.txt", "阿里云\x1b[31m领先\u202e。".encode())
    code, out, _ = stance("explain", path)
    assert code == 0
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_info_lists_what_a_result_is_made_of(stance):
    code, out, _ = stance("info")
    assert code == 0
    for name in ("stance", "lexicons", "frames_model", "targets"):
        assert name in out


def test_word_lists_are_checked_shown_and_exchanged(stance, tmp_path):
    path = write(tmp_path, "bad.toml", b'schema = 1\n[frame]\nname = "x"\nlable = "y"\n')
    code, out, _ = stance("lexicon", "check", path)
    assert code == 1
    assert f"{path}:4: error: unknown key 'lable'; did you mean 'label'?" in out
    code, out, _ = stance("lexicon", "check")
    assert code == 0
    assert " 0 errors," in out
    code, out, _ = stance("lexicon", "show", "卡脖子", SEEDS)
    assert code == 0
    assert "nationalist, weight" in out
    code, out, _ = stance("lexicon", "list")
    assert code == 0
    assert "nationalist" in out
    code, out, _ = stance("lexicon", "export", tmp_path / "x.yml")
    assert code == 0
    assert "not carried over" in out
    code, out, _ = stance("lexicon", "import", tmp_path / "x.yml", "--out", tmp_path / "mine")
    assert code == 0
    assert "terms; not carried over: 0" in out
    code, out, _ = stance("target", "new", "x", "--word", "某某", "--out", tmp_path / "x.toml")
    assert code == 0
    assert "written:" in out


def test_every_command_is_a_public_function():
    import stance as package

    def names(app, before=""):
        for command in app.registered_commands:
            yield before + (command.name or command.callback.__name__)
        for group in app.registered_groups:
            yield from names(group.typer_instance, f"{before}{group.name}_")

    assert set(names(cli.app)) <= set(package.__all__)


def test_help_loads_nothing_heavy():
    code = (
        "import sys; sys.argv=['stance','--help']\n"
        "from stance import cli\n"
        "try: cli.run()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'polars', 'jieba', 'sklearn', 'plotly', 'opencc'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "analyze" in done.stdout


def test_docs_repeat_what_the_commands_and_the_card_say():
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        import generate
    finally:
        sys.path.pop(0)
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == generate.page()
    for path in generate.WITH_SCORES:
        text = path.read_text("utf-8")
        assert text == generate.with_scores(text), f"{path.name}: run make docs"
    method = (ROOT / "docs" / "method.md").read_text("utf-8")
    assert method == generate.with_behaviour(method), "method.md: run make docs"
