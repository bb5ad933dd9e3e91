/** What a frame holds that the meter wants to know: the start, the usage, the end or an error. */
const MARKERS = [
  '"role"',
  '"usage":{',
  '"usage": {',
  '"finish_reason":"',
  '"finish_reason": "',
  '"error"',
  "[DONE]",
];

/**
 * Could this raw frame tell the meter something? Quotation marks inside an answer's text are escaped, so that text
 * about errors or usage does not look like one.
 */
export const isMeterFrame = (frame: Buffer): boolean => MARKERS.some((marker) => frame.includes(marker));
