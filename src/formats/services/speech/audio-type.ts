const TYPES: Readonly<{ [format: string]: string }> = {
  mp3: "audio/mpeg",
  opus: "audio/ogg",
  aac: "audio/aac",
  flac: "audio/flac",
  wav: "audio/wav",
  pcm: "audio/pcm",
};

/** The type of an audio answer: what the provider says, or what was asked for where it says nothing of audio. */
export function audioType(headers: Headers, format: string): string {
  const told = headers.get("content-type") ?? "";
  return /^(?:audio\/|text\/event-stream)/i.test(told) ? told : (TYPES[format] ?? "application/octet-stream");
}
