// What the page asks of the engine's scripts, in a worker of its own or beside the page: read a list, then model it. What
// was read stays here: the page is given facts, candidates and counts, and no name, number or date of birth.
"use strict";

const senpolicyAnswering = (() => {
  const { importFile, confirm, cases, asText, Fault, IN_PAYMENT } = senpolicyImporting;
  const { model, plainData, governors, stands, label, oneAmount } = senpolicyModel;
  const MOST_TEXTS = 12;
  let base = null, data = null, read = null, plan = null;

  function answer(message, tell) {
    if (message.asks === "begin") {
      base = data = message.data;
      return null;
    }
    if (message.asks === "forget") {
      read = null;
      return null;
    }
    if (message.asks === "read") {
      read = message;
      ({ plan, data } = message.plan ? senpolicyPlans.read(base, message.plan) : { plan: null, data: base });
      return shown(reading());
    }
    if (message.asks === "keys") return reading().keys?.text() ?? null;
    if (message.asks === "community") return community(message);
    return modelled(message, tell);
  }

  function community({ files, year, pot, chosen }) {
    // Several schools' caseloads as one Community's: the sums of each for the first day of a year, and the ledger of all.
    const rows = [], schools = files.map((file) => {
      const counts = new Map(), read = factsOf(file, year.first);
      const refOf = (cells) => cells.find(([name]) => name === "case_ref")?.[1];
      for (const { cells } of read) if (cells) counts.set(refOf(cells), (counts.get(refOf(cells)) ?? 0) + 1);
      const good = read.filter((one) => !one.problems && counts.get(refOf(one.cells)) === 1).map((one) => senpolicyLedger.onDay(one.cells, year.first));
      const made = model(base, good), [view] = made.views, span = made.spans[0];
      const kept = good.filter((_, at) => !made.refused.some((one) => one.number === at + 1));
      rows.push(...kept);
      return { name: file.name.replace(/\.[a-z]+$/i, ""), pupils: made.pupils.length, refused: read.length - made.pupils.length, before: made.before, sums: view?.total ?? null,
        routes: (view?.routes ?? []).map((one) => [one.label, one.pupils]), cautions: span.cautions };
    });
    const share = chosen === null ? null : senpolicyLedger.share(chosen), claims = senpolicyLedger.claimsOf(base, rows, year, share);
    const contingency = senpolicyLedger.share(pot.contingency);
    return { schools, refused: claims.refused, withoutRate: claims.withoutRate, claims: claims.sure.length + claims.maybe.length, maybe: claims.maybe.length, cautions: [...new Set(schools.flatMap((one) => one.cautions))].map((place) => base.model.cautions[place]),
      ledger: pot.low === null ? null : senpolicyLedger.ledger(claims, { ...pot, reached: pot.low === pot.high, contingency }) };
  }

  function factsOf(file, day) {
    // The rows of a file of facts; what is wrong with it is said with its name.
    try {
      if (file.text === undefined) throw new Error("This is not a file of facts.");
      return senpolicyList.rows(base.policy, file.text, day);
    } catch (error) {
      throw new Fault("kind-not-known", `${file.name}: ${error.message}`, "Choose files that were saved here with 'Save the facts as a file (CSV)', one for each school.");
    }
  }

  function reading() {
    // What the files say: of a school's own list, or of a caseload, whose facts are taken as they are.
    const { files, register, on, ofDay, chosen, meant, keys } = read;
    try {
      return importFile(data, files, { on, ofDay, register, keys, chosen: new Map(chosen), meant });
    } catch (error) {
      if (!(error instanceof Fault) || error.message !== "This is a caseload already.") throw error;
      if (files[0].text === undefined) throw new Fault("kind-not-known", error.message, "Save it as CSV, and choose it again.");
      return { caseload: senpolicyList.rows(data.policy, files[0].text, on) };
    }
  }

  function shown(found) {
    if (found.caseload) return { caseload: found.caseload.length };
    const { taken, pupils } = found, kept = pupils.filter((one) => !one.excluded);
    const types = new Map(data.policy.facts.map((one) => [one.name, one]));
    const say = (values) => Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== null && name !== IN_PAYMENT)
      .map(([name, value]) => [name, asText(value, types.get(name))]));
    const counted = (names) => {
      const counts = new Map();
      for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
      return [...counts].sort((one, other) => other[1] - one[1]);
    };
    return {
      title: taken.kind.title, ofDay: taken.ofDay, notes: taken.notes, pupils: pupils.length, isReturn: Boolean(taken.kind.record),
      columns: taken.columns, unclear: unclear(found),
      guesses: Object.fromEntries(taken.unknown.map(({ at, heading, cells }) => [at, senpolicyRecords.guess(heading, cells, found.kinds, found.on)])),
      kept: kept.map((one) => ({ ref: one.ref, at: one.at, facts: say(one.facts), candidates: say(one.candidates) })),
      flags: counted(kept.flatMap((one) => one.flags)).map(([name, number]) => [data.imports.flags[name], number]),
      leftOut: [...counted(pupils.map((one) => one.excluded).filter(Boolean)).map(([name, number]) => [data.imports.flags[name], number]),
        ...[...taken.leftOut].map(([what, number]) => [what.charAt(0).toUpperCase() + what.slice(1), number])],
    };
  }

  function unclear({ taken, codes }) {
    // The texts of cells that are in no list of codes, with their counts; the most frequent of each column.
    return Object.entries(data.imports.columns).filter(([, one]) => one.codes).flatMap(([column]) => {
      const counts = new Map();
      for (const record of taken.records) {
        const text = senpolicyValues.words(record.cells[column] ?? ""), bare = column === "year" ? senpolicyValues.yearCode(text) : text;
        if (!text) continue;
        const said = codes[column].read(bare);
        if (!said.value && !said.mayBe && said.flags.includes("local_status")) counts.set(text, (counts.get(text) ?? 0) + 1);
      }
      const texts = [...counts].sort((one, other) => other[1] - one[1]);
      const means = [...new Set(data.imports.lists[data.imports.columns[column].codes].map(([, code]) => code.is).filter(Boolean))];
      return texts.length && means.length ? [{ column, texts: texts.slice(0, MOST_TEXTS), more: Math.max(0, texts.length - MOST_TEXTS), means }] : [];
    });
  }

  function modelled({ answers, tried, terms, madeOn, paidToday = null }, tell) {
    const found = reading();
    let rows, refused = [], caseload = null;
    if (found.caseload) {
      const counts = new Map(), refOf = (cells) => cells.find(([name]) => name === "case_ref")?.[1];
      for (const { cells } of found.caseload) if (cells) counts.set(refOf(cells), (counts.get(refOf(cells)) ?? 0) + 1);
      for (const { number, cells, problems } of found.caseload) {
        if (problems) refused.push({ number, problems });
        else if (counts.get(refOf(cells)) > 1)
          refused.push({ number, problems: [{ says: `${counts.get(refOf(cells))} rows have this reference.`, help: "Give each pupil a reference of its own." }] });
      }
      const out = new Set(refused.map((one) => one.number));
      rows = found.caseload.filter((one) => !out.has(one.number)).map((one) => one.cells);
    } else {
      confirm(found, data.policy, answers);
      rows = caseload = cases(found, data.policy);
    }
    const made = model(data, rows, { terms, madeOn, tried, tell });
    const numbers = (found.caseload ?? []).filter((one) => !refused.some((other) => other.number === one.number)).map((one) => one.number);
    const also = made.refused.map((one) => (found.caseload ? { ...one, number: numbers[one.number - 1] } : { ...one, ref: rows[one.number - 1][0][1] }));
    if (plan) made.proposal = senpolicyPlans.proposal(data, rows, new Set(made.pupils.map((one) => one.ref)), plan,
      found.caseload ? read.files[0].grids[0].rows[0].cells.map(senpolicyValues.strip) : [], paidToday);
    const { route } = data.model;
    const used = new Set(made.pupils.flatMap((one) => one.fates.flatMap((fate) => (fate ?? []).map((part) => part.rule))));
    const readings = new Set(data.policy.outcomes.filter((one) => used.has(one.id)).map((one) => one.reading).filter(Boolean));
    return {
      ...made, data: undefined, caseload, refused: [...refused, ...also], governors: governors(made), plain: plainData(made),
      spans: made.spans.map((span) => ({ ...span, stands: stands(made, span), says: span.cautions.map((place) => data.model.cautions[place]) })),
      options: made.options.map((one) => ({ ...one, periods: one.periods.map((period) => ({ ...period, pupils: period.pupils.size })) })),
      pupils: made.pupils.map((one) => ({ ref: one.ref, before: one.before,
        spans: one.fates.map((fate, at) => fate && { route: label(data, route, fate[0]), amount: oneAmount(one.sums[at]), sums: one.sums[at] }) })),
      readings: [...readings].sort().map((name) => ({ name, ...data.policy.readings[name] })),
    };
  }

  function answered(message, tell) {
    // The answer, or what is wrong in the reader's words.
    try {
      return { answer: answer(message, tell) };
    } catch (error) {
      if (error.code === undefined && error.codes === undefined) return { fault: { says: "This list cannot be read or modelled here, for a reason that the page does not know.", help: "Try it with the command, and report it." }, detail: String(error.stack ?? error) };
      return { fault: { says: error.message, help: error.help ?? "" } };
    }
  }

  if (typeof WorkerGlobalScope !== "undefined" && self instanceof WorkerGlobalScope)
    self.onmessage = ({ data: message }) => self.postMessage({ number: message.number, ...answered(message, (done, of) => self.postMessage({ done, of })) });

  return { answered };
})();
