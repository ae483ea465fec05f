// A school's own model: what its pupils attract in each period, by year and term, what is still to be chosen, and what a
// page for governors may tell. The same as caseloads/school_model.py, school_years.py, school_options.py and
// school_governors.py; both are held to the same figures. Sums are whole pence, days ISO text.
"use strict";

const senpolicyModel = (() => {
  const { addDays, daysBetween, iso } = senpolicyValues;
  const { readCase, readDay, decide, UNDETERMINED } = senpolicyEvaluator;
  const { sayDay } = senpolicyImporting;
  const LEAST = 5, MOST_LINES = 5, WITHHELD = "withheld", NOTHING = "–";
  const MONEY = ["known", "low", "high", "partKnown", "partLow", "partHigh", "unknown", "protected"];

  // Days and years.

  function yearsAfter(day, years) {
    const [year, month, date] = day.split("-").map(Number);
    return iso(year + years, month, date) ?? iso(year + years, 3, 1);
  }

  class Time {
    // What of yearly amounts falls to stretches of days, by days of `inYear`.
    constructor(inYear) {
      this.inYear = inYear;
    }

    part(aYear, days, up = false) {
      const top = aYear * Math.min(days, this.inYear);
      return up ? Math.ceil(top / this.inYear) : Math.floor(top / this.inYear);
    }

    counted(since, until) {
      let years = Number(until.slice(0, 4)) - Number(since.slice(0, 4));
      while (years && yearsAfter(since, years) > until) years -= 1;
      return years * this.inYear + Math.min(daysBetween(yearsAfter(since, years), until), this.inYear);
    }

    due(aYear, days, up) {
      return aYear * Math.floor(days / this.inYear) + this.part(aYear, days % this.inYear, up);
    }

    falls(aYear, stretch, up = false) {
      return this.due(aYear, stretch.end, up) - this.due(aYear, stretch.before, up);
    }
  }

  function yearsOf(begins, earliest, latest) {
    const found = [];
    for (let year = Number(earliest.slice(0, 4)) - 1; year <= Number(latest.slice(0, 4)); year++) {
      const first = `${String(year).padStart(4, "0")}-${begins}`, last = `${String(year + 1).padStart(4, "0")}-${begins}`;
      if (first <= latest && last > earliest) found.push([first, addDays(last, -1)]);
    }
    return found;
  }

  function spansOf(data, earliest) {
    // The periods of the policy from the one in which `earliest` lies; see school_model.spans.
    return data.model.spans.filter((one) => one.end === null || one.end >= earliest).map((one) => {
      const first = one.start ?? (one.end ? yearsAfter(addDays(one.end, 1), -1) : earliest);
      const year = addDays(yearsAfter(first, 1), -1), last = one.end ?? (year > first ? year : first);
      return { ...one, first, last, days: daysBetween(first, last) + 1, begins: one.start !== null, ends: one.end !== null };
    });
  }

  function stretchesOf(spans, years, terms, time) {
    const cuts = new Set([...Object.values(years).flatMap((begins) => yearsOf(begins, spans[0].first, spans.at(-1).last).map(([first]) => first)), ...terms]);
    return spans.flatMap(({ first, last }, period) => {
      const begins = [first, ...[...cuts].filter((one) => first < one && one <= last).sort()];
      return begins.map((from, at) => {
        const until = at + 1 < begins.length ? addDays(begins[at + 1], -1) : last;
        return { first: from, last: until, period, before: time.counted(first, from), end: time.counted(first, addDays(until, 1)) };
      });
    });
  }

  function yearsIn(days, years) {
    return Object.entries(years).flatMap(([kind, begins]) => yearsOf(begins, days[0].first, days.at(-1).last).flatMap(([first, last]) => {
      const stretches = days.flatMap((one, at) => (first <= one.first && one.last <= last ? [at] : []));
      if (!stretches.length) return [];
      const from = days[stretches[0]].first, until = days[stretches.at(-1)].last;
      return [{ kind, begins: Number(first.slice(0, 4)), first: from, last: until, whole: from === first && until === last, stretches }];
    }));
  }

  const sayYear = (year) => {
    const name = `${year.kind} ${year.begins} to ${year.begins + 1}`;
    return year.whole ? name : `${name}, ${sayDay(year.first)} to ${sayDay(year.last)} only`;
  };
  const saySpan = (span) => `${sayDay(span.first)} to ${sayDay(span.last)}`;

  // Words.

  const money = (pence) => {
    const rest = pence % 100, whole = (pence - rest) / 100;
    return `£${whole.toLocaleString("en-GB")}${rest ? `.${String(rest).padStart(2, "0")}` : ""}`;
  };
  const pounds = (pence) => `${(pence - (pence % 100)) / 100}.${String(pence % 100).padStart(2, "0")}`;
  const people = (count) => `${count.toLocaleString("en-GB")} pupil${count === 1 ? "" : "s"}`;
  const protectedWords = (sums) => `about ${money(sums.low)} to ${money(sums.high)}`;

  function amounts(sums, part, unknown) {
    const said = sums.known ? [`${money(sums.known)} certain`] : [];
    if (part) said.push(`${protectedWords(sums)} protected`);
    if (sums.unknown) said.push(`${said.length ? "more " : ""}not known for ${unknown}`);
    return said.join(", ") || "nothing by this policy";
  }

  const amountWords = (sums) => amounts(sums, sums.protected > 0, sums.unknown.toLocaleString("en-GB"));
  const dueWords = (due) => amounts(due, due.high > 0, people(due.unknown));
  const oneAmount = (sums) => amountWords(sums).replace(sums.unknown ? new RegExp(` for ${sums.unknown}$`) : /$^/, "");

  // Sums.

  const noSums = () => Object.fromEntries(MONEY.map((name) => [name, 0]));
  const addSums = (sums, more) => {
    for (const name of MONEY) sums[name] += more[name];
  };
  const noDue = () => ({ known: 0, low: 0, high: 0, pupils: 0, unknown: 0, protected: 0 });

  // Deciding.

  class Deciding {
    // Decides rows of cells for each span; equal cells are decided once.
    constructor(data) {
      const { route, protects, pays } = data.model;
      Object.assign(this, { data, policy: data.policy, pays, questions: [route, protects.question, pays.question], time: new Time(data.policy.days_in_year), known: new Map() });
    }

    one(cells, span) {
      // Returns {fate, sums} of a pupil in a span, null before the pupil's day, {problems} for a row that is refused.
      const own = cells.find(([name]) => name === "decision_date")?.[1] ?? "";
      let day = own;
      if (isDay(own)) {
        if (own > span.last) return null;
        if (own < span.first) day = span.first;
      }
      const moved = cells.map(([name, text]) => [name, name === "decision_date" ? day : text]);
      const key = JSON.stringify([span.at, moved.filter(([name]) => name !== "case_ref")]);
      if (!this.known.has(key)) this.known.set(key, this.decided(moved, span));
      return this.known.get(key);
    }

    decided(cells, span) {
      const read = readCase(this.policy, cells);
      if (read.problems) return { problems: read.problems };
      const answers = decide(this.policy, read.facts);
      const fate = this.questions.map((name) => said(answers[name]));
      const figure = (name) => (answers[this.pays.question].gives[name] === undefined ? null : Math.round(Number(answers[this.pays.question].gives[name]) * 100));
      const [known, low, high] = [this.pays.known, this.pays.least, this.pays.most].map(figure);
      const share = (pence, up = false) => this.time.part(pence ?? 0, span.days, up);
      const sums = { known: known ?? 0, low: low ?? 0, high: high ?? 0, partKnown: share(known), partLow: share(low), partHigh: share(high, true),
        unknown: fate[2].answer === UNDETERMINED ? 1 : 0, protected: low === null ? 0 : 1 };
      return { fate, sums };
    }
  }

  function isDay(text) {
    try {
      return Boolean(readDay(text));
    } catch {
      return false;
    }
  }

  function said(answer) {
    const open = answer.answer === UNDETERMINED && answer.missing_facts.length;
    return { answer: answer.answer, rule: open ? "" : answer.because[0].outcome.id, points: answer.open_points, missing: answer.missing_facts };
  }

  // The model.

  function model(data, rows, { terms = [], madeOn = null, tried = {}, tell = () => {} } = {}) {
    // `rows` are the cells of each pupil: [[heading, text], ...]. `tried` are values of facts, by name, for those pupils
    // for whom an answer waits for the fact.
    const days = rows.map((cells) => cells.find(([name]) => name === "decision_date")?.[1] ?? "").filter(isDay);
    const earliest = days.reduce((least, day) => (day < least ? day : least), "9998-01-01");
    const by = new Deciding(data), spans = spansOf(data, earliest), { years } = data.model;
    const first = pupilsOf(by, rows, spans, tell);
    const found = { data, spans, terms, madeOn, tried, refused: first.refused, years: [] };
    found.pupils = Object.keys(tried).length ? pupilsOf(by, filled(rows, first.pupils, tried), spans, tell).pupils : first.pupils;
    found.days = stretchesOf(spans, years, terms, by.time);
    found.due = found.days.map((_, at) => dueOf(found, [at], by.time));
    found.years = yearsIn(found.days, years).map((year) => ({ ...year, due: dueOf(found, year.stretches, by.time) }));
    found.views = spans.map((_, at) => viewOf(found, at));
    found.options = optionsOf(found, by, rows);
    const paid = found.pupils.map((one) => one.before);
    found.before = { paid: paid.reduce((sum, one) => sum + (one ?? 0), 0), pupils: paid.filter(Boolean).length, unknown: paid.filter((one) => one === null).length };
    return found;
  }

  function pupilsOf(by, rows, spans, tell) {
    const pupils = [], refused = new Map(), { before } = by.data.model;
    rows.forEach((cells, number) => {
      const value = (name) => cells.find(([heading]) => heading === name)?.[1] ?? "";
      const pupil = { ref: value("case_ref"), cells, fates: [], sums: [], before: null };
      spans.forEach((span, at) => {
        const done = by.one(cells, span);
        if (done?.problems) refused.set(number, refused.get(number) ?? { number: number + 1, problems: done.problems });
        [pupil.fates[at], pupil.sums[at]] = [done?.fate ?? null, done?.sums ?? null];
      });
      if (before && value(before).trim()) {
        const [whole, part = ""] = value(before).trim().split(".");
        pupil.before = Number(whole) * 100 + Number(part.padEnd(2, "0"));
      }
      if (!refused.has(number) && pupil.fates.some(Boolean)) pupils.push(pupil);
      if (number % 250 === 249) tell(number + 1, rows.length);
    });
    pupils.sort((one, other) => one.ref.length - other.ref.length || (one.ref < other.ref ? -1 : one.ref > other.ref ? 1 : 0));
    return { pupils, refused: [...refused.values()] };
  }

  const lacks = (fate, fact) => fate?.some((one) => one.missing.includes(fact)) ?? false;
  const withFact = (cells, fact, value) => [...cells.filter(([name]) => name !== fact), [fact, value]];

  function filled(rows, pupils, tried) {
    // The rows with the facts that are tried, in their order, for whom each is missing: the next may be missing then.
    const wanted = new Set(pupils.filter((one) => Object.keys(tried).some((fact) => one.fates.some((fate) => lacks(fate, fact)))).map((one) => one.ref));
    return rows.map((cells) => {
      if (!wanted.has(cells.find(([name]) => name === "case_ref")[1])) return cells;
      const given = new Set(cells.filter(([, text]) => text !== "").map(([name]) => name));
      return Object.entries(tried).reduce((all, [fact, value]) => (given.has(fact) ? all : withFact(all, fact, value)), cells);
    });
  }

  function dueOf(found, places, time) {
    const due = noDue(), periods = [...new Set(places.map((at) => found.days[at].period))];
    for (const pupil of found.pupils) {
      const fates = periods.map((at) => pupil.fates[at]).filter(Boolean);
      due.pupils += fates.length ? 1 : 0;
      due.unknown += fates.some((fate) => fate[2].answer === UNDETERMINED) ? 1 : 0;
      due.protected += periods.reduce((most, at) => Math.max(most, pupil.sums[at]?.protected ?? 0), 0);
      for (const place of places) {
        const stretch = found.days[place], sums = pupil.sums[stretch.period];
        if (!sums) continue;
        due.known += time.falls(sums.known, stretch);
        due.low += time.falls(sums.low, stretch);
        due.high += time.falls(sums.high, stretch, true);
      }
    }
    return due;
  }

  function label(data, question, one) {
    if (one.answer !== UNDETERMINED) return data.policy.questions[question].answers[one.answer];
    if (one.missing.length) return `Not settled, because a fact is missing: ${one.missing.map((name) => factOf(data, name).label).join(", ")}.`;
    return `Not settled, because the papers leave it open: ${one.points.map((name) => data.policy.points[name].title).join("; ")}.`;
  }

  const factOf = (data, name) => data.policy.facts.find((one) => one.name === name);

  function reasons(data, one, span) {
    const place = span.reasons[one.rule];
    if (one.answer !== UNDETERMINED && place !== undefined) return [data.model.reasons[place]];
    return one.points.map((name) => `Open: ${data.model.points[name].where.join(", ")}`);
  }

  const untilOf = (one, span) => span.untils[one.rule] ?? null;

  function changesOf(data, before, wasIn, after, span) {
    const [route, protection] = data.model.questions, found = [[route, before[0], after[0]]];
    const open = (fate) => fate[1].answer === UNDETERMINED && fate[0].answer === UNDETERMINED;
    if (untilOf(before[1], wasIn) || untilOf(after[1], span) || !(open(before) || open(after))) found.push([protection, before[1], after[1]]);
    return found;
  }

  const compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
  const compareLists = (one, other) => {
    for (let at = 0; at < Math.min(one.length, other.length); at++) if (one[at] !== other[at]) return compare(one[at], other[at]);
    return one.length - other.length;
  };

  function viewOf(found, at) {
    const { data, spans } = found, span = spans[at], total = noSums(), tables = [new Map(), new Map()];
    const points = new Map(), missing = new Map(), changes = new Map();
    const add = (counter, name) => counter.set(name, (counter.get(name) ?? 0) + 1);
    let pupils = 0;
    for (const pupil of found.pupils) {
      const fate = pupil.fates[at];
      if (!fate) continue;
      pupils += 1;
      addSums(total, pupil.sums[at]);
      tables.forEach((table, place) => {
        const one = fate[place], question = data.model.questions[place];
        const key = one.answer === UNDETERMINED ? [one.answer, ...one.points, ...one.missing] : [one.answer], named = JSON.stringify(key);
        if (!table.has(named)) table.set(named, { key, label: label(data, question, one), pupils: 0, sums: noSums(), reasons: new Set(), until: null });
        const line = table.get(named), last = untilOf(one, span);
        line.pupils += 1;
        addSums(line.sums, pupil.sums[at]);
        for (const reason of reasons(data, one, span)) line.reasons.add(reason);
        if (last && (!line.until || last > line.until)) line.until = last;
      });
      for (const point of new Set(fate.flatMap((one) => one.points))) add(points, point);
      for (const fact of new Set(fate.flatMap((one) => one.missing))) add(missing, fact);
      const before = at ? pupil.fates[at - 1] : null;
      for (const [question, then, now] of before ? changesOf(data, before, spans[at - 1], fate, span) : []) {
        const [from, to] = [label(data, question, then), label(data, question, now)];
        if (from === to) continue;
        const key = JSON.stringify([question, from, to]);
        if (!changes.has(key)) changes.set(key, { question, from, to, pupils: 0, reasons: new Set() });
        changes.get(key).pupils += 1;
        for (const reason of reasons(data, now, span)) changes.get(key).reasons.add(reason);
      }
    }
    const lines = tables.map((table) => [...table.values()].map((one) => ({ ...one, reasons: [...one.reasons].sort(byPoint) })).sort((one, other) =>
      (one.key[0] === UNDETERMINED) - (other.key[0] === UNDETERMINED) || other.pupils - one.pupils || compareLists(one.key, other.key)));
    const most = (counter) => [...counter].sort((one, other) => other[1] - one[1] || compare(one[0], other[0]));
    return {
      span, pupils, total, routes: lines[0], protection: lines[1],
      changes: [...changes.values()].map((one) => ({ ...one, reasons: [...one.reasons].sort(byPoint) })).sort((one, other) =>
        (one.question !== data.model.route) - (other.question !== data.model.route) || other.pupils - one.pupils ||
        compareLists([one.question, one.from, one.to], [other.question, other.from, other.to])),
      points: most(points).map(([name, number]) => ({ ...data.model.points[name], pupils: number })),
      missing: most(missing).map(([name, number]) => ({ name, title: factOf(data, name).label, pupils: number })),
    };
  }

  const byPoint = (one, other) => {
    // As texts are sorted by their letters' numbers, whatever the language.
    const [a, b] = [[...one], [...other]];
    for (let at = 0; at < Math.min(a.length, b.length); at++) if (a[at] !== b[at]) return a[at].codePointAt(0) - b[at].codePointAt(0);
    return a.length - b.length;
  };

  // What is still to be chosen by others.

  function optionsOf(found, by, rows) {
    const { data, spans } = found, cells = new Map(found.pupils.map((one) => [one.ref, one.cells]));
    return data.model.options.flatMap((fact) => {
      const kind = factOf(data, fact);
      const lacking = spans.map((_, at) => found.pupils.filter((one) => lacks(one.fates[at], fact)));
      return kind.values.flatMap((value, place) => {
        const periods = spans.flatMap((span, at) => {
          const pupils = new Map(), sums = noSums(), routes = new Map();
          for (const { ref } of lacking[at]) {
            const done = by.one(withFact(cells.get(ref), fact, value), span);
            if (!done?.fate) continue;
            pupils.set(ref, done.sums);
            addSums(sums, done.sums);
            const route = label(data, data.model.route, done.fate[0]);
            routes.set(route, (routes.get(route) ?? 0) + 1);
          }
          return pupils.size ? [{ span, pupils, sums, routes: [...routes].sort((one, other) => other[1] - one[1] || byPoint(one[0], other[0])) }] : [];
        });
        return periods.length ? [{ fact, asks: kind.label, value, says: kind.labels[place] ?? value, periods }] : [];
      });
    });
  }

  // As plain data, in the form of `senpolicy model --json`.

  const yearly = (sums) => ({ certain_a_year: pounds(sums.known), assumed_a_year: "0.00", protected_low_a_year: pounds(sums.low),
    protected_high_a_year: pounds(sums.high), at_most_a_year: sums.unknown ? null : pounds(sums.known),
    certain_in_period: pounds(sums.partKnown), assumed_in_period: "0.00", protected_low_in_period: pounds(sums.partLow),
    protected_high_in_period: pounds(sums.partHigh), pupils_with_more_not_known: sums.unknown, assumed: false });
  const dueData = (due) => ({ pupils: due.pupils, certain: pounds(due.known), assumed: "0.00", protected_low_in_period: pounds(due.low),
    protected_high_in_period: pounds(due.high), pupils_with_more_not_known: due.unknown });

  function plainData(found) {
    const { data } = found;
    const row = (one) => ({ answer: one.key[0], ...(one.key.length > 1 ? { because_of: one.key.slice(1) } : {}), says: one.label,
      pupils: one.pupils, ...yearly(one.sums), because: one.reasons, ...(one.until ? { until: one.until } : {}) });
    return {
      section: "all", policy: { as_of: data.policy.as_of, digest: data.policy.digest }, ...(found.madeOn ? { made_on: found.madeOn } : {}),
      pupils: found.pupils.length, counted_together: 0,
      periods: found.views.map((view) => ({
        from: view.span.first, until: view.span.last, days: view.span.days, pupils: view.pupils, ...yearly(view.total),
        routes: view.routes.map(row), protection: view.protection.map(row),
        changes: view.changes.map((one) => ({ what: one.question, from: one.from, to: one.to, pupils: one.pupils, because: one.reasons })),
        open_points: Object.fromEntries(view.points.map((one) => [one.name, one.pupils])),
        missing_facts: Object.fromEntries(view.missing.map((one) => [one.name, one.pupils])),
        cautions: view.span.cautions.map((place) => data.model.cautions[place]).map(({ cited, ...one }) => one),
      })),
      years: found.years.map((year) => ({ kind: year.kind, from: year.first, until: year.last, whole: year.whole, ...dueData(year.due),
        parts: year.stretches.map((at) => ({ from: found.days[at].first, until: found.days[at].last, ...dueData(found.due[at]) })) })),
      before: { a_year: pounds(found.before.paid), pupils: found.before.pupils, not_known: found.before.unknown },
      options: found.options.map((one) => ({ fact: one.fact, value: one.value, periods: one.periods.map((period) => ({ from: period.span.first,
        until: period.span.last, pupils: period.pupils.size, ...yearly(period.sums), routes: Object.fromEntries(period.routes) })) })),
      ...(found.proposal ? { proposal: proposalData(found.proposal) } : {}),
    };
  }

  const proposalData = (plan) => ({ plan: plan.id, title: plan.title, day: plan.day, proposed_a_year: pounds(plan.sum), pupils: plan.mapped,
    bands: plan.bands.map((band) => ({ band: band.name, pupils: band.refs.length, proposed_a_year: pounds(band.sum) })),
    not_mapped: { pupils: plan.notMapped, low_a_year: pounds(plan.low), high_a_year: pounds(plan.high) }, no_rate: plan.leftOut, notes: plan.notes });

  // The page for governors.

  class Withholding {
    // Which figures may be told side by side; see caseloads/small_counts.py. Pupils are their places.
    constructor(pupils) {
      this.part = new Int32Array(pupils);
      this.sizes = pupils >= LEAST ? [pupils] : [];
    }

    mayTell(pupils) {
      if (!this.sizes.length) return false;
      const within = new Map();
      for (const at of pupils) within.set(this.part[at], (within.get(this.part[at]) ?? 0) + 1);
      for (const [part, number] of within) {
        const rest = this.sizes[part] - number;
        if (number < LEAST || (rest > 0 && rest < LEAST)) return false;
      }
      const moved = new Map();
      for (const [part, number] of within)
        if (number < this.sizes[part]) {
          moved.set(part, this.sizes.length);
          this.sizes.push(number);
          this.sizes[part] -= number;
        }
      for (const at of pupils) this.part[at] = moved.get(this.part[at]) ?? this.part[at];
      return true;
    }
  }

  function stands(found, span) {
    if (found.madeOn === null) return "";
    if (span.first > found.madeOn) return "to come";
    return found.madeOn <= span.last || !span.ends ? "now" : "ended";
  }

  function governors(found) {
    // The head's own figures, each told whole or withheld; what matters most is asked about first.
    const { data, spans, pupils } = found, number = pupils.length, telling = new Withholding(number);
    const page = { pupils: number >= LEAST ? people(number) : `Fewer than ${LEAST} pupils`, rows: [], years: [], changes: new Map(), open: [], options: [], proposal: "", left: new Map() };
    if (number < LEAST) return page;
    const place = new Map(pupils.map((one, at) => [one.ref, at]));
    const where = (fits) => pupils.flatMap((one, at) => (fits(one) ? [at] : []));
    const told = (some, says) => (!some.length ? NOTHING : telling.mayTell(some) ? says : WITHHELD);
    const rank = { now: 0, "to come": 1, ended: 2, "": 0 };
    const order = spans.map((_, at) => at).sort((one, other) => rank[stands(found, spans[one])] - rank[stands(found, spans[other])] || one - other);
    const has = (at, fits) => where((one) => Boolean(one.sums[at]) && fits(one.sums[at]));
    // Of a protected part each end is a sum, and so is what lies between: whose it is, whose least is above 0, whose differ.
    const known = (sums) => sums.known > 0, open = (sums) => sums.unknown > 0;
    const parts = [(sums) => sums.high > 0, (sums) => sums.low > 0, (sums) => sums.high > sums.low];
    const allTold = (sets, says) => {
      const some = sets.filter((one) => one.length);
      return !some.length ? NOTHING : some.every((one) => telling.mayTell(one)) ? says : WITHHELD;
    };
    const row = (at) => {
      const { total } = found.views[at], certain = told(has(at, known), money(total.known));
      const part = allTold(parts.map((fits) => has(at, fits)), protectedWords(total));
      return { name: saySpan(spans[at]), stands: stands(found, spans[at]), certain, protected: part, unknown: WITHHELD };
    };
    const rows = new Map();
    for (const at of order) if (stands(found, spans[at]) !== "ended") rows.set(at, row(at));
    const before = told(where((one) => Boolean(one.before)), money(found.before.paid));
    for (const at of order) if (!rows.has(at)) rows.set(at, row(at));
    if (found.before.pupils)
      page.rows.push({ name: "Before", stands: "", certain: before, protected: NOTHING, unknown: told(where((one) => one.before === null), people(found.before.unknown)) });
    for (const at of order) rows.get(at).unknown = told(has(at, open), people(found.views[at].total.unknown));
    page.rows.push(...spans.map((_, at) => rows.get(at)));
    page.years = found.years.map((year) => {
      const counted = [...new Set(year.stretches.map((at) => found.days[at].period))].sort((one, other) => one - other);
      const certain = allTold(counted.map((at) => has(at, known)), money(year.due.known));
      const part = allTold(counted.flatMap((at) => parts.map((fits) => has(at, fits))), protectedWords(year.due));
      const unknown = told(where((one) => counted.some((at) => one.sums[at]?.unknown)), people(year.due.unknown));
      return { name: sayYear(year), stands: "", certain, protected: part, unknown };
    });
    const list = (lines, name, sets, says) => {
      // What may be told, the most pupils first; what is withheld or has no room is counted.
      for (const [key, some] of [...sets].sort((one, other) => other[1].length - one[1].length || byPoint(one[0], other[0])))
        if (lines.length < MOST_LINES && telling.mayTell(some)) lines.push(`${people(some.length)}. ${says(...key.split("\0"))}`);
        else page.left.set(name, (page.left.get(name) ?? 0) + 1);
    };
    const put = (sets, key, at) => (sets.has(key) ? sets.get(key).push(at) : sets.set(key, [at]));
    for (const at of order.filter(Boolean)) {
      const span = spans[at], changed = new Map();
      pupils.forEach((pupil, number) => {
        if (!pupil.fates[at - 1] || !pupil.fates[at]) return;
        const keys = changesOf(data, pupil.fates[at - 1], spans[at - 1], pupil.fates[at], span)
          .map(([question, was, now]) => [label(data, question, was), label(data, question, now)]).filter(([was, now]) => was !== now);
        for (const key of new Set(keys.map((one) => one.join("\0")))) put(changed, key, number);
      });
      const heading = `${stands(found, span) === "to come" ? "From" : "Since"} ${sayDay(span.first)}`;
      if (!page.changes.has(heading)) page.changes.set(heading, []);
      list(page.changes.get(heading), heading, changed, (was, now) => `${was} Then: ${now}`);
    }
    const unsettled = new Map();
    pupils.forEach((pupil, number) => {
      const wanting = new Set();
      for (const at of order.filter((one) => stands(found, spans[one]) !== "ended"))
        for (const one of pupil.fates[at] ?? []) {
          if (one.answer !== UNDETERMINED) continue;
          for (const name of one.missing) wanting.add(`A fact is missing\0${factOf(data, name).label}`);
          for (const name of one.points) wanting.add(`The papers leave it open\0${data.policy.points[name].title}`);
        }
      for (const key of wanting) put(unsettled, key, number);
    });
    list(page.open, "open", unsettled, (what, name) => `${what}: ${name}`);
    for (const option of found.options)
      for (const one of option.periods) {
        const of = (fits) => [...one.pupils].flatMap(([ref, sums]) => (fits(sums) ? [place.get(ref)] : []));
        const sets = [of(() => true), ...[known, ...parts, open].map(of)].filter((some) => some.length);
        if (sets.every((some) => telling.mayTell(some)))
          page.options.push(`${option.asks}: ${option.says}. ${saySpan(one.span)}, ${people(one.pupils.size)}, a year: ${amountWords(one.sums)}.`);
        else page.left.set("options", (page.left.get("options") ?? 0) + 1);
      }
    if (found.proposal) {
      const plan = found.proposal, mapped = plan.bands.flatMap((band) => band.refs.map((ref) => place.get(ref)));
      const what = `${money(plan.sum)} a year for ${people(plan.mapped)}, before any limit on gains and losses`;
      page.proposal = `${plan.title}, from ${sayDay(plan.day)}: ${told(mapped, what)}. ${plan.notes.join(" ")}`;
    }
    return page;
  }

  return { model, plainData, governors, stands, label, reasons, saySpan, sayYear, money, pounds, people, amountWords, dueWords, oneAmount,
    protectedWords, Withholding, LEAST, MOST_LINES, WITHHELD, NOTHING };
})();
