import type { Reply } from '../http/exchange.ts';

export function showHealth(): Reply {
  return { status: 200, body: { status: 'afloat', uptime: Math.round(process.uptime()) } };
}
