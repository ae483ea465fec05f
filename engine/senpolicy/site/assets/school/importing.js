// From a record to a pupil: facts that the file settles, candidates that a person must confirm, and flags. The same as
// caseloads/importing/reading.py and run.py; both are held to the same files. What a file does not settle is never a
// fact. Groups by which pupils are counted are not read: the page shows a school as a whole.
"use strict";

const senpolicyImporting = (() => {
  const values = senpolicyValues, { strip, plain, addDays, daysBetween, Codes } = values;
  const { Fault } = senpolicyFiles;
  const { Kinds, taken, pupilKey, namedBy, ENROLMENT, MAIN, NAMES } = senpolicyRecords;
  const IN_PAYMENT = "rate_in_payment", LAST_COMPULSORY = 11, APART = 2, LAST_DAY = "9999-12-31";
  const REFERENCE = /^[A-Za-z]{1,4}-?[0-9]{1,8}$/;
  const nothing = () => ({ value: "", mayBe: "", flags: [] });
  const hasWords = (text, words) =>
    new RegExp(`(?<![a-z0-9])${words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![a-z0-9])`).test(text);

  class Reader {
    constructor(found, told, kinds, policy, on, register) {
      Object.assign(this, { found, told, on, register });
      this.types = new Map(policy.facts.map((one) => [one.name, one]));
      this.codes = kinds.codes(found.kind);
      this.limits = told.limits;
      const days = [...Object.keys(kinds.columns).filter((name) => kinds.columns[name].holds === "day"),
        ...policy.facts.filter((one) => one.type === "date").map((one) => `fact:${one.name}`)];
      this.has = new Set([...found.columns.map(([, name]) => name).filter(Boolean), ...found.records.flatMap((one) => Object.keys(one.cells))]);
      // One day that can only be month first puts every day of the file in doubt.
      this.unclear = days.some((name) => this.has.has(name) && found.records.some((one) => values.monthFirst(one.cells[name] ?? "")));
      const titles = found.titles.join(" ").toLowerCase();
      this.otherAmounts = told.other_amounts.some((one) => hasWords(titles, one));
      const unknown = found.columns.filter(([, column]) => column === null).map(([heading]) => heading).join(" ").toLowerCase();
      this.doubtfulPlace = told.provision_words.some((one) => hasWords(unknown, one));
      this.ways = { completed_years: this.age, school_year: this.year, place: this.place, code: this.code, day: this.day, payment: this.payment };
    }

    pupils() {
      return this.found.records.map((record) => this.pupil(record));
    }

    pupil(record) {
      const facts = {};
      for (const [name, reading] of this.told.facts) {
        facts[name] = null;
        if (reading.claim) facts[reading.claim] = null;
      }
      const pupil = { at: record.at, facts, candidates: {}, flags: [], excluded: record.excluded, ref: "" };
      const around = { pupil, record, cells: record.cells, birth: null, movedOn: false, otherPlace: false };
      this.flag(pupil, ...record.flags, ...values.upnFlags(record.cells.upn ?? ""));
      around.birth = this.cellDay(around, "birth");
      this.registration(around);
      for (const [name, reading] of this.told.facts) this.ways[reading.way].call(this, around, name, reading);
      this.asWritten(around);
      this.left(around);
      return pupil;
    }

    flag(pupil, ...names) {
      for (const name of names) if (name && !pupil.flags.includes(name)) pupil.flags.push(name);
    }

    text(around, name) {
      return around.cells[name] ?? "";
    }

    // Cells.

    cellDay(around, name, text = this.text(around, name)) {
      if (!strip(text)) return null;
      if (this.unclear && values.ambiguous(text)) {
        this.flag(around.pupil, "day_order_unclear");
        return null;
      }
      const [day, flag] = values.day(text, this.on, this.found.serials);
      this.flag(around.pupil, flag);
      return day;
    }

    registration(around) {
      const text = this.text(around, ENROLMENT), given = Boolean(strip(text));
      const said = given ? this.codes[ENROLMENT].read(text).value : MAIN;
      // Rows of one pupil that say different things leave it out, as two columns do.
      const differs = !given && this.has.has(ENROLMENT) && around.pupil.flags.includes("two_values");
      if (said !== MAIN || differs || this.found.unread.has(ENROLMENT)) {
        this.flag(around.pupil, said !== "" && said !== MAIN ? "not_main_registration" : "enrolment_not_read");
        around.otherPlace = true;
      }
    }

    // The ways of reading.

    age(around, name) {
      if (around.birth !== null && around.birth <= this.on) this.set(around.pupil, name, values.completedYears(around.birth, this.on));
    }

    year(around, name, reading) {
      const { pupil } = around, text = this.text(around, reading.of), bare = strip(text), code = values.yearCode(text);
      const byBirth = around.birth ? values.yearOfBirth(around.birth, this.on) : null;
      const read = bare ? this.codes[reading.of].read(code) : nothing();
      if (["N1", "N2", "E1", "E2"].includes(code.toUpperCase()) || plain(text).startsWith("nursery")) this.flag(pupil, "nursery_class_in_school");
      this.flag(pupil, ...read.flags.filter((flag) => flag !== "local_status"));
      if (text !== bare) this.flag(pupil, "code_with_space");
      if (bare && bare !== bare.toUpperCase() && bare.length <= 2) this.flag(pupil, "code_in_lower_case");
      const { ofDay } = this.found, later = ofDay ? values.schoolYear(this.on) - values.schoolYear(ofDay) : 0;
      if (read.value && later) {
        this.flag(pupil, later > 0 ? "year_group_of_an_earlier_school_year" : "year_group_of_a_later_school_year");
        const firstOfTwo = code.toUpperCase() === "N1" && later > 0;
        this.mayBe(pupil, name, Number(read.value) + later - (firstOfTwo ? 1 : 0));
        if (later > 0 && Number(read.value) >= LAST_COMPULSORY) {
          this.flag(pupil, "may_have_left_since");
          around.movedOn = true;
        }
        return;
      }
      if (read.value) {
        this.set(pupil, name, Number(read.value));
        if (byBirth !== null && Math.abs(byBirth - Number(read.value)) > APART) this.flag(pupil, "age_and_year_apart");
        return;
      }
      if (read.mayBe) this.mayBe(pupil, name, Number(read.mayBe));
      else if (byBirth !== null) this.mayBe(pupil, name, byBirth);
      if (bare && !read.mayBe) this.flag(pupil, "year_not_read");
      else if (!bare && this.has.has(reading.of)) this.flag(pupil, "year_missing");
    }

    place(around, name, reading) {
      const { pupil, cells } = around, mayHold = reading.may_hold ?? [];
      const own = ["urn", "ukprn", reading.of].map((one) => cells[one] ?? "").filter(strip);
      if (pupil.excluded) return;
      const written = this.codesOf(cells, "placement_type" in cells ? "placement_type" : "placement");
      this.flag(pupil, ...written.flags.filter((flag) => flag !== "local_status"));
      let { value } = written, certain = true;
      const school = this.school(own);
      if (school) {
        value = school.setting;
        this.flag(pupil, ...school.flags);
      } else if (own.length && this.register) this.flag(pupil, "school_not_in_register");
      const named = cells.school_name ?? "";
      if (named && !own.length && !value) {
        this.flag(pupil, "setting_without_number");
        const found = this.register?.named(named) ?? null;
        [value, certain] = found ? [found.setting, false] : ["", true];
      }
      const [provision, unread] = this.provision(cells);
      const inName = ["", ...mayHold].includes(value) && this.told.provision_words.some((one) => hasWords(named.toLowerCase(), one));
      if (inName && !provision) {
        this.flag(pupil, "provision_named_in_text");
        [value, certain] = [reading.provision ?? "", false];
      }
      if (!provision && mayHold.includes(value) && (unread || this.doubtfulPlace)) {
        this.flag(pupil, "provision_not_read");
        certain = false;
      }
      if (provision && reading.provision) {
        value = reading.provision;
        if (provision === "unit") this.flag(pupil, "sen_unit_read_as_srp");
      }
      if (!value) return;
      if (around.otherPlace || around.movedOn) certain = false;
      if (certain) this.set(pupil, name, value);
      else this.mayBe(pupil, name, value);
    }

    codesOf(cells, column) {
      return strip(cells[column] ?? "") && this.codes[column] ? this.codes[column].read(cells[column]) : nothing();
    }

    school(own) {
      const numbers = own.length ? own : this.found.school ? [this.found.school] : [];
      return this.register && numbers.length ? this.register.numbered(numbers) : null;
    }

    provision(cells) {
      const resourced = this.codesOf(cells, "resourced"), unit = this.codesOf(cells, "unit");
      const unread = [resourced, unit].some((one) => one.flags.length && !one.value) || this.found.unread.has("resourced") || this.found.unread.has("unit");
      if (!["", "none"].includes(resourced.value)) return ["resourced", unread];
      return [["", "none"].includes(unit.value) ? "" : unit.value, unread];
    }

    code(around, name, reading) {
      const { pupil, cells } = around, beside = reading.beside ? this.codesOf(cells, reading.beside) : nothing();
      let read = this.codesOf(cells, reading.of);
      const other = this.codesOf(cells, "plan_yes_no");
      this.flag(pupil, ...other.flags.filter((flag) => flag !== "local_status"));
      const differ = (mayBe) => ({ value: "", mayBe, flags: ["code_and_description_differ"] });
      if (beside.value && read.value && beside.value !== read.value) read = differ(beside.value);
      else if (!read.value && !read.mayBe && !read.flags.length && beside.value) read = beside;
      if (!read.value && !read.mayBe && !read.flags.length) read = { value: other.value, mayBe: other.mayBe, flags: [] };
      else if (other.value && read.value && other.value !== read.value) read = differ(other.value);
      this.flag(pupil, ...read.flags);
      if (read.value) this.set(pupil, name, read.value);
      else if (read.mayBe) this.mayBe(pupil, name, read.mayBe);
      const has = [reading.of, "plan_yes_no"].filter((one) => this.has.has(one));
      if (has.length && !this.found.kind.record?.present && !pupil.excluded && !has.some((one) => strip(cells[one] ?? ""))) this.flag(pupil, "status_missing");
    }

    day(around, name, reading) {
      const { pupil } = around, day = this.cellDay(around, reading.of);
      const plan = reading.plan ? pupil.facts[reading.plan] ?? null : null, withPlan = plan === (reading.plan_is ?? null);
      if (day !== null) {
        this.set(pupil, name, day);
        if (day > this.on) this.flag(pupil, "issued_after_decision");
        if (plan !== null && !withPlan) this.flag(pupil, "issued_without_plan");
      } else if (withPlan && (this.has.has(reading.of) || this.has.has("plan_start"))) {
        this.flag(pupil, "plan_without_date");
        const start = this.cellDay(around, "plan_start");
        if (start !== null) {
          this.flag(pupil, "status_start_not_issue");
          this.mayBe(pupil, name, start);
        }
      }
    }

    payment(around, name, reading) {
      const { pupil, cells, record } = around, claim = reading.claim ?? "";
      const cutoff = this.limits[(reading.before ?? "").replace(/^\$/, "")];
      const plan = reading.plan ? pupil.facts[reading.plan] ?? null : null;
      const somePlan = plan ?? pupil.candidates[reading.plan ?? ""] ?? null, without = somePlan !== null && somePlan !== reading.plan_is;
      if (values.yesNo(cells.top_up ?? "")) {
        if (this.found.ofDay !== null && this.found.ofDay < cutoff) this.set(pupil, claim, true);
        else this.flag(pupil, "top_up_without_amount", "claim_date_unknown");
        if (without && plan !== null) this.flag(pupil, "top_up_without_plan");
      }
      if (record.periods.length) {
        this.periods(around, name, reading, cutoff);
        if (without && (pupil.facts[claim] || pupil.facts[name])) this.flag(pupil, "top_up_without_plan");
        return;
      }
      const [amount, flag] = values.money(this.text(around, reading.of));
      this.flag(pupil, flag);
      if (amount === null) return;
      if (amount.pence && this.otherAmounts) {
        this.flag(pupil, "amount_of_another_kind");
        return;
      }
      if (!amount.pence) {
        this.set(pupil, name, 0);
        return;
      }
      this.mayBe(pupil, name, amount.pence);
      const issued = pupil.facts[reading.issued ?? ""];
      if (typeof issued === "string" && issued >= cutoff) this.flag(pupil, "rate_may_postdate_cutoff");
      else this.flag(pupil, "claim_date_unknown", "start_of_payment_not_known");
      if (without && plan !== null) this.flag(pupil, "top_up_without_plan");
    }

    periods(around, name, reading, cutoff) {
      // A schedule's rows of one pupil: since when a rate is paid without a gap, and what is paid on the day.
      const { pupil, record } = around, claim = reading.claim ?? "";
      let lines = [];
      for (const cells of record.periods) {
        const [amount, flag] = values.money(cells[reading.of] ?? "");
        const start = this.cellDay(around, "paid_from", cells.paid_from ?? ""), end = this.cellDay(around, "paid_until", cells.paid_until ?? "");
        const blank = !strip(cells[reading.of] ?? "");
        if ((blank && record.periods.length > 1) || flag === "adjustment_row") {
          this.flag(pupil, "adjustment_row");
          continue;
        }
        this.flag(pupil, flag);
        if (strip(cells.paid_until ?? "") && end === null) return;
        if (start === null) {
          if (amount?.pence) {
            this.flag(pupil, "claim_date_unknown");
            this.mayBe(pupil, name, amount.pence);
          }
          return;
        }
        lines.push([start, end ?? LAST_DAY, amount?.pence ?? null]);
      }
      lines.sort((one, other) => (one[0] !== other[0] ? (one[0] < other[0] ? -1 : 1) : one[1] === other[1] ? 0 : one[1] < other[1] ? -1 : 1));
      if (this.otherAmounts) {
        this.flag(pupil, "amount_of_another_kind");
        lines = lines.map(([start, end]) => [start, end, null]);
      }
      const yearFrom = (day) => Number(day.slice(0, 4)) - (day.slice(5) < cutoff.slice(5) ? 1 : 0);
      const stale = this.found.ofDay !== null && yearFrom(this.found.ofDay) < yearFrom(this.on);
      if (stale) this.flag(pupil, "schedule_of_an_earlier_year");
      const now = lines.filter(([start, end]) => start <= this.on && this.on <= end), eve = addDays(cutoff, -1);
      const held = lines.some(([start, end]) => start < cutoff && end >= eve);
      if (lines.length > 1) this.flag(pupil, "rate_changed");
      const fee = this.isFee(around, reading), amount = now.length === 1 ? now[0][2] : null;
      if (now.length > 1) this.flag(pupil, "two_values");
      if (held) {
        if (fee || stale) this.mayBe(pupil, claim, true);
        else this.set(pupil, claim, true);
        if (amount !== null) {
          const certain = !fee && !stale && this.withoutGap(lines, eve);
          if (certain) this.set(pupil, name, amount);
          else this.mayBe(pupil, name, amount);
          if (!certain && !fee && !stale) this.flag(pupil, "gap_over_cutoff");
        } else if (!now.length) this.flag(pupil, "payment_ended");
      } else if (lines.length && amount !== null) {
        pupil.candidates[IN_PAYMENT] = amount;
        this.beganLater(pupil, reading, lines, cutoff);
      }
      if (fee && (held || amount !== null)) this.flag(pupil, "fee_not_top_up");
    }

    beganLater(pupil, reading, lines, cutoff) {
      const claim = reading.claim ?? "", issued = pupil.facts[reading.issued ?? ""];
      if (lines.some(([start]) => start < cutoff)) {
        this.flag(pupil, "gap_over_cutoff");
        this.mayBe(pupil, claim, true);
      } else if (lines[0][0] === cutoff) this.flag(pupil, "start_is_first_day_of_the_files_year");
      else {
        this.flag(pupil, "payment_began_after_cutoff");
        if (typeof issued === "string" && issued >= cutoff) this.mayBe(pupil, claim, false);
        else this.flag(pupil, "earlier_payment_not_in_file");
      }
    }

    withoutGap(lines, eve) {
      let reached = eve;
      for (const [start, end] of lines) if (start <= reached || daysBetween(reached, start) === 1) reached = end > reached ? end : reached;
      return reached >= this.on;
    }

    isFee(around, reading) {
      const place = [...Object.values(around.pupil.facts), ...Object.values(around.pupil.candidates)];
      return this.says(around, this.told.fee_words) || place.some((one) => (reading.fees ?? []).includes(one));
    }

    says(around, words) {
      const text = this.text(around, "comments").toLowerCase();
      return words.some((one) => hasWords(text, one));
    }

    // What is beside the facts.

    asWritten(around) {
      // A column that is headed as a fact of a case is: as it is written, where it is a value of that fact.
      const { pupil } = around;
      for (const [column, text] of Object.entries(around.cells)) {
        const name = column.replace(/^fact:/, "");
        if (name === column || !strip(text) || (pupil.facts[name] ?? null) !== null) continue;
        const kind = this.types.get(name);
        let bare = strip(text);
        if (kind.type === "money") {
          const [sum, flag] = values.money(bare);
          if (sum === null) {
            this.flag(pupil, flag);
            continue;
          }
          bare = sum.text;
        } else if (kind.type === "date") {
          bare = this.cellDay(around, column);
          if (bare === null) continue;
        } else if (kind.type === "boolean") bare = { true: "true", false: "false", null: bare }[values.yesNo(bare)];
        const value = valueOf(bare, kind);
        if (value === undefined) this.flag(pupil, "value_not_read");
        else this.written(pupil, name, value);
      }
    }

    written(pupil, name, value) {
      // What a list says of a payment, or of another day, is asked about.
      const told = new Map(this.told.facts);
      const payments = [...told].filter(([, of]) => of.way === "payment").flatMap(([one, of]) => [one, of.claim]);
      const moves = ["completed_years", "school_year"].includes(told.get(name)?.way);
      const anotherDay = moves && this.found.ofDay !== null && this.found.ofDay !== this.on;
      if (payments.includes(name) && !value) this.flag(pupil, "claim_date_unknown");
      else if (payments.includes(name) || anotherDay) this.mayBe(pupil, name, value);
      else this.set(pupil, name, value);
    }

    left(around) {
      const { pupil, cells } = around, left = values.yesNo(cells.leaving ?? "");
      const day = left === null ? this.cellDay(around, "leaving") : null;
      const gone = left || values.yesNo(cells.leaver ?? "") || values.yesNo(cells.on_roll ?? "") === false;
      const ended = pupil.flags.includes("payment_ended") && this.says(around, this.told.leaver_words);
      const sheet = String(around.record.at.sheet ?? "").toLowerCase(), ofLeavers = this.told.leaver_words.some((one) => hasWords(sheet, one));
      if ((day !== null && day <= this.on) || gone || ended || ofLeavers) {
        this.flag(pupil, "leaver");
        pupil.excluded = pupil.excluded || "leaver";
      }
      const ceased = this.cellDay(around, "plan_ceased");
      if ((ceased !== null && ceased <= this.on) || pupil.flags.includes("plan_ceased")) {
        this.flag(pupil, "plan_ceased");
        pupil.excluded = pupil.excluded || "plan_ceased";
      }
    }

    set(pupil, name, value) {
      if (!this.fits(name, value)) return;
      pupil.facts[name] = value;
      delete pupil.candidates[name];
    }

    mayBe(pupil, name, value) {
      if (this.fits(name, value) && (pupil.facts[name] ?? null) === null) pupil.candidates[name] = value;
    }

    fits(name, value) {
      const kind = this.types.get(name);
      if (kind.type === "choice") return kind.values.includes(value);
      if (kind.type === "integer" && typeof value === "number")
        return (kind.lowest === null || value >= kind.lowest) && (kind.highest === null || value <= kind.highest);
      return true;
    }
  }

  function valueOf(text, kind) {
    // The value that a cell of a case says, undefined for none.
    try {
      return senpolicyEvaluator.readValue(text, kind);
    } catch {
      return undefined;
    }
  }

  function asText(value, kind) {
    if (kind?.type === "money" || (kind === undefined && typeof value === "number"))
      return `${Math.floor(value / 100)}.${String(value % 100).padStart(2, "0")}`;
    return String(value);
  }

  class Register {
    // The schools of an extract of the national register, by each of their numbers, and by name.
    constructor({ grids }, types) {
      const rows = grids?.[0]?.rows ?? [], headings = rows.length ? rows[0].cells.map(plain) : [];
      if (!headings.includes("urn") || !headings.includes("typeofestablishmentcode"))
        throw new Fault("no-register", "This is not an extract of the register of schools: 'URN' or 'TypeOfEstablishment (code)' is missing.",
          "Download 'all establishment data' from the register, and leave these columns in.");
      [this.byNumber, this.byName] = [new Map(), new Map()];
      for (const row of rows.slice(1)) {
        const cells = Object.fromEntries(headings.map((heading, at) => [heading, strip(row.cells[at] ?? "")]));
        const read = types.read(cells.typeofestablishmentcode), flags = read.value ? [...read.flags] : ["type_without_setting"];
        if ((cells.establishmentname ?? "").toLowerCase().includes("hospital")) flags.push("hospital_school_not_told_by_type");
        if (cells.establishmentstatuscode === "2") flags.push("closed_establishment");
        const both = (cells.lacode ?? "") + (cells.establishmentnumber ?? "");
        const school = { setting: read.value, flags };
        for (const key of [both, cells.urn, cells.ukprn ?? ""])
          if (key && (!this.byNumber.has(key) || this.byNumber.get(key).flags.includes("closed_establishment"))) this.byNumber.set(key, school);
        const name = plain(cells.establishmentname ?? "");
        this.byName.set(name, [...(this.byName.get(name) ?? []), school]);
      }
    }

    numbered(numbers) {
      for (const number of numbers) {
        const found = this.byNumber.get(number.replace(/\.0$|[^0-9]/g, ""));
        if (found) return found;
      }
      return null;
    }

    named(name) {
      const found = this.byName.get(plain(name)) ?? [];
      return found.length === 1 ? found[0] : null;
    }
  }

  function tells(cells) {
    // Whether a reference may tell who a pupil is: it has a day, the year of birth, or letters of the name.
    const own = strip(cells.reference ?? "").toUpperCase();
    if (!REFERENCE.test(own)) return false;
    const letters = own.replace(/[^A-Z]/g, ""), figures = own.replace(/[^0-9]/g, ""), born = values.day(cells.birth ?? "", LAST_DAY)[0];
    if (figures.length === 8) {
      const ways = [`${figures.slice(0, 2)}/${figures.slice(2, 4)}/${figures.slice(4)}`, `${figures.slice(0, 4)}-${figures.slice(4, 6)}-${figures.slice(6)}`];
      if (ways.some((one) => { const day = values.day(one, LAST_DAY)[0]; return day !== null && day >= "1995" && day < "2031"; })) return true;
    }
    if (born !== null) {
      const [year, month, day] = [born.slice(2, 4), born.slice(5, 7), born.slice(8)];
      if (figures === day + month + year || figures === year + month + day) return true;
    }
    const names = NAMES.map((one) => plain(cells[one] ?? "").toUpperCase()).filter(Boolean);
    const words = NAMES.flatMap((one) => senpolicyValues.words(cells[one] ?? "").split(" ").filter(Boolean)).map((word) => word.toUpperCase());
    const initials = words.map((word) => word[0]), both = [initials.join(""), initials.toReversed().join("")];
    const withYear = born !== null && figures.endsWith(born.slice(2, 4));
    return (letters.length > 2 && names.some((one) => one.startsWith(letters))) || (both.includes(letters) && withYear);
  }

  function importFile(data, files, options) {
    // What files say of their pupils for the day `options.on`. `data` has the policy and how files are read; `files` are
    // as senpolicyFiles.opened gives them. Throws a Fault where a file is at fault or of no known kind.
    const { policy, imports } = data, { on, kind = null, register = null, ofDay = null } = options;
    const kinds = new Kinds(imports, options.chosen, options.meant);
    const types = new Codes(imports.lists.establishment_type);
    const schools = register ? new Register(register, types) : null;
    const found = taken(files, kinds, kind, on);
    found.ofDay = ofDay ?? found.ofDay;
    found.notes.push(...toldOf(files, found, kinds));
    const limits = Object.fromEntries(Object.entries(imports.limits).map(([name, days]) =>
      [name, days.findLast(([start]) => start <= on)?.[1] ?? null]));
    const pupils = new Reader(found, { ...imports, limits }, kinds, policy, on, schools).pupils();
    const own = found.records.map((record) => strip(record.cells.reference ?? "")), telling = found.records.some((record) => tells(record.cells));
    if (telling) found.notes.push("References of this file seem to be made of names or days of birth. None was taken over.");
    // All or none: a running number might be another pupil's own reference.
    const kept = !telling && own.every((one) => REFERENCE.test(one)) && new Set(own).size === own.length;
    if (own.some(Boolean) && !kept && !telling)
      found.notes.push("Not every pupil has a reference of its own that can be used. None was taken over.");
    const keys = keysOf(options.keys ?? null);
    pupils.forEach((pupil, at) => {
      pupil.ref = kept ? own[at] : keys.of(pupilKey(found.records[at].cells) || senpolicyKeys.placed(pupil.at));
    });
    if (keys.held && kept) found.notes.push("The file's own references were taken over. They are not those of the key file, which does not know them.");
    else if (keys.held && !keys.met)
      found.notes.push("The key file knows none of these pupils. Another file of the same school that names its pupils by other numbers gives them other references: do not put the two together.");
    if (!pupils.length) throw new Fault("empty", "This file has headings that are known and no pupil below them.", "Export the list again.");
    return { on, taken: found, pupils, kinds, codes: kinds.codes(found.kind), keys };
  }

  function keysOf(text) {
    try {
      return senpolicyKeys.keys(text);
    } catch {
      throw new Fault("no-keys", "This is not a key file.", "Choose the key file that was saved before, or none to begin one.");
    }
  }

  function toldOf(files, found, kinds) {
    const said = [];
    for (const other of files.length === 1 ? kinds.kinds : [])
      if (other.kind !== found.kind.kind && (other.file_names ?? []).some((one) => namedBy(one, files[0].name)))
        said.push(`The name is that of another kind of file: ${other.title}. It was read by what is in it.`);
    const known = found.kind.codes_known_to;
    if (known && found.ofDay !== null && found.ofDay > known)
      said.push(`The file is of ${sayDay(found.ofDay)}, and the codes of such files are known here up to ${sayDay(known)}. ` +
        "A newer code is not read. See whether any code means something else by now.");
    return said;
  }

  const sayDay = (day) => new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

  function confirm(found, policy, answers) {
    // Makes facts of candidates that a person confirmed; returns how many. An answer is {fact}, for all its candidates,
    // {fact, value}, for all of whom it is not known, or {ref, fact, value} for one pupil; a value is text.
    let done = 0;
    for (const { ref, fact, value } of answers) {
      const kind = policy.facts.find((one) => one.name === fact);
      for (const pupil of found.pupils.filter((one) => !one.excluded && (ref === undefined || one.ref === ref))) {
        if (value === undefined && !(fact in pupil.candidates)) continue;
        if (value !== undefined && ref === undefined && (pupil.facts[fact] ?? null) !== null) continue;
        const now = value === undefined ? pupil.candidates[fact] : valueOf(value, kind);
        if (now === undefined) throw new Fault("not-a-value", `'${value}' is not a value of '${kind.label}'.`, "Choose or write another.");
        pupil.facts[fact] = now;
        delete pupil.candidates[fact];
        done += 1;
      }
    }
    return done;
  }

  function cases(found, policy) {
    // The pupils that are not left out, as the cells of a caseload: [[heading, text], ...] for each.
    const names = policy.facts.filter((one) => !one.required).map((one) => one.name), types = new Map(policy.facts.map((one) => [one.name, one]));
    return found.pupils.filter((one) => !one.excluded).map((pupil) => [["case_ref", pupil.ref], ["decision_date", found.on],
      ...names.filter((name) => (pupil.facts[name] ?? null) !== null).map((name) => [name, asText(pupil.facts[name], types.get(name))])]);
  }

  function plainRows(found, policy) {
    // Each row as plain data: its place, what was read, what must be confirmed, and why it was left out.
    const types = new Map(policy.facts.map((one) => [one.name, one]));
    const say = (all) => Object.fromEntries(Object.entries(all).map(([name, value]) =>
      [name, typeof value === "number" && (types.get(name)?.type ?? "money") === "money" ? asText(value) : value]));
    return found.pupils.map((one) => ({ at: one.at, case_ref: one.ref, facts: say(one.facts), candidates: say(one.candidates),
      flags: one.flags, exclude: one.excluded || null }));
  }

  return { importFile, confirm, cases, plainRows, asText, sayDay, Fault, IN_PAYMENT };
})();
