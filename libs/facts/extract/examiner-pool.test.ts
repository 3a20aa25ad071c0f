import { join } from 'node:path';
import { ExaminerPool } from './examiner-pool.js';
import type { Examination } from './examine.js';

const script = join(process.cwd(), 'dist/libs/facts/extract/extract-worker.js');

const batch = (count: number): Examination[] =>
  Array.from({ length: count }, (_, index) => ({
    content: Buffer.from(`function f${index}() { return process.env.A${index}; }\n`.repeat(400)),
    reader: (['TypeScript', 'python', 'go', 'java', 'sql'] as const)[index % 5] ?? 'TypeScript',
    record: true,
    ast: [{ language: 'TypeScript', pattern: 'return $X' }],
  }));

test('threads find what the caller finds', async () => {
  const threads = new ExaminerPool({ script, count: 2 });
  const here = new ExaminerPool(null);
  try {
    const asked = batch(20);
    const run = (pool: ExaminerPool) => pool.run(asked, { bytes: 0 });
    const parts = await Promise.all([run(threads), run(threads), run(threads)]);
    const expected = await run(here);
    expect(expected.every((each) => each.ok)).toBe(true);
    for (const part of parts) {
      part.forEach((each, index) => {
        const other = expected[index];
        if (!each.ok || other?.ok !== true) throw new Error('not parsed');
        expect(Buffer.from(each.record ?? []).equals(Buffer.from(other.record ?? []))).toBe(true);
        expect(each.ast).toEqual(other.ast);
      });
    }
  } finally {
    await threads.close();
  }
});

test('what a thread cannot do is named, and the pool goes on', async () => {
  const pool = new ExaminerPool({ script: join(process.cwd(), 'dist/nowhere.js'), count: 1 });
  const [first] = await pool.run(batch(20), { bytes: 0 });
  expect(first).toEqual({ ok: false, reason: expect.stringMatching(/^not parsed: /) });
  await pool.close();
});

test('threads start for much text in many small batches, and not for little text', async () => {
  // A thread that cannot start says so in every result: those without were parsed here.
  const nowhere = { script: join(process.cwd(), 'dist/nowhere.js'), count: 1 };
  const [one] = batch(1);
  const bytes = one?.content.length ?? 0;
  const read = async (count: number) => {
    const pool = new ExaminerPool(nowhere);
    const work = { bytes: 0 };
    const ok: boolean[] = [];
    for (let at = 0; at < count; at += 1) {
      const [result] = one === undefined ? [] : await pool.run([one], work);
      ok.push(result?.ok === true);
    }
    await pool.close();
    return ok;
  };
  const many = Math.ceil((300 * 1024) / bytes);
  expect((await read(many)).at(-1)).toBe(false);
  expect(await read(2)).toEqual([true, true]);
});

test('a thread whose parsers hold much is replaced, and what waits for it goes on', async () => {
  const pool = new ExaminerPool({ script, count: 1 });
  const content = Buffer.from(`return 1; // ${'x'.repeat(4_000_000)}\n`);
  const large = { content, reader: 'TypeScript', record: false, ast: batch(1)[0]?.ast ?? [] } as const;
  const work = { bytes: 0 };
  try {
    const all = await Promise.all([large, large, large].map((each) => pool.run([each], work)));
    expect(all.flat()).toEqual(Array(3).fill({ ok: true, record: null, ast: expect.any(Object) }));
  } finally {
    await pool.close();
  }
});
