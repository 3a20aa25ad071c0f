import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AGENT_CLIS } from '#contracts/agents/table.js';
import type { SessionFile } from '#engine/ports/session-store.port.js';
import { packSession, unpackSession } from './session-file.js';

const ID = '0199a213-81c0-7800-8aa1-bbab2a035a53';
const CWD = '/srv/work_1/slot.2';

let root: string;
let home: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sessions-'));
  home = join(root, 'home');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function left(text: string, name = `${ID}.jsonl`): string {
  const path = join(home, '.claude/projects/-srv-work-1-slot-2', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}
const pack = (id = ID) =>
  packSession(AGENT_CLIS.claude, id, { home, cwd: CWD }, (text) => text.replaceAll('secret', '[KEY]'));
const parked = (...files: SessionFile[]) => ({
  attempt: 1,
  answer: 'Blue.',
  messages: files.map((file) => ({ role: 'assistant' as const, content: [file] })),
});

test('a session is had again in another home, for another workspace, without its keys', async () => {
  left('{"key":"secret"}\n');
  const file = await pack();
  const place = { home: join(root, 'other'), cwd: '/elsewhere' };
  expect(await unpackSession(AGENT_CLIS.claude, parked(file as SessionFile), place)).toBe(ID);
  const again = readFileSync(join(place.home, '.claude/projects/-elsewhere', `${ID}.jsonl`), 'utf8');
  expect(again).toBe('{"key":"[KEY]"}\n');
});

test('what lies elsewhere, by a link or by the name of a session, is not read', async () => {
  writeFileSync(join(root, `${ID}.jsonl`), 'private');
  mkdirSync(join(home, '.claude/projects'), { recursive: true });
  symlinkSync(root, join(home, '.claude/projects/-srv-work-1-slot-2'));
  expect(await pack()).toBeNull();
  rmSync(join(home, '.claude'), { recursive: true });
  mkdirSync(dirname(left('mine', 'x.jsonl')), { recursive: true });
  symlinkSync(join(root, `${ID}.jsonl`), join(home, '.claude/projects/-srv-work-1-slot-2', `${ID}.jsonl`));
  expect(await pack()).toBeNull();
  expect(await pack('../../../../../x')).toBeNull();
});

test('one that is too long, or that no entry knows, is not kept', async () => {
  left('x'.repeat(4 * 2 ** 20 + 1));
  expect(await pack()).toBeNull();
  left('x');
  expect(await packSession(AGENT_CLIS.codex, ID, { home, cwd: CWD }, String)).toBeNull();
});

test('without a session there is none to go on with', async () => {
  expect(await unpackSession(AGENT_CLIS.claude, null, { home, cwd: CWD })).toBeNull();
  expect(await unpackSession(AGENT_CLIS.claude, parked(), { home, cwd: CWD })).toBeNull();
});
