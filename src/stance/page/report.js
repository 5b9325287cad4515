"use strict";
// The page's behaviour: draws the figures, switches language, and leads every mark to its sentence.
// Article text is only ever set as text nodes.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { sentences, articles, cues, frames } = data;
  const byId = (id) => document.getElementById(id);
  const TONES = [1, 0, -1];
  let lang = data.lang;
  const state = { article: 0, group: null, frame: "", tone: "", voice: "", now: null };

  const t = (key, values = {}) =>
    data.labels[lang][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));

  function make(tag, options = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(options)) {
      if (key === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
      else if (value !== null && value !== undefined) node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null && child !== ""));
    return node;
  }

  const cuesOf = sentences.id.map(() => []);
  cues.sentence.forEach((sentence, k) => cuesOf[sentence].push(k));
  const numberOf = new Map(sentences.id.map((id, k) => [id, k]));
  const articleOf = new Map(articles.map((article, k) => [article.id, k]));
  const rowsOf = articles.map(() => []);
  sentences.article.forEach((article, k) => rowsOf[article].push(k));

  const severalTargets = new Set(articles.map((article) => article.target)).size > 1;
  const name = (article) =>
    (severalTargets ? `[${article.target}] ` : "") + (article.source ?? t("unknown_source")) + " · " + (article.title ?? article.path.split("/").pop());

  // ---- figures -------------------------------------------------------------------------------

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const value = (key) => style.getPropertyValue(key).trim();
    return { ink: value("--ink"), line: value("--line"), soft: value("--soft") };
  }

  function draw(id, figure, onClick) {
    const box = byId(id);
    const { ink, line, soft } = colours();
    const layout = structuredClone(figure.layout);
    layout.font = { ...layout.font, color: ink };
    for (const key of Object.keys(layout)) {
      if (/^[xy]axis\d*$/.test(key)) Object.assign(layout[key], { gridcolor: line, zerolinecolor: soft, linecolor: line });
    }
    for (const axis of ["xaxis", "yaxis"]) layout[axis] = { gridcolor: line, zerolinecolor: soft, ...layout[axis] };
    const config = {
      responsive: true,
      displaylogo: false,
      displayModeBar: "hover",
      locale: lang === "zh" ? "zh-CN" : "en-US",
      locales: { "zh-CN": { dictionary: { "Download plot as a PNG": data.labels.zh.download, "Download plot": data.labels.zh.download } } },
      modeBarButtons: [["toImage"]],
      toImageButtonOptions: { format: "png", scale: 2, filename: "stance-" + id },
    };
    const traces = structuredClone(figure.data);
    Plotly.react(box, traces, layout, config).then(() => {
      box.dataset.drawn = lang;
      box.removeAllListeners?.("plotly_click");
      box.on("plotly_click", (event) => onClick(event.points[0]));
    });
  }

  function follow(point) {
    const target = point.customdata;
    if (!target) return;
    if (target[0] === "sentence") return openSentence(numberOf.get(target[1]));
    if (target[0] === "article") return openFrame(null, articleOf.get(target[1]), target[2]);
    openFrame(target[1], null, target[2]);
  }

  function drawFigures() {
    draw("chart-frames", data.figures.frames_by_source[lang], follow);
    draw("chart-heat", data.figures.frames_heatmap[lang], follow);
    drawTone();
  }

  function drawTone() {
    const article = articles[Number(byId("tone-article").value) || 0];
    draw("chart-tone", data.figures.tone_along[article.id][lang], (point) => {
      if (point.customdata) return follow(point);
      const row = rowsOf[articleOf.get(article.id)][Math.round(point.x)];
      if (row !== undefined) openSentence(row);
    });
  }

  function followTone(article) {
    if (Number(byId("tone-article").value) === article) return;
    byId("tone-article").value = String(article);
    drawTone();
  }

  function drawTable() {
    const measures = [...frames, "tone"];
    const head = make("tr", {}, make("th", { scope: "col" }, t("source")), make("th", { scope: "col" }, t("articles")), make("th", { scope: "col" }, t("sentences")), ...measures.map((m) => make("th", { scope: "col" }, t("frame_" + m))));
    const rows = data.groups.map((group) =>
      make("tr", {}, make("th", { scope: "row" }, group.name), make("td", {}, String(group.articles.length)), make("td", {}, String(group.sentences)),
        ...measures.map((m) => {
          const [value, low, high] = group.estimates[m];
          const shown = (x) => (m === "tone" ? x.toFixed(2) : (100 * x).toFixed(1) + " %").replace("-", "−");
          if (value === null) return make("td", {}, "–");
          return make("td", {}, shown(value) + (low === null ? "" : ` [${shown(low)}, ${shown(high)}]`));
        })));
    byId("table-frames").replaceChildren(make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  }

  // ---- the article ---------------------------------------------------------------------------

  function fits(row) {
    if (state.frame && !(sentences.frames[row] & (1 << frames.indexOf(state.frame)))) return false;
    if (state.tone !== "" && sentences.tone[row] !== Number(state.tone)) return false;
    if (state.voice !== "" && sentences.quoted[row] !== Number(state.voice)) return false;
    return true;
  }

  function pieces(row) {
    // Cues may overlap: the text is cut at every edge, each piece shows the cues that cover it.
    const characters = Array.from(sentences.text[row]);
    const own = cuesOf[row];
    const edges = new Set([0, characters.length]);
    for (const k of own) edges.add(cues.start[k]).add(cues.end[k]);
    const cuts = [...edges].sort((a, b) => a - b);
    return cuts.slice(0, -1).map((start, k) => {
      const end = cuts[k + 1];
      const text = characters.slice(start, end).join("");
      const over = own.filter((c) => cues.start[c] <= start && end <= cues.end[c]);
      if (!over.length) return text;
      // Frames first: a tone cue on the same words only shows where there is no frame.
      const first = over.find((c) => cues.frame[c] !== "tone") ?? over[0];
      return make("button", {
        type: "button", class: "cue " + cues.frame[first] + (cues.negated[first] ? " denied" : ""),
        "aria-haspopup": "dialog",
        on: { click: (event) => explain(event.currentTarget, over, row) },
      }, text);
    });
  }

  function sentenceNode(row) {
    const tone = sentences.tone[row];
    const classes = ["s", { 1: "up", 0: "", "-1": "down" }[tone], sentences.on[row] ? "" : "off", sentences.quoted[row] ? "quoted" : "", state.now === row ? "now" : ""];
    const tags = frames.filter((_, k) => sentences.frames[row] & (1 << k)).map((frame) => make("span", { class: "tag " + frame }, t("frame_" + frame)));
    if (sentences.quoted[row]) tags.push(make("span", { class: "tag plain" }, t("quoted")));
    const glyph = make("span", { class: "glyph", title: t("tone_" + tone), role: "img", "aria-label": t("tone_" + tone) }, { 1: "▲", 0: "·", "-1": "▼" }[tone]);
    const words = make("span", { class: "words" }, ...pieces(row), tags.length ? make("span", { class: "tags" }, ...tags) : "");
    return make("div", { class: classes.filter(Boolean).join(" "), id: "s-" + sentences.id[row], tabindex: "-1" }, glyph, words);
  }

  function showText() {
    const groups = state.group === null ? [state.article] : data.groups[state.group].articles.map((id) => articleOf.get(id));
    const parts = [];
    let shown = 0, all = 0;
    for (const number of groups) {
      const article = articles[number];
      if (groups.length > 1) parts.push(make("h3", {}, name(article)));
      let paragraph = null, box = null;
      for (const row of rowsOf[number]) {
        all += 1;
        if (!fits(row)) continue;
        shown += 1;
        if (sentences.paragraph[row] !== paragraph) {
          paragraph = sentences.paragraph[row];
          box = make("div", { class: "p", lang: article.lang });
          parts.push(box);
        }
        box.append(sentenceNode(row));
      }
    }
    if (!shown) parts.push(make("p", { class: "note" }, t("nothing")));
    byId("text").replaceChildren(...parts);
    byId("count").textContent = t("shown", { shown, all });
    const article = articles[groups[0]];
    const stance = t("stance_" + (article.stance === null ? "null" : article.stance));
    const dominant = article.dominant ? t("frame_" + article.dominant) : t("none");
    byId("article-meta").replaceChildren(
      make("b", {}, name(article)),
      [article.author === article.source ? null : article.author, article.date].filter(Boolean).map((x) => " · " + x).join(""),
      ` · ${t("stance")}: ${stance} · ${t("dominant")}: ${dominant}`,
      article.repairs + article.flagged ? ` · ${t("repairs", { mended: article.repairs, flagged: article.flagged })}` : "",
    );
    byId("pick-article").value = String(state.article);
    byId("pick-frame").value = state.frame;
    byId("pick-tone").value = state.tone;
    byId("pick-voice").value = state.voice;
  }

  function openSentence(row, quiet) {
    Object.assign(state, { article: sentences.article[row], group: null, frame: "", tone: "", voice: "", now: row });
    showText();
    followTone(state.article);
    const node = byId("s-" + sentences.id[row]);
    const box = byId("text");
    if (getComputedStyle(box).overflowY === "auto") box.scrollTop = node.offsetTop - box.offsetTop - box.clientHeight / 3;
    else node.scrollIntoView({ block: "center" });
    node.focus({ preventScroll: true });
    if (!quiet) history.replaceState(null, "", "#s-" + sentences.id[row]);
  }

  function openFrame(group, article, frame) {
    const first = group === null ? article : articleOf.get(data.groups[group].articles[0]);
    Object.assign(state, { article: first, group, frame, tone: "", voice: "", now: null });
    showText();
    followTone(first);
    byId("text").scrollTop = 0;
    if (getComputedStyle(byId("text")).overflowY !== "auto") byId("reading").scrollIntoView();
    byId("reading").focus({ preventScroll: true });
  }

  // ---- why -----------------------------------------------------------------------------------

  let asked = null;
  function markName(mark) {
    const [kind, word] = [mark.slice(0, mark.indexOf(":")), mark.slice(mark.indexOf(":") + 1)];
    return `${data.labels[lang]["mark_" + kind] ?? kind} ${word}`;
  }
  function explain(button, over, row) {
    const box = byId("why");
    asked = button;
    const lines = over.map((k) => {
      const notes = [t({ 1: "why_up", 0: "why_flat", "-1": "why_down" }[cues.polarity[k]])];
      if (cues.negated[k]) notes.push(t("why_negated"));
      if (cues.asserted[k] !== 1) notes.push(t("why_asserted", { value: Math.round(100 * cues.asserted[k]) }));
      if (cues.marks[k].length) notes.push(t("why_marks", { marks: cues.marks[k].map(markName).join(" · ") }));
      if (cues.degree[k] !== 1) notes.push(t("why_degree", { degree: cues.degree[k] }));
      const surface = Array.from(sentences.text[row]).slice(cues.start[k], cues.end[k]).join("");
      const sep = lang === "zh" ? "，" : ", ";
      return make("p", {}, t("why_cue", { surface, frame: t("frame_" + cues.frame[k]), term: cues.term[k], weight: cues.weight[k] }) + sep + notes.join(sep));
    });
    const chances = frames.map((frame, k) => `${t("frame_" + frame)} ${Math.round(100 * sentences.p[k][row])} %` + (data.thresholds.length ? t("tagged_from", { cut: Math.round(100 * data.thresholds[k]) }) : "")).join(" · ");
    const score = sentences.score[row];
    const heard = `${t("frame_tone")} ${t("tone_" + sentences.tone[row])}` + (score === null ? "" : ` ${score.toFixed(2)}`).replace("-", "−");
    const facts = [sentences.quoted[row] ? t("quoted") : t("author_voice"), sentences.on[row] ? "" : t("off_target")].filter(Boolean).join(" · ");
    const snow = sentences.snow[row] === null ? "" : t("snownlp", { value: sentences.snow[row].toFixed(2) });
    box.replaceChildren(
      make("button", { type: "button", "aria-label": t("close"), on: { click: closeWhy } }, "×"),
      ...lines, make("p", { class: "note" }, `${t("probability")}: ${chances}`), make("p", { class: "note" }, t("rule")), make("p", { class: "note" }, [heard, facts, snow].filter(Boolean).join(" · ")),
    );
    box.setAttribute("aria-label", t("why"));
    box.hidden = false;
    const place = button.getBoundingClientRect();
    const size = box.getBoundingClientRect();
    box.style.left = Math.max(12, Math.min(place.left, innerWidth - size.width - 12)) + "px";
    box.style.top = (place.bottom + size.height + 12 < innerHeight ? place.bottom + 6 : Math.max(12, place.top - size.height - 6)) + "px";
    box.querySelector("button").focus();
  }
  function closeWhy() {
    if (byId("why").hidden) return;
    byId("why").hidden = true;
    asked?.focus?.();
  }

  // ---- language, controls --------------------------------------------------------------------

  function options(id, pairs, chosen) {
    byId(id).replaceChildren(...pairs.map(([value, text]) => make("option", { value }, text)));
    byId(id).value = chosen;
  }

  function speak() {
    document.documentElement.lang = lang === "zh" ? "zh-Hans" : "en";
    document.title = t("page_title");
    for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
    document.querySelectorAll("#finding-list a").forEach((node, k) => { node.textContent = data.findings[k].text[lang]; });
    const list = articles.map((article, k) => [String(k), name(article)]);
    options("pick-article", list, String(state.article));
    options("tone-article", list, byId("tone-article").value || "0");
    options("pick-frame", [["", t("all")], ...frames.map((f) => [f, t("frame_" + f)])], state.frame);
    options("pick-tone", [["", t("all")], ...TONES.map((k) => [String(k), t("tone_" + k)])], state.tone);
    options("pick-voice", [["", t("all")], ["0", t("author_voice")], ["1", t("quoted")]], state.voice);
    byId("signature").replaceChildren(...Object.entries(data.signature).flatMap(([key, value]) => [make("dt", {}, key), make("dd", {}, value)]));
    byId("skipped")?.replaceChildren(...data.skipped.map(([path, reason]) => make("li", {}, `${path}: ${reason}`)));
    closeWhy();
    drawFigures();
    drawTable();
    showText();
  }

  byId("language").addEventListener("click", () => { lang = lang === "zh" ? "en" : "zh"; speak(); });
  byId("tone-article").addEventListener("change", drawTone);
  byId("pick-article").addEventListener("change", (event) => {
    Object.assign(state, { article: Number(event.target.value), group: null, now: null });
    followTone(state.article);
    showText();
    byId("text").scrollTop = 0;
  });
  for (const key of ["frame", "tone", "voice"]) {
    byId("pick-" + key).addEventListener("change", (event) => { state[key] = event.target.value; showText(); });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeWhy();
    const onSentence = document.activeElement?.classList?.contains("s");
    if (!onSentence || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    const all = [...document.querySelectorAll(".s")];
    const next = all[all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) { next.focus(); event.preventDefault(); }
  });
  document.addEventListener("click", (event) => {
    if (!byId("why").contains(event.target) && !event.target.closest?.(".cue")) closeWhy();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawFigures);
  addEventListener("hashchange", openHash);
  function openHash() {
    const row = numberOf.get(location.hash.slice(3));
    if (location.hash.startsWith("#s-") && row !== undefined) openSentence(row, true);
  }

  speak();
  openHash();
})();
