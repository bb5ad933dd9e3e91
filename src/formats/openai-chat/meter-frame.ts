import { byteMarks } from "../../lib/byte-marks.ts";

/**
 * Could this raw frame tell the meter something: the start, the usage, the end or an error? Quotation marks inside an
 * answer's text are escaped, so that text about errors or usage does not look like one.
 */
export const isMeterFrame = byteMarks(
  '"role"',
  '"usage":{',
  '"usage": {',
  '"finish_reason":"',
  '"finish_reason": "',
  '"error"',
  "[DONE]",
);
