/** One plain file of an archive. */
export type TarFile = { name: string; bytes: Uint8Array };

const BLOCK = 512;
const MOST_ENTRIES = 100;

/** Packs plain files, readable by their owner only. `at` in milliseconds since 1970. Format: POSIX ustar. */
export function packTar(files: readonly TarFile[], at: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const { name, bytes } of files) {
    const header = Buffer.alloc(BLOCK);
    header.write(name, 0, 100, "utf8");
    header.write("0000600\0", 100);
    header.write("0000000\0", 108);
    header.write("0000000\0", 116);
    header.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write(
      `${Math.floor(at / 1000)
        .toString(8)
        .padStart(11, "0")}\0`,
      136,
    );
    header.write("0", 156);
    header.write("ustar\u000000", 257, "latin1");
    header.write(`${checksumOf(header).toString(8).padStart(6, "0")}\0 `, 148);
    blocks.push(header, bytes, new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK));
  }
  blocks.push(new Uint8Array(2 * BLOCK));
  return Buffer.concat(blocks);
}

/**
 * The files of an archive, as views of its bytes; nothing is written anywhere. Throws `Error` for anything but a few
 * plain files with plain names.
 */
export function readTar(archive: Uint8Array): TarFile[] {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  const files: TarFile[] = [];
  let at = 0;
  while (at + BLOCK <= bytes.length) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return files;
    if (files.length >= MOST_ENTRIES) throw new Error(`the archive has more than ${MOST_ENTRIES} entries`);
    if (Number.parseInt(textAt(header, 148, 8), 8) !== checksumOf(header))
      throw new Error("a header is damaged");
    const name = textAt(header, 0, 100);
    if (!/^[\w][\w.-]{0,99}$/.test(name)) throw new Error("an entry has no plain name");
    const kind = header[156];
    if (kind !== 0x30 && kind !== 0) throw new Error(`${name} is no plain file`);
    const size = Number.parseInt(textAt(header, 124, 12), 8);
    const start = at + BLOCK;
    if (!Number.isSafeInteger(size) || size < 0 || start + size > bytes.length)
      throw new Error(`${name} is cut off`);
    files.push({ name, bytes: bytes.subarray(start, start + size) });
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  throw new Error("the end of the archive is missing");
}

const textAt = (header: Buffer, start: number, length: number): string =>
  header
    .toString("utf8", start, start + length)
    .replace(/\0.*$/s, "")
    .trim();

/** The sum of all bytes, those of the checksum itself as blanks. */
function checksumOf(header: Uint8Array): number {
  return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0);
}
