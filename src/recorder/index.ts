export { LARGEST_BUNDLE_BYTES, readBundle, writeBundle } from "./bundle.ts";
export { Recorder } from "./recorder.ts";
export type { Recording } from "./recording.ts";
export { replay, type Replay } from "./replay.ts";
