// A Community's ledger: its budget of a year, what of it earlier claims take, and what is left. The same as
// caseloads/ledger.py for one Community whose budget is known, or known to lie between two figures; both are held to the
// same figures. Money is whole pence; shares and ranges are exact fractions, so nothing is rounded before it is told.
"use strict";

const senpolicyLedger = (() => {
  const { readCase, decide, weigh, UNDETERMINED } = senpolicyEvaluator;

  // Fractions of whole numbers of any size: [above, below], the lower always more than 0.
  const whole = (number) => [BigInt(number), 1n];
  const minus = ([a, b], [c, d]) => [a * d - c * b, b * d];
  const times = ([a, b], [c, d]) => [a * c, b * d];
  const compare = ([a, b], [c, d]) => (a * d < c * b ? -1 : a * d > c * b ? 1 : 0);
  const floor = ([a, b]) => (a - (((a % b) + b) % b)) / b;
  const ceil = ([a, b]) => -floor([-a, b]);

  function share(text) {
    // A share that is written with a point, such as 0.65.
    const [before, after = ""] = text.split(".");
    return [BigInt(before + after), 10n ** BigInt(after.length)];
  }

  // Ranges: what a figure may be, and whether each end is itself reached.
  const range = (low, high, lowReached = true, highReached = true) => ({ low, high, lowReached, highReached });
  const settled = (one) => compare(one.low, one.high) === 0;
  const less = (one, other) => range(minus(one.low, other.high), minus(one.high, other.low),
    one.lowReached && other.highReached, one.highReached && other.lowReached);
  const part = (one, of) => ({ ...one, low: times(one.low, of), high: times(one.high, of) });

  const pounds = (pence) => `${pence < 0n ? "-" : ""}${(pence < 0n ? -pence : pence) / 100n}.${String((pence < 0n ? -pence : pence) % 100n).padStart(2, "0")}`;
  const ends = (one, low, high) => ({ low, high, low_reached: one.lowReached, high_reached: one.highReached });
  const inPounds = (one) => (settled(one) ? pounds(floor(one.low)) : ends(one, pounds(floor(one.low)), pounds(ceil(one.high))));
  const fourDecimals = (number) => `${number / 10_000n}.${String(number % 10_000n).padStart(4, "0")}`;
  const asShare = (one) => {
    const [low, high] = [floor(times(one.low, whole(10_000))), ceil(times(one.high, whole(10_000)))].map(fourDecimals);
    return settled(one) ? low : ends(one, low, high);
  };

  function claimsOf(data, rows, year, chosen) {
    // The claims of rows of cells as the policy keeps them on the first day of a year: for certain, or where they may be
    // kept. `chosen` is a share that somebody chose, null for the policy's own range.
    const { question, answer, rate: claim, least, most } = data.model.ledger;
    const found = { sure: [], maybe: [], refused: 0, withoutRate: 0 };
    const period = data.policy.periods.findLast((one) => one.start <= year.first);
    const inForce = period.questions.find((one) => one.name === question).outcomes.map((place) => data.policy.outcomes[place]);
    const keeping = inForce.filter((one) => year.may.includes(one.id));
    const named = keeping.filter((one) => one.answer === answer && typeof one.gives[most]?.is === "string");
    const largest = named.reduce((best, one) => (!best || compare(share(one.gives[most].is), share(best.gives[most].is)) > 0 ? one : best), null);
    const sharesOf = (gives) => {
      if (chosen) return [chosen, chosen];
      return typeof gives?.[least] === "string" && typeof gives[most] === "string" ? [share(gives[least]), share(gives[most])] : [whole(0), whole(1)];
    };
    for (const cells of rows) {
      const read = readCase(data.policy, onDay(cells, year.first));
      if (read.problems) {
        found.refused += 1;
        continue;
      }
      const answers = decide(data.policy, read.facts), told = answers[question], kept = told.answer === answer;
      const known = { ...read.facts, ...Object.fromEntries(Object.entries(answers).map(([name, one]) => [name, one.answer === UNDETERMINED ? null : one.answer])) };
      const mayBe = told.answer === UNDETERMINED && keeping.some((one) => weigh(one.when, known).held !== false);
      if (!kept && !mayBe) continue;
      const rate = read.facts[claim];
      if (typeof rate !== "number") found.withoutRate += kept ? 1 : 0;
      else if (rate) {
        const gives = kept ? told.gives : largest && Object.fromEntries(Object.entries(largest.gives).map(([name, one]) => [name, one.is]));
        (kept ? found.sure : found.maybe).push([BigInt(rate), ...sharesOf(gives)]);
      }
    }
    return found;
  }

  const onDay = (cells, day) => cells.map(([name, text]) => [name, name === "decision_date" ? day : text]);

  function ledger(claims, { low, high, reached = true, contingency = whole(0), allocated = 0 }) {
    // The ledger as plain data, under the names that the command gives. `low` and `high` are pence.
    const sum = (all, of) => all.reduce((total, one) => total + of(one), 0n), { sure, maybe } = claims;
    const certain = sum(sure, ([rate]) => rate), all = [...sure, ...maybe];
    const pot = range(whole(low), whole(high), reached, reached), claimed = range(whole(certain), whole(certain + sum(maybe, ([rate]) => rate)));
    const kept = (rate, of) => floor(times(whole(rate), of));
    const guarded = range(whole(sum(sure, ([rate, least]) => kept(rate, least))), whole(sum(all, ([rate, , most]) => kept(rate, most))));
    const free = part(pot, minus(whole(1), contingency)), room = less(free, guarded);
    return {
      budget: inPounds(pot), claims: inPounds(claimed), protected: inPounds(guarded), contingency: inPounds(part(pot, contingency)),
      allocated: pounds(BigInt(allocated)), left: inPounds(less(room, range(whole(allocated), whole(allocated)))),
      affordable_share: claimed.high[0] ? asShare(affordable(free, claimed)) : null,
    };
  }

  function affordable(free, claims) {
    // The largest share of the claims, from 0 to 1, that a budget without its contingency can bear.
    const divided = ([a, b], [c, d]) => [a * d, b * c];
    const low = divided(free.low, claims.high), high = claims.low[0] ? divided(free.high, claims.low) : whole(2);
    const within = (one) => (compare(one, whole(0)) < 0 ? whole(0) : compare(one, whole(1)) > 0 ? whole(1) : one);
    return range(within(low), within(high), compare(low, whole(1)) >= 0 || (free.lowReached && claims.highReached),
      compare(high, whole(1)) > 0 || (free.highReached && claims.lowReached));
  }

  return { claimsOf, ledger, onDay, share, whole };
})();
