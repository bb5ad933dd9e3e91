export { LARGEST_BUNDLE_BYTES, readBundle, writeBundle } from "./bundle.ts";
export { whyUnplayable } from "./playable.ts";
export { Recorder } from "./recorder.ts";
export type { Recording } from "./recording.ts";
export { replay, type Replay } from "./replay.ts";
export type { Asked, Witness } from "./witness.ts";
