/** Ends the Postgres of this run and waits until its folder is gone. */
export default async function globalTeardown() {
  const host = globalThis.__PLANWRIGHT_TEST_POSTGRES_HOST__;
  if (host === undefined || host.exitCode !== null) return;
  host.ref();
  const ended = new Promise((resolve) => host.once('exit', resolve));
  host.disconnect();
  await ended;
}
