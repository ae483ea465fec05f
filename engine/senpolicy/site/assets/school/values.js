// Single cells of schools' files: days, sums of money, codes and school years, each read or not read, never guessed.
// The same as caseloads/importing/values.py; both are held to the same files. Days are ISO text, sums whole pence.
"use strict";

const senpolicyValues = (() => {
  // What the engine takes for a blank.
  const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
  const EDGES = new RegExp(`^${SPACE}+|${SPACE}+$`, "g"), SPACES = new RegExp(`${SPACE}+`, "g");
  const FIRST_MONTH = 9;
  const MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december"];
  const ISO = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?$/;
  const NAMED_FIRST = /^(\d{4})-([A-Za-z]{3,9})-(\d{1,2})(?: \d\d:\d\d(?::\d\d)?)?$/;
  const NAMED = /^(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4}|\d{2})$/;
  const FIGURES = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?: \d\d:\d\d(?::\d\d)?)?$/;
  const MONEY = /^(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d{1,2})?$/;

  const strip = (text) => text.replace(EDGES, "");
  const words = (text) => strip(text.replace(SPACES, " "));
  const plain = (text) => text.normalize("NFKD").toLowerCase().replaceAll("ß", "ss").replace(/[^\p{L}\p{N}]/gu, "");

  function iso(year, month, day) {
    // A day as ISO text, null where there is none.
    const made = new Date(0);
    made.setUTCFullYear(year, month - 1, day);
    if (year < 1 || month < 1 || made.getUTCMonth() !== month - 1 || made.getUTCDate() !== day) return null;
    return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
  }

  const parts = (day) => day.split("-").map(Number);
  const addDays = (day, days) => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
  const daysBetween = (from, until) => Math.round((Date.parse(until) - Date.parse(from)) / 86_400_000);

  function schoolYear(day) {
    const [year, month] = parts(day);
    return month >= FIRST_MONTH ? year : year - 1;
  }

  const completedYears = (birth, day) => parts(day)[0] - parts(birth)[0] - (day.slice(5) < birth.slice(5) ? 1 : 0);
  const yearOfBirth = (birth, day) => schoolYear(day) - schoolYear(birth) - 5;

  function monthFirst(text) {
    const found = FIGURES.exec(strip(text));
    return found !== null && Number(found[1]) <= 12 && Number(found[2]) > 12;
  }

  function ambiguous(text) {
    const found = FIGURES.exec(strip(text));
    return found !== null && Number(found[1]) !== Number(found[2]) && Math.max(found[1], found[2]) <= 12;
  }

  function monthOf(word) {
    const number = MONTHS.findIndex((month) => month.slice(0, 3) === word.slice(0, 3).toLowerCase());
    return number >= 0 && MONTHS[number].startsWith(word.toLowerCase()) ? number + 1 : 0;
  }

  function yearOf(text, latest) {
    if (text.length === 4) return Number(text);
    const now = parts(latest)[0], year = Math.floor(now / 100) * 100 + Number(text);
    return year <= now ? year : year - 100;
  }

  function day(text, latest, serials = true) {
    // Returns [day, flag]; the day is null where the cell says none. Figures are read day first.
    const bare = strip(text.replaceAll("\u00a0", " "));
    let found, made = null;
    if ((found = ISO.exec(bare))) made = iso(Number(found[1]), Number(found[2]), Number(found[3]));
    else if ((found = NAMED_FIRST.exec(bare))) made = iso(Number(found[1]), monthOf(found[2]), Number(found[3]));
    else if ((found = NAMED.exec(bare))) made = iso(yearOf(found[3], latest), monthOf(found[2]), Number(found[1]));
    else if ((found = FIGURES.exec(bare))) made = iso(yearOf(found[3], latest), Number(found[2]), Number(found[1]));
    else if (serials && /^\d{5}(?:\.0)?$/.test(bare))
      return [addDays("1899-12-30", Number(bare.replace(/\.0$/, ""))), "date_is_a_serial_number"];
    return [made, made === null ? "date_not_read" : ""];
  }

  function money(text) {
    // Returns [{text, pence}, flag]; null where the cell says no sum.
    const bare = text.replace(SPACES, "").replaceAll("£", "");
    if (!bare) return [null, ""];
    if (["nil", "none", "nothing"].includes(bare.toLowerCase())) return [{ text: "0", pence: 0 }, ""];
    if (MONEY.test(bare)) {
      const [whole, part = ""] = bare.replaceAll(",", "").split(".");
      const pounds = whole.replace(/^0+(?=\d)/, "");
      return [{ text: part ? `${pounds}.${part}` : pounds, pence: Number(pounds) * 100 + Number(part.padEnd(2, "0")) }, ""];
    }
    return [null, /^(\(.*\)|-[\d,.]+)$/.test(bare) && /\d/.test(bare) ? "adjustment_row" : "amount_not_a_number"];
  }

  function yesNo(text) {
    const word = strip(text).toLowerCase();
    if (["yes", "y", "true", "1", "t"].includes(word)) return true;
    return ["no", "n", "false", "0", "f"].includes(word) ? false : null;
  }

  class Codes {
    // A list of codes, by which cells are read. `codes` are pairs of a name and what it means, in their order.
    constructor(codes) {
      this.codes = new Map(codes.map(([name, code]) => [name.toUpperCase(), [name, code]]));
      this.words = new Map(codes.flatMap(([name, code]) => (code.words ?? []).map((word) => [plain(word), [name, code]])));
    }

    read(text) {
      // Returns {value, mayBe, flags} of a cell that says a code, its words, or both with a dash between them.
      const bare = words(text);
      if (!bare) return { value: "", mayBe: "", flags: [] };
      const found = this.known(bare);
      if (found) return this.told(found[1], text, found[0]);
      const dash = new RegExp(`${SPACE}*[-\\u2013:]${SPACE}+`).exec(bare);
      const first = dash ? this.codes.get(strip(bare.slice(0, dash.index)).toUpperCase()) : undefined;
      if (!first) return { value: "", mayBe: "", flags: ["local_status"] };
      const second = this.words.get(plain(bare.slice(dash.index + dash[0].length)));
      if (second && second[0] !== first[0])
        return { value: "", mayBe: second[1].is || second[1].may_be || "", flags: ["code_and_description_differ"] };
      return this.told(first[1], bare.slice(0, dash.index), first[0]);
    }

    codeOf(text) {
      return this.known(words(text))?.[0] ?? "";
    }

    known(bare) {
      return this.codes.get(bare.toUpperCase()) ?? this.words.get(plain(bare));
    }

    told(code, text, name) {
      const flags = code.flag ? [code.flag] : [], bare = strip(text);
      if (bare !== text && bare.toUpperCase() === name.toUpperCase()) flags.push("code_with_space");
      if (bare === name.toLowerCase() && bare !== name) flags.push("code_in_lower_case");
      return { value: code.is ?? "", mayBe: code.is ? "" : code.may_be ?? "", flags };
    }
  }

  function yearCode(text) {
    // The code of a year group without the words around it: "Year  4", "Yr 8" and "4.0" are 4.
    const bare = strip(text).replace(/\.0$/, "");
    if (new RegExp(`[0-9a-z]${SPACE}*[/&,+\\u2013-]${SPACE}*[0-9]`, "i").test(bare)) return bare;
    const rest = plain(bare).replace(/(?:nationalcurriculumyear|ncyear|yeargroup|year|yr|y)(?=.)/, "");
    return /^(?:\d{1,2}|[nre]\d?|[xm])$/.test(rest) ? rest.toUpperCase() : bare;
  }

  function upnFlags(text) {
    const number = text.replace(SPACES, ""), capitals = number.toUpperCase();
    if (!/^[A-Z]\d{11}[0-9A-Z]$/.test(capitals)) return [];
    const flags = number !== capitals ? ["upn_lower_case"] : [];
    if (/[A-Z]$/.test(capitals)) return [...flags, "temporary_upn"];
    const sum = [...capitals.slice(1)].reduce((total, figure, at) => total + Number(figure) * (at + 2), 0);
    return "ABCDEFGHJKLMNPQRTUVWXYZ"[sum % 23] === capitals[0] ? flags : [...flags, "upn_check_letter_wrong"];
  }

  return { strip, words, plain, iso, addDays, daysBetween, schoolYear, completedYears, yearOfBirth, monthFirst, ambiguous,
    day, money, yesNo, Codes, yearCode, upnFlags };
})();
