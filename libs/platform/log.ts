/** Takes one line for a person; start-up code has no other way to speak. */
export type Log = (line: string) => void;
