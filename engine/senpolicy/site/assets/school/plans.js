// A plan of bands and rates from a file: what it would pay for the pupils of a model. A proposal, and nobody's decision.
// The same as caseloads/school_proposal.py, and within limits as caseloads/tariff_sums.py has it; they are held to the same
// figures. Nothing of it counts in a sum.
"use strict";

const senpolicyPlans = (() => {
  const { iso } = senpolicyValues, { Fault } = senpolicyFiles, { readCase, readValue, readDay, decide, UNDETERMINED } = senpolicyEvaluator;
  const wrong = (says, help = "See how it is written with: senpolicy tariff.") => new Fault("not-a-plan", says, help);
  const MILLION = 1_000_000n, FIGURE = /^(0|[1-9][0-9]{0,8})(?:\.([0-9]{1,6}))?$/;

  function figure(text, places, what) {
    // A figure as a whole number of its last place: pence for pounds.
    const found = typeof text === "string" ? FIGURE.exec(text) : null;
    if (!found || (found[2] ?? "").length > places) throw wrong(`${what} is not a plain figure.`, "Write it like 7000.00.");
    return BigInt(found[1] + (found[2] ?? "").padEnd(places, "0"));
  }

  function read(data, text) {
    // Returns {plan, data}: the plan of a file, and the page's data with the levels of its edition. Throws a Fault.
    const { tariff, editions } = data.model;
    if (!tariff) throw wrong("This policy does not say how a plan is shown.", "");
    let file;
    try {
      file = jsyaml.load(text, { schema: jsyaml.FAILSAFE_SCHEMA });
    } catch {
      throw wrong("This is not a plan of bands and rates, in YAML.");
    }
    for (const name of ["plan", "title", "edition", "day", "bands", "settings"])
      if (!file || typeof file !== "object" || !file[name]) throw wrong(`The plan does not say '${name}'.`);
    if (!Object.hasOwn(editions, file.edition)) throw wrong(`The plan is of the edition '${file.edition}', which this page does not have.`, `Use one of ${Object.keys(editions).join(", ")}.`);
    const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(file.day) ?? [];
    if (!day || iso(Number(year), Number(month), Number(day)) === null) throw wrong("The day of the plan is not a day.", "Write it like 2026-09-01.");
    const changed = Object.entries(editions[file.edition].policy).map(([part, value]) => [part, value?.but
      ? data.policy[part].map((one) => value.but.find((other) => other.name === one.name) ?? one) : value]);
    const under = { ...data, policy: { ...data.policy, ...Object.fromEntries(changed) } };
    const factOf = (name) => under.policy.facts.find((one) => one.name === name), taken = new Map();
    const bands = Object.entries(file.bands).map(([name, band]) => {
      if (!Array.isArray(band?.levels) || !band.levels.length) throw wrong(`The band '${name}' has no levels.`);
      for (const level of band.levels) {
        if (!factOf(tariff.level).values.includes(level)) throw wrong(`'${level}' is not a level of the edition '${file.edition}'.`);
        if (taken.has(level)) throw wrong(`The level '${level}' is in '${taken.get(level)}' already.`, "Keep it in one of the two.");
        taken.set(level, name);
      }
      return { name, rate: band.rate === "own" ? null : figure(band.rate, 2, `The rate of '${name}'`) };
    });
    const own = bands.filter((band) => band.rate === null).map((band) => band.name), rated = bands.filter((band) => band.rate !== null);
    if (!rated.length) throw wrong("No band has a rate: the plan would pay every pupil as today.", "Give at least one band a rate in pounds.");
    const bandOf = new Map([...taken].filter(([, name]) => !own.includes(name)));
    const settings = new Map(Object.entries(file.settings).map(([name, factor]) => {
      if (!factOf(tariff.place).values.includes(name)) throw wrong(`'${name}' is not a kind of place.`);
      const found = figure(factor, 6, `The factor of '${name}'`);
      if (found === 0n) throw wrong(`The factor of '${name}' is 0.`, "Write 1.00 where the rate is the same.");
      return [name, found];
    }));
    const phaseIn = Object.entries(file.phase_in ?? {}).map(([name, values]) => {
      const kind = factOf(name);
      if (!kind) throw wrong(`'${name}' is not a fact of a case.`);
      try {
        return [name, kind.type === "date" ? readDay(values) : values.map((one) => readValue(one, kind))];
      } catch {
        throw wrong(`Pupils cannot be phased in so by '${name}'.`);
      }
    });
    const within = file.limits ?? {}, each = (all, of) => new Map(Object.entries(all ?? {}).map(([name, text]) => [name, of(text)]));
    const share = (text) => ([undefined, "null", "~", "none", ""].includes(text) ? null : text[0] === "-" ? -share(text.slice(1)) : figure(text, 6, "A limit"));
    const limits = { loss: share(within.loss), gain: share(within.gain), guarantee: each(within.guarantee, share), core: each(file.core, (text) => figure(text, 2, "Core funding")),
      average: file.average_in ?? [], alone: Object.keys(file.protect ?? {}) };
    // What the author says above the plan: a mark that its figures are made up is there.
    const says = text.split("\n").filter((line) => /^#(?! yaml-language-server)/.test(line)).map((line) => line.replace(/^#\s*/, "").trim()).filter(Boolean).slice(0, 5);
    const notes = [];
    if (file.solve === "scale") notes.push("The plan scales its rates to an envelope, over a whole county. Here they are as written, not scaled.");
    if (own.length) notes.push(`Pupils in ${own.map((name) => `'${name}'`).join(", ")} are paid as today by the plan. They are among those for whom it has no rate.`);
    if ((file.average_in ?? []).length)
      notes.push("In some settings the plan pays each pupil the average of the school's own rates. Where the list has all pupils of a school the sum is the same, but a single pupil's part of it is not the band's rate.");
    return { data: under, plan: { id: file.plan, title: file.title, day: file.day, edition: editions[file.edition], bands: rated, bandOf, settings, phaseIn: file.phase_in ? phaseIn : null, notes, says, own: new Set([...taken].filter(([, name]) => own.includes(name)).map(([level]) => level)), limits: (file.solve ?? "none") === "none" ? limits : null } };
  }

  function phased(plan, facts) {
    // Whether a pupil is phased in: true, false, or null where a fact is missing.
    if (plan.phaseIn === null) return true;
    let found = false;
    for (const [name, wanted] of plan.phaseIn) {
      const value = facts[name] ?? null;
      if (value === null) found = found === true ? true : null;
      else if (typeof wanted === "string" ? value >= wanted : wanted.includes(value)) found = true;
    }
    return found;
  }

  function unit({ loss, gain, guarantee, core, average }, place, some) {
    // What limits leave of what a school is paid for pupils with a rate of today, in pence: floors up, ceilings down.
    const sum = (of) => BigInt(some.reduce((total, one) => total + one[of], 0)), today = sum("present"), bands = sum("rate"), number = BigInt(some.length);
    if (!today) return { new: bands, paid: bands, held: "none" };
    const beside = number * (core.get(place) ?? 0n), least = guarantee.get(place) ?? null, parts = average.includes(place) ? number : 1n;
    const floors = [...(loss === null ? [] : [["loss", today * (MILLION - loss)]]), ...(least === null ? [] : [["guarantee", (today + beside) * (MILLION + least) - beside * MILLION]])];
    const [by, floor] = floors.reduce((found, one) => (one[1] >= found[1] ? one : found), ["none", 0n]), of = MILLION * parts;
    const ceiling = gain === null ? bands : (today * (MILLION + gain)) / of * parts, most = ceiling < bands ? ceiling : bands;
    const end = (floor + of - 1n) / of * parts, paid = most < end ? end : most;
    return { new: bands, paid, held: paid < bands ? "gain" : paid > bands ? by : "none" };
  }

  function limited({ own_rates: ownRates, guaranteed }, plan, seats, today) {
    // What each kind of place is paid within the plan's limits, if these are all of its pupils; null where that cannot be said.
    const { limits } = plan, places = [...new Set(seats.map((one) => one.place))].sort();
    if (!limits || [limits.loss, limits.gain, ...limits.guarantee.values()].every((one) => one === null)) return null;
    if (guaranteed.some((place) => places.includes(place) && !limits.guarantee.has(place)) || limits.alone.some((place) => limits.average.includes(place))) return null;
    const found = places.filter((place) => ownRates.includes(place) || today !== null).map((place) => {
      const here = seats.filter((one) => one.place === place).map((one) => (ownRates.includes(place) ? one : { ...one, present: today }));
      const kept = here.filter((one) => one.own), inside = here.filter((one) => !one.own && one.present !== null), outside = here.filter((one) => !one.own && one.present === null);
      if (kept.some((one) => one.present === null)) return null;
      const units = (limits.alone.includes(place) ? inside.map((one) => [one]) : [inside]).map((some) => unit(limits, place, some));
      const add = (all, of) => all.reduce((sum, one) => sum + Number(one[of]), 0), beside = add(outside, "rate") + add(kept, "present");
      const moved = new Map(["none", "gain", "loss", "guarantee"].map((by) => [by, 0]));
      for (const one of units) moved.set(one.held, moved.get(one.held) + Math.abs(Number(one.paid - one.new)));
      const [held, most] = [...moved].reduce((found, one) => (one[1] >= found[1] ? one : found));
      return { place, pupils: here.length, present: add(inside, "present") + add(kept, "present"), new: add(units, "new") + beside, limited: add(units, "paid") + beside, held: most ? held : "none" };
    });
    return found.includes(null) ? null : found;
  }

  function proposal(data, rows, counted, plan, headings = [], today = null) {
    // What a plan would pay for pupils whose references are counted; `headings` are those of the list, and `today` is what
    // is paid for each pupil today where pupils bring no rate of their own, in pence.
    const { route, tariff } = data.model, seats = [], notes = [...plan.notes];
    if (headings.includes(tariff.part_column)) notes.push(`Each rate is that of a whole year, whatever the column '${tariff.part_column}' says.`);
    if (headings.includes(tariff.elsewhere)) notes.push(`A pupil for whom another authority pays is shown like all others (column '${tariff.elsewhere}').`);
    const paid = new Map(plan.bands.map((band) => [band.name, new Map()]));
    const notMapped = new Map(), leftOut = new Set();
    let lacking = headings.includes(tariff.part_column) || headings.includes(tariff.elsewhere);
    for (const cells of rows) {
      const ref = cells.find(([name]) => name === "case_ref")?.[1], done = readCase(data.policy, cells.map(([name, text]) => [name, name === "decision_date" ? plan.day : text]));
      if (!counted.has(ref) || done.problems) continue;
      const answer = decide(data.policy, done.facts)[route];
      const lacks = answer.answer === UNDETERMINED && answer.missing_facts.length === 1 && answer.missing_facts[0] === tariff.level && !answer.open_points.length;
      if (answer.answer !== tariff.answer && !lacks) continue;
      const level = done.facts[tariff.level] ?? null, place = done.facts[tariff.place] ?? "", factor = plan.settings.get(place), own = plan.own.has(level);
      if (level !== null && !lacks && phased(plan, done.facts) === true) {
        if (factor === undefined || !(own || plan.bandOf.has(level))) lacking = true;
        else seats.push({ place, own, present: done.facts[tariff.paid_today] ?? null, rate: own ? 0 : Number((plan.bands.find((band) => band.name === plan.bandOf.get(level)).rate * factor) / MILLION) });
      }
      if (phased(plan, done.facts) !== true || factor === undefined || (level !== null && !plan.bandOf.has(level))) {
        leftOut.add(ref);
        continue;
      }
      const rates = new Map(plan.bands.map((band) => [band.name, Number((band.rate * factor) / MILLION)]));
      if (level !== null && !lacks) paid.get(plan.bandOf.get(level)).set(ref, rates.get(plan.bandOf.get(level)));
      else notMapped.set(ref, [Math.min(...rates.values()), Math.max(...rates.values())]);
    }
    const total = (values) => [...values].reduce((sum, one) => sum + one, 0);
    const bands = plan.bands.map((band) => ({ name: band.name, rate: Number(band.rate), refs: [...paid.get(band.name).keys()], sum: total(paid.get(band.name).values()) }));
    return {
      ...plan, limited: lacking ? null : limited(tariff, plan, seats, today), notes, bands, leftOut: leftOut.size, sum: total(bands.map((band) => band.sum)), mapped: total(bands.map((band) => band.refs.length)),
      notMapped: notMapped.size, low: total([...notMapped.values()].map(([least]) => least)), high: total([...notMapped.values()].map(([, most]) => most)),
    };
  }

  return { read, proposal };
})();
