"""The page of an evaluation: figures with intervals, calibration, confusion, the worst errors."""

from __future__ import annotations

from functools import partial

from markupsafe import Markup, escape

from stance.evaluation import Evaluation
from stance.page.sealing import asset, shown, template
from stance.page.story import label, labels
from stance.scores import Agreement, Value

_WORST = 40


def scorecard(evaluation: Evaluation, lang: str = "en") -> str:
    """The evaluation as one HTML page without a script, in "zh" or "en"."""
    text = partial(label, lang=lang)
    known = labels()

    def name_of(name: str) -> str:
        key = f"frame_{name}" if f"frame_{name}" in known else f"score_of_{name.replace(' ', '_')}"
        return text(key)

    def value_of(value: str) -> str:
        return text(f"score_value_{value}")

    def confusion(agreement: Agreement) -> Markup:
        """Gold in rows, said in columns."""
        names = [value_of(name) for name in agreement.classes]
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
        rows = "".join(
            f'<tr><th scope="row">{escape(name)}</th>'
            + "".join(f'<td class="{"same" if i == k else ""}">{n}</td>' for k, n in enumerate(row))
            + "</tr>"
            for i, (name, row) in enumerate(zip(names, agreement.confusion, strict=True))
        )
        corner = escape(text("score_gold_said"))
        table = f'<thead><tr><th scope="col">{corner}</th>{head}</tr></thead><tbody>{rows}</tbody>'
        return Markup(f'<table class="confusion">{table}</table>')

    html = template("scorecard.html").render(
        lang={"zh": "zh-Hans", "en": "en"}[lang],
        e=evaluation,
        t=text,
        style=Markup(asset("style.css")),
        compared=evaluation.compared,
        wrong=evaluation.wrong[:_WORST],
        name_of=name_of,
        value_of=value_of,
        figure=_figure,
        shown=shown,
        confusion=confusion,
    )
    return str(html)


def _figure(value: Value | None) -> Markup:
    if value is None or value.value is None:
        return Markup("–")
    ends = f" <small>{value.ends}</small>" if value.ends else ""
    return Markup(f"{value:.3f}{ends}")
