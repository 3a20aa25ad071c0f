import fc from 'fast-check';
import { canonicalJson } from '#domain/canonical-json.js';
import { pointerAt } from './json-pointer.js';
import { changedRanges, digestOf } from './pieces.js';
import { preAuthEncoding } from './signature.js';
import { BadTar, readTar, TAR_BLOCK, TAR_END, tarHeader, tarPadding, tarSize } from './tar.js';

const tarOf = (files: readonly (readonly [string, Buffer])[]) =>
  Buffer.concat([
    ...files.flatMap(([name, content]) => [
      tarHeader(name, content.length),
      content,
      tarPadding(content.length),
    ]),
    TAR_END,
  ]);
const reader = (file: Buffer) => async (at: number, length: number) => file.subarray(at, at + length);
const bytes = fc.uint8Array({ maxLength: 3_000 }).map((data) => Buffer.from(data));

describe('the container', () => {
  it('gives back every file, and has the size that was said', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (a, b) => {
        const file = tarOf([
          ['a', a],
          ['b', b],
        ]);
        expect(file.length).toBe(tarSize([a.length, b.length]));
        const found = await readTar(reader(file), file.length, ['a', 'b']);
        const contents = found.map(({ offset, size }) => file.subarray(offset, offset + size));
        expect(contents).toEqual([a, b]);
      }),
    );
  });

  it('names the byte that was changed, wherever no content is', async () => {
    const file = tarOf([['a', Buffer.from('content')]]);
    const outside = fc.nat(file.length - 1).filter((at) => at < TAR_BLOCK || at >= TAR_BLOCK + 7);
    await fc.assert(
      fc.asyncProperty(outside, fc.integer({ min: 1, max: 255 }), async (at, bits) => {
        const copy = Buffer.from(file);
        copy.writeUInt8(copy.readUInt8(at) ^ bits, at);
        await expect(readTar(reader(copy), copy.length, ['a'])).rejects.toBeInstanceOf(BadTar);
      }),
    );
  });

  it('is refused when it is cut off, or goes on', async () => {
    const file = tarOf([['a', Buffer.from('content')]]);
    for (const other of [file.subarray(0, -1), Buffer.concat([file, Buffer.alloc(1)])])
      await expect(readTar(reader(other), other.length, ['a'])).rejects.toBeInstanceOf(BadTar);
  });
});

describe('pieces', () => {
  it('find exactly the pieces that differ', () => {
    const change = fc.record({ data: fc.uint8Array({ minLength: 1, maxLength: 200 }), at: fc.nat() });
    fc.assert(
      fc.property(change, ({ data, at }) => {
        const [before, after] = [Buffer.from(data), Buffer.from(data)];
        const place = at % data.length;
        after.writeUInt8(after.readUInt8(place) ^ 1, place);
        const from = Math.floor(place / 16) * 16;
        const ranges = changedRanges(digestOf(before, 16).pieces, digestOf(after, 16));
        expect(ranges).toEqual([{ from, to: Math.min(from + 16, data.length) }]);
      }),
    );
  });

  it('are as many as it takes, and none for nothing', () => {
    expect(digestOf(Buffer.alloc(33), 16).pieces.sha256).toHaveLength(3);
    expect(digestOf(Buffer.alloc(32), 16).pieces.sha256).toHaveLength(2);
    expect(digestOf(Buffer.alloc(0), 16)).toMatchObject({ size: 0, pieces: { sha256: [] } });
  });
});

describe('canonical JSON (RFC 8785)', () => {
  it('writes the numbers and strings of the RFC as it does', () => {
    const numbers = [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0];
    const text = '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"\/';
    expect(canonicalJson({ numbers, string: text, literals: [null, true, false] })).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('orders members by UTF-16 code units, as the RFC shows', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    const order = Object.values(
      JSON.parse(`[${canonicalJson(value).replace(/[{}]|"[^"]*":/g, '')}]`) as object,
    );
    expect(order).toEqual([2, 4, 6, 7, 1, 5, 3]);
  });

  it('is the same whatever the order was, and reads as what it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

it('what is signed is the pre-authentication encoding of DSSE v1', () => {
  const example = preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'));
  expect(example.toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});

describe('the pointer to a byte', () => {
  it('is that of the value that the byte is in', () => {
    const text = '{"a":[{"b":1},{"b":"x,]}"}],"c/d":{"~":[[],[true]]}}';
    const at = (needle: string) => pointerAt(Buffer.from(text), text.indexOf(needle));
    expect(at('1}')).toBe('/a/0/b');
    expect(at('x,')).toBe('/a/1/b');
    expect(at('true')).toBe('/c~1d/~0/1/0');
  });

  it('is found in every value of any text', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson({ before: value, marked: 'needle-7f3a', after: value });
        expect(pointerAt(Buffer.from(text), Buffer.from(text).indexOf('needle-7f3a'))).toBe('/marked');
      }),
    );
  });

  it('is as far as it can be read where the text was damaged', () => {
    const text = '{"a":[1,2,{"b":tru';
    expect(pointerAt(Buffer.from(text), text.length - 1)).toBe('/a/2/b');
  });
});
