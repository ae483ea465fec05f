// The page's side of the calculator: a form for one pupil, a file for a list, and the answers in words. What is typed
// or read stays in the page: nothing here sends anything anywhere, and nothing is kept when the page is closed.
"use strict";

(() => {
  const policy = window.senpolicy;
  const { readCase, decide, readDay, UNDETERMINED } = senpolicyEvaluator;
  const place = document.getElementById("calculator");
  if (!place || !policy) return;

  const MOST_ROWS = 20_000;
  const facts = new Map(policy.facts.map((fact) => [fact.name, fact]));
  const shownFacts = policy.facts.filter(
    (fact) => fact.type !== "reference" && (policy.levels || !fact.area));
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
    if ("pounds_a_year" in left) said.push(`${say("pounds_a_year", left.pounds_a_year)} a year`);
    if ("until" in left) said.push(`until ${say("until", left.until)}`);
    if (left.part_year) {
      const { amount, days, assumes } = left.part_year;
      said.push(`${money(penceOf(amount))} for the ${days} day${days === 1 ? "" : "s"} left (${days > policy.days_in_year ? "more than a year, so the amount of a year; " : ""}by ${assumes})`);
    }
    for (const name of ["pounds_a_year", "until", "part_year"]) delete left[name];
    for (const [name, value] of Object.entries(left)) said.push(`${name.replaceAll("_", " ")} ${say(name, value)}`);
    return said.join(", ");
  }

  function sayAnswers(answers) {
    // Each question that was asked with its answer in words. What an earlier one lacks is not said twice.
    const reasons = new Map(), said = new Map();
    for (const name of questions.filter((one) => answers[one])) {
      const { answer, missing_facts, open_points } = answers[name], figures = sayFigures(answers[name]);
      const reason = JSON.stringify([missing_facts, open_points]);
      if (answer !== UNDETERMINED) said.set(name, [words(answer), figures].filter(Boolean).join(", "));
      else if (reasons.has(reason)) said.set(name, `not determined, as for ${reasons.get(reason)}${figures && `; ${figures}`}`);
      else {
        reasons.set(reason, lower(title(name)));
        const wanted = missing_facts.map((one) => `it depends on what is not given here (${lower(facts.get(one).label)})`);
        const open = open_points.map((one) => `the papers leave it open (${policy.points[one].title})`);
        said.set(name, `not determined: ${[...wanted, ...open].join("; ")}${figures && `; ${figures}`}`);
      }
    }
    return said;
  }

  // Pieces of a page. Text goes in as text only.

  function make(tag, attributes = {}, ...parts) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...parts.filter((part) => part !== null && part !== ""));
    return element;
  }

  // As the other tables of the site: on a narrow screen its rows are stacked, and stay a table for a screen reader.
  function table(caption, heads, rows) {
    const cell = (text, index) => (index ? make("td", { role: "cell", "data-label": heads[index] }, text)
      : make("th", { scope: "row", role: "rowheader" }, text));
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
    for (const caution of answer.cautions) list.append(make("li", {}, `Caution: ${caution.says} (${caution.where})`));
    return list;
  }

  function later(read, answers) {
    // What the same facts come to from each later day on which the policy changes.
    const list = make("ul", {});
    const bare = (said) => said?.split(" for the ")[0];  // The days that are left change every day.
    let before = sayAnswers(answers);
    for (const { start } of policy.periods.filter((period) => period.start > read.facts.decision_date)) {
      const after = sayAnswers(decide(policy, { ...read.facts, decision_date: start }));
      const changes = [...after].filter(([name, said]) => bare(said) !== bare(before.get(name)));
      if (changes.length)
        list.append(make("li", {}, `From ${day(start)}:`,
          make("ul", {}, ...changes.map(([name, said]) => make("li", {}, `${title(name)}: ${said}`)))));
      before = after;
    }
    return list.children.length ? list : make("p", {}, "Nothing that is decided today changes later for these facts.");
  }

  function result(read) {
    const answers = decide(policy, read.facts);
    const parts = [
      make("h3", {}, `What the policy says for ${day(read.facts.decision_date)}`),
      policy.scenario ? make("p", { class: "calculator-mark" }, policy.scenario) : "",
      make("dl", {}, ...[...sayAnswers(answers)].flatMap(([name, said]) => [make("dt", {}, title(name)), make("dd", {}, said)])),
    ];
    for (const warning of read.warnings) parts.push(make("p", {}, `Worth a second look: ${warning.says} ${warning.help}`));
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

  function single() {
    const output = make("div", { class: "calculator-result", tabindex: "-1", "aria-live": "polite" });
    const form = make("form", { novalidate: "" }, ...shownFacts.map(field), make("button", { type: "submit" }, "Decide"), " ",
      make("button", { type: "reset" }, "Clear"));
    form.elements.decision_date.value = new Date().toLocaleDateString("sv");
    form.addEventListener("reset", () => output.replaceChildren());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const cells = shownFacts.map((fact) => [fact.name, form.elements[fact.name].value.trim()]);
      const read = readCase(policy, [["case_ref", "A-1"], ...cells]);
      for (const fact of shownFacts) {
        const wrong = read.problems?.find((one) => one.field === fact.name);
        const note = document.getElementById(`${idOf(fact)}-error`);
        note.hidden = !wrong;
        note.textContent = wrong ? `${wrong.says} ${wrong.help}` : "";
        form.elements[fact.name].toggleAttribute("aria-invalid", Boolean(wrong));
        const describes = [noteOf(fact) ? `${idOf(fact)}-note` : "", wrong ? note.id : ""].filter(Boolean).join(" ");
        if (describes) form.elements[fact.name].setAttribute("aria-describedby", describes);
        else form.elements[fact.name].removeAttribute("aria-describedby");
      }
      output.replaceChildren(...(read.problems
        ? [make("h3", {}, "Not decided"), make("ul", {}, ...read.problems.map((one) =>
            make("li", {}, make("a", { href: `#${idOf(facts.get(one.field) ?? shownFacts[0])}` },
              `${facts.get(one.field)?.label ?? "A fact"}: ${one.says} ${one.help}`))))]
        : result(read)));
      output.focus();
    });
    return make("section", {}, make("h2", { id: "one-pupil" }, "One pupil"),
      make("p", {}, "Give what you know. Leave the rest as it is: nothing is guessed."), form, output);
  }

  // A list.

  function rowsOf(text) {
    // Comma-separated values with quotes, as spreadsheets write them. Throws where a quotation mark is not closed.
    const rows = [[""]];
    let quoted = false;
    for (let at = 0; at < text.length; at++) {
      const letter = text[at], row = rows.at(-1);
      if (quoted) {
        if (letter !== '"') row[row.length - 1] += letter;
        else if (text[at + 1] === '"') row[row.length - 1] += text[++at];
        else quoted = false;
      } else if (letter === '"' && row.at(-1) === "") quoted = true;
      else if (letter === ",") row.push("");
      else if (letter === "\n") rows.push([""]);
      else if (letter !== "\r") row[row.length - 1] += letter;
    }
    if (quoted) throw new Error("A quotation mark is opened and not closed in this file.");
    return rows.filter((row) => row.some((cell) => cell.trim() !== ""));
  }

  function readList(text, fallback) {
    const [heads, ...rows] = rowsOf(text.replace(/^\uFEFF/, ""));
    const names = (heads ?? []).map((head) => head.trim());
    const grouped = names.filter((name) => policy.groups.includes(name));
    const unknown = names.map((name, index) => [name, index + 1]).filter(([name]) => !facts.has(name) && !grouped.includes(name));
    if (!names.includes("case_ref")) throw new Error("The first row needs a column called case_ref, and one column for each fact.");
    if (unknown.length)
      throw new Error(`Column ${unknown.map(([, number]) => number).join(", ")} is not a fact that the policy knows. Take it out, or correct its name.`);
    if (new Set(names).size < names.length) throw new Error("Two columns have the same name. Keep one.");
    if (!rows.length) throw new Error("This file holds no pupil below its first row.");
    if (rows.length > MOST_ROWS) throw new Error(`This page takes ${MOST_ROWS.toLocaleString("en-GB")} rows at most. Use senpolicy model for more.`);
    const read = rows.map((row, index) => {
      if (row.length > names.length) return { number: index + 2, ref: null, problems: [{ says: "The row has more cells than there are columns.", help: "Take the commas out, or put quotation marks round the cell.", field: "" }] };
      const cells = names.map((name, column) => [name, (row[column] ?? "").trim()]).filter(([name]) => !grouped.includes(name));
      const dated = cells.some(([name, value]) => name === "decision_date" && value !== "");
      const filled = dated ? cells : [...cells.filter(([name]) => name !== "decision_date"), ["decision_date", fallback]];
      return { number: index + 2, ...readCase(policy, filled) };
    });
    const counts = Map.groupBy ? Map.groupBy(read, (one) => one.ref) : read.reduce((all, one) => all.set(one.ref, [...(all.get(one.ref) ?? []), one]), new Map());
    return read.map((one) => (one.ref !== null && counts.get(one.ref).length > 1
      ? { ...one, problems: [{ says: "Another row has this reference too, so none of them is decided.", help: "Give each pupil a reference of its own.", field: "case_ref" }] }
      : one));
  }

  function moneyRows(decided) {
    let certain = 0, paid = 0, low = 0, high = 0, part = 0;
    for (const { answers } of decided) {
      const gives = answers.amount?.gives ?? {};
      if (gives.pounds_a_year) [certain, paid] = [certain + penceOf(gives.pounds_a_year), paid + 1];
      if (gives.protected_low && gives.protected_high)
        [low, high, part] = [low + penceOf(gives.protected_low), high + penceOf(gives.protected_high), part + 1];
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
    const heads = ["case_ref", "decision_date", ...questions.flatMap((name) => [name, `${name}_words`])];
    const lines = decided.map(({ ref, facts: given, answers }) => {
      const said = sayAnswers(answers);
      return [ref, given.decision_date, ...questions.flatMap((name) => [answers[name]?.answer ?? "", said.get(name) ?? ""])];
    });
    return [heads, ...lines].map((line) => line.map(quote).join(",")).join("\r\n") + "\r\n";
  }

  function listed(read) {
    const refused = read.filter((one) => one.problems), decided = read.filter((one) => !one.problems);
    for (const one of decided) one.answers = decide(policy, one.facts);
    const parts = [make("h3", {}, `${decided.length} of ${read.length} pupils decided`),
      policy.scenario ? make("p", { class: "calculator-mark" }, policy.scenario) : ""];
    const last = questions.includes("route") ? "route" : questions.at(-1);
    const counted = new Map();
    for (const { answers } of decided) {
      const said = answers[last].answer === UNDETERMINED ? "not determined" : words(answers[last].answer);
      counted.set(said, (counted.get(said) ?? 0) + 1);
    }
    if (decided.length) {
      parts.push(table(`Pupils by ${last}`, [title(last), "Pupils"], [...counted].sort().map(([said, number]) => [said, String(number)])));
      if (questions.includes("amount")) parts.push(table("Money", ["What", "Pupils", "Amount"], moneyRows(decided)));
      const download = make("button", { type: "button" }, "Save the answers as a file");
      download.addEventListener("click", () => {
        const link = make("a", { download: "decided.csv", href: URL.createObjectURL(new Blob(["\uFEFF", csvOf(decided)], { type: "text/csv" })) });
        link.click();
        URL.revokeObjectURL(link.href);
      });
      parts.push(make("p", {}, download));
      const columns = questions.filter((name) => name !== "scope");
      parts.push(table("Each pupil", ["Reference", ...columns.map(title)],
        decided.map(({ ref, answers }) => {
          const said = sayAnswers(answers);
          return [ref, ...columns.map((name) => said.get(name) ?? "")];
        })));
    }
    if (refused.length)
      parts.push(table("Rows that are not decided", ["Row", "What is wrong, and what to do"], refused.map(({ number, problems }) =>
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
        let text;
        try {
          text = new TextDecoder("utf-8", { fatal: true }).decode(await file.files[0].arrayBuffer());
        } catch {
          throw new Error("This file is not plain text in UTF-8. In a spreadsheet, save it as CSV UTF-8.");
        }
        output.replaceChildren(...listed(readList(text, readDay(fallback.value))));
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
    make("p", { class: "calculator-note" }, `Decided by the policy as of decision ${policy.as_of}. Its digest begins ${policy.digest.slice(0, 19)}.`));
})();
