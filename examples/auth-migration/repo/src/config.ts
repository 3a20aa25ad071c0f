/** Everything Harbour takes from its environment. */
export interface Config {
  port: number;
  /** Goes into the checksum of every session cookie; the same on every instance. */
  sessionSecret: string;
}

function readConfig(env: NodeJS.ProcessEnv): Config {
  return {
    port: Number(env.PORT ?? 8080),
    sessionSecret: env.HARBOUR_SESSION_SECRET ?? 'only-for-development',
  };
}

export const config: Config = readConfig(process.env);
