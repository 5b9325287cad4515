"use strict";
// The page's behaviour: draws the figures, switches language, and leads every mark to its sentence.
// Article text is only ever set as text nodes.
(async () => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { frames, groups, panels } = data;
  const byId = (id) => document.getElementById(id);
  const TONES = [1, 0, -1];
  const CHUNK = 150;
  const MOST_ROWS = 200;
  const NULL = -128;
  let lang = data.lang;
  if (!("DecompressionStream" in window)) {
    byId("text").textContent = data.labels[lang].old_browser;
    document.querySelector(".figures").prepend(data.labels[lang].old_browser);
    return;
  }
  Plotly.register(data.locale);

  const has = (key) => key in data.labels[lang];
  const t = (key, values = {}) =>
    data.labels[lang][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  const named = (kind, name) => (has(`${kind}_${name}`) ? t(`${kind}_${name}`) : name);
  const minus = (text) => text.replace("-", "−");

  function make(tag, options = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(options)) {
      if (key === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
      else if (value !== null && value !== undefined) node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null && child !== ""));
    return node;
  }

  // ---- data ----------------------------------------------------------------------------------

  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  async function unpack(parcel) {
    const stream = new Blob([bytes(parcel)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return JSON.parse(await new Response(stream).text());
  }

  const { articles: table, sentences: packed } = await unpack(data.columns);
  const articles = table.id.map((_, k) => Object.fromEntries(Object.entries(table).map(([key, column]) => [key, column[k]])));
  let total = 0;
  for (const article of articles) { article.first = total; total += article.n; }
  const small = (text) => new Int8Array(bytes(text).buffer);
  const wide = (text) => new Uint32Array(bytes(text).buffer);
  const s = {
    index: wide(packed.index), paragraph: wide(packed.paragraph), start: wide(packed.start), end: wide(packed.end),
    frames: wide(packed.frames), aspects: wide(packed.aspects), flags: bytes(packed.flags), speaker: bytes(packed.speaker),
    tone: small(packed.tone), score: small(packed.score), median: small(packed.median), snow: small(packed.snow), p: packed.p.map(small),
  };
  const on = (row) => s.flags[row] & 1;
  const quoted = (row) => s.flags[row] >> 1;
  const hundredth = (column, row) => (column[row] === NULL ? null : column[row] / 100);

  const articleOf = new Map(articles.map((article, k) => [article.id, k]));
  function ownerOf(row) {
    let low = 0, high = articles.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (articles[middle].first <= row) low = middle; else high = middle - 1;
    }
    return low;
  }
  const idOf = (row) => { const article = articles[ownerOf(row)]; return `${article.id}-${s.index[row]}`; };
  function rowOf(id) {
    const cut = id.lastIndexOf("-");
    const article = articles[articleOf.get(id.slice(0, cut))];
    const index = id.slice(cut + 1);
    return article && /^\d+$/.test(index) && Number(index) < article.n ? article.first + Number(index) : undefined;
  }

  const opened = new Map();
  const blockOf = (row) => {
    let k = 0;
    while (k + 1 < data.blocks.length && data.blocks[k + 1].first <= row) k += 1;
    return k;
  };
  function open(k) {
    if (!opened.has(k)) {
      opened.set(k, unpack(data.blocks[k].parcel).then((block) => {
        block.of = block.text.map(() => []);
        block.cues.sentence.forEach((sentence, cue) => block.of[sentence].push(cue));
        block.first = data.blocks[k].first;
        return block;
      }));
    }
    return opened.get(k);
  }
  const blockFor = (row) => open(blockOf(row));

  const severalTargets = new Set(articles.map((article) => article.target)).size > 1;
  const title = (article) => article.title ?? article.path.split("/").pop();
  const name = (article) =>
    (severalTargets ? `[${article.target}] ` : "") + (article.source ?? t("unknown_source")) + " · " + title(article);
  const shortened = (text) => (text.length > 60 ? text.slice(0, 59) + "…" : text);

  // ---- figures -------------------------------------------------------------------------------

  const shapes = new Map(panels.map((panel) => [panel.name, panel]));
  const chosen = Object.fromEntries(panels.map((panel) => [panel.name, 0]));
  const parcels = new Map();
  const parcelOf = (panel) => {
    if (!parcels.has(panel.name)) parcels.set(panel.name, unpack(panel.parcel));
    return parcels.get(panel.name);
  };
  const css = (key) => getComputedStyle(document.documentElement).getPropertyValue(key).trim();

  async function figureOf(panel) {
    const parcel = await parcelOf(panel);
    if (panel.name === "tone_along") return along(parcel.views[0][lang], articles[chosen.tone_along]);
    return structuredClone(parcel.views[chosen[panel.name]][lang]);
  }

  // The figure of one article serves for all: its columns are exchanged.
  function along(template, article) {
    const figure = structuredClone(template);
    const rows = Array.from({ length: article.n }, (_, k) => article.first + k);
    const [bars, line, ...ticks] = figure.data;
    const hue = { 1: data.tones["1"], 0: data.tones["0"], "-1": data.tones["-1"] };
    const x = rows.map((row) => s.index[row]);
    Object.assign(bars, { x, y: rows.map((row) => hundredth(s.score, row)), customdata: rows.map((row) => ["row", row]) });
    bars.marker.color = rows.map((row) => hue[s.tone[row]]);
    bars.marker.pattern = { shape: rows.map((row) => (quoted(row) ? "/" : "")) };
    Object.assign(line, { x, y: rows.map((row) => hundredth(s.median, row)) });
    ticks.forEach((trace, k) => {
      const own = rows.filter((row) => s.frames[row] & (1 << k));
      Object.assign(trace, { x: own.map((row) => s.index[row]), y: own.map(() => -k), customdata: own.map((row) => ["row", row]) });
    });
    const [head, lead, close] = article.bands;
    const bands = [[0, head, "band_head"], [head, lead, "band_lead"], [close, article.n, "band_close"]].filter(([from, to]) => to > from);
    const shape = { type: "rect", layer: "below", xref: "x", yref: "paper", y0: 0.36, y1: 1, line: { width: 0 } };
    figure.layout.shapes = bands.map(([from, to, key]) => ({ ...shape, x0: from - 0.5, x1: to - 0.5, fillcolor: `rgba(128,128,128,${key === "band_head" ? 0.2 : 0.1})` }));
    const note = { y: 1, xref: "x", yref: "paper", xanchor: "left", yanchor: "bottom", showarrow: false, font: { size: 11 } };
    figure.layout.annotations = bands.filter(([, , key]) => key !== "band_head").map(([from, , key]) => ({ ...note, x: from - 0.5, text: t(key) }));
    figure.layout.xaxis.range = [-0.7, article.n - 0.3];
    return figure;
  }

  function dressed(figure, dark) {
    let dress = JSON.stringify(figure);
    if (dark) for (const [key, hue] of Object.entries(data.colours)) dress = dress.replaceAll(hue, css("--" + key) || hue);
    const { data: traces, layout } = JSON.parse(dress);
    const [ink, line, soft] = dark ? [css("--ink"), css("--line"), css("--soft")] : ["#1b2430", "#d9dee5", "#55606e"];
    layout.font = { ...layout.font, color: ink, ...(lang === "en" ? { family: css("--latin") } : {}) };
    for (const axis of new Set(["xaxis", "yaxis", ...Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))])) {
      layout[axis] = { ...layout[axis], gridcolor: line, zerolinecolor: soft, linecolor: line };
    }
    return { traces, layout };
  }

  const dark = matchMedia("screen and (prefers-color-scheme: dark)");
  const isDark = () => dark.matches;
  async function draw(panel) {
    const box = byId("chart-" + panel.name);
    const { traces, layout } = dressed(await figureOf(panel), isDark());
    const config = { responsive: true, displayModeBar: false, doubleClick: false, locale: lang === "zh" ? "zh-CN" : "en-US" };
    box.style.minHeight = layout.height + "px";
    await Plotly.react(box, traces, layout, config);
    box.setAttribute("aria-label", t("chart_of", { title: t("panel_" + panel.name) }));
    box.removeAllListeners?.("plotly_click");
    box.on("plotly_click", (event) => follow(event.points[0]?.customdata));
    box.dataset.drawn = lang;
    if (panel.name === "tone_along") drawTable(panel);
  }

  let drawing = 0;
  async function drawFigures() {
    const mine = ++drawing;
    for (const panel of panels) {
      // A figure that cannot be drawn must not keep the others from it.
      await draw(panel).catch((error) => console.error(panel.name, error));
      // The reader's clicks come between two figures.
      await new Promise((done) => setTimeout(done));
      if (mine !== drawing) return;
    }
    document.body.dataset.ready = lang;
  }

  function follow(target) {
    if (!target) return;
    const [kind, ...rest] = target;
    const put = (state_) => readAll({ ...nothing(), ...state_ });
    if (kind === "row") return openSentence(rest[0]);
    // Of a large run not every article is in the page.
    if (kind === "article") return articleOf.has(rest[0]) ? put({ article: articleOf.get(rest[0]), frame: rest[1] }) : tell("not_listed");
    if (kind === "group") return put({ group: rest[0], frame: rest[1] });
    if (kind === "source") return put({ group: rest[0] });
    if (kind === "aspect") return put({ group: rest[0], aspect: rest[1] });
    if (kind === "period") return put({ group: rest[0], period: rest[1] });
    if (kind === "word") return put({ group: rest[0], q: rest[1], frame: rest[2] });
    if (kind === "voice") {
      const [group, frame, speaker] = rest;
      const tone = { favourable: "1", unfavourable: "-1" }[frame];
      put({ group, frame: tone ? "" : frame, tone: tone ?? "", on: Boolean(tone), voice: speaker === "author" ? "0" : "1", speaker: speaker === "author" ? "" : speaker });
    }
  }

  function cell(column, value, row, columns) {
    if (value === null || value === "") return "–";
    if (Array.isArray(value)) return value.map((one) => named(column === "frames" ? "frame" : "warning", one)).join(column === "cut" || column === "added" ? " / " : ", ") || "–";
    if (column === "measure" || column === "frame") return value === "favourable" ? t("tone_1") : value === "unfavourable" ? t("tone_-1") : named("frame", value);
    if (column === "speaker") return named("speaker", value);
    if (column === "aspect") return named("aspect", value);
    if (["kind", "method", "script", "voice", "on_target"].includes(column)) return named(column, value);
    if (column === "term" && value[0] === "*") return t({ "*other": "gap_other", "*remainder": "gap_remainder", "*gap": "gap_all" }[value]);
    if (column === "name" && row[columns.indexOf("kind")] === "frame") return named("frame", value);
    if (typeof value !== "number") return String(value);
    if (column.startsWith("share")) return (100 * value).toFixed(1) + " %";
    return minus(Number.isInteger(value) ? String(value) : value.toFixed(3));
  }

  // The table of the article that is drawn, its rows leading to their sentences.
  function tableAlong(article) {
    const rows = Array.from({ length: article.n }, (_, k) => article.first + k);
    return {
      columns: ["index", "score", "median", "tone", "frames", "voice", "on_target"],
      rows: rows.map((row) => [s.index[row], hundredth(s.score, row), hundredth(s.median, row), s.tone[row], frames.filter((_, k) => s.frames[row] & (1 << k)), quoted(row) ? "quoted" : "author", on(row) ? "true" : "false"]),
      go: rows.map((row) => ["row", row]),
    };
  }
  const tableOf = (panel) => (panel.name === "tone_along" ? tableAlong(articles[chosen.tone_along]) : parcelOf(panel));

  async function drawTable(panel) {
    const box = byId("data-" + panel.name);
    if (!box.open) return;
    const { columns, rows, go } = await tableOf(panel);
    const body = rows.slice(0, MOST_ROWS).map((row, k) =>
      make("tr", {}, ...row.map((value, c) => {
        const text = cell(columns[c], value, row, columns);
        if (c) return make("td", typeof value === "number" ? { class: "number" } : {}, text);
        const head = go[k] ? make("button", { type: "button", class: "go", title: t("open_sentences"), on: { click: () => follow(go[k]) } }, text) : text;
        return make("th", { scope: "row" }, head);
      })));
    const head = make("tr", {}, ...columns.map((column) => make("th", { scope: "col" }, has("col_" + column) ? t("col_" + column) : column)));
    const note = rows.length > MOST_ROWS ? make("p", { class: "note" }, t("rows_shown", { shown: MOST_ROWS, all: rows.length })) : "";
    box.querySelector(".scroll").replaceChildren(make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)), note);
  }

  function save(content, type, file) {
    const url = URL.createObjectURL(new Blob([content], { type }));
    make("a", { href: url, download: file }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  async function saveData(panel) {
    const { columns, rows } = await tableOf(panel);
    const field = (value) => {
      let text = value === null ? "" : Array.isArray(value) ? value.join("|") : String(value);
      // A spreadsheet takes a cell that begins so for a formula.
      if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    const lines = [columns, ...rows].map((row) => row.map(field).join(",")).join("\n") + "\n";
    save("\ufeff" + lines, "text/csv;charset=utf-8", `stance-${panel.name}.csv`);
  }

  // Plotly reads a few tags in titles; what users bring is text, not tags.
  const safe = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  function viewName(panel) {
    if (panel.name === "tone_along") return name(articles[chosen.tone_along]);
    return panel.views.length > 1 ? panel.views[chosen[panel.name]].names[lang] : "";
  }

  async function saveFigure(panel, format) {
    const { traces, layout } = dressed(await figureOf(panel), false);
    const view = viewName(panel);
    const text = t("panel_" + panel.name) + (view ? ` · ${view}` : "");
    layout.title = { text: safe(text), font: { size: 15 }, yref: "container", y: 1, yanchor: "top", pad: { t: 12 }, x: 0, xanchor: "left" };
    layout.margin = { ...layout.margin, t: (layout.margin?.t ?? 20) + 48 };
    const figure = { data: traces, layout: { ...layout, height: layout.height + 48, width: 900, paper_bgcolor: "#ffffff" } };
    const url = await Plotly.toImage(figure, { format, width: 900, height: figure.layout.height, scale: format === "png" ? 2 : 1 });
    const part = view ? "-" + view.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 40) : "";
    make("a", { href: url, download: `stance-${panel.name}${part}.${format}` }).click();
  }

  // ---- the reading pane ----------------------------------------------------------------------

  const nothing = () => ({ group: null, article: null, frame: "", tone: "", voice: "", aspect: "", speaker: "", period: "", on: false, q: "", now: null });
  let state = { ...nothing(), article: 0 };

  const folded = (text) => Array.from(text, (c) => data.fold[c] ?? c).join("").toLowerCase();
  function scope() {
    if (state.article !== null) return [state.article];
    const found = state.group === null ? articles.keys() : groups[state.group].articles;
    return [...found].filter((k) => !state.period || inPeriod(articles[k].date, state.period));
  }
  function inPeriod(date, period) {
    const [year, month, day] = (date ?? "").match(/\d+/g) ?? [];
    const full = [year, month?.padStart(2, "0"), day?.padStart(2, "0")].filter(Boolean).join("-");
    return full.startsWith(period);
  }
  function wanted() {
    const frame = state.frame === "" ? 0 : 1 << frames.indexOf(state.frame);
    const aspect = state.aspect === "" ? 0 : 1 << data.aspects.indexOf(state.aspect);
    const tone = state.tone === "" ? null : Number(state.tone);
    const voice = state.voice === "" ? null : Number(state.voice);
    const speaker = state.speaker === "" ? null : data.kinds.indexOf(state.speaker) + 1;
    const rows = [];
    let all = 0;
    for (const k of scope()) {
      const { first, n } = articles[k];
      all += n;
      for (let row = first; row < first + n; row += 1) {
        if (frame && !(s.frames[row] & frame)) continue;
        if (aspect && !(s.aspects[row] & aspect)) continue;
        if (tone !== null && s.tone[row] !== tone) continue;
        if (voice !== null && quoted(row) !== voice) continue;
        if (speaker !== null && s.speaker[row] !== speaker) continue;
        if (state.on && !on(row)) continue;
        rows.push(row);
      }
    }
    return { rows, all };
  }

  function pieces(row, block) {
    // Cues may overlap: the text is cut at every edge, each piece shows the cues that cover it.
    const { cues } = block;
    const characters = Array.from(block.text[row - block.first]);
    const own = block.of[row - block.first];
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
        on: { click: (event) => explain(event.currentTarget, over, row, block) },
      }, text);
    });
  }

  function sentenceNode(row, block) {
    const tone = s.tone[row];
    const classes = ["s", { 1: "up", 0: "", "-1": "down" }[tone], on(row) ? "" : "off", quoted(row) ? "quoted" : "", state.now === row ? "now" : ""];
    const tags = frames.filter((_, k) => s.frames[row] & (1 << k)).map((frame) => make("span", { class: "tag " + frame }, t("frame_" + frame)));
    if (quoted(row)) tags.push(make("span", { class: "tag plain" }, t("quoted")));
    const heard = t("tone_" + tone);
    const glyph = make("button", {
      type: "button", class: "glyph", title: `${heard} · ${t("why")}`, "aria-label": `${heard} · ${t("why")}`, "aria-haspopup": "dialog",
      on: { click: (event) => explain(event.currentTarget, block.of[row - block.first], row, block) },
    }, { 1: "▲", 0: "·", "-1": "▼" }[tone]);
    const words = make("span", { class: "words" }, ...pieces(row, block), tags.length ? make("span", { class: "tags", lang: lang === "zh" ? "zh-Hans" : "en" }, ...tags) : "");
    return make("div", { class: classes.filter(Boolean).join(" "), id: "s-" + idOf(row), tabindex: "-1", "data-row": row }, glyph, words);
  }

  // The list grows as it is read: `list` holds all rows, `done` how many stand in the page.
  let turn = 0, list = [], done = 0, place = null;
  const more = make("p", { class: "note more" }, "…");
  const watcher = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) fill(done + CHUNK, turn); }, { rootMargin: "600px" });

  let filling = Promise.resolve();
  function fill(until, mine) {
    filling = filling.catch(() => {}).then(async () => {
      const stop = Math.min(list.length, until);
      while (done < stop) {
        const row = list[done];
        const block = await blockFor(row);
        if (mine !== turn) return;
        const article = ownerOf(row);
        if (place.article !== article) {
          if (place.several) more.before(make("h3", {}, name(articles[article])));
          Object.assign(place, { article, paragraph: null });
        }
        if (place.paragraph !== s.paragraph[row]) {
          place.paragraph = s.paragraph[row];
          place.box = make("div", { class: "p", lang: articles[article].lang });
          more.before(place.box);
        }
        place.box.append(sentenceNode(row, block));
        done += 1;
      }
      more.hidden = done >= list.length;
      // An observer tells of a change only: watched anew, it tells where the end stands now.
      watcher.unobserve(more);
      if (!more.hidden) watcher.observe(more);
    });
    return filling;
  }

  // `keep` holds the reader's place, as when the language changes.
  async function showText(until = CHUNK, keep = 0) {
    const mine = ++turn;
    delete byId("text").dataset.shown;
    controls();
    const { rows, all } = wanted();
    let found = rows;
    if (state.q) {
      byId("count").textContent = t("searching");
      const q = folded(state.q);
      found = [];
      for (const row of rows) {
        const block = await blockFor(row);
        if (mine !== turn) return;
        if (folded(block.text[row - block.first]).includes(q)) found.push(row);
      }
    }
    await filling.catch(() => {});
    if (mine !== turn) return;
    list = found;
    done = 0;
    place = { article: null, paragraph: null, box: null, several: scope().length > 1 };
    byId("text").replaceChildren(...(found.length ? [] : [make("p", { class: "note" }, t("nothing"))]), more);
    byId("count").textContent = t("shown", { shown: found.length, all });
    await fill(until, mine);
    if (mine !== turn) return;
    byId("text").scrollTop = keep;
    byId("text").dataset.shown = String(found.length);
  }

  function controls() {
    const listed = `${lang} ${state.group}`;
    // Thousands of options are made anew only where others are offered.
    if (byId("pick-article").dataset.listed !== listed) {
      options("pick-group", [["", t("all")], ...groups.map((group, k) => [String(k), shortened(group.name)])], "");
      const within = state.group === null ? [...articles.keys()] : groups[state.group].articles;
      const own = within.map((k) => [String(k), shortened(state.group === null ? name(articles[k]) : title(articles[k]))]);
      options("pick-article", [["", t("every_article")], ...own], "");
      byId("pick-article").dataset.listed = listed;
    }
    byId("pick-group").value = state.group === null ? "" : String(state.group);
    byId("pick-article").value = state.article === null ? "" : String(state.article);
    byId("pick-frame").value = state.frame;
    byId("pick-tone").value = state.tone;
    byId("pick-voice").value = state.voice;
    if (byId("pick-search").value !== state.q) byId("pick-search").value = state.q;
    const chips = [];
    const chip = (text, key, empty) => chips.push(make("button", { type: "button", class: "chip", title: t("clear"), on: { click: () => readAll({ ...state, [key]: empty }) } }, text + " ×"));
    if (state.aspect) chip(`${t("filter_aspect")}: ${named("aspect", state.aspect)}`, "aspect", "");
    if (state.speaker) chip(`${t("filter_speaker")}: ${named("speaker", state.speaker)}`, "speaker", "");
    if (state.period) chip(`${t("filter_period")}: ${state.period}`, "period", "");
    if (state.on) chip(t("quality_on"), "on", false);
    byId("chips").replaceChildren(...chips);
    const article = state.article === null ? null : articles[state.article];
    const meta = [];
    if (article) {
      meta.push(make("b", {}, name(article)));
      meta.push([article.author === article.source ? null : article.author, article.date].filter(Boolean).map((x) => " · " + x).join(""));
      meta.push(` · ${t("stance")}: ${t("stance_" + article.stance)} · ${t("dominant")}: ${article.dominant ? named("frame", article.dominant) : t("none")}`);
      const first = articleOf.get(article.original);
      if (first !== undefined && first !== state.article) {
        meta.push(" · ", make("button", { type: "button", class: "go", on: { click: () => readAll({ ...nothing(), article: first }) } }, t("reprint_of", { source: name(articles[first]) })));
      }
      if (article.origins) meta.push(` · ${t("origin_title", { origins: article.origins })}`);
      if (article.cuts.length) {
        meta.push(make("details", {}, make("summary", {}, t("cuts", { n: article.cuts.length })), make("ul", { lang: article.lang }, ...article.cuts.map((cut) => make("li", {}, cut)))));
      }
      if (article.repairs + article.flagged) meta.push(` · ${t("repairs", { mended: article.repairs, flagged: article.flagged })}`);
    } else if (state.group !== null) meta.push(make("b", {}, groups[state.group].name));
    byId("article-meta").replaceChildren(...meta);
  }

  const scrolls = () => getComputedStyle(byId("text")).overflowY === "auto";

  async function openSentence(row, quiet) {
    state = { ...nothing(), article: ownerOf(row), now: row };
    followTone(state.article);
    await showText(row - articles[state.article].first + CHUNK);
    const node = byId("s-" + idOf(row));
    if (!node) return;
    const box = byId("text");
    if (scrolls()) box.scrollTop = node.offsetTop - box.offsetTop - box.clientHeight / 3;
    else node.scrollIntoView({ block: "center" });
    node.focus({ preventScroll: true });
    if (!quiet) history.replaceState(null, "", "#s-" + idOf(row));
  }

  async function readAll(next) {
    state = next;
    if (state.article !== null) followTone(state.article);
    await showText();
    if (!scrolls()) byId("reading").scrollIntoView();
    byId("reading").focus({ preventScroll: true });
  }

  function followTone(article) {
    if (!shapes.has("tone_along") || chosen.tone_along === article || !articles[article].n) return;
    chosen.tone_along = article;
    byId("view-tone_along").value = String(article);
    draw(shapes.get("tone_along"));
  }

  async function cite(row) {
    const block = await blockFor(row);
    const article = articles[ownerOf(row)];
    const text = t("citation", {
      text: block.text[row - block.first].trim(), source: article.source ?? t("unknown_source"), title: title(article),
      date: article.date ? `${lang === "zh" ? "，" : ", "}${article.date}` : "", n: s.index[row],
      version: data.signature.stance ?? "", digest: data.signature.lexicons ?? "",
    });
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // No clipboard is given to this page: the old way, by a selection.
      const field = make("textarea", { "aria-hidden": "true" });
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
    tell("cited");
  }

  let telling = 0;
  function tell(key) {
    byId("told").textContent = t(key);
    clearTimeout(telling);
    telling = setTimeout(() => { byId("told").textContent = ""; }, 2000);
  }

  // ---- why -----------------------------------------------------------------------------------

  let asked = null;
  function markName(mark) {
    const [kind, word] = [mark.slice(0, mark.indexOf(":")), mark.slice(mark.indexOf(":") + 1)];
    return `${named("mark", kind)} ${word}`;
  }
  function explain(button, over, row, block) {
    const box = byId("why");
    const { cues } = block;
    asked = button;
    const sep = lang === "zh" ? "，" : ", ";
    const lines = over.map((k) => {
      const notes = [t({ 1: "why_up", 0: "why_flat", "-1": "why_down" }[cues.polarity[k]])];
      if (cues.negated[k]) notes.push(t("why_negated"));
      if (cues.asserted[k] !== 1) notes.push(t("why_asserted", { value: Math.round(100 * cues.asserted[k]) }));
      if (cues.marks[k].length) notes.push(t("why_marks", { marks: cues.marks[k].map(markName).join(" · ") }));
      if (cues.degree[k] !== 1) notes.push(t("why_degree", { degree: cues.degree[k] }));
      const surface = Array.from(block.text[row - block.first]).slice(cues.start[k], cues.end[k]).join("");
      return make("p", {}, t("why_cue", { surface, frame: named("frame", cues.frame[k]), term: cues.term[k], weight: cues.weight[k] }) + sep + notes.join(sep));
    });
    const chances = frames.map((frame, k) => `${t("frame_" + frame)} ${s.p[k][row]} %` + (data.thresholds.length ? t("tagged_from", { cut: Math.round(100 * data.thresholds[k]) }) : "")).join(" · ");
    const score = hundredth(s.score, row);
    const heard = `${t("frame_tone")} ${t("tone_" + s.tone[row])}` + (score === null ? "" : minus(` ${score.toFixed(2)}`));
    const speaker = block.speaker[row - block.first];
    const facts = [quoted(row) ? t("quoted") : t("author_voice"), speaker ? t("voice_speaker", { name: speaker }) : "", on(row) ? "" : t("off_target")].filter(Boolean).join(" · ");
    const snow = hundredth(s.snow, row);
    box.replaceChildren(
      make("button", { type: "button", class: "close", "aria-label": t("close"), on: { click: closeWhy } }, "×"),
      ...(lines.length ? lines : [make("p", {}, t("why_no_cue"))]), make("p", { class: "note" }, `${t("probability")}: ${chances}`), make("p", { class: "note" }, t("rule")),
      make("p", { class: "note" }, [heard, facts, snow === null ? "" : t("snownlp", { value: snow.toFixed(2) })].filter(Boolean).join(" · ")),
      make("p", { class: "note" }, t("span", { start: s.start[row], end: s.end[row] })),
      make("button", { type: "button", on: { click: () => cite(row) } }, t("cite")),
    );
    box.setAttribute("aria-label", t("why"));
    box.hidden = false;
    const at = button.getBoundingClientRect();
    const size = box.getBoundingClientRect();
    box.style.left = Math.max(12, Math.min(at.left, innerWidth - size.width - 12)) + "px";
    box.style.top = (at.bottom + size.height + 12 < innerHeight ? at.bottom + 6 : Math.max(12, at.top - size.height - 6)) + "px";
    box.querySelector("button").focus();
  }
  function closeWhy() {
    if (byId("why").hidden) return;
    byId("why").hidden = true;
    asked?.focus?.();
  }

  // ---- language, controls --------------------------------------------------------------------

  function options(id, pairs, value) {
    byId(id).replaceChildren(...pairs.map(([key, text]) => make("option", { value: key }, text)));
    byId(id).value = value;
  }

  function speak() {
    document.documentElement.lang = lang === "zh" ? "zh-Hans" : "en";
    document.title = t("page_title");
    for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
    for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
    for (const node of document.querySelectorAll("[data-hint]")) node.placeholder = t(node.dataset.hint);
    document.querySelectorAll("#finding-list a").forEach((node, k) => { node.textContent = data.findings[k].text[lang]; });
    for (const panel of panels) {
      const views = panel.name === "tone_along"
        ? articles.flatMap((article, k) => (article.n ? [[String(k), shortened(name(article))]] : []))
        : panel.views.map((view, k) => [String(k), view.names[lang] ?? ""]);
      byId("view-" + panel.name).closest("label").hidden = views.length < 2;
      if (views.length > 1) options("view-" + panel.name, views, String(chosen[panel.name]));
      drawTable(panel);
    }
    options("pick-frame", [["", t("all")], ...frames.map((f) => [f, t("frame_" + f)])], state.frame);
    options("pick-tone", [["", t("all")], ...TONES.map((k) => [String(k), t("tone_" + k)])], state.tone);
    options("pick-voice", [["", t("all")], ["0", t("author_voice")], ["1", t("quoted")]], state.voice);
    byId("signature").replaceChildren(...Object.entries(data.signature).flatMap(([key, value]) => [make("dt", {}, key), make("dd", {}, value)]));
    byId("skipped")?.replaceChildren(...data.skipped.map(([path, reason]) => make("li", {}, `${path}: ${reason}`)));
    closeWhy();
    const reading = showText(Math.max(done, CHUNK), byId("text").scrollTop);
    return Promise.all([reading, drawFigures()]);
  }

  function look(panel, view) {
    chosen[panel.name] = view;
    byId("view-" + panel.name).value = String(view);
    return draw(panel);
  }

  for (const panel of panels) {
    byId("chart-" + panel.name).style.minHeight = panel.height + "px";
    byId("view-" + panel.name).addEventListener("change", (event) => {
      const view = Number(event.target.value);
      look(panel, view);
      if (panel.name === "tone_along") {
        state = { ...nothing(), article: view };
        showText();
      }
      const key = panel.name === "tone_along" ? articles[view].id : view;
      history.replaceState(null, "", `#panel-${panel.name}/${key}`);
    });
    byId("data-" + panel.name).addEventListener("toggle", () => drawTable(panel));
  }
  for (const button of document.querySelectorAll("[data-save]")) {
    const panel = shapes.get(button.dataset.panel);
    const format = button.dataset.save;
    button.addEventListener("click", () => (format === "csv" ? saveData(panel) : saveFigure(panel, format)));
  }
  byId("language").addEventListener("click", () => { lang = lang === "zh" ? "en" : "zh"; speak(); });
  byId("pick-group").addEventListener("change", (event) => {
    state = { ...state, group: event.target.value === "" ? null : Number(event.target.value), article: null, now: null };
    showText();
  });
  byId("pick-article").addEventListener("change", (event) => {
    state = { ...state, article: event.target.value === "" ? null : Number(event.target.value), now: null };
    if (state.article !== null) followTone(state.article);
    showText();
  });
  for (const key of ["frame", "tone", "voice"]) {
    byId("pick-" + key).addEventListener("change", (event) => { state = { ...state, [key]: event.target.value }; showText(); });
  }
  let typing = 0;
  byId("pick-search").addEventListener("input", (event) => {
    clearTimeout(typing);
    typing = setTimeout(() => { state = { ...state, q: event.target.value.trim() }; showText(); }, 200);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return closeWhy();
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === "/") { byId("pick-search").focus(); event.preventDefault(); return; }
    const now = document.activeElement?.closest?.(".s");
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (step && (now || event.key.length === 1)) {
      const all = [...document.querySelectorAll("#text .s")];
      const next = now ? all[all.indexOf(now) + step] : all[0];
      if (next) { next.focus(); event.preventDefault(); }
    } else if (now && event.key === "Enter" && document.activeElement === now) {
      now.querySelector(".glyph").click();
      event.preventDefault();
    } else if (now && event.key === "c") cite(Number(now.dataset.row));
  });
  document.addEventListener("click", (event) => {
    if (!byId("why").contains(event.target) && !event.target.closest?.(".cue, .glyph")) closeWhy();
  });
  dark.addEventListener("change", drawFigures);
  addEventListener("hashchange", openHash);

  async function openHash() {
    let hash = location.hash;
    try { hash = decodeURIComponent(hash); } catch { return; }
    if (hash.startsWith("#s-")) {
      const row = rowOf(hash.slice(3));
      if (row !== undefined) await openSentence(row, true);
    } else if (hash.startsWith("#panel-")) {
      const [key, view] = hash.slice(7).split("/");
      const panel = shapes.get(key);
      if (panel && view !== undefined) {
        const number = key === "tone_along" ? articleOf.get(view) : Number(view);
        if (number !== undefined && (key === "tone_along" ? articles : panel.views)[number]) await look(panel, number);
      }
      byId("panel-" + key)?.scrollIntoView();
    }
  }

  if (shapes.has("tone_along")) chosen.tone_along = Math.max(0, articles.findIndex((article) => article.n));
  const drawn = speak();
  await openHash();
  await drawn;
})();
