/** Ends the servers of this run and waits until their folder is gone. */
export default async function globalTeardown() {
  const host = globalThis.__PLANWRIGHT_TEST_SERVERS__;
  if (host === undefined || host.exitCode !== null) return;
  host.ref();
  const ended = new Promise((resolve) => host.once('exit', resolve));
  host.disconnect();
  await ended;
}
