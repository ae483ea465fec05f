// Decides a pupil's case from the policy as plain data. It compares and nothing else, and asks for nothing from outside.
// Money is whole pence, days are ISO text (which sorts as days do), what is not known is null. A test on what is not
// known is neither true nor false (null). The engine decides the same way; both are held against each other.
"use strict";

const senpolicyEvaluator = (() => {
  const UNDETERMINED = "undetermined";

  const compare = {
    is: (value, limit) => value === limit,
    one_of: (value, limit) => limit.includes(value),
    below: (value, limit) => value < limit,
    at_most: (value, limit) => value <= limit,
    at_least: (value, limit) => value >= limit,
    more_than: (value, limit) => value > limit,
  };

  const known = (facts, name) => (Object.hasOwn(facts, name) ? facts[name] : null);

  function weigh(condition, facts, negated = false) {
    // Returns {held, tests}: true, false or null, and the tests that make it come out so.
    if (condition.fact !== undefined) {
      const value = known(facts, condition.fact);
      let held = null;
      if (condition.asks === "known") held = (value !== null) === condition.limit;
      else if (value !== null) {
        const limit = limitFor(condition, facts);
        held = limit === null ? null : compare[condition.asks](value, limit);
      }
      return { held, tests: [{ test: condition, value, held, negated }] };
    }
    if (condition.not !== undefined) {
      const inner = weigh(condition.not, facts, !negated);
      return { held: inner.held === null ? null : !inner.held, tests: inner.tests };
    }
    const decisive = condition.any !== undefined;
    const parts = (decisive ? condition.any : condition.all).map((part) => weigh(part, facts, negated));
    const truths = parts.map((part) => part.held);
    const held = truths.includes(decisive) ? decisive : truths.includes(null) ? null : !decisive;
    return { held, tests: parts.filter((part) => part.held === held).flatMap((part) => part.tests) };
  }

  function limitFor(test, facts) {
    // The limit of a test: its own, or another fact and what is added to it; null where that fact is not known.
    if (test.other === undefined) return test.limit;
    const other = known(facts, test.other);
    if (typeof other !== "string") return other === null ? null : other + test.by;
    const made = new Date(Date.parse(other) + test.by * 86_400_000);
    return made.toISOString().slice(0, 10);
  }

  const holds = (rule, facts) => weigh(rule.when, facts).held === true;

  function periodOn(policy, day) {
    return policy.periods.findLast((period) => period.start <= day);
  }

  // Reading: from the text of a field to a value. A problem never repeats what stands in the field.

  class Unreadable extends Error {}

  function readDay(text) {
    if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) throw new Unreadable("Write year, month, day: 2025-10-01.");
    const [year, month, day] = text.split("-").map(Number);
    const made = new Date(0);
    made.setUTCFullYear(year, month - 1, day);
    if (year < 1 || made.getUTCMonth() !== month - 1 || made.getUTCDate() !== day)
      throw new Unreadable("There is no such day.");
    return text;
  }

  function readValue(text, fact) {
    if (fact.type === "boolean") {
      if (text === "true" || text === "false") return text === "true";
      throw new Unreadable("Write true or false, or leave it empty when not known.");
    }
    if (fact.type === "choice") {
      if (fact.values.includes(text)) return text;
      throw new Unreadable(`Use one of ${fact.values.join(", ")}.`);
    }
    if (fact.type === "date") return readDay(text);
    if (fact.type === "money") {
      if (!/^(0|[1-9][0-9]{0,8})(\.[0-9]{1,2})?$/.test(text))
        throw new Unreadable("Write figures with at most two decimals, and no sign, comma or currency mark: 6000.01");
      const [whole, part = ""] = text.split(".");
      return Number(whole) * 100 + Number(part.padEnd(2, "0"));
    }
    if (!/^(0|-?[1-9][0-9]{0,14})$/.test(text)) throw new Unreadable("Write a whole number, in figures only.");
    const number = Number(text);
    if ((fact.lowest !== null && number < fact.lowest) || (fact.highest !== null && number > fact.highest))
      throw new Unreadable(`Use ${fact.lowest ?? "any"} to ${fact.highest ?? "any"}.`);
    return number;
  }

  const REFERENCE = /^[A-Za-z]{1,4}-?[0-9]{1,8}$/;

  function isBirthday(reference) {
    const tail = /[0-9]{8}$/.exec(reference)?.[0];
    if (!tail) return false;
    const ways = [[tail.slice(0, 4), tail.slice(4, 6), tail.slice(6)], [tail.slice(4), tail.slice(2, 4), tail.slice(0, 2)]];
    return ways.some(([year, month, day]) =>
      year >= 1995 && year <= 2030 && month >= 1 && month <= 12 && day >= 1 && day <= 31);
  }

  const patterns = new WeakMap();

  function identifies(policy, name, text, declared) {
    if (!patterns.has(policy))
      patterns.set(policy, {
        identifiers: policy.privacy.identifiers.map(([pattern, flags]) => new RegExp(pattern, flags)),
        words: new RegExp(...policy.privacy.words),
      });
    const { identifiers, words } = patterns.get(policy);
    const found = (one) => identifiers.some((pattern) => pattern.test(one));
    if (!declared && (words.test(name) || found(name))) return true;
    if (name === "case_ref" && REFERENCE.test(text))
      return /^(DOB|UPN|NHS)/i.test(text) || isBirthday(text);
    return found(text);
  }

  function readCase(policy, cells) {
    // `cells` are [field, text] in the order of the file. Returns {ref, facts, followed, warnings, mapped} or {ref, problems}.
    const facts = {}, problems = [], given = new Set();
    const declared = new Map(policy.facts.map((fact) => [fact.name, fact]));
    const problem = (code, field, says, help) => problems.push({ code, field, says, help });
    let ref = null;
    for (const [name, text] of cells) {
      const fact = declared.get(name);
      if (text !== "") given.add(name);
      if (name.length > policy.privacy.longest || text.length > policy.privacy.longest)
        problem("too-long", fact ? name : "", "A field is too long.", "Write one plain value.");
      else if (identifies(policy, name, text, Boolean(fact)))
        problem("identifies-a-child", fact ? name : "", "This looks like something that identifies a child.",
          "Leave it out; a case has a pseudonymous reference only.");
      else if (!fact) problem("unknown-field", "", "A field is not a fact that the policy knows.", "Take it out, or correct its name.");
      else if (text === "") continue;
      else if (name === "case_ref") {
        if (REFERENCE.test(text)) ref = text;
        else problem("reference", name, "This is not a reference.", "One to four letters, an optional hyphen, one to eight digits: K-0007.");
      } else {
        try {
          facts[name] = readValue(text, fact);
        } catch (error) {
          if (!(error instanceof Unreadable)) throw error;
          problem(`not-${fact.type}`, name, "This cannot be read.", error.message);
        }
      }
    }
    for (const fact of policy.facts)
      if (fact.required && !given.has(fact.name)) problem("missing-field", fact.name, "This is missing.", "Every case needs it.");
    if (problems.length) return { ref, problems };
    return { ref, ...checked(policy, facts) };
  }

  function checked(policy, facts) {
    // Returns the facts with what follows from them, or the problems where they contradict each other.
    const period = periodOn(policy, facts.decision_date);
    if (!period.questions.length)
      return { problems: [{ code: "no-rules-yet", field: "decision_date", says: "No question of this policy has a version on this day, so nothing is decided.", help: "Check the day, or decide by the policy as of another decision." }] };
    const said = (place) => {
      const rule = policy.rules[place];
      return { code: rule.id, field: rule.fact, says: rule.says, help: rule.help };
    };
    const wrong = period.problems.filter((place) => holds(policy.rules[place], facts));
    if (wrong.length) return { problems: wrong.map(said) };
    const warnings = period.warnings.filter((place) => holds(policy.rules[place], facts)).map(said);
    const all = { ...facts }, followed = {};
    for (let grew = true; grew; ) {
      grew = false;
      for (const place of period.follows) {
        const rule = policy.rules[place];
        if (known(all, rule.fact) === null && holds(rule, all)) {
          [all[rule.fact], followed[rule.fact], grew] = [rule.value, rule.says, true];
        }
      }
    }
    return { facts: all, followed, warnings, ...mapped(period, all, followed) };
  }

  function mapped(period, facts, followed) {
    // The level to which ratings by area lead, where the edition of descriptors has such a method.
    const levels = period.levels;
    if (!levels || known(facts, levels.fact) !== null) return {};
    const rated = Object.entries(levels.ratings).map(([area, names]) =>
      [area, names.map((name) => known(facts, name)).find((one) => one !== null) ?? null]);
    if (rated.every(([, level]) => level === null)) return {};
    const missing = rated.filter(([, level]) => level === null).flatMap(([area]) => levels.ratings[area]);
    const highest = Math.max(...rated.map(([, level]) => levels.order.indexOf(level)));
    if (missing.length && highest !== levels.order.length - 1) return { missing_ratings: missing };
    facts[levels.fact] = levels.order[highest];
    followed[levels.fact] = "The highest rating of any area decides.";
    return {};
  }

  // Deciding.

  const pounds = (pence) => `${pence / 100n}.${String(pence % 100n).padStart(2, "0")}`;

  function portion(policy, wanted, facts) {
    // A share of a fact in pounds, or its part until a day; pence are exact, rounded down or up as the policy says.
    const whole = known(facts, wanted.of), day = known(facts, "decision_date");
    if (whole === null) return null;
    const divided = (top, bottom) => (wanted.round === "down" ? top / bottom : (top + bottom - 1n) / bottom);
    if (!wanted.until) {
      const [top, bottom] = (wanted.share ?? ["1", "1"]).map(BigInt);
      return pounds(divided(BigInt(whole) * top, bottom));
    }
    if (day > wanted.until) return null;
    const days = (Date.parse(wanted.until) - Date.parse(day)) / 86_400_000 + 1;
    const counted = Math.min(days, policy.days_in_year);  // Never more than the amount for a year.
    const amount = pounds(divided(BigInt(whole) * BigInt(counted), BigInt(policy.days_in_year)));
    return { from: day, until: wanted.until, days, amount, assumes: `days of ${policy.days_in_year}` };
  }

  function figures(policy, gives, facts) {
    const found = Object.entries(gives).map(([name, one]) => [name, one.of ? portion(policy, one, facts) : one.is, Boolean(one.of)]);
    const amounts = found.filter(([, , isAmount]) => isAmount);
    if (amounts.length && amounts.every(([, value]) => value === null)) return {};
    return Object.fromEntries(found.filter(([, value]) => value !== null).map(([name, value]) => [name, value]));
  }

  function decideQuestion(policy, name, question, facts, earlier) {
    const weighed = question.outcomes.map((place) => {
      const outcome = policy.outcomes[place];
      return { outcome, ...weigh(outcome.when, facts) };
    });
    const holding = weighed.filter((one) => one.held === true);
    const possible = weighed.filter((one) => one.held === null);
    if (holding.length > 1 || (!holding.length && !possible.length))
      throw new Error("The rules fail for this case. Report it; do not decide it by hand.");
    if (holding.length) {
      const [{ outcome, tests }] = holding;
      const answer = { because: [{ outcome, tests }], gives: figures(policy, outcome.gives, facts), missing_facts: [], open_points: [] };
      if (outcome.answer !== null) return { ...answer, answer: outcome.answer };
      return { ...answer, answer: UNDETERMINED, open_points: outcome.points };
    }
    const wanted = new Set(possible.flatMap((one) => one.tests.map((result) => result.test.fact)));
    const first = policy.questions[name].ask.find((one) => wanted.has(one));
    if (Object.hasOwn(earlier, first)) {
      const { because, missing_facts, open_points } = earlier[first];
      return { answer: UNDETERMINED, because, missing_facts, open_points, gives: {} };
    }
    return { answer: UNDETERMINED, because: possible, missing_facts: [first], open_points: [], gives: {} };
  }

  function warningsOf(policy, facts, answers) {
    // The warnings that rest on answers; those on facts alone come with `readCase`.
    const all = { ...facts };
    for (const [name, answer] of Object.entries(answers)) all[name] = answer.answer === UNDETERMINED ? null : answer.answer;
    const asksForAnswer = (part) =>
      part.fact === undefined ? (part.all ?? part.any ?? [part.not]).some(asksForAnswer) : Object.hasOwn(answers, part.fact);
    return periodOn(policy, facts.decision_date).warnings
      .map((place) => policy.rules[place])
      .filter((rule) => asksForAnswer(rule.when) && holds(rule, all))
      .map((rule) => ({ code: rule.id, field: rule.fact, says: rule.says, help: rule.help }));
  }

  function decide(policy, facts) {
    // `facts` as `readCase` returns them. Returns for each question its answer, in the order of deciding.
    const all = { ...facts }, answers = {};
    for (const question of periodOn(policy, facts.decision_date).questions) {
      const answer = decideQuestion(policy, question.name, question, all, answers);
      all[question.name] = answer.answer === UNDETERMINED ? null : answer.answer;
      answer.cautions = question.cautions.map((place) => policy.cautions[place]).filter((one) => weigh(one.when, all).held === true);
      answers[question.name] = answer;
    }
    return answers;
  }

  return { readCase, readValue, checked, decide, weigh, warningsOf, readDay, identifies, UNDETERMINED };
})();
if (typeof module !== "undefined") module.exports = senpolicyEvaluator;
