// Turns the texts of timed metadata cues back into messages, each shown once. The same as
// ivs_async.CueDecoder, for the page that holds the player. No dependencies, no build step:
//
//   <script src="ivs-cues.js"></script>                       new IvsCues.CueDecoder()
//   import { CueDecoder } from "./ivs-cues.mjs"               (a second file, three lines)
//   const { CueDecoder } = require("./ivs-cues.js")
//
// docs/metadata.md describes the form of a payload.

(function () {
  "use strict";

  const MAX_PAYLOAD = 1024; // UTF-8 bytes
  const MAX_ID = 999999999999;
  const MAX_EPOCHS = 64; // senders that are remembered
  const MAX_IDS = 1024; // newest ids of a sender among which it is known what was seen
  const MAX_KEYS = 512; // keys of a sender that are remembered
  const MARK = '["~1';
  const HEADER = /^~1([A-Za-z0-9_-]{5})([0-9]{1,12})$/;

  /**
   * @typedef {object} Cue
   * @property {*} message What the sender sent; the whole text of a foreign cue.
   * @property {?string} key Its key, if it has one: the message takes the place of what came under
   *     the same key before.
   * @property {?string} epoch Which sender it is from, null for a foreign cue.
   * @property {?number} id Its number among the sender's messages, null for a foreign cue.
   */

  /** Feed it every cue in the order of playback; it throws nothing, and its memory is bounded. */
  class CueDecoder {
    constructor() {
      /** @type {Map<string, Heard>} */
      this._heard = new Map();
    }

    /**
     * The messages of one cue that are new, in the order in which they were sent.
     *
     * A text that has no envelope, or one of a later version, is one foreign cue, each time.
     *
     * @param {string} text The cue's text, `cue.text` of a TEXT_METADATA_CUE event.
     * @returns {Cue[]}
     */
    decode(text) {
      if (typeof text !== "string") return [];
      const parsed = parse(text);
      if (parsed === null) return [{ message: text, key: null, epoch: null, id: null }];
      const { epoch, first, items } = parsed;
      const heard = this._heard.get(epoch) || new Heard();
      remember(this._heard, epoch, heard, MAX_EPOCHS);
      return read(first, items)
        .filter(({ id, key }) => heard.isNew(id, key))
        .map(({ id, key, message }) => ({ message, key, epoch, id }));
    }

    /** Forget everything: after a seek or at the start of a replay all cues are new again. */
    reset() {
      this._heard.clear();
    }
  }

  /** What a decoder remembers of one sender. */
  class Heard {
    constructor() {
      this._highest = -1;
      this._ids = new Set();
      this._newest = new Map();
    }

    isNew(id, key) {
      const forgotten = this._highest - MAX_IDS;
      let isNew = !this._ids.has(id);
      if (key === null) {
        isNew = isNew && id > forgotten;
      } else {
        const newest = this._newest.has(key) ? this._newest.get(key) : -1;
        isNew = isNew && id > newest;
        remember(this._newest, key, Math.max(id, newest), MAX_KEYS);
      }
      if (isNew && id > forgotten) {
        this._ids.add(id);
        this._advance(id);
      }
      return isNew;
    }

    _advance(id) {
      if (id - this._highest >= MAX_IDS) {
        this._ids = new Set([id]);
      } else {
        for (let old = this._highest - MAX_IDS + 1; old <= id - MAX_IDS; old++) {
          this._ids.delete(old);
        }
      }
      this._highest = Math.max(id, this._highest);
    }
  }

  /** Epoch, first id and items of a payload; null for what is none. */
  function parse(text) {
    // no text of a payload has more UTF-16 units than UTF-8 bytes, so long ones are not encoded
    if (!text.startsWith(MARK) || text.length > MAX_PAYLOAD) return null;
    if (new TextEncoder().encode(text).length > MAX_PAYLOAD) return null;
    let values;
    try {
      values = JSON.parse(text);
    } catch {
      return null;
    }
    const header = HEADER.exec(values[0]);
    return header && { epoch: header[1], first: Number(header[2]), items: values.slice(1) };
  }

  /** Id, key and message of each item; none of what is malformed. */
  function read(first, items) {
    const messages = [];
    let following = first;
    for (const item of items) {
      if (!Array.isArray(item)) {
        messages.push({ id: following, key: null, message: item });
      } else if (item.length === 1) {
        messages.push({ id: following, key: null, message: item[0] });
      } else if (item.length === 2 && typeof item[0] === "string") {
        messages.push({ id: following, key: item[0], message: item[1] });
      } else if (item.length === 3) {
        const [key, message, id] = item;
        if (typeof key === "string" && isId(id)) messages.push({ id, key, message });
        continue;
      }
      following += 1;
    }
    return messages;
  }

  function isId(value) {
    return Number.isInteger(value) && value >= 0 && value <= MAX_ID;
  }

  /** Make a key the most recent one of a map, and forget the least recent one beyond `most`. */
  function remember(map, key, value, most) {
    map.delete(key);
    map.set(key, value);
    if (map.size > most) map.delete(map.keys().next().value);
  }

  globalThis.IvsCues = { CueDecoder };
  if (typeof module === "object" && module.exports) module.exports = { CueDecoder };
})();
