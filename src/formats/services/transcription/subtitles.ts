import type { TranscriptPiece } from "../../../core/services.ts";

/** SubRip: numbered lines with `00:00:01,500 --> 00:00:03,000`. */
export function srtOf(pieces: readonly TranscriptPiece[]): string {
  return pieces
    .map(
      ({ start, end, text }, index) =>
        `${index + 1}\n${stamp(start, ",")} --> ${stamp(end, ",")}\n${text.trim()}\n\n`,
    )
    .join("");
}

/** WebVTT: `00:01.500 --> 00:03.000`, with hours where there are any. */
export function vttOf(pieces: readonly TranscriptPiece[]): string {
  const cues = pieces.map(
    ({ start, end, text }) => `${shortStamp(start)} --> ${shortStamp(end)}\n${text.trim()}\n\n`,
  );
  return `WEBVTT\n\n${cues.join("")}`;
}

const LONGEST_SECONDS = 7;
const LONGEST_CHARACTERS = 84;

/** Words put together to lines that can be read: to the end of a sentence, at most seven seconds or two rows long. */
export function linesOf(words: readonly TranscriptPiece[]): TranscriptPiece[] {
  const lines: TranscriptPiece[] = [];
  let line: TranscriptPiece | undefined;
  for (const word of words) {
    const isFull =
      line !== undefined &&
      (/[.!?…。！？]["')\]]?$/.test(line.text) ||
        word.end - line.start > LONGEST_SECONDS ||
        line.text.length + word.text.length >= LONGEST_CHARACTERS);
    if (line === undefined || isFull) lines.push((line = { ...word }));
    else {
      line.text += ` ${word.text}`;
      line.end = word.end;
    }
  }
  return lines;
}

/** The end of the last line of subtitles, in seconds. */
export function lastCue(subtitles: string): number | undefined {
  const ends = [...subtitles.matchAll(/-->\s*(?:(\d+):)?(\d+):(\d+)[.,](\d+)/g)];
  const last = ends.at(-1);
  if (!last) return undefined;
  const [, hours = "0", minutes = "0", seconds = "0", thousandths = "0"] = last;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(`0.${thousandths}`);
}

function stamp(seconds: number, mark: "," | "."): string {
  const ms = Math.max(0, Math.round(seconds * 1000));
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const rest = String(ms % 1000).padStart(3, "0");
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}${mark}${rest}`;
}

const shortStamp = (seconds: number): string => {
  const whole = stamp(seconds, ".");
  return seconds < 3600 ? whole.slice(3) : whole;
};
