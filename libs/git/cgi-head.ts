import type { Readable } from 'node:stream';

/** What a CGI program says before its body. */
export interface CgiHead {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
}

const HEAD_LIMIT = 16 * 1024;

/** Reads the head and leaves the body in the stream. Null if the stream ends before a head is complete. */
export async function readCgiHead(stream: Readable): Promise<CgiHead | null> {
  let read = Buffer.alloc(0);
  while (read.length < HEAD_LIMIT) {
    const piece = stream.read() as Buffer | null;
    if (piece === null) {
      if (stream.readableEnded || stream.destroyed) return null;
      await more(stream);
      continue;
    }
    read = Buffer.concat([read, piece]);
    const end = read.indexOf('\r\n\r\n');
    if (end < 0) continue;
    if (read.length > end + 4) stream.unshift(read.subarray(end + 4));
    return parse(read.toString('latin1', 0, end));
  }
  return null;
}

function more(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    const names = ['readable', 'end', 'close', 'error'] as const;
    const done = (): void => {
      for (const name of names) stream.removeListener(name, done);
      resolve();
    };
    for (const name of names) stream.on(name, done);
  });
}

function parse(head: string): CgiHead {
  let status = 200;
  const headers: [string, string][] = [];
  for (const line of head.split('\r\n')) {
    const [, name = '', value = ''] = /^([\w-]+): *(.*)$/.exec(line) ?? [];
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else if (name !== '') headers.push([name, value]);
  }
  return { status, headers };
}
