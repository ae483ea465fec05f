// From a file as it lies to records: for each pupil, or row, the text of every column that an import knows. The same as
// caseloads/importing/records.py; both are held to the same files.
"use strict";

const senpolicyRecords = (() => {
  const { strip, words, plain, iso, day, money, yesNo, yearCode, Codes } = senpolicyValues;
  const { Fault } = senpolicyFiles;
  const HEADINGS_WITHIN = 40, FEWEST_KNOWN = 2, NEARLY = 0.9, LIKE = 0.6, MOST = 0.8, TRIED = 200;
  const OF_PUPILS = ["birth", "year", "status", "plan_yes_no", "issued", "rate", "reference", "upn"];
  const ENROLMENT = "enrolment", MAIN = "main", NAMES = ["surname", "forename", "full_name"];
  const ONE_ONLY = ["day", "money", "code", "yes_no"];
  const TOTAL = /^(?:(?:grand |sub-? ?)?total|count|average)/i;
  const LAESTAB = /(?<![0-9])(\d{3})\s?\/\s?(\d{4})(?![0-9])|(?<![0-9])(\d{7})(?![0-9])/g;
  const A_DAY = "\\d{1,2}[/.-]\\d{1,2}[/.-]\\d{2,4}|\\d{4}-\\d\\d-\\d\\d|\\d{1,2} \\w+ \\d{4}";
  const SAID = "as at|as of|as on|correct at|effective(?: date)?|version of|date|printed(?: on)?|produced(?: on)?";
  const OF_DAY = new RegExp(`(?:${SAID})[^\\p{L}\\p{N}_]{0,3}(${A_DAY})`, "giu");
  const URN = /\bURN[^\p{L}\p{N}_]{0,3}(\d{6})\b/giu;
  const FINANCIAL_YEAR = /\b(20\d\d)\s?[/-]\s?(?:20)?\d\d\b/g;
  const OF_DAY_CELL = /^(?:(?:effective|as at|report)? ?date|as at|effective)$/i;
  const CENSUS = { autumn: [10, 1], spring: [1, 3], summer: [5, 3] };
  const LATEST = "9999-12-31";

  // How alike two words are, from 0 to 1: the letters of their longest common parts, taken one after the other.
  function ratio(one, other) {
    const places = new Map();
    [...other].forEach((letter, at) => places.set(letter, [...(places.get(letter) ?? []), at]));
    const common = (from, until, begin, end) => {
      let [best, at, place] = [0, from, begin], lengths = new Map();
      for (let i = from; i < until; i++) {
        const next = new Map();
        for (const j of places.get(one[i]) ?? []) {
          if (j < begin || j >= end) continue;
          const length = (lengths.get(j - 1) ?? 0) + 1;
          next.set(j, length);
          if (length > best) [best, at, place] = [length, i - length + 1, j - length + 1];
        }
        lengths = next;
      }
      if (!best) return 0;
      return best + common(from, at, begin, place) + common(at + best, until, place + best, end);
    };
    const length = one.length + other.length;
    return length ? (2 * common(0, one.length, 0, other.length)) / length : 1;
  }

  function nearest(word, known, cutoff) {
    // The word that is most like another, null where none is as like as that.
    let best = null;
    for (const one of known) {
      const found = ratio(one, word);
      if (found >= cutoff && (best === null || found > best[0] || (found === best[0] && one > best[1]))) best = [found, one];
    }
    return best?.[1] ?? null;
  }

  class Kinds {
    // The kinds of file that are known, with their headings. `chosen` says for a heading what the reader takes it for,
    // null for nothing; `meant` for a column what further codes mean.
    constructor(told, chosen = new Map(), meant = {}) {
      Object.assign(this, { columns: told.columns, lists: told.lists, kinds: told.kinds, chosen, meant });
      this.facts = new Map(told.headings.map(([heading, name]) => [plain(heading), `fact:${name}`]));
      this.general = new Map(Object.entries(told.columns).flatMap(([name, one]) => (one.headings ?? []).map((heading) => [plain(heading), name])));
    }

    named(name) {
      const found = this.kinds.find((one) => one.kind === name);
      if (!found) throw new Fault("wrong-use", `'${name}' is not a kind of file.`, "Choose one of the list.");
      return found;
    }

    column(heading, kind = null) {
      const word = plain(heading);
      if (this.chosen.has(word)) return this.chosen.get(word);
      const own = kind ? Object.entries(kind.headings ?? {}).findLast(([, several]) => several.some((one) => plain(one) === word)) : undefined;
      return own?.[0] || this.general.get(word) || this.facts.get(word) || null;
    }

    codes(kind) {
      return Object.fromEntries(Object.entries(this.columns).filter(([, one]) => one.codes).map(([name, one]) => {
        const codes = new Map(this.lists[one.codes]);
        for (const [code, means] of [...(kind.codes?.[name] ?? []), ...(this.meant[name] ?? [])]) codes.set(code, means);
        return [name, new Codes([...codes])];
      }));
    }

    isMain(cells) {
      const said = cells[ENROLMENT] ?? "";
      return !strip(said) || new Codes(this.lists[ENROLMENT]).read(said).value === MAIN;
    }

    closeToAFact(heading) {
      const word = plain(heading);
      if (this.chosen.has(word) || word.length <= 5) return null;
      const near = nearest(word, this.facts.keys(), NEARLY);
      return near === null ? null : this.facts.get(near).slice(5);
    }
  }

  function taken(files, kinds, asked, on) {
    // The files as records: several are the tables of one return.
    const wanted = asked ? kinds.named(asked) : null;
    if (files.length > 1) return tables(files.flatMap((file) => file.grids ?? []), kinds, wanted);
    const [file] = files;
    if (file.leaves) return tree(file.leaves, kinds, wanted);
    refuseOtherLayouts(file.grids, kinds);
    const own = file.grids.map(tableOf).filter(Boolean);
    const isTable = kinds.kinds.some((kind) => Object.entries(kind.record?.tables ?? {}).flat().some((one) => own.includes(one)));
    const nativeId = file.grids[0]?.rows[0]?.cells.map(plain).includes("nativeid");
    const found = isTable && (file.grids.length > 1 || file.grids[0].sheet || nativeId)
      ? tables(file.grids, kinds, wanted) : table(file, kinds, wanted, on);
    found.notes.push(...file.notes);
    return found;
  }

  function refuseOtherLayouts(grids, kinds) {
    for (const kind of kinds.kinds) {
      const titles = (kind.not_read ?? []).map(plain);
      if (titles.length && grids.some((grid) => grid.rows.some((row) => titles.includes(plain(row.cells[0] ?? "")))))
        throw new Fault("kind-not-known", `This layout of a ${kind.title} is not known here.`,
          "Bring it as XML, as CSV files out of COLLECT, or as a workbook with such a table on each sheet.");
    }
  }

  function tableOf(grid) {
    const first = grid.rows.length ? plain(grid.rows[0].cells[0] ?? "") : "";
    return first.endsWith("tableid") ? first.slice(0, -"tableid".length) : "";
  }

  const fresh = (kind) => ({ kind, records: [], columns: [], ofDay: null, school: "", leftOut: new Map(), titles: [], unknown: [],
    unread: new Set(), serials: true, notes: [] });
  const count = (counter, key, number = 1) => counter.set(key, (counter.get(key) ?? 0) + number);

  // Tables.

  function headed(grid, kinds, wanted) {
    const known = (headings) => headings.filter((one) => one && kinds.column(one, wanted) !== null).length;
    const rows = grid.rows.slice(0, HEADINGS_WITHIN).map((row) => row.cells.map(strip));
    const scores = rows.map(known), best = scores.indexOf(Math.max(...scores));
    let found = { grid, headings: rows[best], score: scores[best], place: best };
    for (const upper of [best - 1, best]) {
      if (upper < 0 || upper >= rows.length - 1) continue;
      const both = twoRows(rows[upper], rows[upper + 1], kinds, wanted);
      const differ = rows[upper].some((cell, at) => cell !== rows[upper + 1][at]);
      if (differ && scores[upper + 1] >= FEWEST_KNOWN && known(both) > found.score)
        found = { grid, headings: both, score: known(both), place: upper + 1 };
    }
    return found;
  }

  function twoRows(upper, lower, kinds, wanted) {
    let over = "";
    return upper.map((top, at) => {
      const cell = lower[at];
      over = top || over;
      const said = cell ? [`${over} ${cell}`, cell, top] : [top];
      return said.find((one) => one && kinds.column(one, wanted) !== null) ?? (cell || top);
    });
  }

  function table(file, kinds, wanted, on) {
    const every = file.grids.map((grid) => headed(grid, kinds, wanted));
    const first = every.reduce((most, one) => (one.score > most.score ? one : most));
    if (first.score < FEWEST_KNOWN)
      throw new Fault("kind-not-known", "No row of this file has headings that are known.", "Give the list a row of headings such as DOB, Year Group and SEN Status.");
    const kind = wanted ?? recognised(first.headings, kinds);
    if (kind.shape === "register")
      throw new Fault("kind-not-known", "This is the register of schools, and no list of pupils.", "Give it as the register, beside the list of pupils.");
    if (kind.shape === "caseload") throw new Fault("kind-not-known", "This is a caseload already.", "It is read as one.");
    const sheets = kind.sheets ?? {}, narrow = Object.keys(sheets).length > 0;
    let lists = every.filter((one) => Object.hasOwn(sheets, one.grid.sheet) || (!narrow && one.score * 2 > first.score));
    if (!lists.length) lists = [first];
    const others = every.filter((one) => !lists.includes(one)).map((one) => one.grid);
    const found = fresh(kind);
    const told = lists.flatMap((one) => one.grid.rows.slice(0, one.place).flatMap((row) => row.cells.filter(Boolean)));
    const beside = others.flatMap((grid) => grid.rows.slice(0, HEADINGS_WITHIN).map((row) => row.cells));
    found.titles = [...told, ...beside.flatMap((cells) => cells.filter(Boolean))];
    found.ofDay = dayOfFile(file.name, kind, told, beside, on);
    found.school = schoolOfFile(told, beside);
    for (const one of lists) readSheet(one, kinds, kind, found);
    if (others.length && file.grids.length > 1)
      found.notes.push(`${others.length === 1 ? "1 sheet has" : `${others.length} sheets have`} no headings of such a list and ${others.length === 1 ? "was" : "were"} not read.`);
    found.serials = file.grids.every((grid) => grid.serials);
    found.records = joined(found.records, kind, kinds);
    tellRepeated(found);
    return found;
  }

  function readSheet(one, kinds, kind, found) {
    const { headings } = one, columns = columnsOf(headings, kinds, kind), begins = found.columns.length;
    headings.forEach((heading, at) => found.columns.push([heading, columns[at]]));
    for (const name of new Set(columns.filter((column) => column && columns.indexOf(column) < columns.lastIndexOf(column)))) {
      const places = columns.flatMap((column, at) => (column === name ? [at] : [])), known = kinds.columns[name];
      if (!known || (ONE_ONLY.includes(known.holds) && !known.first_of_several)) {
        found.notes.push(`${places.length} columns could be '${known ? known.label : name}'. None of them was read.`);
        found.unread.add(name);
      }
      for (const at of found.unread.has(name) ? places : places.slice(1)) {
        columns[at] = null;
        found.columns[begins + at] = [headings[at], null];
      }
    }
    headings.forEach((heading, at) => {
      const cells = one.grid.rows.slice(one.place + 1, one.place + 1 + TRIED).map((row) => strip(row.cells[at] ?? "")).filter(Boolean);
      if (heading && columns[at] === null && !kinds.chosen.has(plain(heading)) && kinds.column(heading, kind) === null) found.unknown.push({ at: begins + at, heading, cells });
    });
    if (one.place) count(found.leftOut, "title line", one.place);
    const fixed = kind.sheets?.[one.grid.sheet] ?? {};
    for (const row of one.grid.rows.slice(one.place + 1)) {
      const what = noPupil(row, headings, columns);
      if (what) {
        count(found.leftOut, what);
        continue;
      }
      const cells = { ...fixed };
      columns.forEach((name, at) => {
        if (name && strip(row.cells[at] ?? "")) cells[name] = row.cells[at];
      });
      const at = one.grid.sheet ? { sheet: one.grid.sheet, row: row.number } : { line: row.number };
      const record = { at, cells, flags: row.hidden ? ["hidden_row"] : [], excluded: "", periods: [] };
      if (kind.leavers) [record.flags, record.excluded] = [[...record.flags, "leaver"], "leaver"];
      found.records.push(record);
    }
  }

  function tellRepeated(found) {
    const named = new Map();
    for (const record of found.records) {
      const names = NAMES.map((one) => plain(record.cells[one] ?? ""));
      if (names.some(Boolean) && !pupilKey(record.cells)) named.set(names.join("|"), [...(named.get(names.join("|")) ?? []), record]);
    }
    const repeated = [...named.values()].filter((several) => several.length > 1).flat();
    for (const record of repeated) record.flags.push("may_be_one_pupil");
    if (repeated.length)
      found.notes.push(`${repeated.length} rows may be of fewer pupils: a name is there more than once, without a number or a date of birth. ` +
        "Each counts as a pupil. Export the list again with one of these.");
  }

  function recognised(headings, kinds) {
    const has = new Set(headings.map(plain));
    const marked = kinds.kinds.find((kind) => (kind.marks ?? []).some((mark) => mark.every((one) => has.has(plain(one)))));
    if (marked) return marked;
    const columns = new Set(headings.map((one) => kinds.column(one)));
    const shape = columns.has("rate") && columns.has("paid_from") ? "payments" : OF_PUPILS.some((one) => columns.has(one)) ? "list" : "";
    const found = kinds.kinds.find((kind) => kind.shape === shape && !(kind.marks ?? []).length);
    if (found) return found;
    throw new Fault("kind-not-known", "The headings are not those of a list of pupils that is known.", "Give the list headings such as DOB, Year Group and SEN Status.");
  }

  function columnsOf(headings, kinds, kind) {
    const columns = headings.map((one) => kinds.column(one, kind));
    headings.forEach((one, at) => {
      const fact = columns[at] ? null : kinds.closeToAFact(one);
      if (fact) throw new Fault("unknown-column", `The heading of column ${at + 1} is nearly '${fact}'.`,
        `Write '${fact}', or another heading if it is about something else.`);
    });
    return columns;
  }

  function noPupil(row, headings, columns) {
    // What a row is that is not a pupil's: "" where it is one.
    const cells = row.cells.map(strip), filled = cells.filter(Boolean);
    const same = headings.filter((heading, at) => heading && cells[at] === heading).length;
    if (same >= Math.max(2, filled.length - 1)) return "repeated line of headings";
    const may = ["surname", "forename", "full_name", "pupil_number", "upn", "reference", null];
    const total = columns.some((name, at) => may.includes(name) && TOTAL.test(cells[at] ?? ""));
    const pupil = columns.some((name, at) => ["birth", "year", "status"].includes(name) && cells[at]);
    if (total && !pupil) return "line of totals";
    if (filled.length === 1 && headings.length > 2) return "line of a group or a note";
    return columns.some((name, at) => name && cells[at]) ? "" : "line without anything that is read";
  }

  function pupilKey(cells) {
    // What tells which pupil a row is about: "" where nothing does.
    for (const name of ["reference", "upn", "pupil_number"]) {
      const key = (cells[name] ?? "").toUpperCase().replace(/[^0-9A-Z]/g, "");
      if (/\d/.test(key)) return `${name}:${key}`;
    }
    const names = NAMES.map((one) => plain(cells[one] ?? "")), birth = plain(cells.birth ?? "");
    return names.some(Boolean) && birth ? `names:${[...names, birth].join("|")}` : "";
  }

  function joined(records, kind, kinds) {
    const ranked = new Set(Object.keys(kinds.columns).filter((name) => kinds.columns[name].ranked)), rows = new Map();
    records.forEach((record, number) => {
      const key = pupilKey(record.cells) || `row:${number}`;
      if (rows.has(key)) rows.get(key).push(record);
      else rows.set(key, [record]);
    });
    return [...rows.values()].map((all) => {
      if (kind.shape === "payments") return paid(all, ranked);
      const main = all.length > 1 ? all.filter((one) => kinds.isMain(one.cells)) : [];
      const several = main.length ? main : all;
      return several.length === 1 ? several[0] : merged(several, ranked);
    });
  }

  const rankOf = (text) => (/^\d+$/.test(strip(text)) ? Number(text) : Infinity);

  function placesOf(records) {
    const key = "row" in records[0].at ? "rows" : "lines";
    const numbers = records.map((one) => one.at.row ?? one.at.line);
    return { ...("sheet" in records[0].at ? { sheet: records[0].at.sheet } : {}), [key]: numbers };
  }

  function merged(several, ranked) {
    const inOrder = several.map((one, at) => [rankOf(one.cells.rank ?? ""), at, one])
      .sort((one, other) => (one[0] === other[0] ? one[1] - other[1] : one[0] < other[0] ? -1 : 1)).map(([, , one]) => one);
    const cells = {}, flags = [...new Set(several.flatMap((one) => one.flags))];
    for (const name of new Set(several.flatMap((one) => Object.keys(one.cells)))) {
      const different = new Set(several.filter((one) => name in one.cells).map((one) => strip(one.cells[name])));
      if (different.size === 1 || ranked.has(name)) cells[name] = inOrder.find((one) => name in one.cells).cells[name];
      else if (!flags.includes("two_values")) flags.push("two_values");
    }
    const excluded = several.every((one) => one.excluded) ? several[0].excluded : "";
    return { at: placesOf(several), cells, flags, excluded, periods: [] };
  }

  function paid(several, ranked) {
    const one = several.length > 1 ? merged(several, ranked) : several[0];
    const flags = one.flags.filter((flag) => flag !== "two_values"), cells = { ...one.cells };
    for (const name of ["birth", "year", "issued", "school_number", "urn", "plan_yes_no", "status"])
      if (new Set(several.filter((row) => name in row.cells).map((row) => strip(row.cells[name]))).size > 1) {
        flags.push("two_values");
        delete cells[name];
      }
    cells.comments = several.filter((row) => "comments" in row.cells).map((row) => row.cells.comments).join(" ");
    return { at: placesOf(several), cells, flags, excluded: one.excluded, periods: several.map((row) => row.cells) };
  }

  const pairsOf = (cells) => cells.slice(1).map((cell, at) => [cells[at], cell]);

  function dayOfFile(name, kind, above, others, on) {
    for (const pattern of kind.file_names ?? []) {
      const found = namedBy(pattern, name)?.groups;
      if (found?.year && found.term && CENSUS[found.term.toLowerCase()]) return censusDay(Number(found.year), found.term.toLowerCase());
    }
    const told = above.flatMap((text) => [...text.matchAll(OF_DAY)].map((found) => found[1]));
    for (const cells of others) for (const [label, cell] of pairsOf(cells)) if (OF_DAY_CELL.test(strip(label))) told.push(cell);
    const days = new Set(told.map((text) => day(text, on)[0]).filter(Boolean));
    if (days.size === 1) return [...days][0];
    const years = new Set(above.flatMap((text) => [...text.matchAll(FINANCIAL_YEAR)].map((one) => Number(one[1]))));
    if (!days.size && kind.shape === "payments" && years.size === 1) {
      const last = iso([...years][0] + 1, 3, 31);
      return last < on ? last : null;
    }
    return null;
  }

  function namedBy(pattern, name) {
    const escaped = pattern.replace(/[.*+?^$()[\]\\|]/g, "\\$&").replace(/\{(\w+)\}/g, "(?<$1>[A-Za-z0-9]+)").replaceAll("\\*", ".*");
    return new RegExp(`^${escaped}$`, "i").exec(name);
  }

  function censusDay(year, term) {
    const [month, week] = CENSUS[term], weekday = (new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 6) % 7;
    return iso(year, month, 1 + ((((3 - weekday) % 7) + 7) % 7) + 7 * (week - 1));
  }

  function schoolOfFile(above, others) {
    const slashed = others.flatMap((cells) => cells.filter((cell) => cell.includes("/"))), found = new Set();
    for (const text of [...above, ...slashed])
      for (const one of text.matchAll(LAESTAB))
        if (one[1] || text.toLowerCase().includes("dfe")) found.add(one[1] ? one[1] + one[2] : one[3]);
    for (const text of [...above, ...others.flat()]) for (const one of text.matchAll(URN)) found.add(one[1]);
    for (const cells of others)
      for (const [label, cell] of pairsOf(cells)) {
        const number = cell.replace(/\.0$|[^0-9]/g, "");
        if ((/dfe|laestab|estab/i.test(label) && number.length === 7) || (strip(label).toUpperCase() === "URN" && number.length === 6)) found.add(number);
      }
    return found.size === 1 ? [...found][0] : "";
  }

  // Returns.

  class Element {
    constructor(texts = new Map()) {
      Object.assign(this, { texts, within: new Map() });
    }

    put(name, element) {
      if (this.within.has(name)) this.within.get(name).push(element);
      else this.within.set(name, [element]);
    }

    below(path) {
      return path.toLowerCase().split("/").reduce((found, name) => found.flatMap((one) => one.within.get(name) ?? []), [this]);
    }

    text(name) {
      const small = name.toLowerCase();
      if (this.texts.has(small)) return this.texts.get(small);
      for (const one of this.within.values()) {
        const text = one.length === 1 ? one[0].text(small) : "";
        if (text) return text;
      }
      return "";
    }
  }

  function tree(leaves, kinds, wanted) {
    const head = new Map(), elements = new Map(), starts = new Map();
    let kind = wanted, made = new Map();
    for (const one of kinds.kinds)
      if (one.record && one.shape === "return" && (wanted === null || one === wanted))
        for (const record of one.record.records) starts.set(record.at, one);
    for (const leaf of leaves) {
      const start = [...starts.keys()].find((one) => leaf.path.startsWith(`${one}/`));
      if (start === undefined) {
        if (!head.has(leaf.path)) head.set(leaf.path, leaf.text);
        continue;
      }
      kind = kind ?? starts.get(start);
      const depth = start.split("/").length, names = leaf.path.split("/"), key = `${start} ${leaf.where[depth - 1]}`;
      if (!elements.has(key)) {
        elements.set(key, { path: start, place: leaf.where[depth - 1], element: new Element() });
        made = new Map();
      }
      let at = elements.get(key).element;
      for (let deep = depth; deep < names.length - 1; deep++) {
        const inside = `${names.slice(0, deep + 1).join("/")} ${leaf.where.slice(0, deep + 1)}`;
        if (!made.has(inside)) {
          made.set(inside, new Element());
          at.put(names[deep].toLowerCase(), made.get(inside));
        }
        at = made.get(inside);
      }
      at.texts.set(names.at(-1).toLowerCase(), leaf.text);
    }
    if (!kind?.record || !elements.size) {
      const known = kinds.kinds.filter((one) => one.record).map((one) => one.title).join(", ");
      throw new Fault("kind-not-known", "This XML file is not a return that is known, or is of no pupil.", `These can be read: ${known}.`);
    }
    const found = fresh(kind);
    found.columns = Object.entries(kind.record.columns ?? {}).map(([column, name]) => [name, column]);
    for (const one of kind.record.day ?? []) found.ofDay = found.ofDay ?? day((head.get(one) ?? "").slice(0, 10), LATEST)[0];
    found.school = (kind.record.school ?? []).map((one) => one.map((part) => head.get(part) ?? "").join("")).find(Boolean) ?? "";
    const leaving = kind.record.records.filter((one) => one.leavers).map((one) => one.at);
    for (const { path, place, element } of elements.values())
      found.records.push(recordOf({ xpath: `/${path}[${place}]` }, element, kind.record, found.ofDay, leaving.includes(path)));
    return found;
  }

  function recordOf(at, element, told, ofDay, left) {
    const record = { at, cells: {}, flags: [], excluded: "", periods: [] };
    for (const [name, tag] of Object.entries(told.columns ?? {})) {
      const text = strip(element.text(tag));
      if (text) record.cells[name] = text;
    }
    if (left) [record.flags, record.excluded] = [["leaver"], "leaver"];
    const there = told.present ? element.below(told.present.at) : [];
    for (const part of told.parts ?? []) addPart(record, element.below(part.at), part, ofDay, there.length > 0);
    if (told.present && !record.excluded) {
      if (there.length) {
        record.cells.status = told.present.status;
        if (told.present.transferred && there.some((one) => one.text(told.present.transferred))) record.flags.push("plan_transferred_in");
      } else record.flags.push(told.present.missing);
    }
    return record;
  }

  function addPart(record, found, part, ofDay, there) {
    let current = found.filter((one) => {
      const ended = part.ended && one.text(part.ended) ? day(one.text(part.ended), LATEST)[0] : null;
      return ended === null || (ofDay !== null && ended > ofDay);
    });
    if (found.length && !current.length) {
      if (part.all_ended && !there) {
        record.flags.push(part.all_ended);
        record.excluded = part.all_ended;
      }
      return;
    }
    if (current.length < found.length && part.some_ended) record.flags.push(part.some_ended);
    if (!current.length) return;
    if (current.length > 1 && part.several) record.flags.push(part.several);
    if (part.rank) {
      const lowest = current.reduce((least, one) => Math.min(least, rankOf(one.text(part.rank))), Infinity);
      current = current.filter((one) => rankOf(one.text(part.rank)) === lowest);
    }
    if (part.latest) {
      const days = current.map((one) => day(one.text(part.latest), LATEST)[0] ?? "0001-01-01");
      current = [current[days.reduce((best, one, at) => (one >= days[best] ? at : best), 0)]];
    }
    for (const [name, tag] of Object.entries(part.columns)) {
      const texts = new Set(current.map((one) => strip(one.text(tag))));
      if (texts.size === 1) {
        if ([...texts][0]) record.cells[name] = [...texts][0];
      } else if (!record.flags.includes("two_values")) record.flags.push("two_values");
    }
  }

  function tables(grids, kinds, wanted) {
    const every = new Map();
    for (const grid of grids) {
      const own = tableOf(grid), headings = grid.rows.length ? grid.rows[0].cells.map(plain) : [];
      if (own)
        every.set(own, grid.rows.slice(1).map((row) => new Map(headings.map((heading, at) => [heading, strip(row.cells[at] ?? "")]))));
    }
    for (const kind of kinds.kinds) {
      const inner = kind.record?.tables;
      if (!inner || !Object.keys(inner).length || (wanted && kind !== wanted)) continue;
      const top = Object.values(inner).find((one) => !Object.hasOwn(inner, one)) ?? "";
      if (!every.has(top)) continue;
      const missing = [top, ...Object.keys(inner)].filter((one) => !every.has(one));
      if (missing.length)
        throw new Fault("kind-not-known", `Of this return these tables are missing: ${missing.join(", ")}.`, "Choose all tables of the return together.");
      return fromTables(kind, inner, top, every);
    }
    throw new Fault("kind-not-known", "These files are not a return that is known.", "Choose one file, or all tables of a return together.");
  }

  function fromTables(kind, inner, top, every) {
    const elements = new Map([...every].map(([name, rows]) => [name, rows.map((row) => new Element(row))]));
    const byKey = new Map([...elements].map(([name, rows]) => [name, new Map(rows.map((row) => [row.texts.get(`${name}tableid`) ?? "", row]))]));
    for (const [name, outer] of Object.entries(inner))
      for (const element of elements.get(name)) byKey.get(outer).get(element.texts.get(`${outer}tableid`) ?? "")?.put(name, element);
    const found = fresh(kind);
    found.columns = Object.entries(kind.record.columns ?? {}).map(([column, name]) => [name, column]);
    const heads = [...every].filter(([name]) => !Object.hasOwn(inner, name) && name !== top).flatMap(([, rows]) => rows);
    for (const path of kind.record.day ?? [])
      for (const head of heads) {
        const read = day(head.get(plain(path.slice(path.lastIndexOf("/") + 1))) ?? "", LATEST)[0];
        if (read) {
          found.ofDay = read;
          break;
        }
      }
    for (const element of elements.get(top)) {
      const number = element.texts.get(`${top}tableid`) ?? "";
      const at = { [`${top}tableid`]: /^\d+$/.test(number) ? Number(number) : number };
      found.records.push(recordOf(at, element, kind.record, found.ofDay, false));
    }
    return found;
  }

  // What a column that is not read could be about, as caseloads/importing/learning.py has it.

  function fits(column, cells, kinds, on) {
    if (!cells.length || ["identifier", "words"].includes(column.holds)) return true;
    const codes = column.holds === "code" ? new Codes(kinds.lists[column.codes]) : null;
    const good = {
      code: (cell) => codes.codeOf(yearCode(cell)) || codes.codeOf(cell.split(" - ")[0]),
      day: (cell) => day(cell, on)[0] !== null,
      money: (cell) => money(cell)[0] !== null,
      yes_no: (cell) => yesNo(cell) !== null,
    }[column.holds];
    return cells.filter(good).length >= MOST * cells.length;
  }

  function guess(heading, cells, kinds, on) {
    // The column, as its heading is or as its cells are; null for none.
    const fitting = Object.entries(kinds.columns).filter(([, one]) => fits(one, cells, kinds, on));
    const words = new Map(fitting.flatMap(([name, one]) => (one.headings ?? []).map((word) => [plain(word), name])));
    const near = nearest(plain(heading), words.keys(), LIKE);
    if (near !== null) return words.get(near);
    const coded = cells.length ? fitting.filter(([, one]) => one.holds === "code") : [];
    return coded.length && new Set(coded.map(([, one]) => one.codes)).size === 1 ? coded[0][0] : null;
  }

  return { Kinds, taken, guess, pupilKey, nearest, namedBy, ENROLMENT, MAIN, NAMES, HEADINGS_WITHIN, words };
})();
