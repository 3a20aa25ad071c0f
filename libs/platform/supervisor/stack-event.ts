/** The servers that the supervisor may run itself. */
export type ServerName = 'Postgres' | 'Redis';

/** What happens to the processes of a stack. */
export type StackEvent =
  | { readonly type: 'server-started'; readonly name: ServerName; readonly pid: number }
  | {
      readonly type: 'server-exited';
      readonly name: ServerName;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
    }
  | { readonly type: 'service-started'; readonly name: string; readonly pid: number }
  | { readonly type: 'service-ready'; readonly name: string }
  | {
      readonly type: 'service-exited';
      readonly name: string;
      readonly code: number | null;
      readonly signal: NodeJS.Signals | null;
      /** True while the stack stops. */
      readonly expected: boolean;
    }
  /** Something that the supervisor tries again, or that ends with the stack. */
  | { readonly type: 'failure'; readonly what: string; readonly error: Error };
