// ivs-cues.js as an ES module.
import "./ivs-cues.js";

export const { CueDecoder } = globalThis.IvsCues;
