// Files as they come from another program: every cell of a table with its place, every text of an XML file. The same as
// caseloads/files/grids.py and workbook.py; both are held to the same files. What is read stays in memory.
"use strict";

const senpolicyFiles = (() => {
  const { strip, addDays } = senpolicyValues;
  const MOST_ROWS = 20_000, MOST_COLUMNS = 256, LONGEST_CELL = 131_072, LONGEST = 1_000, DEEPEST = 32;
  const MOST_BYTES = 256 << 20;

  class Fault extends Error {
    // What is wrong with a file as a whole: nothing of it is read.
    constructor(code, says, help) {
      super(says);
      Object.assign(this, { code, help });
    }
  }

  const tooMany = (what, most) =>
    new Fault("too-large", `This table has more than ${most.toLocaleString("en-GB")} ${what}.`, `Leave out ${what} that are not needed.`);
  const blank = (cells) => cells.every((cell) => strip(cell) === "");
  const normal = (cell) => cell.normalize("NFC").slice(0, LONGEST);

  // Text.

  function decoded(bytes) {
    const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    // In Windows-1252 these five are no letters; a browser would pass over them.
    const none = bytes.some((one) => [0x81, 0x8d, 0x8f, 0x90, 0x9d].includes(one));
    const ways = wide ? [bytes[0] === 0xff ? "utf-16le" : "utf-16be"] : ["utf-8", ...(none ? [] : ["windows-1252"])];
    for (const way of ways)
      try {
        const text = new TextDecoder(way, { fatal: true }).decode(bytes);
        if (!text.includes("\0")) return text;
      } catch {
        continue;
      }
    throw new Fault("not-text", "This file is not a text in UTF-8, UTF-16 or Windows-1252.", "Save it as 'CSV UTF-8 (comma delimited)'.");
  }

  function separatorOf(text) {
    const lines = text.split("\n").slice(0, 60).filter((line) => strip(line));
    const count = (one) => [lines.filter((line) => line.includes(one)).length,
      lines.reduce((sum, line) => sum + line.split(one).length - 1, 0)];
    let best = ",", most = count(",");
    for (const one of ";\t|") {
      const found = count(one);
      if (found[0] > most[0] || (found[0] === most[0] && found[1] > most[1])) [best, most] = [one, found];
    }
    return best;
  }

  function linesOf(text, separator) {
    // Each row with the line on which it begins. A quotation mark in the middle of a cell is one.
    const rows = [];
    let cells = [], cell = "", state = "start", line = 1, begins = 1;
    const misplaced = () => new Fault("not-csv", `In the row on line ${begins} a quotation mark is never closed, or text follows the closed one.`, "Export the list again.");
    const endCell = () => {
      if (cell.length > LONGEST_CELL)
        throw new Fault("not-csv", `Near line ${line}: a cell here is longer than any list needs, or is not closed.`, "Export the list again.");
      cells.push(cell);
      [cell, state] = ["", "start"];
    };
    const endRow = () => {
      if (cells.length || state !== "start") endCell();
      if (!blank(cells)) rows.push({ number: begins, hidden: false, cells });
      [cells, begins] = [[], line + 1];
    };
    for (let at = 0; at < text.length; at++) {
      const letter = text[at], half = letter === "\r" && text[at + 1] === "\n";
      const ends = letter === "\n" || (letter === "\r" && !half);
      if (state === "quoted") {
        if (letter === '"') state = "closed";
        else cell += letter;
      } else if (half) continue;
      else if (ends) endRow();
      else if (letter === separator) endCell();
      else if (letter === '"' && state === "start") state = "quoted";
      else if (letter === '"' && state === "closed") [cell, state] = [`${cell}"`, "quoted"];
      else if (state === "closed") throw misplaced();
      else [cell, state] = [cell + letter, "open"];
      if (ends) line += 1;
    }
    if (state === "quoted") throw misplaced();
    if (cells.length || state !== "start") endRow();
    return rows;
  }

  function csvGrid(bytes) {
    const text = decoded(bytes), rows = linesOf(text, separatorOf(text));
    return { text, grids: finished([{ sheet: "", rows, serials: true }], "This file is empty.") };
  }

  function finished(grids, empty) {
    // The grids with all rows of one width, as a table of all sheets has it.
    const rows = grids.flatMap((grid) => grid.rows);
    const width = rows.reduce((most, row) => Math.max(most, row.cells.length), 0);
    if (!width) throw new Fault("empty", empty, "Export the list again.");
    if (width > MOST_COLUMNS) throw tooMany("columns", MOST_COLUMNS);
    if (rows.length > MOST_ROWS) throw tooMany("rows", MOST_ROWS);
    for (const row of rows) {
      row.cells = row.cells.map(normal);
      while (row.cells.length < width) row.cells.push("");
    }
    return grids.filter((grid) => grid.rows.length);
  }

  // XML.

  function parsed(text, code = "not-xml") {
    const wrong = () => code === "not-xml"
      ? new Fault(code, "This is not sound XML.", "Export it again; a return is one whole XML file.")
      : new Fault(code, "This cannot be read as an Excel workbook.", "Save it again as one (.xlsx).");
    const made = new DOMParser().parseFromString(text, "application/xml");
    if (made.getElementsByTagName("parsererror").length) throw wrong();
    if (made.doctype) {
      if (code !== "not-xml") throw wrong();
      throw new Fault(code, "This XML file brings definitions of its own, which no return does.", "Export it again.");
    }
    return made.documentElement;
  }

  function xmlText(bytes) {
    // An XML file says in its first line how it is written; without that it is UTF-8, or UTF-16 by its mark.
    if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return decoded(bytes);
    const said = /^[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(String.fromCharCode(...bytes.slice(0, 200)));
    try {
      return new TextDecoder(said ? said[1] : "utf-8", { fatal: true }).decode(bytes);
    } catch {
      throw new Fault("not-xml", "This is not sound XML.", "Export it again; a return is one whole XML file.");
    }
  }

  function leavesOf(bytes) {
    // Each element that holds no other: the path of its names, which of its like each part is, and its text.
    const leaves = [];
    const walk = (element, names, numbers) => {
      if (names.length > DEEPEST)
        throw new Fault("not-xml", `Elements of this file lie more than ${DEEPEST} deep.`, "Export it again.");
      if (!element.firstElementChild) {
        leaves.push({ path: names.join("/"), where: numbers, text: normal(strip(element.textContent)) });
        return;
      }
      const likes = new Map();
      for (const one of element.children) {
        likes.set(one.localName, (likes.get(one.localName) ?? 0) + 1);
        walk(one, [...names, one.localName], [...numbers, likes.get(one.localName)]);
      }
    };
    const root = parsed(xmlText(bytes));
    walk(root, [root.localName], [1]);
    if (leaves.length > MOST_ROWS * 40) throw tooMany("rows", MOST_ROWS);
    return leaves;
  }

  // Workbooks.

  const notExcel = (says = "This cannot be read as an Excel workbook.", help = "Save it again as one (.xlsx).") => new Fault("not-excel", says, help);
  const isTrue = (said) => said === "1" || said === "true";
  const noSize = (said) => said !== null && said !== undefined && /^[0.]*$/.test(said);
  const named = (element, name) => [...element.getElementsByTagNameNS("*", name)];

  function isDay(format) {
    // Whether a format of numbers shows a day, a time ("time" for a span), or neither.
    let escaped = false, quoted = false, brackets = 0, before = " ", span = false, noon = false;
    for (const one of format) {
      if (escaped) escaped = false;
      else if (one === "_" || one === "\\") escaped = true;
      else if (quoted) quoted = one !== '"';
      else if (one === '"') quoted = true;
      else if (one === ";") return "";
      else if (one === "[") brackets += 1;
      else if (one === "]" && brackets === 1 && span) return "time";
      else if (one === "]") brackets = Math.max(0, brackets - 1);
      else if (/[aA]/.test(one) && !noon && !brackets) noon = true;
      else if (/[pm/PM]/.test(one) && noon && !brackets) return "day";
      else if (/[dmhysDMHYS]/.test(one) && !noon && !brackets) return "day";
      else if (!(span && one.toLowerCase() === before.toLowerCase())) span = before === "[" && /[mhsMHS]/.test(one);
      before = one;
    }
    return "";
  }

  function stylesOf(root) {
    // For each style of cells: "day", "time" or "", and whether it shows a percentage.
    if (!root) return [];
    const own = new Map(named(root, "numFmt").map((one) => [one.getAttribute("numFmtId"), one.getAttribute("formatCode") ?? ""]));
    const cells = named(root, "cellXfs")[0];
    return [...(cells?.children ?? [])].map((one) => {
      const id = one.getAttribute("numFmtId") ?? "", format = own.get(id);
      const percent = id === "9" || id === "10" || (format ?? "").replace(/"[^"]*"|\\.|_.|\*./g, "").includes("%");
      const number = Number(id);
      const built = id === "46" ? "time" : (number >= 14 && number <= 22) || number === 45 || number === 47 ? "day" : "";
      return { shows: format === undefined ? built : isDay(format), percent };
    });
  }

  function columnOf(letters) {
    return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
  }

  function numberText(value) {
    // A number as the shortest text that is read back as it: 6000.01, and 7 for 7.0.
    if (!Number.isFinite(value)) return "\u0000";
    const text = String(value);
    return /e\+/.test(text) ? BigInt(value).toString() : text;
  }

  function dayText(value, from1904) {
    if (value < 1) return "\u0000";  // A time of day is no plain value.
    const whole = Math.floor(value), seconds = Math.round((value - whole) * 86_400);
    // Before 1 March 1900 a spreadsheet counts a day that never was.
    const start = from1904 ? "1904-01-01" : whole < 60 ? "1899-12-31" : "1899-12-30";
    const day = addDays(start, whole + (seconds === 86_400 ? 1 : 0)), rest = seconds % 86_400;
    const two = (one) => String(Math.floor(one)).padStart(2, "0");
    return rest ? `${day}T${two(rest / 3600)}:${two((rest / 60) % 60)}:${two(rest % 60)}` : day;
  }

  function bookGrids(bytes) {
    // Every sheet of a workbook that shows, and what is to be said of the file.
    let names = [], files;
    try {
      let room = 0;
      files = fflate.unzipSync(bytes, { filter: (one) => {
        names.push(one.name);
        const wanted = /^xl\/(workbook\.xml|styles\.xml|sharedStrings\.xml|_rels\/workbook\.xml\.rels|worksheets\/[^/]+\.xml)$/i.test(one.name);
        if (wanted && (room += one.originalSize) > MOST_BYTES) throw tooMany("cells", MOST_BYTES);
        return wanted;
      } });
    } catch (error) {
      if (error instanceof Fault) throw error;
      throw notExcel();
    }
    if (!files["xl/workbook.xml"]) {
      const help = "Save it as an Excel workbook (.xlsx).";
      if (names.includes("xl/workbook.bin")) throw notExcel("This is a binary workbook (.xlsb).", help);
      if (names.includes("mimetype")) throw notExcel("This is a document of OpenOffice or LibreOffice (.ods).", help);
      throw notExcel("This archive is not an Excel workbook.", help);
    }
    const part = (name) => (files[name] ? parsed(xmlText(files[name]), "not-excel") : null);
    const book = part("xl/workbook.xml"), relations = part("xl/_rels/workbook.xml.rels");
    if (!relations) throw notExcel();
    const targets = new Map(named(relations, "Relationship").map((one) => [one.getAttribute("Id"), one]));
    const from1904 = named(book, "workbookPr").some((one) => isTrue(one.getAttribute("date1904")));
    if (named(book, "workbookPr").some((one) => !["0", "false", "1", "true"].includes(one.getAttribute("date1904") ?? "0"))) throw notExcel();
    const worksOut = named(book, "calcPr").some((one) => isTrue(one.getAttribute("fullCalcOnLoad")) || ["0", "false"].includes(one.getAttribute("calcCompleted")));
    const every = named(book, "sheet").map((one) => ({
      name: one.getAttribute("name"),
      shows: (one.getAttribute("state") ?? "visible") === "visible",
      to: targets.get([...one.attributes].find((given) => given.localName === "id" && given.prefix)?.value),
    }));
    if (every.some((one) => !one.to)) throw notExcel();
    const shown = every.filter((one) => one.shows && /\/worksheet$/.test(one.to.getAttribute("Type")));
    if (!shown.length)
      throw new Fault("empty", "No sheet of this workbook shows.", "Let the sheet with the caseload show, and save.");
    const styles = stylesOf(part("xl/styles.xml"));
    const shared = named(part("xl/sharedStrings.xml") ?? book, "si").map(textOf);
    const grids = shown.map((one) => {
      const target = one.to.getAttribute("Target");
      const path = target.startsWith("/") ? target.slice(1) : new URL(target, "http://x/xl/").pathname.slice(1);
      const root = part(path);
      if (!root) throw notExcel();
      return { sheet: one.name, serials: !from1904, ...sheetRows(root, { styles, shared, from1904, worksOut }) };
    });
    const notes = from1904 ? ["This workbook counts days from 1904. A day that is a bare number in it is not read."] : [];
    const hidden = every.length - shown.length;
    if (hidden) notes.push(`${hidden} hidden sheet${hidden === 1 ? " was" : "s were"} not read.`);
    const counts = ["row", "column"].map((what, at) => [what, grids.reduce((sum, one) => sum + one.hides[at], 0)]).filter(([, many]) => many);
    const told = counts.map(([what, many]) => `${many} hidden ${what}${many === 1 ? "" : "s"}`).join(" and ");
    if (told) notes.push(`${told} ${counts.length === 1 && counts[0][1] === 1 ? "was" : "were"} read like the others.`);
    return { grids: finished(grids, "The sheets of this workbook that show are empty."), notes };
  }

  function textOf(item) {
    // The text of a shared or written string, without what only says how it is spoken.
    let text = "";
    for (const one of item.children)
      if (one.localName === "t") text += one.textContent;
      else if (one.localName === "r") for (const run of one.children) if (run.localName === "t") text += run.textContent;
    return text;
  }

  function sheetRows(root, book) {
    const data = named(root, "sheetData")[0], rows = [];
    const allHidden = named(root, "sheetFormatPr").some((one) => isTrue(one.getAttribute("zeroHeight")));
    const spread = [];
    let at = -1;
    for (const row of data?.children ?? []) {
      if (row.localName !== "row") continue;
      at = row.hasAttribute("r") ? Number(row.getAttribute("r")) - 1 : at + 1;
      if (!(at >= 0) || at >= 1 << 20) throw notExcel();
      const cells = [], filled = new Set();
      let column = -1, said = null;
      for (const cell of row.children) {
        if (cell.localName !== "c") continue;
        const place = cell.getAttribute("r");
        if (place !== null) {
          const found = /^\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})$/.exec(place);
          if (!found || Number(found[2]) - 1 !== at) throw notExcel();
          column = columnOf(found[1]);
        } else column += 1;
        const read = cellText(cell, book, place === null ? "this row" : `cell ${place}`, spread);
        if (read === null) continue;
        if (column >= MOST_COLUMNS) throw tooMany("columns", MOST_COLUMNS);
        if (filled.has(column)) throw notExcel();
        filled.add(column);
        said = said ?? read.fault;
        while (cells.length < column) cells.push("");
        cells[column] = read.text ?? "";
      }
      if (said) throw new Fault(said[0], `Sheet row ${at + 1}: ${said[1]}`, said[2]);
      if (rows.some((one) => one.number === at + 1 && rows.at(-1).number >= at + 1)) throw notExcel();
      const hides = row.hasAttribute("hidden") ? isTrue(row.getAttribute("hidden")) : allHidden;
      rows.push({ number: at + 1, hidden: hides || noSize(row.getAttribute("ht")), cells: Array.from(cells, (cell) => cell ?? ""), filled });
    }
    const last = rows.reduce((most, row) => (row.filled.size ? Math.max(most, row.number) : most), 0);
    for (const [top, left, bottom, right] of spread)
      for (let number = top; number <= Math.min(bottom, last); number++) {
        const there = rows.find((row) => row.number === number)?.filled ?? new Set();
        for (let column = left; column <= Math.min(right, MOST_COLUMNS); column++)
          if (!there.has(column)) throw new Fault("formula-without-value", `Sheet row ${number}: The formula in this row has not been worked out.`, WORK_OUT);
      }
    const there = new Set(rows.flatMap((row) => [...row.filled])), away = new Set();
    for (const one of named(root, "col"))
      if (isTrue(one.getAttribute("hidden")) || noSize(one.getAttribute("width")))
        for (let column = Number(one.getAttribute("min")) - 1; column < Math.min(Number(one.getAttribute("max")), MOST_COLUMNS); column++)
          if (there.has(column)) away.add(column);
    const shown = rows.filter((row) => !blank(row.cells)).map(({ number, hidden, cells }) => ({ number, hidden, cells }))
      .sort((one, other) => one.number - other.number);
    return { rows: shown, hides: [rows.filter((row) => row.hidden && row.filled.size).length, away.size] };
  }

  const WORK_OUT = "Open the workbook in the spreadsheet and save it, or write the value itself.";

  function cellText(cell, { styles, shared, from1904, worksOut }, where, spread) {
    // Returns {text, fault} of a cell, null for one that holds nothing.
    const kind = cell.getAttribute("t") ?? "n", style = styles[Number(cell.getAttribute("s") ?? -1)];
    let value = "", formula = false;
    for (const one of cell.children) {
      if (one.localName === "v") value += one.textContent;
      else if (one.localName === "is") value += textOf(one);
      else if (one.localName === "f") {
        formula = true;
        if (["array", "dataTable"].includes(one.getAttribute("t")) && one.hasAttribute("ref")) {
          const [begin, end = begin] = one.getAttribute("ref").split(":");
          const place = (said) => {
            const found = /^\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})$/.exec(said);
            if (!found) throw notExcel();
            return [Number(found[2]), columnOf(found[1])];
          };
          spread.push([...place(begin), ...place(end)]);
        }
      }
    }
    if (!value && !formula && kind !== "str") return null;
    const stored = value || (kind === "str" && [...cell.children].some((one) => one.localName === "v"));
    const nothing = !value || (["n", "str"].includes(kind) && Number(value) === 0);
    if (kind === "e")
      return { fault: ["error-cell", `The formula in ${where} gives an error, such as #N/A.`, "Mend it, or empty the cell when it is not known."] };
    if (formula && (!stored || (worksOut && nothing)))
      return { fault: ["formula-without-value", `The formula in ${where} has not been worked out.`, WORK_OUT] };
    if (kind === "n" && style?.percent)
      return { fault: ["percentage", `The number in ${where} is shown as a percentage.`, "Write the number itself, and show it as one."] };
    if (kind === "s") {
      if (!(Number(value) < shared.length)) throw notExcel();
      return { text: shared[Number(value)] };
    }
    if (kind === "b") return { text: isTrue(value) ? "true" : "false" };
    if (kind === "d") return { text: value.replace(/T00:00:00(?:\.0+)?Z?$/, "") };
    if (kind !== "n") return { text: value };
    const number = Number(value);
    if (Number.isNaN(number) || strip(value) === "") throw notExcel();
    if (style?.shows === "time") return { text: "\u0000" };
    return { text: style?.shows === "day" ? dayText(number, from1904) : numberText(number) };
  }

  // What a file is.

  const BEGINNINGS = { ".xlsx": ["PK\x03\x04", "PK\x05\x06"], ".parquet": ["PAR1", "PARE"], old: ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
    PDF: ["%PDF"], ".xml": ["<?xml"], page: ["<!DOCTYPE", "<html", "<HTML", "<!doctype"] };
  const DAMAGED = { ".csv": "not-csv", ".xlsx": "not-excel", ".xml": "not-xml" };

  function checkKind(kind, bytes) {
    const head = String.fromCharCode(...bytes.slice(0, 4096)).replace(/^[\xef\xbb\xbf \r\n]+/, "");
    const begins = Object.keys(BEGINNINGS).find((name) => BEGINNINGS[name].some((mark) => head.startsWith(mark))) ?? "";
    if (begins === "" || begins === kind) return;
    const code = DAMAGED[kind];
    if (begins === "old") {
      const text = new TextDecoder("utf-16le").decode(bytes.slice(0, bytes.length & ~1));
      if (text.includes("EncryptedPackage"))
        throw new Fault(code, "This workbook is locked with a password.", "Save it again without the password.");
      throw new Fault(code, "This is an old Excel workbook (.xls), or a document of another program.", "Save it as an Excel workbook (.xlsx).");
    }
    if (begins === ".xlsx" || begins === ".parquet") {
      const what = begins === ".xlsx" ? "an Excel workbook, or another archive" : "a Parquet file";
      throw new Fault(code, `This is ${what} under another kind of name.`, `Give it a name that ends in ${begins}.`);
    }
    throw new Fault(code, begins === "PDF" ? "This is a PDF, not a table." : "This is a web page or an XML file, not a table.",
      "Save the table itself, as .csv or .xlsx.");
  }

  function opened({ name, bytes }) {
    // Returns {name, grids, notes} of a table, with its `text` where it is CSV; {name, leaves, notes} of an XML file.
    const ending = /\.[^.]*$/.exec(name.toLowerCase())?.[0] ?? "";
    if (![".csv", ".txt", ".tsv", ".xlsx", ".xml"].includes(ending))
      throw new Fault("wrong-kind", `'${name}' cannot be read.`, "Use a name that ends in .csv, .txt, .tsv, .xlsx or .xml.");
    const kind = ending === ".xlsx" || ending === ".xml" ? ending : ".csv";
    checkKind(kind, bytes);
    if (kind === ".xlsx") return { name, ...bookGrids(bytes) };
    return kind === ".xml" ? { name, leaves: leavesOf(bytes), notes: [] } : { name, ...csvGrid(bytes), notes: [] };
  }

  return { Fault, opened, decoded };
})();
