// The page itself: choose a list, check what was read, see what it means. Nothing here sends anything anywhere. Nothing is
// kept on the device unless the reader asks for it: then only what headings and codes were taken for.
"use strict";

(() => {
  const { money, people, amountWords, protectedWords, saySpan, sayYear, LEAST } = senpolicyModel;
  const { sayDay } = senpolicyImporting;
  const base = JSON.parse(document.getElementById("data").textContent);
  const by = (id) => document.getElementById(id);
  let data = base, facts = new Map();
  const KEPT = "senpolicy-school-list", MOST_ROWS = 200, MOST_PUPILS = 150;
  const state = { files: [], register: null, plan: null, keys: null, read: null, chosen: new Map(), meant: {}, made: null };
  const isTop = (field) => field.charAt(0).toUpperCase() + field.slice(1);
  const today = () => { const now = new Date(); return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`; };

  function el(tag, given = {}, ...inside) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(given)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...inside.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== ""));
    return made;
  }

  const list = (items, given = {}) => (items.length ? el("ul", given, items.map((one) => el("li", {}, one))) : null);

  function table(caption, heads, rows, given = {}) {
    // Rows are {cells, strong}; the first cell of each names it. A head that begins with "#" is of numbers.
    const names = heads.map((head) => head.replace(/^#/, "")), kind = (at) => (heads[at].startsWith("#") ? "number" : null);
    return el("table", given, el("caption", {}, caption),
      el("thead", {}, el("tr", {}, names.map((name, at) => el("th", { scope: "col", class: kind(at) }, name)))),
      el("tbody", {}, rows.map(({ cells, strong }) => el("tr", { class: strong ? "strong" : null }, cells.map((cell, at) =>
        el(at ? "td" : "th", at ? { "data-label": names[at], class: kind(at) } : { scope: "row" }, at ? el("div", {}, cell) : cell))))));
  }

  // The engine, in a worker of its own where the browser allows one.

  const waiting = new Map();
  let worker = null, number = 0;

  function progress(done, of) {
    by("progress").value = done / of;
  }

  function begin() {
    try {
      const source = [by("engine").textContent];
      worker = new Worker(URL.createObjectURL(new Blob(source, { type: "text/javascript" })));
      worker.onmessage = ({ data: told }) => {
        if (told.number === undefined) return progress(told.done, told.of);
        waiting.get(told.number)(told);
        waiting.delete(told.number);
      };
      worker.onerror = () => { for (const done of waiting.values()) done({ fault: { says: "The list could not be worked through in this browser.", help: "Try another browser, or the command." } }); };
    } catch {
      worker = null;
    }
    return ask({ asks: "begin", data });
  }

  async function ask(message) {
    // What the engine answers; throws its fault.
    const told = await new Promise((resolve) => {
      if (!worker) return setTimeout(() => resolve(senpolicyAnswering.answered(message, progress)), 20);
      number += 1;
      waiting.set(number, resolve);
      worker.postMessage({ ...message, number });
    });
    if (told.fault) throw Object.assign(new Error(told.fault.says), told.fault, { detail: told.detail });
    return told.answer;
  }

  async function working(says, work) {
    by("status").textContent = says;
    by("progress").value = 0;
    by("busy").hidden = false;
    by("wrong").replaceChildren();
    try {
      return await work();
    } catch (error) {
      if (error.detail) console.info(error.detail);
      by("wrong").replaceChildren(el("p", { class: "error" }, error.message, error.help ? el("span", {}, ` ${error.help}`) : null));
      by("wrong").scrollIntoView?.({ block: "nearest" });
      by("wrong").focus();
      return null;
    } finally {
      by("busy").hidden = true;
      by("status").textContent = "";
    }
  }

  // 1. Choose.

  function lay(plan) {
    // Take a plan, or none: the levels are those of its edition.
    data = plan === null ? base : senpolicyPlans.read(base, plan).data;
    facts = new Map(data.policy.facts.map((one) => [one.name, one]));
    state.plan = plan;
  }

  async function opened(files) {
    const found = [];
    for (const file of files) {
      const bytes = new Uint8Array(await file.arrayBuffer());
      found.push(senpolicyFiles.opened({ name: file.name, bytes }));
      await new Promise((done) => setTimeout(done, 0));
    }
    return found;
  }

  async function choose(files) {
    if (!files.length) return;
    state.chosen = new Map();
    state.meant = {};
    recall();
    const done = await working("Reading the list", async () => {
      state.files = await opened(files);
      by("chosen").textContent = files.length === 1 ? "1 file is read." : `${files.length} files are read.`;
      return readAgain();
    });
    if (!done) hideFrom("check");
  }

  async function readAgain() {
    const on = by("on").value || today();
    state.read = await ask({ asks: "read", files: state.files, register: state.register, on, ofDay: by("as-at").value || null,
      chosen: [...state.chosen], meant: state.meant, plan: state.plan, keys: state.keys });
    hideFrom("means");
    check();
    by("check").hidden = false;
    by("check-heading").focus();
    return true;
  }

  function hideFrom(id) {
    for (const one of id === "check" ? ["check", "means", "governors"] : ["means", "governors"]) by(one).hidden = true;
  }

  // 2. Check.

  const labelOf = (column) => (column.startsWith("fact:") ? facts.get(column.slice(5)).label : data.imports.columns[column].label);

  function check() {
    const { read } = state, body = by("check-body");
    if (read.caseload !== undefined) {
      body.replaceChildren(el("p", {}, `This is a caseload already: ${people(read.caseload)}. Its facts are taken as they are.`), showButton());
      return;
    }
    const out = read.pupils - read.kept.length;
    body.replaceChildren(...[
      el("p", {}, el("strong", {}, `Read as: ${read.title}.`), ` ${people(read.pupils)}${out ? `, ${out} of them left out` : ""}. `,
        read.ofDay ? `The list is of ${sayDay(read.ofDay)}.` : "The list does not say of which day it is. Year groups are taken as of the day above."),
      older(read.ofDay),
      list(read.notes),
      read.isReturn ? null : columnsTable(),
      ...read.unclear.map(codesTable),
      read.kept.length ? table("Read for certain", ["Fact", "#Pupils"], certain()) : null,
      ...asked(),
      worthALook("Worth a look", read.flags),
      worthALook("Left out", read.leftOut),
      showButton(),
      el("button", { type: "button", class: "plain", onclick: saveCaseload }, "Save the facts as a file (CSV)"),
      el("button", { type: "button", class: "plain", onclick: saveKeys }, "Save the key file"),
    ].filter(Boolean));
  }

  function older(ofDay) {
    // A list that is older than the day asked about: since then pupils have moved up a year, come and left.
    const on = by("on").value;
    if (!ofDay || !on || senpolicyValues.schoolYear(ofDay) >= senpolicyValues.schoolYear(on)) return null;
    return el("div", { class: "caution" }, el("p", {}, `Your list is of an earlier school year than ${sayDay(on)}. Year groups are moved up for that day, and who has come or left since is not in it. Take a newer list, or see what applied on the day of the list.`),
      el("button", { type: "button", class: "plain", id: "on-its-day", onclick: () => {
        by("on").value = ofDay;
        working("Reading the list again", readAgain);
      } }, `Decide for ${sayDay(ofDay)}`));
  }

  const showButton = () => el("button", { type: "button", id: "show", onclick: () => show({ fresh: true }) }, "Show what it means");

  function columnsTable() {
    const known = Object.entries(data.imports.columns).map(([name, one]) => [name, one.label]);
    const named = data.policy.facts.filter((one) => !one.required).map((one) => [`fact:${one.name}`, one.label]);
    const rows = state.read.columns.map(([heading, column], at) => {
      const change = (event) => {
        state.chosen.set(senpolicyValues.plain(heading), event.target.value || null);
        working("Reading the list again", readAgain);
      };
      const options = (all) => all.map(([name, label]) => el("option", { value: name, selected: name === column }, label));
      const select = el("select", { "aria-label": `Column ${at + 1}, ${heading || "without a heading"}, is`, onchange: change },
        el("option", { value: "", selected: column === null }, "left unread"), el("optgroup", { label: "Columns of lists" }, options(known)),
        el("optgroup", { label: "Facts of a case" }, options(named)));
      const dropped = column && data.imports.columns[column]?.holds === "identifier" ? " (joins a pupil's rows, then dropped)" : "";
      const guess = state.read.guesses[at], taken = state.read.columns.some(([, one]) => one === guess);
      const perhaps = guess && !taken ? el("p", {}, `Perhaps: ${data.imports.columns[guess].label}. `, el("button", { type: "button", class: "plain", onclick: () => {
        state.chosen.set(senpolicyValues.plain(heading), guess);
        working("Reading the list again", readAgain);
      } }, "Take it for that")) : null;
      return { cells: [heading || `Column ${at + 1}`, heading ? [select, dropped, perhaps] : "left unread"] };
    });
    return el("details", { open: rows.length < 15 }, el("summary", {}, "What each column was taken for"),
      table("Columns: change what is wrong", ["Heading in your list", "Taken for"], rows));
  }

  function meaningOf(column, value) {
    // The words for what a code means: those of the fact that is read from the column.
    const of = data.imports.facts.find(([, one]) => [one.of, one.beside].includes(column) || (one.way === "code" && column === "plan_yes_no") || (one.way === "place" && column.startsWith("placement")));
    const fact = of && facts.get(of[0]);
    if (fact?.type === "choice" && fact.values.includes(value)) return fact.labels[fact.values.indexOf(value)];
    if (fact?.type === "integer" && fact.labels.length) return fact.labels[Number(value) - fact.lowest] ?? value;
    return value.replaceAll("_", " ");
  }

  function codesTable({ column, texts, more, means }) {
    const rows = texts.map(([text, count]) => {
      const change = (event) => {
        const bare = column === "year" ? senpolicyValues.yearCode(text) : text;
        state.meant[column] = [...(state.meant[column] ?? []).filter(([name]) => name !== bare), ...(event.target.value ? [[bare, { is: event.target.value }]] : [])];
        working("Reading the list again", readAgain);
      };
      return { cells: [text, String(count), el("select", { "aria-label": `${text} means`, onchange: change }, el("option", { value: "" }, "not known"),
        means.map((one) => el("option", { value: one }, meaningOf(column, one))))] };
    });
    return table(`${labelOf(column)}: what your list writes that is in no list of codes${more ? `, and ${more} more` : ""}`, ["In your list", "#Rows", "Means"], rows);
  }

  function certain() {
    const { kept } = state.read;
    return data.policy.facts.flatMap((fact) => {
      const count = kept.filter((one) => fact.name in one.facts).length;
      return count ? [{ cells: [fact.label, `${count} of ${kept.length}`] }] : [];
    });
  }

  function worthALook(title, lines) {
    return lines.length ? el("details", { open: lines.length < 8 }, el("summary", {}, title), list(lines.map(([says, count]) => `${says.replace(/\.$/, "")}: ${people(count).replace("pupil", title === "Left out" ? "row" : "pupil")}.`))) : null;
  }

  const asks = () => {
    const all = new Map(data.imports.facts.flatMap(([name, one]) => [[name, one.asks], ...(one.claim ? [[one.claim, one.asks]] : [])]));
    for (const fact of data.policy.facts) if (!fact.required && !fact.area && !all.has(fact.name)) all.set(fact.name, fact.label);
    return all;
  };

  const whereOf = ({ ref, at }) => {
    const row = at.line ?? at.row ?? at.lines?.join(", ") ?? at.rows?.join(", ");
    const where = row !== undefined ? `row ${row}${at.sheet ? ` of ${at.sheet}` : ""}` : at.xpath ? `record ${/\[(\d+)\]$/.exec(at.xpath)?.[1]}` : "";
    return where ? `${ref} (${where})` : ref;
  };

  function valueField(fact, value, label, given = {}) {
    if (fact.type === "choice" || fact.type === "boolean") {
      const values = fact.type === "boolean" ? [["true", "yes"], ["false", "no"]] : fact.values.map((one, at) => [one, fact.labels[at]]);
      return el("select", { "aria-label": label, ...given }, el("option", { value: "" }, "not known"),
        values.map(([one, says]) => el("option", { value: one, selected: one === value }, says)));
    }
    return el("input", { type: fact.type === "date" ? "date" : "text", inputmode: fact.type === "money" ? "decimal" : fact.type === "integer" ? "numeric" : null, value: value ?? "", "aria-label": label, ...given });
  }

  const sayValue = (fact, text) => {
    if (fact.type === "money") return money(Math.round(Number(text) * 100));
    if (fact.type === "date") return sayDay(text);
    if (fact.type === "boolean") return text === "true" ? "yes" : "no";
    if (fact.type === "choice") return fact.labels[fact.values.indexOf(text)];
    return fact.labels.length ? fact.labels[Number(text) - fact.lowest] : text;
  };

  function guessedWords(fact, texts) {
    // What is guessed, in one line: each value with its count, or the least and the most.
    const counts = new Map();
    for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
    const order = fact.type === "choice" ? (one, other) => fact.values.indexOf(one) - fact.values.indexOf(other) : (one, other) => (fact.type === "date" ? (one < other ? -1 : 1) : Number(one) - Number(other));
    const values = [...counts.keys()].sort(order);
    if (values.length > 1 && ["money", "date"].includes(fact.type)) return `${people(texts.length)}: ${sayValue(fact, values[0])} to ${sayValue(fact, values.at(-1))}.`;
    return `${people(texts.length)}: ${values.map((one) => (values.length > 1 ? `${sayValue(fact, one)} (${counts.get(one)})` : sayValue(fact, one))).join(", ")}.`;
  }

  function asked() {
    // For each fact what a person is asked: the candidates, with the guess filled in; those not known, empty.
    const { kept } = state.read, boxes = [];
    for (const [name, says] of asks()) {
      const fact = facts.get(name), lacking = kept.filter((one) => !(name in one.facts));
      const guessed = lacking.filter((one) => name in one.candidates);
      const forAll = ["choice", "boolean"].includes(fact.type) && lacking.length > guessed.length;
      if (!lacking.length) continue;
      const rows = [...guessed, ...lacking.filter((one) => !(name in one.candidates))].slice(0, MOST_ROWS).map((pupil) => {
        const guess = pupil.candidates[name];
        return { cells: [whereOf(pupil), valueField(fact, guess, `${fact.label}: ${pupil.ref}`, { "data-fact": name, "data-ref": pupil.ref, "data-guess": guess })] };
      });
      const tick = guessed.length ? [el("p", {}, guessedWords(fact, guessed.map((one) => one.candidates[name]))),
        el("p", {}, el("label", { class: "tick" }, el("input", { type: "checkbox", "data-all": name }), `This guess is right for ${guessed.length === 1 ? "this pupil" : `all ${guessed.length}`}.`))] : null;
      const rest = lacking.length - guessed.length, id = `all-${name}`;
      const whole = forAll ? el("div", { class: "field" }, el("label", { for: id }, `For ${people(rest).replace(" ", guessed.length ? " other " : " ")} of whom it is not known`), valueField(fact, "", `${fact.label}, for all others`, { id, "data-others": name, "aria-label": null })) : null;
      const each = el("details", {}, el("summary", {}, "Pupil by pupil"),
        lacking.length > MOST_ROWS ? el("p", { class: "soft" }, `The first ${MOST_ROWS} are shown.`) : null,
        guessed.length ? el("p", { class: "soft" }, "A guess counts once you tick the box above, or change it here.") : null,
        table(fact.label, ["Pupil", "Is"], rows));
      const ofFile = data.imports.facts.some(([one]) => one === name);
      boxes.push({ needed: guessed.length > 0 || (forAll && ofFile), box: el("fieldset", {}, el("legend", {}, ofFile && guessed.length ? says : fact.label), tick, whole, each) });
    }
    const [needed, other] = [boxes.filter((one) => one.needed).map((one) => one.box), boxes.filter((one) => !one.needed).map((one) => one.box)];
    return [needed.length ? el("h3", {}, "Please confirm") : null, ...needed,
      other.length ? el("details", {}, el("summary", {}, `Not in your list: ${other.length} facts that you may add`), other) : null];
  }

  function answers() {
    const all = [...document.querySelectorAll("[data-all]")].filter((one) => one.checked).map((one) => one.dataset.all);
    const found = all.map((fact) => ({ fact }));
    for (const field of document.querySelectorAll("[data-ref]")) {
      const { fact, ref, guess } = field.dataset, text = field.value.trim();
      const value = (facts.get(fact).type === "money" && senpolicyValues.money(text)[0]?.text) || text;
      if (value !== (guess ?? "") && value !== "") found.push({ ref, fact, value });
    }
    for (const field of document.querySelectorAll("[data-others]")) if (field.value) found.push({ fact: field.dataset.others, value: field.value });
    // What is written for one pupil counts before what is ticked for all.
    return [...found.filter((one) => one.ref), ...found.filter((one) => !one.ref)];
  }

  // 3. What it means.

  async function show({ fresh = false } = {}) {
    const tried = fresh ? {} : Object.fromEntries([...document.querySelectorAll("[data-try]")].filter((one) => one.value).map((one) => [one.dataset.try, one.value]));
    const terms = by("terms").value.split(/[\s,;]+/).filter(Boolean).map((text) => senpolicyValues.day(text, today())[0]);
    const made = await working("Deciding each pupil", async () => {
      if (terms.includes(null)) throw Object.assign(new Error("A day on which a term begins is not a day."), { help: "Write them like 01/09/2026, with commas between." });
      return ask({ asks: "model", answers: answers(), tried, terms: [...new Set(terms)].sort(), madeOn: today(), paidToday: state.plan === null ? null : penceIn("today") });
    });
    if (!made) return;
    if (fresh) state.options = made.options;
    state.made = { ...made, tried };
    means();
    governorsPage();
    by("means").hidden = by("governors").hidden = false;
    if (fresh) by("means-heading").focus();
  }

  const stands = (span) => (span.stands ? ` (${span.stands})` : "");

  function bar(parts, longest, says) {
    const made = (tag, given) => {
      const one = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(given)) one.setAttribute(name, value);
      return one;
    };
    const svg = made("svg", { class: "bar", viewBox: "0 0 1000 20", preserveAspectRatio: "none", role: "img", "aria-label": says });
    svg.append(made("rect", { class: "ground", x: 0, y: 0, width: 1000, height: 20 }));
    let sum = 0;
    for (const [kind, value] of parts) {
      const start = Math.floor((sum * 1000) / (longest || 1)), end = Math.floor(((sum + value) * 1000) / (longest || 1));
      if (value) svg.append(made("rect", { class: kind, x: start, y: 0, width: Math.max(end - start, 4), height: 20 }));
      sum += value;
    }
    return svg;
  }

  const share = () => Number(by("share")?.value ?? 50);
  const partAt = (sums) => sums.low + Math.floor(((sums.high - sums.low) * share()) / 100);

  function means() {
    const { made } = state, body = by("means-body");
    by("mark").hidden = !Object.keys(made.tried).length;
    by("mark").textContent = `A trial: ${Object.entries(made.tried).map(([fact, value]) => `${facts.get(fact).label}: ${facts.get(fact).labels[facts.get(fact).values.indexOf(value)]}`).join("; ")}. ` +
      "It is supposed for those of whom it is not known. Nobody has decided it.";
    if (!made.pupils.length) {
      body.replaceChildren(el("p", {}, "No pupil of this list can be decided."), refusedList() ?? "");
      return;
    }
    body.replaceChildren(...[refusedList(), inShort(), tries(), chart(), yearsTable(), proposed(), optionsTable(), ...details(), pupilsTable(), restsOn()].filter(Boolean));
  }

  function refusedList() {
    const { refused } = state.made;
    if (!refused.length) return null;
    // Which row of the list it is, so that who reads can look there; a caseload's rows say so themselves.
    const whose = new Map((state.read.kept ?? []).map((one) => [one.ref, whereOf(one)])), alone = refused.length === 1;
    const lines = refused.slice(0, 20).map((one) => `${one.ref ? (whose.get(one.ref) ?? one.ref) : `Row ${one.number}`}: ${one.problems.map((problem) => `${problem.says} ${problem.help}`).join(" ")}`);
    return el("div", { class: "mark" }, el("p", {}, el("strong", {}, alone ? "1 row is left out, because something in it is wrong." : `${refused.length} rows are left out, because something in them is wrong.`),
      state.read.kept ? " Correct it above, pupil by pupil, or in your list, and choose the list again." : ""),
      list(lines), refused.length > 20 ? el("p", {}, `And ${refused.length - 20} more.`) : null);
  }

  function inShort() {
    const { made } = state, { before } = made;
    const lines = [people(made.pupils.length)];
    if (before.pupils) lines.push(`Before: ${money(before.paid)} a year was paid for ${people(before.pupils)}${before.unknown ? `. Of ${people(before.unknown)} the list does not say` : ""}.`);
    for (const { span, total } of made.views.map((view, at) => ({ span: made.spans[at], total: view.total }))) {
      const said = [total.known ? `${money(total.known)} a year is certain` : "no amount is certain"];
      if (total.protected) said.push(`Of earlier payments, ${protectedWords(total)} a year is expected to go on`);
      if (total.unknown) said.push(`For ${people(total.unknown)} nobody can say yet how much there will be`);
      lines.push([el("strong", {}, `${saySpan(span)}${stands(span)}: `), `${said.join(". ")}.`]);
    }
    return el("div", { class: "short" }, list(lines));
  }

  function tries() {
    const { made } = state, options = state.options ?? [], names = [...new Set(options.map((one) => one.fact))];
    const part = made.views.some((view) => view.total.protected);
    if (!names.length && !part) return null;
    const selects = names.map((name) => {
      const fact = facts.get(name), id = `try-${name}`;
      return el("div", { class: "field" }, el("label", { for: id }, fact.label), el("select", { id, "data-try": name, onchange: () => show() }, el("option", { value: "" }, "as it is: not known"),
        fact.values.map((value, at) => el("option", { value, selected: made.tried[name] === value }, fact.labels[at]))));
    });
    const slider = part ? el("div", { class: "field" }, el("label", { for: "share" }, "How far the protected part goes, from its least to its most"),
      el("input", { type: "range", id: "share", min: 0, max: 100, step: 5, value: state.share ?? 50, "aria-describedby": "share-says", oninput: () => { state.share = share(); moved(); } }),
      el("p", { id: "share-says" })) : null;
    const box = el("div", { class: "screen" }, el("h3", {}, "Try what is still open"),
      el("p", { class: "soft" }, "Each choice supposes one answer for all pupils of whom it is not known. Nobody has decided it."), el("div", { class: "tries" }, selects), slider);
    setTimeout(moved, 0);
    return box;
  }

  function moved() {
    const says = by("share-says");
    if (!says) return;
    const lines = state.made.views.flatMap((view, at) => (view.total.protected ? [`${saySpan(state.made.spans[at])}: ${money(partAt(view.total))} a year`] : []));
    says.textContent = `At ${share()}% of the way: ${lines.join("; ")}.`;
  }

  function chart() {
    const { made } = state, longest = Math.max(...made.views.map((view) => view.total.known + view.total.high), made.before.paid);
    const line = (name, says, parts) => el("li", {}, el("span", { class: "says" }, el("span", {}, name), el("span", {}, says)), bar(parts, longest, `${name}: ${says}`));
    const lines = made.views.map((view, at) => line(saySpan(made.spans[at]) + stands(made.spans[at]), amountWords(view.total),
      [["certain", view.total.known], ["low", view.total.low], ["high", view.total.high - view.total.low]]));
    if (made.before.pupils) lines.unshift(line("Before", `${money(made.before.paid)} paid`, [["certain", made.before.paid]]));
    const rows = made.views.map((view, at) => ({ cells: [saySpan(made.spans[at]) + stands(made.spans[at]), String(view.pupils), view.total.known ? money(view.total.known) : "–",
      view.total.protected ? protectedWords(view.total) : "–", view.total.unknown ? people(view.total.unknown) : "–"] }));
    return el("div", {}, el("h3", {}, "The money, period by period"),
      el("ul", { class: "legend" }, [["certain", "Certain, or paid before"], ["low", "Protected: the least expected"], ["high", "Protected: up to the most expected"]].map(([kind, says]) => el("li", {}, el("span", { class: `key ${kind}` }), says))),
      el("ul", { class: "chart", "aria-label": "Amounts a year in each period" }, lines),
      el("p", { class: "soft" }, "An empty bar does not mean no money. It means that the papers do not say how much."),
      table("The same, a year", ["Period", "#Pupils", "#Certain", "#Protected part", "#More not known for"], rows));
  }

  function yearsTable() {
    const { made } = state;
    if (!made.years.length) return null;
    const row = (name, due, strong) => ({ strong, cells: [name, String(due.pupils), due.known ? money(due.known) : "–", due.high ? protectedWords(due) : "–", due.unknown ? people(due.unknown) : "–"] });
    const rows = made.years.flatMap((year) => [row(isTop(sayYear(year)), year.due, true),
      ...(year.stretches.length > 1 ? year.stretches.map((at) => row(saySpan(made.days[at]), made.due[at], false)) : [])]);
    return el("div", {}, el("h3", {}, "By year and term"), table("What falls to each year and its parts", ["Days", "#Pupils", "#Certain", "#Protected part", "#More not known for"], rows));
  }

  function proposed() {
    const plan = state.made.proposal;
    if (!plan) return null;
    const open = plan.notMapped ? ` ${people(plan.notMapped)} ${plan.notMapped === 1 ? "is" : "are"} not mapped yet: ${money(plan.low)} to ${money(plan.high)} a year if all were on the tariff, and nothing from it at a level of the Community's.` : "";
    const none = plan.leftOut ? ` For ${people(plan.leftOut)} it has no rate, or none yet.` : "";
    return el("div", {}, el("h3", {}, "Proposed, and not decided"),
      el("div", { class: "mark" }, el("p", {}, el("strong", {}, `${plan.title}. `), ...plan.says.map((one) => `${one} `)),
        plan.edition.not_the_councils ? el("p", {}, `Its levels are of “${plan.edition.title}”.`) : null,
        el("p", {}, `A plan of bands and rates that nobody has decided. From ${sayDay(plan.day)} on it would pay ${money(plan.sum)} a year for ${people(plan.mapped)}, before any limit on gains and losses.${open}${none} ${plan.notes.join(" ")} Nothing of it counts in any sum above.`)),
      table("Proposed, by band", ["Band", "#Rate", "#Pupils", "#Proposed, a year"], plan.bands.map((band) => ({ cells: [band.name.replaceAll("_", " "), money(band.rate), String(band.refs.length), money(band.sum)] }))),
      within(plan.limited));
  }

  const HELD = { none: "no limit", gain: "the limit on gains", loss: "the limit on losses", guarantee: "the guarantee" };

  const placeSaid = (place, fact = facts.get(data.model.tariff.place)) => isTop(fact.labels[fact.values.indexOf(place)]);
  const within = (limited) => (limited?.length ? [table("Proposed, within the plan's limits, if the list has all pupils of one school", ["Kind of place", "#Pupils", "#Today, a year", "#By the bands", "#Paid", "#Held by"],
    limited.map((one) => ({ cells: [placeSaid(one.place), String(one.pupils), money(one.present), money(one.new), money(one.limited), HELD[one.held]] })))] : []);

  function optionsTable() {
    const { made } = state;
    if (!made.options.length) return null;
    const asksOf = [...new Set(made.options.map((one) => one.asks))];
    return el("details", { open: true }, el("summary", {}, "What others still choose"),
      el("p", { class: "soft" }, "Each line supposes one answer for all pupils for whom it is not known. Nothing of it counts in any sum above."),
      asksOf.map((says) => table(says, ["If it is so", "Period, and how the pupils would be funded", "#A year"], made.options.filter((one) => one.asks === says).flatMap((option) =>
        option.periods.map((one) => ({ cells: [option.says, [saySpan(one.span), one.routes.map(([route, count]) => [el("br"), `${people(count)}: ${route}`])], amountWords(one.sums)] }))))));
  }

  const why = (reasons) => list(reasons, { class: "why" });

  function details() {
    const { made } = state, [route] = data.model.questions;
    return made.views.map((view, at) => {
      const span = made.spans[at];
      if (!view.pupils) return null;
      const sums = (total) => [total.known ? money(total.known) : "–", total.protected ? protectedWords(total) : "–", total.unknown ? people(total.unknown) : "–"];
      const goesOn = (line) => {
        const amount = line.sums.known ? `${money(line.sums.known)}, in full` : line.sums.protected ? protectedWords(line.sums) : "";
        return line.until && amount ? `${amount}, until ${sayDay(line.until)}` : "–";
      };
      const changes = [[true, "how pupils are funded"], [false, "the protection"]].map(([ofRoute, says]) => [says, view.changes.filter((one) => (one.question === route) === ofRoute)]).filter(([, all]) => all.length);
      const cautions = [...new Set(span.says.map((one) => `${one.says} (${one.cited})`))];
      return el("details", { open: span.stands === "now" }, el("summary", {}, `${saySpan(span)}${stands(span)}: who, why, and what to bear in mind`),
        table("How the pupils are funded", ["Route, and why", "#Pupils", "#Certain", "#Protected part", "#More not known for"],
          [...view.routes.map((line) => ({ cells: [[line.label, why(line.reasons)], String(line.pupils), ...sums(line.sums)] })), { strong: true, cells: ["Together", String(view.pupils), ...sums(view.total)] }]),
        table("Protection of what was paid before", ["Protection, and why", "#Pupils", "#Goes on, a year"], view.protection.map((line) => ({ cells: [[line.label, why(line.reasons)], String(line.pupils), goesOn(line)] }))),
        cautions.length ? el("div", { class: "caution" }, el("p", {}, el("strong", {}, "Bear in mind what of this fits a pupil:")), list(cautions)) : null,
        changes.map(([says, all]) => table(`What changes on ${sayDay(span.first)}: ${says}`, ["Until then", "From that day", "#Pupils"], all.map((one) => ({ cells: [one.from, [one.to, why(one.reasons)], String(one.pupils)] })))),
        view.points.length || view.missing.length ? table("What is not settled", ["What it is", "What would settle it", "#Pupils"],
          [...view.missing.map((one) => ({ cells: [`A fact is missing: ${one.title}`, [el("p", {}, "Find it out, and fill it in above."), fillIn(one.name)], String(one.pupils)] })),
            ...view.points.map((one) => ({ cells: [`The papers leave it open: ${one.title} (${one.where.join(", ")})`, one.settle, String(one.pupils)] }))]) : null);
    }).filter(Boolean);
  }

  function fillIn(name) {
    // A way to the field in which a fact that is missing can be given; none where the list has it for everybody.
    const field = [...document.querySelectorAll("#check-body [data-others], #check-body [data-fact]")].find((one) => [one.dataset.others, one.dataset.fact].includes(name));
    return field ? el("button", { type: "button", class: "plain screen", onclick: () => {
      for (let at = field; at && at.id !== "check"; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
      field.closest("fieldset").scrollIntoView({ block: "start" });
      field.focus();
    } }, "Go there") : null;
  }

  function pupilsTable() {
    const { made } = state;
    if (made.pupils.length > MOST_PUPILS) return el("p", {}, `The list pupil by pupil has ${made.pupils.length} rows: save it as a file.`);
    const rows = made.pupils.map((one) => ({ cells: [one.ref, one.before === null ? "not known" : money(one.before),
      ...one.spans.map((cell) => (cell ? [cell.route, " ", el("strong", {}, `${isTop(cell.amount)}.`)] : "–"))] }));
    return el("details", {}, el("summary", {}, "Pupil by pupil"), table("How each pupil is funded, a year", ["Reference", "#Before", ...made.spans.map(saySpan)], rows));
  }

  function restsOn() {
    const { made } = state, assumed = [
      "Each pupil's facts stay as they are in the list. A birthday, a new plan or a new rate that comes later is not guessed: every period is decided with the same age, year, plan and rate.",
      `Each period counts in full, a longer one than a year as one year. The part of a year that falls to a shorter period is worked out by days of ${data.policy.days_in_year}, and rounded to the penny for each pupil: down for the least, up for the most.`,
      "A pupil counts from the period in which the day that you gave lies.",
      "On which days money is paid, the papers do not say. What falls to a year or a term is worked out by days.",
      by("terms").value ? "A term lasts until the next begins." : "The papers do not name the days of terms. Give those on which yours begin above, under More.",
    ];
    return el("details", {}, el("summary", {}, "What this rests on"), list(assumed),
      made.readings.length ? [el("p", {}, "How the papers are read until the council says otherwise:"), list(made.readings.map((one) => `${one.says} (${one.name})`))] : null,
      el("p", { class: "soft digest" }, `This is a model, not a decision. Rules as they stood once ${data.policy.as_of} had been decided. Policy ${data.policy.digest}.`));
  }

  // The page for governors.

  function governorsPage() {
    const { made } = state, page = made.governors, body = by("governors-body");
    const head = el("p", { class: "soft" }, `Made on ${sayDay(today())}. Rules as they stood once ${data.policy.as_of} had been decided. ${page.pupils}.`);
    const trial = !by("mark").hidden;
    by("print-governors").hidden = trial;
    if (trial) {
      // Beside the page without the trial its sums could be set off against each other, to those of a few pupils.
      body.replaceChildren(el("p", {}, "A trial has no page for governors: beside the page without it, a figure of a few pupils could be worked out. What others still choose is on that page. Set the trial back to see it."));
      return;
    }
    if (!page.rows.length) {
      body.replaceChildren(head, el("p", {}, "So few pupils cannot be told of without telling who they are. Ask who has the full report."));
      return;
    }
    const heads = ["#Certain", "#Part that is protected", "#More not known for"];
    const rows = (all) => all.map((one) => ({ cells: [isTop(one.name) + (one.stands ? ` (${one.stands})` : ""), one.certain, one.protected, one.unknown] }));
    const listed = (lines, name) => {
      const left = page.left.get(name) ?? 0, what = { open: "point", options: "answer" }[name] ?? "change";
      const more = left ? `${left} ${lines.length ? "more " : ""}${what}${left === 1 ? " is" : "s are"} in the full report: of too few pupils, or without room here.` : null;
      return list([...lines, more].filter(Boolean));
    };
    const part = (title, lines, name) => (lines.length || page.left.get(name) ? [el("h3", {}, title), listed(lines, name)] : []);
    body.replaceChildren(...[head, made.refused.length ? el("p", { class: "mark" }, "Some rows of the list are left out, because something in them is wrong.") : null,
      nothingSet(page.rows) ? el("p", {}, "For the period that is now no amount is certain, since no paper that is held here sets one. That does not mean that nothing is paid: who pays is in the full report.") : null,
      table("Before, now and next, a year", ["Period", ...heads], rows(page.rows)), page.years.length ? table("What falls to each year", ["Year", ...heads], rows(page.years)) : null,
      ...[...page.changes].sort(([one], [other]) => (one < other ? -1 : 1)).flatMap(([title, lines]) => part(title, lines, title)),
      ...part("What nobody knows yet", page.open, "open"), ...part("What others still choose: if it were so", page.options, "options"),
      ...(page.proposal ? [el("h3", {}, "Proposed, and not decided"), el("p", {}, page.proposal, made.proposal.says.map((one) => ` ${one}`))] : []),
      el("p", { class: "soft" }, `Every figure is that of the full report, or withheld: none is of fewer than ${LEAST} pupils, and none can be worked out from the others that is. A dash means that there is nothing of the kind. ` +
        "Certain is what the rules give. Of a protected part the papers give about the least and the most. On which days money is paid, they do not say: what falls to a year is worked out by days."),
      el("p", { class: "soft digest" }, `This is a model, not a decision. Policy ${data.policy.digest}.`)].filter(Boolean));
  }

  // Whether the period that is now has no amount, and some that is not known: what a governor asks of first.
  const nothingSet = (rows) => rows.some((one) => one.stands === "now" && one.certain === "–" && one.protected === "–" && one.unknown !== "–");

  // A Community: several schools together, and its budget.

  function wrongField(id, says, help) {
    return Object.assign(new Error(`${by(id).labels[0].textContent}: ${says}`), { help });
  }

  function penceIn(id) {
    const text = by(id).value.trim();
    if (text === "") return null;
    const [sum] = senpolicyValues.money(text);
    if (sum === null || sum.pence >= 100_000_000_000) throw wrongField(id, "this is not a sum of pounds.", "Write figures, such as 250000 or £250,000.");
    return sum.pence;
  }

  function shareIn(id) {
    // A share as text from a field of per cent: 5 is 0.05. Empty is null. A comma may be meant as a point, so none is read.
    const text = by(id).value.replace("%", "").trim();
    if (text === "") return null;
    if (!/^(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)$/.test(text)) throw wrongField(id, "this is not a share.", "Write a number from 0 to 100, such as 5.");
    const [before, after = ""] = text.split("."), figures = before.padStart(3, "0") + after.padEnd(2, "0");
    return `${figures.slice(0, 1)}.${figures.slice(1)}`;
  }

  async function together() {
    const made = await working("Working out the Community", async () => {
      const chosen = [...by("lists").files];
      if (!chosen.length) throw wrongField("lists", "there is none yet.", "Choose one for each school.");
      const low = penceIn("pot"), most = penceIn("pot-most");
      if (most !== null && (low === null || most < low)) throw wrongField("pot-most", "this is less than the budget.", "Write the least above, and the most here.");
      const pot = { low, high: most ?? low, contingency: shareIn("back") ?? "0", allocated: penceIn("allocated") ?? 0 };
      const files = (await opened(chosen)).map((one, at) => ({ name: chosen[at].name, text: one.text }));
      return ask({ asks: "community", files, year: data.model.ledger.years[Number(by("year").value)], pot, chosen: shareIn("goes-on") });
    });
    if (made) communityPage(made);
  }

  function sayRange(one) {
    // A sum has two decimals, so its figures without the point are whole pence.
    const pence = (text) => `${text.startsWith("-") ? "-" : ""}${money(Number(text.replace(/[-.]/g, "")))}`;
    return typeof one === "string" ? pence(one) : `${one.low_reached ? "" : "more than "}${pence(one.low)} to ${one.high_reached ? "" : "less than "}${pence(one.high)}`;
  }

  function sayPart(one) {
    // As `senpolicy ledger` rounds: the least down, the most up, at two decimals of a per cent.
    const per = (text) => `${(Math.round(Number(text) * 10_000) / 100).toFixed(2)}%`;
    return typeof one === "string" ? per(one) : `${one.low_reached ? "" : "more than "}${per(one.low)} to ${one.high_reached ? "" : "less than "}${per(one.high)}`;
  }

  function communityPage(made) {
    const { schools, ledger } = made, year = data.model.ledger.years[Number(by("year").value)], refused = schools.reduce((sum, one) => sum + one.refused, 0);
    const cells = (one) => [String(one.pupils), one.before.paid ? money(one.before.paid) : "–", ...(one.sums ? [one.sums.known ? money(one.sums.known) : "–", one.sums.protected ? protectedWords(one.sums) : "–", one.sums.unknown ? people(one.sums.unknown) : "–"] : ["–", "–", "–"])];
    const sum = (of) => schools.reduce((total, one) => total + of(one), 0), sumsOf = (one) => (one.sums ?? { known: 0, low: 0, high: 0, unknown: 0, protected: 0 });
    const all = { pupils: sum((one) => one.pupils), before: { paid: sum((one) => one.before.paid) },
      sums: Object.fromEntries(["known", "low", "high", "unknown", "protected"].map((name) => [name, sum((one) => sumsOf(one)[name])])) };
    const few = schools.some((one) => one.pupils > 0 && one.pupils < LEAST) || (made.claims > 0 && made.claims < LEAST);
    const lines = ledger && [["The budget", sayRange(ledger.budget)], ["Kept back", sayRange(ledger.contingency)], ["Old claims of which the policy keeps a part", sayRange(ledger.claims)],
      ["Of them goes on", sayRange(ledger.protected)], ["Allocated already", sayRange(ledger.allocated)], ["Left", sayRange(ledger.left)],
      ...(ledger.affordable_share === null ? [] : [["The share of old claims that the budget could bear", sayPart(ledger.affordable_share)]])];
    by("community-body").replaceChildren(...[
      refused ? el("p", { class: "mark" }, `${refused} ${refused === 1 ? "row is" : "rows are"} left out, because something in ${refused === 1 ? "it" : "them"} is wrong or does not fit ${sayDay(year.first)}.`) : null,
      few ? el("p", { class: "mark" }, `A figure here is of fewer than ${LEAST} pupils, and can tell of a child. Do not pass it on.`) : null,
      table(`Each school, a year, by the rules of ${sayDay(year.first)}`, ["School", "#Pupils", "#Paid before", "#Certain", "#Protected part", "#More not known for"],
        [...schools.map((one) => ({ cells: [one.name, ...cells(one)] })), { strong: true, cells: ["Together", ...cells(all)] }]),
      ledger ? table(`The Community's budget, ${sayDay(year.first)} to ${sayDay(year.last)}`, ["What", "#In the year"], lines.map(([name, figure]) => ({ strong: name === "Left", cells: [name, figure] }))) : null,
      ledger && !year.may.length ? el("p", {}, `On ${sayDay(year.first)} no part of an old claim goes on any more, so nothing of the budget is bound.`) : null,
      ledger && made.maybe ? el("p", {}, `${made.maybe} of the old claims ${made.maybe === 1 ? "counts" : "count"} at the upper end alone: a fact is missing by which it may be kept or not.`) : null,
      made.withoutRate ? el("p", {}, `${people(made.withoutRate)} with a claim whose amount is not in the file. It is not counted.`) : null,
      made.cautions.length ? el("div", { class: "caution" }, el("p", {}, el("strong", {}, "Bear in mind what of this fits a pupil:")), list([...new Set(made.cautions.map((one) => `${one.says} (${one.cited})`))])) : null,
      el("p", { class: "soft" }, `Every pupil is decided for ${sayDay(year.first)}, with the facts as they are in the file. Each figure is what the commands senpolicy model and senpolicy ledger give for the same rows and the same budget: the part of a claim is rounded down in the budget, and outwards to the penny in the sums of the schools. How the budget itself is worked out takes the figures of all Communities: see senpolicy budgets.`),
      el("p", { class: "soft digest" }, `This is a model, not a decision. Rules as they stood once ${data.policy.as_of} had been decided. Policy ${data.policy.digest}.`),
      el("p", { class: "screen" }, el("button", { type: "button", class: "plain", onclick: () => print("community") }, "Print this part alone")),
    ].filter(Boolean));
  }

  // Files, and print.

  function save(name, content, type) {
    const link = el("a", { download: name });
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  const csv = (rows) => `\ufeff${rows.map((row) => row.map((cell) => (/[",\r\n]/.test(cell) ? `"${String(cell).replaceAll('"', '""')}"` : cell)).join(",")).join("\r\n")}\r\n`;

  function pupilCells({ route, sums }) {
    // What is not known is left empty, and never 0.
    const amount = (pence) => (pence || !sums.unknown ? pence / 100 : "");
    return [route, amount(sums.known), amount(sums.low), amount(sums.high), sums.unknown ? "yes" : "no"];
  }

  function sheets() {
    // The tables that are saved: sums first, then pupils. A sum is a number of pounds.
    const { made } = state, trial = by("mark").hidden ? [] : [[by("mark").textContent]];
    const line = (name, one, pupils) => [name, pupils, one.known / 100, one.low / 100, one.high / 100, one.unknown];
    const heads = ["pupils", "certain, pounds", "protected at least, pounds", "protected at most, pounds", "more not known for"];
    const sums = [...trial, ["what", ...heads], ["before, a year", made.before.pupils, made.before.paid / 100, 0, 0, made.before.unknown],
      ...made.views.map((view, at) => line(`${saySpan(made.spans[at])}, a year`, view.total, view.pupils)),
      ...made.years.map((year) => line(sayYear(year), year.due, year.due.pupils)),
      ...made.days.map((days, at) => line(saySpan(days), made.due[at], made.due[at].pupils))];
    const pupils = [...trial, ["reference", "before, pounds a year", ...made.spans.flatMap((span) => [`${saySpan(span)}: route`, "certain, pounds a year", "protected at least, pounds a year", "protected at most, pounds a year", "more not known"])],
      ...made.pupils.map((one) => [one.ref, one.before === null ? "" : one.before / 100, ...one.spans.flatMap((cell) => (cell ? pupilCells(cell) : ["", "", "", "", ""]))])];
    return { sums, pupils, first: trial.length };
  }

  const asCsv = (rows) => csv(rows.map((row) => row.map((cell) => (typeof cell === "number" && !Number.isInteger(cell) ? cell.toFixed(2) : String(cell)))));

  function workbook(named) {
    // A workbook of tables: texts and numbers as they are; below numbers of pounds a sum as a formula, with its value.
    const escaped = (text) => text.replace(/[&<>"]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[letter]);
    const letters = (at) => (at < 26 ? "" : letters(Math.floor(at / 26) - 1)) + String.fromCharCode(65 + (at % 26));
    const sheet = ({ rows, heads, totals }) => {
      const line = (cells, number) => `<row r="${number}">${cells.map((cell, at) => {
        const place = `r="${letters(at)}${number}"`;
        if (typeof cell === "number") return `<c ${place} s="${Number.isInteger(cell) ? 0 : 1}"><v>${cell}</v></c>`;
        if (cell?.formula) return `<c ${place} s="1"><f>${cell.formula}</f><v>${cell.value}</v></c>`;
        return cell === "" ? "" : `<c ${place} t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`;
      }).join("")}</row>`;
      const first = rows.indexOf(heads) + 2, sums = totals ? [["together", ...heads.slice(1).map((head, at) => (head.includes("pounds") ? {
        formula: `SUM(${letters(at + 1)}${first}:${letters(at + 1)}${rows.length})`,
        value: rows.slice(first - 1).reduce((sum, row) => sum + Math.round((row[at + 1] || 0) * 100), 0) / 100 } : ""))]] : [];
      return `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cols><col min="1" max="1" width="46" customWidth="1"/><col min="2" max="${heads.length}" width="20" customWidth="1"/></cols><sheetData>${[...rows, ...sums].map((cells, at) => line(cells, at + 1)).join("")}</sheetData></worksheet>`;
    };
    const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', at = "http://schemas.openxmlformats.org", main = `${at}/spreadsheetml/2006/main`, of = `${at}/officeDocument/2006/relationships`;
    const names = Object.keys(named), sheets = names.map((_, place) => `worksheets/sheet${place + 1}.xml`);
    const parts = {
      "[Content_Types].xml": `<Types xmlns="${at}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>${sheets.map((one) => `<Override PartName="/xl/${one}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`).join("")}</Types>`,
      "_rels/.rels": `<Relationships xmlns="${at}/package/2006/relationships"><Relationship Id="r1" Type="${of}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
      "xl/workbook.xml": `<workbook xmlns="${main}" xmlns:r="${of}"><sheets>${names.map((name, place) => `<sheet name="${escaped(name)}" sheetId="${place + 1}" r:id="r${place + 1}"/>`).join("")}</sheets></workbook>`,
      "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${at}/package/2006/relationships">${sheets.map((one, place) => `<Relationship Id="r${place + 1}" Type="${of}/worksheet" Target="${one}"/>`).join("")}<Relationship Id="style" Type="${of}/styles" Target="styles.xml"/></Relationships>`,
      "xl/styles.xml": `<styleSheet xmlns="${main}"><fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf numFmtId="4" applyNumberFormat="1"/></cellXfs></styleSheet>`,
      ...Object.fromEntries(names.map((name, place) => [`xl/${sheets[place]}`, sheet(named[name])])),
    };
    return fflate.zipSync(Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, fflate.strToU8(head + text)])), { mtime: new Date(2000, 0, 1) });
  }

  async function saveCaseload() {
    const made = await working("Making the file", () => ask({ asks: "model", answers: answers(), tried: {}, terms: [], madeOn: today() }));
    if (!made) return;
    const names = data.policy.facts.map((one) => one.name).filter((name) => made.caseload.some((cells) => cells.some(([heading]) => heading === name)));
    save("cases.csv", csv([names, ...made.caseload.map((cells) => names.map((name) => cells.find(([heading]) => heading === name)?.[1] ?? ""))]), "text/csv");
  }

  async function saveKeys() {
    const text = await working("Making the file", () => ask({ asks: "keys" }));
    if (text) save("keys.json", state.keys = text, "application/json");
  }

  function print(alone) {
    for (const one of ["governors", "community"]) document.body.classList.toggle(one, alone === one);
    window.print();
  }

  // What is remembered, if wished.

  function recall() {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(KEPT));
    } catch {
      kept = null;
    }
    if (!kept) return;
    by("remember").checked = true;
    state.chosen = new Map(kept.chosen.filter(([, column]) => column === null || column in data.imports.columns || column.startsWith("fact:")));
    state.meant = kept.meant;
  }

  function remember() {
    try {
      if (!by("remember").checked) localStorage.removeItem(KEPT);
      else localStorage.setItem(KEPT, JSON.stringify({ chosen: [...state.chosen].filter(([, column]) => column !== null), meant: state.meant }));
    } catch {
      by("remember").checked = false;
    }
  }

  function erase() {
    try {
      localStorage.removeItem(KEPT);
    } catch {
      // There is nothing to erase where nothing can be kept.
    }
    Object.assign(state, { files: [], register: null, keys: null, read: null, chosen: new Map(), meant: {}, made: null });
    ask({ asks: "forget" });
    lay(null);
    for (const id of ["file", "register", "plan", "today", "keys", "as-at", "terms", "lists", "pot", "pot-most", "back", "allocated", "goes-on"]) by(id).value = "";
    by("remember").checked = false;
    by("chosen").textContent = "Everything is erased.";
    hideFrom("check");
    for (const id of ["check-body", "means-body", "governors-body", "community-body", "wrong"]) by(id).replaceChildren();
    by("file").focus();
  }

  // Beginning.

  lay(null);
  by("plan-field").hidden = by("today-field").hidden = !base.model.tariff;
  by("on").value = today();
  by("file").addEventListener("change", (event) => choose([...event.target.files]));
  by("register").addEventListener("change", (event) => working("Reading the register", async () => {
    state.register = event.target.files.length ? (await opened([...event.target.files]))[0] : null;
    return state.files.length ? readAgain() : true;
  }));
  by("keys").addEventListener("change", (event) => working("Reading the key file", async () => {
    const [file] = event.target.files;
    state.keys = file ? await file.text() : null;
    return state.files.length ? readAgain() : true;
  }));
  by("plan").addEventListener("change", (event) => working("Reading the plan", async () => {
    const [file] = event.target.files;
    lay(null);
    if (file) lay(senpolicyFiles.decoded(new Uint8Array(await file.arrayBuffer())));
    return state.files.length ? readAgain() : true;
  }));
  for (const id of ["on", "as-at"]) by(id).addEventListener("change", () => { if (state.files.length) working("Reading the list again", readAgain); });
  by("remember").addEventListener("change", remember);
  by("check").addEventListener("change", () => { if (by("remember").checked) remember(); });
  by("erase").addEventListener("click", erase);
  const drop = by("drop");
  for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); choose([...event.dataTransfer.files]); });
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
  by("print-report").addEventListener("click", () => print(""));
  by("print-governors").addEventListener("click", () => print("governors"));
  by("save-sums").addEventListener("click", () => save("sums.csv", asCsv(sheets().sums), "text/csv"));
  by("save-book").addEventListener("click", () => {
    const { sums, pupils, first } = sheets();
    save("school.xlsx", workbook({ Sums: { rows: sums, heads: sums[first] }, Pupils: { rows: pupils, heads: pupils[first], totals: true } }),
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
  });
  by("save-pupils").addEventListener("click", () => save("pupils.csv", asCsv(sheets().pupils), "text/csv"));
  const starts = data.model.spans.map((one) => one.start).filter((one) => one && one <= today()).slice(-2);
  by("earlier").textContent = `Facts are taken as they are on this day. To see what ended too, choose an earlier one, such as ${starts.map(sayDay).join(" or ")}.`;
  if (base.model.ledger) {
    const { years } = base.model.ledger, now = years.findIndex((one) => one.first <= today() && today() <= one.last);
    by("year").replaceChildren(...years.map((one, at) => el("option", { value: at, selected: at === now }, `${sayDay(one.first)} to ${sayDay(one.last)} (year ${one.year})`)));
    by("together").addEventListener("click", together);
  }
  begin().then(() => {
    by("choose").hidden = false;
    by("starting").hidden = true;
    by("community").hidden = by("to-community").hidden = !base.model.ledger;
  });
})();
