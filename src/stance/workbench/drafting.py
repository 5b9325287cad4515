"""A first draft of a target file, from a few words and what a corpus says beside them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stance.entries import normal_form
from stance.errors import InputError, OutputError
from stance.exports import write_bytes
from stance.lexicon import load_target, target_names
from stance.reading import read
from stance.text import Segmenter, split_documents

# A longer word is proposed when it occurs so often, a rival when so many articles name it.
_OFTEN, _MOST = 2, 12
_LATIN = re.compile(r"[(（]\s*([A-Za-z][A-Za-z0-9 .&-]{1,24}?)\s*[,，)）]")
_TICKER = re.compile(
    r"[(（][^()（）]{0,16}?\b([A-Z]{2,5}|\d{4,6}(?:\.[A-Z]{2})?)\b[^()（）]{0,8}[)）]"
)


@dataclass(frozen=True, slots=True)
class Draft:
    """Where the draft was written, and what it holds to be looked at."""

    path: Path
    aliases: tuple[str, ...]
    proposed: tuple[str, ...]
    exceptions: tuple[str, ...]
    rivals: tuple[str, ...]


def target_new(
    name: str,
    words: Sequence[str],
    *,
    corpus: Sequence[str | Path] = (),
    out: str | Path | None = None,
    label: str | None = None,
) -> Draft:
    """Draft the target file `NAME.toml` for a company known by `words`.

    From the `corpus` come proposals: longer words that begin with a name (its units and products,
    commented out until you say so), Latin names and tickers in brackets behind it, and the rivals
    that are named most. Longer dictionary words that only hold a name go into `unless`.

    Raises:
        InputError: no word given, or a bad name.
        OutputError: the file exists already or cannot be written.
    """
    if not re.fullmatch(r"[^\W\d]\w{0,30}", name):
        raise InputError(f"'{name}' is no name for a target; use letters, digits and _")
    spellings = [word.strip() for word in words if word.strip()]
    if not spellings:
        raise InputError("give at least one name of the company: --word 美团")
    path = Path(out) if out else Path(f"{name}.toml")
    if path.exists():
        raise OutputError(f"{path} exists already; choose another --out")
    texts = [d.text for d in read([Path(p) for p in corpus])] if corpus else []
    batch = split_documents(texts)
    normal = [normal_form(word) for word in spellings]
    segmenter = Segmenter()
    longer = _longer_words(segmenter, normal)
    proposed = _proposed(batch.normal, batch.text, normal, segmenter)
    rivals = _rivals(batch.normal, batch.document.tolist(), normal)
    text = _toml(name, label or spellings[0], spellings, longer, proposed, rivals)
    write_bytes(path, text.encode("utf-8"))
    load_target(path)
    exceptions = tuple(word for own in longer.values() for word in own)
    return Draft(path, tuple(spellings), tuple(proposed), exceptions, tuple(rivals))


def _longer_words(segmenter: Segmenter, names: Sequence[str]) -> dict[str, list[str]]:
    """Words of the general dictionary that hold a name, the frequent ones first."""
    frequency = segmenter.tokenizer.FREQ
    found: dict[str, list[str]] = {}
    for name in names:
        own = [w for w, n in frequency.items() if name in w and w != name and n and len(w) <= 8]
        own = [word for word in own if not any(word in other for other in names)]
        found[name] = sorted(own, key=lambda word: (-frequency[word], word))[:_MOST]
    return found


def _proposed(
    normal: Sequence[str], written: Sequence[str], names: Sequence[str], segmenter: Segmenter
) -> list[str]:
    """Names beside the given ones in the corpus."""
    counts: Counter[str] = Counter()
    for text, original in zip(normal, written, strict=True):
        for name in names:
            for place in re.finditer(re.escape(name), text):
                bounds = segmenter.boundaries(text[place.end() : place.end() + 8])
                if place.end() < len(text) and len(bounds) > 1:
                    word = text[place.start() : place.end() + bounds[1]]
                    if re.fullmatch(r"\w+", word) and not word[len(name) :].isdigit():
                        counts[word] += 1
                behind = original[place.end() : place.end() + 40]
                for pattern in (_LATIN, _TICKER):
                    match = pattern.match(behind)
                    if match:
                        counts[match.group(1).strip()] += 2
    found = [word for word, n in counts.most_common() if n > _OFTEN and word not in names]
    return found[:_MOST]


def _rivals(normal: Sequence[str], documents: Sequence[int], names: Sequence[str]) -> list[str]:
    """Companies that the shipped targets know and the corpus names, by number of articles."""
    known: dict[str, str] = {}
    for target in [load_target(shipped) for shipped in target_names()]:
        group = [alias for alias in target.aliases if alias.kind == "group"]
        for alias in (*group, *target.rivals):
            known.setdefault(normal_form(alias.text), alias.text)
    articles: dict[str, set[int]] = {}
    for text, document in zip(normal, documents, strict=True):
        for spelling, shown in known.items():
            if spelling in text and not any(spelling in n or n in spelling for n in names):
                articles.setdefault(shown, set()).add(document)
    ranked = sorted(articles, key=lambda word: (-len(articles[word]), word))
    return ranked[:_MOST]


def _toml(
    name: str,
    label: str,
    words: Sequence[str],
    longer: dict[str, list[str]],
    proposed: Iterable[str],
    rivals: Iterable[str],
) -> str:
    def value(one: object) -> str:
        return json.dumps(one, ensure_ascii=False)

    lines = [
        "# A draft. Look at every line: add units, products, leaders in office and the share; take",
        "# out of `unless` what is the company's own, and out of the rivals what is none.",
        "schema = 1",
        "",
        "[target]",
        f"name = {value(name)}",
        f"label = {value(label)}",
        f"label_zh = {value(words[0])}",
    ]
    for word in words:
        lines += ["", "[[alias]]", f"text = {value(word)}", 'kind = "group"']
        if longer.get(normal_form(word)):
            lines.append(f"unless = {value(longer[normal_form(word)])}")
    extra = list(proposed)
    if extra:
        lines += ["", "# Seen in the corpus beside these names. Take the # off where it is one."]
        for word in extra:
            lines += ["# [[alias]]", f"# text = {value(word)}", '# kind = "unit"']
    for rival in rivals:
        lines += ["", "[[rival]]", f"text = {value(rival)}"]
    return "\n".join(lines) + "\n"
