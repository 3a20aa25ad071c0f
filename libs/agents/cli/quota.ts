import type { QuotaText } from '#contracts/agents/agent-cli.js';

/** A quota that an agent says is used up; `retryAt` null: it does not say until when. */
export interface UsedUp {
  readonly message: string;
  readonly retryAt: Date | null;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Whoever holds a task back for longer than any quota lasts does not mean a quota. */
const LONGEST = 8 * DAY;

/** Finds what an agent says of a used-up quota in what a failed run printed. */
export function findQuota(texts: readonly QuotaText[], printed: string, now: Date): UsedUp | null {
  for (const { pattern } of texts) {
    const found = new RegExp(pattern, 'im').exec(printed);
    if (found === null) continue;
    const line = lineAround(printed, found.index).trim().slice(0, 500);
    const reset = found.groups?.['reset'];
    return { message: line, retryAt: reset === undefined ? null : resetTime(reset, now) };
  }
  return null;
}

function lineAround(text: string, index: number): string {
  const end = text.indexOf('\n', index);
  return text.slice(text.lastIndexOf('\n', index) + 1, end < 0 ? undefined : end);
}

/**
 * When a quota is there again, as agents write it: seconds of the epoch, an ISO time, `1h49m8s`, `3pm`, `3:45 PM`,
 * `Jan 5th, 2026 3:45 PM`, with a time zone in brackets or this machine's. Null where it is none of these, is long
 * past, or too far away.
 */
export function resetTime(text: string, now: Date): Date | null {
  const written = text.trim().replace(/[.]$/, '');
  const zone = /\(([A-Za-z_]+\/[A-Za-z_/+-]+|UTC)\)/.exec(written)?.[1] ?? null;
  const bare = written.replace(/\s*\(.*$/, '').trim();
  const time =
    epoch(bare) ?? iso(bare) ?? duration(bare, now) ?? calendar(bare, now, zone) ?? clock(bare, now, zone);
  if (time === null || Number.isNaN(time)) return null;
  return time < now.getTime() - MINUTE || time > now.getTime() + LONGEST ? null : new Date(time);
}

function epoch(text: string): number | null {
  return /^\d{10}$/.test(text) ? Number(text) * SECOND : null;
}

function iso(text: string): number | null {
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : null;
}

function duration(text: string, now: Date): number | null {
  const found =
    /^(?:(\d+)\s*d(?:ays?)?\s*)?(?:(\d+)\s*h(?:ours?)?\s*)?(?:(\d+)\s*m(?:in(?:utes?)?)?\s*)?(?:(\d+)\s*s(?:ec(?:onds?)?)?)?$/.exec(
      text,
    );
  if (found === null || text === '') return null;
  const [days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  return (
    now.getTime() +
    (days ?? 0) * DAY +
    (hours ?? 0) * HOUR +
    (minutes ?? 0) * MINUTE +
    (seconds ?? 0) * SECOND
  );
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** A day of the year, with its time; without a year it is the next such day. */
function calendar(text: string, now: Date, zone: string | null): number | null {
  const found =
    /^([A-Za-z]{3})[a-z]* (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?,?(?: at)? (\d{1,2})(?::(\d{2}))? ?([ap]m)?$/i.exec(
      text,
    );
  const month = MONTHS.indexOf(found?.[1]?.toLowerCase() ?? '');
  if (found === null || month < 0) return null;
  const [, , day, year, hour, minute, half] = found;
  const at = (inYear: number) => local([inYear, month, Number(day), ...hours(hour, minute, half)], zone);
  if (year !== undefined) return at(Number(year));
  const thisYear = at(now.getFullYear());
  return thisYear < now.getTime() - DAY ? at(now.getFullYear() + 1) : thisYear;
}

/** The next time that clocks show it. */
function clock(text: string, now: Date, zone: string | null): number | null {
  const found = /^(\d{1,2})(?::(\d{2}))? ?([ap]m)?$/i.exec(text);
  if (found === null || (found[2] === undefined && found[3] === undefined)) return null;
  const today = new Date(now.getTime() + offset(now.getTime(), zone));
  const [hour, minute] = hours(found[1], found[2], found[3]);
  if (hour > 23 || minute > 59) return null;
  const time = local([today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate(), hour, minute], zone);
  return time < now.getTime() - MINUTE ? time + DAY : time;
}

function hours(hour = '', minute = '0', half?: string): [number, number] {
  const twelve = half === undefined ? Number(hour) : (Number(hour) % 12) + (/^p/i.test(half) ? 12 : 0);
  return [twelve, Number(minute)];
}

/** The moment at which clocks of a zone show this; null: this machine's. */
function local([year, month, day, hour, minute]: number[], zone: string | null): number {
  const shown = Date.UTC(year ?? 0, month ?? 0, day ?? 1, hour ?? 0, minute ?? 0);
  return shown - offset(shown, zone);
}

/** What clocks of a zone are ahead of UTC; a zone that is unknown is taken for this machine's. */
function offset(time: number, zone: string | null): number {
  if (zone === null) return -new Date(time).getTimezoneOffset() * MINUTE;
  try {
    const parts = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'medium',
    }).formatToParts(time);
    const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
    const shown = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    return shown - Math.floor(time / SECOND) * SECOND;
  } catch {
    return offset(time, null);
  }
}
