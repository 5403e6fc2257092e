/** What a container printed, out of the form in which the engine hands it over: pieces, each behind a head of eight bytes that says which stream it is of and how long. */
export function textOf(output: Buffer): string {
  const pieces: Buffer[] = [];
  let at = 0;
  while (at + HEAD <= output.length) {
    const end = at + HEAD + output.readUInt32BE(at + 4);
    pieces.push(output.subarray(at + HEAD, end));
    at = end;
  }
  return Buffer.concat(pieces).toString('utf8');
}

const HEAD = 8;
