/** Prisma's: cannot reach, timed out, closed; pool and transaction timeouts while it comes back. */
const PRISMA = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028']);
/** Postgres' classes 08 (connection) and 57P (shutting down, starting up), and what sockets say. */
const POSTGRES = /^(08...|57P0[1-5]|53300)$/;
const SOCKET = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH']);
const WORDS =
  /connection (terminated|closed|reset)|server has closed the connection|can't reach database|timeout exceeded when trying to connect|the database system is (starting up|shutting down|in recovery mode)|client has encountered a connection error/i;

/** Whether an error, or a cause of it, says that the database is away rather than that it refused. */
export function isConnectionError(error: unknown): boolean {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 8;
    current = current.cause, depth += 1
  ) {
    const { code } = current as { code?: unknown };
    if (typeof code === 'string' && (PRISMA.has(code) || SOCKET.has(code) || POSTGRES.test(code)))
      return true;
    if (WORDS.test(current.message)) return true;
  }
  return false;
}
