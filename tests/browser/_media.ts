// Pictures and sound for a browser, made without tools.

/** A picture in one colour, as SVG. */
export function picture(colour: string): string {
  return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 6">' +
    `<rect width="8" height="6" fill="${colour}"/></svg>`;
}

/** Samples a second, of two bytes each. */
const RATE = 8_000;

/** Writes a WAV file of silence, sparse on disk, of this many seconds. */
export async function writeSilence(
  path: string,
  seconds: number,
): Promise<void> {
  const size = seconds * RATE * 2;
  const head = new DataView(new ArrayBuffer(44));
  const text = (at: number, mark: string) => {
    for (const [index, character] of [...mark].entries()) {
      head.setUint8(at + index, character.charCodeAt(0));
    }
  };
  text(0, "RIFF");
  head.setUint32(4, 36 + size, true);
  text(8, "WAVEfmt ");
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true); // PCM
  head.setUint16(22, 1, true); // one channel
  head.setUint32(24, RATE, true);
  head.setUint32(28, RATE * 2, true);
  head.setUint16(32, 2, true);
  head.setUint16(34, 16, true);
  text(36, "data");
  head.setUint32(40, size, true);
  await Deno.writeFile(path, new Uint8Array(head.buffer));
  await Deno.truncate(path, 44 + size);
}
