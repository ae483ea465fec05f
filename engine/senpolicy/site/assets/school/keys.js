// References from a key file, as caseloads/importing/pseudonyms.py: a keyed hash of each pupil, and no name or number. A
// browser has hashing of its own only for a page that came by a secure way, so it is written here.
"use strict";

const senpolicyKeys = (() => {
  const ABOUT = "Keep this file. With it each reference can be traced to a pupil. Do not pass it on.";
  const PRIMES = [...Array(312).keys()].filter((one) => one > 1 && [...Array(one).keys()].every((by) => by < 2 || one % by));
  const bits = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32), ROUNDS = PRIMES.map((one) => bits(Math.cbrt(one))), FIRST = PRIMES.slice(0, 8).map((one) => bits(Math.sqrt(one)));
  const turned = (word, by) => (word >>> by) | (word << (32 - by));

  function sha256(bytes) {
    const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64), view = new DataView(padded.buffer), words = new Int32Array(64), hash = Int32Array.from(FIRST);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    view.setUint32(padded.length - 4, bytes.length * 8);
    for (let at = 0; at < padded.length; at += 64) {
      for (let i = 0; i < 64; i += 1) {
        const early = words[i - 15], late = words[i - 2];
        words[i] = i < 16 ? view.getInt32(at + 4 * i)
          : words[i - 16] + (turned(early, 7) ^ turned(early, 18) ^ (early >>> 3)) + words[i - 7] + (turned(late, 17) ^ turned(late, 19) ^ (late >>> 10));
      }
      let [a, b, c, d, e, f, g, h] = hash;
      for (let i = 0; i < 64; i += 1) {
        const one = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[i] + words[i];
        const other = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        [a, b, c, d, e, f, g, h] = [(one + other) | 0, a, b, c, (d + one) | 0, e, f, g];
      }
      [a, b, c, d, e, f, g, h].forEach((word, i) => { hash[i] += word; });
    }
    const out = new DataView(new ArrayBuffer(32));
    hash.forEach((word, i) => out.setInt32(4 * i, word));
    return new Uint8Array(out.buffer);
  }

  const hex = (bytes) => [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");

  function hmac(secret, text) {
    const coded = new TextEncoder(), given = coded.encode(secret), key = new Uint8Array(64);
    key.set(given.length > 64 ? sha256(given) : given);
    const inner = sha256(Uint8Array.from([...key.map((one) => one ^ 0x36), ...coded.encode(text)]));
    return hex(sha256(Uint8Array.from([...key.map((one) => one ^ 0x5c), ...inner])));
  }

  // What Python writes of a place in a file, by which it knows a pupil that nothing else tells from the others.
  const quoted = (text) => `'${text}'`;
  const placed = (value) => (Array.isArray(value) ? `[${value.map(placed).join(", ")}]` : typeof value === "string" ? quoted(value) : value === null ? "None"
    : typeof value === "object" ? `{${Object.entries(value).map(([name, one]) => `${quoted(name)}: ${placed(one)}`).join(", ")}}` : String(value));

  function keys(text = null) {
    // The references of a key file, or of a new one: {of, held, met, text}. Throws an Error where the file is not one.
    const file = text === null ? { secret: hex(crypto.getRandomValues(new Uint8Array(32))), references: {} } : JSON.parse(text);
    const given = new Map(Object.entries(file.references).map(([key, number]) => [key, Number(number)])), held = given.size;
    if (typeof file.secret !== "string" || [...given.values()].some((one) => !Number.isInteger(one))) throw new Error("no keys");
    return { held, met: 0, text: () => `${JSON.stringify({ about: ABOUT, secret: file.secret, references: Object.fromEntries(given) }, null, 1)}\n`,
      of(pupil) {
        const key = hmac(file.secret, pupil);
        if (!given.has(key)) given.set(key, given.size + 1);
        this.met += given.get(key) <= held ? 1 : 0;
        return `P-${given.get(key)}`;
      } };
  }

  return { keys, placed };
})();
