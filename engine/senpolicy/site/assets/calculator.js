// The page's side of the calculator: a form for one pupil, a file for a list, and the answers in words. What is typed
// or read stays in the page: nothing here sends anything anywhere, and nothing is kept when the page is closed.
"use strict";

(() => {
  const policy = window.senpolicy;
  const { readCase, decide, warningsOf, readDay, UNDETERMINED } = senpolicyEvaluator;
  const place = document.getElementById("calculator");
  if (!place || !policy) return;

  const MOST_ROWS = 20_000;
  const facts = new Map(policy.facts.map((fact) => [fact.name, fact]));
  const shownFacts = policy.facts.filter(
    (fact) => fact.type !== "reference" && (policy.rated || !fact.area));
  const questions = Object.entries(policy.questions).filter(([, one]) => !one.step).map(([name]) => name);

  // Words.

  const words = (name) => name.split("_").map((one) => (policy.abbreviations.includes(one.toUpperCase()) ? one.toUpperCase() : one)).join(" ");
  const title = (name) => name[0].toUpperCase() + name.slice(1).replaceAll("_", " ");
  const lower = (label) => (/^.[a-z]/.test(label) ? label[0].toLowerCase() + label.slice(1) : label);
  const money = (pence) => {
    const [whole, part] = [Math.trunc(pence / 100), pence % 100];
    return `£${whole.toLocaleString("en-GB")}${part ? `.${String(part).padStart(2, "0")}` : ""}`;
  };
  const penceOf = (text) => Number(text.replace(".", ""));
  const day = (text) => new Date(`${text}T00:00:00Z`).toLocaleDateString("en-GB",
    { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

  function sayValue(value, fact) {
    if (value === null || value === undefined) return "not known";
    if (typeof value === "boolean") return value ? "yes" : "no";
    if (fact.type === "date") return day(value);
    if (fact.type === "money") return money(value);
    if (fact.type === "integer" && fact.labels.length) return fact.labels[value - fact.lowest];
    if (fact.type === "choice") return fact.labels[fact.values.indexOf(value)];
    return String(value);
  }

  function sayTest({ test, value, held, negated }) {
    const fact = facts.get(test.fact);
    const said = `${lower(fact.label)}: ${sayValue(value, fact)}`;
    if (!test.words) return said;
    const asked = test.words[negated ? 1 : 0];
    if (held === null) return `${said} (asked: ${asked})`;
    const distance = fact.type === "date" ? Math.abs(Date.parse(value) - Date.parse(test.limit)) / 86_400_000 : Math.abs(value - test.limit);
    const by = fact.type === "money" ? money(distance) : fact.type === "date" ? `${distance} day${distance === 1 ? "" : "s"}` : distance;
    const margin = distance && !Array.isArray(test.limit) ? by : "";
    return held === negated ? `${said} (asked: ${asked}${margin && `; off by ${margin}`})` : `${said} (${asked}${margin && `, by ${margin}`})`;
  }

  function sayFigures(answer) {
    const written = answer.because[0].outcome.gives;
    const left = { ...answer.gives };
    const say = (name, value) => (written[name]?.says ?? money(penceOf(value)));
    const about = left.approximate ? "about " : "";
    delete left.approximate;
    const said = [];
    for (const low of Object.keys(left).filter((name) => name.endsWith("low"))) {
      const high = low.replace(/low$/, "high");
      if (!(high in left)) continue;
      const what = low.replace(/_?low$/, "");
      said.push(`${what && `${what}: `}${about}${say(low, left[low])} to ${say(high, left[high])}`);
      delete left[low];
      delete left[high];
    }
    const isDay = (value) => /^\d{4}-\d{2}-\d{2}$/.test(value);
    const rest = Object.entries(left).filter(([name, value]) => name !== "pounds_a_year" && typeof value !== "object");
    const sayOne = ([name, value]) => `${name.replaceAll("_", " ")} ${say(name, value)}`;
    if ("pounds_a_year" in left) said.push(`${say("pounds_a_year", left.pounds_a_year)} a year`);  // Called as its unit.
    said.push(...rest.filter(([, value]) => isDay(value)).map(sayOne));
    for (const { amount, days, assumes } of Object.values(left).filter((value) => typeof value === "object")) {
      said.push(`${money(penceOf(amount))} for the ${days} day${days === 1 ? "" : "s"} left (${days > policy.days_in_year ? "more than a year, so the amount of a year; " : ""}by ${assumes})`);
    }
    return [...said, ...rest.filter(([, value]) => !isDay(value)).map(sayOne)].join(", ");
  }

  function sayAnswers(answers) {
    // Each question that was asked with its answer in words. What an earlier one lacks is not said twice.
    const reasons = new Map(), said = new Map();
    for (const name of questions.filter((one) => answers[one])) {
      const { answer, missing_facts, open_points } = answers[name], figures = sayFigures(answers[name]);
      const reason = JSON.stringify([missing_facts, open_points]);
      if (answer !== UNDETERMINED) said.set(name, [words(answer), figures].filter(Boolean).join(", "));
      else if (reasons.has(reason)) said.set(name, `not known either, for the reason given at “${reasons.get(reason)}”${figures && `; ${figures}`}`);
      else {
        reasons.set(reason, lower(title(name)));
        const wanted = missing_facts.map((one) => `it depends on what is not given here (${lower(facts.get(one).label)})`);
        const open = open_points.map((one) => `the papers leave it open (${policy.points[one].title})`);
        said.set(name, `not determined: ${[...wanted, ...open].join("; ")}${figures && `; ${figures}`}`);
      }
    }
    return said;
  }

  const sayCaution = (caution) => `${caution.says} (${caution.where})`;

  // Pieces of a page. Text goes in as text only.

  function make(tag, attributes = {}, ...parts) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...parts.filter((part) => part !== null && part !== ""));
    return element;
  }

  // As the other tables of the site: on a narrow screen its rows are stacked, and stay a table for a screen reader.
  function table(caption, heads, rows) {
    const cell = (parts, index) => (index ? make("td", { role: "cell", "data-label": heads[index] }, make("div", {}, ...[parts].flat()))
      : make("th", { scope: "row", role: "rowheader" }, parts));
    return make("div", { class: "table calculator-scroll", tabindex: "0", role: "region", "aria-label": caption },
      make("table", { class: `data${heads.length > 4 ? " wide" : ""}`, role: "table" }, make("caption", {}, caption),
        make("thead", { role: "rowgroup" },
          make("tr", { role: "row" }, ...heads.map((head) => make("th", { scope: "col", role: "columnheader" }, head)))),
        make("tbody", { role: "rowgroup" }, ...rows.map((row) => make("tr", { role: "row" }, ...row.map(cell))))));
  }

  // One pupil.

  const idOf = (fact) => `fact-${fact.name}`;
  // Where each value has its words to choose from, a note on how it is written as a number would only confuse.
  const noteOf = (fact) => (fact.type === "integer" && fact.labels.length ? "" : fact.note);

  function control(fact) {
    const id = idOf(fact), shared = { id, name: fact.name };
    if (noteOf(fact)) shared["aria-describedby"] = `${id}-note`;
    const options = (pairs) => make("select", shared, make("option", { value: "" }, "Not known"),
      ...pairs.map(([value, label]) => make("option", { value }, label)));
    if (fact.type === "boolean") return options([["true", "Yes"], ["false", "No"]]);
    if (fact.type === "choice") return options(fact.values.map((value, index) => [value, fact.labels[index]]));
    if (fact.type === "integer" && fact.labels.length)
      return options(fact.labels.map((label, index) => [fact.lowest + index, label]));
    if (fact.type === "date") return make("input", { ...shared, type: "date" });
    return make("input", { ...shared, type: "text", autocomplete: "off", inputmode: fact.type === "money" ? "decimal" : "numeric" });
  }

  function field(fact) {
    const unit = fact.unit === "pounds_a_year" ? " (pounds a year)" : "";
    return make("div", { class: "calculator-field" },
      make("label", { for: idOf(fact) }, fact.label + unit),
      noteOf(fact) ? make("p", { id: `${idOf(fact)}-note`, class: "calculator-note" }, noteOf(fact)) : "",
      control(fact),
      make("p", { id: `${idOf(fact)}-error`, class: "calculator-error", hidden: "" }));
  }

  const caution = (tag, one) =>
    make(tag, { class: "calculator-caution" }, make("strong", {}, "Caution."), ` ${sayCaution(one)}`);

  const cautions = (tag, answer) => answer.cautions.map((one) => caution(tag, one));

  function why(answer) {
    const list = make("ul", {});
    if (answer.answer !== UNDETERMINED)
      for (const { outcome, tests } of answer.because) {
        list.append(make("li", {}, `${outcome.says} (${outcome.where})`));
        for (const result of tests.filter((one) => facts.has(one.test.fact))) list.append(make("li", {}, sayTest(result)));
        if (outcome.reading)
          list.append(make("li", {}, `By an adopted reading: ${policy.readings[outcome.reading].says} ${policy.readings[outcome.reading].because}`));
      }
    for (const name of answer.open_points) {
      const point = policy.points[name];
      list.append(make("li", {}, `${point.says} (${point.where.join(", ")})`));
    }
    return list;
  }

  function later(read, answers) {
    // What the same facts come to from each later day on which the policy changes.
    const list = make("ul", {});
    const bare = (said) => said?.split(" for the ")[0];  // The days that are left change every day.
    const comesTo = (found) => {
      const said = sayAnswers(found);
      return new Map([...said].map(([name, one]) => [name, { one, key: [bare(one), ...found[name].cautions.map(sayCaution)].join() }]));
    };
    let before = comesTo(answers);
    for (const { start } of policy.periods.filter((period) => period.start > read.facts.decision_date)) {
      const found = decide(policy, { ...read.facts, decision_date: start }), after = comesTo(found);
      const changes = [...after].filter(([name, { key }]) => key !== before.get(name)?.key);
      if (changes.length)
        list.append(make("li", {}, `From ${day(start)}:`, make("ul", {}, ...changes.map(([name, { one }]) =>
          make("li", {}, `${title(name)}: ${one}`, ...cautions("div", found[name]))))));
      before = after;
    }
    return list.children.length ? list : make("p", {}, "No later change is known for these facts.");
  }

  // What each of a few choices of one fact that is missing would make of an answer; the first fact that makes a difference.
  function branches(read, answers, name) {
    for (const missing of new Set(questions.flatMap((one) => answers[one]?.missing_facts ?? []))) {
      const fact = facts.get(missing);
      const values = fact?.type === "boolean" ? [true, false] : fact?.type === "choice" && fact.values.length < 4 ? fact.values : [];
      const found = values.map((value) => [value, decide(policy, { ...read.facts, [missing]: value })]);
      const said = found.map(([, one]) => sayAnswers(one).get(name));
      if (new Set(said).size > 1)
        return found.map(([value, one], index) => make("dd", { class: "calculator-branch" },
          `If "${sayValue(value, fact)}" (${lower(fact.label)}): ${said[index]}`, ...cautions("div", one[name])));
    }
    return [];
  }

  // A link holds what was typed behind its #, which no browser sends.
  const linkOf = (cells) => `#${new URLSearchParams(cells.filter(([, text]) => text))}`;

  function result(read, cells) {
    const answers = decide(policy, read.facts), first = policy.pays?.question;
    const inOrder = [...sayAnswers(answers)].sort(([one], [other]) => (other === first) - (one === first));
    const parts = [
      make("h3", {}, `What the policy says for ${day(read.facts.decision_date)}`),
      policy.scenario ? make("p", { class: "calculator-mark" }, policy.scenario) : "",
      make("dl", {}, ...inOrder.flatMap(([name, said]) =>
        [make("dt", {}, `${title(name)}: ${policy.questions[name].asks}`), make("dd", {}, said), ...cautions("dd", answers[name]), ...(name === first ? branches(read, answers, name) : [])])),
      make("p", {}, make("a", { href: linkOf(cells) }, "A link to these facts"), ". It holds what you gave, and is sent nowhere when it is opened."),
    ];
    for (const warning of [...read.warnings, ...warningsOf(policy, read.facts, answers)]) parts.push(make("p", {}, `Worth a second look: ${warning.says} ${warning.help}`));
    const missing = [...new Set(questions.flatMap((name) => answers[name]?.missing_facts ?? []))];
    if (missing.length)
      parts.push(make("h4", {}, "What would settle more"), make("ul", {}, ...missing.map((name) =>
        make("li", {}, make("a", { href: `#${idOf(facts.get(name))}` }, facts.get(name).label)))));
    parts.push(make("h4", {}, "Why"));
    for (const name of questions.filter((one) => answers[one]))
      parts.push(make("details", {}, make("summary", {}, `${title(name)}: ${policy.questions[name].asks}`), why(answers[name])));
    parts.push(make("h4", {}, "What changes later, if these facts stay as they are"), later(read, answers));
    return parts;
  }

  // An amount as people type it. A file keeps to plain figures.
  const plain = (fact, text) =>
    (fact.type === "money" && /^£?\s?(\d{1,3}(,\d{3})+|\d+)(\.\d{1,2})?$/.test(text) ? text.replace(/[£,\s]/g, "") : text);

  function single() {
    const output = make("div", { class: "calculator-result", tabindex: "-1", "aria-live": "polite" });
    const form = make("form", { novalidate: "" }, ...shownFacts.map(field), make("button", { type: "submit" }, "Decide"), " ",
      make("button", { type: "reset" }, "Clear"));
    form.elements.decision_date.defaultValue = new Date().toLocaleDateString("sv");
    const mark = (problems) => {
      for (const fact of shownFacts) {
        const wrong = problems.find((one) => one.field === fact.name), control = form.elements[fact.name];
        const note = document.getElementById(`${idOf(fact)}-error`);
        note.hidden = !wrong;
        note.textContent = wrong ? `${wrong.says} ${wrong.help}` : "";
        const put = (name, value) => (value ? control.setAttribute(name, value) : control.removeAttribute(name));
        put("aria-invalid", wrong ? "true" : "");
        put("aria-describedby", [noteOf(fact) ? `${idOf(fact)}-note` : "", wrong ? note.id : ""].filter(Boolean).join(" "));
      }
    };
    form.addEventListener("reset", () => {
      mark([]);
      output.replaceChildren();
    });
    const decideNow = () => {
      const cells = shownFacts.map((fact) => [fact.name, plain(fact, form.elements[fact.name].value.trim())]);
      const read = readCase(policy, [["case_ref", "A-1"], ...cells]);
      mark(read.problems ?? []);
      output.replaceChildren(...(read.problems
        ? [make("h3", {}, "Not decided"), make("ul", {}, ...read.problems.map((one) =>
            make("li", {}, make("a", { href: `#${idOf(facts.get(one.field) ?? shownFacts[0])}` },
              `${facts.get(one.field)?.label ?? "A fact"}: ${one.says} ${one.help}`))))]
        : result(read, cells)));
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      decideNow();
      output.focus();
    });
    // Once there is an answer it follows what is typed.
    form.addEventListener("change", () => output.hasChildNodes() && decideNow());
    const open = () => {
      const given = new URLSearchParams(location.hash.slice(1));
      if (!shownFacts.some((fact) => given.has(fact.name))) return;
      for (const fact of shownFacts) form.elements[fact.name].value = given.get(fact.name) ?? "";
      decideNow();
    };
    window.addEventListener("hashchange", open);
    queueMicrotask(open);
    return make("section", {}, make("h2", { id: "one-pupil" }, "One pupil"),
      make("p", {}, "Give what you know. Leave the rest as it is: nothing is guessed."), form, output);
  }

  // A list.

  function moneyRows(decided, pays) {
    let certain = 0, paid = 0, low = 0, high = 0, part = 0;
    for (const { answers } of decided) {
      const gives = answers[pays.question]?.gives ?? {};
      if (gives[pays.known]) [certain, paid] = [certain + penceOf(gives[pays.known]), paid + 1];
      if (gives[pays.least] && gives[pays.most])
        [low, high, part] = [low + penceOf(gives[pays.least]), high + penceOf(gives[pays.most]), part + 1];
    }
    const others = decided.length - paid - part;
    return [
      ["Known in full", String(paid), `${money(certain)} a year`],
      ["Known in part: the protected part", String(part), part ? `about ${money(low)} to ${money(high)} a year` : "none"],
      ["No amount is held, or none applies", String(others), "not known from the papers"],
    ];
  }

  function csvOf(decided) {
    const quote = (text) => `"${String(text).replaceAll('"', '""')}"`;
    const heads = ["case_ref", "decision_date", ...questions.flatMap((name) =>
      [name, `${name}_words`, `${name}_cautions`, `${name}_cautions_words`])];
    const lines = decided.map(({ ref, facts: given, answers }) => {
      const said = sayAnswers(answers);
      return [ref, given.decision_date, ...questions.flatMap((name) => {
        const beside = answers[name]?.cautions ?? [];
        return [answers[name]?.answer ?? "", said.get(name) ?? "", beside.map((one) => one.id).join(" "), beside.map(sayCaution).join(" ")];
      })];
    });
    return [heads, ...lines].map((line) => line.map(quote).join(",")).join("\r\n") + "\r\n";
  }

  function numbered(decided) {
    // Each caution that goes with an answer of the list, by its words: its number, and with how many answers it goes.
    const found = new Map();
    for (const { answers } of decided)
      for (const name of questions)
        for (const one of answers[name]?.cautions ?? []) {
          const said = `${title(name)}: ${sayCaution(one)}`;
          const known = found.get(said) ?? { number: found.size + 1, pupils: 0 };
          found.set(said, { ...known, pupils: known.pupils + 1 });
        }
    return found;
  }

  function listed(read) {
    const refused = read.filter((one) => one.problems), decided = read.filter((one) => !one.problems);
    for (const one of decided) one.answers = decide(policy, one.facts);
    const parts = [make("h3", {}, `${decided.length} of ${read.length} pupils decided`),
      policy.scenario ? make("p", { class: "calculator-mark" }, policy.scenario) : ""];
    const last = questions.includes(policy.route) ? policy.route : questions.at(-1);
    const counted = new Map();
    for (const { answers } of decided) {
      const said = answers[last].answer === UNDETERMINED ? "not determined" : words(answers[last].answer);
      counted.set(said, (counted.get(said) ?? 0) + 1);
    }
    const beside = numbered(decided);
    if (beside.size)
      parts.push(make("h4", {}, "Cautions"), make("p", {}, "The table of each pupil gives the number of each beside the answer that it goes with."),
        make("ol", {}, ...[...beside].map(([said, { pupils }]) => make("li", { class: "calculator-caution" }, `${said} For ${pupils} ${pupils === 1 ? "pupil" : "pupils"}.`))));
    if (decided.length) {
      parts.push(table(`Pupils by ${last}`, [title(last), "Pupils"], [...counted].sort().map(([said, number]) => [said, String(number)])));
      if (questions.includes(policy.pays?.question)) parts.push(table("Money", ["What", "Pupils", "Amount"], moneyRows(decided, policy.pays)));
      const download = make("button", { type: "button" }, "Save the answers as a file");
      download.addEventListener("click", () => {
        const link = make("a", { download: "decided.csv", href: URL.createObjectURL(new Blob(["\uFEFF", csvOf(decided)], { type: "text/csv" })) });
        link.click();
        URL.revokeObjectURL(link.href);
      });
      parts.push(make("p", {}, download));
      parts.push(table("Each pupil", ["Reference", ...questions.map(title)],
        decided.map(({ ref, answers }) => {
          const said = sayAnswers(answers);
          const told = (name) => answers[name]?.cautions.map((one) => beside.get(`${title(name)}: ${sayCaution(one)}`).number) ?? [];
          return [ref, ...questions.map((name) => [said.get(name) ?? "", told(name).length
            ? make("div", { class: "calculator-caution" }, `Caution${told(name).length > 1 ? "s" : ""} ${told(name).join(", ")}`) : ""])];
        })));
    }
    if (refused.length)
      parts.push(make("p", {}, "Row 1 is the first below the headings. A blank row counts too."),
        table("Rows that are not decided", ["Row", "What is wrong, and what to do"], refused.map(({ number, problems }) =>
        [String(number), problems.map((one) => `${one.field ? `${one.field}: ` : ""}${one.says} ${one.help}`).join(" ")])));
    return parts;
  }

  function list() {
    const output = make("div", { class: "calculator-result", tabindex: "-1", "aria-live": "polite" });
    const file = make("input", { type: "file", id: "list-file", accept: ".csv,text/csv" });
    const fallback = make("input", { type: "date", id: "list-day" });
    fallback.value = new Date().toLocaleDateString("sv");
    const button = make("button", { type: "button" }, "Decide the list");
    button.addEventListener("click", async () => {
      try {
        if (!file.files.length) throw new Error("Choose a file first.");
        if (file.files[0].size > 20_000_000) throw new Error("This file is larger than 20 MB.");
        const text = senpolicyList.decoded(await file.files[0].arrayBuffer());
        const read = senpolicyList.read(policy, text, fallback.value && readDay(fallback.value));
        if (read.length > MOST_ROWS)
          throw new Error(`This page takes ${MOST_ROWS.toLocaleString("en-GB")} rows at most. Use senpolicy model for more.`);
        output.replaceChildren(...listed(read));
      } catch (error) {
        output.replaceChildren(make("h3", {}, "Not decided"), make("p", {}, error.message));
      }
      output.focus();
    });
    const names = policy.facts.filter((fact) => fact.type === "reference" || shownFacts.includes(fact)).map((fact) => fact.name);
    return make("section", {}, make("h2", { id: "a-list" }, "Your school's list"),
      make("p", {}, "Choose a CSV file with one row for each pupil, and a first row with the names of the columns. Leave a cell empty when you do not know. Use references such as K-0007, never a name."),
      make("details", {}, make("summary", {}, "The columns that the list can have"),
        make("ul", {}, ...names.map((name) => make("li", {}, make("code", {}, name), `: ${facts.get(name).label}${facts.get(name).values?.length ? ` (${facts.get(name).values.join(", ")})` : ""}`)))),
      make("div", { class: "calculator-field" }, make("label", { for: "list-file" }, "The file"), file),
      make("div", { class: "calculator-field" }, make("label", { for: "list-day" }, "The day for rows that give none"), fallback),
      button, output);
  }

  place.replaceChildren(single(), list(),
    make("p", { class: "calculator-note" }, `Decided by the rules as of decision ${policy.as_of}. The digest of what decides begins ${policy.digest.slice(0, 19)}; that of all files is another.`));
})();
