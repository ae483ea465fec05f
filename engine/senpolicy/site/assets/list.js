// Reads a list of pupils as `senpolicy decide` reads a caseload (senpolicy.caseloads.run): the same cells, the same numbers
// of rows, the same problems under the same codes. Both are held to the same files (tests/faulty/csv).
"use strict";

const senpolicyList = (() => {
  const { readCase, identifies } = senpolicyEvaluator;
  // What the engine takes for a blank.
  const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
  const BLANK = new RegExp(`^${SPACE}*$`), EDGES = new RegExp(`^${SPACE}+|${SPACE}+$`, "g");
  const LONGEST_CELL = 131_072;
  const SAVE_AS = "Save it as 'CSV UTF-8 (comma delimited)'.";

  class Fault extends Error {
    // What is wrong with the file as a whole, under one code or several: nothing of it is decided.
    constructor(codes, message) {
      super(message);
      this.codes = [codes].flat();
    }
  }

  function decoded(bytes) {
    // The text of a file, without the mark that some programs put before it.
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      throw new Fault("not-utf-8", `This file is not written in UTF-8. ${SAVE_AS}`);
    }
  }

  function cellsOf(text) {
    // The cells of each row, none for an empty line. A line ends with \n, with \r\n or with a lone \r. Between quotation
    // marks a cell may hold a comma, a line break and, written twice, a quotation mark; nothing may follow them.
    const rows = [];
    let row = [], cell = "", state = "start", line = 1;
    const wrong = (says) => new Fault("not-csv", `Near line ${line}: ${says} Write each cell that has a comma or a quotation mark between quotation marks.`);
    const misplaced = () => wrong("A quotation mark is opened here and never closed, or stands in the middle of a cell.");
    const endCell = () => {
      if (cell.length > LONGEST_CELL) throw wrong("A cell here is longer than any case needs.");
      row.push(cell);
      [cell, state] = ["", "start"];
    };
    const endRow = () => {
      if (row.length || state !== "start") endCell();
      rows.push(row);
      row = [];
    };
    for (let at = 0; at < text.length; at++) {
      const letter = text[at], half = letter === "\r" && text[at + 1] === "\n";
      const ends = letter === "\n" || (letter === "\r" && !half);
      if (state === "quoted") {
        if (letter === '"') state = "closed";
        else cell += letter;
      } else if (ends) endRow();
      else if (letter === ",") endCell();
      else if (letter === '"' && state === "start") state = "quoted";
      else if (letter === '"' && state === "closed") [cell, state] = [`${cell}"`, "quoted"];
      else if (!half && state === "closed") throw misplaced();
      else if (!half) [cell, state] = [cell + letter, "open"];
      if (ends && at + 1 < text.length) line += 1;
    }
    if (state === "quoted") throw misplaced();
    if (row.length || state !== "start") endRow();
    return rows;
  }

  const blank = (row) => row.every((cell) => BLANK.test(cell));

  function checkHeadings(policy, headings, facts) {
    if (headings.length === 1 && /[;\t|]/.test(headings[0]))
      throw new Fault("separator", `The columns of this file are not separated by commas. ${SAVE_AS}`);
    const codes = [], said = [];
    const wrong = (code, says) => {
      codes.push(code);
      said.push(says);
    };
    headings.forEach((heading, index) => {
      const known = facts.has(heading) || policy.groups.includes(heading), column = `Column ${index + 1}`;
      if (known && headings.indexOf(heading) < index)
        wrong("written-twice", `${column} has the heading of an earlier one. Keep one of the two.`);
      else if (heading && !known && identifies(policy, heading, "", false))
        wrong("identifies-a-child", `${column} looks like something that identifies a child. Take it out; a case has a pseudonymous reference only.`);
      else if (heading && !known)
        wrong("unknown-field", `${column} is not a fact that the policy knows. Take it out, or correct its name.`);
    });
    if (!headings.includes("case_ref"))
      wrong("missing-field", "The first row needs a column called case_ref, and one column for each fact.");
    if (codes.length) throw new Fault(codes, said.join(" "));
  }

  function misfit(cells, headings) {
    const problem = (says, help) => [{ code: "cells", field: "", says, help }];
    if (cells.length < headings.length || cells.slice(headings.length).some((cell) => cell !== ""))
      return problem(`This row has ${cells.length} cells, and there are ${headings.length} headings.`,
        "Look for a comma too many or too few, or a quotation mark that is not closed.");
    if (headings.some((heading, column) => !heading && cells[column] !== ""))
      return problem("A cell of this row stands in a column that has no heading.", "Give the column its heading, or empty it.");
    return null;
  }

  function read(policy, text, day = "") {
    // Returns for each row that is not blank what `readCase` does, with its `number`, counted from 1 below the headings.
    const found = rows(policy, text, day);
    return refuseRepeated(found.map(({ number, cells, problems }) => ({ number, ...(problems ? { ref: null, problems } : readCase(policy, cells)) })));
  }

  function rows(policy, text, day = "") {
    // Returns for each row that is not blank its `number` and its `cells`, or its `problems`. A row without a day is given
    // `day`. Columns by which pupils are counted are not read.
    const facts = new Map(policy.facts.map((fact) => [fact.name, fact])), every = cellsOf(text);
    const top = every.findIndex((row) => !blank(row));
    if (top < 0) throw new Fault("empty", "This file holds nothing. Write the headings, and one row for each pupil.");
    const headings = every[top].map((heading) => heading.replace(EDGES, ""));
    checkHeadings(policy, headings, facts);
    const found = [];
    every.slice(top + 1).forEach((cells, index) => {
      if (!blank(cells)) found.push({ number: index + 1, ...readRow(cells) });
    });
    if (!found.length) throw new Fault("empty", "This file holds no pupil below its first row.");
    return found;

    function readRow(cells) {
      const problems = misfit(cells, headings);
      if (problems) return { problems };
      const named = headings.map((heading, column) => [heading, cells[column]]).filter(([heading]) => facts.has(heading));
      const plain = named.map(([name, cell]) => {
        const lower = facts.get(name).type === "boolean" ? cell.toLowerCase() : cell;  // Spreadsheets write TRUE.
        return [name, ["true", "false"].includes(lower) ? lower : cell];
      });
      const dated = plain.some(([name, cell]) => name === "decision_date" && cell !== "");
      const rest = plain.filter(([name]) => name !== "decision_date");
      return { cells: dated || !day ? plain : [...rest, ["decision_date", day]] };
    }
  }

  function refuseRepeated(found) {
    const counts = new Map();
    for (const { ref } of found) if (ref !== null) counts.set(ref, (counts.get(ref) ?? 0) + 1);
    return found.map((one) => {
      const count = counts.get(one.ref);
      if (one.ref === null || count < 2) return one;
      const said = { code: "same-reference", field: "case_ref", says: `${count} rows have this reference.`,
        help: "Give each pupil a reference of its own." };
      return { ...one, problems: [...(one.problems ?? []), said] };
    });
  }

  return { cellsOf, decoded, read, rows };
})();
